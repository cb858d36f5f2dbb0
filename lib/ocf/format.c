/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The named string formats of the metadata (<?vzha format="..."?>): syntax only, never the host. */
#include "private.h"

#include <ctype.h>
#include <limits.h>
#include <net/if.h>
#include <string.h>

/* The kernel's own rule for a link's name (dev_valid_name). */
static const char *check_ifname(const char *value)
{
	if (strlen(value) >= IFNAMSIZ)
		return "must not be longer than 15 bytes";
	if (strcmp(value, ".") == 0 || strcmp(value, "..") == 0)
		return "must not be . or ..";
	for (const char *p = value; *p; p++) {
		if (*p == '/' || *p == ':' || isspace((unsigned char) *p) ||
		    iscntrl((unsigned char) *p))
			return "must not contain a slash, a colon or blanks";
	}
	return NULL;
}

static const char *check_path_bytes(const char *path, size_t len)
{
	if (len >= PATH_MAX)
		return "is longer than a path may be";
	if (path[0] != '/')
		return "must be an absolute path";
	if (len == 1)
		return "must not be the root directory";
	for (size_t i = 0; i < len; i++) {
		size_t part;

		if (iscntrl((unsigned char) path[i]))
			return "must not contain control characters";
		if (path[i] != '/')
			continue;
		part = strcspn(path + i + 1, "/ \t\n");
		if (part > len - i - 1)
			part = len - i - 1;
		if (part == 0)
			return "must not contain empty parts or end with a slash";
		if ((part == 1 && path[i + 1] == '.') ||
		    (part == 2 && path[i + 1] == '.' && path[i + 2] == '.'))
			return "must not contain . or .. parts";
	}
	return NULL;
}

static const char *check_path(const char *value)
{
	if (strpbrk(value, " \t\n"))
		return "must not contain blanks";
	return check_path_bytes(value, strlen(value));
}

/* "/a,/b" would be one path that is nowhere. */
static bool is_separated_otherwise(const char *path, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (strchr(",:;", path[i]) && (i + 1 == len || path[i + 1] == '/'))
			return true;
	}
	return false;
}

static const char *check_paths(const char *value)
{
	const char *why = "must name at least one path";

	for (const char *p = value + strspn(value, " \t\n"); *p; p += strspn(p, " \t\n")) {
		size_t len = strcspn(p, " \t\n");

		why = check_path_bytes(p, len);
		if (!why && is_separated_otherwise(p, len))
			why = "must be separated by blanks, not by commas, colons or semicolons";
		if (why)
			return why;
		p += len;
	}
	return why;
}

static const char *check_word(const char *value)
{
	for (const char *p = value; *p; p++) {
		if (isspace((unsigned char) *p) || iscntrl((unsigned char) *p))
			return "must not contain blanks or control characters";
	}
	return NULL;
}

static const char *check_mac(const char *value)
{
	unsigned int low_nibble;

	for (size_t i = 0; i < 17; i++) {
		bool fits = i % 3 == 2 ? value[i] == ':' : isxdigit((unsigned char) value[i]) != 0;

		if (!fits)
			return "must be six hexadecimal bytes like 02:00:00:ab:cd:ef";
	}
	if (value[17])
		return "must be six hexadecimal bytes like 02:00:00:ab:cd:ef";
	low_nibble =
		(unsigned int) (isdigit((unsigned char) value[1]) ? value[1] - '0'
								  : (value[1] | 32) - 'a' + 10);
	if (low_nibble & 1)
		return "must not be a multicast address";
	if (strcmp(value, "00:00:00:00:00:00") == 0)
		return "must not be all zero";
	return NULL;
}

const char *ocf_format_check(const char *format, const char *value)
{
	static const struct {
		const char *name;
		const char *(*check)(const char *value);
	} formats[] = {
		{ "ifname", check_ifname }, { "path", check_path }, { "paths", check_paths },
		{ "word", check_word },	    { "mac", check_mac },
	};

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		if (strcmp(format, formats[i].name) == 0)
			return formats[i].check(value);
	}
	return "has a format that this build does not know";
}
