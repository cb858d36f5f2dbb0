/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What only an OpenVZ kernel tells of a container: counters, disk quota, host ends. */
#include <errno.h>
#include <inttypes.h>
#include <linux/if_bridge.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "hostend.h"
#include "vz.h"

#define FILE_MAX	   (1024 * 1024)
#define QUOTA_FULL_PERCENT 95

/* A line at a time: @copy gets it without its newline. Return: the next line; NULL at the end. */
static const char *next_line(const char *text, char *copy, size_t size)
{
	size_t len = strcspn(text, "\n");

	if (!*text)
		return NULL;
	(void) snprintf(copy, size, "%.*s", (int) len, text);
	return text + len + (text[len] == '\n');
}

/* "      101:  kmemsize ..." begins the block of 101. Return: what follows the number, or @line. */
static const char *block_head(const char *line, const char *ctid, bool *in_block)
{
	const char *id = line + strspn(line, " \t");
	size_t len = strcspn(id, ": \t");

	if (id[len] != ':')
		return line;
	*in_block = strlen(ctid) == len && strncasecmp(id, ctid, len) == 0;
	return id + len + 1;
}

uint64_t vz_failures(const char *text, const char *ctid, char *ret_worst, size_t size)
{
	uint64_t sum = 0, worst = 0;
	bool in_block = false;
	char line[512];

	ret_worst[0] = '\0';
	while ((text = next_line(text, line, sizeof(line)))) {
		const char *rest = block_head(line, ctid, &in_block);
		char resource[64];
		uint64_t fail;

		if (!in_block ||
		    sscanf(rest, " %63s %*s %*s %*s %*s %" SCNu64, resource, &fail) != 2)
			continue;
		sum += fail;
		if (fail > worst) {
			worst = fail;
			(void) snprintf(ret_worst, size, "%s", resource);
		}
	}
	return sum;
}

int vz_quota_percent(const char *text, const char *ctid)
{
	bool in_block = false;
	int percent = -1;
	char line[512];

	while ((text = next_line(text, line, sizeof(line)))) {
		const char *rest = block_head(line, ctid, &in_block);
		uint64_t usage, hard;
		char what[32];
		int one;

		if (!in_block ||
		    sscanf(rest, " %31s %" SCNu64 " %*s %" SCNu64, what, &usage, &hard) != 3 ||
		    (strcmp(what, "1k-blocks") != 0 && strcmp(what, "inodes") != 0) || hard == 0)
			continue;
		one = usage >= hard ? 100 : (int) ((double) usage * 100 / (double) hard);
		percent = one > percent ? one : percent;
	}
	return percent;
}

size_t vz_veth_names(const char *text, const char *ctid, char ret[][IFNAMSIZ], size_t max)
{
	char line[512], name[IFNAMSIZ], id[64];
	size_t n = 0;

	while (n < max && (text = next_line(text, line, sizeof(line))))
		if (sscanf(line, " %*s %15s %*s %*s %63s", name, id) == 2 &&
		    strcasecmp(id, ctid) == 0)
			memcpy(ret[n++], name, IFNAMSIZ);
	return n;
}

static ssize_t read_whole(const struct ocf_ctx *ctx, const char *file, char *buf)
{
	char path[PATH_MAX];

	return ocf_read_file(ocf_path(ctx, path, sizeof(path), "%s", file), buf, FILE_MAX);
}

static bool read_link_name(const struct ocf_ctx *ctx, const char *dev, const char *what, char *ret)
{
	char path[PATH_MAX], target[PATH_MAX];
	const char *base;
	ssize_t n;

	n = readlink(ocf_path(ctx, path, sizeof(path), "/sys/class/net/%s/%s", dev, what), target,
		     sizeof(target) - 1);
	if (n <= 0)
		return false;
	target[n] = '\0';
	base = strrchr(target, '/');
	(void) snprintf(ret, IFNAMSIZ, "%.15s", base ? base + 1 : target);
	return true;
}

static long read_number(const struct ocf_ctx *ctx, const char *dev, const char *what, long fallback)
{
	char path[PATH_MAX], buf[32];

	ocf_path(ctx, path, sizeof(path), "/sys/class/net/%s/%s", dev, what);
	return ocf_read_file(path, buf, sizeof(buf)) > 0 ? strtol(buf, NULL, 0) : fallback;
}

ssize_t vz_host_ends(struct ocf_ctx *ctx, struct hostend *ret, size_t max)
{
	auto_free char *text = malloc(FILE_MAX);
	char names[HOSTENDS_MAX][IFNAMSIZ], path[PATH_MAX];
	size_t n, found = 0;
	ssize_t r;

	if (!text)
		return -ENOMEM;
	r = read_whole(ctx, "/proc/vz/veth", text);
	if (r < 0)
		return r;
	n = vz_veth_names(text, ctx->identity, names, ARRAY_SIZE(names));
	for (size_t i = 0; i < n && found < max; i++) {
		struct hostend *end = &ret[found];

		ocf_path(ctx, path, sizeof(path), "/sys/class/net/%s", names[i]);
		if (access(path, F_OK) < 0)
			continue;
		found++;
		*end = (struct hostend){ .port_state = -1 };
		memcpy(end->name, names[i], IFNAMSIZ);
		end->up = read_number(ctx, names[i], "flags", 0) & IFF_UP;
		end->carrier = read_number(ctx, names[i], "carrier", 0) == 1;
		/* "master" came with Linux 2.6.39 */
		if (read_link_name(ctx, names[i], "brport/bridge", end->master))
			end->port_state =
				(int) read_number(ctx, names[i], "brport/state", BR_STATE_DISABLED);
	}
	return (ssize_t) found;
}

/* Has the sum grown since the monitor before? The first one only remembers. */
static bool has_grown(const struct ocf_ctx *ctx, uint64_t sum)
{
	char path[PATH_MAX], name[NAME_MAX], text[32];
	uint64_t before = sum;
	ssize_t n;

	if (ctx->interval_ms == 0) /* a probe remembers nothing */
		return false;
	ocf_path(ctx, path, sizeof(path), OCF_RUN_DIR "/ct/%s.failcnt",
		 ocf_escape(ctx->identity, name, sizeof(name)));
	n = ocf_read_file(path, text, sizeof(text));
	if (n > 0)
		(void) sscanf(text, "%" SCNu64, &before);
	if (n <= 0 || before != sum) {
		(void) snprintf(text, sizeof(text), "%" PRIu64 "\n", sum);
		(void) ocf_write_file(path, text, 0644);
	}
	return sum > before;
}

enum ocf_status vz_limits(struct ocf_ctx *ctx)
{
	auto_free char *text = malloc(FILE_MAX);
	char worst[64];
	int percent;

	if (!text)
		return OCF_SUCCESS;
	if (read_whole(ctx, "/proc/vz/vzquota", text) > 0) {
		percent = vz_quota_percent(text, ctx->identity);
		if (percent >= QUOTA_FULL_PERCENT)
			return ocf_degraded(ctx,
					    "container %s: its disk quota is %d %% full; make room "
					    "or raise DISKSPACE/DISKINODES",
					    ctx->identity, percent);
	}
	if (read_whole(ctx, "/proc/user_beancounters", text) > 0 &&
	    has_grown(ctx, vz_failures(text, ctx->identity, worst, sizeof(worst))))
		return ocf_degraded(ctx,
				    "container %s: the kernel refuses it resources (failcnt rises, "
				    "most of all %s); raise its limits",
				    ctx->identity, worst);
	return OCF_SUCCESS;
}
