/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Level 10 reads the kernel: frozen, host ends, NICs, route, OpenVZ's counters. Level 20 runs a
 * command in the container, whose word is taken for nothing but "ill": it may hang, lie, or print
 * without end.
 */
#include "health.h"

#include <errno.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "family.h"
#include "hostend.h"
#include "inside.h"

static size_t in_bridge(const struct hostend *ends, size_t n, const char *bridge)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++)
		found += strcmp(ends[i].master, bridge) == 0;
	return found;
}

const char *ct_ends_text(const struct ct_wants *wants, const struct hostend *ends, size_t n,
			 char *buf, size_t size)
{
	buf[0] = '\0';
	if (n < wants->host_ends) {
		(void) snprintf(buf, size,
				"only %zu of its %zu host ends exist; see who deleted one", n,
				wants->host_ends);
		return buf;
	}
	for (size_t i = 0; i < wants->n_bridges; i++) {
		const char *bridge = wants->bridge[i];
		size_t want = 0, have = in_bridge(ends, n, bridge);

		for (size_t k = 0; k < wants->n_bridges; k++)
			want += strcmp(wants->bridge[k], bridge) == 0;
		if (have >= want)
			continue;
		(void) snprintf(
			buf, size,
			"%zu of its host ends should be in bridge %s, %zu are; see who took "
			"it out (the bridge's own monitor puts back what is its)",
			want, bridge, have);
		break;
	}
	return buf;
}

static bool is_frozen(struct ocf_ctx *ctx, const struct ct_engine *engine)
{
	static struct cg_dir groups[CG_DIRS_MAX];
	static struct cg_tree tree;
	size_t n = engine->groups(ctx, &tree, groups, ARRAY_SIZE(groups));

	for (size_t i = 0; i < n; i++)
		if (cg_frozen(&groups[i]))
			return true;
	return false;
}

static bool ends_are_well(struct ocf_ctx *ctx, const struct ct_engine *engine, pid_t init,
			  const struct ct_wants *wants, char *why, size_t size)
{
	struct hostend ends[HOSTENDS_MAX];
	ssize_t n = engine->host_ends(ctx, init, ends, ARRAY_SIZE(ends));

	if (n < 0) {
		(void) snprintf(why, size, "its host ends cannot be read: %s", strerror((int) -n));
		return false;
	}
	return ct_ends_text(wants, ends, (size_t) n, why, size)[0] == '\0';
}

static bool nics_are_in(int fd, const struct ct_wants *wants, char *why, size_t size)
{
	for (size_t i = 0; i < wants->n_nics; i++) {
		const struct ct_nic *nic = &wants->nic[i];
		int r = inside_link(fd, nic->inside);

		if (r > 0)
			continue;
		(void) snprintf(why, size,
				"NIC %s, which was moved in as %s (%s), is not in it: %s",
				nic->host, nic->inside, nic->setting, strerror(-r));
		return false;
	}
	return true;
}

static int set_route(struct ocf_ctx *ctx, int fd, char *why, size_t size)
{
	const char *device = ct_conf(ctx)->default_route;
	struct inside_route best, by;
	int ifindex = inside_link(fd, device), r;

	if (ifindex < 0) {
		(void) snprintf(why, size, "no device %s in it to carry the default route: %s",
				device, strerror(-ifindex));
		return ifindex;
	}
	r = inside_default(fd, ifindex, &best, &by);
	if (r == 0 && best.ifindex == ifindex)
		return 0;
	if (r == 0) {
		ocf_log(ctx, LOG_NOTICE,
			"container %s: its default route is %s; sending it by %s (default_route)",
			ctx->identity, best.ifindex ? "by another device" : "missing", device);
		r = inside_set_default(fd, ifindex, by.gateway);
	}
	if (r < 0)
		(void) snprintf(why, size, "cannot set the default route by %s: %s", device,
				strerror(-r));
	return r;
}

/* An OpenVZ kernel's containers have no namespace that could be entered: their own ip does it. */
static int set_route_by_command(struct ocf_ctx *ctx, const struct ct_engine *engine, char *why,
				size_t size)
{
	static struct ocf_child_result result;
	struct ct_command attach;
	char line[64];
	int r = -ENOENT;

	(void) snprintf(line, sizeof(line), "ip route replace default dev '%s'",
			ct_conf(ctx)->default_route);
	if (strchr(ct_conf(ctx)->default_route, '\''))
		r = -EINVAL;
	else if (engine->attach(ctx, line, &attach))
		r = ocf_run(ctx, attach.argv, ocf_share_ms(ctx, 30), &result);
	if (r == 0 && result.exit_code == 0)
		return 0;
	(void) snprintf(why, size, "cannot set the default route by %s: %s",
			ct_conf(ctx)->default_route, r < 0 ? strerror(-r) : result.output);
	return r < 0 ? r : -EIO;
}

