/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decide about every path first and change nothing if one refuses; then put the links in place, and
 * move the switch. Killed anywhere before that, the node is still passive. Links made by hand are
 * adopted last: they lead to the shared tree before and after.
 */
#include "relocation.h"

#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

enum ocf_status decide_all(struct relocation *relocation, bool seed)
{
	if (!relocation_places_are_apart(relocation))
		return OCF_ERR_ARGS;
	for (size_t i = 0; i < relocation->n_paths; i++) {
		struct path *path = &relocation->paths[i];

		if (inspect_local(relocation, path) < 0 || inspect_shared(relocation, path) < 0)
			return OCF_ERR_GENERIC;
		path->step = decide_step(path->local, path->there, seed);
		ocf_trace(relocation->ctx, "%s: %s / %s: %s", path->name,
			  local_kind_name(path->local), shared_kind_name(path->there),
			  step_name(path->step));
	}
	for (size_t i = 0; i < relocation->n_paths; i++) {
		if (step_refuses(relocation->paths[i].step))
			return relocation_refuse(relocation, &relocation->paths[i]);
		if (step_would_hide(relocation, &relocation->paths[i]))
			return OCF_ERR_GENERIC;
		if (relocation->paths[i].step == STEP_SKIP)
			ocf_log(relocation->ctx, LOG_NOTICE,
				"%s: nothing is there, nor on the shared tree: skipped",
				relocation->paths[i].name);
		if (relocation->paths[i].step == STEP_SKIP && is_set_aside(&relocation->paths[i]))
			ocf_log(relocation->ctx, LOG_WARNING,
				"%s: nothing is there, nor on the shared tree, but %s is here: what "
				"was there once",
				relocation->paths[i].name, relocation->paths[i].aside);
	}
	return OCF_SUCCESS;
}

/* Is there something to place now? A link made by hand waits: it leads to the shared tree already. */
static bool is_due(const struct path *path)
{
	return path->step == STEP_LINK || path->step == STEP_REPLACE ||
	       path->step == STEP_SET_ASIDE || path->step == STEP_MAKE_SHARED;
}

static enum ocf_status place_due(struct relocation *relocation)
{
	bool close = switch_read(relocation) != SWITCH_ACTIVE;
	enum ocf_status status = OCF_SUCCESS;

	for (size_t i = 0; status == OCF_SUCCESS && i < relocation->n_paths; i++) {
		if (!is_due(&relocation->paths[i]))
			continue;
		ocf_step(relocation->ctx, "place %s", relocation->paths[i].name);
		if (close && switch_close(relocation) < 0)
			return OCF_ERR_GENERIC;
		close = false;
		status = place_path(relocation, &relocation->paths[i]);
	}
	return status;
}

/* Who works by way of a link made by hand notices nothing: both ways lead to the shared tree, now. */
static enum ocf_status adopt_all(struct relocation *relocation)
{
	enum ocf_status status = OCF_SUCCESS;

	for (size_t i = 0; status == OCF_SUCCESS && i < relocation->n_paths; i++) {
		if (relocation->paths[i].step == STEP_ADOPT)
			status = place_path(relocation, &relocation->paths[i]);
	}
	return status;
}

/* A stop that came in between has the last word. */
static enum ocf_status switch_on(struct relocation *relocation)
{
	if (!target_is_mounted(relocation, true)) /* it was, but a seed can take hours */
		return OCF_ERR_GENERIC;
	return switch_is_moved(relocation) || switch_to(relocation, relocation->shared) < 0
		       ? OCF_ERR_GENERIC
		       : OCF_SUCCESS;
}

/* Taken out of the parameter, and still leading to the shared tree. */
static void tell_others(struct relocation *relocation)
{
	char others[512];

	if (relocation_others(relocation, NULL, others, sizeof(others)) > 0)
		ocf_log(relocation->ctx, LOG_WARNING,
			"%s: other paths lead to it as well, and are not looked after: %s; name them in "
			"paths, or run `vzroot-relocation restore` for them while this node is passive",
			relocation->shared, others);
}

/* A complete copy of an interrupted restore is older than the shared tree from now on. */
static void keep_restored(struct relocation *relocation, const struct path *path)
{
	char restored[PATH_MAX];

	if (path_beside(restored, path->name, ".vzha-restored") &&
	    restored_put_aside(relocation, path, restored) < 0) {
		ocf_log(relocation->ctx, LOG_WARNING, "%s", relocation->ctx->reason);
		ocf_reason_clear(relocation->ctx);
	}
}

/* Everything but the switch: all links in place, what is to be seeded on the shared tree. */
static enum ocf_status place_all(struct relocation *relocation, bool seed, bool by_hand)
{
	struct ocf_ctx *ctx = relocation->ctx;
	enum ocf_status status;
	int r;

