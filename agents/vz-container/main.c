/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vz-container.h"
#include "guard.h"

static const struct ocf_agent vz_container = {
	.metadata = &vz_container_metadata,
	.look = ct_look,
	.start = ct_start,
	.stop = ct_stop,
	.monitor = ct_monitor,
	.reload_agent = ct_reload,
	.check_value = ct_check_value,
	.check_conf = ct_check_conf,
	.check_host = ct_check_host,
	.describe = ct_describe,
	.guard = &agent_guard,
};

int main(int argc, char *argv[])
{
	return ocf_main(&vz_container, argc, argv);
}
