/* SPDX-License-Identifier: BSD-2-Clause */
/* Objects as the router has them, for tests that kill: a row owns a heap, an arena and a chunk; a message passes from one process to
 * another through an inbox; a heap is shared under a lock. With what a successor does about each. */
#ifndef MEM_TEST_THINGS_H
#define MEM_TEST_THINGS_H

#include "test/unit/core/mem/mem_test.h"

#include "core/base/list.h"
#include "core/mem/arena.h"
#include "core/mem/epoch.h"
#include "core/mem/heap.h"
#include "core/mem/page.h"

#include <string.h>

#define INBOXES 8

/* Its owner is the slot in row.slot, building, live and dying alike. */
struct thing {
	struct slab_row row;
	struct heap *heap;
	struct arena *arena;
	void *chunk;
};

struct inbox {
	struct lock lock;
	void *message;
	void *coming; /* live, but in message only after the next store */
};

/* A heap that all use in turn; whoever died in it leaves it broken. */
struct common {
	struct lock lock;
	struct heap *heap;
	bool broken;
	void *blocks[16];
};

struct world {
	struct shm *shm;
	struct slab *things;
	struct epochs *epochs;
	struct inbox inboxes[INBOXES];
	struct common common;
	_Atomic bool end;
	_Atomic uint64_t done;
};

static inline void inbox_repair(struct lock *l)
{
	struct inbox *box = container_of(l, struct inbox, lock);

	/* Taken out, but not cleared yet: it is dying in its taker's name. Put in is what is live. */
	if (box->coming && !box->message)
		box->message = box->coming;
	box->coming = NULL;
	if (box->message && chunk_state(shm_local.shm, box->message) != MEM_LIVE)
		box->message = NULL;
}

static inline void common_repair(struct lock *l)
{
	container_of(l, struct common, lock)->broken = true;
}

static inline struct world *world_new(size_t limit)
{
	struct shm *s = shm_new(256 * MIB, limit, 4);
	struct world *w = pages_alloc(s, 1, ID_MAKE(ID_CORE, 0, 0));

	assert_non_null(w);
	memset(w, 0, sizeof(*w));
	w->shm = s;
	w->things = slab_new(s, ID_TEST, sizeof(struct thing), 1000, NULL);
	w->epochs = epochs_new(s, 4);
	lock_repair_set(LOCK_INBOX, inbox_repair);
	lock_repair_set(LOCK_TABLE, common_repair);
	for (int i = 0; i < INBOXES; i++)
		lock_init(&w->inboxes[i].lock, LOCK_INBOX);
	lock_init(&w->common.lock, LOCK_TABLE);
	pages_publish(s, w);
	return w;
}

static inline void thing_empty(struct slab_row *row, void *arg)
{
	struct thing *t = (struct thing *)row;
	struct world *w = arg;

	heap_drop(&t->heap);
	arena_drop(&t->arena);
	if (t->chunk) {
		void *chunk = t->chunk;

		chunk_dying(w->shm, chunk);
		STEP("test.chunk.dying");
		t->chunk = NULL;
		STEP("test.chunk.drop");
		chunk_free(w->shm, chunk);
	}
}

static inline void thing_drop(struct world *w, struct thing *t)
{
	slab_dying(&t->row);
	thing_empty(&t->row, w);
	slab_renew(&t->row);
	slab_free(w->things, &t->row);
}

static inline bool thing_fill(struct world *w, struct thing *t, uint32_t *seed)
{
	t->heap = heap_new(w->shm, slab_id(w->things, &t->row), MIB);
	t->arena = arena_new(w->shm, slab_id(w->things, &t->row), draw(seed) % 5000, MIB);
	t->chunk = chunk_alloc(w->shm, draw(seed) % 10000, slab_id(w->things, &t->row));
	if (!t->heap || !t->arena || !t->chunk)
		return false;
	for (int i = 0; i < 10; i++)
		if (!heap_alloc(t->heap, draw(seed) % 2000) ||
		    !arena_alloc(t->arena, draw(seed) % 2000))
			return false;
	heap_publish(t->heap);
	arena_publish(t->arena);
	chunk_publish(w->shm, t->chunk);
	return true;
}

