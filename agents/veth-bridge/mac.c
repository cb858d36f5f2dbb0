/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The address of a bridge of ours: the same after each start, different on each node. */
#include "veth-bridge.h"

#include <linux/if_arp.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t no_mac[6];

uint64_t parse_mac(const char *text)
{
	uint64_t value = 0;

	for (int i = 0; i < 6; i++)
		value = value << 8 | (strtoul(text + 3 * i, NULL, 16) & 0xff);
	return value;
}

uint64_t kept_mac(const struct ocf_ctx *ctx, const struct nlbridge_link *bridge,
		  char mark[NLBRIDGE_MARK_MAX])
{
	char before[NLBRIDGE_MARK_MAX];

	/* A name cannot contain a colon: no other bridge's mark begins so. */
	(void) snprintf(before, sizeof(before), MARK_MAC "%s:", conf_of(ctx)->bridge);
	return nlbridge_link_mark(bridge, before, mark) ? strtoull(mark + strlen(before), NULL, 16)
							: 0;
}

int keep_mac(struct ocf_ctx *ctx, struct nlbridge *nb, const struct nlbridge_link *bridge)
{
	char mark[NLBRIDGE_MARK_MAX];

	if (kept_mac(ctx, bridge, mark))
		return 0;
	(void) snprintf(mark, sizeof(mark), MARK_MAC "%s:%012llx", conf_of(ctx)->bridge,
			(unsigned long long) nlbridge_mac_value(bridge->mac));
	return nlbridge_mark_set(nb, bridge->ifindex, mark);
}

static uint64_t mix(uint64_t hash, const void *data, size_t size)
{
	const uint8_t *bytes = data;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ bytes[i]) * 0x100000001b3ULL; /* FNV-1a */
	return hash;
}

/*
 * A physical card has no kind and an address of its own. Of several the lowest address is taken:
 * their order may differ from boot to boot, their addresses do not.
 */
static const uint8_t *node_address(const struct ocf_ctx *ctx, const struct nlbridge_link *links)
{
	const char *uplink = conf_of(ctx)->uplink;
	const uint8_t *lowest = NULL;

	for (const struct nlbridge_link *l = links; l; l = l->next) {
		if (l->hardware != ARPHRD_ETHER || memcmp(l->permanent_mac, no_mac, 6) == 0)
			continue;
		if (uplink && strcmp(l->name, uplink) == 0)
			return l->permanent_mac;
		if (!l->kind[0] && (!lowest || memcmp(l->permanent_mac, lowest, 6) < 0))
			lowest = l->permanent_mac;
	}
	return lowest;
}

uint64_t chosen_mac(const struct ocf_ctx *ctx, const struct nlbridge_link *links)
{
	const char *bridge = conf_of(ctx)->bridge;
	const uint8_t *address = node_address(ctx, links);
	uint64_t hash = 0xcbf29ce484222325ULL;
	char path[300], id[64] = "";

	if (address) {
		hash = mix(hash, address, 6);
	} else {
		/* Cloned machines may share the id, nodes of a cluster never share the name. */
		(void) ocf_read_file(ocf_path(ctx, path, sizeof(path), "/etc/machine-id"), id,
				     sizeof(id));
		hash = mix(hash, id, strlen(id));
		hash = mix(hash, ctx->node, strlen(ctx->node) + 1);
	}
	hash = mix(hash, bridge, strlen(bridge));
	hash ^= hash >> 33;
	hash *= 0xff51afd7ed558ccdULL;
	hash ^= hash >> 33;
	/* Locally administered, not multicast. */
	return (hash & 0xfcffffffffffULL) | 0x020000000000ULL;
}
