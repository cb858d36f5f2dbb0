/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory dumps. vzctl start restores whatever lies in DUMPDIR, however old, on a file system that
 * may be newer. So a dump never lies there by its name when we call vzctl start, and one is restored
 * only if it is what our own stop wrote last: it left a token that says so beside the private area,
 * where every node that could have started the container meanwhile has removed it.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "health.h"
#include "vz.h"

#define TOKEN_FORMAT "ctid=%s inode=%" PRIu64 " size=%" PRIu64 " mtime=%" PRId64 ".%09ld boot=%s\n"

static const char *dump_path(const struct ocf_ctx *ctx, const struct vz_conf *conf, char *buf,
			     size_t size)
{
	return ocf_path(ctx, buf, size, "%s/Dump.%s", conf->dumpdir, ctx->identity);
}

static const char *token_path(const struct ocf_ctx *ctx, const struct vz_conf *conf, char *buf,
			      size_t size)
{
	char private[PATH_MAX];

	memcpy(private, conf->private, sizeof(private));
	return ocf_path(ctx, buf, size, "%s/.vzha-dump.%s", dirname(private), ctx->identity);
}

static void boot_id(const struct ocf_ctx *ctx, char *buf, size_t size)
{
	char path[PATH_MAX];

	(void) ocf_read_file(ocf_path(ctx, path, sizeof(path), "/proc/sys/kernel/random/boot_id"),
			     buf, size);
	buf[strcspn(buf, "\n")] = '\0';
}

/* All of it, up to the boot, is about the dump; a directory (CRIU's) has an inode and times, too. */
static int describe(const struct ocf_ctx *ctx, const char *dump, const char *boot, char *buf,
		    size_t size)
{
	struct stat st;

	if (lstat(dump, &st) < 0)
		return -errno;
	(void) snprintf(buf, size, TOKEN_FORMAT, ctx->identity, (uint64_t) st.st_ino,
			(uint64_t) st.st_size, (int64_t) st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
			boot);
	return 0;
}

static bool is_ours(const struct ocf_ctx *ctx, const struct vz_conf *conf, const char *dump)
{
	char path[PATH_MAX + 160], token[512], want[512];

	if (ocf_read_file(token_path(ctx, conf, path, sizeof(path)), token, sizeof(token)) <= 0 ||
	    describe(ctx, dump, "", want, sizeof(want)) < 0)
		return false;
	want[strlen(want) - 1] = '\0'; /* the boot that wrote it may be any */
	return strncmp(token, want, strlen(want)) == 0;
}

enum vz_dump_plan vz_dump_plan(bool there, bool ours, bool suspends, int policy)
{
	if (!there)
		return VZ_DUMP_NONE;
	if (ours)
		return suspends ? VZ_DUMP_RESTORE : VZ_DUMP_ASIDE;
	switch ((enum vz_container_stale_dump) policy) {
	case VZ_CONTAINER_STALE_DUMP_RESTORE:
		return VZ_DUMP_RESTORE;
	case VZ_CONTAINER_STALE_DUMP_REFUSE:
		return VZ_DUMP_REFUSE;
	case VZ_CONTAINER_STALE_DUMP_QUARANTINE:
		break;
	}
	return VZ_DUMP_ASIDE;
}

