/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "relocation.h"
#include "guard.h"

static const struct ocf_agent vzroot_relocation = {
	.metadata = &vzroot_relocation_metadata,
	.look = relocation_look,
	.start = relocation_start,
	.stop = relocation_stop,
	.monitor = relocation_monitor,
	.check_conf = relocation_check_conf,
	.check_host = relocation_check_host,
	.describe = relocation_describe,
	.guard = &agent_guard,
};

int main(int argc, char *argv[])
{
	return ocf_main(&vzroot_relocation, argc, argv);
}
