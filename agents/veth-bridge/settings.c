/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From parameters to the kernel's settings, and back to see that they took. */
#include "veth-bridge.h"

#include <errno.h>
#include <string.h>

struct wish {
	struct nlbridge_value *values;
	size_t n;
};

static void want(struct wish *wish, enum nlbridge_setting setting, uint64_t value)
{
	wish->values[wish->n++] = (struct nlbridge_value){ setting, value };
}

static void want_integer(struct wish *wish, enum nlbridge_setting setting, int64_t value,
			 uint64_t factor)
{
	if (value != OCF_INTEGER_UNSET)
		want(wish, setting, (uint64_t) value * factor);
}

static void want_boolean(struct wish *wish, enum nlbridge_setting setting, enum ocf_boolean value)
{
	if (value != OCF_UNSET)
		want(wish, setting, value == OCF_TRUE);
}

/*
 * What nobody asked for stays as it is in a bridge that others made: switching its STP off, for
 * one, may close a loop.
 */
size_t wanted_values(const struct ocf_ctx *ctx, bool own, uint64_t mac,
		     struct nlbridge_value values[VALUES_MAX])
{
	const struct veth_bridge_conf *conf = conf_of(ctx);
	enum ocf_boolean stp = conf->stp == OCF_UNSET && own ? OCF_FALSE : conf->stp;
	int64_t forward_delay = conf->forward_delay;
	struct wish wish = { .values = values };

	if (forward_delay == OCF_INTEGER_UNSET && own && stp == OCF_FALSE)
		forward_delay = 0;
	if (strcmp(conf->mac, "auto") != 0)
		want(&wish, NLBRIDGE_MAC, parse_mac(conf->mac));
	else if (mac)
		want(&wish, NLBRIDGE_MAC, mac);
	want_integer(&wish, NLBRIDGE_MTU, conf->mtu, 1);
	want_boolean(&wish, NLBRIDGE_STP, stp);
	want_integer(&wish, NLBRIDGE_FORWARD_DELAY, forward_delay, 100);
	want_integer(&wish, NLBRIDGE_AGEING_TIME, conf->ageing_time, 100);
	want_integer(&wish, NLBRIDGE_PRIORITY, conf->priority, 1);
	want_boolean(&wish, NLBRIDGE_MULTICAST_SNOOPING, conf->multicast_snooping);
	want_boolean(&wish, NLBRIDGE_MULTICAST_QUERIER, conf->multicast_querier);
	/* VLANs of ports mean nothing to a bridge that does not filter. */
	want_boolean(&wish, NLBRIDGE_VLAN_FILTERING,
		     conf->vlan_filtering == OCF_UNSET && conf->vlans ? OCF_TRUE
								      : conf->vlan_filtering);
	return wish.n;
}

static size_t keep_different(const struct nlbridge_link *bridge, struct nlbridge_value *values,
			     size_t n, char *what, size_t size)
{
	size_t kept = 0, used = 0;

	what[0] = '\0';
	for (size_t i = nlbridge_link_differs(bridge, values, n, 0); i < n;
	     i = nlbridge_link_differs(bridge, values, n, i + 1)) {
		int len = snprintf(what + used, size - used, "%s%s", kept ? " " : "",
				   nlbridge_setting_name(values[i].setting));

		if (len > 0 && (size_t) len < size - used)
			used += (size_t) len;
		values[kept++] = values[i];
	}
	return kept;
}

int settle_values(struct ocf_ctx *ctx, struct nlbridge *nb, const struct nlbridge_link *bridge,
		  char *ret_what, size_t size)
{
	auto_links const struct nlbridge_link *after = NULL;
	struct nlbridge_value values[VALUES_MAX];
	char still[200], mark[NLBRIDGE_MARK_MAX];
	size_t n = wanted_values(ctx, is_own(ctx, bridge), kept_mac(ctx, bridge, mark), values);
	int r;

	n = keep_different(bridge, values, n, ret_what, size);
	if (n == 0)
		return 0;
	ocf_step(ctx, "set %s of %s", ret_what, bridge->name);
	r = nlbridge_bridge_set(nb, bridge->ifindex, values, n);
	if (r < 0) {
		ocf_reason(ctx, "%s: cannot set %s: %s%s", bridge->name, ret_what, words_of(nb, r),
			   r == -EOPNOTSUPP ? "; this kernel lacks it" : "");
		return r;
	}
	r = nlbridge_link_get_index(nb, bridge->ifindex, &after);
	if (r < 0) {
		ocf_reason(ctx, "%s: set %s, but cannot read it back: %s", bridge->name, ret_what,
			   words_of(nb, r));
		return r;
	}
	if (keep_different(after, values, n, still, sizeof(still)) > 0) {
		ocf_reason(ctx, "%s: the kernel ignored %s; it was probably built without it",
			   bridge->name, still);
		return -EOPNOTSUPP;
	}
	return 0;
}
