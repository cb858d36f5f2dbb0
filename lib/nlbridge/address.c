/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Addresses of links, here and in containers. */
#include "private.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Newer than some headers we build with. */
#ifndef NETLINK_GET_STRICT_CHK
#define NETLINK_GET_STRICT_CHK 12
#endif
#define ADDRESS_TARGET_NETNSID 10 /* IFA_TARGET_NETNSID, an enum member since 4.20 */
#define ADDRESS_ATTR_MAX       12

#define LIST_ATTEMPTS 8

static int parse(const struct nlmsghdr *message, struct nlattr *attrs[ADDRESS_ATTR_MAX + 1],
		 struct ifaddrmsg *ret_header)
{
	struct nlmsghdr *parsed;

	memcpy(&parsed, &message, sizeof(parsed)); /* only read */
	if (nlmsg_parse(parsed, sizeof(*ret_header), attrs, ADDRESS_ATTR_MAX, NULL) < 0)
		return -EPROTO;
	memcpy(ret_header, nlmsg_data(message), sizeof(*ret_header));
	return 0;
}

bool nlbridge_parse_address(const struct nlmsghdr *message, struct nlbridge_address *ret_address)
{
	struct nlbridge_address address = { .nsid = NLBRIDGE_NSID_OWN };
	struct nlattr *attrs[ADDRESS_ATTR_MAX + 1];
	const struct nlattr *bytes;
	struct ifaddrmsg header;
	uint32_t flags;
	int size;

	if ((message->nlmsg_type != RTM_NEWADDR && message->nlmsg_type != RTM_DELADDR) ||
	    parse(message, attrs, &header) < 0)
		return false;
	size = header.ifa_family == AF_INET ? 4 : header.ifa_family == AF_INET6 ? 16 : 0;
	/* On a point-to-point link IFA_ADDRESS is the other end's. */
	bytes = attrs[IFA_LOCAL] ? attrs[IFA_LOCAL] : attrs[IFA_ADDRESS];
	if (size == 0 || !bytes || nla_len(bytes) != size)
		return false;
	flags = header.ifa_flags;
	if (attrs[IFA_FLAGS] && nla_len(attrs[IFA_FLAGS]) == sizeof(flags))
		flags = nla_get_u32(attrs[IFA_FLAGS]);
	address.ifindex = (int) header.ifa_index;
	address.family = header.ifa_family;
	address.prefix_length = header.ifa_prefixlen;
	address.usable = !(flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED));
	memcpy(address.bytes, nla_data(bytes), (size_t) size);
	*ret_address = address;
	return true;
}

void nlbridge_addresses_free(const struct nlbridge_address *addresses)
{
	while (addresses) {
		struct nlbridge_address *a;

		memcpy(&a, &addresses, sizeof(a)); /* made by us */
		addresses = a->next;
		free(a);
	}
}

struct address_list {
	int nsid;
	int ifindex;
	int family; /* where IPv6 is missing, the kernel answers with IPv4's */
	struct nlbridge_address *first;
};

static bool is_of_namespace(const struct nlmsghdr *message, int nsid)
{
	struct nlattr *attrs[ADDRESS_ATTR_MAX + 1];
	struct ifaddrmsg header;

	return nsid == NLBRIDGE_NSID_OWN ||
	       (parse(message, attrs, &header) == 0 && attrs[ADDRESS_TARGET_NETNSID] &&
		nla_len(attrs[ADDRESS_TARGET_NETNSID]) == sizeof(int32_t) &&
		nla_get_s32(attrs[ADDRESS_TARGET_NETNSID]) == nsid);
}

static int collect(const struct nlmsghdr *message, void *data)
{
	struct address_list *list = data;
	struct nlbridge_address address, *kept;

	if (message->nlmsg_type != RTM_NEWADDR || !nlbridge_parse_address(message, &address))
		return 0;
	if (!is_of_namespace(message, list->nsid))
		return -EOPNOTSUPP;
	if (address.ifindex != list->ifindex || address.family != list->family)
		return 0;
	kept = malloc(sizeof(*kept));
	if (!kept)
		return -ENOMEM;
	address.nsid = list->nsid;
	address.next = list->first;
	*kept = address;
	list->first = kept;
	return 0;
}

static int dump(struct nlbridge *nb, struct address_list *list)
{
	struct ifaddrmsg header = {
		.ifa_family = (uint8_t) list->family,
		.ifa_index = (uint32_t) (list->nsid == NLBRIDGE_NSID_OWN ? 0 : list->ifindex),
	};
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETADDR, NLM_F_DUMP);

	if (!msg)
		return -ENOMEM;
	if (nlmsg_append(msg, &header, sizeof(header), NLMSG_ALIGNTO) < 0 ||
	    (list->nsid != NLBRIDGE_NSID_OWN &&
	     nla_put_s32(msg, ADDRESS_TARGET_NETNSID, list->nsid) < 0)) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	return nlbridge_talk(nb, msg, collect, list);
}

static int dump_consistent(struct nlbridge *nb, struct address_list *list)
{
	struct nlbridge_address *before = list->first;
	int r = -EAGAIN;

	for (int i = 0; i < LIST_ATTEMPTS && r == -EAGAIN; i++) {
		while (list->first != before) {
			struct nlbridge_address *a = list->first;

			memcpy(&list->first, &a->next, sizeof(list->first));
			free(a);
		}
		r = dump(nb, list);
	}
	return r;
}

/* The kernel reads the number of a namespace in a dump's request only when asked to be strict. */
static int be_strict(const struct nlbridge *nb, int on)
{
	if (setsockopt(nl_socket_get_fd(nb->socket), SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on,
		       sizeof(on)) == 0)
		return 0;
	return errno == ENOPROTOOPT ? -EOPNOTSUPP : -errno;
}

int nlbridge_addresses(struct nlbridge *nb, int nsid, int ifindex,
		       const struct nlbridge_address **ret_addresses)
{
	static const int families[] = { AF_INET, AF_INET6 };
	struct address_list list = { .nsid = nsid, .ifindex = ifindex };
	int r = 0;

	if (!nb || nsid < NLBRIDGE_NSID_OWN || ifindex <= 0 || !ret_addresses)
		return -EINVAL;
	if (nsid != NLBRIDGE_NSID_OWN)
		r = be_strict(nb, 1);
	for (int i = 0; i < 2 && r == 0; i++) {
		list.family = families[i];
		r = dump_consistent(nb, &list);
	}
	if (nsid != NLBRIDGE_NSID_OWN)
		(void) be_strict(nb, 0);
	if (r < 0) {
		nlbridge_addresses_free(list.first);
		return r;
	}
	*ret_addresses = list.first;
	return 0;
}
