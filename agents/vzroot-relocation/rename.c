/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names change places: never over something, and with the two-step way of old kernels. */
#include "relocation.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "copy.h"

#define GIVE_BACK_MAX 1000

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

int rename_to_numbered(const char *from, const char *base, int first, int end, char *to,
		       size_t size)
{
	int r = -EEXIST;

	for (int i = first; r == -EEXIST && i < end; i++) {
		if ((size_t) snprintf(to, size, i ? "%s.%d" : "%s", base, i) >= size)
			return -ENAMETOOLONG;
		r = rename_to_free_name(from, to);
	}
	return r;
}

bool is_link_to(const char *name, const char *target)
{
	char now[PATH_MAX];
	ssize_t n = readlink(name, now, sizeof(now) - 1);

	now[n > 0 ? n : 0] = '\0';
	return n > 0 && strcmp(now, target) == 0;
}

int remove_link(const char *name, const char *target)
{
	struct stat st;

	if (lstat(name, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!is_link_to(name, target))
		return -EEXIST;
	return unlink(name) < 0 ? -errno : 0;
}

/*
 * Each exchange is a moment in which the name can be renamed over again: what came back last is newer than
 * what was given, until it is what was given before.
 */
void give_back(const char *from, const char *name, const struct stat *ours)
{
	struct stat before = *ours, given, came;

	for (int i = 0; i < GIVE_BACK_MAX && lstat(from, &given) == 0; i++) {
		if (rename_with(from, name, RENAME_EXCHANGE) < 0 || lstat(from, &came) < 0 ||
		    copy_is_same_object(&came, &before))
			break;
		before = given;
	}
	fsync_parent(name);
}

/*
 * The original at P goes to @kept, our link to P. In two steps P is missing in between, with the original
 * at @kept: seed_recover_local() and restore put it back.
 */
int exchange_for_link(const struct path *path, const char *kept)
{
	int r;

	r = remove_link(kept, path->target);
	if (r == 0 && symlink(path->target, kept) < 0)
		r = -errno;
	if (r < 0)
		return r;
	r = rename_with(kept, path->name, RENAME_EXCHANGE);
	if (rename_unsupported(r)) {
		r = remove_link(path->temporary, path->target);
		r = r < 0 ? r : rename_to_free_name(kept, path->temporary);
		r = r < 0 ? r : rename_to_free_name(path->name, kept);
		r = r < 0 ? r : rename_to_free_name(path->temporary, path->name);
	} else if (r < 0) {
		(void) remove_link(kept, path->target);
	}
	fsync_parent(path->name);
	return r;
}

int exchange_for_original(const struct path *path, const char *from)
{
	struct stat ours;
	int r = lstat(from, &ours) < 0 ? -errno : rename_with(from, path->name, RENAME_EXCHANGE);

	if (rename_unsupported(r)) {
		r = remove_link(path->name, path->target);
		r = r < 0 ? r : rename_to_free_name(from, path->name);
	} else if (r == 0) {
		r = remove_link(from, path->target);
		if (r == -EEXIST)
			give_back(from, path->name, &ours);
	}
	fsync_parent(path->name);
	return r;
}
