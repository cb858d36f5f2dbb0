/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why a start does nothing about a path, and what people can do about it: the advice is followed to the letter. */
#include "relocation.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum ocf_status refuse_lost(struct relocation *relocation, const struct path *path)
{
	if (is_set_aside(path))
		return ocf_fail(
			relocation->ctx, OCF_ERR_GENERIC,
			"%s: this node is set up for it, but nothing is at %s; is the right filesystem "
			"mounted? If it is, and has lost it: what this node had is %s, and "
			"`vzroot-relocation restore` brings it back",
			path->name, path->shared, path->aside);
	return ocf_fail(
		relocation->ctx, OCF_ERR_GENERIC,
		"%s: this node is set up for it, but nothing is at %s; is the right filesystem "
		"mounted? If it is, make the directory there",
		path->name, path->shared);
}

static const char switches[] = OCF_RUN_DIR "/root/";

static void link_target(const struct path *path, char target[PATH_MAX])
{
	ssize_t n = readlink(path->name, target, PATH_MAX - 1);

	target[n > 0 ? n : 0] = '\0';
}

bool is_anothers_link(const struct path *path)
{
	char target[PATH_MAX];

	link_target(path, target);
	return strncmp(target, switches, strlen(switches)) == 0;
}

enum ocf_status refuse_anothers_link(struct relocation *relocation, const struct path *path)
{
	char target[PATH_MAX];

	link_target(path, target);
	return ocf_fail(relocation->ctx, OCF_ERR_GENERIC,
			"%s: is vzha's link for another shared directory (%s); run "
			"`vzroot-relocation restore` with that one as shared= first",
			path->name, target);
}

static enum ocf_status refuse_link(struct relocation *relocation, const struct path *path)
{
	char target[PATH_MAX], real[PATH_MAX];

	if (is_anothers_link(path))
		return refuse_anothers_link(relocation, path);
	link_target(path, target);
	if (!realpath(path->name, real))
		return ocf_fail(
			relocation->ctx, OCF_ERR_GENERIC,
			"%s: is a link to %s, which cannot be reached: %s; remove the link if it is "
			"of no use",
			path->name, target, strerror(errno));
	if (path->there == SHARED_ABSENT || path->there == SHARED_EMPTY)
		return ocf_fail(
			relocation->ctx, OCF_ERR_GENERIC,
			"%s: is a link to %s, with %s at %s; if that is its content, stop what uses it, "
			"then `mkdir -p %.*s && mv -T %s %s && rm %s`",
			path->name, real, shared_kind_name(path->there), path->shared,
			(int) (strrchr(path->shared, '/') - path->shared), path->shared, real,
			path->shared, path->name);
	return ocf_fail(
		relocation->ctx, OCF_ERR_GENERIC,
		"%s: is a link to %s, with %s at %s; remove the link if %s has nothing that "
		"is needed",
		path->name, real, shared_kind_name(path->there), path->shared, real);
}

enum ocf_status relocation_refuse(struct relocation *relocation, const struct path *path)
{
	struct ocf_ctx *ctx = relocation->ctx;

	if (path->step == STEP_REFUSE_SEED)
		return ocf_fail(
			ctx, OCF_ERR_GENERIC,
			"%s: %s here, but %s at %s; if this node's content is the right one, run "
			"`vzroot-relocation seed` on this node (or set seed=copy), else move it away",
			path->name, local_kind_name(path->local), shared_kind_name(path->there),
			path->shared);
	if (path->step == STEP_REFUSE_LOST)
		return refuse_lost(relocation, path);
	if (path->step == STEP_REFUSE_LINK)
		return refuse_link(relocation, path);
	return ocf_fail(ctx, OCF_ERR_GENERIC, "%s: %s here and %s at %s do not fit; move one away",
			path->name, local_kind_name(path->local), shared_kind_name(path->there),
			path->shared);
}

/* What this node alone has beside those would be hidden, or links copied that lead to the copies. */
static bool others_are_below(struct relocation *relocation, const struct path *path)
{
	char others[512];

	if ((path->step != STEP_SET_ASIDE && path->step != STEP_SEED) ||
	    relocation_others(relocation, path->name, others, sizeof(others)) == 0)
		return false;
	ocf_reason(
		relocation->ctx,
		"%s: is a directory of this node with paths below it that lead to the shared tree: "
		"%s; name these as before, or restore them and seed %s as a whole, after %s was "
		"moved away",
		path->name, others, path->name, path->shared);
	return true;
}

bool step_would_hide(struct relocation *relocation, const struct path *path)
{
	return others_are_below(relocation, path) ||
	       (path->step == STEP_SET_ASIDE && restored_is_used(relocation, path));
}
