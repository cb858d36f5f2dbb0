/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is the bridge as wished: one dump, no fork; what can be put right is put right. */
#include "veth-bridge.h"

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

size_t take_free_ports(struct ocf_ctx *ctx, struct nlbridge *nb, const struct nlbridge_link *links,
		       int bridge)
{
	const struct veth_bridge_conf *conf = conf_of(ctx);
	char list[300];
	size_t n = 0;

	(void) ocf_path(ctx, list, sizeof(list), VZ_LIST);
	for (const struct nlbridge_link *l = links; l; l = l->next) {
		int r;

		if (port_judge(l, bridge, conf->bridge, conf->ports, list) != PORT_FREE)
			continue;
		r = port_take(nb, conf->bridge, l);
		if (r == 0)
			n++;
		else if (r != -ENODEV)
			ocf_log(ctx, LOG_WARNING, "cannot put %s into %s: %s", l->name,
				conf->bridge, words_of(nb, r));
	}
	if (n)
		ocf_log(ctx, LOG_INFO, "%zu ports attached to %s", n, conf->bridge);
	return n;
}

/* The kernel and the watcher may just be at it: the framework forgives what is seen only once. */
static const char *forgotten_port(struct ocf_ctx *ctx, const struct nlbridge_link *links,
				  int bridge)
{
	const struct veth_bridge_conf *conf = conf_of(ctx);
	char list[300];

	(void) ocf_path(ctx, list, sizeof(list), VZ_LIST);
	for (const struct nlbridge_link *l = links; l; l = l->next) {
		if (port_judge(l, bridge, conf->bridge, conf->ports, list) == PORT_FREE)
			return l->name;
	}
	return NULL;
}

static enum ocf_status check_settings(struct ocf_ctx *ctx, struct nlbridge *nb,
				      const struct nlbridge_link *bridge)
{
	char what[200], why[OCF_REASON_MAX];

	if (!(bridge->flags & IFF_UP)) {
		int r = nlbridge_link_up(nb, bridge->ifindex, true);

		if (r < 0)
			return ocf_fail(ctx, OCF_ERR_GENERIC, "%s is down and cannot be set up: %s",
					bridge->name, words_of(nb, r));
		ocf_log(ctx, LOG_WARNING, "%s was down: set up again", bridge->name);
	}
	if (settle_values(ctx, nb, bridge, what, sizeof(what)) < 0) {
		memcpy(why, ctx->reason, sizeof(why));
		ocf_reason_clear(ctx);
		return ocf_degraded(ctx, "%s", why);
	}
	if (what[0])
		ocf_log(ctx, LOG_WARNING, "%s: somebody had changed %s: set again", bridge->name,
			what);
	return OCF_SUCCESS;
}

static enum ocf_status check_uplink(struct ocf_ctx *ctx, struct nlbridge *nb,
				    const struct nlbridge_link *bridge)
{
	auto_links const struct nlbridge_link *uplink = NULL;
	const char *name = conf_of(ctx)->uplink;
	char why[400];
	int r;

	if (!name)
		return OCF_SUCCESS;
	r = nlbridge_link_get(nb, name, &uplink);
	if (r < 0 && r != -ENODEV)
		return ocf_fail(ctx, OCF_ERR_GENERIC, "cannot look at uplink %s: %s", name,
				words_of(nb, r));
	r = 0;
	if (uplink_trouble(ctx, uplink, bridge->ifindex, why, sizeof(why)))
		return ocf_fail(ctx, OCF_ERR_GENERIC, "%s", why);
	if (uplink->master != bridge->ifindex) {
		r = port_take(nb, bridge->name, uplink);
		if (r == 0)
			ocf_log(ctx, LOG_WARNING, "uplink %s was not in %s: attached again", name,
				bridge->name);
	}
	if (r == 0 && !(uplink->flags & IFF_UP))
		r = nlbridge_link_up(nb, uplink->ifindex, true);
	if (r < 0)
		return ocf_fail(ctx, OCF_ERR_GENERIC, "uplink %s cannot be put into %s: %s", name,
				bridge->name, words_of(nb, r));
	if (uplink->flags & IFF_UP && !(uplink->flags & IFF_RUNNING))
		return ocf_degraded(ctx, "uplink %s has no carrier: check cable and switch", name);
	return OCF_SUCCESS;
}

