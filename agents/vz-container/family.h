/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VZHA_CT_FAMILY_H
#define VZHA_CT_FAMILY_H

#include <signal.h>

#include "ocf.h"

/**
 * ct_signal_descendants() - Signal what a process has started, also in a container, leaves first.
 *
 * Each is pinned before, and must still be the child it was.
 */
void ct_signal_descendants(struct ocf_ctx *ctx, pid_t pid, int signo);

/** ct_signal_family() - The same, and then our own child @pid itself. */
void ct_signal_family(struct ocf_ctx *ctx, pid_t pid, int signo);

#endif
