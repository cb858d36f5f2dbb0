/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every vzha agent shares: the OCF contract, told once.
 *
 * An agent is a record (struct ocf_agent): how to look at the kernel's state, and what start, stop
 * and the rest do. ocf_main() turns argv and environment into one call of that record, and the
 * record's answer into an exit code and one line of reason. The rules that must hold for every
 * agent (what a probe may answer, when a stop may claim success, what a bad parameter does to
 * which action, when to give up) are enforced here, so that no agent can get them wrong.
 */
#ifndef VZHA_OCF_H
#define VZHA_OCF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#define OCF_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/* Exit codes of the OCF resource agent API 1.1. */
enum ocf_status {
	OCF_SUCCESS = 0,
	OCF_ERR_GENERIC = 1,	   /* soft: try again here, then elsewhere */
	OCF_ERR_ARGS = 2,	   /* hard: this value cannot work on this node */
	OCF_ERR_UNIMPLEMENTED = 3, /* no such action */
	OCF_ERR_PERM = 4,	   /* hard: not root */
	OCF_ERR_INSTALLED = 5,	   /* hard: something is missing on this node for good */
	OCF_ERR_CONFIGURED = 6,	   /* fatal: wrong on every node */
	OCF_NOT_RUNNING = 7,	   /* cleanly stopped, proven */
	OCF_RUNNING_PROMOTED = 8,
	OCF_FAILED_PROMOTED = 9,
	OCF_DEGRADED = 190,
	OCF_DEGRADED_PROMOTED = 191,
};

/* Three-valued: what the kernel shows, or that it could not be found out. Never guess. */
enum ocf_state {
	OCF_STATE_STOPPED,
	OCF_STATE_RUNNING,
	OCF_STATE_UNKNOWN,
};

/* ---- metadata: generated from xml-metadata/<agent>.xml -------------------------------------- */

enum ocf_param_type {
	OCF_PARAM_STRING,  /* const char *; NULL when unset and without default */
	OCF_PARAM_INTEGER, /* int64_t; OCF_INTEGER_UNSET when unset and without default */
	OCF_PARAM_BOOLEAN, /* enum ocf_boolean */
	OCF_PARAM_CHOICE,  /* a generated enum (stored as int): index into choices */
};

#define OCF_INTEGER_UNSET INT64_MIN

/* OCF_UNSET only where the metadata gives no default; so plain truth tests need a default. */
enum ocf_boolean {
	OCF_FALSE = 0,
	OCF_TRUE = 1,
	OCF_UNSET = -1,
};

/* One <parameter>. The first one of an agent is its identity: what the resource is about. */
struct ocf_param {
	const char *name;
	enum ocf_param_type type;
	bool required;
	bool reloadable;
	const char *fallback;	    /* the default as text; NULL: none */
	size_t offset;		    /* into the agent's conf struct */
	int64_t min, max;	    /* integers, inclusive */
	const char *const *choices; /* NULL-terminated; OCF_PARAM_CHOICE only */
	const char *format;	    /* name of a string format of format.c; NULL: any text */
};

/* One <action> as the metadata advises it. */
struct ocf_action_advice {
	const char *name;
	int64_t timeout_ms;
};

struct ocf_metadata {
	const char *agent; /* "veth-bridge" */
	const char *xml;   /* printed byte for byte by meta-data */
	const struct ocf_param *params;
	size_t n_params;
	size_t conf_size;
	const struct ocf_action_advice *actions;
	size_t n_actions;
};

/* ---- the agent ------------------------------------------------------------------------------ */

struct ocf_ctx;

/* A command for people beside the OCF actions (restore, seed, ...): arguments are name=value. */
struct ocf_command {
	const char *name;
	enum ocf_status (*run)(struct ocf_ctx *ctx);
};

/* What stands in front of every agent's start and promotion, and is no agent's own business. */
struct ocf_guard {
	/* May this node act at all? Asked once the resource is known to be stopped here (start) or,
	 * of a promotable clone, not promoted (promote); by no other action. OCF_SUCCESS, or a
	 * refusal with a reason. */
	enum ocf_status (*permit)(struct ocf_ctx *ctx);

	/* validate-all at level 10 and above: what will make it refuse. Calls ocf_finding(). */
	void (*check_host)(struct ocf_ctx *ctx);
};

/*
 * Callbacks get a context with valid parameters (an unusable optional value has become its default
 * already, an unusable identity never gets here) and answer an enum ocf_status, having called
 * ocf_fail() or ocf_reason() when it is a failure. NULL where the agent has nothing to do.
 */
struct ocf_agent {
	const struct ocf_metadata *metadata;

