/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A stand-in for vzctl 4.11 on a stock kernel, for vzha's tests. It is not OpenVZ and shares no
 * code with it. It answers in vzctl's words and exit codes, and what it starts is real: processes
 * in namespaces of their own, control groups vz-CTID, a veth pair, a bind mount, the PID file, the
 * link below /run/netns and the lock file, with the habits that make an agent's life hard:
 *	- a lock counts as held while any process has its number
 *	- stop waits without limit for the container's halt, holding the lock; SIGTERM to vzctl
 *	  alone makes it say "Cancelling..." and wait on
 *	- a failing CTID.stop script blocks stop and stop --fast (79)
 *	- without its configuration a running container cannot be stopped (14)
 *	- a frozen container does not die (33)
 *	- stop ends with 40 where nothing is mounted, 51 where the mount is busy, the container being
 *	  stopped in both cases
 *	- start "restores" a leftover dump, and so does restore: a stand-in has no CRIU, so a dump holds
 *	  the text of /tmp/memory in the container, which suspend takes and restore puts into
 *	  /restored. A restore of a dump that begins with "bad" fails (17), a suspend fails (16) where
 *	  /run/fake-vzctl.no-criu exists; both leave the container as it was
 *	- start ends with 0 also when init ends at once
 *	- PID file and namespace link stay behind when init is killed
 */
#ifndef FAKE_VZCTL_H
#define FAKE_VZCTL_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

struct ct {
	int id;
	bool conf; /* has a configuration */
	char lockdir[PATH_MAX];
	char dumpdir[PATH_MAX];
	char root[PATH_MAX];
	char private[PATH_MAX];
	char netif[4096];
	char netdev[256];
	char disabled[16];
	int stop_timeout;
};

/* look.c */
int ct_load(struct ct *ct, int id); /* 10 without vz.conf */
bool ct_mounted(const struct ct *ct);
size_t ct_tasks(const struct ct *ct, pid_t *ret, size_t max);
bool ct_running(const struct ct *ct);
pid_t ct_init(const struct ct *ct);
int ct_lock(const struct ct *ct); /* 0, or 9 */
void ct_unlock(const struct ct *ct);
int say(int code, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

void be_slow(const char *file); /* as many seconds as the test wrote into it */

/* start.c */
int ct_mount(const struct ct *ct);
int ct_start(const struct ct *ct, const char *dump); /* @dump: must be restored; NULL: boot */
void ct_groups(const struct ct *ct, pid_t pid);	     /* makes them, and puts @pid in */

/* stop.c */
int ct_umount(const struct ct *ct);
int ct_stop(const struct ct *ct, bool fast);

/* dump.c */
void ct_dump_path(const struct ct *ct, char *ret, size_t size);
int ct_suspend(const struct ct *ct);
int ct_restore(const struct ct *ct, const char *dump);
bool ct_undump(const struct ct *ct, const char *dump); /* into a mounted root */

/* stop.c */
int ct_kill(const struct ct *ct);
/* @argv runs inside; -1 when there is no init to join */
pid_t ct_enter(const struct ct *ct, char *const argv[]);

#endif
