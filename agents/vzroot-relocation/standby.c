/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the paths lead to while the node is passive: /run/vzha/standby/KEY, where each path is an empty
 * directory (an empty file for a file). With standby=local it is a link to what was set aside, P.vzha-local, so
 * that this node's own containers are there; but not where one of them is on the shared tree as well,
 * since that would be a stale copy that somebody could start. Only start sees both and decides.
 */
#include "relocation.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

static bool place_of(const struct relocation *relocation, const struct path *path,
		     char place[PATH_MAX])
{
	return (size_t) snprintf(place, PATH_MAX, "%s%s", relocation->standby, path->name) <
	       PATH_MAX;
}

bool standby_link(const struct relocation *relocation, const struct path *path,
		  char target[PATH_MAX])
{
	char place[PATH_MAX];
	ssize_t n = place_of(relocation, path, place) ? readlink(place, target, PATH_MAX - 1) : -1;

	target[n > 0 ? n : 0] = '\0';
	return n > 0;
}

bool standby_is_file(const struct relocation *relocation, const struct path *path)
{
	char place[PATH_MAX];
	struct stat st;

	return place_of(relocation, path, place) && lstat(place, &st) == 0 && S_ISREG(st.st_mode);
}

void standby_remove(const struct relocation *relocation, const struct path *path)
{
	char place[PATH_MAX], target[PATH_MAX];
	struct stat st;

	if (!place_of(relocation, path, place) || lstat(place, &st) < 0)
		return;
	if (standby_link(relocation, path, target) || (S_ISREG(st.st_mode) && st.st_size == 0))
		(void) unlink(place);
	else
		(void) rmdir(place);
}

