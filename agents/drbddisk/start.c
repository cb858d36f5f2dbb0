/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Primary, as soon as the kernel allows it (D3). Subscribe first, so that no change is missed; then
 * one real attempt, whatever the state looks like: it is what makes DRBD test a peer that died;
 * then, if refused, the state says whether the next event can help. Never forced.
 */
#include "drbddisk.h"

#include <poll.h>
#include <string.h>
#include <syslog.h>

/* A dead peer is found within DRBD's ping time; a live Primary stays one (bound for D3's "at once"). */
#define PEER_PRIMARY_WAIT_MS 10000

/* Without events (old kernels, the stand-in) the state is asked this often. */
#define POLL_MS 200

static enum ocf_status bring_up(struct ocf_ctx *ctx)
{
	const char *resource = drbddisk_conf(ctx)->drbd_resource;
	const char *program = drbd_program("drbdadm");
	const char *const argv[] = { program, "up", resource, NULL };
	struct ocf_child_result result;
	char text[512];
	int r;

	if (!program)
		return ocf_fail(ctx, OCF_ERR_INSTALLED,
				"%s: cannot be brought up: drbdadm is not installed (drbd-utils)",
				resource);
	ocf_step(ctx, "drbdadm up");
	r = ocf_run(ctx, argv, ocf_share_ms(ctx, 50), &result);
	if (r == 0 && result.exit_code == 0)
		return OCF_SUCCESS;
	return ocf_fail(ctx, OCF_ERR_GENERIC, "%s: drbdadm up failed: %s", resource,
			r < 0 && !result.timed_out ? strerror(-r)
						   : ocf_result_text(&result, text, sizeof(text)));
}

static void wait_for_event(struct drbd_genl *genl, int64_t deadline_ms)
{
	int events = genl ? drbd_genl_events(genl) : -1;
	struct pollfd fd = { .fd = events, .events = POLLIN };
	int64_t left = deadline_ms - ocf_now_ms();

	if (left <= 0)
		return;
	if (events < 0) {
		(void) ocf_pause_until(deadline_ms, POLL_MS);
		return;
	}
	/* Not every change is announced in every version: look again once a second anyway. */
	(void) poll(&fd, 1, left < 1000 ? (int) left : 1000);
	drbd_genl_events_drain(genl);
}

static enum ocf_status promote(struct ocf_ctx *ctx, struct drbd_genl *genl, struct drbd_view *view)
{
	const char *resource = drbddisk_conf(ctx)->drbd_resource;
	int64_t deadline_ms = ctx->deadline_ms - 500;
	int64_t peer_until_ms = ocf_now_ms() + PEER_PRIMARY_WAIT_MS;
	char info[512];

	if (genl)
		(void) drbd_genl_events(genl);
	for (;;) {
		struct drbd_refusal refusal;

		if (drbd_try_role(ctx, view, true, deadline_ms, info, sizeof(info)))
			return OCF_SUCCESS;
		if (drbd_look(ctx, genl, view) != DRBD_ANSWER_OK)
			return OCF_ERR_GENERIC;
		if (view->role == DRBD_ROLE_PRIMARY)
			return OCF_SUCCESS;
		refusal = drbd_refusal_of(view);
		if (!refusal.wait || ocf_now_ms() >= deadline_ms || ocf_now_ms() >= peer_until_ms)
			return ocf_fail(ctx, OCF_ERR_GENERIC,
					"%s: cannot become Primary: %s; %s (DRBD: %s)", resource,
					refusal.what, refusal.remedy, info);
		ocf_step(ctx, "wait: %s", refusal.what);
		wait_for_event(genl, deadline_ms < peer_until_ms ? deadline_ms : peer_until_ms);
		if (drbd_look(ctx, genl, view) != DRBD_ANSWER_OK)
			return OCF_ERR_GENERIC;
	}
}

enum ocf_status drbddisk_start(struct ocf_ctx *ctx)
{
	const struct drbddisk_conf *conf = drbddisk_conf(ctx);
	struct drbd_genl *genl = NULL;
	enum ocf_status status = OCF_SUCCESS;
	struct drbd_refusal refusal;
	struct drbd_view view;

	if (ctx->clone)
		return ocf_fail(
			ctx, OCF_ERR_CONFIGURED,
			"%s: drbddisk is a plain primitive in this version; a clone or promotable "
			"clone of it would make every node Primary",
			conf->drbd_resource);
	if (ctx->before == OCF_STATE_RUNNING)
		return OCF_SUCCESS;
	if (drbd_look(ctx, NULL, &view) != DRBD_ANSWER_OK)
		return OCF_ERR_GENERIC;
	if (!view.found && conf->bring_up == OCF_TRUE) {
		status = bring_up(ctx);
		if (status != OCF_SUCCESS || drbd_look(ctx, NULL, &view) != DRBD_ANSWER_OK)
			return status != OCF_SUCCESS ? status : OCF_ERR_GENERIC;
	}
	if (!view.found) {
		refusal = drbd_refusal_of(&view);
		return ocf_fail(ctx, OCF_ERR_GENERIC, "%s: cannot become Primary: %s; %s",
				conf->drbd_resource, refusal.what, refusal.remedy);
	}
	if (drbd_genl_open(&genl) != DRBD_ANSWER_OK)
		genl = NULL;
	status = promote(ctx, genl, &view);
	drbd_genl_close(genl);
	return status;
}
