/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parts of restore.c. */
#ifndef VZHA_RELOCATION_RESTORE_H
#define VZHA_RELOCATION_RESTORE_H

#include "relocation.h"

/* The names that a restore of a path works with. */
struct restore_names {
	char part[PATH_MAX]; /* P.vzha-restore: the copy grows there */
	char ours
		[PATH_MAX]; /* P.vzha-restore-links: a directory, there as long as @part is one of ours */
	char links[PATH_MAX]; /* in it, for hard links while copying */
	char done[PATH_MAX];  /* P.vzha-restored: the copy, complete */
};

/* restore-shared.c: 0 or -ENAMETOOLONG. */
int restore_names(const struct path *path, struct restore_names *ret_names);
/* The unfinished copy, if it is one of ours. */
void restore_drop_part(const struct restore_names *names);
/* A copy of SHARED/P takes the place of our link at P, or nothing has changed. */
enum ocf_status restore_from_shared(struct relocation *relocation, struct path *path);

/* restore.c: the shared tree is still there, or still not; else with a reason. */
bool restore_is_as_seen(struct relocation *relocation);
enum ocf_status restore_failed(struct relocation *relocation, const struct path *path, int error);
/* The exchange for our link failed with @error. */
enum ocf_status restore_replaced(struct relocation *relocation, const struct path *path, int error);

#endif
