/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared memory that is freed whole: one transaction, one configuration. The arena lies in its own first chunk. */
#ifndef MEM_ARENA_H
#define MEM_ARENA_H

#include "core/base/str.h"
#include "core/mem/shm.h"

struct arena;

/* An empty arena of first bytes or a little more, building in this slot's name; never above max bytes in all. NULL: no memory. */
struct arena *arena_new(struct shm *s, uint64_t owner, size_t first, size_t max);
/* All of it is live from now on; what is added later is live as soon as it is linked in. */
void arena_publish(struct arena *a);
void arena_drop(struct arena **ap);
/* Aligned to 16, uninitialised. NULL: no memory. By one process at a time. */
void *arena_alloc(struct arena *a, size_t n);
void *arena_zalloc(struct arena *a, size_t n);
/* A copy; null stays null; null with s.p set means no memory. */
struct str arena_str(struct arena *a, struct str s);
/* A block of its own, which dies with the arena or before; by any process at any time. NULL: no memory. It does not count among max bytes. */
void *arena_block_alloc(struct arena *a, size_t n);
void arena_block_free(struct arena *a, void *p);
size_t arena_used(const struct arena *a);
struct shm *arena_shm(const struct arena *a);

#endif
