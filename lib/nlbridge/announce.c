/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Telling switches and neighbours where a station is now. */
#include "private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#define FRAME_MAX	    100
#define FRAME_MIN	    60 /* of Ethernet, without the checksum */
#define TAG_SIZE	    4
#define ARP_REVERSE_REQUEST 3

#define ICMP6_ADVERTISEMENT 136
#define ICMP6_LENGTH	    32
#define NA_ROUTER	    0x80
#define NA_OVERRIDE	    0x20
#define OPTION_TARGET_MAC   2

static const uint8_t everybody[ETH_ALEN] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
static const uint8_t nobody[ETH_ALEN];
/* ff02::1, all nodes of the link */
static const uint8_t all_nodes_mac[ETH_ALEN] = { 0x33, 0x33, 0, 0, 0, 1 };
static const uint8_t all_nodes[16] = { 0xff, 0x02, [15] = 1 };

/* A frame is made without its tag; the tag goes in where a link wants one. */
struct frame {
	uint8_t bytes[FRAME_MAX];
	size_t size;
};

static void put(struct frame *frame, const void *data, size_t size)
{
	memcpy(frame->bytes + frame->size, data, size);
	frame->size += size;
}

static void put_u8(struct frame *frame, uint8_t value)
{
	put(frame, &value, sizeof(value));
}

static void put_u16(struct frame *frame, uint16_t value)
{
	value = htons(value);
	put(frame, &value, sizeof(value));
}

static void begin(struct frame *frame, const uint8_t *to, const uint8_t *from, uint16_t type)
{
	*frame = (struct frame){ .size = 0 };
	put(frame, to, ETH_ALEN);
	put(frame, from, ETH_ALEN);
	put_u16(frame, type);
}

/* RFC 826; of a reverse request RFC 903, as hypervisors send it after a migration. */
static void make_arp(struct frame *frame, uint16_t type, uint16_t operation, const uint8_t *mac,
		     const uint8_t *ip, const uint8_t *target_mac)
{
	begin(frame, everybody, mac, type);
	put_u16(frame, ARPHRD_ETHER);
	put_u16(frame, ETH_P_IP);
	put_u8(frame, ETH_ALEN);
	put_u8(frame, 4);
	put_u16(frame, operation);
	put(frame, mac, ETH_ALEN);
	put(frame, ip, 4);
	put(frame, target_mac, ETH_ALEN);
	put(frame, ip, 4);
}

static uint32_t sum_of(const uint8_t *bytes, size_t size, uint32_t sum)
{
	for (size_t i = 0; i + 1 < size; i += 2)
		sum += (uint32_t) bytes[i] << 8 | bytes[i + 1];
	return sum;
}

/* RFC 4861, 4.4 and 7.2.6. */
static void make_advertisement(struct frame *frame, const struct nlbridge_announcement *what)
{
	const uint8_t *ip = what->address->bytes;
	uint32_t sum = ICMP6_LENGTH + IPPROTO_ICMPV6; /* of the pseudo header, RFC 8200, 8.1 */
	size_t icmp;

	begin(frame, all_nodes_mac, what->mac, ETH_P_IPV6);
	put(frame, (const uint8_t[]){ 0x60, 0, 0, 0 }, 4);
	put_u16(frame, ICMP6_LENGTH);
	put_u8(frame, IPPROTO_ICMPV6);
	put_u8(frame, 255);
	put(frame, ip, 16);
	put(frame, all_nodes, 16);
	icmp = frame->size;
	put(frame, (const uint8_t[]){ ICMP6_ADVERTISEMENT, 0, 0, 0 }, 4);
	put_u8(frame, (uint8_t) (NA_OVERRIDE | (what->router ? NA_ROUTER : 0)));
	put(frame, (const uint8_t[]){ 0, 0, 0 }, 3);
	put(frame, ip, 16);
	put_u8(frame, OPTION_TARGET_MAC);
	put_u8(frame, 1);
	put(frame, what->mac, ETH_ALEN);

	sum = sum_of(ip, 16, sum_of(all_nodes, 16, sum));
	sum = sum_of(frame->bytes + icmp, ICMP6_LENGTH, sum);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	sum = ~sum & 0xffff;
	frame->bytes[icmp + 2] = (uint8_t) (sum >> 8);
	frame->bytes[icmp + 3] = (uint8_t) sum;
}

