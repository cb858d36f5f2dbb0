/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state of the resource, from the kernel. */
#include "drbddisk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* There, or perhaps there: only the kernel's word that it is not counts. */
static bool may_exist(const struct ocf_ctx *ctx, const char *name)
{
	char path[256];

	return access(ocf_path(ctx, path, sizeof(path), "%s", name), F_OK) == 0 || errno != ENOENT;
}

/* Is a module there that should have answered? Then silence is not absence. */
bool drbd_module_is_loaded(const struct ocf_ctx *ctx)
{
	return may_exist(ctx, "/proc/drbd") || may_exist(ctx, "/sys/module/drbd");
}

/* The second source: the only place where looking may start a program (D2). */
static enum drbd_answer look_by_text(struct ocf_ctx *ctx, struct drbd_view *ret_view)
{
	const char *resource = drbddisk_conf(ctx)->drbd_resource;
	const char *program = drbd_program("drbdsetup");
	const char *const argv[] = { program, "events2", "--now", resource, NULL };
	struct ocf_child_result result;
	char text[512];
	int r;

	if (!program) {
		ocf_reason(ctx,
			   "%s: the DRBD module does not answer by netlink, and drbdsetup is not "
			   "installed",
			   resource);
		return DRBD_ANSWER_FAILED;
	}
	r = ocf_run(ctx, argv, ocf_share_ms(ctx, 25), &result);
	if (r < 0 || result.exit_code != 0 || result.truncated ||
	    !drbd_events2_parse(result.output, resource, ret_view)) {
		ocf_reason(ctx, "%s: cannot read DRBD's state: drbdsetup events2: %s", resource,
			   r < 0 && !result.timed_out
				   ? strerror(-r)
				   : ocf_result_text(&result, text, sizeof(text)));
		return DRBD_ANSWER_FAILED;
	}
	drbd_standing_read(ctx, ret_view);
	return DRBD_ANSWER_OK;
}

/*
 * Netlink first. No family and no module: nothing can be up. A module that does not answer, or not
 * in a way we understand, is asked again through drbdsetup, which belongs to it.
 */
enum drbd_answer drbd_look(struct ocf_ctx *ctx, struct drbd_genl *genl, struct drbd_view *ret_view)
{
	struct drbd_genl *own = NULL;
	enum drbd_answer answer = DRBD_ANSWER_OK;

	if (!genl) {
		answer = drbd_genl_open(&own);
		genl = own;
	}
	if (answer == DRBD_ANSWER_OK)
		answer = drbd_genl_view(genl, drbddisk_conf(ctx)->drbd_resource, ret_view);
	drbd_genl_close(own);
	if (answer == DRBD_ANSWER_OK)
		drbd_standing_read(ctx, ret_view);
	if (answer == DRBD_ANSWER_ABSENT && !drbd_module_is_loaded(ctx)) {
		memset(ret_view, 0, sizeof(*ret_view));
		return DRBD_ANSWER_OK;
	}
	if (answer == DRBD_ANSWER_OK)
		return DRBD_ANSWER_OK;
	ocf_trace(ctx, "netlink did not answer, asking drbdsetup");
	return look_by_text(ctx, ret_view);
}

enum ocf_state drbddisk_look(struct ocf_ctx *ctx)
{
	struct drbd_view view;

	if (drbd_look(ctx, NULL, &view) != DRBD_ANSWER_OK)
		return OCF_STATE_UNKNOWN;
	if (!view.found)
		return OCF_STATE_STOPPED;
	/* A promotable clone runs where it is up; a plain resource runs where it is Primary. */
	switch (view.role) {
	case DRBD_ROLE_PRIMARY:
		ctx->promoted = true;
		return OCF_STATE_RUNNING;
	case DRBD_ROLE_SECONDARY:
		return ctx->promotable ? OCF_STATE_RUNNING : OCF_STATE_STOPPED;
	case DRBD_ROLE_UNKNOWN:
		break;
	}
	ocf_reason(ctx, "%s: DRBD shows neither Primary nor Secondary",
		   drbddisk_conf(ctx)->drbd_resource);
	return OCF_STATE_UNKNOWN;
}

enum ocf_status drbddisk_monitor(struct ocf_ctx *ctx)
{
	const char *resource = drbddisk_conf(ctx)->drbd_resource;
	const char *trouble;
	struct drbd_view view;

	if (drbd_look(ctx, NULL, &view) != DRBD_ANSWER_OK)
		return OCF_ERR_GENERIC;
	drbd_standing_seen(ctx, &view);
	drbd_tell_score(ctx, &view);
	trouble = drbd_trouble_of(&view);
	return trouble ? ocf_degraded(ctx, "%s: %s", resource, trouble) : OCF_SUCCESS;
}

/* After a refresh, or a time of maintenance without monitors, the cluster has old scores. */
void drbddisk_probed(struct ocf_ctx *ctx)
{
	struct drbd_view view;

	if (ctx->promotable && drbd_look(ctx, NULL, &view) == DRBD_ANSWER_OK)
		drbd_tell_score(ctx, &view);
}

void drbddisk_describe(struct ocf_ctx *ctx, FILE *out)
{
	struct drbd_view view;

	if (drbd_look(ctx, NULL, &view) != DRBD_ANSWER_OK || !view.found) {
		(void) fprintf(out, "  not up on this node\n");
		return;
	}
	(void) fprintf(out, "  role %s%s\n", drbd_role_name(view.role),
		       view.suspended ? ", I/O suspended" : "");
	if (drbd_is_aside(&view))
		(void) fprintf(out, "  not promoted here: StandAlone, now or before\n");
	for (size_t i = 0; i < view.n_devices; i++)
		(void) fprintf(out, "  volume %u /dev/drbd%u: %s%s\n", view.devices[i].volume,
			       view.devices[i].minor, drbd_disk_name(view.devices[i].disk),
			       view.devices[i].no_quorum ? ", no quorum" : "");
	for (size_t i = 0; i < view.n_connections; i++)
		(void) fprintf(out, "  peer: %s, %s\n",
			       drbd_connection_name(view.connections[i].state),
			       drbd_role_name(view.connections[i].peer_role));
	for (size_t i = 0; i < view.n_peer_disks; i++)
		(void) fprintf(out, "  peer's disk: %s\n", drbd_disk_name(view.peer_disks[i]));
}
