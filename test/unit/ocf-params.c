/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parameters: what a missing, malformed or unusual value does to which action (C9, C5). */
#include "ocf-drive.h"

#include <stdio.h>
#include <string.h>

#define RECURRING "OCF_RESKEY_CRM_meta_interval=10000"
#define MISSING	  "OCF_RESKEY_name"
#define EMPTY	  "OCF_RESKEY_name="
#define MALFORMED "OCF_RESKEY_name=two words"
#define FORBIDDEN "OCF_RESKEY_name=forbidden" /* by the agent's own check */
#define BAD	  "OCF_RESKEY_count=010"

/* With no usable identity no start can have succeeded. */
static void without_identity(void **state)
{
	static const char *const identities[] = { MISSING, EMPTY, MALFORMED, FORBIDDEN };
	static const char *const why[] = { "name is required", "name is required",
					   "name must not contain blanks",
					   "name must not be forbidden" };

	(void) state;
	for (size_t i = 0; i < sizeof(identities) / sizeof(identities[0]); i++) {
		const char *name = identities[i];
		const struct row rows[] = {
			{ "start", CALL("start", name, "TOY_START=0 running"), 6, why[i], "" },
			{ "stop", CALL("stop", name, "TOY_STATE=running"), 0, NULL, "" },
			{ "probe", CALL("monitor", name, "TOY_STATE=running"), 7, NULL, "" },
			{ "monitor", CALL("monitor", name, "TOY_STATE=running", RECURRING), 1,
			  why[i], "" },
			{ "validate-all", CALL("validate-all", name), 6, why[i], "" },
			{ "validate-all, level 10",
			  CALL("validate-all", name, "OCF_CHECK_LEVEL=10"), 6, why[i], "" },
			{ "status", CALL("status", name, "TOY_STATE=running"), 1, why[i], "" },
			{ "reload-agent", CALL("reload-agent", name), 1, why[i], "" },
			{ "command", CALL("run", name), 1, why[i], "" },
		};

		ROWS(rows);
	}
}

/* An unusable optional value: start refuses it, all that look or end go on with the default. */
static void bad_optional_value(void **state)
{
	static const struct row rows[] = {
		{ "start", CALL("start", BAD, "TOY_START=0 running"), 6, "parameter count must be",
		  "" },
		{ "stop", CALL("stop", BAD, "TOY_STATE=running", "TOY_STOP=0 stopped"), 0, NULL,
		  "look stop look" },
		{ "stop that fails", CALL("stop", BAD, "TOY_STATE=running", "TOY_STOP=0 running"),
		  1, "still active", "look stop look stop look" },
		{ "probe", CALL("monitor", BAD), 7, NULL, "look" },
		{ "probe running", CALL("monitor", BAD, "TOY_STATE=running"), 0, NULL, "look" },
		{ "monitor", CALL("monitor", BAD, "TOY_STATE=running", RECURRING), 0, NULL,
		  "look monitor" },
		{ "validate-all", CALL("validate-all", BAD), 6, "parameter count must be", "" },
		{ "status", CALL("status", BAD, "TOY_STATE=running"), 0, NULL, "look" },
		{ "reload-agent", CALL("reload-agent", BAD, "TOY_STATE=running"), 0, NULL, NULL },
	};
	const struct answer *a;

	(void) state;
	ROWS(rows);
	a = drive(&(struct call) CALL("status", BAD));
	assert_contains(a->out, "count=5 ");
}

struct value {
	const char *text;  /* "count=3" */
	const char *shown; /* in status; NULL: refused, status shows the default */
};

static void check_values(const struct value *values, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char variable[320];
		const struct answer *a;

		(void) snprintf(variable, sizeof(variable), "OCF_RESKEY_%s", values[i].text);
		a = drive(&(struct call) CALL("status", variable));
		if (a->code != 7 || (values[i].shown && !strstr(a->out, values[i].shown)))
			fail_msg("%s: exit %d, %s", values[i].text, a->code, a->out);
		a = drive(&(struct call) CALL("validate-all", variable));
		if (a->code != (values[i].shown ? 0 : 6))
			fail_msg("%s: exit %d, %s", values[i].text, a->code, a->err);
		if (values[i].shown && (a->out[0] || a->err[0]))
			fail_msg("%s: fine, but not silent: %s%s", values[i].text, a->out, a->err);
	}
}

