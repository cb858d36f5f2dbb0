/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who uses a tree: processes with a file, directory or mapping in it; mounts on it or below, and mounts
 * of a part of it elsewhere, in any mount namespace; loop devices on an image in it; swap.
 */
#include "relocation.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAMED_MAX 10 /* R8 */

struct search {
	const struct ocf_ctx *ctx;
	const char *tree;
	char device[32];       /* of the tree's mount, "8:1"; empty: unknown */
	char inside[PATH_MAX]; /* the tree's path inside that filesystem */
	char own_namespace[64];
	char *buf;
	size_t size, used, n;
};

static void __attribute__((format(printf, 2, 3))) tell(struct search *search, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (++search->n > NAMED_MAX || search->used + 3 >= search->size)
		return;
	if (search->used)
		search->used += (size_t) snprintf(search->buf + search->used,
						  search->size - search->used, ", ");
	va_start(ap, fmt);
	n = vsnprintf(search->buf + search->used, search->size - search->used, fmt, ap);
	va_end(ap);
	search->used += n > 0 ? (size_t) n : 0;
	if (search->used >= search->size)
		search->used = search->size - 1;
}

/* Where the tree lies in its filesystem: of the mounts above it the longest, the last one on top. */
static void locate(struct search *search)
{
	auto_fclose FILE *in = fopen("/proc/self/mountinfo", "re");
	auto_free char *line = NULL;
	char device[32], root[PATH_MAX], point[PATH_MAX];
	size_t size = 0, best = 0;

	while (in && getline(&line, &size, in) > 0) {
		size_t len;

		if (sscanf(line, "%*d %*d %31s %4095s %4095s", device, root, point) != 3)
			continue;
		target_unescape(root);
		target_unescape(point);
		len = strcmp(point, "/") == 0 ? 0 : strlen(point);
		/* A mount on the tree itself is a user of it, not where it lies. */
		if (len >= strlen(search->tree) || len < best ||
		    (len && !path_is_below(search->tree, point)))
			continue;
		best = len;
		(void) snprintf(search->device, sizeof(search->device), "%s", device);
		if ((size_t) snprintf(search->inside, sizeof(search->inside), "%s%s",
				      strcmp(root, "/") == 0 ? "" : root,
				      search->tree + len) >= sizeof(search->inside))
			search->device[0] = '\0';
	}
}

/* Mounts on the tree, or of a part of it, as @mountinfo (ours or another namespace's) shows them. */
static bool look_at_mounts(struct search *search, const char *mountinfo, const char *pid)
{
	auto_fclose FILE *in = fopen(mountinfo, "re");
	auto_free char *line = NULL;
	char device[32], root[PATH_MAX], point[PATH_MAX];
	size_t size = 0;
	bool found = false;

	while (in && getline(&line, &size, in) > 0) {
		if (sscanf(line, "%*d %*d %31s %4095s %4095s", device, root, point) != 3)
			continue;
		target_unescape(root);
		target_unescape(point);
		if (strcmp(device, search->device) == 0 && path_is_below(root, search->inside))
			found = true;
		else if (pid || !path_is_below(point, search->tree))
			continue;
		if (!pid)
			tell(search, "mount on %s", point);
		else
			return true;
	}
	return found;
}

static bool leads_into(const struct search *search, const char *link)
{
	char target[PATH_MAX];
	ssize_t n = readlink(link, target, sizeof(target) - 1);

	if (n < 0)
		return false;
	target[n] = '\0';
	/* "x (deleted)" below the tree is below it as well; the tree itself so ends in a blank. */
	return path_is_below(target, search->tree);
}

static bool has_open_file(const struct search *search, const char *pid)
{
	char path[PATH_MAX];
	struct dirent *entry;
	bool found = false;
	DIR *dir;

	(void) snprintf(path, sizeof(path), "/proc/%s/fd", pid);
	dir = opendir(path);
	while (dir && !found && (entry = readdir(dir))) {
		char link[PATH_MAX];

		if (!isdigit((unsigned char) entry->d_name[0]))
			continue;
		(void) snprintf(link, sizeof(link), "/proc/%s/fd/%s", pid, entry->d_name);
		found = leads_into(search, link);
	}
	if (dir)
		(void) closedir(dir);
	return found;
}

static bool has_mapping(const struct search *search, const char *pid)
{
	auto_fclose FILE *in = NULL;
	auto_free char *line = NULL;
	char path[300];
	size_t size = 0;

	(void) snprintf(path, sizeof(path), "/proc/%s/maps", pid);
	in = fopen(path, "re");
	while (in && getline(&line, &size, in) > 0) {
		char *name = strchr(line, '/');

		if (!name)
			continue;
		name[strcspn(name, "\n")] = '\0';
		if (path_is_below(name, search->tree))
			return true;
	}
	return false;
}