	/*
	 * The kernel's state of this resource. Read-only, no fork, safe where nothing is installed;
	 * asks a second independent source before it answers UNKNOWN, and gives the reason then.
	 * Called for probe, monitor and status, and before and after start, stop, promote and
	 * demote. An agent with roles also sets ctx->promoted when RUNNING as the promoted one.
	 */
	enum ocf_state (*look)(struct ocf_ctx *ctx);

	/* ctx->before tells what look() saw. UNKNOWN never gets to start. Verified by look(). */
	enum ocf_status (*start)(struct ocf_ctx *ctx);

	/* Called in every state, also UNKNOWN and STOPPED (clean up leftovers). Whatever it
	 * answers, look() afterwards decides: stopped is success, anything else is a failure; and
	 * so is stopped with ctx->unsettled, when something that was begun earlier may still make
	 * it run. One that failed early is called again: it must find and go on with what it has
	 * done. */
	enum ocf_status (*stop)(struct ocf_ctx *ctx);

	/* Recurring monitor of something look() calls RUNNING: is it also healthy? No fork. A quick
	 * OCF_ERR_GENERIC below level 20 is asked a second time before it counts. */
	enum ocf_status (*monitor)(struct ocf_ctx *ctx);

	/* NULL, or: a probe has found it RUNNING. To tell the manager what it may have forgotten. */
	void (*probed)(struct ocf_ctx *ctx);

	/*
	 * Roles of a promotable clone. Verified by look(): promote succeeds when the state is
	 * promoted, demote (called in every state) when it is not, nor unsettled. A primitive has no roles: there
	 * promote is start and demote is stop, and neither of these is called.
	 */
	enum ocf_status (*promote)(struct ocf_ctx *ctx);
	enum ocf_status (*demote)(struct ocf_ctx *ctx);

	/* What happens to the clone anywhere, to react upon; nothing said here counts. */
	void (*notify)(struct ocf_ctx *ctx);

	/* New values of reloadable parameters, resource running. */
	enum ocf_status (*reload_agent)(struct ocf_ctx *ctx);

	/* One string value, syntax only: NULL when fine, else why not ("must not ..."). Pure. */
	const char *(*check_value)(const struct ocf_param *param, const char *value);

	/* Values that do not fit together, syntax only: calls ocf_finding(). Pure. */
	void (*check_conf)(struct ocf_ctx *ctx);

	/* validate-all at level 10 and above: this host. Calls ocf_finding() for all it sees. */
	void (*check_host)(struct ocf_ctx *ctx);

	/* `status` for people: details below the state line, on `out`. */
	void (*describe)(struct ocf_ctx *ctx, FILE *out);

	/* Heartbeat's bare `NAME start`: the identities meant, NULL-terminated, malloc'ed; none for
	 * what is proven to be nothing, NULL with a reason when they cannot be found out. The conf
	 * holds defaults. Without this callback a bare call lacks its identity. */
	char **(*heartbeat_all)(struct ocf_ctx *ctx);

	const struct ocf_guard *guard;	    /* NULL: nothing but the agent itself refuses */
	const struct ocf_command *commands; /* terminated by a NULL name */
};

/* What tests put in the way of the real system. An installed agent has none. */
struct ocf_seam {
	const char *sysroot; /* in front of every path made by ocf_path(); "" or NULL: none */
};

#define OCF_REASON_MAX 1024
#define OCF_STEPS_MAX  32

struct ocf_step_record {
	char what[64];
	int64_t start_ms;
};

struct ocf_ctx {
	const struct ocf_agent *agent;
	const void *conf;      /* the generated struct <agent>_conf */
	const char *action;    /* "start"; "monitor" also for Heartbeat's status */
	const char *instance;  /* OCF_RESOURCE_INSTANCE, else the agent's name */
	const char *identity;  /* value of the first parameter; NULL when missing */
	const char *node;      /* this node as the cluster calls it; uname -n when unsaid */
	const char *sysroot;   /* "" on a real system */
	enum ocf_state before; /* what look() saw first; not set in monitor */
	bool probe;	       /* monitor without an interval */
	bool heartbeat;	       /* called as a haresources entry */
	bool pacemaker;	       /* called by Pacemaker */
	bool promotable;       /* configured as a promotable clone */
	bool promoted;	       /* look() saw it running in the promoted role */
	bool clone;	       /* configured as a clone */
	bool degraded_ok;      /* the caller understands 190/191 for this action (C7) */
	bool is_degraded;      /* ocf_degraded() was called in this action */
	bool unsettled;	 /* set by stop and demote: look() shows what may change by itself yet */
	int check_level; /* OCF_CHECK_LEVEL */
	int64_t interval_ms; /* 0 for probes */
	int64_t timeout_ms;  /* the whole action's, as the manager or the metadata says */
	int64_t start_ms;    /* CLOCK_MONOTONIC at entry */
	int64_t deadline_ms; /* CLOCK_MONOTONIC: be done and have spoken by then (C3) */

