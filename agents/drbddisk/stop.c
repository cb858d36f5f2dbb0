/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Secondary. What keeps the device open may go away in a moment (udev, a lazy unmount), so the
 * request is repeated for a while; then the reason names who holds it (D4).
 */
#include "drbddisk.h"

#include <syslog.h>

/* The kernel announces no close of a device. */
#define RETRY_MS 200

enum ocf_status drbddisk_stop(struct ocf_ctx *ctx)
{
	const char *resource = drbddisk_conf(ctx)->drbd_resource;
	int64_t until_ms = ocf_share_ms(ctx, 80);
	char info[512] = "", holders[700];
	bool told = false;
	struct drbd_view view;

	do {
		if (drbd_look(ctx, NULL, &view) != DRBD_ANSWER_OK)
			return OCF_ERR_GENERIC;
		if (!view.found || view.role == DRBD_ROLE_SECONDARY)
			return OCF_SUCCESS;
		if (drbd_try_role(ctx, &view, false, until_ms, info, sizeof(info)))
			return OCF_SUCCESS;
		if (!told) {
			drbd_holders(ctx, &view, holders, sizeof(holders));
			ocf_log(ctx, LOG_WARNING, "%s: not Secondary yet: %s; held by: %s",
				resource, info, holders[0] ? holders : "nobody that can be seen");
			told = true;
		}
		ocf_step(ctx, "wait until the device is closed");
	} while (ocf_pause_until(until_ms, RETRY_MS));

	drbd_holders(ctx, &view, holders, sizeof(holders));
	return ocf_fail(ctx, OCF_ERR_GENERIC,
			"%s: cannot become Secondary: %s; held by: %s; stop what uses it", resource,
			info, holders[0] ? holders : "nobody that can be seen");
}
