/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "drbddisk.h"
#include "guard.h"

static const struct ocf_agent drbddisk = {
	.metadata = &drbddisk_metadata,
	.look = drbddisk_look,
	.start = drbddisk_start,
	.stop = drbddisk_stop,
	.monitor = drbddisk_monitor,
	.probed = drbddisk_probed,
	.promote = drbddisk_promote,
	.demote = drbddisk_demote,
	.notify = drbddisk_notify,
	.check_value = drbddisk_check_value,
	.check_host = drbddisk_check_host,
	.describe = drbddisk_describe,
	.heartbeat_all = drbddisk_all,
	.guard = &agent_guard,
};

int main(int argc, char *argv[])
{
	return ocf_main(&drbddisk, argc, argv);
}
