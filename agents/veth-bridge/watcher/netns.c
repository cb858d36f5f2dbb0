/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A container's addresses on kernels that do not list them by the number of its namespace (before
 * Linux 4.20). Some process lives in that namespace: its descriptor is opened first, and then the
 * kernel is asked for the namespace's number, so that no process number can be mistaken.
 */
#include "watcher.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static int open_if_it(struct nlbridge *nb, const char *pid, int nsid)
{
	char path[300];
	int fd, seen;

	(void) snprintf(path, sizeof(path), "/proc/%s/ns/net", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && (nlbridge_netns_number(nb, fd, &seen) < 0 || seen != nsid)) {
		(void) close(fd);
		return -1;
	}
	return fd;
}

static int open_netns(struct nlbridge *nb, int nsid)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	int fd = -1;

	while (proc && fd < 0 && (entry = readdir(proc))) {
		if (isdigit((unsigned char) entry->d_name[0]))
			fd = open_if_it(nb, entry->d_name, nsid);
	}
	if (proc)
		(void) closedir(proc);
	return fd < 0 ? -ENODEV : fd;
}

int netns_addresses(struct nlbridge *nb, int nsid, int ifindex,
		    const struct nlbridge_address **ret_addresses)
{
	struct nlbridge *inside;
	int fd = open_netns(nb, nsid), r;

	if (fd < 0)
		return fd;
	r = nlbridge_open_netns(fd, 0, &inside);
	(void) close(fd);
	if (r < 0)
		return r;
	r = nlbridge_addresses(inside, NLBRIDGE_NSID_OWN, ifindex, ret_addresses);
	nlbridge_close(inside);
	return r;
}
