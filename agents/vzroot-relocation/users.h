/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parts of users.c: a tree, under all the names that it can be reached by, and who uses it. */
#ifndef VZHA_RELOCATION_USERS_H
#define VZHA_RELOCATION_USERS_H

#include "copy.h"
#include "relocation.h"

/* A name of the tree where more than one mount leads to it. */
struct alias {
	struct alias *next;
	char path[];
};

/* Something in use that has no name here: users-hidden.c. */
struct holder {
	struct copy_id id;
	char pid[48];
	const char *how; /* "works in" */
};

struct holders {
	struct holder *list;
	size_t n, size;
};

struct search {
	const struct ocf_ctx *ctx;
	const char *tree;      /* as it was asked for */
	char real[PATH_MAX];   /* without links on the way: as the kernel tells paths */
	char device[32];       /* of the tree's filesystem, "8:1"; empty: unknown */
	char inside[PATH_MAX]; /* the tree's path inside that filesystem */
	dev_t tree_device;     /* as stat(2) tells it */
	char own_namespace[64];
	struct holders *hidden; /* NULL: only what has a name */
	struct alias *own;	/* its names in our mount namespace */

	/* The mount namespace that was looked at last, unless it was ours. */
	char namespace[64];
	struct alias *names;
	const char *mounted;

	char *buf;
	size_t size, used, n;
};

/* users.c: one more user, as text. */
void __attribute__((format(printf, 2, 3))) search_tell(struct search *search, const char *fmt, ...);
/* "pid 12 (sh) in container 101" */
const char *search_describe(const char *pid, char *buf, size_t size);

/* users-hidden.c: @link of /proc/@pid says @name, which is none of the tree's. Then go through what was noted. */
void search_note_hidden(struct search *search, const char *pid, const char *link, const char *name,
			const char *how);
void search_hidden(struct search *search, int64_t deadline_ms);

/* Does @path lie in the tree, by one of @names? */
bool alias_holds(const struct alias *names, const char *path);

/* users-mounts.c: find out what @search is about, and tell of the mounts in our namespace. */
void search_own_mounts(struct search *search, bool resolve);

/*
 * The names that the tree has for process @pid, which may be in another mount namespace. *@ret_mounted: how that
 * uses the tree by a mount of its own, as "has a part of it mounted", or NULL.
 */
const struct alias *search_names_for(struct search *search, const char *pid,
				     const char **ret_mounted);

void search_close(struct search *search);

#endif
