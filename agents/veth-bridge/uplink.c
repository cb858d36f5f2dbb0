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

static bool is_link_local(const struct sockaddr *address, struct in6_addr *ret_address)
{
	struct sockaddr_in6 six;

	if (address->sa_family != AF_INET6)
		return false;
	memcpy(&six, address, sizeof(six));
	*ret_address = six.sin6_addr;
	return IN6_IS_ADDR_LINKLOCAL(&six.sin6_addr);
}

/* /proc/net/udp6 and tcp6 have the address as four numbers in the machine's byte order. */
static bool is_bound(const struct in6_addr *address)
{
	static const char *const tables[] = { "/proc/net/udp6", "/proc/net/tcp6" };
	char line[512], wanted[33];
	uint32_t words[4];
	bool found = false;

	memcpy(words, address, sizeof(words));
	(void) snprintf(wanted, sizeof(wanted), "%08X%08X%08X%08X", words[0], words[1], words[2],
			words[3]);
	for (size_t i = 0; i < ARRAY_SIZE(tables) && !found; i++) {
		auto_fclose FILE *table = fopen(tables[i], "re");

		while (table && !found && fgets(line, sizeof(line), table)) {
			char local[33];

			found = sscanf(line, "%*u: %32[0-9A-F]:", local) == 1 &&
				strcmp(local, wanted) == 0;
		}
	}
	return found;
}

/*
 * Every card has a link-local address, and most need it for nothing; a cluster's link may. Any
 * other address is in use, whatever for: corosync and this node's services bind to one.
 */
static const char *address_trouble(const char *name)
{
	struct ifaddrs *all, *a;
	const char *why = NULL;
	struct in6_addr local;

	if (getifaddrs(&all) < 0)
		return "may have an address: the kernel does not tell"; /* not proven harmless */
	for (a = all; a && !why; a = a->ifa_next) {
		if (strcmp(a->ifa_name, name) != 0 || !a->ifa_addr ||
		    (a->ifa_addr->sa_family != AF_INET && a->ifa_addr->sa_family != AF_INET6))
			continue;
		if (!is_link_local(a->ifa_addr, &local))
			why = "has an address, and the node would be cut off; use another card, or "
			      "make the bridge with the distribution's tools and give it the address";
		else if (is_bound(&local))
			why = "has a link-local address that a program is bound to (a cluster's "
			      "link?), which would be cut off; use another card";
	}
	freeifaddrs(all);
	return why;
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
	else if ((why = address_trouble(name)))
		;
	else if (has_default_route(name))
		why = "carries the default route, and the node would be cut off";
	if (!why)
		return NULL;
	(void) snprintf(buf, size, "uplink %s %s", name, why);
	return buf;
}
