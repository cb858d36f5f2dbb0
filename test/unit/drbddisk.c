/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a DRBD state means: the refusals, the troubles, and both ways of reading a state. */
#include "drbddisk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct row {
	const char *name;
	enum drbd_disk disk;
	int connection; /* -1: none listed */
	enum drbd_role peer;
	bool no_quorum;
	bool wait;
	const char *what; /* part of the refusal */
};

static struct drbd_view view_of(const struct row *row)
{
	struct drbd_view view = {
		.found = true,
		.hides_standalone = true, /* 8.4: no connection means StandAlone */
		.role = DRBD_ROLE_SECONDARY,
		.n_devices = 1,
		.devices[0] = { .disk = row->disk, .no_quorum = row->no_quorum },
		.n_peer_disks = 1,
		.peer_disks[0] = DRBD_DISK_UPTODATE,
	};

	if (row->connection >= 0) {
		view.n_connections = 1;
		view.connections[0].state = (enum drbd_connection_state) row->connection;
		view.connections[0].peer_role = row->peer;
	}
	return view;
}

#define CONNECTED  DRBD_CONNECTION_CONNECTED
#define CONNECTING DRBD_CONNECTION_CONNECTING
#define STANDALONE DRBD_CONNECTION_STANDALONE
#define PRIMARY	   DRBD_ROLE_PRIMARY
#define SECONDARY  DRBD_ROLE_SECONDARY

static void refusals(void **state)
{
	static const struct row rows[] = {
		{ "peer Primary", DRBD_DISK_UPTODATE, CONNECTED, PRIMARY, false, true, "Primary" },
		{ "dead Primary", DRBD_DISK_UPTODATE, CONNECTING, PRIMARY, false, true, "refused" },
		{ "no quorum", DRBD_DISK_UPTODATE, CONNECTED, SECONDARY, true, false, "quorum" },
		{ "diskless", DRBD_DISK_DISKLESS, CONNECTED, SECONDARY, false, false,
		  "no usable disk" },
		{ "failed", DRBD_DISK_FAILED, CONNECTED, SECONDARY, false, false,
		  "no usable disk" },
		{ "attaching", DRBD_DISK_ATTACHING, CONNECTED, SECONDARY, false, true, "attached" },
		{ "negotiating", DRBD_DISK_NEGOTIATING, CONNECTED, SECONDARY, false, true,
		  "attached" },
		{ "inconsistent", DRBD_DISK_INCONSISTENT, CONNECTED, SECONDARY, false, false,
		  "Inconsistent" },
		{ "outdated", DRBD_DISK_OUTDATED, CONNECTING, SECONDARY, false, false, "Outdated" },
		{ "consistent", DRBD_DISK_CONSISTENT, CONNECTING, SECONDARY, false, true,
		  "newer data" },
		{ "consistent, alone", DRBD_DISK_CONSISTENT, STANDALONE, SECONDARY, false, false,
		  "newer data" },
		{ "alone", DRBD_DISK_UPTODATE, STANDALONE, SECONDARY, false, false, "StandAlone" },
		{ "alone on 8.4", DRBD_DISK_UPTODATE, -1, SECONDARY, false, false, "StandAlone" },
		{ "unknown disk", DRBD_DISK_UNKNOWN, CONNECTING, SECONDARY, false, true,
		  "newer data" },
		{ "detaching", DRBD_DISK_DETACHING, CONNECTED, SECONDARY, false, true, "attached" },
		/* The peer comes first: nothing local matters as long as it is Primary. */
		{ "peer Primary, stale here", DRBD_DISK_INCONSISTENT, CONNECTED, PRIMARY, false,
		  true, "Primary" },
	};

	(void) state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct drbd_view view = view_of(&rows[i]);
		struct drbd_refusal refusal = drbd_refusal_of(&view, 0);

		if (refusal.wait != rows[i].wait || !strstr(refusal.what, rows[i].what) ||
		    !refusal.remedy[0])
			fail_msg("%s: wait %d, \"%s\"", rows[i].name, refusal.wait, refusal.what);
	}
}

/* What the state does not show, the kernel's code does. */
static void refusals_by_code(void **state)
{
	struct drbd_view view =
		view_of(&(struct row){ .disk = DRBD_DISK_CONSISTENT, .connection = CONNECTING });

	(void) state;
	assert_non_null(strstr(drbd_refusal_of(&view, -7).what, "fence-peer handler"));
	assert_false(drbd_refusal_of(&view, -7).wait);
	view.devices[0].disk = DRBD_DISK_UPTODATE;
	assert_non_null(strstr(drbd_refusal_of(&view, -7).what, "fence-peer handler"));
	view.devices[0].disk = DRBD_DISK_DISKLESS;
	view.devices[0].client = true;
	assert_non_null(strstr(drbd_refusal_of(&view, -2).what, "on purpose"));
	assert_false(drbd_refusal_of(&view, -2).wait);
}

