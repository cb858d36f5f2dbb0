/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vzroot-relocation-every-call STATE FIRST STEP: SIGKILL the agent at its FIRST-th system call, then at the
 * FIRST+STEP-th in a new run, and so on until a run ends by itself; each time let a start, or a stop and a
 * start, clean up, and compare every byte. STATE: seed, start, stop, restore.
 * STATE write, write-keep: nothing is killed; at that call somebody writes a file of the tree (and puts its
 * times back). What he wrote must be where the content is in the end, with the seed done or refused.
 * STATE restore-write: the same for restore. STATE map, restore-map: from that call on the file is mapped,
 * written once, and again just before the next renameat2, which changes no time any more: the page is dirty.
 * vzroot-relocation-every-call print PATH: the tree as it compares.
 *
 * Runs in a node, with $OCF_RESKEY_* set, /lab/master the original tree, LOCAL one tmpfs, SHARED another.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <linux/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vzroot-relocation-tree.h"

#define AGENT  "/usr/lib/ocf/resource.d/vzha/vzroot-relocation"
#define LOCAL  "/lab/local"
#define SHARED "/lab/shared/vz"
#define P1     LOCAL "/etc/vz"
#define P2     LOCAL "/lib/lxc"

#define TO_ITS_END (LONG_MAX / 2) /* calls are counted twice */

static const char *const paths[] = { P1, P2 };
static char *original[2];
static const char *state;
static long at;

static void shell(const char *command)
{
	if (system(command) < 0)
		perror("system");
}

static void __attribute__((format(printf, 1, 2), noreturn)) fail(const char *fmt, ...)
{
	va_list ap;

	(void) fprintf(stderr, "%s, at call %ld: ", state, at);
	va_start(ap, fmt);
	(void) vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void) fputc('\n', stderr);
	(void) fprintf(stderr, "what is there now:\n");
	(void) fflush(stderr);
	shell("cat /lab/out; ls -laR --full-time " LOCAL " " SHARED " >&2; ls -la " SHARED
	      "/.vzha-seed >&2");
	exit(1);
}

