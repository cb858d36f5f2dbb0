/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * veth-bridged BRIDGE PORTS vlans=... isolated=... hairpin=... announce=N announce_interval_ms=N
 * - the watcher of one bridge.
 *
 * Started by the veth-bridge agent, outlives it and the cluster manager. The call returns 0 when
 * the watcher has subscribed to link events and looked at all links once. It leaves on SIGTERM,
 * and by itself when the bridge is gone or bears our mark no more.
 */
#include "watcher.h"

#include <errno.h>
#include <poll.h>
#include <qb/qbdefs.h>
#include <qb/qblog.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#define TICK_NS (50 * QB_TIME_NS_IN_MSEC)

static void on_tick(void *data);

static void leave(struct watcher *watcher, const char *why)
{
	qb_log(LOG_INFO, "%s: leaving", why);
	qb_loop_stop(watcher->loop);
}

static void on_announce(void *data)
{
	struct watcher *watcher = data;

	watcher->announce_timer_runs = false;
	announce_run(watcher);
	watcher_schedule(watcher);
}

static void schedule_announcements(struct watcher *watcher)
{
	int64_t due = announce_due_ms(watcher), left = due - watcher_now_ms();

	if (watcher->announce_timer_runs)
		(void) qb_loop_timer_del(watcher->loop, watcher->announce_timer);
	watcher->announce_timer_runs =
		due != INT64_MAX &&
		qb_loop_timer_add(watcher->loop, QB_LOOP_MED,
				  (uint64_t) (left > 0 ? left : 0) * QB_TIME_NS_IN_MSEC, watcher,
				  on_announce, &watcher->announce_timer) == 0;
}

void watcher_schedule(struct watcher *watcher)
{
	schedule_announcements(watcher);
	if (watcher->timer_runs || !watcher_waits(watcher))
		return;
	watcher->timer_runs = qb_loop_timer_add(watcher->loop, QB_LOOP_HIGH, TICK_NS, watcher,
						on_tick, &watcher->timer) == 0;
}

static void on_tick(void *data)
{
	struct watcher *watcher = data;

	watcher->timer_runs = false;
	if (!watcher_tick(watcher))
		leave(watcher, "the bridge is gone, or not ours any more");
	watcher_schedule(watcher);
}

static int32_t on_links(int32_t fd, int32_t revents, void *data)
{
	struct watcher *watcher = data;
	struct nlbridge_event event;
	bool ours = true;
	int r;

	(void) fd;
	(void) revents;
	while (ours && (r = nlbridge_watch_next(watcher->watch, &event)) != -EAGAIN) {
		if (r == 0) {
			ours = watcher_event(watcher, &event);
			continue;
		}
		watcher_note(watcher, LOG_WARNING,
			     "link events were lost (%s): looking at all links", strerror(-r));
		r = watcher_sync(watcher);
		ours = r != -ENODEV;
		if (r < 0 && ours)
			qb_log(LOG_ERR, "cannot list the links: %s", strerror(-r));
	}
	if (!ours)
		leave(watcher, "the bridge is gone, or not ours any more");
	watcher_schedule(watcher);
	return 0;
}

static int32_t on_lock_file(int32_t fd, int32_t revents, void *data)
{
	struct watcher *watcher = data;
	int r = daemon_lock_lost(watcher);

	(void) fd;
	(void) revents;
	if (r < 0) {
		qb_log(LOG_ERR, "lost the lock %s: %s", watcher->lock, strerror(-r));
		leave(watcher, "nobody would know of this watcher");
	}
	return 0;
}

static int32_t on_signal(int32_t signo, void *data)
{
	(void) signo;
	leave(data, "told to end");
	return 0;
}

static int subscribe(struct watcher *watcher)
{
	qb_loop_signal_handle handle;
	int r = nlbridge_open(0, &watcher->nb);

	if (r == 0)
		r = nlbridge_watch_open(&watcher->watch);
	if (r == 0)
		r = qb_loop_poll_add(watcher->loop, QB_LOOP_HIGH, nlbridge_watch_fd(watcher->watch),
				     POLLIN, watcher, on_links);
	if (r == 0)
		r = qb_loop_poll_add(watcher->loop, QB_LOOP_LOW, watcher->inotify_fd, POLLIN,
				     watcher, on_lock_file);
	if (r == 0)
		r = qb_loop_signal_add(watcher->loop, QB_LOOP_HIGH, SIGTERM, watcher, on_signal,
				       &handle);
	return r;
}

/* NULL, or what went wrong. */
static const char *prepare(struct watcher *watcher, char *buf, size_t size)
{
	const char *what = "cannot watch the lock file";
	int r;

	watcher->inotify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	r = watcher->inotify_fd < 0 ? -errno : 0;
	if (r == 0) {
		what = "cannot take the lock";
		r = daemon_lock(watcher);
	}
	if (r == 0) {
		what = "cannot subscribe to link events";
		watcher->loop = qb_loop_create();
		r = watcher->loop ? subscribe(watcher) : -ENOMEM;
	}
	if (r == 0) {
		what = "cannot look at the links";
		r = watcher_sync(watcher);
	}
	if (r == 0)
		return NULL;
	(void) snprintf(buf, size, "%s: %s", what, strerror(-r));
	return buf;
}

static void finish(struct watcher *watcher)
{
	watcher_forget_all(watcher);
	nlbridge_address_watch_close(watcher->addresses);
	nlbridge_watch_close(watcher->watch);
	nlbridge_close(watcher->nb);
	if (watcher->loop)
		qb_loop_destroy(watcher->loop);
	qb_log_fini();
}

int main(int argc, char *argv[])
{
	struct watcher watcher = { .lock_fd = -1 };
	char name[64], why[256];
	const char *trouble;
	int ready;

	if (argc != 2 + WISH_WORDS || strlen(argv[1]) >= NLBRIDGE_NAME_MAX ||
	    strchr(argv[1], '/') || !wish_parse(argv + 2, &watcher.wish)) {
		(void) fprintf(stderr, "veth-bridged is started by the veth-bridge agent\n");
		return 2;
	}
	watcher.bridge = argv[1];
	watcher.words = argv + 2;
	watcher.since = time(NULL);
	ready = daemon_detach();
	if (ready < 0) {
		(void) fprintf(stderr, "cannot go to the background: %s\n", strerror(-ready));
		return 1;
	}
	(void) signal(SIGPIPE, SIG_IGN);
	(void) signal(SIGHUP, SIG_IGN);
	(void) snprintf(name, sizeof(name), "veth-bridged(%s)", watcher.bridge);
	qb_log_init(name, LOG_DAEMON, LOG_INFO);
	lock_path("", watcher.bridge, watcher.lock, sizeof(watcher.lock));

	trouble = prepare(&watcher, why, sizeof(why));
	daemon_ready(ready, trouble);
	if (!trouble) {
		status_serve(&watcher);
		watcher_note(&watcher, LOG_INFO, "watching for %s", watcher.wish.ports);
		watcher_schedule(&watcher);
		qb_loop_run(watcher.loop);
	}
	finish(&watcher);
	return trouble ? 1 : 0;
}
