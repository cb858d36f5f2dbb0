/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Parameters as anybody may set them, one a line: every agent's own table makes usable values of
 * them, and says so of those that are no use.
 */
#include "fuzz.h"
#include "private.h"

#include "drbddisk.meta.h"
#include "veth-bridge.meta.h"
#include "vz-container.meta.h"
#include "vzroot-relocation.meta.h"

struct lines {
	char *line[64];
	size_t n;
};

static const char *nth_line(const struct ocf_param *param, size_t index, void *data)
{
	const struct lines *lines = data;

	(void) param;
	return index < lines->n ? lines->line[index] : NULL;
}

static bool complained(const struct ocf_param_errors *errors, const struct ocf_param *param)
{
	for (size_t i = 0; i < errors->n; i++) {
		if (errors->list[i].param == param)
			return errors->list[i].why[0] != '\0';
	}
	return false;
}

static void check_value(const struct ocf_param *param, const void *conf, const char *given,
			bool wrong)
{
	const void *field = (const char *) conf + param->offset;
	const char *text;
	int64_t integer;
	int choice;

	switch (param->type) {
	case OCF_PARAM_STRING:
		memcpy(&text, field, sizeof(text));
		must_hold(!given || !*given || wrong || text == given);
		must_hold(!text || !param->format || !ocf_format_check(param->format, text));
		return;
	case OCF_PARAM_INTEGER:
		memcpy(&integer, field, sizeof(integer));
		must_hold(integer == OCF_INTEGER_UNSET ||
			  (integer >= param->min && integer <= param->max));
		return;
	case OCF_PARAM_BOOLEAN:
		memcpy(&choice, field, sizeof(choice));
		must_hold(choice >= -1 && choice <= 1);
		return;
	case OCF_PARAM_CHOICE:
		memcpy(&choice, field, sizeof(choice));
		for (int i = 0; i < choice; i++)
			must_hold(param->choices[i] && param->choices[i + 1]);
		must_hold(choice >= 0 || !param->fallback);
		return;
	}
}

static void check_agent(const struct ocf_metadata *metadata, struct lines *lines)
{
	const struct ocf_agent agent = { .metadata = metadata };
	void *conf = calloc(1, metadata->conf_size);
	struct ocf_param_errors errors;

	must_hold(conf);
	ocf_params_read(&agent, conf, nth_line, lines, &errors);
	for (size_t i = 0; i < metadata->n_params; i++) {
		const struct ocf_param *param = &metadata->params[i];
		const char *given = nth_line(param, i, lines);
		bool wrong = complained(&errors, param);

		must_hold(!param->required || (given && *given) || wrong);
		check_value(param, conf, given, wrong);
	}
	free(conf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct ocf_metadata *const all[] = { &drbddisk_metadata, &veth_bridge_metadata,
							  &vz_container_metadata,
							  &vzroot_relocation_metadata };
	char *text = text_of(data, size), *rest = text, *line;
	struct lines lines = { .n = 0 };

	while (lines.n < ARRAY_SIZE(lines.line) && (line = strsep(&rest, "\n")))
		lines.line[lines.n++] = line;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		check_agent(all[i], &lines);
	free(text);
	return 0;
}
