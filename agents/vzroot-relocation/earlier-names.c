/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Before the names beside a path began with a dot they were P.vzha-local and so on: what is there gets its new name. */
#include "relocation.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <syslog.h>

#define SUFFIX ".vzha-"

static void rename_one(struct relocation *relocation, const struct path *path, const char *parent,
		       const char *name)
{
	const char *suffix = name + strlen(strrchr(path->name, '/') + 1);
	char from[PATH_MAX + NAME_MAX], to[PATH_MAX];
	int r;

	(void) snprintf(from, sizeof(from), "%s%s", parent, name);
	if (remove_link(from, path->target) == 0 || !path_beside(to, path->name, suffix))
		return;
	r = rename_to_free_name(from, to);
	if (r == -EEXIST && strcmp(to, path->aside) == 0 &&
	    keep_aside(relocation, path, from) == 0) /* which says so */
		return;
	ocf_reason_clear(relocation->ctx);
	if (r == 0)
		standby_renamed(relocation, path, from, to);
	ocf_log(relocation->ctx, LOG_WARNING,
		r == 0 ? "%s: is %s now%s" : "%s: cannot be called %s: %s", from, to,
		r == 0 ? "" : strerror(-r));
}

void earlier_names_end(struct relocation *relocation, const struct path *path)
{
	const char *base = strrchr(path->name, '/') + 1;
	size_t len = strlen(base);
	char parent[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	(void) snprintf(parent, sizeof(parent), "%.*s", (int) (base - path->name), path->name);
	dir = opendir(parent);
	while (dir && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, base, len) == 0 &&
		    strncmp(entry->d_name + len, SUFFIX, strlen(SUFFIX)) == 0)
			rename_one(relocation, path, parent, entry->d_name);
	}
	if (dir)
		(void) closedir(dir);
	fsync_parent(path->name);
}
