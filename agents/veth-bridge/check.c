/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What validate-all says: first about the values alone, then about this host. */
#include "veth-bridge.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

static const char *check_mac(const char *value)
{
	bool zero = true;

	if (strcmp(value, "auto") == 0)
		return NULL;
	if (strlen(value) != 17)
		return "must be auto or six hexadecimal bytes like 02:00:00:ab:cd:ef";
	for (size_t i = 0; i < 17; i++) {
		if (i % 3 == 2 ? value[i] != ':' : !isxdigit((unsigned char) value[i]))
			return "must be auto or six hexadecimal bytes like 02:00:00:ab:cd:ef";
		zero &= value[i] == '0' || value[i] == ':';
	}
	if (parse_mac(value) & 0x010000000000ULL)
		return "must not be a multicast address";
	return zero ? "must not be all zero" : NULL;
}

const char *check_value(const struct ocf_param *param, const char *value)
{
	if (strcmp(param->name, "mac") == 0)
		return check_mac(value);
	if (strcmp(param->name, "ports") == 0 || strcmp(param->name, "isolated") == 0 ||
	    strcmp(param->name, "hairpin") == 0)
		return patterns_check(value);
	if (strcmp(param->name, "vlans") == 0)
		return wish_check_vlans(value);
	return NULL;
}

void check_conf(struct ocf_ctx *ctx)
{
	const struct veth_bridge_conf *conf = conf_of(ctx);

	if (conf->stp == OCF_TRUE && conf->forward_delay != OCF_INTEGER_UNSET &&
	    conf->forward_delay < 2)
		ocf_finding(
			ctx, OCF_ERR_CONFIGURED,
			"forward_delay=%lld does not go with stp=true: the kernel takes 2 to 30",
			(long long) conf->forward_delay);
	if (conf->vlans && conf->vlan_filtering == OCF_FALSE)
		ocf_finding(ctx, OCF_ERR_CONFIGURED,
			    "vlans=\"%s\" does not go with vlan_filtering=false", conf->vlans);
	if (conf->uplink && strcmp(conf->uplink, conf->bridge) == 0)
		ocf_finding(ctx, OCF_ERR_CONFIGURED, "uplink and bridge are both %s", conf->bridge);
}

static void check_links(struct ocf_ctx *ctx)
{
	auto_links const struct nlbridge_link *bridge = NULL, *uplink = NULL;
	auto_handle struct nlbridge *nb = NULL;
	const char *name = conf_of(ctx)->uplink;
	int r = open_handle(ctx, &nb);
	char why[400];

	if (r == 0)
		r = find_bridge(ctx, nb, &bridge);
	if (r < 0 && r != -ENODEV) {
		ocf_finding(ctx, OCF_ERR_GENERIC, "cannot look for %s: %s", conf_of(ctx)->bridge,
			    words_of(nb, r));
		return;
	}
	if (bridge && !is_bridge(bridge))
		ocf_finding(ctx, OCF_ERR_ARGS, "%s is not a bridge but another link", bridge->name);
	if (!name)
		return;
	r = nlbridge_link_get(nb, name, &uplink);
	if ((r == 0 || r == -ENODEV) &&
	    uplink_trouble(ctx, uplink, bridge ? bridge->ifindex : -1, why, sizeof(why)))
		ocf_finding(ctx, OCF_ERR_ARGS, "%s", why);
}

void check_host(struct ocf_ctx *ctx)
{
	char path[300], text[16];

	if (conf_of(ctx)->watch == OCF_TRUE && access(VZHA_HELPER_DIR "/veth-bridged", X_OK) < 0)
		ocf_finding(ctx, OCF_ERR_INSTALLED, VZHA_HELPER_DIR "/veth-bridged: %s",
			    strerror(errno));
	check_links(ctx);
	(void) ocf_path(ctx, path, sizeof(path), "/proc/sys/net/bridge/bridge-nf-call-iptables");
	if (ocf_read_file(path, text, sizeof(text)) > 0 && text[0] == '1')
		ocf_finding(
			ctx, OCF_SUCCESS,
			"packets between ports pass the firewall (br_netfilter): its FORWARD rules "
			"may drop the containers' traffic; sysctl net.bridge.bridge-nf-call-iptables");
}
