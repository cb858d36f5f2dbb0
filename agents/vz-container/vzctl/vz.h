/* SPDX-License-Identifier: GPL-2.0-or-later */
/* OpenVZ containers through vzctl: look (look.c), configuration, locks, start, stop. */
#ifndef VZHA_CT_VZ_H
#define VZHA_CT_VZ_H

#include <limits.h>

#include "cgroup.h"
#include "vz-container.h"

/* Exit codes of vzctl that mean something to us; all others are just failures. */
enum {
	VZ_LOCKED = 9,
	VZ_ALREADY_RUNNING = 32,
	VZ_NOT_MOUNTED = 40,
};

struct vz_conf {
	char lockdir[PATH_MAX];
	char dumpdir[PATH_MAX];
	char root[PATH_MAX];	/* where the container's file system gets mounted */
	char private[PATH_MAX]; /* what gets mounted there */
	char netif[4096];
	char netdev[256]; /* NICs that move in */
	bool onboot;
	bool suspends; /* the vz service suspends containers in place of stopping them */
	bool disabled; /* DISABLED=yes: nothing may start it */
	bool there;    /* the container has a configuration here */
};

/** vz_conf_read() - vz.conf, then the container's own, with vzctl's defaults. Never fails. */
void vz_conf_read(const struct ocf_ctx *ctx, struct vz_conf *ret);

/**
 * vz_conf_value() - The value in a line NAME="value", by vzctl's rules (no shell's). Pure.
 *
 * Return: false when the line sets something else.
 */
bool vz_conf_value(const char *line, const char *name, char *ret, size_t size);

/** vz_conf_expand() - $VEID and ${VEID} replaced by the container's id. Pure. Return: @buf. */
const char *vz_conf_expand(const char *text, const char *ctid, char *buf, size_t size);

/** vz_conf_wants() - What NETIF and NETDEV promise of the container's network. Pure. */
void vz_conf_wants(const struct vz_conf *conf, struct ct_wants *ret);

/* ---- look.c -------------------------------------------------------------------------------- */

enum vz_answer {
	VZ_NO,
	VZ_YES,
	VZ_DONT_KNOW,
};

/* What there is of a container, in the kernel. */
struct vz_seen {
	bool openvz;			   /* this kernel has OpenVZ: it keeps a list of its own */
	enum vz_answer veinfo;		   /* OpenVZ: in that list */
	enum vz_answer beans;		   /* OpenVZ: has processes by the beancounters */
	enum vz_answer group;		   /* stock kernel: its control groups have processes */
	bool pid_in_group;		   /* stock: the PID file's process lives in such a group */
	enum vz_answer starter;		   /* a vzctl that is about to start it */
	pid_t init;			   /* 0: none; -1: lives, but has no number here */
	struct cg_dir groups[CG_DIRS_MAX]; /* populated */
	size_t n_groups;
	struct cg_tree tree;
};

/** vz_veinfo_lists() - Is the container in the text of /proc/vz/veinfo? Pure. */
bool vz_veinfo_lists(const char *text, const char *ctid);

/** vz_beans_hold() - Does it hold processes by the text of /proc/user_beancounters? Pure. */
bool vz_beans_hold(const char *text, const char *ctid);

/** vz_verdict() - The state that the sources add up to. Pure. */
enum ocf_state vz_verdict(const struct vz_seen *seen);

void vz_see(struct ocf_ctx *ctx, struct vz_seen *ret);
enum ocf_state vz_peek(struct ocf_ctx *ctx);
pid_t vz_seen_init(void); /* what the last vz_peek() or vz_look() has found */
enum ocf_state vz_look(struct ocf_ctx *ctx);

/** vz_is_member() - Is it a process of this container, as OpenVZ kernels say in its status? */
bool vz_is_member(const struct ocf_ctx *ctx, pid_t pid);

/* ---- limits.c: what only an OpenVZ kernel tells ------------------------------------------- */

