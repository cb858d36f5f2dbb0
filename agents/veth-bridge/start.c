/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * start: first everything that can refuse, then the bridge, its settings, the uplink, the ports.
 * Each step finds what an earlier, interrupted start has done already and goes on from there.
 */
#include "veth-bridge.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <syslog.h>

struct start {
	struct ocf_ctx *ctx;
	const char *name;
	struct nlbridge *nb;
	const struct nlbridge_link *bridge; /* NULL: to be made */
	const struct nlbridge_link *uplink; /* NULL: none wanted */
	bool made;			    /* by this start */
};

static void drop_start(struct start *start)
{
	nlbridge_links_free(start->bridge);
	nlbridge_links_free(start->uplink);
	nlbridge_close(start->nb);
}

static enum ocf_status check_name(struct start *start)
{
	const struct nlbridge_link *other = NULL;
	int r = find_bridge(start->ctx, start->nb, &start->bridge);

	if (r == 0 && !is_bridge(start->bridge))
		return ocf_fail(start->ctx, OCF_ERR_ARGS,
				"%s is not a bridge but another link (%s); choose another name or "
				"remove it",
				start->name,
				start->bridge->kind[0] ? start->bridge->kind : "a network card");
	if (r == 0)
		return OCF_SUCCESS;
	if (r != -ENODEV)
		return ocf_fail(start->ctx, OCF_ERR_GENERIC, "cannot look for %s: %s", start->name,
				words_of(start->nb, r));
	r = nlbridge_link_get(start->nb, start->name, &other);
	if (r == 0) {
		(void) ocf_fail(
			start->ctx, OCF_ERR_ARGS,
			"%s is an alternative name of %s; choose another name for the bridge",
			start->name, other->name);
		nlbridge_links_free(other);
		return OCF_ERR_ARGS;
	}
	return OCF_SUCCESS;
}

static enum ocf_status check_uplink(struct start *start)
{
	const char *uplink = conf_of(start->ctx)->uplink;
	char why[400];
	int r;

	if (!uplink)
		return OCF_SUCCESS;
	r = nlbridge_link_get(start->nb, uplink, &start->uplink);
	if (r < 0 && r != -ENODEV)
		return ocf_fail(start->ctx, OCF_ERR_GENERIC, "cannot look at uplink %s: %s", uplink,
				words_of(start->nb, r));
	if (uplink_trouble(start->ctx, start->uplink, start->bridge ? start->bridge->ifindex : -1,
			   why, sizeof(why)))
		return ocf_fail(start->ctx, OCF_ERR_GENERIC, "%s", why);
	return OCF_SUCCESS;
}

static enum ocf_status check_rivals(struct start *start)
{
	char rival[IFNAMSIZ];

	if (!watcher_rival(start->ctx, rival, sizeof(rival)))
		return OCF_SUCCESS;
	return ocf_fail(
		start->ctx, OCF_ERR_GENERIC,
		"ports=\"%s\" can fit a name that the running bridge %s also wants; make the "
		"patterns of the two resources disjoint",
		conf_of(start->ctx)->ports, rival);
}

/* The bridge may live on under a name that somebody gave it; its mark is unique. */
static enum ocf_status check_renamed(struct start *start)
{
	char mark[NLBRIDGE_MARK_MAX];
	const struct nlbridge_link *renamed;

	if (start->bridge)
		return OCF_SUCCESS;
	(void) snprintf(mark, sizeof(mark), MARK_OWN "%s", start->name);
	if (nlbridge_link_get(start->nb, mark, &renamed) < 0)
		return OCF_SUCCESS;
	if (strncmp(renamed->name, "vzha~", 5) != 0)
		(void) ocf_fail(
			start->ctx, OCF_ERR_GENERIC,
			"the bridge %s was renamed to %s by somebody; rename it back or delete "
			"it",
			start->name, renamed->name);
	nlbridge_links_free(renamed);
	return start->ctx->reason[0] ? OCF_ERR_GENERIC : OCF_SUCCESS;
}

static int find_again(struct start *start)
{
	nlbridge_links_free(start->bridge);
	start->bridge = NULL;
	return find_bridge(start->ctx, start->nb, &start->bridge);
}

static int make_bridge(struct start *start)
{
	auto_links const struct nlbridge_link *links = NULL;
	struct nlbridge_value values[VALUES_MAX + 1];
	char mark[NLBRIDGE_MARK_MAX];
	size_t n = wanted_values(start->ctx, true, 0, values), kept = 0;
	int r;

	ocf_step(start->ctx, "create %s", start->name);
	if (strcmp(conf_of(start->ctx)->mac, "auto") == 0) {
		r = nlbridge_links(start->nb, 0, &links);
		if (r < 0)
			return r;
		values[n++] =
			(struct nlbridge_value){ NLBRIDGE_MAC, chosen_mac(start->ctx, links) };
	}
	/* A kernel without VLAN filtering refuses even to switch it off; a new bridge has none. */
	for (size_t i = 0; i < n; i++) {
		if (values[i].setting != NLBRIDGE_VLAN_FILTERING)
			values[kept++] = values[i];
	}
	(void) snprintf(mark, sizeof(mark), MARK_OWN "%s", start->name);
	r = nlbridge_bridge_create(start->nb, start->name, mark, values, kept, NULL);
	if (r < 0)
		return r;
	start->made = true;
	return find_again(start);
}

