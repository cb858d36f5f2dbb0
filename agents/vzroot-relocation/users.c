/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who uses a tree: mounts on it or below, and processes with a file, directory or mapping in it. */
#include "relocation.h"

#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAMED_MAX 10 /* R8 */

struct search {
	const struct ocf_ctx *ctx;
	const char *tree;
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

static void look_at_mounts(struct search *search)
{
	auto_fclose FILE *in = fopen("/proc/self/mountinfo", "re");
	auto_free char *line = NULL;
	size_t size = 0;
	char point[PATH_MAX];

	while (in && getline(&line, &size, in) > 0) {
		if (sscanf(line, "%*d %*d %*s %*s %4095s", point) == 1 &&
		    path_is_below(point, search->tree))
			tell(search, "mount on %s", point);
	}
}

static bool leads_into(const struct search *search, const char *link)
{
	char target[PATH_MAX];
	ssize_t n = readlink(link, target, sizeof(target) - 1);

	if (n < 0)
		return false;
	target[n] = '\0';
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

static const char *how_it_uses(const struct search *search, const char *pid)
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
	return has_mapping(search, pid) ? "has a file mapped" : NULL;
}

static void look_at_processes(struct search *search, int64_t deadline_ms)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;

	while (dir && (entry = readdir(dir)) && ocf_now_ms() < deadline_ms) {
		char command[64] = "", path[300];
		const char *how;

		if (!isdigit((unsigned char) entry->d_name[0]))
			continue;
		how = how_it_uses(search, entry->d_name);
		if (!how)
			continue;
		(void) snprintf(path, sizeof(path), "/proc/%s/comm", entry->d_name);
		(void) ocf_read_file(path, command, sizeof(command));
		command[strcspn(command, "\n")] = '\0';
		tell(search, "pid %s (%s) %s", entry->d_name, command, how);
	}
	if (dir)
		(void) closedir(dir);
}

size_t users_of(struct ocf_ctx *ctx, const char *tree, int64_t deadline_ms, char *buf, size_t size)
{
	struct search search = { .ctx = ctx, .tree = tree, .buf = buf, .size = size };

	buf[0] = '\0';
	look_at_mounts(&search);
	look_at_processes(&search, deadline_ms);
	if (search.n > NAMED_MAX)
		(void) snprintf(buf + search.used, size - search.used, " and %zu more",
				search.n - NAMED_MAX);
	return search.n;
}
