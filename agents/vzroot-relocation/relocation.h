/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How it works. Each configured path P (say /var/lib/lxc) is, for good, a symbolic link
 *
 *	P -> /run/vzha/root/KEY/var/lib/lxc		KEY: the shared tree's path, escaped
 *
 * and /run/vzha/root/KEY is the switch, one symbolic link that start and stop rename into place:
 *
 *	/run/vzha/root/KEY -> SHARED			active
 *	/run/vzha/root/KEY -> /run/vzha/standby/KEY	passive: a tree of empty directories
 *	/run/vzha/root/KEY -> /run/vzha/closed/KEY	nowhere (closed is a file): while start or restore
 *							moves the content, so that who writes by name
 *							hears that it is not there
 *
 * So all paths move together with one rename, a power cut leaves the node passive (/run is empty
 * after a boot), and a passive node sees empty directories, never stale or dangling ones.
 */
#ifndef VZHA_RELOCATION_H
#define VZHA_RELOCATION_H

#include <limits.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>

#include "ocf.h"
#include "vzroot-relocation.meta.h"

#define PATHS_MAX 64

/* What lies at P on this node. */
enum local_kind {
	LOCAL_ABSENT,
	LOCAL_EMPTY,	    /* a directory without an entry */
	LOCAL_FULL,	    /* a directory with entries */
	LOCAL_FILE,	    /* a regular file */
	LOCAL_OUR_LINK,	    /* to the switch */
	LOCAL_HAND_LINK,    /* straight to SHARED/P, as in hand-made clusters */
	LOCAL_FOREIGN_LINK, /* to anywhere else */
	LOCAL_OTHER,	    /* a device, a socket, a fifo */
	LOCAL_KINDS,
};

/* What lies at SHARED/P. */
enum shared_kind {
	SHARED_ABSENT,
	SHARED_EMPTY,
	SHARED_FULL,
	SHARED_FILE,
	SHARED_OTHER, /* also a link: the shared tree must hold the thing itself */
	SHARED_KINDS,
};

/* What start does about a path. */
enum step {
	STEP_SKIP,	  /* nothing on either side: counts as in place */
	STEP_KEEP,	  /* our link is there, and what it leads to */
	STEP_LINK,	  /* make our link where nothing is */
	STEP_ADOPT,	  /* replace a hand-made link by ours; no data moves */
	STEP_REPLACE,	  /* put our link in the place of an empty directory */
	STEP_SET_ASIDE,	  /* put our link in the place of real content, which is kept beside it */
	STEP_MAKE_SHARED, /* an empty directory on the shared tree first, then as REPLACE */
	STEP_SEED,	  /* copy real content to the shared tree, then as SET_ASIDE (seed.c) */
	STEP_REFUSE_SEED, /* content here, none on the shared tree: nobody knows if it is meant */
	STEP_REFUSE_LOST, /* our link is there, but not what it leads to: the wrong filesystem? */
	STEP_REFUSE_LINK, /* a link that somebody else made */
	STEP_REFUSE_KIND, /* things that do not fit each other */
};

struct path {
	char name[PATH_MAX];   /* P */
	char shared[PATH_MAX]; /* SHARED/P */
	char target[PATH_MAX]; /* what our link at P says */
	/* Beside P, with a dot before its last part: */
	char temporary[PATH_MAX]; /* P.vzha-link */
	char aside[PATH_MAX];	  /* P.vzha-local: what was at P before our link */
	char seeding[PATH_MAX];	  /* P.vzha-seeding: the original until its copy is committed */
	char seeded[PATH_MAX];	  /* P.vzha-seeded: the original while that happens */
	enum local_kind local;
	enum shared_kind there;
	enum step step;
};

