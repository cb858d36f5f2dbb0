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

/* "bridge=br0" out of "ifname=eth0,bridge=br0,mac=..." */
static bool item_value(const char *item, size_t len, const char *key, char *ret, size_t size)
{
	const size_t key_len = strlen(key);

	while (len) {
		size_t part = strcspn(item, ",;");

		part = part < len ? part : len;
		if (part > key_len && strncmp(item, key, key_len) == 0 && item[key_len] == '=') {
			(void) snprintf(ret, size, "%.*s", (int) (part - key_len - 1),
					item + key_len + 1);
			return true;
		}
		part += part < len;
		item += part;
		len -= part;
	}
	return false;
}

void vz_conf_wants(const struct vz_conf *conf, struct ct_wants *ret)
{
	size_t len;

	*ret = (struct ct_wants){ 0 };
	for (const char *p = conf->netif; *p; p += len, p += *p == ';') {
		char name[IFNAMSIZ];

		len = strcspn(p, ";");
		if (!item_value(p, len, "ifname", name, sizeof(name)))
			continue;
		ret->host_ends++;
		if (ret->n_bridges < ARRAY_SIZE(ret->bridge) &&
		    item_value(p, len, "bridge", ret->bridge[ret->n_bridges], IFNAMSIZ))
			ret->n_bridges++;
	}
	for (const char *p = conf->netdev + strspn(conf->netdev, " \t,"); *p;
	     p += strspn(p, " \t,")) {
		struct ct_nic *nic = &ret->nic[ret->n_nics];

		len = strcspn(p, " \t,");
		if (ret->n_nics == ARRAY_SIZE(ret->nic))
			break;
		if (len < IFNAMSIZ) {
			ret->n_nics++;
			(void) snprintf(nic->host, IFNAMSIZ, "%.*s", (int) len, p);
			memcpy(nic->inside, nic->host, IFNAMSIZ);
			(void) snprintf(nic->setting, sizeof(nic->setting), "NETDEV");
		}
		p += len;
	}
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
	char root[PATH_MAX] = "/vz/root/$VEID", private[PATH_MAX] = "/vz/private/$VEID";
	char onboot[32] = "", mode[32] = "suspend", disabled[32] = "", path[PATH_MAX];
	struct setting settings[] = {
		{ "LOCKDIR", ret->lockdir, sizeof(ret->lockdir), false },
		{ "DUMPDIR", ret->dumpdir, sizeof(ret->dumpdir), false },
		{ "VE_ROOT", root, sizeof(root), false },
		{ "VE_PRIVATE", private, sizeof(private), false },
		{ "NETDEV", ret->netdev, sizeof(ret->netdev), false },
		{ "NETIF", ret->netif, sizeof(ret->netif), false },
		{ "ONBOOT", onboot, sizeof(onboot), false },
		{ "VE_STOP_MODE", mode, sizeof(mode), false },
		{ "DISABLED", disabled, sizeof(disabled), false },
	};

	*ret = (struct vz_conf){ .lockdir = "/vz/lock", .dumpdir = "/vz/dump" };
	(void) read_settings(ocf_path(ctx, path, sizeof(path), "/etc/vz/vz.conf"), settings,
			     ARRAY_SIZE(settings));
	ret->there = read_settings(
		ocf_path(ctx, path, sizeof(path), "/etc/vz/conf/%s.conf", ctx->identity), settings,
		ARRAY_SIZE(settings));
	(void) vz_conf_expand(root, ctx->identity, ret->root, sizeof(ret->root));
	(void) vz_conf_expand(private, ctx->identity, ret->private, sizeof(ret->private));
	ret->onboot = strcmp(onboot, "yes") == 0;
	ret->suspends = strcmp(mode, "stop") != 0;
	ret->disabled = strcmp(disabled, "yes") == 0;
}
