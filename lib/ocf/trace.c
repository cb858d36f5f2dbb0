/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `set -x` is to a shell agent (C13): a file of timestamped steps, children and answers when
 * trace_ra is set, and for every slow action one log line that says where its time went.
 */
#include "private.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

/* The same place as the shell agents', so that `crm resource trace` finds it. */
#define TRACE_DIR "/var/lib/heartbeat/trace_ra"
#define SLOW_MS	  1000 /* C13 */

static int trace_fd = -1;

/*
 * TRACE_DIR/AGENT/INSTANCE.ACTION.TIME, or below OCF_RESKEY_trace_dir. Probes trace as well: a
 * trace is asked for by a person, and the file is not part of any state.
 */
void ocf_trace_open(struct ocf_ctx *ctx)
{
	const char *wanted = getenv("OCF_RESKEY_trace_ra");
	const char *dir = getenv("OCF_RESKEY_trace_dir");
	char path[768], dir_path[512], name[192] = "", stamp[32] = "";
	time_t now = time(NULL);
	bool on = false;
	struct tm tm;

	if (!wanted || !ocf_parse_boolean(wanted, &on) || !on)
		return;
	(void) ocf_path(ctx, dir_path, sizeof(dir_path), "%s/%s",
			dir && dir[0] == '/' ? dir : TRACE_DIR, ctx->agent->metadata->agent);
	if (ocf_mkdir_p(dir_path, 0755) < 0)
		return;
	if (localtime_r(&now, &tm))
		(void) strftime(stamp, sizeof(stamp), "%Y-%m-%d.%H:%M:%S", &tm);
	ocf_append(name, sizeof(name), "%s.%s.%s", ctx->instance, ctx->action, stamp);
	for (char *slash = name; (slash = strchr(slash, '/'));)
		*slash = '-';
	(void) snprintf(path, sizeof(path), "%s/%s", dir_path, name);
	trace_fd =
		open(path,
		     O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY,
		     0600);
	ocf_trace(ctx, "%s %s on %s: timeout %lld ms, interval %lld ms, level %d", ctx->action,
		  ctx->instance, ctx->node, (long long) ctx->timeout_ms,
		  (long long) ctx->interval_ms, ctx->check_level);
}

void ocf_trace_line(struct ocf_ctx *ctx, const char *text)
{
	if (trace_fd >= 0)
		(void) dprintf(trace_fd, "%6lld ms [%d] %s\n",
			       (long long) (ocf_now_ms() - ctx->start_ms), (int) getpid(), text);
}

void ocf_trace(struct ocf_ctx *ctx, const char *fmt, ...)
{
	char text[OCF_REASON_MAX + 128];
	va_list ap;

	if (trace_fd < 0)
		return;
	va_start(ap, fmt);
	(void) vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	ocf_trace_line(ctx, text);
}

void ocf_step(struct ocf_ctx *ctx, const char *fmt, ...)
{
	struct ocf_step_record *step;
	va_list ap;

	/* The last slot is used again and again: late steps matter more than a full record. */
	if (ctx->n_steps < OCF_STEPS_MAX)
		ctx->n_steps++;
	step = &ctx->steps[ctx->n_steps - 1];
	step->start_ms = ocf_now_ms();
	va_start(ap, fmt);
	(void) vsnprintf(step->what, sizeof(step->what), fmt, ap);
	va_end(ap);
	ocf_one_line(step->what);
	ocf_trace(ctx, "step: %s", step->what);
	ocf_guard_describe(ctx);
}

/* "stop took 4210 ms: look 3 ms, wait for init 4100 ms, ..." */
void ocf_steps_log(struct ocf_ctx *ctx)
{
	int64_t now = ocf_now_ms();
	char text[OCF_REASON_MAX] = "";

	if (now - ctx->start_ms < SLOW_MS)
		return;
	for (size_t i = 0; i < ctx->n_steps; i++) {
		int64_t end = i + 1 < ctx->n_steps ? ctx->steps[i + 1].start_ms : now;

		ocf_append(text, sizeof(text), "%s%s %lld ms", i ? ", " : ": ", ctx->steps[i].what,
			   (long long) (end - ctx->steps[i].start_ms));
	}
	ocf_log(ctx, LOG_INFO, "%s took %lld ms%s", ctx->action, (long long) (now - ctx->start_ms),
		text);
}
