/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What restore gave back says so, and when, in an attribute of its own. Who goes on with it has content that the
 * shared tree has not: the next start must not put that aside as it does with what a package leaves. On filesystems
 * without such attributes it does.
 */
#include "relocation.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "copy.h"

#define MARK   "trusted.vzha.restored"
#define SHARED "shared"
#define LOCAL  "local"

void restored_mark(const char *tree, bool from_shared)
{
	struct timespec since = copy_since(copy_keeps_seconds(tree));
	char text[64];

	(void) snprintf(text, sizeof(text), "%s %lld %ld", from_shared ? SHARED : LOCAL,
			(long long) since.tv_sec, since.tv_nsec);
	(void) lsetxattr(tree, MARK, text, strlen(text), 0);
}

static bool read_mark(const char *tree, bool *ret_from_shared, struct timespec *ret_since)
{
	char text[64], from[16];
	ssize_t n = lgetxattr(tree, MARK, text, sizeof(text) - 1);
	long long sec;

	text[n > 0 ? n : 0] = '\0';
	if (sscanf(text, "%15s %lld %ld", from, &sec, &ret_since->tv_nsec) != 3)
		return false;
	ret_since->tv_sec = (time_t) sec;
	*ret_from_shared = strcmp(from, SHARED) == 0;
	return true;
}

bool restored_is_from_shared(const char *tree)
{
	struct timespec since;
	bool from_shared;

	return read_mark(tree, &from_shared, &since) && from_shared;
}

struct newer {
	struct timespec since;
	struct copy_id top;
};

/* For copy_scan(). The top's own change time is that of its renaming. */
static const char *is_newer(void *arg, const struct stat *st, const char *name)
{
	const struct newer *newer = arg;
	const struct copy_id id = copy_id_of(st);
	const struct timespec *changed =
		copy_compare_ids(&id, &newer->top) == 0 ? &st->st_mtim : &st->st_ctim;

	(void) name;
	return copy_is_before(changed, &newer->since) ? NULL : "was changed since";
}

bool restored_is_used(struct relocation *relocation, const struct path *path)
{
	struct newer newer;
	struct copy copy = { .deadline_ms = ocf_share_ms(relocation->ctx, 50),
			     .links_fd = -1,
			     .held = is_newer,
			     .held_arg = &newer };
	struct copy_needs needs;
	bool from_shared;
	struct stat st;
	int r;

	if (!read_mark(path->name, &from_shared, &newer.since) || lstat(path->name, &st) < 0)
		return false;
	newer.top = copy_id_of(&st);
	r = copy_scan(&copy, AT_FDCWD, path->name, path->name, NULL, NULL, &needs);
	if (r == 0)
		return false;
	ocf_reason(
		relocation->ctx,
		"%s: was given back by restore, and since then %s %s; the shared tree has content of "
		"its own, %s. To use that one, rename this one; to use this one, rename that one and "
		"run `vzroot-relocation seed`",
		path->name, copy.where, r == -EBUSY ? copy.what : "or others may have changed",
		path->shared);
	return true;
}
