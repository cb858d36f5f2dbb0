/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel answers, byte by byte: messages as DRBD 8.4 (family version 1) and DRBD 9 (2)
 * build them, put together here because no kernel at hand has the second. The numbers are those of
 * linux/drbd_genl.h and linux/drbd.h, written out, so that a slip in genl-wire.h shows.
 */
#include "genl-wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

#define MANDATORY (1 << 14) /* DRBD sets it on some of its attributes */

/* A message with its context; the caller adds the info. */
static struct nl_msg *message(int version, uint32_t minor, const char *resource, int volume)
{
	struct nl_msg *msg = nlmsg_alloc();
	uint32_t *header = genlmsg_put(msg, 1, 1, 25, 8, 0, 1, (uint8_t) version);
	struct nlattr *nest;

	assert_non_null(header);
	header[0] = minor;
	header[1] = 101;
	nest = nla_nest_start(msg, 2);
	if (volume >= 0)
		assert_int_equal(nla_put_u32(msg, 1 | MANDATORY, (uint32_t) volume), 0);
	if (version >= 2)
		assert_int_equal(nla_put_u32(msg, 6 | MANDATORY, 1), 0); /* ctx_peer_node_id */
	if (resource)
		assert_int_equal(nla_put_string(msg, 2 | MANDATORY, resource), 0);
	(void) nla_nest_end(msg, nest);
	return msg;
}

struct field {
	int type;
	int size; /* 1 or 4 */
	uint32_t value;
};

static void put_info(struct nl_msg *msg, int part, const struct field *fields, size_t n)
{
	struct nlattr *nest = nla_nest_start(msg, part);

	for (size_t i = 0; i < n; i++)
		assert_int_equal(
			fields[i].size == 1
				? nla_put_u8(msg, fields[i].type, (uint8_t) fields[i].value)
				: nla_put_u32(msg, fields[i].type, fields[i].value),
			0);
	(void) nla_nest_end_keep_empty(msg, nest);
}

static struct drbd_view view;

static struct drbd_reading reading_of(int version)
{
	memset(&view, 0, sizeof(view));
	return (struct drbd_reading){ .version = version, .resource = "r0", .view = &view };
}

static void read_fields(struct drbd_reading *reading, enum drbd_genl_cmd cmd, int part,
			uint32_t minor, int volume, const struct field *fields, size_t n)
{
	struct nl_msg *msg = message(reading->version, minor, "r0", volume);

	put_info(msg, part, fields, n);
	drbd_read_message(reading, cmd, nlmsg_hdr(msg));
	nlmsg_free(msg);
}

#define FIELDS(...) ((const struct field[]){ __VA_ARGS__ })
#define READ(reading, cmd, part, minor, volume, ...)                                               \
	read_fields(reading, cmd, part, minor, volume, FIELDS(__VA_ARGS__),                        \
		    sizeof(FIELDS(__VA_ARGS__)) / sizeof(struct field))

static void version_1(void **state)
{
	struct drbd_reading reading = reading_of(1);

	(void) state;
	READ(&reading, CMD_GET_RESOURCES, 15, ~0U, -1, { 1, 4, 1 }, { 2, 1, 0 }, { 3, 1, 0 },
	     { 4, 1, 1 });
	READ(&reading, CMD_GET_DEVICES, 16, 7, 0, { 1, 4, 8 });
	READ(&reading, CMD_GET_CONNECTIONS, 17, ~0U, -1, { 1, 4, 9 }, { 2, 4, 2 });
	READ(&reading, CMD_GET_PEER_DEVICES, 18, 7, 0, { 1, 4, 16 }, { 2, 4, 4 });
	assert_false(reading.broken);
	assert_true(view.found);
	assert_int_equal(view.role, DRBD_ROLE_PRIMARY);
	assert_true(view.suspended); /* fencing */
	assert_int_equal(view.n_devices, 1);
	assert_int_equal(view.devices[0].minor, 7);
	assert_int_equal(view.devices[0].disk, DRBD_DISK_UPTODATE);
	assert_false(view.devices[0].no_quorum);
	assert_int_equal(view.connections[0].state, DRBD_CONNECTION_CONNECTED);
	assert_int_equal(view.connections[0].peer_role, DRBD_ROLE_SECONDARY);
	assert_int_equal(view.peer_disks[0], DRBD_DISK_INCONSISTENT);
	assert_true(view.resync);
}

/* Asked for a resource by name that it does not know, the kernel answers with a code and nothing else. */
static void unknown_resource(void **state)
{
	struct drbd_reading reading = reading_of(1);
	struct nl_msg *msg = nlmsg_alloc();
	uint32_t *header = genlmsg_put(msg, 1, 1, 25, 8, 0, 32, 1);

	(void) state;
	assert_non_null(header);
	header[0] = ~0U;
	header[1] = 158;
	drbd_read_message(&reading, CMD_GET_CONNECTIONS, nlmsg_hdr(msg));
	assert_true(reading.unknown);
	assert_false(reading.broken);
	assert_int_equal(view.n_devices, 0);
	nlmsg_free(msg);
}

