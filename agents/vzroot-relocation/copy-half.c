/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The copy of a large file that was interrupted is gone on with only by who can tell what it is half of: a file
 * of the same name, size and change time from before may be another one, after a snapshot was rolled back.
 * So it says that itself, until it is complete and gets the attributes of its original.
 */
#include "copy.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "ocf.h"

#define MARK "trusted.vzha.half"

/* Smaller ones are begun anew. */
#define WORTH_BYTES (1 << 20)

static void describe(char buf[128], const struct stat *st)
{
	(void) snprintf(buf, 128, "%llu %llu %lld.%09ld", (unsigned long long) st->st_dev,
			(unsigned long long) st->st_ino, (long long) st->st_ctim.tv_sec,
			st->st_ctim.tv_nsec);
}

bool copy_half_is_marked(const struct stat *from)
{
	return S_ISREG(from->st_mode) && from->st_size >= WORTH_BYTES;
}

/* Where there are no such attributes it is begun anew when interrupted. */
void copy_half_mark(int to, const struct stat *from)
{
	char text[128];

	describe(text, from);
	if (copy_half_is_marked(from))
		(void) fsetxattr(to, MARK, text, strlen(text), 0);
}

bool copy_half_is_of(int dir, const char *name, const struct stat *from)
{
	auto_close int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	char text[128], mark[128];
	ssize_t n = fd < 0 ? -1 : fgetxattr(fd, MARK, mark, sizeof(mark) - 1);

	if (n < 0)
		return false;
	mark[n] = '\0';
	describe(text, from);
	return strcmp(text, mark) == 0;
}
