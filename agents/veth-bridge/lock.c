/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A watcher's identity. The kernel drops a record lock with its process, and tells who holds it:
 * a pid file can name a process that has since become another one, this cannot.
 */
#include "shared.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

void lock_path(const char *sysroot, const char *bridge, char *buf, size_t size)
{
	(void) snprintf(buf, size, "%s" LOCK_DIR "/%s.lock", sysroot, bridge);
}

socklen_t status_name(const char *bridge, struct sockaddr_un *ret_name)
{
	/* A first byte of 0 makes it abstract. */
	int len = snprintf(ret_name->sun_path + 1, sizeof(ret_name->sun_path) - 1,
			   "vzha/veth-bridged/%s", bridge);

	return (socklen_t) (offsetof(struct sockaddr_un, sun_path) + 1 + (size_t) len);
}

pid_t lock_holder(const char *path)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	pid_t pid;

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	if (fcntl(fd, F_GETLK, &lock) < 0)
		pid = -errno;
	else
		pid = lock.l_type == F_UNLCK ? 0 : lock.l_pid;
	(void) close(fd);
	return pid;
}
