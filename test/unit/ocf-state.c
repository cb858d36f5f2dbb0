/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running, stopped, unknown: what start, stop, monitor and the rest make of it (C1, C2, C5, C10). */
#include "ocf-drive.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NOBODY(action)                                                                             \
	{                                                                                          \
		.args = (action), .env = { "TOY_ROOT" }, .as_nobody = true                         \
	}
#define SHORT	   "OCF_RESKEY_CRM_meta_timeout=1000"
#define PROMOTABLE "OCF_RESKEY_CRM_meta_promoted_max=1"
#define RECURRING  "OCF_RESKEY_CRM_meta_interval=10000"

/* C1: unknown is never 7, never a successful stop, and nothing is started on top of it. */
static void unknown_is_an_error(void **state)
{
	static const struct row rows[] = {
		{ "probe", CALL("monitor", "TOY_STATE=unknown", SHORT), 1, "state unknown",
		  "look" },
		{ "monitor", CALL("monitor", "TOY_STATE=unknown", SHORT, RECURRING), 1,
		  "state unknown", "look" },
		{ "look's own reason",
		  CALL("monitor", "TOY_STATE=unknown", "TOY_REASON=/proc is gone", SHORT), 1,
		  "/proc is gone", "look" },
		{ "start refuses", CALL("start", "TOY_STATE=unknown", SHORT), 1, "state unknown",
		  "look" },
		{ "reload-agent refuses", CALL("reload-agent", "TOY_STATE=unknown", SHORT), 1,
		  "state unknown", "look" },
		{ "status", CALL("status", "TOY_STATE=unknown", SHORT), 1, "state unknown",
		  "look" },
		{ "stop tries, then fails",
		  CALL("stop", "TOY_STATE=unknown", "TOY_STOP=0 unknown", SHORT), 1,
		  "state unknown", "look stop look" },
		{ "stop makes it known",
		  CALL("stop", "TOY_STATE=unknown", "TOY_STOP=0 stopped", SHORT), 0, NULL,
		  "look stop look" },
		{ "stop leaves it running",
		  CALL("stop", "TOY_STATE=unknown", "TOY_STOP=0 running", SHORT), 1, "still active",
		  "look stop look" },
		{ "started, and then unknown",
		  CALL("start", "TOY_STATE=stopped", "TOY_START=0 unknown", SHORT), 1,
		  "state unknown", "look start look" },
	};

	(void) state;
	ROWS(rows);
}

/* C1: it is read again, for a quarter of the deadline. */
static void unknown_settles(void **state)
{
	static const struct row rows[] = {
		{ "to stopped", CALL("monitor", "TOY_STATE=unknown unknown stopped"), 7, NULL,
		  "look" },
		{ "to running", CALL("monitor", "TOY_STATE=unknown unknown running"), 0, NULL,
		  "look" },
		{ "start goes on",
		  CALL("start", "TOY_STATE=unknown stopped", "TOY_START=0 running"), 0, NULL,
		  "look start look" },
		{ "after start", CALL("start", "TOY_START=0 unknown running"), 0, NULL,
		  "look start look" },
		{ "after stop", CALL("stop", "TOY_STATE=running", "TOY_STOP=0 unknown stopped"), 0,
		  NULL, "look stop look" },
	};
	const struct answer *a;

	(void) state;
	ROWS(rows);

	/* 4000 - 250 ms: a quarter is 937 ms. */
	a = drive_timely(&(struct call) CALL("monitor", "TOY_STATE=unknown",
					     "OCF_RESKEY_CRM_meta_timeout=4000"),
			 1500);
	assert_int_equal(a->code, 1);
	assert_in_range(a->took_ms, 900, 1500);
}

