/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The handle, and one request with its answer. libnl makes sockets, messages and attributes; the
 * answer is read here, because its callbacks turn the kernel's errno into fewer, other codes and
 * drop the text of extended acks.
 */
#include "private.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define DEFAULT_TIMEOUT_MS 2000

/* In linux/netlink.h since 4.12 and 4.20; older kernels refuse the options, and that is fine. */
#ifndef NETLINK_EXT_ACK
#define NETLINK_EXT_ACK 11
#endif

static int64_t now_ms(void)
{
	struct timespec ts;

	(void) clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/*
 * A socket belongs to the namespace in which it was made, whoever uses it: entering the handle's
 * for that moment is enough. What @ret_own is needed for going back is opened first.
 */
static int enter(const struct nlbridge *nb, int *ret_own)
{
	int own = -1;

	if (nb->netns_fd >= 0) {
		own = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
		if (own < 0)
			return -errno;
		if (setns(nb->netns_fd, CLONE_NEWNET) < 0) {
			int r = -errno;

			(void) close(own);
			return r;
		}
	}
	*ret_own = own;
	return 0;
}

static int go_back(int own)
{
	int r = 0;

	if (own >= 0) {
		r = setns(own, CLONE_NEWNET) < 0 ? -ENOTRECOVERABLE : 0;
		(void) close(own);
	}
	return r;
}

int nlbridge_socket(const struct nlbridge *nb, int domain, int type, int protocol)
{
	int own, fd, r = enter(nb, &own);

	if (r < 0)
		return r;
	fd = socket(domain, type | SOCK_CLOEXEC, protocol);
	if (fd < 0)
		fd = -errno;
	r = go_back(own);
	if (r < 0 && fd >= 0)
		(void) close(fd);
	return r < 0 ? r : fd;
}

static int open_socket(const struct nlbridge *nb, struct nl_sock **ret_socket)
{
	struct nl_sock *socket = nl_socket_alloc();
	const int on = 1;
	int own = -1, r;

	if (!socket)
		return -ENOMEM;
	r = enter(nb, &own);
	if (r == 0) {
		errno = 0;
		if (nl_connect(socket, NETLINK_ROUTE) < 0)
			r = errno ? -errno : -EIO;
		if (go_back(own) < 0)
			r = -ENOTRECOVERABLE;
	}
	if (r < 0) {
		nl_socket_free(socket);
		return r;
	}
	(void) setsockopt(nl_socket_get_fd(socket), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	*ret_socket = socket;
	return 0;
}

static int open_handle(int netns_fd, int timeout_ms, struct nlbridge **ret_nb)
{
	struct nlbridge *nb;
	int r = 0;

	if (timeout_ms < 0 || !ret_nb)
		return -EINVAL;
	nb = calloc(1, sizeof(*nb));
	if (!nb)
		return -ENOMEM;
	nb->timeout_ms = timeout_ms ? timeout_ms : DEFAULT_TIMEOUT_MS;
	nb->ioctl_fd = nb->packet_fd = nb->netns_fd = -1;
	if (netns_fd >= 0) {
		nb->netns_fd = fcntl(netns_fd, F_DUPFD_CLOEXEC, 0);
		r = nb->netns_fd < 0 ? -errno : 0;
	}
	nb->buffer = malloc(RECEIVE_SIZE);
	if (r == 0)
		r = nb->buffer ? open_socket(nb, &nb->socket) : -ENOMEM;
	if (r < 0) {
		nlbridge_close(nb);
		return r;
	}
	*ret_nb = nb;
	return 0;
}

int nlbridge_open(int timeout_ms, struct nlbridge **ret_nb)
{
	return open_handle(-1, timeout_ms, ret_nb);
}

int nlbridge_open_netns(int netns_fd, int timeout_ms, struct nlbridge **ret_nb)
{
	return netns_fd < 0 ? -EINVAL : open_handle(netns_fd, timeout_ms, ret_nb);
}

static void close_if_open(int fd)
{
	if (fd >= 0)
		(void) close(fd);
}

void nlbridge_close(struct nlbridge *nb)
{
	if (!nb)
		return;
	nl_socket_free(nb->socket);
	close_if_open(nb->ioctl_fd);
	close_if_open(nb->packet_fd);
	close_if_open(nb->netns_fd);
	free(nb->buffer);
	free(nb);
}

const char *nlbridge_errmsg(const struct nlbridge *nb)
{
	return nb ? nb->errmsg : "";
}

struct nl_msg *nlbridge_message(int type, int flags, int ifindex, unsigned int up,
				unsigned int up_mask)
{
	struct ifinfomsg header = {
		.ifi_family = AF_UNSPEC,
		.ifi_index = ifindex,
		.ifi_flags = up,
		.ifi_change = up_mask,
	};
	struct nl_msg *msg = nlmsg_alloc_simple(type, flags);

	if (msg && nlmsg_append(msg, &header, sizeof(header), NLMSG_ALIGNTO) < 0) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

/*
 * After a lost or late answer the socket's replies are out of step with our requests: only a new
 * one is sure to be in step.
 */
static int start_over(struct nlbridge *nb)
{
	struct nl_sock *fresh;

	if (open_socket(nb, &fresh) == 0) {
		nl_socket_free(nb->socket);
		nb->socket = fresh;
	}
	return -ETIMEDOUT;
}

/* NLMSG_ERROR: errno, the request (its header only if capped), then attributes. */
static int read_error(struct nlbridge *nb, struct nlmsghdr *answer)
{
	const struct nlmsgerr *error = nlmsg_data(answer);
	int header_len = (int) sizeof(*error);
	struct nlattr *text;

	if (nlmsg_datalen(answer) < header_len)
		return -EPROTO;
	if (!(answer->nlmsg_flags & NLM_F_ACK_TLVS))
		return error->error;
	if (!(answer->nlmsg_flags & NLM_F_CAPPED))
		header_len += (int) (error->msg.nlmsg_len - sizeof(error->msg));
	text = nlmsg_find_attr(answer, header_len, NLMSGERR_ATTR_MSG);
	if (text && error->error < 0)
		(void) snprintf(nb->errmsg, sizeof(nb->errmsg), "%.*s", nla_len(text),
				(const char *) nla_data(text));
	return error->error;
}

/* A dump's end may carry an errno. */
static int read_done(const struct nlmsghdr *answer)
{
	int error = 0;

	if (nlmsg_datalen(answer) >= (int) sizeof(error))
		memcpy(&error, nlmsg_data(answer), sizeof(error));
	return error < 0 ? error : 0;
}

struct progress {
	answer_fn answer;
	void *data;
	bool interrupted; /* the kernel's table changed under the dump */
	bool done;
	int result;
};

static void read_messages(struct nlbridge *nb, int length, struct progress *progress)
{
	struct nlmsghdr *message;

	for (memcpy(&message, &nb->buffer, sizeof(message));
	     nlmsg_ok(message, length) && !progress->done; message = nlmsg_next(message, &length)) {
		if (message->nlmsg_seq != nb->sequence)
			continue; /* the answer to something given up before */
		progress->interrupted |= (message->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
		if (message->nlmsg_type == NLMSG_ERROR) {
			progress->done = true;
			progress->result = read_error(nb, message);
		} else if (message->nlmsg_type == NLMSG_DONE) {
			progress->done = true;
			progress->result = read_done(message);
		} else if (progress->answer && message->nlmsg_type >= NLMSG_MIN_TYPE) {
			progress->result = progress->answer(message, progress->data);
			if (progress->result < 0)
				return;
		}
	}
}

/* Each answer has the whole time; a dump of many links is many answers. */
static int receive(struct nlbridge *nb, int64_t until_ms)
{
	int fd = nl_socket_get_fd(nb->socket);

	for (;;) {
		struct sockaddr_nl from = { 0 };
		socklen_t from_len = sizeof(from);
		struct pollfd wait = { .fd = fd, .events = POLLIN };
		int64_t left = until_ms - now_ms();
		ssize_t n;

		/* The kernel has answered before send() returned, nearly always. */
		n = recvfrom(fd, nb->buffer, RECEIVE_SIZE, MSG_DONTWAIT, (struct sockaddr *) &from,
			     &from_len);
		if (n < 0 && errno == EAGAIN && poll(&wait, 1, left > 0 ? (int) left : 0) == 0)
			return -ETIMEDOUT;
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n < 0)
			return -errno;
		if (from.nl_pid == 0) /* anybody may send to us; only the kernel has number 0 */
			return (int) n;
	}
}

int nlbridge_talk(struct nlbridge *nb, struct nl_msg *msg, answer_fn answer, void *data)
{
	struct progress progress = { .answer = answer, .data = data };
	struct nlmsghdr *header;
	ssize_t sent;

	nb->errmsg[0] = '\0';
	if (!msg)
		return -ENOMEM;
	header = nlmsg_hdr(msg);
	header->nlmsg_seq = ++nb->sequence;
	header->nlmsg_pid = nl_socket_get_local_port(nb->socket);
	header->nlmsg_flags |= NLM_F_REQUEST;
	if ((header->nlmsg_flags & NLM_F_DUMP) != NLM_F_DUMP)
		header->nlmsg_flags |= NLM_F_ACK;
	do {
		sent = send(nl_socket_get_fd(nb->socket), header, header->nlmsg_len, 0);
	} while (sent < 0 && errno == EINTR);
	nlmsg_free(msg);
	if (sent < 0)
		return errno == ENOBUFS || errno == EAGAIN ? start_over(nb) : -errno;

	while (!progress.done) {
		int n = receive(nb, now_ms() + nb->timeout_ms);

		if (n < 0) {
			int r = start_over(nb);

			return n == -ENOBUFS ? r
					     : n; /* lost, or else what is wrong with the socket */
		}
		read_messages(nb, n, &progress);
		if (progress.result < 0 && !progress.done) {
			(void) start_over(nb);
			return progress.result;
		}
	}
	if (progress.result == 0 && progress.interrupted)
		return -EAGAIN;
	return progress.result;
}
