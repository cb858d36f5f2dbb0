/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RTM_NEWLINK as the kernel, an old kernel or a broken one may send it. */
#include "fuzz.h"
#include "private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct link_facts *facts;
	struct nlmsghdr *message;

	if (size < sizeof(*message))
		return 0;
	message = malloc(size);
	must_hold(message);
	memcpy(message, data, size);
	/* The socket layer gives out whole messages only. */
	message->nlmsg_len = (uint32_t) size;
	facts = nlbridge_parse(message);
	if (facts) {
		must_hold(memchr(facts->link.name, '\0', sizeof(facts->link.name)));
		must_hold(memchr(facts->link.alias, '\0', sizeof(facts->link.alias)));
		for (size_t i = 0; i < facts->link.n_altnames; i++)
			must_hold(strlen(facts->link.altnames[i]) <= size);
		facts->link.next = NULL;
		nlbridge_links_free(&facts->link);
	}
	free(message);
	return 0;
}
