/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "family.h"

#include "proc.h"

#define DEPTH_MAX 8

struct pin {
	const struct ocf_ctx *ctx;
	pid_t parent;
};

static bool still_child(pid_t pid, void *arg)
{
	const struct pin *pin = arg;
	struct proc_stat st;

	return proc_stat_read(pin->ctx, pid, &st) == 0 && st.ppid == pin->parent;
}

static void signal_below(struct ocf_ctx *ctx, pid_t pid, int signo, int depth)
{
	struct pin pin = { ctx, pid };
	pid_t kids[64];
	ssize_t n = depth < DEPTH_MAX ? proc_children(ctx, pid, kids, ARRAY_SIZE(kids)) : 0;

	for (ssize_t i = 0; i < n; i++) {
		signal_below(ctx, kids[i], signo, depth + 1);
		(void) proc_kill(kids[i], signo, still_child, &pin);
	}
}

void ct_signal_descendants(struct ocf_ctx *ctx, pid_t pid, int signo)
{
	signal_below(ctx, pid, signo, 0);
}

void ct_signal_family(struct ocf_ctx *ctx, pid_t pid, int signo)
{
	ct_signal_descendants(ctx, pid, signo);
	(void) kill(pid, signo); /* our own child, not yet waited for: nobody else has its number */
}
