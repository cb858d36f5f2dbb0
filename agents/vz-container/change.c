/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waiting for what start promises: woken by the kernel, not by a clock. */
#include "change.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ocf.h"
#include "rtnl.h"

#define TICK_MS	  20 /* where the kernel has no event for it */
#define GATHER_MS 3  /* events come in bursts, a port's states above all */

void change_begin(struct change *ret)
{
	*ret = (struct change){ .links = rtnl_watch_links(), .init_fd = -1 };
}

static void follow(struct change *change, pid_t init)
{
	if (init == change->init)
		return;
	ocf_close_p(&change->init_fd);
	change->init = init;
	if (init > 0)
		change->init_fd = (int) syscall(SYS_pidfd_open, init, 0);
}

/* What they say does not matter, nor that some were lost: it is looked at anew. */
static void drain(int fd)
{
	char buf[8192];

	while (recv(fd, buf, sizeof(buf), MSG_DONTWAIT) >= 0)
		;
}

bool change_wait(struct change *change, pid_t init, int64_t until_ms, int64_t most_ms)
{
	const int64_t left = until_ms - ocf_now_ms();
	struct pollfd fds[2];

	follow(change, init);
	fds[0] = (struct pollfd){ .fd = change->links, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = change->init_fd, .events = POLLIN };
	if ((change->links < 0 || change->init_fd < 0) && most_ms > TICK_MS)
		most_ms = TICK_MS;
	if (most_ms > left)
		most_ms = left;
	if (left <= 0)
		return false;
	if (poll(fds, 2, (int) most_ms) > 0 && fds[0].revents) {
		(void) poll(&fds[1], 1, GATHER_MS);
		drain(change->links);
	}
	return ocf_now_ms() < until_ms;
}

void change_end(struct change *change)
{
	ocf_close_p(&change->links);
	ocf_close_p(&change->init_fd);
}
