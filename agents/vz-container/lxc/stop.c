/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stop, in three shares of the time there is: ask init to shut down (60 %), kill it and let LXC's
 * monitor clean up, which brings moved-in NICs back under their names (20 %), kill what is left
 * (20 %). None of it needs LXC's tools, the configuration or a monitor that answers.
 */
#include "lxc.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "proc.h"
#include "survivor.h"

static bool is_ours(pid_t pid, void *arg)
{
	const struct ocf_ctx *ctx = arg;
	struct lxc_spellings spellings;
	char path[PATH_MAX];

	lxc_spell(ctx, lxc_path(ctx, path, sizeof(path)), &spellings);
	return lxc_is_monitor(ctx, &spellings, pid);
}

/* What @seen calls init is process 1 of some namespace below ours, and still alive. */
static bool is_init(pid_t pid, void *arg)
{
	const struct ocf_ctx *ctx = arg;

	return proc_alive(ctx, pid) && !proc_is_ours(ctx, pid);
}

static bool is_anything(pid_t pid, void *arg)
{
	(void) pid;
	(void) arg;
	return true;
}

/* A frozen container cannot answer, nor die; a stopped monitor cannot clean up. */
static void wake(struct ocf_ctx *ctx, const struct lxc_seen *seen)
{
	struct proc_stat st;

	for (size_t i = 0; i < seen->n_payload; i++) {
		if (!cg_frozen(&seen->payload[i]))
			continue;
		ocf_log(ctx, LOG_NOTICE, "container %s is frozen: thawing it", ctx->identity);
		(void) cg_thaw(&seen->payload[i]);
	}
	for (size_t i = 0; i < seen->n_monitors; i++) {
		if (proc_stat_read(ctx, seen->monitor[i], &st) < 0 || st.state != 'T')
			continue;
		ocf_log(ctx, LOG_NOTICE, "monitor %d of container %s is stopped: continuing it",
			seen->monitor[i], ctx->identity);
		(void) proc_kill(seen->monitor[i], SIGCONT, is_ours, ctx);
	}
}

/* systemd blocks SIGRTMIN+3 to wait for it: LXC tells it by that, and so do we. */
static int halt_signal(struct ocf_ctx *ctx, pid_t init)
{
	static struct lxc_conf conf;
	unsigned long long blocked;
	char path[64], buf[4096];
	const char *p;

	if (lxc_conf_read(ctx, &conf) == 0 && conf.halt_signal)
		return conf.halt_signal;
	ocf_path(ctx, path, sizeof(path), "/proc/%d/status", init);
	if (ocf_read_file(path, buf, sizeof(buf)) > 0 && (p = strstr(buf, "\nSigBlk:")) &&
	    sscanf(p + 8, "%llx", &blocked) == 1 && (blocked & (1ULL << (SIGRTMIN + 3 - 1))))
		return SIGRTMIN + 3;
	return SIGPWR;
}

static bool ask_by_signal(struct ocf_ctx *ctx, const struct lxc_seen *seen, int64_t until)
{
	int signo = halt_signal(ctx, seen->init);

	ocf_step(ctx, "signal %d to init %d", signo, seen->init);
	(void) proc_kill(seen->init, signo, is_init, ctx);
	return ct_wait_stopped(ctx, &ct_engine_lxc, NULL, until);
}

static bool ask(struct ocf_ctx *ctx, const struct lxc_seen *seen, int64_t until)
{
	char tool_path[PATH_MAX];
	const char *tool = ct_tool(ctx, "lxc-stop", tool_path);
	static struct ocf_child child;
	char patience[16];
	const char *argv[] = { tool,	   "-P",	"-",	  "-n", ctx->identity,
			       "--nokill", "--timeout", patience, NULL };
	bool stopped;

	argv[2] = seen->spelling;
	(void) snprintf(patience, sizeof(patience), "%d",
			(int) ((until - ocf_now_ms()) / 1000) + 1);
	if (!tool || ocf_child_start(ctx, argv, &child) < 0)
		return ask_by_signal(ctx, seen, until);

	ocf_step(ctx, "lxc-stop");
	stopped = ct_wait_stopped(ctx, &ct_engine_lxc, &child, until);
	ocf_child_end(ctx, &child, 100);
	if (!stopped && ocf_now_ms() < until)
		return ask_by_signal(ctx, seen, until);
	return stopped;
}

