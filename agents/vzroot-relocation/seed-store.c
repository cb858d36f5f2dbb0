/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SHARED/.vzha-seed, there while a seed is unfinished:
 *
 *	begun		node, boot id, since when, links allowed, clock: whose it is, and what it may build on
 *	PATH.tree	the copies, PATH escaped
 *	PATH.top	what they are copies of (seed-top.c)
 *	synced		copies that were touched before it was written are on disk
 *	links/		names for hard links while copying
 *	commit		the paths, one a line: all copies are complete and on disk
 *
 * The commit file is the one point at which all paths change from "this node has it" to "the shared
 * tree has it". Before it, the originals are the truth and the copies are waste; after it, whoever
 * starts next, on either node, moves the copies to their places and then removes the directory.
 * A file's rename is ordered behind its fsync; the copies themselves were synced with the filesystem
 * (syncfs) before the commit was written, so no fsync for each of a million files is needed.
 */
#include "relocation.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <syslog.h>
#include <unistd.h>

#include "copy.h"

#define STORE	      "/.vzha-seed"
#define TREE_NAME_MAX 240

static enum ocf_status store_failed(struct relocation *relocation, const char *what, int error)
{
	return ocf_fail(relocation->ctx, OCF_ERR_GENERIC, "%s" STORE ": %s: %s", relocation->shared,
			what,
			error == -EXDEV ? "another filesystem is mounted in it" : strerror(-error));
}

static void boot_id(char buf[64])
{
	if (ocf_read_file("/proc/sys/kernel/random/boot_id", buf, 64) <= 0)
		(void) snprintf(buf, 64, "unknown");
	buf[strcspn(buf, "\n")] = '\0';
}

/* FNV-1a */
static unsigned long long hash_of(const char *text)
{
	unsigned long long hash = 14695981039346656037ULL;

	for (; *text; text++)
		hash = (hash ^ (unsigned char) *text) * 1099511628211ULL;
	return hash;
}

/* The name of a path's copy; a path too long for one gets its beginning and a number. */
const char *seed_tree_name(const char *path, char buf[NAME_MAX + 1])
{
	static char escaped[4 * PATH_MAX];

	if (strlen(ocf_escape(path, escaped, sizeof(escaped))) <= TREE_NAME_MAX)
		(void) snprintf(buf, NAME_MAX + 1, "%.240s.tree", escaped);
	else
		(void) snprintf(buf, NAME_MAX + 1, "%.200s.%016llx.tree", escaped, hash_of(path));
	return buf;
}

static int remove_store(struct relocation *relocation)
{
	char path[PATH_MAX];
	int r;

	(void) snprintf(path, sizeof(path), "%s" STORE, relocation->shared);
	r = copy_remove(AT_FDCWD, path);
	fsync_parent(path);
	return r;
}

/*
 * On a node that is active the path leads to the place while it is still empty: somebody may have made
 * something there by its name. It is kept beside it.
 */
static int make_room(struct relocation *relocation, const char *place)
{
	char base[PATH_MAX], stray[PATH_MAX + 64];
	int r;

	if (!path_beside(base, place, ".vzha-stray"))
		return -ENAMETOOLONG;
	r = rename_to_numbered(place, base, 0, STRAYS_MAX, stray, sizeof(stray));
	if (r == 0)
		ocf_log(relocation->ctx, LOG_ERR,
			"%s: was written to while it was seeded; that is kept as %s: look what of it "
			"is needed",
			place, stray);
	return r;
}

/* rename(2) puts a directory over an empty one; nothing else is ever overwritten. */
static int put(struct relocation *relocation, const char *tree, bool is_directory,
	       const char *place)
{
	int r = is_directory ? (rename(tree, place) < 0 ? -errno : 0)
			     : rename_to_free_name(tree, place);

	if (r != -ENOTEMPTY && r != -EEXIST && r != -ENOTDIR)
		return r;
	r = make_room(relocation, place);
	return r < 0 ? r : rename_to_free_name(tree, place);
}

