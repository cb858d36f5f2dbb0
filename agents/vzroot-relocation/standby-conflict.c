/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does what was set aside at a path have a container that the shared tree has as well? It would be a stale copy that
 * somebody could start. When in doubt it does: then the path stays empty while the node is passive.
 */
#include "relocation.h"

#include <dirent.h>
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

static bool find_common(const char *here, const char *there, bool all_are, int depth,
			char name[NAME_MAX + 1]);

static bool is_conflict(const char *here, const char *there, const char *entry, bool all_are,
			int depth, char name[NAME_MAX + 1])
{
	struct stat st, other;

	if (lstat(here, &st) < 0 || lstat(there, &other) < 0)
		return false;
	if (all_are || is_image(&st) || is_image(&other) ||
	    (S_ISDIR(st.st_mode) && (is_container(here) || is_container(there)))) {
		(void) snprintf(name, NAME_MAX + 1, "%s", entry);
		return true;
	}
	/* What containers are made of is the same everywhere, and none. */
	return S_ISDIR(st.st_mode) && depth > 0 && strcmp(entry, "template") != 0 &&
	       find_common(here, there, is_private(entry), depth - 1, name);
}

/* @all_are: every entry is a container. Recurses at most DEPTH deep. */
static bool find_common(const char *here, const char *there, bool all_are, int depth,
			char name[NAME_MAX + 1])
{
	DIR *dir = opendir(here);
	struct dirent *entry;
	bool found = false;

	while (dir && !found && (entry = readdir(dir))) {
		auto_free char *one = below(here, entry->d_name);
		auto_free char *other = below(there, entry->d_name);

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		found = !one || !other ||
			is_conflict(one, other, entry->d_name, all_are, depth, name);
	}
	if (dir)
		(void) closedir(dir);
	return found;
}

bool standby_conflict(const struct path *path, char name[NAME_MAX + 1])
{
	const char *base = strrchr(path->name, '/') + 1;
	char parent[PATH_MAX];
	const char *slash;

	(void) snprintf(parent, sizeof(parent), "%.*s", (int) (base - 1 - path->name), path->name);
	slash = strrchr(parent, '/');
	(void) snprintf(name, NAME_MAX + 1, "%.*s", NAME_MAX, base);
	/* The path may be one container itself. */
	return is_conflict(path->aside, path->shared, base, slash && is_private(slash + 1), 0,
			   name) ||
	       find_common(path->aside, path->shared, is_private(base), DEPTH, name);
}
