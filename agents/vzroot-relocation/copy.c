/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Walks a tree and its copy side by side, level by level on the heap: as deep as there are descriptors.
 * What vanishes or changes while it is copied is no error here: it has a new ctime, or its directory
 * has, so the next copy_tree() takes it up, and copy_check() says if there was none.
 */
#include "copy.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ocf.h"

/* Copied in no time: who wants to write it may wait. */
#define LEASE_BYTES (1024 * 1024)

struct level {
	struct level *up;
	struct copy_names names;
	const char *from, *to; /* names of this directory in the level above */
	int from_fd, to_fd;
	bool is_new; /* nothing was in the copy's directory */
	bool redo;   /* it came here since: what is below may be somebody else's by the same name */
	struct stat st;
};

/* One entry: its directories on both sides, its names, and itself as an O_PATH descriptor. */
struct entry {
	int from_dir, to_dir, fd;
	const char *from, *to;
	bool is_new, is_top, redo;
	off_t done; /* bytes of it that an interrupted round copied; -1: none */
	struct stat st;
};

int copy_failed(struct copy *copy, int error, const char *name, const char *what)
{
	size_t n = 0;

	for (; name[n] && n < sizeof(copy->where) - 1; n++)
		copy->where[n] = (char) (isprint((unsigned char) name[n]) ? name[n] : '?');
	copy->where[n] = '\0';
	copy->what = what;
	return error;
}

/* @a is the original, @b its copy. */
static bool is_same(const struct stat *a, const struct stat *b)
{
	if (a->st_mode != b->st_mode || a->st_uid != b->st_uid || a->st_gid != b->st_gid)
		return false;
	if ((S_ISCHR(a->st_mode) || S_ISBLK(a->st_mode)) && a->st_rdev != b->st_rdev)
		return false;
	return (S_ISDIR(a->st_mode) || a->st_size == b->st_size) &&
	       copy_same_time(&a->st_mtim, &b->st_mtim);
}

static void link_name(char buf[64], const struct stat *st)
{
	(void) snprintf(buf, 64, "%llx-%llx", (unsigned long long) st->st_dev,
			(unsigned long long) st->st_ino);
}

/* Another name of something that was copied already: 0 linked, 1 it was not, -errno. */
static int link_again(struct copy *copy, const struct entry *e)
{
	char name[64];

	link_name(name, &e->st);
	if (linkat(copy->links_fd, name, e->to_dir, e->to, 0) == 0)
		return 0;
	if (errno == ENOENT)
		return 1;
	return copy_failed(copy, -errno, e->from, "making a hard link");
}

/* Opened by its O_PATH descriptor: exactly what was looked at, and not with a new access time. */
static int open_seen(int fd)
{
	char path[64];
	int r;

	(void) snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	r = open(path, O_RDONLY | O_NONBLOCK | O_NOATIME | O_CLOEXEC);
	if (r < 0 && errno == EPERM)
		r = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	return r;
}

static int remember_link(struct copy *copy, const struct entry *e)
{
	char name[64];

	link_name(name, &e->st);
	if (e->st.st_nlink > 1 && linkat(e->to_dir, e->to, copy->links_fd, name, 0) < 0)
		return copy_failed(copy, -errno, e->from, "making a hard link");
	return 0;
}

static struct copy_pair pair_of(const struct entry *e, int from_fd, int to_fd)
{
	return (struct copy_pair){ .from_fd = from_fd,
				   .to_fd = to_fd,
				   .from_dir = e->from_dir,
				   .to_dir = e->to_dir,
				   .from = e->from,
				   .to = e->to,
				   .st = &e->st,
				   .is_bare = !e->is_top && e->done < 0 };
}

/* A copy to write to. Below the top, which is closed to others until the end, its mode can be right at once. */
static int open_copy(const struct entry *e)
{
	int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | (e->done < 0 ? O_EXCL : 0);
	int fd = openat(e->to_dir, e->to, flags, e->is_top ? 0600 : e->st.st_mode & 0777);

	if (fd >= 0 && e->is_top)
		copy_inherit_nothing(e->to_dir, e->to);
	return fd;
}

