/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processes as /proc shows them. Everything here only reads, proc_kill() excepted. */
#ifndef VZHA_CT_PROC_H
#define VZHA_CT_PROC_H

#include "ocf.h"

#define PROC_CMDLINE_MAX 4352 /* a title of LXC is a path and a name */

struct proc_stat {
	char state; /* R, S, D, T, Z, X ... as in /proc/PID/stat */
	pid_t ppid;
	bool exiting; /* runs no more of its program; an init waits so for the last of its processes */
	uint64_t start_ticks; /* after boot, in clock ticks */
};

/** proc_stat_read() - Return: 0; -ESRCH no such process; -errno. */
int proc_stat_read(const struct ocf_ctx *ctx, pid_t pid, struct proc_stat *ret_stat);

/** proc_alive() - Is there such a process, not just its zombie, and not on its way there? */
bool proc_alive(const struct ocf_ctx *ctx, pid_t pid);

/**
 * proc_argv() - The command line, split.
 * @buf: holds the strings that @ret_argv points to
 *
 * Return: number of arguments, at most @max; 0 for zombies and kernel threads; -ESRCH; -errno.
 */
ssize_t proc_argv(const struct ocf_ctx *ctx, pid_t pid, char *buf, size_t size,
		  const char *ret_argv[], size_t max);

/** proc_is_ns_init() - Is it process 1 of a PID namespace below ours? */
bool proc_is_ns_init(const struct ocf_ctx *ctx, pid_t pid);

/**
 * proc_is_ours() - Does it live in our own PID namespace?
 *
 * What a container's processes call themselves is up to the container. Return: false if unknown.
 */
bool proc_is_ours(const struct ocf_ctx *ctx, pid_t pid);

/** proc_children() - Children of a process. Return: how many there are, at most @max; -errno. */
ssize_t proc_children(const struct ocf_ctx *ctx, pid_t pid, pid_t *ret_pids, size_t max);

/**
 * proc_walk() - Call @fn for each process until it answers false.
 *
 * Return: 0; -errno when /proc cannot be read.
 */
int proc_walk(const struct ocf_ctx *ctx, bool (*fn)(pid_t pid, void *arg), void *arg);

/** proc_started_ms() - When it was started, in milliseconds of CLOCK_BOOTTIME; -errno. */
int64_t proc_started_ms(const struct ocf_ctx *ctx, pid_t pid);

/**
 * proc_kill() - Signal exactly the process that @is_it recognises: the process is pinned first, so
 * that its number cannot pass to another one in between.
 *
 * Return: 0; -ESRCH gone, or not the one meant; -errno.
 */
int proc_kill(pid_t pid, int signo, bool (*is_it)(pid_t pid, void *arg), void *arg);

#endif
