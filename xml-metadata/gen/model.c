/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The document as a checked model. What a grammar cannot say is refused here, with its line. */
#include "metagen.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>

#define WRONG(node, ...)                                                                           \
	do {                                                                                       \
		complain(model->file, (node) ? (int) xmlGetLineNo(node) : 1, __VA_ARGS__);         \
	} while (0)

static char *attribute(xmlNode *node, const char *name)
{
	xmlChar *value = xmlGetProp(node, (const xmlChar *) name);

	return (char *) value;
}

static bool is_element(const xmlNode *node, const char *name)
{
	return node->type == XML_ELEMENT_NODE && strcmp((const char *) node->name, name) == 0;
}

static xmlNode *child(xmlNode *node, const char *name)
{
	for (xmlNode *c = node->children; c; c = c->next) {
		if (is_element(c, name))
			return c;
	}
	return NULL;
}

/* The English text of a description, trimmed. Every one must say its language. */
static char *description(const struct model *model, xmlNode *node, const char *name)
{
	for (xmlNode *c = node->children; c; c = c->next) {
		char *lang, *text, *end;

		if (!is_element(c, name))
			continue;
		lang = attribute(c, "lang");
		if (!lang || strcmp(lang, "en") != 0)
			continue;
		text = must((char *) xmlNodeGetContent(c));
		while (isspace((unsigned char) *text))
			text++;
		end = text + strlen(text);
		while (end > text && isspace((unsigned char) end[-1]))
			*--end = '\0';
		if (!*text)
			WRONG(c, "empty %s", name);
		return text;
	}
	WRONG(node, "no <%s lang=\"en\">", name);
	return must(strdup(""));
}

/* Decimal, no leading zeros: the same rule as for an administrator's value. */
static bool plain_integer(const char *text, int64_t *ret_value)
{
	const char *digits = text[0] == '-' ? text + 1 : text;
	char *end;

	if (!*digits || (digits[0] == '0' && (digits[1] || digits != text)))
		return false;
	errno = 0;
	*ret_value = strtoll(text, &end, 10);
	return !*end && !errno && isdigit((unsigned char) *digits);
}

static void read_choices(const struct model *model, xmlNode *node, struct param *param, char *words)
{
	char *state = NULL;

	for (char *w = strtok_r(words, " ", &state); w; w = strtok_r(NULL, " ", &state)) {
		if (strspn(w, "abcdefghijklmnopqrstuvwxyz_") != strlen(w))
			WRONG(node, "choice \"%s\" must be lower-case letters", w);
		if (param->n_choices == CHOICES_MAX) {
			WRONG(node, "too many choices");
			return;
		}
		param->choices[param->n_choices++] = must(strdup(w));
	}
}

/* <?vzha key="value" ...?> */
static void read_instruction(const struct model *model, xmlNode *pi, struct param *param)
{
	const char *p = (const char *) pi->content;
	char key[32], value[512];
	int used;

	for (; p && *p; p += used) {
		if (sscanf(p, " %31[a-z]=\"%511[^\"]\" %n", key, value, &used) != 2) {
			WRONG(pi, "cannot read <?vzha %s?>", (const char *) pi->content);
			return;
		}
		if (strcmp(key, "format") == 0)
			param->format = must(strdup(value));
		else if (strcmp(key, "choices") == 0)
			read_choices(model, pi, param, value);
		else if (strcmp(key, "min") == 0 && plain_integer(value, &param->min))
			;
		else if (strcmp(key, "max") == 0 && plain_integer(value, &param->max))
			;
		else
			WRONG(pi, "<?vzha %s=\"%s\"?> is not known", key, value);
	}
}

