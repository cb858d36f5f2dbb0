/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Announcements. A port that begins to forward gets a minute in which its container's hardware
 * address, and each address as it appears, are told to the networks on the other ports.
 */
#include "watcher.h"

#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <qb/qblog.h>
#include <stdlib.h>
#include <string.h>

#define LISTEN_MS 60000 /* how long new addresses are waited for */
#define POLL_MS	  500	/* on a kernel that does not tell of them */
#define TOLD_MAX  64	/* addresses of one port: the container may make up any number */
#define AT_ONCE	  1000	/* frames, or so, before link events get their turn */
#define NEVER	  INT64_MAX

static void forget_told(struct port *port)
{
	while (port->told) {
		struct told *t = port->told;

		port->told = t->next;
		free(t);
	}
}

/* NULL: its hardware address. */
static void tell(struct watcher *watcher, struct port *port, const struct nlbridge_address *address)
{
	struct told *t;
	size_t n = 0;

	for (t = port->told; t; t = t->next, n++) {
		if (!address ? !t->has_address
			     : t->has_address && t->address.family == address->family &&
				       memcmp(t->address.bytes, address->bytes, 16) == 0)
			return; /* told already, or about to be */
	}
	t = n < TOLD_MAX ? calloc(1, sizeof(*t)) : NULL;
	if (!t)
		return;
	if (address) {
		t->has_address = true;
		t->address = *address;
		t->address.next = NULL;
	}
	t->rounds_left = watcher->wish.announce;
	t->due_ms = watcher_now_ms();
	t->next = port->told;
	port->told = t;
}

/* An address that comes back later is news again. */
static void untell(struct port *port, const struct nlbridge_address *address)
{
	for (struct told **p = &port->told; *p; p = &(*p)->next) {
		struct told *t = *p;

		if (!t->has_address || t->address.family != address->family ||
		    memcmp(t->address.bytes, address->bytes, 16) != 0)
			continue;
		*p = t->next;
		free(t);
		return;
	}
}

static void tell_all(struct watcher *watcher, struct port *port)
{
	const struct nlbridge_address *addresses;
	int r = nlbridge_addresses(watcher->nb, port->nsid, port->peer, &addresses);

	if (r == -EOPNOTSUPP)
		r = netns_addresses(watcher->nb, port->nsid, port->peer, &addresses);
	if (r < 0) {
		qb_log(LOG_DEBUG, "%s: cannot read its container's addresses: %s", port->name,
		       strerror(-r));
		return;
	}
	for (const struct nlbridge_address *a = addresses; a; a = a->next) {
		if (a->usable)
			tell(watcher, port, a);
	}
	nlbridge_addresses_free(addresses);
}

static int32_t on_addresses(int32_t fd, int32_t revents, void *data)
{
	(void) fd;
	(void) revents;
	announce_addresses(data);
	return 0;
}

/* Containers can make a lot of noise with addresses: we listen only while we have to. */
static void listen_if_needed(struct watcher *watcher)
{
	bool needed = false;
	int r;

	for (const struct port *p = watcher->ports; p; p = p->next)
		needed |= p->until_ms != 0;
	if (needed && !watcher->addresses && !watcher->addresses_deaf) {
		r = nlbridge_address_watch_open(&watcher->addresses);
		if (r == 0)
			r = qb_loop_poll_add(watcher->loop, QB_LOOP_MED,
					     nlbridge_address_watch_fd(watcher->addresses), POLLIN,
					     watcher, on_addresses);
		watcher->addresses_deaf = r < 0;
		if (r < 0)
			watcher_note(watcher, LOG_INFO,
				     "no events about containers' addresses (%s): polling",
				     strerror(-r));
	} else if (!needed && watcher->addresses) {
		(void) qb_loop_poll_del(watcher->loop,
					nlbridge_address_watch_fd(watcher->addresses));
		nlbridge_address_watch_close(watcher->addresses);
		watcher->addresses = NULL;
	}
}

