/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Promotable clones: what each action may answer (C1, C7, C9, C10), and the score (C14). */
#include "ocf-drive.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define PROMOTABLE "OCF_RESKEY_CRM_meta_promoted_max=1"
#define SHORT	   "OCF_RESKEY_CRM_meta_timeout=1000"
#define RECURRING  "OCF_RESKEY_CRM_meta_interval=10000"
#define PACEMAKER  "OCF_RESKEY_crm_feature_set=3.16.1"

static void monitor_tells_the_role(void **state)
{
	static const struct row rows[] = {
		{ "probe", CALL("monitor", "TOY_STATE=promoted", PROMOTABLE), 8, NULL, "look" },
		{ "probe, unpromoted", CALL("monitor", "TOY_STATE=running", PROMOTABLE), 0, NULL,
		  "look" },
		{ "probe, an older name for it",
		  CALL("monitor", "TOY_STATE=promoted", "OCF_RESKEY_CRM_meta_master_max=1"), 8,
		  NULL, "look" },
		{ "probe, stopped", CALL("monitor", PROMOTABLE), 7, NULL, "look" },
		{ "recurring", CALL("monitor", "TOY_STATE=promoted", PROMOTABLE, RECURRING), 8,
		  NULL, "look monitor" },
		{ "never in a primitive", CALL("monitor", "TOY_STATE=promoted", RECURRING), 0, NULL,
		  "look monitor" },
		{ "nor by its probe", CALL("monitor", "TOY_STATE=promoted"), 0, NULL, "look" },
		{ "ill",
		  CALL("monitor", "TOY_STATE=promoted", PROMOTABLE, RECURRING, "TOY_MONITOR=1",
		       "TOY_REASON=ill"),
		  1, "ill", "look monitor" },
		{ "the first of two troubles",
		  CALL("monitor", "TOY_STATE=promoted", PROMOTABLE, RECURRING, PACEMAKER,
		       "TOY_MONITOR=degraded"),
		  8, NULL, "look monitor" },
		{ "the second",
		  CALL("monitor", "TOY_STATE=promoted", PROMOTABLE, RECURRING, PACEMAKER,
		       "TOY_MONITOR=degraded"),
		  191, "not as it should be", "look monitor" },
		{ "unpromoted",
		  CALL("monitor", "TOY_STATE=running", PROMOTABLE, RECURRING, PACEMAKER,
		       "TOY_MONITOR=degraded"),
		  190, "not as it should be", "look monitor" },
		{ "for a manager that does not know 191",
		  CALL("monitor", "TOY_STATE=promoted", PROMOTABLE, RECURRING,
		       "TOY_MONITOR=degraded"),
		  8, NULL, "look monitor" },
	};

	(void) state;
	ROWS(rows);
}

static void promote_by_state(void **state)
{
	static const struct row rows[] = {
		{ "fine",
		  CALL("promote", "TOY_STATE=running", "TOY_PROMOTE=0 promoted", PROMOTABLE), 0,
		  NULL, "look promote look" },
		{ "again", CALL("promote", "TOY_STATE=promoted", "TOY_PROMOTE=0", PROMOTABLE), 0,
		  NULL, "look promote look" },
		{ "only says so", CALL("promote", "TOY_STATE=running", "TOY_PROMOTE=0", PROMOTABLE),
		  1, "shows it unpromoted", "look promote look" },
		{ "refused",
		  CALL("promote", "TOY_STATE=running", "TOY_PROMOTE=1", "TOY_REASON=no data",
		       PROMOTABLE),
		  1, "no data", "look promote" },
		{ "stopped", CALL("promote", PROMOTABLE), 7, NULL, "look" },
		{ "unknown", CALL("promote", "TOY_STATE=unknown", SHORT, PROMOTABLE), 1,
		  "state unknown", "look" },
		{ "stopped on the way",
		  CALL("promote", "TOY_STATE=running", "TOY_PROMOTE=0 stopped", PROMOTABLE), 7,
		  NULL, "look promote look" },
		{ "a primitive starts", CALL("promote", "TOY_START=0 running"), 0, NULL,
		  "look start look" },
	};
	static const char *const codes[] = { "TOY_PROMOTE=2",	"TOY_PROMOTE=3",  "TOY_PROMOTE=5",
					     "TOY_PROMOTE=6",	"TOY_PROMOTE=8",  "TOY_PROMOTE=9",
					     "TOY_PROMOTE=190", "TOY_PROMOTE=191" };

	(void) state;
	ROWS(rows);
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		struct row row = { codes[i],
				   CALL("promote", "TOY_STATE=running", PROMOTABLE, codes[i],
					PACEMAKER, RECURRING),
				   1, NULL, NULL };

		drive_rows(&row, 1);
	}
}