static int copy_content(struct copy *copy, const struct entry *e, int from, int to)
{
	if (e->st.st_size >= LEASE_BYTES)
		copy_let_write(from);
	if (e->done < 0)
		copy_half_mark(to, &e->st);
	return copy_data(copy, from, to, &e->st, e->done < 0 ? 0 : e->done);
}

static int copy_regular(struct copy *copy, const struct entry *e)
{
	auto_close int from = open_seen(e->fd);
	auto_close int to = -1;
	struct copy_pair pair;
	int r;

	if (from < 0)
		return copy_failed(copy, -errno, e->from, "opening it");
	/* Who has mapped it may write again without a trace in its times. */
	r = copy_check_writers(copy, from, e->from);
	if (r < 0)
		return r;
	to = open_copy(e);
	if (to < 0)
		return copy_failed(copy, -errno, e->from, "making the copy");
	r = copy_content(copy, e, from, to);
	if (r == -EAGAIN) /* shorter than it was: the next round */
		return unlinkat(e->to_dir, e->to, 0) < 0 ? -errno : 0;
	if (r < 0)
		return copy_failed(copy, r, e->from, NULL);
	r = remember_link(copy, e);
	pair = pair_of(e, from, to);
	return r < 0 ? r : copy_meta(copy, &pair);
}

static int copy_special(struct copy *copy, const struct entry *e)
{
	const struct copy_pair pair = pair_of(e, -1, -1);
	char target[PATH_MAX];
	ssize_t n;
	int r;

	if (S_ISLNK(e->st.st_mode)) {
		n = readlinkat(e->fd, "", target, sizeof(target) - 1);
		target[n > 0 ? n : 0] = '\0';
		r = n < 0 ? -1 : symlinkat(target, e->to_dir, e->to);
	} else {
		r = mknodat(e->to_dir, e->to, (e->st.st_mode & S_IFMT) | 0600, e->st.st_rdev);
	}
	if (r < 0)
		return copy_failed(copy, -errno, e->from, "making the copy");
	r = remember_link(copy, e);
	return r < 0 ? r : copy_meta(copy, &pair);
}

