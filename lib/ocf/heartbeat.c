/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The other personality (C11): an entry of a classic Heartbeat haresources line.
 *
 *     NAME arg1 arg2 ... start|stop|status
 *
 * Positional arguments are the parameters in the metadata's order. Heartbeat decides by what
 * `status` prints and ignores its exit code: a text with "running" or "OK" means owned, unless it
 * matches not*running; after a failed stop "owned" makes it reboot the node, which is what must
 * happen when the state is unknown, too.
 */
#include "private.h"

#include <fnmatch.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#define RESOURCE_DIR "/ha.d/resource.d"

/* By the entry's place only: Heartbeat exports OCF_ROOT, so the environment decides nothing. */
bool ocf_heartbeat_called(const char *argv0)
{
	const char *slash = argv0 ? strrchr(argv0, '/') : NULL;
	size_t len = slash ? (size_t) (slash - argv0) : 0;
	size_t tail = strlen(RESOURCE_DIR);

	return len >= tail && strncmp(argv0 + len - tail, RESOURCE_DIR, tail) == 0;
}

struct positional {
	const char *const *args;
	size_t n;
};

static const char *from_position(const struct ocf_param *param, size_t index, void *data)
{
	const struct positional *positional = data;

	(void) param;
	return index < positional->n ? positional->args[index] : NULL;
}

/* Never let a reason's words turn "running" into what Heartbeat reads as its opposite. */
static void print_unknown(const struct ocf_ctx *ctx)
{
	char text[OCF_REASON_MAX + 64];

	(void) snprintf(text, sizeof(text), "running (state unknown: %s)", ctx->reason);
	if (fnmatch("*[Nn][Oo][Tt]*[Rr]unning*", text, 0) == 0)
		(void) snprintf(text, sizeof(text), "running (state unknown: see the system log)");
	(void) printf("%s\n", text);
}

/* Several resources behind one bare entry count as owned as soon as one of them may be. */
struct tally {
	size_t running, stopped, unknown;
};

static void count_state(struct ocf_ctx *ctx, const struct ocf_param_errors *errors,
			struct tally *tally)
{
	if (ocf_param_errors_identity(ctx->agent, errors)) {
		tally->stopped++;
		return;
	}
	switch (ocf_look_settled(ctx)) {
	case OCF_STATE_STOPPED:
		tally->stopped++;
		break;
	case OCF_STATE_RUNNING:
		tally->running++;
		break;
	case OCF_STATE_UNKNOWN:
		tally->unknown++;
		ocf_log(ctx, LOG_ERR, "%s", ctx->reason);
		break;
	}
}

/* LSB exit codes, for people: 0 running, 3 stopped, 4 unknown. */
static int print_status(const struct ocf_ctx *ctx, const struct tally *tally)
{
	size_t all = tally->running + tally->stopped + tally->unknown;

	if (tally->unknown) {
		print_unknown(ctx);
		return 4;
	}
	if (tally->running == 0) {
		(void) printf("stopped\n");
		return 3;
	}
	if (tally->running < all)
		(void) printf("running (%zu of %zu)\n", tally->running, all);
	else
		(void) printf("running\n");
	return 0;
}

/* One resource of the call; of several the first failure's reason is kept. */
static enum ocf_status run_one(struct ocf_ctx *ctx, const char *const *args, size_t n_args,
			       bool status, struct tally *tally)
{
	struct positional positional = { .args = args, .n = n_args };
	struct ocf_param_errors errors;
	auto_free void *conf = calloc(1, ctx->agent->metadata->conf_size);
	enum ocf_status result = OCF_SUCCESS;
	char earlier[OCF_REASON_MAX];

	if (!conf) {
		tally->unknown++;
		return ocf_fail(ctx, OCF_ERR_GENERIC, "out of memory");
	}
	memcpy(earlier, ctx->reason, sizeof(earlier));
	ocf_reason_clear(ctx);
	ctx->n_findings = 0;
	ctx->worst_finding = OCF_SUCCESS;
	ocf_params_read(ctx->agent, conf, from_position, &positional, &errors);
	ctx->conf = conf;
	ctx->identity = ocf_param_identity(ctx->agent, from_position, &positional);
	ctx->probe = false;
	if (status)
		count_state(ctx, &errors, tally);
	else
		result = ocf_action_run(ctx, &errors);
	ctx->conf = NULL;
	if (earlier[0])
		memcpy(ctx->reason, earlier, sizeof(earlier));
	return result;
}

