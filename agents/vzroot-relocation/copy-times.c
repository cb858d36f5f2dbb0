/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The deadline. And what a file's times can say about when it was changed: only as much as its filesystem
 * keeps of them, and only while the clock runs forward.
 */
#include "copy.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>

#include "ocf.h"

/* What a step of the clock is told by, and what two readings of it may differ by. */
#define STEP_MS	   10
#define READING_MS 1
#define READINGS   50

#define TELL_MS 1000

int copy_tick(struct copy *copy)
{
	int64_t now = ocf_now_ms();
	int r = 0;

	if (copy->progress && now - copy->told_ms >= TELL_MS) {
		copy->told_ms = now;
		r = copy->progress(copy->arg, copy);
	}
	return r == 0 && now >= copy->deadline_ms ? -ETIME : r;
}

bool copy_is_before(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec < b->tv_sec || (a->tv_sec == b->tv_sec && a->tv_nsec < b->tv_nsec);
}

bool copy_keeps_seconds(const char *tree)
{
	struct stat st;

	return lstat(tree, &st) < 0 || st.st_ctim.tv_nsec == 0;
}

struct timespec copy_since(bool seconds)
{
	const struct timespec a_while = { .tv_nsec = seconds ? 10000000 : 500000 };
	struct timespec began, now;

	(void) clock_gettime(CLOCK_REALTIME_COARSE, &began);
	do {
		(void) nanosleep(&a_while, NULL);
		(void) clock_gettime(CLOCK_REALTIME_COARSE, &now);
	} while (now.tv_sec == began.tv_sec && (seconds || now.tv_nsec == began.tv_nsec));
	if (seconds)
		now.tv_nsec = 0;
	return now;
}

bool copy_touched(const struct copy *copy, const struct stat *st)
{
	return !copy_is_before(&st->st_ctim, &copy->since);
}

/* ext4 keeps nanoseconds, ext3 seconds, others something between, NFS what its server keeps. */
bool copy_same_time(const struct timespec *original, const struct timespec *there)
{
	static const long kept_ns[] = { 1, 100, 1000, 1000000, 1000000000 };

	if (original->tv_sec != there->tv_sec)
		return false;
	for (size_t i = 0; i < sizeof(kept_ns) / sizeof(kept_ns[0]); i++) {
		if (there->tv_nsec == original->tv_nsec - original->tv_nsec % kept_ns[i])
			return true;
	}
	return false;
}

/* Its change time is that of the exchange. A time to come is none at which it was written. */
static bool top_is_touched(const struct copy *copy, const struct stat *st,
			   const struct timespec *now)
{
	return !copy_is_before(&st->st_mtim, &copy->since) && !copy_is_before(now, &st->st_mtim);
}

/* A change time ahead of the clock, from when the clock was: nothing but itself to compare it with. */
struct ahead {
	struct copy_id id;
	struct timespec changed;
};

int copy_note_ahead(struct copy *copy, const struct stat *st)
{
	struct ahead *ahead, **found;
	struct timespec now;

	(void) clock_gettime(CLOCK_REALTIME, &now);
	if (!copy_is_before(&now, &st->st_ctim))
		return 0;
	ahead = malloc(sizeof(*ahead));
	if (!ahead)
		return -ENOMEM;
	*ahead = (struct ahead){ copy_id_of(st), st->st_ctim };
	found = tsearch(ahead, &copy->ahead, copy_compare_ids);
	if (found && *found == ahead)
		return 0;
	if (found)
		(*found)->changed = st->st_ctim;
	free(ahead);
	return found ? 0 : -ENOMEM;
}

void copy_forget_ahead(struct copy *copy)
{
	tdestroy(copy->ahead, free);
	copy->ahead = NULL;
}

/* Once the clock has caught up with it, a write may have given it that very time. */
static bool is_as_noted(const struct copy *copy, const struct stat *st, const struct timespec *now)
{
	const struct ahead key = { .id = copy_id_of(st) };
	struct ahead *const *found = tfind(&key, &copy->ahead, copy_compare_ids);

	return copy_is_before(now, &st->st_ctim) && found &&
	       (*found)->changed.tv_sec == st->st_ctim.tv_sec &&
	       (*found)->changed.tv_nsec == st->st_ctim.tv_nsec;
}

int copy_check_times(struct copy *copy, const char *name, const struct stat *st, bool exchanged_top)
{
	struct timespec now;

	(void) clock_gettime(CLOCK_REALTIME, &now);
	if (exchanged_top ? top_is_touched(copy, st, &now)
			  : copy_touched(copy, st) && !is_as_noted(copy, st, &now))
		return copy_failed(copy, -EAGAIN, name,
				   "changed while it was copied; stop what writes there");
	return 0;
}

static int64_t in_ms(const struct timespec *ts)
{
	return (int64_t) ts->tv_sec * 1000 + ts->tv_nsec / 1000000;
}

/* CLOCK_BOOTTIME: since 2.6.39; the other one stands still in a suspend, which sets nothing back. */
static void steady(struct timespec *ret)
{
	if (clock_gettime(CLOCK_BOOTTIME, ret) < 0)
		(void) clock_gettime(CLOCK_MONOTONIC, ret);
}

/* Between two readings of the steady clock that are close: we may be put aside at any time. */
int64_t copy_clock_ms(void)
{
	int64_t best_ms = INT64_MAX, offset_ms = 0;

	for (int i = 0; i < READINGS && best_ms > READING_MS; i++) {
		struct timespec before, now, after;

		steady(&before);
		(void) clock_gettime(CLOCK_REALTIME, &now);
		steady(&after);
		if (in_ms(&after) - in_ms(&before) < best_ms) {
			best_ms = in_ms(&after) - in_ms(&before);
			offset_ms = in_ms(&now) - in_ms(&before);
		}
	}
	return offset_ms;
}

bool copy_clock_set_back(int64_t then_ms)
{
	return copy_clock_ms() < then_ms - STEP_MS;
}
