/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stop: the watcher, then our ports, then the bridge if it is ours and nobody else uses it; the
 * mark goes last, so that a stop that was killed is seen as not stopped and done again.
 */
#include "veth-bridge.h"

#include <errno.h>
#include <string.h>
#include <syslog.h>

/* Ports of ours in our bridge; and links that are free and only bear the mark of a killed start. */
static bool is_ours(const struct ocf_ctx *ctx, const struct nlbridge_link *link, int bridge)
{
	const char *uplink = conf_of(ctx)->uplink;

	if (!nlbridge_link_mark(link, MARK_PORT, NULL))
		return false;
	if (bridge && link->master == bridge)
		return true;
	return !link->master && (patterns_match(conf_of(ctx)->ports, link->name) ||
				 (uplink && strcmp(uplink, link->name) == 0));
}

static int release_ports(struct ocf_ctx *ctx, struct nlbridge *nb, int bridge)
{
	auto_links const struct nlbridge_link *links = NULL;
	int first = 0, r = nlbridge_links(nb, 0, &links);

	ocf_step(ctx, "release the ports");
	if (r < 0) {
		ocf_reason(ctx, "cannot list the links: %s", words_of(nb, r));
		return r;
	}
	for (const struct nlbridge_link *l = links; l; l = l->next) {
		if (!is_ours(ctx, l, bridge))
			continue;
		r = port_release(nb, conf_of(ctx)->bridge, l);
		if (r < 0) {
			ocf_reason(ctx, "cannot take %s out of %s: %s", l->name,
				   conf_of(ctx)->bridge, words_of(nb, r));
			first = first ? first : r;
		}
	}
	return first;
}

/* 0: deleted; 1: somebody else's ports are in it. */
static int delete_own(struct ocf_ctx *ctx, struct nlbridge *nb, const struct nlbridge_link *bridge)
{
	int r;

	ocf_step(ctx, "delete %s", bridge->name);
	r = nlbridge_bridge_delete(nb, bridge->ifindex);
	if (r == 0 || r == -ENODEV)
		return 0;
	if (r != -EBUSY) {
		ocf_reason(ctx, "cannot delete %s: %s", bridge->name, words_of(nb, r));
		return r;
	}
	ocf_log(ctx, LOG_WARNING, "%s stays: ports that vzha did not attach are in it",
		bridge->name);
	return 1;
}

static int remove_marks(struct ocf_ctx *ctx, struct nlbridge *nb,
			const struct nlbridge_link *bridge)
{
	static const char *const kinds[] = { MARK_OWN, MARK_USE };
	char kept[NLBRIDGE_MARK_MAX];
	int r = 0;

	if (kept_mac(ctx, bridge, kept))
		r = nlbridge_mark_remove(nb, bridge->ifindex, kept);

	for (size_t i = 0; i < ARRAY_SIZE(kinds) && r == 0; i++) {
		char mark[NLBRIDGE_MARK_MAX];

		(void) snprintf(mark, sizeof(mark), "%s%s", kinds[i], conf_of(ctx)->bridge);
		r = nlbridge_mark_remove(nb, bridge->ifindex, mark);
	}
	if (r == 0 || r == -ENODEV)
		return 0;
	ocf_reason(ctx, "cannot take the mark off %s: %s", bridge->name, words_of(nb, r));
	return r;
}

enum ocf_status stop_bridge(struct ocf_ctx *ctx)
{
	auto_links const struct nlbridge_link *bridge = NULL;
	auto_handle struct nlbridge *nb = NULL;
	int r;

	/* One that cannot be ended leaves by itself when the bridge or its mark is gone. */
	if (!watcher_stop(ctx)) {
		ocf_log(ctx, LOG_WARNING, "%s", ctx->reason);
		ocf_reason_clear(ctx);
	}
	r = open_handle(ctx, &nb);
	if (r == 0)
		r = find_bridge(ctx, nb, &bridge);
	if (r < 0 && r != -ENODEV)
		return ocf_fail(ctx, OCF_ERR_GENERIC, "cannot look for %s: %s",
				conf_of(ctx)->bridge, words_of(nb, r));
	if (r == 0 && (!is_bridge(bridge) || (!is_own(ctx, bridge) && !is_used(ctx, bridge))))
		return OCF_SUCCESS; /* stopped, and a stranger's */

	r = release_ports(ctx, nb, bridge ? bridge->ifindex : 0);
	if (r < 0)
		return OCF_ERR_GENERIC;
	if (!bridge || (is_own(ctx, bridge) && (r = delete_own(ctx, nb, bridge)) == 0))
		return OCF_SUCCESS;
	if (r < 0 || remove_marks(ctx, nb, bridge) < 0)
		return OCF_ERR_GENERIC;
	return OCF_SUCCESS;
}
