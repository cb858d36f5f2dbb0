/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DRBD's states: its words, and the numbers that each generation of its netlink family uses. */
#include "view.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *const disk_names[] = {
	[DRBD_DISK_DISKLESS] = "Diskless",	 [DRBD_DISK_ATTACHING] = "Attaching",
	[DRBD_DISK_DETACHING] = "Detaching",	 [DRBD_DISK_FAILED] = "Failed",
	[DRBD_DISK_NEGOTIATING] = "Negotiating", [DRBD_DISK_INCONSISTENT] = "Inconsistent",
	[DRBD_DISK_OUTDATED] = "Outdated",	 [DRBD_DISK_UNKNOWN] = "DUnknown",
	[DRBD_DISK_CONSISTENT] = "Consistent",	 [DRBD_DISK_UPTODATE] = "UpToDate",
};

const char *drbd_role_name(enum drbd_role role)
{
	if (role == DRBD_ROLE_PRIMARY)
		return "Primary";
	return role == DRBD_ROLE_SECONDARY ? "Secondary" : "Unknown";
}

enum drbd_role drbd_role_from_name(const char *name)
{
	if (strcmp(name, "Primary") == 0)
		return DRBD_ROLE_PRIMARY;
	return strcmp(name, "Secondary") == 0 ? DRBD_ROLE_SECONDARY : DRBD_ROLE_UNKNOWN;
}

/* Both generations: 1 Primary, 2 Secondary (linux/drbd.h). */
enum drbd_role drbd_role_from_number(uint32_t number)
{
	if (number == 1)
		return DRBD_ROLE_PRIMARY;
	return number == 2 ? DRBD_ROLE_SECONDARY : DRBD_ROLE_UNKNOWN;
}

/* Both generations: 11 to 17 a resync that begins or runs, 20 and 21 one that is paused. */
bool drbd_is_resync(uint32_t replication)
{
	return (replication >= 11 && replication <= 17) || replication == 20 || replication == 21;
}

/* The same, in drbdsetup's words. */
bool drbd_is_resync_name(const char *replication)
{
	static const char *const names[] = { "StartingSync", "WFBitMap", "WFSyncUUID", "Sync",
					     "PausedSync" };

	for (size_t i = 0; i < COUNT(names); i++) {
		if (strncmp(replication, names[i], strlen(names[i])) == 0)
			return true;
	}
	return false;
}

const char *drbd_disk_name(enum drbd_disk disk)
{
	return (size_t) disk < COUNT(disk_names) ? disk_names[disk] : "DUnknown";
}

enum drbd_disk drbd_disk_from_name(const char *name)
{
	for (size_t i = 0; i < COUNT(disk_names); i++) {
		if (strcmp(name, disk_names[i]) == 0)
			return (enum drbd_disk) i;
	}
	return DRBD_DISK_UNKNOWN;
}

/*
 * Family version 1 is DRBD 8.4 (linux/drbd.h of Linux 6.1): no Detaching. Version 2 is DRBD 9
 * (drbd-headers 9.x), which put it in third place and so moved all that follow.
 */
enum drbd_disk drbd_disk_from_number(int family_version, uint32_t number)
{
	if (family_version < 2 && number >= DRBD_DISK_DETACHING)
		number++;
	return number <= DRBD_DISK_UPTODATE ? (enum drbd_disk) number : DRBD_DISK_UNKNOWN;
}

const char *drbd_connection_name(enum drbd_connection_state state)
{
	switch (state) {
	case DRBD_CONNECTION_STANDALONE:
		return "StandAlone";
	case DRBD_CONNECTION_CONNECTING:
		return "Connecting";
	case DRBD_CONNECTION_CONNECTED:
		break;
	}
	return "Connected";
}

enum drbd_connection_state drbd_connection_from_name(const char *name, enum drbd_role peer_role)
{
	if (strcmp(name, "StandAlone") == 0)
		return DRBD_CONNECTION_STANDALONE;
	return strcmp(name, "Connected") == 0 && peer_role != DRBD_ROLE_UNKNOWN
		       ? DRBD_CONNECTION_CONNECTED
		       : DRBD_CONNECTION_CONNECTING;
}

/*
 * 0 is StandAlone in both. 9 is DRBD 9's Connected; in 8.4 a connection stays at 9
 * (WFReportParams) while its devices go on to 10 (Connected) and beyond. That the handshake is over
 * shows in the peer's role: a split brain would have ended it before.
 */
enum drbd_connection_state drbd_connection_from_number(uint32_t number, enum drbd_role peer_role)
{
	if (number == 0)
		return DRBD_CONNECTION_STANDALONE;
	return number >= 9 && peer_role != DRBD_ROLE_UNKNOWN ? DRBD_CONNECTION_CONNECTED
							     : DRBD_CONNECTION_CONNECTING;
}
