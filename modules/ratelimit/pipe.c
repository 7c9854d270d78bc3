/* SPDX-License-Identifier: BSD-2-Clause */
/* What the word of a pipe says, and what fits. */
#include "modules/ratelimit/pipe.h"

/* The interval that was counted in last, modulo 2^20; messages in it; messages in the one before. */
#define INTERVAL_BITS 20
#define COUNT_BITS    22
#define INTERVAL_MASK ((1u << INTERVAL_BITS) - 1)
#define COUNT_MAX     ((1u << COUNT_BITS) - 1)
/* The turns of workers begin at different times: one may be in an older interval than another. */
#define INTERVALS_BEHIND 4u

_Static_assert(PIPE_LIMIT_MAX < COUNT_MAX, "more messages than can be counted would fit");

struct counts {
	uint32_t interval, count, before;
};

static struct counts counts_of(uint64_t word)
{
	return (struct counts){
		.interval = (uint32_t)word & INTERVAL_MASK,
		.count = (uint32_t)(word >> INTERVAL_BITS) & COUNT_MAX,
		.before = (uint32_t)(word >> (INTERVAL_BITS + COUNT_BITS)) & COUNT_MAX,
	};
}

static uint64_t word_of(struct counts c)
{
	return (uint64_t)c.interval | (uint64_t)c.count << INTERVAL_BITS |
	       (uint64_t)c.before << (INTERVAL_BITS + COUNT_BITS);
}

/* With one more in that interval. */
static struct counts counted(struct counts c, uint32_t interval)
{
	uint32_t later = (interval - c.interval) & INTERVAL_MASK;

	if (later && later <= INTERVAL_MASK - INTERVALS_BEHIND)
		c = (struct counts){ .interval = interval, .before = later == 1 ? c.count : 0 };
	if (c.count < COUNT_MAX)
		c.count++;
	return c;
}

static bool fits(const struct counts *c, enum pipe_algorithm algorithm, uint64_t limit)
{
	if (algorithm == PIPE_TAILDROP)
		return c->count <= limit;
	if (c->before <= limit)
		return true;
	/* limit of before, evenly: whenever the share of those that came is one more */
	return c->count * limit / c->before > (c->count - 1) * limit / c->before;
}

bool pipe_take(struct pipe_state *s, enum pipe_algorithm algorithm, uint64_t interval,
	       uint64_t limit)
{
	uint64_t word = atomic_load(&s->word);
	struct counts c;

	do
		c = counted(counts_of(word), (uint32_t)interval & INTERVAL_MASK);
	while (!atomic_compare_exchange_weak(&s->word, &word, word_of(c)));
	return fits(&c, algorithm, limit);
}
