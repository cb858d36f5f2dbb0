/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which files have names outside of what is copied: those stay names of the original. */
#include "copy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct copy_link {
	struct copy_id id;
	nlink_t names;
	char name[32]; /* one of them, to be told */
};

int copy_links_note(struct copy_links *links, const struct stat *st, const char *name)
{
	if (links->n == links->size) {
		size_t size = links->size ? links->size * 2 : 256;
		struct copy_link *list = realloc(links->list, size * sizeof(*list));

		if (!list)
			return -ENOMEM;
		links->list = list;
		links->size = size;
	}
	links->list[links->n] = (struct copy_link){ copy_id_of(st), st->st_nlink, "" };
	(void) snprintf(links->list[links->n].name, sizeof(links->list->name), "%s", name);
	links->n++;
	return 0;
}

int copy_compare_ids(const void *a, const void *b)
{
	const struct copy_id *x = a, *y = b;

	if (x->device != y->device)
		return x->device < y->device ? -1 : 1;
	return x->inode == y->inode ? 0 : x->inode < y->inode ? -1 : 1;
}

size_t copy_links_outside(struct copy_links *links, const char **ret_name)
{
	size_t outside = 0, found;

	*ret_name = "";
	if (links->n)
		qsort(links->list, links->n, sizeof(*links->list), copy_compare_ids);
	for (size_t i = 0; i < links->n; i += found) {
		for (found = 1; i + found < links->n &&
				copy_compare_ids(&links->list[i], &links->list[i + found]) == 0;)
			found++;
		if (found >= links->list[i].names)
			continue;
		if (outside++ == 0)
			*ret_name = links->list[i].name;
	}
	return outside;
}

void copy_links_free(struct copy_links *links)
{
	free(links->list);
	*links = (struct copy_links){ .list = NULL };
}