void announce_port(struct watcher *watcher, struct port *port, const struct nlbridge_link *link)
{
	bool forwards =
		link->port_state == NLBRIDGE_PORT_FORWARDING && (link->flags & IFF_RUNNING) != 0;

	if (forwards == port->forwards)
		return;
	port->forwards = forwards;
	if (!forwards) {
		port->until_ms = 0;
		forget_told(port);
	} else if (watcher->wish.announce > 0 && link->peer_nsid >= 0) {
		port->nsid = link->peer_nsid;
		port->peer = link->peer;
		port->until_ms = watcher_now_ms() + LISTEN_MS;
		listen_if_needed(watcher); /* before the look: none is missed in between */
		tell(watcher, port, NULL);
		tell_all(watcher, port);
	}
	listen_if_needed(watcher);
	watcher_schedule(watcher);
}

void announce_again(struct watcher *watcher)
{
	for (struct port *p = watcher->ports; p; p = p->next) {
		for (struct told *t = p->told; t; t = t->next) {
			t->rounds_left = watcher->wish.announce;
			t->due_ms = watcher_now_ms();
		}
	}
	watcher_schedule(watcher);
}

void announce_forget(struct port *port)
{
	port->until_ms = 0;
	forget_told(port);
}

static void hear(struct watcher *watcher, struct port *port,
		 const struct nlbridge_address_event *event)
{
	if (event->gone)
		untell(port, &event->address);
	else if (event->address.usable)
		tell(watcher, port, &event->address);
}

void announce_addresses(struct watcher *watcher)
{
	struct nlbridge_address_event event;
	int r = 0;

	while (watcher->addresses &&
	       (r = nlbridge_address_watch_next(watcher->addresses, &event)) != -EAGAIN) {
		for (struct port *p = watcher->ports; p; p = p->next) {
			if (!p->until_ms)
				continue;
			if (r < 0)
				tell_all(watcher, p); /* events were lost */
			else if (p->nsid == event.address.nsid && p->peer == event.address.ifindex)
				hear(watcher, p, &event);
		}
		if (r < 0 && r != -ENOBUFS)
			break;
	}
	watcher_schedule(watcher);
}

/* ---- sending --------------------------------------------------------------------------------- */

/* The other ports, as they are in this moment. */
struct exits {
	const struct nlbridge_link *ports;
	struct nlbridge_vlan *vlans;
	size_t n_vlans;
	bool filtering;
	struct nlbridge_exit *exits; /* room for all ports */
};

static void drop_exits(struct exits *exits)
{
	nlbridge_links_free(exits->ports);
	free(exits->vlans);
	free(exits->exits);
}

static int look_at_exits(struct watcher *watcher, struct exits *ret)
{
	const struct nlbridge_link *bridge;
	uint64_t filtering = 0;
	size_t n = 0;
	int r = nlbridge_link_get_index(watcher->nb, watcher->bridge_index, &bridge);

	if (r < 0)
		return r;
	(void) nlbridge_link_value(bridge, NLBRIDGE_VLAN_FILTERING, &filtering);
	nlbridge_links_free(bridge);
	ret->filtering = filtering != 0;
	if (ret->filtering)
		r = nlbridge_vlans(watcher->nb, watcher->bridge_index, &ret->vlans, &ret->n_vlans);
	if (r == 0)
		r = nlbridge_links(watcher->nb, watcher->bridge_index, &ret->ports);
	for (const struct nlbridge_link *l = ret->ports; l; l = l->next)
		n++;
	ret->exits = calloc(n + 1, sizeof(*ret->exits));
	return r == 0 && !ret->exits ? -ENOMEM : r;
}

static const struct nlbridge_vlan *vlan_of(const struct exits *exits, int port, uint16_t id)
{
	for (size_t i = 0; i < exits->n_vlans; i++) {
		const struct nlbridge_vlan *v = &exits->vlans[i];

		if (v->port == port && (id ? v->id == id : v->pvid))
			return v;
	}
	return NULL;
}

static bool is_isolated(const struct nlbridge_link *link)
{
	uint64_t value = 0;

	return nlbridge_link_value(link, NLBRIDGE_ISOLATED, &value) && value;
}

