/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ocf_vzha_<agent>(7): the same texts as `crm ra info`, laid out as a manual page. */
#include "metagen.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* One stretch of text: markup characters escaped, runs of blanks as one, no leading dot. */
static void put_words(const char *text, FILE *out)
{
	bool line_start = true;

	for (; *text; text++) {
		if (isspace((unsigned char) *text)) {
			(void) fputc('\n', out);
			while (isspace((unsigned char) text[1]))
				text++;
			line_start = true;
			continue;
		}
		if (line_start && (*text == '.' || *text == '\''))
			(void) fputs("\\&", out);
		line_start = false;
		if (*text == '\\')
			(void) fputs("\\e", out);
		else if (*text == '-')
			(void) fputs("\\-", out);
		else
			(void) fputc(*text, out);
	}
	(void) fputc('\n', out);
}

/* Paragraphs are separated by empty lines in the document. */
static void put_text(const char *text, const char *between, FILE *out)
{
	char *copy = must(strdup(text)), *p = copy, *gap;

	while ((gap = strstr(p, "\n\n"))) {
		*gap = '\0';
		put_words(p, out);
		(void) fprintf(out, "%s\n", between);
		p = gap + 2;
		while (isspace((unsigned char) *p))
			p++;
	}
	put_words(p, out);
	free(copy);
}

static void put_kind(const struct param *param, FILE *out)
{
	static const char *const types[] = {
		[TYPE_STRING] = "text",
		[TYPE_INTEGER] = "integer",
		[TYPE_BOOLEAN] = "boolean",
		[TYPE_CHOICE] = "one of",
	};

	(void) fprintf(out, "(%s", types[param->type]);
	for (size_t i = 0; i < param->n_choices; i++)
		(void) fprintf(out, "%s \\fB%s\\fR", i ? "," : "", param->choices[i]);
	if (param->type == TYPE_INTEGER && param->min > INT64_MIN + 1 && param->max < INT64_MAX)
		(void) fprintf(out, " from %lld to %lld", (long long) param->min,
			       (long long) param->max);
	else if (param->type == TYPE_INTEGER && param->min > INT64_MIN + 1)
		(void) fprintf(out, " from %lld", (long long) param->min);
	if (param->required)
		(void) fputs(", required", out);
	if (param->unique_group)
		(void) fputs(", unique", out);
	if (param->fallback) {
		(void) fputs(", default \\fB", out);
		for (const char *p = param->fallback; *p; p++)
			(void) fprintf(out, *p == '-' ? "\\-" : "%c", *p);
		(void) fputs("\\fR", out);
	}
	if (param->reloadable)
		(void) fputs(", changed without a restart", out);
	(void) fputs(")\n.br\n", out);
}

static void put_parameters(const struct model *model, FILE *out)
{
	(void) fputs(".SH PARAMETERS\n"
		     "In the order of their position in a haresources line.\n",
		     out);
	for (size_t i = 0; i < model->n_params; i++) {
		const struct param *param = &model->params[i];

		(void) fprintf(out, ".TP\n\\fB%s\\fR\n", param->name);
		put_kind(param, out);
		put_text(param->longdesc, ".IP", out);
	}
}

static void put_actions(const struct model *model, FILE *out)
{
	(void) fputs(".SH ACTIONS\nTimeouts and intervals are the advised ones.\n", out);
	for (size_t i = 0; i < model->n_actions; i++) {
		const struct action *action = &model->actions[i];

		(void) fputs(".TP\n\\fB", out);
		for (const char *p = action->name; *p; p++)
			(void) fprintf(out, *p == '-' ? "\\-" : "%c", *p);
		(void) fprintf(out, "\\fR\ntimeout %s", action->timeout);
		if (action->interval)
			(void) fprintf(out, ", every %s", action->interval);
		if (action->depth)
			(void) fprintf(out, ", check level %s", action->depth);
		(void) fputc('\n', out);
	}
	(void) fputs(
		".PP\n"
		"Beside them \\fBstatus\\fR prints the state for people; it takes parameters as\n"
		"\\fIname\\fR=\\fIvalue\\fR arguments.\n",
		out);
}

static void put_exit_codes(FILE *out)
{
	(void) fputs(
		".SH EXIT STATUS\n"
		"0 running or done, 7 proven stopped, 1 failed or state unknown, 4 not root,\n"
		"2, 5 and 6 (start and validate\\-all only) a value or a program that cannot work on\n"
		"this node, or on any. 190 running, but somebody should look: only for a recurring\n"
		"monitor of a Pacemaker that knows the code. Every failure prints one line of reason,\n"
		"which \\fBcrm_mon\\fR(8) shows.\n",
		out);
}

