/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which engine a container belongs to, and the agent's callbacks on top of that. */
#include <errno.h>
#include <syslog.h>
#include <unistd.h>

#include "health.h"
#include "hostend.h"
#include "vz-container.h"

#define ENGINES_MAX 2

/* The engines this container can belong to, by its parameters alone. */
static size_t candidates(struct ocf_ctx *ctx, const struct ct_engine *ret[ENGINES_MAX])
{
	size_t n = 0;

	switch (ct_conf(ctx)->engine) {
	case VZ_CONTAINER_ENGINE_LXC:
		ret[n++] = &ct_engine_lxc;
		break;
	case VZ_CONTAINER_ENGINE_VZCTL:
		ret[n++] = &ct_engine_vzctl;
		break;
	case VZ_CONTAINER_ENGINE_AUTO:
		ret[n++] = &ct_engine_lxc;
		if (ct_engine_vzctl.may_be(ctx->identity))
			ret[n++] = &ct_engine_vzctl;
		break;
	}
	return n;
}

/*
 * All candidates are asked: on a node that does not see the shared tree nothing tells whose the
 * container is, and only the kernel tells that it is nobody's.
 */
static enum ocf_state look_at_all(struct ocf_ctx *ctx, const struct ct_engine **ret_active)
{
	const struct ct_engine *engines[ENGINES_MAX];
	enum ocf_state state = OCF_STATE_STOPPED;
	size_t n = candidates(ctx, engines);

	for (size_t i = 0; i < n; i++) {
		switch (engines[i]->look(ctx)) {
		case OCF_STATE_RUNNING:
			*ret_active = engines[i];
			return OCF_STATE_RUNNING;
		case OCF_STATE_UNKNOWN:
			*ret_active = engines[i];
			state = OCF_STATE_UNKNOWN;
			break;
		case OCF_STATE_STOPPED:
			break;
		}
	}
	return state;
}

static bool is_configured(struct ocf_ctx *ctx, const struct ct_engine *engine)
{
	char path[1024];

	engine->config_path(ctx, path, sizeof(path));
	return access(path, F_OK) == 0;
}

/* Whose it was at the framework's last look, which monitor need not repeat. */
static const struct ct_engine *seen_active;

enum ocf_state ct_look(struct ocf_ctx *ctx)
{
	seen_active = NULL;
	return look_at_all(ctx, &seen_active);
}

/* The engine to start it with; NULL with a reason when that cannot be told. */
static const struct ct_engine *engine_to_start(struct ocf_ctx *ctx)
{
	const struct ct_engine *engines[ENGINES_MAX], *active, *found = NULL;
	size_t n = candidates(ctx, engines);

	if (look_at_all(ctx, &active) == OCF_STATE_RUNNING)
		return active;
	if (n == 1)
		return engines[0];
	for (size_t i = 0; i < n; i++) {
		if (!is_configured(ctx, engines[i]))
			continue;
		if (found) {
			ocf_reason(ctx,
				   "container %s is configured for %s and for %s; say which by the "
				   "parameter engine",
				   ctx->identity, found->name, engines[i]->name);
			return NULL;
		}
		found = engines[i];
	}
	return found ?: engines[0];
}

enum ocf_status ct_start(struct ocf_ctx *ctx)
{
	const struct ct_engine *engine = engine_to_start(ctx);

	return engine ? engine->start(ctx) : OCF_ERR_ARGS;
}

/* Also what is stopped: a mount may be left, and a stop that knows nothing tries to make it so. */
enum ocf_status ct_stop(struct ocf_ctx *ctx)
{
	const struct ct_engine *engines[ENGINES_MAX];
	enum ocf_status status = OCF_SUCCESS, one;
	size_t n = candidates(ctx, engines);

	for (size_t i = 0; i < n; i++) {
		one = engines[i]->stop(ctx);
		if (one != OCF_SUCCESS)
			status = one;
	}
	return status;
}

/*
 * Level 0: its init lives (health.c has the others). A reboot from inside leaves a container without one for a moment, which
 * is no failure.
 */
enum ocf_status ct_monitor(struct ocf_ctx *ctx)
{
	const int64_t until = ocf_share_ms(ctx, 25);
	const struct ct_engine *active = seen_active;
	pid_t init;

