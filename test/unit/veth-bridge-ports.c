/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which links a bridge wants: patterns, their overlap, and the verdict on a link. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <fnmatch.h>

#include <cmocka.h>

#include <net/if.h>

#include "veth-bridge.h"

#define BRIDGE 7
#define OTHER  8

static void whole_names_fit(void **state)
{
	static const struct {
		const char *patterns, *name;
		bool fits;
	} rows[] = {
		{ "veth[0-9]*.[0-9]*", "veth101.0", true },
		{ "veth[0-9]*.[0-9]*", "veth101", false },
		{ "veth[0-9]*.[0-9]*", "xveth101.0", false },
		{ "veth[0-9]*.[0-9]*", "vethqzyKOz", false },
		{ "a b\tc\n", "b", true },
		{ "a b\tc\n", "c", true },
		{ "a b\tc\n", "d", false },
		{ "", "a", false },
		{ "  ", "a", false },
	};

	(void) state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(patterns_match(rows[i].patterns, rows[i].name), rows[i].fits);
}

static void overlap(void **state)
{
	static const struct {
		const char *a, *b;
		bool overlap;
	} rows[] = {
		{ "veth[0-9]*.[0-9]*", "veth[0-9]*.[0-9]*", true },
		{ "veth1*", "veth2*", false },
		{ "veth1*", "*2", true },
		{ "a*b", "*c", false },
		{ "a*b", "b*a", false },
		{ "a*", "b a", true },
		{ "[a-c]x", "[c-e]x", true },
		{ "[a-c]x", "[d-e]x", false },
		{ "[!a]x", "ax", false },
		{ "[]]x", "\\]x", true },
		{ "?", "", false },
		{ "*", "?", true },
		{ "**", "a", true },
		{ "", "*", false },
		{ "a\\*b", "a*b", true },
		{ "a\\*b", "axb", false },
		{ "[a", "\\[a", true },
	};

	(void) state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (patterns_overlap(rows[i].a, rows[i].b) != rows[i].overlap)
			fail_msg("%s and %s", rows[i].a, rows[i].b);
		if (patterns_overlap(rows[i].b, rows[i].a) != rows[i].overlap)
			fail_msg("%s and %s", rows[i].b, rows[i].a);
	}
}

/* Against all names of up to four letters of a small alphabet. */
static bool overlap_by_search(const char *a, const char *b)
{
	static const char letters[] = "abc";

	for (int n = 1; n < 4 * 4 * 4 * 4; n++) {
		char name[5];
		size_t len = 0;

		for (int rest = n; rest; rest /= 4) {
			if (rest % 4 == 3)
				continue;
			name[len++] = letters[rest % 4];
		}
		name[len] = '\0';
		if (len && fnmatch(a, name, 0) == 0 && fnmatch(b, name, 0) == 0)
			return true;
	}
	return false;
}

static void overlap_agrees_with_search(void **state)
{
	static const char *const parts[] = { "a", "b", "*", "?", "[ab]", "[!a]" };
	unsigned int seed = 20;

	(void) state;
	for (int i = 0; i < 3000; i++) {
		char pattern[2][32] = { "", "" };

		for (int p = 0; p < 2; p++) {
			for (int n = 1 + rand_r(&seed) % 2; n >= 0; n--)
				(void) strcat(pattern[p], parts[rand_r(&seed) % 6]);
		}
		/* Found by search, it must be seen. */
		if (overlap_by_search(pattern[0], pattern[1]) &&
		    !patterns_overlap(pattern[0], pattern[1]))
			fail_msg("%s and %s", pattern[0], pattern[1]);
		/* Without stars the search is complete. */
		if (!strpbrk(pattern[0], "*!") && !strpbrk(pattern[1], "*!") &&
		    patterns_overlap(pattern[0], pattern[1]) !=
			    overlap_by_search(pattern[0], pattern[1]))
			fail_msg("%s and %s", pattern[0], pattern[1]);
	}
}

static void syntax(void **state)
{
	(void) state;
	assert_null(patterns_check("veth* [ab]?"));
	assert_null(patterns_check(""));
	assert_non_null(patterns_check("a/b"));
	assert_non_null(patterns_check("a\x01"));
	assert_non_null(
		patterns_check("0123456789012345678901234567890123456789012345678901234567890123"));
}

