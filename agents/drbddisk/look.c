/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state of the resource, and everything that only reads it. */
#include "drbddisk.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Is a module there that should have answered? Then silence is not absence. */
static bool module_is_loaded(const struct ocf_ctx *ctx)
{
	char path[256];

	return access(ocf_path(ctx, path, sizeof(path), "/proc/drbd"), F_OK) == 0 ||
	       access(ocf_path(ctx, path, sizeof(path), "/sys/module/drbd"), F_OK) == 0;
}

/* The second source: the only place where looking may start a program (D2). */
static enum drbd_answer look_by_text(struct ocf_ctx *ctx, struct drbd_view *ret_view)
{
	const char *resource = drbddisk_conf(ctx)->drbd_resource;
	const char *program = drbd_program("drbdsetup");
	const char *const argv[] = { program, "events2", "--now", resource, NULL };
	struct ocf_child_result result;
	char text[512];
	int r;

	if (!program) {
		ocf_reason(ctx,
			   "%s: the DRBD module does not answer by netlink, and drbdsetup is not "
			   "installed",
			   resource);
		return DRBD_ANSWER_FAILED;
	}
	r = ocf_run(ctx, argv, ocf_share_ms(ctx, 25), &result);
	if (r < 0 || result.exit_code != 0 || result.truncated ||
	    !drbd_events2_parse(result.output, resource, ret_view)) {
		ocf_reason(ctx, "%s: cannot read DRBD's state: drbdsetup events2: %s", resource,
			   r < 0 && !result.timed_out
				   ? strerror(-r)
				   : ocf_result_text(&result, text, sizeof(text)));
		return DRBD_ANSWER_FAILED;
	}
	return DRBD_ANSWER_OK;
}

/*
 * Netlink first. No family and no module: nothing can be up. A module that does not answer, or not
 * in a way we understand, is asked again through drbdsetup, which belongs to it.
 */
enum drbd_answer drbd_look(struct ocf_ctx *ctx, struct drbd_genl *genl, struct drbd_view *ret_view)
{
	struct drbd_genl *own = NULL;
	enum drbd_answer answer = DRBD_ANSWER_OK;

	if (!genl) {
		answer = drbd_genl_open(&own);
		genl = own;
	}
	if (answer == DRBD_ANSWER_OK)
		answer = drbd_genl_view(genl, drbddisk_conf(ctx)->drbd_resource, ret_view);
	drbd_genl_close(own);
	if (answer == DRBD_ANSWER_ABSENT && !module_is_loaded(ctx)) {
		memset(ret_view, 0, sizeof(*ret_view));
		return DRBD_ANSWER_OK;
	}
	if (answer == DRBD_ANSWER_OK)
		return DRBD_ANSWER_OK;
	ocf_trace(ctx, "netlink did not answer, asking drbdsetup");
	return look_by_text(ctx, ret_view);
}

enum ocf_state drbddisk_look(struct ocf_ctx *ctx)
{
	struct drbd_view view;

	if (drbd_look(ctx, NULL, &view) != DRBD_ANSWER_OK)
		return OCF_STATE_UNKNOWN;
	if (!view.found)
		return OCF_STATE_STOPPED;
	switch (view.role) {
	case DRBD_ROLE_PRIMARY:
		return OCF_STATE_RUNNING;
	case DRBD_ROLE_SECONDARY:
		return OCF_STATE_STOPPED;
	case DRBD_ROLE_UNKNOWN:
		break;
	}
	ocf_reason(ctx, "%s: DRBD shows neither Primary nor Secondary",
		   drbddisk_conf(ctx)->drbd_resource);
	return OCF_STATE_UNKNOWN;
}

enum ocf_status drbddisk_monitor(struct ocf_ctx *ctx)
{
	const char *resource = drbddisk_conf(ctx)->drbd_resource;
	const char *trouble;
	struct drbd_view view;

	if (drbd_look(ctx, NULL, &view) != DRBD_ANSWER_OK)
		return OCF_ERR_GENERIC;
	trouble = drbd_trouble_of(&view);
	return trouble ? ocf_degraded(ctx, "%s: %s", resource, trouble) : OCF_SUCCESS;
}

