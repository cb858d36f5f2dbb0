/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the cluster says before any of the agents starts or promotes something. */
#ifndef VZHA_GUARD_H
#define VZHA_GUARD_H

#include "ocf.h"

/* Asks for quorum as the agent's parameter `quorum` says; never under Heartbeat (G1). */
extern const struct ocf_guard agent_guard;

#endif
