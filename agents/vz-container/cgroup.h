/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Control groups, wherever they are: the unified hierarchy, the old ones, both at once; below a
 * delegated part or not. A container's groups have a known name and lie at the root of a
 * hierarchy, or in one of the groups above ourselves or above process 1.
 */
#ifndef VZHA_CT_CGROUP_H
#define VZHA_CT_CGROUP_H

#include <limits.h>

#include "ocf.h"

#define CG_PATH_MAX 1024
#define CG_DIRS_MAX 16

struct cg_hierarchy {
	bool v2;
	bool freezer; /* v1: the one that freezes */
	char mount[256];
	char root[256];	    /* what the mount shows as its top */
	char name[64];	    /* as /proc/PID/cgroup calls it: "freezer", "name=systemd", "" for v2 */
	char above[2][512]; /* our own group and process 1's, relative to the mount; "" unknown */
};

struct cg_tree {
	struct cg_hierarchy h[20];
	size_t n;
};

struct cg_dir {
	const struct cg_hierarchy *h;
	char path[CG_PATH_MAX];
};

enum cg_state {
	CG_EMPTY, /* no process in it or below; also: it is gone */
	CG_POPULATED,
	CG_UNREADABLE,
};

/** cg_load() - Which hierarchies are mounted here. Return: 0 (also when none is); -errno. */
int cg_load(const struct ocf_ctx *ctx, struct cg_tree *ret_tree);

/**
 * cg_find() - Groups called @name; with @suffixes also @name-1, @name-2, ...
 *
 * The hierarchies are asked in order of what they are worth: the unified one first.
 * Return: how many there are, at most @max; -errno when a hierarchy could not be searched.
 */
ssize_t cg_find(const struct cg_tree *tree, const char *name, bool suffixes, struct cg_dir *ret,
		size_t max);

/**
 * cg_of() - The groups a process is in whose name begins with @prefix, or which lie below one.
 *
 * Return: number of groups (the directory called @prefix...), at most @max.
 */
size_t cg_of(const struct ocf_ctx *ctx, const struct cg_tree *tree, pid_t pid, const char *prefix,
	     struct cg_dir *ret, size_t max);

/** cg_state() - Does a process live in this group or below it? Zombies do not count. */
enum cg_state cg_state(const struct cg_dir *dir);

/** cg_procs() - Processes in the group and below. Return: number, at most @max; -errno. */
ssize_t cg_procs(const struct cg_dir *dir, pid_t *ret_pids, size_t max);

/** cg_frozen() - Is this group frozen (or freezing)? */
bool cg_frozen(const struct cg_dir *dir);

/** cg_thaw() - Thaw it. Return: 0, also when it was not frozen or cannot freeze; -errno. */
int cg_thaw(const struct cg_dir *dir);

/** cg_kill() - SIGKILL for each process in it and below. Return: 0; -errno. Does not wait. */
int cg_kill(const struct cg_dir *dir);

#endif
