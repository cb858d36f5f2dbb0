/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the original of a path is while it is seeded, on this node:
 *
 *	P.vzha-seeding	its copy is surely not committed: it goes back to P
 *	P.vzha-seeded	its copy was about to be committed: the shared tree knows. Who does not see it brings
 *			nothing back, since what he brought could be old, and run twice
 *	P.vzha-local	its copy is committed
 */
#include "relocation.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <syslog.h>

#define SEEDED_MARK "trusted.vzha.seeded"

static bool is_there(const char *name)
{
	struct stat st;

	return lstat(name, &st) == 0;
}

void seed_forget_original(const struct path *path)
{
	(void) lremovexattr(path->name, SEEDED_MARK);
}

static int bring_back(const struct path *path, const char *original)
{
	int r = path->local == LOCAL_ABSENT ? rename_to_free_name(original, path->name)
					    : exchange_for_original(path, original);

	if (r == 0)
		seed_forget_original(path);
	return r;
}

/* -EEXIST: which content counts is for people to say, and seed_names_are_free() tells them. */
static int put_in_order(struct relocation *relocation, struct path *path, const char *original,
			enum seed_view view)
{
	bool see_shared = view == SEED_SEES_SHARED;
	int r = inspect_local(relocation, path);

	if (r == 0 && see_shared)
		r = inspect_shared(relocation, path);
	if (r < 0)
		return r;
	if (see_shared && (path->there == SHARED_FULL || path->there == SHARED_FILE))
		r = keep_aside(relocation, path, original);
	else if (path->local != LOCAL_OUR_LINK && path->local != LOCAL_ABSENT)
		r = -EEXIST; /* somebody has made P anew */
	else if (see_shared && original == path->seeded && !seed_store_is_ours(relocation))
		r = -EEXIST; /* committed, and emptied or removed since; or the store was, by hand */
	else
		r = bring_back(path, original);
	fsync_parent(path->name);
	return r;
}

void seed_recover_local(struct relocation *relocation, struct path *path, enum seed_view view)
{
	const char *const originals[] = { path->seeded, path->seeding };
	bool no_reason = !relocation->ctx->reason[0];

	for (size_t i = 0; i < ARRAY_SIZE(originals); i++) {
		int r;

		if (!is_there(originals[i]) || remove_link(originals[i], path->target) == 0)
			continue;
		if (view == SEED_SEES_NOTHING && originals[i] == path->seeded) {
			ocf_log(relocation->ctx, LOG_WARNING,
				"%s: is kept until the next start or restore: whether its copy on the "
				"shared tree counts can be seen only there",
				path->seeded);
			continue;
		}
		r = put_in_order(relocation, path, originals[i], view);
		if (r < 0)
			ocf_log(relocation->ctx, LOG_WARNING,
				"%s: the original of %s cannot be put in order: %s", originals[i],
				path->name, strerror(-r));
	}
	if (no_reason)
		ocf_reason_clear(relocation->ctx);
}

bool seed_names_are_free(struct relocation *relocation, const struct path *path)
{
	const char *taken = is_there(path->seeded)    ? path->seeded
			    : is_there(path->seeding) ? path->seeding
						      : NULL;

	if (taken)
		ocf_reason(
			relocation->ctx,
			"%s: is there, the original of %s or an old copy of it. If it is what you want: "
			"move away what is at %s now (remove it if it is a link), then rename this to "
			"that; if not, rename this",
			taken, path->name, path->name);
	return !taken;
}

/*
 * An original that was seeded is old from then on, whatever the shared tree has made of it: it must never stand
 * in for it. On filesystems without such attributes the names of its containers have to tell.
 */
bool seed_is_original_of(const struct path *path)
{
	return lgetxattr(path->aside, SEEDED_MARK, NULL, 0) >= 0;
}

int seed_about_to_commit(const struct path *path)
{
	int r;

	(void) lsetxattr(path->seeding, SEEDED_MARK, "1", 1, 0);
	r = rename_to_free_name(path->seeding, path->seeded);

	return r < 0 ? r : fsync_parent(path->name);
}

void seed_undo_local(struct relocation *relocation, struct path *path)
{
	/* The commit was not written, and we know it. */
	if (is_there(path->seeded))
		(void) rename_to_free_name(path->seeded, path->seeding);
	seed_recover_local(relocation, path, SEED_SEES_NOTHING);
}
