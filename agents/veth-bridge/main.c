/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "veth-bridge.h"
#include "guard.h"

static const struct ocf_agent veth_bridge = {
	.metadata = &veth_bridge_metadata,
	.look = look_at_bridge,
	.start = start_bridge,
	.stop = stop_bridge,
	.monitor = monitor_bridge,
	.reload_agent = start_bridge, /* a start of what runs changes what differs */
	.check_value = check_value,
	.check_conf = check_conf,
	.check_host = check_host,
	.describe = describe_bridge,
	.guard = &agent_guard,
};

int main(int argc, char *argv[])
{
	return ocf_main(&veth_bridge, argc, argv);
}