/* Must be on disk before anything boots from the file system that the dump belongs to. */
static int drop_token(const struct ocf_ctx *ctx, const struct vz_conf *conf)
{
	char path[PATH_MAX + 160];
	auto_close int dir = -1;

	(void) token_path(ctx, conf, path, sizeof(path));
	if (unlink(path) < 0)
		return errno == ENOENT ? 0 : -errno;
	dir = open(dirname(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dir < 0 || fsync(dir) < 0 ? -errno : 0;
}

static enum ocf_status set_aside(struct ocf_ctx *ctx, const char *dump, char *ret, size_t size)
{
	const time_t now = time(NULL);
	char when[32];
	struct tm tm;

	(void) strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", gmtime_r(&now, &tm));
	(void) snprintf(ret, size, "%s.vzha-%s", dump, when);
	if (rename(dump, ret) == 0)
		return OCF_SUCCESS;
	return ocf_fail(ctx, OCF_ERR_GENERIC, "container %s: cannot set memory dump %s aside: %s",
			ctx->identity, dump, strerror(errno));
}

enum ocf_status vz_dump_prepare(struct ocf_ctx *ctx, const struct vz_conf *conf, char *ret_restore,
				size_t size)
{
	const bool suspends = ct_conf(ctx)->stop_mode == VZ_CONTAINER_STOP_MODE_SUSPEND;
	char dump[PATH_MAX + 160];
	enum vz_dump_plan plan;
	enum ocf_status status;
	bool there;
	int r;

	ret_restore[0] = '\0';
	(void) dump_path(ctx, conf, dump, sizeof(dump));
	there = faccessat(AT_FDCWD, dump, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
	plan = vz_dump_plan(there, there && is_ours(ctx, conf, dump), suspends,
			    (int) ct_conf(ctx)->stale_dump);
	if (plan == VZ_DUMP_REFUSE)
		return ocf_fail(ctx, OCF_ERR_GENERIC,
				"container %s: memory dump %s would be restored over a newer file "
				"system; restore or remove it by hand (stale_dump=refuse)",
				ctx->identity, dump);
	r = drop_token(ctx, conf);
	if (r < 0)
		return ocf_fail(ctx, OCF_ERR_GENERIC,
				"container %s: cannot remove the token of its last suspension: %s",
				ctx->identity, strerror(-r));
	if (plan == VZ_DUMP_NONE)
		return OCF_SUCCESS;
	status = set_aside(ctx, dump, ret_restore, size);
	if (status != OCF_SUCCESS || plan == VZ_DUMP_RESTORE)
		return status;
	ocf_log(ctx, LOG_WARNING, "container %s: memory dump %s set aside as %s: it boots instead",
		ctx->identity, dump, ret_restore);
	ret_restore[0] = '\0';
	return OCF_SUCCESS;
}

bool vz_restore(struct ocf_ctx *ctx, const char *tool, const char *dump)
{
	const char *argv[] = { tool, "restore", ctx->identity, "--dumpfile", dump, NULL };
	static struct ocf_child_result result;
	char text[512];
	int r;

	ocf_step(ctx, "vzctl restore");
	r = ocf_run(ctx, argv, ocf_share_ms(ctx, 50), &result);
	if (vz_peek(ctx) == OCF_STATE_RUNNING) {
		ocf_log(ctx, LOG_NOTICE, "container %s: restored from its memory dump",
			ctx->identity);
		if (unlink(dump) < 0 && errno != ENOENT)
			ocf_log(ctx, LOG_NOTICE, "memory dump %s is used up; remove it (%s)", dump,
				strerror(errno));
		return true;
	}
	ocf_log(ctx, LOG_WARNING,
		"container %s: memory dump %s cannot be restored (%s): it boots instead",
		ctx->identity, dump,
		r < 0 ? strerror(-r) : ocf_result_text(&result, text, sizeof(text)));
	return false;
}

/* Without it the dump counts as anybody's, and stale_dump decides. */
static void write_token(struct ocf_ctx *ctx, const struct vz_conf *conf)
{
	char dump[PATH_MAX + 160], path[PATH_MAX + 160], boot[64], text[512];
	int r;

	boot_id(ctx, boot, sizeof(boot));
	r = describe(ctx, dump_path(ctx, conf, dump, sizeof(dump)), boot, text, sizeof(text));
	if (r == 0)
		r = ocf_write_file(token_path(ctx, conf, path, sizeof(path)), text, 0600);
	if (r < 0)
		ocf_log(ctx, LOG_WARNING,
			"container %s: no token for memory dump %s (%s): it will not be restored",
			ctx->identity, dump, strerror(-r));
}

bool vz_suspend(struct ocf_ctx *ctx, const char *tool, int64_t until)
{
	const char *argv[] = { tool, "suspend", ctx->identity, NULL };
	static struct ocf_child_result result;
	static struct vz_conf conf;
	static struct vz_seen seen;
	char text[512];
	int r;

	vz_see(ctx, &seen);
	if (!tool || !seen.init || vz_find_user(ctx, VZ_USE_LOCKS) > 0 ||
	    !ct_is_healthy(ctx, &ct_engine_vzctl, seen.init)) {
		ocf_log(ctx, LOG_WARNING,
			"container %s is not well enough to be suspended: shutting it down",
			ctx->identity);
		return false;
	}
	vz_conf_read(ctx, &conf);
	ocf_step(ctx, "vzctl suspend");
	r = ocf_run(ctx, argv, until, &result);
	if (r == 0 && result.exit_code == 0 && vz_peek(ctx) == OCF_STATE_STOPPED) {
		write_token(ctx, &conf);
		return true;
	}
	ocf_log(ctx, LOG_WARNING, "container %s cannot be suspended (%s): shutting it down",
		ctx->identity, r < 0 ? strerror(-r) : ocf_result_text(&result, text, sizeof(text)));
	return vz_peek(ctx) == OCF_STATE_STOPPED;
}