/* Bare NAME: every resource the agent knows of. */
static enum ocf_status run_all(struct ocf_ctx *ctx, bool status, struct tally *tally)
{
	struct positional none = { 0 };
	struct ocf_param_errors errors;
	auto_free void *conf = calloc(1, ctx->agent->metadata->conf_size);
	enum ocf_status worst = OCF_SUCCESS;
	char **identities = NULL;

	if (conf) {
		ocf_params_read(ctx->agent, conf, from_position, &none, &errors);
		ctx->conf = conf;
		identities = ctx->agent->heartbeat_all(ctx);
		ctx->conf = NULL;
	}
	if (!identities) {
		tally->unknown++;
		return ocf_fail(ctx, OCF_ERR_GENERIC, "what is meant cannot be found out");
	}
	for (char **identity = identities; *identity; identity++) {
		const char *const args[] = { *identity };
		enum ocf_status result = run_one(ctx, args, 1, status, tally);

		if (result != OCF_SUCCESS && worst == OCF_SUCCESS)
			worst = result;
	}
	for (char **identity = identities; *identity; identity++)
		free(*identity);
	free(identities);
	return worst;
}

/*
 * Heartbeat 3.0.6's scripts write their messages to it line by line, two of them at the same time when a
 * node dies; what is mixed up is dropped, and a takeover with it. Only people can put that right.
 */
static void warn_of_lost_messages(struct ocf_ctx *ctx)
{
	char path[PATH_MAX], text[8192]; /* 2 KiB as distributed */

	ocf_path(ctx, path, sizeof(path), "/etc/ha.d/shellfuncs");
	if (ocf_read_file(path, text, sizeof(text)) > 0 && strstr(text, "| cat - >> $HA_FIFO"))
		ocf_log(ctx, LOG_WARNING,
			"%s: as it is, Heartbeat now and then loses a takeover after a node's death; "
			"see \"With Heartbeat\" in vzha(7) for the remedy",
			path);
}

/* Reads parameters by position and runs the action; the exit code, not yet the reason. */
int ocf_heartbeat_main(struct ocf_ctx *ctx, int argc, char *argv[])
{
	const char *word = argc > 1 ? argv[argc - 1] : "";
	bool status = strcmp(word, "status") == 0;
	struct tally tally = { 0 };
	enum ocf_status result;
	const char *const *args;
	size_t n_args = argc > 2 ? (size_t) argc - 2 : 0;

	memcpy(&args, &(char **){ argv + 1 }, sizeof(args));
	if (!status && strcmp(word, "start") != 0 && strcmp(word, "stop") != 0) {
		(void) ocf_fail(ctx, OCF_ERR_UNIMPLEMENTED,
				"usage: %s [argument...] start|stop|status", argv[0]);
		return (int) ocf_finish(ctx, OCF_ERR_UNIMPLEMENTED);
	}
	if (n_args > ctx->agent->metadata->n_params)
		ocf_log(ctx, LOG_WARNING,
			"%zu arguments, but only %zu parameters: the rest is ignored", n_args,
			ctx->agent->metadata->n_params);

	if (strcmp(word, "start") == 0)
		warn_of_lost_messages(ctx);
	if (n_args == 0 && ctx->agent->heartbeat_all)
		result = run_all(ctx, status, &tally);
	else
		result = run_one(ctx, args, n_args, status, &tally);
	if (status) {
		int code = print_status(ctx, &tally);

		(void) ocf_finish(ctx, OCF_SUCCESS);
		return code;
	}
	return (int) ocf_finish(ctx, result);
}
