/* SPDX-License-Identifier: BSD-2-Clause */
/* Private memory that lives as long as one message: allocation is a pointer bump, everything is freed at once. */
#ifndef MEM_POOL_H
#define MEM_POOL_H

#include "core/base/str.h"

struct pool_block;

/* Only pool.c and pool_alloc look inside. */
struct pool {
	char *at,
		*end; /* the free rest of the block that is filled now: a multiple of POOL_ALIGN bytes */
	size_t used;
	size_t held, max;	  /* bytes in all blocks */
	struct pool_block *first; /* kept over resets */
	struct pool_block *more;  /* newest first */
};

#define POOL_ALIGN 16u

/* Where every allocation is watched, by AddressSanitizer or by a fault test, all of them go the long way. */
#if defined(__SANITIZE_ADDRESS__)
#define POOL_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POOL_ASAN 1
#endif
#endif
#if defined(POOL_ASAN) || defined(SERAC_FAULT)
#define POOL_WATCHED true
#else
#define POOL_WATCHED false
#endif

/* A pool whose first block has first bytes (at least 1024) and which never holds more than max bytes in all. NULL: no memory. */
struct pool *pool_new(size_t first, size_t max);
void pool_drop(struct pool **pp);

/* n bytes, aligned to 16, uninitialised. NULL: the pool's maximum is reached (or a fault test made it fail); the caller gives an
 * ordinary error. n = 0 gives a valid pointer. */
static inline void *pool_alloc(struct pool *p, size_t n);
/* The same, zeroed. */
void *pool_zalloc(struct pool *p, size_t n);
/* A copy of s in the pool; null in, null out; also null when there is no memory (check p unless s was null). */
struct str pool_str(struct pool *p, struct str s);
/* A NUL-terminated copy, or NULL. */
char *pool_str_z(struct pool *p, struct str s);
/* Frees all that was allocated; the first block is kept warm. */
void pool_reset(struct pool *p);
/* Bytes handed out since the last reset. */
static inline size_t pool_used(const struct pool *p)
{
	return p->used;
}

/* pool_alloc when the block is full, or when all allocations are watched. */
void *pool_alloc_long(struct pool *p, size_t n);

static inline void *pool_alloc(struct pool *p, size_t n)
{
	char *r = p->at;

	/* 0 bytes go the long way too: less one, they are more than there is */
	if (POOL_WATCHED || n - 1 >= (size_t)(p->end - r))
		return pool_alloc_long(p, n);
	/* what is left is a multiple of the alignment, so that n rounded up fits as well */
	p->at = r + (n + POOL_ALIGN - 1) / POOL_ALIGN * POOL_ALIGN;
	p->used += n;
	return r;
}

#endif
