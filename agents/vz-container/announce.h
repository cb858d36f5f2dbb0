/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VZHA_CT_ANNOUNCE_H
#define VZHA_CT_ANNOUNCE_H

#include "vz-container.h"

/**
 * ct_announce() - Have the neighbours of the NICs that were moved in told of their addresses.
 *
 * Starts a program that goes on beside the container; nothing is waited for.
 */
void ct_announce(struct ocf_ctx *ctx, const struct ct_engine *engine, const struct ct_wants *wants,
		 pid_t init);

#endif
