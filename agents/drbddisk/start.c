/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Start: of a plain resource, Primary; of a promotable clone, up and connected. Parts that a killed
 * start left behind are completed by the next one.
 */
#include "drbddisk.h"

#include <string.h>
#include <syslog.h>

static bool may_bring_up(const struct ocf_ctx *ctx)
{
	switch (drbddisk_conf(ctx)->bring_up) {
	case DRBDDISK_BRING_UP_TRUE:
		return true;
	case DRBDDISK_BRING_UP_FALSE:
		return false;
	case DRBDDISK_BRING_UP_AUTO:
		break;
	}
	return ctx->promotable;
}

static enum ocf_status look_and_bring_up(struct ocf_ctx *ctx, struct drbd_view *view,
					 bool *ret_brought_up)
{
	enum ocf_status status = OCF_SUCCESS;

	*ret_brought_up = false;
	if (drbd_look(ctx, NULL, view) != DRBD_ANSWER_OK)
		return OCF_ERR_GENERIC;
	if (may_bring_up(ctx))
		status = drbd_bring_up(ctx, view, ret_brought_up);
	if (*ret_brought_up && drbd_look(ctx, NULL, view) != DRBD_ANSWER_OK)
		return OCF_ERR_GENERIC;
	return status;
}

static enum ocf_status start_unpromoted(struct ocf_ctx *ctx)
{
	const struct drbddisk_conf *conf = drbddisk_conf(ctx);
	int64_t wait_ms = conf->wait_connected * 1000;
	int64_t latest_ms = ocf_share_ms(ctx, 80);
	struct drbd_refusal refusal;
	enum ocf_status status;
	struct drbd_view view;
	bool brought_up;

	if (strcmp(drbd_clone_meta("notify"), "true") != 0)
		ocf_log(ctx, LOG_WARNING,
			"%s: the clone has no notify=true: promotion scores will be as old as the "
			"last monitor",
			conf->drbd_resource);
	status = look_and_bring_up(ctx, &view, &brought_up);
	if (status != OCF_SUCCESS)
		return status;
	if (!view.found) {
		refusal = drbd_refusal_of(&view, NULL);
		return ocf_fail(ctx, OCF_ERR_GENERIC, "%s: cannot start: %s; %s",
				conf->drbd_resource, refusal.what, refusal.remedy);
	}
	if (brought_up && wait_ms > 0 && drbd_clone_expects_peer(ctx)) {
		int64_t until_ms = ocf_now_ms() + wait_ms;

		drbd_wait_connected(ctx, until_ms < latest_ms ? until_ms : latest_ms);
		if (drbd_look(ctx, NULL, &view) != DRBD_ANSWER_OK)
			return OCF_ERR_GENERIC;
	}
	if (drbd_clone_is_promoted_elsewhere(ctx))
		drbd_standing_yield(ctx, &view);
	drbd_tell_score(ctx, &view);
	return OCF_SUCCESS;
}

enum ocf_status drbddisk_start(struct ocf_ctx *ctx)
{
	enum ocf_status status = drbd_clone_refuse(ctx);
	struct drbd_view view;
	bool brought_up;

	if (status != OCF_SUCCESS)
		return status;
	if (ctx->promotable)
		return start_unpromoted(ctx);
	status = look_and_bring_up(ctx, &view, &brought_up);
	if (status != OCF_SUCCESS)
		return status;
	return drbd_become_primary(ctx, &view);
}
