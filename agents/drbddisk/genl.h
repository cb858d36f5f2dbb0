/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DRBD's generic netlink family: state, events and role changes without a program or a text. */
#ifndef VZHA_DRBDDISK_GENL_H
#define VZHA_DRBDDISK_GENL_H

#include "view.h"

struct drbd_genl;

/* Where a question to the kernel can end. */
enum drbd_answer {
	DRBD_ANSWER_OK,
	DRBD_ANSWER_ABSENT, /* no such family: the module is not loaded, or does not speak it */
	DRBD_ANSWER_FAILED, /* spoke, but not what we understand; or no answer in time */
};

/** drbd_genl_open() - Find the family. *@ret_genl is set only with DRBD_ANSWER_OK. */
enum drbd_answer drbd_genl_open(struct drbd_genl **ret_genl);

/** drbd_genl_close() - NULL is fine. */
void drbd_genl_close(struct drbd_genl *genl);

/** drbd_genl_view() - The state of one resource. @resource not being up is an OK answer. */
enum drbd_answer drbd_genl_view(struct drbd_genl *genl, const char *resource,
				struct drbd_view *ret_view);

/** drbd_genl_names() - Calls @each for every resource that is up. */
enum drbd_answer drbd_genl_names(struct drbd_genl *genl, void (*each)(const char *name, void *data),
				 void *data);

/**
 * drbd_genl_events() - Subscribe to state changes: a descriptor that becomes readable at the next
 * one; drbd_genl_events_drain() empties it. Return: -1 when there is no such subscription.
 */
int drbd_genl_events(struct drbd_genl *genl);
void drbd_genl_events_drain(struct drbd_genl *genl);

enum drbd_request { DRBD_REQUEST_PRIMARY, DRBD_REQUEST_SECONDARY, DRBD_REQUEST_DOWN };

/**
 * drbd_genl_request() - Ask the kernel for a role, on all volumes, or to take the resource down.
 * @ret_code: the kernel's own code, see linux/drbd.h and drbd_code_is_success()
 *
 * Blocks in the kernel for as long as the change takes (fencing handlers included): call it in a
 * process that may be given up.
 * Return: false when no answer could be understood.
 */
bool drbd_genl_request(struct drbd_genl *genl, enum drbd_request request, const char *resource,
		       const struct drbd_view *view, int *ret_code, char *info, size_t info_size);
bool drbd_code_is_success(int code);

/** drbd_request_is_per_device() - 8.4 changes the role of a device, 9 that of a resource. */
static inline bool drbd_request_is_per_device(int version, enum drbd_request request)
{
	return version < 2 && request != DRBD_REQUEST_DOWN;
}

/** drbd_genl_version() - 1: DRBD 8.4, 2: DRBD 9. */
int drbd_genl_version(const struct drbd_genl *genl);

#endif