static enum ocf_status check_ports(struct ocf_ctx *ctx, struct nlbridge *nb,
				   const struct nlbridge_link *links,
				   const struct nlbridge_link *bridge)
{
	const char *forgotten;
	char why[OCF_REASON_MAX];

	if (conf_of(ctx)->watch != OCF_TRUE) {
		(void) take_free_ports(ctx, nb, links, bridge->ifindex);
		return OCF_SUCCESS;
	}
	if (!watcher_running(ctx)) {
		ocf_log(ctx, LOG_WARNING, "the watcher of %s is gone: started again", bridge->name);
		if (watcher_ensure(ctx, false) == OCF_SUCCESS)
			return OCF_SUCCESS;
		memcpy(why, ctx->reason, sizeof(why));
		ocf_reason_clear(ctx);
		return ocf_degraded(ctx, "%s", why);
	}
	forgotten = forgotten_port(ctx, links, bridge->ifindex);
	if (forgotten)
		return ocf_degraded(ctx,
				    "%s should be in %s and is in no bridge: see the watcher's log",
				    forgotten, bridge->name);
	return OCF_SUCCESS;
}

static bool is_ours(const struct ocf_ctx *ctx, const struct nlbridge_link *link)
{
	return nlbridge_link_mark(link, MARK_PORT, NULL) ||
	       patterns_match(conf_of(ctx)->ports, link->name) ||
	       nlbridge_link_wants(link, conf_of(ctx)->bridge);
}

static int settle_port(struct ocf_ctx *ctx, struct nlbridge *nb, const struct port_wish *wish,
		       const struct nlbridge_link *port, const struct port_vlans *all)
{
	bool changed;
	int r = wish_settle(nb, wish, port, is_ours(ctx, port), all, &changed);

	if (r < 0 && r != -ENODEV) {
		ocf_reason(ctx, "%s: cannot set its VLANs, isolated or hairpin: %s", port->name,
			   words_of(nb, r));
		return r;
	}
	if (changed)
		ocf_log(ctx, LOG_INFO, "%s: its VLANs, isolated or hairpin were set", port->name);
	return 0;
}

int settle_ports(struct ocf_ctx *ctx, struct nlbridge *nb, int bridge)
{
	auto_links const struct nlbridge_link *ports = NULL;
	const struct port_wish wish = wish_of(ctx);
	struct port_vlans all = { .vlans = NULL };
	int r;

	if (!*wish.vlans && !*wish.isolated && !*wish.hairpin)
		return 0;
	r = nlbridge_links(nb, bridge, &ports);
	if (r == 0)
		r = wish_look_at_vlans(nb, &wish, bridge, &all);
	if (r < 0)
		ocf_reason(ctx, "%s: cannot look at its ports: %s", conf_of(ctx)->bridge,
			   words_of(nb, r));
	for (const struct nlbridge_link *l = ports; l && r == 0; l = l->next)
		r = settle_port(ctx, nb, &wish, l, &all);
	free(all.vlans);
	return r;
}

static enum ocf_status check_port_settings(struct ocf_ctx *ctx, struct nlbridge *nb,
					   const struct nlbridge_link *bridge)
{
	char why[OCF_REASON_MAX];

	if (settle_ports(ctx, nb, bridge->ifindex) == 0)
		return OCF_SUCCESS;
	memcpy(why, ctx->reason, sizeof(why));
	ocf_reason_clear(ctx);
	return ocf_degraded(ctx, "%s", why);
}

static enum ocf_status worse(enum ocf_status a, enum ocf_status b)
{
	if (a == OCF_SUCCESS || b == OCF_ERR_GENERIC)
		return b;
	return a;
}

enum ocf_status monitor_bridge(struct ocf_ctx *ctx)
{
	auto_links const struct nlbridge_link *bridge = NULL, *others = NULL;
	auto_handle struct nlbridge *nb = NULL;
	enum ocf_status status;
	int r = open_handle(ctx, &nb);

	if (r == 0)
		r = find_bridge(ctx, nb, &bridge);
	if (r == -ENODEV)
		return OCF_NOT_RUNNING; /* deleted since look() saw it */
	/* A bridge of many containers is asked about those that are missing, which are few. */
	if (r == 0)
		r = nlbridge_links(nb, NLBRIDGE_NO_MASTER, &others);
	if (r < 0)
		return ocf_fail(ctx, OCF_ERR_GENERIC, "cannot list the links: %s", words_of(nb, r));
	status = check_settings(ctx, nb, bridge);
	status = worse(status, check_uplink(ctx, nb, bridge));
	status = worse(status, check_ports(ctx, nb, others, bridge));
	return worse(status, check_port_settings(ctx, nb, bridge));
}
