/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the helper may have said, and what may stand in corosync.conf. */
#include "fuzz.h"
#include "quorum.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct quorum_seen seen = { .answer = QUORUM_FAILED };
	char *text = text_of(data, size), why[1024];
	struct quorum_conf conf;

	quorum_conf_read(text, &conf);
	if (quorum_answer_read(text, &seen))
		must_hold(seen.answer == QUORUM_QUORATE || seen.answer == QUORUM_INQUORATE);
	else
		must_hold(seen.answer == QUORUM_FAILED && seen.votes == 0);
	must_hold(seen.answer == QUORUM_QUORATE || !quorum_allows(QUORUM_REQUIRE, &seen));
	quorum_refusal(&seen, text, why, sizeof(why));
	must_hold(why[0]);
	free(text);
	return 0;
}
