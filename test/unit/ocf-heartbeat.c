/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An entry of a haresources line (C11): what Heartbeat's ResourceManager would read and decide. */
#include "ocf-drive.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SHORT "OCF_RESKEY_CRM_meta_timeout=1000"

#define SHELLFUNCS "etc/ha.d/shellfuncs"

static char entry[128]; /* .../ha.d/resource.d/toy */
static const char *program;

static int setup(void **state)
{
	if (drive_setup(state) < 0)
		return -1;
	(void) snprintf(entry, sizeof(entry), "%s", drive_path("etc/ha.d/resource.d/toy"));
	return mkdir(drive_path("etc"), 0755) || mkdir(drive_path("etc/ha.d"), 0755) ||
	       mkdir(drive_path("etc/ha.d/resource.d"), 0755) || symlink(program, entry);
}

/* ResourceManager's own rule, on stdout only. */
static bool owned(const char *out)
{
	return fnmatch("*[Nn][Oo][Tt] *[Rr]unning*", out, 0) != 0 &&
	       (fnmatch("*[Rr]unning*", out, 0) == 0 || fnmatch("*OK*", out, 0) == 0);
}

/* As Heartbeat calls: no OCF_RESKEY_*, no instance; the identity by position. */
#define ENTRY(text, ...)                                                                           \
	{                                                                                          \
		.args = (text), .argv0 = entry,                                                    \
		.env = { "OCF_RESKEY_name",                                                        \
			 "OCF_RESOURCE_INSTANCE",                                                  \
			 "OCF_ROOT=/usr/lib/ocf",                                                  \
			 __VA_ARGS__ }                                                             \
	}

static void status_texts(void **state)
{
	const struct {
		struct call call;
		const char *out;
		bool owned;
	} cases[] = {
		{ ENTRY("one status", "TOY_STATE=running"), "running\n", true },
		{ ENTRY("one status", "TOY_STATE=stopped"), "stopped\n", false },
		{ ENTRY("one status", "TOY_STATE=unknown running"), "running\n", true },
		{ ENTRY("one status", "TOY_STATE=unknown", "TOY_REASON=no /proc", SHORT),
		  "running (state unknown: no /proc)\n", true },
		/* The trap that drbddisk fell into: "not" before "running" means its opposite. */
		{ ENTRY("one status", "TOY_STATE=unknown", SHORT,
			"TOY_REASON=cannot tell whether it is running"),
		  "running (state unknown: see the system log)\n", true },
		{ ENTRY("one status", "TOY_STATE=unknown", SHORT, "TOY_REASON=a\nb"),
		  "running (state unknown: a b)\n", true },
		{ ENTRY("one status", "TOY_HANG=look", SHORT),
		  "running (state unknown: no answer in time)\n", true },
		/* Health is for Pacemaker: what runs is owned. */
		{ ENTRY("one status", "TOY_STATE=running", "TOY_MONITOR=1"), "running\n", true },
		{ ENTRY("forbidden status", "TOY_STATE=running"), "stopped\n", false },
	};

	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct answer *a = drive(&cases[i].call);

		assert_string_equal(a->out, cases[i].out);
		assert_int_equal(owned(a->out), cases[i].owned);
	}
}

static void start_and_stop(void **state)
{
	const struct row rows[] = {
		{ "start", ENTRY("one start", "TOY_START=0 running"), 0, NULL, "look start look" },
		{ "start fails", ENTRY("one start", "TOY_START=1"), 1, NULL, "look start" },
		{ "stop", ENTRY("one stop", "TOY_STATE=running", "TOY_STOP=0 stopped"), 0, NULL,
		  "look stop look" },
		{ "stop of what is stopped", ENTRY("one stop"), 0, NULL, "look stop look" },
		{ "stop fails", ENTRY("one stop", "TOY_STATE=running", "TOY_STOP=0 running"), 1,
		  "still active", NULL },
		{ "unknown is a failed stop",
		  ENTRY("one stop", "TOY_STATE=unknown", "TOY_STOP=0 unknown", SHORT), 1,
		  "state unknown", NULL },
		{ "bad argument", ENTRY("one 010 start"), 6, "count must be", "" },
		{ "bad argument and stop", ENTRY("one 010 stop"), 0, NULL, "look stop look" },
		{ "too many arguments", ENTRY("a 1 2 0 fast 02:00:00:00:00:01 e /p /q more stop"),
		  0, NULL, "look stop look" },
		{ "no action", ENTRY(""), 3, "usage", "" },
		{ "OCF's action names are not for here", ENTRY("one monitor"), 3, "usage", "" },
		{ "nor meta-data", ENTRY("meta-data"), 3, "usage", "" },
	};

	(void) state;
	ROWS(rows);
}

/* What the entry wrote to Heartbeat's log. */
static bool warned(const char *args)
{
	char variable[160];
	struct call call = ENTRY(args, "TOY_START=0 running", variable);

	(void) snprintf(variable, sizeof(variable), "HA_LOGFILE=%s", drive_path("ha-log"));
	(void) unlink(drive_path("ha-log"));
	(void) drive(&call);
	return strstr(drive_read("ha-log"), "loses a takeover") != NULL;
}

