/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One attempt to change the role. The kernel may hold the request for as long as a fencing handler
 * runs, where no deadline reaches; so it is made in a process of its own, and given up when time is
 * over. The request then goes on in the kernel; the next look shows how it ended.
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

struct role_result {
	bool understood;
	int code;
	char info[400];
};

_Noreturn static void ask_kernel(const struct drbd_view *view, const char *resource, bool primary,
				 int out)
{
	struct role_result result = { 0 };
	struct drbd_genl *genl = NULL;

	(void) prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (drbd_genl_open(&genl) == DRBD_ANSWER_OK)
		result.understood = drbd_genl_set_role(genl, resource, view, primary, &result.code,
						       result.info, sizeof(result.info));
	_exit(write(out, &result, sizeof(result)) == sizeof(result) ? 0 : 1);
}

/* Waits for the process's word. false: none in time, or none at all. */
static bool await_result(pid_t pid, int in, int64_t deadline_ms, struct role_result *ret_result)
{
	struct pollfd fd = { .fd = in, .events = POLLIN };
	bool spoke = false;

	for (;;) {
		int64_t left = deadline_ms - ocf_now_ms();

		if (left <= 0 || (poll(&fd, 1, (int) left) < 0 && errno != EINTR))
			break;
		if (fd.revents) {
			spoke = read(in, ret_result, sizeof(*ret_result)) == sizeof(*ret_result);
			break;
		}
	}
	if (spoke) {
		(void) waitpid(pid, NULL, 0);
		return true;
	}
	/* In the kernel it may not even notice: do not wait for it. */
	(void) kill(pid, SIGKILL);
	(void) waitpid(pid, NULL, WNOHANG);
	return false;
}

/* For a module whose netlink we do not understand: its own tool. */
static bool try_by_tool(struct ocf_ctx *ctx, bool primary, int64_t deadline_ms, char *info,
			size_t info_size)
{
	const char *program = drbd_program("drbdadm");
	const char *const argv[] = { program, primary ? "primary" : "secondary",
				     drbddisk_conf(ctx)->drbd_resource, NULL };
	struct ocf_child_result result;
	int r;

	if (!program) {
		(void) snprintf(info, info_size, "drbdadm is not installed");
		return false;
	}
	r = ocf_run(ctx, argv, deadline_ms, &result);
	if (r == 0 && result.exit_code == 0)
		return true;
	if (r < 0 && !result.timed_out)
		(void) snprintf(info, info_size, "drbdadm: %s", strerror(-r));
	else
		(void) ocf_result_text(&result, info, info_size);
	return false;
}

bool drbd_try_role(struct ocf_ctx *ctx, const struct drbd_view *view, bool primary,
		   int64_t deadline_ms, char *info, size_t info_size)
{
	const char *resource = drbddisk_conf(ctx)->drbd_resource;
	struct role_result result = { 0 };
	bool spoke = false;
	int pipe_fds[2];
	pid_t pid;

	ocf_step(ctx, "ask the kernel for %s", primary ? "Primary" : "Secondary");
	info[0] = '\0';
	if (pipe2(pipe_fds, O_CLOEXEC) < 0) {
		(void) snprintf(info, info_size, "no pipe: %s", strerror(errno));
		return false;
	}
	pid = fork();
	if (pid == 0)
		ask_kernel(view, resource, primary, pipe_fds[1]);
	(void) close(pipe_fds[1]);
	if (pid > 0)
		spoke = await_result(pid, pipe_fds[0], deadline_ms, &result);
	(void) close(pipe_fds[0]);
	if (!spoke) {
		(void) snprintf(info, info_size, "the kernel has not answered yet");
		return false;
	}
	if (!result.understood)
		return try_by_tool(ctx, primary, deadline_ms, info, info_size);
	ocf_trace(ctx, "role request: code %d %s", result.code, result.info);
	if ((result.code > 0 && result.code < 100) || result.code == 101)
		return true;
	(void) snprintf(info, info_size, "%s (code %d)",
			result.info[0] ? result.info : "the kernel refused", result.code);
	return false;
}
