/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What both looking at a tree and removing one need: a directory's names, and no recursion. */
#include "copy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "ocf.h"

void copy_raise_descriptors(void)
{
	struct rlimit limit = { 1024 * 1024, 1024 * 1024 };

	if (setrlimit(RLIMIT_NOFILE, &limit) == 0 || getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	(void) setrlimit(RLIMIT_NOFILE, &limit);
}

int copy_names_read(int fd, struct copy_names *ret_names)
{
	int own = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = own < 0 ? NULL : fdopendir(own);
	struct dirent *entry;
	int r = 0;

	*ret_names = (struct copy_names){ .text = NULL };
	if (!dir) {
		r = -errno;
		ocf_close_p(&own);
		return r;
	}
	for (errno = 0; (entry = readdir(dir)); errno = 0) {
		size_t len = strlen(entry->d_name) + 1;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (ret_names->used + len > ret_names->size) {
			size_t size = ret_names->size ? ret_names->size * 2 : 1024;
			char *text = realloc(ret_names->text, size);

			if (!text) {
				errno = ENOMEM;
				break;
			}
			ret_names->text = text;
			ret_names->size = size;
		}
		memcpy(ret_names->text + ret_names->used, entry->d_name, len);
		ret_names->used += len;
	}
	r = -errno;
	(void) closedir(dir);
	if (r < 0)
		copy_names_free(ret_names);
	return r;
}

const char *copy_names_next(struct copy_names *names)
{
	const char *name = names->text + names->at;

	if (names->at >= names->used)
		return NULL;
	names->at += strlen(name) + 1;
	return name;
}

void copy_names_free(struct copy_names *names)
{
	free(names->text);
	*names = (struct copy_names){ .text = NULL };
}

/* A mount's number: 5.8 and later; 0 unknown. */
static uint64_t mount_id(int dir_fd, const char *name)
{
#ifdef STATX_MNT_ID
	struct statx stx;

	if (statx(dir_fd, name, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_MNT_ID,
		  &stx) == 0 &&
	    stx.stx_mask & STATX_MNT_ID)
		return stx.stx_mnt_id;
#else
	(void) dir_fd, (void) name;
#endif
	return 0;
}

void copy_is_here(struct copy *copy, int dir_fd, const char *name, const struct stat *st)
{
	copy->device = st->st_dev;
	copy->mount_id = mount_id(dir_fd, name);
}

/*
 * Another device is another mount, except on overlays, whose layers' files keep numbers of their own.
 * A bind mount of the same device is found beforehand in the mount table, by users_of().
 */
bool copy_is_elsewhere(const struct copy *copy, int dir_fd, const char *name, const struct stat *st)
{
	return st->st_dev != copy->device &&
	       (copy->mount_id == 0 || mount_id(dir_fd, name) != copy->mount_id);
}

/* The mount that a directory is on, by what there is to tell it. */
struct place {
	dev_t device;
	uint64_t mount;
};

/* Kernels without it in statx(2), before 5.8, have it in /proc since 3.15. */
static uint64_t open_mount_id(int fd)
{
	char path[64], text[1024];
	const char *line;
	uint64_t id = mount_id(fd, "");

	if (id)
		return id;
	(void) snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	line = ocf_read_file(path, text, sizeof(text)) > 0 ? strstr(text, "mnt_id:") : NULL;
	return line ? strtoull(line + strlen("mnt_id:"), NULL, 10) : 0;
}

static int place_of(int fd, struct place *ret_place)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	*ret_place = (struct place){ st.st_dev, open_mount_id(fd) };
	return 0;
}

/* 0; -EXDEV: something is mounted there. An overlay's directories have the overlay's device. */
static int check_place(int fd, const struct place *place)
{
	struct place now;
	int r = place_of(fd, &now);

	return r < 0 ? r : now.device != place->device || now.mount != place->mount ? -EXDEV : 0;
}

struct level {
	struct level *up;
	struct copy_names names;
	const char *name; /* of the directory, in its parent's names */
	int fd;
	struct place place;
};

static int unlink_or_flags(int dir_fd, const char *name, int flags)
{
	if (unlinkat(dir_fd, name, flags) == 0 || errno == ENOENT)
		return 0;
	if (errno != EPERM)
		return -errno;
	copy_flags_clear(dir_fd, name);
	return unlinkat(dir_fd, name, flags) < 0 && errno != ENOENT ? -errno : 0;
}

/* Below @up; the top: below what is above it. Where something is mounted nothing is removed. */
static int check_mount(struct level *level, const struct level *up)
{
	auto_close int above = -1;

	if (up) {
		level->place = up->place;
		return check_place(level->fd, &up->place);
	}
	above = openat(level->fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (above < 0 || place_of(above, &level->place) < 0)
		return -errno;
	return check_place(level->fd, &level->place);
}

/* A level for directory @name, or NULL with errno: ENOTDIR when it is none. */
static struct level *descend(struct level *up, int dir_fd, const char *name)
{
	struct level *level = calloc(1, sizeof(*level));
	int r;

	if (!level)
		return NULL;
	level->fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	r = level->fd < 0 ? -errno : check_mount(level, up);
	if (r == 0)
		r = copy_names_read(level->fd, &level->names);
	if (r < 0) {
		ocf_close_p(&level->fd);
		free(level);
		errno = r == -ELOOP ? ENOTDIR : -r;
		return NULL;
	}
	level->up = up;
	level->name = name;
	return level;
}

static struct level *leave(struct level *level)
{
	struct level *up = level->up;

	ocf_close_p(&level->fd);
	copy_names_free(&level->names);
	free(level);
	return up;
}

static bool stays(int dir_fd, const char *name, const struct timespec *since)
{
	struct stat st;

	return since && fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       !S_ISDIR(st.st_mode) && copy_is_before(&st.st_ctim, since);
}

/* @since NULL: all of it, and its directories. */
static int remove_tree(int dir_fd, const char *name, const struct timespec *since)
{
	struct level *level;
	int r = 0;

	copy_raise_descriptors();
	if (stays(dir_fd, name, since))
		return 0;
	level = descend(NULL, dir_fd, name);
	if (!level)
		return errno == ENOENT	  ? 0
		       : errno == ENOTDIR ? unlink_or_flags(dir_fd, name, 0)
					  : -errno;
	while (level && r == 0) {
		const char *next = copy_names_next(&level->names);
		struct level *below;

		if (!next) {
			int in_fd = level->up ? level->up->fd : dir_fd;
			const char *done = level->name;

			level = leave(level);
			r = since ? 0 : unlink_or_flags(in_fd, done, AT_REMOVEDIR);
			continue;
		}
		if (stays(level->fd, next, since))
			continue;
		if (unlinkat(level->fd, next, 0) == 0 || errno == ENOENT)
			continue;
		/* An entry cannot go from a directory that is immutable itself, either. */
		if (errno == EPERM) {
			copy_flags_clear(level->fd, ".");
			r = unlink_or_flags(level->fd, next, 0);
			if (r == 0)
				continue;
		}
		below = descend(level, level->fd, next);
		r = below ? 0 : -errno;
		level = below ? below : level;
	}
	while (level)
		level = leave(level);
	return r == -EBUSY ? -EXDEV : r; /* a mount point itself */
}

int copy_remove(int dir_fd, const char *name)
{
	return remove_tree(dir_fd, name, NULL);
}

int copy_remove_since(int dir_fd, const char *name, const struct timespec *since)
{
	return remove_tree(dir_fd, name, since);
}
