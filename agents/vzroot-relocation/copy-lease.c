/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who has a file open for writing, or mapped so, does not show in /proc when the descriptor is in a message on
 * its way, or behind a loop device, or has a name of another namespace. But the kernel gives no lease for
 * reading on such a file.
 */
#include "copy.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>

#include "ocf.h"

/* Who opens it while we have the lease waits until we give it back; we get a signal, which would end us. */
void copy_prepare_leases(void)
{
	(void) signal(SIGIO, SIG_IGN);
}

int copy_check_writers(struct copy *copy, int fd, const char *name)
{
	/* A filesystem without leases says something else. */
	if (fcntl(fd, F_SETLEASE, F_RDLCK) < 0)
		return errno != EAGAIN
			       ? 0
			       : copy_failed(copy, -EAGAIN, name,
					     "is open for writing, or mapped; stop what does that");
	return 0;
}

void copy_let_write(int fd)
{
	(void) fcntl(fd, F_SETLEASE, F_UNLCK);
}
