/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules on the whole of a document that neither a grammar nor a single element can tell. */
#include "metagen.h"

#include <ctype.h>
#include <string.h>

static bool is_known(const char *word, const char *const *words)
{
	for (; *words; words++) {
		if (strcmp(*words, word) == 0)
			return true;
	}
	return false;
}

/* An instruction that nobody reads would be taken out of the printed text without a word. */
static void check_instructions(const struct model *model, const xmlNode *node)
{
	for (; node; node = node->next) {
		bool in_parameter = node->parent && node->parent->name &&
				    strcmp((const char *) node->parent->name, "parameter") == 0;

		if (node->type == XML_PI_NODE && strcmp((const char *) node->name, "vzha") != 0)
			complain(model->file, (int) xmlGetLineNo(node), "<?%s ...?> is not known",
				 (const char *) node->name);
		else if (node->type == XML_PI_NODE && !in_parameter)
			complain(model->file, (int) xmlGetLineNo(node),
				 "<?vzha ...?> belongs directly into a parameter");
		if (node->type == XML_ELEMENT_NODE)
			check_instructions(model, node->children);
	}
}

/* The document is found by its file's name, the agent calls itself by the document's. */
static void check_name(const struct model *model)
{
	const char *base = strrchr(model->file, '/');
	size_t len = strlen(model->name);

	base = base ? base + 1 : model->file;
	if (!islower((unsigned char) model->name[0]) ||
	    strspn(model->name, "abcdefghijklmnopqrstuvwxyz0123456789-") != len)
		complain(model->file, 1, "\"%s\": an agent is named with lower-case letters and -",
			 model->name);
	else if (strncmp(base, model->name, len) != 0 || strcmp(base + len, ".xml") != 0)
		complain(model->file, 1, "the agent \"%s\" belongs into %s.xml", model->name,
			 model->name);
}

static void check_actions(const struct model *model)
{
	static const char *const known[] = { "start",	   "stop",	   "monitor",
					     "meta-data",  "validate-all", "reload-agent",
					     "migrate_to", "migrate_from", "promote",
					     "demote",	   "notify",	   NULL };
	bool reload_agent = false;

	for (size_t i = 0; i < model->n_actions; i++) {
		const struct action *action = &model->actions[i];

		reload_agent |= strcmp(action->name, "reload-agent") == 0;
		if (!is_known(action->name, known))
			complain(model->file, action->line, "action \"%s\" is not known",
				 action->name);
		for (size_t j = 0; j < i; j++) {
			const struct action *other = &model->actions[j];

			/* Several monitors are told apart by their level. */
			if (strcmp(other->name, action->name) == 0 &&
			    strcmp(other->depth ? other->depth : "0",
				   action->depth ? action->depth : "0") == 0)
				complain(model->file, action->line, "action %s is there already",
					 action->name);
		}
	}
	for (size_t i = 0; i < model->n_params; i++) {
		if (model->params[i].reloadable && !reload_agent)
			complain(model->file, model->params[i].line,
				 "%s: reloadable, but there is no action reload-agent",
				 model->params[i].name);
	}
}

static void check_param(const struct model *model, const struct param *param)
{
	/* What check_format() of lib/ocf knows. */
	static const char *const formats[] = { "ifname", "path", "paths", "word", "mac", NULL };

	if (param->format && !is_known(param->format, formats))
		complain(model->file, param->line, "%s: format \"%s\" is not known", param->name,
			 param->format);
	if (param->format && param->type != TYPE_STRING)
		complain(model->file, param->line, "%s: only free text has a format", param->name);
	if (param->type != TYPE_INTEGER && (param->min != INT64_MIN + 1 || param->max != INT64_MAX))
		complain(model->file, param->line, "%s: only integers have a range", param->name);
	if (param->min > param->max)
		complain(model->file, param->line, "%s: min is above max", param->name);
	for (size_t i = 0; i < param->n_choices; i++) {
		for (size_t j = 0; j < i; j++) {
			if (strcmp(param->choices[i], param->choices[j]) == 0)
				complain(model->file, param->line, "%s: choice \"%s\" twice",
					 param->name, param->choices[i]);
		}
	}
}

void check_rules(const struct model *model, const xmlNode *first)
{
	check_instructions(model, first);
	check_name(model);
	check_actions(model);
	for (size_t i = 0; i < model->n_params; i++)
		check_param(model, &model->params[i]);
}
