/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One fuzz target: a small file with fuzz_one() over pure functions of ours. Built with replay.c it
 * runs the files of its corpus (an ordinary test); with clang's libFuzzer it looks for new ones.
 */
#ifndef VZHA_FUZZ_H
#define VZHA_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold for any input: a broken one ends the program where it can be seen. */
#define must_hold(condition)                                                                       \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			(void) fprintf(stderr, "does not hold: %s\n", #condition);                 \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* A copy that ends in NUL, of its exact size, so that a read behind its end is seen. */
static inline char *text_of(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	must_hold(text);
	memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

#endif