/* Its own address, set once more, is one that the kernel keeps when ports come and go. */
static int use_bridge(struct start *start)
{
	struct nlbridge_value mac = { NLBRIDGE_MAC, nlbridge_mac_value(start->bridge->mac) };
	char mark[NLBRIDGE_MARK_MAX];
	int r = 0;

	ocf_step(start->ctx, "use %s", start->name);
	(void) snprintf(mark, sizeof(mark), MARK_USE "%s", start->name);
	if (strcmp(conf_of(start->ctx)->mac, "auto") == 0)
		r = nlbridge_bridge_set(start->nb, start->bridge->ifindex, &mac, 1);
	if (r == 0)
		r = nlbridge_mark_set(start->nb, start->bridge->ifindex, mark);
	return r < 0 ? r : find_again(start);
}

static enum ocf_status have_bridge(struct start *start)
{
	char changed[200];
	int r = 0;

	if (!start->bridge)
		r = make_bridge(start);
	else if (!is_own(start->ctx, start->bridge) && !is_used(start->ctx, start->bridge))
		r = use_bridge(start);
	if (r < 0)
		return ocf_fail(start->ctx, OCF_ERR_GENERIC, "cannot %s bridge %s: %s",
				start->made || start->bridge ? "use" : "create", start->name,
				words_of(start->nb, r));
	if (settle_values(start->ctx, start->nb, start->bridge, changed, sizeof(changed)) < 0)
		return OCF_ERR_GENERIC;
	r = strcmp(conf_of(start->ctx)->mac, "auto") == 0
		    ? keep_mac(start->ctx, start->nb, start->bridge)
		    : 0;
	if (r < 0)
		return ocf_fail(start->ctx, OCF_ERR_GENERIC, "cannot mark %s with its address: %s",
				start->name, words_of(start->nb, r));
	r = nlbridge_link_up(start->nb, start->bridge->ifindex, true);
	if (r < 0)
		return ocf_fail(start->ctx, OCF_ERR_GENERIC, "cannot set %s up: %s", start->name,
				words_of(start->nb, r));
	return OCF_SUCCESS;
}

static enum ocf_status have_uplink(struct start *start)
{
	int r;

	if (!start->uplink)
		return OCF_SUCCESS;
	ocf_step(start->ctx, "attach uplink %s", start->uplink->name);
	if (start->uplink->master != start->bridge->ifindex) {
		r = port_take(start->nb, start->name, start->uplink);
		if (r < 0)
			return ocf_fail(start->ctx, OCF_ERR_GENERIC,
					"cannot put uplink %s into %s: %s", start->uplink->name,
					start->name, words_of(start->nb, r));
	}
	r = nlbridge_link_up(start->nb, start->uplink->ifindex, true);
	if (r < 0)
		return ocf_fail(start->ctx, OCF_ERR_GENERIC, "cannot set uplink %s up: %s",
				start->uplink->name, words_of(start->nb, r));
	return OCF_SUCCESS;
}

/* A watcher that still knows the bridge that was here before may be about to leave. */
static enum ocf_status have_ports(struct start *start)
{
	auto_links const struct nlbridge_link *links = NULL;
	int r;

	if (conf_of(start->ctx)->watch == OCF_TRUE) {
		enum ocf_status status = watcher_ensure(start->ctx, start->made);

		if (status != OCF_SUCCESS)
			return status;
	} else {
		(void) watcher_stop(start->ctx);
		r = nlbridge_links(start->nb, NLBRIDGE_NO_MASTER, &links);
		if (r < 0)
			return ocf_fail(start->ctx, OCF_ERR_GENERIC, "cannot list the links: %s",
					words_of(start->nb, r));
		(void) take_free_ports(start->ctx, start->nb, links, start->bridge->ifindex);
	}
	/* Those that are there already: the watcher sees to those that come. */
	return settle_ports(start->ctx, start->nb, start->bridge->ifindex) < 0 ? OCF_ERR_GENERIC
									       : OCF_SUCCESS;
}

enum ocf_status start_bridge(struct ocf_ctx *ctx)
{
	static enum ocf_status (*const steps[])(struct start * start) = {
		check_name,  check_uplink, check_rivals, check_renamed,
		have_bridge, have_uplink,  have_ports,
	};
	__attribute__((cleanup(drop_start))) struct start start = { .ctx = ctx,
								    .name = conf_of(ctx)->bridge };
	int r = open_handle(ctx, &start.nb);

	if (r < 0)
		return ocf_fail(ctx, OCF_ERR_GENERIC, "cannot talk to the kernel (netlink): %s",
				strerror(-r));
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		enum ocf_status status = steps[i](&start);

		if (status != OCF_SUCCESS)
			return status;
	}
	return OCF_SUCCESS;
}
