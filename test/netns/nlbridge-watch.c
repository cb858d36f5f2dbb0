/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libnlbridge against the kernel: link events, lost ones, and a kernel that does not answer. */
#include "netns.h"
#include "private.h"

#include <errno.h>
#include <linux/filter.h>
#include <net/if.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

/* The next event about a link of this name; others are passed over. */
static struct nlbridge_event next_about(struct nlbridge_watch *watch, const char *name)
{
	struct nlbridge_event event;
	struct pollfd fd = { .fd = nlbridge_watch_fd(watch), .events = POLLIN };

	for (;;) {
		int r = nlbridge_watch_next(watch, &event);

		if (r == -EAGAIN) {
			assert_int_equal(poll(&fd, 1, 2000), 1);
			continue;
		}
		assert_int_equal(r, 0);
		if (strcmp(event.link->name, name) == 0)
			return event;
	}
}

static void a_links_life(void **state)
{
	struct nlbridge *nb = *state;
	struct nlbridge_watch *watch;
	struct nlbridge_event event;

	assert_int_equal(nlbridge_watch_open(&watch), 0);
	assert_int_equal(nlbridge_watch_next(watch, &event), -EAGAIN);
	ip("link add v0 type veth peer name v1");
	event = next_about(watch, "v0");
	assert_false(event.gone);
	assert_false(event.link->flags & IFF_UP);
	ip("link set v0 up");
	do {
		event = next_about(watch, "v0");
	} while (!(event.link->flags & IFF_UP));
	ip("link add br0 type bridge");
	ip("link set v0 master br0");
	do {
		event = next_about(watch, "v0");
	} while (event.link->master != index_of(nb, "br0"));
	/* Leaving the bridge is no end of the link, though the bridge's own message says DELLINK. */
	ip("link set v0 nomaster");
	do {
		event = next_about(watch, "v0");
		assert_false(event.gone);
	} while (event.link->master);
	ip("link del v0");
	do {
		event = next_about(watch, "v0");
	} while (!event.gone);
	nlbridge_watch_close(watch);
	nlbridge_watch_close(NULL);
}

static void lost_events_are_told(void **state)
{
	struct nlbridge *nb = *state;
	struct nlbridge_watch *watch;
	struct nlbridge_event event;
	const int tiny = 1;
	int r, lost = 0;

	assert_int_equal(nlbridge_watch_open(&watch), 0);
	assert_int_equal(
		setsockopt(nlbridge_watch_fd(watch), SOL_SOCKET, SO_RCVBUF, &tiny, sizeof(tiny)),
		0);
	for (int i = 0; i < 20; i++)
		ip("link add v%d type veth peer name w%d", i, i);
	while ((r = nlbridge_watch_next(watch, &event)) != -EAGAIN)
		lost += r == -ENOBUFS;
	assert_int_equal(lost, 1);
	/* What a resync finds, and what comes after it. */
	assert_int_equal(n_links(nb), 40);
	ip("link set v0 up");
	event = next_about(watch, "v0");
	nlbridge_watch_close(watch);
}

/* The kernel goes on dropping, silently, until the queue has been empty. */
static void nothing_is_missed_after_the_loss_was_told(void **state)
{
	struct nlbridge *nb = *state;
	struct nlbridge_watch *watch;
	struct nlbridge_event event;
	const int tiny = 1;
	int r;

	assert_int_equal(nlbridge_watch_open(&watch), 0);
	assert_int_equal(
		setsockopt(nlbridge_watch_fd(watch), SOL_SOCKET, SO_RCVBUF, &tiny, sizeof(tiny)),
		0);
	for (int i = 0; i < 20; i++)
		ip("link add v%d type veth peer name w%d", i, i);
	do {
		r = nlbridge_watch_next(watch, &event);
	} while (r == 0);
	assert_int_equal(r, -ENOBUFS);
	assert_int_equal(n_links(nb), 40);
	ip("link set v7 up");
	event = next_about(watch, "v7");
	assert_true(event.link->flags & IFF_UP);
	nlbridge_watch_close(watch);
}

/* Drops every answer to the handle's socket: a kernel that does not answer. */
static void make_deaf(struct nlbridge *nb)
{
	struct sock_filter drop[] = { { BPF_RET | BPF_K, 0, 0, 0 } };
	const struct sock_fprog program = { .len = 1, .filter = drop };

	assert_int_equal(setsockopt(nl_socket_get_fd(nb->socket), SOL_SOCKET, SO_ATTACH_FILTER,
				    &program, sizeof(program)),
			 0);
}

static void no_answer_is_a_timeout(void **state)
{
	struct nlbridge *nb = *state;
	const struct nlbridge_link *links = NULL;
	struct timespec before, after;

	nlbridge_close(nb);
	*state = NULL;
	assert_int_equal(nlbridge_open(-1, &nb), -EINVAL);
	assert_int_equal(nlbridge_open(150, &nb), 0);
	*state = nb;
	make_deaf(nb);
	(void) clock_gettime(CLOCK_MONOTONIC, &before);
	assert_int_equal(nlbridge_links(nb, 0, &links), -ETIMEDOUT);
	(void) clock_gettime(CLOCK_MONOTONIC, &after);
	assert_null(links);
	assert_in_range((after.tv_sec - before.tv_sec) * 1000 +
				(after.tv_nsec - before.tv_nsec) / 1000000,
			140, 1500);
	/* A fresh socket, and the same handle. */
	ip("link add br0 type bridge");
	assert_int_equal(n_links(nb), 1);
	make_deaf(nb);
	assert_int_equal(nlbridge_link_up(nb, 1, true), -ETIMEDOUT);
	assert_int_equal(nlbridge_link_up(nb, 1, true), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, netns_setup, netns_teardown)
		T(a_links_life),
		T(lost_events_are_told),
		T(nothing_is_missed_after_the_loss_was_told),
		T(no_answer_is_a_timeout),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
