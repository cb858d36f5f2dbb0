/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libnlbridge against the kernel: bridges, their settings and marks. */
#include "netns.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#define MARK "vzha:own:br0"

static int create(struct nlbridge *nb, const char *name, int *ret_index)
{
	return nlbridge_bridge_create(nb, name, MARK, NULL, 0, ret_index);
}

static void made_with_mark_and_settings(void **state)
{
	const uint8_t mac[6] = { 2, 0x11, 0x22, 0x33, 0x44, 0x55 };
	const struct nlbridge_value wanted[] = {
		{ NLBRIDGE_MAC, nlbridge_mac_value(mac) },
		{ NLBRIDGE_FORWARD_DELAY, 0 },
		{ NLBRIDGE_AGEING_TIME, 6000 },
		{ NLBRIDGE_PRIORITY, 4096 },
		{ NLBRIDGE_MULTICAST_SNOOPING, 0 },
		{ NLBRIDGE_MULTICAST_QUERIER, 1 },
	};
	struct nlbridge *nb = *state;
	const struct nlbridge_link *link;
	char mark[NLBRIDGE_MARK_MAX];
	int index = 0;

	assert_int_equal(nlbridge_bridge_create(nb, "br0", MARK, wanted, 6, &index), 0);
	assert_int_equal(n_links(nb), 1);
	assert_int_equal(nlbridge_link_get(nb, "br0", &link), 0);
	assert_int_equal(link->ifindex, index);
	assert_string_equal(link->kind, "bridge");
	assert_memory_equal(link->mac, mac, 6);
	assert_true(nlbridge_link_mark(link, "vzha:", mark));
	assert_string_equal(mark, MARK);
	assert_int_equal(nlbridge_link_differs(link, wanted, 6, 0), 6);
	nlbridge_links_free(link);
}

static void address_stays_when_ports_come(void **state)
{
	const uint8_t mac[6] = { 0x0e, 1, 1, 1, 1, 1 };
	const struct nlbridge_value wanted = { NLBRIDGE_MAC, nlbridge_mac_value(mac) };
	struct nlbridge *nb = *state;
	const struct nlbridge_link *link;

	assert_int_equal(nlbridge_bridge_create(nb, "br0", MARK, &wanted, 1, NULL), 0);
	ip("link add v0 address 02:00:00:00:00:01 type veth peer name v1");
	assert_int_equal(nlbridge_port_attach(nb, "br0", index_of(nb, "v0")), 0);
	assert_int_equal(nlbridge_link_get(nb, "br0", &link), 0);
	assert_memory_equal(link->mac, mac, 6);
	nlbridge_links_free(link);
}

static void taken_names(void **state)
{
	struct nlbridge *nb = *state;

	ip("link add br0 type bridge");
	assert_int_equal(create(nb, "br0", NULL), -EEXIST);
	ip("link property add dev br0 altname other");
	assert_int_equal(create(nb, "other", NULL), -EEXIST);
	ip("link add v0 type veth peer name v1");
	assert_int_equal(create(nb, "v0", NULL), -EEXIST);
	assert_int_equal(n_links(nb), 3);
	assert_false(has_mark(nb, "br0", "vzha:"));
}

static void bad_names(void **state)
{
	static const char *const names[] = { "", "sixteen-bytes-no", "a/b", "." };
	struct nlbridge *nb = *state;

	for (size_t i = 0; i < 4; i++)
		assert_int_equal(create(nb, names[i], NULL), -EINVAL);
	assert_int_equal(n_links(nb), 0);
	assert_int_equal(create(nb, "fifteen-bytes-x", NULL), 0);
	assert_int_equal(nlbridge_bridge_create(nb, "br1", "two words", NULL, 0, NULL), -EINVAL);
	assert_int_equal(nlbridge_link_get(nb, "nosuch", &(const struct nlbridge_link *){ NULL }),
			 -ENODEV);
	assert_int_equal(n_links(nb), 1);
}

/* The name that a killed call leaves: found by making one fail to get its own name. */
static void leftover_is_replaced(void **state)
{
	struct nlbridge *nb = *state;
	struct nlbridge_watch *watch;
	struct nlbridge_event event;
	char temporary[IFNAMSIZ] = "";
	int index = 0, old;

	assert_int_equal(nlbridge_watch_open(&watch), 0);
	assert_int_equal(create(nb, "br0", &index), 0);
	assert_int_equal(nlbridge_watch_next(watch, &event), 0);
	(void) snprintf(temporary, sizeof(temporary), "%s", event.link->name);
	nlbridge_watch_close(watch);
	assert_int_not_equal(strcmp(temporary, "br0"), 0);
	assert_int_equal(nlbridge_bridge_delete(nb, index), 0);

	ip("link add %s type bridge", temporary);
	ip("link property add dev %s altname " MARK, temporary);
	old = index_of(nb, temporary);
	assert_int_equal(create(nb, "br0", &index), 0);
	assert_int_not_equal(index, old);
	assert_int_equal(n_links(nb), 1);
	assert_int_equal(nlbridge_bridge_delete(nb, index), 0);

	/* Somebody uses it: not a leftover. */
	ip("link add %s type bridge", temporary);
	ip("link add v0 master %s type veth peer name v1", temporary);
	assert_int_equal(create(nb, "br0", NULL), -EEXIST);
	assert_int_equal(n_links(nb), 3);
}

