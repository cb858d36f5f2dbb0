/* SPDX-License-Identifier: GPL-2.0-or-later */
/* OpenVZ: the state table, the formats of its kernel and of vzctl's files, and who is at work. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "own.h"
#include "vzctl/vz.h"

static char root[] = "/tmp/vz-container-vz-XXXXXX";
static struct vz_container_conf conf;
static struct ocf_ctx ctx = { .conf = &conf, .identity = "101", .sysroot = root };

static const char *make_file(const char *path, const char *text)
{
	static char full[PATH_MAX];
	char dir[PATH_MAX];

	ocf_path(&ctx, full, sizeof(full), "%s", path);
	(void) snprintf(dir, sizeof(dir), "%.*s", (int) (strrchr(full, '/') - full), full);
	assert_int_equal(ocf_mkdir_p(dir, 0755), 0);
	assert_int_equal(ocf_write_file(full, text, 0644), 0);
	return full;
}

static void remove_file(const char *path)
{
	char full[PATH_MAX];

	(void) unlink(ocf_path(&ctx, full, sizeof(full), "%s", path));
}

static enum ocf_state verdict(bool openvz, enum vz_answer kernel, enum vz_answer beans,
			      bool pid_in_group, enum vz_answer starter)
{
	static struct vz_seen seen;

	memset(&seen, 0, offsetof(struct vz_seen, groups));
	seen.openvz = openvz;
	seen.veinfo = openvz ? kernel : VZ_NO;
	seen.group = openvz ? VZ_NO : kernel;
	seen.beans = beans;
	seen.pid_in_group = pid_in_group;
	seen.starter = starter;
	return vz_verdict(&seen);
}

static void verdicts(void **state)
{
	(void) state;
	/* A stock kernel: the groups decide, the PID file only when they cannot be read. */
	assert_int_equal(verdict(false, VZ_NO, VZ_NO, false, VZ_NO), OCF_STATE_STOPPED);
	assert_int_equal(verdict(false, VZ_NO, VZ_YES, false, VZ_NO), OCF_STATE_STOPPED);
	assert_int_equal(verdict(false, VZ_YES, VZ_NO, false, VZ_NO), OCF_STATE_RUNNING);
	assert_int_equal(verdict(false, VZ_DONT_KNOW, VZ_NO, false, VZ_NO), OCF_STATE_UNKNOWN);
	assert_int_equal(verdict(false, VZ_DONT_KNOW, VZ_NO, true, VZ_NO), OCF_STATE_RUNNING);
	/* An OpenVZ kernel: its list decides; the beancounters can only show it alive. */
	assert_int_equal(verdict(true, VZ_NO, VZ_YES, false, VZ_NO), OCF_STATE_STOPPED);
	assert_int_equal(verdict(true, VZ_YES, VZ_NO, false, VZ_NO), OCF_STATE_RUNNING);
	assert_int_equal(verdict(true, VZ_DONT_KNOW, VZ_YES, false, VZ_NO), OCF_STATE_RUNNING);
	assert_int_equal(verdict(true, VZ_DONT_KNOW, VZ_NO, false, VZ_NO), OCF_STATE_UNKNOWN);
	assert_int_equal(verdict(true, VZ_DONT_KNOW, VZ_DONT_KNOW, false, VZ_NO),
			 OCF_STATE_UNKNOWN);
	/* A vzctl about to start it. */
	for (int openvz = 0; openvz <= 1; openvz++) {
		assert_int_equal(verdict(openvz, VZ_NO, VZ_NO, false, VZ_YES), OCF_STATE_RUNNING);
		assert_int_equal(verdict(openvz, VZ_NO, VZ_NO, false, VZ_DONT_KNOW),
				 OCF_STATE_UNKNOWN);
	}
}

static void openvz_kernel(void **state)
{
	static const char beans[] =
		"Version: 2.5\n"
		"       uid  resource           held    maxheld    barrier      limit    failcnt\n"
		"       11:  numproc              77         99        240        240          0\n"
		"      101:  kmemsize        2703360    2994176   11055923   11377049          0\n"
		"            lockedpages           0          0        256        256          0\n"
		"            numproc              12         18        240        240          0\n"
		"      102:  numproc               0         18        240        240          0\n";

	(void) state;
	assert_true(vz_veinfo_lists("         101     2    18    192.168.0.1\n", "101"));
	assert_false(vz_veinfo_lists("        1010     0    18\n", "101"));
	assert_false(vz_veinfo_lists("           0     0   101 101\n", "101"));
	assert_true(vz_veinfo_lists("0 0 9\nA0b1\t0 3", "a0B1"));
	assert_false(vz_veinfo_lists("", "101"));
	assert_true(vz_beans_hold(beans, "101"));
	assert_false(vz_beans_hold(beans, "102"));
	assert_false(vz_beans_hold(beans, "1"));
	assert_false(vz_beans_hold("101", "101"));

	/* Through the files: there, not listed, empty, missing. */
	make_file("/proc/vz/veinfo", "           0     0    90\n         101     0    18\n");
	assert_int_equal(vz_peek(&ctx), OCF_STATE_RUNNING);
	make_file("/proc/vz/veinfo", "           0     0    90\n         102     0    18\n");
	assert_int_equal(vz_peek(&ctx), OCF_STATE_STOPPED);
	make_file("/proc/vz/veinfo", "");
	assert_int_equal(vz_peek(&ctx), OCF_STATE_UNKNOWN);
	remove_file("/proc/vz/veinfo");
	assert_int_equal(vz_peek(&ctx), OCF_STATE_UNKNOWN);
	make_file("/proc/user_beancounters", beans);
	assert_int_equal(vz_peek(&ctx), OCF_STATE_RUNNING);
	ctx.identity = "102";
	assert_int_equal(vz_peek(&ctx), OCF_STATE_UNKNOWN);
	ctx.identity = "101";
}

