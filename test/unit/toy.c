/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An agent for tests only: what it sees and answers is said by its environment, so that each rule
 * of lib/ocf can be put to the question. Never installed.
 *
 *	TOY_ROOT	the sysroot; unset: none, as an installed agent
 *	TOY_PLAIN	an agent that has nothing but look, start and stop
 *	TOY_STATE	what look() answers, one word per call, the last one again and again:
 *			stopped, running, promoted, unknown
 *	TOY_START	"CODE STATE...": what start answers ("degraded" calls ocf_degraded), and
 *			what look() answers from then on
 *	TOY_STOP	the same for stop
 *	TOY_MONITOR	the same for monitor; TOY_MONITOR_AGAIN for its second and later calls
 *	TOY_PROMOTE	the same for promote; TOY_DEMOTE for demote
 *	TOY_UNSETTLED	stop and demote say that the state may still change
 *	TOY_NOTIFY	reason that notify gives
 *	TOY_SCORE	the promotion score that start, stop, monitor and notify tell; "-" takes it back
 *	TOY_RELOAD	CODE
 *	TOY_REASON	text that start, stop, monitor and look give as reason when they fail
 *	TOY_PERMIT	CODE of a guard in front of start; unset: there is none
 *	TOY_CONF	number of findings of check_conf
 *	TOY_HOST	CODE of each finding of check_host, several words
 *	TOY_HANG	callback ("look", "stop") that blocks for ever in a system call
 *	TOY_SLOW	"CALLBACK MS": a callback that takes its time
 *	TOY_FLOOD	bytes that describe() prints
 *	TOY_CALLS	file to which the name of each callback called is appended
 *	TOY_CHILD	the `run` command's argv, separated by blanks
 *	TOY_CHILD_MS	its deadline from now; default: the action's
 *	TOY_ALL		heartbeat_all()'s identities; "none"; "" for an error
 */
#include "ocf.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum toy_mode { TOY_MODE_FAST, TOY_MODE_SLOW, TOY_MODE_CAREFUL };

struct toy_conf {
	const char *name;
	int64_t count;
	int64_t limit;
	enum ocf_boolean flag;
	enum toy_mode mode;
	const char *mac;
	const char *device;
	const char *path;
	const char *paths;
};

static const char *const modes[] = { "fast", "slow", "careful", NULL };

static const struct ocf_param params[] = {
	{ .name = "name",
	  .type = OCF_PARAM_STRING,
	  .required = true,
	  .format = "word",
	  .offset = offsetof(struct toy_conf, name) },
	{ .name = "count",
	  .type = OCF_PARAM_INTEGER,
	  .reloadable = true,
	  .fallback = "5",
	  .min = -10,
	  .max = 100,
	  .offset = offsetof(struct toy_conf, count) },
	{ .name = "limit",
	  .type = OCF_PARAM_INTEGER,
	  .min = INT64_MIN,
	  .max = INT64_MAX,
	  .offset = offsetof(struct toy_conf, limit) },
	{ .name = "flag",
	  .type = OCF_PARAM_BOOLEAN,
	  .fallback = "false",
	  .offset = offsetof(struct toy_conf, flag) },
	{ .name = "mode",
	  .type = OCF_PARAM_CHOICE,
	  .fallback = "slow",
	  .choices = modes,
	  .offset = offsetof(struct toy_conf, mode) },
	{ .name = "mac",
	  .type = OCF_PARAM_STRING,
	  .format = "mac",
	  .offset = offsetof(struct toy_conf, mac) },
	{ .name = "device",
	  .type = OCF_PARAM_STRING,
	  .fallback = "eth0",
	  .format = "ifname",
	  .offset = offsetof(struct toy_conf, device) },
	{ .name = "path",
	  .type = OCF_PARAM_STRING,
	  .format = "path",
	  .offset = offsetof(struct toy_conf, path) },
	{ .name = "paths",
	  .type = OCF_PARAM_STRING,
	  .format = "paths",
	  .offset = offsetof(struct toy_conf, paths) },
};

static const struct ocf_action_advice actions[] = {
	{ "start", 20000 },
	{ "stop", 1500 },
	{ "monitor", 20000 },
	{ "validate-all", 5000 },
};

static const struct ocf_metadata metadata = {
	.agent = "toy",
	.xml = "<resource-agent name=\"toy\"/>\n",
	.params = params,
	.n_params = ARRAY_SIZE(params),
	.conf_size = sizeof(struct toy_conf),
	.actions = actions,
	.n_actions = ARRAY_SIZE(actions),
};

static const char *said(const char *name)
{
	const char *value = getenv(name);

	return value ? value : "";
}

