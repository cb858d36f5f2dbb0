/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One path's step. The order of calls is the journal: a SIGKILL or power cut between any two leaves
 * one of these, and place_recover() ends each of them, at the next start or stop:
 *
 *	P.vzha-link is our link, or the one
 *	made by hand that it replaced		remove it; or, where P is missing (between the two renames of
 *						the old-kernel way), use it
 *	P.vzha-link is anything else		the original, just exchanged: keep it as P.vzha-local,
 *						or put it back when somebody uses it
 *
 * Nothing is ever overwritten: the original goes to P.vzha-local, or P.vzha-local.TIME if that is taken.
 */
#include "relocation.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "copy.h"

/* An original at P.vzha-link finds its end: gone if it was an empty directory, else kept. */
static int settle_original(struct relocation *relocation, const struct path *path)
{
	if (rmdir(path->temporary) == 0)
		return 0;
	return keep_aside(relocation, path, path->temporary);
}

/* All that belongs to a directory but what is in it, and synced: 0 or -errno. */
static int make_alike(const struct relocation *relocation, const char *from, const char *to)
{
	struct copy copy = { .deadline_ms = relocation->ctx->deadline_ms, .links_fd = -1 };

	return copy_settle_top(&copy, AT_FDCWD, from, AT_FDCWD, to);
}

static int make_temporary_link(struct relocation *relocation, const struct path *path,
			       struct stat *ret_link)
{
	if (symlink(path->target, path->temporary) == 0 && lstat(path->temporary, ret_link) == 0)
		return 0;
	ocf_reason(relocation->ctx, "%s: cannot make a link: %s", path->temporary, strerror(errno));
	return -errno;
}

static bool in_use(struct relocation *relocation, const char *tree, char *buf, size_t size)
{
	return users_of(relocation->ctx, tree, true, ocf_share_ms(relocation->ctx, 50), buf, size) >
	       0;
}

bool nobody_uses(struct relocation *relocation, const struct path *path, const char *tree)
{
	char users[512];

	if (!in_use(relocation, tree, users, sizeof(users)))
		return true;
	ocf_reason(relocation->ctx, "%s: is in use and cannot be replaced: %s; stop that first",
		   path->name, users);
	return false;
}

/* A link of ours, or one that ours has replaced: true when that was all. */
static bool recover_link(const struct path *path, bool name_is_there)
{
	if (!name_is_there && is_link_to(path->temporary, path->target))
		return rename_to_free_name(path->temporary, path->name) == 0;
	return remove_link(path->temporary, path->target) == 0 ||
	       (name_is_there && remove_link(path->temporary, path->shared) == 0);
}

void place_recover(struct relocation *relocation, struct path *path)
{
	char users[256];
	struct stat st, at_name;
	bool name_is_there = lstat(path->name, &at_name) == 0;

	/* Of a restore that was interrupted before its last step: it must not count as an original. */
	(void) remove_link(path->aside, path->target);
	if (lstat(path->temporary, &st) < 0)
		return;
	ocf_log(relocation->ctx, LOG_WARNING, "%s: left by an interrupted start", path->temporary);
	if (recover_link(path, name_is_there)) {
		fsync_parent(path->name);
		return;
	}
	if (!name_is_there) {
		(void) rename_to_free_name(path->temporary, path->name);
	} else if (S_ISLNK(at_name.st_mode) &&
		   in_use(relocation, path->temporary, users, sizeof(users)) &&
		   exchange_for_original(path, path->temporary) == 0) {
		ocf_log(relocation->ctx, LOG_WARNING, "%s: is put back, as it is used: %s",
			path->name, users);
	} else {
		(void) settle_original(relocation, path);
	}
	fsync_parent(path->name);
}

/* Kernels without the exchange: two renames; in between P is missing, and the link tells why. */
static int exchange_in_two_steps(struct relocation *relocation, const struct path *path)
{
	int r = keep_aside(relocation, path, path->name);

	return r < 0 ? r : rename_to_free_name(path->temporary, path->name);
}

/* What was exchanged for our link is not what was decided about. */
static enum ocf_status undo(struct relocation *relocation, const struct path *path,
			    const struct stat *link)
{
	give_back(path->temporary, path->name, link);
	(void) remove_link(path->temporary, path->target);
	return ocf_fail(relocation->ctx, OCF_ERR_GENERIC,
			"%s: was replaced or written to while it was looked at; stop what does "
			"that and start again",
			path->name);
}

/* The one that was made for it on the shared tree is as it is now, owner and attributes and all. */
static bool settle_made(struct relocation *relocation, const struct path *path)
{
	return path->step != STEP_MAKE_SHARED ||
	       make_alike(relocation, path->temporary, path->shared) == 0;
}

/* Who saves by renaming replaces our link: then the newest is here. And a node may have containers of its own. */
static void tell_what_is_hidden(struct relocation *relocation, const struct path *path)
{
	struct stat here, there;
	char names[512];

	if (path->local == LOCAL_FILE && lstat(path->name, &here) == 0 &&
	    lstat(path->shared, &there) == 0 && copy_is_before(&there.st_mtim, &here.st_mtim))
		ocf_log(relocation->ctx, LOG_ERR,
			"%s: is newer than %s, which is used from now on; compare it with what is kept as %s",
			path->name, path->shared, path->aside);
	if (path->local == LOCAL_FULL && aside_only_here(path, names, sizeof(names)) > 0)
		ocf_log(relocation->ctx, LOG_WARNING,
			"%s: this node has what the shared tree has not, and no longer shows it: %s",
			path->name, names);
}

