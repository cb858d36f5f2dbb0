/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Owner, then extended attributes, then mode, times, flags. The order is the kernel's: changing the owner
 * drops setuid bits and file capabilities, an ACL changes the mode, an immutable file takes nothing.
 */
#include "copy.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/xattr.h>
#include <unistd.h>

/* Of chattr(1)'s letters those that a user sets and that any of ext4, xfs, btrfs keeps. */
#define KEPT_FLAGS                                                                                 \
	((unsigned int) (FS_IMMUTABLE_FL | FS_APPEND_FL | FS_NODUMP_FL | FS_NOATIME_FL |           \
			 FS_SYNC_FL | FS_DIRSYNC_FL))

/* A way to name what cannot be opened (links, nodes) to the xattr calls, without following it. */
#define NAME_BUF (NAME_MAX + 64)

static int flags_get(int fd, unsigned int *ret_flags)
{
	int flags = 0;

	*ret_flags = 0;
	if (ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0)
		return -errno;
	*ret_flags = (unsigned int) flags & KEPT_FLAGS;
	return 0;
}

static int flags_set(int fd, unsigned int flags)
{
	int now = 0;

	if (ioctl(fd, FS_IOC_GETFLAGS, &now) < 0)
		return -errno;
	now = (int) (((unsigned int) now & ~KEPT_FLAGS) | flags);
	return ioctl(fd, FS_IOC_SETFLAGS, &now) < 0 ? -errno : 0;
}

int copy_flags(int from_fd, int to_fd)
{
	unsigned int flags;

	return flags_get(from_fd, &flags) == 0 && flags ? flags_set(to_fd, flags) : 0;
}

void copy_flags_clear(int dir_fd, const char *name)
{
	struct stat st;
	int fd;

	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)))
		return;
	fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return;
	(void) flags_set(fd, 0);
	(void) close(fd);
}

static ssize_t list_xattrs(int fd, const char *path, char **ret_list)
{
	ssize_t n = fd >= 0 ? flistxattr(fd, NULL, 0) : llistxattr(path, NULL, 0);

	*ret_list = NULL;
	if (n <= 0)
		return n < 0 && (errno == EOPNOTSUPP || errno == EPERM) ? 0 : n;
	*ret_list = malloc((size_t) n);
	if (!*ret_list)
		return -1;
	return fd >= 0 ? flistxattr(fd, *ret_list, (size_t) n)
		       : llistxattr(path, *ret_list, (size_t) n);
}

static bool in_list(const char *list, ssize_t size, const char *name)
{
	for (const char *p = list; p && p < list + size; p += strlen(p) + 1) {
		if (strcmp(p, name) == 0)
			return true;
	}
	return false;
}

static bool begins(const char *name, const char *with)
{
	return strncmp(name, with, strlen(with)) == 0;
}

/* How xfs keeps an ACL, shown beside it: never to be set on its own, not even by one xfs to another. */
static bool is_raw_acl(const char *name)
{
	return begins(name, "trusted.SGI_ACL_");
}

/* What we note on originals and on half copies is not the user's. */
static bool is_ours(const char *name)
{
	return begins(name, "trusted.vzha.");
}

static int copy_one_xattr(int from_fd, const char *from, int to_fd, const char *to,
			  const char *name)
{
	static char value[65536]; /* XATTR_SIZE_MAX */
	ssize_t n = from_fd >= 0 ? fgetxattr(from_fd, name, value, sizeof(value))
				 : lgetxattr(from, name, value, sizeof(value));

	if (n < 0)
		return errno == ENODATA ? 0 : -errno; /* gone since it was listed */
	if ((to_fd >= 0 ? fsetxattr(to_fd, name, value, (size_t) n, 0)
			: lsetxattr(to, name, value, (size_t) n, 0)) < 0)
		return -errno;
	return 0;
}

/* Also takes away what the copy inherited from its directory and the original does not have. */
static int copy_xattrs(struct copy *copy, int from_fd, const char *from, int to_fd, const char *to,
		       const char *entry)
{
	char *list = NULL, *there = NULL;
	ssize_t size = list_xattrs(from_fd, from, &list), had;
	int r = size < 0 ? copy_failed(copy, -errno, entry, "reading extended attributes") : 0;

	had = r == 0 ? list_xattrs(to_fd, to, &there) : 0;
	for (const char *p = there; r == 0 && p && p < there + had; p += strlen(p) + 1) {
		if ((is_ours(p) || !in_list(list, size, p)) && !begins(p, "security.") &&
		    !is_raw_acl(p))
			(void) (to_fd >= 0 ? fremovexattr(to_fd, p) : lremovexattr(to, p));
	}
	for (const char *p = list; r == 0 && p && p < list + size; p += strlen(p) + 1) {
		r = is_raw_acl(p) || is_ours(p) ? 0 : copy_one_xattr(from_fd, from, to_fd, to, p);
		if (r < 0)
			r = copy_failed(copy, r, entry, "an extended attribute");
	}
	free(list);
	free(there);
	return r;
}

int copy_meta(struct copy *copy, int from_fd, int from_dir, int to_fd, int to_dir, const char *from,
	      const char *to, const struct stat *st)
{
	char from_path[NAME_BUF], to_path[NAME_BUF];
	struct timespec times[2] = { st->st_atim, st->st_mtim };
	unsigned int flags;
	struct stat now;
	int r;

	(void) snprintf(from_path, sizeof(from_path), "/proc/self/fd/%d/%s", from_dir, from);
	(void) snprintf(to_path, sizeof(to_path), "/proc/self/fd/%d/%s", to_dir, to);
	if (fstatat(to_dir, to, &now, AT_SYMLINK_NOFOLLOW) < 0)
		return copy_failed(copy, -errno, from, NULL);
	if ((now.st_uid != st->st_uid || now.st_gid != st->st_gid) &&
	    fchownat(to_dir, to, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) < 0)
		return copy_failed(copy, -errno, from, "setting the owner");
	r = copy_xattrs(copy, from_fd, from_path, to_fd, to_path, from);
	if (r < 0)
		return r;
	if (!S_ISLNK(st->st_mode) && (to_fd >= 0 ? fchmod(to_fd, st->st_mode & 07777)
						 : chmod(to_path, st->st_mode & 07777)) < 0)
		return copy_failed(copy, -errno, from, "setting the mode");
	if (utimensat(to_dir, to, times, AT_SYMLINK_NOFOLLOW) < 0)
		return copy_failed(copy, -errno, from, "setting the times");
	if (from_fd < 0)
		return 0;
	if (S_ISREG(st->st_mode) && st->st_nlink > 1) {
		copy->late_flags = copy->late_flags || (flags_get(from_fd, &flags) == 0 && flags);
		return 0;
	}
	r = copy_flags(from_fd, to_fd);
	return r < 0 ? copy_failed(copy, r, from, "setting flags like immutable") : 0;
}
