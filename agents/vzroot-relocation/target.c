/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * R4: the shared tree lies on the filesystem that is meant, mounted and writable. The kernel's mount
 * table says so without touching the filesystem, which may hang.
 */
#include "relocation.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "mounts.h"

/* The mount that a path is on: of those with the longest prefix the last, which lies on top. @line: its. */
static bool find_mount(const char *path, struct mount *ret_mount, char **ret_line)
{
	auto_fclose FILE *in = fopen("/proc/self/mountinfo", "re");
	auto_free char *line = NULL;
	struct mount mount;
	size_t size = 0, best = 0;

	*ret_line = NULL;
	while (in && getline(&line, &size, in) > 0) {
		size_t len;

		if (!mount_parse(line, &mount))
			continue;
		len = strcmp(mount.point, "/") == 0 ? 0 : strlen(mount.point);
		if ((len && !path_is_below(path, mount.point)) || (*ret_line && len < best))
			continue;
		*ret_mount = mount;
		best = len;
		free(*ret_line);
		*ret_line = line;
		line = NULL;
		size = 0;
	}
	return *ret_line != NULL;
}

static bool has_option(const char *options, const char *wanted)
{
	size_t len = strlen(wanted);

	for (const char *p = options; *p; p += strcspn(p, ","), p += *p == ',') {
		if (strcspn(p, ",") == len && strncmp(p, wanted, len) == 0)
			return true;
	}
	return false;
}

/* Block devices by number: any name of one device is right. Others (anonymous number) by name. */
static bool is_device(const struct mount *mount, const char *device)
{
	unsigned int number[2];
	struct stat st;

	if (sscanf(mount->device, "%u:%u", &number[0], &number[1]) != 2)
		return false;
	if (number[0] == 0)
		return strcmp(mount->source, device) == 0;
	return stat(device, &st) == 0 && S_ISBLK(st.st_mode) && major(st.st_rdev) == number[0] &&
	       minor(st.st_rdev) == number[1];
}

enum target target_look(struct relocation *relocation, bool resolve)
{
	const struct vzroot_relocation_conf *conf = relocation->ctx->conf;
	auto_free char *line = NULL;
	struct mount mount = { .device = NULL };
	char real[PATH_MAX];

	if (!find_mount(relocation->shared, &mount, &line)) {
		ocf_reason(relocation->ctx, "%s: cannot read the mount table", relocation->shared);
		return TARGET_WRONG;
	}
	if (conf->require_mount == OCF_TRUE && strcmp(mount.point, "/") == 0) {
		ocf_reason(
			relocation->ctx,
			"%s: no filesystem is mounted there; start the Filesystem resource first",
			relocation->shared);
		return TARGET_ABSENT;
	}
	if (conf->device && !is_device(&mount, conf->device)) {
		ocf_reason(relocation->ctx,
			   "%s: %s is mounted on %s, and %s was expected (parameter device)",
			   relocation->shared, mount.source, mount.point, conf->device);
		return TARGET_OTHER;
	}
	/* A link on the way would make the table's answer one about another place. */
	if (resolve && realpath(relocation->shared, real) &&
	    strcmp(real, relocation->shared) != 0) {
		ocf_reason(relocation->ctx,
			   "%s: goes through a symbolic link; make that a directory and mount the "
			   "filesystem there, or configure shared=%s",
			   relocation->shared, real);
		return TARGET_WRONG;
	}
	if (has_option(mount.options, "ro") || has_option(mount.super, "ro")) {
		ocf_reason(relocation->ctx, "%s: %s on %s is mounted read-only", relocation->shared,
			   mount.source, mount.point);
		return TARGET_READ_ONLY;
	}
	return TARGET_GOOD;
}

bool target_is_mounted(struct relocation *relocation, bool resolve)
{
	return target_look(relocation, resolve) == TARGET_GOOD;
}
