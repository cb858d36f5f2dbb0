/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vzroot-relocation-thread first|own FILE: a process that has FILE open, and does not show it in its own entry of
 * /proc: its first thread has ended, or the thread that opened the file has a table of files of its own.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool own;

static void *opens(void *file)
{
	if ((own && unshare(CLONE_FILES) < 0) || open(file, O_RDWR) < 0) {
		perror("thread");
		_exit(1);
	}
	(void) puts("open");
	(void) fflush(stdout);
	(void) sleep(300);
	return NULL;
}

int main(int argc, char *argv[])
{
	pthread_t thread;

	if (argc < 3)
		return 2;
	own = strcmp(argv[1], "own") == 0;
	if (pthread_create(&thread, NULL, opens, argv[2]) != 0)
		return 1;
	if (own)
		(void) pthread_join(thread, NULL);
	pthread_exit(NULL);
}