static size_t make_frames(const struct nlbridge_announcement *what, struct frame frames[2])
{
	static const uint8_t no_ip[4];

	if (!what->address) {
		make_arp(&frames[0], ETH_P_RARP, ARP_REVERSE_REQUEST, what->mac, no_ip, what->mac);
		return 1;
	}
	if (what->address->family == AF_INET6) {
		make_advertisement(&frames[0], what);
		return 1;
	}
	/* Some stations listen to the one only, some to the other (RFC 5227, 3). */
	make_arp(&frames[0], ETH_P_ARP, ARPOP_REQUEST, what->mac, what->address->bytes, nobody);
	make_arp(&frames[1], ETH_P_ARP, ARPOP_REPLY, what->mac, what->address->bytes, what->mac);
	return 2;
}

static void add_tag(struct frame *frame, uint16_t vlan)
{
	const uint8_t tag[TAG_SIZE] = { ETH_P_8021Q >> 8, ETH_P_8021Q & 0xff, (uint8_t) (vlan >> 8),
					(uint8_t) vlan };
	const size_t head = 2 * ETH_ALEN;

	memmove(frame->bytes + head + TAG_SIZE, frame->bytes + head, frame->size - head);
	memcpy(frame->bytes + head, tag, TAG_SIZE);
	frame->size += TAG_SIZE;
}

static int send_frame(int fd, const struct frame *made, const struct nlbridge_exit *exit)
{
	const struct sockaddr_ll to = { .sll_family = AF_PACKET,
					.sll_protocol = htons(ETH_P_ALL),
					.sll_ifindex = exit->port };
	struct frame frame = *made;
	ssize_t sent;

	if (exit->vlan)
		add_tag(&frame, exit->vlan);
	if (frame.size < FRAME_MIN)
		frame.size = FRAME_MIN; /* zeros */
	do {
		sent = sendto(fd, frame.bytes, frame.size, MSG_DONTWAIT,
			      (const struct sockaddr *) &to, sizeof(to));
	} while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : 0;
}

static bool is_fit(const struct nlbridge_announcement *what)
{
	return what && !(what->mac[0] & 1) && memcmp(what->mac, nobody, ETH_ALEN) != 0 &&
	       (!what->address || what->address->family == AF_INET ||
		what->address->family == AF_INET6);
}

int nlbridge_announce(struct nlbridge *nb, const struct nlbridge_announcement *announcement,
		      const struct nlbridge_exit *exits, size_t n_exits)
{
	struct frame frames[2];
	size_t n_frames;
	int first = 0;

	if (!nb || !is_fit(announcement) || (n_exits && !exits))
		return -EINVAL;
	nb->errmsg[0] = '\0';
	for (size_t i = 0; i < n_exits; i++) {
		if (exits[i].port <= 0 || exits[i].vlan > 4094)
			return -EINVAL;
	}
	if (nb->packet_fd < 0) /* protocol 0: it receives nothing */
		nb->packet_fd = nlbridge_socket(nb, AF_PACKET, SOCK_RAW, 0);
	if (nb->packet_fd < 0)
		return nb->packet_fd;
	n_frames = make_frames(announcement, frames);
	for (size_t i = 0; i < n_exits; i++) {
		int r = 0;

		for (size_t f = 0; f < n_frames && r == 0; f++)
			r = send_frame(nb->packet_fd, &frames[f], &exits[i]);
		first = first < 0 ? first : r;
	}
	return first;
}

int nlbridge_announce_link(struct nlbridge *nb, int ifindex)
{
	const struct nlbridge_exit exit = { .port = ifindex };
	const struct nlbridge_address *addresses = NULL;
	struct nlbridge_announcement what = { .router = false };
	const struct nlbridge_link *link;
	int first, r = nlbridge_link_get_index(nb, ifindex, &link);

	if (r < 0)
		return r;
	memcpy(what.mac, link->mac, ETH_ALEN);
	what.router = link->forwards_ipv6;
	r = link->hardware == ARPHRD_ETHER ? 0 : -EOPNOTSUPP;
	nlbridge_links_free(link);
	if (r == 0)
		r = nlbridge_addresses(nb, NLBRIDGE_NSID_OWN, ifindex, &addresses);
	if (r < 0)
		return r;
	first = nlbridge_announce(nb, &what, &exit, 1);
	for (const struct nlbridge_address *a = addresses; a; a = a->next) {
		if (!a->usable)
			continue;
		what.address = a;
		r = nlbridge_announce(nb, &what, &exit, 1);
		first = first < 0 ? first : r;
	}
	nlbridge_addresses_free(addresses);
	return first;
}
