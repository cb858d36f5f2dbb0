/* SPDX-License-Identifier: GPL-2.0-or-later */
/* More than "init lives": monitor's levels 10 and 20, and the default route. */
#ifndef VZHA_CT_HEALTH_H
#define VZHA_CT_HEALTH_H

#include "vz-container.h"

/**
 * ct_health() - Monitor of a container whose init lives, at level 10 and above.
 *
 * Return: OCF_SUCCESS, a failure with a reason, or OCF_DEGRADED.
 */
enum ocf_status ct_health(struct ocf_ctx *ctx, const struct ct_engine *engine, pid_t init);

/** ct_is_healthy() - The same at level 10, for a decision of ours: no reason, no memory. */
bool ct_is_healthy(struct ocf_ctx *ctx, const struct ct_engine *engine, pid_t init);

/**
 * ct_health_command() - Run health_command in the container, for health_timeout at most.
 * @why: what was wrong
 *
 * Return: true when it said that all is well.
 */
bool ct_health_command(struct ocf_ctx *ctx, const struct ct_engine *engine, char *why, size_t size);

/**
 * ct_route_set() - See to it that the container's default route is by the parameter default_route.
 *
 * Return: 0, also when it was right or is nobody's wish; -errno with @why.
 */
int ct_route_set(struct ocf_ctx *ctx, const struct ct_engine *engine, pid_t init, char *why,
		 size_t size);

/* One container's network against what its configuration promises. Pure. */
struct hostend;

/** ct_ends_text() - What is wrong with the host ends; "" when nothing is. Return: @buf. */
const char *ct_ends_text(const struct ct_wants *wants, const struct hostend *ends, size_t n,
			 char *buf, size_t size);

#endif