int ct_route_set(struct ocf_ctx *ctx, const struct ct_engine *engine, pid_t init, char *why,
		 size_t size)
{
	auto_close int fd = -1;

	if (!ct_conf(ctx)->default_route)
		return 0;
	if (init < 0)
		return set_route_by_command(ctx, engine, why, size);
	fd = inside_open(ctx, engine, init);
	if (fd >= 0)
		return set_route(ctx, fd, why, size);
	(void) snprintf(why, size, "cannot enter its network namespace: %s",
			fd == -ENOTSUP ? "it shares the host's, whose routes stay as they are"
				       : strerror(-fd));
	return fd;
}

/* What only its own network namespace shows. */
static bool inside_is_well(struct ocf_ctx *ctx, const struct ct_engine *engine, pid_t init,
			   const struct ct_wants *wants, char *why, size_t size)
{
	auto_close int fd = -1;

	if (init < 0 || (!wants->n_nics && !ct_conf(ctx)->default_route))
		return true;
	fd = inside_open(ctx, engine, init);
	if (fd < 0) {
		(void) snprintf(why, size, "cannot look into its network namespace: %s",
				strerror(-fd));
		return false;
	}
	if (!nics_are_in(fd, wants, why, size))
		return false;
	return !ct_conf(ctx)->default_route || set_route(ctx, fd, why, size) == 0;
}

static bool is_well(struct ocf_ctx *ctx, const struct ct_engine *engine, pid_t init, char *why,
		    size_t size)
{
	static struct ct_wants wants;

	if (is_frozen(ctx, engine)) {
		(void) snprintf(why, size, "it is frozen: nothing in it runs");
		return false;
	}
	engine->wants(ctx, &wants);
	return ends_are_well(ctx, engine, init, &wants, why, size) &&
	       inside_is_well(ctx, engine, init, &wants, why, size);
}

bool ct_is_healthy(struct ocf_ctx *ctx, const struct ct_engine *engine, pid_t init)
{
	char why[512];

	if (is_well(ctx, engine, init, why, sizeof(why)))
		return true;
	ocf_log(ctx, LOG_NOTICE, "container %s: %s", ctx->identity, why);
	return false;
}

bool ct_health_command(struct ocf_ctx *ctx, const struct ct_engine *engine, char *why, size_t size)
{
	const int64_t share = ocf_share_ms(ctx, 80);
	int64_t until = ocf_now_ms() + ct_conf(ctx)->health_timeout * 1000;
	static struct ocf_child child;
	struct ct_command attach;
	int r;

	until = until < share ? until : share;
	r = engine->attach(ctx, ct_conf(ctx)->health_command, &attach)
		    ? ocf_child_start(ctx, attach.argv, &child)
		    : -ENOENT;
	if (r < 0) {
		(void) snprintf(why, size, "health_command cannot be run: %s", strerror(-r));
		return false;
	}
	r = ocf_child_wait(ctx, &child, until);
	if (r < 0) /* what it runs inside would outlive it */
		ct_signal_family(ctx, child.pid, SIGKILL);
	ocf_child_end(ctx, &child, 0);
	if (r < 0) {
		(void) snprintf(why, size, "health_command gives no answer within %lld s",
				(long long) ct_conf(ctx)->health_timeout);
		return false;
	}
	if (child.result.exit_code == 0)
		return true;
	ocf_result_text(&child.result, why, size);
	return false;
}

enum ocf_status ct_health(struct ocf_ctx *ctx, const struct ct_engine *engine, pid_t init)
{
	char why[768];

	if (!is_well(ctx, engine, init, why, sizeof(why)))
		return ocf_fail(ctx, OCF_ERR_GENERIC, "container %s: %s", ctx->identity, why);
	if (ctx->check_level >= 20 && ct_conf(ctx)->health_command &&
	    !ct_health_command(ctx, engine, why, sizeof(why)))
		return ocf_fail(ctx, OCF_ERR_GENERIC, "container %s is not healthy: %s",
				ctx->identity, why);
	return engine->limits ? engine->limits(ctx) : OCF_SUCCESS;
}
