/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Step 1 of a seed: nobody uses the originals, no link would break, there is space. */
#include "seed.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/statvfs.h>
#include <syslog.h>

static bool is_moved(void *arg, const char *target)
{
	const struct relocation *relocation = arg;

	for (size_t i = 0; i < relocation->n_paths; i++) {
		if (path_is_below(target, relocation->paths[i].name))
			return true;
	}
	return false;
}

static const char *first_path(const struct seed *seed)
{
	for_each_seed(seed->relocation, path)
	{
		return path->name;
	}
	return seed->relocation->shared;
}

/* Over all paths: what is linked from one to another stays so. */
enum ocf_status seed_check_hard_links(struct seed *seed)
{
	const char *name;
	size_t n = copy_links_outside(&seed->links, &name);

	(void) copy_failed(&seed->copy, 0, name, NULL);
	copy_links_free(&seed->links);
	if (!n)
		return OCF_SUCCESS;
	if (seed->store.links_allowed) {
		ocf_log(seed->relocation->ctx, LOG_WARNING,
			"%s: %zu files have other names (hard links) outside, which stay names of the "
			"original: %s",
			first_path(seed), n, seed->copy.where);
		return OCF_SUCCESS;
	}
	return ocf_fail(
		seed->relocation->ctx, OCF_ERR_GENERIC,
		"%s: %zu files have other names (hard links) outside, by which they would no longer be "
		"the same: %s; remove those names, or run `vzroot-relocation seed` by hand to take the "
		"files as they are",
		first_path(seed), n, seed->copy.where);
}

static enum ocf_status check_links(struct seed *seed, const struct path *path,
				   const struct copy_needs *needs)
{
	if (needs->sockets)
		ocf_log(seed->relocation->ctx, LOG_NOTICE, "%s: %llu sockets are not copied",
			path->name, (unsigned long long) needs->sockets);
	if (!needs->links_out)
		return OCF_SUCCESS;
	if (seed->store.links_allowed) {
		ocf_log(seed->relocation->ctx, LOG_WARNING,
			"%s: %zu relative links will lead elsewhere: %s", path->name,
			needs->links_out, needs->link_out);
		return OCF_SUCCESS;
	}
	return ocf_fail(
		seed->relocation->ctx, OCF_ERR_GENERIC,
		"%s: %zu relative links lead out of the tree and would lead elsewhere: %s; make "
		"them absolute, or run `vzroot-relocation seed` by hand to take them as they are",
		path->name, needs->links_out, needs->link_out);
}

static enum ocf_status look_before(struct seed *seed, const struct path *path)
{
	struct copy_needs needs, there;
	enum ocf_status status;
	char tree[NAME_MAX + 1];
	int r;

	seed->seconds = seed->seconds || copy_keeps_seconds(path->name);
	if (!nobody_uses(seed->relocation, path, path->name))
		return OCF_ERR_GENERIC;
	seed->copy.links = &seed->links;
	r = copy_scan(&seed->copy, AT_FDCWD, path->name, path->name, is_moved, seed->relocation,
		      &needs);
	seed->copy.links = NULL;
	if (r < 0)
		return seed_copy_error(seed, path, r);
	status = check_links(seed, path, &needs);
	seed->needs.entries += needs.entries;
	seed->needs.bytes += needs.bytes;
	/* What an interrupted seed copied needs no space again. */
	if (copy_scan(&seed->copy, seed->store.fd, seed_tree_name(path->name, tree), path->name,
		      is_moved, seed->relocation, &there) == 0) {
		seed->bytes_before += there.bytes;
		seed->entries_before += there.entries;
	}
	return status;
}

static enum ocf_status check_space(struct seed *seed)
{
	uint64_t need = seed->needs.bytes + seed->needs.bytes / 64, have, nodes;
	struct statvfs fs;

	if (fstatvfs(seed->store.fd, &fs) < 0)
		return ocf_fail(seed->relocation->ctx, OCF_ERR_GENERIC,
				"%s: cannot ask for its free space: %s", seed->relocation->shared,
				strerror(errno));
	have = (uint64_t) fs.f_bavail * fs.f_frsize + seed->bytes_before;
	nodes = (uint64_t) fs.f_favail + seed->entries_before;
	if (need > have)
		return ocf_fail(seed->relocation->ctx, OCF_ERR_GENERIC,
				"%s: %llu MiB are needed and %llu MiB are free",
				seed->relocation->shared, (unsigned long long) (need >> 20),
				(unsigned long long) (have >> 20));
	/* A filesystem without a table of inodes (btrfs) says 0 of 0. */
	if (fs.f_files && seed->needs.entries > nodes)
		return ocf_fail(seed->relocation->ctx, OCF_ERR_GENERIC,
				"%s: %llu inodes are needed and %llu are free",
				seed->relocation->shared, (unsigned long long) seed->needs.entries,
				(unsigned long long) nodes);
	return OCF_SUCCESS;
}

enum ocf_status seed_look_before(struct seed *seed)
{
	enum ocf_status status = OCF_SUCCESS;

	for_each_seed(seed->relocation, path)
	{
		if (status == OCF_SUCCESS)
			status = look_before(seed, path);
	}
	if (status == OCF_SUCCESS)
		status = seed_check_hard_links(seed);
	return status == OCF_SUCCESS ? check_space(seed) : status;
}
