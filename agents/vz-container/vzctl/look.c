/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is an OpenVZ container alive? An OpenVZ kernel lists its containers. On a stock kernel the
 * processes in its control groups are the truth: PID file and namespace link stay behind when init
 * is killed, and come from the other node when their directory is on the shared disk.
 */
#include "vz.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "proc.h"

#define VEINFO_MAX (1024 * 1024)

static bool same_id(const char *a, size_t len, const char *b)
{
	return strlen(b) == len && strncasecmp(a, b, len) == 0;
}

bool vz_veinfo_lists(const char *text, const char *ctid)
{
	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		const char *id = line + strspn(line, " \t");

		if (same_id(id, strcspn(id, " \t\n"), ctid))
			return true;
	}
	return false;
}

/* "      101:  kmemsize  2703 ..." then lines without a number; numproc held > 0 is alive. */
bool vz_beans_hold(const char *text, const char *ctid)
{
	char word[64], resource[64];
	bool in_block = false;
	long held;

	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		if (sscanf(line, " %63[^: \t\n]", word) != 1)
			continue;
		if (line[strspn(line, " \t") + strlen(word)] == ':') {
			in_block = same_id(word, strlen(word), ctid);
			if (sscanf(strchr(line, ':') + 1, " %63s %ld", resource, &held) != 2)
				continue;
		} else if (sscanf(line, " %63s %ld", resource, &held) != 2) {
			continue;
		}
		if (in_block && strcmp(resource, "numproc") == 0)
			return held > 0;
	}
	return false;
}

static ssize_t read_whole(const struct ocf_ctx *ctx, const char *file, char *buf)
{
	char path[PATH_MAX];

	return ocf_read_file(ocf_path(ctx, path, sizeof(path), "%s", file), buf, VEINFO_MAX);
}

static void see_openvz(const struct ocf_ctx *ctx, struct vz_seen *seen)
{
	auto_free char *buf = malloc(VEINFO_MAX);
	ssize_t n;

	seen->veinfo = VZ_DONT_KNOW;
	seen->beans = VZ_DONT_KNOW;
	if (!buf)
		return;
	n = read_whole(ctx, "/proc/vz/veinfo", buf);
	if (n > 0) {
		seen->veinfo = vz_veinfo_lists(buf, ctx->identity) ? VZ_YES : VZ_NO;
		seen->init = seen->veinfo == VZ_YES ? -1 : 0;
		return;
	}
	n = read_whole(ctx, "/proc/user_beancounters", buf);
	if (n > 0)
		seen->beans = vz_beans_hold(buf, ctx->identity) ? VZ_YES : VZ_NO;
}

static bool in_group(const struct ocf_ctx *ctx, const struct vz_seen *seen, pid_t pid)
{
	struct cg_dir dirs[CG_DIRS_MAX];
	char name[160];
	size_t n;

	(void) snprintf(name, sizeof(name), "vz-%s", ctx->identity);
	n = cg_of(ctx, &seen->tree, pid, name, dirs, ARRAY_SIZE(dirs));
	for (size_t i = 0; i < n; i++) {
		const char *base = strrchr(dirs[i].path, '/');

		if (base && strcmp(base + 1, name) == 0)
			return true;
	}
	return false;
}

static pid_t pid_file(const struct ocf_ctx *ctx)
{
	char path[PATH_MAX], buf[32];

	ocf_path(ctx, path, sizeof(path), "/var/lib/vzctl/vepid/%s", ctx->identity);
	return ocf_read_file(path, buf, sizeof(buf)) > 0 ? (pid_t) strtol(buf, NULL, 10) : 0;
}

static pid_t find_init(const struct ocf_ctx *ctx, struct vz_seen *seen)
{
	pid_t pids[64], pid = pid_file(ctx);

	seen->pid_in_group = pid > 1 && proc_alive(ctx, pid) && in_group(ctx, seen, pid);
	if (seen->pid_in_group)
		return pid;
	for (size_t i = 0; i < seen->n_groups; i++) {
		ssize_t n = cg_procs(&seen->groups[i], pids, ARRAY_SIZE(pids));

		for (ssize_t k = 0; k < n; k++)
			if (proc_alive(ctx, pids[k]) && proc_is_ns_init(ctx, pids[k]))
				return pids[k];
	}
	return 0;
}