static void verdicts(void **state)
{
	static const struct {
		const char *name, *kind;
		bool elsewhere, up;
		int master;
		enum port_verdict verdict;
	} rows[] = {
		{ "veth1.0", "veth", true, true, 0, PORT_FREE },
		{ "veth1.0", "macvlan", true, true, 0, PORT_FREE },
		{ "veth1.0", "veth", true, false, 0, PORT_DOWN },
		{ "veth1.0", "veth", false, true, 0, PORT_UNFINISHED },
		{ "veth1.0", "veth", false, false, 0, PORT_UNFINISHED },
		{ "veth1.0", "veth", true, true, BRIDGE, PORT_ATTACHED },
		{ "veth1.0", "veth", true, true, OTHER, PORT_TAKEN },
		/* a card, a bridge, a tunnel that are only called so */
		{ "veth1.0", "", true, true, 0, PORT_NOT_MEANT },
		{ "veth1.0", "", false, true, 0, PORT_NOT_MEANT },
		{ "veth1.0", "bridge", true, true, 0, PORT_NOT_MEANT },
		{ "veth1.0", "vlan", true, true, 0, PORT_NOT_MEANT },
		{ "veth1.0", "bond", true, true, 0, PORT_NOT_MEANT },
		{ "other", "veth", true, true, 0, PORT_NOT_MEANT },
		/* OpenVZ's host ends are known by their list */
		{ "veth101.0", "", false, true, 0, PORT_FREE },
		{ "veth101.0", "", false, false, 0, PORT_DOWN },
		{ "veth101.0", "veth", false, true, 0, PORT_FREE },
		{ "veth101.0", "", false, true, OTHER, PORT_TAKEN },
		{ "veth101.0", "vlan", false, true, 0, PORT_NOT_MEANT },
	};

	(void) state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct nlbridge_link link = {
			.ifindex = 100,
			.master = rows[i].master,
			.peer_elsewhere = rows[i].elsewhere,
			.flags = rows[i].up ? IFF_UP : 0,
		};

		(void) snprintf(link.name, sizeof(link.name), "%s", rows[i].name);
		(void) snprintf(link.kind, sizeof(link.kind), "%s", rows[i].kind);
		if (port_judge(&link, BRIDGE, "br0", "veth[0-9]*.[0-9]*", VZ_LIST_FIXTURE) !=
		    rows[i].verdict)
			fail_msg("row %zu", i);
	}
}

static void addresses(void **state)
{
	struct veth_bridge_conf conf = { .bridge = "br0", .mac = "auto" };
	struct ocf_ctx ctx = { .conf = &conf, .node = "n1", .sysroot = "/nonexistent" };
	struct nlbridge_link lo = { .name = "lo", .hardware = 772 };
	struct nlbridge_link card = { .name = "eth0", .hardware = 1, .next = &lo };
	uint64_t by_card, by_name;

	(void) state;
	by_name = chosen_mac(&ctx, &lo);
	assert_int_equal(chosen_mac(&ctx, &lo), by_name);
	assert_int_equal(by_name >> 40 & 3, 2); /* locally administered, not multicast */
	ctx.node = "n2";
	assert_int_not_equal(chosen_mac(&ctx, &lo), by_name);

	memcpy(card.permanent_mac, "\x52\x54\x00\x00\x00\x01", 6);
	by_card = chosen_mac(&ctx, &card);
	ctx.node = "n1";
	assert_int_equal(chosen_mac(&ctx, &card), by_card);
	conf.bridge = "br1";
	assert_int_not_equal(chosen_mac(&ctx, &card), by_card);
	assert_int_equal(parse_mac("02:00:00:ab:CD:ef"), 0x020000abcdefULL);
}

static void vlan_lists(void **state)
{
	static const struct {
		const char *list, *name;
		size_t n; /* of VLANs */
		uint16_t first;
		bool untagged;
	} rows[] = {
		{ "veth101.0=10 veth102.0=10,20t", "veth101.0", 1, 10, true },
		{ "veth101.0=10 veth102.0=10,20t", "veth102.0", 2, 10, true },
		{ "veth101.0=10 veth102.0=10,20t", "veth103.0", 0, 0, false },
		{ "veth*=10t,4094 veth1=20", "veth1", 2, 10, false }, /* the first that fits */
		{ "", "veth1", 0, 0, false },
	};
	static const char *const bad[] = { "veth1",	 "veth1=",    "=10",	   "veth1=0",
					   "veth1=4095", "veth1=010", "veth1=10,", "veth1=10,10t",
					   "veth1=1,2",	 "veth1=1x",  "a/b=1",	   "v=1 w" };
	struct nlbridge_vlan vlans[PORT_VLANS_MAX];

	(void) state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_null(wish_check_vlans(rows[i].list));
		assert_int_equal(wish_vlans(rows[i].list, rows[i].name, vlans), rows[i].n);
		if (rows[i].n == 0)
			continue;
		assert_int_equal(vlans[0].id, rows[i].first);
		assert_int_equal(vlans[0].untagged, rows[i].untagged);
		assert_int_equal(vlans[0].pvid, rows[i].untagged);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		if (!wish_check_vlans(bad[i]))
			fail_msg("%s", bad[i]);
	}
}

static void wish_as_words(void **state)
{
	const struct port_wish wish = { "a* b", "a=10\nb=20", "c", "", 3, 200 };
	struct wish_words *words = malloc(sizeof(*words));
	char *argv[WISH_WORDS];
	struct port_wish back;

	(void) state;
	assert_non_null(words);
	assert_int_equal(wish_words(&wish, words), WISH_WORDS);
	for (size_t i = 0; i < WISH_WORDS; i++) {
		argv[i] = words->word[i];
		assert_null(strchr(argv[i], '\n')); /* a line each */
	}
	assert_true(wish_parse(argv, &back));
	assert_string_equal(back.ports, "a* b");
	assert_string_equal(back.vlans, "a=10 b=20");
	assert_string_equal(back.isolated, "c");
	assert_string_equal(back.hairpin, "");
	assert_int_equal(back.announce, 3);
	assert_int_equal(back.announce_interval_ms, 200);
	argv[1] = argv[2];
	assert_false(wish_parse(argv, &back));
	free(words);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_names_fit),
		cmocka_unit_test(overlap),
		cmocka_unit_test(overlap_agrees_with_search),
		cmocka_unit_test(syntax),
		cmocka_unit_test(verdicts),
		cmocka_unit_test(addresses),
		cmocka_unit_test(vlan_lists),
		cmocka_unit_test(wish_as_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
