/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cluster is given up: this node gets its directories back, as directories.
 *
 * Where the shared tree is mounted, the switch leaves it first, so that nobody writes there by way of P. What
 * is there is copied back to P.vzha-restore, synced, compared once more, renamed to P.vzha-restored (so
 * complete), and exchanged for our link. Otherwise what was set aside when the link was made,
 * P.vzha-local, takes its place again; it is older. Nothing is removed but our own links.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "copy.h"
#include "mounts.h"
#include "restore.h"

enum ocf_status restore_failed(struct relocation *relocation, const struct path *path, int error)
{
	if (error == -EINTR)
		return ocf_fail(relocation->ctx, OCF_ERR_GENERIC,
				"%s: interrupted; nothing was changed here", path->name);
	if (error == -ETIME)
		return ocf_fail(
			relocation->ctx, OCF_ERR_GENERIC,
			"%s: not copied back in the time there was, and nothing was changed; allow "
			"more in OCF_RESKEY_CRM_meta_timeout (milliseconds)",
			path->name);
	return ocf_fail(relocation->ctx, OCF_ERR_GENERIC, "%s: cannot be restored: %s", path->name,
			strerror(-error));
}

enum ocf_status restore_replaced(struct relocation *relocation, const struct path *path, int error)
{
	return error != -EEXIST
		       ? restore_failed(relocation, path, error)
		       : ocf_fail(relocation->ctx, OCF_ERR_GENERIC,
				  "%s: was replaced while it was copied back, and stays as it "
				  "is; stop what does that",
				  path->name);
}

/* Only people can tell which of several is wanted. */
static void tell_later_one(void *arg, const struct path *path, const char *name)
{
	(void) arg;
	(void) printf("%s: what was set aside later is at %s; look which one you want\n",
		      path->name, name);
}

static void tell_of_nothing(const struct path *path, const char *result)
{
	(void) printf("%s: nothing was set aside as %s; %s\n", path->name, path->aside, result);
	aside_each_later(path, tell_later_one, NULL);
}

/* Our link leads nowhere from now on. */
static enum ocf_status from_nothing(struct relocation *relocation, const struct path *path)
{
	char done[PATH_MAX];
	int r = path_beside(done, path->name, ".vzha-restored")
			? restored_put_aside(relocation, path, done)
			: -ENAMETOOLONG;

	/* A file that this node never had: it has none again. */
	if (r == 0 && standby_is_file(relocation, path)) {
		r = remove_link(path->name, path->target);
		if (r < 0)
			return restore_replaced(relocation, path, r);
		tell_of_nothing(path, "nothing is there now");
		return OCF_SUCCESS;
	}
	if (r == 0 && mkdir(done, 0755) < 0)
		r = -errno;
	if (r == 0 && (r = exchange_for_original(path, done)) < 0)
		(void) rmdir(done);
	if (r < 0)
		return restore_replaced(relocation, path, r);
	tell_of_nothing(path, "it is empty now");
	return OCF_SUCCESS;
}

static void tell_of_when(const struct path *path, const char *what, const struct stat *st)
{
	char when[64] = "";
	struct tm tm;

	if (localtime_r(&st->st_ctime, &tm))
		(void) strftime(when, sizeof(when), "%Y-%m-%d %H:%M", &tm);
	(void) printf("%s: what %s on %s; the shared tree's content may be newer\n", path->name,
		      what, when);
	aside_each_later(path, tell_later_one, NULL);
}

/* The shared tree cannot be seen. An unfinished copy of it may be all that is left of it: for people. */
static enum ocf_status from_local(struct relocation *relocation, const struct path *path)
{
	static struct restore_names names;
	const char *what = "an interrupted restore had copied back";
	const char *from = path->aside;
	struct stat st;
	int r = restore_names(path, &names);

