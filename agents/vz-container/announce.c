/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "announce.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/syscall.h>
#include <syslog.h>
#include <unistd.h>

#define ANNOUNCER   VZHA_HELPER_DIR "/nic-announce"
#define INTERVAL_MS "200"
#define NETNS_FD    3 /* as the announcer expects them */
#define PIDFD	    4

/* In a session of its own: it outlives the action, and a manager that ends our process group. */
static int spawn(const char *const argv[], int netns, int pidfd)
{
	char *const environment[] = { NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t all, none;
	char *const *args;
	pid_t pid;
	int r;

	(void) sigfillset(&all);
	(void) sigemptyset(&none);
	memcpy(&args, &argv, sizeof(args)); /* posix_spawn changes none of them */
	r = posix_spawn_file_actions_init(&actions);
	if (r)
		return -r;
	r = posix_spawnattr_init(&attributes);
	if (r) {
		(void) posix_spawn_file_actions_destroy(&actions);
		return -r;
	}
	for (int fd = 0; fd <= 2 && r == 0; fd++)
		r = posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
	if (r == 0)
		r = posix_spawn_file_actions_adddup2(&actions, netns, NETNS_FD);
	if (r == 0 && pidfd >= 0)
		r = posix_spawn_file_actions_adddup2(&actions, pidfd, PIDFD);
	if (r == 0 && (r = posix_spawnattr_setsigdefault(&attributes, &all)) == 0 &&
	    (r = posix_spawnattr_setsigmask(&attributes, &none)) == 0 &&
	    (r = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF |
							       POSIX_SPAWN_SETSIGMASK |
							       POSIX_SPAWN_SETSID)) == 0)
		r = posix_spawn(&pid, argv[0], &actions, &attributes, args, environment);
	(void) posix_spawnattr_destroy(&attributes);
	(void) posix_spawn_file_actions_destroy(&actions);
	return -r;
}

/* Above the numbers that the child gets, which dup2() would overwrite one by the other. */
static int move_up(int fd)
{
	int up = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, PIDFD + 1);

	if (fd >= 0)
		(void) close(fd);
	return up;
}

void ct_announce(struct ocf_ctx *ctx, const struct ct_engine *engine, const struct ct_wants *wants,
		 pid_t init)
{
	const char *argv[3 + CT_NICS_MAX + 1] = { ANNOUNCER };
	auto_close int netns = -1, pidfd = -1;
	char path[64], count[24];
	int r = -ESRCH;

	if (ct_conf(ctx)->announce <= 0 || wants->n_nics == 0 || init <= 0)
		return;
	(void) snprintf(count, sizeof(count), "%lld", (long long) ct_conf(ctx)->announce);
	argv[1] = count;
	argv[2] = INTERVAL_MS;
	for (size_t i = 0; i < wants->n_nics; i++)
		argv[3 + i] = wants->nic[i].inside;
	ocf_path(ctx, path, sizeof(path), "/proc/%d/ns/net", init);
	netns = move_up(open(path, O_RDONLY | O_CLOEXEC));
	pidfd = move_up((int) syscall(SYS_pidfd_open, init, 0));
	if (netns >= 0 && engine->init(ctx) == init)
		r = spawn(argv, netns, pidfd);
	if (r < 0)
		ocf_log(ctx, LOG_WARNING,
			"container %s: its network cards are not announced (%s: %s): neighbours "
			"find them when their ARP entries expire",
			ctx->identity, ANNOUNCER, strerror(-r));
}
