/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mounts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocf.h"

/* mountinfo writes blank, tab, newline and backslash in octal. */
void mount_unescape(char *text)
{
	char *out = text;

	for (char *p = text; *p; out++) {
		if (p[0] == '\\' && p[1] >= '0' && p[1] <= '3' && p[2] && p[3]) {
			*out = (char) ((p[1] - '0') * 64 + (p[2] - '0') * 8 + (p[3] - '0'));
			p += 4;
		} else {
			*out = *p++;
		}
	}
	*out = '\0';
}

bool mount_parse(char *line, struct mount *ret_mount)
{
	char *fields[6], *rest = strstr(line, " - "), *text = line;
	char *type, *source, *super;

	if (!rest)
		return false;
	*rest = '\0';
	rest += strlen(" - ");
	/* Number, parent, device, root, point, options; others may follow. */
	for (size_t i = 0; i < 6; i++) {
		fields[i] = strsep(&text, " ");
		if (!fields[i])
			return false;
	}
	type = strsep(&rest, " ");
	source = strsep(&rest, " ");
	super = strsep(&rest, " \n");
	if (!source || !super)
		return false;
	mount_unescape(fields[3]);
	mount_unescape(fields[4]);
	mount_unescape(source);
	mount_unescape(super);
	*ret_mount = (struct mount){ .device = fields[2],
				     .root = fields[3],
				     .point = fields[4],
				     .options = fields[5],
				     .type = type,
				     .source = source,
				     .super = super };
	return true;
}

bool mount_locate(const char *path, char device[32], char *inside, size_t size)
{
	auto_fclose FILE *in = fopen("/proc/self/mountinfo", "re");
	auto_free char *line = NULL;
	struct mount mount;
	size_t room = 0, best = 0;
	bool found = false;

	while (in && getline(&line, &room, in) > 0) {
		size_t len;

		if (!mount_parse(line, &mount))
			continue;
		len = strcmp(mount.point, "/") == 0 ? 0 : strlen(mount.point);
		/* Of two at one place the last lies on top. */
		if (len < best || strncmp(path, mount.point, len) != 0 ||
		    (path[len] != '/' && path[len] != '\0'))
			continue;
		best = len;
		(void) snprintf(device, 32, "%s", mount.device);
		found = (size_t) snprintf(inside, size, "%s%s",
					  strcmp(mount.root, "/") == 0 ? "" : mount.root,
					  path + len) < size;
	}
	return found;
}

/* The end of an overlay option's word: its own separators come with a backslash when they are meant. */
static const char *word_end(const char *p, const char *separators)
{
	while (*p && !strchr(separators, *p))
		p += p[0] == '\\' && p[1] ? 2 : 1;
	return p;
}

/* Without the overlay's backslashes. */
static void copy_word(const char *from, const char *end, char *buf, size_t size)
{
	size_t len = 0;

	for (const char *p = from; p < end && len + 1 < size; p++) {
		if (*p == '\\' && p + 1 < end)
			p++;
		buf[len++] = *p;
	}
	buf[len] = '\0';
}

/* lowerdir=/a:/b,upperdir=/c,workdir=/d; since 6.8 also lowerdir+=/a */
const char *mount_next_layer(const struct mount *mount, const char **at, char *buf, size_t size)
{
	const char *p = *at ? *at : mount->super;

	if (strcmp(mount->type, "overlay") != 0)
		return NULL;
	for (; *p; p += *p != '\0') {
		const char *end = word_end(p, ":,");
		const char *value = *p == '/' ? NULL : memchr(p, '=', (size_t) (end - p));
		const char *from = value ? value + 1 : p;

		/* "index=off" and an empty word are no directories, and what is relative nobody can tell. */
		if (*from == '/') {
			copy_word(from, end, buf, size);
			*at = *end ? end + 1 : end;
			return buf;
		}
		p = end;
	}
	*at = p;
	return NULL;
}
