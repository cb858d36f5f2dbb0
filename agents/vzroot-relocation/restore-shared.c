/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the shared tree has of a path, copied back to this node. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "copy.h"
#include "restore.h"

int restore_names(const struct path *path, struct restore_names *ret_names)
{
	return path_beside(ret_names->part, path->name, ".vzha-restore") &&
			       path_beside(ret_names->ours, path->name, ".vzha-restore-links") &&
			       path_beside(ret_names->links, path->name,
					   ".vzha-restore-links/links") &&
			       path_beside(ret_names->done, path->name, ".vzha-restored")
		       ? 0
		       : -ENAMETOOLONG;
}

/* And nothing else that somebody has there. */
static int drop_marker(const struct restore_names *names)
{
	char kept[PATH_MAX];

	(void) copy_remove(AT_FDCWD, names->links);
	if (rmdir(names->ours) == 0 || errno == ENOENT)
		return 0;
	return rename_to_numbered(names->ours, names->ours, 1, STRAYS_MAX, kept, sizeof(kept));
}

/* Of an interrupted restore, and of nobody else. */
static int clear_part(struct relocation *relocation, const struct path *path,
		      const struct restore_names *names)
{
	char kept[PATH_MAX];
	struct stat st;
	int r;

	if (lstat(names->part, &st) == 0 && lstat(names->ours, &st) < 0) {
		r = rename_to_numbered(names->part, names->part, 1, STRAYS_MAX, kept, sizeof(kept));
		if (r == 0)
			(void) printf("%s: is none of ours, and %s now\n", names->part, kept);
		return r;
	}
	r = copy_remove(AT_FDCWD, names->part);
	if (r == -EXDEV)
		ocf_reason(
			relocation->ctx,
			"%s: another filesystem is mounted in %s, which was left by an interrupted "
			"restore; unmount it first",
			path->name, names->part);
	return r < 0 ? r : drop_marker(names);
}

void restore_drop_part(const struct restore_names *names)
{
	struct stat st;

	if (lstat(names->ours, &st) == 0 && copy_remove(AT_FDCWD, names->part) == 0)
		(void) drop_marker(names);
}

static int make_progress(void *arg, const struct copy *copy)
{
	const struct path *path = arg;

	if (isatty(STDERR_FILENO))
		(void) dprintf(STDERR_FILENO, "\r%s: %s, %llu entries, %llu MiB  ", path->name,
			       copy->mode == COPY_MODE_CHECK ? "compared" : "copied back",
			       (unsigned long long) copy->entries,
			       (unsigned long long) (copy->bytes >> 20));
	return interrupts_are_pending() ? -EINTR : 0;
}