void drbddisk_describe(struct ocf_ctx *ctx, FILE *out)
{
	struct drbd_view view;

	if (drbd_look(ctx, NULL, &view) != DRBD_ANSWER_OK || !view.found) {
		(void) fprintf(out, "  not up on this node\n");
		return;
	}
	(void) fprintf(out, "  role %s%s\n", drbd_role_name(view.role),
		       view.suspended ? ", I/O suspended" : "");
	for (size_t i = 0; i < view.n_devices; i++)
		(void) fprintf(out, "  volume %u /dev/drbd%u: %s%s\n", view.devices[i].volume,
			       view.devices[i].minor, drbd_disk_name(view.devices[i].disk),
			       view.devices[i].no_quorum ? ", no quorum" : "");
	for (size_t i = 0; i < view.n_connections; i++)
		(void) fprintf(out, "  peer: %s, %s\n",
			       drbd_connection_name(view.connections[i].state),
			       drbd_role_name(view.connections[i].peer_role));
	for (size_t i = 0; i < view.n_peer_disks; i++)
		(void) fprintf(out, "  peer's disk: %s\n", drbd_disk_name(view.peer_disks[i]));
}

/* Names that DRBD's own configuration accepts and that cannot be mistaken for an option. */
const char *drbddisk_check_value(const struct ocf_param *param, const char *value)
{
	if (strcmp(param->name, "drbd_resource") != 0)
		return NULL;
	if (!isalnum((unsigned char) value[0]) && value[0] != '_')
		return "must begin with a letter or a digit";
	if (strcmp(value, "all") == 0)
		return "must name one resource, not all";
	for (const char *p = value; *p; p++) {
		if (!isalnum((unsigned char) *p) && !strchr("_-.+", *p))
			return "must be made of letters, digits and _ - . +";
	}
	return strlen(value) > 127 ? "must not be longer than 127 bytes" : NULL;
}

/* The names in the configuration, one a line or blank-separated; false when drbdadm cannot say. */
static bool configured(struct ocf_ctx *ctx, struct ocf_child_result *ret_result)
{
	const char *program = drbd_program("drbdadm");
	const char *const argv[] = { program, "sh-resources", NULL };

	return program && ocf_run(ctx, argv, ocf_share_ms(ctx, 25), ret_result) == 0 &&
	       ret_result->exit_code == 0 && !ret_result->truncated;
}

void drbddisk_check_host(struct ocf_ctx *ctx)
{
	const char *resource = drbddisk_conf(ctx)->drbd_resource;
	struct ocf_child_result result;
	bool found = false;
	char *state = NULL;
	struct drbd_view view;

	if (!drbd_program("drbdadm")) {
		ocf_finding(ctx, OCF_ERR_INSTALLED,
			    "drbdadm is not installed (package drbd-utils)");
	} else if (!configured(ctx, &result)) {
		ocf_finding(ctx, OCF_ERR_INSTALLED, "drbdadm cannot read the DRBD configuration");
	} else {
		for (char *name = strtok_r(result.output, " \n", &state); name;
		     name = strtok_r(NULL, " \n", &state))
			found |= strcmp(name, resource) == 0;
		if (!found)
			ocf_finding(ctx, OCF_ERR_INSTALLED,
				    "%s: no such resource in the DRBD configuration of this node",
				    resource);
	}
	if (drbd_look(ctx, NULL, &view) == DRBD_ANSWER_OK && !view.found &&
	    drbddisk_conf(ctx)->bring_up != OCF_TRUE)
		ocf_finding(ctx, OCF_SUCCESS, "%s: not up on this node; is drbd.service enabled?",
			    resource);
}

struct name_list {
	char **names;
	size_t n;
	bool failed;
};

static void add_name(const char *name, void *data)
{
	struct name_list *list = data;
	char **longer;

	for (size_t i = 0; i < list->n; i++) {
		if (strcmp(list->names[i], name) == 0)
			return;
	}
	longer = realloc(list->names, (list->n + 2) * sizeof(*longer));
	if (!longer) {
		list->failed = true;
		return;
	}
	list->names = longer;
	list->names[list->n] = strdup(name);
	list->failed |= !list->names[list->n];
	list->names[++list->n] = NULL;
}

/* Bare `drbddisk start`: what is configured, and what is up although it is not (any more). */
char **drbddisk_all(struct ocf_ctx *ctx)
{
	struct name_list list = { .names = calloc(1, sizeof(char *)) };
	struct ocf_child_result result;
	struct drbd_genl *genl = NULL;
	char *state = NULL;

	list.failed = !list.names;
	if (!list.failed && configured(ctx, &result)) {
		for (char *name = strtok_r(result.output, " \n", &state); name;
		     name = strtok_r(NULL, " \n", &state))
			add_name(name, &list);
	}
	if (!list.failed && drbd_genl_open(&genl) == DRBD_ANSWER_OK)
		list.failed |= drbd_genl_names(genl, add_name, &list) != DRBD_ANSWER_OK;
	drbd_genl_close(genl);
	if (list.failed || list.n == 0) {
		ocf_reason(ctx, "no DRBD resource is configured or up on this node");
		for (size_t i = 0; i < list.n; i++)
			free(list.names[i]);
		free(list.names);
		return NULL;
	}
	return list.names;
}