/* C2: the state decides, not what stop itself thinks of its work. */
static void stop_by_state_only(void **state)
{
	static const struct row rows[] = {
		{ "fine", CALL("stop", "TOY_STATE=running", "TOY_STOP=0 stopped"), 0, NULL,
		  "look stop look" },
		{ "stopped already: leftovers are cleaned", CALL("stop", "TOY_STOP=0 stopped"), 0,
		  NULL, "look stop look" },
		{ "fails, but stopped", CALL("stop", "TOY_STATE=running", "TOY_STOP=1 stopped"), 0,
		  NULL, NULL },
		{ "stopped, but that may change yet",
		  CALL("stop", "TOY_STOP=1 stopped", "TOY_UNSETTLED=1", "TOY_REASON=under way"), 1,
		  "under way", "look stop look stop look" },
		{ "tool missing, but stopped", CALL("stop", "TOY_STOP=5 stopped"), 0, NULL, NULL },
		{ "not configured, but stopped", CALL("stop", "TOY_STOP=6 stopped"), 0, NULL,
		  NULL },
		{ "succeeds, but running", CALL("stop", "TOY_STATE=running", "TOY_STOP=0 running"),
		  1, "still active", NULL },
		{ "claims not running, but runs",
		  CALL("stop", "TOY_STATE=running", "TOY_STOP=7 running"), 1, "still active",
		  NULL },
		{ "its reason counts",
		  CALL("stop", "TOY_STATE=running", "TOY_STOP=5 running", "TOY_REASON=no tool"), 1,
		  "no tool", NULL },
		{ "fails and unknown",
		  CALL("stop", "TOY_STATE=running", "TOY_STOP=1 unknown", SHORT,
		       "TOY_REASON=stuck"),
		  1, "stuck", NULL },
	};

	(void) state;
	ROWS(rows);
}

/* One fault that passes must not get the node shot, or the resource restarted. */
static void early_failures_are_tried_again(void **state)
{
	static const struct row rows[] = {
		{ "stop: the second try works",
		  CALL("stop", "TOY_STATE=running running stopped", "TOY_STOP=1"), 0, NULL,
		  "look stop look stop look" },
		{ "stop: it does not", CALL("stop", "TOY_STATE=running", "TOY_STOP=1 running"), 1,
		  "still active", "look stop look stop look" },
		{ "stop: it took its time",
		  CALL("stop", "TOY_STATE=running", "TOY_STOP=1 running", "TOY_SLOW=stop 700",
		       "OCF_RESKEY_CRM_meta_timeout=2000"),
		  1, NULL, "look stop look" },
		{ "monitor: the second try works",
		  CALL("monitor", "TOY_STATE=running", "TOY_MONITOR=1 running",
		       "TOY_MONITOR_AGAIN=0", RECURRING),
		  0, NULL, "look monitor" },
		{ "monitor: stopped by then",
		  CALL("monitor", "TOY_STATE=running", "TOY_MONITOR=1",
		       "TOY_MONITOR_AGAIN=7 stopped", RECURRING),
		  7, NULL, "look monitor look" },
		{ "monitor: once where others' programs decide",
		  CALL("monitor", "TOY_STATE=running", "TOY_MONITOR=1", "TOY_MONITOR_AGAIN=0",
		       "OCF_CHECK_LEVEL=20", RECURRING),
		  1, NULL, "look monitor" },
		{ "a start is not", CALL("start", "TOY_START=1"), 1, NULL, "look start" },
	};

	(void) state;
	ROWS(rows);
}

static void start_by_state_too(void **state)
{
	static const struct row rows[] = {
		{ "fine", CALL("start", "TOY_START=0 running"), 0, NULL, "look start look" },
		{ "running already", CALL("start", "TOY_STATE=running", "TOY_START=0 running"), 0,
		  NULL, "look start look" },
		{ "not there afterwards", CALL("start", "TOY_START=0 stopped"), 1,
		  "shows it stopped", "look start look" },
		{ "fails", CALL("start", "TOY_START=1", "TOY_REASON=no disk"), 1, "no disk",
		  "look start" },
		{ "wrong here", CALL("start", "TOY_START=2"), 2, "please report", "look start" },
		{ "tool missing", CALL("start", "TOY_START=5", "TOY_REASON=no tool"), 5, "no tool",
		  NULL },
		{ "wrong everywhere", CALL("start", "TOY_START=6"), 6, NULL, NULL },
		{ "no start means not running", CALL("start", "TOY_START=7"), 1, NULL, NULL },
		{ "nor promoted", CALL("start", "TOY_START=8"), 1, NULL, NULL },
		{ "nor degraded",
		  CALL("start", "TOY_START=190", RECURRING, "OCF_RESKEY_crm_feature_set=3.16.1"), 1,
		  NULL, NULL },
	};

	(void) state;
	ROWS(rows);
}