/* One committed copy to its place. */
static int move_into_place(struct relocation *relocation, const char *name)
{
	char tree[PATH_MAX + NAME_MAX + 2], place[PATH_MAX], parent[PATH_MAX], buf[NAME_MAX + 1];
	struct stat st;
	int r;

	if (name[0] != '/' || strstr(name, "/../") ||
	    (size_t) snprintf(place, sizeof(place), "%s%s", relocation->shared, name) >=
		    sizeof(place))
		return -EINVAL;
	(void) snprintf(tree, sizeof(tree), "%s" STORE "/%s", relocation->shared,
			seed_tree_name(name, buf));
	if (lstat(tree, &st) < 0)
		return errno == ENOENT ? 0 : -errno; /* moved before the interruption */
	(void) snprintf(parent, sizeof(parent), "%s", place);
	*strrchr(parent, '/') = '\0';
	r = relocation_make_parents(relocation, name);
	if (r < 0)
		return r;
	r = put(relocation, tree, S_ISDIR(st.st_mode), place);
	if (r < 0)
		return r;
	for (char *end = parent + strlen(parent); end > parent + strlen(relocation->shared);
	     end = strrchr(parent, '/'), *end = '\0') {
		char child[PATH_MAX + 8];

		(void) snprintf(child, sizeof(child), "%s/x", parent);
		r = fsync_parent(child);
		if (r < 0)
			return r;
		if (!strrchr(parent, '/'))
			break;
	}
	/* The commit is removed after this, and must not be gone before the name is there. */
	r = fsync_parent(place);
	if (r < 0)
		return r;
	ocf_log(relocation->ctx, LOG_NOTICE, "%s: seeded; it is now at %s", name, place);
	return 0;
}

/*
 * Waste from now on. `begun` goes first and `commit` next: a store with neither is what an interruption
 * left of one that had been done with.
 */
enum ocf_status seed_store_discard(struct relocation *relocation)
{
	static const char *const first[] = { "begun", "commit" };
	char path[PATH_MAX];
	struct stat st;
	int r = 0;

	(void) snprintf(path, sizeof(path), "%s" STORE, relocation->shared);
	if (lstat(path, &st) < 0 && errno == ENOENT)
		return OCF_SUCCESS;
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(first); i++) {
		(void) snprintf(path, sizeof(path), "%s" STORE "/%s", relocation->shared, first[i]);
		if (unlink(path) < 0 && errno != ENOENT)
			r = -errno;
		fsync_parent(path);
	}
	if (r == 0)
		r = remove_store(relocation);
	return r < 0 ? store_failed(relocation, "cannot be removed", r) : OCF_SUCCESS;
}

static enum ocf_status roll_forward(struct relocation *relocation, char *list)
{
	char *at = NULL;
	int r;

	for (char *name = strtok_r(list, "\n", &at); name; name = strtok_r(NULL, "\n", &at)) {
		r = move_into_place(relocation, name);
		if (r < 0)
			return ocf_fail(relocation->ctx, OCF_ERR_GENERIC,
					"%s: its finished copy in %s" STORE
					" cannot be moved to its place: %s",
					name, relocation->shared, strerror(-r));
	}
	return seed_store_discard(relocation);
}

static ssize_t read_store(const struct relocation *relocation, const char *file, char *buf,
			  size_t size)
{
	char path[PATH_MAX];

	(void) snprintf(path, sizeof(path), "%s" STORE "/%s", relocation->shared, file);
	return ocf_read_file(path, buf, size);
}

static enum ocf_status begun_elsewhere(struct relocation *relocation, const char *node)
{
	return ocf_fail(relocation->ctx, OCF_ERR_GENERIC,
			"%s" STORE ": %s has begun to seed this tree and has not finished; start "
			"there once more, or remove that directory to give its copy up "
			"(the originals are still on %s)",
			relocation->shared, node, node);
}

/* Which node has an unfinished seed there? false: none, or unreadable. */
static bool begun_by(const struct relocation *relocation, char node[256])
{
	char begun[512];

	return read_store(relocation, "begun", begun, sizeof(begun)) > 0 &&
	       sscanf(begun, "%255s", node) == 1;
}

/* Who seeds by hand goes by the machine's own name. */
static bool is_this_node(const struct relocation *relocation, const char *node)
{
	struct utsname machine;

	return strcmp(node, relocation->ctx->node) == 0 ||
	       (uname(&machine) == 0 && strcmp(node, machine.nodename) == 0);
}

bool seed_store_is_ours(const struct relocation *relocation)
{
	char node[256];

	return begun_by(relocation, node) && is_this_node(relocation, node);
}

/* Which other node has an unfinished seed there? Return: true, and @node says; false none, or unreadable. */
static bool is_anothers(struct relocation *relocation, char node[256])
{
	return begun_by(relocation, node) && !is_this_node(relocation, node);
}

