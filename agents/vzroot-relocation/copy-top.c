/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The top of a tree is renamed by us, so that its change time tells nothing: whether it is still the same
 * object, and as it was, is looked at by itself.
 */
#include "copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ocf.h"

#define BUFFER_BYTES (256 * 1024)

int copy_check_identity(struct copy *copy, const char *name, const struct stat *st)
{
	const struct copy_id id = copy_id_of(st);

	if (copy->top.inode == 0 || copy_compare_ids(&copy->top, &id) == 0)
		return 0;
	return copy_failed(copy, -EAGAIN, name,
			   "was replaced while it was copied; stop what does that");
}

static ssize_t read_at(int fd, char *buffer, off_t at)
{
	ssize_t n;

	do
		n = pread(fd, buffer, BUFFER_BYTES, at);
	while (n < 0 && errno == EINTR);
	return n;
}

/* 0; 1 they differ; -errno. */
static int compare(struct copy *copy, int from, int to, char *buffer)
{
	off_t at = 0;

	for (;;) {
		ssize_t n = read_at(from, buffer, at),
			there = read_at(to, buffer + BUFFER_BYTES, at);
		int r;

		if (n < 0 || there < 0)
			return -errno;
		if (n != there || memcmp(buffer, buffer + BUFFER_BYTES, (size_t) n) != 0)
			return 1;
		if (n == 0)
			return 0;
		at += n;
		r = copy_tick(copy);
		if (r < 0)
			return r;
	}
}

static int compare_files(struct copy *copy, int from, int to, const char *name)
{
	char *buffer = malloc((size_t) 2 * BUFFER_BYTES);
	int r = buffer ? compare(copy, from, to, buffer) : -ENOMEM;

	free(buffer);
	return r > 0   ? copy_failed(copy, -EAGAIN, name, "is not as its copy")
	       : r < 0 ? copy_failed(copy, r, name, "comparing it with its copy")
		       : 0;
}

int copy_settle_top(struct copy *copy, int from_fd, const char *from, int to_fd, const char *to)
{
	const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
	auto_close int original = openat(from_fd, from, flags | O_NOATIME);
	auto_close int there = openat(to_fd, to, flags);
	struct stat st;
	const struct copy_pair pair = { .from_fd = original,
					.to_fd = there,
					.from_dir = from_fd,
					.to_dir = to_fd,
					.from = from,
					.to = to,
					.st = &st };
	int r;

	if (original < 0 || there < 0 || fstat(original, &st) < 0)
		return copy_failed(copy, -errno, from, "opening it");
	r = copy_check_identity(copy, from, &st);
	if (r == 0 && S_ISREG(st.st_mode))
		r = compare_files(copy, original, there, from);
	if (r == 0)
		r = copy_meta(copy, &pair);
	if (r == 0 && fsync(there) < 0)
		r = copy_failed(copy, -errno, from, "syncing the copy");
	return r;
}
