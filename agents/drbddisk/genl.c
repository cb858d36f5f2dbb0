/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The conversation with DRBD's netlink family: questions, events, requests. */
#include "genl.h"
#include "genl-wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

/* The kernel answers a dump at once; two seconds without an answer are no answer. */
#define ANSWER_TIMEOUT_S 2

/* Not listed, and yet known by name: one of them was the past. Looked at again so often. */
#define FIND_TRIES 3

/* "Must be understood", in DRBD's own use of attribute bit 14. */
#define F_MANDATORY (1 << 14)

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
	struct nla_policy policy[CTRL_ATTR_MAX + 1] = {
		[CTRL_ATTR_FAMILY_ID] = { .type = NLA_U16 },
		[CTRL_ATTR_VERSION] = { .type = NLA_U32 },
	};
	struct drbd_genl *genl = data;

	if (genlmsg_valid_hdr(nlmsg_hdr(msg), 0) &&
	    genlmsg_parse(nlmsg_hdr(msg), 0, attrs, CTRL_ATTR_MAX, policy) == 0 &&
	    attrs[CTRL_ATTR_FAMILY_ID] && attrs[CTRL_ATTR_VERSION]) {
		genl->family = nla_get_u16(attrs[CTRL_ATTR_FAMILY_ID]);
		genl->version = (int) nla_get_u32(attrs[CTRL_ATTR_VERSION]);
	}
	return NL_STOP;
}

int drbd_genl_version(const struct drbd_genl *genl)
{
	return genl->version;
}

static int remember_error(struct sockaddr_nl *from, struct nlmsgerr *error, void *data)
{
	(void) from;
	*(int *) data = error->error;
	return NL_STOP;
}

/* A dump that failed on its way says so in its last message. */
static int read_finish(struct nl_msg *msg, void *data)
{
	int code;

	if (nlmsg_datalen(nlmsg_hdr(msg)) >= (int) sizeof(code)) {
		memcpy(&code, nlmsg_data(nlmsg_hdr(msg)), sizeof(code));
		if (code < 0)
			*(int *) data = code;
	}
	return NL_OK;
}

/* Sends @msg and hands every answer to @each until the end. Return: 0 or -errno. */
static int talk(struct nl_sock *socket, struct nl_msg *msg, nl_recvmsg_msg_cb_t each, void *data)
{
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);
	int error = 0, r;

	if (!cb)
		return -ENOMEM;
	(void) nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, each, data);
	(void) nl_cb_set(cb, NL_CB_FINISH, NL_CB_CUSTOM, read_finish, &error);
	(void) nl_cb_err(cb, NL_CB_CUSTOM, remember_error, &error);
	r = nl_send_auto(socket, msg);
	if (r >= 0)
		r = nl_recvmsgs(socket, cb);
	nl_cb_put(cb);
	if (error)
		return error;
	return r < 0 ? -EIO : 0;
}

/* What comes too late must not be taken for the answer to the next question: after a failure, a new socket. */
static int ask_socket(struct drbd_genl *genl, struct nl_msg *msg, nl_recvmsg_msg_cb_t each,
		      void *data)
{
	int r = genl->socket ? talk(genl->socket, msg, each, data) : -ENOTCONN;

	if (r < 0) {
		nl_socket_free(genl->socket);
		genl->socket = open_socket();
	}
	return r;
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
	struct nlattr *nest = nla_nest_start(msg, PART_CFG_CONTEXT);

	if (!nest || nla_put_string(msg, CTX_RESOURCE | F_MANDATORY, resource) < 0)
		return false;
	return nla_nest_end(msg, nest) == 0;
}

/* A dump on its way. */
struct dump {
	enum drbd_genl_cmd cmd;
	struct drbd_reading *reading;
};

static int on_message(struct nl_msg *msg, void *data)
{
	struct dump *dump = data;

	drbd_read_message(dump->reading, dump->cmd, nlmsg_hdr(msg));
	/* That one is said again and again, for as long as somebody reads. */
	return dump->reading->unknown ? NL_STOP : NL_OK;
}

static bool dump(struct drbd_genl *genl, enum drbd_genl_cmd cmd, struct drbd_reading *reading)
{
	struct nl_msg *msg = new_request(genl, (uint8_t) cmd, NLM_F_DUMP, ~0U);
	struct dump dump = { .cmd = cmd, .reading = reading };
	int r = msg ? 0 : -ENOMEM;

	/* DRBD lists connections and peer devices only of a resource that is named. */
	if (r == 0 && cmd != CMD_GET_RESOURCES && !put_context(msg, reading->resource))
		r = -ENOMEM;
	if (r == 0)
		r = ask_socket(genl, msg, on_message, &dump);
	nlmsg_free(msg);
	return r == 0 && !reading->broken;
}

/*
 * A dump of all resources just ends when one of them is taken down meanwhile: not being listed proves
 * nothing. Asked by name the kernel says that it knows none. On a socket of its own: see on_message(). By
 * connections: kernels before 2026 leave an RCU section that they have not entered when devices are asked for.
 */
static bool is_unknown(const char *resource)
{
	struct drbd_view view = { 0 };
	struct drbd_reading reading = { .resource = resource, .view = &view };
	struct drbd_genl *genl = NULL;
	bool unknown;

	if (drbd_genl_open(&genl) != DRBD_ANSWER_OK)
		return false;
	reading.version = genl->version;
	unknown = dump(genl, CMD_GET_CONNECTIONS, &reading) && reading.unknown;
	drbd_genl_close(genl);
	return unknown;
}

