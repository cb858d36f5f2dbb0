/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hostend.h"
#include "own.h"
#include "vz.h"

#define CTID_LARGEST 2147483644L

static bool is_uuid(const char *text)
{
	for (size_t i = 0; i < 36; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? text[i] != '-' : !isxdigit((unsigned char) text[i]))
			return false;
	}
	return text[36] == '\0';
}

static bool may_be(const char *ctid)
{
	if (strlen(ctid) == 36 && is_uuid(ctid))
		return true;
	return ctid[0] >= '1' && ctid[0] <= '9' && strlen(ctid) <= 10 &&
	       ctid[strspn(ctid, "0123456789")] == '\0' && strtol(ctid, NULL, 10) <= CTID_LARGEST;
}

static void config_path(struct ocf_ctx *ctx, char *buf, size_t size)
{
	ocf_path(ctx, buf, size, "/etc/vz/conf/%s.conf", ctx->identity);
}

static pid_t init(struct ocf_ctx *ctx)
{
	static struct vz_seen seen;

	vz_see(ctx, &seen);
	return seen.init;
}

static bool autostart(struct ocf_ctx *ctx, char *what, size_t size)
{
	static struct vz_conf conf;
	char path[PATH_MAX];

	vz_conf_read(ctx, &conf);
	if (!conf.onboot)
		return false;
	config_path(ctx, path, sizeof(path));
	(void) snprintf(what, size, "ONBOOT=yes in %s", path);
	return true;
}

static int autostart_off(struct ocf_ctx *ctx)
{
	char path[PATH_MAX];

	config_path(ctx, path, sizeof(path));
	return own_rewrite(path, "ONBOOT", "ONBOOT=\"no\"");
}

static size_t groups(struct ocf_ctx *ctx, struct cg_tree *tree, struct cg_dir *ret, size_t max)
{
	static struct vz_seen seen;
	size_t n = 0;

	vz_see(ctx, &seen);
	*tree = seen.tree;
	for (; n < seen.n_groups && n < max; n++) {
		ret[n] = seen.groups[n];
		ret[n].h = tree->h + (seen.groups[n].h - seen.tree.h);
	}
	return n;
}

static void wants(struct ocf_ctx *ctx, struct ct_wants *ret)
{
	static struct vz_conf conf;

	vz_conf_read(ctx, &conf);
	vz_conf_wants(&conf, ret);
}

static ssize_t host_ends(struct ocf_ctx *ctx, pid_t pid, struct hostend *ret, size_t max)
{
	return pid > 0 ? hostends_of(pid, ret, max) : vz_host_ends(ctx, ret, max);
}

/* exec2 joins its arguments with blanks and gives them to a shell of the container. */
static bool attach(struct ocf_ctx *ctx, const char *command, struct ct_command *ret)
{
	const char *argv[] = { ct_tool(ctx, "vzctl", ret->tool), "exec2", ctx->identity, command,
			       NULL };

	memcpy(ret->argv, argv, sizeof(argv));
	return argv[0];
}

/* "vz stop" suspends what runs, and "vz start" starts all that ran: on each node, by itself. */
static void check_vz_service(struct ocf_ctx *ctx, const struct vz_conf *conf)
{
	static const char *const links[] = {
		"/etc/systemd/system/multi-user.target.wants/vz.service",
		"/etc/rc2.d/S*vz",
		"/etc/rc3.d/S*vz",
	};
	char path[PATH_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(links); i++) {
		glob_t found;

		if (glob(ocf_path(ctx, path, sizeof(path), "%s", links[i]), 0, NULL, &found) != 0)
			continue;
		globfree(&found);
		ocf_finding(ctx, OCF_SUCCESS,
			    "the vz service starts at boot (%s): it may start containers before "
			    "the cluster does; disable it, or set ONBOOT=no for each",
			    links[i]);
	}
	if (conf->suspends)
		ocf_finding(ctx, OCF_SUCCESS,
			    "/etc/vz/vz.conf does not say VE_STOP_MODE=stop: \"vz stop\" suspends "
			    "containers and leaves memory dumps on this node");
}

static void check_host(struct ocf_ctx *ctx)
{
	static struct ct_wants promised;
	static struct vz_conf conf;
	char path[PATH_MAX];

	if (!ct_tool(ctx, "vzctl", path))
		ocf_finding(ctx, OCF_ERR_INSTALLED, "no vzctl %s", ct_tool_place(ctx));
	if (access(ocf_path(ctx, path, sizeof(path), "/etc/vz/vz.conf"), R_OK) < 0)
		ocf_finding(ctx, OCF_ERR_ARGS, "vzctl cannot work without /etc/vz/vz.conf");
	vz_conf_read(ctx, &conf);
	check_vz_service(ctx, &conf);
	if (conf.disabled)
		ocf_finding(ctx, OCF_ERR_ARGS,
			    "container %s: DISABLED=yes in its configuration: vzctl will not start "
			    "it",
			    ctx->identity);
	if (vz_peek(ctx) != OCF_STATE_STOPPED)
		return;
	wants(ctx, &promised);
	ct_check_nics(ctx, &promised);
}

static void describe(struct ocf_ctx *ctx, FILE *out)
{
	static struct vz_conf conf;
	static struct vz_seen seen;
	static struct vz_lock lock;
	char text[256];
	pid_t pid = vz_find_user(ctx, VZ_USE_LOCKS);

	vz_see(ctx, &seen);
	for (size_t i = 0; i < seen.n_groups; i++)
		(void) fprintf(out, "  group: %s%s\n", seen.groups[i].path,
			       cg_frozen(&seen.groups[i]) ? " (frozen)" : "");
	if (pid > 0)
		(void) fprintf(out, "  at work on it: %s\n",
			       vz_user_text(ctx, pid, text, sizeof(text)));
	vz_conf_read(ctx, &conf);
	vz_lock_read(ctx, &conf, &lock);
	if (lock.state != VZ_LOCK_FREE)
		(void) fprintf(out, "  lock: %s, process %d%s\n", lock.path, lock.pid,
			       lock.state == VZ_LOCK_STALE ? " (stale)" : "");
}

const struct ct_engine ct_engine_vzctl = {
	.name = "vzctl",
	.may_be = may_be,
	.config_path = config_path,
	.peek = vz_peek,
	.look = vz_look,
	.start = vz_start,
	.stop = vz_stop,
	.check_host = check_host,
	.describe = describe,
	.autostart = autostart,
	.autostart_off = autostart_off,
	.init = init,
	.seen_init = vz_seen_init,
	.groups = groups,
	.wants = wants,
	.host_ends = host_ends,
	.attach = attach,
	.limits = vz_limits,
};
