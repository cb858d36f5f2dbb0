/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the agent and its watcher must agree on: which ports are meant, marks, and the lock. */
#ifndef VZHA_VETH_BRIDGE_SHARED_H
#define VZHA_VETH_BRIDGE_SHARED_H

#include "nlbridge.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>

#define MARK_OWN  "vzha:own:"  /* a bridge that we made */
#define MARK_USE  "vzha:use:"  /* a bridge that we use */
#define MARK_PORT "vzha:port:" /* a port that we attached */
#define MARK_MAC  "vzha:mac:"  /* the address that the bridge shall keep: BRIDGE:02aabbccddee */

#define LOCK_DIR "/run/vzha/bridge"

/* ---- patterns.c: a list of fnmatch patterns separated by blanks ------------------------------- */

/** patterns_match() - Whether one of the patterns fits the whole of @name. */
bool patterns_match(const char *patterns, const char *name);

/** patterns_overlap() - Whether there can be a name that both lists fit. */
bool patterns_overlap(const char *a, const char *b);

/** patterns_check() - NULL when the list is fine, else why not. */
const char *patterns_check(const char *patterns);

/* ---- wish.c: what ports shall be like ---------------------------------------------------------- */

#define WISH_LIST_MAX  4000 /* bytes of a list of the user's */
#define WISH_WORD_MAX  4096
#define WISH_WORDS     6
#define WISH_TEXT_MAX  (WISH_WORDS * WISH_WORD_MAX)
#define PORT_VLANS_MAX 64

/* The parameters that the watcher knows, too. Lists are "" when unset. */
struct port_wish {
	const char *ports;
	const char *vlans;
	const char *isolated;
	const char *hairpin;
	int announce;
	int announce_interval_ms;
};

/* The wish as arguments of the watcher, and as the lines of its lock file. */
struct wish_words {
	char word[WISH_WORDS][WISH_WORD_MAX];
};

/** wish_words() - Return: how many; 0: they do not fit. */
size_t wish_words(const struct port_wish *wish, struct wish_words *ret_words);

/** wish_parse() - The wish out of its words, which it points into. Return: false: not such words. */
bool wish_parse(char *const words[WISH_WORDS], struct port_wish *ret_wish);

/** wish_check_vlans() - NULL when the list "veth101.0=10,20t ..." is fine, else why not. */
const char *wish_check_vlans(const char *list);

/** wish_vlans() - VLANs of the first entry of the list that fits @name. 0: none fits. */
size_t wish_vlans(const char *list, const char *name, struct nlbridge_vlan vlans[PORT_VLANS_MAX]);

/* The VLANs of all ports of a bridge, read once. */
struct port_vlans {
	struct nlbridge_vlan *vlans; /* for free() */
	size_t n;
	uint16_t usual; /* the VLAN of a port that nobody put elsewhere; 0: none */
};

/** wish_look_at_vlans() - Read them, if the wish has any. Return: 0 or -errno. */
int wish_look_at_vlans(struct nlbridge *nb, const struct port_wish *wish, int bridge,
		       struct port_vlans *ret_all);

/**
 * wish_settle() - Give a port of a bridge the settings and VLANs that are wished for it.
 * @link: as the kernel shows it now; its master is the bridge.
 * @ours: also takes away what is not wished: isolated, hairpin, and VLANs while any are wished for.
 * @ret_changed: written always.
 */
int wish_settle(struct nlbridge *nb, const struct port_wish *wish, const struct nlbridge_link *link,
		bool ours, const struct port_vlans *all, bool *ret_changed);

/* ---- ports.c: what to do with a link ---------------------------------------------------------- */

enum port_verdict {
	PORT_NOT_MEANT,	 /* no pattern fits, or it is no host end by its kind */
	PORT_ATTACHED,	 /* it is in our bridge */
	PORT_TAKEN,	 /* it has another master: reported and left */
	PORT_UNFINISHED, /* its other end is still here: its creator is not done, or never will be */
	PORT_DOWN,	 /* a host end that nobody has set up yet */
	PORT_FREE,	 /* ready: attach it */
};

/**
 * port_judge() - What @link is to a bridge. Pure, but for the list of OpenVZ's host ends.
 * @bridge: its ifindex, @name: its name, which a link may ask for (nlbridge_port_want()).
 * @vz_list: path of /proc/vz/veth; it lists the host ends of kernels whose links have no kind.
 */
enum port_verdict port_judge(const struct nlbridge_link *link, int bridge, const char *name,
			     const char *patterns, const char *vz_list);

/**
 * port_take() - Mark a link and attach it.
 *
 * The mark comes first: killed in between, a marked link is in no bridge, and that harms nobody.
 * Return: 0 or as nlbridge_port_attach(); then the mark is gone again.
 */
int port_take(struct nlbridge *nb, const char *bridge, const struct nlbridge_link *link);

/** port_release() - Detach a marked link, and take the mark off. Return: 0 or -errno. */
int port_release(struct nlbridge *nb, const char *bridge, const struct nlbridge_link *link);

#define VZ_LIST "/proc/vz/veth"

/* ---- lock.c: a record lock says that a watcher lives, and which process it is ----------------- */

/** lock_path() - The lock file of @bridge below @sysroot. */
void lock_path(const char *sysroot, const char *bridge, char *buf, size_t size);

/** status_name() - The watcher's socket for status (watcher/status.c). Return: the name's size. */
socklen_t status_name(const char *bridge, struct sockaddr_un *ret_name);

/** lock_holder() - The process that holds the lock file at @path: 0 none, -errno. */
pid_t lock_holder(const char *path);

#endif