/* Return: false when the kernel said neither that it is there nor that it is not. */
static bool find_resource(struct drbd_genl *genl, struct drbd_reading *reading)
{
	for (int i = 0; i < FIND_TRIES; i++) {
		if (!dump(genl, CMD_GET_RESOURCES, reading))
			return false;
		if (reading->view->found || is_unknown(reading->resource))
			return true;
	}
	return false;
}

enum drbd_answer drbd_genl_view(struct drbd_genl *genl, const char *resource,
				struct drbd_view *ret_view)
{
	struct drbd_reading reading = { .version = genl->version,
					.resource = resource,
					.view = ret_view };

	memset(ret_view, 0, sizeof(*ret_view));
	ret_view->version = genl->version;
	if (!find_resource(genl, &reading))
		return DRBD_ANSWER_FAILED;
	if (!ret_view->found)
		return DRBD_ANSWER_OK;
	if (ret_view->role == DRBD_ROLE_UNKNOWN || !dump(genl, CMD_GET_DEVICES, &reading) ||
	    !dump(genl, CMD_GET_CONNECTIONS, &reading) ||
	    !dump(genl, CMD_GET_PEER_DEVICES, &reading))
		return DRBD_ANSWER_FAILED;
	/* Taken down between the questions. */
	if (reading.unknown)
		*ret_view = (struct drbd_view){ .version = genl->version };
	return DRBD_ANSWER_OK;
}

enum drbd_answer drbd_genl_names(struct drbd_genl *genl, void (*each)(const char *name, void *data),
				 void *data)
{
	struct drbd_reading reading = { .version = genl->version, .each = each, .data = data };

	return dump(genl, CMD_GET_RESOURCES, &reading) ? DRBD_ANSWER_OK : DRBD_ANSWER_FAILED;
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

struct reply {
	bool answered;
	int code;
	char *info;
	size_t info_size;
};

static int on_reply(struct nl_msg *msg, void *data)
{
	struct nlattr *top[PART_MAX + 1], *fields[FIELD_MAX + 1];
	struct family_header *header;
	struct reply *reply = data;
	const char *info;
	size_t used;

	if (!genlmsg_valid_hdr(nlmsg_hdr(msg), sizeof(*header)))
		return NL_STOP;
	header = genlmsg_user_hdr(nlmsg_data(nlmsg_hdr(msg)));
	reply->answered = true;
	reply->code = header->code;
	if (genlmsg_parse(nlmsg_hdr(msg), sizeof(*header), top, PART_MAX, NULL) < 0 ||
	    !top[PART_CFG_REPLY] ||
	    nla_parse_nested(fields, FIELD_MAX, top[PART_CFG_REPLY], NULL) < 0 ||
	    !(info = drbd_get_string(fields[REPLY_INFO])))
		return NL_STOP;
	used = strlen(reply->info);
	(void) snprintf(reply->info + used, reply->info_size - used, "%s%s", used ? "; " : "",
			info);
	return NL_STOP;
}

static bool ask(struct drbd_genl *genl, enum drbd_genl_cmd cmd, const char *resource,
		uint32_t minor, struct reply *reply)
{
	struct nl_msg *msg = new_request(genl, (uint8_t) cmd, 0, minor);
	struct nlattr *nest;
	bool complete = msg && put_context(msg, resource);

	reply->answered = false;
	/* An empty set of role parameters: nothing is ever forced. */
	if (complete && cmd != CMD_DOWN) {
		nest = nla_nest_start(msg, PART_SET_ROLE_PARMS);
		complete = nest && nla_nest_end_keep_empty(msg, nest) == 0;
	}
	if (complete)
		complete = ask_socket(genl, msg, on_reply, reply) == 0;
	nlmsg_free(msg);
	return complete && reply->answered;
}

bool drbd_code_is_success(int code)
{
	return (code > 0 && code < 100) || code == 101; /* SS_SUCCESS and the like; NO_ERROR */
}

/* Some of the volumes Primary and some not would look like a promotion that succeeded. */
static void take_back(struct drbd_genl *genl, const char *resource, const struct drbd_view *view,
		      size_t promoted)
{
	char unheard[64] = "";
	struct reply reply = { .info = unheard, .info_size = sizeof(unheard) };

	for (size_t i = 0; i < promoted; i++)
		(void) ask(genl, CMD_SECONDARY, resource, view->devices[i].minor, &reply);
}

bool drbd_genl_request(struct drbd_genl *genl, enum drbd_request request, const char *resource,
		       const struct drbd_view *view, int *ret_code, char *info, size_t info_size)
{
	static const enum drbd_genl_cmd cmds[] = {
		[DRBD_REQUEST_PRIMARY] = CMD_PRIMARY,
		[DRBD_REQUEST_SECONDARY] = CMD_SECONDARY,
		[DRBD_REQUEST_DOWN] = CMD_DOWN,
	};
	const struct timeval for_ever = { 0 };
	struct reply reply = { .info = info, .info_size = info_size };
	bool each_device = drbd_request_is_per_device(genl->version, request);
	size_t requests = each_device ? view->n_devices : 1;

	info[0] = '\0';
	*ret_code = 101;
	/* The caller bounds the time: see the contract. */
	(void) setsockopt(nl_socket_get_fd(genl->socket), SOL_SOCKET, SO_RCVTIMEO, &for_ever,
			  sizeof(for_ever));
	for (size_t i = 0; i < requests; i++) {
		uint32_t minor = each_device ? view->devices[i].minor : ~0U;

		if (!ask(genl, cmds[request], resource, minor, &reply))
			return false;
		*ret_code = reply.code;
		if (drbd_code_is_success(reply.code))
			continue;
		if (request == DRBD_REQUEST_PRIMARY && each_device)
			take_back(genl, resource, view, i);
		break;
	}
	return true;
}
