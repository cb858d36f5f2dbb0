/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What we want to know from a container's configuration; LXC itself reads all of it. */
#include "lxc.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define INCLUDE_DEPTH_MAX 8

static int signal_number(const char *word)
{
	static const struct {
		const char *name;
		int number;
	} names[] = {
		{ "HUP", SIGHUP },     { "INT", SIGINT },   { "QUIT", SIGQUIT },
		{ "KILL", SIGKILL },   { "USR1", SIGUSR1 }, { "USR2", SIGUSR2 },
		{ "TERM", SIGTERM },   { "PWR", SIGPWR },   { "STOP", SIGSTOP },
		{ "WINCH", SIGWINCH },
	};
	char *end;
	long number = strtol(word, &end, 10);
	int offset;

	if (end != word && *end == '\0')
		return number > 0 && number <= SIGRTMAX ? (int) number : 0;
	if (strncmp(word, "SIG", 3) == 0)
		word += 3;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(word, names[i].name) == 0)
			return names[i].number;
	if (sscanf(word, "RTMIN+%d", &offset) == 1 && offset >= 0 && offset <= SIGRTMAX - SIGRTMIN)
		return SIGRTMIN + offset;
	if (sscanf(word, "RTMAX-%d", &offset) == 1 && offset >= 0 && offset <= SIGRTMAX - SIGRTMIN)
		return SIGRTMAX - offset;
	return 0;
}

static void net_line(struct lxc_conf *conf, const char *key, const char *value)
{
	char *end;
	unsigned long index;

	if (!*key) { /* "lxc.net =" empties the list */
		memset(conf->net, 0, sizeof(conf->net));
		return;
	}
	index = strtoul(key + 1, &end, 10);
	if (*key != '.' || end == key + 1 || index >= LXC_NETS_MAX)
		return;
	if (strcmp(end, ".type") == 0) {
		(void) snprintf(conf->net[index].type, sizeof(conf->net[index].type), "%s", value);
		conf->net[index].set = *value != '\0';
	} else if (strcmp(end, ".link") == 0) {
		(void) snprintf(conf->net[index].link, sizeof(conf->net[index].link), "%s", value);
	} else if (strcmp(end, ".name") == 0) {
		(void) snprintf(conf->net[index].name, sizeof(conf->net[index].name), "%s", value);
	}
}

void lxc_conf_line(struct lxc_conf *conf, const char *line, char *ret_include, size_t size)
{
	char copy[PATH_MAX + 128], *key, *value, *end;

	ret_include[0] = '\0';
	(void) snprintf(copy, sizeof(copy), "%s", line);
	key = copy + strspn(copy, " \t");
	value = strchr(key, '=');
	if (*key == '#' || !value)
		return;
	for (end = value; end > key && isspace((unsigned char) end[-1]); end--)
		;
	*end = '\0';
	value += 1 + strspn(value + 1, " \t");
	for (end = value + strlen(value); end > value && isspace((unsigned char) end[-1]); end--)
		;
	*end = '\0';

	if (strncmp(key, "lxc.net", 7) == 0 && (key[7] == '.' || !key[7]))
		net_line(conf, key + 7, value);
	else if (strcmp(key, "lxc.include") == 0)
		(void) snprintf(ret_include, size, "%s", value);
	else if (strcmp(key, "lxc.start.auto") == 0)
		conf->autostart = strcmp(value, "1") == 0;
	else if (strcmp(key, "lxc.signal.halt") == 0)
		conf->halt_signal = signal_number(value);
	else if (strcmp(key, "lxc.log.file") == 0)
		(void) snprintf(conf->log_file, sizeof(conf->log_file), "%s", value);
}

static int read_one(const struct ocf_ctx *ctx, struct lxc_conf *conf, const char *path, int depth);

static int is_conf_file(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && strcmp(dot, ".conf") == 0;
}

static int read_directory(const struct ocf_ctx *ctx, struct lxc_conf *conf, const char *path,
			  int depth)
{
	char real[PATH_MAX], file[2 * PATH_MAX];
	struct dirent **names;
	int n = scandir(ocf_path(ctx, real, sizeof(real), "%s", path), &names, is_conf_file,
			alphasort);

	for (int i = 0; i < n; i++) {
		(void) snprintf(file, sizeof(file), "%s/%s", path, names[i]->d_name);
		(void) read_one(ctx, conf, file, depth);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	return n < 0 ? -errno : 0;
}

static int read_one(const struct ocf_ctx *ctx, struct lxc_conf *conf, const char *path, int depth)
{
	char real[PATH_MAX], include[PATH_MAX];
	auto_free char *line = NULL;
	auto_fclose FILE *f = NULL;
	size_t size = 0;
	struct stat st;
	int fd;

	if (depth > INCLUDE_DEPTH_MAX)
		return -ELOOP;
	/* Whatever lies there: opening it must not block (a FIFO would). */
	fd = open(ocf_path(ctx, real, sizeof(real), "%s", path), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	f = fdopen(fd, "r");
	if (!f || fstat(fd, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return read_directory(ctx, conf, path, depth + 1);
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	while (getline(&line, &size, f) > 0) {
		lxc_conf_line(conf, line, include, sizeof(include));
		if (include[0])
			(void) read_one(ctx, conf, include, depth + 1);
	}
	return ferror(f) ? -EIO : 0;
}

int lxc_conf_read(const struct ocf_ctx *ctx, struct lxc_conf *ret)
{
	char lxcpath[PATH_MAX], path[PATH_MAX + 300];

	memset(ret, 0, sizeof(*ret));
	(void) snprintf(path, sizeof(path), "%s/%s/config", lxc_path(ctx, lxcpath, sizeof(lxcpath)),
			ctx->identity);
	return read_one(ctx, ret, path, 0);
}

static void want_nic(const struct lxc_net *net, size_t index, struct ct_wants *ret)
{
	struct ct_nic *nic = &ret->nic[ret->n_nics];

	if (ret->n_nics == ARRAY_SIZE(ret->nic) || !net->link[0])
		return;
	ret->n_nics++;
	(void) snprintf(nic->host, sizeof(nic->host), "%.15s", net->link);
	(void) snprintf(nic->inside, sizeof(nic->inside), "%.15s",
			net->name[0] ? net->name : net->link);
	(void) snprintf(nic->setting, sizeof(nic->setting), "lxc.net.%zu.link", index);
}

void lxc_conf_wants(const struct lxc_conf *conf, struct ct_wants *ret)
{
	*ret = (struct ct_wants){ 0 };
	for (size_t i = 0; i < LXC_NETS_MAX; i++) {
		const struct lxc_net *net = &conf->net[i];

		if (net->set && strcmp(net->type, "phys") == 0)
			want_nic(net, i, ret);
		if (!net->set || strcmp(net->type, "veth") != 0)
			continue;
		ret->host_ends++;
		if (net->link[0] && ret->n_bridges < ARRAY_SIZE(ret->bridge))
			(void) snprintf(ret->bridge[ret->n_bridges++], IFNAMSIZ, "%.15s",
					net->link);
	}
}
