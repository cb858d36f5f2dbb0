/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small files and names: whole or not at all, also under SIGKILL (C4), and never elsewhere (C15). */
#include "ocf-drive.h"
#include "ocf.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void escape_makes_one_name(void **state)
{
	static const struct {
		const char *text, *name;
	} cases[] = {
		{ "one", "one" },
		{ "/d0/vz", "d0-vz" },
		{ "a-b", "a\\x2db" },
		{ "../etc", "\\x2e.-etc" },
		{ ".", "\\x2e" },
		{ "", "" },
		{ "a b\n\xff", "a\\x20b\\x0a\\xff" },
	};
	char buf[64];

	(void) state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(ocf_escape(cases[i].text, buf, sizeof(buf)), cases[i].name);
	assert_string_equal(ocf_escape("12345678", buf, 8), ""); /* never cut */
	assert_string_equal(ocf_escape("1234567", buf, 8), "1234567");
}

static void path_behind_sysroot(void **state)
{
	const struct ocf_ctx ctx = { .sysroot = "/tmp/x" };
	char buf[16];

	(void) state;
	assert_string_equal(ocf_path(&ctx, buf, sizeof(buf), "/run/%d", 12), "/tmp/x/run/12");
	assert_string_equal(ocf_path(&ctx, buf, sizeof(buf), "/run/%d", 12345), "");
}

static void read_small_files(void **state)
{
	char buf[8];

	(void) state;
	assert_int_equal(ocf_read_file(drive_path("none"), buf, sizeof(buf)), -ENOENT);
	assert_int_equal(ocf_write_file(drive_path("f"), "1234567", 0600), 0);
	assert_int_equal(ocf_read_file(drive_path("f"), buf, sizeof(buf)), 7);
	assert_string_equal(buf, "1234567");
	assert_int_equal(ocf_write_file(drive_path("f"), "12345678", 0600), 0);
	assert_int_equal(ocf_read_file(drive_path("f"), buf, sizeof(buf)), -EFBIG);
	assert_string_equal(buf, "1234567");
	/* A fifo in the file's place: an answer, not a hang. */
	assert_int_equal(mkfifo(drive_path("fifo"), 0600), 0);
	assert_int_equal(ocf_read_file(drive_path("fifo"), buf, sizeof(buf)), 0);
	memset(buf, 'x', sizeof(buf));
	assert_int_equal(ocf_read_file(drive_root(), buf, sizeof(buf)), -EISDIR);
	assert_string_equal(buf, ""); /* for those who can do without the file */
	memset(buf, 'x', sizeof(buf));
	assert_int_equal(ocf_read_file(drive_path("none"), buf, sizeof(buf)), -ENOENT);
	assert_string_equal(buf, "");
}

static void write_replaces(void **state)
{
	struct stat st;

	(void) state;
	assert_int_equal(ocf_write_file(drive_path("w"), "old", 0600), 0);
	assert_int_equal(ocf_write_file(drive_path("w"), "new", 0644), 0);
	assert_string_equal(drive_read("w"), "new");
	assert_int_equal(stat(drive_path("w"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);

	/* What a killed action left, even a link to somewhere else, is replaced, not followed. */
	assert_int_equal(ocf_write_file(drive_path("precious"), "mine", 0600), 0);
	assert_int_equal(symlink(drive_path("precious"), drive_path("w.vzha-new")), 0);
	assert_int_equal(ocf_write_file(drive_path("w"), "newer", 0600), 0);
	assert_string_equal(drive_read("w"), "newer");
	assert_string_equal(drive_read("precious"), "mine");

	assert_int_equal(ocf_write_file(drive_path("no/dir/w"), "x", 0600), -ENOENT);
	assert_int_equal(mkdir(drive_path("d"), 0700), 0);
	assert_int_equal(ocf_write_file(drive_path("d"), "x", 0600), -EISDIR);
	assert_int_equal(access(drive_path("d.vzha-new"), F_OK), -1);
}

/* Killed at any moment, a reader sees one whole text or the other. */
static void write_survives_sigkill(void **state)
{
	static char texts[2][4096];

	(void) state;
	memset(texts[0], 'a', sizeof(texts[0]) - 1);
	memset(texts[1], 'b', sizeof(texts[1]) - 1);
	assert_int_equal(ocf_write_file(drive_path("k"), texts[0], 0600), 0);
	for (int i = 0; i < 100; i++) {
		const char *seen;
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0) {
			for (int n = 1;; n++)
				(void) ocf_write_file(drive_path("k"), texts[n % 2], 0600);
		}
		(void) usleep(1000 + (useconds_t) (i * 37 % 1000));
		(void) kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		seen = drive_read("k");
		assert_true(strcmp(seen, texts[0]) == 0 || strcmp(seen, texts[1]) == 0);
	}
}

static void make_directories(void **state)
{
	(void) state;
	assert_int_equal(ocf_mkdir_p(drive_path("m/n/o"), 0755), 0);
	assert_int_equal(ocf_mkdir_p(drive_path("m/n/o"), 0755), 0);
	assert_int_equal(ocf_write_file(drive_path("m/file"), "", 0600), 0);
	assert_int_equal(ocf_mkdir_p(drive_path("m/file"), 0755), -ENOTDIR);
	assert_int_equal(ocf_mkdir_p(drive_path("m/file/x"), 0755), -ENOTDIR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(escape_makes_one_name),  cmocka_unit_test(path_behind_sysroot),
		cmocka_unit_test(read_small_files),	  cmocka_unit_test(write_replaces),
		cmocka_unit_test(write_survives_sigkill), cmocka_unit_test(make_directories),
	};

	return cmocka_run_group_tests(tests, drive_setup, drive_teardown);
}
