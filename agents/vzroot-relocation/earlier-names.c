/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Before the names beside a path began with a dot they were P.vzha-local and so on: what is there gets its new name. */
#include "relocation.h"

#include <errno.h>
#include <string.h>
#include <syslog.h>

static void rename_one(void *arg, const struct path *path, const char *from)
{
	struct relocation *relocation = arg;
	char to[PATH_MAX];
	int r;

	if (remove_link(from, path->target) == 0 ||
	    !path_beside(to, path->name, from + strlen(path->name)))
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
	char prefix[PATH_MAX + sizeof(".vzha-")];

	(void) snprintf(prefix, sizeof(prefix), "%s.vzha-", path->name);
	each_beside(path, prefix, rename_one, relocation);
	fsync_parent(path->name);
}