/* The callback is noted, and then it hangs or dawdles if that is its part. */
static void enter(struct ocf_ctx *ctx, const char *callback)
{
	const char *slow = said("TOY_SLOW");
	size_t len = strlen(callback);

	if (*said("TOY_CALLS")) {
		auto_close int fd =
			open(said("TOY_CALLS"), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);

		(void) dprintf(fd, "%s\n", callback);
	}
	ocf_step(ctx, "%s at work", callback);
	if (strcmp(said("TOY_HANG"), callback) == 0) {
		int fds[2];

		if (pipe(fds) == 0 && read(fds[0], &(char){ 0 }, 1) != 1)
			abort();
	}
	if (strncmp(slow, callback, len) == 0 && slow[len] == ' ')
		(void) usleep((useconds_t) strtoul(slow + len, NULL, 10) * 1000);
}

static const char *states; /* what is left of the words that tell what look() sees */

static enum ocf_state next_state(struct ocf_ctx *ctx)
{
	size_t len;
	enum ocf_state state = OCF_STATE_UNKNOWN;

	if (!states)
		states = said("TOY_STATE");
	len = strcspn(states, " ");
	ctx->promoted = len && strncmp(states, "promoted", len) == 0;
	if (ctx->promoted || strncmp(states, "running", len) == 0)
		state = OCF_STATE_RUNNING;
	else if (strncmp(states, "stopped", len) == 0)
		state = OCF_STATE_STOPPED;
	if (states[len])
		states += len + 1;
	return state;
}

static enum ocf_state look(struct ocf_ctx *ctx)
{
	enum ocf_state state;

	enter(ctx, "look");
	state = next_state(ctx);
	if (state == OCF_STATE_UNKNOWN && *said("TOY_REASON"))
		ocf_reason(ctx, "%s", said("TOY_REASON"));
	return state;
}

static enum ocf_status answer(struct ocf_ctx *ctx, const char *text)
{
	enum ocf_status status = (enum ocf_status) strtoul(text, NULL, 10);

	if (status != OCF_SUCCESS && *said("TOY_REASON"))
		return ocf_fail(ctx, status, "%s", said("TOY_REASON"));
	return status;
}

/* "CODE STATE..." */
static enum ocf_status act(struct ocf_ctx *ctx, const char *plan)
{
	const char *blank = strchr(plan, ' ');

	if (blank)
		states = blank + 1;
	if (*said("TOY_SCORE"))
		ocf_promotion_score(ctx, *said("TOY_SCORE") == '-' ? NULL : said("TOY_SCORE"));
	if (strncmp(plan, "degraded", strlen("degraded")) == 0)
		return ocf_degraded(ctx, "not as it should be");
	return answer(ctx, plan);
}

static enum ocf_status start(struct ocf_ctx *ctx)
{
	enter(ctx, "start");
	return act(ctx, said("TOY_START"));
}

static enum ocf_status stop(struct ocf_ctx *ctx)
{
	enter(ctx, "stop");
	ctx->unsettled = *said("TOY_UNSETTLED") != '\0';
	return act(ctx, said("TOY_STOP"));
}

static enum ocf_status monitor(struct ocf_ctx *ctx)
{
	static bool again;
	const char *plan =
		said(again && *said("TOY_MONITOR_AGAIN") ? "TOY_MONITOR_AGAIN" : "TOY_MONITOR");

	enter(ctx, "monitor");
	again = true;
	return act(ctx, plan);
}

static enum ocf_status promote(struct ocf_ctx *ctx)
{
	enter(ctx, "promote");
	return act(ctx, said("TOY_PROMOTE"));
}

static enum ocf_status demote(struct ocf_ctx *ctx)
{
	enter(ctx, "demote");
	ctx->unsettled = *said("TOY_UNSETTLED") != '\0';
	return act(ctx, said("TOY_DEMOTE"));
}

static void notify(struct ocf_ctx *ctx)
{
	enter(ctx, "notify");
	(void) act(ctx, "0");
	if (*said("TOY_NOTIFY"))
		ocf_reason(ctx, "%s", said("TOY_NOTIFY"));
}

static enum ocf_status reload_agent(struct ocf_ctx *ctx)
{
	enter(ctx, "reload-agent");
	return answer(ctx, said("TOY_RELOAD"));
}

static const char *check_value(const struct ocf_param *param, const char *value)
{
	(void) param;
	return strcmp(value, "forbidden") == 0 ? "must not be forbidden" : NULL;
}

static void check_conf(struct ocf_ctx *ctx)
{
	for (unsigned long i = strtoul(said("TOY_CONF"), NULL, 10); i > 0; i--)
		ocf_finding(ctx, OCF_ERR_CONFIGURED, "conf %lu does not fit", i);
}

static void check_host(struct ocf_ctx *ctx)
{
	enter(ctx, "check_host");
	for (const char *p = said("TOY_HOST"); *p; p += strcspn(p, " "), p += strspn(p, " "))
		ocf_finding(ctx, (enum ocf_status) strtoul(p, NULL, 10), "host lacks %s", p);
}

