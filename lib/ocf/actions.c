/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules of every action, around the agent's own work: what may be answered in which case, and
 * that the kernel's state, not the work's own opinion, decides about start and stop.
 */
#include "private.h"

#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#define LOOK_AGAIN_MS 100
#define DEEP_LEVEL    20 /* OCF_CHECK_LEVEL that is intrusive or expensive, by the OCF standard */

const char *ocf_state_name(enum ocf_state state)
{
	switch (state) {
	case OCF_STATE_STOPPED:
		return "stopped";
	case OCF_STATE_RUNNING:
		return "running";
	case OCF_STATE_UNKNOWN:
		break;
	}
	return "unknown";
}

/*
 * Look until the state is known, for at most a quarter of the time left (C1). The reason of an
 * earlier failure outlives the look; the look's own reason stays only with UNKNOWN.
 */
enum ocf_state ocf_look_settled(struct ocf_ctx *ctx)
{
	int64_t until_ms = ocf_share_ms(ctx, 25);
	char earlier[OCF_REASON_MAX];
	enum ocf_state state;

	memcpy(earlier, ctx->reason, sizeof(earlier));
	for (;;) {
		ocf_reason_clear(ctx);
		ocf_step(ctx, "look");
		ctx->promoted = false;
		state = ctx->agent->look(ctx);
		if (state != OCF_STATE_UNKNOWN || !ocf_pause_until(until_ms, LOOK_AGAIN_MS))
			break;
	}
	ctx->promoted = ctx->promoted && state == OCF_STATE_RUNNING;
	ocf_trace(ctx, "state: %s%s", ocf_state_name(state), ctx->promoted ? ", promoted" : "");
	if (state != OCF_STATE_UNKNOWN)
		ocf_reason_clear(ctx);
	else if (!ctx->reason[0])
		ocf_reason(ctx, "%s: state unknown", ctx->identity);
	if (earlier[0])
		memcpy(ctx->reason, earlier, sizeof(earlier));
	return state;
}

/* Every complaint about the parameters, for actions that must refuse them. */
static void report_params(struct ocf_ctx *ctx, const struct ocf_param_errors *errors)
{
	for (size_t i = 0; i < errors->n; i++)
		ocf_finding(ctx, OCF_ERR_CONFIGURED, "parameter %s %s", errors->list[i].param->name,
			    errors->list[i].why);
	if (ctx->agent->check_conf && !ocf_param_errors_identity(ctx->agent, errors))
		ctx->agent->check_conf(ctx);
}

/* For all other actions: go on with defaults, but say so. */
static void warn_params(struct ocf_ctx *ctx, const struct ocf_param_errors *errors)
{
	for (size_t i = 0; i < errors->n; i++) {
		const struct ocf_param_error *error = &errors->list[i];

		ocf_log(ctx, ctx->probe ? LOG_DEBUG : LOG_WARNING, "parameter %s %s; using %s",
			error->param->name, error->why,
			error->param->fallback ? error->param->fallback : "no value");
	}
}

enum ocf_status ocf_permit(struct ocf_ctx *ctx)
{
	const struct ocf_guard *guard = ctx->agent->guard;

	if (!guard)
		return OCF_SUCCESS;
	ocf_step(ctx, "ask whether this node may act");
	return guard->permit(ctx);
}

enum ocf_status ocf_start(struct ocf_ctx *ctx)
{
	enum ocf_status status = OCF_SUCCESS;

	ctx->before = ocf_look_settled(ctx);
	if (ctx->before == OCF_STATE_UNKNOWN)
		return OCF_ERR_GENERIC; /* it may be running: starting it again could double it */

	/* What runs here already is not kept from running by a refusal; unpromoted nothing acts. */
	if (ctx->before == OCF_STATE_STOPPED && !ctx->promotable)
		status = ocf_permit(ctx);
	if (status != OCF_SUCCESS)
		return status;
	ocf_step(ctx, "start");
	status = ctx->agent->start(ctx);
	if (status != OCF_SUCCESS)
		return status;

