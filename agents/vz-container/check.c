/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parameters by their syntax alone. */
#include <ctype.h>
#include <string.h>

#include "vz-container.h"

#define CTID_MAX 100

static bool is_number(const char *text)
{
	return text[strspn(text, "0123456789")] == '\0';
}

/* The identity goes into paths, command lines and names of control groups. */
static const char *check_ctid(const char *value)
{
	if (!*value)
		return "must not be empty";
	if (strlen(value) > CTID_MAX)
		return "must not be longer than 100 bytes";
	if (!isalnum((unsigned char) value[0]))
		return "must begin with a letter or a digit";
	for (const char *p = value; *p; p++)
		if (!isalnum((unsigned char) *p) && !strchr("._-+", *p))
			return "must consist of letters, digits and . _ - +";
	if (is_number(value) && value[0] == '0')
		return "must not be a number with a leading zero";
	return NULL;
}

const char *ct_check_value(const struct ocf_param *param, const char *value)
{
	if (strcmp(param->name, "ctid") == 0)
		return check_ctid(value);
	return NULL;
}

void ct_check_conf(struct ocf_ctx *ctx)
{
	if (ct_conf(ctx)->engine == VZ_CONTAINER_ENGINE_VZCTL &&
	    !ct_engine_vzctl.may_be(ctx->identity))
		ocf_finding(
			ctx, OCF_ERR_CONFIGURED,
			"ctid %s: vzctl's containers have a number (1 to 2147483644) or a UUID; "
			"names exist on one node only",
			ctx->identity);
}
