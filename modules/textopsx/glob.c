/* SPDX-License-Identifier: BSD-2-Clause */
/* Patterns of the shell, matched without recursion. */
#include "modules/textopsx/textopsx.h"

/* The set "[…]" that begins at p[at]: whether it has c. *n_r: its length; 0: it is not closed, so that '[' means itself. */
static bool in_set(struct str p, size_t at, char c, size_t *n_r)
{
	size_t i = at + 1;
	bool negated = i < p.n && (p.p[i] == '!' || p.p[i] == '^'), found = false;

	*n_r = 0;
	i += negated;
	for (size_t first = i; i < p.n && (p.p[i] != ']' || i == first); i++) {
		unsigned char low = (unsigned char)p.p[i], high = low;

		if (i + 2 < p.n && p.p[i + 1] == '-' && p.p[i + 2] != ']') {
			high = (unsigned char)p.p[i + 2];
			i += 2;
		}
		found = found || ((unsigned char)c >= low && (unsigned char)c <= high);
	}
	if (i < p.n)
		*n_r = i + 1 - at;
	return found != negated;
}

/* Whether the pattern's piece at p[at], no star, matches c. *n_r: the piece's length. */
static bool one_matches(struct str p, size_t at, char c, bool nocase, size_t *n_r)
{
	char want = p.p[at];
	bool found;

	*n_r = 1;
	if (want == '?')
		return true;
	if (want == '[') {
		found = in_set(p, at, c, n_r);
		if (*n_r && !found && nocase)
			found = in_set(p, at, char_lower(c), n_r);
		if (*n_r)
			return found;
		*n_r = 1;
	}
	if (want == '\\' && at + 1 < p.n) {
		want = p.p[at + 1];
		*n_r = 2;
	}
	return want == c || (nocase && char_lower(want) == char_lower(c));
}

bool glob_matches(struct str text, struct str pattern, bool nocase)
{
	size_t i = 0, at = 0, n;
	size_t star = SIZE_MAX,
	       tried = 0; /* the last star, and from where the rest was tried behind it */

	while (i < text.n) {
		if (at < pattern.n && pattern.p[at] == '*') {
			star = at++;
			tried = i;
		} else if (at < pattern.n && one_matches(pattern, at, text.p[i], nocase, &n)) {
			at += n;
			i++;
		} else if (star != SIZE_MAX) {
			at = star + 1;
			i = ++tried;
		} else {
			return false;
		}
	}
	while (at < pattern.n && pattern.p[at] == '*')
		at++;
	return at == pattern.n;
}