	r = ocf_mkdir_p(relocation->shared, 0755);
	if (r < 0)
		return ocf_fail(ctx, OCF_ERR_GENERIC, "%s: cannot be made: %s", relocation->shared,
				strerror(-r));
	ocf_step(ctx, "recover");
	status = seed_store_recover(relocation);
	if (status != OCF_SUCCESS)
		return status;
	for (size_t i = 0; i < relocation->n_paths; i++) {
		if (!by_hand)
			earlier_names_end(relocation, &relocation->paths[i]);
		seed_recover_local(relocation, &relocation->paths[i], SEED_SEES_SHARED);
		place_recover(relocation, &relocation->paths[i]);
		keep_restored(relocation, &relocation->paths[i]);
		if (!seed_names_are_free(relocation, &relocation->paths[i]))
			return OCF_ERR_GENERIC;
	}

	ocf_step(ctx, "decide");
	status = decide_all(relocation, seed);
	if (status != OCF_SUCCESS)
		return status;

	/* Links made from here on must lead somewhere: to the empty tree, until the switch moves. */
	ocf_step(ctx, "placeholders");
	if (standby_tree(relocation) < 0 ||
	    (switch_read(relocation) != SWITCH_ACTIVE &&
	     (switch_is_moved(relocation) || switch_to(relocation, relocation->standby) < 0)))
		return OCF_ERR_GENERIC;
	relocation_at_boot(relocation);

	status = seed_all(relocation);
	if (status == OCF_SUCCESS)
		status = place_due(relocation);
	if (status != OCF_SUCCESS)
		return status;
	/* People do not say what the cluster's parameter standby is. */
	if (!by_hand && standby_choose(relocation) < 0)
		return OCF_ERR_GENERIC;
	relocation_at_boot(relocation);
	return OCF_SUCCESS;
}

/*
 * While the paths led nowhere a package may have taken a link for a dead one, and made a directory of it. What cannot
 * be placed is monitor's to tell (R3).
 */
static void place_again(struct relocation *relocation)
{
	for (size_t i = 0; i < relocation->n_paths; i++) {
		struct path *path = &relocation->paths[i];

		if (path->step == STEP_SKIP || inspect_local(relocation, path) < 0 ||
		    inspect_shared(relocation, path) < 0)
			continue;
		path->step = decide_step(path->local, path->there, false);
		if (path->step == STEP_KEEP)
			continue;
		ocf_log(relocation->ctx, LOG_WARNING,
			"%s: is %s, made while the others were placed", path->name,
			local_kind_name(path->local));
		if (!step_refuses(path->step))
			(void) place_path(relocation, path);
	}
	ocf_reason_clear(relocation->ctx);
}

enum ocf_status relocation_start(struct ocf_ctx *ctx)
{
	const struct vzroot_relocation_conf *conf = ctx->conf;
	struct relocation *relocation = relocation_open(ctx);
	bool was_active = switch_read(relocation) == SWITCH_ACTIVE;
	auto_close int lock = -1;
	enum ocf_status status;

	ocf_step(ctx, "check the mount");
	if (!target_is_mounted(relocation, true))
		return OCF_ERR_GENERIC;
	lock = relocation_lock(relocation, ocf_share_ms(ctx, 50));
	if (lock < 0)
		return OCF_ERR_GENERIC;
	switch_note(relocation);
	standby_tell_strays(relocation, false);
	tell_others(relocation);
	status = place_all(relocation, conf->seed == VZROOT_RELOCATION_SEED_COPY, false);
	ocf_step(ctx, "switch");
	if (status == OCF_SUCCESS)
		status = switch_on(relocation);
	if (status == OCF_SUCCESS) {
		status = adopt_all(relocation);
		if (status != OCF_SUCCESS && !was_active)
			(void) switch_to(relocation, relocation->standby);
	}
	switch_reopen(relocation);
	if (status == OCF_SUCCESS)
		place_again(relocation);
	return status;
}

/* By hand, ahead of time: as start with seed=copy, but whether the node is active stays as it is. */
enum ocf_status relocation_seed(struct ocf_ctx *ctx)
{
	struct relocation *relocation = relocation_open(ctx);
	enum ocf_status status;
	auto_close int lock = -1;

	if (!target_is_mounted(relocation, true))
		return OCF_ERR_GENERIC;
	lock = relocation_lock(relocation, ctx->deadline_ms);
	if (lock < 0)
		return OCF_ERR_GENERIC;
	switch_note(relocation);
	status = place_all(relocation, true, true);
	if (status == OCF_SUCCESS && switch_read(relocation) == SWITCH_ACTIVE)
		status = adopt_all(relocation);
	switch_reopen(relocation);
	return status;
}
