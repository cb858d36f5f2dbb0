/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one link that is the whole switch. */
#include "relocation.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "copy.h"

enum switch_state switch_read(const struct relocation *relocation)
{
	char target[PATH_MAX];
	ssize_t n = readlink(relocation->switch_path, target, sizeof(target) - 1);

	if (n < 0)
		return errno == ENOENT || errno == ENOTDIR ? SWITCH_ABSENT
		       : errno == EINVAL		   ? SWITCH_STRANGE
							   : SWITCH_UNREADABLE;
	target[n] = '\0';
	if (strcmp(target, relocation->shared) == 0)
		return SWITCH_ACTIVE;
	return strcmp(target, relocation->standby) == 0 || strcmp(target, relocation->closed) == 0
		       ? SWITCH_STANDBY
		       : SWITCH_STRANGE;
}

/* Where there is no room for a second link (a full /run): the first one makes room, and may stay away. */
static int switch_in_place(const struct relocation *relocation, const char *target)
{
	if ((unlink(relocation->switch_path) < 0 && errno != ENOENT) ||
	    symlink(target, relocation->switch_path) < 0)
		return -errno;
	return 0;
}

/* Passive is also who has no switch. */
static bool is_off(const struct relocation *relocation, int error)
{
	struct stat st;

	if (lstat(relocation->switch_path, &st) == 0 || errno != ENOENT)
		return false;
	ocf_log(relocation->ctx, LOG_WARNING,
		"%s: cannot be made: %s; the paths lead nowhere until the next start",
		relocation->switch_path, strerror(-error));
	return true;
}

/* A name beside the switch that is no other switch: a KEY does not begin with a dot. */
static bool beside(char out[PATH_MAX], const struct relocation *relocation, const char *suffix)
{
	return (size_t) snprintf(out, PATH_MAX, OCF_RUN_DIR "/root/.%s%s", relocation->key,
				 suffix) < PATH_MAX;
}

/*
 * A directory in the switch's place, made by who took a dead link apart after a boot: it holds nothing of
 * ours, but a stop must not fail because of it.
 */
static int clear_place(struct relocation *relocation)
{
	char base[PATH_MAX], strays[PATH_MAX];
	int r;

	if (rmdir(relocation->switch_path) == 0)
		return 0;
	if (!beside(base, relocation, ".strays"))
		return -ENAMETOOLONG;
	r = rename_to_numbered(relocation->switch_path, base, 1, STRAYS_MAX, strays,
			       sizeof(strays));
	if (r == 0)
		ocf_log(relocation->ctx, LOG_ERR,
			"%s: was a directory, and is %s now; it is in memory, and gone with the next "
			"boot: copy what is needed",
			relocation->switch_path, strays);
	return r;
}

/* One rename: a reader sees the old tree or the new one. */
int switch_to(struct relocation *relocation, const char *target)
{
	char temporary[PATH_MAX];
	struct stat st;
	int r;

	r = ocf_mkdir_p(OCF_RUN_DIR "/root", 0755);
	/* stop takes no turns with the others (lock.c), and must not take their link for its own. */
	if (r < 0 || !beside(temporary, relocation,
			     strcmp(relocation->ctx->action, "stop") == 0 ? ".stop" : ".new"))
		goto failed;
	if (lstat(relocation->switch_path, &st) == 0 && S_ISDIR(st.st_mode) &&
	    (r = clear_place(relocation)) < 0)
		goto failed;
	if ((unlink(temporary) < 0 && errno != ENOENT) || symlink(target, temporary) < 0 ||
	    lstat(temporary, &st) < 0 || rename(temporary, relocation->switch_path) < 0) {
		r = switch_in_place(relocation, target);
		if (r < 0 && (target != relocation->standby || !is_off(relocation, r)))
			goto failed;
		switch_note(relocation);
		return 0;
	}
	relocation->switch_seen = st;
	return 0;
failed:
	/* Nothing can be made (a full /run, or a read-only one), and nothing needs to be. */
	if (target == relocation->standby &&
	    (switch_read(relocation) == SWITCH_ABSENT || switch_read(relocation) == SWITCH_STANDBY))
		return 0;
	ocf_reason(relocation->ctx, "%s: cannot switch to %s: %s", relocation->switch_path, target,
		   r < 0 ? strerror(-r) : "the name is too long");
	return r < 0 ? r : -ENAMETOOLONG;
}

void switch_note(struct relocation *relocation)
{
	if (lstat(relocation->switch_path, &relocation->switch_seen) < 0)
		relocation->switch_seen = (struct stat){ .st_ino = 0 };
}

bool switch_is_moved(struct relocation *relocation)
{
	const struct stat *seen = &relocation->switch_seen;
	struct stat now;

	if (lstat(relocation->switch_path, &now) < 0)
		now = (struct stat){ .st_ino = 0 };
	/* The next link may get the inode of the last but one: ext4 gives them out again at once. */
	if (copy_is_same_object(&now, seen) && now.st_mtim.tv_sec == seen->st_mtim.tv_sec &&
	    now.st_mtim.tv_nsec == seen->st_mtim.tv_nsec)
		return false;
	ocf_reason(relocation->ctx, "%s: was stopped meanwhile; start again if that was not meant",
		   relocation->shared);
	return true;
}

int switch_close(struct relocation *relocation)
{
	int fd;

	if (switch_is_moved(relocation))
		return -ECANCELED;
	/* A file: nobody can make a directory below it, and so a place to write to. */
	fd = open(OCF_RUN_DIR "/closed", O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0444);
	ocf_close_p(&fd);
	return switch_to(relocation, relocation->closed);
}

void switch_reopen(struct relocation *relocation)
{
	bool no_reason = !relocation->ctx->reason[0];

	if (!is_link_to(relocation->switch_path, relocation->closed) ||
	    switch_to(relocation, relocation->standby) == 0 || !no_reason)
		return;
	ocf_log(relocation->ctx, LOG_WARNING, "%s", relocation->ctx->reason);
	ocf_reason_clear(relocation->ctx);
}
