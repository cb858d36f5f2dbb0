/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VZHA_CT_RTNL_H
#define VZHA_CT_RTNL_H

#include <linux/rtnetlink.h>
#include <stddef.h>
#include <stdint.h>

/** rtnl_open() - A socket in our network namespace that never waits long. Return: it; -errno. */
int rtnl_open(void);

/** rtnl_watch_links() - The same, and the kernel sends it an event for each change of a link or port. */
int rtnl_watch_links(void);

/** rtnl_ask() - Send a request with one 32 bit attribute. Return: 0; -errno. */
int rtnl_ask(int fd, uint16_t type, uint16_t flags, size_t family_len, uint16_t attr,
	     uint32_t value);

/**
 * rtnl_answer() - Read one datagram of the answer; calls @each for every message.
 *
 * Return: 1 more to come; 0 done; -errno of the kernel, of @each or of the socket.
 */
int rtnl_answer(int fd, int (*each)(const struct nlmsghdr *h, void *arg), void *arg);

/** rtnl_split() - The attributes of one level, by type; NULL for what is not there. */
void rtnl_split(const void *data, size_t len, const struct rtattr *ret[], unsigned int max);

const void *rtnl_payload(const struct rtattr *rta);
size_t rtnl_payload_len(const struct rtattr *rta);

/** rtnl_number() - A 32 bit attribute's value; @fallback when it is not there. */
int32_t rtnl_number(const struct rtattr *rta, int32_t fallback);

#endif
