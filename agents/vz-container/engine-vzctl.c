/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

static void check_host(struct ocf_ctx *ctx)
{
	char path[PATH_MAX];

	if (!ct_tool(vz_tool_paths))
		ocf_finding(ctx, OCF_ERR_INSTALLED, "no vzctl on this node");
	if (access(ocf_path(ctx, path, sizeof(path), "/etc/vz/vz.conf"), R_OK) < 0)
		ocf_finding(ctx, OCF_ERR_ARGS, "vzctl cannot work without /etc/vz/vz.conf");
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
};
