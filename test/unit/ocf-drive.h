/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs the toy agent as a manager would and catches what it says.
 *
 * Every program that uses this is given the toy's path as its first argument. With VZHA_UNDER set
 * to an absolute program name and arguments (valgrind) the toy runs under that.
 */
#ifndef VZHA_TEST_OCF_DRIVE_H
#define VZHA_TEST_OCF_DRIVE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#define DRIVE_MAX 16

/* What differs from an ordinary call; all zero is one. */
struct call {
	const char *args;	    /* "start", "status name=x": separated by blanks */
	const char *env[DRIVE_MAX]; /* before the default ones; "NAME" alone takes NAME away */
	const char *argv0;	    /* instead of the toy's path: a link to it */
	bool as_nobody;		    /* needs root */
	bool no_leader;		    /* not the leader of a process group */
	bool alarm_blocked;	    /* SIGALRM blocked and ignored, as a bad manager may leave it */
	bool stdout_full;	    /* a pipe that takes nothing more and that nobody reads */
	bool stderr_full;
	bool stderr_gone; /* a pipe that nobody will ever read: EPIPE */
	bool stderr_closed;
	bool open_extra; /* descriptor 9 is open, and inheritable */
	int must_end_ms; /* default 10 000; then it is killed and the test fails */
};

#define CALL(text, ...)                                                                            \
	{                                                                                          \
		.args = (text), .env = { __VA_ARGS__ }                                             \
	}

struct answer {
	int code; /* 128 + signal when it died of one */
	int64_t took_ms;
	char out[32768];
	char err[32768];
};

/** drive_setup() - Per program: a scratch directory that is also the toy's sysroot. */
int drive_setup(void **state);
int drive_teardown(void **state);

/** drive_main() - Takes the toy's path out of the arguments. Call first in main(). */
void drive_main(int argc, char *argv[]);

/** drive() - Run the toy once. The answer is static: the next call overwrites it. */
const struct answer *drive(const struct call *call);

/** drive_timely() - drive(), again if it took longer: twice bad luck on a busy machine at most. */
const struct answer *drive_timely(const struct call *call, int64_t latest_ms);

/** drive_root() - The scratch directory. */
const char *drive_root(void);

/** drive_path() - "ROOT/TAIL"; four such texts live at a time. */
const char *drive_path(const char *tail);

/** drive_read() - A file below the scratch directory, "" when missing; static. */
const char *drive_read(const char *tail);
void drive_remove(const char *tail);

/** drive_write() - Make that file, or replace what is in it. */
void drive_write(const char *tail, const char *text);

/** drive_under() - True when another program (valgrind) slows the toy down. */
bool drive_under(void);

/** reason() - The reason in an answer: what follows the prefix on the last line; "" if none. */
const char *reason(const struct answer *answer);

/** drive_calls() - The callbacks of the last call, "look start look"; repetitions told once. */
const char *drive_calls(void);

/*
 * A table of cases. With every one goes what holds for all answers: 0, 7 and 8 come without a
 * reason, anything else with exactly one reason line, the last on stderr.
 */
struct row {
	const char *what;
	struct call call;
	int code;
	const char *reason; /* part of it */
	const char *calls;  /* as of drive_calls(); NULL: whatever */
};

void drive_rows(const struct row *rows, size_t n);

#define ROWS(rows) drive_rows((rows), sizeof(rows) / sizeof((rows)[0]))

#define assert_contains(text, part)                                                                \
	do {                                                                                       \
		if (!strstr((text), (part)))                                                       \
			fail_msg("\"%s\" does not contain \"%s\"", (text), (part));                \
	} while (0)

#define assert_lacks(text, part)                                                                   \
	do {                                                                                       \
		if (strstr((text), (part)))                                                        \
			fail_msg("\"%s\" contains \"%s\"", (text), (part));                        \
	} while (0)

#endif
