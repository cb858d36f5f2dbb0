/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Link events as a descriptor. */
#include "private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* A burst of a few thousand containers; what is lost beyond it is told as -ENOBUFS. */
#define BURST_BYTES (4 << 20)

struct nlbridge_watch {
	struct nl_sock *socket;
	struct link_facts *current;
	char *buffer;		  /* RECEIVE_SIZE */
	struct nlmsghdr *message; /* the next one in the buffer */
	int left;
};

int nlbridge_watch_open(struct nlbridge_watch **ret_watch)
{
	struct nlbridge_watch *watch;
	const int size = BURST_BYTES;
	int r = -ENOMEM;

	if (!ret_watch)
		return -EINVAL;
	watch = calloc(1, sizeof(*watch));
	if (!watch)
		return -ENOMEM;
	watch->buffer = malloc(RECEIVE_SIZE);
	watch->socket = nl_socket_alloc();
	if (watch->buffer && watch->socket) {
		errno = 0;
		if (nl_connect(watch->socket, NETLINK_ROUTE) < 0 ||
		    nl_socket_add_membership(watch->socket, RTNLGRP_LINK) < 0)
			r = errno ? -errno : -EIO;
		else
			r = 0;
	}
	if (r < 0) {
		nlbridge_watch_close(watch);
		return r;
	}
	if (setsockopt(nlbridge_watch_fd(watch), SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) <
	    0)
		(void) setsockopt(nlbridge_watch_fd(watch), SOL_SOCKET, SO_RCVBUF, &size,
				  sizeof(size));
	*ret_watch = watch;
	return 0;
}

void nlbridge_watch_close(struct nlbridge_watch *watch)
{
	if (!watch)
		return;
	if (watch->current)
		nlbridge_links_free(&watch->current->link);
	nl_socket_free(watch->socket);
	free(watch->buffer);
	free(watch);
}

int nlbridge_watch_fd(const struct nlbridge_watch *watch)
{
	return watch ? nl_socket_get_fd(watch->socket) : -EINVAL;
}

static int fill(struct nlbridge_watch *watch)
{
	struct sockaddr_nl from = { 0 };
	socklen_t from_len = sizeof(from);
	ssize_t n;

	do {
		from_len = sizeof(from);
		n = recvfrom(nlbridge_watch_fd(watch), watch->buffer, RECEIVE_SIZE, MSG_DONTWAIT,
			     (struct sockaddr *) &from, &from_len);
	} while ((n < 0 && errno == EINTR) || (n >= 0 && from.nl_pid != 0));
	if (n < 0)
		return -errno;
	memcpy(&watch->message, &watch->buffer, sizeof(watch->message));
	watch->left = (int) n;
	return 0;
}

/*
 * The bridge sends messages of its own about ports to the same group (family AF_BRIDGE); there,
 * RTM_DELLINK means that a link is no port any more, not that it is gone.
 */
static bool is_about_link(const struct nlmsghdr *message)
{
	const struct ifinfomsg *header = nlmsg_data(message);

	return (message->nlmsg_type == RTM_NEWLINK || message->nlmsg_type == RTM_DELLINK) &&
	       nlmsg_datalen(message) >= (int) sizeof(*header) && header->ifi_family == AF_UNSPEC;
}

int nlbridge_watch_next(struct nlbridge_watch *watch, struct nlbridge_event *ret_event)
{
	if (!watch || !ret_event)
		return -EINVAL;
	if (watch->current)
		nlbridge_links_free(&watch->current->link);
	watch->current = NULL;
	for (;;) {
		struct nlmsghdr *message = watch->message;
		int r;

		if (!nlmsg_ok(message, watch->left)) {
			r = fill(watch);
			if (r < 0)
				return r;
			continue;
		}
		watch->message = nlmsg_next(message, &watch->left);
		if (!is_about_link(message))
			continue;
		watch->current = nlbridge_parse(message);
		if (!watch->current)
			return -ENOBUFS; /* lost to us: the same remedy */
		ret_event->gone = message->nlmsg_type == RTM_DELLINK;
		ret_event->link = &watch->current->link;
		return 0;
	}
}