static void refusal_of_what_is_not_up(void **state)
{
	struct drbd_view view = { 0 };

	(void) state;
	assert_false(drbd_refusal_of(&view, 0).wait);
	assert_non_null(strstr(drbd_refusal_of(&view, 0).what, "not up"));
	view.found = true;
	assert_non_null(strstr(drbd_refusal_of(&view, 0).what, "no volume"));
}

static void the_worst_volume_decides(void **state)
{
	const struct row good = { .disk = DRBD_DISK_UPTODATE, .connection = CONNECTED };
	struct drbd_view view = view_of(&good);

	(void) state;
	assert_null(drbd_trouble_of(&view));
	view.devices[1].disk = DRBD_DISK_INCONSISTENT;
	view.n_devices = 2;
	assert_non_null(strstr(drbd_refusal_of(&view, 0).what, "Inconsistent"));
	assert_non_null(strstr(drbd_trouble_of(&view), "not UpToDate"));
}

static void troubles(void **state)
{
	const struct row good = { .disk = DRBD_DISK_UPTODATE, .connection = CONNECTED };
	struct drbd_view view = view_of(&good);

	(void) state;
	view.peer_disks[0] = DRBD_DISK_INCONSISTENT;
	assert_non_null(strstr(drbd_trouble_of(&view), "peer's data"));
	view = view_of(&good);
	view.suspended = true;
	assert_non_null(strstr(drbd_trouble_of(&view), "suspended"));
	view = view_of(&good);
	view.fails_io = true;
	assert_non_null(strstr(drbd_trouble_of(&view), "fails all I/O"));
	view = view_of(&good);
	view.devices[0].no_quorum = true;
	assert_non_null(strstr(drbd_trouble_of(&view), "quorum"));
	view = view_of(&good);
	view.peer_disks[0] = DRBD_DISK_INCONSISTENT;
	view.resync = true;
	assert_non_null(strstr(drbd_trouble_of(&view), "resync to the peer"));
	view.devices[0].disk = DRBD_DISK_INCONSISTENT;
	assert_non_null(strstr(drbd_trouble_of(&view), "resync is under way"));
	view = view_of(&good);
	view.connections[0].state = CONNECTING;
	assert_non_null(strstr(drbd_trouble_of(&view), "not connected"));
	view.connections[0].state = STANDALONE;
	assert_non_null(strstr(drbd_trouble_of(&view), "StandAlone"));
	view.n_connections = 0;
	assert_non_null(strstr(drbd_trouble_of(&view), "StandAlone"));
	/* DRBD 9 without a peer in its configuration. */
	view.hides_standalone = false;
	assert_null(drbd_trouble_of(&view));
}

