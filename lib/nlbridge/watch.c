/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Link and address events as descriptors. */
#include "private.h"

#include <errno.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* A burst of a few thousand containers; what is lost beyond it is told as -ENOBUFS. */
#define BURST_BYTES (4 << 20)
/* More than fit into that. */
#define DRAIN_MAX 100000

#ifndef NETLINK_LISTEN_ALL_NSID
#define NETLINK_LISTEN_ALL_NSID 8
#endif

int nlbridge_stream_open(struct stream *stream, const int groups[], size_t n_groups)
{
	const int size = BURST_BYTES;
	int fd, r = 0;

	*stream = (struct stream){ .nsid = NLBRIDGE_NSID_OWN };
	stream->buffer = malloc(RECEIVE_SIZE);
	stream->socket = nl_socket_alloc();
	if (!stream->buffer || !stream->socket)
		return -ENOMEM;
	errno = 0;
	if (nl_connect(stream->socket, NETLINK_ROUTE) < 0)
		return errno ? -errno : -EIO;
	for (size_t i = 0; i < n_groups && r == 0; i++) {
		if (nl_socket_add_membership(stream->socket, groups[i]) < 0)
			r = errno ? -errno : -EIO;
	}
	fd = nl_socket_get_fd(stream->socket);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		(void) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	return r;
}

void nlbridge_stream_done(struct stream *stream)
{
	nl_socket_free(stream->socket);
	free(stream->buffer);
}

/* The kernel tells beside the message of which namespace it is, unless of the socket's own. */
static int read_nsid(struct msghdr *header)
{
	int nsid = NLBRIDGE_NSID_OWN;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c)) {
		if (c->cmsg_level == SOL_NETLINK && c->cmsg_type == NETLINK_LISTEN_ALL_NSID &&
		    c->cmsg_len >= CMSG_LEN(sizeof(nsid)))
			memcpy(&nsid, CMSG_DATA(c), sizeof(nsid));
	}
	return nsid;
}

/*
 * Once the queue was full the kernel drops what comes, and tells that once only, until the queue has been
 * empty (NETLINK_S_CONGESTED in af_netlink.c): what is still in it is older than what is missing, and worth
 * nothing. Only after this does listing the links miss nothing. Where more comes than we can throw
 * away, the next call goes on with it.
 */
static void drain(struct stream *stream)
{
	int fd = nl_socket_get_fd(stream->socket);

	stream->left = 0;
	for (int i = 0; i < DRAIN_MAX && stream->lost; i++) {
		if (recv(fd, stream->buffer, RECEIVE_SIZE, MSG_DONTWAIT) < 0)
			stream->lost = errno == EINTR || errno == ENOBUFS;
	}
}

static int fill(struct stream *stream)
{
	_Alignas(struct cmsghdr) char control[128];
	struct sockaddr_nl from = { 0 };
	struct iovec iov = { stream->buffer, RECEIVE_SIZE };
	struct msghdr header;
	ssize_t n;

	if (stream->lost) {
		drain(stream);
		return -ENOBUFS;
	}
	do {
		header = (struct msghdr){ .msg_name = &from,
					  .msg_namelen = sizeof(from),
					  .msg_iov = &iov,
					  .msg_iovlen = 1,
					  .msg_control = control,
					  .msg_controllen = sizeof(control) };
		n = recvmsg(nl_socket_get_fd(stream->socket), &header, MSG_DONTWAIT);
	} while ((n < 0 && errno == EINTR) || (n >= 0 && from.nl_pid != 0));
	if (n < 0 && errno == ENOBUFS) {
		stream->lost = true;
		drain(stream);
		return -ENOBUFS;
	}
	if (n < 0)
		return -errno;
	memcpy(&stream->message, &stream->buffer, sizeof(stream->message));
	stream->left = (int) n;
	stream->nsid = read_nsid(&header);
	return 0;
}

int nlbridge_stream_next(struct stream *stream, struct nlmsghdr **ret_message)
{
	while (!nlmsg_ok(stream->message, stream->left)) {
		int r = fill(stream);

		if (r < 0)
			return r;
	}
	*ret_message = stream->message;
	stream->message = nlmsg_next(stream->message, &stream->left);
	return 0;
}

/* ---- links ----------------------------------------------------------------------------------- */

struct nlbridge_watch {
	struct stream stream;
	struct link_facts *current;
};

