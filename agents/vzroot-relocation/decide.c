/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What start does with a path, by what lies on either side: nothing is ever hidden that is not kept
 * beside its place, and content that exists only on this node is never passed over.
 */
#include "relocation.h"

static const enum step steps[LOCAL_KINDS][SHARED_KINDS] = {
	[LOCAL_ABSENT] = {
		[SHARED_ABSENT] = STEP_SKIP,
		[SHARED_EMPTY] = STEP_LINK,
		[SHARED_FULL] = STEP_LINK,
		[SHARED_FILE] = STEP_LINK,
		[SHARED_OTHER] = STEP_REFUSE_KIND,
	},
	[LOCAL_EMPTY] = {
		[SHARED_ABSENT] = STEP_MAKE_SHARED,
		[SHARED_EMPTY] = STEP_REPLACE,
		[SHARED_FULL] = STEP_REPLACE,
		[SHARED_FILE] = STEP_REFUSE_KIND,
		[SHARED_OTHER] = STEP_REFUSE_KIND,
	},
	[LOCAL_FULL] = {
		[SHARED_ABSENT] = STEP_REFUSE_SEED,
		[SHARED_EMPTY] = STEP_REFUSE_SEED,
		[SHARED_FULL] = STEP_SET_ASIDE,
		[SHARED_FILE] = STEP_REFUSE_KIND,
		[SHARED_OTHER] = STEP_REFUSE_KIND,
	},
	[LOCAL_FILE] = {
		[SHARED_ABSENT] = STEP_REFUSE_SEED,
		[SHARED_EMPTY] = STEP_REFUSE_KIND,
		[SHARED_FULL] = STEP_REFUSE_KIND,
		[SHARED_FILE] = STEP_SET_ASIDE,
		[SHARED_OTHER] = STEP_REFUSE_KIND,
	},
	[LOCAL_OUR_LINK] = {
		[SHARED_ABSENT] = STEP_REFUSE_LOST,
		[SHARED_EMPTY] = STEP_KEEP,
		[SHARED_FULL] = STEP_KEEP,
		[SHARED_FILE] = STEP_KEEP,
		[SHARED_OTHER] = STEP_REFUSE_KIND,
	},
	[LOCAL_HAND_LINK] = {
		[SHARED_ABSENT] = STEP_REFUSE_LINK,
		[SHARED_EMPTY] = STEP_ADOPT,
		[SHARED_FULL] = STEP_ADOPT,
		[SHARED_FILE] = STEP_ADOPT,
		[SHARED_OTHER] = STEP_REFUSE_KIND,
	},
	[LOCAL_FOREIGN_LINK] = {
		[SHARED_ABSENT] = STEP_REFUSE_LINK,
		[SHARED_EMPTY] = STEP_REFUSE_LINK,
		[SHARED_FULL] = STEP_REFUSE_LINK,
		[SHARED_FILE] = STEP_REFUSE_LINK,
		[SHARED_OTHER] = STEP_REFUSE_LINK,
	},
	[LOCAL_OTHER] = {
		[SHARED_ABSENT] = STEP_REFUSE_KIND,
		[SHARED_EMPTY] = STEP_REFUSE_KIND,
		[SHARED_FULL] = STEP_REFUSE_KIND,
		[SHARED_FILE] = STEP_REFUSE_KIND,
		[SHARED_OTHER] = STEP_REFUSE_KIND,
	},
};

enum step decide_step(enum local_kind local, enum shared_kind there, bool seed)
{
	enum step step = steps[local][there];

	return step == STEP_REFUSE_SEED && seed ? STEP_SEED : step;
}

bool step_refuses(enum step step)
{
	return step == STEP_REFUSE_SEED || step == STEP_REFUSE_LOST || step == STEP_REFUSE_LINK ||
	       step == STEP_REFUSE_KIND;
}

const char *local_kind_name(enum local_kind kind)
{
	static const char *const names[LOCAL_KINDS] = {
		[LOCAL_ABSENT] = "nothing",
		[LOCAL_EMPTY] = "an empty directory",
		[LOCAL_FULL] = "a directory with content",
		[LOCAL_FILE] = "a file",
		[LOCAL_OUR_LINK] = "vzha's link",
		[LOCAL_HAND_LINK] = "a link straight to the shared tree",
		[LOCAL_FOREIGN_LINK] = "a link to elsewhere",
		[LOCAL_OTHER] = "something that is no file or directory",
	};

	return names[kind];
}

const char *shared_kind_name(enum shared_kind kind)
{
	static const char *const names[SHARED_KINDS] = {
		[SHARED_ABSENT] = "nothing",
		[SHARED_EMPTY] = "an empty directory",
		[SHARED_FULL] = "a directory with content",
		[SHARED_FILE] = "a file",
		[SHARED_OTHER] = "something that is no file or directory",
	};

	return names[kind];
}

const char *step_name(enum step step)
{
	static const char *const names[] = {
		[STEP_SKIP] = "on neither side",
		[STEP_KEEP] = "in place",
		[STEP_LINK] = "link it",
		[STEP_ADOPT] = "adopt the hand-made link",
		[STEP_REPLACE] = "replace the empty directory",
		[STEP_SET_ASIDE] = "set the local content aside",
		[STEP_MAKE_SHARED] = "make it on the shared tree",
		[STEP_SEED] = "copy it to the shared tree",
		[STEP_REFUSE_SEED] = "refused: only this node has content",
		[STEP_REFUSE_LOST] = "refused: the shared tree lost it",
		[STEP_REFUSE_LINK] = "refused: a link that leads elsewhere",
		[STEP_REFUSE_KIND] = "refused: the two sides do not fit",
	};

	return names[step];
}