/* The mark sits on another link already: it goes to the alias, and creation succeeds. */
static void mark_is_taken(void **state)
{
	struct nlbridge *nb = *state;

	ip("link add v0 type veth peer name v1");
	ip("link property add dev v0 altname " MARK);
	assert_int_equal(create(nb, "br0", NULL), 0);
	assert_true(has_mark(nb, "br0", MARK));
}

static void deleting(void **state)
{
	struct nlbridge *nb = *state;
	int index = 0;

	assert_int_equal(create(nb, "br0", &index), 0);
	ip("link add v0 master br0 type veth peer name v1");
	assert_int_equal(nlbridge_bridge_delete(nb, index), -EBUSY);
	assert_int_equal(nlbridge_bridge_delete(nb, index_of(nb, "v0")), -EOPNOTSUPP);
	assert_int_equal(n_links(nb), 3);
	ip("link set v0 nomaster");
	assert_int_equal(nlbridge_bridge_delete(nb, index), 0);
	assert_int_equal(nlbridge_bridge_delete(nb, index), -ENODEV);
	assert_int_equal(n_links(nb), 2);
}

static void settings_are_compared_and_set(void **state)
{
	const struct nlbridge_value wanted[] = {
		{ NLBRIDGE_STP, 0 },
		{ NLBRIDGE_FORWARD_DELAY, 0 },
		{ NLBRIDGE_MTU, 1300 },
	};
	const struct nlbridge_value stp[] = { { NLBRIDGE_STP, 1 } };
	const struct nlbridge_value too_short[] = { { NLBRIDGE_FORWARD_DELAY, 100 } };
	const struct nlbridge_value too_big[] = { { NLBRIDGE_PRIORITY, 65536 } };
	struct nlbridge *nb = *state;
	const struct nlbridge_link *link;
	int index = 0;

	assert_int_equal(create(nb, "br0", &index), 0);
	assert_int_equal(nlbridge_bridge_set(nb, index, stp, 1), 0);
	assert_int_equal(nlbridge_link_get_index(nb, index, &link), 0);
	assert_int_equal(nlbridge_link_differs(link, wanted, 3, 0), 0);
	assert_int_equal(nlbridge_link_differs(link, wanted, 3, 1), 1);
	nlbridge_links_free(link);

	assert_int_equal(nlbridge_bridge_set(nb, index, too_short, 1), -ERANGE);
	assert_int_equal(nlbridge_bridge_set(nb, index, too_big, 1), -EINVAL);
	/* STP must go first, or forward_delay is refused. */
	assert_int_equal(nlbridge_bridge_set(nb, index, wanted, 3), 0);
	assert_int_equal(nlbridge_link_get_index(nb, index, &link), 0);
	assert_int_equal(nlbridge_link_differs(link, wanted, 3, 0), 3);
	nlbridge_links_free(link);
}

static void marks_come_and_go(void **state)
{
	struct nlbridge *nb = *state;
	const struct nlbridge_link *link;
	int v0, v1;

	ip("link add v0 type veth peer name v1");
	ip("link set v1 alias somebody's");
	v0 = index_of(nb, "v0");
	v1 = index_of(nb, "v1");
	assert_int_equal(nlbridge_mark_set(nb, v0, "vzha:port:x"), 0);
	assert_int_equal(nlbridge_mark_set(nb, v0, "vzha:port:x"), 0);
	/* The name is unique in a namespace: the second one becomes a word of the alias. */
	assert_int_equal(nlbridge_mark_set(nb, v1, "vzha:port:x"), 0);
	assert_true(has_mark(nb, "v0", "vzha:port:"));
	assert_true(has_mark(nb, "v1", "vzha:port:"));
	assert_int_equal(nlbridge_mark_remove(nb, v1, "vzha:port:x"), 0);
	assert_int_equal(nlbridge_mark_remove(nb, v1, "vzha:port:x"), 0);
	assert_int_equal(nlbridge_link_get(nb, "v1", &link), 0);
	assert_string_equal(link->alias, "somebody's");
	nlbridge_links_free(link);
	assert_true(has_mark(nb, "v0", "vzha:port:x"));
	assert_int_equal(nlbridge_mark_remove(nb, v0, "vzha:port:x"), 0);
	assert_false(has_mark(nb, "v0", "vzha:"));
	assert_int_equal(nlbridge_mark_set(nb, 9999, "vzha:port:x"), -ENODEV);
}

static void kernels_words(void **state)
{
	struct nlbridge *nb = *state;
	int index = 0;

	assert_int_equal(create(nb, "br0", &index), 0);
	assert_string_equal(nlbridge_errmsg(nb), "");
	ip("link add v0 type veth peer name v1");
	assert_int_equal(nlbridge_link_rename(nb, index_of(nb, "v0"), "br0"), -EEXIST);
	assert_int_equal(
		nlbridge_bridge_set(nb, index, &(struct nlbridge_value){ NLBRIDGE_MTU, 1 }, 1),
		-EINVAL);
	assert_string_not_equal(nlbridge_errmsg(nb), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, netns_setup, netns_teardown)
		T(made_with_mark_and_settings),
		T(address_stays_when_ports_come),
		T(taken_names),
		T(bad_names),
		T(leftover_is_replaced),
		T(mark_is_taken),
		T(deleting),
		T(settings_are_compared_and_set),
		T(marks_come_and_go),
		T(kernels_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
