/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Ports come and go by ioctl. RTM_NEWLINK with IFLA_MASTER first takes a link out of whatever
 * bridge it is in: between our look and our request LXC may have put it into another one, and we
 * would steal it. SIOCBRADDIF says EBUSY instead, SIOCBRDELIF takes it out of the named bridge or
 * of none, on every kernel since 2.6.
 */
#include "private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

static int change(struct nlbridge *nb, unsigned long request, const char *bridge, int port)
{
	struct ifreq ifr = { .ifr_ifindex = port };

	nb->errmsg[0] = '\0';
	if (nb->ioctl_fd < 0)
		nb->ioctl_fd = nlbridge_socket(nb, AF_UNIX, SOCK_DGRAM, 0);
	if (nb->ioctl_fd < 0)
		return nb->ioctl_fd;
	(void) snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", bridge);
	return ioctl(nb->ioctl_fd, request, &ifr) < 0 ? -errno : 0;
}

static bool is_bad_call(const struct nlbridge *nb, const char *bridge, int port)
{
	return !nb || !bridge || !*bridge || strlen(bridge) >= IFNAMSIZ || port <= 0;
}

/* Whether @port is in the bridge called @bridge: 1, 0, -errno (-ENODEV: there is no such link). */
static int is_port_of(struct nlbridge *nb, const char *bridge, int port)
{
	const struct nlbridge_link *link = NULL, *master = NULL;
	int r = nlbridge_link_get_index(nb, port, &link);

	if (r == 0 && link->master)
		r = nlbridge_link_get_index(nb, link->master, &master);
	if (r == 0)
		r = master && strcmp(master->name, bridge) == 0;
	nlbridge_links_free(link);
	nlbridge_links_free(master);
	return r;
}

int nlbridge_port_attach(struct nlbridge *nb, const char *bridge, int port)
{
	int r;

	if (is_bad_call(nb, bridge, port))
		return -EINVAL;
	r = change(nb, SIOCBRADDIF, bridge, port);
	if (r == -EBUSY && is_port_of(nb, bridge, port) == 1)
		return 0;
	/* The ioctl says -EINVAL for a link that cannot be a port, and for one that is gone. */
	if (r == -EINVAL && is_port_of(nb, bridge, port) == -ENODEV)
		return -ENODEV;
	return r;
}

int nlbridge_port_detach(struct nlbridge *nb, const char *bridge, int port)
{
	int is_port, r;

	if (is_bad_call(nb, bridge, port))
		return -EINVAL;
	r = change(nb, SIOCBRDELIF, bridge, port);
	if (r != -EINVAL)
		return r;
	/* It is not in this bridge, or it is gone. */
	is_port = is_port_of(nb, bridge, port);
	return is_port == 1 ? r : is_port;
}

int nlbridge_ports_attach(struct nlbridge *nb, const char *bridge, const int *ports, size_t n_ports,
			  int *ret_results)
{
	int first = 0;

	if (!nb || !bridge || (n_ports && !ports))
		return -EINVAL;
	for (size_t i = 0; i < n_ports; i++) {
		int r = nlbridge_port_attach(nb, bridge, ports[i]);

		if (ret_results)
			ret_results[i] = r;
		if (r < 0 && first == 0)
			first = r;
	}
	return first;
}

int nlbridge_port_set(struct nlbridge *nb, int port, const struct nlbridge_value *values,
		      size_t n_values)
{
	struct ifinfomsg header = { .ifi_family = AF_BRIDGE, .ifi_index = port };
	struct nl_msg *msg;
	int r;

	if (!nb || port <= 0 || (n_values && !values))
		return -EINVAL;
	if (n_values == 0)
		return 0;
	msg = nlmsg_alloc_simple(RTM_SETLINK, 0);
	if (!msg)
		return -ENOMEM;
	r = nlmsg_append(msg, &header, sizeof(header), NLMSG_ALIGNTO) < 0
		    ? -ENOMEM
		    : nlbridge_put_port_values(msg, values, n_values);
	if (r < 0) {
		nlmsg_free(msg);
		return r;
	}
	return nlbridge_talk(nb, msg, NULL, NULL);
}
