/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs a fuzz target on the files it is given, each in an exact copy. */
#include "fuzz.h"

static int run(const char *path)
{
	FILE *in = fopen(path, "r");
	uint8_t buffer[65536], *exact;
	size_t size;

	if (!in) {
		perror(path);
		return 1;
	}
	size = fread(buffer, 1, sizeof(buffer), in);
	(void) fclose(in);
	exact = malloc(size ? size : 1);
	must_hold(exact);
	memcpy(exact, buffer, size);
	(void) LLVMFuzzerTestOneInput(exact, size);
	free(exact);
	return 0;
}

int main(int argc, char *argv[])
{
	int bad = 0;

	/* No corpus at all would prove nothing. */
	if (argc < 2)
		return 1;
	for (int i = 1; i < argc; i++)
		bad |= run(argv[i]);
	(void) printf("%d files\n", argc - 1);
	return bad;
}
