/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why an action failed: one sentence, the first one given, printed once (C6). */
#include "private.h"

#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

/* Pacemaker reads the last line that begins with this. */
const char *ocf_reason_prefix(void)
{
	const char *prefix = getenv("OCF_EXIT_REASON_PREFIX");

	return prefix && *prefix ? prefix : "ocf-exit-reason:";
}

void ocf_append(char *buf, size_t size, const char *fmt, ...)
{
	size_t used = strlen(buf);
	va_list ap;

	va_start(ap, fmt);
	(void) vsnprintf(buf + used, size - used, fmt, ap);
	va_end(ap);
}

/* Control characters (a helper's newlines, a hostile name) would end or forge the line. */
void ocf_one_line(char *text)
{
	size_t len = strlen(text);

	while (len > 0 && (unsigned char) text[len - 1] <= ' ')
		text[--len] = '\0';
	for (; *text; text++) {
		if ((unsigned char) *text < ' ' || *text == 0x7f)
			*text = ' ';
	}
}

static void OCF_PRINTF(2, 0) reason_set(struct ocf_ctx *ctx, const char *fmt, va_list ap)
{
	if (ctx->reason[0])
		return;
	(void) vsnprintf(ctx->reason, sizeof(ctx->reason), fmt, ap);
	ocf_one_line(ctx->reason);
	ocf_trace(ctx, "reason: %s", ctx->reason);
}

enum ocf_status ocf_fail(struct ocf_ctx *ctx, enum ocf_status status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	reason_set(ctx, fmt, ap);
	va_end(ap);
	return status;
}

void ocf_reason(struct ocf_ctx *ctx, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	reason_set(ctx, fmt, ap);
	va_end(ap);
}

void ocf_reason_clear(struct ocf_ctx *ctx)
{
	ctx->reason[0] = '\0';
}

/* Of two verdicts the one that keeps the resource from more places. */
static int severity(enum ocf_status status)
{
	switch (status) {
	case OCF_ERR_CONFIGURED:
		return 4;
	case OCF_ERR_INSTALLED:
		return 3;
	case OCF_ERR_ARGS:
		return 2;
	case OCF_SUCCESS:
		return 0;
	case OCF_ERR_GENERIC:
	case OCF_ERR_UNIMPLEMENTED:
	case OCF_ERR_PERM:
	case OCF_NOT_RUNNING:
	case OCF_RUNNING_PROMOTED:
	case OCF_FAILED_PROMOTED:
	case OCF_DEGRADED:
	case OCF_DEGRADED_PROMOTED:
		break;
	}
	return 1;
}

void ocf_finding(struct ocf_ctx *ctx, enum ocf_status status, const char *fmt, ...)
{
	char text[OCF_REASON_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void) vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	ocf_one_line(text);

	/* A terminal is told by the log already. */
	if (ctx->findings && !isatty(STDERR_FILENO))
		(void) fprintf(ctx->findings, "%s: %s\n", status ? "ERROR" : "WARNING", text);
	ocf_log(ctx, status ? LOG_ERR : LOG_WARNING, "%s", text);
	if (!status)
		return;
	ctx->n_findings++;
	if (severity(status) > severity(ctx->worst_finding))
		ctx->worst_finding = status;
	ocf_reason(ctx, "%s", text);
}
