/* SPDX-License-Identifier: BSD-2-Clause */
/* Pipes: how many messages came in this interval and in the one before, for all workers together, and which of them fit.
 *
 * A pipe is one word in shared memory that is changed by compare-and-swap, so that there is no lock and no death can leave it half changed. Nobody needs to
 * run when an interval ends: whoever counts first in the next one sees that it is another. */
#ifndef RATELIMIT_PIPE_H
#define RATELIMIT_PIPE_H

#include "core/mod/api.h"

#include <stdatomic.h>

/* Of messages in an interval. */
#define PIPE_LIMIT_MAX 4000000

enum pipe_algorithm { PIPE_NONE, PIPE_TAILDROP, PIPE_RED };

/* All zero: nothing has come yet. */
struct pipe_state {
	_Atomic uint64_t word;
};

/* Counts a message in the interval that has this number, of which limit (at most PIPE_LIMIT_MAX) fit. True: it is one of them. TAILDROP: the first ones are;
 * RED: when more came in the interval before, those that are let through are spread over this one in the same proportion. Intervals of which others
 * are ahead by a few count as theirs. */
bool pipe_take(struct pipe_state *s, enum pipe_algorithm algorithm, uint64_t interval,
	       uint64_t limit);

#endif
