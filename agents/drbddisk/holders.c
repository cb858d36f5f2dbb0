/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who keeps a DRBD device open: a mount in any mount namespace (the classic that `mount` does not
 * show), an open file, swap, a device stacked on it. Read from /proc and /sys, no fuser, no lsof.
 */
#include "stack.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define NAMED_MAX 8 /* enough for a person to see the pattern */

struct findings {
	struct ocf_ctx *ctx;
	struct drbd_stack stack;
	char *buf;
	size_t size;
	size_t used;
	size_t n;
	ino_t seen_namespaces[256];
	size_t n_seen;
};

static void __attribute__((format(printf, 2, 3)))
tell(struct findings *findings, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (findings->n++ >= NAMED_MAX || findings->used + 2 >= findings->size)
		return;
	if (findings->used) {
		(void) snprintf(findings->buf + findings->used, findings->size - findings->used,
				", ");
		findings->used += 2;
	}
	va_start(ap, fmt);
	n = vsnprintf(findings->buf + findings->used, findings->size - findings->used, fmt, ap);
	va_end(ap);
	findings->used += n > 0 ? (size_t) n : 0;
	if (findings->used >= findings->size)
		findings->used = findings->size - 1;
}

/* The container that a cgroup path names: lxc.payload.NAME, lxc/NAME, or nothing. */
static void container_of(const struct ocf_ctx *ctx, const char *pid, char *buf, size_t size)
{
	static const char *const marks[] = { "/lxc.payload.", "/lxc.payload/", "/lxc/" };
	char path[300], text[2048];

	buf[0] = '\0';
	if (ocf_read_file(ocf_path(ctx, path, sizeof(path), "/proc/%s/cgroup", pid), text,
			  sizeof(text)) < 0)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
		const char *name = strstr(text, marks[i]);

		if (!name)
			continue;
		name += strlen(marks[i]);
		(void) snprintf(buf, size, ", container %.*s", (int) strcspn(name, "/\n"), name);
		return;
	}
}

/* "pid 4711 (sleep, container mail)" */
static void describe_process(const struct ocf_ctx *ctx, const char *pid, char *buf, size_t size)
{
	char path[300], command[64], container[96];

	if (ocf_read_file(ocf_path(ctx, path, sizeof(path), "/proc/%s/comm", pid), command,
			  sizeof(command)) < 0)
		command[0] = '\0';
	command[strcspn(command, "\n")] = '\0';
	container_of(ctx, pid, container, sizeof(container));
	(void) snprintf(buf, size, "pid %s (%s%s)", pid, command, container);
}

/* Every namespace once: a mount is the namespace's, not the process's. */
static bool is_new_namespace(struct findings *findings, const char *pid)
{
	char path[300];
	struct stat st;

	if (stat(ocf_path(findings->ctx, path, sizeof(path), "/proc/%s/ns/mnt", pid), &st) < 0)
		return false;
	for (size_t i = 0; i < findings->n_seen; i++) {
		if (findings->seen_namespaces[i] == st.st_ino)
			return false;
	}
	if (findings->n_seen < ARRAY_SIZE(findings->seen_namespaces))
		findings->seen_namespaces[findings->n_seen++] = st.st_ino;
	return true;
}

static void look_at_mounts(struct findings *findings, const char *pid, const char *who)
{
	auto_fclose FILE *in = NULL;
	auto_free char *line = NULL;
	char path[300], where[256];
	unsigned int major, minor;
	size_t size = 0;

	if (!is_new_namespace(findings, pid))
		return;
	in = fopen(ocf_path(findings->ctx, path, sizeof(path), "/proc/%s/mountinfo", pid), "re");
	while (in && getline(&line, &size, in) > 0) {
		if (sscanf(line, "%*d %*d %u:%u %*s %255s", &major, &minor, where) == 3 &&
		    drbd_stack_has(&findings->stack, makedev(major, minor)))
			tell(findings, "mount on %s in the mount namespace of %s", where, who);
	}
}

static void look_at_files(struct findings *findings, const char *pid, const char *who)
{
	char path[300];
	struct dirent *entry;
	DIR *dir = opendir(ocf_path(findings->ctx, path, sizeof(path), "/proc/%s/fd", pid));

	while (dir && (entry = readdir(dir))) {
		char target[8] = "";
		struct stat st;

		/* Only what lies in /dev is asked: a stat of a file on a hung filesystem hangs. */
		if (readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1) < 5 ||
		    strncmp(target, "/dev/", 5) != 0 ||
		    fstatat(dirfd(dir), entry->d_name, &st, 0) < 0)
			continue;
		if (S_ISBLK(st.st_mode) && drbd_stack_has(&findings->stack, st.st_rdev)) {
			tell(findings, "opened by %s", who);
			break;
		}
	}
	if (dir)
		(void) closedir(dir);
}

static void look_at_processes(struct findings *findings)
{
	struct dirent *entry;
	char path[300];
	DIR *dir = opendir(ocf_path(findings->ctx, path, sizeof(path), "/proc"));

	while (dir && (entry = readdir(dir)) && ocf_left_ms(findings->ctx) > 0) {
		char who[512];

		if (!isdigit((unsigned char) entry->d_name[0]))
			continue;
		describe_process(findings->ctx, entry->d_name, who, sizeof(who));
		look_at_mounts(findings, entry->d_name, who);
		look_at_files(findings, entry->d_name, who);
	}
	if (dir)
		(void) closedir(dir);
}

static void on_stacked(void *data, const char *kind, const char *name)
{
	tell(data, "%s %s on it", kind, name);
}

static void look_at_swap(struct findings *findings)
{
	auto_fclose FILE *in = NULL;
	auto_free char *line = NULL;
	char path[300], name[256];
	size_t size = 0;
	struct stat st;

	in = fopen(ocf_path(findings->ctx, path, sizeof(path), "/proc/swaps"), "re");
	while (in && getline(&line, &size, in) > 0) {
		/* As for open files: one to swap to may lie on what hangs. */
		if (sscanf(line, "%255s", name) == 1 && strncmp(name, "/dev/", 5) == 0 &&
		    stat(ocf_path(findings->ctx, path, sizeof(path), "%s", name), &st) == 0 &&
		    S_ISBLK(st.st_mode) && drbd_stack_has(&findings->stack, st.st_rdev))
			tell(findings, "swap on %s", name);
	}
}

void drbd_holders(struct ocf_ctx *ctx, const struct drbd_view *view, char *buf, size_t size)
{
	struct findings findings = { .ctx = ctx, .buf = buf, .size = size };

	buf[0] = '\0';
	ocf_step(ctx, "look who holds the device");
	drbd_stack_read(ctx, view, on_stacked, &findings, &findings.stack);
	look_at_swap(&findings);
	look_at_processes(&findings);
	if (findings.n > NAMED_MAX && findings.used + 20 < size)
		(void) snprintf(buf + findings.used, size - findings.used, " and %zu more",
				findings.n - NAMED_MAX);
}
