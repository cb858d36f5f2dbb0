/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libnlbridge against the kernel: what announcements look like on the wire. */
#include "netns.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const uint8_t mac[6] = { 0x02, 0, 0, 0xaa, 0xbb, 0xcc };
static const uint8_t everybody[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

struct capture {
	uint8_t bytes[256];
	ssize_t size;
};

static int listen_on(struct nlbridge *nb, const char *link)
{
	const struct sockaddr_ll to = { .sll_family = AF_PACKET,
					.sll_protocol = htons(ETH_P_ALL),
					.sll_ifindex = index_of(nb, link) };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (const struct sockaddr *) &to, sizeof(to)), 0);
	return fd;
}

/* The next frame from @mac; what IPv6 says by itself on a link that came up has another sender. */
static bool next_frame(int fd, struct capture *ret)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };

	while (poll(&wait, 1, 300) == 1) {
		memset(ret->bytes, 0xee, sizeof(ret->bytes));
		ret->size = recv(fd, ret->bytes, sizeof(ret->bytes), 0);
		if (ret->size >= 14 && memcmp(ret->bytes + 6, mac, 6) == 0)
			return true;
	}
	return false;
}

static int setup(void **state)
{
	if (netns_setup(state) < 0)
		return -1;
	ip("link add v0 type veth peer name v1");
	ip("link set v0 up");
	ip("link set v1 up");
	return 0;
}

static struct nlbridge_exit exit_of(struct nlbridge *nb, const char *link)
{
	return (struct nlbridge_exit){ .port = index_of(nb, link) };
}

static void a_mac_by_rarp(void **state)
{
	struct nlbridge *nb = *state;
	struct nlbridge_announcement what = { .address = NULL };
	struct nlbridge_exit exit = exit_of(nb, "v0");
	int fd = listen_on(nb, "v1");
	struct capture got;

	memcpy(what.mac, mac, 6);
	assert_int_equal(nlbridge_announce(nb, &what, &exit, 1), 0);
	assert_true(next_frame(fd, &got));
	assert_int_equal(got.size, 60);
	assert_memory_equal(got.bytes, everybody, 6);
	/* RARP; Ethernet, IPv4, 6, 4, request reverse; mac 0.0.0.0 twice */
	assert_memory_equal(got.bytes + 12, "\x80\x35\x00\x01\x08\x00\x06\x04\x00\x03", 10);
	assert_memory_equal(got.bytes + 22, mac, 6);
	assert_memory_equal(got.bytes + 28, "\0\0\0", 4);
	assert_memory_equal(got.bytes + 32, mac, 6);
	assert_memory_equal(got.bytes + 38, "\0\0\0", 4);
	assert_false(next_frame(fd, &got));
	(void) close(fd);
}

static void ipv4_by_request_and_reply(void **state)
{
	struct nlbridge *nb = *state;
	const struct nlbridge_address address = { .family = AF_INET, .bytes = { 192, 0, 2, 7 } };
	struct nlbridge_announcement what = { .address = &address };
	struct nlbridge_exit exit = exit_of(nb, "v0");
	int fd = listen_on(nb, "v1");
	struct capture got;

	memcpy(what.mac, mac, 6);
	assert_int_equal(nlbridge_announce(nb, &what, &exit, 1), 0);
	for (uint8_t operation = 1; operation <= 2; operation++) {
		assert_true(next_frame(fd, &got));
		assert_memory_equal(got.bytes, everybody, 6);
		assert_memory_equal(got.bytes + 12, "\x08\x06\x00\x01\x08\x00\x06\x04\x00", 9);
		assert_int_equal(got.bytes[21], operation);
		assert_memory_equal(got.bytes + 22, mac, 6);
		assert_memory_equal(got.bytes + 28, address.bytes, 4);
		assert_memory_equal(got.bytes + 38, address.bytes, 4);
		if (operation == 2)
			assert_memory_equal(got.bytes + 32, mac, 6);
	}
	assert_false(next_frame(fd, &got));
	(void) close(fd);
}

/* The sum over pseudo header and message, with its own checksum in it, is all ones. */
static uint16_t sum_icmp6(const uint8_t *packet)
{
	uint32_t sum = 32 + IPPROTO_ICMPV6;

	for (int i = 8; i < 72; i += 2)
		sum += (uint32_t) (packet[i] << 8 | packet[i + 1]);
	return (uint16_t) ((sum & 0xffff) + (sum >> 16));
}

