/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The stand-in's commands. See vzctl.h for what this is. */
#include "vzctl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int status(const struct ct *ct)
{
	char dump[PATH_MAX + 32];

	ct_dump_path(ct, dump, sizeof(dump));
	(void) printf("CTID %d %s %s %s%s\n", ct->id,
		      ct->conf && access(ct->private, F_OK) == 0 ? "exist" : "deleted",
		      ct_mounted(ct) ? "mounted" : "unmounted", ct_running(ct) ? "running" : "down",
		      access(dump, F_OK) == 0 ? " suspended" : "");
	return 0;
}

static int exec2(const struct ct *ct, int argc, char *argv[])
{
	char line[4096] = "";
	char shell[] = "/bin/sh", option[] = "-c";
	char *const sh[] = { shell, option, line, NULL };
	int code = 0;
	pid_t pid;

	for (int i = 0; i < argc; i++) {
		(void) strncat(line, argv[i], sizeof(line) - strlen(line) - 2);
		(void) strcat(line, " ");
	}
	pid = ct_enter(ct, sh);
	if (pid < 0)
		return say(31, "Container is not running");
	(void) waitpid(pid, &code, 0);
	return WIFEXITED(code) ? WEXITSTATUS(code) : 3;
}

static int locked(const struct ct *ct, const char *verb, const char *option, const char *value)
{
	if (!ct->conf)
		return say(14, "Container config file does not exist");
	if (strcmp(verb, "start") == 0)
		return ct_start(ct, NULL);
	if (strcmp(verb, "stop") == 0)
		return ct_stop(ct, strcmp(option, "--fast") == 0);
	if (strcmp(verb, "suspend") == 0)
		return ct_suspend(ct);
	if (strcmp(verb, "restore") == 0)
		return ct_restore(ct, strcmp(option, "--dumpfile") == 0 ? value : NULL);
	if (strcmp(verb, "mount") == 0)
		return ct_mounted(ct) ? 0 : ct_mount(ct);
	if (strcmp(verb, "umount") == 0)
		return ct_running(ct) ? say(32, "Container is running -- stop it first")
				      : ct_umount(ct);
	return say(20, "Unknown command %s", verb);
}

int main(int argc, char *argv[])
{
	bool skiplock = argc > 1 && strcmp(argv[1], "--skiplock") == 0;
	static struct ct ct;
	char *end;
	int at = skiplock ? 2 : 1, r;
	long id;

	(void) setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc < at + 2)
		return say(20, "Usage: vzctl [options] <command> <ctid>");
	id = strtol(argv[at + 1], &end, 10);
	if (*end || id <= 0)
		return say(21, "Bad CT ID %s", argv[at + 1]);
	r = ct_load(&ct, (int) id);
	if (r)
		return r;
	if (strcmp(argv[at], "status") == 0)
		return status(&ct);
	if (strcmp(argv[at], "exec2") == 0)
		return exec2(&ct, argc - at - 2, argv + at + 2);
	r = skiplock ? 0 : ct_lock(&ct);
	if (r)
		return r;
	r = locked(&ct, argv[at], argc > at + 2 ? argv[at + 2] : "",
		   argc > at + 3 ? argv[at + 3] : NULL);
	if (!skiplock)
		ct_unlock(&ct);
	return r;
}