	if (r < 0)
		return restore_failed(relocation, path, r);
	if (lstat(names.part, &st) == 0)
		(void) printf(
			"%s: an interrupted restore has left a part of the shared tree's content; "
			"remove it if you do not need it\n",
			names.part);
	if (lstat(names.done, &st) == 0) {
		from = names.done;
	} else if (lstat(from, &st) == 0) {
		what = "was set aside here";
	} else {
		return errno == ENOENT ? from_nothing(relocation, path)
				       : restore_failed(relocation, path, -errno);
	}
	restored_mark(from, from == names.done || seed_is_original_of(path) ||
				    restored_is_from_shared(from));
	r = exchange_for_original(path, from);
	if (r < 0)
		return restore_replaced(relocation, path, r);
	seed_forget_original(path);
	tell_of_when(path, what, &st);
	return OCF_SUCCESS;
}

/* Where the shared tree should be mounted is a directory of the filesystem that the paths themselves are on. */
static bool is_on_our_own(const struct relocation *relocation)
{
	char shared[32], path[32], inside[PATH_MAX];

	if (!mount_locate(relocation->shared, shared, inside, sizeof(inside)))
		return false;
	for (size_t i = 0; i < relocation->n_paths; i++) {
		if (mount_locate(relocation->paths[i].name, path, inside, sizeof(inside)) &&
		    strcmp(shared, path) == 0)
			return true;
	}
	return false;
}

/* Is it not mounted, so that what was set aside is all there is? Else, if not good: with a reason. */
static bool is_absent(struct relocation *relocation, enum target *ret_target)
{
	const struct vzroot_relocation_conf *conf = relocation->ctx->conf;
	bool is_there = access(relocation->shared, F_OK) == 0 || errno != ENOENT;

	*ret_target = target_look(relocation, true);
	if (*ret_target == TARGET_ABSENT)
		return true;
	/* On the root filesystem, where that is allowed, its directory is all that can be missing. */
	if (!is_there && conf->require_mount == OCF_FALSE)
		return true;
	return (!is_there || *ret_target == TARGET_OTHER) && is_on_our_own(relocation);
}

bool restore_is_as_seen(struct relocation *relocation)
{
	const struct stat *seen = &relocation->shared_seen;
	enum target target;
	struct stat now;
	bool same;

	if (seen->st_ino) {
		same = lstat(relocation->shared, &now) == 0 && copy_is_same_object(&now, seen);
	} else {
		same = is_absent(relocation, &target);
		ocf_reason_clear(relocation->ctx);
	}
	if (!same)
		ocf_reason(
			relocation->ctx,
			"%s: was mounted, unmounted or mounted over meanwhile; run restore again",
			relocation->shared);
	return same;
}

static void finish_earlier(struct relocation *relocation, struct path *path, bool mounted)
{
	struct stat st, now;
	bool is_seeded;

	earlier_names_end(relocation, path);
	is_seeded = lstat(path->seeded, &st) == 0;
	seed_recover_local(relocation, path, mounted ? SEED_SEES_SHARED : SEED_GIVES_UP);
	if (is_seeded && lstat(path->name, &now) == 0 && copy_is_same_object(&st, &now))
		tell_of_when(path, "was set aside here", &st);
	place_recover(relocation, path);
}

/* Left of an exchange that was interrupted before its last step, or of a seed. */
static void tell_as_it_is(const struct path *path, bool shared)
{
	const char *const originals[] = { path->seeded, path->seeding };
	static struct restore_names names;
	struct stat st;

	(void) remove_link(path->aside, path->target);
	if (restore_names(path, &names) == 0 && shared)
		restore_drop_part(&names);
	(void) printf("%s: is %s already%s%s\n", path->name, local_kind_name(path->local),
		      shared ? "; what the shared tree has was not looked at, it stays at " : "",
		      shared ? path->shared : "");
	for (size_t i = 0; i < ARRAY_SIZE(originals); i++) {
		if (lstat(originals[i], &st) == 0)
			(void) printf("%s: what was there when it was seeded is %s; look which one "
				      "you want\n",
				      path->name, originals[i]);
	}
}

