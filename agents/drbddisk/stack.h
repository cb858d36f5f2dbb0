/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VZHA_DRBDDISK_STACK_H
#define VZHA_DRBDDISK_STACK_H

#include "drbddisk.h"

#define DRBD_STACK_MAX 128

/* The volumes of a resource and every block device that lies on them, directly or not. */
struct drbd_stack {
	dev_t devices[DRBD_STACK_MAX];
	size_t n;
};

typedef void (*drbd_stack_found)(void *data, const char *kind, const char *name);

/** drbd_stack_read() - Fill @ret_stack, and call @found for each device that is no volume. */
void drbd_stack_read(struct ocf_ctx *ctx, const struct drbd_view *view, drbd_stack_found found,
		     void *data, struct drbd_stack *ret_stack);

bool drbd_stack_has(const struct drbd_stack *stack, dev_t device);

#endif
