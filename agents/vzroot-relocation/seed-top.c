/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PATH.top beside PATH.tree says which directory or file the copy is of, device and inode. What takes its
 * name, by a rename of it or of a directory above, may have the same names, sizes and times, but its bytes
 * are others: then the copy begins anew.
 */
#include "relocation.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "copy.h"

int seed_top(const struct seed_store *store, const struct path *path, struct copy_id *ret_top)
{
	char tree[NAME_MAX + 1], file[PATH_MAX + NAME_MAX + 2], was[64], now[64];
	struct stat st;
	int r;

	if (lstat(path->name, &st) < 0)
		return -errno;
	(void) seed_tree_name(path->name, tree);
	(void) snprintf(now, sizeof(now), "%llu %llu\n", (unsigned long long) st.st_dev,
			(unsigned long long) st.st_ino);
	(void) snprintf(file, sizeof(file), "%s/%.*s.top", store->directory,
			(int) (strlen(tree) - strlen(".tree")), tree);
	if (ocf_read_file(file, was, sizeof(was)) <= 0 || strcmp(was, now) != 0) {
		r = copy_remove(store->fd, tree);
		if (r == 0)
			r = ocf_write_file(file, now, 0600);
		if (r < 0)
			return r;
	}
	*ret_top = copy_id_of(&st);
	return 0;
}
