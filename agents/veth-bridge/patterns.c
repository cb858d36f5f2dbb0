/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists of patterns: does a name fit, can two of them fit the same name. */
#include "shared.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdint.h>
#include <string.h>

/* A link's name has at most 15 bytes; longer patterns are of use, endless ones are not. */
#define PATTERN_MAX 64
#define BLANKS	    " \t\n"

/* The next word of the list into @word; what follows it, NULL at the end. */
static const char *next_word(const char *list, char word[PATTERN_MAX])
{
	size_t len;

	list += strspn(list, BLANKS);
	len = strcspn(list, BLANKS);
	if (len == 0)
		return NULL;
	if (len >= PATTERN_MAX)
		len = PATTERN_MAX - 1;
	memcpy(word, list, len);
	word[len] = '\0';
	return list + strcspn(list, BLANKS);
}

bool patterns_match(const char *patterns, const char *name)
{
	char word[PATTERN_MAX];

	while ((patterns = next_word(patterns, word))) {
		if (fnmatch(word, name, 0) == 0)
			return true;
	}
	return false;
}

/* One element of a pattern: any run of bytes, or one byte of a set. */
struct element {
	bool star;
	uint64_t set[4];
};

/* The set is fnmatch's own answer for each byte, so that both agree about brackets. */
static void fill_set(struct element *element, const char *text, size_t len)
{
	char one[PATTERN_MAX];

	memcpy(one, text, len);
	one[len] = '\0';
	for (unsigned int byte = 1; byte < 256; byte++) {
		const char name[2] = { (char) byte, '\0' };

		if (fnmatch(one, name, 0) == 0)
			element->set[byte / 64] |= UINT64_C(1) << byte % 64;
	}
}

static size_t element_length(const char *p)
{
	const char *end;

	if (*p == '\\' && p[1])
		return 2;
	if (*p != '[')
		return 1;
	end = p + 1 + (p[1] == '!' || p[1] == '^');
	end = *end ? strchr(end + 1, ']') : NULL; /* a ] that comes first stands for itself */
	return end ? (size_t) (end - p) + 1 : 1;
}

static size_t split(const char *pattern, struct element elements[PATTERN_MAX])
{
	size_t n = 0;

	while (*pattern) {
		size_t len = element_length(pattern);

		memset(&elements[n], 0, sizeof(elements[n]));
		if (*pattern == '*')
			elements[n].star = true;
		else
			fill_set(&elements[n], pattern, len);
		n++;
		pattern += len;
	}
	return n;
}

static bool share_byte(const struct element *a, const struct element *b)
{
	for (int i = 0; i < 4; i++) {
		if (a->set[i] & b->set[i])
			return true;
	}
	return false;
}

/* can[i][j]: the rest of a from i and the rest of b from j fit a common text. */
static bool overlap_two(const char *pattern_a, const char *pattern_b)
{
	static const bool nothing[PATTERN_MAX + 1][PATTERN_MAX + 1];
	struct element a[PATTERN_MAX], b[PATTERN_MAX];
	bool can[PATTERN_MAX + 1][PATTERN_MAX + 1];
	size_t n = split(pattern_a, a), m = split(pattern_b, b);

	memcpy(can, nothing, sizeof(can));
	for (size_t i = n + 1; i-- > 0;) {
		for (size_t j = m + 1; j-- > 0;) {
			bool more_a = i < n, more_b = j < m;

			can[i][j] = !more_a && !more_b;
			if (more_a && a[i].star)
				can[i][j] |= can[i + 1][j] || (more_b && can[i][j + 1]);
			if (more_b && b[j].star)
				can[i][j] |= can[i][j + 1] || (more_a && can[i + 1][j]);
			if (more_a && more_b && !a[i].star && !b[j].star)
				can[i][j] |= share_byte(&a[i], &b[j]) && can[i + 1][j + 1];
		}
	}
	return can[0][0];
}

bool patterns_overlap(const char *a, const char *b)
{
	char word_a[PATTERN_MAX], word_b[PATTERN_MAX];

	while ((a = next_word(a, word_a))) {
		for (const char *rest = b; (rest = next_word(rest, word_b));) {
			if (overlap_two(word_a, word_b))
				return true;
		}
	}
	return false;
}

const char *patterns_check(const char *patterns)
{
	if (strlen(patterns) > WISH_LIST_MAX)
		return "must not be longer than 4000 bytes";
	for (const char *p = patterns; *(p += strspn(p, BLANKS)); p += strcspn(p, BLANKS)) {
		size_t len = strcspn(p, BLANKS);

		if (len >= PATTERN_MAX)
			return "has a pattern of more than 63 bytes";
		for (size_t i = 0; i < len; i++) {
			if (p[i] == '/' || iscntrl((unsigned char) p[i]))
				return "must not contain slashes or control characters";
		}
	}
	return NULL;
}
