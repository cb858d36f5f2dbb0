/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The output of drbdsetup events2, of any version. */
#include "fuzz.h"
#include "view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = text_of(data, size);
	struct drbd_view view;

	memset(&view, 0, sizeof(view));
	if (drbd_events2_parse(text, "r0", &view)) {
		must_hold(strstr(text, "exists -"));
		must_hold(view.n_devices <= DRBD_OBJECTS_MAX);
		must_hold(view.n_connections <= DRBD_OBJECTS_MAX);
		must_hold(view.n_peer_disks <= DRBD_OBJECTS_MAX);
		must_hold(view.found || view.role == DRBD_ROLE_UNKNOWN);
	}
	free(text);
	return 0;
}
