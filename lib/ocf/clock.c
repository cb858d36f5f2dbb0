/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one clock of every deadline, and the guard that speaks when everything else hangs. */
#include "private.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

int64_t ocf_now_ms(void)
{
	struct timespec ts;

	/* CLOCK_MONOTONIC cannot fail on any kernel we support. */
	(void) clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t ocf_left_ms(const struct ocf_ctx *ctx)
{
	int64_t left = ctx->deadline_ms - ocf_now_ms();

	return left > 0 ? left : 0;
}

int64_t ocf_share_ms(const struct ocf_ctx *ctx, int percent)
{
	return ocf_now_ms() + ocf_left_ms(ctx) * percent / 100;
}

bool ocf_pause_until(int64_t deadline_ms, int ms)
{
	int64_t left = deadline_ms - ocf_now_ms();

	if (left <= 0)
		return false;
	(void) poll(NULL, 0, left < ms ? (int) left : ms);
	return ocf_now_ms() < deadline_ms;
}

/*
 * The guard. Every wait of ours carries the deadline, but a plain system call (a stat on a hung
 * filesystem, syslog with a stuck daemon) does not. SIGALRM between the deadline and the manager's
 * SIGKILL gives the reason and leaves; only what write(2) and _exit(2) need happens in the handler.
 */
static char guard_text[512];
static size_t guard_len;
static volatile pid_t guard_pid;

_Noreturn static void guard_fired(int signo)
{
	(void) signo;
	if (guard_pid > 0)
		(void) kill(guard_pid, SIGKILL);
	if (write(STDERR_FILENO, guard_text, guard_len) < 0)
		_exit(OCF_ERR_GENERIC);
	_exit(OCF_ERR_GENERIC);
}

void ocf_guard_child(pid_t pid)
{
	guard_pid = pid;
}

/* Called at each step, so that the text names the one that hangs. */
void ocf_guard_describe(const struct ocf_ctx *ctx)
{
	const char *what = ctx->n_steps ? ctx->steps[ctx->n_steps - 1].what : "starting up";
	int n = snprintf(
		guard_text, sizeof(guard_text),
		"%s%s: %s gave up: a system call did not return within %lld ms while: %s\n",
		ocf_reason_prefix(), ctx->instance, ctx->action,
		(long long) (ctx->deadline_ms - ctx->start_ms), what);

	if (n < 0)
		n = 0;
	guard_len = (size_t) n < sizeof(guard_text) ? (size_t) n : sizeof(guard_text) - 1;
}

void ocf_guard_arm(const struct ocf_ctx *ctx, int64_t at_ms)
{
	const struct sigaction action = { .sa_handler = guard_fired };
	int64_t left = at_ms - ocf_now_ms();
	struct itimerval timer = { 0 };

	ocf_guard_describe(ctx);
	if (left < 1)
		left = 1;
	timer.it_value.tv_sec = left / 1000;
	timer.it_value.tv_usec = (left % 1000) * 1000;
	(void) sigaction(SIGALRM, &action, NULL);
	(void) setitimer(ITIMER_REAL, &timer, NULL);
}

void ocf_guard_disarm(void)
{
	const struct itimerval off = { 0 };

	(void) setitimer(ITIMER_REAL, &off, NULL);
}