/* The four values of promotion_scores, and when there is none (facts of ocf:linbit:drbd's table). */
static void fitness(void **state)
{
	static const struct {
		const char *name;
		enum drbd_disk disk;
		int connection;
		enum drbd_disk peer_disk;
		enum drbd_role role;
		enum drbd_fitness fitness;
	} rows[] = {
		{ "all good", DRBD_DISK_UPTODATE, CONNECTED, DRBD_DISK_UPTODATE, SECONDARY,
		  DRBD_FITNESS_FULL },
		{ "peer syncs", DRBD_DISK_UPTODATE, CONNECTED, DRBD_DISK_INCONSISTENT, SECONDARY,
		  DRBD_FITNESS_FULL },
		{ "peer fenced", DRBD_DISK_UPTODATE, CONNECTING, DRBD_DISK_OUTDATED, SECONDARY,
		  DRBD_FITNESS_FULL },
		{ "peer gone", DRBD_DISK_UPTODATE, CONNECTING, DRBD_DISK_UNKNOWN, SECONDARY,
		  DRBD_FITNESS_GOOD },
		{ "alone", DRBD_DISK_UPTODATE, -1, DRBD_DISK_UNKNOWN, SECONDARY,
		  DRBD_FITNESS_NONE },
		{ "split brain", DRBD_DISK_UPTODATE, STANDALONE, DRBD_DISK_UNKNOWN, SECONDARY,
		  DRBD_FITNESS_NONE },
		{ "split brain, peer outdated", DRBD_DISK_UPTODATE, STANDALONE, DRBD_DISK_OUTDATED,
		  SECONDARY, DRBD_FITNESS_NONE },
		{ "split brain, Primary", DRBD_DISK_UPTODATE, STANDALONE, DRBD_DISK_UNKNOWN,
		  PRIMARY, DRBD_FITNESS_FULL },
		{ "peer gone, Primary", DRBD_DISK_UPTODATE, CONNECTING, DRBD_DISK_UNKNOWN, PRIMARY,
		  DRBD_FITNESS_FULL },
		{ "consistent", DRBD_DISK_CONSISTENT, CONNECTING, DRBD_DISK_UNKNOWN, SECONDARY,
		  DRBD_FITNESS_CONSISTENT },
		{ "syncs from the peer", DRBD_DISK_INCONSISTENT, CONNECTED, DRBD_DISK_UPTODATE,
		  SECONDARY, DRBD_FITNESS_PEER },
		{ "detached", DRBD_DISK_DISKLESS, CONNECTED, DRBD_DISK_UPTODATE, SECONDARY,
		  DRBD_FITNESS_PEER },
		{ "half a copy, alone", DRBD_DISK_INCONSISTENT, CONNECTING, DRBD_DISK_UNKNOWN,
		  SECONDARY, DRBD_FITNESS_NONE },
		{ "an old report of the peer", DRBD_DISK_INCONSISTENT, CONNECTING,
		  DRBD_DISK_UPTODATE, SECONDARY, DRBD_FITNESS_NONE },
		{ "outdated", DRBD_DISK_OUTDATED, CONNECTING, DRBD_DISK_UNKNOWN, SECONDARY,
		  DRBD_FITNESS_NONE },
		{ "two halves", DRBD_DISK_INCONSISTENT, CONNECTED, DRBD_DISK_INCONSISTENT,
		  SECONDARY, DRBD_FITNESS_NONE },
		{ "attaching", DRBD_DISK_ATTACHING, CONNECTED, DRBD_DISK_UPTODATE, SECONDARY,
		  DRBD_FITNESS_CHANGING },
		{ "negotiating", DRBD_DISK_NEGOTIATING, CONNECTED, DRBD_DISK_UPTODATE, SECONDARY,
		  DRBD_FITNESS_CHANGING },
	};
	struct drbd_view view = { 0 };

	(void) state;
	assert_int_equal(drbd_fitness_of(&view), DRBD_FITNESS_NONE);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		view = view_of(
			&(struct row){ .disk = rows[i].disk, .connection = rows[i].connection });
		view.role = rows[i].role;
		view.peer_disks[0] = rows[i].peer_disk;
		if (drbd_fitness_of(&view) != rows[i].fitness)
			fail_msg("%s: %d", rows[i].name, (int) drbd_fitness_of(&view));
	}
	/* DRBD 9 without a peer in its configuration. */
	view = view_of(&(struct row){ .disk = DRBD_DISK_UPTODATE, .connection = -1 });
	view.hides_standalone = false;
	view.n_peer_disks = 0;
	assert_int_equal(drbd_fitness_of(&view), DRBD_FITNESS_GOOD);
	view = view_of(&(struct row){ .disk = DRBD_DISK_UPTODATE, .no_quorum = true });
	assert_int_equal(drbd_fitness_of(&view), DRBD_FITNESS_NONE);
	view = view_of(&(struct row){ .disk = DRBD_DISK_DISKLESS });
	view.devices[0].client = true;
	assert_int_equal(drbd_fitness_of(&view), DRBD_FITNESS_NONE);
}

static void scores(void **state)
{
	static const char *const bad[] = { "",
					   "1 2 3",
					   "1 2 3 4 5",
					   "4 3 2 1",
					   "0 10 1000 x",
					   "-1 10 20 30",
					   "0 10 20 1000001",
					   "0 10 20 3.5" };
	int64_t four[DRBD_SCORES];

	(void) state;
	assert_true(drbd_scores_parse("0 10 1000 10000", four));
	assert_int_equal(four[0], 0);
	assert_int_equal(four[3], 10000);
	assert_true(drbd_scores_parse("  5 5  5 1000000 ", four));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		if (drbd_scores_parse(bad[i], four))
			fail_msg("\"%s\" passes", bad[i]);
	}
}

