/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vzha-metagen check   FILE.xml [dtd=PATH] [grammar=PATH]... [plain-grammar=PATH]...
 * vzha-metagen header|source FILE.xml
 * vzha-metagen man     FILE.xml [EXTRA.man]
 *
 * Output goes to standard output, complaints to standard error with file and line.
 */
#include "metagen.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

size_t n_complaints;

/* Asked by the leak sanitizer. One document is read and the process ends: nothing is given back. */
int __lsan_is_turned_off(void) __attribute__((visibility("default")));

int __lsan_is_turned_off(void)
{
	return 1;
}

void complain(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	n_complaints++;
	(void) fprintf(stderr, "%s:%d: ", file, line);
	va_start(ap, fmt);
	(void) vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void) fputc('\n', stderr);
}

void *must(void *allocated)
{
	if (!allocated)
		abort();
	return allocated;
}

static const char *value_of(const char *argument, const char *key)
{
	size_t len = strlen(key);

	return strncmp(argument, key, len) == 0 && argument[len] == '=' ? argument + len + 1 : NULL;
}

static bool check(const struct model *model, int argc, char *argv[])
{
	bool good = true;

	for (int i = 3; i < argc; i++) {
		const char *path;

		if ((path = value_of(argv[i], "dtd")))
			good &= validate_dtd(model, path);
		else if ((path = value_of(argv[i], "grammar")))
			good &= validate_grammar(model, path, false);
		else if ((path = value_of(argv[i], "plain-grammar")))
			good &= validate_grammar(model, path, true);
		else
			good = false;
	}
	return good;
}

int main(int argc, char *argv[])
{
	const struct model *model;

	if (argc < 3) {
		(void) fprintf(stderr,
			       "usage: vzha-metagen check|header|source|man FILE.xml ...\n");
		return 2;
	}
	model = model_read(argv[2]);
	if (!model)
		return 1;
	if (strcmp(argv[1], "check") == 0)
		return check(model, argc, argv) ? 0 : 1;
	if (strcmp(argv[1], "header") == 0)
		emit_header(model, stdout);
	else if (strcmp(argv[1], "source") == 0)
		emit_source(model, stdout);
	else if (strcmp(argv[1], "man") == 0)
		emit_man(model, argc > 3 ? argv[3] : NULL, stdout);
	else
		return 2;
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