/* Is one of our paths among those that are being copied there? */
static bool holds_ours(struct relocation *relocation)
{
	char tree[PATH_MAX + NAME_MAX + 2], name[NAME_MAX + 1];
	struct stat st;

	for (size_t i = 0; i < relocation->n_paths; i++) {
		(void) snprintf(tree, sizeof(tree), "%s" STORE "/%s", relocation->shared,
				seed_tree_name(relocation->paths[i].name, name));
		if (lstat(tree, &st) == 0 || errno != ENOENT)
			return true;
	}
	return false;
}

/*
 * Finish what was committed; refuse where another node is about to bring one of our paths. What it seeds
 * beside them, by hand ahead of time, must not keep the rest from running here when it dies of it.
 */
enum ocf_status seed_store_recover(struct relocation *relocation)
{
	static char list[PATHS_MAX * PATH_MAX + 1];
	char begun[512], node[256];
	ssize_t n = read_store(relocation, "commit", list, sizeof(list));

	if (n >= 0)
		return roll_forward(relocation, list);
	if (n != -ENOENT && n != -ENOTDIR)
		return store_failed(relocation, "the commit cannot be read", (int) n);
	n = read_store(relocation, "begun", begun, sizeof(begun));
	if (n == -ENOENT)
		return seed_store_discard(relocation);
	if (n < 0)
		return store_failed(relocation, "cannot be read", (int) n);
	if (!is_anothers(relocation, node))
		return OCF_SUCCESS;
	if (holds_ours(relocation))
		return begun_elsewhere(relocation, node);
	ocf_log(relocation->ctx, LOG_WARNING,
		"%s" STORE ": %s has begun to seed other paths and has not finished; left alone",
		relocation->shared, node);
	return OCF_SUCCESS;
}

/* What this node once began, if it did, is needed no more. */
enum ocf_status seed_store_drop_own(struct relocation *relocation)
{
	char node[256];

	return is_anothers(relocation, node) ? OCF_SUCCESS : seed_store_discard(relocation);
}

/*
 * An error of writing to the disk is told once; who asks again hears that all is well, with the data gone. So
 * the mark is the only word for it, and it is written before the sync and gets its name after it.
 */
int seed_store_sync(struct seed_store *store)
{
	auto_close int fd = -1;
	int r;

	/* Later than what was copied last, or that would be copied again, large as it may be. */
	(void) copy_since(copy_keeps_seconds(store->directory));
	fd = openat(store->fd, "synced.new", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
		    0600);
	if (fd < 0 || write(fd, "\n", 1) != 1)
		return errno ? -errno : -EIO;
	r = relocation_sync(store->fd);
	if (r < 0)
		return r;
	if (renameat(store->fd, "synced.new", store->fd, "synced") < 0)
		return -errno;
	return 0;
}

/* What an interrupted seed copied and did not sync, whoever's paths they are. @synced 0: all of it. */
static int drop_unsynced(struct seed_store *store)
{
	struct timespec synced = { 0 };
	struct copy_names names;
	const char *name;
	struct stat st;
	int r;

	if (fstatat(store->fd, "synced", &st, AT_SYMLINK_NOFOLLOW) == 0)
		synced = st.st_mtim;
	r = copy_names_read(store->fd, &names);
	while (r == 0 && (name = copy_names_next(&names))) {
		size_t len = strlen(name);

		if (len > 5 && strcmp(name + len - 5, ".tree") == 0)
			r = copy_remove_since(store->fd, name, &synced);
	}
	copy_names_free(&names);
	return r;
}

/* Take up what this node began in this boot: 1. Otherwise begin anew: 0, or -errno. */
static int take_up(struct relocation *relocation, struct seed_store *store)
{
	char begun[512], node[256], boot[64], now[64];
	long long sec;
	long long clock_ms;
	int allowed;

	boot_id(now);
	if (read_store(relocation, "begun", begun, sizeof(begun)) > 0 &&
	    sscanf(begun, "%255s %63s %lld %d %lld", node, boot, &sec, &allowed, &clock_ms) == 5 &&
	    strcmp(boot, now) == 0 && is_this_node(relocation, node) &&
	    !copy_clock_set_back(clock_ms)) {
		store->begun = (struct timespec){ .tv_sec = (time_t) sec };
		store->clock_ms = clock_ms;
		store->links_allowed = store->links_allowed || allowed;
		return 1;
	}
	return remove_store(relocation);
}