static bool is_original(const char *name)
{
	struct stat st;

	return lstat(name, &st) == 0 && !S_ISLNK(st.st_mode);
}

static enum ocf_status restore_path(struct relocation *relocation, struct path *path, bool mounted)
{
	char restored[PATH_MAX];
	enum ocf_status status;
	bool shared, made = false;

	finish_earlier(relocation, path, mounted);
	if (inspect_local(relocation, path) < 0 || inspect_shared(relocation, path) < 0 ||
	    !restore_is_as_seen(relocation))
		return OCF_ERR_GENERIC;
	shared = mounted && path->there != SHARED_ABSENT;
	if (!path_beside(restored, path->name, ".vzha-restored"))
		return restore_failed(relocation, path, -ENAMETOOLONG);
	/* Of a backup, or of a time when it was not mounted: newer or older, nobody but people knows. */
	if (!mounted && (path->local == LOCAL_OUR_LINK || path->local == LOCAL_ABSENT) &&
	    (path->there == SHARED_FULL || path->there == SHARED_FILE))
		return ocf_fail(
			relocation->ctx, OCF_ERR_GENERIC,
			"%s: %s is there, but no filesystem is mounted; to copy it back, say "
			"require_mount=false; to restore what was set aside, move it away",
			path->name, path->shared);
	/* Removed by hand, or between the two renames of an old kernel: as if our link were there. */
	if (path->local == LOCAL_ABSENT &&
	    (shared || is_original(path->aside) || is_original(restored))) {
		int r = make_our_link(path);

		if (r < 0)
			return restore_failed(relocation, path, r);
		made = true;
		path->local = LOCAL_OUR_LINK;
	}
	if (shared && path->local == LOCAL_OUR_LINK && path->there == SHARED_OTHER)
		return ocf_fail(relocation->ctx, OCF_ERR_GENERIC,
				"%s: is no file or directory; put the directory itself there",
				path->shared);
	if (path->local == LOCAL_FOREIGN_LINK && is_anothers_link(path))
		return refuse_anothers_link(relocation, path);
	if (path->local != LOCAL_OUR_LINK) {
		tell_as_it_is(path, shared);
		return OCF_SUCCESS;
	}
	status = shared ? restore_from_shared(relocation, path) : from_local(relocation, path);
	if (status == OCF_SUCCESS)
		standby_remove(relocation, path);
	else if (made)
		(void) remove_link(path->name, path->target);
	return status;
}

/* Who comes by way of P finds nothing from here on; who is there already is told of, before. */
static enum ocf_status leave_shared(struct relocation *relocation)
{
	for (size_t i = 0; i < relocation->n_paths; i++) {
		const struct path *path = &relocation->paths[i];

		if (!nobody_uses(relocation, path, path->shared))
			return OCF_ERR_GENERIC;
	}
	return standby_tree(relocation) < 0 ? OCF_ERR_GENERIC : OCF_SUCCESS;
}

static enum ocf_status restore_all(struct relocation *relocation, bool mounted)
{
	enum ocf_status status = OCF_SUCCESS;
	bool was_active, closed = false;
	enum switch_state was;
	char others[512];