#define VALUES(values) check_values((values), sizeof(values) / sizeof((values)[0]))

static void integers(void **state)
{
	static const struct value values[] = {
		{ "count=", "count=5 " },
		{ "count=0", "count=0 " },
		{ "count=-10", "count=-10 " },
		{ "count=100", "count=100 " },
		{ "count=-11", NULL },
		{ "count=101", NULL },
		{ "count=010", NULL },
		{ "count=00", NULL },
		{ "count=-0", NULL },
		{ "count=-01", NULL },
		{ "count=+1", NULL },
		{ "count= 1", NULL },
		{ "count=1 ", NULL },
		{ "count=1\n", NULL },
		{ "count=-", NULL },
		{ "count=--1", NULL },
		{ "count=0x10", NULL },
		{ "count=1e1", NULL },
		{ "count=1.5", NULL },
		{ "count=one", NULL },
		{ "limit=9223372036854775807", "limit=9223372036854775807" },
		{ "limit=9223372036854775808", NULL },
		{ "limit=-9223372036854775807", "limit=-9223372036854775807" },
		{ "limit=-9223372036854775808", NULL }, /* the mark of an unset one */
		{ "limit=-9223372036854775809", NULL },
		{ "limit=99999999999999999999999999", NULL },
	};

	(void) state;
	VALUES(values);
}

static void booleans(void **state)
{
	static const struct value values[] = {
		{ "flag=", "flag=0" },	   { "flag=1", "flag=1" },     { "flag=true", "flag=1" },
		{ "flag=True", "flag=1" }, { "flag=TRUE", "flag=1" },  { "flag=yes", "flag=1" },
		{ "flag=YES", "flag=1" },  { "flag=on", "flag=1" },    { "flag=ON", "flag=1" },
		{ "flag=ja", "flag=1" },   { "flag=0", "flag=0" },     { "flag=no", "flag=0" },
		{ "flag=off", "flag=0" },  { "flag=false", "flag=0" }, { "flag=Yes", NULL },
		{ "flag=y", NULL },	   { "flag=On", NULL },	       { "flag=2", NULL },
		{ "flag=true ", NULL },
	};

	(void) state;
	VALUES(values);
}

static void choices(void **state)
{
	static const struct value values[] = {
		{ "mode=", "mode=slow" },
		{ "mode=fast", "mode=fast" },
		{ "mode=careful", "mode=careful" },
		{ "mode=Fast", NULL },
		{ "mode=fas", NULL },
		{ "mode=fast ", NULL },
	};
	const struct answer *a;

	(void) state;
	VALUES(values);
	a = drive(&(struct call) CALL("validate-all", "OCF_RESKEY_mode=quick"));
	assert_string_equal(reason(a), "parameter mode must be one of: fast slow careful");
}

