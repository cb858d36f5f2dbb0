/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which links are host ends of containers, and taking and releasing them. */
#include "shared.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

/*
 * OpenVZ's own kernels (before Linux 4.0) do not tell where a link's other end is, the oldest not
 * even its kind; they list host ends instead: "MAC DEV MAC DEV CTID" per line.
 */
static bool is_in_vz_list(const char *path, const char *name)
{
	FILE *list = fopen(path, "re");
	bool found = false;
	char line[256];

	while (list && !found && fgets(line, sizeof(line), list)) {
		char device[IFNAMSIZ];

		found = sscanf(line, "%*s %15s", device) == 1 && strcmp(device, name) == 0;
	}
	if (list)
		(void) fclose(list);
	return found;
}

static bool is_host_end_kind(const struct nlbridge_link *link)
{
	return strcmp(link->kind, "veth") == 0 || strcmp(link->kind, "macvlan") == 0;
}

enum port_verdict port_judge(const struct nlbridge_link *link, int bridge, const char *name,
			     const char *patterns, const char *vz_list)
{
	bool elsewhere = link->peer_elsewhere;

	if (link->ifindex == bridge ||
	    (!patterns_match(patterns, link->name) && !nlbridge_link_wants(link, name)))
		return PORT_NOT_MEANT;
	if (link->kind[0] && !is_host_end_kind(link))
		return PORT_NOT_MEANT;
	if (!elsewhere || !link->kind[0])
		elsewhere = is_in_vz_list(vz_list, link->name);
	if (!link->kind[0] && !elsewhere)
		return PORT_NOT_MEANT;
	if (link->master == bridge)
		return PORT_ATTACHED;
	if (link->master)
		return PORT_TAKEN;
	if (!elsewhere)
		return PORT_UNFINISHED;
	return link->flags & IFF_UP ? PORT_FREE : PORT_DOWN;
}

static void port_mark(const char *name, char mark[NLBRIDGE_MARK_MAX])
{
	(void) snprintf(mark, NLBRIDGE_MARK_MAX, MARK_PORT "%s", name);
}

int port_take(struct nlbridge *nb, const char *bridge, const struct nlbridge_link *link)
{
	bool had_mark = nlbridge_link_mark(link, MARK_PORT, NULL);
	char mark[NLBRIDGE_MARK_MAX];
	int r = 0;

	port_mark(link->name, mark);
	if (!had_mark)
		r = nlbridge_mark_set(nb, link->ifindex, mark);
	if (r == 0)
		r = nlbridge_port_attach(nb, bridge, link->ifindex);
	if (r < 0 && !had_mark)
		(void) nlbridge_mark_remove(nb, link->ifindex, mark);
	return r;
}

/* Its name may have changed since: the mark says what it says. */
int port_release(struct nlbridge *nb, const char *bridge, const struct nlbridge_link *link)
{
	char mark[NLBRIDGE_MARK_MAX];
	int r;

	if (!nlbridge_link_mark(link, MARK_PORT, mark))
		return 0;
	r = nlbridge_port_detach(nb, bridge, link->ifindex);
	if (r == 0 || r == -ENODEV)
		r = nlbridge_mark_remove(nb, link->ifindex, mark);
	return r == -ENODEV ? 0 : r;
}
