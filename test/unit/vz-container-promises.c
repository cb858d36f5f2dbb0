/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a container's configuration promises of its network, whether that is kept, and what an OpenVZ
 * kernel tells of its limits.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bridges.h"
#include "health.h"
#include "hostend.h"
#include "lxc/lxc.h"
#include "vzctl/vz.h"

static char root[] = "/tmp/vz-container-promises-XXXXXX";
static struct vz_container_conf conf;
static const struct ocf_agent agent = { .metadata = &vz_container_metadata };
static struct ocf_ctx ctx = {
	.agent = &agent, .conf = &conf, .identity = "101", .instance = "101", .sysroot = root
};

static const char *full(const char *path)
{
	static char buf[PATH_MAX];

	return ocf_path(&ctx, buf, sizeof(buf), "%s", path);
}

static void put(const char *path, const char *text)
{
	char dir[PATH_MAX];
	FILE *f;

	(void) snprintf(dir, sizeof(dir), "%s", full(path));
	*strrchr(dir, '/') = '\0';
	assert_int_equal(ocf_mkdir_p(dir, 0755), 0);
	f = fopen(full(path), "we");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void promises(void **state)
{
	static const struct {
		const char *netif, *netdev;
		size_t host_ends, bridges, nics;
		const char *last; /* bridge, or NIC */
	} rows[] = {
		{ "", "", 0, 0, 0, NULL },
		{ "ifname=eth0", "", 1, 0, 0, NULL },
		{ "ifname=eth0,mac=00:18:51:99:C8:4B,host_ifname=veth101.0;bridge=br1,ifname=eth1",
		  "", 2, 1, 0, "br1" },
		{ "ifname=eth0,bridge=br0;;ifname=eth1,bridge=br0;", "", 2, 2, 0, "br0" },
		{ "mac=00:18:51:99:C8:4B;xifname=eth0", "", 0, 0, 0, NULL },
		{ "", "eth1", 0, 0, 1, "eth1" },
		{ "", " eth1  eth2,eth3 ", 0, 0, 3, "eth3" },
		{ "", "a-name-that-is-too-long eth2", 0, 0, 1, "eth2" },
	};
	static struct vz_conf c;
	static struct ct_wants w;
	static struct lxc_conf l;

	(void) state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		(void) snprintf(c.netif, sizeof(c.netif), "%s", rows[i].netif);
		(void) snprintf(c.netdev, sizeof(c.netdev), "%s", rows[i].netdev);
		vz_conf_wants(&c, &w);
		assert_int_equal(w.host_ends, rows[i].host_ends);
		assert_int_equal(w.n_bridges, rows[i].bridges);
		assert_int_equal(w.n_nics, rows[i].nics);
		if (rows[i].nics)
			assert_string_equal(w.nic[w.n_nics - 1].inside, rows[i].last);
		else if (rows[i].bridges)
			assert_string_equal(w.bridge[w.n_bridges - 1], rows[i].last);
	}
	l.net[0] = (struct lxc_net){ .type = "veth", .link = "br0", .set = true };
	l.net[1] = (struct lxc_net){ .type = "veth", .set = true };
	l.net[2] = (struct lxc_net){ .type = "phys", .link = "eth2", .name = "wan", .set = true };
	l.net[5] = (struct lxc_net){ .type = "phys", .link = "eth3", .set = true };
	l.net[6] = (struct lxc_net){ .type = "phys", .set = true };
	l.net[7] = (struct lxc_net){ .type = "veth", .link = "br9" };
	lxc_conf_wants(&l, &w);
	assert_int_equal(w.host_ends, 2);
	assert_int_equal(w.n_bridges, 1);
	assert_int_equal(w.n_nics, 2);
	assert_string_equal(w.nic[0].host, "eth2");
	assert_string_equal(w.nic[0].inside, "wan");
	assert_string_equal(w.nic[1].inside, "eth3");
	assert_string_equal(w.nic[1].setting, "lxc.net.5.link");
}

