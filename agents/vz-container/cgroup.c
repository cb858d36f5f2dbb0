/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which hierarchies there are, and where in them a group may lie. */
#include "cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* "0::/a/b" or "6:freezer:/a": the path of process @who in each hierarchy. */
static int load_membership(const struct ocf_ctx *ctx, struct cg_tree *tree, const char *who,
			   size_t slot)
{
	char path[CG_PATH_MAX], line[1024];
	auto_fclose FILE *f = NULL;

	f = fopen(ocf_path(ctx, path, sizeof(path), "/proc/%s/cgroup", who), "re");
	if (!f)
		return errno == ENOENT ? 0 : -errno;
	while (fgets(line, sizeof(line), f)) {
		char *names = strchr(line, ':');
		char *where = names ? strchr(names + 1, ':') : NULL;

		if (!where)
			continue;
		*where++ = '\0';
		where[strcspn(where, "\n")] = '\0';
		names[strcspn(names, ",")] = '\0'; /* co-mounted controllers: the first names it */
		for (size_t i = 0; i < tree->n; i++) {
			struct cg_hierarchy *h = &tree->h[i];
			size_t skip = strcmp(h->root, "/") == 0 ? 0 : strlen(h->root);

			if (strcmp(h->name, names + 1) != 0 || strncmp(where, "/..", 3) == 0 ||
			    strncmp(where, h->root, skip) != 0)
				continue;
			(void) snprintf(h->above[slot], sizeof(h->above[slot]), "%s", where + skip);
		}
	}
	return ferror(f) ? -EIO : 0;
}

static const char *const v1_controllers[] = { "cpuset", "cpu",	   "cpuacct",	 "blkio",
					      "memory", "devices", "freezer",	 "net_cls",
					      "pids",	"hugetlb", "perf_event", "net_prio",
					      "rdma",	"misc" };

/* The name of a v1 hierarchy is its first controller in the mount's own options. */
static void v1_name(const char *options, char *name, size_t size, bool *ret_freezer)
{
	char copy[512], *save = NULL;

	(void) snprintf(copy, sizeof(copy), "%s", options);
	name[0] = '\0';
	for (char *o = strtok_r(copy, ",\n", &save); o; o = strtok_r(NULL, ",\n", &save)) {
		bool known = strncmp(o, "name=", 5) == 0;

		for (size_t i = 0; i < ARRAY_SIZE(v1_controllers) && !known; i++)
			known = strcmp(o, v1_controllers[i]) == 0;
		if (strcmp(o, "freezer") == 0)
			*ret_freezer = true;
		if (known && !name[0])
			(void) snprintf(name, size, "%s", o);
	}
}

/* One line of mountinfo: "36 35 0:30 ROOT MOUNT OPTIONS ... - TYPE SOURCE SUPEROPTIONS" */
static bool parse_mount(const struct ocf_ctx *ctx, char *line, struct cg_hierarchy *ret)
{
	char root[256], mount[240], type[32], options[512];
	const char *tail = strstr(line, " - ");

	if (!tail || sscanf(line, "%*s %*s %*s %255s %239s", root, mount) != 2 ||
	    sscanf(tail, " - %31s %*s %511s", type, options) != 2 || strncmp(type, "cgroup", 6))
		return false;
	*ret = (struct cg_hierarchy){ .v2 = strcmp(type, "cgroup2") == 0 };
	if (!ret->v2)
		v1_name(options, ret->name, sizeof(ret->name), &ret->freezer);
	(void) snprintf(ret->root, sizeof(ret->root), "%s", root);
	return ocf_path(ctx, ret->mount, sizeof(ret->mount), "%s", mount)[0] != '\0';
}

int cg_load(const struct ocf_ctx *ctx, struct cg_tree *ret_tree)
{
	char path[CG_PATH_MAX];
	auto_fclose FILE *f = NULL;
	auto_free char *line = NULL;
	size_t size = 0;
	int r;

	ret_tree->n = 0;
	f = fopen(ocf_path(ctx, path, sizeof(path), "/proc/self/mountinfo"), "re");
	if (!f)
		return -errno;
	while (getline(&line, &size, f) > 0 && ret_tree->n < ARRAY_SIZE(ret_tree->h)) {
		struct cg_hierarchy found;

		if (!parse_mount(ctx, line, &found))
			continue;
		ret_tree->h[ret_tree->n++] = found;
		if (found.v2 && ret_tree->n > 1) { /* the unified one first */
			ret_tree->h[ret_tree->n - 1] = ret_tree->h[0];
			ret_tree->h[0] = found;
		}
	}
	if (ferror(f))
		return -EIO;
	r = load_membership(ctx, ret_tree, "self", 0);
	return r < 0 ? r : load_membership(ctx, ret_tree, "1", 1);
}