	switch (ocf_look_settled(ctx)) {
	case OCF_STATE_RUNNING:
		if (ctx->before == OCF_STATE_STOPPED)
			ocf_degraded_forget(ctx);
		return OCF_SUCCESS;
	case OCF_STATE_STOPPED:
		return ocf_fail(ctx, OCF_ERR_GENERIC,
				"%s: start went through, but the kernel shows it stopped again",
				ctx->identity);
	case OCF_STATE_UNKNOWN:
		break;
	}
	return OCF_ERR_GENERIC;
}

/*
 * A failed stop gets the node shot, a failed monitor the resource restarted. What failed within
 * the first fifth of its time, perhaps by a fault that passes (no memory, no descriptors), is
 * tried once more; what waited for something has waited long enough.
 */
static bool another_try(struct ocf_ctx *ctx)
{
	if (ocf_now_ms() - ctx->start_ms > (ctx->deadline_ms - ctx->start_ms) / 5)
		return false;
	ocf_log(ctx, LOG_NOTICE, "%s: trying once more, after: %s", ctx->action,
		ctx->reason[0] ? ctx->reason : "no reason");
	ocf_reason_clear(ctx);
	return ocf_pause_until(ctx->deadline_ms, LOOK_AGAIN_MS);
}

static enum ocf_state try_stop(struct ocf_ctx *ctx, enum ocf_status *ret_status)
{
	enum ocf_state state;

	ocf_reason_clear(ctx);
	ctx->unsettled = false;
	ocf_step(ctx, "stop");
	*ret_status = ctx->agent->stop(ctx);
	state = ocf_look_settled(ctx);
	return state == OCF_STATE_STOPPED && ctx->unsettled ? OCF_STATE_UNKNOWN : state;
}

enum ocf_status ocf_stop(struct ocf_ctx *ctx)
{
	enum ocf_status status;
	enum ocf_state after;

	ctx->before = ocf_look_settled(ctx);
	after = try_stop(ctx, &status);
	if (after != OCF_STATE_STOPPED && another_try(ctx))
		after = try_stop(ctx, &status);
	if (after == OCF_STATE_STOPPED) {
		if (status != OCF_SUCCESS && ctx->reason[0])
			ocf_log(ctx, LOG_WARNING, "stopped, but: %s", ctx->reason);
		return OCF_SUCCESS;
	}
	if (after == OCF_STATE_RUNNING)
		ocf_reason(ctx, "%s: still active after stop", ctx->identity);
	return OCF_ERR_GENERIC;
}

static enum ocf_status monitor_state(struct ocf_ctx *ctx)
{
	enum ocf_status status;
	bool promoted;

	switch (ocf_look_settled(ctx)) {
	case OCF_STATE_STOPPED:
		return OCF_NOT_RUNNING;
	case OCF_STATE_UNKNOWN:
		return OCF_ERR_GENERIC;
	case OCF_STATE_RUNNING:
		break;
	}
	promoted = ctx->promoted;
	if (ctx->probe && ctx->agent->probed)
		ctx->agent->probed(ctx);
	if (ctx->probe || !ctx->agent->monitor)
		return promoted ? OCF_RUNNING_PROMOTED : OCF_SUCCESS;

	ocf_step(ctx, "check health");
	status = ctx->agent->monitor(ctx);
	/* Not at the levels where programs of others are run, which are told about their verdict. */
	if (status == OCF_ERR_GENERIC && ctx->check_level < DEEP_LEVEL && another_try(ctx))
		status = ctx->agent->monitor(ctx);
	/* It may have stopped just now; but only the kernel's state says that it did. */
	if (status == OCF_NOT_RUNNING && ocf_look_settled(ctx) != OCF_STATE_STOPPED)
		return ocf_fail(ctx, OCF_ERR_GENERIC, "%s: fails, but is not stopped",
				ctx->identity);
	if (promoted && status == OCF_SUCCESS)
		return OCF_RUNNING_PROMOTED;
	return promoted && status == OCF_DEGRADED ? OCF_DEGRADED_PROMOTED : status;
}

