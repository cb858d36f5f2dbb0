/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A container's network as the kernel has it: its links and routes, read and set from outside.
 * Nothing in the container is asked or run.
 */
#ifndef VZHA_CT_INSIDE_H
#define VZHA_CT_INSIDE_H

#include "vz-container.h"

/**
 * inside_open() - A netlink socket in the network namespace of the container whose init is @init.
 *
 * Return: a descriptor to close; -ENOTSUP it has no network namespace of its own; -ESRCH init is
 * gone; -errno.
 */
int inside_open(struct ocf_ctx *ctx, const struct ct_engine *engine, pid_t init);

/** inside_link() - Index of an interface in there. Return: > 0; -ENODEV; -errno. */
int inside_link(int fd, const char *name);

/* The IPv4 default route that packets take. */
struct inside_route {
	int ifindex; /* 0: there is none */
	uint32_t metric;
	uint32_t gateway; /* network byte order; 0: none */
};

/** inside_default() - The best one, and the best one by @ifindex. Return: 0; -errno. */
int inside_default(int fd, int ifindex, struct inside_route *ret_best, struct inside_route *ret_by);

/**
 * inside_set_default() - Make the best default route go out by @ifindex, by way of @gateway (0: on
 * the link itself). Replaces one of the same metric (0). Return: 0; -errno.
 */
int inside_set_default(int fd, int ifindex, uint32_t gateway);

#endif
