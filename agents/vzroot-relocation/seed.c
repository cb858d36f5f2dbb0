/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Content that only this node has, copied to the shared tree: all paths or none.
 *
 *	1 nobody uses the originals, there is space, no link would break
 *	2 still nobody; copy, as often as the timeout interrupts it; syncfs
 *	3 exchange each P for our link; the original is P.vzha-seeding
 *	4 look again: still nobody, and nothing changed since its copy was made. Else all go back
 *	5 P.vzha-seeding becomes P.vzha-seeded (seed-local.c); commit on the shared tree (seed-store.c)
 *	6 P.vzha-seeded becomes P.vzha-local; the copies go to their places
 *
 * Interrupted before 5, the originals go back to P at the next start or stop; after 5, the next start
 * anywhere goes on with 6. Nothing is removed at any time but copies that were not committed.
 */
#include "relocation.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <syslog.h>
#include <unistd.h>

#include "copy.h"
#include "seed.h"

#define SAY_MS 5000
/* What an interruption costs at most, and how long the sync at the end has something to write. */
#define SYNC_MS 5000
/* Something that changes each time we look is in use, whatever /proc says. */
#define ROUNDS_MAX 3

/* 0, or -errno with copy->what. */
static int sync_copies(struct seed *seed)
{
	int r = seed_store_sync(&seed->store);

	seed->synced_ms = ocf_now_ms();
	return r == 0 ? 0 : copy_failed(&seed->copy, r, seed->store.directory, "cannot be synced");
}

static void say_progress(struct seed *seed, const struct copy *copy)
{
	struct ocf_ctx *ctx = seed->relocation->ctx;
	uint64_t mib = 1024 * 1024;
	bool by_hand = strcmp(ctx->action, "seed") == 0 && isatty(STDERR_FILENO);
	char text[160];

	(void) snprintf(text, sizeof(text), "%llu of %llu entries, %llu of %llu MiB",
			(unsigned long long) copy->entries,
			(unsigned long long) seed->needs.entries,
			(unsigned long long) (copy->bytes / mib),
			(unsigned long long) (seed->needs.bytes / mib));
	if (by_hand)
		(void) dprintf(STDERR_FILENO, "\r%s: %s  ", seed->relocation->shared, text);
	if (ocf_now_ms() - seed->said_ms < SAY_MS)
		return;
	seed->said_ms = ocf_now_ms();
	if (!by_hand)
		ocf_log(ctx, LOG_INFO, "seeding %s: %s", seed->relocation->shared, text);
}

static int make_progress(void *arg, const struct copy *copy)
{
	struct seed *seed = arg;

	say_progress(seed, copy);
	if (copy->mode != COPY_MODE_COPY || ocf_now_ms() - seed->synced_ms < SYNC_MS)
		return 0;
	return sync_copies(seed);
}

enum ocf_status seed_copy_error(struct seed *seed, const struct path *path, int error)
{
	struct ocf_ctx *ctx = seed->relocation->ctx;
	const struct copy *copy = &seed->copy;

	/* A full shared tree would hurt who else lives there. */
	if (error == -ENOSPC || error == -EDQUOT)
		(void) seed_store_discard(seed->relocation);
	if (error == -ETIME) {
		(void) ocf_fail(
			ctx, OCF_ERR_GENERIC,
			"%s: %llu of %llu entries are copied and the time is over; the next "
			"start here goes on from there, or run `vzroot-relocation seed`",
			path->name, (unsigned long long) copy->entries,
			(unsigned long long) seed->needs.entries);
		/* Last, as it may take longer than there is time: then the last mark counts. */
		(void) sync_copies(seed);
		return OCF_ERR_GENERIC;
	}
	return ocf_fail(ctx, OCF_ERR_GENERIC,
			"%s: cannot be copied: %s: %s%s%s; nothing was changed", path->name,
			copy->where, copy->what ? copy->what : "", copy->what ? ": " : "",
			strerror(-error));
}

/* Everything written to the filesystem of @fd is on disk. Errors are told since 5.8. */
int relocation_sync(int fd)
{
#ifdef SYS_syncfs
	if (syscall(SYS_syncfs, fd) == 0)
		return 0;
	if (errno != ENOSYS)
		return -errno;
#endif
	(void) fd;
	sync(); /* before 2.6.39 */
	return 0;
}

/*
 * From here on a write leaves a time that tells of it. But not one into a page that somebody mapped and wrote
 * before: who did that is still there, or is seen at the end.
 */
