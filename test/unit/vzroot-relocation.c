/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What start does with a path, what a line of the mount table says, and what a file's times can tell. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "copy.h"
#include "mounts.h"
#include "relocation.h"

/* As the manual's table: rows by what is here, columns by what the shared tree has. */
static void every_combination_is_decided(void **state)
{
	static const char *const wanted[LOCAL_KINDS] = {
		/* absent, empty, full, file, other */
		[LOCAL_ABSENT] = "- L L L !",	    [LOCAL_EMPTY] = "M R R ! !",
		[LOCAL_FULL] = "S S A ! !",	    [LOCAL_FILE] = "S ! ! A !",
		[LOCAL_OUR_LINK] = "! K K K !",	    [LOCAL_HAND_LINK] = "! a a a !",
		[LOCAL_FOREIGN_LINK] = "! ! ! ! !", [LOCAL_OTHER] = "! ! ! ! !",
	};
	static const char letters[] = {
		[STEP_SKIP] = '-',	  [STEP_KEEP] = 'K',	    [STEP_LINK] = 'L',
		[STEP_ADOPT] = 'a',	  [STEP_REPLACE] = 'R',	    [STEP_SET_ASIDE] = 'A',
		[STEP_MAKE_SHARED] = 'M', [STEP_SEED] = 'S',	    [STEP_REFUSE_SEED] = '!',
		[STEP_REFUSE_LOST] = '!', [STEP_REFUSE_LINK] = '!', [STEP_REFUSE_KIND] = '!',
	};

	(void) state;
	for (enum local_kind local = 0; local < LOCAL_KINDS; local++) {
		char seen[2 * SHARED_KINDS + 1] = "";

		for (enum shared_kind there = 0; there < SHARED_KINDS; there++) {
			enum step step = decide_step(local, there, true);

			seen[2 * there] = letters[step];
			seen[2 * there + 1] = ' ';
			assert_true(step_refuses(step) == (letters[step] == '!'));
			/* Without leave to seed it is the same, but that a seed is refused. */
			assert_int_equal(decide_step(local, there, false),
					 step == STEP_SEED ? STEP_REFUSE_SEED : step);
			assert_non_null(local_kind_name(local));
			assert_non_null(shared_kind_name(there));
			assert_non_null(step_name(step));
		}
		seen[2 * SHARED_KINDS - 1] = '\0';
		assert_string_equal(seen, wanted[local]);
	}
}

static void a_mount_line_is_taken_apart(void **state)
{
	char line[] =
		"88 85 8:1 /a\\040b /mnt/c\\134d rw,noatime master:1 shared:7 - ext4 /dev/sda\\0401 "
		"rw,errors=a\\134:b\n";
	char short_line[] = "36 25 0:41 / /tmp rw - tmpfs none rw\n";
	char none[] = "88 85 8:1 /a /b rw - ext4\n", half[] = "88 85 8:1 - ext4 x rw\n",
	     empty[] = "";
	struct mount mount;

	(void) state;
	assert_true(mount_parse(line, &mount));
	assert_string_equal(mount.device, "8:1");
	assert_string_equal(mount.root, "/a b");
	assert_string_equal(mount.point, "/mnt/c\\d");
	assert_string_equal(mount.options, "rw,noatime");
	assert_string_equal(mount.type, "ext4");
	assert_string_equal(mount.source, "/dev/sda 1");
	assert_string_equal(mount.super, "rw,errors=a\\:b");
	assert_true(mount_parse(short_line, &mount));
	assert_string_equal(mount.super, "rw");
	assert_false(mount_parse(none, &mount));
	assert_false(mount_parse(half, &mount));
	assert_false(mount_parse(empty, &mount));
}

static void layers(const char *super, const char *wanted)
{
	const struct mount mount = { .type = "overlay", .super = super };
	char buf[64], seen[256] = "";
	const char *at = NULL, *layer;

	while ((layer = mount_next_layer(&mount, &at, buf, sizeof(buf)))) {
		(void) strcat(seen, layer);
		(void) strcat(seen, "|");
	}
	assert_string_equal(seen, wanted);
}

static void an_overlay_names_its_layers(void **state)
{
	const struct mount other = { .type = "ext4", .super = "rw,upperdir=/u" };
	const char *at = NULL;
	char buf[64];

	(void) state;
	layers("rw,lowerdir=/a:/b,upperdir=/c,workdir=/d,uuid=on", "/a|/b|/c|/d|");
	layers("rw,lowerdir+=/a,datadir+=/b", "/a|/b|");
	layers("rw,lowerdir=/a::/b", "/a|/b|"); /* data-only layers */
	layers("rw,lowerdir=/a\\:b:/c\\,d", "/a:b|/c,d|");
	layers("rw,lowerdir=l/A:l/B,upperdir=u", "");
	layers("rw,upperdir=/x=/y", "/x=/y|");
	layers("", "");
	assert_null(mount_next_layer(&other, &at, buf, sizeof(buf)));
}

static struct stat written(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	struct stat st;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "x", 1), 1);
	assert_int_equal(fstat(fd, &st), 0);
	(void) close(fd);
	return st;
}

