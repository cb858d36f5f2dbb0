/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Links: what the kernel says about them, one or all. */
#include "private.h"

#include <errno.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

/* Newer than some headers we build with. */
#ifndef RTEXT_FILTER_SKIP_STATS
#define RTEXT_FILTER_SKIP_STATS (1 << 3)
#endif

#ifndef IFLA_TARGET_NETNSID
#define IFLA_TARGET_NETNSID 46
#endif

#define LIST_ATTEMPTS 8

static struct link_facts *facts_of(const struct nlbridge_link *link)
{
	struct link_facts *facts;

	memcpy(&facts, &link, sizeof(facts)); /* the link is its first member */
	return facts;
}

static void copy_text(char *to, size_t size, const struct nlattr *attr)
{
	if (attr)
		(void) nla_strlcpy(to, attr, size);
}

static int32_t read_index(const struct nlattr *attr)
{
	return attr && nla_len(attr) == sizeof(int32_t) ? nla_get_s32(attr) : 0;
}

static void read_mac(uint8_t mac[6], const struct nlattr *attr)
{
	if (attr && nla_len(attr) == 6)
		memcpy(mac, nla_data(attr), 6);
}

static void read_port_state(struct nlbridge_link *link, struct nlattr **port)
{
	if (port[IFLA_BRPORT_STATE] && nla_len(port[IFLA_BRPORT_STATE]) == 1)
		link->port_state = (enum nlbridge_port_state) nla_get_u8(port[IFLA_BRPORT_STATE]);
}

static void read_info(struct link_facts *facts, struct nlattr **attrs)
{
	struct nlattr *info[IFLA_INFO_MAX + 1], *bridge[IFLA_BR_MAX + 1],
		*port[IFLA_BRPORT_MAX + 1], **places[N_PLACES] = { [OF_LINK] = attrs };
	struct nlbridge_link *link = &facts->link;

	/* In a bridge's own message. */
	if (attrs[IFLA_PROTINFO] &&
	    nla_parse_nested(port, IFLA_BRPORT_MAX, attrs[IFLA_PROTINFO], NULL) == 0)
		read_port_state(link, port);
	if (attrs[IFLA_LINKINFO] &&
	    nla_parse_nested(info, IFLA_INFO_MAX, attrs[IFLA_LINKINFO], NULL) == 0) {
		copy_text(link->kind, sizeof(link->kind), info[IFLA_INFO_KIND]);
		if (strcmp(link->kind, "bridge") == 0 && info[IFLA_INFO_DATA] &&
		    nla_parse_nested(bridge, IFLA_BR_MAX, info[IFLA_INFO_DATA], NULL) == 0)
			places[OF_BRIDGE] = bridge;
		if (info[IFLA_INFO_SLAVE_KIND] && info[IFLA_INFO_SLAVE_DATA] &&
		    nla_strcmp(info[IFLA_INFO_SLAVE_KIND], "bridge") == 0 &&
		    nla_parse_nested(port, IFLA_BRPORT_MAX, info[IFLA_INFO_SLAVE_DATA], NULL) ==
			    0) {
			places[OF_PORT] = port;
			read_port_state(link, port);
		}
	}
	nlbridge_read_values(facts, places);
}

/* IFLA_AF_SPEC: by family, then IPv6's own, of which the first number of CONF is "forwarding". */
static bool read_forwarding(const struct nlattr *families)
{
	const struct nlattr *family, *attr;
	int rest, rest_in;

	if (!families)
		return false;
	nla_for_each_nested(family, families, rest)
	{
		if (nla_type(family) != AF_INET6)
			continue;
		nla_for_each_nested(attr, family, rest_in)
		{
			if (nla_type(attr) == IFLA_INET6_CONF &&
			    nla_len(attr) >= (int) sizeof(int32_t))
				return nla_get_s32(attr) != 0;
		}
	}
	return false;
}

/* The names and their pointers are in one allocation, pointers first. */
static int read_altnames(struct link_facts *facts, const struct nlattr *list)
{
	const struct nlattr *attr;
	size_t n = 0, bytes = 0, used = 0;
	char **names, *text;
	int rest;

	if (!list)
		return 0;
	nla_for_each_nested(attr, list, rest)
	{
		n++;
		bytes += (size_t) nla_len(attr) + 1;
	}
	names = malloc(n * sizeof(*names) + bytes);
	if (!names)
		return -ENOMEM;
	memcpy(&facts->altnames_text, &names, sizeof(names));
	text = facts->altnames_text + n * sizeof(*names);
	n = 0;
	nla_for_each_nested(attr, list, rest)
	{
		if (nla_type(attr) != IFLA_ALT_IFNAME)
			continue;
		(void) nla_strlcpy(text + used, attr, (size_t) nla_len(attr) + 1);
		names[n++] = text + used;
		used += strlen(text + used) + 1;
	}
	facts->link.n_altnames = n;
	memcpy(&facts->link.altnames, &names, sizeof(names));
	return 0;
}

