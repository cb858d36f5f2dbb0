/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inside.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "rtnl.h"

static int namespace_of(struct ocf_ctx *ctx, const char *who)
{
	char path[64];
	int fd = open(ocf_path(ctx, path, sizeof(path), "/proc/%s/ns/net", who),
		      O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static bool is_same(int a, int b)
{
	struct stat one, two;

	return fstat(a, &one) == 0 && fstat(b, &two) == 0 && one.st_dev == two.st_dev &&
	       one.st_ino == two.st_ino;
}

int inside_open(struct ocf_ctx *ctx, const struct ct_engine *engine, pid_t init)
{
	auto_close int ours = -1, its = -1;
	char who[16];
	int fd;

	(void) snprintf(who, sizeof(who), "%d", init);
	ours = namespace_of(ctx, "self");
	its = namespace_of(ctx, who);
	if (ours < 0 || its < 0)
		return ours < 0 ? ours : its == -ENOENT ? -ESRCH : its;
	if (engine->init(ctx) != init) /* the number may be another process's by now */
		return -ESRCH;
	if (is_same(ours, its))
		return -ENOTSUP;
	if (setns(its, CLONE_NEWNET) < 0)
		return -errno;
	fd = rtnl_open();
	if (setns(ours, CLONE_NEWNET) < 0) {
		/* From here on we would work on the container's network in place of the host's. */
		ocf_log(ctx, LOG_ERR, "cannot return to the host's network namespace: %s",
			strerror(errno));
		abort();
	}
	return fd;
}

/* Builds one request: a header of the family, and attributes of 32 bits or text. */
struct request {
	_Alignas(struct nlmsghdr) char buf[256];
	size_t len;
};

static void begin(struct request *q, uint16_t type, uint16_t flags, const void *head, size_t len)
{
	struct nlmsghdr header = { .nlmsg_type = type,
				   .nlmsg_flags = (uint16_t) (NLM_F_REQUEST | flags),
				   .nlmsg_seq = 1 };

	memset(q->buf, 0, sizeof(q->buf));
	memcpy(q->buf, &header, sizeof(header));
	memcpy(q->buf + NLMSG_HDRLEN, head, len);
	q->len = NLMSG_SPACE(len);
}

static void add(struct request *q, uint16_t type, const void *value, size_t len)
{
	struct rtattr rta = { .rta_len = (unsigned short) RTA_LENGTH(len), .rta_type = type };

	if (q->len + RTA_SPACE(len) > sizeof(q->buf))
		return;
	memcpy(q->buf + q->len, &rta, sizeof(rta));
	memcpy(q->buf + q->len + RTA_LENGTH(0), value, len);
	q->len += RTA_SPACE(len);
}

static int send_request(int fd, struct request *q)
{
	struct nlmsghdr header;

	memcpy(&header, q->buf, sizeof(header));
	header.nlmsg_len = (uint32_t) q->len;
	memcpy(q->buf, &header, sizeof(header));
	return send(fd, q->buf, q->len, 0) < 0 ? -errno : 0;
}

static int take_index(const struct nlmsghdr *h, void *arg)
{
	struct ifinfomsg ifi;

	if (h->nlmsg_type != RTM_NEWLINK || h->nlmsg_len < NLMSG_LENGTH(sizeof(ifi)))
		return -EPROTO;
	memcpy(&ifi, (const char *) h + NLMSG_HDRLEN, sizeof(ifi));
	*(int *) arg = ifi.ifi_index;
	return 0;
}

int inside_link(int fd, const char *name)
{
	const struct ifinfomsg ifi = { 0 };
	struct request q;
	int r, ifindex = -ENODEV;

	begin(&q, RTM_GETLINK, 0, &ifi, sizeof(ifi));
	add(&q, IFLA_IFNAME, name, strlen(name) + 1);
	r = send_request(fd, &q);
	if (r == 0)
		r = rtnl_answer(fd, take_index, &ifindex);
	return r < 0 ? r : ifindex;
}

struct defaults {
	int ifindex;
	struct inside_route best, by;
};

static void keep_better(struct inside_route *kept, const struct inside_route *found)
{
	if (!kept->ifindex || found->metric < kept->metric)
		*kept = *found;
}

static int take_route(const struct nlmsghdr *h, void *arg)
{
	const size_t head = NLMSG_LENGTH(sizeof(struct rtmsg));
	const struct rtattr *attr[RTA_TABLE + 1];
	struct defaults *d = arg;
	struct inside_route found;
	struct rtmsg rtm;

	if (h->nlmsg_type != RTM_NEWROUTE || h->nlmsg_len < head)
		return 1;
	memcpy(&rtm, (const char *) h + NLMSG_HDRLEN, sizeof(rtm));
	if (rtm.rtm_family != AF_INET || rtm.rtm_dst_len || rtm.rtm_type != RTN_UNICAST ||
	    rtm.rtm_table != RT_TABLE_MAIN)
		return 1;
	rtnl_split((const char *) h + head, h->nlmsg_len - head, attr, RTA_TABLE);
	found = (struct inside_route){
		.ifindex = rtnl_number(attr[RTA_OIF], 0),
		.metric = (uint32_t) rtnl_number(attr[RTA_PRIORITY], 0),
		.gateway = (uint32_t) rtnl_number(attr[RTA_GATEWAY], 0),
	};
	keep_better(&d->best, &found);
	if (found.ifindex == d->ifindex)
		keep_better(&d->by, &found);
	return 1;
}

int inside_default(int fd, int ifindex, struct inside_route *ret_best, struct inside_route *ret_by)
{
	const struct rtmsg rtm = { .rtm_family = AF_INET };
	struct defaults d = { .ifindex = ifindex };
	struct request q;
	int r;

	begin(&q, RTM_GETROUTE, NLM_F_DUMP, &rtm, sizeof(rtm));
	r = send_request(fd, &q);
	if (r < 0)
		return r;
	while ((r = rtnl_answer(fd, take_route, &d)) > 0)
		;
	if (r < 0)
		return r;
	*ret_best = d.best;
	*ret_by = d.by;
	return 0;
}

static int nothing(const struct nlmsghdr *h, void *arg)
{
	(void) h;
	(void) arg;
	return 1;
}

int inside_set_default(int fd, int ifindex, uint32_t gateway)
{
	const struct rtmsg rtm = {
		.rtm_family = AF_INET,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_STATIC,
		.rtm_scope = gateway ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK,
		.rtm_type = RTN_UNICAST,
	};
	struct request q;
	int r;

	begin(&q, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE | NLM_F_ACK, &rtm, sizeof(rtm));
	add(&q, RTA_OIF, &ifindex, sizeof(ifindex));
	if (gateway)
		add(&q, RTA_GATEWAY, &gateway, sizeof(gateway));
	r = send_request(fd, &q);
	return r < 0 ? r : rtnl_answer(fd, nothing, NULL);
}
