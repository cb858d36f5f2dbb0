/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parts of seed.c. */
#ifndef VZHA_RELOCATION_SEED_H
#define VZHA_RELOCATION_SEED_H

#include "copy.h"
#include "relocation.h"

struct seed {
	struct relocation *relocation;
	struct seed_store store;
	struct copy_needs needs; /* of all paths */
	struct copy copy;
	struct copy_links links;
	struct copy_id tops[PATHS_MAX];	       /* what was copied in the last round */
	struct timespec round;		       /* when the last round of copying began */
	int64_t clock_ms;		       /* what the clock said then */
	bool seconds;			       /* an original's filesystem keeps no more of times */
	uint64_t bytes_before, entries_before; /* of earlier paths */
	int64_t said_ms, synced_ms;
};

#define for_each_seed(relocation, path)                                                            \
	for (struct path *path = (relocation)->paths;                                              \
	     path < (relocation)->paths + (relocation)->n_paths; path++)                           \
		if (path->step == STEP_SEED)

/* seed.c: what a walk said, as a reason. Always a failure. */
enum ocf_status seed_copy_error(struct seed *seed, const struct path *path, int error);

/* seed-before.c: may it be tried at all? */
enum ocf_status seed_look_before(struct seed *seed);
/* Of the files that were noted in seed->links, which is empty afterwards. */
enum ocf_status seed_check_hard_links(struct seed *seed);

#endif
