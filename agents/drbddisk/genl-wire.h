/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The wire format: linux/drbd_genl.h of Linux 6.1 (DRBD 8.4.11, family version 1) and of LINBIT's
 * drbd-headers 9.x (version 2). Both number what is used here alike, except the disk states.
 */
#ifndef VZHA_DRBDDISK_GENL_WIRE_H
#define VZHA_DRBDDISK_GENL_WIRE_H

#include "view.h"

#include <linux/netlink.h>

enum drbd_genl_cmd { /* genlmsghdr.cmd */
		     CMD_PRIMARY = 14,
		     CMD_SECONDARY = 15,
		     CMD_DOWN = 27,
		     CMD_GET_RESOURCES = 30,
		     CMD_GET_DEVICES = 31,
		     CMD_GET_CONNECTIONS = 32,
		     CMD_GET_PEER_DEVICES = 33,
};

enum drbd_genl_part { /* top-level attributes, each a nest */
		      PART_CFG_REPLY = 1,
		      PART_CFG_CONTEXT = 2,
		      PART_SET_ROLE_PARMS = 6,
		      PART_RESOURCE_INFO = 15,
		      PART_DEVICE_INFO = 16,
		      PART_CONNECTION_INFO = 17,
		      PART_PEER_DEVICE_INFO = 18,
		      PART_MAX = 31,
};

#define FIELD_MAX	 31
#define REPLY_INFO	 1 /* in CFG_REPLY */
#define CTX_VOLUME	 1 /* in CFG_CONTEXT */
#define CTX_RESOURCE	 2
#define RES_ROLE	 1 /* in RESOURCE_INFO; behind it the reasons for suspended I/O: */
#define RES_SUSP_USER	 2
#define RES_SUSP_NO_DATA 3
#define RES_SUSP_FENCING 4
#define RES_SUSP_QUORUM	 5 /* DRBD 9 */
#define RES_FAIL_IO	 6 /* DRBD 9: forced down, every request fails */
#define DEV_DISK	 1 /* in DEVICE_INFO */
#define DEV_CLIENT	 2 /* DRBD 9: diskless on purpose */
#define DEV_QUORUM	 4 /* DRBD 9 */
#define CONN_STATE	 1 /* in CONNECTION_INFO */
#define CONN_ROLE	 2
#define PEER_REPLICATION 1 /* in PEER_DEVICE_INFO */
#define PEER_DISK	 2
#define PEER_CLIENT	 6 /* DRBD 9 */

/* Behind the generic netlink header. */
struct family_header {
	uint32_t minor;
	int32_t code; /* flags in a request */
};

#define ERR_RES_NOT_KNOWN 158 /* linux/drbd.h, enum drbd_ret_code */

/* What the answers of one question are read into. */
struct drbd_reading {
	int version;	      /* of the family */
	const char *resource; /* NULL: call each for every name */
	struct drbd_view *view;
	void (*each)(const char *name, void *data);
	void *data;
	bool unknown; /* the kernel says: no such resource */
	bool broken;  /* something needed was missing: no answer at all */
};

/** drbd_get_string() - NULL when it is no text that ends within the message. */
const char *drbd_get_string(struct nlattr *field);

/** drbd_read_message() - One message of the answer to @cmd, a dump, into @reading. Pure. */
void drbd_read_message(struct drbd_reading *reading, enum drbd_genl_cmd cmd,
		       struct nlmsghdr *message);

#endif
