/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where messages go (C12): syslog under the manager's facility, its log file and debug log, and the
 * terminal of a person. Nothing here forks, fails an action or changes its exit code.
 */
#include "private.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

/* How long a daemon with a full queue may hold us up, once per action. */
#define SYSLOG_PATIENCE_MS 100

static char tag[96];
static bool use_syslog;
static int syslog_facility = LOG_DAEMON;
static int syslog_fd = -1;
static bool syslog_ends_with_nul;

static const struct {
	const char *name;
	int value;
} facilities[] = {
	{ "auth", LOG_AUTH },	  { "authpriv", LOG_AUTHPRIV }, { "cron", LOG_CRON },
	{ "daemon", LOG_DAEMON }, { "kern", LOG_KERN },		{ "lpr", LOG_LPR },
	{ "mail", LOG_MAIL },	  { "news", LOG_NEWS },		{ "syslog", LOG_SYSLOG },
	{ "user", LOG_USER },	  { "uucp", LOG_UUCP },		{ "local0", LOG_LOCAL0 },
	{ "local1", LOG_LOCAL1 }, { "local2", LOG_LOCAL2 },	{ "local3", LOG_LOCAL3 },
	{ "local4", LOG_LOCAL4 }, { "local5", LOG_LOCAL5 },	{ "local6", LOG_LOCAL6 },
	{ "local7", LOG_LOCAL7 },
};

/* Called by a manager (it says where to log) or by hand; "none" turns syslog off. */
void ocf_log_open(struct ocf_ctx *ctx)
{
	const char *name = getenv("HA_LOGFACILITY");

	if (!name || !*name)
		name = getenv("HA_logfacility"); /* Heartbeat passes ha.cf's words on */
	use_syslog = !name || (strcmp(name, "none") != 0 && strcmp(name, "/dev/null") != 0);
	for (size_t i = 0; name && i < ARRAY_SIZE(facilities); i++) {
		if (strcmp(name, facilities[i].name) == 0)
			syslog_facility = facilities[i].value;
	}
	(void) snprintf(tag, sizeof(tag), "%s(%s)", ctx->agent->metadata->agent, ctx->instance);
}

/* Daemons of today take datagrams, some of old a stream with NULs between the messages. */
static int syslog_connect(const struct ocf_ctx *ctx)
{
	static const int types[] = { SOCK_DGRAM, SOCK_STREAM };
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	(void) ocf_path(ctx, address.sun_path, sizeof(address.sun_path), "/dev/log");
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		int fd = socket(AF_UNIX, types[i] | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

		if (fd >= 0 &&
		    connect(fd, (const struct sockaddr *) &address, sizeof(address)) == 0) {
			syslog_ends_with_nul = types[i] == SOCK_STREAM;
			return fd;
		}
		ocf_close_p(&fd);
	}
	return -1;
}

/*
 * syslog(3) without its flaw: with a daemon that is there but does not read, the C library's call
 * blocks for ever. A message that cannot be sent soon is lost, and those after it too.
 */
static void log_to_syslog(const struct ocf_ctx *ctx, int priority, const char *word,
			  const char *text)
{
	char line[sizeof(tag) + OCF_REASON_MAX + 128], stamp[32] = "";
	struct pollfd queue;
	time_t now = time(NULL);
	struct tm tm;

	if (!use_syslog)
		return;
	if (syslog_fd < 0)
		syslog_fd = syslog_connect(ctx);
	if (localtime_r(&now, &tm))
		(void) strftime(stamp, sizeof(stamp), "%h %e %T", &tm);
	(void) snprintf(line, sizeof(line), "<%d>%s %s[%d]: %s: %s", syslog_facility | priority,
			stamp, tag, (int) getpid(), word, text);
	queue = (struct pollfd){ .fd = syslog_fd, .events = POLLOUT };
	if (syslog_fd < 0 || poll(&queue, 1, SYSLOG_PATIENCE_MS) != 1 ||
	    send(syslog_fd, line, strlen(line) + syslog_ends_with_nul, MSG_NOSIGNAL) < 0)
		use_syslog = false;
}

static const char *priority_word(int priority)
{
	if (priority <= LOG_ERR)
		return "ERROR";
	if (priority == LOG_WARNING)
		return "WARNING";
	return priority == LOG_DEBUG ? "DEBUG" : "INFO";
}

/* Append only, and never to something that could block or lead elsewhere. */
static void log_to_file(const char *path, const char *word, const char *text)
{
	auto_close int fd = -1;
	char stamp[32] = "";
	struct tm tm;
	time_t now = time(NULL);

	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW, 0640);
	if (fd < 0)
		return;
	if (localtime_r(&now, &tm))
		(void) strftime(stamp, sizeof(stamp), "%b %d %H:%M:%S", &tm);
	(void) dprintf(fd, "%s %s[%d]: %s: %s\n", stamp, tag, (int) getpid(), word, text);
}

static const char *file_named(const char *upper, const char *lower)
{
	const char *path = getenv(upper);

	if (!path || !*path)
		path = getenv(lower);
	return path && path[0] == '/' ? path : NULL;
}

void ocf_vlog(struct ocf_ctx *ctx, int priority, const char *fmt, va_list ap)
{
	const char *debug = getenv("HA_debug");
	const char *word = priority_word(priority);
	const char *logfile = file_named("HA_LOGFILE", "HA_logfile");
	const char *debuglog = file_named("HA_DEBUGLOG", "HA_debugfile");
	char text[OCF_REASON_MAX + 64];

	(void) vsnprintf(text, sizeof(text), fmt, ap);
	ocf_one_line(text);
	ocf_trace(ctx, "log %s: %s", word, text);
	if (priority == LOG_DEBUG && (!debug || strcmp(debug, "0") == 0 || !*debug))
		return;

	if (isatty(STDERR_FILENO))
		(void) dprintf(STDERR_FILENO, "%s: %s\n", word, text);
	log_to_syslog(ctx, priority, word, text);
	if (logfile && priority != LOG_DEBUG)
		log_to_file(logfile, word, text);
	if (debuglog && (!logfile || strcmp(logfile, debuglog) != 0 || priority == LOG_DEBUG))
		log_to_file(debuglog, word, text);
}

void ocf_log(struct ocf_ctx *ctx, int priority, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	ocf_vlog(ctx, priority, fmt, ap);
	va_end(ap);
}