/* The function as Heartbeat 3.0.6 has it, and with the manual's remedy. */
static void lost_messages_are_told(void **state)
{
	(void) state;
	drive_write(
		SHELLFUNCS,
		"ha_clustermsg() {\n  (echo \">>>\"; cat -; echo \"<<<\")\t| cat - >> $HA_FIFO\n}\n");
	assert_true(warned("one start"));
	assert_false(warned("one stop"));
	drive_write(SHELLFUNCS, "ha_clustermsg() {\n  msg=$(cat)\n}\n");
	assert_false(warned("one start"));
	assert_int_equal(unlink(drive_path("etc/ha.d/shellfuncs")), 0);
	assert_false(warned("one start"));
}

/* In the metadata's order; the environment's OCF_RESKEY_* do not count. */
static void arguments_by_position(void **state)
{
	const struct row rows[] = {
		{ "the second is count", ENTRY("one 101 start", "TOY_START=0 running"), 6,
		  "count must be from -10 to 100", "" },
		{ "the fourth is flag", ENTRY("one 1 2 maybe start"), 6, "flag must be", "" },
		{ "environment ignored",
		  ENTRY("one start", "TOY_START=0 running", "OCF_RESKEY_count=101"), 0, NULL,
		  "look start look" },
	};

	(void) state;
	ROWS(rows);
}

/* The place of the entry decides, nothing else. */
static void personality_by_place(void **state)
{
	const struct row rows[] = {
		{ "OCF with OCF_ROOT", CALL("monitor", "OCF_ROOT=/usr/lib/ocf"), 7, NULL, "look" },
		{ "OCF without", CALL("monitor", "OCF_ROOT"), 7, NULL, "look" },
		{ "entry without OCF_ROOT",
		  { .args = "one status", .argv0 = entry, .env = { "OCF_ROOT" } },
		  3,
		  NULL,
		  "look" },
		{ "entry with OCF's environment",
		  { .args = "one start",
		    .argv0 = entry,
		    .env = { "TOY_START=0 running", "OCF_RESKEY_name=two words" } },
		  0,
		  NULL,
		  "look start look" },
	};
	char other[128];
	const struct answer *a;

	(void) state;
	a = drive(&rows[2].call); /* LSB's 3: stopped, and no OCF reason is due */
	assert_int_equal(a->code, 3);
	assert_string_equal(a->out, "stopped\n");
	drive_rows(rows, 2);
	drive_rows(&rows[3], 1);

	(void) snprintf(other, sizeof(other), "%s", drive_path("etc/ha.d/toy"));
	assert_int_equal(symlink(program, other), 0);
	a = drive(&(struct call){ .args = "monitor", .argv0 = other });
	assert_int_equal(a->code, 7);
	assert_string_equal(a->out, "");
}

/* Bare NAME: all resources the agent knows of. */
static void bare_call(void **state)
{
	const struct row rows[] = {
		{ "start", ENTRY("start", "TOY_ALL=a b c", "TOY_STATE=running"), 0, NULL,
		  "look start look start look start look" },
		{ "start: the first failure is told, the rest is tried",
		  ENTRY("start", "TOY_ALL=a forbidden c", "TOY_STATE=running"), 6,
		  "name must not be forbidden", "look start look start look" },
		{ "stop: the list is not to be had", ENTRY("stop"), 1, "cannot list the toys", "" },
		{ "start: the list is not to be had", ENTRY("start"), 1, "cannot list the toys",
		  "" },
		{ "stop: nothing is there", ENTRY("stop", "TOY_ALL=none"), 0, NULL, "" },
		{ "stop: an agent without such a list", ENTRY("stop", "TOY_PLAIN=1"), 0, NULL, "" },
		{ "start: an agent without such a list", ENTRY("start", "TOY_PLAIN=1"), 6,
		  "is required", "" },
	};
	const struct {
		struct call call;
		const char *out;
	} texts[] = {
		{ ENTRY("status", "TOY_ALL=a b", "TOY_STATE=running"), "running\n" },
		{ ENTRY("status", "TOY_ALL=a b", "TOY_STATE=stopped"), "stopped\n" },
		{ ENTRY("status", "TOY_ALL=a b", "TOY_STATE=stopped running"),
		  "running (1 of 2)\n" },
		{ ENTRY("status"), "running (state unknown: cannot list the toys)\n" },
		{ ENTRY("status", "TOY_ALL=none"), "stopped\n" },
		{ ENTRY("status", "TOY_ALL=a b", "TOY_STATE=stopped unknown", "TOY_REASON=why",
			SHORT),
		  "running (state unknown: why)\n" },
	};

	(void) state;
	ROWS(rows);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const struct answer *a = drive(&texts[i].call);

		assert_string_equal(a->out, texts[i].out);
	}
}

int main(int argc, char *argv[])
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(status_texts),		  cmocka_unit_test(start_and_stop),
		cmocka_unit_test(lost_messages_are_told), cmocka_unit_test(arguments_by_position),
		cmocka_unit_test(personality_by_place),	  cmocka_unit_test(bare_call),
	};

	drive_main(argc, argv);
	program = argv[1];
	return cmocka_run_group_tests(tests, setup, drive_teardown);
}