/* Our link in the place of what is at P. */
static enum ocf_status exchange(struct relocation *relocation, const struct path *path)
{
	bool empty = path->step != STEP_SET_ASIDE;
	struct stat link;
	int r;

	seed_forget_original(path); /* what people put at P is none, even if it was once */
	if (!nobody_uses(relocation, path, path->name))
		return OCF_ERR_GENERIC;
	if (make_temporary_link(relocation, path, &link) < 0)
		return OCF_ERR_GENERIC;
	tell_what_is_hidden(relocation, path);

	r = rename_with(path->temporary, path->name, RENAME_EXCHANGE);
	if (rename_unsupported(r)) {
		r = exchange_in_two_steps(relocation, path);
		fsync_parent(path->name);
		return r == 0 ? OCF_SUCCESS
			      : ocf_fail(relocation->ctx, OCF_ERR_GENERIC,
					 "%s: cannot be replaced: %s", path->name, strerror(-r));
	}
	if (r < 0) {
		(void) remove_link(path->temporary, path->target);
		return ocf_fail(relocation->ctx, OCF_ERR_GENERIC,
				"%s: cannot be replaced by a link: %s", path->name, strerror(-r));
	}
	/* Somebody may have come in between the check and the exchange: then it goes back. */
	if (!nobody_uses(relocation, path, path->temporary))
		return undo(relocation, path, &link);
	fsync_parent(path->name);
	if (empty)
		return settle_made(relocation, path) && rmdir(path->temporary) == 0
			       ? OCF_SUCCESS
			       : undo(relocation, path, &link);
	return settle_original(relocation, path) == 0 ? OCF_SUCCESS : OCF_ERR_GENERIC;
}

int make_our_link(const struct path *path)
{
	char parent[PATH_MAX];
	int r;

	(void) snprintf(parent, sizeof(parent), "%s", path->name);
	*strrchr(parent, '/') = '\0';
	r = parent[0] ? ocf_mkdir_p(parent, 0755) : 0;
	if (r == 0 && symlink(path->target, path->name) < 0)
		r = -errno;
	if (r == 0)
		fsync_parent(path->name);
	return r;
}

static enum ocf_status make_link(struct relocation *relocation, const struct path *path)
{
	int r = make_our_link(path);

	return r == 0 ? OCF_SUCCESS
		      : ocf_fail(relocation->ctx, OCF_ERR_GENERIC, "%s: cannot make the link: %s",
				 path->name, strerror(-r));
}

static enum ocf_status adopt(struct relocation *relocation, const struct path *path)
{
	struct stat link;
	int r;

	if (make_temporary_link(relocation, path, &link) < 0)
		return OCF_ERR_GENERIC;
	r = rename_with(path->temporary, path->name, RENAME_EXCHANGE);
	if (rename_unsupported(r) && is_link_to(path->name, path->shared))
		r = rename(path->temporary, path->name) < 0 ? -errno : 0;
	else if (r == 0 && remove_link(path->temporary, path->shared) < 0)
		return undo(relocation, path, &link);
	if (r < 0) {
		(void) remove_link(path->temporary, path->target);
		return ocf_fail(relocation->ctx, OCF_ERR_GENERIC, "%s: cannot replace the link: %s",
				path->name, strerror(-r));
	}
	fsync_parent(path->name);
	ocf_log(relocation->ctx, LOG_INFO, "%s: hand-made link adopted", path->name);
	return OCF_SUCCESS;
}

/* An empty directory on the shared tree, like the local one; not in sight until it is complete. */
static enum ocf_status make_shared(struct relocation *relocation, const struct path *path)
{
	char temporary[PATH_MAX] = "";
	int r = path_beside(temporary, path->shared, ".vzha-new")
			? relocation_make_parents(relocation, path->name)
			: -ENAMETOOLONG;

	copy_inherit_nothing(AT_FDCWD, temporary); /* an earlier one may be immutable, like P */
	if (r == 0 && ((rmdir(temporary) < 0 && errno != ENOENT) || mkdir(temporary, 0700) < 0))
		r = -errno;
	if (r == 0)
		r = make_alike(relocation, path->name, temporary);
	if (r == 0)
		r = rename_to_free_name(temporary, path->shared);
	if (r == -EPERM)
		return ocf_fail(relocation->ctx, OCF_ERR_GENERIC,
				"%s: cannot be replaced: is it immutable (lsattr -d)?", path->name);
	if (r < 0)
		return ocf_fail(relocation->ctx, OCF_ERR_GENERIC,
				"%s: cannot make the directory: %s", temporary, strerror(-r));
	fsync_parent(path->shared);
	return OCF_SUCCESS;
}

/* What was decided about may be long ago: others were seeded since. */
static bool is_as_decided(struct relocation *relocation, struct path *path)
{
	enum local_kind was = path->local;

	if (path->step == STEP_SKIP || path->step == STEP_KEEP)
		return true;
	if (inspect_local(relocation, path) < 0)
		return false;
	if (path->local == was)
		return true;
	ocf_reason(relocation->ctx,
		   "%s: is %s now, and was %s when it was decided about; start again", path->name,
		   local_kind_name(path->local), local_kind_name(was));
	return false;
}

enum ocf_status place_path(struct relocation *relocation, struct path *path)
{
	enum ocf_status status = OCF_SUCCESS;

	if (!is_as_decided(relocation, path))
		return OCF_ERR_GENERIC;
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
