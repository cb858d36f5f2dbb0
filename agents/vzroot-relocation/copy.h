/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Exact copies of directory trees that may hold anything a container's root can hold, made by people
 * who are not trusted: owner, mode, times, xattrs (so ACLs, capabilities, labels), hard links, holes,
 * device nodes, flags. Every step is relative to an open directory and follows no link; what is
 * opened is looked at first (O_PATH), so that nothing swapped in meanwhile is ever opened.
 *
 * A copy can be interrupted and taken up again: what is there already is kept if it has the size and
 * times of its source and the source has not been touched (ctime) since copy->since. The times of a
 * copy are set last. A copy that was not synced may have its times and size but not its data, after a
 * power cut, an I/O error, a device that went away: copy_remove_since() first.
 */
#ifndef VZHA_COPY_H
#define VZHA_COPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>

struct copy;
typedef int copy_progress(void *arg, const struct copy *copy);

/* A file or directory, whatever its name. */
struct copy_id {
	dev_t device;
	ino_t inode;
};

static inline struct copy_id copy_id_of(const struct stat *st)
{
	return (struct copy_id){ st->st_dev, st->st_ino };
}

/* For sorting and searching things that begin with a struct copy_id. */
int copy_compare_ids(const void *a, const void *b);

static inline bool copy_is_same_object(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Files with several names, as copy_scan() meets them, one by one. */
struct copy_links {
	struct copy_link *list;
	size_t n, size;
};

struct copy {
	/* Given. */
	int64_t deadline_ms;	 /* CLOCK_MONOTONIC; -ETIME when it passes */
	struct timespec since;	 /* CLOCK_REALTIME: sources touched from then on are copied again */
	copy_progress *progress; /* called about once a second; not 0 ends the copying */
	void *arg;
	int links_fd;	    /* an empty directory on the target's filesystem, for hard links */
	struct copy_id top; /* what is copied; -EAGAIN when another has its name. Inode 0: any */

	/* For copy_scan(): not NULL, what speaks against this entry, ends it with -EBUSY. */
	const char *(*held)(void *arg, const struct stat *st, const char *name);
	void *held_arg;
	struct copy_links *
		links; /* for copy_scan() and copy_check(): not NULL, files with several names are noted */

	/* What was done, for progress and verdicts. */
	uint64_t entries, bytes, kept, sockets;
	char where[256];  /* the entry that failed, in printable bytes; empty: none */
	bool exchanged;	  /* given: the tops were renamed by us since */
	bool late_flags;  /* copy_late_flags() has something to do */
	const char *what; /* what failed there; NULL: errno says it */

	/* Private. */
	dev_t device;
	uint64_t mount_id;
	bool no_range; /* copy_file_range() does not work here */
	void *ahead;   /* entries whose change time is still to come, as they were when copied */
	enum { COPY_MODE_COPY, COPY_MODE_CHECK, COPY_MODE_FLAG } mode;
	int64_t told_ms;
	char *buffer;
};

/* What a tree needs on its new filesystem, and what speaks against moving it. */
struct copy_needs {
	uint64_t entries, bytes, sockets;
	size_t links_out;   /* relative links that lead out of the tree */
	char link_out[256]; /* the first one */
};

/**
 * copy_since() - A value for copy->since that tells what was touched before from what is touched after.
 *
 * Files get their times from a clock that advances in ticks (or, since 6.13, within a tick where
 * somebody looked): returned is the beginning of a tick, which this waits for, at most 10 ms (HZ=100).
 * @seconds: of a second, for filesystems that keep no more of a time than that.
 */
struct timespec copy_since(bool seconds);

/** copy_keeps_seconds() - Does the filesystem of @tree keep times to the second only (ext3)? When in doubt, yes. */
bool copy_keeps_seconds(const char *tree);

/** copy_clock_ms() - How far the clock of file times is ahead of one that nobody sets. */
int64_t copy_clock_ms(void);

/** copy_clock_set_back() - Was it set back since @then_ms? Then what is new may look old. */
bool copy_clock_set_back(int64_t then_ms);

/**
 * copy_tree() - Copy @from in @from_fd to @to in @to_fd: file or directory, anything not there is made.
 *
 * Nothing is synced: sync the filesystem once, before the copy becomes the original.
 * Return: 0; -ETIME deadline, go on another time; -EXDEV a mount point in the tree; -EAGAIN it changes
 * while being read; other -errno. copy->where names the entry.
 */
int copy_tree(struct copy *copy, int from_fd, const char *from, int to_fd, const char *to);

/**
 * copy_late_flags() - Set what copy_tree() could not yet: an immutable file takes no further names, and
 * gives up none. To be called once the names in links_fd are removed.
 */
int copy_late_flags(struct copy *copy, int from_fd, const char *from, int to_fd, const char *to);

/**
 * copy_check() - Is @to still what @from is, by everything but the content's bytes, and nobody has a file of
 * @from open for writing? 0 or -EAGAIN.
 */
int copy_check(struct copy *copy, int from_fd, const char *from, int to_fd, const char *to);

/**
 * copy_settle_top() - After copy_check() of tops that were renamed since: a file's bytes are compared, 0 or
 * -EAGAIN, and owner, mode, times, attributes copied once more, and synced.
 */
int copy_settle_top(struct copy *copy, int from_fd, const char *from, int to_fd, const char *to);

/** copy_forget_ahead() - Frees what a struct copy holds after copying and checking. */
void copy_forget_ahead(struct copy *copy);

/**
 * copy_scan() - Look at a tree before it is copied. @is_moved tells of a path that a relative link
 * leads to (absolute, without "..") whether it will be at its place after the move; NULL: all will.
 */
int copy_scan(struct copy *copy, int from_fd, const char *from, const char *path,
	      bool (*is_moved)(void *arg, const char *path), void *arg,
	      struct copy_needs *ret_needs);

/** copy_links_outside() - How many of the files that were noted have names that were not met; one of them. */
size_t copy_links_outside(struct copy_links *links, const char **ret_name);
void copy_links_free(struct copy_links *links);

/**
 * copy_remove() - Remove a tree that a copy made, flags and all. 0 also when there is none; -EXDEV: something
 * is mounted in it, and was not touched.
 */
int copy_remove(int dir_fd, const char *name);

/** copy_remove_since() - Of that tree what was touched at @since or later, but for its directories. */
int copy_remove_since(int dir_fd, const char *name, const struct timespec *since);

/* ---- parts ------------------------------------------------------------------------------------ */

/* An entry and its copy. */
struct copy_pair {
	int from_fd, to_fd;   /* open for reading; -1: a link or node */
	int from_dir, to_dir; /* the directories they are in */
	const char *from, *to;
	const struct stat *st; /* of the original */
	bool is_bare;	       /* the copy is new, and has inherited nothing */
};

/* copy-meta.c: everything but content; times last. */
int copy_meta(struct copy *copy, const struct copy_pair *pair);
/* Flags and default ACL, as directories have them for what is made in them. */
void copy_inherit_nothing(int dir_fd, const char *name);
int copy_flags(int from_fd, int to_fd);
void copy_flags_clear(int dir_fd, const char *name);

/* copy-data.c */
int copy_data(struct copy *copy, int from_fd, int to_fd, const struct stat *st, off_t at);

/* copy.c */
int copy_failed(struct copy *copy, int error, const char *name, const char *what);

bool copy_is_before(const struct timespec *a, const struct timespec *b);

/* copy-times.c: is @there the time @original, as its filesystem keeps it? */
bool copy_same_time(const struct timespec *original, const struct timespec *there);

/* copy-times.c: progress, and 0, its answer or -ETIME. */
int copy_tick(struct copy *copy);

/*
 * copy-times.c: since copy->since? copy_check_times() also says so: 0 or -EAGAIN. An entry whose change time
 * is ahead of the clock must have been noted when it was copied, and counts as touched if it is another now.
 */
int copy_note_ahead(struct copy *copy, const struct stat *st);
bool copy_touched(const struct copy *copy, const struct stat *st);
int copy_check_times(struct copy *copy, const char *name, const struct stat *st,
		     bool exchanged_top);

/* copy-links.c: 0 or -ENOMEM. */
int copy_links_note(struct copy_links *links, const struct stat *st, const char *name);

/*
 * copy-lease.c: 0, or -EAGAIN when somebody may write the file. Who opens it for writing from then on waits until
 * @fd is closed, or copy_let_write().
 */
void copy_prepare_leases(void);
int copy_check_writers(struct copy *copy, int fd, const char *name);
void copy_let_write(int fd);

/* copy-half.c: @to is being made of @from; what was begun earlier at @name is half of @from, as it is now. */
void copy_half_mark(int to, const struct stat *from);
bool copy_half_is_marked(const struct stat *from);
bool copy_half_is_of(int dir, const char *name, const struct stat *from);

/* copy-top.c: is the tree's top copy->top? 0 or -EAGAIN. */
int copy_check_identity(struct copy *copy, const char *name, const struct stat *st);

/* copy-walk.c: is an entry on the mount of the tree's top? */
void copy_is_here(struct copy *copy, int dir_fd, const char *name, const struct stat *st);
bool copy_is_elsewhere(const struct copy *copy, int dir_fd, const char *name,
		       const struct stat *st);

/* a directory's names, without . and .. */
struct copy_names {
	char *text; /* names, each ended by a NUL */
	size_t size, used, at;
};
void copy_raise_descriptors(void); /* one or two for each level of a tree */
int copy_names_read(int fd, struct copy_names *ret_names);
const char *copy_names_next(struct copy_names *names);
void copy_names_free(struct copy_names *names);

#endif
