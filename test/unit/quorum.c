/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Quorum: what the helper says, what corosync.conf says, and the verdict, as tables of rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "quorum.h"

#define ROWS(a) (sizeof(a) / sizeof((a)[0]))

static void answers_are_read(void **state)
{
	static const struct {
		const char *line;
		bool good;
		enum quorum_answer answer;
	} rows[] = {
		{ "quorate:1 votes:2 expected:3 quorum:2 two_node:0 wait_for_all:1\n", true,
		  QUORUM_QUORATE },
		{ "quorate:0 votes:1 expected:3 quorum:2 two_node:0 wait_for_all:1\n", true,
		  QUORUM_INQUORATE },
		/* A helper that was killed while it printed. */
		{ "quorate:1 votes:2 expected:3 quorum:2 two_node:0 wait_for_all:1", false, 0 },
		{ "quorate:1 votes:2 exp", false, 0 },
		{ "", false, 0 },
		{ "votequorum_getinfo: corosync error 2\n", false, 0 },
		{ "quorate:7 votes:2 expected:3 quorum:2 two_node:0 wait_for_all:1\n", false, 0 },
		{ "quorate:1 votes:2 expected:3 quorum:2 two_node:0 wait_for_all:1\nand more\n",
		  false, 0 },
	};

	(void) state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct quorum_seen seen = { .answer = QUORUM_FAILED, .votes = 77 };

		assert_int_equal(quorum_answer_read(rows[i].line, &seen), rows[i].good);
		assert_int_equal(seen.answer, rows[i].good ? rows[i].answer : QUORUM_FAILED);
		assert_true(rows[i].good ? seen.expected == 3 && seen.needed == 2 &&
						   seen.wait_for_all && !seen.two_node
					 : seen.votes == 77);
	}
}

static void corosync_conf_is_read(void **state)
{
	static const struct {
		const char *text;
		bool votequorum, two_node;
	} rows[] = {
		{ "", false, false },
		{ "quorum {\n\tprovider: corosync_votequorum\n\ttwo_node: 1\n}\n", true, true },
		{ "quorum{\nprovider :corosync_votequorum\n}", true, false },
		{ "quorum {\r\n  provider:   corosync_votequorum  \r\n  two_node: 1\r\n}\r\n", true,
		  true },
		{ "quorum {\n\tprovider: corosync_votequorum\n\ttwo_node: 0\n}\n", true, false },
		{ "# quorum {\nquorum {\n#\tprovider: corosync_votequorum\n}\n", false, false },
		{ "totem {\n\ttwo_node: 1\n\tprovider: corosync_votequorum\n}\n", false, false },
		{ "quorum {\n\tdevice {\n\t\ttwo_node: 1\n\t}\n\tprovider: corosync_votequorum\n}",
		  true, false },
		{ "totem {\n}\n}\nquorum {\n\ttwo_node: 1\n}\n", false, true },
		{ "quorum {\n\tprovider_x: corosync_votequorum\n\tprovider corosync_votequorum\n}",
		  false, false },
		{ "quorum {\n\tprovider: corosync_votequorum_two\n", false, false },
		{ "provider: corosync_votequorum\n{\n}}}}{{{", false, false },
	};

	(void) state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct quorum_conf conf;

		quorum_conf_read(rows[i].text, &conf);
		assert_int_equal(conf.votequorum, rows[i].votequorum);
		assert_int_equal(conf.two_node, rows[i].two_node);
	}
}

static void the_verdict(void **state)
{
	/* Who asks: someone; Pacemaker without, then with votequorum in corosync.conf. */
	static const struct {
		enum quorum_answer answer;
		bool auto_allows[3], require_allows;
	} rows[] = {
		{ QUORUM_QUORATE, { true, true, true }, true },
		{ QUORUM_INQUORATE, { false, false, false }, false },
		{ QUORUM_LATE, { false, false, false }, false },
		{ QUORUM_ABSENT, { true, true, false }, false },
		{ QUORUM_FAILED, { true, true, false }, false },
	};

	(void) state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		for (int who = 0; who < 3; who++) {
			const struct quorum_seen seen = { .answer = rows[i].answer,
							  .pacemaker = who > 0,
							  .is_configured = who == 2 };

			assert_int_equal(quorum_allows(QUORUM_AUTO, &seen),
					 rows[i].auto_allows[who]);
			assert_int_equal(quorum_allows(QUORUM_REQUIRE, &seen),
					 rows[i].require_allows);
			assert_true(quorum_allows(QUORUM_IGNORE, &seen));
		}
	}
	/* corosync.conf alone, read by a person who starts it by hand, binds nobody. */
	assert_true(quorum_allows(QUORUM_AUTO, &(struct quorum_seen){ .answer = QUORUM_ABSENT,
								      .is_configured = true }));
}

/* A refusal names what was seen and something that a person can do. */
static void refusals_name_a_remedy(void **state)
{
	static const struct {
		struct quorum_seen seen;
		const char *has[2];
	} rows[] = {
		{ { QUORUM_INQUORATE, 1, 3, 2, false, false, true, true },
		  { "1 of 3 votes, 2 needed", "bring the missing nodes back" } },
		{ { QUORUM_INQUORATE, 1, 2, 1, true, true, true, true },
		  { "two_node and wait_for_all", "start the other node" } },
		{ { QUORUM_INQUORATE, 2, 3, 2, false, true, true, true },
		  { "wait_for_all", "start them all" } },
		{ { QUORUM_INQUORATE, 1, 2, 2, false, false, true, true },
		  { "two_node: 1 in corosync.conf", "quorum=ignore" } },
		{ { .answer = QUORUM_LATE }, { "does not answer", "quorum=ignore" } },
		{ { .answer = QUORUM_ABSENT, .is_configured = true },
		  { "corosync does not run", "start corosync" } },
		{ { .answer = QUORUM_ABSENT }, { "no corosync", "quorum=ignore" } },
		{ { .answer = QUORUM_FAILED }, { "detail of it", "quorum=ignore" } },
	};
	char text[1024];

	(void) state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		quorum_refusal(&rows[i].seen, "detail of it", text, sizeof(text));
		assert_non_null(strstr(text, rows[i].has[0]));
		assert_non_null(strstr(text, rows[i].has[1]));
		assert_null(strchr(text, '\n'));
		/* Both are within what Pacemaker keeps of it: 127 bytes, "NAME: start refused: " first. */
		for (int k = 0; k < 2; k++)
			assert_true(strstr(text, rows[i].has[k]) + strlen(rows[i].has[k]) - text <=
				    127 - (ptrdiff_t) strlen("router: start refused: "));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_are_read),
		cmocka_unit_test(corosync_conf_is_read),
		cmocka_unit_test(the_verdict),
		cmocka_unit_test(refusals_name_a_remedy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
