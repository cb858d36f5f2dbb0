/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Helper programs, always under a deadline: an absolute path and an argv, no shell.
 *
 * A manager that loses patience SIGKILLs the agent's whole process group. As leader of that group
 * we leave children in it, so that they die with us; where we do not lead it (Heartbeat, a shell
 * script) signals to the group would hit our callers, and each child gets a group of its own.
 */
#include "private.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* Enough for a well-behaved program to die of SIGTERM; ocf_run()'s own choice. */
#define END_GRACE_MS 300

/* Between two looks at a child where poll(2) fails. */
#define CANNOT_WAIT_MS 10

/* Of OCF_OUTPUT_MAX bytes each: more than a pipe holds. */
#define DRAIN_READS 16

static char *const clean_environment[] = {
	(char[]){ "PATH=/usr/sbin:/usr/bin:/sbin:/bin" },
	(char[]){ "LC_ALL=C" },
	(char[]){ "HOME=/" },
	NULL,
};

/* One signalfd for the process: wakes the wait when any child ends. */
static int child_ended_fd(void)
{
	static int fd = -1;
	sigset_t set;

	if (fd >= 0)
		return fd;
	(void) sigemptyset(&set);
	(void) sigaddset(&set, SIGCHLD);
	/* A manager may have left SIGCHLD ignored, and then nobody could be waited for. */
	(void) signal(SIGCHLD, SIG_DFL);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

static int spawn(const char *const argv[], int output_fd, bool with_stderr, bool own_group,
		 pid_t *ret_pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	short flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK;
	sigset_t all, none;
	char *const *args;
	int r;

	(void) sigfillset(&all);
	(void) sigemptyset(&none);
	if (own_group)
		flags |= POSIX_SPAWN_SETPGROUP;
	/* posix_spawn takes pointers to non-const strings, and changes none of them. */
	memcpy(&args, &argv, sizeof(args));

	r = posix_spawn_file_actions_init(&actions);
	if (r)
		return -r;
	r = posix_spawnattr_init(&attributes);
	if (r) {
		(void) posix_spawn_file_actions_destroy(&actions);
		return -r;
	}
	if ((r = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)) == 0 &&
	    (r = posix_spawn_file_actions_adddup2(&actions, output_fd, 1)) == 0 &&
	    (r = with_stderr ? posix_spawn_file_actions_adddup2(&actions, output_fd, 2)
			     : posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY,
								0)) == 0 &&
	    (r = posix_spawnattr_setsigdefault(&attributes, &all)) == 0 &&
	    (r = posix_spawnattr_setsigmask(&attributes, &none)) == 0 &&
	    (r = posix_spawnattr_setflags(&attributes, flags)) == 0)
		r = posix_spawn(ret_pid, argv[0], &actions, &attributes, args, clean_environment);
	(void) posix_spawnattr_destroy(&attributes);
	(void) posix_spawn_file_actions_destroy(&actions);
	return -r;
}

/* As leader of a group of its own it may have children that should go with it. */
static pid_t guard_target(const struct ocf_child *child)
{
	return child->own_group ? -child->pid : child->pid;
}

static void trace_argv(struct ocf_ctx *ctx, const char *const argv[])
{
	char line[512] = "";

	for (size_t i = 0; argv[i]; i++)
		ocf_append(line, sizeof(line), " %s", argv[i]);
	ocf_trace(ctx, "run:%s", line);
}

static int start(struct ocf_ctx *ctx, const char *const argv[], bool with_stderr,
		 struct ocf_child *ret_child)
{
	int pipe_fds[2];
	int r;

	memset(ret_child, 0, sizeof(*ret_child));
	ret_child->output_fd = -1;
	ret_child->result.exit_code = -1;
	trace_argv(ctx, argv);

	r = child_ended_fd();
	if (r < 0)
		return r;
	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return -errno;
	ret_child->own_group = getpgrp() != getpid();
	r = spawn(argv, pipe_fds[1], with_stderr, ret_child->own_group, &ret_child->pid);
	(void) close(pipe_fds[1]);
	if (r < 0) {
		(void) close(pipe_fds[0]);
		ret_child->pid = 0;
		ret_child->exited = true;
		ocf_trace(ctx, "cannot run %s: %s", argv[0], strerror(-r));
		return r;
	}
	(void) fcntl(pipe_fds[0], F_SETFL, O_NONBLOCK);
	ret_child->output_fd = pipe_fds[0];
	ocf_guard_child(guard_target(ret_child));
	return 0;
}

int ocf_child_start(struct ocf_ctx *ctx, const char *const argv[], struct ocf_child *ret_child)
{
	return start(ctx, argv, true, ret_child);
}

/*
 * Takes what is in the pipe; what does not fit is read and dropped, so that nobody blocks on it.
 * At most a pipe's worth: one that writes without end must not keep us from looking at the clock.
 */
static void drain(struct ocf_child *child)
{
	struct ocf_child_result *result = &child->result;

	for (int i = 0; i < DRAIN_READS && child->output_fd >= 0; i++) {
		size_t room = sizeof(result->output) - 1 - result->output_len;
		char dropped[OCF_OUTPUT_MAX];
		ssize_t n =
			room > 0 ? read(child->output_fd, result->output + result->output_len, room)
				 : read(child->output_fd, dropped, sizeof(dropped));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			ocf_close_p(&child->output_fd);
			return;
		}
		if (room > 0)
			result->output_len += (size_t) n;
		else
			result->truncated = true;
		result->output[result->output_len] = '\0';
	}
}

