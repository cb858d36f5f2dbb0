/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VZHA_DRBDDISK_H
#define VZHA_DRBDDISK_H

#include "drbddisk.meta.h"
#include "genl.h"
#include "ocf.h"
#include "view.h"

#define DRBD_MAJOR 147U /* linux/major.h has no name for it; LANANA's list does */

/* look.c: the state, from the kernel. */
enum drbd_answer drbd_look(struct ocf_ctx *ctx, struct drbd_genl *genl, struct drbd_view *ret_view);
bool drbd_module_is_loaded(const struct ocf_ctx *ctx);
enum ocf_state drbddisk_look(struct ocf_ctx *ctx);
enum ocf_status drbddisk_monitor(struct ocf_ctx *ctx);
void drbddisk_probed(struct ocf_ctx *ctx);
void drbddisk_describe(struct ocf_ctx *ctx, FILE *out);

/* check.c: values, this host, and what is configured on it. */
const char *drbddisk_check_value(const struct ocf_param *param, const char *value);
void drbddisk_check_host(struct ocf_ctx *ctx);
char **drbddisk_all(struct ocf_ctx *ctx);

/* start.c, stop.c, notify.c */
enum ocf_status drbddisk_start(struct ocf_ctx *ctx);
enum ocf_status drbddisk_stop(struct ocf_ctx *ctx);
enum ocf_status drbddisk_promote(struct ocf_ctx *ctx);
enum ocf_status drbddisk_demote(struct ocf_ctx *ctx);
void drbddisk_notify(struct ocf_ctx *ctx);

/*
 * up.c: what of the configuration is missing in the kernel, is put there: drbdadm up, or adjust
 * where a part is there already. @ret_done: there was something to do, and it was done.
 */
enum ocf_status drbd_bring_up(struct ocf_ctx *ctx, const struct drbd_view *view, bool *ret_done);

/* up.c: until connected, or until it is known that this will not be; at most @deadline_ms. */
void drbd_wait_connected(struct ocf_ctx *ctx, int64_t deadline_ms);

/* up.c: drbdadm with the configuration that is meant; NULL-terminated. false when not installed. */
struct drbdadm {
	const char *argv[6];
};
bool drbdadm_command(struct ocf_ctx *ctx, struct drbdadm *command, const char *verb,
		     const char *resource);

/* up.c: waits for the next change, or a while where changes are not announced. */
void drbd_wait_event(struct drbd_genl *genl, int64_t deadline_ms);

/* promote.c: Primary as soon as the kernel allows it (D3). */
enum ocf_status drbd_become_primary(struct ocf_ctx *ctx, struct drbd_view *view);

/* request.c: what the kernel answered. */
struct drbd_said {
	bool pending; /* nothing yet: the request is with the kernel, and may still be carried out */
	int code;     /* its own, see linux/drbd.h; 0 when it gave none */
	char text[512];
};

/*
 * decide.c: why a promotion was refused, from what the kernel shows and from what it said, NULL when it
 * was not asked (D3). Pure.
 */
struct drbd_refusal {
	bool wait;	    /* the next event may change it */
	const char *what;   /* what was seen */
	const char *remedy; /* what to do */
};
struct drbd_refusal drbd_refusal_of(const struct drbd_view *view, const struct drbd_said *said);

/*
 * decide.c: StandAlone, by a split brain or by hand, towards all its peers; not a DRBD 9 resource without
 * any. One of several peers says little: it may be the third node, while the one in use has died. Pure.
 */
bool drbd_is_alone(const struct drbd_view *view);

/*
 * decide.c: StandAlone, or it was before it was restarted, and not the side that was in use. The kernel
 * would make either side Primary; whose data is right only people can tell, so we do not (D3). Pure.
 */
bool drbd_is_aside(const struct drbd_view *view);

/* decide.c: to one peer at least. Pure. */
bool drbd_is_connected(const struct drbd_view *view);

/* standing.c: into @view what is remembered of a split brain; looks do that. Gone when it is connected. */
void drbd_standing_read(const struct ocf_ctx *ctx, struct drbd_view *view);
/* standing.c: it is about to be demoted. */
void drbd_standing_demoted(struct ocf_ctx *ctx, const struct drbd_view *view);
/* standing.c: so it is while no action changes it. */
void drbd_standing_seen(struct ocf_ctx *ctx, const struct drbd_view *view);
/* standing.c: another node is Primary, or becomes it. */
void drbd_standing_yield(struct ocf_ctx *ctx, struct drbd_view *view);

/* clone.c: what the manager says of a clone's instances on other nodes. */
enum ocf_status drbd_clone_refuse(struct ocf_ctx *ctx);
bool drbd_clone_names_others(const struct ocf_ctx *ctx, const char *meta);
bool drbd_clone_is_promoted_elsewhere(const struct ocf_ctx *ctx);
bool drbd_clone_expects_peer(const struct ocf_ctx *ctx);
const char *drbd_clone_meta(const char *name);

/* decide.c: what a monitor should tell a human, or NULL (D5). Pure. */
const char *drbd_trouble_of(const struct drbd_view *view);

/* decide.c: how fit this node is to be promoted: the four of promotion_scores, and two more. Pure. */
enum drbd_fitness {
	DRBD_FITNESS_CONSISTENT, /* data of one moment, but maybe not the newest */
	DRBD_FITNESS_PEER,	 /* good data only at the peer */
	DRBD_FITNESS_GOOD,	 /* good data here, the peer's unknown */
	DRBD_FITNESS_FULL,	 /* good data here, and Primary or the peer's known */
	DRBD_FITNESS_NONE,	 /* not at all */
	DRBD_FITNESS_CHANGING,	 /* ask again later */
};
enum drbd_fitness drbd_fitness_of(const struct drbd_view *view);

/* notify.c: the cluster is told the promotion score that fits @view. */
void drbd_tell_score(struct ocf_ctx *ctx, const struct drbd_view *view);

/* notify.c: the four numbers of promotion_scores; false when they are not such. Pure. */
#define DRBD_SCORES 4
bool drbd_scores_parse(const char *text, int64_t ret_scores[DRBD_SCORES]);

/*
 * request.c: one request, in a process that can be given up at @deadline_ms.
 * Return: true when the kernel said yes; otherwise @ret_said tells what it said instead.
 */
bool drbd_request(struct ocf_ctx *ctx, const struct drbd_view *view, enum drbd_request request,
		  int64_t deadline_ms, struct drbd_said *ret_said);

/* request.c: an installed program's path, or NULL; overwritten by the next call. */
const char *drbd_program(const char *name);

/* holders.c: who keeps the devices open, as text for a reason; empty when nobody was found. */
void drbd_holders(struct ocf_ctx *ctx, const struct drbd_view *view, char *buf, size_t size);

static inline const struct drbddisk_conf *drbddisk_conf(const struct ocf_ctx *ctx)
{
	return ctx->conf;
}

#endif