static void demote_by_state(void **state)
{
	static const struct row rows[] = {
		{ "fine", CALL("demote", "TOY_STATE=promoted", "TOY_DEMOTE=0 running", PROMOTABLE),
		  0, NULL, "look demote look" },
		{ "again", CALL("demote", "TOY_STATE=running", PROMOTABLE), 0, NULL,
		  "look demote look" },
		{ "says no, but it is",
		  CALL("demote", "TOY_STATE=promoted", "TOY_DEMOTE=5 running", PROMOTABLE), 0, NULL,
		  NULL },
		{ "only says so", CALL("demote", "TOY_STATE=promoted", PROMOTABLE), 1,
		  "shows it promoted still", NULL },
		{ "held",
		  CALL("demote", "TOY_STATE=promoted", "TOY_DEMOTE=1", "TOY_REASON=held by 42",
		       PROMOTABLE),
		  1, "held by 42", NULL },
		{ "never bans",
		  CALL("demote", "TOY_STATE=promoted", "TOY_DEMOTE=6", "TOY_REASON=bad",
		       PROMOTABLE),
		  1, "bad", NULL },
		{ "unknown, made known",
		  CALL("demote", "TOY_STATE=unknown", "TOY_DEMOTE=0 running", SHORT, PROMOTABLE), 0,
		  NULL, "look demote look" },
		{ "unknown for good", CALL("demote", "TOY_STATE=unknown", SHORT, PROMOTABLE), 1,
		  "state unknown", "look demote look" },
		{ "unpromoted, but that may change yet",
		  CALL("demote", "TOY_STATE=running", "TOY_DEMOTE=1", "TOY_UNSETTLED=1",
		       "TOY_REASON=under way", PROMOTABLE),
		  1, "under way", "look demote look" },
		{ "stopped", CALL("demote", PROMOTABLE), 7, NULL, "look demote look" },
		{ "no identity", CALL("demote", "OCF_RESKEY_name", PROMOTABLE), 0, NULL, "" },
		{ "bad value",
		  CALL("demote", "OCF_RESKEY_count=x", "TOY_STATE=running", PROMOTABLE), 0, NULL,
		  NULL },
		{ "a primitive stops", CALL("demote", "TOY_STATE=running", "TOY_STOP=0 stopped"), 0,
		  NULL, "look stop look" },
	};

	(void) state;
	ROWS(rows);
}

static void notify_is_always_heard(void **state)
{
	static const struct row rows[] = {
		{ "fine", CALL("notify", PROMOTABLE), 0, NULL, "notify" },
		{ "with something to tell", CALL("notify", "TOY_NOTIFY=odd", PROMOTABLE), 0, NULL,
		  "notify" },
		{ "no identity", CALL("notify", "OCF_RESKEY_name"), 0, NULL, "" },
		{ "bad identity", CALL("notify", "OCF_RESKEY_name=a b"), 0, NULL, "" },
	};
	const struct call hanging = CALL("notify", "TOY_HANG=notify", SHORT);
	const struct answer *a;

	(void) state;
	ROWS(rows);
	a = drive(&hanging);
	assert_int_equal(a->code, 0);
	assert_contains(a->err, "notify gave up");
}

/* What the tool was called with, one call a line; then forgotten. */
static const char *told(void)
{
	static char text[4096];

	(void) snprintf(text, sizeof(text), "%s", drive_read("told"));
	drive_remove("told");
	return text;
}

