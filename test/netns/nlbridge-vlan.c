/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libnlbridge against the kernel: settings of ports, and VLANs. Not every kernel has VLAN
 * filtering; both answers are tested, each where it is given (the other in test/vm).
 */
#include "netns.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool kernel_has_vlans;

static int setup(void **state)
{
	const struct nlbridge_value on = { NLBRIDGE_VLAN_FILTERING, 1 };
	int r;

	if (netns_setup(state) < 0)
		return -1;
	ip("link add br0 type bridge");
	ip("link add v0 type veth peer name v1");
	ip("link set v0 master br0");
	r = nlbridge_bridge_set(*state, index_of(*state, "br0"), &on, 1);
	kernel_has_vlans = r == 0;
	return r == 0 || r == -EOPNOTSUPP ? 0 : -1;
}

static uint64_t value_of(struct nlbridge *nb, const char *name, enum nlbridge_setting setting)
{
	const struct nlbridge_link *link;
	uint64_t value = 99;

	assert_int_equal(nlbridge_link_get(nb, name, &link), 0);
	assert_true(nlbridge_link_value(link, setting, &value));
	nlbridge_links_free(link);
	return value;
}

static void port_settings(void **state)
{
	struct nlbridge *nb = *state;
	const struct nlbridge_value on[] = { { NLBRIDGE_HAIRPIN, 1 }, { NLBRIDGE_ISOLATED, 1 } };
	const struct nlbridge_value stp = { NLBRIDGE_STP, 1 };
	int br0 = index_of(nb, "br0"), v0 = index_of(nb, "v0");

	assert_int_equal(value_of(nb, "v0", NLBRIDGE_HAIRPIN), 0);
	assert_int_equal(value_of(nb, "v0", NLBRIDGE_ISOLATED), 0);
	assert_int_equal(nlbridge_port_set(nb, v0, on, 2), 0);
	assert_int_equal(value_of(nb, "v0", NLBRIDGE_HAIRPIN), 1);
	assert_int_equal(value_of(nb, "v0", NLBRIDGE_ISOLATED), 1);
	assert_string_equal(nlbridge_setting_name(NLBRIDGE_ISOLATED), "isolated");
	/* each kind of setting in its own call only */
	assert_int_equal(nlbridge_port_set(nb, v0, &stp, 1), -EINVAL);
	assert_int_equal(nlbridge_bridge_set(nb, br0, on, 1), -EINVAL);
	assert_int_equal(nlbridge_port_set(nb, v0, NULL, 0), 0);
	assert_int_equal(nlbridge_port_set(nb, 9999, on, 1), -ENODEV);
	assert_true(nlbridge_port_set(nb, index_of(nb, "v1"), on, 1) < 0);
}

/* "1p 10 20u" of a port, in the order of the ids */
static void vlans_of(struct nlbridge *nb, const char *name, char *buf, size_t size)
{
	struct nlbridge_vlan *vlans;
	size_t n, used = 0;

	buf[0] = '\0';
	assert_int_equal(nlbridge_vlans(nb, index_of(nb, "br0"), &vlans, &n), 0);
	for (size_t i = 0; i < n; i++) {
		if (vlans[i].port != index_of(nb, name))
			continue;
		used += (size_t) snprintf(buf + used, size - used, "%s%u%s%s", used ? " " : "",
					  vlans[i].id, vlans[i].pvid ? "p" : "",
					  vlans[i].untagged ? "u" : "");
	}
	free(vlans);
}

static void vlans_as_wished(void **state)
{
	struct nlbridge *nb = *state;
	const struct nlbridge_vlan first[] = { { .id = 10, .pvid = true, .untagged = true },
					       { .id = 20 } };
	const struct nlbridge_vlan second[] = { { .id = 10 },
						{ .id = 30, .pvid = true, .untagged = true } };
	int br0 = index_of(nb, "br0"), v0 = index_of(nb, "v0");
	char seen[200];

	if (!kernel_has_vlans) {
		assert_int_equal(nlbridge_port_vlans_set(nb, br0, v0, first, 2), -EOPNOTSUPP);
		vlans_of(nb, "v0", seen, sizeof(seen));
		assert_string_equal(seen, "");
		return;
	}
	vlans_of(nb, "v0", seen, sizeof(seen));
	assert_string_equal(seen, "1pu");
	assert_int_equal(nlbridge_port_vlans_set(nb, br0, v0, first, 2), 0);
	vlans_of(nb, "v0", seen, sizeof(seen));
	assert_string_equal(seen, "10pu 20");
	assert_int_equal(nlbridge_port_vlans_set(nb, br0, v0, second, 2), 0);
	vlans_of(nb, "v0", seen, sizeof(seen));
	assert_string_equal(seen, "10 30pu");
	assert_int_equal(nlbridge_port_vlans_set(nb, br0, v0, NULL, 0), 0);
	vlans_of(nb, "v0", seen, sizeof(seen));
	assert_string_equal(seen, "");
	vlans_of(nb, "br0", seen, sizeof(seen));
	assert_string_equal(seen, "1pu");
	assert_int_equal(nlbridge_port_vlans_set(nb, br0, br0, first, 2), 0);
	vlans_of(nb, "br0", seen, sizeof(seen));
	assert_string_equal(seen, "10pu 20");
}

static void bad_vlans(void **state)
{
	struct nlbridge *nb = *state;
	const struct nlbridge_vlan two_pvids[] = { { .id = 10, .pvid = true },
						   { .id = 20, .pvid = true } };
	const struct nlbridge_vlan zero = { .id = 0 }, much = { .id = 4095 };
	int br0 = index_of(nb, "br0"), v0 = index_of(nb, "v0");

	assert_int_equal(nlbridge_port_vlans_set(nb, br0, v0, two_pvids, 2), -EINVAL);
	assert_int_equal(nlbridge_port_vlans_set(nb, br0, v0, &zero, 1), -EINVAL);
	assert_int_equal(nlbridge_port_vlans_set(nb, br0, v0, &much, 1), -EINVAL);
	assert_int_equal(nlbridge_port_vlans_set(nb, br0, 0, NULL, 0), -EINVAL);
}

static void wanted_by_a_bridge(void **state)
{
	struct nlbridge *nb = *state;
	const struct nlbridge_link *link;

	assert_int_equal(nlbridge_port_want(nb, "br1", index_of(nb, "v1")), 0);
	assert_int_equal(nlbridge_port_want(nb, "br1", index_of(nb, "v1")), 0);
	assert_int_equal(nlbridge_port_want(nb, "br1", index_of(nb, "v0")), 0);
	assert_int_equal(nlbridge_link_get(nb, "v1", &link), 0);
	assert_true(nlbridge_link_wants(link, "br1"));
	assert_false(nlbridge_link_wants(link, "br"));
	assert_false(nlbridge_link_wants(link, "br0"));
	nlbridge_links_free(link);
	assert_int_equal(nlbridge_port_want(nb, "br1", 9999), -ENODEV);
	assert_int_equal(nlbridge_port_want(nb, "", 1), -EINVAL);
	assert_int_equal(nlbridge_port_want(nb, "averyverylongname", 1), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, netns_teardown)
		T(port_settings),
		T(vlans_as_wished),
		T(bad_vlans),
		T(wanted_by_a_bridge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