static enum ocf_status begin_round(struct seed *seed)
{
	seed->clock_ms = copy_clock_ms();
	seed->round = copy_since(seed->seconds);
	for_each_seed(seed->relocation, path)
	{
		if (!seed_names_are_free(seed->relocation, path) ||
		    !nobody_uses(seed->relocation, path, path->name))
			return OCF_ERR_GENERIC;
	}
	return OCF_SUCCESS;
}

static struct copy_id *top_of(struct seed *seed, const struct path *path)
{
	return &seed->tops[path - seed->relocation->paths];
}

/* One of the walks over a path and its copy. */
typedef int each_walk(struct copy *copy, int from_fd, const char *from, int to_fd, const char *to);

static int go_over(struct seed *seed, const struct path *path, const char *from, each_walk *walk)
{
	char tree[NAME_MAX + 1];

	seed->copy.top = *top_of(seed, path);
	return walk(&seed->copy, AT_FDCWD, from, seed->store.fd, seed_tree_name(path->name, tree));
}

static int copy_path(struct seed *seed, const struct path *path)
{
	int r = seed_top(&seed->store, path, top_of(seed, path));

	ocf_step(seed->relocation->ctx, "copy %s", path->name);
	return r < 0 ? copy_failed(&seed->copy, r, path->name, NULL)
		     : go_over(seed, path, path->name, copy_tree);
}

/* What a walk said: 0 good, 1 it changed meanwhile, -1 refused with a reason. */
static int verdict(struct seed *seed, const struct path *path, int r)
{
	if (r == 0 || r == -EAGAIN)
		return r < 0;
	(void) seed_copy_error(seed, path, r);
	return -1;
}

