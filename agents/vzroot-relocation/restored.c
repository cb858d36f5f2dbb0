/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What restore gave back says so, and when, in an attribute of its own. Who goes on with it, and not with the shared
 * tree, has the newer content: the next start must not put that aside as it does with what a package leaves. But once
 * the cluster has gone on, it does. Where there is no such attribute, or no time to look, it does as well.
 */
#include "relocation.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

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
	struct timespec since, now;
	struct copy_id top;
};

/* For copy_scan(). A time to come was copied; then only the change time can tell, and the top's is that of its renaming. */
static const char *is_newer(void *arg, const struct stat *st, const char *name)
{
	const struct newer *newer = arg;
	const struct copy_id id = copy_id_of(st);
	const struct timespec *changed = &st->st_mtim;

	(void) name;
	if (copy_is_before(&newer->now, &st->st_mtim)) {
		if (copy_compare_ids(&id, &newer->top) == 0)
			return NULL;
		changed = &st->st_ctim;
	}
	return copy_is_before(changed, &newer->since) ? NULL : "was changed";
}

/* As copy_scan(): -EBUSY, and copy->where, when something below @tree was changed. */
static int scan(struct relocation *relocation, struct copy *copy, const char *tree,
		struct newer *newer)
{
	struct copy_needs needs;
	struct stat st;

	*copy = (struct copy){ .deadline_ms = ocf_share_ms(relocation->ctx, 25),
			       .links_fd = -1,
			       .held = is_newer,
			       .held_arg = newer };
	if (lstat(tree, &st) < 0)
		return -errno;
	newer->top = copy_id_of(&st);
	return copy_scan(copy, AT_FDCWD, tree, tree, NULL, NULL, &needs);
}

bool restored_is_used(struct relocation *relocation, const struct path *path)
{
	struct newer newer;
	struct copy here, there;
	bool from_shared;
	int r;

	if (!read_mark(path->name, &from_shared, &newer.since))
		return false;
	(void) clock_gettime(CLOCK_REALTIME, &newer.now);
	r = scan(relocation, &here, path->name, &newer);
	if (r == 0)
		return false;
	if (r == -EBUSY && scan(relocation, &there, path->shared, &newer) == 0) {
		ocf_reason(
			relocation->ctx,
			"%s: was given back by restore, and then %s in it was changed, and nothing on the "
			"shared tree, in %s. To use that one, rename this one; to use this one, rename that "
			"one and run `vzroot-relocation seed`",
			path->name, here.where, path->shared);
		return true;
	}
	ocf_log(relocation->ctx, LOG_ERR,
		"%s: was given back by restore, and may have been changed since, but so may the shared tree: "
		"compare what is kept as %s",
		path->name, path->aside);
	return false;
}

int restored_put_aside(struct relocation *relocation, const struct path *path, const char *restored)
{
	if (remove_link(restored, path->target) == 0 || rmdir(restored) == 0)
		return 0;
	restored_mark(restored, true);
	return keep_aside(relocation, path, restored);
}
