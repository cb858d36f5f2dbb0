/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vzctl's configuration files, line by line. */
#include "fuzz.h"
#include "vz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = text_of(data, size), *rest = text, *line, value[40], expanded[40];

	while ((line = strsep(&rest, "\n"))) {
		value[0] = '\0';
		if (!vz_conf_value(line, "NETIF", value, sizeof(value)))
			continue;
		must_hold(memchr(value, '\0', sizeof(value)));
		must_hold(strlen(vz_conf_expand(value, "101", expanded, sizeof(expanded))) <
			  sizeof(expanded));
		must_hold(vz_conf_host_ends(value) <= strlen(value));
	}
	must_hold(vz_conf_host_ends(text) <= size);
	free(text);
	return 0;
}
