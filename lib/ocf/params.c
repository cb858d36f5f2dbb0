/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text to typed values, driven by the generated table. Every parameter ends up with a usable value
 * (its default where the given one is no use) and every complaint is recorded; which action does
 * what about a complaint is decided in actions.c.
 */
#include "private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Decimal only. The shell's habit of reading 010 as eight has started the wrong container. */
bool ocf_parse_integer(const char *text, int64_t *ret_value)
{
	const char *digits = *text == '-' ? text + 1 : text;
	long long value;

	if (!*digits || strspn(digits, "0123456789") != strlen(digits))
		return false;
	if (digits[0] == '0' && (digits[1] || digits != text))
		return false;
	errno = 0;
	value = strtoll(text, NULL, 10);
	if (errno || value == OCF_INTEGER_UNSET)
		return false;
	*ret_value = value;
	return true;
}

/* The words that the field's shell library takes for true, and their opposites; nothing else. */
bool ocf_parse_boolean(const char *text, bool *ret_value)
{
	static const char *const yes[] = { "1",	  "true", "True", "TRUE", "yes",
					   "YES", "on",	  "ON",	  "ja" };
	static const char *const no[] = { "0",	"false", "False", "FALSE", "no",
					  "NO", "off",	 "OFF",	  "nein" };

	for (size_t i = 0; i < ARRAY_SIZE(yes); i++) {
		if (strcmp(text, yes[i]) == 0) {
			*ret_value = true;
			return true;
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(no); i++) {
		if (strcmp(text, no[i]) == 0) {
			*ret_value = false;
			return true;
		}
	}
	return false;
}

const char *ocf_param_from_environment(const struct ocf_param *param, size_t index, void *data)
{
	char variable[128];

	(void) index;
	(void) data;
	(void) snprintf(variable, sizeof(variable), "OCF_RESKEY_%s", param->name);
	return getenv(variable);
}

static int choice_index(const struct ocf_param *param, const char *text)
{
	for (int i = 0; param->choices[i]; i++) {
		if (strcmp(text, param->choices[i]) == 0)
			return i;
	}
	return -1;
}

static void list_choices(const struct ocf_param *param, char *buf, size_t size)
{
	(void) snprintf(buf, size, "must be one of:");
	for (int i = 0; param->choices[i]; i++)
		ocf_append(buf, size, " %s", param->choices[i]);
}

/* Stores @text as the parameter's value; false and @why when it does not fit. */
static bool store(const struct ocf_agent *agent, const struct ocf_param *param, const char *text,
		  void *conf, char *why, size_t why_size)
{
	void *field = (char *) conf + param->offset;
	const char *complaint;
	int64_t integer;
	bool boolean;
	int choice;

	switch (param->type) {
	case OCF_PARAM_STRING:
		complaint = param->format ? ocf_format_check(param->format, text) : NULL;
		if (!complaint && agent->check_value)
			complaint = agent->check_value(param, text);
		if (complaint) {
			(void) snprintf(why, why_size, "%s", complaint);
			return false;
		}
		memcpy(field, &text, sizeof(text));
		return true;
	case OCF_PARAM_INTEGER:
		if (!ocf_parse_integer(text, &integer)) {
			(void) snprintf(why, why_size,
					"must be a decimal number without leading zeros");
			return false;
		}
		if (integer < param->min || integer > param->max) {
			(void) snprintf(why, why_size, "must be from %lld to %lld",
					(long long) param->min, (long long) param->max);
			return false;
		}
		memcpy(field, &integer, sizeof(integer));
		return true;
	case OCF_PARAM_BOOLEAN:
		if (!ocf_parse_boolean(text, &boolean)) {
			(void) snprintf(why, why_size, "must be true or false");
			return false;
		}
		*(enum ocf_boolean *) field = boolean ? OCF_TRUE : OCF_FALSE;
		return true;
	case OCF_PARAM_CHOICE:
		choice = choice_index(param, text);
		if (choice < 0) {
			list_choices(param, why, why_size);
			return false;
		}
		memcpy(field, &choice, sizeof(choice));
		return true;
	}
	return false;
}

/* The default, or the mark that there is none. */
static void store_fallback(const struct ocf_agent *agent, const struct ocf_param *param, void *conf)
{
	const int64_t unset_integer = OCF_INTEGER_UNSET;
	const int unset_choice = -1;
	void *field = (char *) conf + param->offset;
	char why[160];

	if (param->fallback && store(agent, param, param->fallback, conf, why, sizeof(why)))
		return;
	switch (param->type) {
	case OCF_PARAM_STRING:
		memset(field, 0, sizeof(const char *));
		break;
	case OCF_PARAM_INTEGER:
		memcpy(field, &unset_integer, sizeof(unset_integer));
		break;
	case OCF_PARAM_BOOLEAN:
		*(enum ocf_boolean *) field = OCF_UNSET;
		break;
	case OCF_PARAM_CHOICE:
		memcpy(field, &unset_choice, sizeof(unset_choice));
		break;
	}
}

static struct ocf_param_error *complain(struct ocf_param_errors *errors,
					const struct ocf_param *param)
{
	static struct ocf_param_error overflow;
	struct ocf_param_error *error = &overflow;

	if (errors->n < OCF_PARAM_ERRORS_MAX)
		error = &errors->list[errors->n++];
	error->param = param;
	error->missing = false;
	return error;
}

void ocf_params_read(const struct ocf_agent *agent, void *conf, ocf_param_source source, void *data,
		     struct ocf_param_errors *ret_errors)
{
	const struct ocf_metadata *metadata = agent->metadata;

	ret_errors->n = 0;
	for (size_t i = 0; i < metadata->n_params; i++) {
		const struct ocf_param *param = &metadata->params[i];
		const char *text = source(param, i, data);
		struct ocf_param_error *error;
		char why[160];

		store_fallback(agent, param, conf);
		if (!text || !*text) {
			if (!param->required)
				continue;
			error = complain(ret_errors, param);
			error->missing = true;
			(void) snprintf(error->why, sizeof(error->why), "is required");
			continue;
		}
		if (store(agent, param, text, conf, why, sizeof(why)))
			continue;
		error = complain(ret_errors, param);
		(void) snprintf(error->why, sizeof(error->why), "%s", why);
	}
}

/* As given, so that a reason can name it even where it is no use; NULL when missing. */
const char *ocf_param_identity(const struct ocf_agent *agent, ocf_param_source source, void *data)
{
	const struct ocf_param *param = &agent->metadata->params[0];
	const char *text = source(param, 0, data);

	return text && *text ? text : param->fallback;
}

bool ocf_param_errors_identity(const struct ocf_agent *agent, const struct ocf_param_errors *errors)
{
	for (size_t i = 0; i < errors->n; i++) {
		if (errors->list[i].param == &agent->metadata->params[0])
			return true;
	}
	return false;
}
