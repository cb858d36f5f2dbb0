/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vzctl's configuration files. They look like shell, and some of OpenVZ's scripts source them, but
 * vzctl has rules of its own: the value ends at the last quote of the line, nothing is expanded but
 * VEID, and the first of two lines for the same thing counts.
 */
#include <ctype.h>
#include <string.h>

#include "vz.h"

bool vz_conf_value(const char *line, const char *name, char *ret, size_t size)
{
	size_t len = strlen(name);
	const char *end;

	line += strspn(line, " \t");
	if (strncmp(line, name, len) != 0 || line[len] != '=')
		return false;
	line += len + 1;
	end = line + strcspn(line, "\r\n");
	if (*line == '"') {
		const char *quote = end;

		while (quote > line + 1 && quote[-1] != '"')
			quote--;
		line++;
		end = quote > line ? quote - 1 : end;
	}
	(void) snprintf(ret, size, "%.*s", (int) (end - line), line);
	return true;
}

const char *vz_conf_expand(const char *text, const char *ctid, char *buf, size_t size)
{
	size_t n = 0;

	while (*text && n + 1 < size) {
		size_t skip = strncmp(text, "${VEID}", 7) == 0 ? 7
			      : strncmp(text, "$VEID", 5) == 0 ? 5
							       : 0;

		if (skip) {
			n += (size_t) snprintf(buf + n, size - n, "%s", ctid);
			n = n < size ? n : size - 1;
			text += skip;
		} else {
			buf[n++] = *text++;
		}
	}
	buf[n] = '\0';
	return buf;
}

size_t vz_conf_host_ends(const char *netif)
{
	size_t n = 0;

	for (const char *p = netif; (p = strstr(p, "ifname=")); p++)
		n += p == netif || p[-1] == ';' || p[-1] == ',';
	return n;
}

struct setting {
	const char *name;
	char *value;
	size_t size;
	bool seen; /* in the file being read */
};

/* Return: false when there is no such file. */
static bool read_settings(const char *path, struct setting *settings, size_t n)
{
	auto_fclose FILE *f = fopen(path, "re");
	char line[8192];

	if (!f)
		return false;
	for (size_t i = 0; i < n; i++)
		settings[i].seen = false;
	while (fgets(line, sizeof(line), f)) {
		for (size_t i = 0; i < n; i++) {
			struct setting *s = &settings[i];

			if (!s->seen)
				s->seen = vz_conf_value(line, s->name, s->value, s->size);
		}
	}
	return true;
}

void vz_conf_read(const struct ocf_ctx *ctx, struct vz_conf *ret)
{
	char root[PATH_MAX] = "/vz/root/$VEID", onboot[32] = "", path[PATH_MAX];
	struct setting settings[] = {
		{ "LOCKDIR", ret->lockdir, sizeof(ret->lockdir), false },
		{ "DUMPDIR", ret->dumpdir, sizeof(ret->dumpdir), false },
		{ "VE_ROOT", root, sizeof(root), false },
		{ "NETIF", ret->netif, sizeof(ret->netif), false },
		{ "ONBOOT", onboot, sizeof(onboot), false },
	};

	*ret = (struct vz_conf){ .lockdir = "/vz/lock", .dumpdir = "/vz/dump" };
	(void) read_settings(ocf_path(ctx, path, sizeof(path), "/etc/vz/vz.conf"), settings,
			     ARRAY_SIZE(settings));
	ret->there = read_settings(
		ocf_path(ctx, path, sizeof(path), "/etc/vz/conf/%s.conf", ctx->identity), settings,
		ARRAY_SIZE(settings));
	(void) vz_conf_expand(root, ctx->identity, ret->root, sizeof(ret->root));
	ret->onboot = strcmp(onboot, "yes") == 0;
}
