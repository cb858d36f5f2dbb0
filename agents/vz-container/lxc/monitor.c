/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose processes are these? Names of LXC's groups carry no lxcpath, and a suffix for a name that is
 * taken, so a group called after our container may belong to another one: of that name elsewhere,
 * or of a name that ends like a suffix. Its monitor's title says which.
 */
#include "lxc.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "proc.h"

#define TITLE	 "[lxc monitor] "
#define PIDS_MAX 64

static bool parse_title(const char *title, struct lxc_claim *ret)
{
	const char *path = title + sizeof(TITLE) - 1;
	const char *name = strrchr(path, ' ');

	if (!name || name == path || (size_t) (name - path) >= sizeof(ret->lxcpath))
		return false;
	(void) snprintf(ret->lxcpath, sizeof(ret->lxcpath), "%.*s", (int) (name - path), path);
	(void) snprintf(ret->name, sizeof(ret->name), "%s", name + 1);
	return true;
}

/* Options of lxc-start and lxc-execute that take a value as the next argument. */
static bool takes_value(const char *arg)
{
	static const char *const with[] = {
		"-o", "--logfile", "-l",	  "--logpriority", "-f",	  "--rcfile",
		"-c", "--console", "-L",	  "--console-log", "-p",	  "--pidfile",
		"-s", "--define",  "--share-net", "--share-ipc",   "--share-uts", "--share-pid",
		"-u", "--uid",	   "-g",	  "--gid"
	};

	for (size_t i = 0; i < ARRAY_SIZE(with); i++)
		if (strcmp(arg, with[i]) == 0)
			return true;
	return false;
}

/* The value of an option in any of its forms: -n X, -nX, --name X, --name=X. */
static const char *option(const char *const argv[], size_t argc, size_t *i, const char *brief,
			  const char *lengthy)
{
	const char *arg = argv[*i];
	size_t len = strlen(lengthy);

	if (strcmp(arg, brief) == 0 || strcmp(arg, lengthy) == 0)
		return *i + 1 < argc ? argv[++*i] : "";
	if (strncmp(arg, lengthy, len) == 0 && arg[len] == '=')
		return arg + len + 1;
	return strncmp(arg, brief, 2) == 0 ? arg + 2 : NULL;
}

static bool parse_starter(const char *const argv[], size_t argc, struct lxc_claim *ret)
{
	const char *name = NULL, *path = "", *value;

	for (size_t i = 1; i < argc; i++) {
		if ((value = option(argv, argc, &i, "-n", "--name")))
			name = value;
		else if ((value = option(argv, argc, &i, "-P", "--lxcpath")))
			path = value;
		else if (takes_value(argv[i]))
			i++;
		else if (argv[i][0] != '-' && !name)
			name = argv[i];
	}
	if (!name || strlen(path) >= sizeof(ret->lxcpath) || strlen(name) >= sizeof(ret->name))
		return false;
	memcpy(ret->lxcpath, path, strlen(path) + 1);
	memcpy(ret->name, name, strlen(name) + 1);
	ret->starter = true;
	return true;
}

bool lxc_parse_argv(const char *const argv[], size_t argc, struct lxc_claim *ret)
{
	const char *base;

	ret->starter = false;
	if (argc == 0)
		return false;
	if (strncmp(argv[0], TITLE, sizeof(TITLE) - 1) == 0)
		return parse_title(argv[0], ret);
	base = strrchr(argv[0], '/');
	base = base ? base + 1 : argv[0];
	if (strcmp(base, "lxc-start") != 0 && strcmp(base, "lxc-execute") != 0)
		return false;
	return parse_starter(argv, argc, ret);
}

static bool same_directory(const struct ocf_ctx *ctx, const char *a, const char *b)
{
	char path[PATH_MAX];
	struct stat one, two;

	return stat(ocf_path(ctx, path, sizeof(path), "%s", a), &one) == 0 &&
	       stat(ocf_path(ctx, path, sizeof(path), "%s", b), &two) == 0 &&
	       one.st_dev == two.st_dev && one.st_ino == two.st_ino;
}

static bool is_our_path(const struct ocf_ctx *ctx, const struct lxc_spellings *s, const char *path)
{
	char def[PATH_MAX];

	if (!path[0]) /* an lxc-start without -P */
		path = lxc_default_path(ctx, def, sizeof(def));
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->path[i], path) == 0)
			return true;
	return same_directory(ctx, path, s->path[0]);
}

enum whose { OURS, ANOTHERS, NOBODYS };

static enum whose whose_process(const struct ocf_ctx *ctx, const struct lxc_spellings *spellings,
				pid_t pid, char *ret_path)
{
	char buf[PROC_CMDLINE_MAX];
	const char *argv[64];
	struct lxc_claim claim;
	ssize_t argc;

	argc = proc_argv(ctx, pid, buf, sizeof(buf), argv, ARRAY_SIZE(argv));
	if (argc <= 0 || !lxc_parse_argv(argv, (size_t) argc, &claim))
		return NOBODYS;
	/* A process in a container may call itself what it likes. */
	if (!proc_is_ours(ctx, pid))
		return NOBODYS;
	/* Also by its name: lxc.payload.web-1 is web's second group, or web-1's first. */
	if (strcmp(claim.name, ctx->identity) != 0 || !is_our_path(ctx, spellings, claim.lxcpath))
		return ANOTHERS;
	if (ret_path && claim.lxcpath[0])
		memcpy(ret_path, claim.lxcpath, strlen(claim.lxcpath) + 1);
	return OURS;
}

bool lxc_is_monitor(const struct ocf_ctx *ctx, const struct lxc_spellings *spellings, pid_t pid)
{
	return whose_process(ctx, spellings, pid, NULL) == OURS;
}

