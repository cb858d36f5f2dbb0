/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The agent's side of the watcher: is there one, start it, end it, does another one compete. */
#include "veth-bridge.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <syslog.h>
#include <unistd.h>

#define HELPER VZHA_HELPER_DIR "/veth-bridged"

static pid_t watcher_pid(const struct ocf_ctx *ctx)
{
	char path[300];

	lock_path(ctx->sysroot, conf_of(ctx)->bridge, path, sizeof(path));
	return lock_holder(path);
}

bool watcher_running(const struct ocf_ctx *ctx)
{
	return watcher_pid(ctx) > 0;
}

/* The watcher keeps what it was started with in its lock file, a line each. */
static bool is_same_wish(const struct ocf_ctx *ctx, const struct wish_words *words)
{
	auto_free char *text = malloc(WISH_TEXT_MAX);
	char path[300];
	const char *line = text;

	lock_path(ctx->sysroot, conf_of(ctx)->bridge, path, sizeof(path));
	if (!text || ocf_read_file(path, text, WISH_TEXT_MAX) < 0)
		return false;
	for (size_t i = 0; i < WISH_WORDS; i++) {
		size_t len = strcspn(line, "\n");

		if (strlen(words->word[i]) != len || strncmp(words->word[i], line, len) != 0)
			return false;
		line += len + (line[len] == '\n');
	}
	return *line == '\0';
}

enum ocf_status watcher_ensure(struct ocf_ctx *ctx, bool fresh)
{
	const char *argv[3 + WISH_WORDS] = { HELPER, conf_of(ctx)->bridge };
	auto_free struct wish_words *words = malloc(sizeof(*words));
	const struct port_wish wish = wish_of(ctx);
	struct ocf_child_result result;
	char said[256];
	int r;

	if (!words || wish_words(&wish, words) == 0)
		return ocf_fail(ctx, OCF_ERR_GENERIC, "the watcher of %s cannot be told its ports",
				conf_of(ctx)->bridge);
	if (watcher_running(ctx) && !fresh && is_same_wish(ctx, words))
		return OCF_SUCCESS;
	for (size_t i = 0; i < WISH_WORDS; i++)
		argv[2 + i] = words->word[i];
	if (!watcher_stop(ctx))
		return OCF_ERR_GENERIC;
	ocf_step(ctx, "start the watcher");
	r = ocf_run(ctx, argv, ocf_share_ms(ctx, 75), &result);
	if (r == -ENOENT)
		return ocf_fail(ctx, OCF_ERR_INSTALLED, "%s is not installed", HELPER);
	if (r == -ETIMEDOUT)
		return ocf_fail(ctx, OCF_ERR_GENERIC, "the watcher of %s did not get ready in time",
				conf_of(ctx)->bridge);
	if (r < 0)
		return ocf_fail(ctx, OCF_ERR_GENERIC, "cannot start %s: %s", HELPER, strerror(-r));
	if (result.exit_code != 0)
		return ocf_fail(ctx, OCF_ERR_GENERIC, "the watcher of %s did not start: %s",
				conf_of(ctx)->bridge, ocf_result_text(&result, said, sizeof(said)));
	return OCF_SUCCESS;
}

/*
 * A process, held so that its number cannot become another one's between look and signal: where
 * there is no pidfd (before 5.3), the lock is asked once more right before.
 */
static int open_process(pid_t pid)
{
#ifdef SYS_pidfd_open
	return (int) syscall(SYS_pidfd_open, pid, 0);
#else
	(void) pid;
	return -1;
#endif
}

static void send_signal(int pidfd, pid_t pid, int signo)
{
#ifdef SYS_pidfd_send_signal
	if (pidfd >= 0) {
		(void) syscall(SYS_pidfd_send_signal, pidfd, signo, NULL, 0);
		return;
	}
#endif
	(void) kill(pid, signo);
}

/* The lock is gone when the process is. */
static bool wait_gone(const struct ocf_ctx *ctx, int pidfd, pid_t pid, int64_t until_ms)
{
	while (watcher_pid(ctx) == pid) {
		struct pollfd ended = { .fd = pidfd, .events = POLLIN };
		int64_t left = until_ms - ocf_now_ms();

		if (left <= 0)
			return false;
		(void) poll(&ended, 1, pidfd >= 0 && left > 100 ? 100 : 5);
	}
	return true;
}

bool watcher_stop(struct ocf_ctx *ctx)
{
	for (int attempt = 0; attempt < 4; attempt++) {
		auto_close int pidfd = -1;
		pid_t pid = watcher_pid(ctx);

		if (pid == 0)
			return true;
		if (pid < 0) {
			ocf_reason(ctx, "cannot read the lock of %s's watcher: %s",
				   conf_of(ctx)->bridge, strerror(-pid));
			return false;
		}
		ocf_step(ctx, "end the watcher, pid %d", (int) pid);
		pidfd = open_process(pid);
		if (watcher_pid(ctx) != pid)
			continue;
		send_signal(pidfd, pid, SIGTERM);
		if (wait_gone(ctx, pidfd, pid, ocf_share_ms(ctx, 20)))
			continue;
		if (watcher_pid(ctx) == pid)
			send_signal(pidfd, pid, SIGKILL);
		(void) wait_gone(ctx, pidfd, pid, ocf_share_ms(ctx, 20));
	}
	if (watcher_pid(ctx) == 0)
		return true;
	ocf_reason(ctx, "the watcher of %s, pid %d, cannot be ended", conf_of(ctx)->bridge,
		   (int) watcher_pid(ctx));
	return false;
}

/* The first line of a lock file; what follows may not fit. */
static ssize_t read_ports(const char *path, char *buf, size_t size)
{
	ssize_t n = ocf_read_file(path, buf, size);

	buf[strcspn(buf, "\n")] = '\0';
	return n == -EFBIG ? 0 : n;
}

/* "br0.lock" held by a living watcher, with patterns that can fit a name that ours fit, too. */
static bool is_rival(const struct ocf_ctx *ctx, const char *file, const char *bridge)
{
	char path[600], text[WISH_WORD_MAX]; /* of the first line */

	(void) snprintf(path, sizeof(path), "%s" LOCK_DIR "/%s", ctx->sysroot, file);
	if (strcmp(bridge, conf_of(ctx)->bridge) == 0 || lock_holder(path) <= 0 ||
	    read_ports(path, text, sizeof(text)) < 0)
		return false;
	return patterns_overlap(text, conf_of(ctx)->ports);
}

bool watcher_rival(const struct ocf_ctx *ctx, char *buf, size_t size)
{
	struct dirent *entry;
	bool found = false;
	char path[300];
	DIR *dir = opendir(ocf_path(ctx, path, sizeof(path), LOCK_DIR));

	while (dir && !found && (entry = readdir(dir))) {
		size_t len = strlen(entry->d_name);

		if (len <= 5 || len - 5 >= size || strcmp(entry->d_name + len - 5, ".lock") != 0)
			continue;
		(void) snprintf(buf, size, "%.*s", (int) len - 5, entry->d_name);
		found = is_rival(ctx, entry->d_name, buf);
	}
	if (dir)
		(void) closedir(dir);
	return found;
}
