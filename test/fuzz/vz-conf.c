/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vzctl's configuration files, line by line. */
#include "fuzz.h"
#include "vzctl/vz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = text_of(data, size), *rest = text, *line, value[40], expanded[40];
	static struct vz_conf conf;
	static struct ct_wants wants;

	while ((line = strsep(&rest, "\n"))) {
		value[0] = '\0';
		if (!vz_conf_value(line, "NETIF", value, sizeof(value)))
			continue;
		must_hold(memchr(value, '\0', sizeof(value)));
		must_hold(strlen(vz_conf_expand(value, "101", expanded, sizeof(expanded))) <
			  sizeof(expanded));
	}
	(void) snprintf(conf.netif, sizeof(conf.netif), "%s", text);
	(void) snprintf(conf.netdev, sizeof(conf.netdev), "%s", text);
	vz_conf_wants(&conf, &wants);
	must_hold(wants.host_ends <= size && wants.n_bridges <= wants.host_ends);
	must_hold(wants.n_nics <= CT_NICS_MAX);
	free(text);
	return 0;
}
