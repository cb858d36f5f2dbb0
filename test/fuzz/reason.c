/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Anything at all as a reason: one line, characters only, never longer than it was. */
#include "fuzz.h"
#include "private.h"

/* The same question asked another way: strict UTF-8 by the table of the Unicode standard (3-7). */
static size_t well_formed(const uint8_t *p)
{
	if (p[0] < 0x80)
		return 1;
	if (p[0] >= 0xc2 && p[0] <= 0xdf && (p[1] & 0xc0) == 0x80)
		return 2;
	if (p[0] >= 0xe0 && p[0] <= 0xef && (p[1] & 0xc0) == 0x80 && (p[2] & 0xc0) == 0x80 &&
	    !(p[0] == 0xe0 && p[1] < 0xa0) && !(p[0] == 0xed && p[1] > 0x9f))
		return 3;
	if (p[0] >= 0xf0 && p[0] <= 0xf4 && (p[1] & 0xc0) == 0x80 && (p[2] & 0xc0) == 0x80 &&
	    (p[3] & 0xc0) == 0x80 && !(p[0] == 0xf0 && p[1] < 0x90) &&
	    !(p[0] == 0xf4 && p[1] > 0x8f))
		return 4;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = text_of(data, size), name[256];
	size_t before = strlen(text);

	must_hold(strlen(ocf_escape(text, name, sizeof(name))) < sizeof(name));
	must_hold(!strchr(name, '/') && name[0] != '.');
	ocf_one_line(text);
	must_hold(strlen(text) <= before);
	for (const uint8_t *p = (const uint8_t *) text; *p;) {
		size_t len = well_formed(p);

		must_hold(len > 0);
		must_hold(*p >= ' ' && *p != 0x7f && !(p[0] == 0xc2 && p[1] < 0xa0));
		p += len;
	}
	free(text);
	return 0;
}
