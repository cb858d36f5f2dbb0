/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a DRBD state means: the refusals, the troubles, the fitness. */
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
		.version = 1, /* 8.4: no connection means StandAlone */
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
		struct drbd_refusal refusal = drbd_refusal_of(&view, NULL);

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
	const struct drbd_said not_outdated = { .code = -7 }, no_disk = { .code = -2 },
			       pending = { .pending = true };

	(void) state;
	assert_non_null(strstr(drbd_refusal_of(&view, &not_outdated).what, "fence-peer handler"));
	assert_false(drbd_refusal_of(&view, &not_outdated).wait);
	view.devices[0].disk = DRBD_DISK_UPTODATE;
	assert_non_null(strstr(drbd_refusal_of(&view, &not_outdated).what, "fence-peer handler"));
	/* No answer yet: where the state explains it, that is the cause; else it is said to be open. */
	assert_non_null(strstr(drbd_refusal_of(&view, &pending).what, "not been decided"));
	assert_false(drbd_refusal_of(&view, &pending).wait);
	view.connections[0].state = CONNECTED;
	view.connections[0].peer_role = PRIMARY;
	assert_non_null(strstr(drbd_refusal_of(&view, &pending).what, "connected and Primary"));
	view.connections[0].peer_role = SECONDARY;
	view.devices[0].disk = DRBD_DISK_DISKLESS;
	view.devices[0].client = true;
	assert_non_null(strstr(drbd_refusal_of(&view, &no_disk).what, "on purpose"));
	assert_false(drbd_refusal_of(&view, &no_disk).wait);
}

static void refusal_of_what_is_not_up(void **state)
{
	struct drbd_view view = { 0 };

	(void) state;
	assert_false(drbd_refusal_of(&view, NULL).wait);
	assert_non_null(strstr(drbd_refusal_of(&view, NULL).what, "not up"));
	view.found = true;
	assert_non_null(strstr(drbd_refusal_of(&view, NULL).what, "no volume"));
}

static void the_worst_volume_decides(void **state)
{
	const struct row good = { .disk = DRBD_DISK_UPTODATE, .connection = CONNECTED };
	struct drbd_view view = view_of(&good);

	(void) state;
	assert_null(drbd_trouble_of(&view));
	view.devices[1].disk = DRBD_DISK_INCONSISTENT;
	view.n_devices = 2;
	assert_non_null(strstr(drbd_refusal_of(&view, NULL).what, "Inconsistent"));
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
	view.version = 2;
	assert_null(drbd_trouble_of(&view));
}

/* DRBD 9 has more than one peer: alone is who has none of them left. */
static void several_peers(void **state)
{
	static const struct {
		enum drbd_connection_state one, other;
		bool alone;
	} rows[] = {
		{ CONNECTED, STANDALONE, false },  { STANDALONE, CONNECTED, false },
		{ STANDALONE, STANDALONE, true },  { CONNECTING, STANDALONE, false },
		{ CONNECTING, CONNECTING, false }, { CONNECTED, CONNECTING, false },
	};

	(void) state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct drbd_view view = view_of(&(struct row){ .disk = DRBD_DISK_UPTODATE,
							       .connection = (int) rows[i].one });

		view.version = 2;
		view.n_connections = 2;
		view.connections[1].state = rows[i].other;
		if (drbd_is_alone(&view) != rows[i].alone ||
		    (drbd_fitness_of(&view) == DRBD_FITNESS_NONE) != rows[i].alone)
			fail_msg("row %zu: alone %d", i, drbd_is_alone(&view));
		if (!rows[i].alone && (rows[i].one == STANDALONE || rows[i].other == STANDALONE))
			assert_non_null(strstr(drbd_trouble_of(&view), "one of its peers"));
	}
}

/* What is remembered from the time before it was demoted, or taken down and up again. */
static void standings(void **state)
{
	static const struct {
		const char *name;
		int connection;
		enum drbd_role role;
		enum drbd_standing standing;
		bool aside;
	} rows[] = {
		{ "never alone", CONNECTING, SECONDARY, DRBD_STANDING_NONE, false },
		{ "alone", STANDALONE, SECONDARY, DRBD_STANDING_NONE, true },
		{ "alone, hidden", -1, SECONDARY, DRBD_STANDING_NONE, true },
		{ "alone and Primary", STANDALONE, PRIMARY, DRBD_STANDING_NONE, false },
		{ "taken down and up", CONNECTING, SECONDARY, DRBD_STANDING_ASIDE, true },
		{ "connected since", CONNECTED, SECONDARY, DRBD_STANDING_ASIDE, false },
		{ "made Primary by hand", CONNECTING, PRIMARY, DRBD_STANDING_ASIDE, false },
		{ "the one in use, demoted", -1, SECONDARY, DRBD_STANDING_WRITER, false },
		{ "the one in use, restarted", CONNECTING, SECONDARY, DRBD_STANDING_WRITER, false },
	};

	(void) state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct drbd_view view = view_of(&(struct row){ .disk = DRBD_DISK_UPTODATE,
							       .connection = rows[i].connection });

		view.role = rows[i].role;
		view.standing = rows[i].standing;
		if (drbd_is_aside(&view) != rows[i].aside ||
		    (drbd_fitness_of(&view) == DRBD_FITNESS_NONE) != rows[i].aside)
			fail_msg("%s: aside %d", rows[i].name, drbd_is_aside(&view));
		if (rows[i].aside) {
			assert_non_null(strstr(drbd_refusal_of(&view, NULL).what, "StandAlone"));
			/* No promotion is tried with such a score: the monitor must tell. */
			assert_non_null(strstr(drbd_trouble_of(&view), "StandAlone"));
		}
	}
}

/* Pacemaker 2.1.5 keeps 127 bytes of a reason: the remedy must be among them. */
static void refusals_fit(void **state)
{
	static const enum drbd_standing standing[] = { DRBD_STANDING_NONE, DRBD_STANDING_ASIDE };

	(void) state;
	for (size_t i = 0; i < ARRAY_SIZE(standing); i++) {
		struct drbd_view view = view_of(&(struct row){
			.disk = DRBD_DISK_UPTODATE, .connection = i == 0 ? -1 : CONNECTING });
		struct drbd_refusal refusal;
		char text[256];

		view.standing = standing[i];
		refusal = drbd_refusal_of(&view, NULL);
		assert_in_range(snprintf(text, sizeof(text), "r0: cannot become Primary: %s; %s",
					 refusal.what, refusal.remedy),
				60, 127);
	}
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
	view.version = 2;
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
		cmocka_unit_test(several_peers),
		cmocka_unit_test(standings),
		cmocka_unit_test(refusals_fit),
		cmocka_unit_test(fitness),
		cmocka_unit_test(scores),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