/* Everything a start or stop works with; too large for a stack frame: static in each action. */
struct relocation {
	struct ocf_ctx *ctx;
	const char *shared;
	char key[NAME_MAX + 1];
	char switch_path[PATH_MAX]; /* /run/vzha/root/KEY */
	char standby[PATH_MAX];	    /* /run/vzha/standby/KEY */
	struct stat switch_seen;    /* as we made it, or found it: stop needs no lock to move it */
	struct stat shared_seen;    /* by restore, which has its top open; inode 0: not mounted */
	char closed[PATH_MAX];	    /* /run/vzha/closed/KEY, never there */
	struct path paths[PATHS_MAX];
	size_t n_paths;
	size_t n_given; /* more than n_paths: some are too long, or too many */
};

/* paths.c: the parameters as a relocation. The same object every time: one action, one process. */
struct relocation *relocation_open(struct ocf_ctx *ctx);
void relocation_check_conf(struct ocf_ctx *ctx);
bool path_is_below(const char *path, const char *directory);
/*
 * The name beside DIR/NAME that we use for something: DIR/.NAME and @suffix. With the dot, as LXC takes any other
 * directory beside a container for one, and starts it. False: too long.
 */
bool path_beside(char out[PATH_MAX], const char *path, const char *suffix);
bool relocation_places_are_apart(struct relocation *relocation); /* reason given when not */

/* inspect.c: look at both sides. Return: 0 or -errno, with the reason given. */
int inspect_local(struct relocation *relocation, struct path *path);
int inspect_shared(struct relocation *relocation, struct path *path);

/* decide.c: the table of DESIGN's R3. Pure. */
enum step decide_step(enum local_kind local, enum shared_kind there, bool seed);
const char *local_kind_name(enum local_kind kind);
const char *shared_kind_name(enum shared_kind kind);
const char *step_name(enum step step);
bool step_refuses(enum step step);

/*
 * target.c: is SHARED on the filesystem that is meant? Reason given when not. From mountinfo only, unless links
 * on the way are to be looked for (@resolve).
 */
enum target {
	TARGET_GOOD,
	TARGET_READ_ONLY,
	TARGET_ABSENT, /* nothing is mounted there */
	TARGET_OTHER,  /* another device is */
	TARGET_WRONG,  /* nobody knows */
};
enum target target_look(struct relocation *relocation, bool resolve);
bool target_is_mounted(struct relocation *relocation, bool resolve); /* and good */

/* switch.c */
enum switch_state {
	SWITCH_ABSENT,
	SWITCH_ACTIVE,
	SWITCH_STANDBY, /* closed as well */
	SWITCH_STRANGE,
	SWITCH_UNREADABLE
};
enum switch_state switch_read(const struct relocation *relocation);
int switch_to(struct relocation *relocation, const char *target);
/* The switch as it is now is ours; has a stop moved it since? Then with a reason. */
void switch_note(struct relocation *relocation);
bool switch_is_moved(struct relocation *relocation);
/* Until the next switch_to(); switch_reopen() goes to the standby tree if it is closed. 0 or -errno, with a reason. */
int switch_close(struct relocation *relocation);
void switch_reopen(struct relocation *relocation);

/*
 * standby.c: the tree that stands in for the shared one. standby_tree() completes it; standby_choose(), when
 * all links are placed and the shared tree is seen, makes of it what the parameter standby says. Both:
 * 0 or -errno with a reason. standby_link(): is a link the path's stand-in, and where to?
 */
int standby_tree(struct relocation *relocation);
int standby_choose(struct relocation *relocation);
/* Log what was written there; @to_people: print it, too. */
void standby_tell_strays(const struct relocation *relocation, bool to_people);
/* The path is a directory again: what stood in for it goes, unless somebody has put something there. */
void standby_remove(const struct relocation *relocation, const struct path *path);
void standby_renamed(const struct relocation *relocation, const struct path *path, const char *from,
		     const char *to);
bool standby_is_file(const struct relocation *relocation, const struct path *path);
bool standby_link(const struct relocation *relocation, const struct path *path,
		  char target[PATH_MAX]);
/* standby-conflict.c: a container that P.vzha-local and the shared tree both have. */
bool standby_conflict(const struct path *path, int64_t deadline_ms, char name[NAME_MAX + 1]);

