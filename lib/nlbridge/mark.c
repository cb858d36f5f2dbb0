/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Marks: ownership that sits on the link itself and cannot be lost without it. */
#include "private.h"

#include <errno.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <string.h>

static bool is_mark(const char *mark)
{
	return mark && *mark && strlen(mark) < NLBRIDGE_MARK_MAX && !strpbrk(mark, " \t\n/");
}

/* The word @mark in @alias; NULL when it has none. With @prefix any word that begins so. */
static const char *find_word(const char *alias, const char *mark, bool prefix)
{
	size_t len = strlen(mark);

	for (const char *p = alias; *p; p += strcspn(p, " "), p += strspn(p, " ")) {
		if (strncmp(p, mark, len) == 0 && (prefix || p[len] == ' ' || p[len] == '\0'))
			return p;
	}
	return NULL;
}

static bool has_altname(const struct nlbridge_link *link, const char *name)
{
	for (size_t i = 0; i < link->n_altnames; i++) {
		if (strcmp(link->altnames[i], name) == 0)
			return true;
	}
	return false;
}

bool nlbridge_link_mark(const struct nlbridge_link *link, const char *prefix,
			char ret_mark[NLBRIDGE_MARK_MAX])
{
	const char *found = NULL;

	if (!link || !is_mark(prefix))
		return false;
	for (size_t i = 0; i < link->n_altnames && !found; i++) {
		if (strncmp(link->altnames[i], prefix, strlen(prefix)) == 0)
			found = link->altnames[i];
	}
	if (!found)
		found = find_word(link->alias, prefix, true);
	if (found && ret_mark)
		(void) snprintf(ret_mark, NLBRIDGE_MARK_MAX, "%.*s", (int) strcspn(found, " "),
				found);
	return found != NULL;
}

static int change_altname(struct nlbridge *nb, int type, int flags, int ifindex, const char *name)
{
	struct nl_msg *msg = nlbridge_message(type, flags, ifindex, 0, 0);
	struct nlattr *list;

	if (!msg)
		return -ENOMEM;
	list = nla_nest_start(msg, IFLA_PROP_LIST | NLA_F_NESTED);
	if (!list || nla_put_string(msg, IFLA_ALT_IFNAME, name) < 0) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	(void) nla_nest_end(msg, list);
	return nlbridge_talk(nb, msg, NULL, NULL);
}

static int set_alias(struct nlbridge *nb, int ifindex, const char *alias)
{
	struct nl_msg *msg = nlbridge_message(RTM_NEWLINK, 0, ifindex, 0, 0);

	/* Without a final NUL: an empty one is taken away. */
	if (msg && nla_put(msg, IFLA_IFALIAS, (int) strlen(alias), alias) < 0) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	return nlbridge_talk(nb, msg, NULL, NULL);
}

/* What somebody else wrote there stays; ours is a word more. */
static int add_to_alias(struct nlbridge *nb, const struct nlbridge_link *link, const char *mark)
{
	char alias[sizeof(link->alias)];
	int n;

	if (find_word(link->alias, mark, false))
		return 0;
	n = snprintf(alias, sizeof(alias), "%s%s%s", link->alias, link->alias[0] ? " " : "", mark);
	if (n < 0 || (size_t) n >= sizeof(alias))
		return -ENOSPC;
	return set_alias(nb, link->ifindex, alias);
}

int nlbridge_mark_set(struct nlbridge *nb, int ifindex, const char *mark)
{
	const struct nlbridge_link *link;
	int r, set;

	if (!nb || ifindex <= 0 || !is_mark(mark))
		return -EINVAL;
	set = change_altname(nb, RTM_NEWLINKPROP, NLM_F_CREATE | NLM_F_EXCL | NLM_F_APPEND, ifindex,
			     mark);
	if (set == 0 || (set != -EOPNOTSUPP && set != -EEXIST))
		return set;
	r = nlbridge_link_get_index(nb, ifindex, &link);
	if (r < 0)
		return r;
	if (!has_altname(link, mark))
		r = add_to_alias(nb, link, mark);
	nlbridge_links_free(link);
	return r;
}

int nlbridge_mark_remove(struct nlbridge *nb, int ifindex, const char *mark)
{
	const struct nlbridge_link *link;
	const char *word;
	int r;

	if (!nb || ifindex <= 0 || !is_mark(mark))
		return -EINVAL;
	r = nlbridge_link_get_index(nb, ifindex, &link);
	if (r < 0)
		return r;
	if (has_altname(link, mark))
		r = change_altname(nb, RTM_DELLINKPROP, 0, ifindex, mark);
	word = find_word(link->alias, mark, false);
	if (r == 0 && word) {
		char alias[sizeof(link->alias)];
		size_t before = (size_t) (word - link->alias);
		const char *after = word + strlen(mark);

		after += strspn(after, " ");
		while (!*after && before > 0 && link->alias[before - 1] == ' ')
			before--;
		(void) snprintf(alias, sizeof(alias), "%.*s%s", (int) before, link->alias, after);
		r = set_alias(nb, ifindex, alias);
	}
	nlbridge_links_free(link);
	return r;
}

static int want_mark(const char *bridge, const char *link, char mark[NLBRIDGE_MARK_MAX])
{
	if (!bridge || !*bridge || strlen(bridge) >= NLBRIDGE_NAME_MAX)
		return -EINVAL;
	/* A link's name cannot contain a colon. */
	(void) snprintf(mark, NLBRIDGE_MARK_MAX, "vzha:want:%s:%s", bridge, link);
	return 0;
}

int nlbridge_port_want(struct nlbridge *nb, const char *bridge, int ifindex)
{
	char mark[NLBRIDGE_MARK_MAX], index[16];
	int r;

	(void) snprintf(index, sizeof(index), "%d", ifindex);
	r = want_mark(bridge, index, mark);
	return r < 0 ? r : nlbridge_mark_set(nb, ifindex, mark);
}

bool nlbridge_link_wants(const struct nlbridge_link *link, const char *bridge)
{
	char mark[NLBRIDGE_MARK_MAX];

	return want_mark(bridge, "", mark) == 0 && nlbridge_link_mark(link, mark, NULL);
}
