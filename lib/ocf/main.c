/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From argv to exit code: who calls, what is asked, and one line of reason at the end. */
#include "private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <syslog.h>
#include <unistd.h>

/* close_range(2) with this flag is in 5.11; older kernels take the walk through /proc. */
#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif

/* What a manager left open must not reach our children: a daemon would keep its pipes alive. */
static void keep_descriptors_from_children(void)
{
	struct dirent *entry;
	DIR *dir;

#ifdef SYS_close_range
	if (syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC) == 0)
		return;
#endif
	dir = opendir("/proc/self/fd");
	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		int fd = (int) strtol(entry->d_name, NULL, 10);

		if (fd > 2)
			(void) fcntl(fd, F_SETFD, FD_CLOEXEC);
	}
	(void) closedir(dir);
}

/* Closed at our birth, 0 to 2 would be what we open first, and a reason would go into a disk. */
static void keep_standard_descriptors(void)
{
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF || open("/dev/null", O_RDWR) == fd)
			continue;
		/* Still closed. With 2 not reached yet, somebody may be listening there. */
		if (fd < 2)
			ocf_say_reason("descriptor %d is closed and /dev/null cannot be opened",
				       fd);
		_exit(OCF_ERR_GENERIC);
	}
}

/* Agents run with whatever the manager has: make the parts that matter known. */
static void settle_process(void)
{
	keep_standard_descriptors();
	/* Nobody who stops listening, and no full disk under a log, may end an action. */
	(void) signal(SIGPIPE, SIG_IGN);
	(void) signal(SIGXFSZ, SIG_IGN);
	if (chdir("/") < 0)
		errno = 0; /* no reason to fail: every path of ours is absolute */
	(void) umask(022);
	keep_descriptors_from_children();
}

/*
 * The end of every action: its reason, once, as the last line on stderr (C6). Success, a proven
 * stop and a promoted role need none; everything else must have one.
 */
enum ocf_status ocf_finish(struct ocf_ctx *ctx, enum ocf_status status)
{
	bool explain = status != OCF_SUCCESS && status != OCF_NOT_RUNNING &&
		       status != OCF_RUNNING_PROMOTED;

	bool degraded = status == OCF_DEGRADED || status == OCF_DEGRADED_PROMOTED;

	if (explain)
		ocf_reason(ctx, "%s %s ended with code %d and no reason: please report this",
			   ctx->agent->metadata->agent, ctx->action, (int) status);
	ocf_guard_verdict(ctx, status, explain ? ctx->reason : NULL);
	(void) fflush(stdout);
	ocf_steps_log(ctx);
	if (explain && ctx->n_findings == 0)
		ocf_log(ctx, degraded ? LOG_WARNING : LOG_ERR, "%s %s: %s", ctx->action,
			degraded ? "degraded" : "failed", ctx->reason);
	ocf_trace(ctx, "exit: %d", (int) status);
	ocf_guard_say_nothing();
	if (explain)
		ocf_say_reason("%s", ctx->reason);
	ocf_guard_disarm();
	return status;
}

static enum ocf_status print_metadata(const struct ocf_metadata *metadata)
{
	if (fputs(metadata->xml, stdout) >= 0 && fflush(stdout) == 0)
		return OCF_SUCCESS;
	(void) dprintf(STDERR_FILENO, "%s%s: cannot print the meta-data: %s\n", ocf_reason_prefix(),
		       metadata->agent, strerror(errno));
	return OCF_ERR_GENERIC;
}

static enum ocf_status usage(struct ocf_ctx *ctx, const char *argv0)
{
	char text[256] = "start|stop|monitor|meta-data|validate-all|status";

	if (ctx->agent->promote)
		ocf_append(text, sizeof(text), "|promote|demote");
	if (ctx->agent->notify)
		ocf_append(text, sizeof(text), "|notify");
	if (ctx->agent->reload_agent)
		ocf_append(text, sizeof(text), "|reload-agent");
	for (const struct ocf_command *c = ctx->agent->commands; c && c->name; c++)
		ocf_append(text, sizeof(text), "|%s", c->name);
	if (!ctx->action[0])
		return ocf_fail(ctx, OCF_ERR_UNIMPLEMENTED, "usage: %s %s", argv0, text);
	return ocf_fail(ctx, OCF_ERR_UNIMPLEMENTED, "%s: no such action; usage: %s %s", ctx->action,
			argv0, text);
}