/* place.c: carry out one path's step; safe to be killed between any two calls. */
enum ocf_status place_path(struct relocation *relocation, struct path *path);
void place_recover(struct relocation *relocation, struct path *path);
int make_our_link(const struct path *path); /* where nothing is; 0 or -errno */
int fsync_parent(const char *path);	    /* may be ignored where nothing is removed afterwards */
/* false: with the reason that @path, which is at @tree now, is in use. */
bool nobody_uses(struct relocation *relocation, const struct path *path, const char *tree);

/* rename.c: 0 or -errno; nothing is ever overwritten. */
#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE (1 << 0)
#endif
#ifndef RENAME_EXCHANGE
#define RENAME_EXCHANGE (1 << 1)
#endif
int rename_with(const char *from, const char *to, unsigned int flags);
bool rename_unsupported(int error);
int rename_to_free_name(const char *from, const char *to);
/* The first free one of BASE.first, BASE.first+1 ... below @end; number 0 is BASE alone. @to: which one. */
#define STRAYS_MAX 1000
int rename_to_numbered(const char *from, const char *base, int first, int end, char *to,
		       size_t size);
int exchange_for_link(const struct path *path, const char *kept);
/* What is at @from takes the place of our link at P; -EEXIST: something else was there, and stays. */
int exchange_for_original(const struct path *path, const char *from);
bool is_link_to(const char *name, const char *target);
/* 0 also when nothing is there; -EEXIST: it is something else. */
int remove_link(const char *name, const char *target);
/* @ours went to @name, and what came to @from was not what we thought: it goes back. */
void give_back(const char *from, const char *name, const struct stat *ours);

/* aside.c: the original at @from to its name beside P, 0 or -errno with a reason; those that came there later. */
int keep_aside(struct relocation *relocation, const struct path *path, const char *from);
bool is_set_aside(const struct path *path); /* P.vzha-local is there */
/* Entries of the directory P that SHARED/P does not have, as text; how many. */
size_t aside_only_here(const struct path *path, char *buf, size_t size);
typedef void each_name(void *arg, const struct path *path, const char *name);
/* Names that begin with @prefix, a path with its directory. */
void each_beside(const struct path *path, const char *prefix, each_name *each, void *arg);
void aside_each_later(const struct path *path, each_name *each, void *arg);

/* earlier-names.c: for start and restore, which put the stand-ins in order afterwards. Problems are logged. */
void earlier_names_end(struct relocation *relocation, const struct path *path);

/* boot.c: after a boot the paths lead to what they lead to now while this node is passive. Problems are logged. */
void relocation_at_boot(struct relocation *relocation);

/* others.c: paths that lead to our switch besides those that are configured; as text, and how many. @below: or NULL */
void relocation_each_other(struct relocation *relocation, void (*each)(void *arg, const char *name),
			   void *arg);
size_t relocation_others(struct relocation *relocation, const char *below, char *buf, size_t size);

/* parents.c: the directories above SHARED/@name, like those above @name. 0 or -errno. */
int relocation_make_parents(const struct relocation *relocation, const char *name);

/* seed.c: the paths whose step is STEP_SEED, all or none. */
int relocation_sync(int fd);
enum ocf_status seed_all(struct relocation *relocation);

/* seed-local.c: the originals of a seed, after an interruption. Problems are logged. */
enum seed_view {
	SEED_SEES_NOTHING, /* stop: the shared tree may be gone, and another node may have it */
	SEED_SEES_SHARED,  /* it is mounted, and what it holds decides */
	SEED_GIVES_UP,	   /* restore without it: what this node has is all there is */
};
void seed_recover_local(struct relocation *relocation, struct path *path, enum seed_view view);
bool seed_names_are_free(struct relocation *relocation,
			 const struct path *path); /* reason when not */
int seed_about_to_commit(const struct path *path);
/* What is set aside at P was seeded from here: the shared tree has what became of it. */
bool seed_is_original_of(const struct path *path);
void seed_forget_original(const struct path *path); /* it is at P again */
void seed_undo_local(struct relocation *relocation, struct path *path);

