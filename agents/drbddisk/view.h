/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One DRBD resource as the kernel shows it, in words of our own: the two generations of DRBD number
 * their states differently, and a text has no numbers at all.
 */
#ifndef VZHA_DRBDDISK_VIEW_H
#define VZHA_DRBDDISK_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum drbd_role { DRBD_ROLE_UNKNOWN, DRBD_ROLE_PRIMARY, DRBD_ROLE_SECONDARY };

/* In the order of usefulness. */
enum drbd_disk {
	DRBD_DISK_DISKLESS,
	DRBD_DISK_ATTACHING,
	DRBD_DISK_DETACHING,
	DRBD_DISK_FAILED,
	DRBD_DISK_NEGOTIATING,
	DRBD_DISK_INCONSISTENT,
	DRBD_DISK_OUTDATED,
	DRBD_DISK_UNKNOWN,
	DRBD_DISK_CONSISTENT,
	DRBD_DISK_UPTODATE,
};

enum drbd_connection_state {
	DRBD_CONNECTION_STANDALONE, /* gave up: after a split brain, or on request */
	DRBD_CONNECTION_CONNECTING, /* anything on the way there or back */
	DRBD_CONNECTION_CONNECTED,
};

/* What is remembered from a time when it was StandAlone, and given up so: see standing.c. */
enum drbd_standing {
	DRBD_STANDING_NONE,
	DRBD_STANDING_WRITER, /* it was Primary: the data that was in use */
	DRBD_STANDING_ASIDE,  /* it was Secondary, or another node was Primary, too */
};

#define DRBD_OBJECTS_MAX 64

struct drbd_device {
	uint32_t minor;
	uint32_t volume;
	enum drbd_disk disk;
	bool no_quorum;
	bool client; /* diskless on purpose */
};

struct drbd_connection {
	enum drbd_connection_state state;
	enum drbd_role peer_role;
};

struct drbd_view {
	int version; /* 1: DRBD 8.4, which lists no connection that is StandAlone; 2: DRBD 9 */
	bool found;  /* the resource is up on this node */
	enum drbd_role role;
	bool suspended; /* I/O is frozen: by hand, for lack of data, without quorum, during fencing */
	bool fails_io; /* was forced to give its role up: every request fails */
	bool resync;   /* one is running or waiting, in either direction */
	struct drbd_device devices[DRBD_OBJECTS_MAX];
	size_t n_devices;
	struct drbd_connection connections[DRBD_OBJECTS_MAX];
	size_t n_connections;
	enum drbd_disk peer_disks[DRBD_OBJECTS_MAX]; /* of peers that ought to have one */
	size_t n_peer_disks;
	enum drbd_standing standing; /* not the kernel's word, but ours */
};

/* names.c */
const char *drbd_role_name(enum drbd_role role);
const char *drbd_disk_name(enum drbd_disk disk);
const char *drbd_connection_name(enum drbd_connection_state state);
enum drbd_role drbd_role_from_name(const char *name);
enum drbd_disk drbd_disk_from_name(const char *name);
enum drbd_connection_state drbd_connection_from_name(const char *name, enum drbd_role peer_role);
enum drbd_disk drbd_disk_from_number(int family_version, uint32_t number);
enum drbd_connection_state drbd_connection_from_number(uint32_t number, enum drbd_role peer_role);
enum drbd_role drbd_role_from_number(uint32_t number);
bool drbd_is_resync(uint32_t replication);
bool drbd_is_resync_name(const char *replication);

/**
 * drbd_events2_parse() - The output of `drbdsetup events2 --now RESOURCE` as a view.
 *
 * Unknown keys and objects are ignored, missing keys tolerated: the format grew over the years.
 * Return: false when it is not such an output at all (no closing "exists -"), or too much of it.
 */
bool drbd_events2_parse(const char *text, const char *resource, struct drbd_view *ret_view);

/** drbd_events2_names() - Of `drbdsetup events2 --now`: @each for every resource. Return: as above. */
bool drbd_events2_names(const char *text, void (*each)(const char *name, void *data), void *data);

#endif