static enum ocf_status do_monitor(struct ocf_ctx *ctx)
{
	enum ocf_status status = monitor_state(ctx);

	ocf_degraded_settle(ctx);
	return status;
}

static enum ocf_status do_validate(struct ocf_ctx *ctx, const struct ocf_param_errors *errors)
{
	ctx->findings = stderr;
	report_params(ctx, errors);
	if (ctx->check_level >= 10 && !ocf_param_errors_identity(ctx->agent, errors)) {
		if (ctx->agent->check_host)
			ctx->agent->check_host(ctx);
		if (ctx->agent->guard)
			ctx->agent->guard->check_host(ctx);
	}
	if (ctx->n_findings > 1)
		ocf_append(ctx->reason, sizeof(ctx->reason), " (and %zu more, listed above)",
			   ctx->n_findings - 1);
	return ctx->worst_finding;
}

static enum ocf_status do_reload_agent(struct ocf_ctx *ctx)
{
	ctx->before = ocf_look_settled(ctx);
	if (ctx->before == OCF_STATE_UNKNOWN)
		return OCF_ERR_GENERIC;
	if (ctx->before == OCF_STATE_STOPPED)
		return OCF_NOT_RUNNING;
	return ctx->agent->reload_agent(ctx);
}

/* For people: `status`, with the same truth as monitor and the agent's details below. */
static enum ocf_status do_status(struct ocf_ctx *ctx)
{
	enum ocf_state state = ocf_look_settled(ctx);

	(void) printf("%s %s: %s\n", ctx->agent->metadata->agent, ctx->identity,
		      ocf_state_name(state));
	if (ctx->agent->describe)
		ctx->agent->describe(ctx, stdout);
	if (state == OCF_STATE_UNKNOWN)
		return OCF_ERR_GENERIC;
	return state == OCF_STATE_RUNNING ? OCF_SUCCESS : OCF_NOT_RUNNING;
}

/* With no usable identity no start can have succeeded (C9). */
static enum ocf_status without_identity(struct ocf_ctx *ctx, const struct ocf_param_error *error)
{
	if (strcmp(ctx->action, "stop") == 0 || strcmp(ctx->action, "demote") == 0 ||
	    strcmp(ctx->action, "notify") == 0)
		return OCF_SUCCESS;
	if (ctx->probe)
		return OCF_NOT_RUNNING;
	return ocf_fail(ctx, OCF_ERR_GENERIC, "parameter %s %s", error->param->name, error->why);
}

static const struct ocf_command *find_command(const struct ocf_agent *agent, const char *action)
{
	for (const struct ocf_command *c = agent->commands; c && c->name; c++) {
		if (strcmp(c->name, action) == 0)
			return c;
	}
	return NULL;
}

bool ocf_action_known(const struct ocf_agent *agent, const char *action)
{
	static const char *const always[] = { "start",	   "stop",	   "monitor",
					      "meta-data", "validate-all", "status" };

	for (size_t i = 0; i < ARRAY_SIZE(always); i++) {
		if (strcmp(action, always[i]) == 0)
			return true;
	}
	if (strcmp(action, "reload-agent") == 0)
		return agent->reload_agent != NULL;
	if (strcmp(action, "promote") == 0 || strcmp(action, "demote") == 0)
		return agent->promote != NULL;
	if (strcmp(action, "notify") == 0)
		return agent->notify != NULL;
	return find_command(agent, action) != NULL;
}

/*
 * What an answer means to a manager, and so which action may give it: 2, 3, 5 and 6 ban a resource
 * from a node or from all of them, which only start and validate-all may do; 7 and 8 tell a state,
 * which monitor does; 190 and 191 are for a recurring monitor whose caller knows them.
 */
