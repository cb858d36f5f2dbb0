/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libnlbridge against the kernel: ports and lists. */
#include "netns.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N_PORTS 150 /* more than fit one answer of the kernel */

static int setup(void **state)
{
	if (netns_setup(state) < 0)
		return -1;
	ip("link add br0 type bridge");
	ip("link add br1 type bridge");
	ip("link add v0 type veth peer name v1");
	return 0;
}

static void attached_once_and_again(void **state)
{
	struct nlbridge *nb = *state;
	int v0 = index_of(nb, "v0");

	assert_int_equal(nlbridge_port_attach(nb, "br0", v0), 0);
	assert_int_equal(master_of(nb, "v0"), index_of(nb, "br0"));
	assert_int_equal(nlbridge_port_attach(nb, "br0", v0), 0);
	assert_int_equal(nlbridge_port_detach(nb, "br0", v0), 0);
	assert_int_equal(nlbridge_port_detach(nb, "br0", v0), 0);
	assert_int_equal(master_of(nb, "v0"), 0);
}

static void never_stolen(void **state)
{
	struct nlbridge *nb = *state;
	int v0 = index_of(nb, "v0");

	ip("link set v0 master br1");
	assert_int_equal(nlbridge_port_attach(nb, "br0", v0), -EBUSY);
	assert_int_equal(master_of(nb, "v0"), index_of(nb, "br1"));
	assert_int_equal(nlbridge_port_detach(nb, "br0", v0), 0);
	assert_int_equal(master_of(nb, "v0"), index_of(nb, "br1"));
}

static void what_cannot_be(void **state)
{
	struct nlbridge *nb = *state;
	int v0 = index_of(nb, "v0");

	assert_int_equal(nlbridge_port_attach(nb, "nosuch", v0), -ENODEV);
	assert_int_equal(nlbridge_port_attach(nb, "br0", 9999), -ENODEV);
	assert_int_equal(nlbridge_port_detach(nb, "br0", 9999), -ENODEV);
	assert_int_equal(nlbridge_port_attach(nb, "v1", v0), -EOPNOTSUPP);
	assert_int_equal(nlbridge_port_attach(nb, "br0", index_of(nb, "br1")), -ELOOP);
	assert_int_equal(nlbridge_port_attach(nb, "br0", index_of(nb, "lo")), -EINVAL);
	assert_int_equal(nlbridge_port_attach(nb, "", v0), -EINVAL);
	assert_int_equal(nlbridge_port_attach(NULL, "br0", v0), -EINVAL);
	assert_int_equal(master_of(nb, "v0"), 0);
}

static void many_at_once(void **state)
{
	struct nlbridge *nb = *state;
	int ports[3], results[3] = { 1, 1, 1 };

	ip("link set v1 master br1");
	ports[0] = index_of(nb, "v1");
	ports[1] = 9999;
	ports[2] = index_of(nb, "v0");
	assert_int_equal(nlbridge_ports_attach(nb, "br0", ports, 3, results), -EBUSY);
	assert_int_equal(results[0], -EBUSY);
	assert_int_equal(results[1], -ENODEV);
	assert_int_equal(results[2], 0);
	assert_int_equal(master_of(nb, "v0"), index_of(nb, "br0"));
	assert_int_equal(nlbridge_ports_attach(nb, "br0", &ports[2], 1, NULL), 0);
	assert_int_equal(nlbridge_ports_attach(nb, "br0", NULL, 0, NULL), 0);
}

static void listed_by_bridge(void **state)
{
	struct nlbridge *nb = *state;
	const struct nlbridge_link *links;
	int ports[N_PORTS];
	size_t n = 0;

	ip("link set v0 master br1");
	for (int i = 0; i < N_PORTS; i++) {
		char name[IFNAMSIZ];

		(void) snprintf(name, sizeof(name), "p%d", i);
		ip("link add %s type veth peer name q%d", name, i);
		ports[i] = index_of(nb, name);
	}
	assert_int_equal(nlbridge_ports_attach(nb, "br0", ports, N_PORTS, NULL), 0);
	assert_int_equal(nlbridge_links(nb, index_of(nb, "br0"), &links), 0);
	for (const struct nlbridge_link *l = links; l; l = l->next, n++) {
		assert_int_equal(l->name[0], 'p');
		assert_int_equal(l->port_state, NLBRIDGE_PORT_DISABLED);
	}
	nlbridge_links_free(links);
	assert_int_equal(n, N_PORTS);
	assert_int_equal(n_links(nb), 2 * N_PORTS + 4);
	/* lo, br0, br1, v1 and the other ends */
	n = 0;
	assert_int_equal(nlbridge_links(nb, NLBRIDGE_NO_MASTER, &links), 0);
	for (const struct nlbridge_link *l = links; l; l = l->next, n++)
		assert_int_equal(l->master, 0);
	nlbridge_links_free(links);
	assert_int_equal(n, N_PORTS + 4);
	assert_int_equal(nlbridge_links(nb, -2, &links), -EINVAL);
	assert_int_equal(nlbridge_links(nb, 9999, &links), 0);
	assert_null(links);
}

static void facts_of_a_port(void **state)
{
	struct nlbridge *nb = *state;
	const struct nlbridge_link *link;

	ip("link set v0 master br0 alias hello");
	ip("link property add dev v0 altname first");
	ip("link property add dev v0 altname a-much-longer-second-name");
	ip("link set br0 up");
	ip("link set v0 up mtu 1400");
	ip("link set v1 up");
	assert_int_equal(nlbridge_link_get(nb, "a-much-longer-second-name", &link), 0);
	assert_string_equal(link->name, "v0");
	assert_string_equal(link->kind, "veth");
	assert_string_equal(link->alias, "hello");
	assert_int_equal(link->n_altnames, 2);
	assert_string_equal(link->altnames[0], "first");
	assert_int_equal(link->mtu, 1400);
	assert_true(link->flags & IFF_UP);
	assert_int_equal(link->peer, index_of(nb, "v1"));
	assert_false(link->peer_elsewhere);
	assert_int_equal(link->master, index_of(nb, "br0"));
	/* 15 s of listening and learning, or forwarding at once: STP is off */
	assert_int_equal(link->port_state, NLBRIDGE_PORT_FORWARDING);
	assert_false(nlbridge_link_value(link, NLBRIDGE_STP, NULL));
	nlbridge_links_free(link);
	nlbridge_links_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, netns_teardown)
		T(attached_once_and_again), T(never_stolen),	T(what_cannot_be), T(many_at_once),
		T(listed_by_bridge),	    T(facts_of_a_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