/* What an earlier round left at this place: 1 good as it is, 0 gone or a directory to go on with. */
static int settle_earlier(struct copy *copy, struct entry *e)
{
	struct stat there;

	if (e->is_new)
		return 0;
	if (fstatat(e->to_dir, e->to, &there, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : copy_failed(copy, -errno, e->from, NULL);
	if (S_ISDIR(there.st_mode) && S_ISDIR(e->st.st_mode))
		return 0;
	if (e->st.st_nlink == 1 && !e->redo && !copy_touched(copy, &e->st)) {
		if (is_same(&e->st, &there)) {
			copy->kept++;
			copy->bytes += (uint64_t) e->st.st_blocks * 512;
			return 1;
		}
		/* Copied from its beginning on, and interrupted. */
		if (S_ISREG(e->st.st_mode) && S_ISREG(there.st_mode) &&
		    there.st_size <= e->st.st_size && copy_half_is_of(e->to_dir, e->to, &e->st)) {
			copy_flags_clear(e->to_dir, e->to);
			e->done = there.st_size;
			copy->bytes += (uint64_t) there.st_blocks * 512;
			return 0;
		}
	}
	return copy_remove(e->to_dir, e->to);
}

static int check_entry(struct copy *copy, const struct entry *e)
{
	auto_close int fd = -1;
	struct stat there;
	int r;

	r = copy_check_times(copy, e->from, &e->st, e->is_top && copy->exchanged);
	if (r < 0)
		return r;
	if (S_ISSOCK(e->st.st_mode))
		return 0;
	if (fstatat(e->to_dir, e->to, &there, AT_SYMLINK_NOFOLLOW) < 0)
		return copy_failed(copy, -EAGAIN, e->from, "is missing in the copy");
	if (!is_same(&e->st, &there))
		return copy_failed(copy, -EAGAIN, e->from, "is not as its copy");
	if (copy->links && !S_ISDIR(e->st.st_mode) && e->st.st_nlink > 1 &&
	    copy_links_note(copy->links, &e->st, e->from) < 0)
		return -ENOMEM;
	fd = S_ISREG(e->st.st_mode) ? open_seen(e->fd) : -1;
	return fd < 0 ? 0 : copy_check_writers(copy, fd, e->from);
}

/* A file that will take no more names gets the flags that forbid them. */
static int flag_entry(struct copy *copy, const struct entry *e)
{
	auto_close int from = -1;
	auto_close int to = -1;
	int r;

	if (!S_ISREG(e->st.st_mode) || e->st.st_nlink == 1)
		return 0;
	from = open_seen(e->fd);
	to = openat(e->to_dir, e->to, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	r = from < 0 || to < 0 ? 0 : copy_flags(from, to);
	return r < 0 ? copy_failed(copy, r, e->from, "setting flags like immutable") : 0;
}

/* The copy's directory, made or, of an earlier round, ready to take entries again. */
static int enter_copy(struct copy *copy, const struct entry *e, struct level *level)
{
	if (copy->mode == COPY_MODE_COPY) {
		level->is_new = mkdirat(e->to_dir, e->to, 0700) == 0;
		if (!level->is_new && errno != EEXIST)
			return copy_failed(copy, -errno, e->from, "making the directory");
		if (!level->is_new || e->is_top)
			copy_inherit_nothing(e->to_dir, e->to);
	}
	level->to_fd = openat(e->to_dir, e->to, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (level->to_fd < 0)
		return copy_failed(copy, -errno, e->from, "opening the copy");
	return 0;
}

static int enter(struct copy *copy, const struct entry *e, struct level **level)
{
	struct level *below = calloc(1, sizeof(*below));
	int r;

	if (!below)
		return -ENOMEM;
	*below = (struct level){ .up = *level,
				 .from = e->from,
				 .to = e->to,
				 .to_fd = -1,
				 .redo = e->redo || (copy_touched(copy, &e->st) &&
						     !(e->is_top && copy->exchanged)),
				 .st = e->st };
	*level = below;
	below->from_fd = openat(e->fd, ".", O_RDONLY | O_DIRECTORY | O_NOATIME | O_CLOEXEC);
	if (below->from_fd < 0)
		return copy_failed(copy, -errno, e->from, "opening the directory");
	r = enter_copy(copy, e, below);
	if (r == 0)
		r = copy_names_read(below->from_fd, &below->names);
	return r < 0 ? copy_failed(copy, r, e->from, copy->what) : 0;
}

static struct level *drop(struct level *level)
{
	struct level *up = level->up;

	ocf_close_p(&level->from_fd);
	ocf_close_p(&level->to_fd);
	copy_names_free(&level->names);
	free(level);
	return up;
}

/*
 * Entries that an earlier round copied and that the original no longer has: removed, or told when checking.
 * Their names are gone from below the top without a trace in its times, if somebody puts those back.
 */
static int settle_extra(struct copy *copy, const struct level *level)
{
	struct copy_names names;
	struct stat st;
	const char *name;
	int r = copy_names_read(level->to_fd, &names);

	while (r == 0 && (name = copy_names_next(&names))) {
		if (fstatat(level->from_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT)
			r = copy->mode == COPY_MODE_COPY ? copy_remove(level->to_fd, name)
							 : -EAGAIN;
	}
	copy_names_free(&names);
	return r == 0	      ? 0
	       : r == -EAGAIN ? copy_failed(copy, r, level->from, "lost an entry meanwhile")
			      : copy_failed(copy, r, level->from, "removing what is gone");
}

static int finish_directory(struct copy *copy, const struct level *level, int from_dir, int to_dir)
{
	const struct copy_pair pair = { .from_fd = level->from_fd,
					.to_fd = level->to_fd,
					.from_dir = from_dir,
					.to_dir = to_dir,
					.from = level->from,
					.to = level->to,
					.st = &level->st,
					.is_bare = level->is_new && level->up };
	int r;

	if (copy->mode == COPY_MODE_CHECK)
		return level->up ? 0 : settle_extra(copy, level);
	if (copy->mode != COPY_MODE_COPY)
		return 0;
	r = level->is_new ? 0 : settle_extra(copy, level);
	return r < 0 ? r : copy_meta(copy, &pair);
}

/* Everything but going into a directory: 1 when that is to be done. */
static int handle_entry(struct copy *copy, struct entry *e)
{
	int r;

	if (fstat(e->fd, &e->st) < 0)
		return copy_failed(copy, -errno, e->from, NULL);
	r = e->is_top ? copy_check_identity(copy, e->from, &e->st) : 0;
	if (r < 0)
		return r;
	if (copy_is_elsewhere(copy, e->fd, "", &e->st))
		return copy_failed(copy, -EXDEV, e->from, "another filesystem is mounted there");
	copy->entries++;
	if (copy->mode != COPY_MODE_COPY) {
		r = copy->mode == COPY_MODE_CHECK ? check_entry(copy, e) : flag_entry(copy, e);
		return r < 0 ? r : S_ISDIR(e->st.st_mode);
	}
	r = copy_note_ahead(copy, &e->st);
	if (r == 0)
		r = settle_earlier(copy, e);
	if (r != 0 || S_ISDIR(e->st.st_mode))
		return r < 0 ? r : r == 0;
	if (S_ISSOCK(e->st.st_mode)) {
		copy->sockets++;
		return 0;
	}
	r = e->st.st_nlink > 1 ? link_again(copy, e) : 1;
	if (r <= 0)
		return r;
	return S_ISREG(e->st.st_mode) ? copy_regular(copy, e) : copy_special(copy, e);
}

static int visit(struct copy *copy, struct entry *e, struct level **level)
{
	int r = copy_tick(copy);

	if (r < 0)
		return r;
	e->fd = openat(e->from_dir, e->from, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (e->fd < 0) /* vanished; a copy of it goes with the directory's extras */
		return errno == ENOENT && !e->is_top && copy->mode == COPY_MODE_COPY
			       ? 0
			       : copy_failed(copy, -errno, e->from, NULL);
	r = handle_entry(copy, e);
	if (r > 0)
		r = enter(copy, e, level);
	ocf_close_p(&e->fd);
	return r;
}

static int walk(struct copy *copy, int from_fd, const char *from, int to_fd, const char *to)
{
	struct entry top = { .from_dir = from_fd,
			     .to_dir = to_fd,
			     .from = from,
			     .to = to,
			     .is_top = true,
			     .done = -1 };
	struct level *level = NULL;
	struct stat st;
	int r;

	copy_raise_descriptors();
	copy_prepare_leases();
	if (fstatat(from_fd, from, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return copy_failed(copy, -errno, from, NULL);
	copy_is_here(copy, from_fd, from, &st);
	r = visit(copy, &top, &level);
	while (level && r == 0) {
		const char *name = copy_names_next(&level->names);
		struct entry e = { .from_dir = level->from_fd,
				   .to_dir = level->to_fd,
				   .from = name,
				   .to = name,
				   .is_new = level->is_new,
				   .redo = level->redo,
				   .done = -1 };

		if (name) {
			r = visit(copy, &e, &level);
			continue;
		}
		r = finish_directory(copy, level, level->up ? level->up->from_fd : from_fd,
				     level->up ? level->up->to_fd : to_fd);
		level = drop(level);
	}
	while (level)
		level = drop(level);
	free(copy->buffer);
	copy->buffer = NULL;
	return r;
}

int copy_tree(struct copy *copy, int from_fd, const char *from, int to_fd, const char *to)
{
	copy->mode = COPY_MODE_COPY;
	return walk(copy, from_fd, from, to_fd, to);
}

int copy_check(struct copy *copy, int from_fd, const char *from, int to_fd, const char *to)
{
	copy->mode = COPY_MODE_CHECK;
	return walk(copy, from_fd, from, to_fd, to);
}

int copy_late_flags(struct copy *copy, int from_fd, const char *from, int to_fd, const char *to)
{
	copy->mode = COPY_MODE_FLAG;
	return copy->late_flags ? walk(copy, from_fd, from, to_fd, to) : 0;
}
