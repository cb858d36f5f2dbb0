/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From netlink messages to a view. What is not known is skipped; what is needed and missing makes
 * the answer "broken", never a guess.
 */
#include "genl-wire.h"

#include <string.h>

#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

/* One message taken apart. */
struct parts {
	struct nlattr *context[FIELD_MAX + 1];
	struct nlattr *fields[FIELD_MAX + 1];
	uint32_t minor;
};

static bool get_u32(struct nlattr *field, uint32_t *ret_value)
{
	if (!field || nla_len(field) < (int) sizeof(uint32_t))
		return false;
	*ret_value = nla_get_u32(field);
	return true;
}

static bool is_set(struct nlattr *field)
{
	return field && nla_len(field) >= 1 && nla_get_u8(field);
}

const char *drbd_get_string(struct nlattr *field)
{
	if (!field || nla_len(field) < 1 || !memchr(nla_data(field), '\0', (size_t) nla_len(field)))
		return NULL;
	return nla_get_string(field);
}

static bool says_unknown(struct nlmsghdr *message)
{
	struct family_header *header;

	if (!genlmsg_valid_hdr(message, sizeof(*header)))
		return false;
	header = genlmsg_user_hdr(nlmsg_data(message));
	return header->code == ERR_RES_NOT_KNOWN;
}

/* False when the message is about another resource, has nothing to tell, or is not readable. */
static bool take_apart(struct drbd_reading *reading, struct nlmsghdr *message, int part,
		       struct parts *ret_parts)
{
	struct nlattr *top[PART_MAX + 1];
	struct family_header *header;
	const char *name;

	if (!genlmsg_valid_hdr(message, sizeof(*header)) ||
	    genlmsg_parse(message, sizeof(*header), top, PART_MAX, NULL) < 0 ||
	    !top[PART_CFG_CONTEXT] ||
	    nla_parse_nested(ret_parts->context, FIELD_MAX, top[PART_CFG_CONTEXT], NULL) < 0 ||
	    !(name = drbd_get_string(ret_parts->context[CTX_RESOURCE]))) {
		reading->broken = true;
		return false;
	}
	if (!reading->resource) {
		reading->each(name, reading->data);
		return false;
	}
	if (strcmp(name, reading->resource) != 0)
		return false;
	/* A peer device without a connection has no info: not an error. */
	if (!top[part] || nla_parse_nested(ret_parts->fields, FIELD_MAX, top[part], NULL) < 0)
		return false;
	header = genlmsg_user_hdr(nlmsg_data(message));
	ret_parts->minor = header->minor;
	return true;
}

static bool read_resource(const struct drbd_reading *reading, const struct parts *parts)
{
	struct drbd_view *view = reading->view;
	uint32_t role;

	if (!get_u32(parts->fields[RES_ROLE], &role))
		return false;
	view->found = true;
	view->role = drbd_role_from_number(role);
	view->suspended =
		is_set(parts->fields[RES_SUSP_USER]) || is_set(parts->fields[RES_SUSP_NO_DATA]) ||
		is_set(parts->fields[RES_SUSP_FENCING]) || is_set(parts->fields[RES_SUSP_QUORUM]);
	view->fails_io = is_set(parts->fields[RES_FAIL_IO]);
	return true;
}

static bool read_device(const struct drbd_reading *reading, const struct parts *parts)
{
	struct drbd_view *view = reading->view;
	struct drbd_device *device = &view->devices[view->n_devices];
	uint32_t disk;

	if (view->n_devices == DRBD_OBJECTS_MAX || !get_u32(parts->fields[DEV_DISK], &disk))
		return false;
	view->n_devices++;
	device->minor = parts->minor;
	(void) get_u32(parts->context[CTX_VOLUME], &device->volume);
	device->disk = drbd_disk_from_number(reading->version, disk);
	device->client = reading->version >= 2 && is_set(parts->fields[DEV_CLIENT]);
	device->no_quorum = reading->version >= 2 && parts->fields[DEV_QUORUM] &&
			    !is_set(parts->fields[DEV_QUORUM]);
	return true;
}

static bool read_connection(const struct drbd_reading *reading, const struct parts *parts)
{
	struct drbd_view *view = reading->view;
	enum drbd_role peer_role = DRBD_ROLE_UNKNOWN;
	uint32_t number, role;

	if (view->n_connections == DRBD_OBJECTS_MAX || !get_u32(parts->fields[CONN_STATE], &number))
		return false;
	if (get_u32(parts->fields[CONN_ROLE], &role))
		peer_role = drbd_role_from_number(role);
	view->connections[view->n_connections++] = (struct drbd_connection){
		.state = drbd_connection_from_number(number, peer_role),
		.peer_role = peer_role,
	};
	return true;
}

static bool read_peer_device(const struct drbd_reading *reading, const struct parts *parts)
{
	struct drbd_view *view = reading->view;
	uint32_t disk, replication;

	if (get_u32(parts->fields[PEER_REPLICATION], &replication) && drbd_is_resync(replication))
		view->resync = true;
	/* One that is diskless on purpose has no data that could be old. */
	if (reading->version >= 2 && is_set(parts->fields[PEER_CLIENT]))
		return true;
	if (get_u32(parts->fields[PEER_DISK], &disk) && view->n_peer_disks < DRBD_OBJECTS_MAX)
		view->peer_disks[view->n_peer_disks++] =
			drbd_disk_from_number(reading->version, disk);
	return true;
}

void drbd_read_message(struct drbd_reading *reading, enum drbd_genl_cmd cmd,
		       struct nlmsghdr *message)
{
	static const struct {
		enum drbd_genl_cmd cmd;
		int part;
		bool (*read)(const struct drbd_reading *reading, const struct parts *parts);
	} readers[] = {
		{ CMD_GET_RESOURCES, PART_RESOURCE_INFO, read_resource },
		{ CMD_GET_DEVICES, PART_DEVICE_INFO, read_device },
		{ CMD_GET_CONNECTIONS, PART_CONNECTION_INFO, read_connection },
		{ CMD_GET_PEER_DEVICES, PART_PEER_DEVICE_INFO, read_peer_device },
	};
	struct parts parts;

	if (says_unknown(message)) {
		reading->unknown = true;
		return;
	}
	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
		if (readers[i].cmd == cmd &&
		    take_apart(reading, message, readers[i].part, &parts) &&
		    !readers[i].read(reading, &parts))
			reading->broken = true;
	}
}