/* G1: something else may refuse a start; nothing but the start of something stopped asks it. */
static void guarded_start(void **state)
{
	static const struct row rows[] = {
		{ "allowed", CALL("start", "TOY_PERMIT=0", "TOY_START=0 running"), 0, NULL,
		  "look permit start look" },
		{ "refused", CALL("start", "TOY_PERMIT=1", "TOY_REASON=no quorum"), 1, "no quorum",
		  "look permit" },
		{ "it runs: nothing to refuse",
		  CALL("start", "TOY_PERMIT=1", "TOY_STATE=running", "TOY_START=0 running"), 0,
		  NULL, "look start look" },
		{ "state unknown: not asked",
		  CALL("start", "TOY_PERMIT=1", SHORT, "TOY_STATE=unknown"), 1, "state unknown",
		  "look" },
		{ "bad value: not asked", CALL("start", "TOY_PERMIT=1", "OCF_RESKEY_count=010"), 6,
		  "count", "" },
		{ "stop never asks",
		  CALL("stop", "TOY_PERMIT=1", "TOY_STATE=running", "TOY_STOP=0 stopped"), 0, NULL,
		  "look stop look" },
		{ "nor a probe", CALL("monitor", "TOY_PERMIT=1"), 7, NULL, "look" },
		{ "nor a monitor", CALL("monitor", "TOY_PERMIT=1", RECURRING, "TOY_STATE=running"),
		  0, NULL, "look monitor" },
		{ "nor reload-agent", CALL("reload-agent", "TOY_PERMIT=1", "TOY_STATE=running"), 0,
		  NULL, "look reload-agent" },
		{ "promotable: start takes nothing",
		  CALL("start", "TOY_PERMIT=1", "TOY_START=0 running", PROMOTABLE), 0, NULL,
		  "look start look" },
		{ "promote does",
		  CALL("promote", "TOY_PERMIT=1", "TOY_STATE=running", "TOY_REASON=no quorum",
		       PROMOTABLE),
		  1, "no quorum", "look permit" },
		{ "promoted already",
		  CALL("promote", "TOY_PERMIT=1", "TOY_STATE=promoted", "TOY_PROMOTE=0",
		       PROMOTABLE),
		  0, NULL, "look promote look" },
		{ "a primitive's promote is a start", CALL("promote", "TOY_PERMIT=1"), 1, NULL,
		  "look permit" },
		{ "demote never asks",
		  CALL("demote", "TOY_PERMIT=1", "TOY_STATE=promoted", "TOY_DEMOTE=0 running",
		       PROMOTABLE),
		  0, NULL, "look demote look" },
		{ "validate-all at level 0", CALL("validate-all", "TOY_PERMIT=1"), 0, NULL, "" },
		{ "validate-all of this host",
		  CALL("validate-all", "TOY_PERMIT=1", "OCF_CHECK_LEVEL=10"), 0, NULL,
		  "check_host guard" },
	};

	(void) state;
	ROWS(rows);
}

/* C5: a probe only looks. C1: health does not decide about stopped. */
static void monitor_and_probe(void **state)
{
	static const struct row rows[] = {
		{ "probe stopped", CALL("monitor"), 7, NULL, "look" },
		{ "probe running", CALL("monitor", "TOY_STATE=running", "TOY_MONITOR=1"), 0, NULL,
		  "look" },
		{ "probe: empty interval",
		  CALL("monitor", "TOY_STATE=running", "TOY_MONITOR=1",
		       "OCF_RESKEY_CRM_meta_interval="),
		  0, NULL, "look" },
		{ "probe: interval 0",
		  CALL("monitor", "TOY_STATE=running", "TOY_MONITOR=1",
		       "OCF_RESKEY_CRM_meta_interval=0"),
		  0, NULL, "look" },
		{ "stopped", CALL("monitor", RECURRING), 7, NULL, "look" },
		{ "healthy", CALL("monitor", "TOY_STATE=running", RECURRING), 0, NULL,
		  "look monitor" },
		{ "ill",
		  CALL("monitor", "TOY_STATE=running", RECURRING, "TOY_MONITOR=1",
		       "TOY_REASON=ill"),
		  1, "ill", "look monitor" },
		{ "7 against the kernel's word",
		  CALL("monitor", "TOY_STATE=running", RECURRING, "TOY_MONITOR=7"), 1,
		  "not stopped", "look monitor look" },
		{ "stopped in the meantime",
		  CALL("monitor", "TOY_STATE=running", RECURRING, "TOY_MONITOR=7 stopped"), 7, NULL,
		  "look monitor look" },
		{ "8 without roles",
		  CALL("monitor", "TOY_STATE=running", RECURRING, "TOY_MONITOR=8"), 0, NULL, NULL },
		{ "8 with roles",
		  CALL("monitor", "TOY_STATE=running", RECURRING, "TOY_MONITOR=8",
		       "OCF_RESKEY_CRM_meta_promoted_max=1"),
		  8, NULL, NULL },
		{ "an agent without monitor",
		  CALL("monitor", "TOY_PLAIN=1", "TOY_STATE=running", RECURRING), 0, NULL, "look" },
	};
	/* None of these may come from a monitor: they ban the resource. */
	static const char *const bans[] = { "TOY_MONITOR=2", "TOY_MONITOR=3", "TOY_MONITOR=5",
					    "TOY_MONITOR=6" };

	(void) state;
	ROWS(rows);
	for (size_t i = 0; i < sizeof(bans) / sizeof(bans[0]); i++) {
		struct row row = { bans[i],
				   CALL("monitor", "TOY_STATE=running", RECURRING, bans[i]), 1,
				   NULL, NULL };

		drive_rows(&row, 1);
	}
}

