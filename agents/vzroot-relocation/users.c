/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who uses a tree: processes with a file, directory or mapping in it; mounts on it or below, and mounts
 * of a part of it elsewhere, in any mount namespace; loop devices on an image in it; swap.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <linux/kcmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "mounts.h"
#include "users.h"

#define NAMED_MAX 10 /* R8 */

void search_tell(struct search *search, const char *fmt, ...)
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

/* "x (deleted)" below the tree is below it as well; the tree itself so ends in a blank. */
bool alias_holds(const struct alias *names, const char *path)
{
	while (names && !path_is_below(path, names->path))
		names = names->next;
	return names != NULL;
}

/* What was opened before its process got a namespace of its own has its name of ours. */
static bool is_the_same_here(const struct search *search, const char *link, const char *name)
{
	struct stat st, seen;

	return search->hidden && alias_holds(search->own, name) && stat(link, &st) == 0 &&
	       lstat(name, &seen) == 0 && copy_is_same_object(&st, &seen);
}

/* @how: as struct holder's. */
static bool leads_into(struct search *search, const struct alias *names, const char *pid,
		       const char *link, const char *how)
{
	char target[PATH_MAX];
	ssize_t n = readlink(link, target, sizeof(target) - 1);

	if (n < 0)
		return false;
	target[n] = '\0';
	if (alias_holds(names, target) ||
	    (names != search->own && is_the_same_here(search, link, target)))
		return true;
	search_note_hidden(search, pid, link, target, how);
	return false;
}

/* 1 or 0; -errno: it is there and cannot be looked at. */
static int has_open_file(struct search *search, const struct alias *names, const char *pid)
{
	char path[PATH_MAX];
	struct dirent *entry;
	bool found = false;
	DIR *dir;

	(void) snprintf(path, sizeof(path), "/proc/%s/fd", pid);
	dir = opendir(path);
	if (!dir)
		return errno == ENOENT || errno == ESRCH ? 0 : -errno;
	while (!found && (entry = readdir(dir))) {
		char link[PATH_MAX];

		if (!isdigit((unsigned char) entry->d_name[0]))
			continue;
		(void) snprintf(link, sizeof(link), "/proc/%s/fd/%s", pid, entry->d_name);
		found = leads_into(search, names, pid, link, "has opened");
	}
	(void) closedir(dir);
	return found;
}

static bool has_mapping(const struct alias *names, const char *pid)
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
		if (alias_holds(names, name))
			return true;
	}
	return false;
}

/* @pid: also "PID/task/TID" for a thread of it. @files, @memory: look at these. */
static const char *how_it_uses(struct search *search, const char *pid, bool files, bool memory)
{
	const char *mounted;
	const struct alias *names = search_names_for(search, pid, &mounted);
	char link[300];
	int open;

	(void) snprintf(link, sizeof(link), "/proc/%s/cwd", pid);
	if (leads_into(search, names, pid, link, "works in"))
		return "works in it";
	(void) snprintf(link, sizeof(link), "/proc/%s/root", pid);
	if (leads_into(search, names, pid, link, "has its root in"))
		return "has its root in it";
	open = files ? has_open_file(search, names, pid) : 0;
	if (open)
		return open > 0 ? "has a file open" : "cannot be looked at";
	if (mounted)
		return mounted;
	return memory && has_mapping(names, pid) ? "has a file mapped" : NULL;
}

/* Without kcmp(2), before 3.5 or not built in, nothing is shared as far as we know. */
static bool shares(const char *pid, const char *tid, int what)
{
	return syscall(SYS_kcmp, strtol(pid, NULL, 10), strtol(tid, NULL, 10), what, 0, 0) == 0;
}

/*
 * A thread can have files and a working directory of its own, and those of a process are not to be seen in
 * its own entry once its first thread has ended.
 */
static const char *how_threads_use(struct search *search, const char *pid)
{
	char path[300], thread[64];
	const char *how = NULL;
	struct dirent *entry;
	DIR *dir;

	(void) snprintf(path, sizeof(path), "/proc/%s/task", pid);
	dir = opendir(path);
	while (dir && !how && (entry = readdir(dir))) {
		if (!isdigit((unsigned char) entry->d_name[0]) || strcmp(entry->d_name, pid) == 0)
			continue;
		(void) snprintf(thread, sizeof(thread), "%.20s/task/%.20s", pid, entry->d_name);
		how = how_it_uses(search, thread, !shares(pid, entry->d_name, KCMP_FILES),
				  !shares(pid, entry->d_name, KCMP_VM));
	}
	if (dir)
		(void) closedir(dir);
	return how;
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

const char *search_describe(const char *pid, char *buf, size_t size)
{
	char command[64] = "", path[300], container[128];

	(void) snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	(void) ocf_read_file(path, command, sizeof(command));
	command[strcspn(command, "\n")] = '\0';
	container_of(pid, container, sizeof(container));
	(void) snprintf(buf, size, "pid %.*s (%s)%s", (int) strcspn(pid, "/"), pid, command,
			container);
	return buf;
}

static void look_at_processes(struct search *search, int64_t deadline_ms)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry = NULL;

	while (dir && (entry = readdir(dir)) && ocf_now_ms() < deadline_ms) {
		const char *how;
		char who[256];

		if (!isdigit((unsigned char) entry->d_name[0]) ||
		    strtol(entry->d_name, NULL, 10) == (long) getpid())
			continue;
		how = how_it_uses(search, entry->d_name, true, true);
		if (!how)
			how = how_threads_use(search, entry->d_name);
		if (!how)
			continue;
		search_tell(search, "%s %s", search_describe(entry->d_name, who, sizeof(who)), how);
	}
	/* Not to know is not to have found nobody. */
	if (!dir || entry)
		search_tell(search, "perhaps others: not all processes could be looked at in time");
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
		if (alias_holds(search->own, file))
			search_tell(search, "/dev/%s on %s", entry->d_name, file);
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
		mount_unescape(line);
		if (alias_holds(search->own, line))
			search_tell(search, "swap on %s", line);
	}
}

size_t users_of(struct ocf_ctx *ctx, const char *tree, bool resolve, int64_t deadline_ms, char *buf,
		size_t size)
{
	static struct search search;
	struct holders hidden = { NULL, 0, 0 };
	struct stat st;

	search = (struct search){ .ctx = ctx, .tree = tree, .buf = buf, .size = size };
	if (resolve && lstat(tree, &st) == 0) {
		search.tree_device = st.st_dev;
		search.hidden = &hidden;
	}
	buf[0] = '\0';
	search_own_mounts(&search, resolve);
	look_at_loops(&search);
	look_at_swap(&search);
	look_at_processes(&search, deadline_ms);
	search_hidden(&search, deadline_ms);
	free(hidden.list);
	search_close(&search);
	if (search.n > NAMED_MAX)
		(void) snprintf(buf + search.used, size - search.used, " and %zu more",
				search.n - NAMED_MAX);
	return search.n;
}