static void kept_promises(void **state)
{
	static const struct {
		const char *want[3], *have[3]; /* bridges; "" for a host end in none */
		const char *wrong;	       /* part of what is said; NULL: nothing */
	} rows[] = {
		{ { NULL }, { NULL }, NULL },
		{ { "br0" }, { "br0" }, NULL },
		{ { "br0" }, { NULL }, "0 of its 1 host ends exist" },
		{ { "br0" }, { "" }, "1 of its host ends should be in bridge br0, 0 are" },
		{ { "br0" }, { "br1" }, "br0" },
		{ { "br0", "br0" }, { "br0", "br0" }, NULL },
		{ { "br0", "br0" },
		  { "br0", "" },
		  "2 of its host ends should be in bridge br0, 1" },
		{ { "br0", "br1" }, { "br1", "br0" }, NULL },
		{ { "br0", "br1" }, { "br0", "br0" }, "br1" },
		{ { "", "" }, { "", "br7" }, NULL }, /* the configuration names none */
		{ { "br0" }, { "br0", "br0", "" }, NULL },
	};
	char buf[256];

	(void) state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct ct_wants w = { 0 };
		struct hostend ends[3];
		size_t n = 0;

		for (size_t k = 0; k < 3 && rows[i].want[k]; k++) {
			w.host_ends++;
			if (rows[i].want[k][0])
				(void) snprintf(w.bridge[w.n_bridges++], IFNAMSIZ, "%s",
						rows[i].want[k]);
		}
		for (; n < 3 && rows[i].have[n]; n++)
			(void) snprintf(ends[n].master, IFNAMSIZ, "%s", rows[i].have[n]);
		(void) ct_ends_text(&w, ends, n, buf, sizeof(buf));
		if (!rows[i].wrong)
			assert_string_equal(buf, "");
		else if (!strstr(buf, rows[i].wrong))
			fail_msg("row %zu: %s", i, buf);
	}
}

static void limits(void **state)
{
	static const char beans[] =
		"Version: 2.5\n"
		"       uid  resource           held    maxheld    barrier      limit    failcnt\n"
		"        1:  kmemsize        2703360    2994176   11055923   11377049         99\n"
		"      101:  kmemsize        2703360    2994176   11055923   11377049          2\n"
		"            numproc              12         18        240        240         40\n"
		"            tcpsndbuf             0          0     319488     524288          0\n"
		"     1010:  numproc               0         18        240        240          7\n";
	static const char quota[] =
		"       qid: path     usage   softlimit  hardlimit  time  expire\n"
		"       101: /vz/private/101\n"
		"  1k-blocks         431592     2097152    2411724    0    0\n"
		"     inodes         199000      200000     200000    0    0\n"
		"       102: /vz/private/102\n"
		"  1k-blocks              1           0          0    0    0\n";
	static const char veth[] = "Version: 1.0\n"
				   "00:18:51:EE:38:8C veth101.0 00:18:51:99:C8:4B eth0 101 allow\n"
				   "00:18:51:EE:38:8D veth102.0 00:18:51:99:C8:4C eth0 102\n"
				   "00:18:51:EE:38:8E veth101.1 00:18:51:99:C8:4D eth1 101\n";
	char names[4][IFNAMSIZ], worst[64];

	(void) state;
	assert_int_equal(vz_failures(beans, "101", worst, sizeof(worst)), 42);
	assert_string_equal(worst, "numproc");
	assert_int_equal(vz_failures(beans, "10", worst, sizeof(worst)), 0);
	assert_int_equal(vz_failures("", "101", worst, sizeof(worst)), 0);
	assert_int_equal(vz_quota_percent(quota, "101"), 99);
	assert_int_equal(vz_quota_percent(quota, "102"), -1); /* no limit */
	assert_int_equal(vz_quota_percent(quota, "103"), -1);
	assert_int_equal(vz_veth_names(veth, "101", names, 4), 2);
	assert_string_equal(names[1], "veth101.1");
	assert_int_equal(vz_veth_names(veth, "101", names, 1), 1);

	/* Through the files: the first monitor only remembers; a probe not even that. */
	put("/proc/vz/veth", veth);
	put("/proc/user_beancounters", beans);
	ctx.interval_ms = 0;
	assert_int_equal(vz_limits(&ctx), OCF_SUCCESS);
	assert_int_equal(access(full(OCF_RUN_DIR "/ct/101.failcnt"), F_OK), -1);
	assert_int_equal(ocf_mkdir_p(full(OCF_RUN_DIR "/ct"), 0755), 0);
	ctx.interval_ms = 10000;
	assert_int_equal(vz_limits(&ctx), OCF_SUCCESS);
	assert_false(ctx.is_degraded);
	put(OCF_RUN_DIR "/ct/101.failcnt", "41\n");
	assert_int_equal(vz_limits(&ctx), OCF_SUCCESS); /* warned: once is no row yet */
	assert_true(ctx.is_degraded);
	ctx.is_degraded = false;
	assert_int_equal(vz_limits(&ctx), OCF_SUCCESS); /* it has not grown since */
	assert_false(ctx.is_degraded);
	put("/proc/vz/vzquota", quota);
	assert_int_equal(vz_limits(&ctx), OCF_SUCCESS);
	assert_true(ctx.is_degraded);
	ctx.interval_ms = 0;
	ctx.is_degraded = false;
}

