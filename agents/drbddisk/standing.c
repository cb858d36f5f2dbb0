/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which side of a split brain this node is on. The kernel shows that a resource is StandAlone, but not
 * which of the two histories is in use, and once taken down and up again it shows neither: then it looks
 * like one whose peer is away. A manager that restarts a replica would so get the wrong side promoted,
 * and one that restarts the right side in place could not promote it again.
 *
 * So when we give up what is StandAlone, a file in /run tells in which role it was. It means nothing any
 * more as soon as the resource is connected, and it goes with a reboot. Where it cannot be written the
 * action goes on: a stop that fails is worse.
 */
#include "drbddisk.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#define DIRECTORY OCF_RUN_DIR "/standalone"

static const char *memory_path(const struct ocf_ctx *ctx, char *buf, size_t size)
{
	return ocf_path(ctx, buf, size, DIRECTORY "/%s", drbddisk_conf(ctx)->drbd_resource);
}

void drbd_standing_read(const struct ocf_ctx *ctx, struct drbd_view *view)
{
	char path[PATH_MAX], text[32] = "";

	(void) ocf_read_file(memory_path(ctx, path, sizeof(path)), text, sizeof(text));
	view->standing = DRBD_STANDING_NONE;
	if (drbd_role_from_name(text) == DRBD_ROLE_PRIMARY)
		view->standing = DRBD_STANDING_WRITER;
	else if (drbd_role_from_name(text) == DRBD_ROLE_SECONDARY)
		view->standing = DRBD_STANDING_ASIDE;
}

static void remember(struct ocf_ctx *ctx, enum drbd_role role)
{
	const char *resource = drbddisk_conf(ctx)->drbd_resource;
	char path[PATH_MAX];
	int r;

	r = ocf_mkdir_p(ocf_path(ctx, path, sizeof(path), DIRECTORY), 0755);
	if (r == 0)
		r = ocf_write_file(memory_path(ctx, path, sizeof(path)), drbd_role_name(role),
				   0644);
	if (r < 0)
		ocf_log(ctx, LOG_WARNING,
			"%s: cannot remember that it was StandAlone: %s: %s; promote it on the right "
			"node only",
			resource, path, strerror(-r));
	else
		ocf_log(ctx, LOG_WARNING,
			"%s: StandAlone, given up as %s: until it is connected again %s", resource,
			drbd_role_name(role),
			role == DRBD_ROLE_PRIMARY ? "it may be promoted here"
						  : "it is not promoted here");
}

void drbd_standing_note(struct ocf_ctx *ctx, const struct drbd_view *view)
{
	if (!view->found || view->n_devices == 0 || !drbd_is_alone(view))
		return;
	if (view->role != DRBD_ROLE_PRIMARY) {
		if (view->standing == DRBD_STANDING_NONE)
			remember(ctx, DRBD_ROLE_SECONDARY);
		return;
	}
	/* Two of them were Primary: nobody can tell which one was in use. */
	if (drbd_clone_names_others(ctx, "notify_master_uname") ||
	    drbd_clone_names_others(ctx, "notify_promoted_uname"))
		remember(ctx, DRBD_ROLE_SECONDARY);
	else
		remember(ctx, DRBD_ROLE_PRIMARY);
}

void drbd_standing_settle(const struct ocf_ctx *ctx, const struct drbd_view *view)
{
	char path[PATH_MAX];

	if (view->standing == DRBD_STANDING_NONE)
		return;
	for (size_t i = 0; i < view->n_connections; i++) {
		if (view->connections[i].state == DRBD_CONNECTION_CONNECTED) {
			(void) unlink(memory_path(ctx, path, sizeof(path)));
			return;
		}
	}
}

void drbd_standing_yield(struct ocf_ctx *ctx, const struct drbd_view *view)
{
	if (view->standing == DRBD_STANDING_WRITER && view->role != DRBD_ROLE_PRIMARY)
		remember(ctx, DRBD_ROLE_SECONDARY);
}
