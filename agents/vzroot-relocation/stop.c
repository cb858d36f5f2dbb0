/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Move the switch away, whatever uses the tree (R8): a failed stop would fence the node, and ending
 * users is the business of Filesystem, which comes next. Never touches the shared tree, which may
 * be gone or hang.
 */
#include "relocation.h"

#include <sys/stat.h>
#include <syslog.h>

/* Enough to look through a few thousand processes; for the log only. */
#define USERS_MS 1000

/* Was anything of ours ever set up here? On a node where nothing was, stop leaves no trace. */
static bool is_set_up(struct relocation *relocation)
{
	if (switch_read(relocation) != SWITCH_ABSENT)
		return true;
	for (size_t i = 0; i < relocation->n_paths; i++) {
		struct path *path = &relocation->paths[i];
		struct stat st;

		if (inspect_local(relocation, path) == 0 && path->local == LOCAL_OUR_LINK)
			return true;
		if (lstat(path->temporary, &st) == 0 || lstat(path->seeding, &st) == 0)
			return true;
	}
	return false;
}

static void log_users(struct relocation *relocation)
{
	int64_t until_ms = ocf_share_ms(relocation->ctx, 25);
	char users[900];

	if (until_ms > ocf_now_ms() + USERS_MS)
		until_ms = ocf_now_ms() + USERS_MS;
	if (users_of(relocation->ctx, relocation->shared, false, until_ms, users, sizeof(users)) >
	    0)
		ocf_log(relocation->ctx, LOG_WARNING, "%s: still used by %s", relocation->shared,
			users);
}

enum ocf_status relocation_stop(struct ocf_ctx *ctx)
{
	struct relocation *relocation = relocation_open(ctx);
	auto_close int lock = -1;

	if (!is_set_up(relocation))
		return OCF_SUCCESS;
	ocf_step(ctx, "placeholders");
	if (standby_tree(relocation) < 0)
		ocf_log(ctx, LOG_WARNING, "%s", ctx->reason);
	ocf_reason_clear(ctx);

	ocf_step(ctx, "switch");
	if (switch_to(relocation, relocation->standby) < 0)
		return OCF_ERR_GENERIC;
	/* A seed or restore by hand that is at work now puts its own names in order. */
	lock = relocation_lock(relocation, ocf_share_ms(ctx, 25));
	ocf_reason_clear(ctx);
	/* A start that was about to move it when we did is over now; without the lock, probably. */
	if (!is_link_to(relocation->switch_path, relocation->standby) &&
	    switch_read(relocation) != SWITCH_ABSENT &&
	    switch_to(relocation, relocation->standby) < 0)
		return OCF_ERR_GENERIC;
	for (size_t i = 0; lock >= 0 && i < relocation->n_paths; i++) {
		seed_recover_local(relocation, &relocation->paths[i], SEED_SEES_NOTHING);
		place_recover(relocation, &relocation->paths[i]);
	}
	if (ctx->before == OCF_STATE_RUNNING) {
		ocf_step(ctx, "look who still uses the tree");
		log_users(relocation);
	}
	return OCF_SUCCESS;
}