struct search {
	const char *name;
	bool suffixes;
	struct cg_dir *ret;
	size_t n, max;
};

/* 1 or 0; -errno when that cannot be found out, which is not the same as no. */
static int is_directory(const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	return S_ISDIR(st.st_mode);
}

static void keep(struct search *s, const struct cg_hierarchy *h, const char *base, const char *name)
{
	struct cg_dir *d = &s->ret[s->n];

	if (s->n == s->max ||
	    snprintf(d->path, sizeof(d->path), "%s/%s", base, name) >= (int) sizeof(d->path))
		return;
	d->h = h;
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->ret[i].path, d->path) == 0)
			return;
	s->n++;
}

/* name, or name-1, name-22 ... */
static bool matches(const struct search *s, const char *entry)
{
	size_t len = strlen(s->name);

	if (strncmp(entry, s->name, len) != 0)
		return false;
	if (!entry[len])
		return true;
	return s->suffixes && entry[len] == '-' && entry[len + 1] &&
	       strspn(entry + len + 1, "0123456789") == strlen(entry + len + 1);
}

static int search_base(struct search *s, const struct cg_hierarchy *h, const char *base)
{
	char path[CG_PATH_MAX];
	struct dirent *entry;
	DIR *dir;
	int r;

	if (!s->suffixes) {
		if (snprintf(path, sizeof(path), "%s/%s", base, s->name) >= (int) sizeof(path))
			return 0;
		r = is_directory(path);
		if (r > 0)
			keep(s, h, base, s->name);
		return r < 0 ? r : 0;
	}
	dir = opendir(base);
	if (!dir) /* a group above us is gone: nothing can be in it */
		return errno == ENOENT ? 0 : -errno;
	for (errno = 0; (entry = readdir(dir)); errno = 0)
		if (matches(s, entry->d_name))
			keep(s, h, base, entry->d_name);
	r = -errno;
	(void) closedir(dir);
	return r;
}

/* The root of a hierarchy, then each group from there down to (and with) @above. */
static int search_line(struct search *s, const struct cg_hierarchy *h, const char *above)
{
	char base[CG_PATH_MAX];
	size_t len = strlen(h->mount);
	int r;

	if (snprintf(base, sizeof(base), "%s%s", h->mount, above) >= (int) sizeof(base))
		return 0;
	for (size_t end = len;; end++) {
		char was;

		end += strcspn(base + end, "/");
		was = base[end];
		base[end] = '\0';
		r = search_base(s, h, base);
		base[end] = was;
		if (r < 0 || !was || !base[end + 1])
			return r;
	}
}

ssize_t cg_find(const struct cg_tree *tree, const char *name, bool suffixes, struct cg_dir *ret,
		size_t max)
{
	struct search s = { .name = name, .suffixes = suffixes, .ret = ret, .max = max };

	for (size_t i = 0; i < tree->n; i++) {
		int r = search_line(&s, &tree->h[i], tree->h[i].above[0]);

		if (r == 0 && strcmp(tree->h[i].above[0], tree->h[i].above[1]) != 0)
			r = search_line(&s, &tree->h[i], tree->h[i].above[1]);
		if (r < 0)
			return r;
	}
	return (ssize_t) s.n;
}

size_t cg_of(const struct ocf_ctx *ctx, const struct cg_tree *tree, pid_t pid, const char *prefix,
	     struct cg_dir *ret, size_t max)
{
	struct search s = { .ret = ret, .max = max };
	struct cg_tree its = *tree;
	char who[16];

	for (size_t i = 0; i < its.n; i++)
		its.h[i].above[0][0] = '\0';
	(void) snprintf(who, sizeof(who), "%d", pid);
	if (load_membership(ctx, &its, who, 0) < 0)
		return 0;
	for (size_t i = 0; i < its.n; i++) {
		char *path = its.h[i].above[0], *hit = path;

		while ((hit = strstr(hit, prefix)) && hit > path && hit[-1] != '/')
			hit++;
		if (!hit || hit == path)
			continue;
		hit[strcspn(hit, "/")] = '\0';
		keep(&s, &tree->h[i], tree->h[i].mount, path + 1);
	}
	return s.n;
}
