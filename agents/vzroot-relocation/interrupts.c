/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * People interrupt commands. Where that would leave paths that lead nowhere, and no monitor that tells, it waits
 * for a place to stop at.
 */
#include "relocation.h"

#include <signal.h>

static sigset_t interrupts(void)
{
	sigset_t set;

	(void) sigemptyset(&set);
	(void) sigaddset(&set, SIGINT);
	(void) sigaddset(&set, SIGTERM);
	(void) sigaddset(&set, SIGHUP);
	return set;
}

void interrupts_hold(bool hold)
{
	const sigset_t set = interrupts();

	(void) sigprocmask(hold ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

bool interrupts_are_pending(void)
{
	const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	sigset_t pending;

	(void) sigpending(&pending);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		if (sigismember(&pending, signals[i]))
			return true;
	}
	return false;
}
