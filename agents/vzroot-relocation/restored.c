/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What restore gave back says so, and when, in an attribute of its own. Who goes on with it, while nobody starts the
 * cluster, has newer content than the shared tree: the next start must not put that aside as it does with what a
 * package leaves. But once the cluster has gone on, on whichever node, it does: SHARED/.vzha-started says when that
 * was. Where there is no attribute, or no such file, or no time to look, it does as well.
 */
#include "relocation.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <syslog.h>
#include <time.h>

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
};

/* For copy_scan(). A time to come was copied; then only the change time can tell. */
static const char *is_newer(void *arg, const struct stat *st, const char *name)
{
	const struct newer *newer = arg;
	const struct timespec *changed =
		copy_is_before(&newer->now, &st->st_mtim) ? &st->st_ctim : &st->st_mtim;

	(void) name;
	return copy_is_before(changed, &newer->since) ? NULL : "was changed";
}

static bool started_name(const struct relocation *relocation, char out[PATH_MAX])
{
	return (size_t) snprintf(out, PATH_MAX, "%s/.vzha-started", relocation->shared) < PATH_MAX;
}

void restored_is_past(const struct relocation *relocation)
{
	char name[PATH_MAX];
	auto_close int fd = -1;

	if (!started_name(relocation, name))
		return;
	fd = open(name, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (fd < 0 || futimens(fd, NULL) < 0)
		ocf_log(relocation->ctx, LOG_INFO, "%s: cannot be touched: %s", name,
			strerror(errno));
}

bool restored_is_used(struct relocation *relocation, const struct path *path)
{
	struct newer newer;
	struct copy copy = { .deadline_ms = ocf_share_ms(relocation->ctx, 25),
			     .links_fd = -1,
			     .held = is_newer,
			     .held_arg = &newer };
	struct copy_needs needs;
	char started[PATH_MAX];
	bool from_shared;
	struct stat st;
	int r;

	if (!read_mark(path->name, &from_shared, &newer.since) ||
	    !started_name(relocation, started) || lstat(started, &st) < 0 ||
	    !copy_is_before(&st.st_mtim, &newer.since))
		return false;
	(void) clock_gettime(CLOCK_REALTIME, &newer.now);
	r = copy_scan(&copy, AT_FDCWD, path->name, path->name, NULL, NULL, &needs);
	if (r == -EBUSY)
		ocf_reason(
			relocation->ctx,
			"%s: was given back by restore, and then %s in it %s, while the cluster was not "
			"started; the shared tree has %s. To use that one, rename this one; to use this "
			"one, rename that one and run `vzroot-relocation seed`",
			path->name, copy.where, copy.what, path->shared);
	else if (r < 0)
		ocf_log(relocation->ctx, LOG_ERR,
			"%s: was given back by restore, and nobody knows if it was changed since: %s",
			path->name, strerror(-r));
	return r == -EBUSY;
}
