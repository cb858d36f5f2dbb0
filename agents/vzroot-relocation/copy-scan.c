/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a tree will need, and which of its relative links would lead elsewhere after the move. */
#include "copy.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ocf.h"

struct level {
	struct level *up;
	struct copy_names names;
	int fd;
	int depth; /* directories below the top */
};

struct scan {
	struct copy *copy;
	const char *path; /* the top's absolute path */
	bool (*is_moved)(void *arg, const char *path);
	void *arg;
	struct copy_needs *needs;
};

/* Where @target leads, seen from @depth directories below @top; false when it stays below it. */
static bool leads_out(const char *top, int depth, const char *target, char out[PATH_MAX])
{
	const char *rest = target;
	int now = depth, lowest = 0;

	if (target[0] == '/')
		return false;
	for (const char *p = target; *p;) {
		size_t len = strcspn(p, "/");

		if (len == 2 && strncmp(p, "..", 2) == 0)
			now--;
		else if (len && !(len == 1 && *p == '.'))
			now++;
		p += len + (p[len] == '/');
		if (now < lowest) {
			lowest = now;
			rest = p;
		}
	}
	if (lowest == 0)
		return false;
	(void) snprintf(out, PATH_MAX, "%s", top);
	for (; lowest < 0 && strrchr(out, '/'); lowest++)
		*strrchr(out, '/') = '\0';
	if (strlen(out) + strlen(rest) + 2 > PATH_MAX)
		return true;
	(void) strcat(strcat(out, "/"), rest);
	return true;
}

static void look_at_link(const struct scan *scan, const struct level *level, const char *name)
{
	char target[PATH_MAX], out[PATH_MAX] = "";
	ssize_t n = readlinkat(level->fd, name, target, sizeof(target) - 1);

	target[n > 0 ? n : 0] = '\0';
	if (!scan->is_moved || !leads_out(scan->path, level->depth, target, out) ||
	    scan->is_moved(scan->arg, out))
		return;
	if (scan->needs->links_out++ == 0) {
		(void) copy_failed(scan->copy, 0, name, NULL);
		(void) snprintf(scan->needs->link_out, sizeof(scan->needs->link_out),
				"%.100s -> %.140s", scan->copy->where, target);
		scan->copy->where[0] = '\0';
	}
}

static int count(const struct scan *scan, const struct stat *st, int dir_fd, const char *name)
{
	uint64_t bytes = (uint64_t) st->st_blocks * 512;
	const char *held;

	if (copy_is_elsewhere(scan->copy, dir_fd, name, st))
		return copy_failed(scan->copy, -EXDEV, name, "another filesystem is mounted there");
	if (scan->copy->held && (held = scan->copy->held(scan->copy->held_arg, st, name)))
		return copy_failed(scan->copy, -EBUSY, name, held);
	scan->needs->entries++;
	scan->needs->sockets += S_ISSOCK(st->st_mode);
	/* A share for each name: in sum once, whatever lies outside. */
	if (!S_ISDIR(st->st_mode) && st->st_nlink > 1) {
		bytes /= st->st_nlink;
		if (scan->copy->links && copy_links_note(scan->copy->links, st, name) < 0)
			return -ENOMEM;
	}
	scan->needs->bytes += bytes;
	return copy_tick(scan->copy);
}

static int enter(const struct scan *scan, int dir_fd, const char *name, struct level **level)
{
	struct level *below = calloc(1, sizeof(*below));
	int r;

	if (!below)
		return -ENOMEM;
	below->fd =
		openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NOATIME | O_CLOEXEC);
	r = below->fd < 0 ? -errno : copy_names_read(below->fd, &below->names);
	if (r < 0) {
		ocf_close_p(&below->fd);
		free(below);
		return r == -ENOENT ? 0 : copy_failed(scan->copy, r, name, "reading the directory");
	}
	below->up = *level;
	below->depth = *level ? (*level)->depth + 1 : 0;
	*level = below;
	return 0;
}

static struct level *drop(struct level *level)
{
	struct level *up = level->up;

	ocf_close_p(&level->fd);
	copy_names_free(&level->names);
	free(level);
	return up;
}

static int step(const struct scan *scan, struct level **level)
{
	const char *name = copy_names_next(&(*level)->names);
	struct stat st;
	int r;

	if (!name) {
		*level = drop(*level);
		return 0;
	}
	if (fstatat((*level)->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : copy_failed(scan->copy, -errno, name, NULL);
	r = count(scan, &st, (*level)->fd, name);
	if (r == 0 && S_ISLNK(st.st_mode))
		look_at_link(scan, *level, name);
	return r == 0 && S_ISDIR(st.st_mode) ? enter(scan, (*level)->fd, name, level) : r;
}

int copy_scan(struct copy *copy, int from_fd, const char *from, const char *path,
	      bool (*is_moved)(void *arg, const char *path), void *arg,
	      struct copy_needs *ret_needs)
{
	struct scan scan = { copy, path, is_moved, arg, ret_needs };
	struct level *level = NULL;
	struct stat st;
	int r;

	*ret_needs = (struct copy_needs){ .entries = 0 };
	copy_raise_descriptors();
	if (fstatat(from_fd, from, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return copy_failed(copy, -errno, from, NULL);
	copy_is_here(copy, from_fd, from, &st);
	r = count(&scan, &st, from_fd, from);
	if (r == 0 && S_ISDIR(st.st_mode))
		r = enter(&scan, from_fd, from, &level);
	while (level && r == 0)
		r = step(&scan, &level);
	while (level)
		level = drop(level);
	return r;
}