struct link_facts *nlbridge_parse(const struct nlmsghdr *message)
{
	struct nlattr *attrs[IFLA_MAX + 1];
	const struct ifinfomsg *header;
	struct link_facts *facts;
	struct nlmsghdr *parsed;

	memcpy(&parsed, &message, sizeof(parsed)); /* only read */
	if (nlmsg_parse(parsed, sizeof(*header), attrs, IFLA_MAX, NULL) < 0)
		return NULL;
	facts = calloc(1, sizeof(*facts));
	if (!facts)
		return NULL;
	header = nlmsg_data(message);
	facts->link.ifindex = header->ifi_index;
	facts->link.flags = header->ifi_flags;
	facts->link.hardware = header->ifi_type;
	facts->link.port_state = NLBRIDGE_PORT_NONE;
	facts->link.master = read_index(attrs[IFLA_MASTER]);
	facts->link.peer = read_index(attrs[IFLA_LINK]);
	facts->link.peer_elsewhere = attrs[IFLA_LINK_NETNSID] != NULL;
	facts->link.peer_nsid =
		attrs[IFLA_LINK_NETNSID] ? read_index(attrs[IFLA_LINK_NETNSID]) : -1;
	facts->link.forwards_ipv6 = read_forwarding(attrs[IFLA_AF_SPEC]);
	copy_text(facts->link.name, sizeof(facts->link.name), attrs[IFLA_IFNAME]);
	copy_text(facts->link.alias, sizeof(facts->link.alias), attrs[IFLA_IFALIAS]);
	read_mac(facts->link.mac, attrs[IFLA_ADDRESS]);
	read_mac(facts->link.permanent_mac, attrs[IFLA_PERM_ADDRESS]);
	if (attrs[IFLA_MTU] && nla_len(attrs[IFLA_MTU]) == 4)
		facts->link.mtu = nla_get_u32(attrs[IFLA_MTU]);
	if (attrs[IFLA_OPERSTATE] && nla_len(attrs[IFLA_OPERSTATE]) == 1)
		facts->link.operstate = nla_get_u8(attrs[IFLA_OPERSTATE]);
	read_info(facts, attrs);
	if (read_altnames(facts, attrs[IFLA_PROP_LIST]) < 0) {
		free(facts);
		return NULL;
	}
	return facts;
}

struct collection {
	int master;   /* 0: any; NLBRIDGE_NO_MASTER */
	bool foreign; /* only what the kernel says is of the namespace @nsid */
	int nsid;
	struct nlbridge_link *first;
	struct nlbridge_link *last;
};

/* An old kernel ignores the number and answers with a link of ours. */
static bool is_of_namespace(const struct nlmsghdr *message, int nsid)
{
	struct nlmsghdr *parsed;
	const struct nlattr *attr;

	memcpy(&parsed, &message, sizeof(parsed)); /* only read */
	attr = nlmsg_find_attr(parsed, sizeof(struct ifinfomsg), IFLA_TARGET_NETNSID);
	return attr && nla_len(attr) == sizeof(int32_t) && nla_get_s32(attr) == nsid;
}

/* Kernels before 4.6 do not filter by master. */
static int collect(const struct nlmsghdr *message, void *data)
{
	struct collection *collection = data;
	struct link_facts *facts;

	if (message->nlmsg_type != RTM_NEWLINK)
		return 0;
	if (collection->foreign && !is_of_namespace(message, collection->nsid))
		return -EOPNOTSUPP;
	facts = nlbridge_parse(message);
	if (!facts)
		return -ENOMEM;
	if (collection->master &&
	    facts->link.master !=
		    (collection->master == NLBRIDGE_NO_MASTER ? 0 : collection->master)) {
		nlbridge_links_free(&facts->link);
		return 0;
	}
	if (collection->last)
		collection->last->next = &facts->link;
	else
		collection->first = &facts->link;
	collection->last = &facts->link;
	return 0;
}

void nlbridge_links_free(const struct nlbridge_link *links)
{
	while (links) {
		struct link_facts *facts = facts_of(links);

		links = links->next;
		free(facts->altnames_text);
		free(facts);
	}
}

static int ask_for_one(struct nlbridge *nb, struct nl_msg *msg, const int *nsid,
		       const struct nlbridge_link **ret_link)
{
	struct collection collection = { .foreign = nsid != NULL, .nsid = nsid ? *nsid : 0 };
	int r;

	if (nla_put_u32(msg, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS) < 0) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	r = nlbridge_talk(nb, msg, collect, &collection);
	if (r == 0 && !collection.first)
		r = -ENODEV;
	if (r < 0) {
		nlbridge_links_free(collection.first);
		return r;
	}
	*ret_link = collection.first;
	return 0;
}

