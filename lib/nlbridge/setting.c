/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The settings of a bridge: one table, walked to create, to set, to read and to compare. */
#include "private.h"

#include <errno.h>
#include <linux/if_link.h>
#include <string.h>

const struct setting nlbridge_settings[N_SETTINGS] = {
	[NLBRIDGE_MAC] = { "mac", IFLA_ADDRESS, 6, OF_LINK },
	[NLBRIDGE_MTU] = { "mtu", IFLA_MTU, 4, OF_LINK },
	[NLBRIDGE_STP] = { "stp", IFLA_BR_STP_STATE, 4, OF_BRIDGE },
	[NLBRIDGE_FORWARD_DELAY] = { "forward_delay", IFLA_BR_FORWARD_DELAY, 4, OF_BRIDGE },
	[NLBRIDGE_AGEING_TIME] = { "ageing_time", IFLA_BR_AGEING_TIME, 4, OF_BRIDGE },
	[NLBRIDGE_PRIORITY] = { "priority", IFLA_BR_PRIORITY, 2, OF_BRIDGE },
	[NLBRIDGE_MULTICAST_SNOOPING] = { "multicast_snooping", IFLA_BR_MCAST_SNOOPING, 1,
					  OF_BRIDGE },
	[NLBRIDGE_MULTICAST_QUERIER] = { "multicast_querier", IFLA_BR_MCAST_QUERIER, 1, OF_BRIDGE },
	[NLBRIDGE_VLAN_FILTERING] = { "vlan_filtering", IFLA_BR_VLAN_FILTERING, 1, OF_BRIDGE },
	[NLBRIDGE_HAIRPIN] = { "hairpin", IFLA_BRPORT_MODE, 1, OF_PORT },
	[NLBRIDGE_ISOLATED] = { "isolated", IFLA_BRPORT_ISOLATED, 1, OF_PORT },
	[NLBRIDGE_VLAN_DEFAULT_PVID] = { "vlan_default_pvid", IFLA_BR_VLAN_DEFAULT_PVID, 2,
					 OF_BRIDGE },
};

static bool is_known(enum nlbridge_setting setting)
{
	return (unsigned int) setting < N_SETTINGS;
}

uint64_t nlbridge_mac_value(const uint8_t mac[6])
{
	uint64_t value = 0;

	for (int i = 0; i < 6; i++)
		value = value << 8 | mac[i];
	return value;
}

const char *nlbridge_setting_name(enum nlbridge_setting setting)
{
	return is_known(setting) ? nlbridge_settings[setting].name : NULL;
}

static int put_value(struct nl_msg *msg, const struct setting *row, uint64_t value)
{
	uint8_t mac[6];

	switch (row->size) {
	case 1:
		return nla_put_u8(msg, row->type, (uint8_t) value);
	case 2:
		return nla_put_u16(msg, row->type, (uint16_t) value);
	case 4:
		return nla_put_u32(msg, row->type, (uint32_t) value);
	default:
		for (int i = 0; i < 6; i++)
			mac[i] = (uint8_t) (value >> (40 - 8 * i));
		return nla_put(msg, row->type, sizeof(mac), mac);
	}
}

static int put_some(struct nl_msg *msg, const struct nlbridge_value *values, size_t n_values,
		    enum setting_place place)
{
	for (size_t i = 0; i < n_values; i++) {
		const struct setting *row;

		if (!is_known(values[i].setting))
			return -EINVAL;
		row = &nlbridge_settings[values[i].setting];
		if (values[i].value >> (8 * row->size) ||
		    (row->place == OF_PORT) != (place == OF_PORT))
			return -EINVAL;
		if (row->place == place && put_value(msg, row, values[i].value) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* The kind must be named even when nothing of the bridge itself is set. */
int nlbridge_put_values(struct nl_msg *msg, const struct nlbridge_value *values, size_t n_values)
{
	struct nlattr *info, *data;
	int r = put_some(msg, values, n_values, OF_LINK);

	if (r < 0)
		return r;
	info = nla_nest_start(msg, IFLA_LINKINFO);
	if (!info || nla_put_string(msg, IFLA_INFO_KIND, "bridge") < 0)
		return -ENOMEM;
	data = nla_nest_start(msg, IFLA_INFO_DATA);
	if (!data)
		return -ENOMEM;
	r = put_some(msg, values, n_values, OF_BRIDGE);
	if (r < 0)
		return r;
	(void) nla_nest_end(msg, data);
	(void) nla_nest_end(msg, info);
	return 0;
}

int nlbridge_put_port_values(struct nl_msg *msg, const struct nlbridge_value *values,
			     size_t n_values)
{
	struct nlattr *info = nla_nest_start(msg, IFLA_PROTINFO | NLA_F_NESTED);
	int r = info ? put_some(msg, values, n_values, OF_PORT) : -ENOMEM;

	if (r == 0)
		(void) nla_nest_end(msg, info);
	return r;
}

static uint64_t read_value(const struct nlattr *attr, const struct setting *row)
{
	switch (row->size) {
	case 1:
		return nla_get_u8(attr);
	case 2:
		return nla_get_u16(attr);
	case 4:
		return nla_get_u32(attr);
	default:
		return nlbridge_mac_value(nla_data(attr));
	}
}

void nlbridge_read_values(struct link_facts *facts, struct nlattr **const attrs[N_PLACES])
{
	for (size_t i = 0; i < N_SETTINGS; i++) {
		const struct setting *row = &nlbridge_settings[i];
		const struct nlattr *attr = attrs[row->place] ? attrs[row->place][row->type] : NULL;

		if (!attr || nla_len(attr) != row->size)
			continue;
		facts->known |= 1U << i;
		facts->values[i] = read_value(attr, row);
	}
}

bool nlbridge_link_value(const struct nlbridge_link *link, enum nlbridge_setting setting,
			 uint64_t *ret_value)
{
	const struct link_facts *facts;

	if (!link || !is_known(setting))
		return false;
	memcpy(&facts, &link, sizeof(facts)); /* the link is its first member */
	if (!(facts->known & 1U << setting))
		return false;
	if (ret_value)
		*ret_value = facts->values[setting];
	return true;
}

size_t nlbridge_link_differs(const struct nlbridge_link *link, const struct nlbridge_value *values,
			     size_t n_values, size_t from)
{
	for (size_t i = from; i < n_values; i++) {
		uint64_t value = 0;

		(void) nlbridge_link_value(link, values[i].setting, &value);
		/* 2 is STP run by a program; it is on, too. */
		if (values[i].setting == NLBRIDGE_STP)
			value = value != 0;
		if (value != values[i].value)
			return i;
	}
	return n_values;
}
