/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exit reasons (C6) and what is running but needs a human (C7). */
#include "ocf-drive.h"

#include <stdio.h>
#include <string.h>

#define RECURRING "OCF_RESKEY_CRM_meta_interval=10000"
#define TROUBLE	  "TOY_STATE=running", "TOY_MONITOR=degraded"
#define NEW	  "OCF_RESKEY_crm_feature_set=3.16.1"

static void one_line_last(void **state)
{
	static char text[3000] = "TOY_REASON=";
	const struct answer *a;

	(void) state;
	a = drive(
		&(struct call) CALL("start", "TOY_START=1", "TOY_REASON=a\nb\r\n\tc\033[2J\x7f\n"));
	assert_string_equal(a->err, "ocf-exit-reason:a b   c [2J \n");

	a = drive(&(struct call) CALL("start", "TOY_START=1",
				      "TOY_REASON=a\nocf-exit-reason:forged"));
	assert_string_equal(a->err, "ocf-exit-reason:a ocf-exit-reason:forged\n");

	memset(text + strlen(text), 'x', sizeof(text) - 1 - strlen(text));
	a = drive(&(struct call) CALL("start", "TOY_START=1", text));
	assert_int_equal(strlen(a->err), strlen("ocf-exit-reason:") + 1023 + 1);
	assert_int_equal(a->err[strlen(a->err) - 1], '\n');

	a = drive(&(struct call) CALL("start", "TOY_START=1", "TOY_REASON=100%s%n"));
	assert_string_equal(a->err, "ocf-exit-reason:100%s%n\n");
}

/*
 * A container gives its processes any name it likes, and reasons name processes. Pacemaker puts a
 * reason into the CIB, and XML with bytes that are no characters can be read by nobody again.
 */
static void only_characters(void **state)
{
	static const struct {
		const char *given, *said;
	} cases[] = {
		{ "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80",
		  "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80" },
		{ "\xff\xfe\x80", "???" },
		{ "\xc0\xaf \xe0\x80\xaf", "?? ???" }, /* longer than needed: a hidden slash */
		{ "\xed\xa0\x80 \xf4\x90\x80\x80", "??? ????" }, /* a surrogate, beyond Unicode */
		{ "\xef\xbf\xbe", "???" },			 /* U+FFFE: not in XML */
		{ "\xc2\x9b"
		  "2J",
		  "??2J" },	      /* a terminal's control character */
		{ "\xe2\x82", "??" }, /* ends in the middle */
		{ "\xe2\x82x", "??x" },
		{ "\xfa\x80\x80\x80", "????" }, /* no lead byte, though it looks like one */
	};
	char reason[200], said[200], longest[1200];
	const struct answer *a;

	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void) snprintf(reason, sizeof(reason), "TOY_REASON=%s", cases[i].given);
		(void) snprintf(said, sizeof(said), "ocf-exit-reason:%s\n", cases[i].said);
		a = drive(&(struct call) CALL("start", "TOY_START=1", reason));
		assert_string_equal(a->err, said);
	}
	/* Cut off in the middle of a character: 1023 is not a multiple of two. */
	(void) snprintf(longest, sizeof(longest), "TOY_REASON=");
	while (strlen(longest) < 1150)
		(void) strcat(longest, "\xc3\xa9");
	a = drive(&(struct call) CALL("start", "TOY_START=1", longest));
	assert_int_equal(strlen(a->err), strlen("ocf-exit-reason:") + 1023 + 1);
	assert_string_equal(a->err + strlen(a->err) - 4, "\xc3\xa9?\n");
}

static void prefix(void **state)
{
	const struct answer *a;

	(void) state;
	a = drive(&(struct call) CALL("start", "TOY_START=1", "TOY_REASON=why",
				      "OCF_EXIT_REASON_PREFIX=because: "));
	assert_string_equal(a->err, "because: why\n");
	a = drive(&(struct call) CALL("start", "TOY_START=1", "TOY_REASON=why",
				      "OCF_EXIT_REASON_PREFIX="));
	assert_string_equal(a->err, "ocf-exit-reason:why\n");
	a = drive(&(struct call) CALL(
		"monitor", "TOY_HANG=look",
		"OCF_EXIT_REASON_PREFIX=because: ", "OCF_RESKEY_CRM_meta_timeout=600"));
	assert_int_equal(a->code, 1);
	assert_int_equal(strncmp(a->err, "because: t1: monitor gave up", 28), 0);
}

static void silent_when_well(void **state)
{
	static const struct call calls[] = {
		CALL("start", "TOY_START=0 running"),
		CALL("stop", "TOY_STOP=1 stopped", "TOY_REASON=why"),
		CALL("monitor"),
		CALL("monitor", "TOY_STATE=unknown running", "TOY_REASON=why"),
		CALL("validate-all"),
		CALL("monitor", "TOY_STATE=running", "TOY_MONITOR=8", RECURRING,
		     "OCF_RESKEY_CRM_meta_master_max=1"),
	};

	(void) state;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		const struct answer *a = drive(&calls[i]);

		assert_string_equal(a->err, "");
		assert_string_equal(a->out, "");
	}
}

static void the_first_reason_wins(void **state)
{
	static const struct row rows[] = {
		{ "stop's own, not that it is still active",
		  CALL("stop", "TOY_STATE=running", "TOY_STOP=1 running", "TOY_REASON=busy"), 1,
		  "busy", NULL },
		{ "none given", CALL("start", "TOY_START=1"), 1, "toy start ended with code 1",
		  NULL },
	};

	(void) state;
	ROWS(rows);
}

static void forget(void)
{
	drive_remove("run/vzha/degraded/toy:0:one");
	drive_remove("run/vzha/degraded/toy:10:one");
}

