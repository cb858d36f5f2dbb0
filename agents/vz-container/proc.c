/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proc.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PROC_PATH_MAX 512

#define PF_EXITING 0x4 /* of the flags in /proc/PID/stat: linux/sched.h, the same since 2.6 */

static ssize_t read_of(const struct ocf_ctx *ctx, pid_t pid, const char *file, char *buf,
		       size_t size)
{
	char path[PROC_PATH_MAX];
	ssize_t n;

	n = ocf_read_file(ocf_path(ctx, path, sizeof(path), "/proc/%d/%s", pid, file), buf, size);
	return n == -ENOENT ? -ESRCH : n;
}

int proc_stat_read(const struct ocf_ctx *ctx, pid_t pid, struct proc_stat *ret_stat)
{
	unsigned long long start;
	unsigned int flags;
	char buf[1024];
	const char *rest;
	int ppid;
	char state;
	ssize_t n;

	n = read_of(ctx, pid, "stat", buf, sizeof(buf));
	if (n < 0 && n != -EFBIG)
		return (int) n;
	/* The name in parentheses may hold anything, also ") Z 1"; the last one ends it. */
	rest = strrchr(buf, ')');
	if (!rest || sscanf(rest + 1,
			    " %c %d %*s %*s %*s %*s %u %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
			    "%*s %*s %llu",
			    &state, &ppid, &flags, &start) != 4)
		return -EPROTO;

	ret_stat->state = state;
	ret_stat->ppid = ppid;
	ret_stat->exiting = flags & PF_EXITING;
	ret_stat->start_ticks = start;
	return 0;
}

bool proc_alive(const struct ocf_ctx *ctx, pid_t pid)
{
	struct proc_stat st;

	return pid > 0 && proc_stat_read(ctx, pid, &st) == 0 && st.state != 'Z' &&
	       st.state != 'X' && !st.exiting;
}

ssize_t proc_argv(const struct ocf_ctx *ctx, pid_t pid, char *buf, size_t size,
		  const char *ret_argv[], size_t max)
{
	size_t argc = 0;
	ssize_t n;
	char *p;

	n = read_of(ctx, pid, "cmdline", buf, size);
	if (n == -EFBIG)
		n = (ssize_t) size - 1;
	if (n < 0)
		return n;
	for (p = buf; p < buf + n && argc < max; p += strlen(p) + 1)
		ret_argv[argc++] = p;
	return (ssize_t) argc;
}

bool proc_is_ns_init(const struct ocf_ctx *ctx, pid_t pid)
{
	int first, last, pos;
	char buf[4096];
	const char *p;

	if (read_of(ctx, pid, "status", buf, sizeof(buf)) <= 0)
		return false;
	/* "NSpid:\t432\t1": one number per level, the innermost last. */
	p = strstr(buf, "\nNSpid:");
	if (!p || sscanf(p + 7, "%d%n", &first, &pos) != 1)
		return false;
	p += 7 + pos;
	for (last = 0; *p != '\n' && sscanf(p, "%d%n", &last, &pos) == 1; p += pos)
		;
	return last == 1;
}

bool proc_is_ours(const struct ocf_ctx *ctx, pid_t pid)
{
	char path[PROC_PATH_MAX];
	struct stat ours, its;

	if (stat(ocf_path(ctx, path, sizeof(path), "/proc/self/ns/pid"), &ours) < 0)
		return errno == ENOENT; /* a kernel without PID namespaces */
	if (stat(ocf_path(ctx, path, sizeof(path), "/proc/%d/ns/pid", pid), &its) < 0)
		return false;
	return ours.st_dev == its.st_dev && ours.st_ino == its.st_ino;
}

ssize_t proc_children(const struct ocf_ctx *ctx, pid_t pid, pid_t *ret_pids, size_t max)
{
	char path[PROC_PATH_MAX];
	char buf[4096];
	size_t n = 0;
	int child, pos;
	const char *p;
	ssize_t len;

	ocf_path(ctx, path, sizeof(path), "/proc/%d/task/%d/children", pid, pid);
	len = ocf_read_file(path, buf, sizeof(buf));
	if (len < 0 && len != -EFBIG)
		return len;
	for (p = buf; n < max && sscanf(p, "%d%n", &child, &pos) == 1; p += pos)
		ret_pids[n++] = child;
	return (ssize_t) n;
}

int proc_walk(const struct ocf_ctx *ctx, bool (*fn)(pid_t pid, void *arg), void *arg)
{
	char path[PROC_PATH_MAX];
	struct dirent *entry;
	DIR *dir;
	int r;

	dir = opendir(ocf_path(ctx, path, sizeof(path), "/proc"));
	if (!dir)
		return -errno;
	for (;;) {
		errno = 0;
		entry = readdir(dir);
		if (!entry)
			break;
		if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
			continue;
		if (!fn((pid_t) strtol(entry->d_name, NULL, 10), arg))
			break;
	}
	r = entry ? 0 : -errno;
	(void) closedir(dir);
	return r;
}

int64_t proc_started_ms(const struct ocf_ctx *ctx, pid_t pid)
{
	const int64_t hz = sysconf(_SC_CLK_TCK);
	struct proc_stat st;
	int r;

	r = proc_stat_read(ctx, pid, &st);
	if (r < 0)
		return r;
	return (int64_t) st.start_ticks * 1000 / (hz > 0 ? hz : 100);
}

int proc_kill(pid_t pid, int signo, bool (*is_it)(pid_t pid, void *arg), void *arg)
{
	auto_close int fd = -1;

	if (pid <= 1)
		return -ESRCH;
	fd = (int) syscall(SYS_pidfd_open, pid, 0);
	if (fd < 0 && errno != ENOSYS)
		return errno == EINVAL ? -ESRCH : -errno;
	if (!is_it(pid, arg))
		return -ESRCH;
	if (fd >= 0) {
		if (syscall(SYS_pidfd_send_signal, fd, signo, NULL, 0) == 0)
			return 0;
		if (errno != ENOSYS)
			return -errno;
	}
	return kill(pid, signo) == 0 ? 0 : -errno;
}