static inline struct thing *thing_new(struct world *w, uint32_t *seed)
{
	struct thing *t = (struct thing *)slab_alloc(w->things);

	if (!t)
		return NULL;
	if (!thing_fill(w, t, seed)) {
		thing_drop(w, t);
		return NULL;
	}
	slab_publish(&t->row);
	return t;
}

static inline void thing_use(struct thing *t, uint32_t *seed)
{
	void *p[20];

	for (int i = 0; i < 20; i++)
		p[i] = heap_alloc(t->heap, draw(seed) % 3000);
	for (int i = 0; i < 20; i++)
		if (i != 3)
			heap_free(t->heap, p[i * 7 % 20]);
	heap_trim(t->heap);
	for (int i = 0; i < 4; i++)
		arena_alloc(t->arena, draw(seed) % 3000);
}

/* Puts a message in if there is none, else takes the one that is there. */
static inline void inbox_use(struct world *w, struct inbox *box, uint32_t *seed)
{
	void *mine = chunk_alloc(w->shm, draw(seed) % 3000, ID_MAKE(ID_TEST, 1, 1)), *theirs;

	if (mine)
		memset(mine, 0x5a, 100);
	lock_take(&box->lock);
	theirs = box->message;
	if (theirs) {
		chunk_dying(w->shm, theirs);
		STEP("test.inbox.take");
		box->message = NULL;
	} else if (mine) {
		/* Before it is published it is this slot's; from then on the inbox must have it. */
		box->coming = mine;
		chunk_publish(w->shm, mine);
		STEP("test.inbox.put");
		box->message = mine;
		box->coming = NULL;
		mine = NULL;
	}
	lock_drop(&box->lock);
	for (int i = 0; theirs && i < 100; i++)
		CHECK(((char *)theirs)[i] == 0x5a);
	chunk_free(w->shm, theirs);
	chunk_free(w->shm, mine);
}

static inline void common_use(struct world *w, uint32_t *seed)
{
	struct common *c = &w->common;

	lock_take(&c->lock);
	if (c->broken || !c->heap) {
		heap_drop(&c->heap);
		memset(c->blocks, 0, sizeof(c->blocks));
		c->heap = heap_new(w->shm, 1, MIB);
		if (c->heap)
			heap_publish(c->heap);
		c->broken = false;
	}
	for (int i = 0; c->heap && i < 20; i++) {
		unsigned k = draw(seed) % 16;

		heap_free(c->heap, c->blocks[k]);
		c->blocks[k] = NULL;
		STEP("test.common");
		c->blocks[k] = heap_alloc(c->heap, draw(seed) % 3000);
	}
	if (c->heap && draw(seed) % 10 == 0) {
		heap_trim(c->heap);
		CHECK(!heap_verify(c->heap));
	}
	lock_drop(&c->lock);
}

/* What the worker of a slot leaves is finished or given back, and its things are dropped. */
static inline void succeed(struct world *w)
{
	slab_recover(w->things, shm_slot(), thing_empty, w);
	shm_recover(w->shm, shm_slot());
	for (unsigned i = 0; i < slab_top(w->things); i++) {
		struct slab_row *row = slab_at(w->things, i);

		if (row->state == MEM_LIVE && row->slot == shm_slot())
			thing_drop(w, (struct thing *)row);
	}
}

/* At the very end: nothing may be in use but the world itself. */
static inline void world_empty(struct world *w)
{
	struct slab_row *row;

	for (unsigned i = 0; i < slab_top(w->things); i++) {
		row = slab_at(w->things, i);
		if (row->state == MEM_LIVE)
			thing_drop(w, (struct thing *)row);
	}
	for (int i = 0; i < INBOXES; i++) {
		lock_take(&w->inboxes[i].lock);
		lock_drop(&w->inboxes[i].lock);
		chunk_free(w->shm, w->inboxes[i].message);
		w->inboxes[i].message = NULL;
	}
	lock_take(&w->common.lock);
	lock_drop(&w->common.lock);
	heap_drop(&w->common.heap);
}

/* The world's own page, the epochs', the slab and its runs. */
static inline size_t world_bytes(const struct world *w)
{
	return 2 * SHM_PAGE + piece_size(w->shm, w->things) +
	       (size_t)w->things->runs_n * w->things->run_pages * SHM_PAGE;
}

#endif
