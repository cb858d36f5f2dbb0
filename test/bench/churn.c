/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * churn CYCLES CONTAINER-PID - a container's host end veth1.0 comes and goes, CYCLES times, and the
 * time from its IFF_UP to its being attached, and to its forwarding, is measured by the events.
 *
 * To be run where a watcher wants veth1.0. Prints the distribution; fails when one was missed.
 */
#include "nlbridge.h"

#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NAME	"veth1.0"
#define MISS_MS 5000

enum step { COME, UP, ATTACHED, FORWARDING, GONE };

static struct nlbridge_watch *watch;

static double now_ms(void)
{
	struct timespec ts;

	(void) clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double) ts.tv_sec * 1e3 + (double) ts.tv_nsec / 1e6;
}

static bool is_step(const struct nlbridge_event *event, enum step step)
{
	const struct nlbridge_link *link = event->link;

	if (strcmp(link->name, NAME) != 0 || (step != GONE && event->gone))
		return false;
	switch (step) {
	case COME:
		return !event->partial;
	case UP:
		return (link->flags & IFF_UP) != 0;
	case ATTACHED:
		return link->master != 0;
	case FORWARDING:
		return link->port_state == NLBRIDGE_PORT_FORWARDING;
	case GONE:
		return event->gone;
	}
	return false;
}

/* When it was seen; negative: it was not. */
static double wait_for(enum step step)
{
	double until = now_ms() + MISS_MS;
	struct nlbridge_event event;

	for (;;) {
		struct pollfd fd = { .fd = nlbridge_watch_fd(watch), .events = POLLIN };
		int r = nlbridge_watch_next(watch, &event);

		if (r == 0 && is_step(&event, step))
			return now_ms();
		if (now_ms() > until)
			return -1;
		if (r == -EAGAIN)
			(void) poll(&fd, 1, 100);
	}
}

static void tell(FILE *ip, const char *text)
{
	(void) fputs(text, ip);
	(void) fflush(ip);
}

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void print(const char *what, double *ms, size_t n)
{
	if (n == 0)
		return;
	qsort(ms, n, sizeof(*ms), compare);
	printf("%s after IFF_UP: median %.2f ms, 90 %% %.2f, 99 %% %.2f, 99.9 %% %.2f, worst %.2f\n",
	       what, ms[n / 2], ms[n * 90 / 100], ms[n * 99 / 100], ms[n * 999 / 1000], ms[n - 1]);
}

/* Return: whether it got into the bridge. */
static bool cycle(FILE *host, FILE *container, double *ret_attached, double *ret_forwarding)
{
	char text[200];
	double up;

	(void) snprintf(text, sizeof(text),
			"link add e1 type veth peer name " NAME " netns %d\nlink set e1 up\n",
			(int) getpid());
	tell(container, text);
	if (wait_for(COME) < 0)
		return false;
	tell(host, "link set " NAME " up\n");
	up = wait_for(UP);
	*ret_attached = wait_for(ATTACHED) - up;
	*ret_forwarding = *ret_attached < 0 ? -1 : wait_for(FORWARDING) - up;
	tell(host, "link del " NAME "\n");
	(void) wait_for(GONE);
	return up >= 0 && *ret_attached >= 0 && *ret_forwarding >= 0;
}

int main(int argc, char *argv[])
{
	size_t cycles = argc == 3 ? strtoul(argv[1], NULL, 10) : 0, n = 0, missed = 0;
	double *attached = calloc(cycles + 1, sizeof(*attached));
	double *forwarding = calloc(cycles + 1, sizeof(*forwarding));
	char command[100];
	FILE *host, *container;

	if (cycles == 0 || !attached || !forwarding || nlbridge_watch_open(&watch) < 0)
		return 2;
	(void) signal(SIGPIPE, SIG_IGN);
	(void) snprintf(command, sizeof(command), "exec nsenter -t %d -n -- ip -force -batch -",
			atoi(argv[2]));
	host = popen("exec ip -force -batch -", "w");
	container = popen(command, "w");
	if (!host || !container)
		return 2;
	for (size_t i = 0; i < cycles; i++) {
		if (cycle(host, container, &attached[n], &forwarding[n]))
			n++;
		else
			missed++;
	}
	(void) pclose(host);
	(void) pclose(container);
	printf("%zu re-creations, %zu missed\n", cycles, missed);
	print("attached", attached, n);
	print("forwarding", forwarding, n);
	return missed ? 1 : 0;
}
