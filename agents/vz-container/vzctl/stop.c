/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stop, in three shares of the time there is: vzctl stop, or waiting for the one already at work
 * (60 %), ending a vzctl that hangs and the halt it waits for (20 %), killing (20 %). vzctl's exit
 * code decides nothing: 40, 51 and 79 come with the container stopped, 0 with it running.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <syslog.h>
#include <unistd.h>

#include "family.h"
#include "proc.h"
#include "survivor.h"
#include "vz.h"

static bool stopped(struct ocf_ctx *ctx)
{
	return vz_peek(ctx) == OCF_STATE_STOPPED;
}

static void thaw(struct ocf_ctx *ctx, const struct vz_seen *seen)
{
	for (size_t i = 0; i < seen->n_groups; i++) {
		if (!cg_frozen(&seen->groups[i]))
			continue;
		ocf_log(ctx, LOG_NOTICE, "container %s is frozen: thawing it", ctx->identity);
		(void) cg_thaw(&seen->groups[i]);
	}
}

/* The lock of a process that is no vzctl keeps vzctl out, unless it is told not to look. */
static const char *lock_option(struct ocf_ctx *ctx)
{
	static struct vz_conf conf;
	static struct vz_lock lock;

	vz_conf_read(ctx, &conf);
	vz_lock_read(ctx, &conf, &lock);
	return lock.state == VZ_LOCK_STALE ? "--skiplock" : NULL;
}

struct tool_run {
	const char *argv[8];
	struct ocf_child child;
};

static int begin(struct ocf_ctx *ctx, struct tool_run *run, const char *tool, const char *verb,
		 const char *option)
{
	const char *skip = lock_option(ctx);
	size_t n = 0;

	run->argv[n++] = tool;
	if (skip)
		run->argv[n++] = skip;
	run->argv[n++] = verb;
	run->argv[n++] = ctx->identity;
	if (option)
		run->argv[n++] = option;
	run->argv[n] = NULL;
	ocf_step(ctx, "vzctl %s %s", verb, option ?: "");
	return ocf_child_start(ctx, run->argv, &run->child);
}

static void log_result(struct ocf_ctx *ctx, const struct tool_run *run, const char *what)
{
	char text[512];

	if (run->child.exited)
		ocf_log(ctx, LOG_NOTICE, "vzctl %s %s: %s", what, ctx->identity,
			ocf_result_text(&run->child.result, text, sizeof(text)));
}

/* Return: true when the container is stopped; false when it is time for the next share. */
static bool ask(struct ocf_ctx *ctx, const char *tool, int64_t until)
{
	static struct tool_run run;

	while (tool && ocf_now_ms() < until) {
		if (vz_find_user(ctx, VZ_USE_LOCKS) > 0) { /* it is being stopped, or started */
			if (stopped(ctx))
				return true;
			(void) ocf_pause_until(until, 100);
			continue;
		}
		if (stopped(ctx))
			return true;
		if (begin(ctx, &run, tool, "stop", NULL) < 0)
			return false;
		if (ct_wait_stopped(ctx, &ct_engine_vzctl, &run.child, until)) {
			/* It has the mount still to undo. */
			(void) ocf_child_wait(ctx, &run.child, until);
		}
		if (!run.child.exited)
			return stopped(ctx); /* ending it is the next share's business */
		ocf_child_end(ctx, &run.child, 0);
		log_result(ctx, &run, "stop");
		if (run.child.result.exit_code != VZ_LOCKED)
			return stopped(ctx);
		(void) ocf_pause_until(until, 200);
	}
	return stopped(ctx);
}

static bool still_user(pid_t pid, void *arg)
{
	char buf[PROC_CMDLINE_MAX];
	const struct ocf_ctx *ctx = arg;
	const char *argv[32];
	ssize_t argc = proc_argv(ctx, pid, buf, sizeof(buf), argv, ARRAY_SIZE(argv));

	return argc > 0 && vz_use_of(argv, (size_t) argc, ctx->identity) != VZ_USE_NONE;
}

/*
 * vzctl and what it waits for (the halt inside the container, a script). SIGTERM to vzctl alone
 * only makes it say "Cancelling..." and wait on.
 */
static void signal_user(struct ocf_ctx *ctx, pid_t pid, int signo)
{
	ct_signal_descendants(ctx, pid, signo);
	(void) proc_kill(pid, signo, still_user, ctx);
}

/* Return: true when no vzctl works on the container any more. */
static bool end_users(struct ocf_ctx *ctx, int64_t until)
{
	const int64_t half = (ocf_now_ms() + until) / 2;
	char text[256];
	pid_t pid;

	while ((pid = vz_find_user(ctx, VZ_USE_LOCKS)) > 0) {
		const int64_t now = ocf_now_ms();
		const int signo = now < half ? SIGTERM : SIGKILL;
		const int64_t wait = now < half ? half : until;

		if (now >= until)
			return false;
		ocf_log(ctx, LOG_WARNING, "container %s: ending %s by signal %d", ctx->identity,
			vz_user_text(ctx, pid, text, sizeof(text)), signo);
		signal_user(ctx, pid, signo);
		while (proc_alive(ctx, pid) && ocf_pause_until(wait, 50))
			;
	}
	return true;
}

