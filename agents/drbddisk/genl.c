/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The wire format is linux/drbd_genl.h of Linux 6.1 (DRBD 8.4.11, family version 1) and of LINBIT's
 * drbd-headers 9.x (version 2); both number what is used here alike, except the disk states. What
 * is not known is skipped; what is needed and missing makes the answer "failed", never a guess.
 */
#include "genl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

/* The kernel answers a dump at once; a second without an answer is no answer. */
#define ANSWER_TIMEOUT_S 2

enum { /* genlmsghdr.cmd */
       CMD_PRIMARY = 14,
       CMD_SECONDARY = 15,
       CMD_GET_RESOURCES = 30,
       CMD_GET_DEVICES = 31,
       CMD_GET_CONNECTIONS = 32,
       CMD_GET_PEER_DEVICES = 33,
};

enum { /* top-level attributes, each a nest */
       NLA_CFG_REPLY = 1,
       NLA_CFG_CONTEXT = 2,
       NLA_SET_ROLE_PARMS = 6,
       NLA_RESOURCE_INFO = 15,
       NLA_DEVICE_INFO = 16,
       NLA_CONNECTION_INFO = 17,
       NLA_PEER_DEVICE_INFO = 18,
       NLA_TOP_MAX = 31,
};

#define FIELD_MAX     31
#define REPLY_INFO    1 /* in CFG_REPLY */
#define CTX_VOLUME    1 /* in CFG_CONTEXT */
#define CTX_RESOURCE  2
#define RES_ROLE      1 /* in RESOURCE_INFO; 2 to 5 are the reasons for suspended I/O */
#define RES_SUSP_LAST 5
#define DEV_DISK      1 /* in DEVICE_INFO */
#define DEV_QUORUM    4 /* DRBD 9 */
#define CONN_STATE    1 /* in CONNECTION_INFO */
#define CONN_ROLE     2
#define PEER_DISK     2 /* in PEER_DEVICE_INFO */

/* "Must be understood", in DRBD's own use of attribute bit 14. */
#define F_MANDATORY (1 << 14)

struct family_header {
	uint32_t minor;
	int32_t code; /* flags in a request */
};

struct drbd_genl {
	struct nl_sock *socket;
	struct nl_sock *events;
	int family;
	int version;
};

static struct nl_sock *open_socket(void)
{
	const struct timeval timeout = { .tv_sec = ANSWER_TIMEOUT_S };
	struct nl_sock *socket = nl_socket_alloc();

	if (!socket)
		return NULL;
	if (genl_connect(socket) < 0 || setsockopt(nl_socket_get_fd(socket), SOL_SOCKET,
						   SO_RCVTIMEO, &timeout, sizeof(timeout)) < 0) {
		nl_socket_free(socket);
		return NULL;
	}
	nl_socket_disable_auto_ack(socket);
	return socket;
}

/* One request for the family brings both its number and its version. */
static int read_family(struct nl_msg *msg, void *data)
{
	struct nlattr *attrs[CTRL_ATTR_MAX + 1];
	struct drbd_genl *genl = data;

	if (genlmsg_parse(nlmsg_hdr(msg), 0, attrs, CTRL_ATTR_MAX, NULL) == 0) {
		if (attrs[CTRL_ATTR_FAMILY_ID])
			genl->family = nla_get_u16(attrs[CTRL_ATTR_FAMILY_ID]);
		if (attrs[CTRL_ATTR_VERSION])
			genl->version = (int) nla_get_u32(attrs[CTRL_ATTR_VERSION]);
	}
	return NL_STOP;
}

static int remember_error(struct sockaddr_nl *from, struct nlmsgerr *error, void *data)
{
	(void) from;
	*(int *) data = error->error;
	return NL_STOP;
}

/* Sends @msg and hands every answer to @each until the end. Return: 0 or -errno. */
static int talk(struct nl_sock *socket, struct nl_msg *msg, nl_recvmsg_msg_cb_t each, void *data)
{
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);
	int error = 0, r;

	if (!cb)
		return -ENOMEM;
	(void) nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, each, data);
	(void) nl_cb_err(cb, NL_CB_CUSTOM, remember_error, &error);
	r = nl_send_auto(socket, msg);
	if (r >= 0)
		r = nl_recvmsgs(socket, cb);
	nl_cb_put(cb);
	if (error)
		return error;
	return r < 0 ? -EIO : 0;
}

