/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What ports of a bridge shall be like: the lists of the parameters, and putting a port right. */
#include "shared.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLANKS	    " \t\n"
#define VLAN_ID_MAX 4094

/* "10" or "20t". Return: what follows it; NULL: it is no VLAN. */
static const char *parse_vlan(const char *text, struct nlbridge_vlan *ret_vlan)
{
	unsigned int id = 0;
	size_t digits = strspn(text, "0123456789");
	bool tagged = text[digits] == 't';

	if (digits == 0 || digits > 4 || text[0] == '0')
		return NULL;
	for (size_t i = 0; i < digits; i++)
		id = 10 * id + (unsigned int) (text[i] - '0');
	if (id > VLAN_ID_MAX)
		return NULL;
	*ret_vlan =
		(struct nlbridge_vlan){ .id = (uint16_t) id, .pvid = !tagged, .untagged = !tagged };
	return text + digits + tagged;
}

/* The list behind "NAME=", up to a blank. How many; 0: it is not well-formed. */
static size_t parse_vlans(const char *text, struct nlbridge_vlan vlans[PORT_VLANS_MAX])
{
	size_t n = 0, n_untagged = 0;

	for (;;) {
		if (n == PORT_VLANS_MAX || !(text = parse_vlan(text, &vlans[n])))
			return 0;
		for (size_t i = 0; i < n; i++) {
			if (vlans[i].id == vlans[n].id)
				return 0;
		}
		n_untagged += vlans[n++].untagged;
		if (n_untagged > 1)
			return 0;
		if (*text == '\0' || strchr(BLANKS, *text))
			return n;
		if (*text++ != ',')
			return 0;
	}
}

/* The entry's pattern as a text of its own; its length, 0 when there is none. */
static size_t entry_pattern(const char *entry, char *buf, size_t size)
{
	size_t len = strcspn(entry, "=" BLANKS);

	if (entry[len] != '=' || len >= size)
		return 0;
	memcpy(buf, entry, len);
	buf[len] = '\0';
	return len;
}

const char *wish_check_vlans(const char *list)
{
	struct nlbridge_vlan vlans[PORT_VLANS_MAX];
	char pattern[64];

	if (strlen(list) > WISH_LIST_MAX)
		return "must not be longer than 4000 bytes";
	for (const char *p = list; *(p += strspn(p, BLANKS)); p += strcspn(p, BLANKS)) {
		size_t len = entry_pattern(p, pattern, sizeof(pattern));

		if (len == 0 || patterns_check(pattern))
			return "must be entries like veth101.0=10,20t, separated by blanks";
		if (parse_vlans(p + len + 1, vlans) == 0)
			return "must list different VLANs of 1 to 4094 for each port, with a t behind "
			       "those with a tag, and at most one without";
	}
	return NULL;
}

size_t wish_vlans(const char *list, const char *name, struct nlbridge_vlan vlans[PORT_VLANS_MAX])
{
	char pattern[64];

	for (const char *p = list; *(p += strspn(p, BLANKS)); p += strcspn(p, BLANKS)) {
		size_t len = entry_pattern(p, pattern, sizeof(pattern));

		if (len && fnmatch(pattern, name, 0) == 0)
			return parse_vlans(p + len + 1, vlans);
	}
	return 0;
}

/* Not wanted is told only to a port of ours: what others did with theirs is theirs. */
static void want_flag(const char *patterns, const struct nlbridge_link *link, bool ours,
		      enum nlbridge_setting setting, struct nlbridge_value *values, size_t *n)
{
	bool fits = patterns_match(patterns, link->name);

	if (*patterns && (fits || ours))
		values[(*n)++] = (struct nlbridge_value){ setting, fits };
}

static int settle_flags(struct nlbridge *nb, const struct port_wish *wish,
			const struct nlbridge_link *link, bool ours, bool *changed)
{
	struct nlbridge_value values[2];
	const struct nlbridge_link *after;
	size_t n = 0;
	int r;

	want_flag(wish->hairpin, link, ours, NLBRIDGE_HAIRPIN, values, &n);
	want_flag(wish->isolated, link, ours, NLBRIDGE_ISOLATED, values, &n);
	if (nlbridge_link_differs(link, values, n, 0) == n)
		return 0;
	r = nlbridge_port_set(nb, link->ifindex, values, n);
	if (r == 0)
		r = nlbridge_link_get_index(nb, link->ifindex, &after);
	if (r < 0)
		return r;
	r = nlbridge_link_differs(after, values, n, 0) == n ? 0 : -EOPNOTSUPP;
	nlbridge_links_free(after);
	*changed = true;
	return r;
}

