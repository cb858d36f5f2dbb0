/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What lies at a path, on this node and on the shared tree. Never follows a link at its end. */
#include "relocation.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* 1 empty, 0 not, -errno. */
static int is_empty_directory(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct dirent *entry;
	int empty = 1;
	DIR *dir;

	if (fd < 0)
		return -errno;
	dir = fdopendir(fd);
	if (!dir) {
		(void) close(fd);
		return -ENOMEM;
	}
	errno = 0;
	while (empty && (entry = readdir(dir)))
		empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
	if (errno)
		empty = -errno;
	(void) closedir(dir);
	return empty;
}

/* Sets the kind of the link that lies at the path. Return: 0 or -errno. */
static int inspect_link(struct path *path)
{
	char target[PATH_MAX];
	ssize_t n = readlink(path->name, target, sizeof(target) - 1);

	if (n < 0)
		return -errno;
	target[n] = '\0';
	path->local = strcmp(target, path->target) == 0	  ? LOCAL_OUR_LINK
		      : strcmp(target, path->shared) == 0 ? LOCAL_HAND_LINK
							  : LOCAL_FOREIGN_LINK;
	return 0;
}

int inspect_local(struct relocation *relocation, struct path *path)
{
	struct stat st;
	int empty, r;

	path->local = LOCAL_ABSENT;
	if (lstat(path->name, &st) < 0) {
		if (errno == ENOENT || errno == ENOTDIR)
			return 0;
		ocf_reason(relocation->ctx, "%s: cannot look at it: %s", path->name,
			   strerror(errno));
		return -errno;
	}
	if (S_ISLNK(st.st_mode)) {
		r = inspect_link(path);
		if (r < 0)
			ocf_reason(relocation->ctx, "%s: cannot read the link: %s", path->name,
				   strerror(-r));
		return r;
	} else if (S_ISREG(st.st_mode)) {
		path->local = LOCAL_FILE;
	} else if (!S_ISDIR(st.st_mode)) {
		path->local = LOCAL_OTHER;
	} else {
		empty = is_empty_directory(path->name);
		if (empty < 0) {
			ocf_reason(relocation->ctx, "%s: cannot read the directory: %s", path->name,
				   strerror(-empty));
			return empty;
		}
		path->local = empty ? LOCAL_EMPTY : LOCAL_FULL;
	}
	return 0;
}

/*
 * Below SHARED nothing may lead elsewhere: a link on the way could make SHARED/P mean P itself, or a
 * place on another disk; and what is renamed into place must be on one filesystem with the place.
 */
static int stays_on_shared(struct relocation *relocation, const struct path *path)
{
	char part[PATH_MAX];
	struct stat top, st;

	if (lstat(relocation->shared, &top) < 0)
		return errno == ENOENT ? 0 : -errno;
	(void) snprintf(part, sizeof(part), "%s", path->shared);
	for (char *p = part + strlen(relocation->shared) + 1; *p; p++) {
		if (*p != '/' && p[1] != '\0')
			continue;
		*p = *p == '/' ? '\0' : *p;
		if (lstat(part, &st) < 0)
			return errno == ENOENT ? 0 : -errno;
		if (S_ISLNK(st.st_mode) && strlen(part) < strlen(path->shared))
			return -ELOOP;
		if (S_ISDIR(st.st_mode) && st.st_dev != top.st_dev)
			return -EXDEV;
		if (strlen(part) < strlen(path->shared))
			*p = '/';
	}
	return 0;
}

int inspect_shared(struct relocation *relocation, struct path *path)
{
	struct stat st;
	int empty, r;

	path->there = SHARED_ABSENT;
	r = stays_on_shared(relocation, path);
	if (r < 0) {
		ocf_reason(
			relocation->ctx,
			"%s: cannot be used: %s; below %s there may be no links on the way and no "
			"other mounts",
			path->shared, strerror(-r), relocation->shared);
		return r;
	}
	if (lstat(path->shared, &st) < 0) {
		if (errno == ENOENT)
			return 0;
		ocf_reason(relocation->ctx, "%s: cannot look at it: %s", path->shared,
			   strerror(errno));
		return -errno;
	}
	if (S_ISREG(st.st_mode)) {
		path->there = SHARED_FILE;
	} else if (!S_ISDIR(st.st_mode)) {
		path->there = SHARED_OTHER;
	} else {
		empty = is_empty_directory(path->shared);
		if (empty < 0) {
			ocf_reason(relocation->ctx, "%s: cannot read the directory: %s",
				   path->shared, strerror(-empty));
			return empty;
		}
		path->there = empty ? SHARED_EMPTY : SHARED_FULL;
	}
	return 0;
}
