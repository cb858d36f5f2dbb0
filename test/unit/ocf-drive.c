/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ocf-drive.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char *toy;
static char root[64];

void drive_main(int argc, char *argv[])
{
	if (argc < 2) {
		(void) fprintf(stderr, "usage: %s TOY\n", argv[0]);
		exit(2);
	}
	toy = argv[1];
}

const char *drive_root(void)
{
	return root;
}

const char *drive_path(const char *tail)
{
	static char paths[4][256];
	static unsigned int next;
	char *path = paths[next++ % 4];

	(void) snprintf(path, sizeof(paths[0]), "%s/%s", root, tail);
	return path;
}

const char *drive_read(const char *tail)
{
	static char text[65536];
	FILE *f = fopen(drive_path(tail), "r");
	size_t n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;

	if (f)
		(void) fclose(f);
	text[n] = '\0';
	return text;
}

void drive_write(const char *tail, const char *text)
{
	FILE *f = fopen(drive_path(tail), "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

void drive_remove(const char *tail)
{
	(void) unlink(drive_path(tail));
}

bool drive_under(void)
{
	return getenv("VZHA_UNDER") != NULL;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void) st;
	(void) type;
	(void) ftw;
	return remove(path);
}

int drive_setup(void **state)
{
	(void) state;
	(void) snprintf(root, sizeof(root), "/tmp/vzha-unit.XXXXXX");
	if (!mkdtemp(root))
		return -1;
	/* Grandchildren of a test end here, not at init. */
	return prctl(PR_SET_CHILD_SUBREAPER, 1) || mkdir(drive_path("dev"), 0755);
}

int drive_teardown(void **state)
{
	(void) state;
	return nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static int64_t now_ms(void)
{
	struct timespec ts;

	(void) clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Splits @text in place. */
static size_t words_of(char *text, char *words[], size_t max)
{
	size_t n = 0;

	for (char *word = strtok(text, " "); word && n < max; word = strtok(NULL, " "))
		words[n++] = word;
	return n;
}

static bool is_given(const struct call *call, const char *entry)
{
	size_t len = strcspn(entry, "=");

	for (size_t i = 0; i < DRIVE_MAX && call->env[i]; i++) {
		if (strncmp(call->env[i], entry, len) == 0 &&
		    (call->env[i][len] == '=' || call->env[i][len] == '\0'))
			return true;
	}
	return false;
}

static void make_environment(const struct call *call, const char *env[], size_t max)
{
	static char toy_root[96], calls[96];
	const char *const usual[] = { toy_root, calls, "OCF_RESKEY_name=one",
				      "OCF_RESOURCE_INSTANCE=t1", "TOY_STATE=stopped",
				      /* a process that changed its user may not look into itself */
				      call->as_nobody ? "ASAN_OPTIONS=exitcode=99:detect_leaks=0"
						      : "ASAN_OPTIONS=exitcode=99" };
	size_t n = 0;

	(void) snprintf(toy_root, sizeof(toy_root), "TOY_ROOT=%s", root);
	(void) snprintf(calls, sizeof(calls), "TOY_CALLS=%s/calls", root);
	for (size_t i = 0; i < DRIVE_MAX && call->env[i] && n < max - 1; i++) {
		if (strchr(call->env[i], '='))
			env[n++] = call->env[i];
	}
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]) && n < max - 1; i++) {
		if (!is_given(call, usual[i]))
			env[n++] = usual[i];
	}
	env[n] = NULL;
}

/* The write end of a full pipe; its read end stays open until exec. */
static int full_pipe(void)
{
	char block[4096] = "";
	int fds[2];

	if (pipe(fds) < 0)
		_exit(125);
	(void) fcntl(fds[1], F_SETFL, O_NONBLOCK);
	while (write(fds[1], block, sizeof(block)) > 0)
		;
	(void) fcntl(fds[1], F_SETFL, 0);
	(void) fcntl(fds[0], F_DUPFD, 100); /* keeps a reader */
	return fds[1];
}

static int gone_pipe(void)
{
	int fds[2];

	if (pipe(fds) < 0)
		_exit(125);
	(void) close(fds[0]);
	return fds[1];
}

static void arrange(const struct call *call, int out, int err)
{
	sigset_t set;

	(void) dup2(call->stdout_full ? full_pipe() : out, 1);
	(void) dup2(call->stderr_full ? full_pipe() : call->stderr_gone ? gone_pipe() : err, 2);
	if (!call->no_leader)
		(void) setpgid(0, 0);
	if (call->open_extra)
		(void) dup2(1, 9);
	if (call->alarm_blocked) {
		(void) sigemptyset(&set);
		(void) sigaddset(&set, SIGALRM);
		(void) sigprocmask(SIG_BLOCK, &set, NULL);
		(void) signal(SIGALRM, SIG_IGN);
		(void) signal(SIGCHLD, SIG_IGN);
	}
	if (call->stderr_closed)
		(void) close(2);
}