	for (;;) {
		init = !active ? 0 : active->seen_init ? active->seen_init() : active->init(ctx);
		if (init)
			return ctx->check_level < 10 ? OCF_SUCCESS : ct_health(ctx, active, init);
		if (!ocf_pause_until(until, 100))
			break;
		if (look_at_all(ctx, &active) == OCF_STATE_STOPPED)
			return OCF_NOT_RUNNING;
	}
	return ocf_fail(ctx, OCF_ERR_GENERIC,
			"container %s: something of it is left (see status), but its init is dead",
			ctx->identity);
}

/* All but the route is read anew by each action, so that a container need not restart for it. */
enum ocf_status ct_reload(struct ocf_ctx *ctx)
{
	const struct ct_engine *active;
	char why[512];
	pid_t init;

	if (look_at_all(ctx, &active) != OCF_STATE_RUNNING || !(init = active->init(ctx)))
		return OCF_SUCCESS; /* the next monitor's business */
	if (ct_route_set(ctx, active, init, why, sizeof(why)) < 0)
		ocf_log(ctx, LOG_WARNING, "container %s: %s", ctx->identity, why);
	return OCF_SUCCESS;
}

static void describe_host_ends(struct ocf_ctx *ctx, FILE *out, const struct ct_engine *engine,
			       pid_t init)
{
	struct hostend ends[HOSTENDS_MAX];
	ssize_t n = engine->host_ends(ctx, init, ends, ARRAY_SIZE(ends));

	for (ssize_t i = 0; i < n; i++)
		(void) fprintf(out, "  host end: %s, %s%s%s, %s\n", ends[i].name,
			       ends[i].master[0] ? "in bridge " : "in no bridge", ends[i].master,
			       ends[i].port_state == 3 ? " (forwarding)" : "",
			       !ends[i].up	 ? "down"
			       : ends[i].carrier ? "carrier"
						 : "no carrier");
}

void ct_describe(struct ocf_ctx *ctx, FILE *out)
{
	const struct ct_engine *engines[ENGINES_MAX];
	size_t n = candidates(ctx, engines);
	char path[1024];

	for (size_t i = 0; i < n; i++) {
		enum ocf_state state = engines[i]->peek(ctx);
		pid_t init = state == OCF_STATE_RUNNING ? engines[i]->init(ctx) : 0;

		if (n > 1 && state == OCF_STATE_STOPPED && !is_configured(ctx, engines[i]))
			continue;
		engines[i]->config_path(ctx, path, sizeof(path));
		(void) fprintf(out, "  engine: %s\n  configuration: %s%s\n", engines[i]->name, path,
			       access(path, F_OK) == 0 ? "" : " (not here)");
		if (init > 0)
			(void) fprintf(out, "  init: process %d\n", init);
		engines[i]->describe(ctx, out);
		if (init)
			describe_host_ends(ctx, out, engines[i], init);
	}
}

void ct_check_host(struct ocf_ctx *ctx)
{
	const struct ct_engine *engines[ENGINES_MAX];
	size_t n = candidates(ctx, engines), configured = 0;
	char path[1024], what[512];

	for (size_t i = 0; i < n; i++) {
		if (!is_configured(ctx, engines[i]))
			continue;
		configured++;
		if (engines[i]->autostart(ctx, what, sizeof(what)))
			ocf_finding(
				ctx,
				ct_conf(ctx)->onboot == VZ_CONTAINER_ONBOOT_REFUSE ? OCF_ERR_ARGS
										   : OCF_SUCCESS,
				"container %s: %s: this node starts it at boot without the cluster",
				ctx->identity, what);
		engines[i]->check_host(ctx);
	}
	if (configured > 1)
		ocf_finding(ctx, OCF_ERR_ARGS, "container %s is configured for %s and for %s",
			    ctx->identity, engines[0]->name, engines[1]->name);
	if (configured == 0) {
		engines[0]->config_path(ctx, path, sizeof(path));
		ocf_finding(ctx, OCF_SUCCESS,
			    "container %s is not configured here (no %s); normal while the shared "
			    "tree is in use on the other node",
			    ctx->identity, path);
	}
}
