/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One deadline per action: read right, kept always, and never at the price of the verdict (C3). */
#include "ocf-drive.h"

#include <glob.h>
#include <stdio.h>
#include <string.h>

#define TIMEOUT(ms) "OCF_RESKEY_CRM_meta_timeout=" #ms

/* As status shows it; its own default, where the metadata advises none, is 20 s. */
static void timeout_is_read(void **state)
{
	static const struct {
		const char *given, *shown;
	} cases[] = {
		{ TIMEOUT(100000), "timeout=100000 deadline=98000" }, /* 2 s at most */
		{ TIMEOUT(20000), "timeout=20000 deadline=19000" },   /* 5 % */
		{ TIMEOUT(2000), "timeout=2000 deadline=1750" },      /* 250 ms at least */
		{ TIMEOUT(400), "timeout=400 deadline=200" },	      /* but never more than half */
		{ TIMEOUT(1), "timeout=1 deadline=1" },
		{ TIMEOUT(0), "timeout=20000 deadline=19000" },
		{ TIMEOUT(-5), "timeout=20000 deadline=19000" },
		{ TIMEOUT(), "timeout=20000 deadline=19000" },
		{ TIMEOUT(20s), "timeout=20000 deadline=19000" },
		{ TIMEOUT(junk), "timeout=20000 deadline=19000" },
		{ TIMEOUT(9223372036854775807), "timeout=604800000 deadline=604798000" },
		{ TIMEOUT(99999999999999999999), "timeout=20000 deadline=19000" },
		{ "OCF_RESKEY_CRM_meta_timeout", "timeout=20000 deadline=19000" },
	};

	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct answer *a = drive(&(struct call) CALL("status", cases[i].given));

		if (strcmp(cases[i].given, TIMEOUT(1)) == 0 && a->code == 1)
			continue; /* then the guard was quicker, which is right, too */
		if (!strstr(a->out, cases[i].shown))
			fail_msg("%s: exit %d, %s%s", cases[i].given, a->code, a->out, a->err);
	}
}

/* Every answer comes before the manager's SIGKILL, with a reason, wherever it hangs. */
static void guard_speaks_in_time(void **state)
{
	static const struct {
		struct call call;
		const char *where;
		int64_t earliest, latest;
	} cases[] = {
		{ CALL("monitor", "TOY_HANG=look", TIMEOUT(1000)), "look at work", 750, 1000 },
		{ CALL("start", "TOY_HANG=start", TIMEOUT(1000)), "start at work", 750, 1000 },
		{ CALL("stop", "TOY_HANG=stop", TIMEOUT(1000)), "stop at work", 750, 1000 },
		/* toy's metadata advises 1500 ms for stop */
		{ CALL("stop", "TOY_HANG=stop"), "stop at work", 1250, 1500 },
		{ { .args = "monitor",
		    .env = { "TOY_HANG=look", TIMEOUT(1000) },
		    .alarm_blocked = true },
		  "look at work",
		  750,
		  1000 },
		{ CALL("stop", "TOY_SLOW=stop 5000", TIMEOUT(600)), "stop at work", 350, 600 },
	};

	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct answer *a = drive_timely(&cases[i].call, cases[i].latest);

		assert_int_equal(a->code, 1);
		assert_contains(reason(a), "did not return within");
		assert_contains(reason(a), cases[i].where);
		if (!drive_under())
			assert_in_range(a->took_ms, cases[i].earliest, cases[i].latest);
	}
}

/* An action that knows its verdict already cannot be held up or changed by the telling of it. */
static void verdict_survives_a_hang(void **state)
{
	const struct answer *a;

	(void) state;
	/* Nobody reads what it prints. */
	a = drive(&(struct call){ .args = "status",
				  .env = { "TOY_STATE=running", "TOY_FLOOD=100000", TIMEOUT(1000) },
				  .stdout_full = true });
	assert_int_equal(a->code, 1);
	a = drive(&(struct call){
		.args = "status", .env = { "TOY_STATE=running" }, .stdout_full = true });
	assert_int_equal(a->code, 0);
	assert_true(a->took_ms < 3000);
	a = drive(&(struct call){
		.args = "stop", .env = { "TOY_STOP=0 stopped" }, .stderr_full = true });
	assert_int_equal(a->code, 0);
	a = drive(&(struct call){ .args = "start", .env = { "TOY_START=6" }, .stderr_full = true });
	assert_int_equal(a->code, 6);
	assert_true(a->took_ms < 3000);
	a = drive(&(struct call){
		.args = "validate-all", .env = { "TOY_CONF=1" }, .stderr_gone = true });
	assert_int_equal(a->code, 6);
}

/* Closed at birth: what we open next (the trace) must not become stderr. */
static void closed_descriptors(void **state)
{
	const struct answer *a;
	glob_t found;
	const char *text;

	(void) state;
	a = drive(&(struct call){ .args = "start",
				  .env = { "TOY_START=1", "TOY_REASON=why", "OCF_RESKEY_trace_ra=1",
					   "OCF_RESKEY_trace_dir=/tr" },
				  .stderr_closed = true });
	assert_int_equal(a->code, 1);
	assert_int_equal(glob(drive_path("tr/toy/*"), 0, NULL, &found), 0);
	text = drive_read(found.gl_pathv[0] + strlen(drive_root()) + 1);
	assert_contains(text, "exit: 1");
	assert_lacks(text, "ocf-exit-reason:");
	globfree(&found);
}

int main(int argc, char *argv[])
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(timeout_is_read),
		cmocka_unit_test(guard_speaks_in_time),
		cmocka_unit_test(verdict_survives_a_hang),
		cmocka_unit_test(closed_descriptors),
	};

	drive_main(argc, argv);
	return cmocka_run_group_tests(tests, drive_setup, drive_teardown);
}
