/* SPDX-License-Identifier: GPL-2.0-or-later */
/* status for people: the bridge, its ports, whose they are and since when, what happened last. */
#include "veth-bridge.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_MS  1000
#define ANSWER_MAX (128 << 10)

/* The watcher's answer; empty: none. Another user's program may have taken the name: ask root's. */
static void ask_watcher(const struct ocf_ctx *ctx, char *buf, size_t size)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	socklen_t name_size = status_name(conf_of(ctx)->bridge, &name);
	auto_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct ucred who;
	socklen_t who_size = sizeof(who);
	size_t used = 0;
	ssize_t n = 1;

	buf[0] = '\0';
	if (fd < 0 || connect(fd, (const struct sockaddr *) &name, name_size) < 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &who_size) < 0 || who.uid != 0)
		return;
	while (n > 0 && used + 1 < size) {
		struct pollfd wait = { .fd = fd, .events = POLLIN };

		if (poll(&wait, 1, ANSWER_MS) <= 0)
			break;
		n = read(fd, buf + used, size - 1 - used);
		used += n > 0 ? (size_t) n : 0;
	}
	buf[used] = '\0';
}

static void print_time(FILE *out, const char *before, long long when)
{
	time_t seconds = (time_t) when;
	struct tm tm;
	char text[64];

	if (localtime_r(&seconds, &tm) && strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm))
		(void) fprintf(out, "%s%s", before, text);
}

static void print_since(FILE *out, const char *answer, int ifindex)
{
	for (const char *p = answer; *p; p += strcspn(p, "\n"), p += *p == '\n') {
		long long when;
		int port;

		if (sscanf(p, "port %lld %d\n", &when, &port) == 2 && port == ifindex)
			print_time(out, ", since ", when);
	}
}

static void print_events(FILE *out, const char *answer)
{
	for (const char *p = answer; *p; p += strcspn(p, "\n"), p += *p == '\n') {
		long long when;
		int text = 0;

		if (sscanf(p, "event %lld %n", &when, &text) < 1 || text == 0)
			continue;
		print_time(out, "event: ", when);
		(void) fprintf(out, " %.*s\n", (int) strcspn(p + text, "\n"), p + text);
	}
}

/* ---- which container ------------------------------------------------------------------------- */

/* "lxc.payload.ct101" somewhere in its cgroups; a second start may be "lxc.payload.ct101-1". */
static bool lxc_name(const char *pid, char *buf, size_t size)
{
	static const char before[] = "lxc.payload.";
	char path[300], text[8192];
	const char *found;

	(void) snprintf(path, sizeof(path), "/proc/%s/cgroup", pid);
	if (ocf_read_file(path, text, sizeof(text)) <= 0)
		return false;
	found = strstr(text, before);
	if (!found)
		return false;
	found += strlen(before);
	(void) snprintf(buf, size, "container %.*s", (int) strcspn(found, "/\n"), found);
	return true;
}

/* OpenVZ's kernels tell a process's container in its status. */
static bool openvz_name(const char *pid, char *buf, size_t size)
{
	char path[300], text[8192];
	const char *found;
	unsigned int ctid;

	(void) snprintf(path, sizeof(path), "/proc/%s/status", pid);
	if (ocf_read_file(path, text, sizeof(text)) <= 0 || !(found = strstr(text, "\nenvID:")) ||
	    sscanf(found, "\nenvID: %u", &ctid) != 1 || ctid == 0)
		return false;
	(void) snprintf(buf, size, "container %u", ctid);
	return true;
}

static void process_name(const char *pid, char *buf, size_t size)
{
	char path[300], text[64] = "";

	if (lxc_name(pid, buf, size) || openvz_name(pid, buf, size))
		return;
	(void) snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	(void) ocf_read_file(path, text, sizeof(text));
	text[strcspn(text, "\n")] = '\0';
	(void) snprintf(buf, size, "process %s (%s)", pid, text);
}

static bool lives_in(struct nlbridge *nb, const char *pid, int nsid)
{
	char path[300];
	auto_close int fd = -1;
	int seen;

	(void) snprintf(path, sizeof(path), "/proc/%s/ns/net", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && nlbridge_netns_number(nb, fd, &seen) == 0 && seen == nsid;
}

static void print_container(FILE *out, struct nlbridge *nb, const struct nlbridge_link *port)
{
	DIR *proc = port->peer_nsid >= 0 ? opendir("/proc") : NULL;
	struct dirent *entry;
	char name[300];

	while (proc && (entry = readdir(proc))) {
		if (!isdigit((unsigned char) entry->d_name[0]) ||
		    !lives_in(nb, entry->d_name, port->peer_nsid))
			continue;
		process_name(entry->d_name, name, sizeof(name));
		(void) fprintf(out, ", %s", name);
		break;
	}
	if (proc)
		(void) closedir(proc);
}

void describe_bridge(struct ocf_ctx *ctx, FILE *out)
{
	auto_links const struct nlbridge_link *bridge = NULL, *ports = NULL;
	auto_handle struct nlbridge *nb = NULL;
	auto_free char *answer = malloc(ANSWER_MAX);

	if (!answer || open_handle(ctx, &nb) < 0 || find_bridge(ctx, nb, &bridge) < 0 ||
	    !is_bridge(bridge))
		return;
	(void) fprintf(out, "bridge: %s, watcher: %s\n",
		       is_own(ctx, bridge) ? "made by vzha" : "made by others",
		       watcher_running(ctx) ? "running" : "not running");
	ask_watcher(ctx, answer, ANSWER_MAX);
	if (nlbridge_links(nb, bridge->ifindex, &ports) < 0)
		return;
	for (const struct nlbridge_link *l = ports; l; l = l->next) {
		(void) fprintf(out, "port: %s", l->name);
		print_container(out, nb, l);
		print_since(out, answer, l->ifindex);
		(void) fprintf(out, "%s%s\n",
			       l->port_state == NLBRIDGE_PORT_FORWARDING ? "" : ", not forwarding",
			       nlbridge_link_mark(l, MARK_PORT, NULL) ? ""
								      : ", attached by others");
	}
	print_events(out, answer);
}
