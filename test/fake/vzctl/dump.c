/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Suspend and restore. What a dump is here: see vzctl.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "vzctl.h"

void ct_dump_path(const struct ct *ct, char *ret, size_t size)
{
	(void) snprintf(ret, size, "%s/Dump.%d", ct->dumpdir, ct->id);
}

static bool copy(const char *from, const char *to)
{
	char text[4096];
	FILE *in = fopen(from, "re"), *out = fopen(to, "we");
	size_t n = in ? fread(text, 1, sizeof(text), in) : 0;
	bool done = out && fwrite(text, 1, n, out) == n;

	if (in)
		(void) fclose(in);
	return out && fclose(out) == 0 && done;
}

int ct_suspend(const struct ct *ct)
{
	char dump[PATH_MAX + 32], memory[PATH_MAX + 32];
	int r;

	if (!ct_running(ct))
		return say(31, "Container is not running");
	(void) printf("Setting up checkpoint...\n");
	ct_dump_path(ct, dump, sizeof(dump));
	(void) snprintf(memory, sizeof(memory), "%s/tmp/memory", ct->root);
	if (access("/run/fake-vzctl.no-criu", F_OK) == 0 || !copy(memory, dump))
		return say(16, "Error: checkpointing failed");
	r = ct_kill(ct);
	if (r == 0)
		(void) ct_umount(ct);
	(void) printf("Checkpointing completed successfully\n");
	return r;
}

bool ct_undump(const struct ct *ct, const char *dump)
{
	char mark[PATH_MAX + 32], text[8] = "";
	FILE *f = fopen(dump, "re");

	if (!f)
		return false;
	(void) !fread(text, 1, sizeof(text) - 1, f);
	(void) fclose(f);
	(void) snprintf(mark, sizeof(mark), "%s/restored", ct->root);
	return strncmp(text, "bad", 3) != 0 && copy(dump, mark);
}

int ct_restore(const struct ct *ct, const char *dump)
{
	char usual[PATH_MAX + 32];

	ct_dump_path(ct, usual, sizeof(usual));
	if (ct_running(ct))
		return say(32, "Container is already running");
	if (access(dump ?: usual, F_OK) < 0)
		return say(17, "Error: unable to open %s: %s", dump ?: usual, strerror(errno));
	return ct_start(ct, dump ?: usual);
}
