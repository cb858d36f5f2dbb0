/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values, this host, and which resources its configuration has. */
#include "drbddisk.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Names that DRBD's own configuration accepts and that cannot be mistaken for an option. */
const char *drbddisk_check_value(const struct ocf_param *param, const char *value)
{
	int64_t scores[DRBD_SCORES];

	if (strcmp(param->name, "promotion_scores") == 0)
		return drbd_scores_parse(value, scores)
			       ? NULL
			       : "must be four numbers from 0 to 1000000, none below the one before";
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

/*
 * The names in the configuration, one a line or blank-separated; false when drbdadm cannot say. What it warns
 * of (its own leftovers, modinfo, the firewall) is no name.
 */
static bool configured(struct ocf_ctx *ctx, struct ocf_child_result *ret_result)
{
	struct drbdadm drbdadm;

	return drbdadm_command(ctx, &drbdadm, "sh-resources", NULL) &&
	       ocf_run_stdout(ctx, drbdadm.argv, ocf_share_ms(ctx, 25), ret_result) == 0 &&
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
	    drbddisk_conf(ctx)->bring_up != DRBDDISK_BRING_UP_TRUE && !ctx->promotable)
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
	if (!list->names[list->n])
		list->failed = true;
	else
		list->names[++list->n] = NULL;
}

static void free_names(struct name_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->names[i]);
	free(list->names);
}

/* The second source, as in look.c. */
static bool add_running_by_text(struct ocf_ctx *ctx, struct name_list *list)
{
	const char *program = drbd_program("drbdsetup");
	const char *const argv[] = { program, "events2", "--now", NULL };
	struct ocf_child_result result;

	return program && ocf_run_stdout(ctx, argv, ocf_share_ms(ctx, 25), &result) == 0 &&
	       result.exit_code == 0 && !result.truncated &&
	       drbd_events2_names(result.output, add_name, list);
}

/* What is up. false: the kernel has not said. Asked twice, as a list may end early: see genl.c. */
static bool add_running(struct ocf_ctx *ctx, struct name_list *list)
{
	struct drbd_genl *genl = NULL;
	enum drbd_answer answer = drbd_genl_open(&genl);

	for (int i = 0; i < 2 && answer == DRBD_ANSWER_OK; i++)
		answer = drbd_genl_names(genl, add_name, list);
	drbd_genl_close(genl);
	return answer == DRBD_ANSWER_OK ||
	       (answer == DRBD_ANSWER_ABSENT && !drbd_module_is_loaded(ctx)) ||
	       add_running_by_text(ctx, list);
}

/*
 * Bare `drbddisk start`: what is configured, and what is up although it is not (any more). To stop, or to
 * say whether anything runs, the kernel is enough; to start, the configuration must be known.
 */
char **drbddisk_all(struct ocf_ctx *ctx)
{
	bool start = strcmp(ctx->action, "start") == 0;
	struct name_list list = { .names = calloc(1, sizeof(char *)) };
	struct ocf_child_result result;
	bool known, listed = false;
	char *state = NULL;

	list.failed = !list.names;
	known = configured(ctx, &result);
	for (char *name = known ? strtok_r(result.output, " \n", &state) : NULL;
	     name && !list.failed; name = strtok_r(NULL, " \n", &state))
		add_name(name, &list);
	if (!list.failed)
		listed = add_running(ctx, &list);
	if (list.failed || !(start ? known : listed))
		ocf_reason(ctx,
			   "which DRBD resources there are is not known: %s; or name one: "
			   "drbddisk::r0",
			   start ? "drbdadm sh-resources fails" : "the kernel does not say");
	else if (start && list.n == 0)
		ocf_reason(ctx, "no DRBD resource is configured or up on this node");
	else
		return list.names;
	free_names(&list);
	return NULL;
}