/* Hooks that hang keep the monitor from going on; they are its children. */
static void end_hooks(struct ocf_ctx *ctx, const struct lxc_seen *seen, int signo)
{
	pid_t pids[16];

	for (size_t i = 0; i < seen->n_monitors; i++) {
		ssize_t n = proc_children(ctx, seen->monitor[i], pids, ARRAY_SIZE(pids));

		for (ssize_t k = 0; k < n; k++) {
			if (pids[k] == seen->init || !proc_is_ours(ctx, pids[k]))
				continue;
			ocf_log(ctx, LOG_NOTICE, "container %s: signal %d to hook process %d",
				ctx->identity, signo, pids[k]);
			(void) proc_kill(pids[k], signo, is_anything, NULL);
		}
	}
}

static void kill_payload(struct ocf_ctx *ctx, const struct lxc_seen *seen)
{
	if (seen->init)
		(void) proc_kill(seen->init, SIGKILL, is_init, ctx);
	for (size_t i = 0; i < seen->n_payload; i++)
		(void) cg_kill(&seen->payload[i]);
}

static bool kill_and_let_clean(struct ocf_ctx *ctx, struct lxc_seen *seen, int64_t until)
{
	const int64_t half = (ocf_now_ms() + until) / 2;

	ocf_step(ctx, "kill init, let the monitor clean up");
	wake(ctx, seen);
	if (!seen->init)
		end_hooks(ctx, seen, SIGTERM);
	kill_payload(ctx, seen);
	if (ct_wait_stopped(ctx, &ct_engine_lxc, NULL, half))
		return true;
	lxc_see(ctx, seen);
	wake(ctx, seen);
	end_hooks(ctx, seen, SIGKILL);
	kill_payload(ctx, seen);
	return ct_wait_stopped(ctx, &ct_engine_lxc, NULL, until);
}

static bool kill_all(struct ocf_ctx *ctx, struct lxc_seen *seen, int64_t until)
{
	ocf_step(ctx, "kill everything");
	do {
		lxc_see(ctx, seen);
		if (lxc_verdict(seen) == OCF_STATE_STOPPED)
			return true;
		wake(ctx, seen);
		kill_payload(ctx, seen);
		for (size_t i = 0; i < seen->n_monitors; i++) {
			ocf_log(ctx, LOG_WARNING,
				"container %s: LXC monitor %d had to be killed; a NIC that was "
				"moved in comes back by the kernel, maybe under another name",
				ctx->identity, seen->monitor[i]);
			(void) proc_kill(seen->monitor[i], SIGKILL, is_ours, ctx);
		}
	} while (!ct_wait_stopped(ctx, &ct_engine_lxc, NULL,
				  ocf_now_ms() + 200 < until ? ocf_now_ms() + 200 : until) &&
		 ocf_now_ms() < until);
	return lxc_peek(ctx) == OCF_STATE_STOPPED;
}

enum ocf_status lxc_stop(struct ocf_ctx *ctx)
{
	const int64_t graceful = ocf_share_ms(ctx, 60), cleaning = ocf_share_ms(ctx, 80);
	const int64_t last = ocf_share_ms(ctx, 96); /* the last look takes a moment, too */
	static struct lxc_seen seen;

	lxc_see(ctx, &seen);
	if (lxc_verdict(&seen) == OCF_STATE_STOPPED)
		return OCF_SUCCESS;
	wake(ctx, &seen);
	if (seen.init && ct_conf(ctx)->stop_mode != VZ_CONTAINER_STOP_MODE_KILL) {
		if (ask(ctx, &seen, graceful))
			return OCF_SUCCESS;
		ocf_log(ctx, LOG_WARNING, "container %s did not shut down in time: killing it",
			ctx->identity);
		lxc_see(ctx, &seen);
	}
	if (kill_and_let_clean(ctx, &seen, cleaning) || kill_all(ctx, &seen, last))
		return OCF_SUCCESS;
	return ct_survivor(ctx, seen.payload, seen.n_payload,
			   seen.n_monitors ? seen.monitor[0] : 0);
}
