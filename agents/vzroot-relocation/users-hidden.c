/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Directories that a process has, as its working directory or as a descriptor, by a name that leads nowhere
 * from here: in another namespace, below another root, on a mount that is out of every table. They are told
 * by device and inode instead, which takes a walk over the tree. Files need none of that: who writes one is
 * told of by the kernel (copy-lease.c).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "copy.h"
#include "users.h"

/* A descriptor by which a file cannot be read or written can still be opened anew: as much as a directory. */
static bool is_bare(const char *link)
{
	struct stat st;

	return lstat(link, &st) == 0 && (st.st_mode & (S_IRUSR | S_IWUSR)) == 0;
}

/* stat() without asking a server that may not answer, where the kernel can (4.11). */
static int look_at(const char *link, struct stat *ret_st)
{
#ifdef AT_STATX_DONT_SYNC
	struct statx stx;

	if (statx(AT_FDCWD, link, AT_STATX_DONT_SYNC, STATX_TYPE | STATX_INO, &stx) == 0) {
		*ret_st = (struct stat){ .st_dev = makedev(stx.stx_dev_major, stx.stx_dev_minor),
					 .st_ino = stx.stx_ino,
					 .st_mode = stx.stx_mode };
		return 0;
	}
	if (errno != ENOSYS)
		return -1;
#endif
	return stat(link, ret_st);
}

/* Its name from here leads to it, and not by the tree, or it would have been told of: directories have one. */
static bool is_elsewhere(const struct search *search, const struct stat *st, const char *name)
{
	struct stat seen;

	return !alias_holds(search->own, name) && lstat(name, &seen) == 0 &&
	       copy_is_same_object(&seen, st);
}

void search_note_hidden(struct search *search, const char *pid, const char *link, const char *name,
			const char *how)
{
	struct holders *holders = search->hidden;
	struct holder *holder;
	struct stat st;

	/* Sockets and the like have names without a slash. */
	if (!holders || name[0] != '/' || look_at(link, &st) < 0 ||
	    st.st_dev != search->tree_device || !(S_ISDIR(st.st_mode) || is_bare(link)) ||
	    is_elsewhere(search, &st, name))
		return;
	if (holders->n == holders->size) {
		size_t size = holders->size ? holders->size * 2 : 64;

		holder = realloc(holders->list, size * sizeof(*holder));
		if (!holder) {
			search_tell(search, "perhaps others: no memory to look for them");
			return;
		}
		holders->list = holder;
		holders->size = size;
	}
	holder = &holders->list[holders->n++];
	holder->id = copy_id_of(&st);
	holder->how = how;
	(void) snprintf(holder->pid, sizeof(holder->pid), "%s", pid);
}

static const struct holder *find(const struct holders *holders, const struct stat *st)
{
	const struct copy_id id = copy_id_of(st);

	for (size_t i = 0; i < holders->n; i++) {
		if (copy_compare_ids(&holders->list[i].id, &id) == 0)
			return &holders->list[i];
	}
	return NULL;
}

/* For copy_scan(): ends it at the first one. */
static const char *tell_holder(void *arg, const struct stat *st, const char *name)
{
	struct search *search = arg;
	const struct holder *holder = find(search->hidden, st);
	char who[256];

	if (!holder)
		return NULL;
	search_describe(holder->pid, who, sizeof(who));
	search_tell(search, "%s %s %s", who, holder->how, name);
	return "is in use";
}

void search_hidden(struct search *search, int64_t deadline_ms)
{
	struct copy copy = {
		.deadline_ms = deadline_ms, .links_fd = -1, .held = tell_holder, .held_arg = search
	};
	struct copy_needs needs;

	if (search->n || !search->hidden || !search->hidden->n)
		return;
	if (copy_scan(&copy, AT_FDCWD, search->tree, search->tree, NULL, NULL, &needs) == -ETIME)
		search_tell(search, "perhaps others: the tree could not be looked through in time");
}
