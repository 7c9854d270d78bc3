/* SPDX-License-Identifier: BSD-2-Clause */
/* How many requests each source sent in this unit of time and in the one before, in shared memory of a fixed size.
 *
 * A source has a place in one of the few that its keyed hash leads to, so that nobody can choose whose place he takes. When they are all taken the
 * source that sent least gives way: whoever sends from ever new addresses pushes out others like himself, and not those who send much.
 *
 * There are no locks: a place is a key and one word that says all about it, and each change is one compare-and-swap of that word. A place that changes hands
 * is counted as nothing first and then named anew; a worker that dies in between leaves a source whose requests are forgotten. */
#ifndef PIKE_TABLE_H
#define PIKE_TABLE_H

#include "core/mod/api.h"

#define TABLE_SOURCES_MAX 1048576
#define TABLE_LIMIT_MAX	  1000000 /* of requests in a unit */

struct table;

/* For about that many sources, at most TABLE_SOURCES_MAX; before the first fork. NULL: no memory. */
struct table *table_new(struct shm *s, unsigned sources);

enum table_verdict {
	TABLE_GOOD,
	TABLE_NEW,     /* it has just become too much */
	TABLE_BLOCKED, /* it had before */
	TABLE_CALMED,  /* good again; the request before was not */
};

struct table_hit {
	enum table_verdict verdict;
	bool forgot; /* another source gave way */
	bool full;   /* nobody did: not counted */
};

/* Counts a request of the source in the unit that has this number; more than limit are too many in it. A source is blocked for the rest of the unit, and for the
 * next one if it goes on sending too much. Units of which others are ahead by a few count as theirs. */
struct table_hit table_count(struct table *t, const struct addr *source, uint64_t unit,
			     unsigned limit);

#endif
