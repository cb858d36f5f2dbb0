/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Primary, as soon as the kernel allows it (D3). Subscribe first, so that no change is missed; then
 * one real attempt, whatever the state looks like: it is what makes DRBD test a peer that died;
 * then, if refused, the state says whether the next event can help. Never forced. And never what is known
 * to be on the wrong side of a split brain, or not known to be on the right one: see standing.c. One that
 * the handshake has not found yet, or that was taken down by hand, looks like a peer that is away.
 */
#include "drbddisk.h"

#include <string.h>

/* A dead peer is found within DRBD's ping time; a live Primary stays one (bound for D3's "at once"). */
#define REFUSED_WAIT_MS 10000
/* What is just being brought up is alone for a moment, between its attach and its connect. */
#define ALONE_WAIT_MS 2000

/*
 * 8.4 tells the highest role of all volumes only. A promotion that was killed between two of them
 * is found out by asking again, which changes nothing where nothing is left to do.
 */
static bool is_primary(const struct drbd_view *view)
{
	return view->role == DRBD_ROLE_PRIMARY && view->n_devices <= 1;
}

static bool stays_aside(struct ocf_ctx *ctx, struct drbd_genl *genl, struct drbd_view *view)
{
	int64_t until_ms = ocf_now_ms() + ALONE_WAIT_MS;

	while (drbd_is_aside(view)) {
		if (ocf_now_ms() >= until_ms || ocf_now_ms() >= ctx->deadline_ms - 500)
			return true;
		drbd_wait_event(genl, until_ms);
		if (drbd_look(ctx, genl, view) != DRBD_ANSWER_OK)
			return true;
	}
	return false;
}

static enum ocf_status refuse(struct ocf_ctx *ctx, const struct drbd_view *view)
{
	struct drbd_refusal refusal = drbd_refusal_of(view, NULL);

	return ocf_fail(ctx, OCF_ERR_GENERIC, "%s: cannot become Primary: %s; %s",
			drbddisk_conf(ctx)->drbd_resource, refusal.what, refusal.remedy);
}

static enum ocf_status attempt(struct ocf_ctx *ctx, struct drbd_genl *genl, struct drbd_view *view)
{
	const char *resource = drbddisk_conf(ctx)->drbd_resource;
	int64_t deadline_ms = ctx->deadline_ms - 500;
	int64_t latest_ms = ocf_now_ms() + REFUSED_WAIT_MS;
	struct drbd_said said;

	if (latest_ms > deadline_ms)
		latest_ms = deadline_ms;
	for (;;) {
		struct drbd_refusal refusal;

		if (drbd_request(ctx, view, DRBD_REQUEST_PRIMARY, deadline_ms, &said))
			return OCF_SUCCESS;
		if (drbd_look(ctx, genl, view) != DRBD_ANSWER_OK)
			return OCF_ERR_GENERIC;
		if (is_primary(view))
			return OCF_SUCCESS;
		refusal = drbd_refusal_of(view, &said);
		if (refusal.wait) {
			ocf_step(ctx, "wait: %s", refusal.what);
			drbd_wait_event(genl, latest_ms);
		}
		/* Not asked once more without the time to hear the answer. */
		if (!refusal.wait || ocf_now_ms() >= latest_ms)
			return ocf_fail(ctx, OCF_ERR_GENERIC,
					"%s: cannot become Primary: %s; %s (DRBD: %s)", resource,
					refusal.what, refusal.remedy, said.text);
		if (drbd_look(ctx, genl, view) != DRBD_ANSWER_OK)
			return OCF_ERR_GENERIC;
	}
}

enum ocf_status drbd_become_primary(struct ocf_ctx *ctx, struct drbd_view *view)
{
	struct drbd_genl *genl = NULL;
	enum ocf_status status;

	if (is_primary(view))
		return OCF_SUCCESS;
	/* Nothing to attempt with: only what is not there yet, and will not come by itself. */
	if (!view->found || view->n_devices == 0)
		return refuse(ctx, view);
	if (drbd_genl_open(&genl) == DRBD_ANSWER_OK)
		(void) drbd_genl_events(genl);
	else
		genl = NULL;
	if (!stays_aside(ctx, genl, view)) {
		status = attempt(ctx, genl, view);
	} else {
		drbd_standing_seen(ctx, view);
		status = refuse(ctx, view);
	}
	drbd_genl_close(genl);
	return status;
}

enum ocf_status drbddisk_promote(struct ocf_ctx *ctx)
{
	struct drbd_view view;
	enum ocf_status status;

	if (drbd_look(ctx, NULL, &view) != DRBD_ANSWER_OK)
		return OCF_ERR_GENERIC;
	status = drbd_become_primary(ctx, &view);
	/* A node that cannot should not be chosen again at once; one that can should stay. */
	if (drbd_look(ctx, NULL, &view) == DRBD_ANSWER_OK)
		drbd_tell_score(ctx, &view);
	return status;
}
