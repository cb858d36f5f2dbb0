/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One request to the kernel. It may hold it for as long as a fencing handler runs, where no deadline
 * reaches; so it is made in a process of its own, and given up when time is over. The request then
 * goes on in the kernel, whatever becomes of us, and those that follow wait behind it.
 */
#include "drbddisk.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

const char *drbd_program(const char *name)
{
	static char path[64];
	static const char *const directories[] = { "/usr/sbin", "/sbin" };

	for (size_t i = 0; i < ARRAY_SIZE(directories); i++) {
		(void) snprintf(path, sizeof(path), "%s/%s", directories[i], name);
		if (access(path, X_OK) == 0)
			return path;
	}
	return NULL;
}

struct result {
	bool understood;
	int code;
	char info[400];
};

_Noreturn static void ask_kernel(pid_t parent, const struct drbd_view *view, const char *resource,
				 enum drbd_request request, int out)
{
	struct result result = { 0 };
	struct drbd_genl *genl = NULL;

	int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void) prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	/* It may outlive us: who reads our output must not wait for it. */
	for (int fd = 0; nowhere >= 0 && fd <= 2; fd++)
		(void) dup2(nowhere, fd);
	if (drbd_genl_open(&genl) == DRBD_ANSWER_OK)
		result.understood = drbd_genl_request(genl, request, resource, view, &result.code,
						      result.info, sizeof(result.info));
	_exit(write(out, &result, sizeof(result)) == sizeof(result) ? 0 : 1);
}

static bool run_tool(struct ocf_ctx *ctx, const char *const argv[], int64_t deadline_ms,
		     struct drbd_said *ret_said)
{
	struct ocf_child_result result;
	int r;

	if (!argv[0]) {
		(void) snprintf(ret_said->text, sizeof(ret_said->text),
				"drbd-utils is not installed");
		return false;
	}
	r = ocf_run(ctx, argv, deadline_ms, &result);
	if (r == 0 && result.exit_code == 0)
		return true;
	ret_said->pending = result.timed_out;
	if (r < 0 && !result.timed_out)
		(void) snprintf(ret_said->text, sizeof(ret_said->text), "%s: %s", argv[0],
				strerror(-r));
	else
		(void) ocf_result_text(&result, ret_said->text, sizeof(ret_said->text));
	return false;
}

/*
 * For a module whose netlink we do not understand: its own tool. drbdsetup, since it needs no
 * configuration: what the kernel has can be given up when that is lost.
 */
static bool request_by_tool(struct ocf_ctx *ctx, const struct drbd_view *view,
			    enum drbd_request request, int64_t deadline_ms,
			    struct drbd_said *ret_said)
{
	static const char *const verbs[] = { [DRBD_REQUEST_PRIMARY] = "primary",
					     [DRBD_REQUEST_SECONDARY] = "secondary",
					     [DRBD_REQUEST_DOWN] = "down" };
	bool each_device = drbd_request_is_per_device(view->version, request);
	const char *program = drbd_program("drbdsetup");
	char minor[16];

	for (size_t i = 0; i < (each_device ? view->n_devices : 1); i++) {
		const char *const argv[] = { program, verbs[request],
					     each_device ? minor
							 : drbddisk_conf(ctx)->drbd_resource,
					     NULL };

		(void) snprintf(minor, sizeof(minor), "%u", view->devices[i].minor);
		if (!run_tool(ctx, argv, deadline_ms, ret_said))
			return false;
	}
	return true;
}

static void could_not_ask(struct drbd_said *ret_said, const char *why)
{
	(void) snprintf(ret_said->text, sizeof(ret_said->text), "the kernel could not be asked: %s",
			why);
}

/* Waits for the process's word. false: none in time, or none at all. */
static bool await_result(pid_t pid, int in, int64_t deadline_ms, struct result *ret_result,
			 struct drbd_said *ret_said)
{
	struct pollfd fd = { .fd = in, .events = POLLIN };

	for (;;) {
		int64_t left = deadline_ms - ocf_now_ms();

		if (left <= 0 || (poll(&fd, 1, (int) left) < 0 && errno != EINTR))
			break;
		if (!fd.revents)
			continue;
		/* It ends as soon as it has spoken, or was killed before it could. */
		(void) waitpid(pid, NULL, 0);
		if (read(in, ret_result, sizeof(*ret_result)) == sizeof(*ret_result))
			return true;
		could_not_ask(ret_said, "the process that did it was killed");
		return false;
	}
	/* In the kernel it may not even notice: do not wait for it. */
	(void) kill(pid, SIGKILL);
	(void) waitpid(pid, NULL, WNOHANG);
	ret_said->pending = true;
	(void) snprintf(ret_said->text, sizeof(ret_said->text), "the kernel has not answered yet");
	return false;
}

static bool request_by_netlink(const struct drbd_view *view, const char *resource,
			       enum drbd_request request, int64_t deadline_ms,
			       struct result *ret_result, struct drbd_said *ret_said)
{
	pid_t pid, parent = getpid();
	bool spoke = false;
	int pipe_fds[2];

	if (pipe2(pipe_fds, O_CLOEXEC) < 0) {
		could_not_ask(ret_said, strerror(errno));
		return false;
	}
	pid = fork();
	if (pid == 0)
		ask_kernel(parent, view, resource, request, pipe_fds[1]);
	if (pid < 0)
		could_not_ask(ret_said, strerror(errno));
	(void) close(pipe_fds[1]);
	if (pid > 0)
		spoke = await_result(pid, pipe_fds[0], deadline_ms, ret_result, ret_said);
	(void) close(pipe_fds[0]);
	return spoke;
}

bool drbd_request(struct ocf_ctx *ctx, const struct drbd_view *view, enum drbd_request request,
		  int64_t deadline_ms, struct drbd_said *ret_said)
{
	static const char *const wishes[] = { [DRBD_REQUEST_PRIMARY] = "Primary",
					      [DRBD_REQUEST_SECONDARY] = "Secondary",
					      [DRBD_REQUEST_DOWN] = "down" };
	const char *resource = drbddisk_conf(ctx)->drbd_resource;
	struct result result = { 0 };

	ocf_step(ctx, "ask the kernel: %s", wishes[request]);
	*ret_said = (struct drbd_said){ 0 };
	if (!request_by_netlink(view, resource, request, deadline_ms, &result, ret_said))
		return false;
	if (!result.understood)
		return request_by_tool(ctx, view, request, deadline_ms, ret_said);
	ocf_trace(ctx, "the kernel says: code %d %s", result.code, result.info);
	ret_said->code = result.code;
	(void) snprintf(ret_said->text, sizeof(ret_said->text), "%s (code %d)",
			result.info[0] ? result.info : "no text", result.code);
	return drbd_code_is_success(result.code);
}
