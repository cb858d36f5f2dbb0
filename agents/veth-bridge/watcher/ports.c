/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the watcher does with links: attach at once, look again soon, or report and leave. */
#include "watcher.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <qb/qbdefs.h>
#include <qb/qblog.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SET_UP_AFTER_MS 500   /* a host end that nobody sets up is set up by us */
#define GIVE_UP_MS	10000 /* then only an event makes us look again */

int64_t watcher_now_ms(void)
{
	struct timespec ts;

	(void) clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void forget(struct watcher *watcher, int ifindex)
{
	for (struct pending **p = &watcher->pending; *p; p = &(*p)->next) {
		struct pending *found = *p;

		if (found->ifindex != ifindex)
			continue;
		*p = found->next;
		free(found);
		return;
	}
}

void watcher_forget_all(struct watcher *watcher)
{
	while (watcher->pending)
		forget(watcher, watcher->pending->ifindex);
	track_forget_all(watcher);
}

static struct pending *find_pending(struct watcher *watcher, int ifindex)
{
	struct pending *p = watcher->pending;

	while (p && p->ifindex != ifindex)
		p = p->next;
	return p;
}

/* NULL without memory: then the next event or look round finds the link again. */
static struct pending *remember(struct watcher *watcher, int ifindex)
{
	struct pending *p = find_pending(watcher, ifindex);

	if (p)
		return p;
	p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	p->ifindex = ifindex;
	p->since_ms = watcher_now_ms();
	p->next = watcher->pending;
	watcher->pending = p;
	return p;
}

bool watcher_waits(const struct watcher *watcher)
{
	if (watcher->unsure)
		return true;
	for (const struct pending *p = watcher->pending; p; p = p->next) {
		if (!p->quiet)
			return true;
	}
	return false;
}

static void report(struct watcher *watcher, const struct nlbridge_link *link, const char *what)
{
	struct pending *p = find_pending(watcher, link->ifindex);

	if (p && p->quiet)
		return;
	watcher_note(watcher, LOG_WARNING, "%s %s; left alone", link->name, what);
	p = remember(watcher, link->ifindex);
	if (p)
		p->quiet = true;
}

static void attach(struct watcher *watcher, const struct nlbridge_link *link)
{
	int r = port_take(watcher->nb, watcher->bridge, link);
	struct pending *p;

	if (r == 0) {
		watcher_note(watcher, LOG_INFO, "%s attached", link->name);
		forget(watcher, link->ifindex);
		track_again(watcher, link->ifindex);
		return;
	}
	/* EBUSY: its creator was quicker. ENODEV: it, or the bridge, is going away. Look again. */
	if (r == -EBUSY || r == -ENODEV || r == -ETIMEDOUT) {
		p = remember(watcher, link->ifindex);
		if (p)
			p->quiet = false;
		return;
	}
	report(watcher, link, strerror(-r));
}

static void wait_for(struct watcher *watcher, const struct nlbridge_link *link, bool down)
{
	struct pending *p = remember(watcher, link->ifindex);
	int64_t age;
	int r;

	if (!p)
		return;
	age = watcher_now_ms() - p->since_ms;
	if (down && age >= SET_UP_AFTER_MS) {
		watcher_note(watcher, LOG_INFO, "%s was not set up by its creator: setting it up",
			     link->name);
		attach(watcher, link);
		r = nlbridge_link_up(watcher->nb, link->ifindex, true);
		if (r < 0)
			qb_log(LOG_WARNING, "cannot set %s up: %s", link->name, strerror(-r));
	} else if (age >= GIVE_UP_MS) {
		p->quiet = true;
	}
}

static void consider(struct watcher *watcher, const struct nlbridge_link *link)
{
	/* An event may be older than what we did since: ask what is so now. */
	if (link->master != watcher->bridge_index && track_knows(watcher, link->ifindex)) {
		track_again(watcher, link->ifindex);
		if (track_knows(watcher, link->ifindex))
			return;
	}
	switch (port_judge(link, watcher->bridge_index, watcher->bridge, watcher->wish.ports,
			   VZ_LIST)) {
	case PORT_ATTACHED:
		forget(watcher, link->ifindex);
		track_port(watcher, link);
		return;
	case PORT_NOT_MEANT:
		forget(watcher, link->ifindex);
		break;
	case PORT_TAKEN:
		report(watcher, link, "is in another bridge");
		break;
	case PORT_UNFINISHED:
		wait_for(watcher, link, false);
		break;
	case PORT_DOWN:
		wait_for(watcher, link, true);
		break;
	case PORT_FREE:
		attach(watcher, link);
		break;
	}
}

static bool is_our_bridge(const struct watcher *watcher, const struct nlbridge_link *link)
{
	static const char *const kinds[] = { MARK_OWN, MARK_USE };

	if (strcmp(link->name, watcher->bridge) != 0 || strcmp(link->kind, "bridge") != 0)
		return false;
	for (size_t i = 0; i < 2; i++) {
		char wanted[NLBRIDGE_MARK_MAX], mark[NLBRIDGE_MARK_MAX];

		(void) snprintf(wanted, sizeof(wanted), "%s%s", kinds[i], watcher->bridge);
		if (nlbridge_link_mark(link, wanted, mark) && strcmp(mark, wanted) == 0)
			return true;
	}
	return false;
}

static int find_bridge(struct watcher *watcher)
{
	const struct nlbridge_link *link;
	int r = nlbridge_link_get(watcher->nb, watcher->bridge, &link);

	if (r < 0)
		return r;
	r = is_our_bridge(watcher, link) ? 0 : -ENODEV;
	if (r == 0)
		watcher->bridge_index = link->ifindex;
	nlbridge_links_free(link);
	return r;
}

int watcher_sync(struct watcher *watcher)
{
	const struct nlbridge_link *links;
	int r = find_bridge(watcher);

	if (r == 0)
		r = nlbridge_links(watcher->nb, 0, &links);
	watcher->unsure = r < 0;
	if (r < 0)
		return r;
	track_keep(watcher, links);
	for (const struct nlbridge_link *l = links; l; l = l->next)
		consider(watcher, l);
	nlbridge_links_free(links);
	return 0;
}

bool watcher_event(struct watcher *watcher, const struct nlbridge_event *event)
{
	const struct nlbridge_link *link = event->link;

	if (event->partial) {
		track_state(watcher, link);
		return true;
	}
	if (link->ifindex == watcher->bridge_index) {
		/* Somebody may have deleted it, and the next start made a new one already. */
		return (!event->gone && is_our_bridge(watcher, link)) ||
		       watcher_sync(watcher) != -ENODEV;
	}
	if (event->gone) {
		forget(watcher, link->ifindex);
		track_forget(watcher, link->ifindex);
	} else {
		consider(watcher, link);
	}
	return true;
}

bool watcher_tick(struct watcher *watcher)
{
	struct pending *next;
	int r = watcher->unsure ? watcher_sync(watcher) : find_bridge(watcher);

	for (struct pending *p = watcher->pending; p && r == 0; p = next) {
		const struct nlbridge_link *link;
		int got;

		next = p->next;
		if (p->quiet)
			continue;
		got = nlbridge_link_get_index(watcher->nb, p->ifindex, &link);
		if (got == -ENODEV)
			forget(watcher, p->ifindex);
		if (got < 0)
			continue;
		consider(watcher, link);
		nlbridge_links_free(link);
	}
	return r != -ENODEV;
}