static bool kill_member(pid_t pid, void *arg)
{
	struct ocf_ctx *ctx = arg;

	if (vz_is_member(ctx, pid))
		(void) kill(pid, SIGKILL);
	return true;
}

static bool kill_all(struct ocf_ctx *ctx, int64_t until)
{
	static struct vz_seen seen;

	ocf_step(ctx, "kill everything");
	do {
		vz_see(ctx, &seen);
		if (vz_verdict(&seen) == OCF_STATE_STOPPED)
			return true;
		thaw(ctx, &seen);
		for (size_t i = 0; i < seen.n_groups; i++)
			(void) cg_kill(&seen.groups[i]);
		if (seen.openvz)
			(void) proc_walk(ctx, kill_member, ctx);
	} while (ocf_pause_until(until, 100));
	return stopped(ctx);
}

static bool is_mounted(struct ocf_ctx *ctx, const char *root)
{
	char path[PATH_MAX], line[4096], point[PATH_MAX], real[PATH_MAX];
	auto_fclose FILE *f = NULL;

	if (!realpath(root, real)) /* /vz is often a link; the kernel shows where it leads */
		return false;
	f = fopen(ocf_path(ctx, path, sizeof(path), "/proc/self/mountinfo"), "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%*s %*s %*s %*s %4095s", point) == 1 && strcmp(point, real) == 0)
			return true;
	return false;
}

/* The file system below could not be unmounted, and the disk not be given to the other node. */
static void undo_mount(struct ocf_ctx *ctx, const char *tool, int64_t until)
{
	const int64_t patience = ocf_share_ms(ctx, 60);
	static struct tool_run run;
	static struct vz_conf conf;

	vz_conf_read(ctx, &conf);
	/* A vzctl whose agent was killed may be about to do it, or be killed before it does. */
	while (is_mounted(ctx, conf.root) && vz_find_user(ctx, VZ_USE_LOCKS) > 0)
		if (!ocf_pause_until(patience, 50))
			break;
	if (!is_mounted(ctx, conf.root) || !end_users(ctx, ocf_share_ms(ctx, 50)))
		return;
	if (tool && conf.there && ocf_now_ms() < until &&
	    begin(ctx, &run, tool, "umount", NULL) == 0) {
		(void) ocf_child_wait(ctx, &run.child, until);
		ocf_child_end(ctx, &run.child, 100);
		if (run.child.result.exit_code && run.child.result.exit_code != VZ_NOT_MOUNTED)
			log_result(ctx, &run, "umount");
	}
	if (is_mounted(ctx, conf.root) && umount2(conf.root, UMOUNT_NOFOLLOW) < 0)
		ocf_log(ctx, LOG_WARNING, "container %s is stopped, but %s stays mounted: %s",
			ctx->identity, conf.root, strerror(errno));
}

static bool stop_running(struct ocf_ctx *ctx, const char *tool)
{
	const int64_t graceful = ocf_share_ms(ctx, 60), ending = ocf_share_ms(ctx, 80);
	const int64_t fast = ocf_share_ms(ctx, 90), last = ocf_share_ms(ctx, 96);
	static struct tool_run run;

	if (ct_conf(ctx)->stop_mode == VZ_CONTAINER_STOP_MODE_SUSPEND &&
	    vz_suspend(ctx, tool, ocf_share_ms(ctx, 40)))
		return true;
	if (ct_conf(ctx)->stop_mode != VZ_CONTAINER_STOP_MODE_KILL && ask(ctx, tool, graceful))
		return true;
	(void) end_users(ctx, ending);
	if (stopped(ctx))
		return true;
	if (tool && begin(ctx, &run, tool, "stop", "--fast") == 0) {
		if (ct_wait_stopped(ctx, &ct_engine_vzctl, &run.child, fast))
			(void) ocf_child_wait(ctx, &run.child, fast);
		ocf_child_end(ctx, &run.child, 100);
		log_result(ctx, &run, "stop --fast");
	}
	return stopped(ctx) || kill_all(ctx, last);
}

enum ocf_status vz_stop(struct ocf_ctx *ctx)
{
	const int64_t last = ocf_share_ms(ctx, 97);
	char tool_path[PATH_MAX];
	const char *tool = ct_tool(ctx, "vzctl", tool_path);
	static struct vz_seen seen;

	vz_see(ctx, &seen);
	if (vz_verdict(&seen) != OCF_STATE_STOPPED) {
		thaw(ctx, &seen);
		if (!stop_running(ctx, tool)) {
			vz_see(ctx, &seen);
			return ct_survivor(ctx, seen.groups, seen.n_groups,
					   vz_find_user(ctx, VZ_USE_STARTS));
		}
	}
	undo_mount(ctx, tool, last);
	return OCF_SUCCESS;
}