	/* Private to lib/ocf. */
	char reason[OCF_REASON_MAX];
	size_t n_findings;
	enum ocf_status worst_finding;
	FILE *findings; /* where findings are shown; NULL: log only */
	struct ocf_step_record steps[OCF_STEPS_MAX];
	size_t n_steps;
};

/**
 * ocf_main() - The whole of an agent's main(): argv and environment to exit code.
 *
 * Prints meta-data, usage, the reason line; never returns OCF_PENDING-like internal codes.
 */
int ocf_main(const struct ocf_agent *agent, int argc, char *argv[]);

/** ocf_main_seam() - ocf_main() for tests, with parts of the system replaced. */
int ocf_main_seam(const struct ocf_agent *agent, const struct ocf_seam *seam, int argc,
		  char *argv[]);

/* ---- verdicts (reason.c) --------------------------------------------------------------------- */

/**
 * ocf_fail() - Give the reason for a failure and pass its status on.
 *
 * The first reason wins: it is closest to the cause. Say the object, what was seen, what to do, in
 * one line: "cannot add veth101.0 to br0: No such device". Logged once, by the framework, at exit.
 * Any bytes may go in (names of processes, files): what is no visible character is replaced.
 *
 * Return: @status.
 */
enum ocf_status ocf_fail(struct ocf_ctx *ctx, enum ocf_status status, const char *fmt, ...)
	OCF_PRINTF(3, 4);

/** ocf_reason() - ocf_fail() where there is no status to pass on (look() answering UNKNOWN). */
void ocf_reason(struct ocf_ctx *ctx, const char *fmt, ...) OCF_PRINTF(2, 3);

/** ocf_reason_clear() - Forget the reason: the trouble was overcome. */
void ocf_reason_clear(struct ocf_ctx *ctx);

/**
 * ocf_degraded() - A running resource that needs a human (C7): for use as monitor's return value.
 *
 * Answers OCF_DEGRADED when the caller understands it and the trouble was there in the previous
 * monitor too (remembered in /run/vzha by agent and identity); otherwise OCF_SUCCESS and a warning
 * in the log. A monitor that returns without calling it has forgotten the trouble.
 */
enum ocf_status ocf_degraded(struct ocf_ctx *ctx, const char *fmt, ...) OCF_PRINTF(2, 3);

/**
 * ocf_finding() - Report one thing that validate-all found; go on looking for more.
 * @status: OCF_ERR_CONFIGURED (wrong anywhere), OCF_ERR_ARGS or OCF_ERR_INSTALLED (wrong on this
 *          host), or OCF_SUCCESS for a warning that must not refuse anything.
 */
void ocf_finding(struct ocf_ctx *ctx, enum ocf_status status, const char *fmt, ...)
	OCF_PRINTF(3, 4);

/* ---- log, trace (log.c, trace.c) ------------------------------------------------------------- */

/** ocf_log() - syslog, HA_LOGFILE, HA_DEBUGLOG, terminal. @priority: LOG_ERR ... LOG_DEBUG. */
void ocf_log(struct ocf_ctx *ctx, int priority, const char *fmt, ...) OCF_PRINTF(3, 4);

/** ocf_step() - What the action does from now on: for the trace, and for "where the time went". */
void ocf_step(struct ocf_ctx *ctx, const char *fmt, ...) OCF_PRINTF(2, 3);

/** ocf_trace() - One line for the trace file only (OCF_RESKEY_trace_ra); nothing otherwise. */
void ocf_trace(struct ocf_ctx *ctx, const char *fmt, ...) OCF_PRINTF(2, 3);

/* ---- time (clock.c) -------------------------------------------------------------------------- */

/** ocf_now_ms() - CLOCK_MONOTONIC in milliseconds: the clock of every deadline. */
int64_t ocf_now_ms(void);

/** ocf_left_ms() - Milliseconds until the action's deadline, 0 when it has passed. */
int64_t ocf_left_ms(const struct ocf_ctx *ctx);

/** ocf_share_ms() - The deadline that lies @percent of the way from now to the action's. */
int64_t ocf_share_ms(const struct ocf_ctx *ctx, int percent);

/**
 * ocf_pause_until() - Wait @ms, but never past @deadline_ms.
 *
 * For state that the kernel offers no event for. Return: false when the deadline has passed.
 */
bool ocf_pause_until(int64_t deadline_ms, int ms);

/* ---- helper programs (child.c) --------------------------------------------------------------- */

#define OCF_OUTPUT_MAX 8192

/* How a helper program ended and what it said (stdout and stderr together, in order). */
struct ocf_child_result {
	int exit_code;		     /* -1 when it ended by a signal or was never started */
	int signal;		     /* 0 unless it ended by a signal */
	bool timed_out;		     /* its deadline passed; it was ended */
	bool truncated;		     /* said more than fits */
	size_t output_len;	     /* without the final NUL */
	char output[OCF_OUTPUT_MAX]; /* NUL-terminated, the first bytes are kept */
};

