/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verdict about quorum as a table, and its words. */
#include "quorum.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

bool quorum_answer_read(const char *line, struct quorum_seen *ret_seen)
{
	unsigned int quorate, votes, expected, needed, two_node, wait_for_all;
	char end = '\0';

	/* The last conversion proves that the line is whole. */
	if (sscanf(line, QUORUM_LINE "%c", &quorate, &votes, &expected, &needed, &two_node,
		   &wait_for_all, &end) != 6 ||
	    quorate > 1 || two_node > 1 || wait_for_all > 1 || !strchr(line, '\n'))
		return false;
	ret_seen->answer = quorate ? QUORUM_QUORATE : QUORUM_INQUORATE;
	ret_seen->votes = votes;
	ret_seen->expected = expected;
	ret_seen->needed = needed;
	ret_seen->two_node = two_node;
	ret_seen->wait_for_all = wait_for_all;
	return true;
}

/* The value of "key: value" when @line has this key, without blanks around it; else NULL. */
static const char *value_of(const char *line, size_t len, const char *key, size_t *ret_len)
{
	size_t key_len = strlen(key);
	const char *value;

	if (len <= key_len || strncmp(line, key, key_len) != 0)
		return NULL;
	value = line + key_len;
	len -= key_len;
	while (len > 0 && isblank((unsigned char) *value))
		value++, len--;
	if (len == 0 || *value != ':')
		return NULL;
	value++, len--;
	while (len > 0 && isspace((unsigned char) *value))
		value++, len--;
	*ret_len = len;
	return value;
}

static bool is_word(const char *value, size_t len, const char *word)
{
	return value && len == strlen(word) && strncmp(value, word, len) == 0;
}

static void read_quorum_line(const char *line, size_t len, struct quorum_conf *conf)
{
	size_t value_len = 0;
	const char *value = value_of(line, len, "provider", &value_len);

	if (value)
		conf->votequorum = is_word(value, value_len, "corosync_votequorum");
	value = value_of(line, len, "two_node", &value_len);
	if (value)
		conf->two_node = is_word(value, value_len, "1");
}

/* As corosync's own reader: one item a line, "section {", "}", "key: value", comments whole lines. */
void quorum_conf_read(const char *text, struct quorum_conf *ret_conf)
{
	bool in_quorum = false;
	size_t depth = 0, len;

	*ret_conf = (struct quorum_conf){ 0 };
	for (const char *line = text; *line; line += len + (line[len] == '\n')) {
		const char *item = line;
		size_t item_len;

		len = item_len = strcspn(line, "\n");
		while (item_len > 0 && isspace((unsigned char) *item))
			item++, item_len--;
		while (item_len > 0 && isspace((unsigned char) item[item_len - 1]))
			item_len--;
		if (item_len == 0 || *item == '#')
			continue;
		if (item[item_len - 1] == '{') {
			size_t name_len = strcspn(item, " \t{");

			if (depth++ == 0)
				in_quorum = is_word(item, name_len, "quorum");
		} else if (*item == '}') {
			depth -= depth > 0;
		} else if (in_quorum && depth == 1) {
			read_quorum_line(item, item_len, ret_conf);
		}
	}
}

bool quorum_allows(enum quorum_policy policy, const struct quorum_seen *seen)
{
	if (policy == QUORUM_IGNORE)
		return true;
	switch (seen->answer) {
	case QUORUM_QUORATE:
		return true;
	case QUORUM_INQUORATE:
	case QUORUM_LATE:
		return false;
	case QUORUM_ABSENT:
	case QUORUM_FAILED:
		break;
	}
	/* Nobody knows. Pacemaker on this corosync should have one to ask; others may have none. */
	return policy == QUORUM_AUTO && !(seen->pacemaker && seen->is_configured);
}

static void inquorate_refusal(const struct quorum_seen *seen, char *buf, size_t size)
{
	const char *remedy = "bring the missing nodes back";

	if (seen->two_node && seen->wait_for_all)
		remedy = "two_node and wait_for_all: start the other node once; or, only if it is "
			 "surely off: corosync-cmapctl -s quorum.cancel_wait_for_all u8 1";
	else if (seen->wait_for_all && seen->votes >= seen->needed)
		remedy = "wait_for_all: start them all once";
	else if (seen->expected == 2 && !seen->two_node)
		remedy =
			"set two_node: 1 in corosync.conf, or quorum=ignore; two_node needs fencing";
	(void) snprintf(buf, size, "this part has no quorum (%u of %u votes, %u needed); %s",
			seen->votes, seen->expected, seen->needed, remedy);
}

/* Pacemaker keeps 127 bytes of a reason, "NAME: start refused: " among them: the remedy comes early. */
void quorum_refusal(const struct quorum_seen *seen, const char *detail, char *buf, size_t size)
{
	switch (seen->answer) {
	case QUORUM_INQUORATE:
		inquorate_refusal(seen, buf, size);
		return;
	case QUORUM_LATE:
		(void) snprintf(buf, size,
				"corosync does not answer, asked twice; restart it if it hangs, or "
				"set quorum=ignore");
		return;
	case QUORUM_ABSENT:
		(void) snprintf(buf, size, "%s; start corosync, or set quorum=ignore",
				seen->is_configured
					? "corosync does not run, and corosync.conf asks for quorum"
					: "no corosync with votequorum runs here");
		return;
	case QUORUM_FAILED:
		(void) snprintf(buf, size,
				"cannot ask corosync about quorum, repair that or set "
				"quorum=ignore: %s",
				detail);
		return;
	case QUORUM_QUORATE:
		break;
	}
	(void) snprintf(buf, size, "there is quorum");
}
