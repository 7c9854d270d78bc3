/* SPDX-License-Identifier: BSD-2-Clause */
/* Places, and who gives way. */
#include "modules/pike/table.h"

#include <endian.h>
#include <stdatomic.h>

#define WAYS 8u

/* What the word of a place says: the unit that it was counted in last, modulo 2^24; requests in it; requests in the one before, up to 2^15 - 1; blocked. */
#define UNIT_BITS   24
#define COUNT_BITS  24
#define BEFORE_BITS 15
#define UNIT_MASK   ((1u << UNIT_BITS) - 1)
#define COUNT_MAX   ((1u << COUNT_BITS) - 1)
#define BEFORE_MAX  ((1u << BEFORE_BITS) - 1)
/* The turns of workers begin at different times: one may be in an older unit than another. */
#define UNITS_BEHIND 4u

struct counts {
	uint32_t unit, count, before;
	bool blocked;
};

struct place {
	_Atomic uint64_t key; /* 0: nobody's */
	_Atomic uint64_t word;
};

struct set {
	_Alignas(64) struct place places[WAYS];
};

struct table {
	struct mac_key key;
	uint32_t mask;
	struct set *sets;
};

struct table *table_new(struct shm *s, unsigned sources)
{
	struct table *t = chunk_alloc(s, sizeof(*t), ID_MAKE(ID_CORE, 0, 0));
	uint32_t sets = 1;

	if (!t)
		return NULL;
	while (sets * WAYS < sources)
		sets *= 2;
	t->mask = sets - 1;
	random_bytes(&t->key, sizeof(t->key));
	t->sets = pages_alloc(s, (unsigned)((sets * sizeof(struct set) + SHM_PAGE - 1) / SHM_PAGE),
			      ID_MAKE(ID_CORE, 0, 0));
	if (!t->sets) {
		chunk_free(s, t);
		return NULL;
	}
	zero(t->sets, sets * sizeof(struct set));
	pages_publish(s, t->sets);
	chunk_publish(s, t);
	return t;
}

static struct counts counts_of(uint64_t word)
{
	return (struct counts){
		.unit = (uint32_t)word & UNIT_MASK,
		.count = (uint32_t)(word >> UNIT_BITS) & COUNT_MAX,
		.before = (uint32_t)(word >> (UNIT_BITS + COUNT_BITS)) & BEFORE_MAX,
		.blocked = word >> 63,
	};
}

static uint64_t word_of(struct counts c)
{
	return (uint64_t)c.unit | (uint64_t)c.count << UNIT_BITS |
	       (uint64_t)c.before << (UNIT_BITS + COUNT_BITS) | (uint64_t)c.blocked << 63;
}

/* As they are in that unit, before anything is counted in it. */
static struct counts counts_in(struct counts c, uint32_t unit, unsigned limit)
{
	uint32_t later = (unit - c.unit) & UNIT_MASK;

	if (later == 0 || later > UNIT_MASK - UNITS_BEHIND)
		return c;
	c.blocked = c.blocked && later == 1 && c.count > limit;
	c.before = later > 1 ? 0 : c.count < BEFORE_MAX ? c.count : BEFORE_MAX;
	c.count = 0;
	c.unit = unit;
	return c;
}

/* An IPv4 address, or an IPv6 /64: what one subscriber has. Never 0. */
static uint64_t key_of(const struct addr *a)
{
	uint64_t key;

	/* ff00::/8 is multicast: no source */
	if (a->sa.sa_family != AF_INET6)
		return 0xffffffff00000000 | a->v4.sin_addr.s_addr;
	memcpy(&key, &a->v6.sin6_addr, sizeof(key));
	key = be64toh(key);
	return key ? key : 1;
}

/* Counts in a place, as long as it is the source's. False: it is another's by now. */
static bool count_in(struct place *p, uint64_t key, uint32_t unit, unsigned limit,
		     struct table_hit *hit_r)
{
	uint64_t word = atomic_load(&p->word);
	struct counts was, c;

	do {
		if (atomic_load(&p->key) != key)
			return false;
		was = counts_of(word);
		c = counts_in(was, unit, limit);
		if (c.count < COUNT_MAX)
			c.count++;
		hit_r->verdict = c.blocked	   ? TABLE_BLOCKED
				 : c.count > limit ? TABLE_NEW
				 : was.blocked	   ? TABLE_CALMED
						   : TABLE_GOOD;
		c.blocked = c.count > limit || c.blocked;
	} while (!atomic_compare_exchange_weak(&p->word, &word, word_of(c)));
	return true;
}

static struct place *place_find(struct set *s, uint64_t key)
{
	for (unsigned i = 0; i < WAYS; i++) {
		if (atomic_load_explicit(&s->places[i].key, memory_order_relaxed) == key)
			return &s->places[i];
	}
	return NULL;
}

/* How much there is to lose: nothing of a source that has sent nothing of late. */
static uint32_t weight(const struct place *p, uint32_t unit, unsigned limit)
{
	struct counts c;

	if (!atomic_load_explicit(&p->key, memory_order_relaxed))
		return 0;
	c = counts_in(counts_of(atomic_load_explicit(&p->word, memory_order_relaxed)), unit, limit);
	return c.blocked ? UINT32_MAX : c.count + c.before;
}

/* Whoever sent least gives way; of several such, not always the same. NULL: all are blocked. */
static struct place *place_take(struct set *s, uint64_t key, unsigned first, uint32_t unit,
				unsigned limit, struct table_hit *hit_r)
{
	struct place *least = NULL;
	uint32_t least_weight = UINT32_MAX;

	for (unsigned i = 0; i < WAYS; i++) {
		struct place *p = &s->places[(first + i) % WAYS];
		uint32_t w = weight(p, unit, limit);

		if (w < least_weight) {
			least = p;
			least_weight = w;
		}
	}
	if (!least)
		return NULL;
	hit_r->forgot = least_weight > 0;
	atomic_store(&least->word, word_of((struct counts){ .unit = unit }));
	FAULT("pike.forget");
	atomic_store(&least->key, key);
	return least;
}

struct table_hit table_count(struct table *t, const struct addr *source, uint64_t unit,
			     unsigned limit)
{
	struct table_hit hit = { .verdict = TABLE_GOOD };
	uint64_t key = key_of(source);
	uint64_t hash = mac_of(&t->key, str_of((const char *)&key, sizeof(key)));
	struct set *s = &t->sets[hash & t->mask];
	uint32_t u = (uint32_t)unit & UNIT_MASK;
	struct place *p = place_find(s, key);

	if (p && count_in(p, key, u, limit, &hit))
		return hit;
	p = place_take(s, key, (unsigned)(hash >> 32), u, limit, &hit);
	/* one that was taken from us at once was the least again: nothing is lost but this count */
	if (!p)
		hit.full = true;
	else
		(void)count_in(p, key, u, limit, &hit);
	return hit;
}