/* A complete and synced copy of SHARED/P at P.vzha-restore. */
static int copy_back(struct relocation *relocation, struct path *path,
		     const struct restore_names *names, struct copy *copy)
{
	struct stat st;
	int r = clear_part(relocation, path, names);

	if (r < 0)
		return r;
	if (mkdir(names->ours, 0700) < 0 || mkdir(names->links, 0700) < 0)
		return -errno;
	copy->links_fd = open(names->links, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	copy->deadline_ms = relocation->ctx->deadline_ms;
	copy->progress = make_progress;
	copy->arg = path;
	r = copy->links_fd < 0 || lstat(path->shared, &st) < 0 ? -errno : 0;
	if (r == 0)
		copy->top = copy_id_of(&st);
	r = r < 0 ? r : copy_tree(copy, AT_FDCWD, path->shared, AT_FDCWD, names->part);
	if (r == 0)
		r = copy_remove(AT_FDCWD, names->links);
	if (r == 0)
		r = copy_late_flags(copy, AT_FDCWD, path->shared, AT_FDCWD, names->part);
	if (r == 0)
		r = relocation_sync(copy->links_fd);
	ocf_close_p(&copy->links_fd);
	return r;
}

/* The copy takes the place of our link, or is gone. */
static int exchange_copy(const struct path *path, const struct restore_names *names)
{
	struct stat ours, now;
	int r;

	restored_mark(names->part, true);
	r = lstat(names->part, &ours) < 0 ? -errno : rename_to_free_name(names->part, names->done);
	if (r < 0)
		return r;
	(void) rmdir(names->ours);
	r = exchange_for_original(path, names->done);
	if (r < 0 && lstat(names->done, &now) == 0 && copy_is_same_object(&now, &ours))
		(void) copy_remove(AT_FDCWD, names->done);
	return r;
}

static enum ocf_status unsettled(struct relocation *relocation, const struct path *path,
				 const struct copy *copy, int error)
{
	return ocf_fail(relocation->ctx, OCF_ERR_GENERIC,
			"%s: %s %s%s%s; nothing was changed, run restore again", path->shared,
			copy->where, copy->what ? copy->what : "",
			copy->what && error != -EAGAIN ? ": " : "",
			copy->what && error == -EAGAIN ? "" : strerror(-error));
}

static enum ocf_status copy_and_check(struct relocation *relocation, struct path *path,
				      const struct restore_names *names, struct copy *copy,
				      size_t *ret_split)
{
	struct copy_links links = { .list = NULL };
	const char *name;
	int64_t clock_ms = copy_clock_ms();
	int r;

	/* Before the look: who mapped a file and wrote it earlier than this is seen by it. */
	copy->since = copy_since(copy_keeps_seconds(path->shared));
	if (!nobody_uses(relocation, path, path->shared))
		return OCF_ERR_GENERIC;
	r = copy_back(relocation, path, names, copy);
	if (r < 0 && copy->what && r != -EINTR && r != -ETIME)
		return unsettled(relocation, path, copy, r);
	if (r < 0)
		return restore_failed(relocation, path, r);
	if (!nobody_uses(relocation, path, path->shared))
		return OCF_ERR_GENERIC;
	copy->links = &links;
	copy->entries = copy->bytes = 0;
	r = copy_check(copy, AT_FDCWD, path->shared, AT_FDCWD, names->part);
	copy->links = NULL;
	*ret_split = r == 0 ? copy_links_outside(&links, &name) : 0;
	copy_links_free(&links);
	if (r == 0 && copy_clock_set_back(clock_ms))
		r = copy_failed(copy, -EAGAIN, "the clock", "was set back");
	if (r < 0)
		return r == -EINTR || r == -ETIME ? restore_failed(relocation, path, r)
						  : unsettled(relocation, path, copy, r);
	return restore_is_as_seen(relocation) ? OCF_SUCCESS : OCF_ERR_GENERIC;
}

enum ocf_status restore_from_shared(struct relocation *relocation, struct path *path)
{
	static struct restore_names names;
	struct copy copy = { .links_fd = -1 };
	enum ocf_status status;
	size_t split = 0;
	int r = restore_names(path, &names);

	if (r == 0)
		r = restored_put_aside(relocation, path, names.done);
	if (r < 0)
		return restore_failed(relocation, path, r);
	status = copy_and_check(relocation, path, &names, &copy, &split);
	if (copy.told_ms && isatty(STDERR_FILENO))
		(void) dprintf(STDERR_FILENO, "\n"); /* after the progress */
	copy.progress = NULL;
	if (status != OCF_SUCCESS) {
		restore_drop_part(&names); /* it may have filled this node's disk */
		copy_forget_ahead(&copy);
		return status;
	}
	r = exchange_copy(path, &names);
	/* Here it may be written to already: nothing but a note can come of it. */
	if (r == 0 && copy_check(&copy, AT_FDCWD, path->shared, AT_FDCWD, path->name) == -EAGAIN)
		(void) printf("%s: %s changed meanwhile, here or there: compare the two\n",
			      path->shared, copy.where);
	copy_forget_ahead(&copy);
	if (r < 0)
		return restore_replaced(relocation, path, r);
	if (split)
		(void) printf(
			"%s: %zu files had other names (hard links) outside of %s, and are files of "
			"their own now\n",
			path->name, split, path->shared);
	(void) printf("%s: copied back from %s, which stays as it is\n", path->name, path->shared);
	return OCF_SUCCESS;
}
