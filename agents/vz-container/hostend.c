/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hostend.h"

#include "rtnl.h"

#include <errno.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/net_namespace.h>
#include <string.h>
#include <unistd.h>

static int take_nsid(const struct nlmsghdr *h, void *arg)
{
	const size_t head = NLMSG_LENGTH(NLMSG_ALIGN(sizeof(struct rtgenmsg)));
	const struct rtattr *attr[NETNSA_MAX + 1];

	if (h->nlmsg_len < head)
		return -EPROTO;
	rtnl_split((const char *) h + head, h->nlmsg_len - head, attr, NETNSA_MAX);
	*(int32_t *) arg = rtnl_number(attr[NETNSA_NSID], NETNSA_NSID_NOT_ASSIGNED);
	return 0;
}

/* Our number for the network namespace of a process; -1: none (we have no link into it). */
static int nsid_of(int fd, pid_t pid, int32_t *ret_nsid)
{
	int r = rtnl_ask(fd, RTM_GETNSID, 0, sizeof(struct rtgenmsg), NETNSA_PID, (uint32_t) pid);

	*ret_nsid = NETNSA_NSID_NOT_ASSIGNED;
	return r < 0 ? r : rtnl_answer(fd, take_nsid, ret_nsid);
}

struct wanted {
	int32_t nsid;
	struct hostend *ret;
	size_t n, max;
};

static void take_port(const struct rtattr *linkinfo, struct hostend *end)
{
	const struct rtattr *info[IFLA_INFO_MAX + 1], *port[IFLA_BRPORT_STATE + 1];
	const struct rtattr *kind;

	rtnl_split(rtnl_payload(linkinfo), rtnl_payload_len(linkinfo), info, IFLA_INFO_MAX);
	kind = info[IFLA_INFO_SLAVE_KIND];
	if (!kind || strncmp(rtnl_payload(kind), "bridge", rtnl_payload_len(kind)) != 0 ||
	    !info[IFLA_INFO_SLAVE_DATA])
		return;
	rtnl_split(rtnl_payload(info[IFLA_INFO_SLAVE_DATA]),
		   rtnl_payload_len(info[IFLA_INFO_SLAVE_DATA]), port, IFLA_BRPORT_STATE);
	if (port[IFLA_BRPORT_STATE] && rtnl_payload_len(port[IFLA_BRPORT_STATE]) >= 1)
		end->port_state = *(const unsigned char *) rtnl_payload(port[IFLA_BRPORT_STATE]);
}

static int take_link(const struct nlmsghdr *h, void *arg)
{
	const struct rtattr *attr[IFLA_LINK_NETNSID + 1];
	struct wanted *w = arg;
	struct ifinfomsg ifi;
	struct hostend *end;

	if (h->nlmsg_type != RTM_NEWLINK || h->nlmsg_len < NLMSG_LENGTH(sizeof(ifi)))
		return 1;
	memcpy(&ifi, (const char *) h + NLMSG_HDRLEN, sizeof(ifi));
	rtnl_split((const char *) h + NLMSG_LENGTH(sizeof(ifi)),
		   h->nlmsg_len - NLMSG_LENGTH(sizeof(ifi)), attr, IFLA_LINK_NETNSID);
	if (rtnl_number(attr[IFLA_LINK_NETNSID], -1) != w->nsid || w->n == w->max ||
	    !attr[IFLA_IFNAME])
		return 1;

	end = &w->ret[w->n++];
	*end = (struct hostend){ .ifindex = ifi.ifi_index, .port_state = -1 };
	(void) snprintf(end->name, sizeof(end->name), "%.*s",
			(int) rtnl_payload_len(attr[IFLA_IFNAME]),
			(const char *) rtnl_payload(attr[IFLA_IFNAME]));
	end->master_index = rtnl_number(attr[IFLA_MASTER], 0);
	end->up = ifi.ifi_flags & IFF_UP;
	end->carrier = ifi.ifi_flags & IFF_RUNNING;
	if (attr[IFLA_LINKINFO])
		take_port(attr[IFLA_LINKINFO], end);
	return 1;
}

ssize_t hostends_of(pid_t init, struct hostend *ret, size_t max)
{
	struct wanted w = { .ret = ret, .max = max };
	auto_close int fd = rtnl_open();
	int r;

	if (fd < 0)
		return fd;
	r = nsid_of(fd, init, &w.nsid);
	if (r < 0)
		return r;
	if (w.nsid < 0)
		return 0;
	r = rtnl_ask(fd, RTM_GETLINK, NLM_F_DUMP, sizeof(struct ifinfomsg), IFLA_EXT_MASK,
		     RTEXT_FILTER_SKIP_STATS);
	while (r >= 0 && (r = rtnl_answer(fd, take_link, &w)) > 0)
		;
	if (r < 0)
		return r;
	for (size_t i = 0; i < w.n; i++)
		if (ret[i].master_index)
			(void) if_indextoname((unsigned int) ret[i].master_index, ret[i].master);
	return (ssize_t) w.n;
}
