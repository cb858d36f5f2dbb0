/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the manager says about this call: interval, timeout, clone or not, how new it is. */
#include "private.h"

#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <syslog.h>

#define DEFAULT_TIMEOUT_MS 20000		       /* Pacemaker's own default */
#define LONGEST_TIMEOUT_MS (7 * 24 * INT64_C(3600000)) /* beyond it deadlines could overflow */
#define MARGIN_MIN_MS	   250			       /* C3 */
#define MARGIN_MAX_MS	   2000
#define MARGIN_PERCENT	   5

/* 190/191 are understood by managers with this feature set and later (C7). */
#define DEGRADED_FEATURE_SET "3.6.0"

static const char *meta(const char *name)
{
	char variable[96];

	(void) snprintf(variable, sizeof(variable), "OCF_RESKEY_CRM_meta_%s", name);
	return getenv(variable);
}

static bool is_set(const char *value)
{
	return value && *value;
}

/* The number at the beginning of @text, which is moved behind it and its dot; none counts as 0. */
static unsigned long next_number(const char **text)
{
	size_t len = strspn(*text, "0123456789");
	unsigned long number = len ? strtoul(*text, NULL, 10) : 0;

	*text += len;
	if (**text == '.')
		(*text)++;
	return number;
}

/* Dotted numbers, compared number by number: 3.16.1 is newer than 3.6.0. */
static bool version_at_least(const char *version, const char *least)
{
	while (*least) {
		unsigned long has = next_number(&version);
		unsigned long needs = next_number(&least);

		if (has != needs)
			return has > needs;
	}
	return true;
}

static int64_t advised_timeout_ms(const struct ocf_ctx *ctx)
{
	const struct ocf_metadata *metadata = ctx->agent->metadata;

	for (size_t i = 0; i < metadata->n_actions; i++) {
		if (strcmp(metadata->actions[i].name, ctx->action) == 0)
			return metadata->actions[i].timeout_ms;
	}
	return DEFAULT_TIMEOUT_MS;
}

static void read_deadline(struct ocf_ctx *ctx)
{
	const char *text = meta("timeout");
	int64_t margin;

	if (!is_set(text) || !ocf_parse_integer(text, &ctx->timeout_ms) || ctx->timeout_ms <= 0)
		ctx->timeout_ms = advised_timeout_ms(ctx);
	if (ctx->timeout_ms > LONGEST_TIMEOUT_MS)
		ctx->timeout_ms = LONGEST_TIMEOUT_MS;

	margin = ctx->timeout_ms * MARGIN_PERCENT / 100;
	if (margin > MARGIN_MAX_MS)
		margin = MARGIN_MAX_MS;
	if (margin < MARGIN_MIN_MS)
		margin = MARGIN_MIN_MS;
	if (margin > ctx->timeout_ms / 2)
		margin = ctx->timeout_ms / 2;
	ctx->deadline_ms = ctx->start_ms + ctx->timeout_ms - margin;
}

void ocf_environment_read(struct ocf_ctx *ctx)
{
	static struct utsname host;
	const char *text;
	int64_t level;

	text = getenv("OCF_RESOURCE_INSTANCE");
	ctx->instance = is_set(text) ? text : ctx->agent->metadata->agent;

	text = meta("on_node");
	if (!is_set(text) && uname(&host) == 0)
		text = host.nodename;
	ctx->node = is_set(text) ? text : "this node";

	text = meta("interval");
	if (!is_set(text) || !ocf_parse_integer(text, &ctx->interval_ms) || ctx->interval_ms < 0)
		ctx->interval_ms = 0;
	ctx->probe = strcmp(ctx->action, "monitor") == 0 && ctx->interval_ms == 0;

	text = getenv("OCF_CHECK_LEVEL");
	if (is_set(text) && ocf_parse_integer(text, &level) && level >= 0 && level <= 1000)
		ctx->check_level = (int) level;

	ctx->promotable = is_set(meta("promoted_max")) || is_set(meta("master_max"));
	ctx->clone = ctx->promotable || is_set(meta("clone_max")) || is_set(meta("clone"));

	/* Pacemaker says in every action which features it has; nobody else does. */
	text = getenv("OCF_RESKEY_crm_feature_set");
	ctx->pacemaker = !ctx->heartbeat && is_set(text);
	ctx->degraded_ok = strcmp(ctx->action, "monitor") == 0 && ctx->interval_ms > 0 &&
			   is_set(text) && version_at_least(text, DEGRADED_FEATURE_SET);

	read_deadline(ctx);
}