/* A helper program that runs. */
struct ocf_child {
	pid_t pid;
	int output_fd;
	bool own_group; /* leads its own process group */
	bool exited;
	struct ocf_child_result result;
};

/**
 * ocf_child_start() - Start a program: absolute path, no shell, clean environment (PATH, LC_ALL=C,
 * HOME=/), cwd /, stdin /dev/null, default signals, output captured.
 * @argv: NULL-terminated, argv[0] is the absolute path. Not put behind the sysroot.
 *
 * Return: 0 or -errno (-ENOENT: not installed).
 */
int ocf_child_start(struct ocf_ctx *ctx, const char *const argv[], struct ocf_child *ret_child);

/**
 * ocf_child_wait() - Wait for the end of a child, at most until @deadline_ms (monotonic).
 *
 * Never waits for the end of its output: a daemon it left may hold the pipe open.
 * Return: 0 ended (child->result is filled), -ETIMEDOUT still running.
 */
int ocf_child_wait(struct ocf_ctx *ctx, struct ocf_child *child, int64_t deadline_ms);

/** ocf_child_signal() - Signal the child and what it started (its process group). */
void ocf_child_signal(struct ocf_child *child, int signo);

/** ocf_child_end() - TERM the child's group, KILL after @grace_ms, reap, close. Safe if ended. */
void ocf_child_end(struct ocf_ctx *ctx, struct ocf_child *child, int grace_ms);

/**
 * ocf_run() - Start, wait, end: one helper program within @deadline_ms (0: the action's).
 *
 * Return: 0 when it ran to an end by itself, whatever its exit code; -ETIMEDOUT (ended, result
 * says what it had printed); -errno when it could not be started.
 */
int ocf_run(struct ocf_ctx *ctx, const char *const argv[], int64_t deadline_ms,
	    struct ocf_child_result *ret_result);

/** ocf_run_stdout() - For output that is data: what the program warns of on stderr is not kept. */
int ocf_run_stdout(struct ocf_ctx *ctx, const char *const argv[], int64_t deadline_ms,
		   struct ocf_child_result *ret_result);

/** ocf_result_text() - "exit code 9: Container already locked", for reasons. Static buffer-free. */
const char *ocf_result_text(const struct ocf_child_result *result, char *buf, size_t size);

/* ---- cluster attributes (attribute.c) -------------------------------------------------------- */

/**
 * ocf_promotion_score() - Tell the cluster how fit this node is to be promoted (C14).
 * @score: NULL takes it back: this node is not to be promoted at all.
 *
 * Written through Pacemaker's attrd_updater only when it differs from what was written last, within
 * seconds even if that hangs, never by a probe or outside of a promotable clone. Whether it
 * succeeded never decides about an action: what could not be written is tried again next time.
 */
void ocf_promotion_score(struct ocf_ctx *ctx, const char *score);

/* ---- files (file.c) -------------------------------------------------------------------------- */

/** ocf_path() - @fmt behind the sysroot, into @buf. Return: @buf; empty string if too long. */
const char *ocf_path(const struct ocf_ctx *ctx, char *buf, size_t size, const char *fmt, ...)
	OCF_PRINTF(4, 5);

/**
 * ocf_read_file() - Read a small file whole (proc, sysfs, configuration) into @buf, NUL-terminated.
 *
 * Return: bytes read; -errno; -EFBIG when it does not fit. @buf holds what could be read, if
 * nothing else an empty text.
 */
ssize_t ocf_read_file(const char *path, char *buf, size_t size);

/**
 * ocf_write_file() - Replace a file atomically: temporary name beside it, fsync, rename, fsync of
 * the directory. Two writers of one path must take turns. Return: 0 or -errno.
 */
int ocf_write_file(const char *path, const char *text, mode_t mode);

/** ocf_mkdir_p() - Make a directory and its parents. Return: 0, also when there; -errno. */
int ocf_mkdir_p(const char *path, mode_t mode);

/**
 * ocf_escape() - @text as one file name, the way systemd escapes paths: '/' becomes '-', other
 * bytes outside [A-Za-z0-9:_.] become \xNN. Return: @buf; empty string if too long.
 */
const char *ocf_escape(const char *text, char *buf, size_t size);

#define OCF_RUN_DIR "/run/vzha"

/* ---- cleanup helpers -------------------------------------------------------------------------- */

void ocf_close_p(int *fd);
void ocf_free_p(void *p);
void ocf_fclose_p(FILE **f);

#define auto_close  __attribute__((cleanup(ocf_close_p)))
#define auto_free   __attribute__((cleanup(ocf_free_p)))
#define auto_fclose __attribute__((cleanup(ocf_fclose_p)))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#endif