static void add_if_monitor(const struct ocf_ctx *ctx, struct lxc_seen *seen, pid_t pid)
{
	/* The socket has told the spelling already, if there is one. */
	char *path = seen->socket == LXC_YES ? NULL : seen->spelling;

	if (whose_process(ctx, &seen->spellings, pid, path) != OURS)
		return;
	for (size_t i = 0; i < seen->n_monitors; i++)
		if (seen->monitor[i] == pid)
			return;
	if (seen->n_monitors < LXC_MONITORS_MAX)
		seen->monitor[seen->n_monitors++] = pid;
}

static enum lxc_answer find_monitors(const struct ocf_ctx *ctx, struct lxc_seen *seen,
				     bool suffixes)
{
	struct cg_dir dirs[CG_DIRS_MAX];
	char name[300];
	pid_t pids[PIDS_MAX];
	ssize_t n;

	(void) snprintf(name, sizeof(name), "lxc.monitor.%s", ctx->identity);
	n = cg_find(&seen->tree, name, suffixes, dirs, ARRAY_SIZE(dirs));
	if (n < 0)
		return LXC_DONT_KNOW;
	for (ssize_t i = 0; i < n; i++) {
		ssize_t members = cg_procs(&dirs[i], pids, ARRAY_SIZE(pids));

		if (members < 0)
			return LXC_DONT_KNOW;
		for (ssize_t k = 0; k < members; k++)
			add_if_monitor(ctx, seen, pids[k]);
	}
	return seen->n_monitors ? LXC_YES : LXC_NO;
}

enum lxc_answer lxc_find_monitors(const struct ocf_ctx *ctx, struct lxc_seen *seen)
{
	/* The plain name nearly always does, without listing every group there is. */
	if (find_monitors(ctx, seen, false) == LXC_YES)
		return LXC_YES;
	return find_monitors(ctx, seen, true);
}

struct scan {
	const struct ocf_ctx *ctx;
	struct lxc_seen *seen;
};

static bool scan_one(pid_t pid, void *arg)
{
	const struct scan *s = arg;

	add_if_monitor(s->ctx, s->seen, pid);
	return true;
}

enum lxc_answer lxc_scan_monitors(const struct ocf_ctx *ctx, struct lxc_seen *seen)
{
	struct scan s = { ctx, seen };

	if (proc_walk(ctx, scan_one, &s) < 0)
		return LXC_DONT_KNOW;
	return seen->n_monitors ? LXC_YES : LXC_NO;
}

/* Does a living monitor of another container stand above these processes? */
static bool is_anothers(const struct ocf_ctx *ctx, const struct lxc_seen *seen, pid_t pid)
{
	struct proc_stat st;

	for (int depth = 0; depth < 64 && pid > 1; depth++) {
		switch (whose_process(ctx, &seen->spellings, pid, NULL)) {
		case OURS:
			return false;
		case ANOTHERS:
			return true;
		case NOBODYS:
			break;
		}
		if (proc_stat_read(ctx, pid, &st) < 0)
			return false;
		pid = st.ppid;
	}
	return false;
}

/* An attached shell has other ancestors than the container's own processes: ask several. */
static bool group_is_anothers(const struct ocf_ctx *ctx, const struct lxc_seen *seen,
			      const struct cg_dir *dir)
{
	pid_t pids[PIDS_MAX];
	ssize_t n = cg_procs(dir, pids, ARRAY_SIZE(pids));

	for (ssize_t i = 0; i < n; i++)
		if (is_anothers(ctx, seen, pids[i]))
			return true;
	return false;
}

enum lxc_answer lxc_find_payload(const struct ocf_ctx *ctx, struct lxc_seen *seen)
{
	struct cg_dir dirs[CG_DIRS_MAX];
	char name[300];
	bool unreadable = false;
	ssize_t n;

	(void) snprintf(name, sizeof(name), "lxc.payload.%s", ctx->identity);
	n = cg_find(&seen->tree, name, true, dirs, ARRAY_SIZE(dirs));
	if (n < 0)
		return LXC_DONT_KNOW;
	for (ssize_t i = 0; i < n; i++) {
		enum cg_state state = cg_state(&dirs[i]);

		unreadable |= state == CG_UNREADABLE;
		if (state == CG_POPULATED && !group_is_anothers(ctx, seen, &dirs[i]))
			seen->payload[seen->n_payload++] = dirs[i];
	}
	if (seen->n_payload)
		return LXC_YES;
	return unreadable ? LXC_DONT_KNOW : LXC_NO;
}

/* lxc.namespace.share.pid makes an init that is not process 1 of anything; its group tells. */
static bool is_init(const struct ocf_ctx *ctx, const struct lxc_seen *seen, pid_t pid)
{
	struct cg_dir dir;

	return proc_alive(ctx, pid) && (proc_is_ns_init(ctx, pid) ||
					cg_of(ctx, &seen->tree, pid, "lxc.payload.", &dir, 1) > 0);
}

pid_t lxc_find_init(const struct ocf_ctx *ctx, const struct lxc_seen *seen)
{
	pid_t pids[PIDS_MAX];
	ssize_t n;

	for (size_t i = 0; i < seen->n_monitors; i++) {
		n = proc_children(ctx, seen->monitor[i], pids, PIDS_MAX);
		for (ssize_t k = 0; k < n; k++)
			if (is_init(ctx, seen, pids[k]))
				return pids[k];
	}
	/* Its monitor is gone; so it is about to be. */
	for (size_t i = 0; i < seen->n_payload; i++) {
		n = cg_procs(&seen->payload[i], pids, PIDS_MAX);
		for (ssize_t k = 0; k < n; k++)
			if (proc_alive(ctx, pids[k]) && proc_is_ns_init(ctx, pids[k]))
				return pids[k];
	}
	return 0;
}
