/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Everything that only reads: the state, its health, what validate-all finds, status for people. */
#include "relocation.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The switch alone: one readlink in /run, nothing that could hang. */
enum ocf_state relocation_look(struct ocf_ctx *ctx)
{
	const struct relocation *relocation = relocation_open(ctx);

	switch (switch_read(relocation)) {
	case SWITCH_ACTIVE:
		return OCF_STATE_RUNNING;
	case SWITCH_ABSENT:
	case SWITCH_STANDBY:
		return OCF_STATE_STOPPED;
	case SWITCH_STRANGE:
		ocf_reason(ctx,
			   "%s: leads to something that vzha did not set up; stop puts it right",
			   relocation->switch_path);
		return OCF_STATE_UNKNOWN;
	case SWITCH_UNREADABLE:
		ocf_reason(ctx, "%s: cannot be read: %s", relocation->switch_path, strerror(errno));
		break;
	}
	return OCF_STATE_UNKNOWN;
}

enum ocf_status relocation_monitor(struct ocf_ctx *ctx)
{
	struct relocation *relocation = relocation_open(ctx);

	if (!target_is_mounted(relocation, false))
		return OCF_ERR_GENERIC;
	for (size_t i = 0; i < relocation->n_paths; i++) {
		struct path *path = &relocation->paths[i];

		if (inspect_local(relocation, path) < 0)
			return OCF_ERR_GENERIC;
		if (path->local == LOCAL_FILE)
			return ocf_degraded(
				ctx,
				"%s: is a file and not on the shared tree like the others, as programs leave "
				"it that save by renaming; a restart of this resource sets it aside: if it is "
				"the newer one, copy it to %s first",
				path->name, path->shared);
		if (path->local != LOCAL_OUR_LINK && path->local != LOCAL_ABSENT)
			return ocf_degraded(
				ctx,
				"%s: is %s and not on the shared tree like the others; a "
				"restart of this resource sets it aside or says what to do",
				path->name, local_kind_name(path->local));
	}
	return OCF_SUCCESS;
}

/* What a look said of why it failed, as a finding. */
static void find_reason(struct ocf_ctx *ctx, enum ocf_status status)
{
	char why[OCF_REASON_MAX];

	(void) snprintf(why, sizeof(why), "%s", ctx->reason);
	ocf_reason_clear(ctx);
	ocf_finding(ctx, status, "%s", why);
}

static void find_set_aside(struct ocf_ctx *ctx, const struct path *path)
{
	char names[512] = "";

	if (path->local == LOCAL_FULL && aside_only_here(path, names, sizeof(names)) > 0)
		ocf_finding(
			ctx, OCF_SUCCESS,
			"%s: %s here will be set aside at the next start; only here, and not on the "
			"shared tree: %s",
			path->name, local_kind_name(path->local), names);
	else
		ocf_finding(ctx, OCF_SUCCESS, "%s: %s here will be set aside at the next start",
			    path->name, local_kind_name(path->local));
}

void relocation_check_host(struct ocf_ctx *ctx)
{
	const struct vzroot_relocation_conf *conf = ctx->conf;
	struct relocation *relocation = relocation_open(ctx);

	if (!target_is_mounted(relocation, true)) {
		find_reason(ctx, OCF_SUCCESS);
		return;
	}
	if (!relocation_places_are_apart(relocation)) {
		find_reason(ctx, OCF_ERR_ARGS);
		return;
	}
	for (size_t i = 0; i < relocation->n_paths; i++) {
		struct path *path = &relocation->paths[i];
		char name[NAME_MAX + 1];
		enum step step;

		if (inspect_local(relocation, path) < 0 || inspect_shared(relocation, path) < 0) {
			find_reason(ctx, OCF_ERR_ARGS);
			continue;
		}
		step = path->step = decide_step(path->local, path->there,
						conf->seed == VZROOT_RELOCATION_SEED_COPY);
		if (step_refuses(step))
			ocf_finding(ctx, OCF_ERR_ARGS, "%s: %s here, %s at %s: %s", path->name,
				    local_kind_name(path->local), shared_kind_name(path->there),
				    path->shared, step_name(step));
		else if (step_would_hide(relocation, path))
			find_reason(ctx, OCF_ERR_ARGS);
		else if (step == STEP_SKIP)
			ocf_finding(ctx, OCF_SUCCESS,
				    "%s: nothing is there, nor at %s: skipped, if that is its name",
				    path->name, path->shared);
		else if (step == STEP_SET_ASIDE)
			find_set_aside(ctx, path);
		if (conf->standby == VZROOT_RELOCATION_STANDBY_LOCAL &&
		    standby_conflict(path, ocf_share_ms(ctx, 25), name))
			ocf_finding(ctx, OCF_SUCCESS,
				    "standby=local: %s is in %s and on the shared tree: "
				    "that path stays empty while this node is passive, or a stale "
				    "copy could be started; remove it there",
				    name, path->aside);
	}
}

static void describe_interrupted(FILE *out, const struct path *path)
{
	static const char *const suffixes[] = { ".vzha-seeding", ".vzha-seeded", ".vzha-restore",
						".vzha-restored", ".vzha-link" };
	char name[PATH_MAX];
	struct stat st;

	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		if (path_beside(name, path->name, suffixes[i]) && lstat(name, &st) == 0)
			(void) fprintf(out, "    left by something interrupted: %s\n", name);
	}
}

static void describe_aside(void *out, const struct path *path, const char *name)
{
	(void) path;
	(void) fprintf(out, "    set aside: %s\n", name);
}

void relocation_describe(struct ocf_ctx *ctx, FILE *out)
{
	struct relocation *relocation = relocation_open(ctx);

	for (size_t i = 0; i < relocation->n_paths; i++) {
		struct path *path = &relocation->paths[i];

		if (inspect_local(relocation, path) < 0) {
			ocf_reason_clear(ctx);
			(void) fprintf(out, "  %s: cannot be read\n", path->name);
			continue;
		}
		(void) fprintf(out, "  %s: %s\n", path->name, local_kind_name(path->local));
		if (is_set_aside(path))
			describe_aside(out, path, path->aside);
		aside_each_later(path, describe_aside, out);
		describe_interrupted(out, path);
	}
}
