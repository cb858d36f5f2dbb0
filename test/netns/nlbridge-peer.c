/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libnlbridge against the kernel: what is on the other side of a host end. */
#include "netns.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t container;
static int container_ns;

/* A namespace with v0's other end, c0, in it. */
static int setup(void **state)
{
	int ready[2];
	char path[64], byte;

	if (netns_setup(state) < 0 || pipe2(ready, O_CLOEXEC) < 0)
		return -1;
	container = fork();
	if (container == 0) {
		if (unshare(CLONE_NEWNET) == 0 && write(ready[1], "x", 1) == 1)
			for (;;)
				(void) pause();
		_exit(1);
	}
	(void) close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		return -1;
	(void) close(ready[0]);
	(void) snprintf(path, sizeof(path), "/proc/%d/ns/net", (int) container);
	container_ns = open(path, O_RDONLY | O_CLOEXEC);
	ip("link add v0 type veth peer name c0 netns %d", (int) container);
	return container_ns < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	(void) kill(container, SIGKILL);
	(void) waitpid(container, NULL, 0);
	(void) close(container_ns);
	return netns_teardown(state);
}

/* Run `ip` in the container; afterwards we are back. */
#define inside(...)                                                                                \
	do {                                                                                       \
		int own_ = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);                        \
		assert_int_equal(setns(container_ns, CLONE_NEWNET), 0);                            \
		ip(__VA_ARGS__);                                                                   \
		assert_int_equal(setns(own_, CLONE_NEWNET), 0);                                    \
		(void) close(own_);                                                                \
	} while (0)

static void its_link(void **state)
{
	struct nlbridge *nb = *state;
	const struct nlbridge_link *link, *peer;

	inside("link set c0 address 02:00:00:00:00:0c");
	assert_int_equal(nlbridge_link_get(nb, "v0", &link), 0);
	assert_true(link->peer_elsewhere);
	assert_true(link->peer_nsid >= 0);
	assert_int_equal(nlbridge_link_get_peer(nb, link, &peer), 0);
	assert_string_equal(peer->name, "c0");
	assert_memory_equal(peer->mac, "\x02\0\0\0\0\x0c", 6);
	assert_false(peer->forwards_ipv6);
	nlbridge_links_free(peer);
	nlbridge_links_free(link);

	assert_int_equal(nlbridge_link_get(nb, "lo", &link), 0);
	assert_int_equal(link->peer_nsid, -1);
	assert_int_equal(nlbridge_link_get_peer(nb, link, &peer), -ENODEV);
	nlbridge_links_free(link);
	assert_int_equal(nlbridge_link_get_peer(nb, NULL, &peer), -EINVAL);
}

static size_t count(const struct nlbridge_address *list, int family, bool usable)
{
	size_t n = 0;

	for (; list; list = list->next)
		n += list->family == family && list->usable == usable;
	return n;
}

static void its_addresses(void **state)
{
	struct nlbridge *nb = *state;
	const struct nlbridge_address *addresses = NULL;
	const struct nlbridge_link *link;

	inside("addr add 192.0.2.7/24 dev c0");
	inside("addr add 192.0.2.8 peer 192.0.2.9 dev c0");
	inside("addr add 2001::7/64 dev c0 nodad");
	inside("addr add 2001::8/64 dev c0"); /* down: stays tentative */
	inside("addr add 192.0.2.1/24 dev lo");
	ip("addr add 192.0.2.200/24 dev v0");
	assert_int_equal(nlbridge_link_get(nb, "v0", &link), 0);
	assert_int_equal(nlbridge_addresses(nb, link->peer_nsid, link->peer, &addresses), 0);
	assert_int_equal(count(addresses, AF_INET, true), 2);
	assert_int_equal(count(addresses, AF_INET, false), 0);
	assert_int_equal(count(addresses, AF_INET6, true), 1);
	assert_int_equal(count(addresses, AF_INET6, false), 1);
	for (const struct nlbridge_address *a = addresses; a; a = a->next) {
		assert_int_equal(a->nsid, link->peer_nsid);
		/* its own, not the other end's, of a point-to-point address */
		if (a->family == AF_INET)
			assert_true(a->bytes[3] == 7 || a->bytes[3] == 8);
	}
	nlbridge_addresses_free(addresses);
	assert_int_equal(nlbridge_addresses(nb, NLBRIDGE_NSID_OWN, link->ifindex, &addresses), 0);
	assert_int_equal(count(addresses, AF_INET, true), 1);
	assert_int_equal(addresses->bytes[3], 200);
	nlbridge_addresses_free(addresses);
	/* the handle is as it was: other requests are not checked more strictly */
	assert_int_equal(n_links(nb), 1);
	assert_true(nlbridge_addresses(nb, 4711, 1, &addresses) < 0);
	assert_int_equal(nlbridge_addresses(nb, -2, 1, &addresses), -EINVAL);
	nlbridge_links_free(link);
}

