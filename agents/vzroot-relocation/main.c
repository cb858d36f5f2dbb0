/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "relocation.h"

#include <stdlib.h>
#include <string.h>
#include "guard.h"

static const struct ocf_command commands[] = {
	{ "seed", relocation_seed },
	{ "restore", relocation_restore },
	{ NULL, NULL },
};

static const struct ocf_agent vzroot_relocation = {
	.metadata = &vzroot_relocation_metadata,
	.look = relocation_look,
	.start = relocation_start,
	.stop = relocation_stop,
	.monitor = relocation_monitor,
	.check_conf = relocation_check_conf,
	.check_host = relocation_check_host,
	.describe = relocation_describe,
	.commands = commands,
	.guard = &agent_guard,
};

int main(int argc, char *argv[])
{
	/* No manager waits for a person's command, and a copy may take days: the longest that there is. */
	if (argc > 1 && (strcmp(argv[1], "seed") == 0 || strcmp(argv[1], "restore") == 0))
		(void) setenv("OCF_RESKEY_CRM_meta_timeout", "604800000", 0);
	return ocf_main(&vzroot_relocation, argc, argv);
}
