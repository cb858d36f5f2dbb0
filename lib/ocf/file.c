/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small files and names: read whole, replaced atomically, escaped into one component. */
#include "private.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void ocf_close_p(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		(void) close(*fd);
	*fd = -1;
	errno = saved;
}

void ocf_free_p(void *p)
{
	void *allocated;

	memcpy(&allocated, p, sizeof(allocated));
	free(allocated);
}

void ocf_fclose_p(FILE **f)
{
	if (*f)
		(void) fclose(*f);
	*f = NULL;
}

const char *ocf_path(const struct ocf_ctx *ctx, char *buf, size_t size, const char *fmt, ...)
{
	size_t used = strlen(ctx->sysroot);
	va_list ap;
	int n;

	buf[0] = '\0';
	if (used >= size)
		return buf;
	memcpy(buf, ctx->sysroot, used + 1);
	va_start(ap, fmt);
	n = vsnprintf(buf + used, size - used, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t) n >= size - used)
		buf[0] = '\0';
	return buf;
}

/* O_NONBLOCK: a fifo in place of a file must not hold an action up. */
ssize_t ocf_read_file(const char *path, char *buf, size_t size)
{
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	size_t used = 0;
	char more;

	buf[0] = '\0';
	if (fd < 0)
		return -errno;
	for (;;) {
		size_t room = size - 1 - used;
		ssize_t n = room ? read(fd, buf + used, room) : read(fd, &more, 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return (ssize_t) used;
		if (room == 0)
			return -EFBIG;
		used += (size_t) n;
		buf[used] = '\0';
	}
}

static int write_all(int fd, const char *text)
{
	size_t left = strlen(text);

	while (left > 0) {
		ssize_t n = write(fd, text, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		left -= (size_t) n;
	}
	return 0;
}

/* Without the directory's fsync a power cut could bring the old name back. */
static int sync_parent(const char *path)
{
	auto_close int fd = -1;
	char dir[PATH_MAX];
	char *slash;

	(void) snprintf(dir, sizeof(dir), "%s", path);
	slash = strrchr(dir, '/');
	if (!slash)
		return -EINVAL;
	slash[slash == dir] = '\0';
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return fsync(fd) < 0 ? -errno : 0;
}

int ocf_write_file(const char *path, const char *text, mode_t mode)
{
	auto_close int fd = -1;
	char temporary[PATH_MAX];
	int r;

	if ((size_t) snprintf(temporary, sizeof(temporary), "%s.vzha-new", path) >=
	    sizeof(temporary))
		return -ENAMETOOLONG;
	/* A leftover of a killed action is ours to replace, whatever it has become. */
	if (unlink(temporary) < 0 && errno != ENOENT)
		return -errno;
	fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0)
		return -errno;
	r = fchmod(fd, mode) < 0 ? -errno : write_all(fd, text);
	if (r == 0 && fsync(fd) < 0)
		r = -errno;
	if (r == 0 && rename(temporary, path) < 0)
		r = -errno;
	if (r < 0) {
		(void) unlink(temporary);
		return r;
	}
	return sync_parent(path);
}

int ocf_mkdir_p(const char *path, mode_t mode)
{
	char part[PATH_MAX];
	struct stat st;

	if (strlen(path) >= sizeof(part))
		return -ENAMETOOLONG;
	(void) snprintf(part, sizeof(part), "%s", path);
	for (char *p = part + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(part, mode) < 0 && errno != EEXIST)
			return -errno;
		*p = '/';
	}
	if (mkdir(part, mode) == 0)
		return 0;
	if (errno != EEXIST)
		return -errno;
	if (stat(part, &st) < 0)
		return -errno;
	return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

const char *ocf_escape(const char *text, char *buf, size_t size)
{
	size_t used = 0;

	if (size == 0)
		return "";
	while (*text == '/')
		text++;
	for (const char *p = text; *p; p++) {
		bool plain = isalnum((unsigned char) *p) || *p == ':' || *p == '_' ||
			     (*p == '.' && p != text);
		int n;

		if (*p == '/')
			n = snprintf(buf + used, size - used, "-");
		else if (plain)
			n = snprintf(buf + used, size - used, "%c", *p);
		else
			n = snprintf(buf + used, size - used, "\\x%02x",
				     (unsigned int) (unsigned char) *p);
		if (n < 0 || (size_t) n >= size - used) {
			buf[0] = '\0';
			return buf;
		}
		used += (size_t) n;
	}
	buf[used] = '\0';
	return buf;
}