static void members_by_envid(void **state)
{
	(void) state;
	make_file("/proc/4711/status", "Name:\tinit\nenvID:\t101\nVPid:\t1\n");
	make_file("/proc/4712/status", "Name:\tinit\nenvID:\t1010\n");
	make_file("/proc/4713/status", "Name:\tinit\nenvID:\t0\n");
	make_file("/proc/4714/status", "Name:\tinit\n");
	assert_true(vz_is_member(&ctx, 4711));
	for (int pid = 4712; pid <= 4715; pid++)
		assert_false(vz_is_member(&ctx, pid));
}

static void uses(void **state)
{
	static const struct {
		const char *argv[7];
		enum vz_use use;
	} rows[] = {
		{ { "vzctl", "start", "101" }, VZ_USE_STARTS },
		{ { "/usr/sbin/vzctl", "--skiplock", "start", "101", "--wait" }, VZ_USE_STARTS },
		{ { "vzctl", "restart", "101" }, VZ_USE_STARTS },
		{ { "vzctl", "resume", "101" }, VZ_USE_STARTS },
		{ { "vzctl", "stop", "101", "--fast" }, VZ_USE_LOCKS },
		{ { "vzctl", "set", "101", "--ipadd", "1.2.3.4" }, VZ_USE_LOCKS },
		{ { "vzctl", "stop", "1010" }, VZ_USE_NONE },
		{ { "vzctl", "status", "101" }, VZ_USE_NONE },
		{ { "vzctl", "exec", "101", "vzctl", "start", "101" }, VZ_USE_NONE },
		{ { "vzctl", "exec2", "7", "start", "101" }, VZ_USE_NONE },
		{ { "vzctl", "enter", "101" }, VZ_USE_NONE },
		{ { "vzmigrate", "--online", "node2", "101" }, VZ_USE_LOCKS },
		{ { "/bin/bash", "/usr/sbin/vzmigrate", "node2", "101" }, VZ_USE_LOCKS },
		{ { "less", "vzctl", "start", "101" }, VZ_USE_NONE },
		{ { "vzctl" }, VZ_USE_NONE },
		{ { "101" }, VZ_USE_NONE },
	};

	(void) state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		size_t argc = 0;

		while (argc < ARRAY_SIZE(rows[i].argv) && rows[i].argv[argc])
			argc++;
		assert_int_equal(vz_use_of(rows[i].argv, argc, "101"), rows[i].use);
	}
	assert_int_equal(vz_use_of(NULL, 0, "101"), VZ_USE_NONE);
}

static void values(void **state)
{
	static const struct {
		const char *line, *value; /* of NAME; NULL: another line */
	} rows[] = {
		{ "NAME=\"web\"\n", "web" },
		{ "NAME=web\n", "web" },
		{ "NAME=\"a \"quoted\" name $X\"\n", "a \"quoted\" name $X" },
		{ "NAME=\"a\" # \"b\"\n", "a\" # \"b" },
		{ "NAME=\"\"\n", "" },
		{ "NAME=\"open\n", "open" },
		{ "NAME=\n", "" },
		{ "NAME='a'\n", "'a'" },
		{ "NAMES=\"web\"\n", NULL },
		{ "#NAME=\"web\"\n", NULL },
		{ "NAME = \"web\"\n", NULL },
		{ "", NULL },
	};
	char value[64];

	(void) state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		bool found = vz_conf_value(rows[i].line, "NAME", value, sizeof(value));

		assert_int_equal(found, rows[i].value != NULL);
		if (found)
			assert_string_equal(value, rows[i].value);
	}
	assert_string_equal(vz_conf_expand("/a/$VEID/${VEID}/$V", "101", value, sizeof(value)),
			    "/a/101/101/$V");
	assert_int_equal(strlen(vz_conf_expand("$VEID$VEID", "123456", value, 8)), 7);
}

