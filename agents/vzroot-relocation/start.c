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
			"%s: %s here, but %s at %s; if this node's content is the right one, stop "
			"what uses it and copy it there (cp -a), else move it away",
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

static enum ocf_status decide_all(struct relocation *relocation)
{
	for (size_t i = 0; i < relocation->n_paths; i++) {
		struct path *path = &relocation->paths[i];

		if (inspect_local(relocation, path) < 0 || inspect_shared(relocation, path) < 0)
			return OCF_ERR_GENERIC;
		path->step = decide_step(path->local, path->there);
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

enum ocf_status relocation_start(struct ocf_ctx *ctx)
{
	struct relocation *relocation = relocation_open(ctx);
	enum ocf_status status;
	int r;

	ocf_step(ctx, "check the mount");
	if (!target_is_mounted(relocation, true))
		return OCF_ERR_GENERIC;
	r = ocf_mkdir_p(relocation->shared, 0755);
	if (r < 0)
		return ocf_fail(ctx, OCF_ERR_GENERIC, "%s: cannot be made: %s", relocation->shared,
				strerror(-r));
	for (size_t i = 0; i < relocation->n_paths; i++)
		place_recover(relocation, &relocation->paths[i]);

	ocf_step(ctx, "decide");
	status = decide_all(relocation);
	if (status != OCF_SUCCESS)
		return status;

	/* Links made from here on must lead somewhere: to the empty tree, until the switch moves. */
	ocf_step(ctx, "placeholders");
	if (switch_standby_tree(relocation) < 0 ||
	    (ctx->before != OCF_STATE_RUNNING && switch_to(relocation, relocation->standby) < 0))
		return OCF_ERR_GENERIC;
	switch_at_boot(relocation);

	for (size_t i = 0; i < relocation->n_paths; i++) {
		ocf_step(ctx, "place %s", relocation->paths[i].name);
		status = place_path(relocation, &relocation->paths[i]);
		if (status != OCF_SUCCESS)
			return status;
	}
	ocf_step(ctx, "switch");
	return switch_to(relocation, relocation->shared) < 0 ? OCF_ERR_GENERIC : OCF_SUCCESS;
}
