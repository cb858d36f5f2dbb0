/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cluster is given up: this node gets its directories back, as directories.
 *
 * Where the shared tree is mounted, the switch leaves it first, so that nobody writes there by way of P. What
 * is there is copied back to P.vzha-restore, synced, compared once more, renamed to P.vzha-restored (so
 * complete), and exchanged for our link. Otherwise what was set aside when the link was made,
 * P.vzha-local, takes its place again; it is older. Nothing is removed but our own links.
 */
#include "relocation.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "copy.h"

static enum ocf_status failed(struct relocation *relocation, const struct path *path, int error)
{
	return ocf_fail(relocation->ctx, OCF_ERR_GENERIC, "%s: cannot be restored: %s", path->name,
			strerror(-error));
}

static bool beside(char out[PATH_MAX], const struct path *path, const char *suffix)
{
	return (size_t) snprintf(out, PATH_MAX, "%s%s", path->name, suffix) < PATH_MAX;
}

/* Of an interrupted restore: it is complete, and somebody may have taken it for his. */
static int clear_name(struct relocation *relocation, const struct path *path, const char *done)
{
	if (remove_link(done, path->target) == 0 || rmdir(done) == 0)
		return 0;
	return keep_aside(relocation, path, done);
}

static enum ocf_status replaced(struct relocation *relocation, const struct path *path, int error)
{
	return error != -EEXIST
		       ? failed(relocation, path, error)
		       : ocf_fail(relocation->ctx, OCF_ERR_GENERIC,
				  "%s: was replaced while it was copied back, and stays as it "
				  "is; stop what does that",
				  path->name);
}

/* A complete and synced copy of SHARED/P at @part. */
static int copy_back(struct relocation *relocation, const struct path *path, const char *part,
		     struct copy *copy)
{
	char links[PATH_MAX];
	struct stat st;
	int r = -ENAMETOOLONG, fd;

	if (copy_remove(AT_FDCWD, part) == -EXDEV)
		ocf_reason(
			relocation->ctx,
			"%s: another filesystem is mounted in %s, which was left by an interrupted "
			"restore; unmount it first",
			path->name, part);
	if (!beside(links, path, ".vzha-restore-links") || (r = copy_remove(AT_FDCWD, part)) < 0 ||
	    (r = copy_remove(AT_FDCWD, links)) < 0)
		return r;
	if (mkdir(links, 0700) < 0)
		return -errno;
	copy->links_fd = open(links, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	copy->deadline_ms = relocation->ctx->deadline_ms;
	r = copy->links_fd < 0 || lstat(path->shared, &st) < 0 ? -errno : 0;
	if (r == 0)
		copy->top = copy_id_of(&st);
	r = r < 0 ? r : copy_tree(copy, AT_FDCWD, path->shared, AT_FDCWD, part);
	fd = copy->links_fd;
	if (r == 0)
		r = copy_remove(AT_FDCWD, links);
	if (r == 0)
		r = copy_late_flags(copy, AT_FDCWD, path->shared, AT_FDCWD, part);
	if (r == 0)
		r = relocation_sync(fd);
	ocf_close_p(&copy->links_fd);
	return r;
}

/* The copy takes the place of our link, or is gone. */
static int exchange_copy(const struct path *path, const char *part, const char *done)
{
	struct stat ours, now;
	int r = lstat(part, &ours) < 0 ? -errno : rename_to_free_name(part, done);

	if (r < 0)
		return r;
	r = exchange_for_original(path, done);
	if (r < 0 && lstat(done, &now) == 0 && copy_is_same_object(&now, &ours))
		(void) copy_remove(AT_FDCWD, done);
	return r;
}

static enum ocf_status unsettled(struct relocation *relocation, const struct path *path,
				 const struct copy *copy, int error)
{
	return ocf_fail(relocation->ctx, OCF_ERR_GENERIC,
			"%s: %s %s%s%s; nothing was changed, run restore again", path->shared,
			copy->where, copy->what ? copy->what : "",
			copy->what && error != -EAGAIN ? ": " : "",
			copy->what && error == -EAGAIN ? "" : strerror(-error));
}

static enum ocf_status copy_and_check(struct relocation *relocation, const struct path *path,
				      const char *part, struct copy *copy)
{
	int64_t clock_ms = copy_clock_ms();
	int r;

	/* Before the look: who mapped a file and wrote it earlier than this is seen by it. */
	copy->since = copy_since(copy_keeps_seconds(path->shared));
	if (!nobody_uses(relocation, path, path->shared))
		return OCF_ERR_GENERIC;
	r = copy_back(relocation, path, part, copy);
	if (r < 0 && copy->what)
		return unsettled(relocation, path, copy, r);
	if (r < 0)
		return failed(relocation, path, r);
	if (!nobody_uses(relocation, path, path->shared))
		return OCF_ERR_GENERIC;
	r = copy_check(copy, AT_FDCWD, path->shared, AT_FDCWD, part);
	if (r == 0 && copy_clock_set_back(clock_ms))
		r = copy_failed(copy, -EAGAIN, "the clock", "was set back");
	return r < 0 ? unsettled(relocation, path, copy, r) : OCF_SUCCESS;
}

static enum ocf_status from_shared(struct relocation *relocation, const struct path *path)
{
	struct copy copy = { .links_fd = -1 };
	char part[PATH_MAX], done[PATH_MAX];
	enum ocf_status status;
	int r;

