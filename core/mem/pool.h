/* SPDX-License-Identifier: BSD-2-Clause */
/* Private memory that lives as long as one message: allocation is a pointer bump, everything is freed at once. */
#ifndef MEM_POOL_H
#define MEM_POOL_H

#include "core/base/str.h"

struct pool;

/* A pool whose first block has first bytes (at least 1024) and which never holds more than max bytes in all. NULL: no memory. */
struct pool *pool_new(size_t first, size_t max);
void pool_drop(struct pool **pp);

/* n bytes, aligned to 16, uninitialised. NULL: the pool's maximum is reached (or a fault test made it fail); the caller gives an
 * ordinary error. n = 0 gives a valid pointer. */
void *pool_alloc(struct pool *p, size_t n);
/* The same, zeroed. */
void *pool_zalloc(struct pool *p, size_t n);
/* A copy of s in the pool; null in, null out; also null when there is no memory (check p unless s was null). */
struct str pool_str(struct pool *p, struct str s);
/* A NUL-terminated copy, or NULL. */
char *pool_str_z(struct pool *p, struct str s);
/* Frees all that was allocated; the first block is kept warm. */
void pool_reset(struct pool *p);
/* Bytes handed out since the last reset. */
size_t pool_used(const struct pool *p);

#endif
