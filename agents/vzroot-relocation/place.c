/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One path's step. The order of calls is the journal: a SIGKILL or power cut between any two leaves
 * one of these, and place_recover() ends each of them, at the next start or stop:
 *
 *	P.vzha-link is a link			made, not used yet: remove it; or, where P is missing
 *						(between the two renames of the old-kernel way), use it
 *	P.vzha-link is a directory or file	the original, just exchanged: keep it as P.vzha-local,
 *						or put it back when somebody uses it
 *
 * Nothing is ever overwritten: the original goes to P.vzha-local, or P.vzha-local.TIME if that is taken.
 */
#include "relocation.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

/* An original at P.vzha-link finds its end: gone if it was an empty directory, else kept. */
static int settle_original(struct relocation *relocation, const struct path *path)
{
	if (rmdir(path->temporary) == 0)
		return 0;
	return keep_aside(relocation, path, path->temporary);
}

static int make_temporary_link(struct relocation *relocation, const struct path *path)
{
	if (symlink(path->target, path->temporary) == 0)
		return 0;
	ocf_reason(relocation->ctx, "%s: cannot make a link: %s", path->temporary, strerror(errno));
	return -errno;
}

bool in_use(struct relocation *relocation, const char *tree, char *buf, size_t size)
{
	return users_of(relocation->ctx, tree, true, ocf_share_ms(relocation->ctx, 50), buf, size) >
	       0;
}

void place_recover(struct relocation *relocation, struct path *path)
{
	char target[PATH_MAX], users[256];
	struct stat st, at_name;
	bool name_is_there = lstat(path->name, &at_name) == 0;

	if (lstat(path->temporary, &st) < 0)
		return;
	ocf_log(relocation->ctx, LOG_WARNING, "%s: left by an interrupted start", path->temporary);
	if (S_ISLNK(st.st_mode)) {
		ssize_t n = readlink(path->temporary, target, sizeof(target) - 1);

		target[n > 0 ? n : 0] = '\0';
		if (!name_is_there && strcmp(target, path->target) == 0)
			(void) rename(path->temporary, path->name);
		else
			(void) unlink(path->temporary);
	} else if (!name_is_there) {
		(void) rename_to_free_name(path->temporary, path->name);
	} else if (S_ISLNK(at_name.st_mode) &&
		   in_use(relocation, path->temporary, users, sizeof(users)) &&
		   rename_with(path->temporary, path->name, RENAME_EXCHANGE) == 0) {
		(void) unlink(path->temporary);
	} else {
		(void) settle_original(relocation, path);
	}
	fsync_parent(path->name);
}

enum ocf_status refuse_used(struct relocation *relocation, const struct path *path,
			    const char *users)
{
	return ocf_fail(relocation->ctx, OCF_ERR_GENERIC,
			"%s: is in use and cannot be replaced: %s; stop that first", path->name,
			users);
}

/* Kernels without the exchange: two renames; in between P is missing, and the link tells why. */
static int exchange_in_two_steps(struct relocation *relocation, const struct path *path)
{
	int r = keep_aside(relocation, path, path->name);

	if (r == 0 && rename(path->temporary, path->name) < 0)
		r = -errno;
	return r;
}

/* Our link in the place of what is at P. */
static enum ocf_status exchange(struct relocation *relocation, const struct path *path)
{
	char users[512];
	int r;

	if (in_use(relocation, path->name, users, sizeof(users)))
		return refuse_used(relocation, path, users);
	if (make_temporary_link(relocation, path) < 0)
		return OCF_ERR_GENERIC;

	r = rename_with(path->temporary, path->name, RENAME_EXCHANGE);
	if (rename_unsupported(r)) {
		r = exchange_in_two_steps(relocation, path);
		fsync_parent(path->name);
		return r == 0 ? OCF_SUCCESS
			      : ocf_fail(relocation->ctx, OCF_ERR_GENERIC,
					 "%s: cannot be replaced: %s", path->name, strerror(-r));
	}
	if (r < 0) {
		(void) unlink(path->temporary);
		return ocf_fail(relocation->ctx, OCF_ERR_GENERIC,
				"%s: cannot be replaced by a link: %s", path->name, strerror(-r));
	}
	/* Somebody may have come in between the check and the exchange: then it goes back. */
	if (in_use(relocation, path->temporary, users, sizeof(users)) &&
	    rename_with(path->temporary, path->name, RENAME_EXCHANGE) == 0) {
		(void) unlink(path->temporary);
		return refuse_used(relocation, path, users);
	}
	fsync_parent(path->name);
	return settle_original(relocation, path) == 0 ? OCF_SUCCESS : OCF_ERR_GENERIC;
}

static enum ocf_status make_link(struct relocation *relocation, const struct path *path)
{
	char parent[PATH_MAX];
	int r;

	(void) snprintf(parent, sizeof(parent), "%s", path->name);
	*strrchr(parent, '/') = '\0';
	r = parent[0] ? ocf_mkdir_p(parent, 0755) : 0;
	if (r == 0 && symlink(path->target, path->name) < 0)
		r = -errno;
	if (r < 0)
		return ocf_fail(relocation->ctx, OCF_ERR_GENERIC, "%s: cannot make the link: %s",
				path->name, strerror(-r));
	fsync_parent(path->name);
	return OCF_SUCCESS;
}

static enum ocf_status adopt(struct relocation *relocation, const struct path *path)
{
	if (make_temporary_link(relocation, path) < 0)
		return OCF_ERR_GENERIC;
	if (rename(path->temporary, path->name) < 0)
		return ocf_fail(relocation->ctx, OCF_ERR_GENERIC, "%s: cannot replace the link: %s",
				path->name, strerror(errno));
	fsync_parent(path->name);
	ocf_log(relocation->ctx, LOG_INFO, "%s: hand-made link adopted", path->name);
	return OCF_SUCCESS;
}

/* An empty directory on the shared tree, like the local one where there is one. */
static enum ocf_status make_shared(struct relocation *relocation, const struct path *path)
{
	struct stat st;
	int r = ocf_mkdir_p(path->shared, 0755);

	if (r == 0 && lstat(path->name, &st) == 0 && S_ISDIR(st.st_mode) &&
	    (chown(path->shared, st.st_uid, st.st_gid) < 0 ||
	     chmod(path->shared, st.st_mode & 07777) < 0))
		r = -errno;
	if (r < 0)
		return ocf_fail(relocation->ctx, OCF_ERR_GENERIC,
				"%s: cannot make the directory: %s", path->shared, strerror(-r));
	fsync_parent(path->shared);
	return OCF_SUCCESS;
}

enum ocf_status place_path(struct relocation *relocation, struct path *path)
{
	enum ocf_status status = OCF_SUCCESS;

	switch (path->step) {
	case STEP_SKIP:
	case STEP_KEEP:
		return OCF_SUCCESS;
	case STEP_LINK:
		return make_link(relocation, path);
	case STEP_ADOPT:
		return adopt(relocation, path);
	case STEP_MAKE_SHARED:
		status = make_shared(relocation, path);
		return status == OCF_SUCCESS ? exchange(relocation, path) : status;
	case STEP_REPLACE:
	case STEP_SET_ASIDE:
		return exchange(relocation, path);
	case STEP_SEED: /* seed_all() has done it */
	case STEP_REFUSE_SEED:
	case STEP_REFUSE_LOST:
	case STEP_REFUSE_LINK:
	case STEP_REFUSE_KIND:
		break;
	}
	return OCF_ERR_GENERIC;
}