static void told_when_they_come(void **state)
{
	struct nlbridge *nb = *state;
	struct nlbridge_address_watch *watch;
	struct nlbridge_address_event event;
	const struct nlbridge_link *link;
	struct pollfd wait;

	assert_int_equal(nlbridge_link_get(nb, "v0", &link), 0);
	assert_int_equal(nlbridge_address_watch_open(&watch), 0);
	wait = (struct pollfd){ .fd = nlbridge_address_watch_fd(watch), .events = POLLIN };
	assert_int_equal(nlbridge_address_watch_next(watch, &event), -EAGAIN);
	inside("addr add 192.0.2.7/24 dev c0");
	assert_int_equal(poll(&wait, 1, 2000), 1);
	assert_int_equal(nlbridge_address_watch_next(watch, &event), 0);
	assert_false(event.gone);
	assert_int_equal(event.address.nsid, link->peer_nsid);
	assert_int_equal(event.address.ifindex, link->peer);
	assert_int_equal(event.address.family, AF_INET);
	assert_memory_equal(event.address.bytes, "\xc0\0\x02\x07", 4);
	inside("addr del 192.0.2.7/24 dev c0");
	assert_int_equal(poll(&wait, 1, 2000), 1);
	assert_int_equal(nlbridge_address_watch_next(watch, &event), 0);
	assert_true(event.gone);
	ip("addr add 192.0.2.8/24 dev v0");
	assert_int_equal(poll(&wait, 1, 2000), 1);
	assert_int_equal(nlbridge_address_watch_next(watch, &event), 0);
	assert_int_equal(event.address.nsid, NLBRIDGE_NSID_OWN);
	assert_int_equal(event.address.bytes[3], 8);
	nlbridge_address_watch_close(watch);
	nlbridge_address_watch_close(NULL);
	nlbridge_links_free(link);
}

/* A handle that works in there while we stay here, also after its socket was made anew. */
static void from_inside(void **state)
{
	struct nlbridge *nb = *state, *in;

	assert_int_equal(nlbridge_open_netns(container_ns, 0, &in), 0);
	assert_int_not_equal(index_of(in, "c0"), 0);
	assert_int_equal(index_of(in, "v0"), 0);
	assert_int_not_equal(index_of(nb, "v0"), 0);
	assert_int_equal(nlbridge_announce_link(in, index_of(in, "c0")), -ENETDOWN);
	assert_int_equal(nlbridge_link_up(in, index_of(in, "c0"), true), 0);
	ip("link set v0 up");
	assert_int_equal(nlbridge_announce_link(in, index_of(in, "c0")), 0);
	nlbridge_close(in);
	assert_int_equal(nlbridge_open_netns(-1, 0, &in), -EINVAL);
	assert_int_equal(nlbridge_open_netns(0, 0, &in), -EINVAL); /* no namespace's descriptor */
}

static bool is_neighbour(const char *ip_address, const char *mac)
{
	char line[256], command[128];
	bool found = false;
	FILE *said;

	(void) snprintf(command, sizeof(command), "ip neigh show %s", ip_address);
	said = popen(command, "r");
	assert_non_null(said);
	while (fgets(line, sizeof(line), said))
		found |= strstr(line, mac) != NULL;
	(void) pclose(said);
	return found;
}

/* After a failover the container's card is the other node's: same addresses, another MAC. */
static void neighbours_of_a_moved_card(void **state)
{
	struct nlbridge *nb = *state, *in;
	bool heard = false;

	ip("addr add 192.0.2.254/24 dev v0");
	ip("addr add 2001::fe/64 dev v0 nodad");
	ip("link set v0 up");
	inside("link set c0 address 02:00:00:00:00:0c");
	inside("addr add 192.0.2.7/24 dev c0");
	inside("addr add 2001::7/64 dev c0 nodad");
	inside("link set c0 up");
	ip("neigh replace 192.0.2.7 lladdr 02:00:00:00:00:99 nud stale dev v0");
	ip("neigh replace 2001::7 lladdr 02:00:00:00:00:99 nud stale dev v0");
	assert_true(is_neighbour("192.0.2.7", "02:00:00:00:00:99"));
	assert_int_equal(nlbridge_open_netns(container_ns, 0, &in), 0);
	for (int i = 0; i < 100 && !heard; i++) {
		assert_int_equal(nlbridge_announce_link(in, index_of(in, "c0")), 0);
		(void) usleep(20000);
		heard = is_neighbour("192.0.2.7", "02:00:00:00:00:0c") &&
			is_neighbour("2001::7", "02:00:00:00:00:0c");
	}
	assert_true(heard);
	assert_int_not_equal(index_of(nb, "v0"), 0);
	nlbridge_close(in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(its_link),
		T(its_addresses),
		T(told_when_they_come),
		T(from_inside),
		T(neighbours_of_a_moved_card),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
