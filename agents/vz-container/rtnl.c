/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions to rtnetlink, and what its answers are made of. libc only: monitor is one small exec. */
#include "rtnl.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define RTNL_TIMEOUT_MS 2000

int rtnl_open(void)
{
	const struct timeval patience = { .tv_sec = RTNL_TIMEOUT_MS / 1000 };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (fd < 0)
		return -errno;
	(void) setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return fd;
}

int rtnl_watch_links(void)
{
	const struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK };
	int fd = rtnl_open(), r;

	if (fd >= 0 && bind(fd, (const struct sockaddr *) &address, sizeof(address)) < 0) {
		r = -errno;
		(void) close(fd);
		return r;
	}
	return fd;
}

int rtnl_ask(int fd, uint16_t type, uint16_t flags, size_t family_len, uint16_t attr,
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

void rtnl_split(const void *data, size_t len, const struct rtattr *ret[], unsigned int max)
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

const void *rtnl_payload(const struct rtattr *rta)
{
	return (const char *) rta + RTA_LENGTH(0);
}

size_t rtnl_payload_len(const struct rtattr *rta)
{
	return rta->rta_len - RTA_LENGTH(0);
}

int32_t rtnl_number(const struct rtattr *rta, int32_t fallback)
{
	int32_t value = fallback;

	if (rta && rtnl_payload_len(rta) >= sizeof(value))
		memcpy(&value, rtnl_payload(rta), sizeof(value));
	return value;
}

int rtnl_answer(int fd, int (*each)(const struct nlmsghdr *h, void *arg), void *arg)
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
