/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A stop that failed: only the kernel can keep a killed process, so say which, and why. */
#include <string.h>

#include "proc.h"
#include "survivor.h"

#define PIDS_MAX 256

static void name_of(const struct ocf_ctx *ctx, pid_t pid, char *buf, size_t size)
{
	char path[64];

	(void) ocf_read_file(ocf_path(ctx, path, sizeof(path), "/proc/%d/comm", pid), buf, size);
	buf[strcspn(buf, "\n")] = '\0';
}

/* One that waits in the kernel explains more than one that only waits for that one's end. */
static pid_t worst_of(const struct ocf_ctx *ctx, const struct cg_dir *dirs, size_t n,
		      struct proc_stat *ret_stat)
{
	pid_t pids[PIDS_MAX], found = 0;
	struct proc_stat st;

	for (size_t i = 0; i < n; i++) {
		ssize_t members = cg_procs(&dirs[i], pids, ARRAY_SIZE(pids));

		for (ssize_t k = 0; k < members; k++) {
			if (proc_stat_read(ctx, pids[k], &st) < 0 || (found && st.state != 'D'))
				continue;
			found = pids[k];
			*ret_stat = st;
			if (st.state == 'D')
				return found;
		}
	}
	return found;
}

enum ocf_status ct_survivor(struct ocf_ctx *ctx, const struct cg_dir *dirs, size_t n, pid_t other)
{
	struct proc_stat st = { .state = '?' };
	pid_t pid = worst_of(ctx, dirs, n, &st);
	char name[64] = "";

	if (!pid) {
		pid = other > 0 ? other : 0;
		(void) proc_stat_read(ctx, pid, &st);
	}
	if (!pid)
		return ocf_fail(ctx, OCF_ERR_GENERIC,
				"container %s: not stopped in time, and no process of it to be "
				"seen; look again with status",
				ctx->identity);
	name_of(ctx, pid, name, sizeof(name));
	return ocf_fail(ctx, OCF_ERR_GENERIC,
			"container %s cannot be killed: process %d (%s) is still there, in state "
			"%c%s",
			ctx->identity, pid, name, st.state,
			st.state == 'D' ? " (waits in the kernel: see its disk or network storage)"
					: "");
}
