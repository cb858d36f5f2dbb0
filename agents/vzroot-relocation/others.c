/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Paths that lead to our switch and are none of those that are configured now: somebody took them out of the
 * parameter, or restores one path after the other. Each has its stand-in (standby.c), or had it before the last boot,
 * of which the file for the next one tells (boot.c); and our link at its name.
 */
#include "relocation.h"

#include <errno.h>
#include <fts.h>
#include <string.h>
#include <sys/stat.h>

static bool is_configured(const struct relocation *relocation, const char *name)
{
	for (size_t i = 0; i < relocation->n_paths; i++) {
		if (strcmp(relocation->paths[i].name, name) == 0)
			return true;
	}
	return false;
}

static bool is_our_link(const struct relocation *relocation, const char *name)
{
	char target[PATH_MAX];

	return (size_t) snprintf(target, sizeof(target), "%s%s", relocation->switch_path, name) <
		       sizeof(target) &&
	       is_link_to(name, target);
}

/* Another path may lie below this one. */
static bool is_above_some(const char *name)
{
	struct stat st;

	return lstat(name, &st) == 0 && S_ISDIR(st.st_mode);
}

static void each_standing_in(struct relocation *relocation,
			     void (*each)(void *arg, const char *name), void *arg)
{
	char *const top[] = { relocation->standby, NULL };
	size_t len = strlen(relocation->standby);
	FTS *tree = fts_open(top, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, NULL);
	FTSENT *entry;

	while (tree && (entry = fts_read(tree))) {
		const char *name = entry->fts_path + len;

		if (entry->fts_level == 0 || entry->fts_info == FTS_DP)
			continue;
		if (!is_our_link(relocation, name)) {
			if (is_above_some(name))
				continue;
		} else if (!is_configured(relocation, name)) {
			each(arg, name);
		}
		(void) fts_set(tree, entry, FTS_SKIP);
	}
	if (tree)
		(void) fts_close(tree);
}

static bool stands_in(const struct relocation *relocation, const char *name)
{
	char place[PATH_MAX];
	struct stat st;

	return (size_t) snprintf(place, sizeof(place), "%s%s", relocation->standby, name) <
		       sizeof(place) &&
	       lstat(place, &st) == 0;
}

/* As boot.c has written it: "...", with a backslash before some, and % doubled. */
static bool read_path(const char *line, char out[PATH_MAX])
{
	const char *p = strchr(line, '"');
	size_t n = 0;

	for (p = p ? p + 1 : ""; *p && *p != '"' && n < PATH_MAX - 1; p++) {
		if ((*p == '\\' && p[1]) || (*p == '%' && p[1] == '%'))
			p++;
		out[n++] = *p;
	}
	out[n] = '\0';
	return *p == '"';
}

static void each_at_boot(const struct relocation *relocation,
			 void (*each)(void *arg, const char *name), void *arg)
{
	char path[PATH_MAX];
	auto_fclose FILE *in = NULL;
	auto_free char *line = NULL;
	size_t size = 0, len = strlen(relocation->standby);

	(void) snprintf(path, sizeof(path), "/etc/tmpfiles.d/vzha-%s.conf", relocation->key);
	in = fopen(path, "re");
	while (in && getline(&line, &size, in) > 0) {
		const char *name = path + len;

		if (read_path(line, path) && strncmp(path, relocation->standby, len) == 0 &&
		    *name == '/' && is_our_link(relocation, name) &&
		    !is_configured(relocation, name) && !stands_in(relocation, name))
			each(arg, name);
	}
}

void relocation_each_other(struct relocation *relocation, void (*each)(void *arg, const char *name),
			   void *arg)
{
	each_standing_in(relocation, each, arg);
	each_at_boot(relocation, each, arg);
}

struct text {
	const char *below; /* only these; NULL: all */
	char *buf;
	size_t size, used, n;
};

static void put(void *arg, const char *name)
{
	struct text *text = arg;

	if (text->below && !path_is_below(name, text->below))
		return;
	text->n++;
	if (text->used < text->size)
		text->used += (size_t) snprintf(text->buf + text->used, text->size - text->used,
						"%s%s", text->used ? " " : "", name);
}

size_t relocation_others(struct relocation *relocation, const char *below, char *buf, size_t size)
{
	struct text text = { .below = below, .buf = buf, .size = size };

	buf[0] = '\0';
	relocation_each_other(relocation, put, &text);
	return text.n;
}
