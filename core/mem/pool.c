/* SPDX-License-Identifier: BSD-2-Clause */
/* Pools: how blocks are chained, how much a pool may hold, and what is kept warm between two messages. */
#include "core/mem/pool.h"

#include "core/mem/fault.h"

#include <stdlib.h>

/* Under AddressSanitizer what is not handed out is poisoned, with a gap behind each allocation, so that a parser that reads too
 * far is caught although its memory lies in one block. */
#ifdef POOL_ASAN
#include <sanitizer/asan_interface.h>
#define POOL_GAP 16u
#else
#define ASAN_POISON_MEMORY_REGION(p, n)	  ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#define POOL_GAP			  0u
#endif

#define POOL_FIRST_MIN 1024u
#define POOL_BLOCK_MAX 65536u /* what a further block has unless one allocation needs more */

struct pool_block {
	struct pool_block *next;
	size_t size; /* bytes at data */
	char data[] __attribute__((aligned(POOL_ALIGN)));
};

static struct pool_block *block_new(size_t size)
{
	struct pool_block *b = malloc(sizeof(*b) + size);

	if (!b)
		return NULL;
	b->next = NULL;
	b->size = size;
	ASAN_POISON_MEMORY_REGION(b->data, size);
	return b;
}

static void block_free(struct pool_block *b)
{
	ASAN_UNPOISON_MEMORY_REGION(b->data, b->size);
	free(b);
}

struct pool *pool_new(size_t first, size_t max)
{
	struct pool *p;

	if (first < POOL_FIRST_MIN)
		first = POOL_FIRST_MIN;
	first = first / POOL_ALIGN * POOL_ALIGN;
	if (max < first || fault_alloc())
		return NULL;
	p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	p->first = block_new(first);
	if (!p->first) {
		free(p);
		return NULL;
	}
	p->max = max;
	p->held = first;
	pool_reset(p);
	return p;
}

void pool_drop(struct pool **pp)
{
	struct pool *p = *pp;

	*pp = NULL;
	if (!p)
		return;
	pool_reset(p);
	block_free(p->first);
	free(p);
}

void pool_reset(struct pool *p)
{
	while (p->more) {
		struct pool_block *b = p->more;

		p->more = b->next;
		p->held -= b->size;
		block_free(b);
	}
	p->at = p->first->data;
	p->end = p->first->data + p->first->size;
	p->used = 0;
	ASAN_POISON_MEMORY_REGION(p->first->data, p->first->size);
}

/* Memory for need bytes in a block of its own or in the one that is filled from now on. */
static void *alloc_more(struct pool *p, size_t need)
{
	size_t size = p->held < POOL_BLOCK_MAX ? p->held : POOL_BLOCK_MAX;
	struct pool_block *b;

	if (need > p->max - p->held)
		return NULL;
	if (size > p->max - p->held)
		size = p->max - p->held;
	size = size / POOL_ALIGN * POOL_ALIGN;
	if (size < need)
		size = need;
	b = block_new(size);
	if (!b)
		return NULL;
	b->next = p->more;
	p->more = b;
	p->held += size;
	/* A large allocation must not waste the rest of the block that is filled now. */
	if (size - need > (size_t)(p->end - p->at)) {
		p->at = b->data + need;
		p->end = b->data + size;
	}
	return b->data;
}

void *pool_alloc_long(struct pool *p, size_t n)
{
	size_t need;
	char *r;

	if (n > p->max || fault_alloc())
		return NULL;
	need = ((n ? n : 1) + POOL_GAP + POOL_ALIGN - 1) / POOL_ALIGN * POOL_ALIGN;
	if (need <= (size_t)(p->end - p->at)) {
		r = p->at;
		p->at += need;
	} else {
		r = alloc_more(p, need);
		if (!r)
			return NULL;
	}
	p->used += n;
	ASAN_UNPOISON_MEMORY_REGION(r, n);
	return r;
}

void *pool_zalloc(struct pool *p, size_t n)
{
	void *r = pool_alloc(p, n);

	return r ? memset(r, 0, n) : NULL;
}

struct str pool_str(struct pool *p, struct str s)
{
	char *r;

	if (str_is_null(s))
		return STR_NULL;
	r = pool_alloc(p, s.n);
	if (!r)
		return STR_NULL;
	if (s.n)
		memcpy(r, s.p, s.n);
	return str_of(r, s.n);
}

char *pool_str_z(struct pool *p, struct str s)
{
	char *r = s.n < SIZE_MAX ? pool_alloc(p, s.n + 1) : NULL;

	if (!r)
		return NULL;
	if (s.n)
		memcpy(r, s.p, s.n);
	r[s.n] = '\0';
	return r;
}
