/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "vzctl.h"

static void nap(int ms)
{
	const struct timespec t = { ms / 1000, ms % 1000 * 1000000L };

	(void) nanosleep(&t, NULL);
}

int ct_umount(const struct ct *ct)
{
	if (!ct_mounted(ct))
		return say(40, "CT is not mounted");
	be_slow("/run/fake-vzctl.slow-umount");
	if (umount2(ct->root, 0) < 0)
		return say(51, "Can't umount %s: %s", ct->root, strerror(errno));
	(void) printf("Container is unmounted\n");
	return 0;
}

static volatile sig_atomic_t cancelled;

static void on_term(int signo)
{
	static const char text[] = "Cancelling...\n";

	(void) signo;
	cancelled = 1;
	(void) !write(2, text, sizeof(text) - 1);
}

static bool join(pid_t init, const char *ns)
{
	char path[64];
	int fd, r;

	(void) snprintf(path, sizeof(path), "/proc/%d/ns/%s", init, ns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	r = fd < 0 ? -1 : setns(fd, 0);
	if (fd >= 0)
		(void) close(fd);
	return r == 0;
}

pid_t ct_enter(const struct ct *ct, char *const argv[])
{
	char path[64];
	pid_t init = ct_init(ct), pid;
	int root;

	(void) snprintf(path, sizeof(path), "/proc/%d/root", init);
	root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root < 0 || !ct_running(ct))
		return -1;
	pid = fork();
	if (pid != 0) {
		(void) close(root);
		return pid;
	}
	(void) signal(SIGTERM, SIG_DFL);
	ct_groups(ct, getpid());
	if (!join(init, "pid") || !join(init, "net") || !join(init, "uts") || !join(init, "mnt"))
		_exit(3);
	if (fchdir(root) < 0 || chroot(".") < 0)
		_exit(3);
	pid = fork(); /* only a child is in the PID namespace */
	if (pid == 0) {
		(void) execv(argv[0], argv);
		_exit(127);
	}
	int status = 0;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 3);
}

/* Waits without limit; a SIGTERM only gets noticed. Return: its exit code. */
static int wait_for(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 33;
}

static bool wait_dead(const struct ct *ct, int ms)
{
	for (; ms > 0; ms -= 100) {
		if (!ct_running(ct))
			return true;
		if (cancelled)
			return false;
		nap(100);
	}
	return !ct_running(ct);
}

int ct_kill(const struct ct *ct)
{
	pid_t pids[1024];
	size_t n = ct_tasks(ct, pids, 1024);

	(void) printf("Killing container ...\n");
	for (size_t i = 0; i < n; i++)
		(void) kill(pids[i], SIGKILL);
	cancelled = 0;
	if (!wait_dead(ct, ct->stop_timeout * 500))
		return say(33, "Failed to wait for CT tasks to die");
	return 0;
}

static int stop_script(const struct ct *ct)
{
	char script[PATH_MAX], text[4096];
	char shell[] = "/bin/sh", option[] = "-c";
	char *const argv[] = { shell, option, text, NULL };
	size_t n;
	FILE *f;
	pid_t pid;

	(void) snprintf(script, sizeof(script), "/etc/vz/conf/%d.stop", ct->id);
	f = fopen(script, "re");
	if (!f)
		return 0;
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	(void) fclose(f);
	pid = ct_enter(ct, argv);
	if (pid > 0 && wait_for(pid) != 0)
		return say(79, "Error executing stop script %s", script);
	return 0;
}

int ct_stop(const struct ct *ct, bool fast)
{
	const struct sigaction on = { .sa_handler = on_term };
	char name[] = "/sbin/halt";
	char *const halt[] = { name, NULL };
	char path[128];
	int r;

	if (!ct_running(ct))
		return say(0, "Unable to stop: container is not running");
	(void) sigaction(SIGTERM, &on, NULL);
	(void) printf("Stopping container ...\n");
	r = stop_script(ct);
	if (r)
		return r;
	if (!fast) {
		pid_t pid = ct_enter(ct, halt);
		int code = pid > 0 ? wait_for(pid) : 33;

		if (code > 1 || !wait_dead(ct, ct->stop_timeout * 1000))
			r = ct_running(ct) ? ct_kill(ct) : 0;
	} else {
		r = ct_kill(ct);
	}
	if (r)
		return r;
	(void) printf("Container was stopped\n");
	if (fast) {
		(void) snprintf(path, sizeof(path), "/run/netns/%d", ct->id);
		(void) unlink(path);
		(void) snprintf(path, sizeof(path), "/var/lib/vzctl/vepid/%d", ct->id);
		(void) unlink(path);
	}
	return ct_umount(ct);
}
