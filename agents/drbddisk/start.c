/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Start: of a plain resource, Primary; of a promotable clone, up and connected. Parts that a killed
 * start left behind are completed by the next one.
 */
#include "drbddisk.h"

#include <stdlib.h>
#include <string.h>
#include <syslog.h>

static const char *clone_meta(const char *name)
{
	char variable[96];
	const char *value;

	(void) snprintf(variable, sizeof(variable), "OCF_RESKEY_CRM_meta_%s", name);
	value = getenv(variable);
	return value ? value : "";
}

/* Is an instance named that is not ours? Node names separated by blanks. */
static bool names_others(const struct ocf_ctx *ctx, const char *meta)
{
	const char *names = clone_meta(meta);

	while (*(names += strspn(names, " "))) {
		size_t len = strcspn(names, " ");

		if (len != strlen(ctx->node) || strncmp(names, ctx->node, len) != 0)
			return true;
		names += len;
	}
	return false;
}

/*
 * Is there anybody to wait for? With notifications the manager says who else runs or is about to;
 * alone, waiting would only delay the promotion that follows.
 */
static bool peer_is_expected(const struct ocf_ctx *ctx)
{
	static const char *const lists[] = { "notify_start_uname", "notify_slave_uname",
					     "notify_unpromoted_uname", "notify_master_uname",
					     "notify_promoted_uname" };

	if (!getenv("OCF_RESKEY_CRM_meta_notify_start_uname"))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		if (names_others(ctx, lists[i]))
			return true;
	}
	return false;
}

/* What would run a disk twice, or never work, however healthy DRBD is. */
static enum ocf_status refuse_clone(struct ocf_ctx *ctx)
{
	const char *per_node = clone_meta("clone_node_max");

	if (ctx->clone && !ctx->promotable)
		return ocf_fail(
			ctx, OCF_ERR_CONFIGURED,
			"%s: as a clone that is not promotable every node would be Primary; "
			"set promotable=true on the clone, or use a plain primitive",
			ctx->identity);
	if (ctx->promotable && *per_node && strcmp(per_node, "1") != 0)
		return ocf_fail(
			ctx, OCF_ERR_CONFIGURED,
			"%s: clone-node-max is %s: a DRBD resource is on a node once; set 1",
			ctx->identity, per_node);
	return OCF_SUCCESS;
}

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

	if (strcmp(clone_meta("notify"), "true") != 0)
		ocf_log(ctx, LOG_WARNING,
			"%s: the clone has no notify=true: promotion scores will be as old as the "
			"last monitor",
			conf->drbd_resource);
	status = look_and_bring_up(ctx, &view, &brought_up);
	if (status != OCF_SUCCESS)
		return status;
	if (!view.found) {
		refusal = drbd_refusal_of(&view, 0);
		return ocf_fail(ctx, OCF_ERR_GENERIC, "%s: cannot start: %s; %s",
				conf->drbd_resource, refusal.what, refusal.remedy);
	}
	if (brought_up && wait_ms > 0 && peer_is_expected(ctx)) {
		int64_t until_ms = ocf_now_ms() + wait_ms;

		drbd_wait_connected(ctx, until_ms < latest_ms ? until_ms : latest_ms);
		if (drbd_look(ctx, NULL, &view) != DRBD_ANSWER_OK)
			return OCF_ERR_GENERIC;
	}
	drbd_tell_score(ctx, &view);
	return OCF_SUCCESS;
}

enum ocf_status drbddisk_start(struct ocf_ctx *ctx)
{
	enum ocf_status status = refuse_clone(ctx);
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
