/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * port-want BRIDGE IFINDEX...: says on host ends that they belong into BRIDGE, if that is one that
 * veth-bridge looks after: its watcher then treats them as it does those its patterns fit. For LXC, which
 * names host ends at random. A program of its own, so that vz-container's monitor loads no library for it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nlbridge.h"

/* What veth-bridge's start puts on a bridge: one that it made, one that it uses. */
static const char *const looked_after[] = { "vzha:own:", "vzha:use:" };

static bool is_looked_after(const struct nlbridge_link *bridge)
{
	for (size_t i = 0; i < sizeof(looked_after) / sizeof(looked_after[0]); i++) {
		if (nlbridge_link_mark(bridge, looked_after[i], NULL))
			return true;
	}
	return false;
}

/* All that can be; the first error of those that cannot. */
static int want(struct nlbridge *nb, const char *bridge, char *const indices[])
{
	int first = 0;

	for (; *indices; indices++) {
		int r = nlbridge_port_want(nb, bridge, (int) strtol(*indices, NULL, 10));

		if (r < 0 && r != -ENODEV && first == 0)
			first = r;
	}
	return first;
}

int main(int argc, char *argv[])
{
	const struct nlbridge_link *bridge = NULL;
	struct nlbridge *nb;
	int r;

	if (argc < 3)
		return EXIT_FAILURE;
	r = nlbridge_open(0, &nb);
	if (r < 0) {
		(void) fprintf(stderr, "no netlink socket: %s\n", strerror(-r));
		return EXIT_FAILURE;
	}
	r = nlbridge_link_get(nb, argv[1], &bridge);
	if (r == 0)
		r = is_looked_after(bridge) ? want(nb, argv[1], argv + 2) : 0;
	if (r < 0 && r != -ENODEV) /* gone: nothing is left to say */
		(void) fprintf(stderr, "%s: %s\n", argv[1], strerror(-r));
	nlbridge_links_free(bridge);
	nlbridge_close(nb);
	return r == 0 || r == -ENODEV ? EXIT_SUCCESS : EXIT_FAILURE;
}