/* Taken from drbdsetup 9.22 on 8.4.11, and in the fuller form of DRBD 9. */
static void events2(void **state)
{
	static const char old[] =
		"exists resource name:r0 role:Secondary suspended:no\n"
		"exists connection name:r0 peer-node-id:0 conn-name:peer connection:Connected role:Primary\n"
		"exists device name:r0 volume:0 minor:7 disk:UpToDate\n"
		"exists peer-device name:r0 peer-node-id:0 conn-name:peer volume:0 "
		"replication:Established peer-disk:Inconsistent resync-suspended:no\n"
		"exists -\n";
	static const char new[] =
		"exists resource name:r0 role:Primary suspended:no force-io-failures:no "
		"may_promote:no promotion_score:10101\n"
		"exists connection name:r0 peer-node-id:1 conn-name:b connection:StandAlone role:Unknown\n"
		"exists device name:r0 volume:0 minor:0 backing_dev:/dev/vg/r0 disk:Outdated "
		"client:no open:no quorum:no\n"
		"exists path name:r0 peer-node-id:1 conn-name:b established:no\n"
		"exists resource name:other role:Secondary suspended:user\n"
		"exists -\n";
	struct drbd_view view;

	(void) state;
	assert_true(drbd_events2_parse(old, "r0", &view));
	assert_true(view.found);
	assert_int_equal(view.role, DRBD_ROLE_SECONDARY);
	assert_int_equal(view.devices[0].minor, 7);
	assert_int_equal(view.connections[0].state, CONNECTED);
	assert_int_equal(view.connections[0].peer_role, DRBD_ROLE_PRIMARY);
	assert_int_equal(view.peer_disks[0], DRBD_DISK_INCONSISTENT);

	assert_true(drbd_events2_parse(new, "r0", &view));
	assert_int_equal(view.role, DRBD_ROLE_PRIMARY);
	assert_int_equal(view.devices[0].disk, DRBD_DISK_OUTDATED);
	assert_true(view.devices[0].no_quorum);
	assert_false(view.suspended);
	assert_int_equal(view.n_connections, 1);

	assert_true(drbd_events2_parse("exists -\n", "r0", &view));
	assert_false(view.found);
	/* Cut off in the middle is not an answer. */
	assert_false(drbd_events2_parse("exists resource name:r0 role:Secondary\n", "r0", &view));
	assert_false(drbd_events2_parse("", "r0", &view));
}

/* Each generation's own numbers (linux/drbd.h of 6.1; drbd-headers 9). */
static void numbers(void **state)
{
	(void) state;
	assert_int_equal(drbd_disk_from_number(1, 8), DRBD_DISK_UPTODATE);
	assert_int_equal(drbd_disk_from_number(1, 4), DRBD_DISK_INCONSISTENT);
	assert_int_equal(drbd_disk_from_number(1, 2), DRBD_DISK_FAILED);
	assert_int_equal(drbd_disk_from_number(1, 0), DRBD_DISK_DISKLESS);
	assert_int_equal(drbd_disk_from_number(2, 9), DRBD_DISK_UPTODATE);
	assert_int_equal(drbd_disk_from_number(2, 8), DRBD_DISK_CONSISTENT);
	assert_int_equal(drbd_disk_from_number(2, 2), DRBD_DISK_DETACHING);
	assert_int_equal(drbd_disk_from_number(2, 77), DRBD_DISK_UNKNOWN);
	assert_int_equal(drbd_connection_from_number(0), STANDALONE);
	assert_int_equal(drbd_connection_from_number(8), CONNECTING);
	assert_int_equal(drbd_connection_from_number(9), CONNECTED);
	assert_int_equal(drbd_connection_from_number(16), CONNECTED);
	assert_int_equal(drbd_role_from_number(1), DRBD_ROLE_PRIMARY);
	assert_int_equal(drbd_role_from_number(9), DRBD_ROLE_UNKNOWN);
}

static void names(void **state)
{
	static const struct ocf_param param = { .name = "drbd_resource" };
	static const char *const bad[] = { "all", "-f", "a b", "a/b", "a;b", "../x" };

	(void) state;
	assert_null(drbddisk_check_value(&param, "r0"));
	assert_null(drbddisk_check_value(&param, "mail-data_1.x"));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_non_null(drbddisk_check_value(&param, bad[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refusals),
		cmocka_unit_test(refusals_by_code),
		cmocka_unit_test(refusal_of_what_is_not_up),
		cmocka_unit_test(the_worst_volume_decides),
		cmocka_unit_test(troubles),
		cmocka_unit_test(fitness),
		cmocka_unit_test(scores),
		cmocka_unit_test(events2),
		cmocka_unit_test(numbers),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