static enum drbd_answer find_family(struct drbd_genl *genl)
{
	struct nl_msg *msg = nlmsg_alloc();
	int r = -ENOMEM;

	if (msg &&
	    genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, GENL_ID_CTRL, 0, 0, CTRL_CMD_GETFAMILY,
			1) &&
	    nla_put_string(msg, CTRL_ATTR_FAMILY_NAME, "drbd") == 0)
		r = talk(genl->socket, msg, read_family, genl);
	nlmsg_free(msg);
	if (r == -ENOENT)
		return DRBD_ANSWER_ABSENT;
	return r == 0 && genl->family > 0 ? DRBD_ANSWER_OK : DRBD_ANSWER_FAILED;
}

enum drbd_answer drbd_genl_open(struct drbd_genl **ret_genl)
{
	struct drbd_genl *genl = calloc(1, sizeof(*genl));
	enum drbd_answer answer = DRBD_ANSWER_FAILED;

	if (!genl)
		return DRBD_ANSWER_FAILED;
	genl->socket = open_socket();
	if (genl->socket)
		answer = find_family(genl);
	if (answer == DRBD_ANSWER_OK)
		*ret_genl = genl;
	else
		drbd_genl_close(genl);
	return answer;
}

void drbd_genl_close(struct drbd_genl *genl)
{
	if (!genl)
		return;
	nl_socket_free(genl->socket);
	nl_socket_free(genl->events);
	free(genl);
}

/* What the dumps' callbacks share. */
struct reading {
	const struct drbd_genl *genl;
	const char *resource; /* NULL: call each for every name */
	struct drbd_view *view;
	void (*each)(const char *name, void *data);
	void *data;
	bool broken;
};

/* The message's parts; false when it is about another resource or not readable. */
static bool open_message(struct nl_msg *msg, struct reading *reading, int info_type,
			 struct nlattr *fields[FIELD_MAX + 1],
			 struct nlattr *context[FIELD_MAX + 1], uint32_t *ret_minor)
{
	struct nlattr *top[NLA_TOP_MAX + 1];
	struct family_header *header = genlmsg_user_hdr(nlmsg_data(nlmsg_hdr(msg)));
	const char *name;

	if (genlmsg_parse(nlmsg_hdr(msg), sizeof(*header), top, NLA_TOP_MAX, NULL) < 0 ||
	    !top[NLA_CFG_CONTEXT] ||
	    nla_parse_nested(context, FIELD_MAX, top[NLA_CFG_CONTEXT], NULL) < 0 ||
	    !context[CTX_RESOURCE]) {
		reading->broken = true;
		return false;
	}
	name = nla_get_string(context[CTX_RESOURCE]);
	if (!reading->resource) {
		reading->each(name, reading->data);
		return false;
	}
	if (strcmp(name, reading->resource) != 0)
		return false;
	/* A peer device without a connection has no info: not an error. */
	if (!top[info_type] || nla_parse_nested(fields, FIELD_MAX, top[info_type], NULL) < 0)
		return false;
	*ret_minor = header->minor;
	return true;
}

static int on_resource(struct nl_msg *msg, void *data)
{
	struct nlattr *fields[FIELD_MAX + 1], *context[FIELD_MAX + 1];
	struct reading *reading = data;
	uint32_t minor;

	if (!open_message(msg, reading, NLA_RESOURCE_INFO, fields, context, &minor))
		return NL_OK;
	if (!fields[RES_ROLE]) {
		reading->broken = true;
		return NL_OK;
	}
	reading->view->found = true;
	reading->view->role = drbd_role_from_number(nla_get_u32(fields[RES_ROLE]));
	for (int i = RES_ROLE + 1; i <= RES_SUSP_LAST; i++)
		reading->view->suspended |= fields[i] && nla_get_u8(fields[i]);
	return NL_OK;
}

