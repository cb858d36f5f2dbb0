/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nic-announce COUNT INTERVAL_MS NAME...: tells the neighbours of NICs that were moved into a
 * container where their addresses are now. After a failover it is another card with another MAC,
 * and a neighbour would go on sending to the old one until its entry expires.
 *
 * Descriptor 3 is the container's network namespace, 4 a pidfd of its init (may be missing: Linux
 * before 5.3). Runs beside the container, for as long as its first addresses may take to come; it
 * ends with init, since its sockets keep the namespace, and with that the NICs, from going back.
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "nlbridge.h"

#define NETNS_FD	      3
#define PIDFD		      4
#define LIFE_MS		      60000
#define LIFE_WITHOUT_PIDFD_MS 5000

static int64_t now_ms(void)
{
	struct timespec t;

	(void) clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t) t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

struct station {
	int ifindex;
	long left; /* announcements still to make */
};

/* What is down, or has no address yet, is tried again. */
static bool announce_all(struct nlbridge *nb, struct station *stations, int n)
{
	bool pending = false;

	for (int i = 0; i < n; i++) {
		if (stations[i].left > 0 && nlbridge_announce_link(nb, stations[i].ifindex) == 0)
			stations[i].left--;
		pending |= stations[i].left > 0;
	}
	return pending;
}

static void take_addresses(struct nlbridge_address_watch *watch, struct station *stations, int n,
			   long count)
{
	struct nlbridge_address_event event;
	int r;

	while ((r = nlbridge_address_watch_next(watch, &event)) == 0 || r == -ENOBUFS)
		for (int i = 0; i < n; i++)
			if (r == -ENOBUFS ||
			    (!event.gone && event.address.ifindex == stations[i].ifindex))
				stations[i].left = count;
}

static void run(struct nlbridge *nb, struct nlbridge_address_watch *watch, struct station *stations,
		int n, long count, int interval_ms, int64_t until)
{
	struct pollfd fds[] = { { .fd = PIDFD, .events = POLLIN },
				{ .fd = nlbridge_address_watch_fd(watch), .events = POLLIN } };

	for (int64_t now = now_ms(); now < until; now = now_ms()) {
		bool pending = announce_all(nb, stations, n);

		if (poll(fds, 2, pending ? interval_ms : (int) (until - now)) < 0 && errno != EINTR)
			return;
		if (fds[0].revents & POLLIN) /* init is dead */
			return;
		if (fds[1].revents)
			take_addresses(watch, stations, n, count);
	}
}

int main(int argc, char *argv[])
{
	const bool pidfd = fcntl(PIDFD, F_GETFD) >= 0;
	struct nlbridge_address_watch *watch = NULL;
	struct station stations[16];
	struct nlbridge *nb = NULL;
	long count, interval_ms;
	int n = 0;

	if (argc < 4 || setns(NETNS_FD, CLONE_NEWNET) < 0)
		return 1;
	(void) close(NETNS_FD);
	count = strtol(argv[1], NULL, 10);
	interval_ms = strtol(argv[2], NULL, 10);
	for (int i = 3; i < argc && n < 16; i++) {
		stations[n].ifindex = (int) if_nametoindex(argv[i]);
		stations[n].left = count;
		n += stations[n].ifindex > 0;
	}
	if (n == 0 || nlbridge_open(0, &nb) < 0 || nlbridge_address_watch_open(&watch) < 0)
		return 1;
	run(nb, watch, stations, n, count, (int) interval_ms,
	    now_ms() + (pidfd ? LIFE_MS : LIFE_WITHOUT_PIDFD_MS));
	nlbridge_address_watch_close(watch);
	nlbridge_close(nb);
	return 0;
}
