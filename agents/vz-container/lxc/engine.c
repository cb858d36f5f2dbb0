/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "hostend.h"
#include "lxc.h"
#include "own.h"

static bool may_be(const char *ctid)
{
	return ctid[0] != '\0';
}

static void config_path(struct ocf_ctx *ctx, char *buf, size_t size)
{
	char lxcpath[PATH_MAX];

	ocf_path(ctx, buf, size, "%s/%s/config", lxc_path(ctx, lxcpath, sizeof(lxcpath)),
		 ctx->identity);
}

static bool autostart(struct ocf_ctx *ctx, char *what, size_t size)
{
	static struct lxc_conf conf;
	char path[PATH_MAX];

	if (lxc_conf_read(ctx, &conf) < 0 || !conf.autostart)
		return false;
	config_path(ctx, path, sizeof(path));
	(void) snprintf(what, size, "lxc.start.auto = 1 in %s", path);
	return true;
}

static int autostart_off(struct ocf_ctx *ctx)
{
	char path[PATH_MAX];

	config_path(ctx, path, sizeof(path));
	return own_rewrite(path, "lxc.start.auto", "lxc.start.auto = 0");
}

/* The resolved spelling changes when the tree moves, and is another container to LXC. */
static void check_spelling(struct ocf_ctx *ctx, const char *lxcpath)
{
	static struct lxc_spellings usual;
	char def[PATH_MAX];

	lxc_spell(ctx, lxc_default_path(ctx, def, sizeof(def)), &usual);
	for (size_t i = 1; i < usual.n; i++)
		if (strcmp(usual.path[i], lxcpath) == 0)
			ocf_finding(ctx, OCF_SUCCESS,
				    "lxcpath %s is what %s leads to; LXC's tools use %s and do not "
				    "see containers started by the other name: set lxcpath=%s",
				    lxcpath, def, def, def);
	if (strncmp(lxcpath, OCF_RUN_DIR "/", sizeof(OCF_RUN_DIR)) == 0)
		ocf_finding(ctx, OCF_SUCCESS,
			    "lxcpath %s lies in vzha's own %s; give the path that links to it",
			    lxcpath, OCF_RUN_DIR);
}

static void check_host(struct ocf_ctx *ctx)
{
	static struct lxc_conf conf;
	static struct ct_wants wants;
	char lxcpath[PATH_MAX];

	if (!ct_tool(ctx, "lxc-start", lxcpath))
		ocf_finding(ctx, OCF_ERR_INSTALLED, "no lxc-start %s (package lxc)",
			    ct_tool_place(ctx));
	check_spelling(ctx, lxc_path(ctx, lxcpath, sizeof(lxcpath)));
	if (ct_conf(ctx)->stop_mode == VZ_CONTAINER_STOP_MODE_SUSPEND)
		ocf_finding(ctx, OCF_SUCCESS,
			    "stop_mode=suspend needs an OpenVZ container; LXC container %s is shut "
			    "down",
			    ctx->identity);
	if (lxc_conf_read(ctx, &conf) < 0 || lxc_peek(ctx) != OCF_STATE_STOPPED)
		return;
	lxc_conf_wants(&conf, &wants);
	ct_check_nics(ctx, &wants);
}

static void describe(struct ocf_ctx *ctx, FILE *out)
{
	static struct lxc_seen seen;

	lxc_see(ctx, &seen);
	if (lxc_verdict(&seen) != OCF_STATE_RUNNING)
		return;
	(void) fprintf(out, "  lxcpath: %s%s\n", seen.spelling,
		       seen.socket == LXC_YES ? "" : " (its monitor does not listen)");
	for (size_t i = 0; i < seen.n_monitors; i++)
		(void) fprintf(out, "  monitor: process %d\n", seen.monitor[i]);
	for (size_t i = 0; i < seen.n_payload; i++)
		(void) fprintf(out, "  group: %s%s\n", seen.payload[i].path,
			       cg_frozen(&seen.payload[i]) ? " (frozen)" : "");
}

static size_t groups(struct ocf_ctx *ctx, struct cg_tree *tree, struct cg_dir *ret, size_t max)
{
	static struct lxc_seen seen;
	size_t n = 0;

	lxc_see(ctx, &seen);
	*tree = seen.tree;
	for (; n < seen.n_payload && n < max; n++) {
		ret[n] = seen.payload[n];
		ret[n].h = tree->h + (seen.payload[n].h - seen.tree.h);
	}
	return n;
}

static void wants(struct ocf_ctx *ctx, struct ct_wants *ret)
{
	static struct lxc_conf conf;

	(void) lxc_conf_read(ctx, &conf); /* not here any more: nothing to hold it to */
	lxc_conf_wants(&conf, ret);
}

static ssize_t host_ends(struct ocf_ctx *ctx, pid_t pid, struct hostend *ret, size_t max)
{
	(void) ctx;
	return hostends_of(pid, ret, max);
}

static bool attach(struct ocf_ctx *ctx, const char *command, struct ct_command *ret)
{
	static struct lxc_seen seen;
	const char *argv[] = { ct_tool(ctx, "lxc-attach", ret->tool),
			       "-P",
			       ret->path,
			       "-n",
			       ctx->identity,
			       "--clear-env",
			       "-v",
			       "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
			       "--",
			       "/bin/sh",
			       "-c",
			       command,
			       NULL };

	lxc_see(ctx, &seen); /* LXC's tools know it by one spelling only */
	memcpy(ret->path, seen.spelling, sizeof(ret->path));
	memcpy(ret->argv, argv, sizeof(argv));
	return argv[0];
}

const struct ct_engine ct_engine_lxc = {
	.name = "lxc",
	.may_be = may_be,
	.config_path = config_path,
	.peek = lxc_peek,
	.look = lxc_look,
	.start = lxc_start,
	.stop = lxc_stop,
	.check_host = check_host,
	.describe = describe,
	.autostart = autostart,
	.autostart_off = autostart_off,
	.init = lxc_init,
	.groups = groups,
	.wants = wants,
	.host_ends = host_ends,
	.attach = attach,
};
