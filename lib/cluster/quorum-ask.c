/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * quorum-ask: puts one question to corosync and prints the answer (quorum.h, QUORUM_LINE).
 *
 * libvotequorum has no timeout: with corosync stopped by SIGSTOP its first call was seen blocked
 * after 40 s. That is why this is a program of its own, which its parent kills.
 */
#include "quorum.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <corosync/votequorum.h>

/* Between two attempts while corosync says "try again" (membership changes, shutdown). */
#define AGAIN_US 20000

static int fail(const char *what, cs_error_t error, int number)
{
	/* What corosync's own libraries make of a refused connection depends on their version. */
	if (number == ECONNREFUSED || number == ENOENT)
		return QUORUM_ASK_ABSENT;
	(void) printf("%s: corosync error %d%s%s\n", what, (int) error, number ? ", " : "",
		      number ? strerror(number) : "");
	return QUORUM_ASK_FAILED;
}

int main(void)
{
	votequorum_handle_t handle;
	struct votequorum_info info;
	cs_error_t error;

	for (;; (void) usleep(AGAIN_US)) {
		errno = 0;
		error = votequorum_initialize(&handle, NULL);
		if (error == CS_ERR_TRY_AGAIN)
			continue;
		if (error != CS_OK)
			return fail("votequorum_initialize", error, errno);
		error = votequorum_getinfo(handle, VOTEQUORUM_QDEVICE_NODEID, &info);
		if (error == CS_OK)
			break;
		(void) votequorum_finalize(handle);
		if (error != CS_ERR_TRY_AGAIN)
			return fail("votequorum_getinfo", error, 0);
	}
	(void) printf(QUORUM_LINE, (info.flags & VOTEQUORUM_INFO_QUORATE) ? 1U : 0U,
		      info.total_votes, info.highest_expected, info.quorum,
		      (info.flags & VOTEQUORUM_INFO_TWONODE) ? 1U : 0U,
		      (info.flags & VOTEQUORUM_INFO_WAIT_FOR_ALL) ? 1U : 0U);
	(void) votequorum_finalize(handle);
	return fflush(stdout) == 0 ? QUORUM_ASK_ANSWERED : QUORUM_ASK_FAILED;
}
