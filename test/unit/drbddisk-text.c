/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading a state: drbdsetup's text, and the numbers of both generations. */
#include "drbddisk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

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
	static const char client[] =
		"exists resource name:r0 role:Secondary suspended:no force-io-failures:yes\n"
		"exists device name:r0 volume:0 minor:0 disk:Diskless client:yes quorum:yes\n"
		"exists peer-device name:r0 peer-node-id:1 conn-name:b volume:0 "
		"replication:SyncTarget peer-disk:Diskless peer-client:yes\n"
		"exists -\n";
	struct drbd_view view;

	(void) state;
	assert_true(drbd_events2_parse(old, "r0", &view));
	assert_int_equal(view.version, 1);
	assert_false(view.resync);
	assert_true(view.found);
	assert_int_equal(view.role, DRBD_ROLE_SECONDARY);
	assert_int_equal(view.devices[0].minor, 7);
	assert_int_equal(view.connections[0].state, DRBD_CONNECTION_CONNECTED);
	assert_int_equal(view.connections[0].peer_role, DRBD_ROLE_PRIMARY);
	assert_int_equal(view.peer_disks[0], DRBD_DISK_INCONSISTENT);

	assert_true(drbd_events2_parse(new, "r0", &view));
	assert_int_equal(view.role, DRBD_ROLE_PRIMARY);
	assert_int_equal(view.devices[0].disk, DRBD_DISK_OUTDATED);
	assert_true(view.devices[0].no_quorum);
	assert_false(view.suspended);
	assert_int_equal(view.n_connections, 1);
	assert_int_equal(view.version, 2);

	/* 8.4 lists nothing at all of a connection that is StandAlone: seen on 8.4.11. */
	assert_true(drbd_events2_parse("exists resource name:r0 role:Secondary suspended:no\n"
				       "exists device name:r0 volume:0 minor:7 disk:UpToDate\n"
				       "exists -\n",
				       "r0", &view));
	assert_int_equal(view.version, 1);
	assert_true(drbd_is_alone(&view));
	assert_true(drbd_events2_parse(client, "r0", &view));
	assert_true(view.devices[0].client);
	assert_true(view.fails_io);
	assert_true(view.resync);
	assert_int_equal(view.n_peer_disks, 0);

	assert_true(drbd_events2_parse("exists -\n", "r0", &view));
	assert_false(view.found);
	/* Cut off in the middle is not an answer. */
	assert_false(drbd_events2_parse("exists resource name:r0 role:Secondary\n", "r0", &view));
	assert_false(drbd_events2_parse("", "r0", &view));
}

static void add(const char *name, void *data)
{
	(void) strcat(strcat(data, name), " ");
}

static void events2_names(void **state)
{
	static const char text[] = "exists resource name:r0 role:Secondary\n"
				   "exists device name:r0 volume:0 minor:7\n"
				   "exists resource name:mail-1.x role:Primary\n"
				   "exists -\n";
	char found[64] = "";

	(void) state;
	assert_true(drbd_events2_names(text, add, found));
	assert_string_equal(found, "r0 mail-1.x ");
	assert_true(drbd_events2_names("exists -\n", add, found));
	assert_false(drbd_events2_names("exists resource name:r0 role:Secondary\n", add, found));
}

/* More than there is room for is no answer, rather than half of one. */
static void events2_too_much(void **state)
{
	static char text[DRBD_OBJECTS_MAX * 64 + 8192];
	struct drbd_view view;
	size_t n = 0;

	(void) state;
	n += (size_t) sprintf(text + n, "exists resource name:r0 role:Secondary\n");
	for (int i = 0; i < DRBD_OBJECTS_MAX; i++)
		n += (size_t) sprintf(text + n, "exists device name:r0 volume:%d minor:%d\n", i, i);
	(void) sprintf(text + n, "exists -\n");
	assert_true(drbd_events2_parse(text, "r0", &view));
	assert_int_equal(view.n_devices, DRBD_OBJECTS_MAX);
	(void) sprintf(text + n, "exists device name:r0 volume:64 minor:64\nexists -\n");
	assert_false(drbd_events2_parse(text, "r0", &view));
	(void) sprintf(text, "exists resource name:r0 role:Primary %02000d\nexists -\n", 0);
	assert_false(drbd_events2_parse(text, "r0", &view));
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
	assert_int_equal(drbd_connection_from_number(0, DRBD_ROLE_UNKNOWN),
			 DRBD_CONNECTION_STANDALONE);
	assert_int_equal(drbd_connection_from_number(8, DRBD_ROLE_UNKNOWN),
			 DRBD_CONNECTION_CONNECTING);
	assert_int_equal(drbd_connection_from_number(9, DRBD_ROLE_PRIMARY),
			 DRBD_CONNECTION_CONNECTED);
	assert_int_equal(drbd_connection_from_number(16, DRBD_ROLE_SECONDARY),
			 DRBD_CONNECTION_CONNECTED);
	/* Still shaking hands: this is where a split brain is found. */
	assert_int_equal(drbd_connection_from_number(9, DRBD_ROLE_UNKNOWN),
			 DRBD_CONNECTION_CONNECTING);
	assert_int_equal(drbd_connection_from_name("Connected", DRBD_ROLE_UNKNOWN),
			 DRBD_CONNECTION_CONNECTING);
	assert_int_equal(drbd_role_from_number(1), DRBD_ROLE_PRIMARY);
	assert_int_equal(drbd_role_from_number(9), DRBD_ROLE_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events2),
		cmocka_unit_test(events2_names),
		cmocka_unit_test(events2_too_much),
		cmocka_unit_test(numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
