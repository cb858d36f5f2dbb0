/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who holds the device (D4), from a made-up /proc and /sys: what a test on a real kernel cannot have
 * all at once. The open file, the mount elsewhere and swap are also seen live in test/vm.
 */
#include "drbddisk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cmocka.h>

static char root[] = "/tmp/vzha-holders-XXXXXX";

static const char *at(const char *path)
{
	static char text[512];

	(void) snprintf(text, sizeof(text), "%s%s", root, path);
	return text;
}

static void put(const char *path, const char *text)
{
	char dir[512];

	(void) snprintf(dir, sizeof(dir), "%s", at(path));
	*strrchr(dir, '/') = '\0';
	assert_int_equal(ocf_mkdir_p(dir, 0755), 0);
	assert_int_equal(ocf_write_file(at(path), text, 0644), 0);
}

static int make_root(void **state)
{
	(void) state;
	return mkdtemp(root) ? 0 : -1;
}

static int remove_root(void **state)
{
	char command[600];

	(void) state;
	(void) snprintf(command, sizeof(command), "rm -rf %s", root);
	return system(command);
}

static const char *holders(void)
{
	static const struct ocf_agent agent = { 0 };
	static char text[700];
	struct ocf_ctx ctx = { .agent = &agent,
			       .action = "stop",
			       .sysroot = root,
			       .start_ms = ocf_now_ms(),
			       .deadline_ms = ocf_now_ms() + 60000 };
	const struct drbd_view view = { .found = true, .n_devices = 1, .devices[0].minor = 7 };

	drbd_holders(&ctx, &view, text, sizeof(text));
	return text;
}

static void assert_says(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" does not say \"%s\"", text, part);
}

static void nobody(void **state)
{
	(void) state;
	assert_string_equal(holders(), "");
}

/* A volume group on it, a volume of that mounted in a container, and a stranger's mount. */
static void stacked(void **state)
{
	const char *text;

	(void) state;
	put("/sys/dev/block/147:7/holders/dm-0", "");
	put("/sys/class/block/dm-0/dev", "253:0\n");
	put("/sys/class/block/dm-0/dm/name", "vg-mail\n");
	put("/sys/dev/block/253:0/holders/dm-1", "");
	put("/sys/class/block/dm-1/dev", "253:1\n");
	put("/proc/42/comm", "sleep\n");
	put("/proc/42/ns/mnt", "");
	put("/proc/42/cgroup", "0::/lxc.payload.mail/init\n");
	put("/proc/42/mountinfo", "21 20 253:1 / /srv rw - ext4 /dev/dm-1 rw\n"
				  "22 20 253:9 / /other rw - ext4 /dev/dm-9 rw\n"
				  "23 20 147:6 / /not-ours rw - ext4 /dev/drbd6 rw\n");
	/* The same namespace again is the same mount. */
	put("/proc/43/comm", "child\n");
	put("/proc/43/mountinfo", "21 20 253:1 / /srv rw - ext4 /dev/dm-1 rw\n");
	assert_int_equal(ocf_mkdir_p(at("/proc/43/ns"), 0755), 0);
	{
		char first[512];

		(void) snprintf(first, sizeof(first), "%s", at("/proc/42/ns/mnt"));
		assert_int_equal(link(first, at("/proc/43/ns/mnt")), 0);
	}
	text = holders();
	assert_says(text, "block device dm-0 (vg-mail) on it");
	assert_says(text, "block device dm-1 on it");
	assert_says(text, "mount on /srv in the mount namespace of pid 4");
	assert_null(strstr(text, "/other"));
	assert_null(strstr(text, "/not-ours"));
	assert_null(strstr(strstr(text, "/srv") + 1, "/srv"));
	assert_says(text, "container mail");
}

/* Device nodes are needed, and so root. */
static void loop_swap_and_open(void **state)
{
	const char *text;

	(void) state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(ocf_mkdir_p(at("/dev"), 0755), 0);
	assert_int_equal(mknod(at("/dev/drbd7"), S_IFBLK | 0600, makedev(147, 7)), 0);
	put("/sys/class/block/loop3/loop/backing_file", "/dev/drbd7\n");
	put("/sys/class/block/loop3/dev", "7:3\n");
	put("/sys/class/block/loop4/loop/backing_file", "/srv/image\n");
	put("/sys/class/block/loop4/dev", "7:4\n");
	put("/proc/swaps", "Filename Type Size Used Priority\n/dev/drbd7 partition 1 0 -2\n"
			   "/dev/sda2 partition 1 0 -3\n");
	text = holders();
	assert_says(text, "loop device loop3 on it");
	assert_null(strstr(text, "loop4"));
	assert_says(text, "swap on /dev/drbd7");
	assert_null(strstr(text, "sda2"));
}

/* A hundred processes: a person needs some, and how many more there are. */
static void many(void **state)
{
	(void) state;
	for (int i = 100; i < 120; i++) {
		char path[64];

		(void) snprintf(path, sizeof(path), "/proc/%d/comm", i);
		put(path, "reader\n");
		(void) snprintf(path, sizeof(path), "/proc/%d/ns/mnt", i);
		put(path, "");
		(void) snprintf(path, sizeof(path), "/proc/%d/mountinfo", i);
		put(path, "1 0 147:7 / /d0 rw - ext4 /dev/drbd7 rw\n");
	}
	assert_says(holders(), " more");
	assert_true(strlen(holders()) < 700);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody),
		cmocka_unit_test(stacked),
		cmocka_unit_test(loop_swap_and_open),
		cmocka_unit_test(many),
	};

	return cmocka_run_group_tests(tests, make_root, remove_root);
}
