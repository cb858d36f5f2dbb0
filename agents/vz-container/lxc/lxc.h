/* SPDX-License-Identifier: GPL-2.0-or-later */
/* LXC: look (look.c, monitor.c), configuration (conf.c), start, stop. */
#ifndef VZHA_CT_LXC_H
#define VZHA_CT_LXC_H

#include <limits.h>

#include "cgroup.h"
#include "vz-container.h"

#define LXC_SPELLINGS_MAX 12
#define LXC_MONITORS_MAX  8

/* The strings by which LXC may know the one directory that `lxcpath` means. */
struct lxc_spellings {
	char path[LXC_SPELLINGS_MAX][PATH_MAX];
	size_t n;
};

enum lxc_answer {
	LXC_NO,
	LXC_YES,
	LXC_DONT_KNOW,
};

/* What there is of a container, in the kernel. */
struct lxc_seen {
	/* Three independent sources. */
	enum lxc_answer socket;	 /* somebody listens for its commands */
	enum lxc_answer cgroups; /* its groups have processes */
	enum lxc_answer procs;	 /* a monitor of it, or an lxc-start for it, runs */

	char spelling[PATH_MAX]; /* of lxcpath, as it was started */
	pid_t monitor[LXC_MONITORS_MAX];
	size_t n_monitors;
	pid_t init; /* 0: none */
	struct cg_dir payload[CG_DIRS_MAX];
	size_t n_payload;
	struct cg_tree tree;
	struct lxc_spellings spellings;
};

/** lxc_default_path() - What LXC's tools use without -P. Return: @buf. */
const char *lxc_default_path(const struct ocf_ctx *ctx, char *buf, size_t size);

/** lxc_path() - lxcpath as configured, or LXC's own default. Return: @buf. */
const char *lxc_path(const struct ocf_ctx *ctx, char *buf, size_t size);

/**
 * lxc_spell() - All strings by which @lxcpath may have been given to LXC.
 *
 * As given, with each link on its way resolved in turn, and what vzroot-relocation's switch points
 * to when it is on: the switch may have moved since the container was started.
 */
void lxc_spell(const struct ocf_ctx *ctx, const char *lxcpath, struct lxc_spellings *ret);

/** lxc_socket_name() - The abstract address of a monitor, without the leading NUL. */
void lxc_socket_name(const char *lxcpath, const char *name, char *buf, size_t size);

/** lxc_socket() - Does a monitor listen for this spelling? Never waits. */
enum lxc_answer lxc_socket(const char *lxcpath, const char *name);

/** lxc_verdict() - The state that the sources add up to. Pure. */
enum ocf_state lxc_verdict(const struct lxc_seen *seen);

/** lxc_see() - Everything that is known, from all sources, monitors and init included. */
void lxc_see(struct ocf_ctx *ctx, struct lxc_seen *ret);

/** lxc_init() - The container's init at the least cost; 0: there is none. */
pid_t lxc_init(struct ocf_ctx *ctx);

/** lxc_peek() - Only as much of it as the verdict needs, without a reason: for loops. */
enum ocf_state lxc_peek(struct ocf_ctx *ctx);

/** lxc_look() - The same, explaining UNKNOWN. */
enum ocf_state lxc_look(struct ocf_ctx *ctx);

/* ---- monitor.c ---------------------------------------------------------------------------- */

/* A process that calls itself an LXC monitor, or an lxc-start. */
struct lxc_claim {
	char lxcpath[PATH_MAX]; /* "" when it does not say: LXC's default */
	char name[256];
	bool starter; /* an lxc-start, not yet a monitor (or one in the foreground) */
};

/** lxc_parse_argv() - What a command line says. Pure. Return: false if it is none of LXC's. */
bool lxc_parse_argv(const char *const argv[], size_t argc, struct lxc_claim *ret);

/** lxc_is_monitor() - Is this process the monitor (or the starter) of our container? */
bool lxc_is_monitor(const struct ocf_ctx *ctx, const struct lxc_spellings *spellings, pid_t pid);

/** lxc_find_monitors() - By the groups they live in. Fills @seen; LXC_NO when there is none. */
enum lxc_answer lxc_find_monitors(const struct ocf_ctx *ctx, struct lxc_seen *seen);

/** lxc_scan_monitors() - By looking at every process. Fills @seen. */
enum lxc_answer lxc_scan_monitors(const struct ocf_ctx *ctx, struct lxc_seen *seen);

/** lxc_find_payload() - The populated groups of the container itself. Fills @seen. */
enum lxc_answer lxc_find_payload(const struct ocf_ctx *ctx, struct lxc_seen *seen);

/** lxc_find_init() - The monitor's living child that is the container's first process; 0: none. */
pid_t lxc_find_init(const struct ocf_ctx *ctx, const struct lxc_seen *seen);

/* ---- conf.c ------------------------------------------------------------------------------- */

#define LXC_NETS_MAX 32

struct lxc_net {
	char type[16];
	char link[64];
	char name[64]; /* inside; "": as outside */
	bool set;
};

struct lxc_conf {
	struct lxc_net net[LXC_NETS_MAX];
	int halt_signal; /* 0: not said */
	bool autostart;
	char log_file[PATH_MAX];
};

/**
 * lxc_conf_read() - The container's configuration with what it includes.
 *
 * Return: 0; -ENOENT no such container here; -errno.
 */
int lxc_conf_read(const struct ocf_ctx *ctx, struct lxc_conf *ret);

/** lxc_conf_line() - One line of it. Pure. @ret_include: the file or directory it includes. */
void lxc_conf_line(struct lxc_conf *conf, const char *line, char *ret_include, size_t size);

/** lxc_conf_wants() - What it promises of the container's network. Pure. */
void lxc_conf_wants(const struct lxc_conf *conf, struct ct_wants *ret);

/* ---- start.c, stop.c ------------------------------------------------------------------ */

enum ocf_status lxc_start(struct ocf_ctx *ctx);
enum ocf_status lxc_stop(struct ocf_ctx *ctx);

#endif
