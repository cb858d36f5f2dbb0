/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "lxc.h"
#include "own.h"

/* The file LXC logs its errors to: the container's own if it names one. */
static const char *log_path(struct ocf_ctx *ctx, const struct lxc_conf *conf, char *buf,
			    size_t size)
{
	char name[256];

	if (conf->log_file[0])
		return ocf_path(ctx, buf, size, "%s", conf->log_file);
	return ocf_path(ctx, buf, size, OCF_RUN_DIR "/ct/%s.lxc.log",
			ocf_escape(ctx->identity, name, sizeof(name)));
}

/* "lxc-start a 2026... ERROR  network - ../src/lxc/network.c:f:711 - Failed to ..." */
static bool log_error(const char *line, char *ret, size_t size)
{
	const char *text = strstr(line, " ERROR ");

	text = text ? strstr(text, " - ") : NULL;
	text = text ? strstr(text + 3, " - ") : NULL;
	if (!text)
		return false;
	(void) snprintf(ret, size, "%.*s", (int) strcspn(text + 3, "\n"), text + 3);
	return true;
}

/* The first error after @offset is the closest to the cause. */
static bool first_error(const char *path, long offset, char *ret, size_t size)
{
	auto_fclose FILE *f = fopen(path, "re");
	char line[1024];

	if (!f || fseek(f, offset, SEEK_SET) < 0)
		return false;
	while (fgets(line, sizeof(line), f))
		if (log_error(line, ret, size))
			return true;
	return false;
}

static long size_of(const char *path)
{
	auto_fclose FILE *f = fopen(path, "re");

	return f && fseek(f, 0, SEEK_END) == 0 ? ftell(f) : 0;
}

static enum ocf_status explain(struct ocf_ctx *ctx, const struct ocf_child_result *result, int r,
			       const char *log, long offset)
{
	char error[512] = "", text[768] = "init ended at once";

	if (r == 0 && result->exit_code != 0)
		ocf_result_text(result, text, sizeof(text));
	(void) first_error(log, offset, error, sizeof(error));
	if (r == -ETIMEDOUT)
		return ocf_fail(ctx, OCF_ERR_GENERIC,
				"container %s: lxc-start did not finish in time%s%s; look for a "
				"hook that hangs, or give start a longer timeout",
				ctx->identity, error[0] ? ": " : "", error);
	if (r < 0)
		return ocf_fail(ctx, OCF_ERR_GENERIC, "container %s: cannot run lxc-start: %s",
				ctx->identity, strerror(-r));
	return ocf_fail(ctx, OCF_ERR_GENERIC, "container %s did not start: %s; more in %s",
			ctx->identity, error[0] ? error : text, log);
}

static enum ocf_status run_lxc_start(struct ocf_ctx *ctx, const struct lxc_conf *conf)
{
	char tool_path[PATH_MAX];
	const char *tool = ct_tool(ctx, "lxc-start", tool_path);
	char path[PATH_MAX], log[PATH_MAX];
	const char *argv[12] = { tool, "-P",	      lxc_path(ctx, path, sizeof(path)),
				 "-n", ctx->identity, "-d" };
	static struct ocf_child_result result;
	enum ocf_status status;
	long offset = 0;
	int r;

	if (!tool)
		return ocf_fail(ctx, OCF_ERR_INSTALLED,
				"no lxc-start %s: install LXC (package lxc)", ct_tool_place(ctx));
	log_path(ctx, conf, log, sizeof(log));
	if (conf->log_file[0]) {
		offset = size_of(log);
	} else {
		(void) unlink(log);
		argv[6] = "-o";
		argv[7] = log;
		argv[8] = "-l";
		argv[9] = "ERROR";
	}
	ocf_step(ctx, "lxc-start");
	r = ocf_run(ctx, argv, 0, &result);
	if (r < 0 || (result.exit_code != 0 && lxc_peek(ctx) != OCF_STATE_RUNNING))
		return explain(ctx, &result, r, log, offset);
	ocf_step(ctx, "wait for init and host ends");
	status = ct_settle(ctx, &ct_engine_lxc);
	return status == OCF_SUCCESS ? status : explain(ctx, &result, 0, log, offset);
}

/*
 * It is active already. Somebody may just be starting it (our own start, whose agent was killed):
 * wait for its init, never start a second one beside it.
 *
 * Return: RUNNING init is there and stays; STOPPED it is gone; UNKNOWN neither in time.
 */
static enum ocf_state wait_for_other_start(struct ocf_ctx *ctx)
{
	const int64_t until = ocf_share_ms(ctx, 60);
	static struct lxc_seen seen;

	ocf_step(ctx, "already active: wait for its init");
	for (;;) {
		lxc_see(ctx, &seen);
		/* One that ends meanwhile was left by a start that was killed. */
		if (seen.init && ct_settle(ctx, &ct_engine_lxc) == OCF_SUCCESS)
			return OCF_STATE_RUNNING;
		if (seen.init)
			lxc_see(ctx, &seen);
		if (lxc_verdict(&seen) == OCF_STATE_STOPPED)
			return OCF_STATE_STOPPED;
		if (!ocf_pause_until(until, 50))
			break;
	}
	if (seen.n_monitors)
		ocf_reason(ctx,
			   "container %s: its LXC monitor (process %d) lives, but no init; see "
			   "which hook it waits for, or stop it first",
			   ctx->identity, seen.monitor[0]);
	else
		ocf_reason(ctx,
			   "container %s: processes are left in its control groups (see status), "
			   "but no init; stop it first",
			   ctx->identity);
	return OCF_STATE_UNKNOWN;
}

static enum ocf_status start_locked(struct ocf_ctx *ctx)
{
	char lxcpath[PATH_MAX];
	static struct lxc_conf conf;
	static struct ct_wants wants;
	enum ocf_state state = lxc_look(ctx);
	enum ocf_status status;
	int r;

	r = lxc_conf_read(ctx, &conf);
	if (state == OCF_STATE_RUNNING)
		state = wait_for_other_start(ctx);
	if (state == OCF_STATE_UNKNOWN)
		return OCF_ERR_GENERIC;
	if (state == OCF_STATE_RUNNING)
		return OCF_SUCCESS;
	if (r < 0)
		return ocf_fail(ctx, OCF_ERR_INSTALLED,
				"no LXC container %s below %s: %s; is the shared tree in place?",
				ctx->identity, lxc_path(ctx, lxcpath, sizeof(lxcpath)),
				strerror(-r));
	status = own_check(ctx, &ct_engine_lxc);
	lxc_conf_wants(&conf, &wants);
	if (status == OCF_SUCCESS)
		status = ct_wait_nics(ctx, &wants);
	return status == OCF_SUCCESS ? run_lxc_start(ctx, &conf) : status;
}

enum ocf_status lxc_start(struct ocf_ctx *ctx)
{
	auto_close int lock = ct_lock(ctx, ocf_share_ms(ctx, 33));

	if (lock < 0)
		return ocf_fail(ctx, OCF_ERR_GENERIC, "container %s: %s", ctx->identity,
				lock == -ETIMEDOUT ? "another vzha agent is just starting it"
						   : strerror(-lock));
	return start_locked(ctx);
}
