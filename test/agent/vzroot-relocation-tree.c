/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vzroot-relocation-tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define KEPT_FLAGS (FS_IMMUTABLE_FL | FS_APPEND_FL | FS_NODUMP_FL | FS_NOATIME_FL)

struct lines {
	char **list;
	size_t n;
};

static void put_quoted(FILE *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char) text[i];

		if (c > ' ' && c < 127 && c != '\\')
			(void) fputc(c, out);
		else
			(void) fprintf(out, "\\%02x", c);
	}
}

/* FNV-1a: enough to tell a wrong copy from a right one. */
static uint64_t hash(uint64_t h, const unsigned char *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		h = (h ^ data[i]) * 1099511628211ULL;
	return h;
}

static void put_content(FILE *out, int dir, const char *name)
{
	static unsigned char buffer[65536];
	uint64_t h = 14695981039346656037ULL;
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NOATIME | O_CLOEXEC);
	int flags = 0;
	ssize_t n;

	while (fd >= 0 && (n = read(fd, buffer, sizeof(buffer))) > 0)
		h = hash(h, buffer, (size_t) n);
	if (fd >= 0)
		(void) ioctl(fd, FS_IOC_GETFLAGS, &flags);
	(void) fprintf(out, " hash=%016llx flags=%x", (unsigned long long) h,
		       (unsigned int) flags & KEPT_FLAGS);
	if (fd >= 0)
		(void) close(fd);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *) a, *(char *const *) b);
}

static void put_xattrs(FILE *out, int dir, const char *name)
{
	static char names[65536], value[65536];
	char path[300], *sorted[256];
	size_t count = 0;
	ssize_t n;

	(void) snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", dir, name);
	n = llistxattr(path, names, sizeof(names));
	for (char *p = names; n > 0 && p < names + n && count < 256; p += strlen(p) + 1) {
		/* What the agent notes on an original that it keeps. */
		if (strncmp(p, "trusted.vzha.", strlen("trusted.vzha.")) != 0)
			sorted[count++] = p;
	}
	qsort(sorted, count, sizeof(sorted[0]), by_text);
	for (size_t i = 0; i < count; i++) {
		n = lgetxattr(path, sorted[i], value, sizeof(value));
		(void) fprintf(out, " %s=", sorted[i]);
		put_quoted(out, value, n > 0 ? (size_t) n : 0);
	}
}

static void add_entry(struct lines *lines, int dir, const char *name, const char *shown)
{
	char target[4097], *text = NULL;
	size_t size = 0;
	struct stat st;
	FILE *out;
	ssize_t n;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || S_ISSOCK(st.st_mode))
		return;
	out = open_memstream(&text, &size);
	if (!out)
		abort();
	put_quoted(out, shown, strlen(shown));
	(void) fprintf(out, " %o %u:%u %lld.%09ld", st.st_mode, st.st_uid, st.st_gid,
		       (long long) st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
	if (!S_ISDIR(st.st_mode))
		(void) fprintf(out, " links=%u size=%lld rdev=%x", (unsigned int) st.st_nlink,
			       (long long) st.st_size, (unsigned int) st.st_rdev);
	if (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode))
		put_content(out, dir, name);
	if (S_ISLNK(st.st_mode) && (n = readlinkat(dir, name, target, sizeof(target))) > 0)
		put_quoted(out, target, (size_t) n);
	put_xattrs(out, dir, name);
	(void) fputc('\n', out);
	(void) fclose(out);
	lines->list = realloc(lines->list, (lines->n + 1) * sizeof(char *));
	if (!lines->list)
		abort();
	lines->list[lines->n++] = text;
}

static void walk(struct lines *lines, int dir, const char *name, const char *shown)
{
	int fd;
	DIR *d;

	add_entry(lines, dir, name, shown);
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NOATIME | O_CLOEXEC);
	if (fd < 0 || !(d = fdopendir(fd)))
		return;
	for (struct dirent *e; (e = readdir(d));) {
		char *below;

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (asprintf(&below, "%s/%s", shown, e->d_name) < 0)
			abort();
		walk(lines, fd, e->d_name, below);
		free(below);
	}
	(void) closedir(d);
}

char *tree_print(const char *path)
{
	struct lines lines = { NULL, 0 };
	size_t size = 0;
	char *text = NULL;
	FILE *out;
	char parent[4096];
	const char *slash = strrchr(path, '/');
	int dir;

	(void) snprintf(parent, sizeof(parent), "%.*s", (int) (slash - path), path);
	dir = open(parent[0] ? parent : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir >= 0)
		walk(&lines, dir, slash + 1, ".");
	if (dir >= 0)
		(void) close(dir);
	qsort(lines.list, lines.n, sizeof(char *), by_text);
	out = open_memstream(&text, &size);
	if (!out)
		abort();
	if (!lines.n)
		(void) fputs("absent\n", out);
	for (size_t i = 0; i < lines.n; i++) {
		(void) fputs(lines.list[i], out);
		free(lines.list[i]);
	}
	free(lines.list);
	(void) fclose(out);
	return text;
}