static int make_empty(const struct path *path, char place[PATH_MAX])
{
	auto_close int fd = -1;
	int r;

	if (path->there != SHARED_FILE && path->local != LOCAL_FILE)
		return ocf_mkdir_p(place, 0755);
	*strrchr(place, '/') = '\0';
	r = ocf_mkdir_p(place, 0755);
	place[strlen(place)] = '/';
	if (r == 0)
		fd = open(place, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	return r < 0 ? r : fd < 0 ? -errno : 0;
}

/* Where the shared tree is seen, and has something else than an empty stand-in was made for. */
static void clear_wrong_kind(const struct path *path, const char *place)
{
	struct stat st;

	if (lstat(place, &st) < 0)
		return;
	if (path->there == SHARED_FILE && S_ISDIR(st.st_mode))
		(void) rmdir(place);
	if ((path->there == SHARED_EMPTY || path->there == SHARED_FULL) && S_ISREG(st.st_mode) &&
	    st.st_size == 0)
		(void) unlink(place);
}

/* Each path stands for something; what is there already stays. */
int standby_tree(struct relocation *relocation)
{
	int r = ocf_mkdir_p(relocation->standby, 0755);

	for (size_t i = 0; r == 0 && i < relocation->n_paths; i++) {
		char place[PATH_MAX];

		r = place_of(relocation, &relocation->paths[i], place) ? 0 : -ENAMETOOLONG;
		if (r == 0)
			clear_wrong_kind(&relocation->paths[i], place);
		if (r < 0 || access(place, F_OK) == 0)
			continue;
		(void) unlink(place); /* a link to what is no longer there */
		r = make_empty(&relocation->paths[i], place);
	}
	if (r < 0)
		ocf_reason(relocation->ctx, "%s: cannot make the placeholder tree: %s",
			   relocation->standby, strerror(-r));
	return r;
}

/* Entries of a stand-in; a file that is not empty counts as one. */
static size_t strays_in(const char *place)
{
	struct dirent *entry;
	struct stat st;
	size_t n = 0;
	DIR *dir;

	if (lstat(place, &st) < 0)
		return 0;
	if (!S_ISDIR(st.st_mode))
		return S_ISREG(st.st_mode) && st.st_size > 0;
	dir = opendir(place);
	while (dir && (entry = readdir(dir)))
		n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	if (dir)
		(void) closedir(dir);
	return n;
}

/* Somebody took the stand-in for the thing itself: a package, or a container made on the wrong node. */
void standby_tell_strays(const struct relocation *relocation, bool to_people)
{
	for (size_t i = 0; i < relocation->n_paths; i++) {
		const struct path *path = &relocation->paths[i];
		char place[PATH_MAX], target[PATH_MAX], text[2 * PATH_MAX + 256];
		size_t n;

		if (standby_link(relocation, path, target) || !place_of(relocation, path, place) ||
		    (n = strays_in(place)) == 0)
			continue;
		(void) snprintf(
			text, sizeof(text),
			"%s: %zu entries were written there while this node was passive; they "
			"are in memory only, in %s, and gone with the next boot: copy what is "
			"needed",
			path->name, n, place);
		ocf_log(relocation->ctx, LOG_WARNING, "%s", text);
		if (to_people)
			(void) puts(text);
	}
}

static bool wants_link(struct relocation *relocation, const struct path *path)
{
	const struct vzroot_relocation_conf *conf = relocation->ctx->conf;
	char name[NAME_MAX + 1];

	if (conf->standby != VZROOT_RELOCATION_STANDBY_LOCAL)
		return false;
	if (seed_is_original_of(path) || restored_is_from_shared(path->aside)) {
		ocf_log(relocation->ctx, LOG_INFO,
			"%s: not used while this node is passive (standby=local): the shared "
			"tree was seeded from it, or it was restored from there, and it is old since",
			path->aside);
		return false;
	}
	if (!standby_conflict(path, ocf_share_ms(relocation->ctx, 25), name))
		return true;
	ocf_log(relocation->ctx, LOG_WARNING,
		"%s: not used while this node is passive (standby=local): %s is on the "
		"shared tree too, and this copy of it is stale; remove it here",
		path->aside, name);
	return false;
}

/* The link takes the place of what is empty, or the other way round. */
static int change_stand_in(const struct path *path, char place[PATH_MAX], const char *target)
{
	char temporary[PATH_MAX];
	int r;

	if (!path_beside(temporary, place, ".vzha-new"))
		return -ENAMETOOLONG;
	(void) unlink(temporary);
	if (!target)
		return unlink(place) < 0 ? -errno : make_empty(path, place);
	if (symlink(target, temporary) < 0)
		return -errno;
	r = rename_with(temporary, place, RENAME_EXCHANGE);
	if (r == 0)
		return unlink(temporary) < 0 && rmdir(temporary) < 0 ? -errno : 0;
	/* Kernels without the exchange, or nothing there yet. */
	(void) rmdir(place);
	return rename(temporary, place) < 0 ? -errno : 0;
}

/* What stands in for the path has another name now. */
void standby_renamed(const struct relocation *relocation, const struct path *path, const char *from,
		     const char *to)
{
	char place[PATH_MAX], now[PATH_MAX];

	if (standby_link(relocation, path, now) && strcmp(now, from) == 0 &&
	    place_of(relocation, path, place))
		(void) change_stand_in(path, place, to);
}

int standby_choose(struct relocation *relocation)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < relocation->n_paths; i++) {
		const struct path *path = &relocation->paths[i];
		char place[PATH_MAX], now[PATH_MAX];
		bool is_link = standby_link(relocation, path, now), wanted;
		struct stat st;

		wanted = lstat(path->aside, &st) == 0 && !S_ISLNK(st.st_mode) &&
			 wants_link(relocation, path);
		if (!place_of(relocation, path, place))
			r = -ENAMETOOLONG;
		else if (!is_link && strays_in(place)) /* told of by standby_tell_strays() */
			continue;
		else if (wanted != is_link || (wanted && strcmp(now, path->aside) != 0))
			r = change_stand_in(path, place, wanted ? path->aside : NULL);
	}
	if (r < 0)
		ocf_reason(relocation->ctx, "%s: cannot be changed for standby=local: %s",
			   relocation->standby, strerror(-r));
	return r;
}
