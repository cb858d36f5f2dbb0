/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What start and stop of every engine have in common: the lock and the waiting. */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_bridge.h>
#include <syslog.h>
#include <stdlib.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "announce.h"
#include "bridges.h"
#include "change.h"
#include "health.h"
#include "hostend.h"
#include "proc.h"
#include "vz-container.h"

#define SETTLE_MS 50  /* an init that dies of its first mistake mostly does so within this time */
#define ANYWAY_MS 250 /* should an event be lost */
#define POLL_MS	  20

const char *ct_tool(const struct ocf_ctx *ctx, const char *name, char buf[PATH_MAX])
{
	static const char *const usual[] = { "/usr/sbin", "/usr/bin", "/usr/local/sbin",
					     "/usr/local/bin", "/sbin" };
	const char *const *directories = usual;
	size_t n = ARRAY_SIZE(usual);

	if (ct_conf(ctx)->engine_path) {
		directories = &ct_conf(ctx)->engine_path;
		n = 1;
	}
	for (size_t i = 0; i < n; i++) {
		(void) snprintf(buf, PATH_MAX, "%s/%s", directories[i], name);
		if (access(buf, X_OK) == 0)
			return buf;
	}
	return NULL;
}

const char *ct_tool_place(const struct ocf_ctx *ctx)
{
	return ct_conf(ctx)->engine_path ? "at the engine_path" : "on this node";
}

int ct_lock(struct ocf_ctx *ctx, int64_t deadline_ms)
{
	char path[512], name[256];
	int r, fd;

	r = ocf_mkdir_p(ocf_path(ctx, path, sizeof(path), OCF_RUN_DIR "/ct"), 0755);
	if (r < 0)
		return r;
	ocf_path(ctx, path, sizeof(path), OCF_RUN_DIR "/ct/%s.lock",
		 ocf_escape(ctx->identity, name, sizeof(name)));
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		r = -errno;
		if (r == -EINTR || (r == -EWOULDBLOCK && ocf_pause_until(deadline_ms, 50)))
			continue;
		(void) close(fd);
		return r == -EWOULDBLOCK ? -ETIMEDOUT : r;
	}
	return fd;
}

bool ct_wait_stopped(struct ocf_ctx *ctx, const struct ct_engine *engine, struct ocf_child *child,
		     int64_t deadline_ms)
{
	for (;;) {
		int64_t nap = ocf_now_ms() + 50;
		bool ended;

		if (engine->peek(ctx) == OCF_STATE_STOPPED)
			return true;
		if (!child) {
			if (!ocf_pause_until(deadline_ms, POLL_MS))
				return false;
			continue;
		}
		ended = ocf_child_wait(ctx, child, nap < deadline_ms ? nap : deadline_ms) == 0;
		if (ended || ocf_now_ms() >= deadline_ms)
			return engine->peek(ctx) == OCF_STATE_STOPPED;
	}
}

/* The first host end that is in a bridge and does not forward yet; NULL: all do. */
static const struct hostend *not_forwarding(const struct hostend *ends, ssize_t n)
{
	for (ssize_t i = 0; i < n; i++)
		if (ends[i].port_state >= 0 && ends[i].port_state != BR_STATE_FORWARDING)
			return &ends[i];
	return NULL;
}

static void warn_not_ready(struct ocf_ctx *ctx, const struct hostend *waiting, ssize_t n,
			   size_t want)
{
	if (waiting)
		ocf_log(ctx, LOG_WARNING,
			"container %s runs, but its host end %s does not forward in bridge %s "
			"(port state %d, %s) after start_wait; is its interface set up inside?",
			ctx->identity, waiting->name, waiting->master, waiting->port_state,
			waiting->carrier ? "carrier" : "no carrier");
	else
		ocf_log(ctx, LOG_WARNING,
			"container %s runs, but only %zd of the %zu host ends that its "
			"configuration promises exist after start_wait",
			ctx->identity, n < 0 ? 0 : n, want);
}

