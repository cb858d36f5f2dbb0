/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Between the files of libnlbridge. */
#ifndef NLBRIDGE_PRIVATE_H
#define NLBRIDGE_PRIVATE_H

#include "nlbridge.h"

#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>

#define N_SETTINGS (NLBRIDGE_VLAN_DEFAULT_PVID + 1)

/* The kernel fills dumps into buffers of at most this size. */
#define RECEIVE_SIZE 65536

struct nlbridge {
	struct nl_sock *socket;
	int ioctl_fd;  /* -1: not opened yet */
	int packet_fd; /* the same */
	int netns_fd;  /* -1: the caller's own namespace */
	int timeout_ms;
	uint32_t sequence;
	char *buffer; /* RECEIVE_SIZE */
	char errmsg[256];
};

enum setting_place {
	OF_LINK,   /* an attribute of any link */
	OF_BRIDGE, /* in IFLA_INFO_DATA */
	OF_PORT,   /* in IFLA_INFO_SLAVE_DATA when read, in IFLA_PROTINFO when set */
	N_PLACES
};

/* One row per setting; walked to create, to set, to read and to compare. */
struct setting {
	const char *name;
	uint16_t type; /* attribute */
	uint8_t size;  /* of its payload: 1, 2, 4, 6 */
	enum setting_place place;
};

extern const struct setting nlbridge_settings[N_SETTINGS];

/* What nlbridge_link_get() and the lists really give out. */
struct link_facts {
	struct nlbridge_link link; /* first */
	uint32_t known;		   /* bits: settings that the kernel shows */
	uint64_t values[N_SETTINGS];
	char *altnames_text; /* the strings that link.altnames points to */
};

/* socket.c */

/* Called for each message of an answer; a negative result ends the request with it. */
typedef int (*answer_fn)(const struct nlmsghdr *answer, void *data);

/** nlbridge_message() - A request about one link (@ifindex 0: by name, or none). NULL: no memory. */
struct nl_msg *nlbridge_message(int type, int flags, int ifindex, unsigned int up,
				unsigned int up_mask);

/**
 * nlbridge_socket() - socket() in the handle's namespace, close-on-exec. Return: fd or -errno.
 */
int nlbridge_socket(const struct nlbridge *nb, int domain, int type, int protocol);

/** nlbridge_talk() - Send @msg (freed, may be NULL), read the answer to its end. */
int nlbridge_talk(struct nlbridge *nb, struct nl_msg *msg, answer_fn answer, void *data);

/* link.c */

/** nlbridge_parse() - A link out of RTM_NEWLINK or RTM_DELLINK; NULL: no memory, or none in it. */
struct link_facts *nlbridge_parse(const struct nlmsghdr *message);

/* address.c */

/** nlbridge_parse_address() - RTM_NEWADDR or RTM_DELADDR. Return: false: nothing to announce. */
bool nlbridge_parse_address(const struct nlmsghdr *message, struct nlbridge_address *ret_address);

/* setting.c */
int nlbridge_put_values(struct nl_msg *msg, const struct nlbridge_value *values, size_t n_values);
int nlbridge_put_port_values(struct nl_msg *msg, const struct nlbridge_value *values,
			     size_t n_values);
void nlbridge_read_values(struct link_facts *facts, struct nlattr **const attrs[N_PLACES]);

/* watch.c: a subscription's socket and what was read from it. */

struct stream {
	struct nl_sock *socket;
	char *buffer;		  /* RECEIVE_SIZE */
	struct nlmsghdr *message; /* the next one in the buffer */
	int left;
	int nsid;  /* where the buffer's messages come from */
	bool lost; /* messages were, and the queue has not been empty since */
};

int nlbridge_stream_open(struct stream *stream, const int groups[], size_t n_groups);
void nlbridge_stream_done(struct stream *stream);

/** nlbridge_stream_next() - The next message. Return: 0; -EAGAIN; -ENOBUFS; -errno. */
int nlbridge_stream_next(struct stream *stream, struct nlmsghdr **ret_message);

#endif
