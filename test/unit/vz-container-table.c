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

#include "proc.h"
#include "vzctl/vz.h"

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
	};

	if (!mkdtemp(root))
		return 1;
	return cmocka_run_group_tests(tests, NULL, remove_root);
}
