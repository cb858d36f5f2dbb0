/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is an LXC container alive? Asked of the kernel only: lxc-info hangs when the monitor is stopped,
 * and says STOPPED of a running container when lxcpath is spelled in another way than at its start.
 */
#include "lxc.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define LXC_DEFAULT_PATH "/var/lib/lxc"
#define LXC_SYSTEM_CONF	 "/etc/lxc/lxc.conf"

const char *lxc_default_path(const struct ocf_ctx *ctx, char *buf, size_t size)
{
	char path[PATH_MAX], line[PATH_MAX + 64];
	auto_fclose FILE *f = NULL;

	(void) snprintf(buf, size, "%s", LXC_DEFAULT_PATH);
	f = fopen(ocf_path(ctx, path, sizeof(path), LXC_SYSTEM_CONF), "re");
	while (f && fgets(line, sizeof(line), f)) {
		char *value = line + strspn(line, " \t");

		if (strncmp(value, "lxc.lxcpath", 11) != 0)
			continue;
		value += 11 + strspn(value + 11, " \t");
		if (*value != '=')
			continue;
		value += 1 + strspn(value + 1, " \t");
		value[strcspn(value, " \t\n")] = '\0';
		if (*value == '/')
			(void) snprintf(buf, size, "%s", value);
	}
	return buf;
}

const char *lxc_path(const struct ocf_ctx *ctx, char *buf, size_t size)
{
	if (!ct_conf(ctx)->lxcpath)
		return lxc_default_path(ctx, buf, size);
	(void) snprintf(buf, size, "%s", ct_conf(ctx)->lxcpath);
	return buf;
}

static void add_spelling(struct lxc_spellings *s, const char *path)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->path[i], path) == 0)
			return;
	if (s->n < LXC_SPELLINGS_MAX && strlen(path) < PATH_MAX)
		memcpy(s->path[s->n++], path, strlen(path) + 1);
}

/* No doubled, no trailing slash. LXC removes the latter itself. */
static void tidy(const char *path, char *ret)
{
	size_t n = 0;

	for (; *path && n < PATH_MAX - 1; path++)
		if (*path != '/' || n == 0 || ret[n - 1] != '/')
			ret[n++] = *path;
	while (n > 1 && ret[n - 1] == '/')
		n--;
	ret[n] = '\0';
}

/* Replaces the first link on the way of @path by what it points to. */
static bool resolve_one(const struct ocf_ctx *ctx, const char *path, char *ret)
{
	char real[PATH_MAX], target[PATH_MAX], joined[3 * PATH_MAX];
	size_t end = 1, start;
	ssize_t n;

	do {
		start = end;
		end += strcspn(path + end, "/");
		ocf_path(ctx, real, sizeof(real), "%.*s", (int) end, path);
		n = readlink(real, target, sizeof(target) - 1);
		if (n > 0) {
			target[n] = '\0';
			(void) snprintf(joined, sizeof(joined), "%.*s%s%s",
					target[0] == '/' ? 0 : (int) start, path, target,
					path + end);
			tidy(joined, ret);
			return true;
		}
	} while (path[end++]);
	return false;
}

/* ocf_escape() backwards. */
static void unescape(const char *key, size_t len, char *ret)
{
	size_t n = 0;

	if (key[0] != '-')
		ret[n++] = '/';
	for (size_t i = 0; i < len && n < PATH_MAX - 1; i++) {
		unsigned int byte;

		if (key[i] == '\\' && i + 3 < len && sscanf(key + i, "\\x%2x", &byte) == 1) {
			ret[n++] = (char) byte;
			i += 3;
		} else {
			ret[n++] = key[i] == '-' ? '/' : key[i];
		}
	}
	ret[n] = '\0';
}

/* Through the switch of vzroot-relocation: where it leads when it is on (KEY says that). */
static void add_switched(struct lxc_spellings *s, const char *path)
{
	static const char root[] = OCF_RUN_DIR "/root/";
	char shared[PATH_MAX], joined[2 * PATH_MAX];
	size_t len;

	if (strncmp(path, root, sizeof(root) - 1) != 0)
		return;
	path += sizeof(root) - 1;
	len = strcspn(path, "/");
	unescape(path, len, shared);
	if (snprintf(joined, sizeof(joined), "%s%s", shared, path + len) < PATH_MAX)
		add_spelling(s, joined);
}

void lxc_spell(const struct ocf_ctx *ctx, const char *lxcpath, struct lxc_spellings *ret)
{
	char now[PATH_MAX], next[PATH_MAX];

	ret->n = 0;
	add_spelling(ret, lxcpath);
	tidy(lxcpath, now);
	add_spelling(ret, now);
	for (int links = 0; links < 8; links++) {
		add_switched(ret, now);
		if (!resolve_one(ctx, now, next))
			break;
		memcpy(now, next, sizeof(now));
		add_spelling(ret, now);
	}
}

/* 64 bit FNV-1a, what LXC makes of a path that is too long for a socket address */
static uint64_t fnv1a(const char *text)
{
	uint64_t hash = 0xcbf29ce484222325ULL;

	for (; *text; text++)
		hash = (hash ^ (unsigned char) *text) * 0x100000001b3ULL;
	return hash;
}

