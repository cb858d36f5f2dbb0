/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a tree can be seen: by each mount of its filesystem that is above it, in each mount namespace. And
 * mounts that use it themselves: on it, of a part of it, and overlays made of it.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mounts.h"
#include "users.h"

static void names_free(struct alias **names)
{
	while (*names) {
		struct alias *next = (*names)->next;

		free(*names);
		*names = next;
	}
}

static void names_add(struct search *search, struct alias **names, const char *point,
		      const char *rest)
{
	size_t size = strlen(point) + strlen(rest) + 1;
	struct alias *alias = malloc(sizeof(*alias) + size);

	if (!alias) {
		search_tell(search, "perhaps others: no memory to look for them");
		return;
	}
	(void) snprintf(alias->path, size, "%s%s", strcmp(point, "/") == 0 ? "" : point, rest);
	alias->next = *names;
	*names = alias;
}

/* Where the tree lies in its filesystem: of the mounts above it the longest, the last one on top. */
static void locate(struct search *search)
{
	auto_fclose FILE *in = fopen("/proc/self/mountinfo", "re");
	auto_free char *line = NULL;
	size_t size = 0, best = 0;
	struct mount mount;

	while (in && getline(&line, &size, in) > 0) {
		size_t len;

		if (!mount_parse(line, &mount))
			continue;
		len = strcmp(mount.point, "/") == 0 ? 0 : strlen(mount.point);
		/* A mount on the tree itself is a user of it, not where it lies. */
		if (len >= strlen(search->real) || len < best ||
		    (len && !path_is_below(search->real, mount.point)))
			continue;
		best = len;
		(void) snprintf(search->device, sizeof(search->device), "%s", mount.device);
		if ((size_t) snprintf(search->inside, sizeof(search->inside), "%s%s",
				      strcmp(mount.root, "/") == 0 ? "" : mount.root,
				      search->real + len) >= sizeof(search->inside))
			search->device[0] = '\0';
	}
}

/* What the mount leads to that is above the tree, or the tree: a name of it. */
static void add_name(struct search *search, struct alias **names, const struct mount *mount)
{
	size_t len = strcmp(mount->root, "/") == 0 ? 0 : strlen(mount->root);

	if (strcmp(mount->device, search->device) == 0 &&
	    (len == 0 || path_is_below(search->inside, mount->root)))
		names_add(search, names, mount->point, search->inside + len);
}

static bool is_of_the_tree(const struct search *search, const struct mount *mount)
{
	return strcmp(mount->device, search->device) == 0 &&
	       path_is_below(mount->root, search->inside);
}

/* The layers of a container's root, for one. They are told by the names they had for who mounted it. */
static bool has_layer(const struct search *search, const struct mount *mount)
{
	char layer[PATH_MAX];
	const char *at = NULL;

	while (mount_next_layer(mount, &at, layer, sizeof(layer))) {
		if (alias_holds(search->own, layer) || alias_holds(search->names, layer))
			return true;
	}
	return false;
}

/* Twice over the table: an overlay's layers need all names. */
static struct alias *names_in(struct search *search, const char *mountinfo)
{
	auto_fclose FILE *in = fopen(mountinfo, "re");
	auto_free char *line = NULL;
	struct alias *names = NULL;
	struct mount mount;
	size_t size = 0;

	while (in && search->device[0] && getline(&line, &size, in) > 0) {
		if (mount_parse(line, &mount))
			add_name(search, &names, &mount);
	}
	return names;
}

void search_own_mounts(struct search *search, bool resolve)
{
	auto_fclose FILE *in = NULL;
	auto_free char *line = NULL;
	struct mount mount;
	size_t size = 0;
	ssize_t n;

	if (!resolve || !realpath(search->tree, search->real))
		(void) snprintf(search->real, sizeof(search->real), "%s", search->tree);
	n = readlink("/proc/self/ns/mnt", search->own_namespace, sizeof(search->own_namespace) - 1);
	search->own_namespace[n > 0 ? n : 0] = '\0';
	locate(search);
	search->own = names_in(search, "/proc/self/mountinfo");
	names_add(search, &search->own, search->tree, "");
	names_add(search, &search->own, search->real, "");
	in = fopen("/proc/self/mountinfo", "re");
	while (in && getline(&line, &size, in) > 0) {
		if (!mount_parse(line, &mount))
			continue;
		if (is_of_the_tree(search, &mount) || path_is_below(mount.point, search->real))
			search_tell(search, "mount on %s", mount.point);
		else if (has_layer(search, &mount))
			search_tell(search, "overlay on %s", mount.point);
	}
	if (!in)
		search_tell(search, "perhaps others: the mount table cannot be read");
}

/* What a mount namespace that is not ours does with the tree; NULL: nothing. */
static const char *how_mounted(const struct search *search, const char *mountinfo)
{
	auto_fclose FILE *in = fopen(mountinfo, "re");
	auto_free char *line = NULL;
	struct mount mount;
	size_t size = 0;

	while (in && getline(&line, &size, in) > 0) {
		if (!mount_parse(line, &mount))
			continue;
		if (is_of_the_tree(search, &mount) || has_layer(search, &mount))
			return "has a part of it mounted";
		/* The kernel takes that away when the tree is removed, or moves it along. */
		if (alias_holds(search->names, mount.point))
			return "has something mounted on it";
	}
	return NULL;
}

const struct alias *search_names_for(struct search *search, const char *pid,
				     const char **ret_mounted)
{
	char path[300], namespace[64];
	ssize_t n;

	*ret_mounted = NULL;
	(void) snprintf(path, sizeof(path), "/proc/%s/ns/mnt", pid);
	n = readlink(path, namespace, sizeof(namespace) - 1);
	namespace[n > 0 ? n : 0] = '\0';
	/* A kernel thread, or gone. */
	if (n <= 0 || strcmp(namespace, search->own_namespace) == 0)
		return search->own;
	if (strcmp(namespace, search->namespace) != 0) {
		(void) snprintf(search->namespace, sizeof(search->namespace), "%s", namespace);
		(void) snprintf(path, sizeof(path), "/proc/%s/mountinfo", pid);
		names_free(&search->names);
		search->names = names_in(search, path);
		if (!search->device[0])
			names_add(search, &search->names, search->real, "");
		search->mounted = how_mounted(search, path);
	}
	*ret_mounted = search->mounted;
	return search->names;
}

void search_close(struct search *search)
{
	names_free(&search->own);
	names_free(&search->names);
}
