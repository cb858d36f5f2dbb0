/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Secondary, and for a promotable clone's stop down. What keeps the device open may go away in a
 * moment (udev, a lazy unmount), so the request is repeated for a while; then the reason names who
 * holds it (D4).
 */
#include "drbddisk.h"

#include <string.h>
#include <syslog.h>

/* The kernel announces no close of a device. */
#define RETRY_MS 200
/*
 * Percent of the action's time that a plain resource's stop waits for the device. Classic Heartbeat asks
 * ten times more, and the framework once more each time: all of that together is then one timeout.
 */
#define PATIENCE	   80
#define PATIENCE_HEARTBEAT 5

/* DRBD 9: gives the role up although the device is open; whoever has it open gets I/O errors. */
static enum ocf_status force_secondary(struct ocf_ctx *ctx, const char *holders)
{
	const char *resource = drbddisk_conf(ctx)->drbd_resource;
	const char *program = drbd_program("drbdsetup");
	const char *const argv[] = { program, "secondary", resource, "--force", NULL };
	struct drbd_genl *genl = NULL;
	struct ocf_child_result result;
	int version = 0;

	if (drbd_genl_open(&genl) == DRBD_ANSWER_OK)
		version = drbd_genl_version(genl);
	drbd_genl_close(genl);
	if (!program || version < 2) {
		ocf_log(ctx, LOG_WARNING, "%s: force_demote needs DRBD 9 and drbdsetup", resource);
		return OCF_ERR_GENERIC;
	}
	ocf_log(ctx, LOG_WARNING, "%s: forced out of Primary (force_demote), I/O errors for: %s",
		resource, holders);
	return ocf_run(ctx, argv, 0, &result) == 0 && result.exit_code == 0 ? OCF_SUCCESS
									    : OCF_ERR_GENERIC;
}

/* One look that failed late must not fail a stop that has the time for another. */
static bool look_again(struct ocf_ctx *ctx, struct drbd_view *view)
{
	if (drbd_look(ctx, NULL, view) != DRBD_ANSWER_OK)
		return false;
	ocf_reason_clear(ctx);
	return true;
}

static void tell_holders(struct ocf_ctx *ctx, const struct drbd_view *view, const char *said,
			 char *holders, size_t size)
{
	drbd_holders(ctx, view, holders, size);
	ocf_log(ctx, LOG_WARNING, "%s: not Secondary yet: %s; held by: %s",
		drbddisk_conf(ctx)->drbd_resource, said,
		holders[0] ? holders : "nobody that can be seen");
}

/*
 * What is Secondary is asked, too: a promotion that was given up, or killed, may still be on its way in the
 * kernel, behind a fence-peer handler. The request waits behind it, and so any answer is the end of both; for
 * that Heartbeat waits like everybody. @until_ms is how long we wait for the device.
 */
static enum ocf_status become_secondary(struct ocf_ctx *ctx, int64_t until_ms)
{
	const char *resource = drbddisk_conf(ctx)->drbd_resource;
	int64_t answer_ms = ctx->heartbeat ? ocf_share_ms(ctx, PATIENCE) : until_ms;
	struct drbd_said said = { 0 };
	struct drbd_view view = { 0 };
	char holders[700] = "";
	bool seen = false, told = false;

	do {
		if (!look_again(ctx, &view))
			continue;
		seen = true;
		if (!view.found)
			return OCF_SUCCESS;
		drbd_standing_demoted(ctx, &view);
		if (drbd_request(ctx, &view, DRBD_REQUEST_SECONDARY, answer_ms, &said))
			return OCF_SUCCESS;
		ctx->unsettled = said.pending;
		if (said.pending)
			break;
		if (view.role == DRBD_ROLE_SECONDARY)
			return OCF_SUCCESS;
		if (!told)
			tell_holders(ctx, &view, said.text, holders, sizeof(holders));
		told = true;
		ocf_step(ctx, "wait until the device is closed");
	} while (ocf_pause_until(until_ms, RETRY_MS));

	if (!seen)
		return OCF_ERR_GENERIC;
	if (view.role == DRBD_ROLE_SECONDARY)
		return ocf_fail(ctx, OCF_ERR_GENERIC,
				"%s: a promotion may still be under way in the kernel (%s): is a "
				"fence-peer handler at work?",
				resource, said.text);
	drbd_holders(ctx, &view, holders, sizeof(holders));
	if (drbddisk_conf(ctx)->force_demote == OCF_TRUE &&
	    force_secondary(ctx, holders) == OCF_SUCCESS)
		return OCF_SUCCESS;
	return ocf_fail(ctx, OCF_ERR_GENERIC,
			"%s: cannot become Secondary: %s; held by: %s; stop what uses it", resource,
			said.text, holders[0] ? holders : "nobody that can be seen");
}

/* Down needs no configuration and no program: what the kernel has, the kernel gives up. */
static enum ocf_status take_down(struct ocf_ctx *ctx, int64_t until_ms)
{
	const char *resource = drbddisk_conf(ctx)->drbd_resource;
	struct drbd_said said = { 0 };
	struct drbd_view view;

	do {
		if (!look_again(ctx, &view))
			continue;
		if (!view.found)
			return OCF_SUCCESS;
		if (drbd_request(ctx, &view, DRBD_REQUEST_DOWN, until_ms, &said)) {
			ctx->unsettled = false; /* it waited behind a promotion, too */
			return OCF_SUCCESS;
		}
		ocf_step(ctx, "try again to take it down");
	} while (ocf_pause_until(until_ms, RETRY_MS));
	return ocf_fail(ctx, OCF_ERR_GENERIC, "%s: cannot be taken down: %s", resource, said.text);
}

enum ocf_status drbddisk_demote(struct ocf_ctx *ctx)
{
	enum ocf_status status = become_secondary(ctx, ocf_share_ms(ctx, 80));
	struct drbd_view view;

	if (drbd_look(ctx, NULL, &view) == DRBD_ANSWER_OK)
		drbd_tell_score(ctx, &view);
	return status;
}

enum ocf_status drbddisk_stop(struct ocf_ctx *ctx)
{
	enum ocf_status status;

	if (!ctx->promotable)
		return become_secondary(
			ctx, ocf_share_ms(ctx, ctx->heartbeat ? PATIENCE_HEARTBEAT : PATIENCE));
	status = become_secondary(ctx, ocf_share_ms(ctx, 60));
	if (status == OCF_SUCCESS || ctx->unsettled)
		status = take_down(ctx, ocf_share_ms(ctx, 80));
	/* Nothing to be promoted here any more; last, so that a hanging cluster delays nothing. */
	if (status == OCF_SUCCESS)
		ocf_promotion_score(ctx, NULL);
	return status;
}
