/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file's bytes, holes left out. */
#include "copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BUFFER_BYTES (256 * 1024)
/* Below this the kernel's own copying costs more calls than it saves. */
#define RANGE_LEAST (64 * 1024)
/* Below this there is more to be gained by waiting for more. */
#define WRITE_OUT_LEAST (1024 * 1024)
/* Between two looks at the deadline. */
#define STRETCH_BYTES (16 * 1024 * 1024)

static ssize_t copy_range(int from_fd, int to_fd, off_t at, size_t len)
{
#ifdef SYS_copy_file_range
	off_t in = at, out = at;

	return syscall(SYS_copy_file_range, from_fd, &in, to_fd, &out, len, 0U);
#else
	(void) from_fd, (void) to_fd, (void) at, (void) len;
	errno = ENOSYS;
	return -1;
#endif
}

static ssize_t write_whole(int fd, const char *buffer, size_t len, off_t at)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = pwrite(fd, buffer + done, len - done, at + (off_t) done);

		if (n < 0 && errno != EINTR)
			return -1;
		done += n > 0 ? (size_t) n : 0;
	}
	return (ssize_t) len;
}

static ssize_t copy_some(struct copy *copy, int from_fd, int to_fd, off_t at, size_t len)
{
	ssize_t n;

	if (!copy->no_range && len >= RANGE_LEAST) {
		n = copy_range(from_fd, to_fd, at, len < STRETCH_BYTES ? len : STRETCH_BYTES);
		if (n > 0)
			return n;
		/* 0 where there must be bytes was a bug of some kernels; then the plain way tells. */
		if (n < 0 && errno != ENOSYS && errno != EXDEV && errno != EINVAL &&
		    errno != EOPNOTSUPP && errno != EPERM && errno != EBADF)
			return -1;
		copy->no_range = n < 0;
	}
	if (!copy->buffer && !(copy->buffer = malloc(BUFFER_BYTES)))
		return -1;
	do
		n = pread(from_fd, copy->buffer, len < BUFFER_BYTES ? len : BUFFER_BYTES, at);
	while (n < 0 && errno == EINTR);
	return n > 0 ? write_whole(to_fd, copy->buffer, (size_t) n, at) : n;
}

/*
 * All of it must be on disk before the commit, so the disk begins at once. Only advice: errors are what the
 * sync of the filesystem tells. Return: from where on there is more to write out.
 */
static off_t write_out(int fd, off_t from, off_t at)
{
	if (at - from < WRITE_OUT_LEAST)
		return from;
	(void) sync_file_range(fd, from, at - from, SYNC_FILE_RANGE_WRITE);
	return at;
}

/* -EAGAIN: it became shorter while we read. */
static int copy_stretch(struct copy *copy, int from_fd, int to_fd, off_t at, off_t end)
{
	off_t out = at;

	while (at < end) {
		ssize_t n = copy_some(copy, from_fd, to_fd, at, (size_t) (end - at));
		int r;

		if (n < 0)
			return -errno;
		if (n == 0)
			return -EAGAIN;
		at += n;
		out = write_out(to_fd, out, at);
		copy->bytes += (uint64_t) n;
		r = copy_tick(copy);
		if (r < 0)
			return r;
	}
	return 0;
}

int copy_data(struct copy *copy, int from_fd, int to_fd, const struct stat *st, off_t at)
{
	off_t end = st->st_size, data = at, hole;
	int r;

	if ((off_t) st->st_blocks * 512 >= end)
		return copy_stretch(copy, from_fd, to_fd, data, end);
	while (data < end) {
		off_t next = lseek(from_fd, data, SEEK_DATA);

		if (next < 0 && errno == ENXIO)
			break;
		if (next < 0) /* a kernel or filesystem that does not know its holes */
			return copy_stretch(copy, from_fd, to_fd, data, end);
		data = next;
		hole = lseek(from_fd, data, SEEK_HOLE);
		if (hole < 0)
			return -errno;
		if (hole > end)
			hole = end;
		r = copy_stretch(copy, from_fd, to_fd, data, hole);
		if (r < 0)
			return r;
		data = hole;
	}
	return ftruncate(to_fd, end) < 0 ? -errno : 0;
}
