/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cluster attributes (C14). Pacemaker's daemon for them can hang (drbd-utils 077a313e tells of
 * monitors that did), so it is asked by its tool, in a child with a deadline, and only when there
 * is something to tell. What was told last is remembered in /run together with the manager that
 * was told: one that was started anew has forgotten, and is told again.
 */
#include "private.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#define WRITE_MAX_MS 5000
#define NOTHING	     "-" /* remembered for "taken back" */

/* The manager is our parent: its process id and start time (proc(5), fields 4 and 22 of stat). */
static void manager_name(const struct ocf_ctx *ctx, char *buf, size_t size)
{
	char path[PATH_MAX], stat[1024] = "";
	unsigned long long started = 0;
	const char *behind_name;

	(void) ocf_read_file(ocf_path(ctx, path, sizeof(path), "/proc/%d/stat", (int) getppid()),
			     stat, sizeof(stat));
	behind_name = strrchr(stat, ')'); /* a command's name may hold anything */
	if (behind_name)
		(void) sscanf(behind_name,
			      ") %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
			      "%*s %*s %*s %llu",
			      &started);
	(void) snprintf(buf, size, "%d %llu", (int) getppid(), started);
}

static const char *memory_path(const struct ocf_ctx *ctx, const char *name, char *buf, size_t size)
{
	char escaped[NAME_MAX];

	return ocf_path(ctx, buf, size, "%s/attribute/%s", OCF_RUN_DIR,
			ocf_escape(name, escaped, sizeof(escaped)));
}

static void remember(const struct ocf_ctx *ctx, const char *name, const char *text)
{
	char path[PATH_MAX];

	(void) ocf_path(ctx, path, sizeof(path), "%s/attribute", OCF_RUN_DIR);
	if (ocf_mkdir_p(path, 0755) == 0)
		(void) ocf_write_file(memory_path(ctx, name, path, sizeof(path)), text, 0644);
}

static bool tell(struct ocf_ctx *ctx, const char *name, const char *value)
{
	char program[PATH_MAX], text[512];
	const char *const update[] = { program, "-n", name, "-U", value, NULL };
	const char *const delete[] = { program, "-n", name, "-D", NULL };
	struct ocf_child_result result;
	int64_t deadline_ms = ocf_share_ms(ctx, 25);
	int r;

	if (deadline_ms > ocf_now_ms() + WRITE_MAX_MS)
		deadline_ms = ocf_now_ms() + WRITE_MAX_MS;
	(void) ocf_path(ctx, program, sizeof(program), "/usr/sbin/attrd_updater");
	ocf_step(ctx, "tell the cluster %s=%s", name, value ? value : "");
	r = ocf_run(ctx, value ? update : delete, deadline_ms, &result);
	if (r == 0 && result.exit_code == 0)
		return true;
	ocf_log(ctx, LOG_WARNING, "cannot set %s to %s in the cluster: attrd_updater: %s", name,
		value ? value : "nothing",
		r < 0 && !result.timed_out ? strerror(-r)
					   : ocf_result_text(&result, text, sizeof(text)));
	return false;
}

void ocf_promotion_score(struct ocf_ctx *ctx, const char *score)
{
	char name[256], path[PATH_MAX], manager[64], text[128], known[128] = "";
	bool forgetful = strcmp(ctx->action, "start") == 0 || strcmp(ctx->action, "stop") == 0;

	/* Only Pacemaker says which feature set it has; by hand there is nobody to tell. */
	if (ctx->probe || !ctx->promotable || !getenv("OCF_RESKEY_crm_feature_set"))
		return;
	if ((size_t) snprintf(name, sizeof(name), "master-%s", ctx->instance) >= sizeof(name))
		return;
	manager_name(ctx, manager, sizeof(manager));
	(void) snprintf(text, sizeof(text), "%s %s", score ? score : NOTHING, manager);
	(void) ocf_read_file(memory_path(ctx, name, path, sizeof(path)), known, sizeof(known));
	/* Start and stop are rare and the ends of a clone's life: there nothing is taken as known. */
	if (!forgetful && strcmp(known, text) == 0)
		return;
	/* Killed in between, we must not believe later that it was told. */
	(void) unlink(path);
	if (tell(ctx, name, score))
		remember(ctx, name, text);
}
