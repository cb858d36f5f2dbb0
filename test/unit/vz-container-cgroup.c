/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Groups and processes as they look on machines of several kinds, laid out as plain files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgroup.h"
#include "proc.h"

static char root[PATH_MAX];
static struct ocf_ctx ctx = { .identity = "mail", .sysroot = root };

static void make_file(const char *path, const char *text)
{
	char full[PATH_MAX], dir[PATH_MAX];

	ocf_path(&ctx, full, sizeof(full), "%s", path);
	(void) snprintf(dir, sizeof(dir), "%.*s", (int) (strrchr(full, '/') - full), full);
	assert_int_equal(ocf_mkdir_p(dir, 0755), 0);
	assert_int_equal(ocf_write_file(full, text, 0644), 0);
}

static void make_group(const char *path, const char *procs)
{
	char file[PATH_MAX];

	(void) snprintf(file, sizeof(file), "/sys/fs/cgroup%s/cgroup.procs", path);
	make_file(file, procs);
}

static int new_root(void **state)
{
	(void) state;
	(void) snprintf(root, sizeof(root), "/tmp/vz-container-cg-XXXXXX");
	return mkdtemp(root) ? 0 : -1;
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

static void make_v2(const char *self)
{
	make_file("/proc/self/mountinfo",
		  "20 1 0:5 / /proc rw - proc proc rw\n"
		  "30 20 0:30 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n");
	make_file("/proc/self/cgroup", self);
	make_file("/proc/1/cgroup", "0::/init.scope\n");
}

static void unified(void **state)
{
	static struct cg_tree tree;
	struct cg_dir dirs[8];

	(void) state;
	make_v2("0::/system.slice/pacemaker.service\n");
	make_group("/lxc.payload.mail", "");
	make_group("/lxc.payload.mail-1/deep/er", "17\n");
	make_group("/lxc.payload.mail-x", "18\n");
	make_group("/lxc.payload.mailer", "19\n");
	make_group("/system.slice/pacemaker.service/lxc.payload.mail-12", "20\n");
	make_group("/system.slice/other.service/lxc.payload.mail", "21\n");
	assert_int_equal(cg_load(&ctx, &tree), 0);
	assert_int_equal(tree.n, 1);
	assert_int_equal(cg_find(&tree, "lxc.payload.mail", false, dirs, 8), 1);
	assert_int_equal(cg_find(&tree, "lxc.payload.mail", true, dirs, 8), 3);
	assert_int_equal(cg_find(&tree, "lxc.payload.mail", true, dirs, 2), 2);
	assert_int_equal(cg_find(&tree, "lxc.payload.dbms", true, dirs, 8), 0);
	assert_int_equal(cg_find(&tree, "lxc.payload.mail-1", false, dirs, 8), 1);
	assert_int_equal(cg_state(&dirs[0]), CG_POPULATED);
	assert_int_equal(cg_find(&tree, "lxc.payload.mail", false, dirs, 8), 1);
	assert_int_equal(cg_state(&dirs[0]), CG_EMPTY);
	make_file("/sys/fs/cgroup/lxc.payload.mail/cgroup.events", "populated 1\nfrozen 0\n");
	assert_int_equal(cg_state(&dirs[0]), CG_POPULATED);
	make_file("/sys/fs/cgroup/lxc.payload.mail/cgroup.events", "populated 0\nfrozen 0\n");
	assert_int_equal(cg_state(&dirs[0]), CG_EMPTY);
	(void) snprintf(dirs[0].path, sizeof(dirs[0].path), "/nowhere/at/all");
	assert_int_equal(cg_state(&dirs[0]), CG_EMPTY);
}

static void old_and_hybrid(void **state)
{
	static struct cg_tree tree;
	struct cg_dir dirs[8];
	pid_t pids[8];

	(void) state;
	make_file(
		"/proc/self/mountinfo",
		"31 20 0:31 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
		"32 20 0:32 / /sys/fs/cgroup/freezer rw shared:7 - cgroup cgroup rw,freezer\n"
		"33 20 0:33 /jail /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd\n"
		"34 20 0:34 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n");
	make_file("/proc/self/cgroup", "4:freezer:/a/b\n3:name=systemd:/jail/here\n"
				       "2:cpu,cpuacct:/\n0::/../outside\n");
	make_file("/proc/1/cgroup", "4:freezer:/\n");
	make_group("/freezer/a/vz-101", "5\n6\n");
	make_group("/cpu,cpuacct/vz-101", "5\n");
	make_group("/systemd/here/vz-101", "");
	make_group("/unified/vz-101", "");
	make_file("/sys/fs/cgroup/freezer/a/vz-101/freezer.state", "FROZEN\n");
	assert_int_equal(cg_load(&ctx, &tree), 0);
	assert_int_equal(tree.n, 4);
	assert_true(tree.h[0].v2);
	assert_string_equal(tree.h[0].above[0], "");
	assert_int_equal(cg_find(&tree, "vz-101", false, dirs, 8), 4);
	for (size_t i = 0; i < 4; i++) {
		bool here = strstr(dirs[i].path, "/a/vz-101") != NULL;

		assert_int_equal(cg_frozen(&dirs[i]), here);
		if (here)
			assert_int_equal(cg_procs(&dirs[i], pids, 8), 2);
		assert_int_equal(cg_thaw(&dirs[i]), 0);
		assert_false(cg_frozen(&dirs[i]));
	}
}

static void groups_of_a_process(void **state)
{
	static struct cg_tree tree;
	struct cg_dir dirs[4];

	(void) state;
	make_v2("0::/\n");
	make_file("/proc/7/cgroup", "0::/user.slice/lxc.payload.mail/inner/lxc.payload.nested/x\n");
	make_file("/proc/8/cgroup", "0::/user.slice/my-lxc.payload.mail\n");
	assert_int_equal(cg_load(&ctx, &tree), 0);
	assert_int_equal(cg_of(&ctx, &tree, 7, "lxc.payload.", dirs, 4), 1);
	assert_non_null(strstr(dirs[0].path, "/user.slice/lxc.payload.mail"));
	assert_null(strstr(dirs[0].path, "inner"));
	assert_int_equal(cg_of(&ctx, &tree, 8, "lxc.payload.", dirs, 4), 0);
	assert_int_equal(cg_of(&ctx, &tree, 9, "lxc.payload.", dirs, 4), 0);
}

static void nothing_mounted(void **state)
{
	static struct cg_tree tree;
	struct cg_dir dir;

	(void) state;
	assert_int_equal(cg_load(&ctx, &tree), -ENOENT); /* no /proc: cannot tell */
	make_file("/proc/self/mountinfo", "20 1 0:5 / /proc rw - proc proc rw\n");
	assert_int_equal(cg_load(&ctx, &tree), 0);
	assert_int_equal(cg_find(&tree, "lxc.payload.mail", true, &dir, 1), 0);
}

static void processes(void **state)
{
	struct proc_stat st;
	char buf[64];
	const char *argv[4];

	(void) state;
	assert_int_equal(proc_stat_read(&ctx, 5, &st), -ESRCH);
	make_file("/proc/5/stat", "5 (a) Z 1 (b) S 42 5 5 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 "
				  "777 1000 10\n");
	assert_int_equal(proc_stat_read(&ctx, 5, &st), 0);
	assert_int_equal(st.state, 'S');
	assert_int_equal(st.ppid, 42);
	assert_int_equal(st.start_ticks, 777);
	assert_true(proc_alive(&ctx, 5));
	make_file("/proc/5/stat", "5 (a) Z 1 5 5 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 777 1 1\n");
	assert_false(proc_alive(&ctx, 5));
	make_file("/proc/5/stat", "garbage");
	assert_false(proc_alive(&ctx, 5));

	make_file("/proc/5/status", "Name:\tx\nNSpid:\t5\t1\nNSpgid:\t1\n");
	assert_true(proc_is_ns_init(&ctx, 5));
	make_file("/proc/5/status", "Name:\tx\nNSpid:\t5\t7\nNSpgid:\t1\n");
	assert_false(proc_is_ns_init(&ctx, 5));
	make_file("/proc/5/status", "Name:\tx\nNSpid:\t1\nNSpgid:\t1\n");
	assert_false(proc_is_ns_init(&ctx, 5)); /* of our own namespace */

	make_file("/proc/5/cmdline", "");
	assert_int_equal(proc_argv(&ctx, 5, buf, sizeof(buf), argv, 4), 0);
	make_file("/proc/5/cmdline", "sleep 1");
	assert_int_equal(proc_argv(&ctx, 5, buf, sizeof(buf), argv, 4), 1);
	assert_string_equal(argv[0], "sleep 1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(unified, new_root, remove_root),
		cmocka_unit_test_setup_teardown(old_and_hybrid, new_root, remove_root),
		cmocka_unit_test_setup_teardown(groups_of_a_process, new_root, remove_root),
		cmocka_unit_test_setup_teardown(nothing_mounted, new_root, remove_root),
		cmocka_unit_test_setup_teardown(processes, new_root, remove_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
