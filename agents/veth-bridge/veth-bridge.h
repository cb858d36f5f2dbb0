/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the topics of the veth-bridge agent. */
#ifndef VZHA_VETH_BRIDGE_H
#define VZHA_VETH_BRIDGE_H

#include "nlbridge.h"
#include "ocf.h"
#include "shared.h"
#include "veth-bridge.meta.h"

static inline const struct veth_bridge_conf *conf_of(const struct ocf_ctx *ctx)
{
	return (const struct veth_bridge_conf *) ctx->conf;
}

/* The record's callbacks, one file each. */
enum ocf_state look_at_bridge(struct ocf_ctx *ctx);
enum ocf_status start_bridge(struct ocf_ctx *ctx);
enum ocf_status stop_bridge(struct ocf_ctx *ctx);
enum ocf_status monitor_bridge(struct ocf_ctx *ctx);
const char *check_value(const struct ocf_param *param, const char *value);
void check_conf(struct ocf_ctx *ctx);
void check_host(struct ocf_ctx *ctx);
void describe_bridge(struct ocf_ctx *ctx, FILE *out);

/** wish_of() - What the parameters say about ports. */
static inline struct port_wish wish_of(const struct ocf_ctx *ctx)
{
	const struct veth_bridge_conf *conf = conf_of(ctx);

	return (struct port_wish){
		.ports = conf->ports,
		.vlans = conf->vlans ? conf->vlans : "",
		.isolated = conf->isolated ? conf->isolated : "",
		.hairpin = conf->hairpin ? conf->hairpin : "",
		.announce = (int) conf->announce,
		.announce_interval_ms = (int) conf->announce_interval_ms,
	};
}

/* ---- bridge.c --------------------------------------------------------------------------------- */

void close_handle(struct nlbridge **nb);
void free_links(const struct nlbridge_link **links);

#define auto_handle __attribute__((cleanup(close_handle)))
#define auto_links  __attribute__((cleanup(free_links)))

/** open_handle() - A handle whose answers may take a quarter of the time left. 0 or -errno. */
int open_handle(struct ocf_ctx *ctx, struct nlbridge **ret_nb);

/** find_bridge() - The link that really has the bridge's name. 0; -ENODEV; other -errno. */
int find_bridge(struct ocf_ctx *ctx, struct nlbridge *nb, const struct nlbridge_link **ret_link);

bool is_bridge(const struct nlbridge_link *link);
bool is_own(const struct ocf_ctx *ctx, const struct nlbridge_link *link);
bool is_used(const struct ocf_ctx *ctx, const struct nlbridge_link *link);

/** words_of() - What to tell people about an error: the kernel's own words, or errno's. */
const char *words_of(const struct nlbridge *nb, int error);

/* ---- settings.c, mac.c ------------------------------------------------------------------------ */

#define VALUES_MAX NLBRIDGE_SETTING_MAX_1_0

/**
 * wanted_values() - The settings that the parameters ask for.
 * @own: of a bridge of ours.
 * @mac: what `auto` means for it; 0: whatever it has.
 */
size_t wanted_values(const struct ocf_ctx *ctx, bool own, uint64_t mac,
		     struct nlbridge_value values[VALUES_MAX]);

/**
 * settle_values() - Set what differs, and see that it took.
 * @ret_what: names of what had differed, for the log.
 *
 * Return: 0 as wanted now; -errno with the reason given by ocf_reason().
 */
int settle_values(struct ocf_ctx *ctx, struct nlbridge *nb, const struct nlbridge_link *bridge,
		  char *ret_what, size_t size);

/** parse_mac() - "02:00:00:ab:cd:ef"; the syntax has been checked. */
uint64_t parse_mac(const char *text);

/** keep_mac() - Remember the bridge's present address on it, unless one is remembered. 0; -errno. */
int keep_mac(struct ocf_ctx *ctx, struct nlbridge *nb, const struct nlbridge_link *bridge);

/** kept_mac() - The remembered address, 0: none; its mark in @mark. */
uint64_t kept_mac(const struct ocf_ctx *ctx, const struct nlbridge_link *bridge,
		  char mark[NLBRIDGE_MARK_MAX]);

/** chosen_mac() - The value of `auto` for this node and bridge. 0 when @links has no hint. */
uint64_t chosen_mac(const struct ocf_ctx *ctx, const struct nlbridge_link *links);

/* ---- uplink.c --------------------------------------------------------------------------------- */

/** uplink_trouble() - Why the uplink must not be taken (in @buf), NULL when it may. */
const char *uplink_trouble(const struct ocf_ctx *ctx, const struct nlbridge_link *uplink,
			   int bridge, char *buf, size_t size);

/* ---- watcher.c -------------------------------------------------------------------------------- */

/** watcher_running() - Whether a watcher of this bridge lives. */
bool watcher_running(const struct ocf_ctx *ctx);

/**
 * watcher_ensure() - A watcher with the present parameters runs; its first look round is done.
 * @fresh: end one that runs already.
 */
enum ocf_status watcher_ensure(struct ocf_ctx *ctx, bool fresh);

/** watcher_stop() - No watcher of this bridge runs. Return: false when it could not be ended. */
bool watcher_stop(struct ocf_ctx *ctx);

/** watcher_rival() - Another bridge's watcher that wants ports of ours: its bridge in @buf. */
bool watcher_rival(const struct ocf_ctx *ctx, char *buf, size_t size);

/** take_free_ports() - Attach every free host end in @links (without a watcher). How many. */
size_t take_free_ports(struct ocf_ctx *ctx, struct nlbridge *nb, const struct nlbridge_link *links,
		       int bridge);

/* ---- monitor.c -------------------------------------------------------------------------------- */

/** settle_ports() - Give the bridge's ports what is wished for them. 0; -errno with a reason. */
int settle_ports(struct ocf_ctx *ctx, struct nlbridge *nb, int bridge);

#endif