static void reload(void **state)
{
	static const struct row rows[] = {
		{ "running", CALL("reload-agent", "TOY_STATE=running"), 0, NULL,
		  "look reload-agent" },
		{ "stopped", CALL("reload-agent"), 7, NULL, "look" },
		{ "never bans", CALL("reload-agent", "TOY_STATE=running", "TOY_RELOAD=6"), 1, NULL,
		  NULL },
	};

	(void) state;
	ROWS(rows);
}

/* C10 */
static void actions(void **state)
{
	static const struct row rows[] = {
		{ "unknown", CALL("frobnicate"), 3, "frobnicate: no such action", "" },
		{ "none", CALL(""), 3, "usage", "" },
		{ "not of this agent", CALL("reload-agent", "TOY_PLAIN=1"), 3, "no such action",
		  "" },
		{ "command not of this agent", CALL("run", "TOY_PLAIN=1"), 3, "no such action",
		  "" },
		{ "roles of an agent without", CALL("promote", "TOY_PLAIN=1"), 3, "no such action",
		  "" },
		{ "notifications, too", CALL("notify", "TOY_PLAIN=1"), 3, "no such action", "" },
		{ "extra arguments", CALL("monitor what else"), 7, NULL, "look" },
		{ "no parameters from arguments", CALL("monitor name=x y", "OCF_RESKEY_name"), 7,
		  NULL, "" },
		{ "status takes them", CALL("status name=x", "OCF_RESKEY_name"), 7, NULL, "look" },
	};
	const struct answer *a;

	(void) state;
	ROWS(rows);
	a = drive(&(struct call) CALL("status name=two count=7", "TOY_STATE=running"));
	assert_int_equal(a->code, 0);
	assert_contains(a->out, "toy two: running\n");
	assert_contains(a->out, "count=7 ");
}

static void metadata_needs_nothing(void **state)
{
	const struct answer *a = drive(&(struct call) CALL(
		"meta-data", "TOY_ROOT", "OCF_RESKEY_name", "OCF_RESOURCE_INSTANCE"));

	(void) state;
	assert_int_equal(a->code, 0);
	assert_string_equal(a->out, "<resource-agent name=\"toy\"/>\n");
	assert_string_equal(a->err, "");
}

/* Without the seam: who may do what. Nothing gets as far as a callback that changes anything. */
static void root_only(void **state)
{
	static const struct row rows[] = {
		{ "start", NOBODY("start"), 4, "needs root", NULL },
		{ "stop", NOBODY("stop"), 4, "needs root", NULL },
		{ "monitor", NOBODY("monitor"), 4, "needs root", NULL },
		{ "meta-data", NOBODY("meta-data"), 0, NULL, NULL },
		{ "validate-all", NOBODY("validate-all"), 0, NULL, NULL },
		{ "status", NOBODY("status"), 7, NULL, NULL },
	};

	(void) state;
	if (geteuid() != 0)
		skip();
	ROWS(rows);
}

int main(int argc, char *argv[])
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_is_an_error),
		cmocka_unit_test(unknown_settles),
		cmocka_unit_test(stop_by_state_only),
		cmocka_unit_test(early_failures_are_tried_again),
		cmocka_unit_test(start_by_state_too),
		cmocka_unit_test(guarded_start),
		cmocka_unit_test(monitor_and_probe),
		cmocka_unit_test(reload),
		cmocka_unit_test(actions),
		cmocka_unit_test(metadata_needs_nothing),
		cmocka_unit_test(root_only),
	};

	drive_main(argc, argv);
	return cmocka_run_group_tests(tests, drive_setup, drive_teardown);
}
