/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VZHA_DRBDDISK_H
#define VZHA_DRBDDISK_H

#include "drbddisk.meta.h"
#include "genl.h"
#include "ocf.h"
#include "view.h"

#define DRBD_MAJOR 147U /* linux/major.h has no name for it; LANANA's list does */

/* look.c: the state, from the kernel; the agent's callbacks that only read. */
enum drbd_answer drbd_look(struct ocf_ctx *ctx, struct drbd_genl *genl, struct drbd_view *ret_view);
enum ocf_state drbddisk_look(struct ocf_ctx *ctx);
enum ocf_status drbddisk_monitor(struct ocf_ctx *ctx);
void drbddisk_describe(struct ocf_ctx *ctx, FILE *out);
void drbddisk_check_host(struct ocf_ctx *ctx);
char **drbddisk_all(struct ocf_ctx *ctx);
const char *drbddisk_check_value(const struct ocf_param *param, const char *value);

/* start.c, stop.c */
enum ocf_status drbddisk_start(struct ocf_ctx *ctx);
enum ocf_status drbddisk_stop(struct ocf_ctx *ctx);

/*
 * decide.c: why a promotion was refused, from what the kernel shows (D3). Pure.
 */
struct drbd_refusal {
	bool wait;	    /* the next event may change it */
	const char *what;   /* what was seen */
	const char *remedy; /* what to do */
};
struct drbd_refusal drbd_refusal_of(const struct drbd_view *view);

/* decide.c: what a monitor should tell a human, or NULL (D5). Pure. */
const char *drbd_trouble_of(const struct drbd_view *view);

/*
 * role.c: one attempt to change the role, in a process that can be given up at @deadline_ms.
 * Return: true when the kernel said yes; otherwise @info says what it said instead.
 */
bool drbd_try_role(struct ocf_ctx *ctx, const struct drbd_view *view, bool primary,
		   int64_t deadline_ms, char *info, size_t info_size);

/* holders.c: who keeps the devices open, as text for a reason; empty when nobody was found. */
void drbd_holders(struct ocf_ctx *ctx, const struct drbd_view *view, char *buf, size_t size);

/* role.c: an installed program's path, or NULL. */
const char *drbd_program(const char *name);

static inline const struct drbddisk_conf *drbddisk_conf(const struct ocf_ctx *ctx)
{
	return ctx->conf;
}

#endif
