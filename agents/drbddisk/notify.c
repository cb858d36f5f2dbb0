/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the cluster is told about this node, and what it tells about the others. */
#include "drbddisk.h"

#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#define SCORE_MAX 1000000 /* Pacemaker's infinity */

/* Four numbers separated by blanks, none smaller than the one before. */
bool drbd_scores_parse(const char *text, int64_t ret_scores[DRBD_SCORES])
{
	int64_t before = 0;

	for (size_t i = 0; i < DRBD_SCORES; i++) {
		size_t digits;

		text += strspn(text, " ");
		digits = strspn(text, "0123456789");
		if (digits == 0 || digits > 7)
			return false;
		ret_scores[i] = strtol(text, NULL, 10);
		if (ret_scores[i] < before || ret_scores[i] > SCORE_MAX)
			return false;
		before = ret_scores[i];
		text += digits;
		if (*text && *text != ' ')
			return false;
	}
	return text[strspn(text, " ")] == '\0';
}

void drbd_tell_score(struct ocf_ctx *ctx, const struct drbd_view *view)
{
	enum drbd_fitness fitness = drbd_fitness_of(view);
	int64_t scores[DRBD_SCORES], score = 0;
	char text[32];

	if (!ctx->promotable || fitness == DRBD_FITNESS_CHANGING)
		return;
	if (fitness != DRBD_FITNESS_NONE &&
	    drbd_scores_parse(drbddisk_conf(ctx)->promotion_scores, scores))
		score = scores[fitness];
	(void) snprintf(text, sizeof(text), "%lld", (long long) score);
	/* Pacemaker promotes nothing with a score of 0, but reads it as a wish: rather none. */
	ocf_promotion_score(ctx, score > 0 ? text : NULL);
}

/* Before a peer starts, what is missing here is completed, a disk above all. A split brain stays one. */
static void prepare_for_peer(struct ocf_ctx *ctx, const struct drbd_view *view)
{
	bool adjusted;

	if (drbd_bring_up(ctx, view, &adjusted) == OCF_SUCCESS && adjusted)
		ocf_log(ctx, LOG_INFO, "%s: adjusted, a peer is about to start",
			drbddisk_conf(ctx)->drbd_resource);
}

void drbddisk_notify(struct ocf_ctx *ctx)
{
	const char *type = getenv("OCF_RESKEY_CRM_meta_notify_type");
	const char *operation = getenv("OCF_RESKEY_CRM_meta_notify_operation");
	struct drbd_view view;

	if (!type || !operation || drbd_look(ctx, NULL, &view) != DRBD_ANSWER_OK || !view.found)
		return;
	if (strcmp(type, "pre") == 0 && strcmp(operation, "start") == 0)
		prepare_for_peer(ctx, &view);
	if (strcmp(type, "post") != 0)
		return;
	if (strcmp(operation, "promote") == 0 &&
	    drbd_clone_names_others(ctx, "notify_promote_uname"))
		drbd_standing_yield(ctx, &view);
	drbd_tell_score(ctx, &view);
}
