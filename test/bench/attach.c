/* SPDX-License-Identifier: GPL-2.0-or-later */
/* attach BRIDGE in|out - all links called p* become ports of the bridge, or leave it. */
#include "nlbridge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PORTS_MAX 4096

int main(int argc, char *argv[])
{
	const struct nlbridge_link *links;
	static int ports[PORTS_MAX];
	struct nlbridge *nb;
	size_t n = 0;
	int r;

	if (argc != 3 || nlbridge_open(0, &nb) < 0 || nlbridge_links(nb, 0, &links) < 0)
		return 2;
	for (const struct nlbridge_link *l = links; l && n < PORTS_MAX; l = l->next) {
		if (l->name[0] == 'p')
			ports[n++] = l->ifindex;
	}
	nlbridge_links_free(links);
	r = strcmp(argv[2], "in") == 0 ? nlbridge_ports_attach(nb, argv[1], ports, n, NULL) : 0;
	for (size_t i = 0; i < n && strcmp(argv[2], "out") == 0; i++)
		r |= nlbridge_port_detach(nb, argv[1], ports[i]);
	nlbridge_close(nb);
	return r == 0 ? 0 : 1;
}
