/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files of lib/ocf. Agents include ocf.h only. */
#ifndef VZHA_OCF_PRIVATE_H
#define VZHA_OCF_PRIVATE_H

#include "ocf.h"

/* What was wrong with one parameter's value; params.c makes them, actions.c decides (C9). */
struct ocf_param_error {
	const struct ocf_param *param;
	bool missing;
	char why[160];
};

#define OCF_PARAM_ERRORS_MAX 32

struct ocf_param_errors {
	struct ocf_param_error list[OCF_PARAM_ERRORS_MAX];
	size_t n;
};

/* Where a parameter's text comes from: the environment, or Heartbeat's positional arguments. */
typedef const char *(*ocf_param_source)(const struct ocf_param *param, size_t index, void *data);

/* environment.c */
void ocf_environment_read(struct ocf_ctx *ctx);

/* params.c */
void ocf_params_read(const struct ocf_agent *agent, void *conf, ocf_param_source source, void *data,
		     struct ocf_param_errors *ret_errors);
const char *ocf_param_from_environment(const struct ocf_param *param, size_t index, void *data);
bool ocf_param_errors_identity(const struct ocf_agent *agent,
			       const struct ocf_param_errors *errors);
const char *ocf_param_identity(const struct ocf_agent *agent, ocf_param_source source, void *data);
bool ocf_parse_integer(const char *text, int64_t *ret_value);
bool ocf_parse_boolean(const char *text, bool *ret_value);

/* format.c: NULL when @value fits the named format, else why not. */
const char *ocf_format_check(const char *format, const char *value);

/* actions.c */
enum ocf_state ocf_look_settled(struct ocf_ctx *ctx);
enum ocf_status ocf_start(struct ocf_ctx *ctx);
enum ocf_status ocf_stop(struct ocf_ctx *ctx);
enum ocf_status ocf_action_run(struct ocf_ctx *ctx, const struct ocf_param_errors *errors);
/* In front of start and promote, when there is something to do: OCF_SUCCESS or a refusal (G1). */
enum ocf_status ocf_permit(struct ocf_ctx *ctx);
bool ocf_action_known(const struct ocf_agent *agent, const char *action);
const char *ocf_state_name(enum ocf_state state);

/* roles.c */
enum ocf_status ocf_promote(struct ocf_ctx *ctx);
enum ocf_status ocf_demote(struct ocf_ctx *ctx);
enum ocf_status ocf_notify(struct ocf_ctx *ctx);

/* degraded.c */
void ocf_degraded_settle(struct ocf_ctx *ctx);
void ocf_degraded_forget(const struct ocf_ctx *ctx);

/* clock.c */
void ocf_guard_arm(const struct ocf_ctx *ctx);
void ocf_guard_describe(const struct ocf_ctx *ctx);
/* From here on a hang changes nothing: the guard ends it with @status and @reason (or NULL). */
void ocf_guard_verdict(const struct ocf_ctx *ctx, enum ocf_status status, const char *reason);
void ocf_guard_say_nothing(void);
void ocf_guard_disarm(void);
void ocf_guard_child(pid_t pid);
void ocf_guard_child_gone(pid_t pid);

/* heartbeat.c */
bool ocf_heartbeat_called(const char *argv0);
int ocf_heartbeat_main(struct ocf_ctx *ctx, int argc, char *argv[]);

/* main.c: one identity, one action, with parameters already read. */
enum ocf_status ocf_finish(struct ocf_ctx *ctx, enum ocf_status status);

/* log.c, trace.c, reason.c */
void ocf_log_open(struct ocf_ctx *ctx);
void ocf_vlog(struct ocf_ctx *ctx, int priority, const char *fmt, va_list ap) OCF_PRINTF(3, 0);
void ocf_trace_open(struct ocf_ctx *ctx);
void ocf_trace_line(struct ocf_ctx *ctx, const char *text);
void ocf_steps_log(struct ocf_ctx *ctx);
const char *ocf_reason_prefix(void);
/* The reason line itself, on stderr. */
void ocf_say_reason(const char *fmt, ...) OCF_PRINTF(1, 2);
void ocf_one_line(char *text);
/* printf behind what is in @buf already; what does not fit is cut off. */
void ocf_append(char *buf, size_t size, const char *fmt, ...) OCF_PRINTF(3, 4);

#endif
