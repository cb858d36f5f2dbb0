/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables that an agent runs on: its typed configuration, its parameters, its own metadata. */
#include "metagen.h"

#include <ctype.h>
#include <string.h>

static void put_upper(const char *text, FILE *out)
{
	for (; *text; text++)
		(void) fputc(toupper((unsigned char) *text), out);
}

static void put_choice(const struct model *model, const struct param *param, const char *choice,
		       FILE *out)
{
	(void) fprintf(out, "%s_", model->c_upper);
	put_upper(param->name, out);
	(void) fputc('_', out);
	put_upper(choice, out);
}

static void put_field(const struct model *model, const struct param *param, FILE *out)
{
	switch (param->type) {
	case TYPE_STRING:
		(void) fprintf(out, "\tconst char *%s;\n", param->name);
		break;
	case TYPE_INTEGER:
		(void) fprintf(out, "\tint64_t %s;\n", param->name);
		break;
	case TYPE_BOOLEAN:
		(void) fprintf(out, "\tenum ocf_boolean %s;\n", param->name);
		break;
	case TYPE_CHOICE:
		(void) fprintf(out, "\tenum %s_%s %s;\n", model->c_name, param->name, param->name);
		break;
	}
}

void emit_header(const struct model *model, FILE *out)
{
	(void) fprintf(out,
		       "/* Generated from %s.xml. */\n"
		       "#ifndef %s_META_H\n#define %s_META_H\n\n#include \"ocf.h\"\n\n",
		       model->name, model->c_upper, model->c_upper);
	for (size_t i = 0; i < model->n_params; i++) {
		const struct param *param = &model->params[i];

		if (param->type != TYPE_CHOICE)
			continue;
		(void) fprintf(out, "enum %s_%s {\n", model->c_name, param->name);
		for (size_t c = 0; c < param->n_choices; c++) {
			(void) fputc('\t', out);
			put_choice(model, param, param->choices[c], out);
			(void) fputs(",\n", out);
		}
		(void) fputs("};\n\n", out);
	}
	(void) fprintf(out, "struct %s_conf {\n", model->c_name);
	for (size_t i = 0; i < model->n_params; i++)
		put_field(model, &model->params[i], out);
	(void) fprintf(out, "};\n\nextern const struct ocf_metadata %s_metadata;\n\n#endif\n",
		       model->c_name);
}

/* As adjacent literals, one a line: readable, and no compiler's limit on one literal is met. */
static void put_text(const char *text, FILE *out)
{
	(void) fputs("\t\"", out);
	for (; *text; text++) {
		if (*text == '\n')
			(void) fputs(text[1] ? "\\n\"\n\t\"" : "\\n", out);
		else if (*text == '"' || *text == '\\' || *text == '?')
			(void) fprintf(out, "\\%c", *text);
		else if (*text == '\t')
			(void) fputs("\\t", out);
		else
			(void) fputc(*text, out);
	}
	(void) fputc('"', out);
}

static void put_quoted(const char *text, FILE *out)
{
	if (text)
		put_text(text, out);
	else
		(void) fputs("\tNULL", out);
}

static void put_param(const struct model *model, const struct param *param, FILE *out)
{
	static const char *const types[] = {
		[TYPE_STRING] = "OCF_PARAM_STRING",
		[TYPE_INTEGER] = "OCF_PARAM_INTEGER",
		[TYPE_BOOLEAN] = "OCF_PARAM_BOOLEAN",
		[TYPE_CHOICE] = "OCF_PARAM_CHOICE",
	};

	(void) fprintf(out, "\t{\n\t\t.name = \"%s\",\n\t\t.type = %s,\n", param->name,
		       types[param->type]);
	(void) fprintf(out, "\t\t.required = %s,\n\t\t.reloadable = %s,\n",
		       param->required ? "true" : "false", param->reloadable ? "true" : "false");
	if (param->fallback) {
		(void) fputs("\t\t.fallback =", out);
		put_quoted(param->fallback, out);
		(void) fputs(",\n", out);
	}
	(void) fprintf(out, "\t\t.offset = offsetof(struct %s_conf, %s),\n", model->c_name,
		       param->name);
	/* INT64_MIN is the mark of "unset", so the smallest value is one more. */
	if (param->min == INT64_MIN + 1)
		(void) fputs("\t\t.min = INT64_MIN + 1,\n", out);
	else
		(void) fprintf(out, "\t\t.min = INT64_C(%lld),\n", (long long) param->min);
	(void) fprintf(out, "\t\t.max = INT64_C(%lld),\n", (long long) param->max);
	if (param->format)
		(void) fprintf(out, "\t\t.format = \"%s\",\n", param->format);
	if (param->type == TYPE_CHOICE)
		(void) fprintf(out, "\t\t.choices = %s_choices,\n", param->name);
	(void) fputs("\t},\n", out);
}

void emit_source(const struct model *model, FILE *out)
{
	(void) fprintf(out, "/* Generated from %s.xml. */\n#include \"%s.meta.h\"\n\n", model->name,
		       model->name);
	for (size_t i = 0; i < model->n_params; i++) {
		const struct param *param = &model->params[i];

		if (param->type != TYPE_CHOICE)
			continue;
		(void) fprintf(out, "static const char *const %s_choices[] = {", param->name);
		for (size_t c = 0; c < param->n_choices; c++)
			(void) fprintf(out, " \"%s\",", param->choices[c]);
		(void) fputs(" NULL };\n\n", out);
	}
	(void) fputs("static const struct ocf_param params[] = {\n", out);
	for (size_t i = 0; i < model->n_params; i++)
		put_param(model, &model->params[i], out);
	(void) fputs("};\n\nstatic const struct ocf_action_advice actions[] = {\n", out);
	for (size_t i = 0; i < model->n_actions; i++)
		(void) fprintf(out, "\t{ \"%s\", %lld },\n", model->actions[i].name,
			       (long long) model->actions[i].timeout_ms);
	(void) fprintf(out, "};\n\nconst struct ocf_metadata %s_metadata = {\n", model->c_name);
	(void) fprintf(out, "\t.agent = \"%s\",\n\t.xml =\n", model->name);
	put_text(model->text, out);
	(void) fprintf(out,
		       ",\n\t.params = params,\n\t.n_params = ARRAY_SIZE(params),\n"
		       "\t.conf_size = sizeof(struct %s_conf),\n\t.actions = actions,\n"
		       "\t.n_actions = ARRAY_SIZE(actions),\n};\n",
		       model->c_name);
}
