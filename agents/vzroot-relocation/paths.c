/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the parameters to the names of everything that start and stop touch. */
#include "relocation.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mounts.h"

/* The longest of the names beside it; more than ASIDE_MAX in one second have three digits. */
#define BASE_NAME_MAX (NAME_MAX - (sizeof("..vzha-local.20060102T030405Z.99") - 1))

static const struct vzroot_relocation_conf *conf_of(const struct ocf_ctx *ctx)
{
	return ctx->conf;
}

bool path_is_below(const char *path, const char *directory)
{
	size_t len = strlen(directory);

	return strncmp(path, directory, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

/* @a and @b (its first @len bytes) into @out; false when they do not fit. */
static bool join(char out[PATH_MAX], const char *a, const char *b, size_t len)
{
	size_t before = strlen(a);

	if (before + len >= PATH_MAX)
		return false;
	memcpy(out, a, before);
	memcpy(out + before, b, len);
	out[before + len] = '\0';
	return true;
}

bool path_beside(char out[PATH_MAX], const char *path, const char *suffix)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash ? slash + 1 : path;
	size_t before = (size_t) (base - path), len = strlen(base), rest = strlen(suffix);

	if (before + 1 + len + rest >= PATH_MAX)
		return false;
	memcpy(out, path, before);
	out[before] = '.';
	memcpy(out + before + 1, base, len);
	memcpy(out + before + 1 + len, suffix, rest + 1);
	return true;
}

static bool compose(const struct relocation *relocation, struct path *path, const char *name,
		    size_t len)
{
	path->local = LOCAL_ABSENT;
	path->there = SHARED_ABSENT;
	path->step = STEP_SKIP;
	return join(path->name, "", name, len) &&
	       join(path->shared, relocation->shared, name, len) &&
	       join(path->target, relocation->switch_path, name, len) &&
	       path_beside(path->temporary, path->name, ".vzha-link") &&
	       path_beside(path->aside, path->name, ".vzha-local") &&
	       path_beside(path->seeding, path->name, ".vzha-seeding") &&
	       path_beside(path->seeded, path->name, ".vzha-seeded");
}

struct relocation *relocation_open(struct ocf_ctx *ctx)
{
	static struct relocation relocation;
	const struct vzroot_relocation_conf *conf = conf_of(ctx);
	const char *blanks = " \t\n";

	/* Not cleared as a whole: a megabyte of page faults would be half of a monitor's time. */
	relocation.n_paths = relocation.n_given = 0;
	relocation.ctx = ctx;
	relocation.shared = conf->shared;
	(void) ocf_escape(conf->shared, relocation.key, sizeof(relocation.key));
	(void) snprintf(relocation.switch_path, PATH_MAX, "%s/root/%s", OCF_RUN_DIR,
			relocation.key);
	(void) snprintf(relocation.closed, PATH_MAX, "%s/closed/%s", OCF_RUN_DIR, relocation.key);
	(void) snprintf(relocation.standby, PATH_MAX, "%s/standby/%s", OCF_RUN_DIR, relocation.key);
	for (const char *p = conf->paths + strspn(conf->paths, blanks); *p;
	     p += strspn(p, blanks)) {
		size_t len = strcspn(p, blanks);

		relocation.n_given++;
		if (relocation.n_paths < PATHS_MAX &&
		    compose(&relocation, &relocation.paths[relocation.n_paths], p, len))
			relocation.n_paths++;
		p += len;
	}
	return &relocation;
}

/* Paths that contain each other, or the machinery itself, cannot be told apart later. */
void relocation_check_conf(struct ocf_ctx *ctx)
{
	const struct relocation *relocation = relocation_open(ctx);

	if (!relocation->key[0])
		ocf_finding(ctx, OCF_ERR_CONFIGURED,
			    "parameter shared is too long to be a file name");
	if (relocation->n_given > PATHS_MAX)
		ocf_finding(
			ctx, OCF_ERR_CONFIGURED,
			"parameter paths: %zu paths, and at most %d are possible for one shared "
			"directory; use another one, with a resource of its own, for the rest",
			relocation->n_given, PATHS_MAX);
	else if (relocation->n_given > relocation->n_paths)
		ocf_finding(ctx, OCF_ERR_CONFIGURED,
			    "parameter paths: a path below %s would be longer than %d bytes",
			    relocation->shared, PATH_MAX - 1);
	for (size_t i = 0; i < relocation->n_paths; i++) {
		const char *name = relocation->paths[i].name;

		if (path_is_below(name, relocation->shared) ||
		    path_is_below(relocation->shared, name))
			ocf_finding(ctx, OCF_ERR_CONFIGURED,
				    "parameter paths: %s and the shared tree %s contain each other",
				    name, relocation->shared);
		if (strstr(strrchr(name, '/'), ".vzha-"))
			ocf_finding(
				ctx, OCF_ERR_CONFIGURED,
				"parameter paths: %s: names with .vzha- are those of vzha's own "
				"files",
				name);
		if (strlen(strrchr(name, '/') + 1) > BASE_NAME_MAX)
			ocf_finding(
				ctx, OCF_ERR_CONFIGURED,
				"parameter paths: %s: its last part is longer than %d bytes, and "
				"there would be no names for what is kept beside it",
				name, (int) BASE_NAME_MAX);
		if (path_is_below(OCF_RUN_DIR, name) || path_is_below(name, OCF_RUN_DIR))
			ocf_finding(ctx, OCF_ERR_CONFIGURED,
				    "parameter paths: %s cannot be moved: vzha itself works there",
				    name);
		for (size_t k = 0; k < relocation->n_paths; k++) {
			if (k != i && path_is_below(name, relocation->paths[k].name) &&
			    (k < i || strcmp(name, relocation->paths[k].name) != 0))
				ocf_finding(ctx, OCF_ERR_CONFIGURED,
					    "parameter paths: %s is named twice or lies below %s",
					    name, relocation->paths[k].name);
		}
	}
}

/* Where a path really is: links on the way count, one at its end does not. */
static int real_place(const char *name, char out[PATH_MAX])
{
	char parent[PATH_MAX], real[PATH_MAX];
	char *slash;

	(void) snprintf(parent, sizeof(parent), "%s", name);
	slash = strrchr(parent, '/');
	*slash = '\0';
	if (!realpath(parent[0] ? parent : "/", real)) {
		/* Not there yet: then it leads nowhere else. */
		(void) snprintf(out, PATH_MAX, "%s", name);
		return errno == ENOENT ? 0 : -errno;
	}
	if (strcmp(real, "/") == 0)
		real[0] = '\0';
	return (size_t) snprintf(out, PATH_MAX, "%s/%s", real, slash + 1) < PATH_MAX
		       ? 0
		       : -ENAMETOOLONG;
}

/* Whichever resource's: what it leads to changes with that one's start and stop. */
static bool is_below_a_switch(struct relocation *relocation, const char *name)
{
	static const char switches[] = OCF_RUN_DIR "/root/";
	char above[PATH_MAX], target[PATH_MAX];

	for (const char *end = strchr(name + 1, '/'); end; end = strchr(end + 1, '/')) {
		ssize_t n;

		(void) snprintf(above, sizeof(above), "%.*s", (int) (end - name), name);
		n = readlink(above, target, sizeof(target) - 1);
		target[n > 0 ? n : 0] = '\0';
		if (strncmp(target, switches, strlen(switches)) != 0)
			continue;
		ocf_reason(
			relocation->ctx,
			"%s: %s above it is vzha's link already (%s); name that one as before, or run "
			"`vzroot-relocation restore` for it first",
			name, above, target);
		return true;
	}
	return false;
}

/* In its filesystem. */
struct location {
	char device[32], inside[PATH_MAX];
};

static bool overlap(const struct location *a, const struct location *b)
{
	return a->device[0] && strcmp(a->device, b->device) == 0 &&
	       (path_is_below(a->inside, b->inside) || path_is_below(b->inside, a->inside));
}

static void locate(const char *place, struct location *ret_location)
{
	if (!mount_locate(place, ret_location->device, ret_location->inside, PATH_MAX))
		ret_location->device[0] = '\0';
}

/* By mounts of one directory in several places. */
static bool mounts_are_apart(struct relocation *relocation, const char *shared,
			     char places[][PATH_MAX])
{
	static struct location locations[PATHS_MAX], tree;

	locate(shared, &tree);
	for (size_t i = 0; i < relocation->n_paths; i++) {
		locate(places[i], &locations[i]);
		if (overlap(&locations[i], &tree)) {
			ocf_reason(
				relocation->ctx,
				"%s: is on the shared tree already, by a mount; unmount that, or "
				"name another path",
				relocation->paths[i].name);
			return false;
		}
		for (size_t k = 0; k < i; k++) {
			if (!overlap(&locations[i], &locations[k]))
				continue;
			ocf_reason(relocation->ctx,
				   "%s and %s are the same place, or one in the other, by a mount; "
				   "name one of them",
				   relocation->paths[k].name, relocation->paths[i].name);
			return false;
		}
	}
	return true;
}

/*
 * What check_conf tells by their names, by links on the way as well: a path that is on the shared tree
 * already would be exchanged for a link to itself.
 */
bool relocation_places_are_apart(struct relocation *relocation)
{
	static char places[PATHS_MAX][PATH_MAX];
	char shared[PATH_MAX];

	if (!realpath(relocation->shared, shared))
		(void) snprintf(shared, sizeof(shared), "%s", relocation->shared);
	for (size_t i = 0; i < relocation->n_paths; i++) {
		const char *name = relocation->paths[i].name;
		int r = real_place(name, places[i]);

		if (is_below_a_switch(relocation, name))
			return false;
		if (r < 0) {
			ocf_reason(relocation->ctx, "%s: cannot tell where it is: %s", name,
				   strerror(-r));
			return false;
		}
		if (path_is_below(places[i], OCF_RUN_DIR)) {
			ocf_reason(relocation->ctx,
				   "%s: is %s, by a link on the way: vzha itself works there", name,
				   places[i]);
			return false;
		}
		if (path_is_below(places[i], shared) || path_is_below(shared, places[i])) {
			ocf_reason(
				relocation->ctx,
				"%s: is %s, on the shared tree already, by a link on the way; make "
				"that link a directory of this node",
				name, places[i]);
			return false;
		}
		for (size_t k = 0; k < i; k++) {
			if (!path_is_below(places[i], places[k]) &&
			    !path_is_below(places[k], places[i]))
				continue;
			ocf_reason(
				relocation->ctx,
				"%s and %s are the same place, or one in the other, by a link on "
				"the way; name one of them",
				relocation->paths[k].name, name);
			return false;
		}
	}
	return mounts_are_apart(relocation, shared, places);
}
