/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VZHA_CT_SURVIVOR_H
#define VZHA_CT_SURVIVOR_H

#include "cgroup.h"
#include "vz-container.h"

/**
 * ct_survivor() - Fail a stop, naming the process that could not be killed and what it waits for.
 * @dirs: the container's groups
 * @other: a process outside of them to name when they are empty; 0: none
 *
 * Return: OCF_ERR_GENERIC.
 */
enum ocf_status ct_survivor(struct ocf_ctx *ctx, const struct cg_dir *dirs, size_t n, pid_t other);

#endif
