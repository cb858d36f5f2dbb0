/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who lives in a control group, and how to make that nobody. */
#include "cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "proc.h"

#define CG_DEPTH_MAX 32

/* Containers decide how deep and wide their own groups are: fd by fd, with a limit. */
static ssize_t walk_procs(int dirfd, int depth, pid_t *ret_pids, size_t n, size_t max)
{
	struct dirent *entry;
	FILE *f;
	DIR *dir;
	int fd, pid;

	fd = openat(dirfd, "cgroup.procs", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	f = fd < 0 ? NULL : fdopen(fd, "r");
	while (f && n < max && fscanf(f, "%d", &pid) == 1)
		ret_pids[n++] = pid;
	if (f)
		(void) fclose(f);
	if (n == max || depth == CG_DEPTH_MAX)
		return (ssize_t) n;

	fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir)
		return errno == ENOENT || errno == ENODEV ? (ssize_t) n : -errno;
	while (n < max && (entry = readdir(dir))) {
		auto_close int sub = -1;
		ssize_t below;

		if (entry->d_name[0] == '.' || entry->d_type != DT_DIR)
			continue;
		sub = openat(dirfd, entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
		/* A group that went away meanwhile has taken its processes with it. */
		below = sub < 0 ? -ENOENT : walk_procs(sub, depth + 1, ret_pids, n, max);
		if (below >= 0)
			n = (size_t) below;
	}
	(void) closedir(dir);
	return (ssize_t) n;
}

ssize_t cg_procs(const struct cg_dir *dir, pid_t *ret_pids, size_t max)
{
	auto_close int fd = open(dir->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return errno == ENOENT || errno == ENODEV ? 0 : -errno;
	return walk_procs(fd, 0, ret_pids, 0, max);
}

static ssize_t read_in(const struct cg_dir *dir, const char *file, char *buf, size_t size)
{
	char path[CG_PATH_MAX + 32];

	(void) snprintf(path, sizeof(path), "%s/%s", dir->path, file);
	return ocf_read_file(path, buf, size);
}

static int write_in(const struct cg_dir *dir, const char *file, const char *text)
{
	char path[CG_PATH_MAX + 32];
	auto_close int fd = -1;

	(void) snprintf(path, sizeof(path), "%s/%s", dir->path, file);
	fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	return write(fd, text, strlen(text)) < 0 ? -errno : 0;
}

enum cg_state cg_state(const struct cg_dir *dir)
{
	char buf[256];
	ssize_t n;
	pid_t pid;

	if (dir->h->v2) {
		n = read_in(dir, "cgroup.events", buf, sizeof(buf));
		if (n > 0 && strstr(buf, "populated 1"))
			return CG_POPULATED;
		if (n > 0 && strstr(buf, "populated 0"))
			return CG_EMPTY;
	}
	n = cg_procs(dir, &pid, 1);
	return n < 0 ? CG_UNREADABLE : n ? CG_POPULATED : CG_EMPTY;
}

bool cg_frozen(const struct cg_dir *dir)
{
	char buf[64];

	if (dir->h->v2)
		return read_in(dir, "cgroup.freeze", buf, sizeof(buf)) > 0 && buf[0] == '1';
	return dir->h->freezer && read_in(dir, "freezer.state", buf, sizeof(buf)) > 0 &&
	       strncmp(buf, "THAWED", 6) != 0;
}

int cg_thaw(const struct cg_dir *dir)
{
	int r = 0;

	if (dir->h->v2)
		r = write_in(dir, "cgroup.freeze", "0");
	else if (dir->h->freezer)
		r = write_in(dir, "freezer.state", "THAWED");
	return r == -ENOENT || r == -ENODEV ? 0 : r;
}

/* Is the process still in this group? Its number may have passed to another since we read it. */
struct member {
	const struct cg_dir *dir;
};

static bool is_member(pid_t pid, void *arg)
{
	const struct member *m = arg;
	pid_t pids[1024];
	ssize_t n = cg_procs(m->dir, pids, ARRAY_SIZE(pids));

	for (ssize_t i = 0; i < n; i++)
		if (pids[i] == pid)
			return true;
	return false;
}

int cg_kill(const struct cg_dir *dir)
{
	struct member member = { dir };
	pid_t pids[1024];
	ssize_t n;
	int r;

	if (dir->h->v2) {
		r = write_in(dir, "cgroup.kill", "1");
		if (r != -ENOENT && r != -EACCES)
			return r == -ENODEV ? 0 : r;
		/* before Linux 5.14: one by one, below */
	}
	n = cg_procs(dir, pids, ARRAY_SIZE(pids));
	if (n < 0)
		return (int) n;
	for (ssize_t i = 0; i < n; i++) {
		r = proc_kill(pids[i], SIGKILL, is_member, &member);
		if (r < 0 && r != -ESRCH)
			return r;
	}
	return 0;
}