/* A tool that answers what is in ROOT/answer ("hang": not at all) and writes down how it was asked. */
static int with_tool(void **state)
{
	char text[320];

	if (drive_setup(state) < 0 || mkdir(drive_path("usr"), 0755) < 0 ||
	    mkdir(drive_path("usr/sbin"), 0755) < 0)
		return -1;
	(void) snprintf(text, sizeof(text),
			"#!/bin/sh\ncd %s\necho \"$*\" >>told\n"
			"[ ! -e hang ] || exec sleep 100\n[ ! -e broken ] || exit 1\n",
			drive_root());
	drive_write("usr/sbin/attrd_updater", text);
	return chmod(drive_path("usr/sbin/attrd_updater"), 0755);
}

static const struct answer *score(const char *action, const char *setting, const char *who)
{
	struct call call = CALL(action, setting, PROMOTABLE, RECURRING, "TOY_STATE=running",
				"TOY_DEMOTE=0", "OCF_RESOURCE_INSTANCE=disk", who);

	return drive(&call);
}

static void score_is_told_on_change(void **state)
{
	(void) state;
	assert_int_equal(score("monitor", "TOY_SCORE=1000", PACEMAKER)->code, 0);
	assert_string_equal(told(), "-n master-disk -U 1000\n");
	assert_int_equal(score("monitor", "TOY_SCORE=1000", PACEMAKER)->code, 0);
	assert_string_equal(told(), "");
	(void) score("notify", "TOY_SCORE=10000", PACEMAKER);
	assert_string_equal(told(), "-n master-disk -U 10000\n");
	(void) score("monitor", "TOY_SCORE=-", PACEMAKER);
	assert_string_equal(told(), "-n master-disk -D\n");
	(void) score("monitor", "TOY_SCORE=-", PACEMAKER);
	assert_string_equal(told(), "");
	/* The ends of its life take nothing as known. */
	(void) score("start", "TOY_SCORE=-", PACEMAKER);
	assert_string_equal(told(), "-n master-disk -D\n");
}

static void score_needs_somebody_to_tell(void **state)
{
	const struct call probe =
		CALL("monitor", "TOY_SCORE=7", PROMOTABLE, PACEMAKER, "TOY_STATE=running");
	const struct call primitive =
		CALL("monitor", "TOY_SCORE=7", RECURRING, PACEMAKER, "TOY_STATE=running");

	(void) state;
	(void) drive(&probe);
	(void) drive(&primitive);
	(void) score("monitor", "TOY_SCORE=7", "OCF_RESKEY_crm_feature_set");
	assert_string_equal(told(), "");
}

/* It never decides about the action, and what was not told is told next time. */
static void score_cannot_be_told(void **state)
{
	const struct call hanging =
		CALL("monitor", "TOY_SCORE=55", PROMOTABLE, RECURRING, PACEMAKER,
		     "TOY_STATE=running", "OCF_RESKEY_CRM_meta_timeout=3000");
	const struct answer *a;

	(void) state;
	drive_write("broken", "");
	assert_int_equal(score("monitor", "TOY_SCORE=44", PACEMAKER)->code, 0);
	drive_remove("broken");
	(void) told();
	assert_int_equal(score("monitor", "TOY_SCORE=44", PACEMAKER)->code, 0);
	assert_string_equal(told(), "-n master-disk -U 44\n");

	drive_write("hang", "");
	a = drive(&hanging);
	assert_int_equal(a->code, 0);
	assert_in_range(a->took_ms, 300, 2700);
	drive_remove("hang");
	(void) told();
}

int main(int argc, char *argv[])
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(monitor_tells_the_role),
		cmocka_unit_test(promote_by_state),
		cmocka_unit_test(demote_by_state),
		cmocka_unit_test(notify_is_always_heard),
		cmocka_unit_test(score_is_told_on_change),
		cmocka_unit_test(score_needs_somebody_to_tell),
		cmocka_unit_test(score_cannot_be_told),
	};

	drive_main(argc, argv);
	return cmocka_run_group_tests(tests, with_tool, drive_teardown);
}
