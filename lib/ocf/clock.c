/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one clock of every deadline, and the guard that speaks when everything else hangs. */
#include "private.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* Once the verdict is known, this is all that logging and printing it may take. */
#define LAST_WORDS_MS 1000

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
 * filesystem, a full pipe at the other end of stderr) does not. SIGALRM between the deadline and
 * the manager's SIGKILL gives the answer and leaves; the handler only uses what is safe there.
 */
struct last_words {
	int status;
	size_t out_len, err_len;
	char out[64];
	char err[OCF_REASON_MAX + 64];
};

/* Two, so that the handler never meets one that is half written. */
static struct last_words words[2];
static volatile sig_atomic_t current;
static volatile pid_t children[4];

static void say(int fd, const char *text, size_t len)
{
	struct pollfd end = { .fd = fd, .events = POLLOUT };

	/* Less than PIPE_BUF: writable means that it will not block. */
	if (len > 0 && poll(&end, 1, 0) == 1 && write(fd, text, len) < 0)
		return; /* nobody to tell that to */
}

_Noreturn static void guard_fired(int signo)
{
	const struct last_words *last = &words[current];

	(void) signo;
	for (size_t i = 0; i < ARRAY_SIZE(children); i++) {
		if (children[i])
			(void) kill(children[i], SIGKILL);
	}
	say(STDOUT_FILENO, last->out, last->out_len);
	say(STDERR_FILENO, last->err, last->err_len);
	_exit(last->status);
}

/* @pid as kill(2) takes it: negative for a group. A fifth child at once goes unguarded. */
void ocf_guard_child(pid_t pid)
{
	for (size_t i = 0; i < ARRAY_SIZE(children); i++) {
		if (!children[i]) {
			children[i] = pid;
			return;
		}
	}
}

void ocf_guard_child_gone(pid_t pid)
{
	for (size_t i = 0; i < ARRAY_SIZE(children); i++) {
		if (children[i] == pid)
			children[i] = 0;
	}
}

static struct last_words *next_words(void)
{
	struct last_words *next = &words[!current];

	memset(next, 0, sizeof(*next));
	return next;
}

static void use_words(struct last_words *next)
{
	next->out_len = strlen(next->out);
	next->err_len = strlen(next->err);
	current = !current;
}

/* Called at each step, so that the text names the one that hangs. */
void ocf_guard_describe(const struct ocf_ctx *ctx)
{
	const char *what = ctx->n_steps ? ctx->steps[ctx->n_steps - 1].what : "starting up";
	struct last_words *next = next_words();

	next->status = strcmp(ctx->action, "notify") == 0 ? OCF_SUCCESS : OCF_ERR_GENERIC;
	/* Heartbeat takes an empty answer for "not owned", and would start it elsewhere. */
	if (ctx->heartbeat && strcmp(ctx->action, "monitor") == 0)
		ocf_append(next->out, sizeof(next->out),
			   "running (state unknown: no answer in time)\n");
	ocf_append(next->err, sizeof(next->err),
		   "%s%s: %s gave up: a system call did not return within %lld ms while: %s\n",
		   ocf_reason_prefix(), ctx->instance, ctx->action,
		   (long long) (ctx->deadline_ms - ctx->start_ms), what);
	use_words(next);
}

static void set_timer(int64_t ms)
{
	const struct itimerval timer = {
		.it_value.tv_sec = ms / 1000,
		.it_value.tv_usec = ms % 1000 * 1000,
	};

	(void) setitimer(ITIMER_REAL, &timer, NULL);
}

/* In the middle of the margin: after our own deadline, before the SIGKILL. */
static int64_t guard_left_ms(const struct ocf_ctx *ctx)
{
	int64_t at_ms = (ctx->deadline_ms + ctx->start_ms + ctx->timeout_ms) / 2;
	int64_t left = at_ms - ocf_now_ms();

	return left > 0 ? left : 1;
}

void ocf_guard_arm(const struct ocf_ctx *ctx)
{
	const struct sigaction action = { .sa_handler = guard_fired };
	sigset_t set;

	ocf_guard_describe(ctx);
	(void) sigaction(SIGALRM, &action, NULL);
	/* A blocked signal is inherited through exec. */
	(void) sigemptyset(&set);
	(void) sigaddset(&set, SIGALRM);
	(void) sigprocmask(SIG_UNBLOCK, &set, NULL);
	set_timer(guard_left_ms(ctx));
}

void ocf_guard_verdict(const struct ocf_ctx *ctx, enum ocf_status status, const char *reason)
{
	int64_t left = guard_left_ms(ctx);
	struct last_words *next = next_words();

	next->status = (int) status;
	if (reason)
		ocf_append(next->err, sizeof(next->err), "%s%s\n", ocf_reason_prefix(), reason);
	use_words(next);
	set_timer(left < LAST_WORDS_MS ? left : LAST_WORDS_MS);
}

void ocf_guard_say_nothing(void)
{
	words[current].err_len = 0;
}

void ocf_guard_disarm(void)
{
	set_timer(0);
}
