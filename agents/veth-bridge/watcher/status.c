/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the watcher tells people: who connects to its socket gets the state as text, then the end.
 *
 * The socket's name is abstract: it lives in the network namespace whose links are watched, dies
 * with the process, and needs no file that somebody could wipe. It is answered for root only. The
 * agents ask it with connect() and read() alone, because they are executed every few seconds and
 * are not linked with an IPC library. Whether a watcher lives is not asked here (see ../lock.c).
 */
#include "watcher.h"

#include <errno.h>
#include <poll.h>
#include <qb/qblog.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define ANSWER_MAX (128 << 10)

void watcher_note(struct watcher *watcher, int priority, const char *fmt, ...)
{
	struct note *note = &watcher->notes[watcher->n_notes++ % NOTES_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void) vsnprintf(note->text, sizeof(note->text), fmt, ap);
	va_end(ap);
	note->when = time(NULL);
	qb_log((uint8_t) priority, "%s", note->text);
}

static void write_answer(const struct watcher *watcher, FILE *out)
{
	size_t first = watcher->n_notes > NOTES_MAX ? watcher->n_notes - NOTES_MAX : 0;

	(void) fprintf(out, "watching %lld %s\n", (long long) watcher->since, watcher->wish.ports);
	for (const struct port *p = watcher->ports; p; p = p->next)
		(void) fprintf(out, "port %lld %d\n", (long long) p->since, p->ifindex);
	for (size_t i = first; i < watcher->n_notes; i++) {
		const struct note *note = &watcher->notes[i % NOTES_MAX];

		(void) fprintf(out, "event %lld %s\n", (long long) note->when, note->text);
	}
}

/* Never waits: who does not read fast enough gets what fits into the socket. */
static void answer(const struct watcher *watcher, int fd)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	const int room = ANSWER_MAX;

	(void) setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room));
	if (out) {
		write_answer(watcher, out);
		if (fclose(out) == 0 && send(fd, text, size, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
			qb_log(LOG_DEBUG, "status not sent: %s", strerror(errno));
	}
	free(text);
}

static int32_t on_client(int32_t listener, int32_t revents, void *data)
{
	struct ucred who;
	socklen_t size = sizeof(who);
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void) revents;
	if (fd < 0)
		return 0;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0 && who.uid == 0)
		answer(data, fd);
	(void) close(fd);
	return 0;
}

void status_serve(struct watcher *watcher)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	socklen_t size = status_name(watcher->bridge, &name);
	int r = 0;

	watcher->status_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (watcher->status_fd < 0 ||
	    bind(watcher->status_fd, (const struct sockaddr *) &name, size) < 0 ||
	    listen(watcher->status_fd, 8) < 0)
		r = -errno;
	else
		r = qb_loop_poll_add(watcher->loop, QB_LOOP_LOW, watcher->status_fd, POLLIN,
				     watcher, on_client);
	/* No reason to leave the ports alone. */
	if (r < 0)
		qb_log(LOG_WARNING, "cannot serve status: %s", strerror(-r));
}