int nlbridge_link_get(struct nlbridge *nb, const char *name, const struct nlbridge_link **ret_link)
{
	struct nl_msg *msg;
	size_t len;
	int type;

	if (!nb || !name || !ret_link)
		return -EINVAL;
	len = strlen(name);
	if (len == 0 || len >= NLBRIDGE_MARK_MAX)
		return -EINVAL;
	type = len < IFNAMSIZ ? IFLA_IFNAME : IFLA_ALT_IFNAME;
	msg = nlbridge_message(RTM_GETLINK, 0, 0, 0, 0);
	if (!msg)
		return -ENOMEM;
	if (nla_put_string(msg, type, name) < 0) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	return ask_for_one(nb, msg, NULL, ret_link);
}

int nlbridge_link_get_index(struct nlbridge *nb, int ifindex, const struct nlbridge_link **ret_link)
{
	struct nl_msg *msg;

	if (!nb || ifindex <= 0 || !ret_link)
		return -EINVAL;
	msg = nlbridge_message(RTM_GETLINK, 0, ifindex, 0, 0);
	return msg ? ask_for_one(nb, msg, NULL, ret_link) : -ENOMEM;
}

int nlbridge_link_get_peer(struct nlbridge *nb, const struct nlbridge_link *link,
			   const struct nlbridge_link **ret_link)
{
	struct nl_msg *msg;

	if (!nb || !link || !ret_link)
		return -EINVAL;
	if (link->peer <= 0)
		return -ENODEV;
	if (!link->peer_elsewhere)
		return nlbridge_link_get_index(nb, link->peer, ret_link);
	if (link->peer_nsid < 0)
		return -ENODEV; /* its namespace has no number here */
	msg = nlbridge_message(RTM_GETLINK, 0, link->peer, 0, 0);
	if (!msg)
		return -ENOMEM;
	if (nla_put_s32(msg, IFLA_TARGET_NETNSID, link->peer_nsid) < 0) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	return ask_for_one(nb, msg, &link->peer_nsid, ret_link);
}

static int dump_links(struct nlbridge *nb, int master, bool sorted,
		      const struct nlbridge_link **ret_links)
{
	int r = -EAGAIN;

	for (int i = 0; i < LIST_ATTEMPTS && r == -EAGAIN; i++) {
		struct nl_msg *msg = nlbridge_message(RTM_GETLINK, NLM_F_DUMP, 0, 0, 0);
		struct collection collection = { .master = master };

		if (!msg || nla_put_u32(msg, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS) < 0 ||
		    (sorted && master && nla_put_u32(msg, IFLA_MASTER, (uint32_t) master) < 0)) {
			nlmsg_free(msg);
			return -ENOMEM;
		}
		r = nlbridge_talk(nb, msg, collect, &collection);
		if (r == 0)
			*ret_links = collection.first;
		else
			nlbridge_links_free(collection.first);
	}
	return r;
}

/*
 * A kernel that does not know "no master" finds no link with such a one. But there is one in every
 * namespace: lo.
 */
int nlbridge_links(struct nlbridge *nb, int master, const struct nlbridge_link **ret_links)
{
	const struct nlbridge_link *links = NULL;
	int r;

	if (!nb || master < NLBRIDGE_NO_MASTER || !ret_links)
		return -EINVAL;
	r = dump_links(nb, master, true, &links);
	if (master == NLBRIDGE_NO_MASTER && !links && (r == 0 || r == -ENODEV || r == -EINVAL))
		r = dump_links(nb, master, false, &links);
	if (r == 0)
		*ret_links = links;
	return r;
}

int nlbridge_link_up(struct nlbridge *nb, int ifindex, bool up)
{
	if (!nb || ifindex <= 0)
		return -EINVAL;
	return nlbridge_talk(nb, nlbridge_message(RTM_NEWLINK, 0, ifindex, up ? IFF_UP : 0, IFF_UP),
			     NULL, NULL);
}

int nlbridge_link_rename(struct nlbridge *nb, int ifindex, const char *name)
{
	struct nl_msg *msg;

	if (!nb || ifindex <= 0 || !name || !*name || strlen(name) >= IFNAMSIZ)
		return -EINVAL;
	msg = nlbridge_message(RTM_NEWLINK, 0, ifindex, 0, 0);
	if (msg && nla_put_string(msg, IFLA_IFNAME, name) < 0) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	return nlbridge_talk(nb, msg, NULL, NULL);
}
