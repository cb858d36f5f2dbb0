/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state: a bridge of this name that carries our mark is running. */
#include "veth-bridge.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * The second source, when netlink is in trouble: an ioctl knows whether the name exists, but not
 * whose it is. So it can prove "stopped" and nothing else.
 */
static bool name_is_absent(const char *name)
{
	auto_close int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq ifr = { 0 };

	(void) snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	return fd >= 0 && ioctl(fd, SIOCGIFINDEX, &ifr) < 0 && errno == ENODEV;
}

enum ocf_state look_at_bridge(struct ocf_ctx *ctx)
{
	const char *name = conf_of(ctx)->bridge;
	auto_links const struct nlbridge_link *link = NULL;
	auto_handle struct nlbridge *nb = NULL;
	int r = open_handle(ctx, &nb);

	if (r == 0)
		r = find_bridge(ctx, nb, &link);
	if (r == -ENODEV)
		return OCF_STATE_STOPPED;
	if (r < 0) {
		if (name_is_absent(name))
			return OCF_STATE_STOPPED;
		ocf_reason(ctx, "%s: cannot ask the kernel about it: %s", name, words_of(nb, r));
		return OCF_STATE_UNKNOWN;
	}
	return is_bridge(link) && (is_own(ctx, link) || is_used(ctx, link)) ? OCF_STATE_RUNNING
									    : OCF_STATE_STOPPED;
}
