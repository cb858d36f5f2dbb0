/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who else would start this container: the boot scripts of its engine (parameter onboot). */
#ifndef VZHA_CT_OWN_H
#define VZHA_CT_OWN_H

#include "vz-container.h"

/**
 * own_check() - Before a start: warn of, fix or refuse what starts the container without us.
 *
 * Return: OCF_SUCCESS; a failure only with onboot=refuse.
 */
enum ocf_status own_check(struct ocf_ctx *ctx, const struct ct_engine *engine);

/**
 * own_rewrite() - Give one setting of a configuration file another value.
 * @key: what its lines begin with; blanks around it do not matter
 * @line: the whole new line; all others of this key go, and it is added when there is none
 *
 * Through links (the shared tree stays where it is), atomically, with the same owner and mode.
 * Return: 0 or -errno.
 */
int own_rewrite(const char *path, const char *key, const char *line);

#endif