static void openvz_host_ends(void **state)
{
	struct hostend ends[4];

	(void) state;
	put("/proc/vz/veth", "00:18:51:EE:38:8C veth101.0 00:18:51:99:C8:4B eth0 101 allow\n"
			     "00:18:51:EE:38:8E veth101.1 00:18:51:99:C8:4D eth1 101 allow\n"
			     "00:18:51:EE:38:8E veth101.2 00:18:51:99:C8:4D eth1 101 allow\n");
	put("/sys/class/net/veth101.0/flags", "0x1003\n");
	put("/sys/class/net/veth101.0/carrier", "1\n");
	put("/sys/class/net/veth101.0/brport/state", "3\n");
	assert_int_equal(symlink("../../br0", full("/sys/class/net/veth101.0/brport/bridge")), 0);
	put("/sys/class/net/veth101.1/flags", "0x1002\n");
	assert_int_equal(vz_host_ends(&ctx, ends, 4), 2);
	assert_string_equal(ends[0].master, "br0");
	assert_int_equal(ends[0].port_state, 3);
	assert_true(ends[0].up && ends[0].carrier);
	assert_string_equal(ends[1].master, "");
	assert_int_equal(ends[1].port_state, -1);
	assert_false(ends[1].up || ends[1].carrier);
	(void) unlink(full("/proc/vz/veth"));
	assert_int_equal(vz_host_ends(&ctx, ends, 4), -ENOENT);
}

static int remove_root(void **state)
{
	(void) state;
	if (fork() == 0) {
		(void) execl("/bin/rm", "rm", "-rf", root, (char *) NULL);
		_exit(127);
	}
	return 0;
}

static const char *bridge_of(const char *wanted[], const char *masters[], size_t which)
{
	static struct ct_wants wants;
	struct hostend ends[4];
	size_t n = 0;

	memset(&wants, 0, sizeof(wants));
	for (; wanted[wants.n_bridges]; wants.n_bridges++)
		(void) snprintf(wants.bridge[wants.n_bridges], IFNAMSIZ, "%s",
				wanted[wants.n_bridges]);
	for (; masters[n]; n++) {
		ends[n] = (struct hostend){ .ifindex = (int) n + 1 };
		(void) snprintf(ends[n].master, IFNAMSIZ, "%s", masters[n]);
	}
	return ct_bridge_of(&wants, &ends[which], ends, n) ?: "?";
}
#define LIST(...) ((const char *[]){ __VA_ARGS__, NULL })

static void which_bridge(void **state)
{
	(void) state;
	assert_string_equal(bridge_of(LIST("br0"), LIST("br0"), 0), "br0");
	assert_string_equal(bridge_of(LIST("br0"), LIST("br1"), 0), "?"); /* somebody's choice */
	assert_string_equal(bridge_of(LIST("br0"), LIST(""), 0), "br0");
	assert_string_equal(bridge_of(LIST("br0", "br0"), LIST("", ""), 1), "br0");
	assert_string_equal(bridge_of(LIST("br0", "br1"), LIST("br0", ""), 1), "br1");
	assert_string_equal(bridge_of(LIST("br0", "br1"), LIST("", ""), 0), "?");
	assert_string_equal(bridge_of(LIST("br0", "br1"), LIST("", "br0"), 0), "br1");
	assert_string_equal(bridge_of(LIST("br0"), LIST("", ""), 0), "?"); /* one of them in none */
	assert_string_equal(bridge_of(LIST("br0"), LIST("br0", ""), 1), "?");
	assert_string_equal(bridge_of(LIST("br0"), LIST("br0", ""), 0), "br0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(promises),	    cmocka_unit_test(kept_promises),
		cmocka_unit_test(which_bridge),	    cmocka_unit_test(limits),
		cmocka_unit_test(openvz_host_ends),
	};

	if (!mkdtemp(root))
		return 1;
	return cmocka_run_group_tests(tests, NULL, remove_root);
}
