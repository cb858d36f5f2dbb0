/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state tables, whole. An OpenVZ container leaves many files; what decides is the kernel, and
 * these tables go through every combination of what may lie about, in a tree of its own.
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

#include "health.h"
#include "hostend.h"
#include "lxc.h"
#include "proc.h"
#include "vz.h"

static char root[] = "/tmp/vz-container-table-XXXXXX";
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

static void put_or_not(bool there, const char *path, const char *text)
{
	char now[256];

	if (there && ocf_read_file(full(path), now, sizeof(now)) >= 0 && strcmp(now, text) == 0)
		return;
	if (there)
		put(path, text);
	else
		(void) unlink(full(path));
}

enum veinfo { NO_OPENVZ, LISTED, NOT_LISTED, EMPTY, VEINFO_MAX_ };
enum group { NO_GROUP, EMPTY_GROUP, POPULATED, GROUP_MAX_ };

/* What a row of the table has lying about; none of it but the last two may count. */
struct row {
	bool config, private, pid_file, process, netns_link, lock, dump;
	enum group group;
	enum veinfo veinfo;
};

static void make_openvz(enum veinfo veinfo)
{
	static const char *const text[] = { "", "  0 0 90\n  101 0 18\n", "  0 0 90\n  102 0 18\n",
					    "" };

	(void) unlink(full("/proc/vz/veinfo"));
	(void) rmdir(full("/proc/vz"));
	if (veinfo != NO_OPENVZ)
		put("/proc/vz/veinfo", text[veinfo]);
}

static void make_group(enum group group, bool process)
{
	put_or_not(group != NO_GROUP, "/sys/fs/cgroup/vz-101/cgroup.events",
		   group == POPULATED ? "populated 1\nfrozen 0\n" : "populated 0\nfrozen 0\n");
	put_or_not(group != NO_GROUP, "/sys/fs/cgroup/vz-101/cgroup.procs",
		   group != POPULATED ? ""
		   : process	      ? "4711\n"
				      : "4712\n");
	if (group == NO_GROUP)
		(void) rmdir(full("/sys/fs/cgroup/vz-101"));
}

static void make_row(const struct row *r)
{
	static const char stat[] =
		"4711 (init) S 1 4711 4711 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 100 1000 10\n";

	put_or_not(r->config, "/etc/vz/conf/101.conf", "ONBOOT=\"no\"\n");
	put_or_not(r->private, "/vz/private/101/sbin/init", "");
	put_or_not(r->pid_file, "/var/lib/vzctl/vepid/101", "4711");
	put_or_not(r->process, "/proc/4711/stat", stat);
	put_or_not(r->process, "/proc/4711/cmdline", "init");
	put_or_not(r->process, "/proc/4711/cgroup",
		   r->group == POPULATED ? "0::/vz-101\n" : "0::/user.slice\n");
	put_or_not(r->netns_link, "/run/netns/101", "");
	put_or_not(r->lock, "/vz/lock/101.lck", "4711\n\n");
	put_or_not(r->dump, "/vz/dump/Dump.101", "image");
	make_group(r->group, r->process);
	make_openvz(r->veinfo);
}

static enum ocf_state expected(const struct row *r)
{
	switch (r->veinfo) {
	case NO_OPENVZ:
		return r->group == POPULATED ? OCF_STATE_RUNNING : OCF_STATE_STOPPED;
	case LISTED:
		return OCF_STATE_RUNNING;
	case NOT_LISTED:
		return OCF_STATE_STOPPED;
	case EMPTY:
	case VEINFO_MAX_:
		break;
	}
	return OCF_STATE_UNKNOWN;
}

