/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SKIP 77

static void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t) strlen(text));
	(void) close(fd);
}

/* Without root a user namespace makes us root over the network namespace that comes with it. */
static int become_root(void)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	char map[64];

	if (uid == 0)
		return 0;
	if (unshare(CLONE_NEWUSER) < 0)
		return -1;
	write_text("/proc/self/setgroups", "deny");
	(void) snprintf(map, sizeof(map), "0 %u 1", (unsigned int) uid);
	write_text("/proc/self/uid_map", map);
	(void) snprintf(map, sizeof(map), "0 %u 1", (unsigned int) gid);
	write_text("/proc/self/gid_map", map);
	return 0;
}

int netns_setup(void **state)
{
	struct nlbridge *nb;

	if (become_root() < 0 || unshare(CLONE_NEWNET) < 0) {
		(void) fprintf(stderr, "no network namespace: %s\n", strerror(errno));
		exit(SKIP);
	}
	if (nlbridge_open(0, &nb) < 0)
		return -1;
	*state = nb;
	return 0;
}

int netns_teardown(void **state)
{
	nlbridge_close(*state);
	return 0;
}

void ip(const char *fmt, ...)
{
	char words[512], *argv[64], *rest;
	size_t n = 0;
	va_list ap;
	pid_t pid;
	int status;

	va_start(ap, fmt);
	(void) vsnprintf(words, sizeof(words), fmt, ap);
	va_end(ap);
	argv[n++] = (char[]){ "ip" };
	for (char *w = strtok_r(words, " ", &rest); w && n < 63; w = strtok_r(NULL, " ", &rest))
		argv[n++] = w;
	argv[n] = NULL;
	assert_int_equal(posix_spawnp(&pid, "ip", NULL, NULL, argv, environ), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int index_of(struct nlbridge *nb, const char *name)
{
	const struct nlbridge_link *link;
	int index;

	if (nlbridge_link_get(nb, name, &link) < 0)
		return 0;
	index = strcmp(link->name, name) == 0 ? link->ifindex : 0;
	nlbridge_links_free(link);
	return index;
}

int master_of(struct nlbridge *nb, const char *name)
{
	const struct nlbridge_link *link;
	int master;

	if (nlbridge_link_get(nb, name, &link) < 0)
		return -1;
	master = link->master;
	nlbridge_links_free(link);
	return master;
}

bool has_mark(struct nlbridge *nb, const char *name, const char *prefix)
{
	const struct nlbridge_link *link;
	bool has;

	assert_int_equal(nlbridge_link_get(nb, name, &link), 0);
	has = nlbridge_link_mark(link, prefix, NULL);
	nlbridge_links_free(link);
	return has;
}

size_t n_links(struct nlbridge *nb)
{
	const struct nlbridge_link *links;
	size_t n = 0;

	assert_int_equal(nlbridge_links(nb, 0, &links), 0);
	for (const struct nlbridge_link *l = links; l; l = l->next)
		n += strcmp(l->name, "lo") != 0;
	nlbridge_links_free(links);
	return n;
}
