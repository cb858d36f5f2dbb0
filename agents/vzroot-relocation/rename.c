/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names change places: never over something, and with the two-step way of old kernels. */
#include "relocation.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

int fsync_parent(const char *path)
{
	char parent[PATH_MAX];
	auto_close int fd = -1;
	char *slash;

	(void) snprintf(parent, sizeof(parent), "%s", path);
	slash = strrchr(parent, '/');
	slash[slash == parent] = '\0';
	fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 || fsync(fd) < 0 ? -errno : 0;
}

/* By number: the C library has the function only since 2.28, kernels the call since 3.15. */
int rename_with(const char *from, const char *to, unsigned int flags)
{
#ifdef SYS_renameat2
	return syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, flags) < 0 ? -errno : 0;
#else
	(void) from, (void) to, (void) flags;
	return -ENOSYS;
#endif
}

/* Kernel or filesystem without the flag (2.6.32; some old filesystems). */
bool rename_unsupported(int error)
{
	return error == -ENOSYS || error == -EINVAL;
}

int rename_to_free_name(const char *from, const char *to)
{
	struct stat st;
	int r = rename_with(from, to, RENAME_NOREPLACE);

	if (!rename_unsupported(r))
		return r;
	if (lstat(to, &st) == 0)
		return -EEXIST;
	return rename(from, to) < 0 ? -errno : 0;
}

/* The original to its name beside P. */
int keep_aside(struct relocation *relocation, const struct path *path, const char *from)
{
	char aside[PATH_MAX + 64], stamp[32] = "";
	time_t now = time(NULL);
	struct tm tm;
	int r;

	(void) snprintf(aside, sizeof(aside), "%s.vzha-local", path->name);
	r = rename_to_free_name(from, aside);
	if (r == -EEXIST) {
		if (gmtime_r(&now, &tm))
			(void) strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &tm);
		(void) snprintf(aside, sizeof(aside), "%s.vzha-local.%s", path->name, stamp);
		r = rename_to_free_name(from, aside);
	}
	if (r < 0) {
		ocf_reason(relocation->ctx, "%s: cannot be kept as %s: %s", from, aside,
			   strerror(-r));
		return r;
	}
	fsync_parent(path->name);
	ocf_log(relocation->ctx, LOG_WARNING, "%s: what was here is kept as %s", path->name, aside);
	return 0;
}

/*
 * The original at P goes to @kept, our link to P. In two steps P is missing in between, with the original
 * at @kept: seed_recover_local() and restore put it back.
 */
int exchange_for_link(const struct path *path, const char *kept)
{
	int r;

	if ((unlink(kept) < 0 && errno != ENOENT) || symlink(path->target, kept) < 0)
		return -errno;
	r = rename_with(kept, path->name, RENAME_EXCHANGE);
	if (rename_unsupported(r)) {
		(void) unlink(path->temporary);
		r = rename(kept, path->temporary) < 0		? -errno
		    : rename_to_free_name(path->name, kept) < 0 ? -errno
		    : rename(path->temporary, path->name) < 0	? -errno
								: 0;
	} else if (r < 0) {
		(void) unlink(kept);
	}
	fsync_parent(path->name);
	return r;
}

/* What is at @from takes the place of our link at P. */
int exchange_for_original(const struct path *path, const char *from)
{
	int r = rename_with(from, path->name, RENAME_EXCHANGE);

	if (rename_unsupported(r))
		r = unlink(path->name) < 0			? -errno
		    : rename_to_free_name(from, path->name) < 0 ? -errno
								: 0;
	else if (r == 0 && unlink(from) < 0)
		r = -errno;
	fsync_parent(path->name);
	return r;
}