static void files(void **state)
{
	static struct vz_conf c;

	(void) state;
	vz_conf_read(&ctx, &c);
	assert_false(c.there);
	assert_string_equal(c.lockdir, "/vz/lock");
	assert_string_equal(c.root, "/vz/root/101");
	make_file("/etc/vz/vz.conf", "LOCKDIR=/var/lib/vz/lock\nDUMPDIR=\"/d\"\n"
				     "VE_ROOT=/var/lib/vz/root/$VEID\n");
	make_file("/etc/vz/conf/101.conf",
		  "ONBOOT=\"yes\"\nVE_ROOT=\"/r/$VEID\"\nVE_ROOT=\"/no\"\n");
	vz_conf_read(&ctx, &c);
	assert_true(c.there);
	assert_true(c.onboot);
	assert_string_equal(c.lockdir, "/var/lib/vz/lock");
	assert_string_equal(c.dumpdir, "/d");
	assert_string_equal(c.root, "/r/101");
}

static void locks(void **state)
{
	static const struct vz_conf c = { .lockdir = "/lock" };
	static const char stat[] =
		"4711 (vzctl) S 1 4711 4711 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 "
		"100 1000 10\n";
	static struct vz_lock lock;

	(void) state;
	remove_file("/lock/101.lck");
	vz_lock_read(&ctx, &c, &lock);
	assert_int_equal(lock.state, VZ_LOCK_FREE);
	make_file("/lock/101.lck", "");
	vz_lock_read(&ctx, &c, &lock);
	assert_int_equal(lock.state, VZ_LOCK_STALE);
	make_file("/lock/101.lck", "4711\n\n");
	vz_lock_read(&ctx, &c, &lock);
	assert_int_equal(lock.state, VZ_LOCK_STALE); /* nobody has this number */
	make_file("/proc/4711/stat", stat);
	make_file("/proc/4711/cmdline", "sleep");
	vz_lock_read(&ctx, &c, &lock);
	assert_int_equal(lock.state, VZ_LOCK_STALE); /* somebody else has it */
	assert_int_equal(lock.pid, 4711);
}

static void rewriting(void **state)
{
	static const struct {
		const char *before, *after;
	} rows[] = {
		{ "ONBOOT=\"yes\"\n", "ONBOOT=\"no\"\n" },
		{ "A=1\n ONBOOT = yes\nB=2\nONBOOT=yes\n", "A=1\nONBOOT=\"no\"\nB=2\n" },
		{ "A=1", "A=1\nONBOOT=\"no\"\n" },
		{ "# ONBOOT=yes\nONBOOTX=yes\n", "# ONBOOT=yes\nONBOOTX=yes\nONBOOT=\"no\"\n" },
		{ "", "ONBOOT=\"no\"\n" },
	};
	char buf[256];

	(void) state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *path = make_file("/etc/vz/conf/9.conf", rows[i].before);

		assert_int_equal(own_rewrite(path, "ONBOOT", "ONBOOT=\"no\""), 0);
		assert_in_range(ocf_read_file(path, buf, sizeof(buf)), 1, 255);
		assert_string_equal(buf, rows[i].after);
	}
	assert_int_equal(own_rewrite("/nowhere/9.conf", "A", "A=1"), -ENOENT);
}

static void identities(void **state)
{
	static const char *const good[] = {
		"101", "mail", "mail.example-1", "a", "2147483644", "9a"
	};
	static const char *const bad[] = { "",	 "0",	"0101", "../x", "a/b",	"-a",
					   ".a", "a b", "a\n",	"a;b",	"$(x)", "\xc3\xa4" };
	static const char *const vz[] = { "1", "101", "2147483644",
					  "2b1b0c9e-7f3c-4d0a-9f0e-0123456789Ab" };
	static const char *const not_vz[] = { "",
					      "0",
					      "2147483645",
					      "99999999999",
					      "mail",
					      "10a1",
					      "2b1b0c9e-7f3c-4d0a-9f0e-0123456789a",
					      "2b1b0c9e07f3c-4d0a-9f0e-0123456789ab" };
	const struct ocf_param param = { .name = "ctid" };

	(void) state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_null(ct_check_value(&param, good[i]));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_non_null(ct_check_value(&param, bad[i]));
	for (size_t i = 0; i < ARRAY_SIZE(vz); i++)
		assert_true(ct_engine_vzctl.may_be(vz[i]));
	for (size_t i = 0; i < ARRAY_SIZE(not_vz); i++)
		assert_false(ct_engine_vzctl.may_be(not_vz[i]));
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
		cmocka_unit_test(verdicts),	 cmocka_unit_test(members_by_envid),
		cmocka_unit_test(uses),		 cmocka_unit_test(values),
		cmocka_unit_test(files),	 cmocka_unit_test(locks),
		cmocka_unit_test(rewriting),	 cmocka_unit_test(identities),
		cmocka_unit_test(openvz_kernel),
	};

	if (!mkdtemp(root))
		return 1;
	return cmocka_run_group_tests(tests, NULL, remove_root);
}
