/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "own.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

/* "KEY=x", " KEY = x", not "KEYS=x", not "# KEY=x" */
static bool is_setting(const char *line, const char *key)
{
	size_t len = strlen(key);

	line += strspn(line, " \t");
	if (strncmp(line, key, len) != 0)
		return false;
	line += len;
	return line[strspn(line, " \t")] == '=';
}

static int copy_changed(FILE *from, FILE *to, const char *key, const char *line)
{
	auto_free char *old = NULL;
	bool written = false;
	size_t size = 0;
	ssize_t n;

	while ((n = getline(&old, &size, from)) > 0) {
		if (!is_setting(old, key)) {
			if (fputs(old, to) < 0 || (old[n - 1] != '\n' && fputc('\n', to) < 0))
				return -EIO;
		} else if (!written) {
			(void) fprintf(to, "%s\n", line);
			written = true;
		}
	}
	if (!written)
		(void) fprintf(to, "%s\n", line);
	return ferror(from) || ferror(to) ? -EIO : 0;
}

int own_rewrite(const char *path, const char *key, const char *line)
{
	auto_free char *text = NULL; /* outlives the stream that writes into it */
	size_t size = 0;
	auto_fclose FILE *from = NULL, *to = NULL;
	char real[PATH_MAX];
	struct stat st;
	int r;

	if (!realpath(path, real))
		return -errno;
	from = fopen(real, "re");
	if (!from || fstat(fileno(from), &st) < 0)
		return -errno;
	to = open_memstream(&text, &size);
	if (!to)
		return -errno;
	r = copy_changed(from, to, key, line);
	if (r < 0 || fflush(to) != 0)
		return r < 0 ? r : -errno;
	r = ocf_write_file(real, text, st.st_mode & 07777);
	if (r == 0 && chown(real, st.st_uid, st.st_gid) < 0)
		return -errno;
	return r;
}

enum ocf_status own_check(struct ocf_ctx *ctx, const struct ct_engine *engine)
{
	char what[512];
	int r;

	if (!engine->autostart(ctx, what, sizeof(what)))
		return OCF_SUCCESS;
	switch (ct_conf(ctx)->onboot) {
	case VZ_CONTAINER_ONBOOT_REFUSE:
		return ocf_fail(ctx, OCF_ERR_ARGS,
				"container %s: %s, so this node would start it at boot without the "
				"cluster; change that (onboot=refuse)",
				ctx->identity, what);
	case VZ_CONTAINER_ONBOOT_FIX:
		r = engine->autostart_off(ctx);
		if (r == 0)
			ocf_log(ctx, LOG_NOTICE, "container %s: %s: switched off (onboot=fix)",
				ctx->identity, what);
		else
			ocf_log(ctx, LOG_WARNING, "container %s: %s: cannot switch it off: %s",
				ctx->identity, what, strerror(-r));
		return OCF_SUCCESS;
	case VZ_CONTAINER_ONBOOT_WARN:
		break;
	}
	ocf_log(ctx, LOG_WARNING,
		"container %s: %s, so this node starts it at boot without the cluster; switch it "
		"off, or set onboot=fix",
		ctx->identity, what);
	return OCF_SUCCESS;
}
