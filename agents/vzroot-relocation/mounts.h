/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A line of /proc/PID/mountinfo (proc(5)), taken apart. */
#ifndef VZHA_RELOCATION_MOUNTS_H
#define VZHA_RELOCATION_MOUNTS_H

#include <stdbool.h>
#include <stddef.h>

/* The fields lie in the line that was parsed, and live as long. */
struct mount {
	const char *device; /* "8:1" */
	const char *root;   /* what of the filesystem is mounted: its path in there */
	const char *point;
	const char *options; /* of the mount */
	const char *type;
	const char *source;
	const char *super; /* options of the filesystem */
};

/* Cuts @line into its fields and undoes the octal escapes in the paths. False: it is none. */
bool mount_parse(char *line, struct mount *ret_mount);

/*
 * Where @path, which has no links on the way, lies: the filesystem, and the path inside of it ("" its top).
 * False: unknown, or too long.
 */
bool mount_locate(const char *path, char device[32], char *inside, size_t size);

/* Undo the octal escapes of mountinfo and swaps, in place. */
void mount_unescape(char *text);

/*
 * The directories that an overlay is made of, one by one: @at begins as NULL, and is where the next call
 * goes on. Return: the next one in @buf, or NULL.
 */
const char *mount_next_layer(const struct mount *mount, const char **at, char *buf, size_t size);

#endif
