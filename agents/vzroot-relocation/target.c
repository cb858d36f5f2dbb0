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

struct mount {
	char point[PATH_MAX];
	char options[256];
	char source[PATH_MAX];
	char super[256];
	unsigned int major, minor;
};

/* mountinfo writes blank, tab, newline and backslash in octal. */
void target_unescape(char *text)
{
	char *out = text;

	for (char *p = text; *p; out++) {
		if (p[0] == '\\' && p[1] >= '0' && p[1] <= '3' && p[2] && p[3]) {
			*out = (char) ((p[1] - '0') * 64 + (p[2] - '0') * 8 + (p[3] - '0'));
			p += 4;
		} else {
			*out = *p++;
		}
	}
	*out = '\0';
}

static bool parse(const char *line, struct mount *mount)
{
	const char *rest;

	if (sscanf(line, "%*d %*d %u:%u %*s %4095s %255s", &mount->major, &mount->minor,
		   mount->point, mount->options) != 4)
		return false;
	rest = strstr(line, " - ");
	if (!rest || sscanf(rest, " - %*s %4095s %255s", mount->source, mount->super) != 2)
		return false;
	target_unescape(mount->point);
	target_unescape(mount->source);
	return true;
}

/* The mount that a path is on: of those with the longest prefix the last, which lies on top. */
static bool find_mount(const char *path, struct mount *ret_mount)
{
	static struct mount mount;
	auto_fclose FILE *in = fopen("/proc/self/mountinfo", "re");
	auto_free char *line = NULL;
	size_t size = 0, best = 0;
	bool found = false;

	while (in && getline(&line, &size, in) > 0) {
		size_t len;

		if (!parse(line, &mount))
			continue;
		len = strcmp(mount.point, "/") == 0 ? 0 : strlen(mount.point);
		if ((len == 0 || path_is_below(path, mount.point)) && (!found || len >= best)) {
			*ret_mount = mount;
			best = len;
			found = true;
		}
	}
	return found;
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
	struct stat st;

	if (mount->major == 0)
		return strcmp(mount->source, device) == 0;
	return stat(device, &st) == 0 && S_ISBLK(st.st_mode) && major(st.st_rdev) == mount->major &&
	       minor(st.st_rdev) == mount->minor;
}

bool target_is_mounted(struct relocation *relocation, bool for_start)
{
	const struct vzroot_relocation_conf *conf = relocation->ctx->conf;
	static struct mount mount;
	char real[PATH_MAX];

	if (!find_mount(relocation->shared, &mount)) {
		ocf_reason(relocation->ctx, "%s: cannot read the mount table", relocation->shared);
		return false;
	}
	if (conf->require_mount == OCF_TRUE && strcmp(mount.point, "/") == 0) {
		ocf_reason(
			relocation->ctx,
			"%s: no filesystem is mounted there; start the Filesystem resource first",
			relocation->shared);
		return false;
	}
	if (conf->device && !is_device(&mount, conf->device)) {
		ocf_reason(relocation->ctx, "%s: %s is mounted on %s, and %s was expected",
			   relocation->shared, mount.source, mount.point, conf->device);
		return false;
	}
	if (has_option(mount.options, "ro") || has_option(mount.super, "ro")) {
		ocf_reason(relocation->ctx, "%s: %s on %s is mounted read-only", relocation->shared,
			   mount.source, mount.point);
		return false;
	}
	/* A link on the way would make the table's answer one about another place. */
	if (for_start && realpath(relocation->shared, real) &&
	    strcmp(real, relocation->shared) != 0) {
		ocf_reason(relocation->ctx, "%s: goes through a symbolic link; configure shared=%s",
			   relocation->shared, real);
		return false;
	}
	return true;
}