/* How long this process lives, or has been seen to live at least. */
static int64_t lived_ms(struct ocf_ctx *ctx, pid_t pid, int64_t begin_ms)
{
	const int64_t seen = ocf_now_ms() - begin_ms;
	const int64_t started = pid ? proc_started_ms(ctx, pid) : -1;
	struct timespec now;
	int64_t age;

	if (started < 0 || clock_gettime(CLOCK_BOOTTIME, &now) < 0)
		return seen;
	age = (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000 - started;
	return age > seen ? age : seen;
}

enum ocf_status ct_wait_ready(struct ocf_ctx *ctx, const struct ct_engine *engine,
			      size_t want_host_ends)
{
	const int64_t begin = ocf_now_ms(), patience = ct_conf(ctx)->start_wait * 1000;
	int64_t until = begin + (patience > SETTLE_MS ? patience : SETTLE_MS);
	struct hostend ends[HOSTENDS_MAX];
	const struct hostend *waiting;
	bool ready;
	struct change change;
	int64_t lived;
	ssize_t n;
	pid_t init;

	if (until > ctx->deadline_ms)
		until = ctx->deadline_ms;
	change_begin(&change);
	do {
		init = engine->init(ctx);
		n = init ? engine->host_ends(ctx, init, ends, ARRAY_SIZE(ends)) : 0;
		waiting = not_forwarding(ends, n);
		ready = patience == 0 || (n >= 0 && (size_t) n >= want_host_ends && !waiting);
		if (!init && engine->peek(ctx) == OCF_STATE_STOPPED)
			break;
		lived = lived_ms(ctx, init, begin);
		if (init && ready && lived >= SETTLE_MS)
			break;
	} while (change_wait(&change, init, until, ready && init ? SETTLE_MS - lived : ANYWAY_MS));
	change_end(&change);

	if (!init)
		return OCF_ERR_GENERIC;
	if (!ready)
		warn_not_ready(ctx, waiting, n, want_host_ends);
	return OCF_SUCCESS;
}

static void wait_for_health(struct ocf_ctx *ctx, const struct ct_engine *engine, int64_t until)
{
	char why[512];

	ocf_step(ctx, "wait for health_command");
	do {
		if (ct_health_command(ctx, engine, why, sizeof(why)))
			return;
	} while (ocf_pause_until(until, 500));
	ocf_log(ctx, LOG_WARNING,
		"container %s runs, but is not healthy after start_wait: %s; a monitor at level 20 "
		"will take that for a failure",
		ctx->identity, why);
}

enum ocf_status ct_settle(struct ocf_ctx *ctx, const struct ct_engine *engine)
{
	const int64_t share = ocf_share_ms(ctx, 90);
	int64_t until = ocf_now_ms() + ct_conf(ctx)->start_wait * 1000;
	static struct ct_wants wants;
	enum ocf_status status;
	char why[512];
	pid_t init;

	ocf_step(ctx, "wait for init and host ends");
	engine->wants(ctx, &wants);
	ct_announce(ctx, engine, &wants, engine->init(ctx));
	status = ct_wait_ready(ctx, engine, wants.host_ends);
	init = status == OCF_SUCCESS ? engine->init(ctx) : 0;
	if (!init)
		return OCF_ERR_GENERIC;
	ct_tell_bridges(ctx, engine, &wants, init);
	if (ct_route_set(ctx, engine, init, why, sizeof(why)) < 0)
		ocf_log(ctx, LOG_WARNING, "container %s: %s", ctx->identity, why);
	if (ct_conf(ctx)->health_command && ct_conf(ctx)->start_wait > 0)
		wait_for_health(ctx, engine, until < share ? until : share);
	return engine->peek(ctx) == OCF_STATE_STOPPED ? OCF_ERR_GENERIC : OCF_SUCCESS;
}
