/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bench-pair: two commands side by side, in one run on one machine, so that only the ratio counts.
 *
 *     bench-pair [-n RUNS] [-w WARMUP] [-x CODE] [-r RESET] [-W BAR] [-C BAR] [-R BAR] NAME OURS... -- PEER...
 *
 * Runs OURS and PEER in turn (who is first changes each time) and prints the medians of wall time,
 * CPU time (user and system, with all descendants that were waited for) and the largest resident
 * size of one process. A command whose exit code is not CODE ends the benchmark: a failure has no
 * speed. RESET is a shell command run before each command, outside the measurement. -W and -C give
 * the highest ratio that is wanted of wall and CPU time, -R the most KiB; printed, and fails nothing. Words like
 * NAME=VALUE in front of a command are its environment.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RUNS_MAX 100000

struct figures {
	int64_t *wall_us, *cpu_us;
	int64_t rss_kib;
};

struct side {
	const char *name;
	char **vars; /* up to argv */
	char **argv;
	struct figures figures;
};

static int64_t now_us(void)
{
	struct timespec ts;

	(void) clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t) ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static int64_t timeval_us(const struct timeval *tv)
{
	return (int64_t) tv->tv_sec * 1000000 + tv->tv_usec;
}

_Noreturn static void fail(const char *what, const char *why)
{
	(void) fprintf(stderr, "bench-pair: %s: %s\n", what, why);
	exit(1);
}

/* The next command is the other side's. */
static void set_back(const struct side *side)
{
	char name[128];

	for (char **var = side->vars; var < side->argv; var++) {
		(void) snprintf(name, sizeof(name), "%.*s", (int) strcspn(*var, "="), *var);
		(void) unsetenv(name);
	}
}

static void run_once(struct side *side, int expected, size_t slot, bool keep)
{
	posix_spawn_file_actions_t quiet;
	struct rusage usage;
	int64_t begin, end;
	int status, r;
	pid_t pid;

	(void) posix_spawn_file_actions_init(&quiet);
	(void) posix_spawn_file_actions_addopen(&quiet, 0, "/dev/null", O_RDONLY, 0);
	(void) posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);
	(void) posix_spawn_file_actions_addopen(&quiet, 2, "/dev/null", O_WRONLY, 0);
	for (char **var = side->vars; var < side->argv; var++)
		(void) putenv(*var);
	begin = now_us();
	r = posix_spawnp(&pid, side->argv[0], &quiet, NULL, side->argv, environ);
	if (r)
		fail(side->argv[0], strerror(r));
	while (wait4(pid, &status, 0, &usage) < 0) {
		if (errno != EINTR)
			fail("wait4", strerror(errno));
	}
	end = now_us();
	set_back(side);
	if (keep) {
		side->figures.wall_us[slot] = end - begin;
		side->figures.cpu_us[slot] =
			timeval_us(&usage.ru_utime) + timeval_us(&usage.ru_stime);
		if (usage.ru_maxrss > side->figures.rss_kib)
			side->figures.rss_kib = usage.ru_maxrss;
	}
	(void) posix_spawn_file_actions_destroy(&quiet);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != expected) {
		(void) fprintf(stderr, "bench-pair: %s ended with wait status %#x\n", side->name,
			       (unsigned int) status);
		fail(side->argv[0], "not the exit code that was wanted (-x)");
	}
}

static int compare(const void *a, const void *b)
{
	const int64_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

static double median_ms(int64_t *us, size_t n)
{
	qsort(us, n, sizeof(*us), compare);
	return (double) (us[n / 2] + us[(n - 1) / 2]) / 2000.0;
}

static void report(const char *name, const char *what, double ours, double peer, const char *bar)
{
	double ratio = peer > 0 ? ours / peer : 0;

	(void) printf("%s (%s): ours %.2f ms, peer %.2f ms, ratio %.3f", name, what, ours, peer,
		      ratio);
	if (bar)
		(void) printf(", bar %s: %s", bar, ratio <= strtod(bar, NULL) ? "met" : "MISSED");
	(void) printf("\n");
}

static size_t number(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*end || end == text || value > RUNS_MAX)
		fail(text, "not a number that makes sense here");
	return value;
}

static void reset(const char *command)
{
	if (command && system(command) != 0)
		fail(command, "the reset between two runs failed");
}

struct options {
	size_t runs, warmup;
	int expected;
	const char *between, *bar_wall, *bar_cpu, *bar_rss;
};

static void read_options(int argc, char *argv[], struct options *ret)
{
	int option;

	*ret = (struct options){ .runs = 100, .warmup = 5 };
	while ((option = getopt(argc, argv, "+n:w:x:r:W:C:R:")) != -1) {
		if (option == 'n')
			ret->runs = number(optarg);
		else if (option == 'w')
			ret->warmup = number(optarg);
		else if (option == 'x')
			ret->expected = (int) number(optarg);
		else if (option == 'r')
			ret->between = optarg;
		else if (option == 'W')
			ret->bar_wall = optarg;
		else if (option == 'C')
			ret->bar_cpu = optarg;
		else if (option == 'R')
			ret->bar_rss = optarg;
		else
			exit(2);
	}
}

/* NAME OURS... -- PEER..., from argv[optind] on */
static void read_commands(int argc, char *argv[], size_t runs, struct side sides[2])
{
	int split = optind + 1;

	while (split < argc && strcmp(argv[split], "--") != 0)
		split++;
	if (runs == 0 || split <= optind + 1 || split + 1 >= argc)
		fail("usage", "bench-pair [option...] NAME OURS... -- PEER...");
	argv[split] = NULL;
	sides[0].vars = argv + optind + 1;
	sides[1].vars = argv + split + 1;
	for (int i = 0; i < 2; i++) {
		sides[i].argv = sides[i].vars;
		while (*sides[i].argv && strchr(*sides[i].argv, '='))
			sides[i].argv++;
		if (!*sides[i].argv)
			fail(sides[i].name, "no command");
		sides[i].figures.wall_us = calloc(runs, sizeof(int64_t));
		sides[i].figures.cpu_us = calloc(runs, sizeof(int64_t));
		if (!sides[i].figures.wall_us || !sides[i].figures.cpu_us)
			fail("memory", strerror(ENOMEM));
	}
}

int main(int argc, char *argv[])
{
	struct side sides[2] = { { .name = "ours" }, { .name = "peer" } };
	struct figures *ours = &sides[0].figures, *peer = &sides[1].figures;
	struct options options;
	const char *name;

	read_options(argc, argv, &options);
	read_commands(argc, argv, options.runs, sides);
	name = argv[optind];
	for (size_t run = 0; run < options.warmup + options.runs; run++) {
		bool keep = run >= options.warmup;

		for (size_t turn = 0; turn < 2; turn++) {
			reset(options.between);
			run_once(&sides[(run + turn) % 2], options.expected,
				 keep ? run - options.warmup : 0, keep);
		}
	}
	report(name, "wall", median_ms(ours->wall_us, options.runs),
	       median_ms(peer->wall_us, options.runs), options.bar_wall);
	report(name, "CPU", median_ms(ours->cpu_us, options.runs),
	       median_ms(peer->cpu_us, options.runs), options.bar_cpu);
	(void) printf("%s (RSS): ours %" PRId64 " KiB, peer %" PRId64 " KiB", name, ours->rss_kib,
		      peer->rss_kib);
	if (options.bar_rss)
		(void) printf(", bar %s KiB: %s", options.bar_rss,
			      ours->rss_kib <= strtol(options.bar_rss, NULL, 10) ? "met"
										 : "MISSED");
	(void) printf("\n");
	return 0;
}
