/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The card that leads outside. A port of a bridge loses its addresses' neighbours within minutes:
 * a card that the node itself lives on is never taken, and addresses are never moved.
 */
#include "veth-bridge.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>

static bool is_global(const struct sockaddr *address)
{
	struct sockaddr_in6 six;

	if (!address)
		return false;
	if (address->sa_family == AF_INET)
		return true;
	if (address->sa_family != AF_INET6)
		return false;
	memcpy(&six, address, sizeof(six));
	return !IN6_IS_ADDR_LINKLOCAL(&six.sin6_addr);
}

/* Cluster links are among these: corosync binds to an address. */
static bool has_address(const char *name)
{
	struct ifaddrs *all, *a;
	bool found = false;

	if (getifaddrs(&all) < 0)
		return true; /* not proven harmless */
	for (a = all; a && !found; a = a->ifa_next)
		found = strcmp(a->ifa_name, name) == 0 && is_global(a->ifa_addr);
	freeifaddrs(all);
	return found;
}

static bool has_default_route(const char *name)
{
	auto_fclose FILE *in4 = fopen("/proc/net/route", "re");
	auto_fclose FILE *in6 = fopen("/proc/net/ipv6_route", "re");
	char line[512], device[32];
	unsigned int destination, mask, length;

	while (in4 && fgets(line, sizeof(line), in4)) {
		if (sscanf(line, "%31s %x %*x %*x %*u %*u %*u %x", device, &destination, &mask) ==
			    3 &&
		    destination == 0 && mask == 0 && strcmp(device, name) == 0)
			return true;
	}
	while (in6 && fgets(line, sizeof(line), in6)) {
		if (sscanf(line, "%*s %x %*s %*s %*s %*s %*s %*s %*s %31s", &length, device) == 2 &&
		    strspn(line, "0") == 32 && length == 0 && strcmp(device, name) == 0)
			return true;
	}
	return false;
}

const char *uplink_trouble(const struct ocf_ctx *ctx, const struct nlbridge_link *uplink,
			   int bridge, char *buf, size_t size)
{
	const char *name = conf_of(ctx)->uplink;
	const char *why = NULL;

	if (!uplink)
		why = "does not exist";
	else if (strcmp(name, conf_of(ctx)->bridge) == 0 || is_bridge(uplink))
		why = "is a bridge";
	else if (uplink->master && uplink->master != bridge)
		why = "is a port of another bridge or bond";
	else if (uplink->master)
		return NULL; /* ours already */
	else if (has_address(name))
		why = "has an address, and the node would be cut off; use another card, or make the "
		      "bridge with the distribution's tools and give it the address";
	else if (has_default_route(name))
		why = "carries the default route, and the node would be cut off";
	if (!why)
		return NULL;
	(void) snprintf(buf, size, "uplink %s %s", name, why);
	return buf;
}
