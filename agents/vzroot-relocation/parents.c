/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The directories above SHARED/P. Each is made like the one above P on this node: what is private there
 * because of a closed directory above it must not be open to everybody on the shared tree.
 */
#include "relocation.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int make_like(const char *there, const char *here)
{
	char temporary[PATH_MAX];
	struct stat st;
	int r;

	if (lstat(there, &st) == 0)
		return 0;
	if (stat(here, &st) < 0)
		st = (struct stat){ .st_mode = 0755 };
	/* Not at its name until it is as it should be. */
	if (!path_beside(temporary, there, ".vzha-new"))
		return -ENAMETOOLONG;
	if ((rmdir(temporary) < 0 && errno != ENOENT) || mkdir(temporary, 0700) < 0 ||
	    lchown(temporary, st.st_uid, st.st_gid) < 0 || chmod(temporary, st.st_mode & 07777) < 0)
		return -errno;
	r = rename_to_free_name(temporary, there);
	if (r < 0)
		(void) rmdir(temporary);
	return r == -EEXIST ? 0 : r < 0 ? r : fsync_parent(there);
}

int relocation_make_parents(const struct relocation *relocation, const char *name)
{
	char there[PATH_MAX], here[PATH_MAX];
	int r = ocf_mkdir_p(relocation->shared, 0755);

	for (const char *end = strchr(name + 1, '/'); end && r == 0; end = strchr(end + 1, '/')) {
		(void) snprintf(here, sizeof(here), "%.*s", (int) (end - name), name);
		if ((size_t) snprintf(there, sizeof(there), "%s%s", relocation->shared, here) >=
		    sizeof(there))
			return -ENAMETOOLONG;
		r = make_like(there, here);
	}
	return r;
}
