/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Helper programs: what they get, how they end, what they cannot do to us (C15, C3). */
#include "ocf-drive.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A shell script of the test's; the text for TOY_CHILD that runs it. */
static const char *script(const char *name, const char *text)
{
	static char command[160];

	drive_write(name, text);
	(void) snprintf(command, sizeof(command), "TOY_CHILD=/bin/sh %s", drive_path(name));
	return command;
}

/* What the child printed: behind the toy's own two lines. */
static const char *output(const struct answer *a)
{
	const char *second = strchr(a->out, '\n');
	const char *third = second ? strchr(second + 1, '\n') : NULL;

	return third ? third + 1 : "";
}

static void clean_surroundings(void **state)
{
	const struct answer *a;

	(void) state;
	a = drive(&(struct call) CALL("run", "TOY_CHILD=/usr/bin/env", "LD_PRELOAD=", "EVIL=1"));
	assert_string_equal(output(a), "PATH=/usr/sbin:/usr/bin:/sbin:/bin\nLC_ALL=C\nHOME=/\n");
	a = drive(&(struct call) CALL("run", "TOY_CHILD=/bin/pwd"));
	assert_string_equal(output(a), "/\n");
	a = drive(&(struct call) CALL("run", "TOY_CHILD=/bin/cat")); /* stdin is empty */
	assert_contains(a->out, "r=0 exit=0 ");
	/* 3 is ls's own. */
	a = drive(&(struct call){
		.args = "run", .env = { "TOY_CHILD=/bin/ls /proc/self/fd" }, .open_extra = true });
	assert_string_equal(output(a), "0\n1\n2\n3\n");
}

/* Output that is data: no warning may get in between. */
static void stdout_alone(void **state)
{
	char child[160];
	const struct answer *a;

	(void) state;
	(void) snprintf(child, sizeof(child), "%s",
			script("warns", "echo r0; echo modinfo: no such module >&2; echo mail"));
	a = drive(&(struct call) CALL("run", child));
	assert_string_equal(output(a), "r0\nmodinfo: no such module\nmail\n");
	a = drive(&(struct call) CALL("run", child, "TOY_STDOUT=1"));
	assert_string_equal(output(a), "r0\nmail\n");
}

static void default_signals(void **state)
{
	/* The C library keeps 32 and 33 for itself, and leaves them ignored in what it spawns. */
	const unsigned long long of_libc = 3ULL << 31;
	unsigned long long blocked, ignored;
	const struct answer *a =
		drive(&(struct call){ .args = "run",
				      .env = { "TOY_CHILD=/bin/grep Sig[BI] /proc/self/status" },
				      .alarm_blocked = true });

	(void) state;
	assert_contains(a->out, "r=0 exit=0 ");
	assert_int_equal(sscanf(output(a), "SigBlk: %llx SigIgn: %llx", &blocked, &ignored), 2);
	assert_int_equal(blocked, 0);
	assert_int_equal(ignored & ~of_libc, 0);
}

static void how_it_ended(void **state)
{
	const struct answer *a;

	(void) state;
	a = drive(&(struct call) CALL("run", script("s", "echo out; echo err >&2; exit 3")));
	assert_contains(a->out, "r=0 exit=3 signal=0 timed_out=0 truncated=0 len=8 ");
	assert_contains(a->out, "text=exit code 3: out err\n");
	a = drive(&(struct call) CALL("run", script("s", "kill -9 $$")));
	assert_contains(a->out, "r=0 exit=-1 signal=9 timed_out=0 ");
	assert_contains(a->out, "text=ended by signal 9\n");
	a = drive(&(struct call) CALL("run", "TOY_CHILD=/no/such/tool"));
	assert_contains(a->out, "r=-2 exit=-1 ");
	a = drive(&(struct call) CALL("run", "TOY_CHILD=/etc/passwd"));
	assert_contains(a->out, "r=-13 exit=-1 ");
	/* No shell: this is one word among the arguments. */
	a = drive(&(struct call) CALL("run", "TOY_CHILD=/bin/echo $(id) ;id *"));
	assert_string_equal(output(a), "$(id) ;id *\n");
}

static void ended_at_its_deadline(void **state)
{
	static const bool no_leader[] = { false, true };

	(void) state;
	for (size_t i = 0; i < 2; i++) {
		const struct answer *a = drive(
			&(struct call){ .args = "run",
					.env = { "TOY_CHILD=/bin/sleep 60", "TOY_CHILD_MS=200" },
					.no_leader = no_leader[i] });

		assert_contains(a->out, "r=-110 exit=-1 signal=15 timed_out=1 ");
		assert_contains(a->out, "text=no end in time\n");
		if (!drive_under())
			assert_true(a->took_ms < 2000);
		a = drive(&(struct call){
			.args = "run",
			.env = { script("s", "trap '' TERM; echo $$; while :; do sleep 0.1; done"),
				 "TOY_CHILD_MS=200" },
			.no_leader = no_leader[i] });
		assert_contains(a->out, "r=-110 exit=-1 signal=9 timed_out=1 ");
		assert_contains(a->out, "text=no end in time: ");
		if (!drive_under())
			assert_true(a->took_ms < 2000);
		assert_int_equal(kill(atoi(output(a)), 0), -1);
	}
}