/* Mounts of the tree that a process of another mount namespace has: a container's root, a service's. */
static bool has_mount(struct search *search, const char *pid)
{
	char path[300], namespace[64];
	ssize_t n;

	(void) snprintf(path, sizeof(path), "/proc/%s/ns/mnt", pid);
	n = readlink(path, namespace, sizeof(namespace) - 1);
	if (n < 0)
		return false;
	namespace[n] = '\0';
	if (strcmp(namespace, search->own_namespace) == 0)
		return false;
	(void) snprintf(path, sizeof(path), "/proc/%s/mountinfo", pid);
	return look_at_mounts(search, path, pid);
}

static const char *how_it_uses(struct search *search, const char *pid)
{
	char link[300];

	(void) snprintf(link, sizeof(link), "/proc/%s/cwd", pid);
	if (leads_into(search, link))
		return "works in it";
	(void) snprintf(link, sizeof(link), "/proc/%s/root", pid);
	if (leads_into(search, link))
		return "has its root in it";
	if (has_open_file(search, pid))
		return "has a file open";
	if (has_mount(search, pid))
		return "has a part of it mounted";
	return has_mapping(search, pid) ? "has a file mapped" : NULL;
}

/* " in container NAME" by its control group, LXC's or vzctl's; "" for a process of the host. */
static void container_of(const char *pid, char *buf, size_t size)
{
	static const char *const marks[] = { "lxc.payload.", "vz-", "/lxc/" };
	char path[300], groups[4096];

	buf[0] = '\0';
	(void) snprintf(path, sizeof(path), "/proc/%s/cgroup", pid);
	if (ocf_read_file(path, groups, sizeof(groups)) <= 0)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
		const char *name = strstr(groups, marks[i]);

		if (!name || (marks[i][0] != '/' && name > groups && name[-1] != '/'))
			continue;
		name += strlen(marks[i]);
		(void) snprintf(buf, size, " in container %.*s", (int) strcspn(name, "/\n"), name);
		return;
	}
}

static void look_at_processes(struct search *search, int64_t deadline_ms)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry = NULL;

	while (dir && (entry = readdir(dir)) && ocf_now_ms() < deadline_ms) {
		char command[64] = "", path[300], container[128];
		const char *how;

		if (!isdigit((unsigned char) entry->d_name[0]) ||
		    strtol(entry->d_name, NULL, 10) == (long) getpid())
			continue;
		how = how_it_uses(search, entry->d_name);
		if (!how)
			continue;
		(void) snprintf(path, sizeof(path), "/proc/%s/comm", entry->d_name);
		(void) ocf_read_file(path, command, sizeof(command));
		command[strcspn(command, "\n")] = '\0';
		container_of(entry->d_name, container, sizeof(container));
		tell(search, "pid %s (%s)%s %s", entry->d_name, command, container, how);
	}
	/* Not to know is not to have found nobody. */
	if (!dir || entry)
		tell(search, "perhaps others: not all processes could be looked at in time");
	if (dir)
		(void) closedir(dir);
}

static void look_at_loops(struct search *search)
{
	DIR *dir = opendir("/sys/block");
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		char path[300], file[PATH_MAX];

		if (strncmp(entry->d_name, "loop", 4) != 0)
			continue;
		(void) snprintf(path, sizeof(path), "/sys/block/%s/loop/backing_file",
				entry->d_name);
		if (ocf_read_file(path, file, sizeof(file)) <= 0)
			continue;
		file[strcspn(file, "\n")] = '\0';
		if (path_is_below(file, search->tree))
			tell(search, "/dev/%s on %s", entry->d_name, file);
	}
	if (dir)
		(void) closedir(dir);
}

static void look_at_swap(struct search *search)
{
	auto_fclose FILE *in = fopen("/proc/swaps", "re");
	auto_free char *line = NULL;
	size_t size = 0;

	while (in && getline(&line, &size, in) > 0) {
		line[strcspn(line, " \t\n")] = '\0';
		target_unescape(line);
		if (path_is_below(line, search->tree))
			tell(search, "swap on %s", line);
	}
}

size_t users_of(struct ocf_ctx *ctx, const char *tree, int64_t deadline_ms, char *buf, size_t size)
{
	static struct search search;
	ssize_t n;

	search = (struct search){ .ctx = ctx, .tree = tree, .buf = buf, .size = size };
	buf[0] = '\0';
	n = readlink("/proc/self/ns/mnt", search.own_namespace, sizeof(search.own_namespace) - 1);
	search.own_namespace[n > 0 ? n : 0] = '\0';
	locate(&search);
	(void) look_at_mounts(&search, "/proc/self/mountinfo", NULL);
	look_at_loops(&search);
	look_at_swap(&search);
	look_at_processes(&search, deadline_ms);
	if (search.n > NAMED_MAX)
		(void) snprintf(buf + search.used, size - search.used, " and %zu more",
				search.n - NAMED_MAX);
	return search.n;
}