static void put_escaped(const char *text, FILE *out)
{
	for (; *text; text++)
		(void) fprintf(out, *text == '-' ? "\\-" : "%c", *text);
}

/* The advised operations, as both shells take them. */
static void put_operations(const struct model *model, const char *first, const char *next,
			   FILE *out)
{
	const char *before = first;

	for (size_t i = 0; i < model->n_actions; i++) {
		const struct action *action = &model->actions[i];
		bool monitor = strcmp(action->name, "monitor") == 0;

		if (!monitor && strcmp(action->name, "start") != 0 &&
		    strcmp(action->name, "stop") != 0)
			continue;
		(void) fprintf(out, " \\e\n    %s%s timeout=%s", before, action->name,
			       action->timeout);
		before = next;
		if (monitor && action->interval)
			(void) fprintf(out, " interval=%s", action->interval);
		if (monitor && action->depth && strcmp(action->depth, "0") != 0)
			(void) fprintf(out, " OCF_CHECK_LEVEL=%s", action->depth);
	}
	(void) fputc('\n', out);
}

static void put_examples(const struct model *model, FILE *out)
{
	const char *identity = model->params[0].name;

	(void) fputs(
		".SH EXAMPLES\nFor crmsh:\n.PP\n.nf\n.RS 4\ncrm configure primitive \\fINAME\\fR ocf:vzha:",
		out);
	put_escaped(model->name, out);
	(void) fprintf(out, " \\e\n    params %s=\\fIvalue\\fR", identity);
	put_operations(model, "op ", "op ", out);
	(void) fputs(
		".RE\n.fi\n.PP\nFor pcs:\n.PP\n.nf\n.RS 4\npcs resource create \\fINAME\\fR ocf:vzha:",
		out);
	put_escaped(model->name, out);
	(void) fprintf(out, " %s=\\fIvalue\\fR", identity);
	put_operations(model, "op ", "   ", out);
	(void) fputs(
		".RE\n.fi\n.PP\n"
		"For Heartbeat's haresources all values go by position, in this order; those at the\n"
		"end may be left out:\n.PP\n.nf\n.RS 4\n",
		out);
	put_escaped(model->name, out);
	for (size_t i = 0; i < model->n_params; i++)
		(void) fprintf(out, "::\\fI%s\\fR", model->params[i].name);
	(void) fputs("\n.RE\n.fi\n", out);
}

static int put_extra(const char *file, FILE *out)
{
	FILE *in = fopen(file, "r");
	int c;

	if (!in) {
		complain(file, 1, "%s", strerror(errno));
		return -1;
	}
	while ((c = getc(in)) != EOF)
		(void) fputc(c, out);
	(void) fclose(in);
	return 0;
}

static void put_see_also(const struct model *model, FILE *out)
{
	static const char *const agents[] = { "drbddisk", "vzroot-relocation", "veth-bridge",
					      "vz-container" };

	(void) fputs(".SH SEE ALSO\n\\fBvzha\\fR(7),\n", out);
	for (size_t i = 0; i < sizeof(agents) / sizeof(*agents); i++) {
		if (strcmp(agents[i], model->name) == 0)
			continue;
		(void) fputs("\\fBocf_vzha_", out);
		put_escaped(agents[i], out);
		(void) fputs("\\fR(7),\n", out);
	}
	(void) fputs("\\fBcrm\\fR(8), \\fBpcs\\fR(8)\n", out);
}

void emit_man(const struct model *model, const char *extra, FILE *out)
{
	(void) fprintf(out,
		       ".\\\" Generated from %s.xml.\n"
		       ".TH OCF_VZHA_%s 7 \"\" \"vzha %s\" \"OCF resource agents\"\n"
		       ".nh\n.ad l\n.SH NAME\nocf_vzha_%s \\- ",
		       model->name, model->c_upper, model->version, model->name);
	put_words(model->shortdesc, out);
	(void) fprintf(
		out,
		".SH SYNOPSIS\n.nf\n"
		"crm configure primitive \\fINAME\\fR ocf:vzha:%s params %s=\\fIvalue\\fR ...\n"
		"pcs resource create \\fINAME\\fR ocf:vzha:%s %s=\\fIvalue\\fR ...\n"
		"haresources: %s::\\fI%s\\fR[::...]\n.fi\n",
		model->name, model->params[0].name, model->name, model->params[0].name, model->name,
		model->params[0].name);
	(void) fputs(".SH DESCRIPTION\n", out);
	put_text(model->longdesc, ".PP", out);
	put_parameters(model, out);
	put_actions(model, out);
	put_exit_codes(out);
	put_examples(model, out);
	if (extra && put_extra(extra, out) < 0)
		exit(1);
	put_see_also(model, out);
}