static bool take_argument(const struct ocf_metadata *metadata, const char *argument)
{
	const char *equals = strchr(argument, '=');

	for (size_t p = 0; equals && p < metadata->n_params; p++) {
		const char *name = metadata->params[p].name;
		char variable[128];

		if (strlen(name) != (size_t) (equals - argument) ||
		    strncmp(name, argument, strlen(name)) != 0)
			continue;
		(void) snprintf(variable, sizeof(variable), "OCF_RESKEY_%s", name);
		return setenv(variable, equals + 1, 1) == 0;
	}
	return false;
}

/*
 * `status` and other commands for people also take name=value arguments. Nothing else: who mistypes a parameter
 * means anything but its default.
 */
static enum ocf_status take_arguments(struct ocf_ctx *ctx, int argc, char *argv[])
{
	const struct ocf_metadata *metadata = ctx->agent->metadata;
	char text[512] = "";

	for (int i = 2; i < argc; i++) {
		if (take_argument(metadata, argv[i]))
			continue;
		for (size_t p = 0; p < metadata->n_params; p++)
			ocf_append(text, sizeof(text), "%s%s=", p ? ", " : "",
				   metadata->params[p].name);
		return ocf_fail(ctx, OCF_ERR_ARGS, "%s: no such argument; there are %s", argv[i],
				text);
	}
	return OCF_SUCCESS;
}

static bool is_for_people(const char *action)
{
	static const char *const of_managers[] = { "start",	"stop",		"monitor",
						   "meta-data", "validate-all", "reload-agent",
						   "promote",	"demote",	"notify" };

	for (size_t i = 0; i < ARRAY_SIZE(of_managers); i++) {
		if (strcmp(action, of_managers[i]) == 0)
			return false;
	}
	return true;
}

int ocf_main_seam(const struct ocf_agent *agent, const struct ocf_seam *seam, int argc,
		  char *argv[])
{
	const char *action = argc > 1 ? argv[1] : "";
	bool heartbeat = ocf_heartbeat_called(argv[0]);
	struct ocf_param_errors errors;
	struct ocf_ctx ctx = {
		.agent = agent,
		.action = action,
		.sysroot = seam && seam->sysroot ? seam->sysroot : "",
		.heartbeat = heartbeat,
		.start_ms = ocf_now_ms(),
	};
	auto_free void *conf = NULL;

	/* meta-data needs nothing: no root, no environment, no log. */
	if (!heartbeat && strcmp(action, "meta-data") == 0)
		return (int) print_metadata(agent->metadata);
	if (heartbeat && argc > 1)
		ctx.action = strcmp(argv[argc - 1], "status") == 0 ? "monitor" : argv[argc - 1];

	settle_process();
	ocf_environment_read(&ctx);
	ocf_log_open(&ctx);
	/* From here on nothing can hang us for ever, not even the file system of the trace. */
	ocf_guard_arm(&ctx);
	ocf_trace_open(&ctx);
	if (heartbeat)
		return ocf_heartbeat_main(&ctx, argc, argv);
	if (!ocf_action_known(agent, action))
		return (int) ocf_finish(&ctx, usage(&ctx, argv[0]));

	if (is_for_people(action) && take_arguments(&ctx, argc, argv) != OCF_SUCCESS)
		return (int) ocf_finish(&ctx, OCF_ERR_ARGS);
	conf = calloc(1, agent->metadata->conf_size);
	if (!conf)
		return (int) ocf_finish(&ctx, ocf_fail(&ctx, OCF_ERR_GENERIC, "out of memory"));
	ocf_params_read(agent, conf, ocf_param_from_environment, NULL, &errors);
	ctx.conf = conf;
	ctx.identity = ocf_param_identity(agent, ocf_param_from_environment, NULL);
	return (int) ocf_finish(&ctx, ocf_action_run(&ctx, &errors));
}

int ocf_main(const struct ocf_agent *agent, int argc, char *argv[])
{
	return ocf_main_seam(agent, NULL, argc, argv);
}
