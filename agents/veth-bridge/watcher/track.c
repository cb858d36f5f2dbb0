/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ports that are in the bridge: put right once when they come, announced when they forward. */
#include "watcher.h"

#include <errno.h>
#include <qb/qblog.h>
#include <stdlib.h>
#include <string.h>

static struct port *find(const struct watcher *watcher, int ifindex)
{
	struct port *p = watcher->ports;

	while (p && p->ifindex != ifindex)
		p = p->next;
	return p;
}

static struct port *have(struct watcher *watcher, const struct nlbridge_link *link)
{
	struct port *p = find(watcher, link->ifindex);

	if (!p)
		p = calloc(1, sizeof(*p));
	if (p && !p->ifindex) {
		p->ifindex = link->ifindex;
		p->since = time(NULL);
		p->next = watcher->ports;
		watcher->ports = p;
	}
	if (p)
		memcpy(p->name, link->name, sizeof(p->name));
	return p;
}

static void settle(struct watcher *watcher, const struct nlbridge_link *link)
{
	struct port_vlans all;
	bool changed = false;
	int r = wish_look_at_vlans(watcher->nb, &watcher->wish, watcher->bridge_index, &all);

	if (r == 0)
		r = wish_settle(watcher->nb, &watcher->wish, link, true, &all, &changed);
	free(all.vlans);
	/* The next monitor tries again, and tells the manager. */
	if (r < 0 && r != -ENODEV)
		watcher_note(watcher, LOG_ERR, "%s: cannot set its VLANs, isolated or hairpin: %s",
			     link->name, strerror(-r));
}

void track_port(struct watcher *watcher, const struct nlbridge_link *link)
{
	struct port *port = have(watcher, link);

	if (!port)
		return; /* no memory: the monitor puts it right */
	if (!port->settled) {
		port->settled = true;
		settle(watcher, link);
	}
	announce_port(watcher, port, link);
}

bool track_knows(const struct watcher *watcher, int ifindex)
{
	return find(watcher, ifindex) != NULL;
}

void track_again(struct watcher *watcher, int ifindex)
{
	const struct nlbridge_link *link;

	if (nlbridge_link_get_index(watcher->nb, ifindex, &link) < 0)
		return; /* gone: an event will tell */
	if (link->master == watcher->bridge_index)
		track_port(watcher, link);
	else
		track_forget(watcher, ifindex);
	nlbridge_links_free(link);
}

void track_state(struct watcher *watcher, const struct nlbridge_link *link)
{
	const struct port *port = find(watcher, link->ifindex);
	bool forwards = link->port_state == NLBRIDGE_PORT_FORWARDING;

	if (port && port->forwards != forwards)
		track_again(watcher, link->ifindex);
	/* The uplink: whoever is behind it has heard nothing yet. */
	if (!port && forwards && link->master == watcher->bridge_index)
		announce_again(watcher);
}

void track_forget(struct watcher *watcher, int ifindex)
{
	for (struct port **p = &watcher->ports; *p; p = &(*p)->next) {
		struct port *found = *p;

		if (found->ifindex != ifindex)
			continue;
		*p = found->next;
		watcher_note(watcher, LOG_INFO, "%s left", found->name);
		announce_forget(found);
		free(found);
		return;
	}
}

void track_forget_all(struct watcher *watcher)
{
	while (watcher->ports) {
		struct port *p = watcher->ports;

		watcher->ports = p->next;
		announce_forget(p);
		free(p);
	}
}

void track_keep(struct watcher *watcher, const struct nlbridge_link *links)
{
	struct port *next;

	for (struct port *p = watcher->ports; p; p = next) {
		const struct nlbridge_link *l = links;

		next = p->next;
		while (l && l->ifindex != p->ifindex)
			l = l->next;
		if (!l)
			track_forget(watcher, p->ifindex);
	}
}
