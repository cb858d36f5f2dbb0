/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The generated tables of sample.xml: one parameter of every kind. */
#include "sample.meta.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct ocf_param *param(size_t i)
{
	assert_true(i < sample_metadata.n_params);
	return &sample_metadata.params[i];
}

static void test_parameters(void **state)
{
	(void) state;
	assert_int_equal(sample_metadata.n_params, 4);
	assert_int_equal(sample_metadata.conf_size, sizeof(struct sample_conf));
	assert_string_equal(param(0)->name, "identity");
	assert_int_equal(param(0)->type, OCF_PARAM_STRING);
	assert_true(param(0)->required);
	assert_null(param(0)->fallback);
	assert_string_equal(param(0)->format, "word");

	assert_int_equal(param(1)->type, OCF_PARAM_INTEGER);
	assert_true(param(1)->reloadable);
	assert_string_equal(param(1)->fallback, "7");
	assert_int_equal(param(1)->min, -5);
	assert_int_equal(param(1)->max, 255);
	assert_int_equal(param(1)->offset, offsetof(struct sample_conf, number));

	assert_int_equal(param(2)->type, OCF_PARAM_BOOLEAN);
	assert_false(param(2)->reloadable);

	assert_int_equal(param(3)->type, OCF_PARAM_CHOICE);
	assert_string_equal(param(3)->choices[SAMPLE_MODE_SOFT], "soft");
	assert_string_equal(param(3)->choices[SAMPLE_MODE_HARD], "hard");
	assert_null(param(3)->choices[SAMPLE_MODE_HARD + 1]);
}

static void test_actions(void **state)
{
	(void) state;
	assert_int_equal(sample_metadata.n_actions, 7);
	assert_string_equal(sample_metadata.actions[1].name, "stop");
	assert_int_equal(sample_metadata.actions[1].timeout_ms, 40000);
}

static void test_text(void **state)
{
	(void) state;
	assert_null(strstr(sample_metadata.xml, "<?vzha"));
	assert_non_null(strstr(sample_metadata.xml, "required=\"1\">\n   <longdesc"));
	assert_non_null(strstr(sample_metadata.xml, "back\\slash and \"quotes\"\?\?/.\n"));
	assert_string_equal(sample_metadata.agent, "sample");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parameters),
		cmocka_unit_test(test_actions),
		cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
