/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A tree as text, for comparing: every entry with its content's hash and everything stat tells. */
#ifndef VZROOT_RELOCATION_TREE_H
#define VZROOT_RELOCATION_TREE_H

/* tree_print() - malloc'ed text, one line per entry, sorted; "absent\n" when there is nothing. */
char *tree_print(const char *path);

#endif
