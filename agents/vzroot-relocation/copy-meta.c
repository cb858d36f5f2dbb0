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

#include "ocf.h"

/* Of chattr(1)'s letters those that a user sets and that any of ext4, xfs, btrfs keeps. */
#define KEPT_FLAGS                                                                                 \
	((unsigned int) (FS_IMMUTABLE_FL | FS_APPEND_FL | FS_NODUMP_FL | FS_NOATIME_FL |           \
			 FS_SYNC_FL | FS_DIRSYNC_FL))

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

void copy_inherit_nothing(int dir_fd, const char *name)
{
	auto_close int fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return;
	(void) flags_set(fd, 0);
	(void) fremovexattr(fd, "system.posix_acl_default");
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

/* A way to name what cannot be opened (links, nodes) to the xattr calls, without following it. */
struct names {
	char from[NAME_MAX + 64], to[NAME_MAX + 64];
};

static int copy_one_xattr(const struct copy_pair *pair, const struct names *names,
			  const char *attribute)
{
	static char value[65536]; /* XATTR_SIZE_MAX */
	ssize_t n = pair->from_fd >= 0 ? fgetxattr(pair->from_fd, attribute, value, sizeof(value))
				       : lgetxattr(names->from, attribute, value, sizeof(value));

	if (n < 0)
		return errno == ENODATA ? 0 : -errno; /* gone since it was listed */
	if ((pair->to_fd >= 0 ? fsetxattr(pair->to_fd, attribute, value, (size_t) n, 0)
			      : lsetxattr(names->to, attribute, value, (size_t) n, 0)) < 0)
		return -errno;
	return 0;
}

/* What the copy has, by an earlier round or from its directory, and the original does not. */
static void remove_xattrs(const struct copy_pair *pair, const struct names *names, const char *list,
			  ssize_t size)
{
	char *there = NULL;
	ssize_t had = list_xattrs(pair->to_fd, names->to, &there);

	for (const char *p = there; p && p < there + had; p += strlen(p) + 1) {
		if ((is_ours(p) || !in_list(list, size, p)) && !begins(p, "security.") &&
		    !is_raw_acl(p))
			(void) (pair->to_fd >= 0 ? fremovexattr(pair->to_fd, p)
						 : lremovexattr(names->to, p));
	}
	free(there);
}

/* @ret_any: something was set. */
static int copy_xattrs(struct copy *copy, const struct copy_pair *pair, const struct names *names,
		       bool *ret_any)
{
	char *list = NULL;
	ssize_t size = list_xattrs(pair->from_fd, names->from, &list);
	int r = size < 0 ? copy_failed(copy, -errno, pair->from, "reading extended attributes") : 0;

	*ret_any = size > 0;
	if (r == 0 && !(pair->is_bare && !copy_half_is_marked(pair->st)))
		remove_xattrs(pair, names, list, size);
	for (const char *p = list; r == 0 && p && p < list + size; p += strlen(p) + 1) {
		r = is_raw_acl(p) || is_ours(p) ? 0 : copy_one_xattr(pair, names, p);
		if (r < 0)
			r = copy_failed(copy, r, pair->from, "an extended attribute");
	}
	free(list);
	return r;
}

static int set_mode(const struct copy_pair *pair, const struct names *names)
{
	mode_t mode = pair->st->st_mode & 07777;

	return (pair->to_fd >= 0 ? fchmod(pair->to_fd, mode) : chmod(names->to, mode)) < 0 ? -errno
											   : 0;
}

static int set_flags(struct copy *copy, const struct copy_pair *pair)
{
	unsigned int flags;
	int r;

	if (pair->from_fd < 0)
		return 0;
	if (S_ISREG(pair->st->st_mode) && pair->st->st_nlink > 1) {
		copy->late_flags =
			copy->late_flags || (flags_get(pair->from_fd, &flags) == 0 && flags);
		return 0;
	}
	r = copy_flags(pair->from_fd, pair->to_fd);
	return r < 0 ? copy_failed(copy, r, pair->from, "setting flags like immutable") : 0;
}

int copy_meta(struct copy *copy, const struct copy_pair *pair)
{
	const struct stat *st = pair->st;
	struct timespec times[2] = { st->st_atim, st->st_mtim };
	struct names names;
	struct stat now;
	bool owner, any;
	int r;

	(void) snprintf(names.from, sizeof(names.from), "/proc/self/fd/%d/%s", pair->from_dir,
			pair->from);
	(void) snprintf(names.to, sizeof(names.to), "/proc/self/fd/%d/%s", pair->to_dir, pair->to);
	if (fstatat(pair->to_dir, pair->to, &now, AT_SYMLINK_NOFOLLOW) < 0)
		return copy_failed(copy, -errno, pair->from, NULL);
	owner = now.st_uid != st->st_uid || now.st_gid != st->st_gid;
	if (owner &&
	    fchownat(pair->to_dir, pair->to, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) < 0)
		return copy_failed(copy, -errno, pair->from, "setting the owner");
	r = copy_xattrs(copy, pair, &names, &any);
	if (r < 0)
		return r;
	if (!S_ISLNK(st->st_mode) &&
	    (owner || any || !pair->is_bare || now.st_mode != st->st_mode) &&
	    (r = set_mode(pair, &names)) < 0)
		return copy_failed(copy, r, pair->from, "setting the mode");
	if (utimensat(pair->to_dir, pair->to, times, AT_SYMLINK_NOFOLLOW) < 0)
		return copy_failed(copy, -errno, pair->from, "setting the times");
	return set_flags(copy, pair);
}
