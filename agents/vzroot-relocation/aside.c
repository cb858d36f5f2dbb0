/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was at P before our link: P.vzha-local, and P.vzha-local.TIME for what came there later. */
#include "relocation.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>

#define ASIDE_MAX 100 /* in one second */
#define NAMED_MAX 10

/* The original to its name beside P. */
int keep_aside(struct relocation *relocation, const struct path *path, const char *from)
{
	char aside[PATH_MAX + 64], base[PATH_MAX + 48], stamp[32] = "";
	time_t now = time(NULL);
	struct tm tm;
	int r = rename_to_free_name(from, path->aside);

	(void) snprintf(aside, sizeof(aside), "%s", path->aside);
	if (r == -EEXIST) {
		if (gmtime_r(&now, &tm))
			(void) strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &tm);
		(void) snprintf(base, sizeof(base), "%s.%s", path->aside, stamp);
		r = rename_to_numbered(from, base, 0, ASIDE_MAX, aside, sizeof(aside));
	}
	if (r < 0) {
		ocf_reason(relocation->ctx, "%s: cannot be kept as %s: %s", from, aside,
			   strerror(-r));
		return r;
	}
	fsync_parent(path->name);
	ocf_log(relocation->ctx, LOG_WARNING, "%s: what was here is kept as %s", path->name, aside);
	return 0;
}

bool is_set_aside(const struct path *path)
{
	struct stat st;

	return lstat(path->aside, &st) == 0;
}

void each_beside(const struct path *path, const char *prefix, each_name *each, void *arg)
{
	const char *base = strrchr(prefix, '/') + 1;
	char parent[PATH_MAX], name[PATH_MAX + NAME_MAX];
	struct dirent *entry;
	DIR *dir;

	(void) snprintf(parent, sizeof(parent), "%.*s", (int) (base - prefix), prefix);
	dir = opendir(parent);
	while (dir && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, base, strlen(base)) != 0)
			continue;
		(void) snprintf(name, sizeof(name), "%s%s", parent, entry->d_name);
		each(arg, path, name);
	}
	if (dir)
		(void) closedir(dir);
}

void aside_each_later(const struct path *path, each_name *each, void *arg)
{
	char prefix[PATH_MAX + 1];

	(void) snprintf(prefix, sizeof(prefix), "%s.", path->aside);
	each_beside(path, prefix, each, arg);
}

size_t aside_only_here(const struct path *path, char *buf, size_t size)
{
	char there[PATH_MAX + NAME_MAX + 2];
	DIR *dir = opendir(path->name);
	struct dirent *entry;
	size_t n = 0, used = 0;
	struct stat st;

	buf[0] = '\0';
	while (dir && (entry = readdir(dir))) {
		(void) snprintf(there, sizeof(there), "%s/%s", path->shared, entry->d_name);
		if (lstat(there, &st) == 0 || errno != ENOENT)
			continue;
		if (++n <= NAMED_MAX && used < size)
			used += (size_t) snprintf(buf + used, size - used, "%s%s", used ? ", " : "",
						  entry->d_name);
	}
	if (n > NAMED_MAX && used < size)
		(void) snprintf(buf + used, size - used, " and %zu more", n - NAMED_MAX);
	if (dir)
		(void) closedir(dir);
	return n;
}