static void see_groups(const struct ocf_ctx *ctx, struct vz_seen *seen)
{
	struct cg_dir dirs[CG_DIRS_MAX];
	char name[160];
	ssize_t n;

	seen->group = VZ_DONT_KNOW;
	(void) snprintf(name, sizeof(name), "vz-%s", ctx->identity);
	if (cg_load(ctx, &seen->tree) < 0)
		return;
	n = cg_find(&seen->tree, name, false, dirs, ARRAY_SIZE(dirs));
	if (n < 0)
		return;
	seen->group = VZ_NO;
	for (ssize_t i = 0; i < n; i++) {
		switch (cg_state(&dirs[i])) {
		case CG_POPULATED:
			seen->groups[seen->n_groups++] = dirs[i];
			break;
		case CG_UNREADABLE:
			seen->group = VZ_DONT_KNOW;
			break;
		case CG_EMPTY:
			break;
		}
	}
	if (seen->n_groups)
		seen->group = VZ_YES;
	seen->init = find_init(ctx, seen);
}

enum ocf_state vz_verdict(const struct vz_seen *seen)
{
	enum vz_answer kernel = seen->group;

	if (seen->openvz)
		kernel = seen->veinfo == VZ_DONT_KNOW && seen->beans == VZ_YES ? VZ_YES
									       : seen->veinfo;
	else if (kernel == VZ_DONT_KNOW && seen->pid_in_group)
		kernel = VZ_YES;
	if (kernel == VZ_YES || seen->starter == VZ_YES)
		return OCF_STATE_RUNNING;
	if (kernel == VZ_NO && seen->starter == VZ_NO)
		return OCF_STATE_STOPPED;
	return OCF_STATE_UNKNOWN;
}

void vz_see(struct ocf_ctx *ctx, struct vz_seen *ret)
{
	char path[PATH_MAX];
	pid_t starter;

	memset(ret, 0, offsetof(struct vz_seen, groups));
	ret->n_groups = 0;
	/* One that cannot be looked at is there, as far as we know: then veinfo has to tell. */
	ret->openvz =
		access(ocf_path(ctx, path, sizeof(path), "/proc/vz"), F_OK) == 0 || errno != ENOENT;
	if (ret->openvz)
		see_openvz(ctx, ret);
	else
		see_groups(ctx, ret);
	if (vz_verdict(ret) == OCF_STATE_RUNNING)
		return;
	/* Not yet, but soon? Its agent may have been killed while vzctl started it. */
	starter = vz_find_user(ctx, VZ_USE_STARTS);
	ret->starter = starter > 0 ? VZ_YES : starter < 0 ? VZ_DONT_KNOW : VZ_NO;
}

static struct vz_seen peeked;

enum ocf_state vz_peek(struct ocf_ctx *ctx)
{
	vz_see(ctx, &peeked);
	return vz_verdict(&peeked);
}

pid_t vz_seen_init(void)
{
	return peeked.init;
}

enum ocf_state vz_look(struct ocf_ctx *ctx)
{
	enum ocf_state state = vz_peek(ctx);

	if (state == OCF_STATE_UNKNOWN)
		ocf_reason(ctx,
			   "cannot find out whether OpenVZ container %s runs: %s cannot be read; "
			   "see whether the vz modules and /proc are in order",
			   ctx->identity,
			   peeked.openvz ? "/proc/vz/veinfo" : "its control groups or /proc");
	return state;
}

bool vz_is_member(const struct ocf_ctx *ctx, pid_t pid)
{
	char path[PATH_MAX], buf[4096], id[64];
	const char *p;

	ocf_path(ctx, path, sizeof(path), "/proc/%d/status", pid);
	if (ocf_read_file(path, buf, sizeof(buf)) <= 0)
		return false;
	p = strstr(buf, "\nenvID:");
	return p && sscanf(p + 7, " %63s", id) == 1 && strcmp(id, "0") != 0 &&
	       same_id(id, strlen(id), ctx->identity);
}
