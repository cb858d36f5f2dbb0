/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vzctl.h"

int ct_mount(const struct ct *ct)
{
	if (access(ct->private, F_OK) < 0)
		return say(43, "Container private area %s does not exist", ct->private);
	(void) mkdir(ct->root, 0755);
	if (mount(ct->private, ct->root, NULL, MS_BIND, NULL) < 0)
		return say(50, "Can't mount: %s", strerror(errno));
	(void) printf("Container is mounted\n");
	return 0;
}

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd >= 0) {
		(void) !write(fd, text, strlen(text));
		(void) close(fd);
	}
}

/* One group per hierarchy; the unified one is the top directory itself. */
void ct_groups(const struct ct *ct, pid_t pid)
{
	static const char *const tops[] = {
		"", "/cpu", "/cpuset", "/memory", "/devices", "/freezer"
	};
	char path[256], text[32];

	(void) snprintf(text, sizeof(text), "%d", pid);
	for (size_t i = 0; i < sizeof(tops) / sizeof(tops[0]); i++) {
		(void) snprintf(path, sizeof(path), "/sys/fs/cgroup%s/cgroup.procs", tops[i]);
		if (access(path, F_OK) < 0)
			continue;
		(void) snprintf(path, sizeof(path), "/sys/fs/cgroup%s/vz-%d", tops[i], ct->id);
		(void) mkdir(path, 0755);
		(void) snprintf(path, sizeof(path), "/sys/fs/cgroup%s/vz-%d/cgroup.procs", tops[i],
				ct->id);
		put(path, text);
	}
}

static bool run(const char *const argv[])
{
	char *const *args;
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);

		(void) dup2(null, 2);
		memcpy(&args, &argv, sizeof(args)); /* exec promises not to write */
		(void) execvp(args[0], args);
		_exit(127);
	}
	return waitpid(pid, &status, 0) == pid && status == 0;
}

/* The host end is made and bridged before init runs; a missing bridge goes unnoticed. */
static void make_veth(const struct ct *ct, const char *item, pid_t pid)
{
	char host[16] = "", in[16] = "eth0", bridge[16] = "", ns[16];
	const char *p;

	if ((p = strstr(item, "ifname=")))
		(void) sscanf(p, "ifname=%15[^,;]", in);
	(void) snprintf(host, sizeof(host), "veth%d.%c", ct->id, in[strlen(in) - 1]);
	if ((p = strstr(item, "host_ifname=")))
		(void) sscanf(p, "host_ifname=%15[^,;]", host);
	if ((p = strstr(item, "bridge=")))
		(void) sscanf(p, "bridge=%15[^,;]", bridge);
	(void) snprintf(ns, sizeof(ns), "%d", pid);
	const char *add[] = { "ip",   "link", "add", host,    "type", "veth",
			      "peer", "name", in,    "netns", ns,     NULL };
	const char *up[] = { "ip", "link", "set", host, "up", NULL };
	const char *join[] = { "ip", "link", "set", host, "master", bridge, NULL };

	(void) run(add);
	(void) run(up);
	if (bridge[0])
		(void) run(join);
}

static __attribute__((noreturn)) void container(const struct ct *ct, int go)
{
	char name[] = "/sbin/init", home[] = "HOME=/", term[] = "TERM=linux";
	char *const init[] = { name, NULL }, *const env[] = { home, term, NULL };
	char byte;
	int null;

	/* The starting vzctl died: so does what it was making. */
	if (read(go, &byte, 1) != 1)
		_exit(1);
	(void) mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	if (chroot(ct->root) < 0 || chdir("/") < 0)
		_exit(1);
	(void) mount("proc", "/proc", "proc", 0, NULL);
	(void) setsid();
	null = open("/dev/null", O_RDWR | O_CREAT, 0666);
	for (int i = 0; i < 3; i++)
		(void) dup2(null, i);
	(void) execve(init[0], init, env);
	_exit(1);
}

static void remember(const struct ct *ct, pid_t pid)
{
	char path[128], text[128];

	(void) mkdir("/var/lib/vzctl", 0755);
	(void) mkdir("/var/lib/vzctl/vepid", 0755);
	(void) snprintf(path, sizeof(path), "/var/lib/vzctl/vepid/%d", ct->id);
	(void) snprintf(text, sizeof(text), "%d", pid);
	put(path, text);
	(void) mkdir("/run/netns", 0755);
	(void) snprintf(path, sizeof(path), "/run/netns/%d", ct->id);
	(void) snprintf(text, sizeof(text), "/proc/%d/ns/net", pid);
	(void) unlink(path);
	if (symlink(text, path) < 0)
		(void) say(0, "Unable to link %s: %s", path, strerror(errno));
}

/* What start does about a dump: tries it, boots if that fails, and the dump is gone. */
static void restore_leftover(const struct ct *ct)
{
	char dump[PATH_MAX + 32];

	ct_dump_path(ct, dump, sizeof(dump));
	if (access(dump, F_OK) < 0)
		return;
	(void) printf("Dump file %s exists, trying to restore from it\n", dump);
	(void) ct_undump(ct, dump);
	(void) unlink(dump);
}

static bool move_nics(const struct ct *ct, pid_t pid)
{
	char netdev[sizeof(ct->netdev)], number[16], *save = NULL;

	(void) snprintf(netdev, sizeof(netdev), "%s", ct->netdev);
	(void) snprintf(number, sizeof(number), "%d", pid);
	for (char *nic = strtok_r(netdev, " ", &save); nic; nic = strtok_r(NULL, " ", &save)) {
		const char *move[] = { "ip", "link", "set", nic, "netns", number, NULL };

		if (!run(move))
			return false;
	}
	return true;
}

int ct_start(const struct ct *ct, const char *dump)
{
	const int flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC;
	char netif[sizeof(ct->netif)], *save = NULL;
	int go[2], r;
	pid_t pid;

	if (ct_running(ct))
		return say(32, "Container is already running");
	if (strcmp(ct->disabled, "yes") == 0)
		return say(105, "Container start disabled");
	(void) printf("Starting container...\n");
	if (ct_mounted(ct))
		(void) ct_umount(ct);
	r = ct_mount(ct);
	if (r)
		return r;
	if (dump && !ct_undump(ct, dump)) {
		(void) ct_umount(ct);
		return say(17, "Error: restore failed");
	}
	if (!dump)
		restore_leftover(ct);
	be_slow("/run/fake-vzctl.slow");
	if (pipe2(go, O_CLOEXEC) < 0)
		return 3;
	pid = (pid_t) syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, NULL);
	if (pid == 0) {
		(void) close(go[1]);
		container(ct, go[0]);
	}
	ct_groups(ct, pid);
	(void) snprintf(netif, sizeof(netif), "%s", ct->netif);
	for (char *i = strtok_r(netif, ";", &save); i; i = strtok_r(NULL, ";", &save))
		make_veth(ct, i, pid);
	remember(ct, pid);
	if (!move_nics(ct, pid)) {
		(void) close(go[1]);
		(void) waitpid(pid, NULL, 0);
		(void) ct_umount(ct);
		return say(6, "Unable to move network device %s into the container", ct->netdev);
	}
	(void) !write(go[1], "", 1);
	(void) printf("Container start in progress...\n");
	return 0;
}