/* What 8.4 never sends: quorum, clients, forced demotion, several peers, attributes yet unknown. */
static void version_2(void **state)
{
	struct drbd_reading reading = reading_of(2);

	(void) state;
	READ(&reading, CMD_GET_RESOURCES, 15, ~0U, -1, { 1, 4, 2 }, { 2, 1, 0 }, { 3, 1, 0 },
	     { 4, 1, 0 }, { 5, 1, 1 }, { 6, 1, 1 }, { 29, 4, 77 });
	READ(&reading, CMD_GET_DEVICES, 16, 0, 0, { 1, 4, 9 }, { 2, 1, 0 }, { 3, 1, 1 },
	     { 4, 1, 1 });
	READ(&reading, CMD_GET_DEVICES, 16, 1, 1, { 1, 4, 0 }, { 2, 1, 1 }, { 4, 1, 0 });
	READ(&reading, CMD_GET_CONNECTIONS, 17, ~0U, -1, { 1, 4, 9 }, { 2, 4, 1 });
	READ(&reading, CMD_GET_CONNECTIONS, 17, ~0U, -1, { 1, 4, 8 }, { 2, 4, 0 });
	READ(&reading, CMD_GET_PEER_DEVICES, 18, 0, 0, { 1, 4, 10 }, { 2, 4, 9 }, { 6, 1, 0 },
	     { 7, 4, 0 });
	READ(&reading, CMD_GET_PEER_DEVICES, 18, 0, 0, { 1, 4, 10 }, { 2, 4, 0 }, { 6, 1, 1 });
	assert_false(reading.broken);
	assert_int_equal(view.role, DRBD_ROLE_SECONDARY);
	assert_true(view.suspended); /* quorum */
	assert_true(view.fails_io);
	assert_int_equal(view.n_devices, 2);
	assert_int_equal(view.devices[0].disk, DRBD_DISK_UPTODATE);
	assert_false(view.devices[0].no_quorum);
	assert_int_equal(view.devices[1].volume, 1);
	assert_int_equal(view.devices[1].disk, DRBD_DISK_DISKLESS);
	assert_true(view.devices[1].client);
	assert_true(view.devices[1].no_quorum);
	assert_int_equal(view.n_connections, 2);
	assert_int_equal(view.connections[0].peer_role, DRBD_ROLE_PRIMARY);
	assert_int_equal(view.connections[1].state, DRBD_CONNECTION_CONNECTING);
	assert_int_equal(view.connections[1].peer_role, DRBD_ROLE_UNKNOWN);
	/* The client among the peers has no data that counts. */
	assert_int_equal(view.n_peer_disks, 1);
	assert_int_equal(view.peer_disks[0], DRBD_DISK_UPTODATE);
	assert_false(view.resync);
}

static void other_resources_are_skipped(void **state)
{
	struct drbd_reading reading = reading_of(2);
	struct nl_msg *msg = message(2, 0, "r00", 0);

	(void) state;
	put_info(msg, 15, &(struct field){ 1, 4, 1 }, 1);
	drbd_read_message(&reading, CMD_GET_RESOURCES, nlmsg_hdr(msg));
	nlmsg_free(msg);
	assert_false(reading.broken);
	assert_false(view.found);
}

/* Never a guess: what is needed and missing, cut off or of the wrong size is no answer. */
static void broken_answers(void **state)
{
	struct drbd_reading reading = reading_of(2);
	struct nl_msg *msg;

	(void) state;
	READ(&reading, CMD_GET_RESOURCES, 15, ~0U, -1, { 2, 1, 0 });
	assert_true(reading.broken);
	reading = reading_of(2);
	READ(&reading, CMD_GET_RESOURCES, 15, ~0U, -1, { 1, 1, 1 });
	assert_true(reading.broken);
	reading = reading_of(2);
	READ(&reading, CMD_GET_DEVICES, 16, 0, 0, { 2, 1, 1 });
	assert_true(reading.broken);
	reading = reading_of(2);
	READ(&reading, CMD_GET_CONNECTIONS, 17, 0, -1, { 2, 4, 1 });
	assert_true(reading.broken);

	/* Without a context, or with a name that does not end. */
	reading = reading_of(1);
	msg = message(1, 0, NULL, 0);
	drbd_read_message(&reading, CMD_GET_RESOURCES, nlmsg_hdr(msg));
	nlmsg_free(msg);
	assert_true(reading.broken);
	reading = reading_of(1);
	msg = nlmsg_alloc();
	(void) genlmsg_put(msg, 1, 1, 25, 8, 0, 1, 1);
	{
		struct nlattr *nest = nla_nest_start(msg, 2);

		assert_int_equal(nla_put(msg, 2, 2, "r0"), 0);
		(void) nla_nest_end(msg, nest);
	}
	drbd_read_message(&reading, CMD_GET_RESOURCES, nlmsg_hdr(msg));
	nlmsg_free(msg);
	assert_true(reading.broken);

	/* Cut off anywhere: broken or skipped, and read within its bounds (valgrind, ASan). */
	for (uint32_t len = NLMSG_HDRLEN; len < 64; len++) {
		reading = reading_of(2);
		msg = message(2, 0, "r0", 0);
		put_info(msg, 15, &(struct field){ 1, 4, 1 }, 1);
		if (len < nlmsg_hdr(msg)->nlmsg_len) {
			nlmsg_hdr(msg)->nlmsg_len = len;
			drbd_read_message(&reading, CMD_GET_RESOURCES, nlmsg_hdr(msg));
			assert_false(view.found);
		}
		nlmsg_free(msg);
	}
}

/* More objects than there is room for: no answer rather than half of one. */
static void too_many(void **state)
{
	struct drbd_reading reading = reading_of(2);

	(void) state;
	for (uint32_t i = 0; i <= DRBD_OBJECTS_MAX; i++)
		READ(&reading, CMD_GET_DEVICES, 16, i, (int) i, { 1, 4, 9 });
	assert_true(reading.broken);
	assert_int_equal(view.n_devices, DRBD_OBJECTS_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(version_1),	  cmocka_unit_test(unknown_resource),
		cmocka_unit_test(version_2),	  cmocka_unit_test(other_resources_are_skipped),
		cmocka_unit_test(broken_answers), cmocka_unit_test(too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
