/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Network namespaces and their numbers. */
#include "private.h"

#include <errno.h>
#include <linux/net_namespace.h>
#include <string.h>
#include <sys/socket.h>

static int read_number(const struct nlmsghdr *message, void *data)
{
	struct nlmsghdr *parsed;
	const struct nlattr *attr;
	int *ret_nsid = data;

	memcpy(&parsed, &message, sizeof(parsed)); /* only read */
	attr = nlmsg_find_attr(parsed, sizeof(struct rtgenmsg), NETNSA_NSID);
	if (message->nlmsg_type == RTM_NEWNSID && attr && nla_len(attr) == sizeof(int32_t))
		*ret_nsid = nla_get_s32(attr);
	return 0;
}

int nlbridge_netns_number(struct nlbridge *nb, int netns_fd, int *ret_nsid)
{
	struct rtgenmsg header = { .rtgen_family = AF_UNSPEC };
	int nsid = NETNSA_NSID_NOT_ASSIGNED, r;
	struct nl_msg *msg;

	if (!nb || netns_fd < 0 || !ret_nsid)
		return -EINVAL;
	msg = nlmsg_alloc_simple(RTM_GETNSID, 0);
	if (!msg)
		return -ENOMEM;
	if (nlmsg_append(msg, &header, sizeof(header), NLMSG_ALIGNTO) < 0 ||
	    nla_put_u32(msg, NETNSA_FD, (uint32_t) netns_fd) < 0) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	r = nlbridge_talk(nb, msg, read_number, &nsid);
	if (r < 0)
		return r;
	if (nsid < 0)
		return -ENODEV;
	*ret_nsid = nsid;
	return 0;
}