void lxc_socket_name(const char *lxcpath, const char *name, char *buf, size_t size)
{
	const int room = (int) sizeof(((struct sockaddr_un *) NULL)->sun_path) - 1;
	char both[PATH_MAX + 256];

	if (snprintf(buf, size, "%s/%s/command", lxcpath, name) < room)
		return;
	(void) snprintf(both, sizeof(both), "%s/%s", lxcpath, name);
	(void) snprintf(buf, size, "lxc/%016llx/command", (unsigned long long) fnv1a(both));
}

enum lxc_answer lxc_socket(const char *lxcpath, const char *name)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	char text[PATH_MAX + 512];
	auto_close int fd = -1;
	socklen_t len;

	lxc_socket_name(lxcpath, name, text, sizeof(text));
	len = (socklen_t) strlen(text);
	if (len > sizeof(addr.sun_path) - 1)
		return LXC_NO;
	memcpy(addr.sun_path + 1, text, len);
	len += (socklen_t) offsetof(struct sockaddr_un, sun_path) + 1;

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return LXC_DONT_KNOW;
	if (connect(fd, (struct sockaddr *) &addr, len) == 0)
		return LXC_YES;
	switch (errno) {
	case ECONNREFUSED:
	case ENOENT:
		return LXC_NO;
	case EAGAIN: /* a listener with a full queue: stopped or stuck, but there */
	case EPROTOTYPE:
		return LXC_YES;
	default:
		return LXC_DONT_KNOW;
	}
}

enum ocf_state lxc_verdict(const struct lxc_seen *seen)
{
	if (seen->socket == LXC_YES || seen->cgroups == LXC_YES || seen->procs == LXC_YES)
		return OCF_STATE_RUNNING;
	/*
	 * A silent socket proves little (it may live in another network namespace), so an
	 * unreadable one takes nothing away either. The other two must both have said no.
	 */
	if (seen->cgroups == LXC_NO && seen->procs == LXC_NO)
		return OCF_STATE_STOPPED;
	return OCF_STATE_UNKNOWN;
}

/* Nothing seen yet */
static void begin(struct ocf_ctx *ctx, struct lxc_seen *seen)
{
	char path[PATH_MAX];

	lxc_spell(ctx, lxc_path(ctx, path, sizeof(path)), &seen->spellings);
	memcpy(seen->spelling, seen->spellings.path[0], sizeof(seen->spelling));
	seen->socket = LXC_NO;
	seen->n_monitors = 0;
	seen->n_payload = 0;
}

static void see_socket(struct ocf_ctx *ctx, struct lxc_seen *seen)
{
	begin(ctx, seen);
	for (size_t i = 0; i < seen->spellings.n; i++) {
		enum lxc_answer one = lxc_socket(seen->spellings.path[i], ctx->identity);

		ocf_trace(ctx, "socket @%s/%s/command: %d", seen->spellings.path[i], ctx->identity,
			  (int) one);
		if (one == LXC_YES)
			memcpy(seen->spelling, seen->spellings.path[i], sizeof(seen->spelling));
		if (one != LXC_NO)
			seen->socket = one;
		if (one == LXC_YES)
			return;
	}
}

static void see_groups(struct ocf_ctx *ctx, struct lxc_seen *seen)
{
	enum lxc_answer monitors, payload;

	if (cg_load(ctx, &seen->tree) < 0) {
		seen->tree.n = 0;
		seen->cgroups = LXC_DONT_KNOW;
		return;
	}
	monitors = lxc_find_monitors(ctx, seen);
	payload = lxc_find_payload(ctx, seen);
	if (monitors == LXC_YES || payload == LXC_YES)
		seen->cgroups = LXC_YES;
	else
		seen->cgroups = monitors == LXC_DONT_KNOW ? monitors : payload;
}

void lxc_see(struct ocf_ctx *ctx, struct lxc_seen *ret)
{
	see_socket(ctx, ret);
	see_groups(ctx, ret);
	ret->procs = ret->n_monitors ? LXC_YES : lxc_scan_monitors(ctx, ret);
	ret->init = lxc_find_init(ctx, ret);
}

pid_t lxc_init(struct ocf_ctx *ctx)
{
	static struct lxc_seen seen;

	/* Nearly always its monitor is where it should be, and knows. */
	begin(ctx, &seen);
	seen.init = 0;
	if (cg_load(ctx, &seen.tree) == 0 && lxc_find_monitors(ctx, &seen) == LXC_YES)
		seen.init = lxc_find_init(ctx, &seen);
	if (!seen.init)
		lxc_see(ctx, &seen);
	return seen.init;
}

/* Too large for a stack, and a process looks after one container. */
static struct lxc_seen peeked;

enum ocf_state lxc_peek(struct ocf_ctx *ctx)
{
	see_socket(ctx, &peeked);
	if (peeked.socket == LXC_YES)
		return OCF_STATE_RUNNING;
	see_groups(ctx, &peeked);
	peeked.procs = peeked.n_monitors ? LXC_YES : lxc_scan_monitors(ctx, &peeked);
	return lxc_verdict(&peeked);
}

enum ocf_state lxc_look(struct ocf_ctx *ctx)
{
	enum ocf_state state = lxc_peek(ctx);

	if (state == OCF_STATE_UNKNOWN)
		ocf_reason(ctx,
			   "cannot find out whether LXC container %s runs: %s cannot be read; see "
			   "whether /proc and /sys/fs/cgroup are in order",
			   ctx->identity, peeked.cgroups == LXC_NO ? "/proc" : "its cgroups");
	return state;
}
