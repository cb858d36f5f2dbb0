/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bridges: made so that ownership is never in doubt, set, deleted. */
#include "private.h"

#include <errno.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

/* "vzha~" and a hash of the name: the next attempt for the same bridge finds what a killed one
 * left, and those for other bridges are not in its way. */
static void temporary_name(const char *name, char temporary[IFNAMSIZ])
{
	uint32_t hash = 2166136261U; /* FNV-1a */

	for (const char *p = name; *p; p++)
		hash = (hash ^ (uint8_t) *p) * 16777619U;
	(void) snprintf(temporary, IFNAMSIZ, "vzha~%08x", hash);
}

static int delete_link(struct nlbridge *nb, int ifindex)
{
	return nlbridge_talk(nb, nlbridge_message(RTM_DELLINK, 0, ifindex, 0, 0), NULL, NULL);
}

int nlbridge_bridge_delete(struct nlbridge *nb, int ifindex)
{
	const struct nlbridge_link *bridge, *ports = NULL;
	int r;

	if (!nb || ifindex <= 0)
		return -EINVAL;
	r = nlbridge_link_get_index(nb, ifindex, &bridge);
	if (r < 0)
		return r;
	r = strcmp(bridge->kind, "bridge") == 0 ? 0 : -EOPNOTSUPP;
	nlbridge_links_free(bridge);
	if (r == 0)
		r = nlbridge_links(nb, ifindex, &ports);
	if (r == 0 && ports)
		r = -EBUSY;
	nlbridge_links_free(ports);
	return r < 0 ? r : delete_link(nb, ifindex);
}

/* Only a bridge without ports can be what an interrupted call left. */
static int remove_leftover(struct nlbridge *nb, const char *temporary)
{
	const struct nlbridge_link *link;
	int r = nlbridge_link_get(nb, temporary, &link);

	if (r < 0)
		return r == -ENODEV ? 0 : r;
	r = strcmp(link->name, temporary) == 0 ? nlbridge_bridge_delete(nb, link->ifindex)
					       : -EEXIST;
	nlbridge_links_free(link);
	return r == -EBUSY || r == -EOPNOTSUPP ? -EEXIST : r;
}

static int make(struct nlbridge *nb, const char *temporary, const struct nlbridge_value *values,
		size_t n_values, int *ret_ifindex)
{
	struct nl_msg *msg = nlbridge_message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, 0, 0, 0);
	const struct nlbridge_link *link;
	int r;

	if (!msg)
		return -ENOMEM;
	r = nla_put_string(msg, IFLA_IFNAME, temporary) < 0
		    ? -ENOMEM
		    : nlbridge_put_values(msg, values, n_values);
	if (r < 0) {
		nlmsg_free(msg);
		return r;
	}
	r = nlbridge_talk(nb, msg, NULL, NULL);
	if (r == 0)
		r = nlbridge_link_get(nb, temporary, &link);
	if (r < 0)
		return r;
	*ret_ifindex = link->ifindex;
	nlbridge_links_free(link);
	return 0;
}

int nlbridge_bridge_create(struct nlbridge *nb, const char *name, const char *mark,
			   const struct nlbridge_value *values, size_t n_values, int *ret_ifindex)
{
	const struct nlbridge_link *other;
	char temporary[IFNAMSIZ], errmsg[sizeof(nb->errmsg)];
	int ifindex = 0, r;

	if (!nb || !name || !*name || strlen(name) >= IFNAMSIZ || !mark || (n_values && !values))
		return -EINVAL;
	r = nlbridge_link_get(nb, name, &other);
	if (r == 0) {
		nlbridge_links_free(other);
		return -EEXIST;
	}
	temporary_name(name, temporary);
	r = r == -ENODEV ? remove_leftover(nb, temporary) : r;
	if (r == 0)
		r = make(nb, temporary, values, n_values, &ifindex);
	if (r < 0)
		return r;

	r = nlbridge_mark_set(nb, ifindex, mark);
	if (r == 0)
		r = nlbridge_link_rename(nb, ifindex, name);
	if (r < 0) {
		memcpy(errmsg, nb->errmsg, sizeof(errmsg));
		(void) delete_link(nb, ifindex);
		memcpy(nb->errmsg, errmsg, sizeof(errmsg));
		return r;
	}
	if (ret_ifindex)
		*ret_ifindex = ifindex;
	return 0;
}

static int set_values(struct nlbridge *nb, int ifindex, const struct nlbridge_value *values,
		      size_t n_values)
{
	struct nl_msg *msg = nlbridge_message(RTM_NEWLINK, 0, ifindex, 0, 0);
	int r;

	if (!msg)
		return -ENOMEM;
	r = nlbridge_put_values(msg, values, n_values);
	if (r < 0) {
		nlmsg_free(msg);
		return r;
	}
	return nlbridge_talk(nb, msg, NULL, NULL);
}

/*
 * The kernel takes forward_delay before stp, whatever their order in the request, and refuses one
 * below 2 s while STP is on: what switches STP off must come alone and first.
 */
int nlbridge_bridge_set(struct nlbridge *nb, int ifindex, const struct nlbridge_value *values,
			size_t n_values)
{
	if (!nb || ifindex <= 0 || (n_values && !values))
		return -EINVAL;
	for (size_t i = 0; i < n_values; i++) {
		int r = 0;

		if (values[i].setting == NLBRIDGE_STP && values[i].value == 0)
			r = set_values(nb, ifindex, &values[i], 1);
		if (r < 0)
			return r;
	}
	return n_values ? set_values(nb, ifindex, values, n_values) : 0;
}