/* Step 2: as verdict(). */
static int copy_all(struct seed *seed)
{
	int r;

	seed->copy.entries = seed->copy.bytes = seed->copy.sockets = 0;
	if ((r = copy_remove(seed->store.fd, "links")) < 0 ||
	    mkdirat(seed->store.fd, "links", 0700) < 0) {
		ocf_reason(seed->relocation->ctx, "%s/links: %s", seed->store.directory,
			   strerror(r < 0 ? -r : errno));
		return -1;
	}
	ocf_close_p(&seed->store.links_fd);
	seed->store.links_fd =
		openat(seed->store.fd, "links", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	seed->copy.links_fd = seed->store.links_fd;
	for_each_seed(seed->relocation, path)
	{
		r = copy_path(seed, path);
		if (r < 0)
			return verdict(seed, path, r);
	}
	r = copy_remove(seed->store.fd, "links");
	for_each_seed(seed->relocation, path)
	{
		if (r == 0)
			r = go_over(seed, path, path->name, copy_late_flags);
		if (r < 0)
			return verdict(seed, path, r);
	}
	ocf_step(seed->relocation->ctx, "sync the shared tree");
	r = sync_copies(seed);
	if (r < 0)
		ocf_reason(seed->relocation->ctx, "%s: cannot be synced: %s",
			   seed->relocation->shared, strerror(-r));
	return r < 0 ? -1 : 0;
}

/* Back to before step 3. */
static void exchange_back(struct relocation *relocation)
{
	for_each_seed(relocation, path)
	{
		seed_undo_local(relocation, path);
	}
}

/* Step 4 for one path: as verdict(). */
static int look_after(struct seed *seed, const struct path *path)
{
	int r;

	if (!nobody_uses(seed->relocation, path, path->seeding))
		return -1;
	if (!is_link_to(path->name, path->target)) {
		ocf_reason(
			seed->relocation->ctx,
			"%s: somebody has put something else there; the original is %s: move one "
			"of them away",
			path->name, path->seeding);
		return -1;
	}
	seed->copy.since = seed->round;
	r = go_over(seed, path, path->seeding, copy_check);
	seed->copy.since = seed->store.begun;
	if (r == 0)
		r = go_over(seed, path, path->seeding, copy_settle_top);
	return verdict(seed, path, r);
}

static int look_after_all(struct seed *seed)
{
	int r = 0;

	seed->copy.links = &seed->links;
	for_each_seed(seed->relocation, path)
	{
		if (r == 0)
			r = look_after(seed, path);
	}
	seed->copy.links = NULL;
	if (r == 0 && seed_check_hard_links(seed) != OCF_SUCCESS)
		r = -1;
	copy_links_free(&seed->links);
	return r;
}

/* Steps 2 to 4: 0 done, 1 something changed meanwhile, -1 refused. Undone unless 0. */
static int copy_and_exchange(struct seed *seed)
{
	int r = begin_round(seed) == OCF_SUCCESS ? copy_all(seed) : -1;

	if (r != 0)
		return r;
	ocf_step(seed->relocation->ctx, "exchange");
	/* Interrupted by hand it would leave paths that lead nowhere; what is to be done is short, but for the comparison. */
	interrupts_hold(true);
	if (switch_read(seed->relocation) != SWITCH_ACTIVE && switch_close(seed->relocation) < 0)
		return -1;
	seed->copy.exchanged = true;
	for_each_seed(seed->relocation, path)
	{
		if (r == 0 && (r = exchange_for_link(path, path->seeding)) < 0)
			ocf_reason(seed->relocation->ctx, "%s: cannot be replaced by a link: %s",
				   path->name, strerror(-r));
	}
	if (r == 0)
		r = look_after_all(seed);
	if (r >= 0 && copy_clock_set_back(seed->clock_ms)) {
		/* What was copied may be older than it looks: nothing is kept for the next round. */
		r = 1;
		(void) copy_failed(&seed->copy, 0, "the clock", "was set back");
		seed->store.begun = seed->copy.since = (struct timespec){ .tv_sec = 0 };
	}
	if (r != 0) {
		exchange_back(seed->relocation);
		switch_reopen(seed->relocation);
		interrupts_hold(false);
	}
	return r;
}

/* It cannot be unmounted while it is open here, but taken out of sight (umount -l, a mount on it). */
static bool is_in_sight(struct seed *seed)
{
	if (seed_store_is_in_sight(&seed->store))
		return target_is_mounted(seed->relocation, true);
	ocf_reason(seed->relocation->ctx,
		   "%s: another filesystem was mounted over it, or it was removed",
		   seed->store.directory);
	return false;
}

/* Steps 5 and 6. */
static enum ocf_status commit(struct seed *seed)
{
	enum ocf_status status;
	int r = is_in_sight(seed) ? 0 : -ENOENT;

	for_each_seed(seed->relocation, path)
	{
		/* Here, where the directories above P can be seen: another node may finish the move. */
		if (r == 0 && (r = relocation_make_parents(seed->relocation, path->name)) < 0)
			ocf_reason(seed->relocation->ctx,
				   "%s: the directories above it cannot be made: %s", path->shared,
				   strerror(-r));
		if (r == 0 && (r = seed_about_to_commit(path)) < 0)
			ocf_reason(seed->relocation->ctx, "%s: cannot be renamed: %s",
				   path->seeding, strerror(-r));
	}
	if (r < 0 || !is_in_sight(seed)) {
		exchange_back(seed->relocation);
		return OCF_ERR_GENERIC;
	}
	status = seed_store_commit(seed->relocation, &seed->store);
	if (status != OCF_SUCCESS) {
		/* It may have been written all the same: then it counts, and nothing goes back. */
		if (seed_store_is_committed(&seed->store) == 0)
			exchange_back(seed->relocation);
		return status;
	}
	for_each_seed(seed->relocation, path)
	{
		(void) keep_aside(seed->relocation, path, path->seeded);
	}
	ocf_reason_clear(seed->relocation->ctx); /* the next start tries again */
	return seed_store_recover(seed->relocation);
}

static enum ocf_status run(struct seed *seed)
{
	struct relocation *relocation = seed->relocation;
	enum ocf_status status = seed_look_before(seed);
	int r = 1;

	if (status != OCF_SUCCESS)
		return status;
	for (int round = 0; round < ROUNDS_MAX && r > 0; round++)
		r = copy_and_exchange(seed);
	if (r > 0)
		ocf_reason(relocation->ctx, "%s: %s %s (%d attempts)", relocation->shared,
			   seed->copy.where, seed->copy.what, ROUNDS_MAX);
	return r == 0 ? commit(seed) : OCF_ERR_GENERIC;
}

enum ocf_status seed_all(struct relocation *relocation)
{
	static struct seed seed;
	enum ocf_status status;
	bool any = false;

	for_each_seed(relocation, path)
	{
		any = true;
	}
	if (!any)
		return seed_store_drop_own(relocation);
	seed = (struct seed){ .relocation = relocation };
	seed.store.links_allowed = strcmp(relocation->ctx->action, "seed") == 0;
	status = seed_store_open(relocation, &seed.store);
	seed.copy.since = seed.store.begun;
	seed.synced_ms = ocf_now_ms();
	seed.copy.deadline_ms = ocf_share_ms(relocation->ctx, 90);
	seed.copy.progress = make_progress;
	seed.copy.arg = &seed;
	if (status == OCF_SUCCESS)
		status = run(&seed);
	copy_forget_ahead(&seed.copy);
	copy_links_free(&seed.links);
	seed_store_close(&seed.store);
	return status;
}
