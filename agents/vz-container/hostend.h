/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Host ends: the links of this network namespace whose peer lives in a container's. */
#ifndef VZHA_CT_HOSTEND_H
#define VZHA_CT_HOSTEND_H

#include <net/if.h>

#include "ocf.h"

#define HOSTENDS_MAX 32

struct hostend {
	char name[IFNAMSIZ];
	char master[IFNAMSIZ]; /* "": in no bridge */
	int ifindex;
	int master_index;
	bool up;
	bool carrier;
	int port_state; /* of a bridge port: BR_STATE_FORWARDING ...; -1: not one */
};

/**
 * hostends_of() - The host ends of the container whose init is @init.
 *
 * Found by the kernel's own link between the two namespaces, so names do not matter.
 * Return: how many, at most @max; 0 also for a container in our own namespace; -errno.
 */
ssize_t hostends_of(pid_t init, struct hostend *ret, size_t max);

#endif
