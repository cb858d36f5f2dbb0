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

/*
 * Straight to write(2): stdio would ask for the descriptor's position first, and say nothing when
 * that fails. A second time when it fails for once; there is nobody to tell of more.
 */
void ocf_say_reason(const char *fmt, ...)
{
	char line[OCF_REASON_MAX + 256];
	size_t len;
	va_list ap;

	(void) snprintf(line, 200, "%s", ocf_reason_prefix());
	len = strlen(line);
	va_start(ap, fmt);
	(void) vsnprintf(line + len, sizeof(line) - len - 1, fmt, ap);
	va_end(ap);
	len = strlen(line);
	line[len++] = '\n';
	for (int attempt = 0; attempt < 2; attempt++) {
		if (write(STDERR_FILENO, line, len) >= 0)
			return;
	}
}

void ocf_append(char *buf, size_t size, const char *fmt, ...)
{
	size_t used = strlen(buf);
	va_list ap;

	va_start(ap, fmt);
	(void) vsnprintf(buf + used, size - used, fmt, ap);
	va_end(ap);
}

/* Bytes of the UTF-8 character at @p, if XML may hold it and a terminal only shows it; else 0. */
static size_t character_len(const unsigned char *p)
{
	size_t len = p[0] < 0x80   ? 1
		     : p[0] < 0xc2 ? 0
		     : p[0] < 0xe0 ? 2
		     : p[0] < 0xf0 ? 3
		     : p[0] < 0xf5 ? 4
				   : 0;
	uint32_t code = len > 1 ? p[0] & (0x7fU >> len) : p[0];

	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (p[i] & 0x3f);
	}
	switch (len) {
	case 2:
		return code >= 0xa0 ? len : 0; /* below: control characters */
	case 3:
		return code >= 0x800 && !(code >= 0xd800 && code < 0xe000) && code < 0xfffe ? len
											    : 0;
	case 4:
		return code >= 0x10000 && code <= 0x10ffff ? len : 0;
	default:
		return len;
	}
}

/*
 * Control characters (a helper's newlines, a hostile name) would end or forge the line, and bytes
 * that are no characters would make the CIB unreadable, into which Pacemaker copies it.
 */
void ocf_one_line(char *text)
{
	size_t len = strlen(text);

	while (len > 0 && (unsigned char) text[len - 1] <= ' ')
		text[--len] = '\0';
	while (*text) {
		len = character_len((const unsigned char *) text);
		if (len == 0)
			*text = '?';
		else if (len == 1 && ((unsigned char) *text < ' ' || *text == 0x7f))
			*text = ' ';
		text += len ? len : 1;
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
