/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A container's configuration: on the shared disk, and written by whoever owns the container. */
#include "fuzz.h"
#include "lxc/lxc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = text_of(data, size), *rest = text, *line, include[64];
	static struct lxc_conf conf;
	static struct ct_wants wants;

	memset(&conf, 0, sizeof(conf));
	while ((line = strsep(&rest, "\n"))) {
		include[0] = '\0';
		lxc_conf_line(&conf, line, include, sizeof(include));
		must_hold(memchr(include, '\0', sizeof(include)));
	}
	lxc_conf_wants(&conf, &wants);
	must_hold(wants.host_ends <= LXC_NETS_MAX && wants.n_bridges <= wants.host_ends);
	must_hold(wants.n_nics <= CT_NICS_MAX);
	must_hold(conf.halt_signal >= 0);
	for (size_t i = 0; i < LXC_NETS_MAX; i++)
		must_hold(memchr(conf.net[i].type, '\0', sizeof(conf.net[i].type)) &&
			  memchr(conf.net[i].link, '\0', sizeof(conf.net[i].link)));
	free(text);
	return 0;
}
