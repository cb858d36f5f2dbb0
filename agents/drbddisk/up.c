/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From configured to up and connected: the only part that needs DRBD's configuration. */
#include "drbddisk.h"

#include <poll.h>
#include <string.h>

/* Without events (old kernels, the stand-in) the state is asked this often. */
#define POLL_MS 200

bool drbdadm_command(struct ocf_ctx *ctx, struct drbdadm *command, const char *verb,
		     const char *resource)
{
	const char *config = drbddisk_conf(ctx)->config;
	size_t n = 0;

	memset(command, 0, sizeof(*command));
	command->argv[n++] = drbd_program("drbdadm");
	if (!command->argv[0])
		return false;
	/* Only where another one is meant: drbdadm has its own search for the usual one. */
	if (config && strcmp(config, "/etc/drbd.conf") != 0) {
		command->argv[n++] = "-c";
		command->argv[n++] = config;
	}
	command->argv[n++] = verb;
	command->argv[n] = resource;
	return true;
}

/*
 * A start that was killed leaves parts; so does an administrator. But what has a disk and is StandAlone stays
 * so: to connect it again would hide a split brain until the next handshake, and it could be promoted meanwhile.
 */
static const char *missing(const struct drbd_view *view)
{
	size_t diskless = 0;

	if (!view->found)
		return "up";
	for (size_t i = 0; i < view->n_devices; i++)
		diskless += view->devices[i].disk == DRBD_DISK_DISKLESS && !view->devices[i].client;
	if (diskless < view->n_devices && drbd_is_alone(view))
		return NULL;
	return view->n_devices == 0 || diskless ? "adjust" : NULL;
}

/* Half of it would be taken for what somebody disconnected. */
static void undo_up(struct ocf_ctx *ctx)
{
	struct drbd_said said = { 0 };
	struct drbd_view view;

	if (drbd_look(ctx, NULL, &view) == DRBD_ANSWER_OK && view.found &&
	    view.role == DRBD_ROLE_SECONDARY)
		(void) drbd_request(ctx, &view, DRBD_REQUEST_DOWN, ocf_share_ms(ctx, 80), &said);
}

enum ocf_status drbd_bring_up(struct ocf_ctx *ctx, const struct drbd_view *view, bool *ret_done)
{
	const char *resource = drbddisk_conf(ctx)->drbd_resource;
	const char *verb = missing(view);
	struct ocf_child_result result;
	struct drbdadm drbdadm;
	char text[512];
	int r;

	*ret_done = false;
	if (!verb)
		return OCF_SUCCESS;
	if (!drbdadm_command(ctx, &drbdadm, verb, resource))
		return ocf_fail(ctx, OCF_ERR_INSTALLED,
				"%s: cannot be brought up: drbdadm is not installed (drbd-utils)",
				resource);
	ocf_step(ctx, "drbdadm %s", verb);
	r = ocf_run(ctx, drbdadm.argv, ocf_share_ms(ctx, 50), &result);
	*ret_done = r == 0 && result.exit_code == 0;
	if (*ret_done)
		return OCF_SUCCESS;
	(void) ocf_fail(ctx, OCF_ERR_GENERIC, "%s: drbdadm %s failed: %s", resource, verb,
			r < 0 && !result.timed_out ? strerror(-r)
						   : ocf_result_text(&result, text, sizeof(text)));
	if (!view->found)
		undo_up(ctx);
	return OCF_ERR_GENERIC;
}

void drbd_wait_event(struct drbd_genl *genl, int64_t deadline_ms)
{
	int events = genl ? drbd_genl_events(genl) : -1;
	struct pollfd fd = { .fd = events, .events = POLLIN };
	int64_t left = deadline_ms - ocf_now_ms();

	if (left <= 0)
		return;
	if (events < 0) {
		(void) ocf_pause_until(deadline_ms, POLL_MS);
		return;
	}
	/* Not every change is announced in every version: look again once a second anyway. */
	(void) poll(&fd, 1, left < 1000 ? (int) left : 1000);
	drbd_genl_events_drain(genl);
}

static bool is_settled(const struct drbd_view *view)
{
	for (size_t i = 0; i < view->n_devices; i++) {
		if (view->devices[i].disk == DRBD_DISK_ATTACHING ||
		    view->devices[i].disk == DRBD_DISK_NEGOTIATING)
			return false;
	}
	for (size_t i = 0; i < view->n_connections; i++) {
		if (view->connections[i].state == DRBD_CONNECTION_CONNECTING)
			return false;
	}
	/* StandAlone: nothing but people end that, and the peer's disk stays unknown. */
	for (size_t i = 0; i < view->n_connections; i++) {
		if (view->connections[i].state == DRBD_CONNECTION_STANDALONE)
			return true;
	}
	for (size_t i = 0; i < view->n_peer_disks && view->n_connections > 0; i++) {
		if (view->peer_disks[i] == DRBD_DISK_UNKNOWN)
			return false;
	}
	return true;
}

void drbd_wait_connected(struct ocf_ctx *ctx, int64_t deadline_ms)
{
	struct drbd_genl *genl = NULL;
	struct drbd_view view;

	ocf_step(ctx, "wait for the peer");
	if (drbd_genl_open(&genl) == DRBD_ANSWER_OK)
		(void) drbd_genl_events(genl);
	else
		genl = NULL;
	while (ocf_now_ms() < deadline_ms && drbd_look(ctx, genl, &view) == DRBD_ANSWER_OK &&
	       !is_settled(&view))
		drbd_wait_event(genl, deadline_ms);
	drbd_genl_close(genl);
}