static void formats(void **state)
{
	static const struct value values[] = {
		{ "mac=02:00:00:ab:cd:ef", "mac=02:00:00:ab:cd:ef" },
		{ "mac=02:00:00:AB:CD:EF", "mac=02:00:00:AB:CD:EF" },
		{ "mac=01:00:00:ab:cd:ef", NULL }, /* multicast */
		{ "mac=0B:00:00:ab:cd:ef", NULL }, /* multicast in capitals */
		{ "mac=00:00:00:00:00:00", NULL },
		{ "mac=02:00:00:ab:cd", NULL },
		{ "mac=02:00:00:ab:cd:ef:01", NULL },
		{ "mac=02-00-00-ab-cd-ef", NULL },
		{ "mac=auto", NULL },
		{ "device=br0", "device=br0" },
		{ "device=veth101.0", "device=veth101.0" },
		{ "device=abcdefghijklmno", "device=abcdefghijklmno" },
		{ "device=abcdefghijklmnop", NULL }, /* 16 bytes: the kernel would cut */
		{ "device=.", NULL },
		{ "device=..", NULL },
		{ "device=a/b", NULL },
		{ "device=a:b", NULL },
		{ "device=a b", NULL },
		{ "device=a\033b", NULL },
		{ "path=/d0/vz", "path=/d0/vz" },
		{ "path=/d0/.vz/..x", "path=/d0/.vz/..x" },
		{ "path=d0/vz", NULL },
		{ "path=/", NULL },
		{ "path=/d0/", NULL },
		{ "path=//d0", NULL },
		{ "path=/d0//vz", NULL },
		{ "path=/d0/../etc", NULL },
		{ "path=/d0/./vz", NULL },
		{ "path=/d0/..", NULL },
		{ "path=/d0/vz x", NULL },
		{ "path=/d0\n/x", NULL },
		{ "paths=/etc/vz /var/lib/vz", "paths=/etc/vz /var/lib/vz" },
		{ "paths=/etc/vz", "paths=/etc/vz" },
		{ "paths= \t", NULL },
		{ "paths=/etc/vz ../x", NULL },
		{ "paths=/etc/vz /var/..", NULL },
	};

	(void) state;
	VALUES(values);
}

/* All findings, each on its line, the reason last; host only from level 10 on. */
static void validate_lists_all(void **state)
{
	static const struct row rows[] = {
		{ "level 0 leaves the host alone", CALL("validate-all", "TOY_HOST=5"), 0, NULL,
		  "" },
		{ "level 10", CALL("validate-all", "TOY_HOST=5", "OCF_CHECK_LEVEL=10"), 5,
		  "host lacks 5", "check_host" },
		{ "the worst one counts",
		  CALL("validate-all", "TOY_HOST=2 5 2", "OCF_CHECK_LEVEL=10"), 5, "and 2 more",
		  NULL },
		{ "wrong everywhere is worst",
		  CALL("validate-all", "TOY_HOST=5", "TOY_CONF=1", "OCF_CHECK_LEVEL=10"), 6, NULL,
		  NULL },
		{ "a warning is no refusal",
		  CALL("validate-all", "TOY_HOST=0", "OCF_CHECK_LEVEL=10"), 0, NULL, NULL },
		{ "a failure of another kind is one all the same",
		  CALL("validate-all", "TOY_HOST=1", "OCF_CHECK_LEVEL=10"), 1, NULL, NULL },
		{ "values that do not fit together", CALL("start", "TOY_CONF=2"), 6, "conf 2", "" },
		{ "but never against stop", CALL("stop", "TOY_CONF=2", "TOY_STOP=0 stopped"), 0,
		  NULL, "look stop look" },
		{ "nor against monitor", CALL("monitor", "TOY_CONF=2"), 7, NULL, NULL },
	};
	const struct answer *a;

	(void) state;
	ROWS(rows);
	a = drive(&(struct call) CALL("validate-all", BAD, "OCF_RESKEY_flag=maybe", "TOY_CONF=1",
				      "TOY_HOST=5", "OCF_CHECK_LEVEL=10"));
	assert_int_equal(a->code, 6);
	assert_contains(a->err, "ERROR: parameter count must");
	assert_contains(a->err, "ERROR: parameter flag must");
	assert_contains(a->err, "ERROR: conf 1 does not fit");
	assert_contains(a->err, "ERROR: host lacks 5");
	assert_contains(reason(a), "(and 3 more, listed above)");
}

int main(int argc, char *argv[])
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_identity),
		cmocka_unit_test(bad_optional_value),
		cmocka_unit_test(integers),
		cmocka_unit_test(booleans),
		cmocka_unit_test(choices),
		cmocka_unit_test(formats),
		cmocka_unit_test(validate_lists_all),
	};

	drive_main(argc, argv);
	return cmocka_run_group_tests(tests, drive_setup, drive_teardown);
}
