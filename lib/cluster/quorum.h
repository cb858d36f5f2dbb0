/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * May this node's part of the cluster act? (G1)
 *
 * The question to corosync can block for ever, so a helper program puts it (quorum-ask), and
 * whoever starts that kills it after QUORUM_PATIENCE_MS, and once more after
 * QUORUM_PATIENCE_AGAIN_MS. Everything here is pure: what the helper said and what corosync.conf
 * says goes in, the verdict and its words come out. Knows no OCF.
 */
#ifndef VZHA_QUORUM_H
#define VZHA_QUORUM_H

#include <stdbool.h>
#include <stddef.h>

#define QUORUM_ASK		 VZHA_HELPER_DIR "/quorum-ask"
#define QUORUM_PATIENCE_MS	 800
#define QUORUM_PATIENCE_AGAIN_MS 2500 /* asked a second time, when the first answer did not come */
#define QUORUM_CONF		 "/etc/corosync/corosync.conf"

enum quorum_policy {
	QUORUM_AUTO, /* no quorum or no answer refuses; so does a corosync that ought to be there */
	QUORUM_REQUIRE, /* only a partition that is proven to have quorum may act */
	QUORUM_IGNORE,
};

enum quorum_answer {
	QUORUM_QUORATE,
	QUORUM_INQUORATE,
	QUORUM_LATE,   /* corosync is there, but gave no answer in time */
	QUORUM_ABSENT, /* nobody listens */
	QUORUM_FAILED, /* the question could not be put, or the answer not be read */
};

/* The helper's exit codes; with the first two it prints quorum_answer_read()'s line. */
enum quorum_ask_exit {
	QUORUM_ASK_ANSWERED = 0,
	QUORUM_ASK_ABSENT = 10,
	QUORUM_ASK_FAILED = 11, /* prints why */
};

/* printf format and arguments of the helper's line. */
#define QUORUM_LINE "quorate:%u votes:%u expected:%u quorum:%u two_node:%u wait_for_all:%u\n"

struct quorum_seen {
	enum quorum_answer answer;
	unsigned int votes;    /* in this partition; these four with QUORATE and INQUORATE only */
	unsigned int expected; /* in the whole cluster */
	unsigned int needed;
	bool two_node;
	bool wait_for_all;
	bool is_configured; /* corosync.conf is there and asks for votequorum */
	bool pacemaker;	    /* Pacemaker is who wants to know */
};

/* What matters here of corosync.conf. */
struct quorum_conf {
	bool votequorum; /* provider: corosync_votequorum */
	bool two_node;
};

/**
 * quorum_answer_read() - Read the helper's line into @ret_seen (answer and the numbers).
 *
 * Return: false when it is no such line; @ret_seen is untouched then.
 */
bool quorum_answer_read(const char *line, struct quorum_seen *ret_seen);

/** quorum_conf_read() - Read the text of corosync.conf(5); what is not there is false. */
void quorum_conf_read(const char *text, struct quorum_conf *ret_conf);

/** quorum_allows() - The verdict: may a start or a promotion go on? */
bool quorum_allows(enum quorum_policy policy, const struct quorum_seen *seen);

/**
 * quorum_refusal() - What was seen and what to do, for when quorum_allows() says no, into @buf:
 * "this part of the cluster has no quorum (1 of 3 votes, 2 needed); ...".
 *
 * @detail: of QUORUM_FAILED: why the question could not be put
 */
void quorum_refusal(const struct quorum_seen *seen, const char *detail, char *buf, size_t size);

#endif