/**
 * vz_failures() - Sum of the failcnt column of a container in /proc/user_beancounters. Pure.
 * @ret_worst: the resource with the largest one
 */
uint64_t vz_failures(const char *text, const char *ctid, char *ret_worst, size_t size);

/**
 * vz_quota_percent() - How full a container's disk quota is by /proc/vz/vzquota. Pure.
 *
 * Return: percent of the hard limit, of blocks or inodes, whichever is fuller; -1: no quota.
 */
int vz_quota_percent(const char *text, const char *ctid);

/** vz_veth_names() - Its host ends by /proc/vz/veth. Pure. Return: how many, at most @max. */
size_t vz_veth_names(const char *text, const char *ctid, char ret[][IFNAMSIZ], size_t max);

/** vz_host_ends() - Of a container of an OpenVZ kernel. Return: how many, at most @max; -errno. */
ssize_t vz_host_ends(struct ocf_ctx *ctx, struct hostend *ret, size_t max);

enum ocf_status vz_limits(struct ocf_ctx *ctx);

/* ---- lock.c -------------------------------------------------------------------------------- */

enum vz_use {
	VZ_USE_NONE,   /* not a vzctl for this container, or one that takes no lock */
	VZ_USE_LOCKS,  /* holds its lock: stop, mount, set, vzmigrate ... */
	VZ_USE_STARTS, /* the same, and the container may run soon: start, restart, resume ... */
};

/** vz_use_of() - What a command line does with the container. Pure. */
enum vz_use vz_use_of(const char *const argv[], size_t argc, const char *ctid);

/** vz_find_user() - A live process of that use (or more). Return: PID; 0 none; -errno. */
pid_t vz_find_user(const struct ocf_ctx *ctx, enum vz_use at_least);

/** vz_user_text() - "process 4711 (vzctl stop 101)", for reasons. Return: @buf. */
const char *vz_user_text(const struct ocf_ctx *ctx, pid_t pid, char *buf, size_t size);

enum vz_lock_state {
	VZ_LOCK_FREE,
	VZ_LOCK_HELD,  /* by a vzctl for this container */
	VZ_LOCK_STALE, /* its process is gone, or is something else */
};

struct vz_lock {
	enum vz_lock_state state;
	pid_t pid; /* as the file says; 0: nothing readable */
	char path[PATH_MAX + 128];
};

void vz_lock_read(const struct ocf_ctx *ctx, const struct vz_conf *conf, struct vz_lock *ret);

/* ---- dump.c -------------------------------------------------------------------------------- */

enum vz_dump_plan {
	VZ_DUMP_NONE,	 /* there is none */
	VZ_DUMP_RESTORE, /* try once, from another name */
	VZ_DUMP_ASIDE,	 /* give it another name, boot */
	VZ_DUMP_REFUSE,
};

/** vz_dump_plan() - What a start does about a dump. Pure. @policy: the parameter stale_dump */
enum vz_dump_plan vz_dump_plan(bool there, bool ours, bool suspends, int policy);

/**
 * vz_dump_prepare() - Before vzctl start: no dump lies where it would restore it, no token is left.
 * @ret_restore: the dump to restore; "": boot
 *
 * Return: OCF_SUCCESS, or a failure with a reason.
 */
enum ocf_status vz_dump_prepare(struct ocf_ctx *ctx, const struct vz_conf *conf, char *ret_restore,
				size_t size);

/** vz_restore() - The one attempt. Return: true when the container runs. */
bool vz_restore(struct ocf_ctx *ctx, const char *tool, const char *dump);

/**
 * vz_suspend() - A container that is healthy goes into a dump, with a token.
 *
 * Return: true when it is stopped; false: stop it in another way.
 */
bool vz_suspend(struct ocf_ctx *ctx, const char *tool, int64_t until);

/* ---- start.c, stop.c -------------------------------------------------------------------- */

enum ocf_status vz_start(struct ocf_ctx *ctx);
enum ocf_status vz_stop(struct ocf_ctx *ctx);

#endif
