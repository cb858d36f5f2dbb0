/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the parts of the watcher. */
#ifndef VZHA_VETH_BRIDGE_WATCHER_H
#define VZHA_VETH_BRIDGE_WATCHER_H

#include "nlbridge.h"
#include "../shared.h"

#include <qb/qbloop.h>
#include <stdint.h>

/* A link that is meant, but not ready yet; or that was reported and is not asked about again. */
struct pending {
	struct pending *next;
	int ifindex;
	int64_t since_ms;
	bool quiet; /* only an event makes us look again */
};

struct watcher {
	const char *bridge;
	const char *patterns;
	int bridge_index;
	struct nlbridge *nb;
	struct nlbridge_watch *watch;
	struct pending *pending;
	qb_loop_t *loop;
	qb_loop_timer_handle timer;
	bool timer_runs;
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