static enum ocf_status restrict_status(const struct ocf_ctx *ctx, enum ocf_status status)
{
	bool refuses =
		strcmp(ctx->action, "start") == 0 || strcmp(ctx->action, "validate-all") == 0;
	bool changes_role =
		strcmp(ctx->action, "promote") == 0 || strcmp(ctx->action, "demote") == 0;

	/* A manager that takes a notification for a failure has nothing to recover. */
	if (strcmp(ctx->action, "notify") == 0)
		return OCF_SUCCESS;
	if (find_command(ctx->agent, ctx->action))
		return status;
	if (status == OCF_DEGRADED_PROMOTED && !(ctx->degraded_ok && ctx->promotable))
		status = ctx->degraded_ok ? OCF_DEGRADED : OCF_RUNNING_PROMOTED;
	switch (status) {
	case OCF_SUCCESS:
	case OCF_ERR_GENERIC:
	case OCF_ERR_PERM:
		return status;
	case OCF_ERR_ARGS:
	case OCF_ERR_UNIMPLEMENTED:
	case OCF_ERR_INSTALLED:
	case OCF_ERR_CONFIGURED:
		return refuses ? status : OCF_ERR_GENERIC;
	case OCF_NOT_RUNNING:
		return refuses ? OCF_ERR_GENERIC : status;
	case OCF_RUNNING_PROMOTED:
	case OCF_DEGRADED:
		if (refuses || changes_role)
			return OCF_ERR_GENERIC;
		if (status == OCF_DEGRADED ? ctx->degraded_ok : ctx->promotable)
			return status;
		return OCF_SUCCESS;
	case OCF_FAILED_PROMOTED:
	case OCF_DEGRADED_PROMOTED:
		return !refuses && !changes_role && ctx->promotable ? status : OCF_ERR_GENERIC;
	}
	return OCF_ERR_GENERIC; /* a number that is no answer */
}

static enum ocf_status dispatch(struct ocf_ctx *ctx, const struct ocf_param_errors *errors)
{
	const struct ocf_command *command = find_command(ctx->agent, ctx->action);

	if (strcmp(ctx->action, "start") == 0)
		return ocf_start(ctx);
	if (strcmp(ctx->action, "stop") == 0)
		return ocf_stop(ctx);
	if (strcmp(ctx->action, "monitor") == 0)
		return do_monitor(ctx);
	if (strcmp(ctx->action, "status") == 0)
		return do_status(ctx);
	if (strcmp(ctx->action, "validate-all") == 0)
		return do_validate(ctx, errors);
	if (strcmp(ctx->action, "reload-agent") == 0)
		return do_reload_agent(ctx);
	if (strcmp(ctx->action, "promote") == 0)
		return ocf_promote(ctx);
	if (strcmp(ctx->action, "demote") == 0)
		return ocf_demote(ctx);
	if (strcmp(ctx->action, "notify") == 0)
		return ocf_notify(ctx);
	return command->run(ctx);
}

/*
 * One action of one resource, its parameters read already.
 * The order matters: who may ask, then what was asked about, then the action's own rules.
 */
enum ocf_status ocf_action_run(struct ocf_ctx *ctx, const struct ocf_param_errors *errors)
{
	bool refuses = strcmp(ctx->action, "start") == 0;
	bool reads_only =
		strcmp(ctx->action, "validate-all") == 0 || strcmp(ctx->action, "status") == 0;

	if (!reads_only && geteuid() != 0 && !ctx->sysroot[0])
		return ocf_fail(ctx, OCF_ERR_PERM, "%s needs root, and runs as user id %u",
				ctx->action, (unsigned int) geteuid());
	if (refuses) {
		report_params(ctx, errors);
		if (ctx->n_findings)
			return ctx->worst_finding;
	} else if (strcmp(ctx->action, "validate-all") != 0) {
		warn_params(ctx, errors);
		if (ocf_param_errors_identity(ctx->agent, errors))
			return without_identity(ctx, &errors->list[0]);
	}
	return restrict_status(ctx, dispatch(ctx, errors));
}