int nlbridge_watch_open(struct nlbridge_watch **ret_watch)
{
	static const int groups[] = { RTNLGRP_LINK };
	struct nlbridge_watch *watch;
	int r;

	if (!ret_watch)
		return -EINVAL;
	watch = calloc(1, sizeof(*watch));
	if (!watch)
		return -ENOMEM;
	r = nlbridge_stream_open(&watch->stream, groups, 1);
	if (r < 0) {
		nlbridge_watch_close(watch);
		return r;
	}
	*ret_watch = watch;
	return 0;
}

void nlbridge_watch_close(struct nlbridge_watch *watch)
{
	if (!watch)
		return;
	if (watch->current)
		nlbridge_links_free(&watch->current->link);
	nlbridge_stream_done(&watch->stream);
	free(watch);
}

int nlbridge_watch_fd(const struct nlbridge_watch *watch)
{
	return watch ? nl_socket_get_fd(watch->stream.socket) : -EINVAL;
}

/*
 * The bridge sends messages of its own about ports to the same group (family AF_BRIDGE): the only
 * ones when a port's state changes. There, RTM_DELLINK means that a link is no port any more, not
 * that it is gone, and a link message tells that, too.
 */
static bool is_about_link(const struct nlmsghdr *message, bool *ret_partial)
{
	const struct ifinfomsg *header = nlmsg_data(message);

	if ((message->nlmsg_type != RTM_NEWLINK && message->nlmsg_type != RTM_DELLINK) ||
	    nlmsg_datalen(message) < (int) sizeof(*header))
		return false;
	*ret_partial = header->ifi_family == AF_BRIDGE;
	return *ret_partial ? message->nlmsg_type == RTM_NEWLINK : header->ifi_family == AF_UNSPEC;
}

int nlbridge_watch_next(struct nlbridge_watch *watch, struct nlbridge_event *ret_event)
{
	struct nlmsghdr *message;
	bool partial;

	if (!watch || !ret_event)
		return -EINVAL;
	if (watch->current)
		nlbridge_links_free(&watch->current->link);
	watch->current = NULL;
	do {
		int r = nlbridge_stream_next(&watch->stream, &message);

		if (r < 0)
			return r;
	} while (!is_about_link(message, &partial));
	watch->current = nlbridge_parse(message);
	if (!watch->current)
		return -ENOBUFS; /* lost to us: the same remedy */
	ret_event->gone = message->nlmsg_type == RTM_DELLINK;
	ret_event->partial = partial;
	ret_event->link = &watch->current->link;
	return 0;
}

/* ---- addresses ------------------------------------------------------------------------------- */

struct nlbridge_address_watch {
	struct stream stream;
};

int nlbridge_address_watch_open(struct nlbridge_address_watch **ret_watch)
{
	static const int groups[] = { RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR };
	struct nlbridge_address_watch *watch;
	const int on = 1;
	int r;

	if (!ret_watch)
		return -EINVAL;
	watch = calloc(1, sizeof(*watch));
	if (!watch)
		return -ENOMEM;
	r = nlbridge_stream_open(&watch->stream, groups, 2);
	if (r == 0 && setsockopt(nl_socket_get_fd(watch->stream.socket), SOL_NETLINK,
				 NETLINK_LISTEN_ALL_NSID, &on, sizeof(on)) < 0)
		r = errno == ENOPROTOOPT ? -EOPNOTSUPP : -errno;
	if (r < 0) {
		nlbridge_address_watch_close(watch);
		return r;
	}
	*ret_watch = watch;
	return 0;
}

void nlbridge_address_watch_close(struct nlbridge_address_watch *watch)
{
	if (!watch)
		return;
	nlbridge_stream_done(&watch->stream);
	free(watch);
}

int nlbridge_address_watch_fd(const struct nlbridge_address_watch *watch)
{
	return watch ? nl_socket_get_fd(watch->stream.socket) : -EINVAL;
}

int nlbridge_address_watch_next(struct nlbridge_address_watch *watch,
				struct nlbridge_address_event *ret_event)
{
	struct nlbridge_address address;
	struct nlmsghdr *message;

	if (!watch || !ret_event)
		return -EINVAL;
	do {
		int r = nlbridge_stream_next(&watch->stream, &message);

		if (r < 0)
			return r;
	} while (!nlbridge_parse_address(message, &address));
	address.nsid = watch->stream.nsid;
	*ret_event = (struct nlbridge_address_event){
		.gone = message->nlmsg_type == RTM_DELADDR,
		.address = address,
	};
	return 0;
}
