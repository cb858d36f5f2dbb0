/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Being a daemon: detached from whoever started us, and known by a record lock. */
#include "watcher.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

/* No descriptor of a manager must live on in us: it would wait for ever on its pipe. */
static void close_inherited(int keep)
{
	long limit = sysconf(_SC_OPEN_MAX);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (limit < 0 || limit > 65536)
		limit = 65536;
	for (int fd = 0; fd < 3 && null >= 0; fd++)
		(void) dup2(null, fd);
	for (int fd = 3; fd < (int) limit; fd++) {
		if (fd != keep)
			(void) close(fd);
	}
}

/* What the daemon tells is what this process leaves with. */
_Noreturn static void wait_ready(int fd)
{
	char text[256];
	ssize_t n;

	do {
		n = read(fd, text, sizeof(text) - 1);
	} while (n < 0 && errno == EINTR);
	if (n == 1 && text[0] == '\0')
		_exit(0);
	if (n > 0)
		(void) dprintf(STDERR_FILENO, "%.*s\n", (int) n, text);
	else
		(void) dprintf(STDERR_FILENO, "it ended before it was ready\n");
	_exit(1);
}

int daemon_detach(void)
{
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid > 0) {
		(void) close(fds[1]);
		wait_ready(fds[0]);
	}
	if (setsid() < 0 || chdir("/") < 0)
		return -errno;
	(void) umask(022);
	close_inherited(fds[1]);
	return fds[1];
}

void daemon_ready(int fd, const char *text)
{
	size_t len = text ? strlen(text) : 1;

	/* Nobody listens any more: no reason to end. SIGPIPE is ignored. */
	if (write(fd, text ? text : "", len) < 0)
		errno = 0;
	(void) close(fd);
}

/* For the agent, which compares it, and for the agents of other bridges. */
static int write_wish(const struct watcher *watcher, int fd)
{
	if (ftruncate(fd, 0) < 0)
		return -errno;
	for (size_t i = 0; i < WISH_WORDS; i++) {
		if (dprintf(fd, "%s\n", watcher->words[i]) < 0)
			return -EIO;
	}
	return 0;
}

static int take_lock(struct watcher *watcher)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	struct stat named, held;
	int r = 0;
	int fd = open(watcher->lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);

	if (fd < 0)
		return -errno;
	if (fcntl(fd, F_SETLK, &lock) < 0)
		r = errno == EACCES || errno == EAGAIN ? -EBUSY : -errno;
	/* The name may have been taken away between open and lock. */
	else if (fstat(fd, &held) < 0 || stat(watcher->lock, &named) < 0 ||
		 held.st_ino != named.st_ino)
		r = -EAGAIN;
	else
		r = write_wish(watcher, fd);
	if (r < 0) {
		(void) close(fd);
		return r;
	}
	watcher->lock_fd = fd;
	return 0;
}

int daemon_lock(struct watcher *watcher)
{
	int r = -EAGAIN;

	if ((mkdir("/run/vzha", 0755) < 0 && errno != EEXIST) ||
	    (mkdir(LOCK_DIR, 0755) < 0 && errno != EEXIST))
		return -errno;
	for (int i = 0; i < 10 && r == -EAGAIN; i++)
		r = take_lock(watcher);
	/* When the file goes away, its lock says nothing to anybody any more. */
	if (r == 0 && inotify_add_watch(watcher->inotify_fd, watcher->lock,
					IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF) < 0)
		r = -errno;
	return r;
}

int daemon_lock_lost(struct watcher *watcher)
{
	char events[4096];
	struct stat named, held;

	while (read(watcher->inotify_fd, events, sizeof(events)) > 0)
		;
	if (stat(watcher->lock, &named) == 0 && fstat(watcher->lock_fd, &held) == 0 &&
	    named.st_ino == held.st_ino)
		return 0;
	(void) close(watcher->lock_fd);
	watcher->lock_fd = -1;
	return daemon_lock(watcher);
}
