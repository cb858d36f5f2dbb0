/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the agent and its watcher must agree on: which ports are meant, marks, and the lock. */
#ifndef VZHA_VETH_BRIDGE_SHARED_H
#define VZHA_VETH_BRIDGE_SHARED_H

#include "nlbridge.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define MARK_OWN  "vzha:own:"  /* a bridge that we made */
#define MARK_USE  "vzha:use:"  /* a bridge that we use */
#define MARK_PORT "vzha:port:" /* a port that we attached */

#define LOCK_DIR "/run/vzha/bridge"

/* ---- patterns.c: a list of fnmatch patterns separated by blanks ------------------------------- */

/** patterns_match() - Whether one of the patterns fits the whole of @name. */
bool patterns_match(const char *patterns, const char *name);

/** patterns_overlap() - Whether there can be a name that both lists fit. */
bool patterns_overlap(const char *a, const char *b);

/** patterns_check() - NULL when the list is fine, else why not. */
const char *patterns_check(const char *patterns);

/* ---- ports.c: what to do with a link ---------------------------------------------------------- */

enum port_verdict {
	PORT_NOT_MEANT,	 /* no pattern fits, or it is no host end by its kind */
	PORT_ATTACHED,	 /* it is in our bridge */
	PORT_TAKEN,	 /* it has another master: reported and left */
	PORT_UNFINISHED, /* its other end is still here: its creator is not done, or never will be */
	PORT_DOWN,	 /* a host end that nobody has set up yet */
	PORT_FREE,	 /* ready: attach it */
};

/**
 * port_judge() - What @link is to a bridge. Pure, but for the list of OpenVZ's host ends.
 * @vz_list: path of /proc/vz/veth; it lists the host ends of kernels whose links have no kind.
 */
enum port_verdict port_judge(const struct nlbridge_link *link, int bridge, const char *patterns,
			     const char *vz_list);

/**
 * port_take() - Mark a link and attach it.
 *
 * The mark comes first: killed in between, a marked link is in no bridge, and that harms nobody.
 * Return: 0 or as nlbridge_port_attach(); then the mark is gone again.
 */
int port_take(struct nlbridge *nb, const char *bridge, const struct nlbridge_link *link);

/** port_release() - Detach a marked link, and take the mark off. Return: 0 or -errno. */
int port_release(struct nlbridge *nb, const char *bridge, const struct nlbridge_link *link);

#define VZ_LIST "/proc/vz/veth"

/* ---- lock.c: a record lock says that a watcher lives, and which process it is ----------------- */

/** lock_path() - The lock file of @bridge below @sysroot. */
void lock_path(const char *sysroot, const char *bridge, char *buf, size_t size);

/** lock_holder() - The process that holds the lock file at @path: 0 none, -errno. */
pid_t lock_holder(const char *path);

#endif
