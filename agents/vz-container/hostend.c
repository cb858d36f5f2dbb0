/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hostend.h"

#include <errno.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define NETLINK_TIMEOUT_MS 2000

static int open_netlink(void)
{
	const struct timeval patience = { .tv_sec = NETLINK_TIMEOUT_MS / 1000 };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (fd < 0)
		return -errno;
	(void) setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return fd;
}

/* A request with one 32 bit attribute. */
static int ask(int fd, uint16_t type, uint16_t flags, size_t family_len, uint16_t attr,
	       uint32_t value)
{
	_Alignas(struct nlmsghdr) char buf[128] = { 0 };
	struct nlmsghdr header = {
		.nlmsg_len = (uint32_t) (NLMSG_SPACE(family_len) + RTA_LENGTH(sizeof(value))),
		.nlmsg_type = type,
		.nlmsg_flags = (uint16_t) (NLM_F_REQUEST | flags),
		.nlmsg_seq = 1,
	};
	struct rtattr rta = { .rta_len = RTA_LENGTH(sizeof(value)), .rta_type = attr };
	char *p = buf + NLMSG_SPACE(family_len);

	memcpy(buf, &header, sizeof(header));
	memcpy(p, &rta, sizeof(rta));
	memcpy(p + RTA_LENGTH(0), &value, sizeof(value));
	return send(fd, buf, header.nlmsg_len, 0) < 0 ? -errno : 0;
}

/* The attributes of one level, by type. */
static void split(const void *data, size_t len, const struct rtattr *ret[], unsigned int max)
{
	const char *p = data;

	memset(ret, 0, sizeof(ret[0]) * (max + 1));
	while (len >= sizeof(struct rtattr)) {
		const struct rtattr *rta = (const void *) p;
		unsigned int type = rta->rta_type & (uint16_t) NLA_TYPE_MASK;
		size_t step = RTA_ALIGN((size_t) rta->rta_len);

		if (rta->rta_len < sizeof(*rta) || rta->rta_len > len)
			return;
		if (type <= max)
			ret[type] = rta;
		if (step >= len)
			return;
		p += step;
		len -= step;
	}
}

static const void *payload(const struct rtattr *rta)
{
	return (const char *) rta + RTA_LENGTH(0);
}

static size_t payload_len(const struct rtattr *rta)
{
	return rta->rta_len - RTA_LENGTH(0);
}

static int32_t number(const struct rtattr *rta, int32_t fallback)
{
	int32_t value = fallback;

	if (rta && payload_len(rta) >= sizeof(value))
		memcpy(&value, payload(rta), sizeof(value));
	return value;
}

/* One datagram of answer; calls @each for every message. Return: 1 more to come, 0 done, -errno */
static int answer(int fd, int (*each)(const struct nlmsghdr *h, void *arg), void *arg)
{
	static _Alignas(struct nlmsghdr) char buf[65536];
	const char *p = buf;
	ssize_t len;

	do
		len = recv(fd, buf, sizeof(buf), 0);
	while (len < 0 && errno == EINTR);
	if (len < 0)
		return errno == EAGAIN ? -ETIMEDOUT : -errno;
	while (len >= (ssize_t) sizeof(struct nlmsghdr)) {
		const struct nlmsghdr *h = (const void *) p;
		int error = 0;

		if (h->nlmsg_len < sizeof(*h) || h->nlmsg_len > (size_t) len)
			return -EPROTO;
		if (h->nlmsg_type == NLMSG_DONE)
			return 0;
		if (h->nlmsg_type == NLMSG_ERROR) {
			memcpy(&error, p + NLMSG_HDRLEN, sizeof(error));
			return error;
		}
		error = each(h, arg);
		if (error < 0 || !(h->nlmsg_flags & NLM_F_MULTI))
			return error;
		p += NLMSG_ALIGN(h->nlmsg_len);
		len -= (ssize_t) NLMSG_ALIGN(h->nlmsg_len);
	}
	return 1;
}

static int take_nsid(const struct nlmsghdr *h, void *arg)
{
	const size_t head = NLMSG_LENGTH(NLMSG_ALIGN(sizeof(struct rtgenmsg)));
	const struct rtattr *attr[NETNSA_MAX + 1];

	if (h->nlmsg_len < head)
		return -EPROTO;
	split((const char *) h + head, h->nlmsg_len - head, attr, NETNSA_MAX);
	*(int32_t *) arg = number(attr[NETNSA_NSID], NETNSA_NSID_NOT_ASSIGNED);
	return 0;
}

/* Our number for the network namespace of a process; -1: none (we have no link into it). */
static int nsid_of(int fd, pid_t pid, int32_t *ret_nsid)
{
	int r = ask(fd, RTM_GETNSID, 0, sizeof(struct rtgenmsg), NETNSA_PID, (uint32_t) pid);

	*ret_nsid = NETNSA_NSID_NOT_ASSIGNED;
	return r < 0 ? r : answer(fd, take_nsid, ret_nsid);
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

	split(payload(linkinfo), payload_len(linkinfo), info, IFLA_INFO_MAX);
	kind = info[IFLA_INFO_SLAVE_KIND];
	if (!kind || strncmp(payload(kind), "bridge", payload_len(kind)) != 0 ||
	    !info[IFLA_INFO_SLAVE_DATA])
		return;
	split(payload(info[IFLA_INFO_SLAVE_DATA]), payload_len(info[IFLA_INFO_SLAVE_DATA]), port,
	      IFLA_BRPORT_STATE);
	if (port[IFLA_BRPORT_STATE] && payload_len(port[IFLA_BRPORT_STATE]) >= 1)
		end->port_state = *(const unsigned char *) payload(port[IFLA_BRPORT_STATE]);
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
	split((const char *) h + NLMSG_LENGTH(sizeof(ifi)),
	      h->nlmsg_len - NLMSG_LENGTH(sizeof(ifi)), attr, IFLA_LINK_NETNSID);
	if (number(attr[IFLA_LINK_NETNSID], -1) != w->nsid || w->n == w->max || !attr[IFLA_IFNAME])
		return 1;

	end = &w->ret[w->n++];
	*end = (struct hostend){ .ifindex = ifi.ifi_index, .port_state = -1 };
	(void) snprintf(end->name, sizeof(end->name), "%.*s", (int) payload_len(attr[IFLA_IFNAME]),
			(const char *) payload(attr[IFLA_IFNAME]));
	end->master_index = number(attr[IFLA_MASTER], 0);
	end->up = ifi.ifi_flags & IFF_UP;
	end->carrier = ifi.ifi_flags & IFF_RUNNING;
	if (attr[IFLA_LINKINFO])
		take_port(attr[IFLA_LINKINFO], end);
	return 1;
}

ssize_t hostends_of(pid_t init, struct hostend *ret, size_t max)
{
	struct wanted w = { .ret = ret, .max = max };
	auto_close int fd = open_netlink();
	int r;

	if (fd < 0)
		return fd;
	r = nsid_of(fd, init, &w.nsid);
	if (r < 0)
		return r;
	if (w.nsid < 0)
		return 0;
	r = ask(fd, RTM_GETLINK, NLM_F_DUMP, sizeof(struct ifinfomsg), IFLA_EXT_MASK,
		RTEXT_FILTER_SKIP_STATS);
	while (r >= 0 && (r = answer(fd, take_link, &w)) > 0)
		;
	if (r < 0)
		return r;
	for (size_t i = 0; i < w.n; i++)
		if (ret[i].master_index)
			(void) if_indextoname((unsigned int) ret[i].master_index, ret[i].master);
	return (ssize_t) w.n;
}
