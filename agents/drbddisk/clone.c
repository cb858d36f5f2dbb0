/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the manager says of a clone, and of its instances on other nodes. */
#include "drbddisk.h"

#include <stdlib.h>
#include <string.h>

const char *drbd_clone_meta(const char *name)
{
	char variable[96];
	const char *value;

	(void) snprintf(variable, sizeof(variable), "OCF_RESKEY_CRM_meta_%s", name);
	value = getenv(variable);
	return value ? value : "";
}

/* Is an instance named that is not ours? Node names separated by blanks. */
bool drbd_clone_names_others(const struct ocf_ctx *ctx, const char *meta)
{
	const char *names = drbd_clone_meta(meta);

	while (*(names += strspn(names, " "))) {
		size_t len = strcspn(names, " ");

		if (len != strlen(ctx->node) || strncmp(names, ctx->node, len) != 0)
			return true;
		names += len;
	}
	return false;
}

/* Before the transition that we are part of. */
bool drbd_clone_is_promoted_elsewhere(const struct ocf_ctx *ctx)
{
	return drbd_clone_names_others(ctx, "notify_master_uname") ||
	       drbd_clone_names_others(ctx, "notify_promoted_uname");
}

/*
 * Is there anybody to wait for? With notifications the manager says who else runs or is about to;
 * alone, waiting would only delay the promotion that follows.
 */
bool drbd_clone_expects_peer(const struct ocf_ctx *ctx)
{
	static const char *const lists[] = { "notify_start_uname", "notify_slave_uname",
					     "notify_unpromoted_uname", "notify_master_uname",
					     "notify_promoted_uname" };

	if (!getenv("OCF_RESKEY_CRM_meta_notify_start_uname"))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		if (drbd_clone_names_others(ctx, lists[i]))
			return true;
	}
	return false;
}

/* What would run a disk twice, or never work, however healthy DRBD is. */
enum ocf_status drbd_clone_refuse(struct ocf_ctx *ctx)
{
	const char *per_node = drbd_clone_meta("clone_node_max");

	if (ctx->clone && !ctx->promotable)
		return ocf_fail(
			ctx, OCF_ERR_CONFIGURED,
			"%s: as a clone that is not promotable every node would be Primary; "
			"set promotable=true on the clone, or use a plain primitive",
			ctx->identity);
	if (ctx->promotable && *per_node && strcmp(per_node, "1") != 0)
		return ocf_fail(
			ctx, OCF_ERR_CONFIGURED,
			"%s: clone-node-max is %s: a DRBD resource is on a node once; set 1",
			ctx->identity, per_node);
	return OCF_SUCCESS;
}
