/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding the bridge, and whose it is. */
#include "veth-bridge.h"

#include <errno.h>
#include <string.h>

void close_handle(struct nlbridge **nb)
{
	nlbridge_close(*nb);
	*nb = NULL;
}

void free_links(const struct nlbridge_link **links)
{
	nlbridge_links_free(*links);
	*links = NULL;
}

int open_handle(struct ocf_ctx *ctx, struct nlbridge **ret_nb)
{
	int64_t quarter_ms = ocf_left_ms(ctx) / 4;

	if (quarter_ms < 50)
		quarter_ms = 50;
	return nlbridge_open(quarter_ms > 5000 ? 5000 : (int) quarter_ms, ret_nb);
}

/* The kernel also finds a link by an alternative name; that is not the bridge we mean. */
int find_bridge(struct ocf_ctx *ctx, struct nlbridge *nb, const struct nlbridge_link **ret_link)
{
	const char *name = conf_of(ctx)->bridge;
	const struct nlbridge_link *link;
	int r = nlbridge_link_get(nb, name, &link);

	if (r < 0)
		return r;
	if (strcmp(link->name, name) != 0) {
		nlbridge_links_free(link);
		return -ENODEV;
	}
	*ret_link = link;
	return 0;
}

bool is_bridge(const struct nlbridge_link *link)
{
	return strcmp(link->kind, "bridge") == 0;
}

static bool has_mark(const struct ocf_ctx *ctx, const struct nlbridge_link *link, const char *kind)
{
	char wanted[NLBRIDGE_MARK_MAX], mark[NLBRIDGE_MARK_MAX];

	(void) snprintf(wanted, sizeof(wanted), "%s%s", kind, conf_of(ctx)->bridge);
	/* The mark must be this one, not one that only begins like it. */
	return nlbridge_link_mark(link, wanted, mark) && strcmp(mark, wanted) == 0;
}

bool is_own(const struct ocf_ctx *ctx, const struct nlbridge_link *link)
{
	return has_mark(ctx, link, MARK_OWN);
}

bool is_used(const struct ocf_ctx *ctx, const struct nlbridge_link *link)
{
	return has_mark(ctx, link, MARK_USE);
}

const char *words_of(const struct nlbridge *nb, int error)
{
	const char *words = nlbridge_errmsg(nb);

	return *words ? words : strerror(-error);
}
