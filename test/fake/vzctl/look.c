/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration, state and lock of the stand-in's containers. */
#include "vzctl.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int say(int code, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void) vfprintf(stderr, fmt, args);
	va_end(args);
	(void) fputc('\n', stderr);
	return code;
}

void be_slow(const char *file)
{
	FILE *f = fopen(file, "re");
	unsigned int seconds;

	if (f && fscanf(f, "%u", &seconds) == 1)
		(void) sleep(seconds);
	if (f)
		(void) fclose(f);
}

static void set(const char *line, const char *name, char *ret, size_t size)
{
	const char *value = line + strlen(name);

	if (strncmp(line, name, strlen(name)) != 0 || *value != '=')
		return;
	value += strspn(value, "=\"");
	(void) snprintf(ret, size, "%.*s", (int) strcspn(value, "\"\n"), value);
}

static bool read_conf(struct ct *ct, const char *path)
{
	char line[8192], number[32] = "";
	FILE *f = fopen(path, "re");

	if (!f)
		return false;
	while (fgets(line, sizeof(line), f)) {
		set(line, "LOCKDIR", ct->lockdir, sizeof(ct->lockdir));
		set(line, "DUMPDIR", ct->dumpdir, sizeof(ct->dumpdir));
		set(line, "VE_ROOT", ct->root, sizeof(ct->root));
		set(line, "VE_PRIVATE", ct->private, sizeof(ct->private));
		set(line, "NETIF", ct->netif, sizeof(ct->netif));
		set(line, "NETDEV", ct->netdev, sizeof(ct->netdev));
		set(line, "DISABLED", ct->disabled, sizeof(ct->disabled));
		set(line, "STOP_TIMEOUT", number, sizeof(number));
	}
	(void) fclose(f);
	if (number[0])
		ct->stop_timeout = (int) strtol(number, NULL, 10);
	return true;
}

static void expand(char *path, int id)
{
	char out[PATH_MAX], *at = strstr(path, "$VEID");

	if (!at)
		return;
	(void) snprintf(out, sizeof(out), "%.*s%d%s", (int) (at - path), path, id, at + 5);
	memcpy(path, out, sizeof(out));
}

int ct_load(struct ct *ct, int id)
{
	char path[PATH_MAX];

	*ct = (struct ct){ .id = id,
			   .lockdir = "/vz/lock",
			   .dumpdir = "/vz/dump",
			   .root = "/vz/root/$VEID",
			   .private = "/vz/private/$VEID",
			   .stop_timeout = 120 };
	if (!read_conf(ct, "/etc/vz/vz.conf"))
		return say(10, "Unable to open /etc/vz/vz.conf: No such file or directory");
	(void) snprintf(path, sizeof(path), "/etc/vz/conf/%d.conf", id);
	ct->conf = read_conf(ct, path);
	expand(ct->root, id);
	expand(ct->private, id);
	return 0;
}

bool ct_mounted(const struct ct *ct)
{
	char up[PATH_MAX + 4];
	struct stat a, b;

	(void) snprintf(up, sizeof(up), "%s/..", ct->root);
	if (stat(ct->root, &a) < 0 || stat(up, &b) < 0)
		return false;
	if (a.st_dev != b.st_dev)
		return true;
	return stat(ct->private, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* Its groups in each hierarchy: the unified one, or one per controller. */
static int group_files(const struct ct *ct, glob_t *ret)
{
	char pattern[128];
	int r;

	(void) snprintf(pattern, sizeof(pattern), "/sys/fs/cgroup/vz-%d/cgroup.procs", ct->id);
	r = glob(pattern, 0, NULL, ret);
	(void) snprintf(pattern, sizeof(pattern), "/sys/fs/cgroup/*/vz-%d/cgroup.procs", ct->id);
	return glob(pattern, r == 0 ? GLOB_APPEND : 0, NULL, ret) == 0 || r == 0 ? 0 : -1;
}

size_t ct_tasks(const struct ct *ct, pid_t *ret, size_t max)
{
	glob_t files;
	size_t n = 0;
	int pid;

	if (group_files(ct, &files) < 0)
		return 0;
	for (size_t i = 0; i < files.gl_pathc; i++) {
		FILE *f = fopen(files.gl_pathv[i], "re");

		while (f && n < max && fscanf(f, "%d", &pid) == 1)
			ret[n++] = pid;
		if (f)
			(void) fclose(f);
	}
	globfree(&files);
	return n;
}

bool ct_running(const struct ct *ct)
{
	pid_t pid;

	return ct_tasks(ct, &pid, 1) > 0;
}

pid_t ct_init(const struct ct *ct)
{
	char path[PATH_MAX];
	FILE *f;
	int pid = 0;

	(void) snprintf(path, sizeof(path), "/var/lib/vzctl/vepid/%d", ct->id);
	f = fopen(path, "re");
	if (f && fscanf(f, "%d", &pid) != 1)
		pid = 0;
	if (f)
		(void) fclose(f);
	return pid;
}

static void show_holder(int pid)
{
	char path[64], line[1024] = "";
	FILE *f;

	(void) snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
	f = fopen(path, "re");
	if (f) {
		size_t n = fread(line, 1, sizeof(line) - 1, f);

		for (size_t i = 0; i + 1 < n; i++)
			line[i] = line[i] ? line[i] : ' ';
		(void) fclose(f);
	}
	(void) say(0, "Locked by: pid %d, cmdline %s", pid, line);
}

int ct_lock(const struct ct *ct)
{
	char path[PATH_MAX + 32], unique[PATH_MAX + 64], proc[32];

	(void) snprintf(path, sizeof(path), "%s/%d.lck", ct->lockdir, ct->id);
	(void) snprintf(unique, sizeof(unique), "%sXXXXXX", path);
	int fd = mkostemp(unique, O_CLOEXEC);
	if (fd < 0)
		return say(3, "Unable to create lock file %s: %s", path, strerror(errno));
	(void) dprintf(fd, "%d\n\n", getpid());
	(void) close(fd);
	for (int tries = 0; tries < 3; tries++) {
		int r = link(unique, path), pid = 0;
		FILE *f;

		if (r == 0) {
			(void) unlink(unique);
			return 0;
		}
		f = fopen(path, "re");
		if (f && fscanf(f, "%d", &pid) != 1)
			pid = 0;
		if (f)
			(void) fclose(f);
		(void) snprintf(proc, sizeof(proc), "/proc/%d", pid);
		if (pid > 0 && access(proc, F_OK) == 0) {
			(void) unlink(unique);
			show_holder(pid);
			return say(9, "Container already locked");
		}
		if (pid > 0)
			(void) say(0, "Removing stale lock file %s", path);
		(void) unlink(path);
	}
	(void) unlink(unique);
	return 9;
}

void ct_unlock(const struct ct *ct)
{
	char path[PATH_MAX + 32];

	(void) snprintf(path, sizeof(path), "%s/%d.lck", ct->lockdir, ct->id);
	(void) unlink(path);
}
