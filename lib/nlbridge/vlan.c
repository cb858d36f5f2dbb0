/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* VLANs of ports. */
#include "private.h"

#include <errno.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <stdlib.h>
#include <string.h>

#define LIST_ATTEMPTS 8
#define VLAN_ID_MAX   4094

struct vlan_list {
	int bridge;
	struct nlbridge_vlan *vlans;
	size_t n;
	size_t room;
};

static int add(struct vlan_list *list, int port, const struct bridge_vlan_info *info)
{
	if (list->n == list->room) {
		size_t room = list->room ? 2 * list->room : 64;
		struct nlbridge_vlan *more = realloc(list->vlans, room * sizeof(*more));

		if (!more)
			return -ENOMEM;
		list->vlans = more;
		list->room = room;
	}
	list->vlans[list->n++] = (struct nlbridge_vlan){
		.port = port,
		.id = info->vid,
		.pvid = (info->flags & BRIDGE_VLAN_INFO_PVID) != 0,
		.untagged = (info->flags & BRIDGE_VLAN_INFO_UNTAGGED) != 0,
	};
	return 0;
}

static int collect(const struct nlmsghdr *message, void *data)
{
	struct nlattr *attrs[IFLA_MAX + 1];
	struct vlan_list *list = data;
	const struct ifinfomsg *header = nlmsg_data(message);
	const struct nlattr *attr;
	struct nlmsghdr *parsed;
	int rest, r = 0;

	memcpy(&parsed, &message, sizeof(parsed)); /* only read */
	if (message->nlmsg_type != RTM_NEWLINK ||
	    nlmsg_parse(parsed, sizeof(*header), attrs, IFLA_MAX, NULL) < 0 || !attrs[IFLA_AF_SPEC])
		return 0;
	if (header->ifi_index != list->bridge &&
	    (!attrs[IFLA_MASTER] || nla_get_s32(attrs[IFLA_MASTER]) != list->bridge))
		return 0;
	nla_for_each_nested(attr, attrs[IFLA_AF_SPEC], rest)
	{
		struct bridge_vlan_info info;

		if (nla_type(attr) != IFLA_BRIDGE_VLAN_INFO || nla_len(attr) != sizeof(info))
			continue;
		memcpy(&info, nla_data(attr), sizeof(info));
		r = r < 0 ? r : add(list, header->ifi_index, &info);
	}
	return r;
}

static struct nl_msg *bridge_message(int type, int flags, int ifindex)
{
	struct ifinfomsg header = { .ifi_family = AF_BRIDGE, .ifi_index = ifindex };
	struct nl_msg *msg = nlmsg_alloc_simple(type, flags);

	if (msg && nlmsg_append(msg, &header, sizeof(header), NLMSG_ALIGNTO) < 0) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

int nlbridge_vlans(struct nlbridge *nb, int bridge, struct nlbridge_vlan **ret_vlans,
		   size_t *ret_n_vlans)
{
	struct vlan_list list = { .bridge = bridge };
	int r = -EAGAIN;

	if (!nb || bridge <= 0 || !ret_vlans || !ret_n_vlans)
		return -EINVAL;
	for (int i = 0; i < LIST_ATTEMPTS && r == -EAGAIN; i++) {
		struct nl_msg *msg = bridge_message(RTM_GETLINK, NLM_F_DUMP, 0);

		list.n = 0;
		if (!msg || nla_put_u32(msg, IFLA_EXT_MASK, RTEXT_FILTER_BRVLAN) < 0) {
			nlmsg_free(msg);
			r = -ENOMEM;
			break;
		}
		r = nlbridge_talk(nb, msg, collect, &list);
	}
	if (r < 0) {
		free(list.vlans);
		return r;
	}
	*ret_vlans = list.vlans;
	*ret_n_vlans = list.n;
	return 0;
}

/* @type: RTM_SETLINK adds, or changes the flags; RTM_DELLINK takes away. */
static int change(struct nlbridge *nb, int type, bool of_bridge, int port,
		  const struct nlbridge_vlan *vlan)
{
	struct bridge_vlan_info info = {
		.vid = vlan->id,
		.flags = (uint16_t) ((vlan->pvid ? BRIDGE_VLAN_INFO_PVID : 0) |
				     (vlan->untagged ? BRIDGE_VLAN_INFO_UNTAGGED : 0)),
	};
	struct nl_msg *msg = bridge_message(type, 0, port);
	struct nlattr *spec = msg ? nla_nest_start(msg, IFLA_AF_SPEC) : NULL;

	if (!spec || (of_bridge && nla_put_u16(msg, IFLA_BRIDGE_FLAGS, BRIDGE_FLAGS_SELF) < 0) ||
	    nla_put(msg, IFLA_BRIDGE_VLAN_INFO, sizeof(info), &info) < 0) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	(void) nla_nest_end(msg, spec);
	return nlbridge_talk(nb, msg, NULL, NULL);
}

static const struct nlbridge_vlan *find(const struct nlbridge_vlan *vlans, size_t n, int port,
					const struct nlbridge_vlan *like, bool exactly)
{
	for (size_t i = 0; i < n; i++) {
		if ((port == 0 || vlans[i].port == port) && vlans[i].id == like->id &&
		    (!exactly ||
		     (vlans[i].pvid == like->pvid && vlans[i].untagged == like->untagged)))
			return &vlans[i];
	}
	return NULL;
}

static bool is_fit(const struct nlbridge_vlan *vlans, size_t n)
{
	size_t n_pvid = 0;

	for (size_t i = 0; i < n; i++) {
		if (vlans[i].id == 0 || vlans[i].id > VLAN_ID_MAX)
			return false;
		n_pvid += vlans[i].pvid;
	}
	return n_pvid <= 1;
}

int nlbridge_port_vlans_set(struct nlbridge *nb, int bridge, int port,
			    const struct nlbridge_vlan *vlans, size_t n_vlans)
{
	struct nlbridge_vlan *present;
	size_t n;
	int r;

	if (!nb || bridge <= 0 || port <= 0 || (n_vlans && !vlans) || !is_fit(vlans, n_vlans))
		return -EINVAL;
	r = nlbridge_vlans(nb, bridge, &present, &n);
	if (r < 0)
		return r;
	for (size_t i = 0; i < n_vlans && r == 0; i++) {
		if (!find(present, n, port, &vlans[i], true))
			r = change(nb, RTM_SETLINK, port == bridge, port, &vlans[i]);
	}
	for (size_t i = 0; i < n && r == 0; i++) {
		if (present[i].port == port && !find(vlans, n_vlans, 0, &present[i], false))
			r = change(nb, RTM_DELLINK, port == bridge, port, &present[i]);
	}
	free(present);
	return r;
}
