/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages of the kernel's generic netlink family drbd; the first byte says of what and which version. */
#include "fuzz.h"
#include "genl-wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum drbd_genl_cmd cmds[] = { CMD_GET_RESOURCES, CMD_GET_DEVICES,
						   CMD_GET_CONNECTIONS, CMD_GET_PEER_DEVICES };
	struct drbd_view view;
	struct drbd_reading reading = { .resource = "r0", .view = &view };
	struct nlmsghdr *message;

	if (size < 1 + sizeof(*message))
		return 0;
	memset(&view, 0, sizeof(view));
	reading.version = (data[0] & 4) ? 2 : 1;
	message = malloc(size - 1);
	must_hold(message);
	memcpy(message, data + 1, size - 1);
	/* The socket layer gives out whole messages only. */
	message->nlmsg_len = (uint32_t) (size - 1);
	for (size_t i = 0; i < 20; i++)
		drbd_read_message(&reading, cmds[data[0] & 3], message);
	must_hold(view.n_devices <= DRBD_OBJECTS_MAX);
	must_hold(view.n_connections <= DRBD_OBJECTS_MAX);
	must_hold(view.n_peer_disks <= DRBD_OBJECTS_MAX);
	must_hold(!view.found || (data[0] & 3) == 0);
	free(message);
	return 0;
}