static void check_fallback(const struct model *model, xmlNode *node, const struct param *param)
{
	int64_t value = 0;

	if (!param->fallback)
		return;
	switch (param->type) {
	case TYPE_STRING:
		if (!*param->fallback)
			WRONG(node, "%s: an empty default says nothing: leave it out", param->name);
		return;
	case TYPE_INTEGER:
		if (!plain_integer(param->fallback, &value))
			WRONG(node, "%s: default \"%s\" is not a decimal number", param->name,
			      param->fallback);
		else if (value < param->min || value > param->max)
			WRONG(node, "%s: default %s is out of its own range", param->name,
			      param->fallback);
		return;
	case TYPE_BOOLEAN:
		if (strcmp(param->fallback, "true") != 0 && strcmp(param->fallback, "false") != 0)
			WRONG(node, "%s: default must be true or false", param->name);
		return;
	case TYPE_CHOICE:
		for (size_t i = 0; i < param->n_choices; i++) {
			if (strcmp(param->choices[i], param->fallback) == 0)
				return;
		}
		WRONG(node, "%s: default \"%s\" is not one of its choices", param->name,
		      param->fallback);
		return;
	}
}

static void read_type(const struct model *model, xmlNode *node, struct param *param)
{
	xmlNode *content = child(node, "content");
	char *type = content ? attribute(content, "type") : NULL;

	if (!type) {
		WRONG(node, "%s: no <content type>", param->name);
		return;
	}
	param->fallback = attribute(content, "default");
	if (strcmp(type, "integer") == 0)
		param->type = TYPE_INTEGER;
	else if (strcmp(type, "boolean") == 0)
		param->type = TYPE_BOOLEAN;
	else if (strcmp(type, "string") == 0)
		param->type = param->n_choices ? TYPE_CHOICE : TYPE_STRING;
	else
		WRONG(content, "%s: type \"%s\" is not known", param->name, type);
	if (param->required && param->fallback)
		WRONG(content, "%s: a required parameter has no default", param->name);
	if (param->n_choices && param->type != TYPE_CHOICE)
		WRONG(content, "%s: choices need type string", param->name);
	check_fallback(model, content, param);
}

static void read_param(struct model *model, xmlNode *node)
{
	struct param *param = &model->params[model->n_params];
	char *flag;

	if (model->n_params == PARAMS_MAX) {
		WRONG(node, "too many parameters");
		return;
	}
	param->line = (int) xmlGetLineNo(node);
	param->name = attribute(node, "name");
	param->min = INT64_MIN + 1;
	param->max = INT64_MAX;
	if (!param->name || !islower((unsigned char) param->name[0]) ||
	    strspn(param->name, "abcdefghijklmnopqrstuvwxyz0123456789_") != strlen(param->name)) {
		WRONG(node, "a parameter needs a name of lower-case letters, digits and _");
		return;
	}
	/* Pacemaker has a meta-attribute of this name that wins over the parameter. */
	if (strcmp(param->name, "container") == 0)
		WRONG(node, "no parameter may be called \"container\"");
	for (size_t i = 0; i < model->n_params; i++) {
		if (strcmp(model->params[i].name, param->name) == 0)
			WRONG(node, "%s: there is one of this name already", param->name);
	}
	flag = attribute(node, "required");
	param->required = flag && strcmp(flag, "1") == 0;
	flag = attribute(node, "reloadable");
	param->reloadable = flag && strcmp(flag, "1") == 0;
	param->unique_group = attribute(node, "unique-group");
	param->longdesc = description(model, node, "longdesc");
	param->shortdesc = description(model, node, "shortdesc");
	for (xmlNode *c = node->children; c; c = c->next) {
		if (c->type == XML_PI_NODE && strcmp((const char *) c->name, "vzha") == 0)
			read_instruction(model, c, param);
	}
	read_type(model, node, param);
	if (model->n_params == 0 && !param->required)
		WRONG(node, "%s: the first parameter is the identity and must be required",
		      param->name);
	model->n_params++;
}

static void read_action(struct model *model, xmlNode *node)
{
	struct action *action = &model->actions[model->n_actions];
	int64_t seconds = 0;
	size_t len;
	char *number;

	if (model->n_actions == ACTIONS_MAX) {
		WRONG(node, "too many actions");
		return;
	}
	action->line = (int) xmlGetLineNo(node);
	action->name = attribute(node, "name");
	action->timeout = attribute(node, "timeout");
	action->interval = attribute(node, "interval");
	action->depth = attribute(node, "depth");
	len = action->timeout ? strlen(action->timeout) : 0;
	if (!action->name || len < 2 || action->timeout[len - 1] != 's') {
		WRONG(node, "an action needs a name and a timeout like \"20s\"");
		return;
	}
	number = must(strndup(action->timeout, len - 1));
	if (!plain_integer(number, &seconds) || seconds <= 0 || seconds > 86400)
		WRONG(node, "%s: timeout \"%s\" is no number of seconds", action->name,
		      action->timeout);
	action->timeout_ms = seconds * 1000;
	free(number);
	len = action->interval ? strlen(action->interval) : 2;
	if (len < 2 || (action->interval && action->interval[len - 1] != 's'))
		WRONG(node, "%s: interval \"%s\" must end in s", action->name, action->interval);
	model->n_actions++;
}

