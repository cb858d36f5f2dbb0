/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bridges.h"

#include <errno.h>
#include <string.h>
#include <syslog.h>

#define PORT_WANT VZHA_HELPER_DIR "/port-want"
/* It asks the kernel a few questions; a start does not wait for more. */
#define TELL_MS 3000

static size_t count_ends(const struct hostend *ends, size_t n, const char *bridge)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++)
		found += strcmp(ends[i].master, bridge) == 0;
	return found;
}

static size_t count_wanted(const struct ct_wants *wants, const char *bridge)
{
	size_t found = 0;

	for (size_t i = 0; i < wants->n_bridges; i++)
		found += strcmp(wants->bridge[i], bridge) == 0;
	return found;
}

/* The one bridge that lacks some; NULL: none does, or more than one. */
static const char *lacking(const struct ct_wants *wants, const struct hostend *ends, size_t n)
{
	const char *found = NULL;

	for (size_t i = 0; i < wants->n_bridges; i++) {
		const char *bridge = wants->bridge[i];

		if (count_ends(ends, n, bridge) >= count_wanted(wants, bridge))
			continue;
		if (found && strcmp(found, bridge) != 0)
			return NULL;
		found = bridge;
	}
	return found;
}

const char *ct_bridge_of(const struct ct_wants *wants, const struct hostend *end,
			 const struct hostend *ends, size_t n)
{
	/* Some of its network cards are meant to be in no bridge: nobody knows which. */
	if (!end->master[0])
		return wants->n_bridges >= n ? lacking(wants, ends, n) : NULL;
	return count_wanted(wants, end->master) ? end->master : NULL;
}

static void tell(struct ocf_ctx *ctx, const char *bridge, const int *indices, size_t n)
{
	const char *argv[2 + HOSTENDS_MAX + 1] = { PORT_WANT, bridge };
	char numbers[HOSTENDS_MAX][16], text[200];
	static struct ocf_child_result result;
	int64_t until = ocf_now_ms() + TELL_MS;
	int r;

	for (size_t i = 0; i < n; i++) {
		(void) snprintf(numbers[i], sizeof(numbers[i]), "%d", indices[i]);
		argv[2 + i] = numbers[i];
	}
	r = ocf_run(ctx, argv, until < ctx->deadline_ms ? until : ctx->deadline_ms, &result);
	if (r == 0 && result.exit_code == 0)
		return;
	ocf_log(ctx, LOG_WARNING,
		"container %s: bridge %s is not told of its %zu host ends (%s: %s); name them by a "
		"pattern of the bridge's parameter ports",
		ctx->identity, bridge, n, PORT_WANT,
		r < 0 ? strerror(-r) : ocf_result_text(&result, text, sizeof(text)));
}

void ct_tell_bridges(struct ocf_ctx *ctx, const struct ct_engine *engine,
		     const struct ct_wants *wants, pid_t init)
{
	struct hostend ends[HOSTENDS_MAX];
	bool told[HOSTENDS_MAX] = { false };
	ssize_t n = wants->n_bridges && init > 0
			    ? engine->host_ends(ctx, init, ends, ARRAY_SIZE(ends))
			    : 0;

	for (ssize_t i = 0; i < n; i++) {
		const char *bridge = ct_bridge_of(wants, &ends[i], ends, (size_t) n);
		int indices[HOSTENDS_MAX];
		size_t n_indices = 0;

		/* Old kernels do not tell numbers; there, the configuration tells names. */
		if (told[i] || !bridge || !ends[i].ifindex)
			continue;
		for (ssize_t k = i; k < n; k++) {
			const char *other = ct_bridge_of(wants, &ends[k], ends, (size_t) n);

			if (!other || strcmp(other, bridge) != 0 || !ends[k].ifindex)
				continue;
			told[k] = true;
			indices[n_indices++] = ends[k].ifindex;
		}
		tell(ctx, bridge, indices, n_indices);
	}
}
