/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which side of a split brain this node is on. The kernel shows that a resource is StandAlone, but not
 * which of the two histories is in use, and once taken down and up again it shows neither: then it looks
 * like one whose peer is away. A manager that restarts a replica would so get the wrong side promoted,
 * and one that restarts the right side in place could not promote it again.
 *
 * So a file in /run tells. "Primary" and when: it gave the role up while it was StandAlone. That counts for
 * an hour, since on a passive node nobody may look, and see it connected; monitors renew it. "Secondary":
 * a replica was seen StandAlone. Only of clones, which are monitored in both roles; and by a monitor or
 * a refused promotion, since a start or stop that was interrupted looks the same for a moment.
 *
 * Neither means anything as soon as the resource is connected: the next look but a probe removes it. Both
 * go with a reboot. Where a file cannot be written the action goes on: a stop that fails is worse.
 */
#include "drbddisk.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#define DIRECTORY	OCF_RUN_DIR "/standalone"
#define WRITER_VALID_MS ((int64_t) 60 * 60 * 1000)
#define WRITER_RENEW_MS ((int64_t) 10 * 60 * 1000)

static const char *memory_path(const struct ocf_ctx *ctx, char *buf, size_t size)
{
	return ocf_path(ctx, buf, size, DIRECTORY "/%s", drbddisk_conf(ctx)->drbd_resource);
}

/* "ROLE MILLISECONDS", on ocf_now_ms()'s clock, which begins anew when /run does. */
static enum drbd_standing read_memory(const struct ocf_ctx *ctx, int64_t *ret_age_ms)
{
	char path[PATH_MAX], text[64] = "", role[16] = "";
	long long then_ms = 0;

	(void) ocf_read_file(memory_path(ctx, path, sizeof(path)), text, sizeof(text));
	(void) sscanf(text, "%15s %lld", role, &then_ms);
	*ret_age_ms = ocf_now_ms() - then_ms;
	if (drbd_role_from_name(role) == DRBD_ROLE_SECONDARY)
		return DRBD_STANDING_ASIDE;
	return drbd_role_from_name(role) == DRBD_ROLE_PRIMARY && *ret_age_ms <= WRITER_VALID_MS
		       ? DRBD_STANDING_WRITER
		       : DRBD_STANDING_NONE;
}

void drbd_standing_read(const struct ocf_ctx *ctx, struct drbd_view *view)
{
	char path[PATH_MAX];
	int64_t age_ms;

	view->standing = read_memory(ctx, &age_ms);
	if (!drbd_is_connected(view))
		return;
	view->standing = DRBD_STANDING_NONE;
	if (!ctx->probe)
		(void) unlink(memory_path(ctx, path, sizeof(path)));
}

static bool write_memory(struct ocf_ctx *ctx, enum drbd_role role)
{
	char path[PATH_MAX], text[64];
	int r = ocf_mkdir_p(ocf_path(ctx, path, sizeof(path), DIRECTORY), 0755);

	(void) snprintf(text, sizeof(text), "%s %lld\n", drbd_role_name(role),
			(long long) ocf_now_ms());
	if (r == 0)
		r = ocf_write_file(memory_path(ctx, path, sizeof(path)), text, 0644);
	if (r < 0)
		ocf_log(ctx, LOG_WARNING,
			"%s: cannot remember that it was StandAlone: %s: %s; promote it on the right "
			"node only",
			drbddisk_conf(ctx)->drbd_resource, path, strerror(-r));
	return r == 0;
}

static void remember(struct ocf_ctx *ctx, enum drbd_role role)
{
	if (write_memory(ctx, role))
		ocf_log(ctx, LOG_WARNING, "%s: StandAlone while %s: until it is connected %s",
			drbddisk_conf(ctx)->drbd_resource, drbd_role_name(role),
			role == DRBD_ROLE_PRIMARY ? "this side goes on"
						  : "it is not promoted here");
}

static bool is_alone_with_data(const struct drbd_view *view)
{
	return view->found && view->n_devices > 0 && drbd_is_alone(view);
}

void drbd_standing_demoted(struct ocf_ctx *ctx, const struct drbd_view *view)
{
	if (view->role != DRBD_ROLE_PRIMARY || !is_alone_with_data(view))
		return;
	/* Two of them were Primary: nobody can tell which one was in use. */
	remember(ctx,
		 drbd_clone_is_promoted_elsewhere(ctx) ? DRBD_ROLE_SECONDARY : DRBD_ROLE_PRIMARY);
}

void drbd_standing_seen(struct ocf_ctx *ctx, const struct drbd_view *view)
{
	int64_t age_ms;

	if (!ctx->promotable || view->role != DRBD_ROLE_SECONDARY || !is_alone_with_data(view))
		return;
	switch (read_memory(ctx, &age_ms)) {
	case DRBD_STANDING_NONE:
		remember(ctx, DRBD_ROLE_SECONDARY);
		break;
	case DRBD_STANDING_WRITER:
		if (age_ms > WRITER_RENEW_MS)
			(void) write_memory(ctx, DRBD_ROLE_PRIMARY);
		break;
	case DRBD_STANDING_ASIDE:
		break;
	}
}

void drbd_standing_yield(struct ocf_ctx *ctx, struct drbd_view *view)
{
	if (view->standing != DRBD_STANDING_WRITER || view->role == DRBD_ROLE_PRIMARY)
		return;
	remember(ctx, DRBD_ROLE_SECONDARY);
	view->standing = DRBD_STANDING_ASIDE;
}
