/* SPDX-License-Identifier: BSD-2-Clause */
/* malloc and free inside memory that belongs to one connection and is given back whole. Runs of pages; small blocks are packed at low
 * addresses so that what a finished handshake left is few pages. Not for two processes at a time: the connection's session lock guards it. */
#ifndef MEM_HEAP_H
#define MEM_HEAP_H

#include "core/mem/shm.h"

struct heap;

/* At most max bytes of pages. Building; NULL: no memory. */
struct heap *heap_new(struct shm *s, uint64_t owner, size_t max);
void heap_publish(struct heap *h);
/* Before it is unlinked. */
void heap_dying(struct heap *h);
/* enum mem_state of a heap, or of what was one. */
enum mem_state heap_state(struct shm *s, const struct heap *h);
void heap_drop(struct heap **hp);
/* Aligned to 16. NULL: full or no memory. */
void *heap_alloc(struct heap *h, size_t n);
void *heap_realloc(struct heap *h, void *p, size_t n);
/* p NULL is legal; p must be a block of h (MUST). */
void heap_free(struct heap *h, void *p);
size_t heap_block_size(const struct heap *h, const void *p);
/* The heap that the block at p belongs to, NULL if p is not in any heap of s. */
struct heap *heap_of(struct shm *s, const void *p);
/* Blocks from now on will stay (or, false, may go soon, as at the beginning): they are packed at low addresses whatever their size. */
void heap_lasting(struct heap *h, bool lasting);
/* Gives free pages at the end back. */
void heap_trim(struct heap *h);

struct heap_stats {
	size_t pages, live_bytes, live_blocks, peak_bytes;
};
void heap_stats(const struct heap *h, struct heap_stats *stats_r);
/* 0, or the number of contradictions. */
unsigned heap_verify(const struct heap *h);

#endif
