/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Quorum before start and promote (G1): look (the helper's answer, corosync.conf, who calls),
 * decide (lib/cluster), say. Between lib/ocf and lib/cluster, which do not know each other.
 */
#include "guard.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "quorum.h"

/* For ending a helper that is late. */
#define END_MS 90

/* How long validate-all waits for Pacemaker's own word. */
#define CIB_MS 4000

/* Every agent has the parameter; the generated structs differ only in where it lies. */
static enum quorum_policy policy_of(const struct ocf_ctx *ctx)
{
	const struct ocf_metadata *metadata = ctx->agent->metadata;

	for (size_t i = 0; i < metadata->n_params; i++) {
		const struct ocf_param *param = &metadata->params[i];
		int choice;

		if (strcmp(param->name, "quorum") != 0)
			continue;
		memcpy(&choice, (const char *) ctx->conf + param->offset, sizeof(choice));
		if (strcmp(param->choices[choice], "ignore") == 0)
			return QUORUM_IGNORE;
		if (strcmp(param->choices[choice], "require") == 0)
			return QUORUM_REQUIRE;
	}
	return QUORUM_AUTO;
}

/* Classic Heartbeat has no quorum to ask for, in either of its two guises. */
static bool is_asked_for(const struct ocf_ctx *ctx)
{
	const char *stack = getenv("HA_cluster_type");

	return policy_of(ctx) != QUORUM_IGNORE && !ctx->heartbeat &&
	       !(stack && strcmp(stack, "heartbeat") == 0);
}

static void read_conf(const struct ocf_ctx *ctx, struct quorum_conf *ret_conf)
{
	char path[PATH_MAX], text[65536] = "";
	ssize_t n = ocf_read_file(ocf_path(ctx, path, sizeof(path), "%s", QUORUM_CONF), text,
				  sizeof(text));

	quorum_conf_read(text, ret_conf);
	/* There, but unreadable: as if it asked for quorum, which is the careful way. */
	if (n < 0 && n != -EFBIG && n != -ENOENT && n != -ENOTDIR)
		ret_conf->votequorum = true;
}

/* Puts the question by the helper; @detail tells about QUORUM_FAILED. */
static void ask_once(struct ocf_ctx *ctx, int patience_ms, struct quorum_seen *seen, char *detail,
		     size_t size)
{
	const char *const argv[] = { QUORUM_ASK, NULL };
	int64_t deadline_ms = ocf_now_ms() + patience_ms;
	struct ocf_child child;
	int r;

	seen->answer = QUORUM_FAILED;
	if (deadline_ms > ctx->deadline_ms - 2 * END_MS)
		deadline_ms = ctx->deadline_ms - 2 * END_MS;
	r = ocf_child_start(ctx, argv, &child);
	if (r < 0) {
		(void) snprintf(detail, size, "%s: %s", QUORUM_ASK, strerror(-r));
		return;
	}
	r = ocf_child_wait(ctx, &child, deadline_ms);
	ocf_child_end(ctx, &child, END_MS);
	if (r == -ETIMEDOUT)
		seen->answer = QUORUM_LATE;
	else if (child.result.exit_code == QUORUM_ASK_ABSENT)
		seen->answer = QUORUM_ABSENT;
	else if (child.result.exit_code != QUORUM_ASK_ANSWERED ||
		 !quorum_answer_read(child.result.output, seen))
		(void) ocf_result_text(&child.result, detail, size);
}

/*
 * A corosync that hangs and a survivor on which everything starts at once look the same for a while,
 * and a start that is refused for nothing bans the one node that is left.
 */
static void ask(struct ocf_ctx *ctx, struct quorum_seen *seen, char *detail, size_t size)
{
	ask_once(ctx, QUORUM_PATIENCE_MS, seen, detail, size);
	if (seen->answer == QUORUM_LATE && ocf_left_ms(ctx) > 2 * QUORUM_PATIENCE_AGAIN_MS)
		ask_once(ctx, QUORUM_PATIENCE_AGAIN_MS, seen, detail, size);
}

static enum ocf_status permit(struct ocf_ctx *ctx)
{
	struct quorum_seen seen = { .pacemaker = ctx->pacemaker };
	char detail[OCF_REASON_MAX / 2] = "", why[OCF_REASON_MAX];
	enum quorum_policy policy = policy_of(ctx);
	struct quorum_conf conf;

	if (!is_asked_for(ctx))
		return OCF_SUCCESS;
	ask(ctx, &seen, detail, sizeof(detail));
	read_conf(ctx, &conf);
	seen.is_configured = conf.votequorum;
	if (seen.answer == QUORUM_QUORATE)
		return OCF_SUCCESS;
	quorum_refusal(&seen, detail, why, sizeof(why));
	if (quorum_allows(policy, &seen)) {
		ocf_log(ctx, LOG_DEBUG, "%s: quorum is not asked for here: %s", ctx->identity, why);
		return OCF_SUCCESS;
	}
	return ocf_fail(ctx, OCF_ERR_GENERIC, "%s: %s refused: %s", ctx->identity, ctx->action,
			why);
}

/* Pacemaker's no-quorum-policy, into @buf; false when Pacemaker does not say. */
static bool no_quorum_policy(struct ocf_ctx *ctx, char *buf, size_t size)
{
	const char *const argv[] = { "/usr/sbin/crm_attribute", "--type",  "crm_config", "--name",
				     "no-quorum-policy",	"--query", "--quiet",	 NULL };
	int64_t deadline_ms = ocf_now_ms() + CIB_MS;
	struct ocf_child_result result;

	if (deadline_ms > ctx->deadline_ms)
		deadline_ms = 0;
	if (ocf_run(ctx, argv, deadline_ms, &result) < 0 || result.exit_code != 0)
		return false;
	(void) snprintf(buf, size, "%.*s", (int) strcspn(result.output, "\n"), result.output);
	return true;
}

/*
 * Pacemaker that goes on without quorum and an agent that does not: each failover would end in a
 * refused start. With two_node corosync keeps the quorum itself, and the two agree.
 */
static void check_cluster(struct ocf_ctx *ctx)
{
	struct quorum_conf conf;
	char policy[64];

	if (!is_asked_for(ctx))
		return;
	read_conf(ctx, &conf);
	if (conf.two_node || !no_quorum_policy(ctx, policy, sizeof(policy)) ||
	    strcmp(policy, "ignore") != 0)
		return;
	ocf_finding(ctx, OCF_ERR_ARGS,
		    "%s: Pacemaker has no-quorum-policy=ignore, and %s no two_node: 1: when a node "
		    "dies, the start on the other one will be refused for lack of quorum; set "
		    "two_node: 1 (two nodes) or remove no-quorum-policy, or set quorum=ignore here",
		    ctx->identity, QUORUM_CONF);
}

const struct ocf_guard agent_guard = { .permit = permit, .check_host = check_cluster };
