/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A network namespace of its own for each test, and links in it made with iproute2. */
#ifndef VZHA_TEST_NETNS_H
#define VZHA_TEST_NETNS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "nlbridge.h"

/** netns_setup() - A fresh namespace and a handle in *state. Skips (77) where that is forbidden. */
int netns_setup(void **state);
int netns_teardown(void **state);

/** ip() - Run `ip` with these words (separated by blanks); the test fails when it does. */
void ip(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** index_of() - ifindex of a link, 0: none of this very name. */
int index_of(struct nlbridge *nb, const char *name);

/** master_of() - ifindex of its master, -1: no such link. */
int master_of(struct nlbridge *nb, const char *name);

/** has_mark() - Whether a link bears a mark that begins with @prefix. */
bool has_mark(struct nlbridge *nb, const char *name, const char *prefix);

/** n_links() - How many links there are, lo not counted. */
size_t n_links(struct nlbridge *nb);

#endif
