/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the parts of the watcher. */
#ifndef VZHA_VETH_BRIDGE_WATCHER_H
#define VZHA_VETH_BRIDGE_WATCHER_H

#include "nlbridge.h"
#include "../shared.h"

#include <qb/qbloop.h>
#include <stdint.h>
#include <time.h>

/* A link that is meant, but not ready yet; or that was reported and is not asked about again. */
struct pending {
	struct pending *next;
	int ifindex;
	int64_t since_ms;
	bool quiet; /* only an event makes us look again */
};

/* What is told about a container, so many times more; it stays listed, so as not to be news. */
struct told {
	struct told *next;
	bool has_address; /* else its hardware address */
	struct nlbridge_address address;
	int rounds_left;
	int64_t due_ms;
};

/* A host end in our bridge. */
struct port {
	struct port *next;
	int ifindex;
	char name[NLBRIDGE_NAME_MAX];
	time_t since;
	bool settled; /* it was given its settings and VLANs */
	bool forwards;
	int nsid, peer;	  /* the container's end */
	int64_t until_ms; /* its addresses are announced as they appear; 0: no more */
	int64_t poll_ms;
	struct told *told;
};

#define NOTES_MAX 32

/* Something that happened, for people. */
struct note {
	time_t when;
	char text[200];
};

struct watcher {
	const char *bridge;
	char *const *words; /* what the agent called us with */
	struct port_wish wish;
	int bridge_index;
	struct nlbridge *nb;
	struct nlbridge_watch *watch;
	struct pending *pending;
	struct port *ports;
	struct nlbridge_address_watch *addresses; /* only while a port's are announced */
	bool addresses_deaf;			  /* the kernel does not tell of them */
	struct note notes[NOTES_MAX];
	size_t n_notes; /* ever; the last are kept */
	time_t since;
	int status_fd;
	qb_loop_t *loop;
	qb_loop_timer_handle timer;
	bool timer_runs;
	qb_loop_timer_handle announce_timer;
	bool announce_timer_runs;
	bool unsure; /* events were lost, and the list of links could not be read since */
	char lock[300];
	int lock_fd;
	int inotify_fd;
};

/* ports.c */

/** watcher_event() - One link event. Return: false when the bridge is ours no more. */
bool watcher_event(struct watcher *watcher, const struct nlbridge_event *event);

/**
 * watcher_sync() - Look at all links; what fails is tried again at the next tick.
 *
 * Return: 0; -ENODEV the bridge is ours no more; -errno.
 */
int watcher_sync(struct watcher *watcher);

/** watcher_tick() - Look at the pending ones. Return: false when the bridge is ours no more. */
bool watcher_tick(struct watcher *watcher);

/** watcher_waits() - Whether anything has to be looked at without an event. */
bool watcher_waits(const struct watcher *watcher);

void watcher_forget_all(struct watcher *watcher);

int64_t watcher_now_ms(void);

/* main.c */

/** watcher_schedule() - Wake up when something is due. */
void watcher_schedule(struct watcher *watcher);

/* track.c */

/** track_port() - A port of ours is in the bridge, and is as @link says. */
void track_port(struct watcher *watcher, const struct nlbridge_link *link);

/** track_forget() - A link is no port any more; fine when it was none. */
void track_forget(struct watcher *watcher, int ifindex);
void track_forget_all(struct watcher *watcher);

/** track_keep() - Forget ports that are not among @links, after events were lost. */
void track_keep(struct watcher *watcher, const struct nlbridge_link *links);

/** track_knows() - Whether it is in the bridge as far as we know. */
bool track_knows(const struct watcher *watcher, int ifindex);

/** track_again() - Look at a link: is it a port, and what is it like. */
void track_again(struct watcher *watcher, int ifindex);

/** track_state() - The bridge says what a port of it does now. */
void track_state(struct watcher *watcher, const struct nlbridge_link *link);

/* announce.c */

/** announce_port() - Begin when the port begins to forward, end when it ends. */
void announce_port(struct watcher *watcher, struct port *port, const struct nlbridge_link *link);

/** announce_forget() - End announcing a port. */
void announce_forget(struct port *port);

/** announce_again() - A way out has opened: begin anew with what is not older than a minute. */
void announce_again(struct watcher *watcher);

/** announce_addresses() - There are events about addresses. */
void announce_addresses(struct watcher *watcher);

/** announce_run() - Send what is due; not all at once, if that would take long. */
void announce_run(struct watcher *watcher);

/** announce_due_ms() - When announce_run() has something to do; INT64_MAX: never. */
int64_t announce_due_ms(const struct watcher *watcher);

/* netns.c */

/** netns_addresses() - nlbridge_addresses() by way of a process that lives in the namespace. */
int netns_addresses(struct nlbridge *nb, int nsid, int ifindex,
		    const struct nlbridge_address **ret_addresses);

/* status.c */

/** watcher_note() - Log it, and keep it for status. */
void watcher_note(struct watcher *watcher, int priority, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/** status_serve() - Answer who asks (../describe.c). */
void status_serve(struct watcher *watcher);

/* daemon.c */

/** daemon_detach() - Go to the background; the parent leaves when daemon_ready() is called. */
int daemon_detach(void);

/** daemon_ready() - Tell the parent: @text NULL is success, else why not. */
void daemon_ready(int fd, const char *text);

/** daemon_lock() - Take the lock of this bridge's watcher. 0; -EBUSY; -errno. */
int daemon_lock(struct watcher *watcher);

/** daemon_lock_lost() - The file went away below us: make and lock it again. 0 or -errno. */
int daemon_lock_lost(struct watcher *watcher);

#endif
