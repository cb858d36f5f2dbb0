/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where messages go, and that none of it changes an answer (C12); traces and slow actions (C13). */
#include "ocf-drive.h"

#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static const char *variable(const char *name, const char *tail)
{
	static char texts[4][160];
	static unsigned int next;
	char *text = texts[next++ % 4];

	(void) snprintf(text, sizeof(texts[0]), "%s=%s", name, drive_path(tail));
	return text;
}

/* A syslog daemon's socket; the toy's sysroot makes it the one. */
static int daemon_open(int type)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	drive_remove("dev/log");
	(void) snprintf(address.sun_path, sizeof(address.sun_path), "%s", drive_path("dev/log"));
	assert_int_equal(bind(fd, (const struct sockaddr *) &address, sizeof(address)), 0);
	if (type == SOCK_STREAM)
		assert_int_equal(listen(fd, 1), 0);
	return fd;
}

static const char *daemon_read(int fd)
{
	static char text[4096];
	ssize_t n = read(fd, text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void syslog_message(void **state)
{
	int fd = daemon_open(SOCK_DGRAM);
	const char *text;

	(void) state;
	assert_int_equal(drive(&(struct call) CALL("start", "TOY_START=1", "TOY_REASON=why"))->code,
			 1);
	text = daemon_read(fd);
	assert_int_equal(strncmp(text, "<27>", 4), 0); /* daemon.err */
	assert_contains(text, " toy(t1)[");
	assert_contains(text, "]: ERROR: start failed: why");
	assert_string_equal(daemon_read(fd), ""); /* logged once */

	(void) drive(&(struct call) CALL("start", "TOY_START=1", "HA_LOGFACILITY=local3"));
	assert_int_equal(strncmp(daemon_read(fd), "<155>", 5), 0);
	(void) drive(&(struct call) CALL("start", "TOY_START=1", "HA_LOGFACILITY=none"));
	assert_string_equal(daemon_read(fd), "");
	(void) drive(&(struct call) CALL("monitor")); /* nothing to say */
	assert_string_equal(daemon_read(fd), "");
	(void) close(fd);
}

/* A daemon of old. */
static void syslog_stream(void **state)
{
	int fd = daemon_open(SOCK_STREAM), peer;
	char text[512] = "";

	(void) state;
	assert_int_equal(drive(&(struct call) CALL("start", "TOY_START=1", "TOY_REASON=why"))->code,
			 1);
	peer = accept(fd, NULL, NULL);
	assert_true(read(peer, text, sizeof(text) - 1) > 0);
	assert_contains(text, "start failed: why");
	(void) close(peer);
	(void) close(fd);
}

/* The C library's syslog() would block here for ever. */
static void syslog_daemon_stuck(void **state)
{
	int fd = daemon_open(SOCK_DGRAM), filler = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const struct answer *a;

	(void) state;
	(void) snprintf(address.sun_path, sizeof(address.sun_path), "%s", drive_path("dev/log"));
	while (sendto(filler, "x", 1, 0, (const struct sockaddr *) &address, sizeof(address)) == 1)
		;
	a = drive(&(struct call) CALL("stop", "TOY_STATE=running", "TOY_STOP=1 stopped",
				      "TOY_REASON=why", "OCF_RESKEY_count=010"));
	assert_int_equal(a->code, 0);
	if (!drive_under())
		assert_true(a->took_ms < 1000);
	a = drive(&(struct call) CALL("start", "TOY_START=6", "TOY_REASON=why"));
	assert_int_equal(a->code, 6);
	assert_string_equal(reason(a), "why");
	(void) close(filler);
	(void) close(fd);

	/* Gone without a trace of it but the name. */
	a = drive(&(struct call) CALL("stop", "TOY_STOP=1 stopped", "TOY_REASON=why"));
	assert_int_equal(a->code, 0);
	drive_remove("dev/log");
}

static void log_files(void **state)
{
	const char *log = variable("HA_LOGFILE", "ha-log");
	const char *debug = variable("HA_DEBUGLOG", "ha-debug");

	(void) state;
	(void) drive(&(struct call) CALL("start", "TOY_START=1", "TOY_REASON=why", log, debug));
	assert_contains(drive_read("ha-log"), " toy(t1)[");
	assert_contains(drive_read("ha-log"), "]: ERROR: start failed: why\n");
	assert_contains(drive_read("ha-debug"), "ERROR: start failed: why\n");

	/* A probe's complaint about a value is worth a debug message. */
	drive_remove("ha-log");
	drive_remove("ha-debug");
	(void) drive(&(struct call) CALL("monitor", "OCF_RESKEY_count=010", log, debug));
	assert_string_equal(drive_read("ha-debug"), "");
	(void) drive(
		&(struct call) CALL("monitor", "OCF_RESKEY_count=010", log, debug, "HA_debug=1"));
	assert_string_equal(drive_read("ha-log"), "");
	assert_contains(drive_read("ha-debug"), "DEBUG: parameter count must");
	/* Appended, never truncated; said once where both are one file. */
	(void) drive(&(struct call) CALL("monitor", "OCF_RESKEY_CRM_meta_interval=1000",
					 "OCF_RESKEY_count=010", debug,
					 variable("HA_LOGFILE", "ha-debug")));
	assert_contains(drive_read("ha-debug"), "DEBUG: parameter count must");
	assert_contains(drive_read("ha-debug"), "WARNING: parameter count must");
	assert_null(strstr(strstr(drive_read("ha-debug"), "WARNING") + 1, "WARNING"));
}

/* Whatever stands where the log file should be. */
static void log_never_decides(void **state)
{
	static const char *const tails[] = { "no/such/dir/log", "a-fifo", "a-link", "a-dir" };

	(void) state;
	assert_int_equal(mkfifo(drive_path("a-fifo"), 0600), 0);
	assert_int_equal(symlink("elsewhere", drive_path("a-link")), 0);
	assert_int_equal(mkdir(drive_path("a-dir"), 0700), 0);
	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		const char *log = variable("HA_LOGFILE", tails[i]);
		const char *debug = variable("HA_DEBUGLOG", tails[i]);
		const struct row rows[] = {
			{ tails[i], CALL("start", "TOY_START=0 running", log, debug), 0, NULL,
			  NULL },
			{ tails[i], CALL("start", "TOY_START=6", log, debug), 6, NULL, NULL },
			{ tails[i],
			  CALL("stop", "TOY_STOP=1 stopped", "TOY_REASON=why", log, debug), 0, NULL,
			  NULL },
			{ tails[i], CALL("monitor", log, debug), 7, NULL, NULL },
			{ tails[i], CALL("monitor", log, debug, "HA_LOGFACILITY=nonsense"), 7, NULL,
			  NULL },
		};

		ROWS(rows);
	}
	assert_int_equal(access(drive_path("elsewhere"), F_OK), -1);
}

static void full_disk(void **state)
{
	const struct answer *a;

	(void) state;
	a = drive(&(struct call) CALL("stop", "TOY_STOP=1 stopped", "TOY_REASON=why",
				      "HA_LOGFILE=/dev/full"));
	assert_int_equal(a->code, 0);
}

/* The newest trace below @dir, "" when there is none. */
static const char *trace_text(const char *pattern, char *ret_name, size_t size)
{
	const char *text = "";
	glob_t found;

	ret_name[0] = '\0';
	if (glob(drive_path(pattern), 0, NULL, &found) == 0) {
		(void) snprintf(ret_name, size, "%s",
				found.gl_pathv[found.gl_pathc - 1] + strlen(drive_root()) + 1);
		text = drive_read(ret_name);
		globfree(&found);
	}
	return text;
}

static void trace(void **state)
{
	const char *text;
	char name[256], dir[160];

	(void) state;
	(void) drive(&(struct call) CALL("monitor"));
	assert_string_equal(trace_text("var/lib/heartbeat/trace_ra/toy/*", name, sizeof(name)), "");
	(void) drive(&(struct call) CALL("monitor", "OCF_RESKEY_trace_ra=0"));
	assert_string_equal(trace_text("var/lib/heartbeat/trace_ra/toy/*", name, sizeof(name)), "");

	assert_int_equal(drive(&(struct call) CALL("start", "OCF_RESKEY_trace_ra=1", "TOY_START=1",
						   "TOY_REASON=why", "OCF_RESOURCE_INSTANCE=web-1"))
				 ->code,
			 1);
	text = trace_text("var/lib/heartbeat/trace_ra/toy/*", name, sizeof(name));
	assert_contains(name, "/web-1.start.20");
	assert_contains(text, " ms [");
	assert_contains(text, "timeout 20000 ms");
	assert_contains(text, "step: look");
	assert_contains(text, "state: stopped");
	assert_contains(text, "step: start");
	assert_contains(text, "reason: why");
	assert_contains(text, "exit: 1");

	(void) snprintf(dir, sizeof(dir), "OCF_RESKEY_trace_dir=%s", "/tr");
	(void) drive(&(struct call) CALL("run", "OCF_RESKEY_trace_ra=1", dir,
					 "TOY_CHILD=/bin/echo hello world"));
	text = trace_text("tr/toy/t1.run.*", name, sizeof(name));
	assert_contains(text, "run: /bin/echo hello world");
	assert_contains(text, "exit code 0");
	assert_contains(text, "said: hello world");
}

/* No name leads out of the directory; and where no trace can be written the answer stays. */
static void trace_is_harmless(void **state)
{
	const struct row rows[] = {
		{ "slashes",
		  CALL("../../evil", "OCF_RESKEY_trace_ra=1", "OCF_RESKEY_trace_dir=/tr"), 3, NULL,
		  NULL },
		{ "no such place",
		  CALL("stop", "OCF_RESKEY_trace_ra=1", "OCF_RESKEY_trace_dir=/a-file/x",
		       "TOY_STOP=0 stopped"),
		  0, NULL, NULL },
		{ "relative", CALL("monitor", "OCF_RESKEY_trace_ra=1", "OCF_RESKEY_trace_dir=x"), 7,
		  NULL, NULL },
	};
	char name[256];

	(void) state;
	(void) close(open(drive_path("a-file"), O_CREAT | O_WRONLY, 0600));
	ROWS(rows);
	(void) trace_text("tr/toy/*evil*", name, sizeof(name));
	assert_contains(name, "tr/toy/t1...-..-evil.");
}

static void slow_actions_tell_why(void **state)
{
	const char *log = variable("HA_LOGFILE", "slow");
	const char *text;

	(void) state;
	drive_remove("slow");
	(void) drive(&(struct call) CALL("stop", "TOY_STOP=0 stopped", log));
	if (!drive_under())
		assert_string_equal(drive_read("slow"), "");
	(void) drive(&(struct call) CALL("stop", "TOY_STOP=0 stopped", "TOY_SLOW=stop 1100", log,
					 "OCF_RESKEY_CRM_meta_timeout=9000"));
	text = drive_read("slow");
	assert_contains(text, "INFO: stop took 1");
	assert_contains(text, "look at work ");
	assert_contains(text, "stop at work 11");
}

int main(int argc, char *argv[])
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(syslog_message),
		cmocka_unit_test(syslog_stream),
		cmocka_unit_test(syslog_daemon_stuck),
		cmocka_unit_test(log_files),
		cmocka_unit_test(log_never_decides),
		cmocka_unit_test(full_disk),
		cmocka_unit_test(trace),
		cmocka_unit_test(trace_is_harmless),
		cmocka_unit_test(slow_actions_tell_why),
	};

	drive_main(argc, argv);
	return cmocka_run_group_tests(tests, drive_setup, drive_teardown);
}
