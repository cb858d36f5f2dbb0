/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One container under a cluster.
 *
 * The agent (engine.c) is the same for every kind of container; an engine is one vtable. All of
 * them learn the state from the kernel, never from a tool: a tool that failed says nothing.
 */
#ifndef VZHA_VZ_CONTAINER_H
#define VZHA_VZ_CONTAINER_H

#include <net/if.h>

#include "cgroup.h"
#include "ocf.h"
#include "vz-container.meta.h"

#define CT_NICS_MAX    8
#define CT_BRIDGES_MAX 32

struct hostend;

/* A NIC of the host that moves into the container. */
struct ct_nic {
	char host[IFNAMSIZ];   /* its name here */
	char inside[IFNAMSIZ]; /* its name there */
	char setting[32];      /* what says so, for people: "lxc.net.1.link" */
};

/* What the container's configuration promises of its network. */
struct ct_wants {
	size_t host_ends;
	char bridge[CT_BRIDGES_MAX][IFNAMSIZ]; /* one per host end that names its bridge */
	size_t n_bridges;
	struct ct_nic nic[CT_NICS_MAX];
	size_t n_nics;
};

/* A command line that runs something in the container. */
struct ct_command {
	const char *argv[16];
	char path[PATH_MAX]; /* may be pointed to, */
	char tool[PATH_MAX]; /* and so may this */
};

struct ct_engine {
	const char *name;

	/* Can a container of this engine be called that? */
	bool (*may_be)(const char *ctid);

	/* The file that configures it, behind the sysroot. */
	void (*config_path)(struct ocf_ctx *ctx, char *buf, size_t size);

	/* As in struct ocf_agent. Right also where the engine is not installed. peek(): no reason. */
	enum ocf_state (*peek)(struct ocf_ctx *ctx);
	enum ocf_state (*look)(struct ocf_ctx *ctx);
	enum ocf_status (*start)(struct ocf_ctx *ctx);
	enum ocf_status (*stop)(struct ocf_ctx *ctx);
	void (*check_host)(struct ocf_ctx *ctx);
	void (*describe)(struct ocf_ctx *ctx, FILE *out);

	/* Does something else start it at boot? Says what, as "ONBOOT=yes in FILE". */
	bool (*autostart)(struct ocf_ctx *ctx, char *what, size_t size);
	int (*autostart_off)(struct ocf_ctx *ctx);

	/* The init of a running container as our PID namespace sees it; 0: there is none; -1: it
	 * lives, but its number cannot be told. */
	pid_t (*init)(struct ocf_ctx *ctx);
	/* NULL, or the same as of the last look, where that has found it already. */
	pid_t (*seen_init)(void);

	/* The groups its processes live in: how many, at most @max. They point into @tree. */
	size_t (*groups)(struct ocf_ctx *ctx, struct cg_tree *tree, struct cg_dir *ret, size_t max);

	void (*wants)(struct ocf_ctx *ctx, struct ct_wants *ret);
	ssize_t (*host_ends)(struct ocf_ctx *ctx, pid_t init, struct hostend *ret, size_t max);

	/* How to run @command by the container's own shell. Return: false: no tool for that here. */
	bool (*attach)(struct ocf_ctx *ctx, const char *command, struct ct_command *ret);

	/* NULL: none. Resources running out: OCF_SUCCESS or ocf_degraded(). */
	enum ocf_status (*limits)(struct ocf_ctx *ctx);
};

extern const struct ct_engine ct_engine_lxc;
extern const struct ct_engine ct_engine_vzctl;

static inline const struct vz_container_conf *ct_conf(const struct ocf_ctx *ctx)
{
	return ctx->conf;
}

/* engine.c: the callbacks of the agent's record */
enum ocf_state ct_look(struct ocf_ctx *ctx);
enum ocf_status ct_start(struct ocf_ctx *ctx);
enum ocf_status ct_stop(struct ocf_ctx *ctx);
enum ocf_status ct_monitor(struct ocf_ctx *ctx);
enum ocf_status ct_reload(struct ocf_ctx *ctx);
void ct_describe(struct ocf_ctx *ctx, FILE *out);

/* check.c */
const char *ct_check_value(const struct ocf_param *param, const char *value);
void ct_check_conf(struct ocf_ctx *ctx);
void ct_check_host(struct ocf_ctx *ctx);

/* ---- start.c, wait.c: what both engines do the same way --------------------------------------- */

/**
 * ct_lock() - Be the only vzha agent that starts this container or touches its files.
 *
 * The lock goes with the process, also by SIGKILL; helpers do not inherit it.
 * Return: a descriptor to close; -ETIMEDOUT another agent has it; -errno.
 */
int ct_lock(struct ocf_ctx *ctx, int64_t deadline_ms);

/**
 * ct_wait_stopped() - Wait for the kernel to show it stopped; also ends when @child (may be NULL) does.
 *
 * Return: true when it is stopped.
 */
bool ct_wait_stopped(struct ocf_ctx *ctx, const struct ct_engine *engine, struct ocf_child *child,
		     int64_t deadline_ms);

/**
 * ct_wait_ready() - After the engine's start: init alive and staying so, host ends there and, if
 * in a bridge, forwarding; within start_wait and the action's deadline.
 * @want_host_ends: how many the container's configuration promises
 *
 * Return: OCF_SUCCESS, also (with a warning) when a host end does not come to forward in time;
 * a failure when init is gone (the reason is the caller's).
 */
enum ocf_status ct_wait_ready(struct ocf_ctx *ctx, const struct ct_engine *engine,
			      size_t want_host_ends);

/**
 * ct_wait_nics() - Before a start: the NICs that will move in must be on this host.
 *
 * Return: OCF_SUCCESS; a failure that names the first one missing.
 */
enum ocf_status ct_wait_nics(struct ocf_ctx *ctx, const struct ct_wants *wants);

/** ct_check_nics() - The same as findings of validate-all, without waiting; and the bridges. */
void ct_check_nics(struct ocf_ctx *ctx, const struct ct_wants *wants);

/**
 * ct_settle() - The end of a start: waits as ct_wait_ready(), then sets the default route and waits
 * for health_command to succeed, within start_wait. Only a dead init makes it fail.
 */
enum ocf_status ct_settle(struct ocf_ctx *ctx, const struct ct_engine *engine);

/** ct_tool() - The engine's program @name, in engine_path or where such programs usually are; NULL: not there. */
const char *ct_tool(const struct ocf_ctx *ctx, const char *name, char buf[PATH_MAX]);

/** ct_tool_place() - Where ct_tool() looks, for reasons: "on this node", "at the engine_path". */
const char *ct_tool_place(const struct ocf_ctx *ctx);

#endif