static void every_file_in_every_combination(void **state)
{
	size_t rows = 0;

	(void) state;
	put("/proc/self/mountinfo", "30 25 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
	put("/proc/self/cgroup", "0::/\n");
	put("/proc/1/cgroup", "0::/\n");
	for (unsigned int bits = 0; bits < 128; bits++) {
		for (int group = NO_GROUP; group < GROUP_MAX_; group++) {
			for (int veinfo = NO_OPENVZ; veinfo < VEINFO_MAX_; veinfo++) {
				const struct row r = {
					.config = bits & 1,
					.private = bits & 2,
					.pid_file = bits & 4,
					.process = bits & 8,
					.netns_link = bits & 16,
					.lock = bits & 32,
					.dump = bits & 64,
					.group = (enum group) group,
					.veinfo = (enum veinfo) veinfo,
				};
				enum ocf_state got;

				make_row(&r);
				got = vz_look(&ctx);
				if (got != expected(&r))
					fail_msg("bits %u, group %d, veinfo %d: state %d, not %d",
						 bits, group, veinfo, (int) got,
						 (int) expected(&r));
				rows++;
			}
		}
	}
	assert_int_equal(rows, 128 * 3 * 4);
	make_row(&(struct row){ 0 });
}

/* The pure function behind it: all that its sources can say, against the rule told another way. */
static void every_answer_in_every_combination(void **state)
{
	(void) state;
	for (unsigned int n = 0; n < 2 * 2 * 81; n++) {
		const bool openvz = n & 1, pid = n & 2;
		const enum vz_answer veinfo = (enum vz_answer)(n / 4 % 3),
				     beans = (enum vz_answer)(n / 12 % 3),
				     group = (enum vz_answer)(n / 36 % 3),
				     starter = (enum vz_answer)(n / 108 % 3);
		static struct vz_seen seen;
		bool alive, dead;

		memset(&seen, 0, offsetof(struct vz_seen, groups));
		seen.openvz = openvz;
		seen.pid_in_group = pid;
		seen.veinfo = veinfo;
		seen.beans = beans;
		seen.group = group;
		seen.starter = starter;
		/* Alive: the first source says so, or the second where the first is unreadable. */
		alive = openvz ? veinfo == VZ_YES || (veinfo == VZ_DONT_KNOW && beans == VZ_YES)
			       : group == VZ_YES || (group == VZ_DONT_KNOW && pid);
		/* Dead: only the first source can say so. The second's "no" proves nothing. */
		dead = openvz ? veinfo == VZ_NO : group == VZ_NO;
		assert_int_equal(vz_verdict(&seen), alive || starter == VZ_YES ? OCF_STATE_RUNNING
						    : dead && starter == VZ_NO ? OCF_STATE_STOPPED
									       : OCF_STATE_UNKNOWN);
	}
}

/* A dead init that waits for a process of its namespace is no zombie, but lives no more. */
static void who_lives(void **state)
{
	static const struct {
		const char *state_and_parent, *flags;
		bool alive;
	} rows[] = {
		{ "S 1", "4194560", true }, /* PF_FORKNOEXEC and more */
		{ "D 1", "4194560", true },  { "Z 1", "4228364", false },
		{ "S 1", "4194564", false }, /* PF_EXITING */
		{ "D 1", "4", false },
	};
	char text[256];

	(void) state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		(void) snprintf(
			text, sizeof(text),
			"77 (a) Z 1) %s 77 77 0 -1 %s 1 0 0 0 0 0 0 0 20 0 1 0 100 1000 10\n",
			rows[i].state_and_parent, rows[i].flags);
		put("/proc/77/stat", text);
		assert_int_equal(proc_alive(&ctx, 77), rows[i].alive);
	}
	assert_false(proc_alive(&ctx, 78));
}

