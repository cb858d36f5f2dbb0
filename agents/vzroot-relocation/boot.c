/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the switch, and the tree that stands in for the shared one (standby.c), are after a boot: tmpfiles.d(5). */
#include "relocation.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

/*
 * Paths and arguments of tmpfiles.d are read in two ways. A path: only quotes and what a backslash stands before
 * are taken off, at least until systemd 252. An argument: C escapes. And % is doubled in both.
 */
static void put_path(FILE *out, const char *base, const char *name)
{
	const char *const parts[] = { base, name };

	(void) fputc('"', out);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		for (const char *p = parts[i]; *p; p++) {
			if (strchr("\"\\%", *p))
				(void) fputc(*p == '%' ? '%' : '\\', out);
			(void) fputc(*p, out);
		}
	}
	(void) fputc('"', out);
}

static void put_argument(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '%')
			(void) fputs("%%", out);
		else if (isalnum((unsigned char) *text) || strchr("/._:-", *text))
			(void) fputc(*text, out);
		else
			(void) fprintf(out, "\\x%02x", (unsigned int) (unsigned char) *text);
	}
}

static void put_line(FILE *out, const char *type, const char *base, const char *name,
		     const char *mode)
{
	(void) fprintf(out, "%s ", type);
	put_path(out, base, name);
	(void) fprintf(out, " %s root root -\n", mode);
}

static void put_link(FILE *out, const char *base, const char *name, const char *target)
{
	(void) fputs("L ", out);
	put_path(out, base, name);
	(void) fputs(" - - - - ", out);
	put_argument(out, target);
	(void) fputc('\n', out);
}

/* What stands in for the path now. */
static void put_stand_in(FILE *out, const struct relocation *relocation, const struct path *path)
{
	char target[PATH_MAX];

	if (standby_link(relocation, path, target))
		put_link(out, relocation->standby, path->name, target);
	else if (path->there == SHARED_FILE || path->local == LOCAL_FILE ||
		 standby_is_file(relocation, path))
		put_line(out, "f", relocation->standby, path->name, "0600");
	else
		put_line(out, "d", relocation->standby, path->name, "0755");
}

struct boot {
	const struct relocation *relocation;
	FILE *out;
};

/* Who seeds one path by hand does not take the others' stand-ins away. */
static void put_other(void *arg, const char *name)
{
	static struct path path;
	const struct boot *boot = arg;

	path.local = LOCAL_OUR_LINK;
	path.there = SHARED_ABSENT;
	(void) snprintf(path.name, sizeof(path.name), "%s", name);
	put_stand_in(boot->out, boot->relocation, &path);
}

/*
 * After a boot the paths must lead to the empty tree before anybody uses them. `L` makes the switch
 * only where none is, so running it on an active node changes nothing.
 */
void relocation_at_boot(struct relocation *relocation)
{
	char path[PATH_MAX], before[16384] = "";
	auto_free char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	struct boot boot;
	int r;

	if (!out)
		return;
	boot = (struct boot){ relocation, out };
	(void) fprintf(out,
		       "# Written by vzroot-relocation: what its paths lead to after a boot.\n");
	put_line(out, "d", relocation->standby, "", "0755");
	for (size_t i = 0; i < relocation->n_paths; i++)
		put_stand_in(out, relocation, &relocation->paths[i]);
	relocation_each_other(relocation, put_other, &boot);
	put_link(out, relocation->switch_path, "", relocation->standby);
	if (fclose(out) != 0)
		return;
	(void) snprintf(path, sizeof(path), "/etc/tmpfiles.d/vzha-%s.conf", relocation->key);
	if (ocf_read_file(path, before, sizeof(before)) > 0 && strcmp(before, text) == 0)
		return;
	r = ocf_mkdir_p("/etc/tmpfiles.d", 0755);
	if (r == 0)
		r = ocf_write_file(path, text, 0644);
	if (r < 0)
		ocf_log(relocation->ctx, LOG_WARNING,
			"%s: cannot be written: %s; after a boot the paths dangle until the next start",
			path, strerror(-r));
}