static void what_is_written_after_is_told_from_before(void **state)
{
	char path[] = "/tmp/vzroot-relocation-XXXXXX";
	int fd = mkstemp(path);
	struct copy copy = { .links_fd = -1 };
	int told = 0;

	(void) state;
	assert_true(fd >= 0);
	(void) close(fd);
	for (int i = 0; i < 50; i++) {
		struct stat before = written(path), after;

		copy.since = copy_since(false);
		after = written(path);
		told += !copy_touched(&copy, &before);
		assert_true(copy_touched(&copy, &after));
	}
	/* A tick that comes late, on a busy machine, may take in what was written just before it. */
	assert_true(told > 30);
	(void) unlink(path);
}

/* As a filesystem that keeps seconds only would say it. */
static void a_second_tells_only_when_it_began(void **state)
{
	struct timespec before = { .tv_sec = time(NULL) };
	struct copy copy = { .since = copy_since(true) };
	struct stat st = { .st_ctim.tv_sec = time(NULL) };

	(void) state;
	assert_int_equal(copy.since.tv_nsec, 0);
	assert_true(copy_touched(&copy, &st));
	st.st_ctim = before;
	assert_false(copy_touched(&copy, &st));
}

static void a_top_is_told_by_when_it_was_written(void **state)
{
	struct copy copy = { .since = { .tv_sec = 1000 } };
	struct stat st = { .st_mtim.tv_sec = 999, .st_ctim.tv_sec = 1001 };

	(void) state;
	assert_int_equal(copy_check_times(&copy, "x", &st, false), -EAGAIN);
	assert_int_equal(copy_check_times(&copy, "x", &st, true), 0);
	st.st_mtim.tv_sec = 1000;
	assert_int_equal(copy_check_times(&copy, "x", &st, true), -EAGAIN);
}

/* Of when the clock was wrong: as good as any, as long as it stays what it was. */
static void a_time_to_come_is_compared_with_itself(void **state)
{
	struct copy copy = { .since = { .tv_sec = 1000 } };
	struct stat st = { .st_ino = 7, .st_ctim.tv_sec = time(NULL) + 100000000 }, past = st;

	(void) state;
	st.st_mtim = st.st_ctim;
	assert_int_equal(copy_check_times(&copy, "x", &st, true), 0);
	assert_int_equal(copy_check_times(&copy, "x", &st, false), -EAGAIN);
	assert_int_equal(copy_note_ahead(&copy, &st), 0);
	assert_int_equal(copy_check_times(&copy, "x", &st, false), 0);
	st.st_ctim.tv_nsec++;
	assert_int_equal(copy_check_times(&copy, "x", &st, false), -EAGAIN);
	/* Copied again. */
	assert_int_equal(copy_note_ahead(&copy, &st), 0);
	assert_int_equal(copy_check_times(&copy, "x", &st, false), 0);
	st.st_ino = 8;
	assert_int_equal(copy_check_times(&copy, "x", &st, false), -EAGAIN);
	past.st_ctim.tv_sec = 2000;
	assert_int_equal(copy_note_ahead(&copy, &past), 0);
	assert_int_equal(copy_check_times(&copy, "x", &past, false), -EAGAIN);
	copy_forget_ahead(&copy);
}

static void a_time_is_kept_as_well_as_it_can_be(void **state)
{
	static const struct {
		struct timespec original, there;
		bool same;
	} rows[] = {
		{ { 5, 123456789 }, { 5, 123456789 }, true },
		{ { 5, 123456789 }, { 5, 0 }, true },
		{ { 5, 123456789 }, { 5, 123456700 }, true },
		{ { 5, 123456789 }, { 5, 123456000 }, true },
		{ { 5, 123456789 }, { 5, 123000000 }, true },
		{ { 5, 0 }, { 5, 0 }, true },
		{ { 5, 123456789 }, { 5, 123456788 }, false },
		{ { 5, 0 }, { 5, 1000 }, false },
		{ { 5, 123456789 }, { 6, 0 }, false },
		{ { 5, 123456789 }, { 4, 123456789 }, false },
	};

	(void) state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(copy_same_time(&rows[i].original, &rows[i].there), rows[i].same);
}

static void a_clock_that_runs_was_not_set_back(void **state)
{
	(void) state;
	for (int i = 0; i < 200; i++)
		assert_false(copy_clock_set_back(copy_clock_ms()));
	assert_true(copy_clock_set_back(copy_clock_ms() + 1000));
	assert_false(copy_clock_set_back(copy_clock_ms() - 1000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_combination_is_decided),
		cmocka_unit_test(a_mount_line_is_taken_apart),
		cmocka_unit_test(an_overlay_names_its_layers),
		cmocka_unit_test(what_is_written_after_is_told_from_before),
		cmocka_unit_test(a_second_tells_only_when_it_began),
		cmocka_unit_test(a_top_is_told_by_when_it_was_written),
		cmocka_unit_test(a_time_to_come_is_compared_with_itself),
		cmocka_unit_test(a_time_is_kept_as_well_as_it_can_be),
		cmocka_unit_test(a_clock_that_runs_was_not_set_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
