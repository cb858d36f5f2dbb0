/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NICs that move into a container, and the bridges it is to be in: they must be here first. */
#include <net/if.h>

#include "vz-container.h"

#define COMES_BACK_MS 5000

/* After a stop it comes back when the kernel gets round to it: a restart may be a little early. */
enum ocf_status ct_wait_nics(struct ocf_ctx *ctx, const struct ct_wants *wants)
{
	const int64_t share = ocf_share_ms(ctx, 20), some = ocf_now_ms() + COMES_BACK_MS;
	const int64_t until = share < some ? share : some;

	for (size_t i = 0; i < wants->n_nics; i++)
		while (if_nametoindex(wants->nic[i].host) == 0)
			if (!ocf_pause_until(until, 50))
				return ocf_fail(
					ctx, OCF_ERR_GENERIC,
					"NIC %s, which container %s takes over (%s), is not "
					"on this host; see whether another container has "
					"it, or its name changed",
					wants->nic[i].host, ctx->identity, wants->nic[i].setting);
	return OCF_SUCCESS;
}

void ct_check_nics(struct ocf_ctx *ctx, const struct ct_wants *wants)
{
	for (size_t i = 0; i < wants->n_bridges; i++)
		if (if_nametoindex(wants->bridge[i]) == 0)
			ocf_finding(ctx, OCF_SUCCESS,
				    "container %s wants to be in bridge %s, which is not on this "
				    "host; normal while the bridge's resource is stopped",
				    ctx->identity, wants->bridge[i]);
	for (size_t i = 0; i < wants->n_nics; i++)
		if (if_nametoindex(wants->nic[i].host) == 0)
			ocf_finding(ctx, OCF_ERR_ARGS,
				    "NIC %s, which container %s takes over (%s), is not on this "
				    "host",
				    wants->nic[i].host, ctx->identity, wants->nic[i].setting);
}