static void ipv6_by_advertisement(void **state)
{
	struct nlbridge *nb = *state;
	struct nlbridge_address address = { .family = AF_INET6, .bytes = { 0x20, 1, [15] = 7 } };
	struct nlbridge_announcement what = { .address = &address, .router = true };
	struct nlbridge_exit exit = exit_of(nb, "v0");
	int fd = listen_on(nb, "v1");
	struct capture got;

	memcpy(what.mac, mac, 6);
	for (int router = 1; router >= 0; router--) {
		what.router = router;
		assert_int_equal(nlbridge_announce(nb, &what, &exit, 1), 0);
		assert_true(next_frame(fd, &got));
		assert_int_equal(got.size, 14 + 40 + 32);
		assert_memory_equal(got.bytes, "\x33\x33\x00\x00\x00\x01", 6);
		assert_memory_equal(got.bytes + 12, "\x86\xdd\x60\x00\x00\x00\x00\x20\x3a\xff", 10);
		assert_memory_equal(got.bytes + 22, address.bytes, 16);
		assert_memory_equal(got.bytes + 38, "\xff\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16);
		assert_int_equal(got.bytes[54], 136);
		assert_int_equal(got.bytes[58], router ? 0xa0 : 0x20);
		assert_memory_equal(got.bytes + 62, address.bytes, 16);
		assert_memory_equal(got.bytes + 78, "\x02\x01", 2);
		assert_memory_equal(got.bytes + 80, mac, 6);
		assert_int_equal(sum_icmp6(got.bytes + 14), 0xffff);
	}
	assert_false(next_frame(fd, &got));
	(void) close(fd);
}

/* The tag may have been taken out of the frame on its way to us: then it is beside it. */
static void with_a_tag(void **state)
{
	struct nlbridge *nb = *state;
	struct nlbridge_announcement what = { .address = NULL };
	struct nlbridge_exit exit = exit_of(nb, "v0");
	int fd = listen_on(nb, "v1");
	_Alignas(struct cmsghdr) char control[256];
	uint8_t bytes[256];
	struct iovec iov = { bytes, sizeof(bytes) };
	struct msghdr header = { .msg_iov = &iov,
				 .msg_iovlen = 1,
				 .msg_control = control,
				 .msg_controllen = sizeof(control) };
	struct tpacket_auxdata aux = { 0 };
	const int on = 1;

	memcpy(what.mac, mac, 6);
	exit.vlan = 21;
	assert_int_equal(setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)), 0);
	assert_int_equal(nlbridge_announce(nb, &what, &exit, 1), 0);
	do {
		header.msg_controllen = sizeof(control);
		assert_true(recvmsg(fd, &header, 0) >= 14);
	} while (memcmp(bytes + 6, mac, 6) != 0);
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&header); c; c = CMSG_NXTHDR(&header, c)) {
		if (c->cmsg_level == SOL_PACKET && c->cmsg_type == PACKET_AUXDATA)
			memcpy(&aux, CMSG_DATA(c), sizeof(aux));
	}
	if (aux.tp_status & TP_STATUS_VLAN_VALID) {
		assert_int_equal(aux.tp_vlan_tci, 21);
		assert_memory_equal(bytes + 12, "\x80\x35", 2);
	} else {
		assert_memory_equal(bytes + 12, "\x81\x00\x00\x15\x80\x35", 6);
	}
	(void) close(fd);
}

static void goes_on_past_failures(void **state)
{
	struct nlbridge *nb = *state;
	struct nlbridge_announcement what = { .address = NULL };
	struct nlbridge_exit exits[3] = { { .port = 9999 }, { 0 }, exit_of(nb, "v0") };
	int fd = listen_on(nb, "v1");
	struct capture got;

	ip("link add d0 type veth peer name d1");
	exits[1] = exit_of(nb, "d0");
	memcpy(what.mac, mac, 6);
	assert_int_equal(nlbridge_announce(nb, &what, exits, 3), -ENXIO);
	assert_true(next_frame(fd, &got));
	assert_int_equal(nlbridge_announce(nb, &what, &exits[1], 1), -ENETDOWN);
	assert_int_equal(nlbridge_announce(nb, &what, NULL, 0), 0);
	what.mac[0] = 0x01;
	assert_int_equal(nlbridge_announce(nb, &what, &exits[2], 1), -EINVAL);
	memset(what.mac, 0, 6);
	assert_int_equal(nlbridge_announce(nb, &what, &exits[2], 1), -EINVAL);
	assert_int_equal(nlbridge_announce(nb, NULL, &exits[2], 1), -EINVAL);
	memcpy(what.mac, mac, 6);
	exits[2].vlan = 4095;
	assert_int_equal(nlbridge_announce(nb, &what, &exits[2], 1), -EINVAL);
	assert_false(next_frame(fd, &got));
	(void) close(fd);
}

/* A card moved into a container announces what it has, inside. */
static void a_link_out_of_itself(void **state)
{
	struct nlbridge *nb = *state;
	int fd, n_arp = 0, n_rarp = 0, n_na = 0;
	struct capture got;

	ip("link set v0 address 02:00:00:aa:bb:cc");
	ip("addr add 192.0.2.7/24 dev v0");
	ip("addr add 2001::7/64 dev v0 nodad");
	fd = listen_on(nb, "v1");
	assert_int_equal(nlbridge_announce_link(nb, index_of(nb, "v0")), 0);
	while (next_frame(fd, &got)) {
		n_rarp += memcmp(got.bytes + 12, "\x80\x35", 2) == 0;
		n_arp += memcmp(got.bytes + 12, "\x08\x06", 2) == 0;
		n_na += memcmp(got.bytes + 12, "\x86\xdd", 2) == 0 && got.bytes[54] == 136 &&
			got.bytes[62] == 0x20;
	}
	assert_int_equal(n_rarp, 1);
	assert_int_equal(n_arp, 2);
	assert_int_equal(n_na, 1);
	assert_int_equal(nlbridge_announce_link(nb, index_of(nb, "lo")), -EOPNOTSUPP);
	assert_int_equal(nlbridge_announce_link(nb, 9999), -ENODEV);
	(void) close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, netns_teardown)
		T(a_mac_by_rarp), T(ipv4_by_request_and_reply), T(ipv6_by_advertisement),
		T(with_a_tag),	  T(goes_on_past_failures),	T(a_link_out_of_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