static void describe(struct ocf_ctx *ctx, FILE *out)
{
	const struct toy_conf *conf = ctx->conf;

	(void) fprintf(out, "count=%lld flag=%d mode=%s mac=%s device=%s path=%s paths=%s\n",
		       (long long) conf->count, (int) conf->flag, modes[conf->mode],
		       conf->mac ? conf->mac : "-", conf->device, conf->path ? conf->path : "-",
		       conf->paths ? conf->paths : "-");
	if (conf->limit != OCF_INTEGER_UNSET)
		(void) fprintf(out, "limit=%lld\n", (long long) conf->limit);
	(void) fprintf(out, "node=%s probe=%d level=%d timeout=%lld deadline=%lld\n", ctx->node,
		       ctx->probe, ctx->check_level, (long long) ctx->timeout_ms,
		       (long long) (ctx->deadline_ms - ctx->start_ms));
	for (unsigned long i = strtoul(said("TOY_FLOOD"), NULL, 10); i > 0; i--)
		(void) fputc('.', out);
}

/* For people: run a helper program and tell how it went. */
static enum ocf_status run(struct ocf_ctx *ctx)
{
	static struct ocf_child_result result;
	char words[512], text[600];
	const char *argv[16] = { NULL };
	size_t n = 0;
	int64_t deadline_ms = 0, began_ms = ocf_now_ms();
	int r;

	(void) snprintf(words, sizeof(words), "%s", said("TOY_CHILD"));
	for (char *word = strtok(words, " "); word && n < ARRAY_SIZE(argv) - 1;
	     word = strtok(NULL, " "))
		argv[n++] = word;
	if (*said("TOY_CHILD_MS"))
		deadline_ms = began_ms + strtol(said("TOY_CHILD_MS"), NULL, 10);
	enter(ctx, "run");
	r = *said("TOY_STDOUT") ? ocf_run_stdout(ctx, argv, deadline_ms, &result)
				: ocf_run(ctx, argv, deadline_ms, &result);
	(void) printf("r=%d exit=%d signal=%d timed_out=%d truncated=%d len=%zu ms=%lld\n", r,
		      result.exit_code, result.signal, result.timed_out, result.truncated,
		      result.output_len, (long long) (ocf_now_ms() - began_ms));
	(void) printf("text=%s\n%s", ocf_result_text(&result, text, sizeof(text)), result.output);
	return OCF_SUCCESS;
}

static char **heartbeat_all(struct ocf_ctx *ctx)
{
	const struct toy_conf *conf = ctx->conf;
	char *words = strdup(said("TOY_ALL"));
	char **list = calloc(16, sizeof(*list));
	size_t n = 0;

	/* The list may depend on parameters: here their defaults. */
	if (conf->name || conf->count != 5 || strcmp(conf->device, "eth0") != 0)
		abort();
	if (!words || !list || !*words) {
		ocf_reason(ctx, "cannot list the toys");
		free(words);
		free(list);
		return NULL;
	}
	for (char *word = strtok(words, " "); word && n < 15; word = strtok(NULL, " "))
		list[n++] = strdup(word);
	if (strcmp(list[0], "none") == 0) {
		free(list[0]);
		list[0] = NULL;
	}
	free(words);
	return list;
}

static enum ocf_status permit(struct ocf_ctx *ctx)
{
	enter(ctx, "permit");
	return answer(ctx, said("TOY_PERMIT"));
}

static void guard_check_host(struct ocf_ctx *ctx)
{
	enter(ctx, "guard");
}

static const struct ocf_guard guard = { .permit = permit, .check_host = guard_check_host };

static const struct ocf_command commands[] = { { "run", run }, { NULL, NULL } };

static const struct ocf_agent toy = {
	.metadata = &metadata,
	.look = look,
	.start = start,
	.stop = stop,
	.monitor = monitor,
	.promote = promote,
	.demote = demote,
	.notify = notify,
	.reload_agent = reload_agent,
	.check_value = check_value,
	.check_conf = check_conf,
	.check_host = check_host,
	.describe = describe,
	.heartbeat_all = heartbeat_all,
	.commands = commands,
};

static const struct ocf_agent plain_toy = {
	.metadata = &metadata,
	.look = look,
	.start = start,
	.stop = stop,
};

int main(int argc, char *argv[])
{
	const struct ocf_agent *agent = getenv("TOY_PLAIN") ? &plain_toy : &toy;
	struct ocf_seam seam = { .sysroot = getenv("TOY_ROOT") };
	struct ocf_agent guarded = *agent;

	if (getenv("TOY_PERMIT"))
		guarded.guard = &guard;
	return ocf_main_seam(&guarded, seam.sysroot ? &seam : NULL, argc, argv);
}