/* As the bridge would let a frame of this port out. */
static size_t exits_of(struct exits *exits, const struct nlbridge_link *own)
{
	const struct nlbridge_vlan *from = NULL;
	size_t n = 0;

	if (exits->filtering && !(from = vlan_of(exits, own->ifindex, 0)))
		return 0;
	for (const struct nlbridge_link *l = exits->ports; l; l = l->next) {
		const struct nlbridge_vlan *to = from ? vlan_of(exits, l->ifindex, from->id) : NULL;

		if (l == own || l->port_state != NLBRIDGE_PORT_FORWARDING || (from && !to) ||
		    (is_isolated(own) && is_isolated(l)))
			continue;
		exits->exits[n++] = (struct nlbridge_exit){
			.port = l->ifindex,
			.vlan = to && !to->untagged ? to->id : 0,
		};
	}
	return n;
}

/* How many frames, about. */
static size_t send_due(struct watcher *watcher, struct port *port, struct exits *exits)
{
	size_t sent = 0;
	struct nlbridge_announcement what = { .router = false };
	const struct nlbridge_link *own = exits->ports, *peer;
	int64_t now = watcher_now_ms();
	size_t n;

	while (own && own->ifindex != port->ifindex)
		own = own->next;
	if (!own)
		return 0;
	/* Its address may have been set after it came up. */
	if (nlbridge_link_get_peer(watcher->nb, own, &peer) < 0)
		return 0;
	memcpy(what.mac, peer->mac, 6);
	what.router = peer->forwards_ipv6;
	nlbridge_links_free(peer);
	n = exits_of(exits, own);
	for (struct told *t = port->told; t; t = t->next) {
		if (t->rounds_left == 0 || t->due_ms > now)
			continue;
		what.address = t->has_address ? &t->address : NULL;
		(void) nlbridge_announce(watcher->nb, &what, exits->exits, n);
		sent += n;
	}
	return sent;
}

static bool has_due(const struct port *port, int64_t now)
{
	for (const struct told *t = port->told; t; t = t->next) {
		if (t->rounds_left && t->due_ms <= now)
			return true;
	}
	return false;
}

/* Whether or not it could be sent: the next round comes in its time, and the last one ends it. */
static void count_round(struct watcher *watcher, struct port *port, int64_t now)
{
	for (struct told *t = port->told; t; t = t->next) {
		if (t->rounds_left == 0 || t->due_ms > now)
			continue;
		t->rounds_left--;
		t->due_ms = now + watcher->wish.announce_interval_ms;
	}
}

void announce_run(struct watcher *watcher)
{
	struct exits exits = { .ports = NULL };
	int64_t now = watcher_now_ms();
	bool looked = false;
	size_t sent = 0;

	for (struct port *p = watcher->ports; p && sent < AT_ONCE; p = p->next) {
		if (p->until_ms && p->until_ms <= now) {
			announce_forget(p);
			continue;
		}
		if (p->until_ms && watcher->addresses_deaf && p->poll_ms <= now) {
			p->poll_ms = now + POLL_MS;
			tell_all(watcher, p);
		}
		if (!has_due(p, now))
			continue;
		if (!looked && look_at_exits(watcher, &exits) < 0)
			break; /* the next tick looks again */
		looked = true;
		sent += send_due(watcher, p, &exits);
		count_round(watcher, p, now);
	}
	drop_exits(&exits);
	listen_if_needed(watcher);
}

int64_t announce_due_ms(const struct watcher *watcher)
{
	int64_t due = NEVER;

	for (const struct port *p = watcher->ports; p; p = p->next) {
		if (p->until_ms && p->until_ms < due)
			due = p->until_ms;
		if (p->until_ms && watcher->addresses_deaf && p->poll_ms < due)
			due = p->poll_ms;
		for (const struct told *t = p->told; t; t = t->next) {
			if (t->rounds_left && t->due_ms < due)
				due = t->due_ms;
		}
	}
	return due;
}