static void check_actions(const struct model *model, xmlNode *node)
{
	static const char *const needed[] = { "start", "stop", "monitor", "meta-data",
					      "validate-all" };

	for (size_t n = 0; n < sizeof(needed) / sizeof(needed[0]); n++) {
		bool found = false;

		for (size_t i = 0; i < model->n_actions; i++)
			found |= strcmp(model->actions[i].name, needed[n]) == 0;
		if (!found)
			WRONG(node, "no action %s", needed[n]);
	}
}

static void read_root(struct model *model, xmlNode *root)
{
	xmlNode *parameters = child(root, "parameters"), *actions = child(root, "actions");
	xmlNode *version = child(root, "version");

	model->name = attribute(root, "name");
	model->version = attribute(root, "version");
	if (!model->name || !model->version) {
		WRONG(root, "the agent needs a name and a version");
		return;
	}
	if (!version || strcmp((char *) must(xmlNodeGetContent(version)), "1.1") != 0)
		WRONG(root, "<version> must be 1.1, the standard that is implemented");
	model->longdesc = description(model, root, "longdesc");
	model->shortdesc = description(model, root, "shortdesc");
	for (xmlNode *c = parameters ? parameters->children : NULL; c; c = c->next) {
		if (is_element(c, "parameter"))
			read_param(model, c);
	}
	for (xmlNode *c = actions ? actions->children : NULL; c; c = c->next) {
		if (is_element(c, "action"))
			read_action(model, c);
	}
	if (model->n_params == 0)
		WRONG(root, "no parameters");
	check_actions(model, root);
}

static char *read_text(const char *file)
{
	FILE *in = fopen(file, "r");
	char *text = NULL;
	size_t size = 0;
	ssize_t n;

	if (!in) {
		complain(file, 1, "%s", strerror(errno));
		return NULL;
	}
	n = getdelim(&text, &size, '\0', in);
	(void) fclose(in);
	if (n < 0)
		complain(file, 1, "empty");
	return n < 0 ? NULL : text;
}

/* Takes <?vzha ...?> out, with the whole line when it stands alone on one. */
static char *without_instructions(const char *text)
{
	char *out = must(strdup(text));
	char *found;

	while ((found = strstr(out, "<?vzha"))) {
		char *end = strstr(found, "?>");
		char *line = found;

		if (!end)
			break;
		end += 2;
		while (line > out && (line[-1] == ' ' || line[-1] == '\t'))
			line--;
		if (*end == '\n' && (line == out || line[-1] == '\n')) {
			found = line;
			end++;
		}
		memmove(found, end, strlen(end) + 1);
	}
	return out;
}

static char *c_identifier(const char *name, int (*convert)(int))
{
	char *id = must(strdup(name));

	for (char *p = id; *p; p++)
		*p = *p == '-' ? '_' : (char) convert((unsigned char) *p);
	return id;
}

struct model *model_read(const char *file)
{
	struct model *model = must(calloc(1, sizeof(*model)));
	char *raw = read_text(file);
	xmlDoc *doc;

	if (!raw)
		return NULL;
	model->file = file;
	model->text = without_instructions(raw);
	doc = xmlReadMemory(raw, (int) strlen(raw), file, NULL, XML_PARSE_NONET);
	if (!doc)
		return NULL; /* libxml2 has told */
	read_root(model, xmlDocGetRootElement(doc));
	if (!n_complaints)
		check_rules(model, doc->children);
	if (n_complaints)
		return NULL;
	model->c_name = c_identifier(model->name, tolower);
	model->c_upper = c_identifier(model->name, toupper);
	return model;
}
