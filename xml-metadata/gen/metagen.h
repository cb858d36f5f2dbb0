/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vzha-metagen: one agent's XML metadata to the C tables that the agent runs on and the manual page
 * that people read. Everything that could be wrong in a document is refused here, at build time.
 */
#ifndef VZHA_METAGEN_H
#define VZHA_METAGEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <libxml/tree.h>

enum param_type { TYPE_STRING, TYPE_INTEGER, TYPE_BOOLEAN, TYPE_CHOICE };

#define CHOICES_MAX 16
#define PARAMS_MAX  48
#define ACTIONS_MAX 24

struct param {
	char *name;
	char *longdesc, *shortdesc;
	char *fallback; /* NULL: no default */
	char *unique_group;
	char *format;
	char *choices[CHOICES_MAX];
	size_t n_choices;
	enum param_type type;
	bool required, reloadable;
	int64_t min, max;
	int line;
};

struct action {
	char *name, *timeout, *interval, *depth;
	int64_t timeout_ms;
	int line;
};

struct model {
	const char *file; /* for messages */
	char *text;	  /* what meta-data prints: the file without our processing instructions */
	char *name;	  /* "veth-bridge" */
	char *c_name;	  /* "veth_bridge" */
	char *c_upper;	  /* "VETH_BRIDGE" */
	char *version;	  /* of the agent */
	char *longdesc, *shortdesc;
	struct param params[PARAMS_MAX];
	size_t n_params;
	struct action actions[ACTIONS_MAX];
	size_t n_actions;
};

/* model.c: NULL after having told what is wrong. */
struct model *model_read(const char *file);

/* rules.c: tells what is wrong; `first` is the document's first node. */
void check_rules(const struct model *model, const xmlNode *first);

/* validate.c: the text against a DTD and the RELAX NG grammars; false after having told. */
bool validate_dtd(const struct model *model, const char *dtd);
bool validate_grammar(const struct model *model, const char *grammar, bool plain);

/* emit-c.c, emit-man.c */
void emit_header(const struct model *model, FILE *out);
void emit_source(const struct model *model, FILE *out);
void emit_man(const struct model *model, const char *extra, FILE *out);

/* main.c: how often complain() was called. */
extern size_t n_complaints;
void complain(const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void *must(void *allocated);

#endif