static int on_device(struct nl_msg *msg, void *data)
{
	struct nlattr *fields[FIELD_MAX + 1], *context[FIELD_MAX + 1];
	struct reading *reading = data;
	struct drbd_view *view = reading->view;
	struct drbd_device *device = &view->devices[view->n_devices];
	uint32_t minor;

	if (!open_message(msg, reading, NLA_DEVICE_INFO, fields, context, &minor))
		return NL_OK;
	if (!fields[DEV_DISK] || view->n_devices == DRBD_OBJECTS_MAX) {
		reading->broken = true;
		return NL_OK;
	}
	view->n_devices++;
	device->minor = minor;
	device->volume = context[CTX_VOLUME] ? nla_get_u32(context[CTX_VOLUME]) : 0;
	device->disk = drbd_disk_from_number(reading->genl->version, nla_get_u32(fields[DEV_DISK]));
	device->no_quorum = reading->genl->version >= 2 && fields[DEV_QUORUM] &&
			    !nla_get_u8(fields[DEV_QUORUM]);
	return NL_OK;
}

static int on_connection(struct nl_msg *msg, void *data)
{
	struct nlattr *fields[FIELD_MAX + 1], *context[FIELD_MAX + 1];
	struct reading *reading = data;
	struct drbd_view *view = reading->view;
	uint32_t minor;

	if (!open_message(msg, reading, NLA_CONNECTION_INFO, fields, context, &minor))
		return NL_OK;
	if (!fields[CONN_STATE] || view->n_connections == DRBD_OBJECTS_MAX) {
		reading->broken = true;
		return NL_OK;
	}
	view->connections[view->n_connections++] = (struct drbd_connection){
		.state = drbd_connection_from_number(nla_get_u32(fields[CONN_STATE])),
		.peer_role = fields[CONN_ROLE]
				     ? drbd_role_from_number(nla_get_u32(fields[CONN_ROLE]))
				     : DRBD_ROLE_UNKNOWN,
	};
	return NL_OK;
}

static int on_peer_device(struct nl_msg *msg, void *data)
{
	struct nlattr *fields[FIELD_MAX + 1], *context[FIELD_MAX + 1];
	struct reading *reading = data;
	struct drbd_view *view = reading->view;
	uint32_t minor;

	if (open_message(msg, reading, NLA_PEER_DEVICE_INFO, fields, context, &minor) &&
	    fields[PEER_DISK] && view->n_peer_disks < DRBD_OBJECTS_MAX)
		view->peer_disks[view->n_peer_disks++] = drbd_disk_from_number(
			reading->genl->version, nla_get_u32(fields[PEER_DISK]));
	return NL_OK;
}

static struct nl_msg *new_request(const struct drbd_genl *genl, uint8_t cmd, int flags,
				  uint32_t minor)
{
	struct nl_msg *msg = nlmsg_alloc();
	struct family_header *header;

	if (!msg)
		return NULL;
	header = genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, genl->family, sizeof(*header), flags,
			     cmd, (uint8_t) genl->version);
	if (!header) {
		nlmsg_free(msg);
		return NULL;
	}
	header->minor = minor;
	header->code = 0;
	return msg;
}

static bool put_context(struct nl_msg *msg, const char *resource)
{
	struct nlattr *nest = nla_nest_start(msg, NLA_CFG_CONTEXT);

	if (!nest || nla_put_string(msg, CTX_RESOURCE | F_MANDATORY, resource) < 0)
		return false;
	return nla_nest_end(msg, nest) == 0;
}

static bool dump(struct drbd_genl *genl, uint8_t cmd, nl_recvmsg_msg_cb_t each,
		 struct reading *reading)
{
	struct nl_msg *msg = new_request(genl, cmd, NLM_F_DUMP, ~0U);
	int r = msg ? 0 : -ENOMEM;

	/* DRBD lists connections and peer devices only of a resource that is named. */
	if (r == 0 && cmd != CMD_GET_RESOURCES && !put_context(msg, reading->resource))
		r = -ENOMEM;
	if (r == 0)
		r = talk(genl->socket, msg, each, reading);
	nlmsg_free(msg);
	return r == 0 && !reading->broken;
}

enum drbd_answer drbd_genl_view(struct drbd_genl *genl, const char *resource,
				struct drbd_view *ret_view)
{
	struct reading reading = { .genl = genl, .resource = resource, .view = ret_view };

	memset(ret_view, 0, sizeof(*ret_view));
	if (!dump(genl, CMD_GET_RESOURCES, on_resource, &reading))
		return DRBD_ANSWER_FAILED;
	if (!ret_view->found)
		return DRBD_ANSWER_OK;
	if (ret_view->role == DRBD_ROLE_UNKNOWN ||
	    !dump(genl, CMD_GET_DEVICES, on_device, &reading) ||
	    !dump(genl, CMD_GET_CONNECTIONS, on_connection, &reading) ||
	    !dump(genl, CMD_GET_PEER_DEVICES, on_peer_device, &reading))
		return DRBD_ANSWER_FAILED;
	return DRBD_ANSWER_OK;
}