static void dumps(void **state)
{
	static const struct {
		bool there, ours, suspends;
		int policy;
		enum vz_dump_plan plan;
	} rows[] = {
		{ true, true, true, VZ_CONTAINER_STALE_DUMP_QUARANTINE, VZ_DUMP_RESTORE },
		{ true, true, true, VZ_CONTAINER_STALE_DUMP_REFUSE, VZ_DUMP_RESTORE },
		{ true, true, true, VZ_CONTAINER_STALE_DUMP_RESTORE, VZ_DUMP_RESTORE },
		{ true, true, false, VZ_CONTAINER_STALE_DUMP_QUARANTINE, VZ_DUMP_ASIDE },
		{ true, true, false, VZ_CONTAINER_STALE_DUMP_REFUSE, VZ_DUMP_ASIDE },
		{ true, true, false, VZ_CONTAINER_STALE_DUMP_RESTORE, VZ_DUMP_ASIDE },
		{ true, false, true, VZ_CONTAINER_STALE_DUMP_QUARANTINE, VZ_DUMP_ASIDE },
		{ true, false, true, VZ_CONTAINER_STALE_DUMP_REFUSE, VZ_DUMP_REFUSE },
		{ true, false, true, VZ_CONTAINER_STALE_DUMP_RESTORE, VZ_DUMP_RESTORE },
		{ true, false, false, VZ_CONTAINER_STALE_DUMP_QUARANTINE, VZ_DUMP_ASIDE },
		{ true, false, false, VZ_CONTAINER_STALE_DUMP_REFUSE, VZ_DUMP_REFUSE },
		{ true, false, false, VZ_CONTAINER_STALE_DUMP_RESTORE, VZ_DUMP_RESTORE },
	};

	(void) state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(
			vz_dump_plan(rows[i].there, rows[i].ours, rows[i].suspends, rows[i].policy),
			rows[i].plan);
		assert_int_equal(
			vz_dump_plan(false, rows[i].ours, rows[i].suspends, rows[i].policy),
			VZ_DUMP_NONE);
	}
}

/* A token fits one dump only, and each start takes it away. */
static void tokens(void **state)
{
	static struct vz_conf c;
	char restore[PATH_MAX + 256], text[512];
	struct stat st;

	(void) state;
	put("/vz/private/101/sbin/init", "");
	conf.stop_mode = VZ_CONTAINER_STOP_MODE_SUSPEND;
	conf.stale_dump = VZ_CONTAINER_STALE_DUMP_QUARANTINE;
	for (int change = 0; change < 5; change++) {
		put("/vz/dump/Dump.101", "image");
		vz_conf_read(&ctx, &c);
		assert_int_equal(lstat(full("/vz/dump/Dump.101"), &st), 0);
		(void) snprintf(text, sizeof(text),
				"ctid=101 inode=%llu size=%lld mtime=%lld.%09ld boot=b\n",
				(unsigned long long) st.st_ino,
				(long long) st.st_size + (change == 1),
				(long long) st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
		if (change == 2)
			text[7]++; /* another container's */
		if (change == 3)
			text[20] = '\0'; /* cut short */
		put("/vz/private/.vzha-dump.101", text);
		if (change == 4) /* started elsewhere meanwhile */
			(void) unlink(full("/vz/private/.vzha-dump.101"));
		assert_int_equal(vz_dump_prepare(&ctx, &c, restore, sizeof(restore)), OCF_SUCCESS);
		assert_int_equal(restore[0] != '\0', change == 0);
		assert_int_equal(access(full("/vz/private/.vzha-dump.101"), F_OK), -1);
		assert_int_equal(access(full("/vz/dump/Dump.101"), F_OK), -1);
	}
	conf.stale_dump = VZ_CONTAINER_STALE_DUMP_REFUSE;
	put("/vz/dump/Dump.101", "image");
	assert_int_equal(vz_dump_prepare(&ctx, &c, restore, sizeof(restore)), OCF_ERR_GENERIC);
	assert_int_equal(access(full("/vz/dump/Dump.101"), F_OK), 0);
	conf = (struct vz_container_conf){ 0 };
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_file_in_every_combination),
		cmocka_unit_test(every_answer_in_every_combination),
		cmocka_unit_test(who_lives),
		cmocka_unit_test(dumps),
		cmocka_unit_test(tokens),
		cmocka_unit_test(promises),
		cmocka_unit_test(kept_promises),
		cmocka_unit_test(limits),
		cmocka_unit_test(openvz_host_ends),
	};

	if (!mkdtemp(root))
		return 1;
	return cmocka_run_group_tests(tests, NULL, remove_root);
}
