/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which bridge a container's host ends belong into, by its own configuration. */
#ifndef VZHA_CT_BRIDGES_H
#define VZHA_CT_BRIDGES_H

#include "hostend.h"
#include "vz-container.h"

/**
 * ct_bridge_of() - The bridge that @end, one of the @n in @ends, belongs into; NULL: that cannot be told.
 *
 * The configuration names bridges, and mostly not the host ends: what is in one of them belongs there; what is
 * in none belongs into the only bridge that has not got as many of them as it should. Pure.
 */
const char *ct_bridge_of(const struct ct_wants *wants, const struct hostend *end,
			 const struct hostend *ends, size_t n);

/** ct_tell_bridges() - Say so on the links, for the watchers of bridges. Never fails a start. */
void ct_tell_bridges(struct ocf_ctx *ctx, const struct ct_engine *engine,
		     const struct ct_wants *wants, pid_t init);

#endif
