/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text form of the state, for modules whose netlink answers we do not understand. */
#include "view.h"

#include <stdlib.h>
#include <string.h>

/* While the lines are read. */
struct text {
	const char *resource;
	struct drbd_view *view;
	bool too_much; /* more than there is room for: no answer at all */
};

#define RESOURCE "exists resource "

/* Copies the value of "key:" on this line; false when the line has none. */
static bool value_of(const char *line, const char *key, char *buf, size_t size)
{
	size_t key_len = strlen(key);

	for (const char *p = line; *p; p += strcspn(p, " "), p += strspn(p, " ")) {
		size_t len = strcspn(p, " ");

		if (len <= key_len || strncmp(p, key, key_len) != 0 || p[key_len] != ':')
			continue;
		len -= key_len + 1;
		if (len >= size)
			return false;
		memcpy(buf, p + key_len + 1, len);
		buf[len] = '\0';
		return true;
	}
	return false;
}

static void read_resource(const char *line, struct text *text)
{
	struct drbd_view *view = text->view;
	char value[64];

	view->found = true;
	if (value_of(line, "role", value, sizeof(value)))
		view->role = drbd_role_from_name(value);
	if (value_of(line, "suspended", value, sizeof(value)))
		view->suspended = strcmp(value, "no") != 0;
	if (value_of(line, "force-io-failures", value, sizeof(value)))
		view->fails_io = strcmp(value, "no") != 0;
}

static void read_device(const char *line, struct text *text)
{
	struct drbd_view *view = text->view;
	struct drbd_device *device = &view->devices[view->n_devices];
	char value[64];

	if (view->n_devices == DRBD_OBJECTS_MAX) {
		text->too_much = true;
		return;
	}
	view->n_devices++;
	device->disk = DRBD_DISK_UNKNOWN;
	if (value_of(line, "disk", value, sizeof(value)))
		device->disk = drbd_disk_from_name(value);
	if (value_of(line, "minor", value, sizeof(value)))
		device->minor = (uint32_t) strtoul(value, NULL, 10);
	if (value_of(line, "volume", value, sizeof(value)))
		device->volume = (uint32_t) strtoul(value, NULL, 10);
	/* Only DRBD 9 tells these two. */
	view->version = 1;
	if (value_of(line, "quorum", value, sizeof(value))) {
		view->version = 2;
		device->no_quorum = strcmp(value, "no") == 0;
	}
	if (value_of(line, "client", value, sizeof(value))) {
		view->version = 2;
		device->client = strcmp(value, "no") != 0;
	}
}

static void read_connection(const char *line, struct text *text)
{
	struct drbd_view *view = text->view;
	struct drbd_connection *connection = &view->connections[view->n_connections];
	char value[64];

	if (view->n_connections == DRBD_OBJECTS_MAX) {
		text->too_much = true;
		return;
	}
	view->n_connections++;
	connection->state = DRBD_CONNECTION_CONNECTING;
	if (value_of(line, "role", value, sizeof(value)))
		connection->peer_role = drbd_role_from_name(value);
	if (value_of(line, "connection", value, sizeof(value)))
		connection->state = drbd_connection_from_name(value, connection->peer_role);
}

static void read_peer_device(const char *line, struct text *text)
{
	struct drbd_view *view = text->view;
	char value[64];

	if (value_of(line, "replication", value, sizeof(value)))
		view->resync |= drbd_is_resync_name(value);
	if (value_of(line, "peer-client", value, sizeof(value)) && strcmp(value, "no") != 0)
		return;
	if (view->n_peer_disks < DRBD_OBJECTS_MAX &&
	    value_of(line, "peer-disk", value, sizeof(value)))
		view->peer_disks[view->n_peer_disks++] = drbd_disk_from_name(value);
}

static void read_line(const char *line, void *data)
{
	static const struct {
		const char *object;
		void (*read)(const char *line, struct text *text);
	} objects[] = {
		{ RESOURCE, read_resource },
		{ "exists device ", read_device },
		{ "exists connection ", read_connection },
		{ "exists peer-device ", read_peer_device },
	};
	struct text *text = data;
	char name[256];

	if (!value_of(line, "name", name, sizeof(name)) || strcmp(name, text->resource) != 0)
		return;
	for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]); i++) {
		if (strncmp(line, objects[i].object, strlen(objects[i].object)) == 0)
			objects[i].read(line, text);
	}
}

/* Return: false when a line is too long, or the last one does not say that it is. */
static bool each_line(const char *text, void (*each)(const char *line, void *data), void *data)
{
	bool complete = false, too_long = false;

	while (*text) {
		size_t len = strcspn(text, "\n");
		char line[1024];

		if (len < sizeof(line)) {
			memcpy(line, text, len);
			line[len] = '\0';
			complete |= strcmp(line, "exists -") == 0;
			each(line, data);
		} else {
			too_long = true;
		}
		text += len;
		text += *text == '\n';
	}
	return complete && !too_long;
}

bool drbd_events2_parse(const char *text, const char *resource, struct drbd_view *ret_view)
{
	struct text answer = { .resource = resource, .view = ret_view };

	memset(ret_view, 0, sizeof(*ret_view));
	return each_line(text, read_line, &answer) && !answer.too_much;
}

struct names {
	void (*each)(const char *name, void *data);
	void *data;
};

static void read_name(const char *line, void *data)
{
	const struct names *names = data;
	char name[256];

	if (strncmp(line, RESOURCE, strlen(RESOURCE)) == 0 &&
	    value_of(line, "name", name, sizeof(name)))
		names->each(name, names->data);
}

bool drbd_events2_names(const char *text, void (*each)(const char *name, void *data), void *data)
{
	struct names names = { each, data };

	return each_line(text, read_name, &names);
}