	if (!beside(part, path, ".vzha-restore") || !beside(done, path, ".vzha-restored"))
		return failed(relocation, path, -ENAMETOOLONG);
	r = clear_name(relocation, path, done);
	if (r < 0)
		return failed(relocation, path, r);
	status = copy_and_check(relocation, path, part, &copy);
	if (status != OCF_SUCCESS) {
		(void) copy_remove(AT_FDCWD, part); /* it may have filled this node's disk */
		copy_forget_ahead(&copy);
		return status;
	}
	r = exchange_copy(path, part, done);
	/* Here it may be written to already: nothing but a note can come of it. */
	if (r == 0 && copy_check(&copy, AT_FDCWD, path->shared, AT_FDCWD, path->name) == -EAGAIN)
		(void) printf("%s: %s changed meanwhile, here or there: compare the two\n",
			      path->shared, copy.where);
	copy_forget_ahead(&copy);
	if (r < 0)
		return replaced(relocation, path, r);
	(void) printf("%s: copied back from %s, which stays as it is\n", path->name, path->shared);
	return OCF_SUCCESS;
}

/* Only people can tell which of several is wanted. */
static void tell_later_ones(const struct path *path)
{
	const char *base = strrchr(path->name, '/') + 1;
	char parent[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	(void) snprintf(parent, sizeof(parent), "%.*s", (int) (base - path->name), path->name);
	dir = opendir(parent);
	while (dir && (entry = readdir(dir))) {
		size_t len = strlen(base);

		if (strncmp(entry->d_name, base, len) == 0 &&
		    strncmp(entry->d_name + len, ".vzha-local.", strlen(".vzha-local.")) == 0)
			(void) printf("%s: what was set aside later is at %s%s; look which one "
				      "you want\n",
				      path->name, parent, entry->d_name);
	}
	if (dir)
		(void) closedir(dir);
}

/* Our link leads nowhere from now on. */
static enum ocf_status from_nothing(struct relocation *relocation, const struct path *path)
{
	char done[PATH_MAX];
	int r = beside(done, path, ".vzha-restored") ? clear_name(relocation, path, done)
						     : -ENAMETOOLONG;

	if (r == 0 && mkdir(done, 0755) < 0)
		r = -errno;
	if (r == 0 && (r = exchange_for_original(path, done)) < 0)
		(void) rmdir(done);
	if (r < 0)
		return replaced(relocation, path, r);
	(void) printf("%s: nothing was set aside as %s.vzha-local; it is empty now\n", path->name,
		      path->name);
	tell_later_ones(path);
	return OCF_SUCCESS;
}

static enum ocf_status from_local(struct relocation *relocation, const struct path *path)
{
	char aside[PATH_MAX], when[64] = "";
	struct stat st;
	struct tm tm;
	int r = 0;

	if (!beside(aside, path, ".vzha-local"))
		return failed(relocation, path, -ENAMETOOLONG);
	if (lstat(aside, &st) < 0)
		return errno == ENOENT ? from_nothing(relocation, path)
				       : failed(relocation, path, -errno);
	r = exchange_for_original(path, aside);
	if (r < 0)
		return replaced(relocation, path, r);
	seed_forget_original(path);
	if (localtime_r(&st.st_ctime, &tm))
		(void) strftime(when, sizeof(when), "%Y-%m-%d %H:%M", &tm);
	(void) printf("%s: what was set aside here on %s; the shared tree's content may be newer\n",
		      path->name, when);
	tell_later_ones(path);
	return OCF_SUCCESS;
}

/* Between the two renames of an old kernel: what was to come to P is complete beside it. */
static void finish_earlier(struct relocation *relocation, struct path *path, bool mounted)
{
	char other[PATH_MAX];
	struct stat st;

	seed_recover_local(relocation, path, mounted ? SEED_SEES_SHARED : SEED_GIVES_UP);
	place_recover(relocation, path);
	if (!beside(other, path, ".vzha-restored") || lstat(other, &st) < 0 ||
	    remove_link(other, path->target) == 0)
		return;
	if (lstat(path->name, &st) < 0 && errno == ENOENT)
		(void) rename_to_free_name(other, path->name);
}

static enum ocf_status restore_path(struct relocation *relocation, struct path *path, bool mounted)
{
	char aside[PATH_MAX];
	struct stat st;
	bool shared;

	finish_earlier(relocation, path, mounted);
	if (inspect_local(relocation, path) < 0 ||
	    (mounted && inspect_shared(relocation, path) < 0))
		return OCF_ERR_GENERIC;
	shared = mounted && path->there != SHARED_ABSENT;
	/* Removed by hand, or between the two renames of an old kernel: as if our link were there. */
	if (path->local == LOCAL_ABSENT &&
	    (shared || (beside(aside, path, ".vzha-local") && lstat(aside, &st) == 0 &&
			!S_ISLNK(st.st_mode)))) {
		int r = make_our_link(path);

		if (r < 0)
			return failed(relocation, path, r);
		path->local = LOCAL_OUR_LINK;
	}
	if (path->local != LOCAL_OUR_LINK) {
		/* Left of an exchange that was interrupted before its last step. */
		if (beside(aside, path, ".vzha-local"))
			(void) remove_link(aside, path->target);
		(void) printf("%s: is %s already%s%s\n", path->name, local_kind_name(path->local),
			      shared ? "; what the shared tree has was not looked at, it stays at "
				     : "",
			      shared ? path->shared : "");
		return OCF_SUCCESS;
	}
	if (shared)
		return from_shared(relocation, path);
	return from_local(relocation, path);
}

static bool nothing_restored(struct relocation *relocation)
{
	for (size_t i = 0; i < relocation->n_paths; i++) {
		if (inspect_local(relocation, &relocation->paths[i]) == 0 &&
		    relocation->paths[i].local != LOCAL_OUR_LINK &&
		    relocation->paths[i].local != LOCAL_ABSENT)
			return false;
	}
	return true;
}

/* Who comes by way of P finds nothing from here on; who is there already is told of, before. */
static enum ocf_status leave_shared(struct relocation *relocation)
{
	for (size_t i = 0; i < relocation->n_paths; i++) {
		const struct path *path = &relocation->paths[i];

		if (!nobody_uses(relocation, path, path->shared))
			return OCF_ERR_GENERIC;
	}
	return standby_tree(relocation) < 0 ? OCF_ERR_GENERIC : OCF_SUCCESS;
}

static enum ocf_status restore_all(struct relocation *relocation, bool mounted)
{
	enum switch_state was = switch_read(relocation);
	bool was_active = was == SWITCH_ACTIVE;
	enum ocf_status status = OCF_SUCCESS;
	char others[512];

	if (was_active && relocation_others(relocation, others, sizeof(others)) > 0)
		return ocf_fail(
			relocation->ctx, OCF_ERR_GENERIC,
			"%s: is active, and other paths lead to it as well: %s; name these too, "
			"or stop the resource first",
			relocation->shared, others);
	if (mounted)
		status = seed_store_recover(relocation);
	if (status == OCF_SUCCESS && was_active)
		status = leave_shared(relocation);
	standby_tell_strays(relocation);
	switch_note(relocation);
	if (status == OCF_SUCCESS && was != SWITCH_ABSENT && switch_close(relocation) < 0)
		status = OCF_ERR_GENERIC;
	for (size_t i = 0; status == OCF_SUCCESS && i < relocation->n_paths; i++)
		status = restore_path(relocation, &relocation->paths[i], mounted);
	if (!is_link_to(relocation->switch_path, relocation->closed)) /* a stop opened it */
		standby_tell_strays(relocation);
	if (status != OCF_SUCCESS && was_active && !switch_is_moved(relocation) &&
	    nothing_restored(relocation))
		(void) switch_to(relocation, relocation->shared);
	if (status != OCF_SUCCESS)
		switch_reopen(relocation);
	return status;
}

enum ocf_status relocation_restore(struct ocf_ctx *ctx)
{
	struct relocation *relocation = relocation_open(ctx);
	bool mounted = target_is_mounted(relocation, true);
	enum ocf_status status;
	auto_close int lock = -1;
	char path[PATH_MAX], others[512];

	if (!mounted)
		ocf_log(ctx, LOG_WARNING, "restoring what was set aside: %s", ctx->reason);
	ocf_reason_clear(ctx);
	if (!mounted && switch_read(relocation) == SWITCH_ACTIVE)
		return ocf_fail(
			ctx, OCF_ERR_GENERIC,
			"%s: this node is active and the shared tree cannot be seen; stop the "
			"resource first",
			relocation->shared);
	lock = relocation_lock(relocation, ocf_share_ms(ctx, 50));
	if (lock < 0)
		return OCF_ERR_GENERIC;
	status = restore_all(relocation, mounted);
	if (status != OCF_SUCCESS)
		return status;
	if (relocation_others(relocation, others, sizeof(others)) > 0) {
		switch_reopen(relocation);
		(void) printf("%s: still has the paths %s\n", relocation->shared, others);
		return OCF_SUCCESS;
	}
	(void) snprintf(path, sizeof(path), "/etc/tmpfiles.d/vzha-%s.conf", relocation->key);
	(void) unlink(path);
	if (unlink(relocation->switch_path) < 0 && errno != ENOENT)
		return ocf_fail(ctx, OCF_ERR_GENERIC, "%s: cannot be removed: %s",
				relocation->switch_path, strerror(errno));
	return OCF_SUCCESS;
}