/* Whole and at once, and never over another's: two nodes may begin at the same time. @ours: it is there. */
static int write_begun(struct relocation *relocation, struct seed_store *store, bool ours)
{
	char path[PATH_MAX + 16], mine[PATH_MAX + 300], text[512], boot[64];
	int r;

	boot_id(boot);
	(void) snprintf(path, sizeof(path), "%s/begun", store->directory);
	(void) snprintf(mine, sizeof(mine), "%s.%s", path, relocation->ctx->node);
	(void) snprintf(text, sizeof(text), "%s %s %lld %d %lld\n", relocation->ctx->node, boot,
			(long long) store->begun.tv_sec, store->links_allowed,
			(long long) store->clock_ms);
	r = ocf_write_file(ours ? path : mine, text, 0600);
	if (r < 0 || ours)
		return r;
	r = link(mine, path) < 0 ? -errno : 0;
	if (r == -EPERM || r == -EOPNOTSUPP) /* a filesystem without hard links */
		return rename_to_free_name(mine, path);
	(void) unlink(mine);
	return r < 0 ? r : fsync_parent(path);
}

enum ocf_status seed_store_open(struct relocation *relocation, struct seed_store *store)
{
	char node[256];
	int r;

	store->fd = store->links_fd = -1;
	if (is_anothers(relocation, node))
		return begun_elsewhere(relocation, node);
	/* To the second: some filesystems keep no more of a file's times. */
	store->begun = (struct timespec){ .tv_sec = time(NULL) };
	store->clock_ms = copy_clock_ms();
	if ((size_t) snprintf(store->directory, sizeof(store->directory), "%s" STORE,
			      relocation->shared) >= sizeof(store->directory))
		return store_failed(relocation, "cannot be made", -ENAMETOOLONG);
	r = take_up(relocation, store);
	if (r == 1)
		r = write_begun(relocation, store, true);
	else if (r == 0 && (r = ocf_mkdir_p(store->directory, 0700)) == 0)
		r = write_begun(relocation, store, false);
	if (r == -EEXIST && is_anothers(relocation, node))
		return begun_elsewhere(relocation, node);
	if (r < 0)
		return store_failed(relocation, "cannot be made", r);
	store->fd = open(store->directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (store->fd < 0 || (r = drop_unsynced(store)) < 0 ||
	    (r = copy_remove(store->fd, "links")) < 0 || mkdirat(store->fd, "links", 0700) < 0)
		return store_failed(relocation, "cannot be made", r < 0 ? r : -errno);
	store->links_fd =
		openat(store->fd, "links", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return store->links_fd < 0 ? store_failed(relocation, "cannot be opened", -errno)
				   : OCF_SUCCESS;
}

bool seed_store_is_in_sight(const struct seed_store *store)
{
	struct stat ours, seen;

	return fstat(store->fd, &ours) == 0 && lstat(store->directory, &seen) == 0 &&
	       copy_is_same_object(&ours, &seen);
}

int seed_store_is_committed(const struct seed_store *store)
{
	struct stat st;

	if (fstatat(store->fd, "commit", &st, AT_SYMLINK_NOFOLLOW) == 0)
		return 1;
	return errno == ENOENT ? 0 : -errno;
}

enum ocf_status seed_store_commit(struct relocation *relocation, struct seed_store *store)
{
	static char list[PATHS_MAX * PATH_MAX + 1];
	char path[PATH_MAX + 16], node[256];
	size_t used = 0;
	int r;

	if (is_anothers(relocation, node))
		return begun_elsewhere(relocation, node);
	list[0] = '\0';
	for (size_t i = 0; i < relocation->n_paths; i++) {
		if (relocation->paths[i].step == STEP_SEED)
			used += (size_t) snprintf(list + used, sizeof(list) - used, "%s\n",
						  relocation->paths[i].name);
	}
	(void) snprintf(path, sizeof(path), "%s/commit", store->directory);
	r = ocf_write_file(path, list, 0600);
	return r < 0 ? store_failed(relocation, "the commit cannot be written", r) : OCF_SUCCESS;
}

void seed_store_close(struct seed_store *store)
{
	ocf_close_p(&store->links_fd);
	ocf_close_p(&store->fd);
}