/* Pacemaker SIGKILLs the agent's group: the child has to be in it. Others must not be hit. */
static void process_group(void **state)
{
	const char *show = "read -r pid name state parent group rest </proc/self/stat; "
			   "echo $parent $group $$";
	const struct answer *a;
	int parent, group, pid;

	(void) state;
	if (drive_under())
		skip();
	a = drive(&(struct call) CALL("run", script("s", show)));
	assert_int_equal(sscanf(output(a), "%d %d %d", &parent, &group, &pid), 3);
	assert_int_equal(group, parent);
	a = drive(&(struct call){ .args = "run", .env = { script("s", show) }, .no_leader = true });
	assert_int_equal(sscanf(output(a), "%d %d %d", &parent, &group, &pid), 3);
	assert_int_equal(group, pid);
}

/* What it left behind holds the pipe: nobody waits for that. */
static void grandchildren(void **state)
{
	const struct answer *a;

	(void) state;
	a = drive(&(struct call) CALL("run", script("s", "sleep 3 & echo hi")));
	assert_contains(a->out, "r=0 exit=0 ");
	assert_string_equal(output(a), "hi\n");
	assert_true(a->took_ms < 2000);
	a = drive(&(struct call) CALL("run", script("s", "yes & exit 4")));
	assert_contains(a->out, "r=0 exit=4 ");
	assert_true(a->took_ms < 2000);
}

static void output_is_bounded(void **state)
{
	const struct answer *a;

	(void) state;
	/* Four that write faster than one can read: the pipe is never empty. */
	a = drive(&(struct call) CALL("run", script("s", "yes & yes & yes & exec yes"),
				      "TOY_CHILD_MS=300"));
	assert_contains(a->out, "r=-110 exit=-1 signal=15 timed_out=1 truncated=1 len=8191 ");
	if (!drive_under())
		assert_true(a->took_ms < 2000);
	/* More than a pipe holds, and an end: nobody blocks, and the first words are kept. */
	a = drive(&(struct call) CALL("run", script("s", "seq 1 50000; exit 5")));
	assert_contains(a->out, "r=0 exit=5 signal=0 timed_out=0 truncated=1 len=8191 ");
	assert_int_equal(strncmp(output(a), "1\n2\n3\n", 6), 0);
}

/* The action's deadline ends it, too, before the manager does; none is begun after it. */
static void within_the_action(void **state)
{
	char text[160];
	const struct answer *a;

	(void) state;
	a = drive_timely(&(struct call) CALL("run", "TOY_CHILD=/bin/sleep 60",
					     "OCF_RESKEY_CRM_meta_timeout=1500"),
			 1250);
	assert_contains(a->out, "r=-110 exit=-1 signal=15 timed_out=1 ");
	if (!drive_under())
		assert_in_range(a->took_ms, 800, 1250);
	(void) snprintf(text, sizeof(text), "TOY_CHILD=/bin/mkdir %s", drive_path("begun"));
	a = drive(&(struct call) CALL("run", text, "TOY_CHILD_MS=-1"));
	assert_contains(a->out, "r=-110 exit=-1 signal=0 timed_out=1 ");
	assert_int_equal(access(drive_path("begun"), F_OK), -1);
}

/* The guard's end is the child's end as well: it must not go on behind a failure's back. */
static void guard_takes_it_along(void **state)
{
	static const bool no_leader[] = { false, true };

	(void) state;
	for (size_t i = 0; i < 2; i++) {
		char text[160];
		const struct answer *a;
		int pid;

		(void) snprintf(text, sizeof(text), "echo $$ >%s; exec sleep 60",
				drive_path("pid"));
		a = drive(&(struct call){ .args = "run",
					  .env = { script("s", text), "TOY_CHILD_MS=60000",
						   "OCF_RESKEY_CRM_meta_timeout=1000" },
					  .no_leader = no_leader[i] });
		assert_int_equal(a->code, 1);
		assert_contains(reason(a), "run at work");
		pid = atoi(drive_read("pid"));
		assert_true(pid > 1);
		for (int tries = 0; tries < 100 && kill(pid, 0) == 0; tries++) {
			(void) waitpid(pid, NULL, WNOHANG); /* it is ours now */
			(void) usleep(10000);
		}
		assert_int_equal(kill(pid, 0), -1);
	}
}

int main(int argc, char *argv[])
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clean_surroundings),	 cmocka_unit_test(stdout_alone),
		cmocka_unit_test(default_signals),	 cmocka_unit_test(how_it_ended),
		cmocka_unit_test(ended_at_its_deadline), cmocka_unit_test(process_group),
		cmocka_unit_test(grandchildren),	 cmocka_unit_test(output_is_bounded),
		cmocka_unit_test(within_the_action),	 cmocka_unit_test(guard_takes_it_along),
	};

	drive_main(argc, argv);
	return cmocka_run_group_tests(tests, drive_setup, drive_teardown);
}
