/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Running, but a human should look (C7). Reported as 190 when two monitors in a row saw it, and
 * only to a manager that does not take 190 for a failure. The memory between two monitors is a
 * file in /run, keyed by what the resource is about; losing it costs one monitor's delay.
 */
#include "private.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

/* By level, too: a monitor that does not look deep must not forget what a deeper one saw. */
static const char *memory_path(const struct ocf_ctx *ctx, int level, char *buf, size_t size)
{
	char name[NAME_MAX];

	return ocf_path(ctx, buf, size, "%s/degraded/%s:%d:%s", OCF_RUN_DIR,
			ctx->agent->metadata->agent, level,
			ocf_escape(ctx->identity, name, sizeof(name)));
}

/* Is this the second monitor in a row that sees trouble? Remembers that this one did. */
static bool seen_before(const struct ocf_ctx *ctx)
{
	char path[PATH_MAX], dir[PATH_MAX];

	(void) memory_path(ctx, ctx->check_level, path, sizeof(path));
	if (access(path, F_OK) == 0)
		return true;
	(void) ocf_path(ctx, dir, sizeof(dir), "%s/degraded", OCF_RUN_DIR);
	if (ocf_mkdir_p(dir, 0755) == 0)
		(void) ocf_write_file(path, "", 0644);
	return false;
}

enum ocf_status ocf_degraded(struct ocf_ctx *ctx, const char *fmt, ...)
{
	char text[OCF_REASON_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void) vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);

	/* A probe remembers nothing: it must not write (C5). */
	if (ctx->interval_ms == 0)
		return OCF_SUCCESS;
	ctx->is_degraded = true;
	if (!seen_before(ctx) || !ctx->degraded_ok) {
		ocf_log(ctx, LOG_WARNING, "%s", text);
		return OCF_SUCCESS;
	}
	return ocf_fail(ctx, OCF_DEGRADED, "%s", text);
}

/* After a recurring monitor: one that saw no trouble ends the row. */
void ocf_degraded_settle(struct ocf_ctx *ctx)
{
	char path[PATH_MAX];

	if (ctx->interval_ms == 0 || ctx->is_degraded)
		return;
	if (unlink(memory_path(ctx, ctx->check_level, path, sizeof(path))) == 0)
		ocf_log(ctx, LOG_INFO, "the trouble reported before is over");
}

/* After a start: what was seen of an earlier life does not count. */
void ocf_degraded_forget(const struct ocf_ctx *ctx)
{
	static const int levels[] = { 0, 10, 20 }; /* those of our monitors */
	char path[PATH_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(levels); i++)
		(void) unlink(memory_path(ctx, levels[i], path, sizeof(path)));
}