enum drbd_answer drbd_genl_names(struct drbd_genl *genl, void (*each)(const char *name, void *data),
				 void *data)
{
	struct reading reading = { .genl = genl, .each = each, .data = data };

	return dump(genl, CMD_GET_RESOURCES, on_resource, &reading) ? DRBD_ANSWER_OK
								    : DRBD_ANSWER_FAILED;
}

int drbd_genl_events(struct drbd_genl *genl)
{
	int group;

	if (genl->events)
		return nl_socket_get_fd(genl->events);
	genl->events = open_socket();
	if (!genl->events)
		return -1;
	group = genl_ctrl_resolve_grp(genl->socket, "drbd", "events");
	if (group < 0 || nl_socket_add_membership(genl->events, group) < 0) {
		nl_socket_free(genl->events);
		genl->events = NULL;
		return -1;
	}
	return nl_socket_get_fd(genl->events);
}

void drbd_genl_events_drain(struct drbd_genl *genl)
{
	char dropped[4096];

	while (recv(nl_socket_get_fd(genl->events), dropped, sizeof(dropped), MSG_DONTWAIT) > 0)
		;
}

struct role_reply {
	bool answered;
	int code;
	char *info;
	size_t info_size;
};

static int on_role_reply(struct nl_msg *msg, void *data)
{
	struct nlattr *top[NLA_TOP_MAX + 1], *fields[FIELD_MAX + 1];
	struct family_header *header = genlmsg_user_hdr(nlmsg_data(nlmsg_hdr(msg)));
	struct role_reply *reply = data;
	size_t used;

	reply->answered = true;
	reply->code = header->code;
	if (genlmsg_parse(nlmsg_hdr(msg), sizeof(*header), top, NLA_TOP_MAX, NULL) < 0 ||
	    !top[NLA_CFG_REPLY] ||
	    nla_parse_nested(fields, FIELD_MAX, top[NLA_CFG_REPLY], NULL) < 0 ||
	    !fields[REPLY_INFO])
		return NL_STOP;
	used = strlen(reply->info);
	(void) snprintf(reply->info + used, reply->info_size - used, "%s%s", used ? "; " : "",
			nla_get_string(fields[REPLY_INFO]));
	return NL_STOP;
}

static bool request_role(struct drbd_genl *genl, const char *resource, uint32_t minor, bool primary,
			 struct role_reply *reply)
{
	struct nl_msg *msg = new_request(genl, primary ? CMD_PRIMARY : CMD_SECONDARY, 0, minor);
	struct nlattr *nest;
	int r = -ENOMEM;

	reply->answered = false;
	/* An empty set of role parameters: nothing is ever forced. */
	if (msg && put_context(msg, resource) && (nest = nla_nest_start(msg, NLA_SET_ROLE_PARMS))) {
		(void) nla_nest_end_keep_empty(msg, nest);
		r = talk(genl->socket, msg, on_role_reply, reply);
	}
	nlmsg_free(msg);
	return r == 0 && reply->answered;
}

static bool succeeded(int code)
{
	return (code > 0 && code < 100) || code == 101; /* SS_SUCCESS and the like; NO_ERROR */
}

bool drbd_genl_set_role(struct drbd_genl *genl, const char *resource, const struct drbd_view *view,
			bool primary, int *ret_code, char *info, size_t info_size)
{
	const struct timeval for_ever = { 0 };
	struct role_reply reply = { .info = info, .info_size = info_size };
	size_t requests = genl->version >= 2 ? 1 : view->n_devices;

	info[0] = '\0';
	*ret_code = 101;
	/* The caller bounds the time: see the contract. */
	(void) setsockopt(nl_socket_get_fd(genl->socket), SOL_SOCKET, SO_RCVTIMEO, &for_ever,
			  sizeof(for_ever));
	/* 8.4 changes the role of a device, 9 that of a resource. */
	for (size_t i = 0; i < requests; i++) {
		uint32_t minor = genl->version >= 2 ? ~0U : view->devices[i].minor;

		if (!request_role(genl, resource, minor, primary, &reply))
			return false;
		*ret_code = reply.code;
		if (!succeeded(reply.code))
			break;
	}
	return true;
}