/* 190 only where it is understood, and only from a recurring monitor. */
static void degraded_where_understood(void **state)
{
	static const struct {
		const char *feature_set;
		int code;
	} cases[] = {
		{ "OCF_RESKEY_crm_feature_set=3.16.1", 190 },
		{ "OCF_RESKEY_crm_feature_set=3.6.0", 190 },
		{ "OCF_RESKEY_crm_feature_set=3.6", 190 },
		{ "OCF_RESKEY_crm_feature_set=3.7-rc1", 190 },
		{ "OCF_RESKEY_crm_feature_set=10.0", 190 },
		{ "OCF_RESKEY_crm_feature_set=3.5.9", 0 },
		{ "OCF_RESKEY_crm_feature_set=3", 0 },
		{ "OCF_RESKEY_crm_feature_set=2.16.1", 0 },
		{ "OCF_RESKEY_crm_feature_set=", 0 },
		{ "OCF_RESKEY_crm_feature_set=new", 0 },
		{ "OCF_RESKEY_crm_feature_set=-1", 0 },
		{ "OCF_RESKEY_crm_feature_set", 0 },
	};
	char logfile[128];

	(void) state;
	(void) snprintf(logfile, sizeof(logfile), "HA_LOGFILE=%s", drive_path("degraded.log"));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct call call =
			CALL("monitor", cases[i].feature_set, TROUBLE, RECURRING, logfile);
		const struct answer *a;

		forget();
		a = drive(&call);
		assert_int_equal(a->code, 0);
		drive_remove("degraded.log");
		a = drive(&call);
		if (a->code != cases[i].code)
			fail_msg("%s: %d", cases[i].feature_set, a->code);
		assert_contains(drive_read("degraded.log"), "WARNING");
		assert_contains(drive_read("degraded.log"), "not as it should be");
		assert_string_equal(reason(a), a->code ? "not as it should be" : "");
	}
}

static void degraded_twice_in_a_row(void **state)
{
	static const struct row rows[] = {
		{ "first seen", CALL("monitor", NEW, TROUBLE, RECURRING), 0, NULL, NULL },
		{ "again", CALL("monitor", NEW, TROUBLE, RECURRING), 190, "not as", NULL },
		{ "and again", CALL("monitor", NEW, TROUBLE, RECURRING), 190, "not as", NULL },
		{ "a probe does not say so", CALL("monitor", NEW, TROUBLE), 0, NULL, "look" },
		{ "nor a shallower monitor what a deeper one saw",
		  CALL("monitor", NEW, "TOY_STATE=running", RECURRING, "OCF_CHECK_LEVEL=10"), 0,
		  NULL, NULL },
		{ "still there", CALL("monitor", NEW, TROUBLE, RECURRING), 190, NULL, NULL },
		{ "recovered", CALL("monitor", NEW, "TOY_STATE=running", RECURRING), 0, NULL,
		  NULL },
		{ "new trouble", CALL("monitor", NEW, TROUBLE, RECURRING), 0, NULL, NULL },
		{ "again", CALL("monitor", NEW, TROUBLE, RECURRING), 190, NULL, NULL },
		{ "stopped in between", CALL("monitor", NEW, RECURRING), 7, NULL, NULL },
		{ "starts anew", CALL("monitor", NEW, TROUBLE, RECURRING), 0, NULL, NULL },
		{ "started again, no monitor in between",
		  CALL("start", NEW, "TOY_STATE=stopped", "TOY_START=0 running"), 0, NULL, NULL },
		{ "of another life", CALL("monitor", NEW, TROUBLE, RECURRING), 0, NULL, NULL },
		{ "another resource",
		  CALL("monitor", NEW, TROUBLE, RECURRING, "OCF_RESKEY_name=/two"), 0, NULL, NULL },
		{ "not from others",
		  CALL("monitor", NEW, "TOY_STATE=running", "TOY_MONITOR=191", RECURRING), 190,
		  NULL, NULL },
		{ "190 not understood",
		  CALL("monitor", "TOY_STATE=running", "TOY_MONITOR=190", RECURRING), 0, NULL,
		  NULL },
		{ "191 with roles",
		  CALL("monitor", NEW, "TOY_STATE=running", "TOY_MONITOR=191", RECURRING,
		       "OCF_RESKEY_CRM_meta_promoted_max=1"),
		  191, NULL, NULL },
		{ "191 not understood",
		  CALL("monitor", "TOY_STATE=running", "TOY_MONITOR=191", RECURRING,
		       "OCF_RESKEY_CRM_meta_promoted_max=1"),
		  8, NULL, NULL },
	};

	(void) state;
	forget();
	ROWS(rows);
}

/* A probe leaves nothing behind (C5). */
static void probes_write_nothing(void **state)
{
	const struct answer *a;

	(void) state;
	forget();
	for (int i = 0; i < 3; i++) {
		a = drive(&(struct call) CALL("monitor", NEW, TROUBLE));
		assert_int_equal(a->code, 0);
	}
	/* Nor does start, which has nobody to tell it to. */
	a = drive(&(struct call) CALL("start", NEW, "TOY_START=degraded running"));
	assert_int_equal(a->code, 0);
	a = drive(&(struct call) CALL("monitor", NEW, TROUBLE, RECURRING));
	assert_int_equal(a->code, 0);
}

int main(int argc, char *argv[])
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_line_last),
		cmocka_unit_test(only_characters),
		cmocka_unit_test(prefix),
		cmocka_unit_test(silent_when_well),
		cmocka_unit_test(the_first_reason_wins),
		cmocka_unit_test(degraded_where_understood),
		cmocka_unit_test(degraded_twice_in_a_row),
		cmocka_unit_test(probes_write_nothing),
	};

	drive_main(argc, argv);
	return cmocka_run_group_tests(tests, drive_setup, drive_teardown);
}