static int run(const char *action)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (!freopen("/lab/out", "w", stderr))
			_exit(126);
		if (!freopen("/lab/out1", "w", stdout))
			_exit(126);
		(void) execl(AGENT, AGENT, action, (char *) NULL);
		_exit(127);
	}
	if (waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void must(const char *action, int wanted)
{
	int got = run(action);

	if (got != wanted) {
		shell("cat /lab/out >&2");
		fail("%s then answers %d, not %d", action, got, wanted);
	}
}

static bool is_state(const char *part)
{
	return strstr(state, part) != NULL;
}

/* The tree's top while the content is there: before a start a directory, before restore our link. */
static int open_top(void)
{
	return open(P1, O_RDONLY | O_DIRECTORY | (is_state("restore") ? 0 : O_NOFOLLOW));
}

/* The agent is reading the file, and has a lease on it: who wants to write it waits until it goes on. */
static bool has_to_wait;

/* -1 when the original is no longer at its place, or one has to wait. */
static int open_content(int flags)
{
	int top = open_top();
	int fd = top < 0 ? -1 : openat(top, "conf/101.conf", flags | O_NONBLOCK);

	has_to_wait = top >= 0 && fd < 0 && errno == EWOULDBLOCK;

	if (top >= 0)
		(void) close(top);
	return fd;
}

/* In place, as long; false when the original is no longer at its place. */
static bool write_file(const char *text)
{
	int fd = open_content(O_WRONLY);
	struct stat st;

	if (fd < 0)
		return false;
	if (fstat(fd, &st) < 0 || pwrite(fd, text, strlen(text), 0) < 0)
		fail("cannot write");
	if (is_state("keep") && futimens(fd, (struct timespec[]){ st.st_atim, st.st_mtim }) < 0)
		fail("cannot put the times back");
	(void) close(fd);
	return true;
}

/* NULL when the original is no longer at its place. */
static char *map_file(void)
{
	int fd = open_content(O_RDWR);
	char *mapped = fd < 0 ? NULL : mmap(NULL, 4, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (mapped == MAP_FAILED)
		fail("cannot map");
	if (fd >= 0)
		(void) close(fd);
	return mapped;
}

static void write_mapped(char **mapped, const char *text)
{
	if (!*mapped)
		return;
	memcpy(*mapped, text, 4);
	(void) munmap(*mapped, 4);
	*mapped = NULL;
}

static void __attribute__((noreturn)) start_traced(const char *action)
{
	if (!freopen("/lab/out", "w", stderr))
		_exit(126);
	if (!freopen("/dev/null", "w", stdout))
		_exit(126);
	(void) ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	(void) raise(SIGSTOP);
	(void) execl(AGENT, AGENT, action, (char *) NULL);
	_exit(127);
}

static bool is_renameat2(pid_t pid)
{
	struct ptrace_syscall_info call;

	return ptrace(PTRACE_GET_SYSCALL_INFO, pid, (void *) sizeof(call), &call) > 0 &&
	       call.op == PTRACE_SYSCALL_INFO_ENTRY && call.entry.nr == SYS_renameat2;
}

/* @mapped: is written and unmapped before the next renameat2. Return: true at the @n-th call, false at its end. */
static bool go_on(pid_t pid, long n, char **mapped, int *ret_code)
{
	long calls = 0;
	int status;

	for (;;) {
		if (ptrace(PTRACE_SYSCALL, pid, NULL, NULL) < 0)
			return true;
		(void) waitpid(pid, &status, 0);
		if (WIFEXITED(status) || WIFSIGNALED(status)) {
			*ret_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
			return false;
		}
		if (WSTOPSIG(status) != (SIGTRAP | 0x80))
			continue;
		/* Entry and exit: killed before a call, and between two, are the same place but one. */
		if (++calls / 2 >= n && calls % 2 == 1)
			return true;
		if (*mapped && is_renameat2(pid))
			write_mapped(mapped, "two\n");
	}
}

/*
 * At the @n-th call: @text NULL, SIGKILL; otherwise it is written. True when that call was reached, false
 * when the agent ended by itself before. @ret_wrote, @ret_code: of a run that was not killed.
 */
static bool run_until(const char *action, long n, const char *text, bool *ret_wrote, int *ret_code)
{
	pid_t pid = fork();
	char *mapped = NULL;
	int status;

	if (pid == 0)
		start_traced(action);
	(void) waitpid(pid, &status, 0);
	/* The agent's start forks nothing here; one that did would be killed with it. */
	(void) ptrace(PTRACE_SETOPTIONS, pid, NULL,
		      (void *) (PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL));
	if (!go_on(pid, n, &mapped, ret_code))
		return false;
	if (!text) {
		(void) kill(pid, SIGKILL);
	} else if (is_state("map")) {
		while (!(mapped = map_file()) && has_to_wait) {
			if (!go_on(pid, 1, &mapped, ret_code))
				fail("the agent is gone, and did not let the file go");
		}
		*ret_wrote = mapped != NULL;
		if (mapped)
			memcpy(mapped, "map\n", 4);
		if (go_on(pid, TO_ITS_END, &mapped, ret_code))
			fail("the agent is gone");
		write_mapped(&mapped, text);
		return true;
	} else {
		while (!(*ret_wrote = write_file(text)) && has_to_wait) {
			if (!go_on(pid, 1, &mapped, ret_code))
				fail("the agent is gone, and did not let the file go");
		}
		(void) ptrace(PTRACE_DETACH, pid, NULL, NULL);
	}
	(void) waitpid(pid, &status, 0);
	*ret_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	return true;
}

static bool is_written(void)
{
	return is_state("write") || is_state("map");
}

/* The trees as they were at first: a shell does that, once each time. */
static void reset(void)
{
	if (system("/lab/reset") != 0)
		fail("cannot make the trees again");
	if (strcmp(state, "seed") == 0 || (is_written() && !is_state("restore")))
		return;
	must("seed", 0);
	if (strcmp(state, "start") != 0)
		must("start", 0);
}

static bool same(const char *path, size_t i)
{
	char *now = tree_print(path);
	bool equal = strcmp(now, original[i]) == 0;

	free(now);
	return equal;
}

/* The path itself, or the name that the agent has beside it. */
static void beside(char *buf, size_t size, const char *path, const char *suffix)
{
	const char *base = strrchr(path, '/') + 1;

	(void) snprintf(buf, size, "%.*s%s%s%s", (int) (base - path), path, suffix[0] ? "." : "",
			base, suffix);
}

/* Wherever the kill struck: the original is whole, under one of its names. */
static void nothing_lost(size_t i, bool killed_just_now)
{
	static const char *const suffixes[] = { "", ".vzha-local", ".vzha-seeding",
						".vzha-seeded" };
	char name[256];
	struct stat st;

	/* A kernel without the exchange has an instant without either, until the next action. */
	if (lstat(paths[i], &st) < 0 && !(killed_just_now && getenv("OLD_KERNEL")))
		fail("%s is neither directory nor link", paths[i]);
	for (size_t s = 0; s < 4; s++) {
		beside(name, sizeof(name), paths[i], suffixes[s]);
		if (lstat(name, &st) == 0 && S_ISDIR(st.st_mode) && same(name, i))
			return;
	}
	fail("the original of %s is nowhere", paths[i]);
}

static void no_leftovers(void)
{
	if (system("test -z \"$(find " LOCAL " " SHARED
		   " -name '*.vzha-link' -o -name '*.vzha-seed' -o "
		   "-name '*.vzha-seeding' -o -name '*.vzha-seeded' -o -name '*.vzha-restore*' -o -name '*.vzha-local.*')\"") !=
	    0)
		fail("leftovers");
}

static void is_started(void)
{
	char name[256];
	struct stat st;

	must("monitor", 0);
	for (size_t i = 0; i < 2; i++) {
		if (lstat(paths[i], &st) < 0 || !S_ISLNK(st.st_mode))
			fail("%s is no link", paths[i]);
		(void) snprintf(name, sizeof(name), "%s%s", SHARED, paths[i]);
		if (!same(name, i))
			fail("%s is not what was seeded", name);
		beside(name, sizeof(name), paths[i], ".vzha-local");
		if (!same(name, i))
			fail("%s is not the original", name);
	}
	no_leftovers();
}

static void recover(bool by_stop)
{
	bool all_back = true;

	for (size_t i = 0; i < 2; i++)
		nothing_lost(i, true);
	if (strcmp(state, "restore") == 0) {
		must("restore", 0);
		for (size_t i = 0; i < 2; i++)
			all_back = all_back && same(paths[i], i);
		if (!all_back)
			fail("restore did not bring the trees back");
		must("monitor", 7);
		return;
	}
	if (by_stop || strcmp(state, "stop") == 0) {
		must("stop", 0);
		must("monitor", 7);
		for (size_t i = 0; i < 2; i++)
			nothing_lost(i, false);
	}
	must("start", 0);
	is_started();
}

/* Where the cluster, or this node, will find it. @shared: our link must be at P. */
static void is_in_force(bool shared, const char *text)
{
	char now[16] = "";
	int fd = open(shared ? SHARED P1 "/conf/101.conf" : P1 "/conf/101.conf", O_RDONLY);
	struct stat st;

	if (lstat(P1, &st) < 0 || S_ISLNK(st.st_mode) != shared)
		fail("%s is %s", P1, shared ? "no link" : "no directory");
	if (fd < 0 || read(fd, now, sizeof(now) - 1) < 0)
		fail("the file is not there");
	(void) close(fd);
	if (strcmp(now, text) != 0)
		fail("the file is \"%s\", and \"%s\" was written", now, text);
}

static bool write_at(long n)
{
	const char *action = is_state("restore") ? "restore" : "start";
	bool wrote = false, reached;
	int code;

	/* Written a moment before as well: on some filesystems both have the same time. */
	(void) write_file("one\n");
	reached = run_until(action, n, "two\n", &wrote, &code);
	if (code != 0 && code != 1)
		fail("%s answers %d", action, code);
	is_in_force((code == 0) != is_state("restore"), wrote ? "two\n" : "one\n");
	return reached;
}

static bool kill_at(long n, bool by_stop)
{
	bool ignored, reached;
	int code;

	reached = run_until(strcmp(state, "seed") == 0 ? "start" : state, n, NULL, &ignored, &code);
	recover(by_stop);
	return reached;
}

int main(int argc, char *argv[])
{
	long n = argc > 2 ? atol(argv[2]) : 1, step = argc > 3 ? atol(argv[3]) : 1, runs = 0;
	bool reached = true;

	state = argc > 1 ? argv[1] : "seed";
	if (strcmp(state, "print") == 0)
		return fputs(tree_print(argv[2]), stdout) < 0;
	original[0] = tree_print("/lab/master/etc/vz");
	original[1] = tree_print("/lab/master/lib/lxc");
	if (strlen(original[0]) < 100 || strlen(original[1]) < 100)
		fail("no /lab/master");
	(void) setenv("OCF_RESKEY_seed", "copy", 1);
	for (; reached; n += step) {
		at = n;
		reset();
		reached = is_written() ? write_at(n) : kill_at(n, (n / step) % 2);
		runs++;
	}
	if (runs < 5)
		fail("only %ld runs: was it traced?", runs);
	(void) printf("%s: %ld runs, at every %ld. of %ld calls, nothing lost\n", state, runs, step,
		      n);
	return 0;
}