__attribute__((noreturn)) static void become_toy(const struct call *call, int out, int err)
{
	char *argv[2 * DRIVE_MAX] = { NULL }, *const * envp;
	const char *env[2 * DRIVE_MAX];
	char args[512], under[512];
	size_t n = 0;
	int fd = open(toy, O_PATH | O_CLOEXEC);

	if (getenv("VZHA_UNDER")) {
		(void) snprintf(under, sizeof(under), "%s", getenv("VZHA_UNDER"));
		n = words_of(under, argv, DRIVE_MAX);
	}
	argv[n++] = strdup(call->argv0 ? call->argv0 : toy);
	(void) snprintf(args, sizeof(args), "%s", call->args ? call->args : "");
	(void) words_of(args, argv + n, DRIVE_MAX - 1);
	make_environment(call, env, 2 * DRIVE_MAX);
	memcpy(&envp, &(const char *const *){ env }, sizeof(envp)); /* exec changes nothing */
	arrange(call, out, err);
	if (call->as_nobody && setuid(65534) < 0)
		_exit(125);
	if (call->as_nobody)
		(void) fexecve(fd, argv, envp); /* where the way to it may be closed to nobody */
	else
		(void) execve(argv[0], argv, envp);
	_exit(126);
}

static void take(struct pollfd *source, char *buf, size_t size, size_t *used)
{
	ssize_t n = read(source->fd, buf + *used, size - 1 - *used);

	if (n > 0)
		*used += (size_t) n;
	else if (n == 0 || errno != EAGAIN)
		source->fd = -1;
}

/* Until it has ended; what it left running may still hold the pipes. */
static int collect(pid_t pid, int out, int err, struct answer *answer, int64_t until_ms)
{
	struct pollfd fds[2] = { { .fd = out, .events = POLLIN }, { .fd = err, .events = POLLIN } };
	size_t n_out = 0, n_err = 0;
	int status, ended = 0;

	(void) fcntl(out, F_SETFL, O_NONBLOCK);
	(void) fcntl(err, F_SETFL, O_NONBLOCK);
	while (!ended) {
		ended = waitpid(pid, &status, WNOHANG) == pid;
		(void) poll(fds, 2, ended ? 0 : 10);
		if (now_ms() > until_ms && !ended) {
			(void) kill(pid, SIGKILL);
			(void) waitpid(pid, &status, 0);
			ended = 1;
		}
		take(&fds[0], answer->out, sizeof(answer->out), &n_out);
		take(&fds[1], answer->err, sizeof(answer->err), &n_err);
	}
	answer->out[n_out] = answer->err[n_err] = '\0';
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

const struct answer *drive(const struct call *call)
{
	static struct answer answer;
	int out[2], err[2];
	int64_t began_ms = now_ms();
	pid_t pid;

	drive_remove("calls");
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	assert_int_equal(pipe2(err, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		become_toy(call, out[1], err[1]);
	(void) close(out[1]);
	(void) close(err[1]);
	answer.code = collect(pid, out[0], err[0], &answer,
			      began_ms + (call->must_end_ms ? call->must_end_ms : 10000));
	answer.took_ms = now_ms() - began_ms;
	(void) close(out[0]);
	(void) close(err[0]);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	return &answer;
}

const char *reason(const struct answer *answer)
{
	static char text[2048];
	const char *last = answer->err, *prefix = "ocf-exit-reason:";

	for (const char *p = answer->err; (p = strchr(p, '\n')) && p[1]; p++)
		last = p + 1;
	if (strncmp(last, prefix, strlen(prefix)) != 0)
		return "";
	(void) snprintf(text, sizeof(text), "%s", last + strlen(prefix));
	text[strcspn(text, "\n")] = '\0';
	return text;
}

const struct answer *drive_timely(const struct call *call, int64_t latest_ms)
{
	const struct answer *answer = drive(call);

	for (int again = 0; again < 2 && answer->took_ms > latest_ms && !drive_under(); again++)
		answer = drive(call);
	return answer;
}

const char *drive_calls(void)
{
	static char calls[1024];
	char *text = strdup(drive_read("calls"));
	const char *before = "";

	calls[0] = '\0';
	for (char *call = strtok(text, "\n"); call; call = strtok(NULL, "\n")) {
		size_t used = strlen(calls);

		if (strcmp(call, before) != 0)
			(void) snprintf(calls + used, sizeof(calls) - used, "%s%s", used ? " " : "",
					call);
		before = call;
	}
	free(text);
	return calls;
}

static size_t count_reasons(const char *text)
{
	size_t n = 0;

	while ((text = strstr(text, "ocf-exit-reason:"))) {
		n++;
		text++;
	}
	return n;
}

static const char *trouble(const struct row *row, const struct answer *answer)
{
	bool silent = row->code == 0 || row->code == 7 || row->code == 8;

	if (answer->code != row->code)
		return "exit code";
	if (count_reasons(answer->err) != (silent ? 0 : 1))
		return "number of reason lines";
	if (!silent && (!*reason(answer) || answer->err[strlen(answer->err) - 1] != '\n'))
		return "the last line is not the reason";
	if (row->reason && !strstr(reason(answer), row->reason))
		return "reason";
	if (row->calls && strcmp(drive_calls(), row->calls) != 0)
		return "calls";
	return NULL;
}

void drive_rows(const struct row *rows, size_t n)
{
	size_t failed = 0;

	for (size_t i = 0; i < n; i++) {
		const struct answer *answer = drive(&rows[i].call);
		const char *why = trouble(&rows[i], answer);

		if (!why)
			continue;
		failed++;
		print_error("%s: wrong %s\n  exit %d, not %d; calls \"%s\", not \"%s\"\n"
			    "  stdout: %s\n  stderr: %s\n",
			    rows[i].what, why, answer->code, rows[i].code, drive_calls(),
			    rows[i].calls ? rows[i].calls : "(any)", answer->out, answer->err);
	}
	if (failed)
		fail_msg("%zu of %zu cases failed", failed, n);
}
