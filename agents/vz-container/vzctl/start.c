/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "own.h"
#include "vz.h"

/* Somebody's vzctl works on the container: let it finish. */
static enum ocf_status wait_for_user(struct ocf_ctx *ctx, int64_t until)
{
	char text[256];
	pid_t pid;

	ocf_step(ctx, "wait for a vzctl at work");
	for (;;) {
		pid = vz_find_user(ctx, VZ_USE_LOCKS);
		if (pid <= 0)
			return OCF_SUCCESS;
		if (!ocf_pause_until(until, 100))
			return ocf_fail(ctx, OCF_ERR_GENERIC,
					"container %s is being worked on by %s; wait for its end",
					ctx->identity, vz_user_text(ctx, pid, text, sizeof(text)));
	}
}

static enum ocf_status clear_stale_lock(struct ocf_ctx *ctx, const struct vz_conf *conf)
{
	static struct vz_lock lock;

	vz_lock_read(ctx, conf, &lock);
	if (lock.state != VZ_LOCK_STALE)
		return OCF_SUCCESS;
	if (ct_conf(ctx)->stale_lock == VZ_CONTAINER_STALE_LOCK_REFUSE)
		return ocf_fail(ctx, OCF_ERR_GENERIC,
				"container %s: stale lock %s of process %d, which is no vzctl of "
				"this node; remove it (stale_lock=refuse)",
				ctx->identity, lock.path, lock.pid);
	if (unlink(lock.path) < 0 && errno != ENOENT)
		return ocf_fail(ctx, OCF_ERR_GENERIC,
				"container %s: cannot remove stale lock %s: %s", ctx->identity,
				lock.path, strerror(errno));
	ocf_log(ctx, LOG_NOTICE,
		"container %s: removed lock %s of process %d, which is no vzctl of this node",
		ctx->identity, lock.path, lock.pid);
	return OCF_SUCCESS;
}

static enum ocf_status run_vzctl_start(struct ocf_ctx *ctx, const char *tool)
{
	const char *argv[] = { tool, "start", ctx->identity, NULL };
	const int64_t locked_until = ocf_share_ms(ctx, 33);
	static struct ocf_child_result result;
	char text[768];
	int r;

	ocf_step(ctx, "vzctl start");
	do
		r = ocf_run(ctx, argv, 0, &result);
	while (r == 0 && result.exit_code == VZ_LOCKED && ocf_pause_until(locked_until, 200));
	if (r < 0)
		return ocf_fail(ctx, OCF_ERR_GENERIC, "container %s: vzctl start: %s",
				ctx->identity,
				r == -ETIMEDOUT ? "not done in time; give start a longer timeout"
						: strerror(-r));
	ocf_result_text(&result, text, sizeof(text));
	if (result.exit_code != 0 && result.exit_code != VZ_ALREADY_RUNNING)
		ocf_log(ctx, LOG_WARNING, "vzctl start %s: %s", ctx->identity, text);
	if (vz_peek(ctx) != OCF_STATE_RUNNING || ct_settle(ctx, &ct_engine_vzctl) != OCF_SUCCESS)
		return ocf_fail(
			ctx, OCF_ERR_GENERIC, "container %s did not start: %s%s", ctx->identity,
			result.exit_code ? "vzctl: " : "its init ended at once; vzctl: ", text);
	return OCF_SUCCESS;
}

/*
 * It is active already, or what a killed start left of it is just dying: wait until it is one or
 * the other, never start a second one beside it.
 *
 * Return: RUNNING init is there; STOPPED it is gone; UNKNOWN, with a reason, neither in time.
 */
static enum ocf_state wait_for_other_start(struct ocf_ctx *ctx, int64_t until)
{
	static struct vz_seen seen;
	enum ocf_state state;

	do {
		vz_see(ctx, &seen);
		state = vz_verdict(&seen);
		if (state == OCF_STATE_STOPPED || (state == OCF_STATE_RUNNING && seen.init &&
						   ct_settle(ctx, &ct_engine_vzctl) == OCF_SUCCESS))
			return state;
	} while (ocf_pause_until(until, 50));
	(void) vz_look(ctx); /* its reason, if it is unknown */
	ocf_reason(ctx,
		   "container %s: processes live in its control groups, but no init; stop it first",
		   ctx->identity);
	return OCF_STATE_UNKNOWN;
}

static enum ocf_status start_locked(struct ocf_ctx *ctx)
{
	char tool_path[PATH_MAX];
	const char *tool = ct_tool(ctx, "vzctl", tool_path);
	static struct vz_conf conf;
	static struct ct_wants wants;
	char dump[PATH_MAX + 256];
	enum ocf_status status;

	status = wait_for_user(ctx, ocf_share_ms(ctx, 33));
	if (status != OCF_SUCCESS)
		return status;
	switch (wait_for_other_start(ctx, ocf_share_ms(ctx, 33))) {
	case OCF_STATE_RUNNING:
		return OCF_SUCCESS;
	case OCF_STATE_UNKNOWN:
		return OCF_ERR_GENERIC;
	case OCF_STATE_STOPPED:
		break;
	}

	vz_conf_read(ctx, &conf);
	if (!conf.there)
		return ocf_fail(ctx, OCF_ERR_INSTALLED,
				"no OpenVZ container %s on this node (no /etc/vz/conf/%s.conf); is "
				"the shared tree in place?",
				ctx->identity, ctx->identity);
	if (!tool)
		return ocf_fail(ctx, OCF_ERR_INSTALLED, "no vzctl %s: install vzctl",
				ct_tool_place(ctx));
	status = own_check(ctx, &ct_engine_vzctl);
	vz_conf_wants(&conf, &wants);
	if (status == OCF_SUCCESS)
		status = ct_wait_nics(ctx, &wants);
	if (status == OCF_SUCCESS)
		status = clear_stale_lock(ctx, &conf);
	if (status == OCF_SUCCESS)
		status = vz_dump_prepare(ctx, &conf, dump, sizeof(dump));
	if (status != OCF_SUCCESS)
		return status;
	if (dump[0] && vz_restore(ctx, tool, dump))
		return ct_settle(ctx, &ct_engine_vzctl) == OCF_SUCCESS
			       ? OCF_SUCCESS
			       : ocf_fail(ctx, OCF_ERR_GENERIC,
					  "container %s ended after it was restored",
					  ctx->identity);
	return run_vzctl_start(ctx, tool);
}

enum ocf_status vz_start(struct ocf_ctx *ctx)
{
	auto_close int lock = ct_lock(ctx, ocf_share_ms(ctx, 33));

	if (lock < 0)
		return ocf_fail(ctx, OCF_ERR_GENERIC, "container %s: %s", ctx->identity,
				lock == -ETIMEDOUT ? "another vzha agent is just starting it"
						   : strerror(-lock));
	return start_locked(ctx);
}
