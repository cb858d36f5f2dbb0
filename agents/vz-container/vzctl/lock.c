/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is at work on the container, and what its lock file is worth. vzctl only asks whether
 * /proc/PID exists, so to vzctl a lock from the other node is held by whatever has that number here.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proc.h"
#include "vz.h"

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool among(const char *word, const char *const list[])
{
	for (; *list; list++)
		if (strcmp(word, *list) == 0)
			return true;
	return false;
}

enum vz_use vz_use_of(const char *const argv[], size_t argc, const char *ctid)
{
	static const char *const without_lock[] = { "exec",    "exec2",	 "exec3",  "enter",
						    "console", "status", "--help", NULL };
	static const char *const starts[] = { "start",	 "restart",   "resume",
					      "restore", "reinstall", NULL };
	size_t first = 0;
	const char *verb = NULL;
	bool migrate;

	/* vzmigrate is a script: the shell stands before it. */
	if (argc > 1 && strcmp(base_name(argv[1]), "vzmigrate") == 0)
		first = 1;
	if (argc <= first)
		return VZ_USE_NONE;
	migrate = strcmp(base_name(argv[first]), "vzmigrate") == 0;
	if (!migrate && strcmp(base_name(argv[first]), "vzctl") != 0)
		return VZ_USE_NONE;
	for (size_t i = first + 1; i < argc; i++) {
		if (!verb && argv[i][0] != '-')
			verb = argv[i];
		/* What comes after exec's CTID is the container's business. */
		if (verb && !migrate && among(verb, without_lock))
			return VZ_USE_NONE;
		if (verb && (verb != argv[i] || migrate) && strcmp(argv[i], ctid) == 0)
			return !migrate && among(verb, starts) ? VZ_USE_STARTS : VZ_USE_LOCKS;
	}
	return VZ_USE_NONE;
}

static enum vz_use use_of_process(const struct ocf_ctx *ctx, pid_t pid)
{
	char buf[PROC_CMDLINE_MAX];
	const char *argv[32];
	ssize_t argc = proc_argv(ctx, pid, buf, sizeof(buf), argv, ARRAY_SIZE(argv));
	enum vz_use use;

	if (argc <= 0)
		return VZ_USE_NONE;
	use = vz_use_of(argv, (size_t) argc, ctx->identity);
	return use != VZ_USE_NONE && proc_is_ours(ctx, pid) ? use : VZ_USE_NONE;
}

struct search {
	const struct ocf_ctx *ctx;
	enum vz_use at_least;
	pid_t found;
};

static bool search_one(pid_t pid, void *arg)
{
	struct search *s = arg;

	if (pid != getpid() && use_of_process(s->ctx, pid) >= s->at_least)
		s->found = pid;
	return s->found == 0;
}

pid_t vz_find_user(const struct ocf_ctx *ctx, enum vz_use at_least)
{
	struct search s = { .ctx = ctx, .at_least = at_least };
	int r = proc_walk(ctx, search_one, &s);

	return r < 0 ? r : s.found;
}

const char *vz_user_text(const struct ocf_ctx *ctx, pid_t pid, char *buf, size_t size)
{
	char cmdline[PROC_CMDLINE_MAX];
	const char *argv[16];
	ssize_t argc = proc_argv(ctx, pid, cmdline, sizeof(cmdline), argv, ARRAY_SIZE(argv));
	size_t n = (size_t) snprintf(buf, size, "process %d (", pid);

	for (ssize_t i = 0; i < argc && n < size; i++)
		n += (size_t) snprintf(buf + n, size - n, "%s%s", i ? " " : "", argv[i]);
	if (n < size)
		(void) snprintf(buf + n, size - n, ")");
	return buf;
}

void vz_lock_read(const struct ocf_ctx *ctx, const struct vz_conf *conf, struct vz_lock *ret)
{
	char buf[64];
	ssize_t n;

	*ret = (struct vz_lock){ .state = VZ_LOCK_FREE };
	ocf_path(ctx, ret->path, sizeof(ret->path), "%s/%s.lck", conf->lockdir, ctx->identity);
	n = ocf_read_file(ret->path, buf, sizeof(buf));
	if (n < 0 && n != -EFBIG)
		return;
	ret->pid = (pid_t) strtol(buf, NULL, 10);
	ret->state = ret->pid > 0 && proc_alive(ctx, ret->pid) &&
				     use_of_process(ctx, ret->pid) != VZ_USE_NONE
			     ? VZ_LOCK_HELD
			     : VZ_LOCK_STALE;
}