static bool has_vlans(const struct nlbridge_vlan *all, size_t n_all, int port,
		      const struct nlbridge_vlan *wanted, size_t n)
{
	size_t n_port = 0, n_same = 0;

	for (size_t i = 0; i < n_all; i++) {
		if (all[i].port != port)
			continue;
		n_port++;
		for (size_t j = 0; j < n; j++)
			n_same += all[i].id == wanted[j].id && all[i].pvid == wanted[j].pvid &&
				  all[i].untagged == wanted[j].untagged;
	}
	return n_port == n && n_same == n;
}

int wish_settle(struct nlbridge *nb, const struct port_wish *wish, const struct nlbridge_link *link,
		bool ours, const struct port_vlans *all, bool *ret_changed)
{
	struct nlbridge_vlan vlans[PORT_VLANS_MAX];
	bool changed = false;
	size_t n = wish_vlans(wish->vlans, link->name, vlans);
	bool meant = n > 0 || (ours && *wish->vlans);
	int r = settle_flags(nb, wish, link, ours, &changed);

	if (n == 0 && all->usual)
		vlans[n++] =
			(struct nlbridge_vlan){ .id = all->usual, .pvid = true, .untagged = true };
	if (r == 0 && meant && !has_vlans(all->vlans, all->n, link->ifindex, vlans, n)) {
		r = nlbridge_port_vlans_set(nb, link->master, link->ifindex, vlans, n);
		changed = true;
	}
	*ret_changed = changed;
	return r;
}

int wish_look_at_vlans(struct nlbridge *nb, const struct port_wish *wish, int bridge,
		       struct port_vlans *ret_all)
{
	const struct nlbridge_link *link;
	uint64_t usual = 0;
	int r;

	*ret_all = (struct port_vlans){ .vlans = NULL };
	if (!*wish->vlans)
		return 0;
	r = nlbridge_link_get_index(nb, bridge, &link);
	if (r < 0)
		return r;
	(void) nlbridge_link_value(link, NLBRIDGE_VLAN_DEFAULT_PVID, &usual);
	nlbridge_links_free(link);
	ret_all->usual = (uint16_t) usual;
	return nlbridge_vlans(nb, bridge, &ret_all->vlans, &ret_all->n);
}

/* One word each, in this order; the first is the ports alone: rivals read it. */
size_t wish_words(const struct port_wish *wish, struct wish_words *ret_words)
{
	int n[WISH_WORDS] = {
		snprintf(ret_words->word[0], WISH_WORD_MAX, "%s", wish->ports),
		snprintf(ret_words->word[1], WISH_WORD_MAX, "vlans=%s", wish->vlans),
		snprintf(ret_words->word[2], WISH_WORD_MAX, "isolated=%s", wish->isolated),
		snprintf(ret_words->word[3], WISH_WORD_MAX, "hairpin=%s", wish->hairpin),
		snprintf(ret_words->word[4], WISH_WORD_MAX, "announce=%d", wish->announce),
		snprintf(ret_words->word[5], WISH_WORD_MAX, "announce_interval_ms=%d",
			 wish->announce_interval_ms),
	};

	for (size_t i = 0; i < WISH_WORDS; i++) {
		if (n[i] < 0 || n[i] >= WISH_WORD_MAX)
			return 0;
		/* A line each in the lock file. */
		for (char *p = ret_words->word[i]; *p; p++) {
			if (*p == '\n')
				*p = ' ';
		}
	}
	return WISH_WORDS;
}

static const char *value_of(const char *word, const char *name)
{
	size_t len = strlen(name);

	return strncmp(word, name, len) == 0 && word[len] == '=' ? word + len + 1 : NULL;
}

bool wish_parse(char *const words[WISH_WORDS], struct port_wish *ret_wish)
{
	const char *announce = value_of(words[4], "announce");
	const char *interval = value_of(words[5], "announce_interval_ms");
	struct port_wish wish = { .ports = words[0],
				  .vlans = value_of(words[1], "vlans"),
				  .isolated = value_of(words[2], "isolated"),
				  .hairpin = value_of(words[3], "hairpin") };

	if (!wish.vlans || !wish.isolated || !wish.hairpin || !announce || !interval)
		return false;
	wish.announce = (int) strtol(announce, NULL, 10);
	wish.announce_interval_ms = (int) strtol(interval, NULL, 10);
	*ret_wish = wish;
	return true;
}