static bool reap(struct ocf_ctx *ctx, struct ocf_child *child)
{
	struct ocf_child_result *result = &child->result;
	int status;
	pid_t pid;

	/* Nobody to wait for is an end; any other error says nothing about the child. */
	pid = waitpid(child->pid, &status, WNOHANG);
	if (pid == 0 || (pid < 0 && errno != ECHILD))
		return false;
	child->exited = true;
	ocf_guard_child_gone(guard_target(child));
	if (pid > 0 && WIFEXITED(status))
		result->exit_code = WEXITSTATUS(status);
	else if (pid > 0 && WIFSIGNALED(status))
		result->signal = WTERMSIG(status);
	drain(child);
	ocf_close_p(&child->output_fd);
	ocf_trace(ctx, "ended: pid %d exit code %d signal %d, said: %s", (int) child->pid,
		  result->exit_code, result->signal, result->output);
	return true;
}

int ocf_child_wait(struct ocf_ctx *ctx, struct ocf_child *child, int64_t deadline_ms)
{
	for (;;) {
		struct pollfd fds[2] = {
			{ .fd = child_ended_fd(), .events = POLLIN },
			{ .fd = child->output_fd, .events = POLLIN },
		};
		struct signalfd_siginfo ignored;
		int64_t left;

		if (child->exited || reap(ctx, child))
			return 0;
		left = deadline_ms - ocf_now_ms();
		if (left <= 0)
			return -ETIMEDOUT;
		/* A kernel short of memory refuses even to wait; the child runs on all the same. */
		if (poll(fds, 2, left > 60000 ? 60000 : (int) left) < 0)
			(void) ocf_pause_until(deadline_ms, CANNOT_WAIT_MS);
		while (read(fds[0].fd, &ignored, sizeof(ignored)) > 0)
			;
		drain(child);
	}
}

void ocf_child_signal(struct ocf_child *child, int signo)
{
	if (child->exited || child->pid <= 0)
		return;
	if (child->own_group) {
		(void) kill(-child->pid, signo);
	} else if (signo == SIGKILL || signo == SIGSTOP) {
		/* The group is ours too: these cannot be kept from ourselves. */
		(void) kill(child->pid, signo);
	} else {
		void (*before)(int) = signal(signo, SIG_IGN);

		(void) kill(0, signo);
		(void) signal(signo, before);
	}
}

void ocf_child_end(struct ocf_ctx *ctx, struct ocf_child *child, int grace_ms)
{
	if (child->exited || child->pid <= 0)
		return;
	ocf_child_signal(child, SIGTERM);
	if (ocf_child_wait(ctx, child, ocf_now_ms() + grace_ms) == 0)
		return;
	ocf_child_signal(child, SIGKILL);
	/* A process in uninterruptible sleep does not die of it either: do not wait for that. */
	if (ocf_child_wait(ctx, child, ocf_now_ms() + grace_ms) < 0)
		ocf_close_p(&child->output_fd);
	ocf_guard_child_gone(guard_target(child));
}

static int run(struct ocf_ctx *ctx, const char *const argv[], int64_t deadline_ms, bool with_stderr,
	       struct ocf_child_result *ret_result)
{
	struct ocf_child child = { .result = { .exit_code = -1, .timed_out = true } };
	int r = -ETIMEDOUT;

	/* Room for ending it before the action's own deadline. */
	if (deadline_ms == 0) {
		int64_t left = ocf_left_ms(ctx);

		deadline_ms = ctx->deadline_ms -
			      (left / 4 < 2 * END_GRACE_MS ? left / 4 : 2 * END_GRACE_MS);
	}
	/* Too late to let it do anything: do not begin what would be killed at once. */
	if (ocf_now_ms() < deadline_ms)
		r = start(ctx, argv, with_stderr, &child);
	if (r == 0) {
		r = ocf_child_wait(ctx, &child, deadline_ms);
		if (r < 0) {
			ocf_child_end(ctx, &child, END_GRACE_MS);
			child.result.timed_out = true;
		}
	}
	if (ret_result)
		*ret_result = child.result;
	return r;
}

int ocf_run(struct ocf_ctx *ctx, const char *const argv[], int64_t deadline_ms,
	    struct ocf_child_result *ret_result)
{
	return run(ctx, argv, deadline_ms, true, ret_result);
}

int ocf_run_stdout(struct ocf_ctx *ctx, const char *const argv[], int64_t deadline_ms,
		   struct ocf_child_result *ret_result)
{
	return run(ctx, argv, deadline_ms, false, ret_result);
}

const char *ocf_result_text(const struct ocf_child_result *result, char *buf, size_t size)
{
	char said[400];
	const char *text = result->output;
	size_t len = result->output_len;

	/* The last words tell most; a helper's first lines are its progress. */
	if (len >= sizeof(said)) {
		text += len - (sizeof(said) - 1);
		len = sizeof(said) - 1;
	}
	(void) snprintf(said, sizeof(said), "%.*s", (int) len, text);
	ocf_one_line(said);
	if (result->timed_out)
		(void) snprintf(buf, size, "no end in time%s%s", said[0] ? ": " : "", said);
	else if (result->signal)
		(void) snprintf(buf, size, "ended by signal %d%s%s", result->signal,
				said[0] ? ": " : "", said);
	else
		(void) snprintf(buf, size, "exit code %d%s%s", result->exit_code,
				said[0] ? ": " : "", said);
	return buf;
}
