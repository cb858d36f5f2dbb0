/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The roles of a promotable clone. As with start and stop, the state that the kernel shows
 * afterwards decides, not what the work thinks of itself; and nothing here ever bans a node (C9).
 */
#include "private.h"

#include <syslog.h>

/* The answer to a change of role, by the state after it. 7 and 1 are all that can go wrong. */
static enum ocf_status role_reached(struct ocf_ctx *ctx, bool want_promoted)
{
	switch (ocf_look_settled(ctx)) {
	case OCF_STATE_STOPPED:
		return OCF_NOT_RUNNING;
	case OCF_STATE_UNKNOWN:
		return OCF_ERR_GENERIC;
	case OCF_STATE_RUNNING:
		break;
	}
	if (ctx->promoted == want_promoted)
		return OCF_SUCCESS;
	return ocf_fail(ctx, OCF_ERR_GENERIC, "%s: %s went through, but the kernel shows it %s",
			ctx->identity, ctx->action,
			ctx->promoted ? "promoted still" : "unpromoted");
}

enum ocf_status ocf_promote(struct ocf_ctx *ctx)
{
	enum ocf_status status;

	if (!ctx->promotable)
		return ocf_start(ctx);
	ctx->before = ocf_look_settled(ctx);
	if (ctx->before == OCF_STATE_UNKNOWN)
		return OCF_ERR_GENERIC;
	if (ctx->before == OCF_STATE_STOPPED)
		return OCF_NOT_RUNNING;

	status = ctx->promoted ? OCF_SUCCESS : ocf_permit(ctx);
	if (status != OCF_SUCCESS)
		return status;
	ocf_step(ctx, "promote");
	status = ctx->agent->promote(ctx);
	return status == OCF_SUCCESS ? role_reached(ctx, true) : status;
}

/* Like stop it is called whatever the state is, and succeeds when the state is right afterwards. */
enum ocf_status ocf_demote(struct ocf_ctx *ctx)
{
	enum ocf_status status, reached;

	if (!ctx->promotable)
		return ocf_stop(ctx);
	ctx->before = ocf_look_settled(ctx);
	ocf_reason_clear(ctx);
	ocf_step(ctx, "demote");
	status = ctx->agent->demote(ctx);
	reached = role_reached(ctx, false);
	if (reached == OCF_SUCCESS && ctx->unsettled)
		return OCF_ERR_GENERIC;
	if (reached == OCF_SUCCESS && status != OCF_SUCCESS && ctx->reason[0])
		ocf_log(ctx, LOG_WARNING, "demoted, but: %s", ctx->reason);
	return reached;
}

enum ocf_status ocf_notify(struct ocf_ctx *ctx)
{
	ocf_step(ctx, "notify");
	ctx->agent->notify(ctx);
	if (ctx->reason[0])
		ocf_log(ctx, LOG_WARNING, "%s", ctx->reason);
	return OCF_SUCCESS;
}
