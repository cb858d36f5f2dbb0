/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nlbridge-announce LINK [PID] - tell switches and neighbours where LINK is: its hardware address and
 * all its addresses, three times, out of itself; with PID in that process's network namespace.
 *
 *	cc -o nlbridge-announce nlbridge-announce.c $(pkg-config --cflags --libs libnlbridge)
 */
#include <nlbridge.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int open_handle(const char *pid, struct nlbridge **ret_nb)
{
	char path[64];
	int fd, r;

	if (!pid)
		return nlbridge_open(0, ret_nb);
	(void) snprintf(path, sizeof(path), "/proc/%s/ns/net", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		perror(path);
		return -1;
	}
	r = nlbridge_open_netns(fd, 0, ret_nb);
	(void) close(fd);
	return r;
}

int main(int argc, char *argv[])
{
	const struct nlbridge_link *link;
	struct nlbridge *nb;
	int r;

	if (argc < 2) {
		(void) fprintf(stderr, "usage: nlbridge-announce LINK [PID]\n");
		return 2;
	}
	r = open_handle(argc > 2 ? argv[2] : NULL, &nb);
	if (r < 0)
		return 1;
	r = nlbridge_link_get(nb, argv[1], &link);
	for (int i = 0; i < 3 && r == 0; i++) {
		r = nlbridge_announce_link(nb, link->ifindex);
		(void) usleep(200000);
	}
	if (r < 0)
		(void) fprintf(stderr, "%s: %s %s\n", argv[1], strerror(-r), nlbridge_errmsg(nb));
	else
		nlbridge_links_free(link);
	nlbridge_close(nb);
	return r < 0 ? 1 : 0;
}
