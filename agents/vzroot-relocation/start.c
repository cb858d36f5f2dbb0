/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decide about every path first and change nothing if one refuses; then put the links in place, and
 * as the last act move the switch. Killed anywhere before that, the node is still passive.
 */
#include "relocation.h"

#include <string.h>
#include <sys/stat.h>

static enum ocf_status refuse(struct relocation *relocation, const struct path *path)
{
	struct ocf_ctx *ctx = relocation->ctx;

	if (path->step == STEP_REFUSE_SEED)
		return ocf_fail(
			ctx, OCF_ERR_GENERIC,
			"%s: %s here, but %s at %s; if this node's content is the right one, run "
			"`vzroot-relocation seed` on this node (or set seed=copy), else move it away",
			path->name, local_kind_name(path->local), shared_kind_name(path->there),
			path->shared);
	if (path->step == STEP_REFUSE_LOST)
		return ocf_fail(
			ctx, OCF_ERR_GENERIC,
			"%s: this node is set up for it, but nothing is at %s; is the right "
			"filesystem mounted? If it is, make the directory there",
			path->name, path->shared);
	if (path->step == STEP_REFUSE_LINK)
		return ocf_fail(ctx, OCF_ERR_GENERIC,
				"%s: %s, with %s at %s; remove the link if nothing needs it",
				path->name, local_kind_name(path->local),
				shared_kind_name(path->there), path->shared);
	return ocf_fail(ctx, OCF_ERR_GENERIC, "%s: %s here and %s at %s do not fit; move one away",
			path->name, local_kind_name(path->local), shared_kind_name(path->there),
			path->shared);
}

enum ocf_status decide_all(struct relocation *relocation, bool seed)
{
	if (!relocation_places_are_apart(relocation))
		return OCF_ERR_ARGS;
	for (size_t i = 0; i < relocation->n_paths; i++) {
		struct path *path = &relocation->paths[i];

		if (inspect_local(relocation, path) < 0 || inspect_shared(relocation, path) < 0)
			return OCF_ERR_GENERIC;
		path->step = decide_step(path->local, path->there, seed);
		ocf_trace(relocation->ctx, "%s: %s / %s: %s", path->name,
			  local_kind_name(path->local), shared_kind_name(path->there),
			  step_name(path->step));
	}
	for (size_t i = 0; i < relocation->n_paths; i++) {
		if (step_refuses(relocation->paths[i].step))
			return refuse(relocation, &relocation->paths[i]);
	}
	return OCF_SUCCESS;
}

/* Everything but the switch: all links in place, what is to be seeded on the shared tree. */
static enum ocf_status place_all(struct relocation *relocation, bool seed)
{
	struct ocf_ctx *ctx = relocation->ctx;
	enum ocf_status status;
	int r;

	r = ocf_mkdir_p(relocation->shared, 0755);
	if (r < 0)
		return ocf_fail(ctx, OCF_ERR_GENERIC, "%s: cannot be made: %s", relocation->shared,
				strerror(-r));
	ocf_step(ctx, "recover");
	status = seed_store_recover(relocation);
	if (status != OCF_SUCCESS)
		return status;
	for (size_t i = 0; i < relocation->n_paths; i++) {
		seed_recover_local(relocation, &relocation->paths[i], SEED_SEES_SHARED);
		place_recover(relocation, &relocation->paths[i]);
	}

	ocf_step(ctx, "decide");
	status = decide_all(relocation, seed);
	if (status != OCF_SUCCESS)
		return status;

	/* Links made from here on must lead somewhere: to the empty tree, until the switch moves. */
	ocf_step(ctx, "placeholders");
	if (standby_tree(relocation) < 0 || (switch_read(relocation) != SWITCH_ACTIVE &&
					     switch_to(relocation, relocation->standby) < 0))
		return OCF_ERR_GENERIC;
	switch_at_boot(relocation);

	status = seed_all(relocation);
	for (size_t i = 0; status == OCF_SUCCESS && i < relocation->n_paths; i++) {
		if (relocation->paths[i].step == STEP_SEED)
			continue;
		ocf_step(ctx, "place %s", relocation->paths[i].name);
		status = place_path(relocation, &relocation->paths[i]);
	}
	if (status != OCF_SUCCESS)
		return status;
	if (standby_choose(relocation) < 0)
		return OCF_ERR_GENERIC;
	switch_at_boot(relocation);
	return OCF_SUCCESS;
}

enum ocf_status relocation_start(struct ocf_ctx *ctx)
{
	const struct vzroot_relocation_conf *conf = ctx->conf;
	struct relocation *relocation = relocation_open(ctx);
	auto_close int lock = -1;
	enum ocf_status status;

	ocf_step(ctx, "check the mount");
	if (!target_is_mounted(relocation, true))
		return OCF_ERR_GENERIC;
	lock = relocation_lock(relocation, ocf_share_ms(ctx, 50));
	if (lock < 0)
		return OCF_ERR_GENERIC;
	standby_tell_strays(relocation);
	status = place_all(relocation, conf->seed == VZROOT_RELOCATION_SEED_COPY);
	if (status != OCF_SUCCESS)
		return status;
	ocf_step(ctx, "switch");
	if (!target_is_mounted(relocation, true)) /* it was, but a seed can take hours */
		return OCF_ERR_GENERIC;
	return switch_to(relocation, relocation->shared) < 0 ? OCF_ERR_GENERIC : OCF_SUCCESS;
}

/* By hand, ahead of time: as start with seed=copy, but whether the node is active stays as it is. */
enum ocf_status relocation_seed(struct ocf_ctx *ctx)
{
	struct relocation *relocation = relocation_open(ctx);
	auto_close int lock = -1;

	if (!target_is_mounted(relocation, true))
		return OCF_ERR_GENERIC;
	lock = relocation_lock(relocation, ctx->deadline_ms);
	return lock < 0 ? OCF_ERR_GENERIC : place_all(relocation, true);
}