/* seed-store.c: what a seed keeps on the shared tree, and its commit. */
struct seed_store {
	char directory[PATH_MAX]; /* SHARED/.vzha-seed */
	int fd, links_fd;
	struct timespec begun; /* what was touched from then on is copied again */
	int64_t clock_ms;      /* copy_clock_ms() then */
	bool links_allowed;
};
enum ocf_status seed_store_recover(struct relocation *relocation);
enum ocf_status seed_store_open(struct relocation *relocation, struct seed_store *store);
/* All that was copied so far is on disk; says so in the store, for who takes it up. 0 or -errno. */
int seed_store_sync(struct seed_store *store);
const char *seed_tree_name(const char *path, char buf[NAME_MAX + 1]);
/* seed-top.c: what is at the path now; a copy of something else is removed. 0 or -errno. */
struct copy_id;
int seed_top(const struct seed_store *store, const struct path *path, struct copy_id *ret_top);
/* An unfinished one of this node is there. */
bool seed_store_is_ours(const struct relocation *relocation);
/* Not another directory by its name, on what was mounted over it. */
bool seed_store_is_in_sight(const struct seed_store *store);
/* After an attempt that failed: 1 the commit is there, 0 surely not, -errno. */
int seed_store_is_committed(const struct seed_store *store);
enum ocf_status seed_store_commit(struct relocation *relocation, struct seed_store *store);
enum ocf_status seed_store_discard(struct relocation *relocation);
enum ocf_status seed_store_drop_own(struct relocation *relocation);
void seed_store_close(struct seed_store *store);

/* interrupts.c: SIGINT, SIGTERM, SIGHUP */
void interrupts_hold(bool hold);
bool interrupts_are_pending(void);

/* lock.c: start, seed, restore of one shared tree take turns. A descriptor, or -errno. */
int relocation_lock(struct relocation *relocation, int64_t until_ms);

/* commands for people */
enum ocf_status relocation_seed(struct ocf_ctx *ctx);
enum ocf_status relocation_restore(struct ocf_ctx *ctx);

/*
 * restored.c: mark what restore is about to put at a path. restored_is_used(): P was put there by it, and was
 * changed since, and the shared tree was not: with a reason.
 */
void restored_mark(const char *tree, bool from_shared); /* or seeded to there */
bool restored_is_from_shared(const char *tree);
bool restored_is_used(struct relocation *relocation, const struct path *path);
/*
 * @restored, P.vzha-restored, which an interrupted restore left and somebody may have taken for his, is out of the
 * way, if it is there: 0 or -errno with a reason.
 */
int restored_put_aside(struct relocation *relocation, const struct path *path,
		       const char *restored);

/* refuse.c: the path's step, as a reason. Always a failure. */
enum ocf_status relocation_refuse(struct relocation *relocation, const struct path *path);
/* It leads to the switch of another shared directory. */
bool is_anothers_link(const struct path *path);
enum ocf_status refuse_anothers_link(struct relocation *relocation, const struct path *path);
/* The path's step would hide what only this node has: with a reason. */
bool step_would_hide(struct relocation *relocation, const struct path *path);

/* start.c, shared with seed */
enum ocf_status decide_all(struct relocation *relocation, bool seed);

/*
 * users.c: who uses a tree, as text; the number found. Mounts on or below it count as users. @resolve: find
 * out what links on the way to it lead to; false: @tree has none, and its filesystem is not touched.
 */
size_t users_of(struct ocf_ctx *ctx, const char *tree, bool resolve, int64_t deadline_ms, char *buf,
		size_t size);

/* start.c, stop.c, report.c */
enum ocf_status relocation_start(struct ocf_ctx *ctx);
enum ocf_status relocation_stop(struct ocf_ctx *ctx);
enum ocf_state relocation_look(struct ocf_ctx *ctx);
enum ocf_status relocation_monitor(struct ocf_ctx *ctx);
void relocation_check_host(struct ocf_ctx *ctx);
void relocation_describe(struct ocf_ctx *ctx, FILE *out);

#endif
