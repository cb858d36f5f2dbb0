/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does what was set aside at a path have a container that the shared tree has as well? It would be a stale copy that
 * somebody could start. When in doubt, or when there is no time to look, it does: then the path stays empty while
 * the node is passive.
 */
#include "relocation.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* /var/lib/vz/private/101, /srv/ct/lxc/mail: directories below a path that a container can be in. */
#define DEPTH 3
/* Larger files than this are no configuration: they could be disks. */
#define IMAGE_BYTES (1024 * 1024)

static char *below(const char *directory, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s", directory, name) < 0 ? NULL : path;
}

static bool has(const char *directory, const char *name)
{
	auto_free char *path = below(directory, name);
	struct stat st;

	return !path || lstat(path, &st) == 0;
}

/* LXC, and vzctl's with a disk image. */
static bool is_container(const char *directory)
{
	return has(directory, "rootfs") || has(directory, "config") || has(directory, "root.hdd");
}

static bool is_image(const struct stat *st)
{
	return S_ISREG(st->st_mode) && st->st_size >= IMAGE_BYTES;
}

/* vzctl's private areas are containers by their place. */
static bool is_private(const char *name)
{
	return strcmp(name, "private") == 0;
}

struct search {
	int64_t deadline_ms;
	char *name; /* NAME_MAX + 1: what was found */
};

static bool find_common(const struct search *search, const char *here, const char *there,
			bool all_are, int depth);

/* 1 it is there, 0 not, and when nobody knows: -1. @ret_target: what a link leads to. */
static int look_at(const char *path, struct stat *ret_st, struct stat *ret_target)
{
	int r = lstat(path, ret_st) == 0 ? 1 : errno == ENOENT || errno == ENOTDIR ? 0 : -1;

	if (r != 1 || stat(path, ret_target) < 0)
		*ret_target = (struct stat){ .st_mode = 0 };
	return r;
}

static bool is_conflict(const struct search *search, const char *here, const char *there,
			const char *entry, bool all_are, int depth)
{
	struct stat st, other, target, other_target;
	int r = look_at(here, &st, &target), q = look_at(there, &other, &other_target);

	if (r == 0 || q == 0)
		return false;
	(void) snprintf(search->name, NAME_MAX + 1, "%s", entry);
	if (r < 0 || q < 0 || all_are || ocf_now_ms() >= search->deadline_ms)
		return true;
	if (is_image(&target) || is_image(&other_target) ||
	    (S_ISDIR(target.st_mode) && (is_container(here) || is_container(there))))
		return true;
	/* What containers are made of is the same everywhere, and none. */
	return S_ISDIR(st.st_mode) && depth > 0 && strcmp(entry, "template") != 0 &&
	       find_common(search, here, there, is_private(entry), depth - 1);
}

/* @all_are: every entry is a container. Recurses at most DEPTH deep. */
static bool find_common(const struct search *search, const char *here, const char *there,
			bool all_are, int depth)
{
	DIR *dir = opendir(here);
	struct dirent *entry;
	bool found = !dir && errno != ENOENT && errno != ENOTDIR;

	for (errno = 0; dir && !found && (entry = readdir(dir)); errno = 0) {
		auto_free char *one = below(here, entry->d_name);
		auto_free char *other = below(there, entry->d_name);

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		found = !one || !other ||
			is_conflict(search, one, other, entry->d_name, all_are, depth);
	}
	found = found || errno;
	if (dir)
		(void) closedir(dir);
	return found;
}

bool standby_conflict(const struct path *path, int64_t deadline_ms, char name[NAME_MAX + 1])
{
	const struct search search = { deadline_ms, name };
	const char *base = strrchr(path->name, '/') + 1;
	char parent[PATH_MAX];
	const char *slash;

	(void) snprintf(parent, sizeof(parent), "%.*s", (int) (base - 1 - path->name), path->name);
	slash = strrchr(parent, '/');
	(void) snprintf(name, NAME_MAX + 1, "%.*s", NAME_MAX, base);
	/* The path may be one container itself. */
	return is_conflict(&search, path->aside, path->shared, base, slash && is_private(slash + 1),
			   0) ||
	       find_common(&search, path->aside, path->shared, is_private(base), DEPTH);
}