	switch_note(relocation); /* first of all: a stop may come at any time */
	was = switch_read(relocation);
	was_active = was == SWITCH_ACTIVE;
	if (was_active && relocation_others(relocation, NULL, others, sizeof(others)) > 0)
		return ocf_fail(
			relocation->ctx, OCF_ERR_GENERIC,
			"%s: is active, and other paths lead to it as well: %s; name these too, "
			"or stop the resource first",
			relocation->shared, others);
	if (mounted)
		status = seed_store_recover(relocation);
	if (status == OCF_SUCCESS && was_active)
		status = leave_shared(relocation);
	standby_tell_strays(relocation, true);
	interrupts_hold(true); /* for good: what is copied is put in order, and we end */
	if (status == OCF_SUCCESS && was != SWITCH_ABSENT) {
		closed = switch_close(relocation) == 0;
		status = closed ? OCF_SUCCESS : OCF_ERR_GENERIC;
	}
	for (size_t i = 0; status == OCF_SUCCESS && i < relocation->n_paths; i++)
		status = interrupts_are_pending()
				 ? restore_failed(relocation, &relocation->paths[i], -EINTR)
				 : restore_path(relocation, &relocation->paths[i], mounted);
	if (!is_link_to(relocation->switch_path, relocation->closed)) /* a stop opened it */
		standby_tell_strays(relocation, true);
	/* What was restored does not go by the switch any more, and the rest is as it was. */
	if (status != OCF_SUCCESS && closed && was_active && !switch_is_moved(relocation) &&
	    restore_is_as_seen(relocation))
		(void) switch_to(relocation, relocation->shared);
	if (status != OCF_SUCCESS)
		switch_reopen(relocation);
	return status;
}

/*
 * Is the shared tree there to be copied from? Then it stays: as long as @ret_fd is open, nobody can unmount it.
 * Something else in its place, or what is read-only and unreadable, is no reason to bring back older content.
 */
static enum ocf_status see_shared(struct relocation *relocation, int *ret_fd)
{
	struct ocf_ctx *ctx = relocation->ctx;
	enum target target;
	int error;

	*ret_fd = open(relocation->shared, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	error = *ret_fd < 0 ? errno : 0;
	relocation->shared_seen = (struct stat){ .st_ino = 0 };
	if (is_absent(relocation, &target)) {
		ocf_close_p(ret_fd);
		ocf_log(ctx, LOG_WARNING, "restoring what was set aside: %s",
			ctx->reason[0] ? ctx->reason : "the shared directory is not there");
		ocf_reason_clear(ctx);
		return switch_read(relocation) != SWITCH_ACTIVE
			       ? OCF_SUCCESS
			       : ocf_fail(
					 ctx, OCF_ERR_GENERIC,
					 "%s: this node is active and the shared tree cannot be seen; stop "
					 "the resource first",
					 relocation->shared);
	}
	if (target != TARGET_GOOD && target != TARGET_READ_ONLY)
		return OCF_ERR_GENERIC;
	ocf_reason_clear(ctx);
	if (error || fstat(*ret_fd, &relocation->shared_seen) < 0)
		return ocf_fail(
			ctx, OCF_ERR_GENERIC,
			"%s: a filesystem is mounted, but this cannot be opened: %s; correct it, or "
			"unmount that to restore what was set aside here",
			relocation->shared, strerror(error ? error : errno));
	return OCF_SUCCESS;
}

enum ocf_status relocation_restore(struct ocf_ctx *ctx)
{
	struct relocation *relocation = relocation_open(ctx);
	enum ocf_status status;
	auto_close int lock = relocation_lock(relocation, ocf_share_ms(ctx, 50));
	auto_close int shared = -1;
	char path[PATH_MAX], others[512];

	if (lock < 0)
		return OCF_ERR_GENERIC;
	if (!relocation_places_are_apart(relocation))
		return OCF_ERR_ARGS;
	status = see_shared(relocation, &shared);
	if (status == OCF_SUCCESS)
		status = restore_all(relocation, relocation->shared_seen.st_ino != 0);
	if (status != OCF_SUCCESS)
		return status;
	if (relocation_others(relocation, NULL, others, sizeof(others)) > 0) {
		switch_reopen(relocation);
		(void) printf("%s: still has the paths %s\n", relocation->shared, others);
		return OCF_SUCCESS;
	}
	(void) snprintf(path, sizeof(path), "/etc/tmpfiles.d/vzha-%s.conf", relocation->key);
	(void) unlink(path);
	if (unlink(relocation->switch_path) < 0 && errno != ENOENT)
		return ocf_fail(ctx, OCF_ERR_GENERIC, "%s: cannot be removed: %s",
				relocation->switch_path, strerror(errno));
	return OCF_SUCCESS;
}
