/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VZHA_CT_CHANGE_H
#define VZHA_CT_CHANGE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* What can change about a container that starts: its host ends, and whether init lives. */
struct change {
	int links;   /* link events of our namespace; -1: cannot be had */
	int init_fd; /* a pidfd; -1: none */
	pid_t init;  /* whose */
};

/** change_begin() - What happens from now on is told by change_wait(). Look after this. */
void change_begin(struct change *ret);

/**
 * change_wait() - Until a link changed or @init died, at most @most_ms.
 * @init: the process, 0: none yet. Nothing tells that one comes: then it is looked for every 20 ms.
 *
 * Return: false when @until_ms (CLOCK_MONOTONIC) is reached.
 */
bool change_wait(struct change *change, pid_t init, int64_t until_ms, int64_t most_ms);

void change_end(struct change *change);

#endif
