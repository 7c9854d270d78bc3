/* SPDX-License-Identifier: BSD-2-Clause */
/* Chunks: cells, pages and runs under one roof, with a few of each size kept at hand by every process, so that the common case needs
 * no lock. Such a chunk is cached in its slot's name; the magazine that says which ones lies in private memory and dies with the
 * process. */
#include "core/mem/page.h"

#include <errno.h>

#define AT_ONCE	  (MAGAZINE_MAX / 2) /* moved between a magazine and the pages in one section */
#define SIZE_PAGE 2u

static unsigned size_of(size_t n)
{
	return n <= UNIT ? 0 : n <= 2 * UNIT ? 1 : SIZE_PAGE;
}

static inline struct desc *desc_at(const struct shm *s, unsigned size, const void *p)
{
	if (size == SIZE_PAGE)
		return &s->desc[page_of(s, p)];
	return &s->cells[(size_t)((const char *)p - s->base) / UNIT];
}

static inline uint64_t chunk_word(enum mem_state state, unsigned size)
{
	return word_make(state, USE_CHUNK, shm_local.slot, size == SIZE_PAGE);
}

static void *take_locked(struct shm *s, unsigned size)
{
	uint64_t word = word_make(MEM_CACHED, USE_CHUNK, shm_local.slot, 0);
	uint32_t page;

	if (size != SIZE_PAGE)
		return cell_take_locked(s, size, word, 0);
	page = run_take_locked(s, 1, word, 0);
	return page == NO_PAGE ? NULL : page_mem(s, page);
}

static void spill_locked(struct shm *s, unsigned size, unsigned keep)
{
	struct magazine *m = &shm_local.magazines[size];

	while (m->n > keep) {
		void *p = m->p[--m->n];

		STEP("shm.chunk.spill");
		if (size == SIZE_PAGE)
			run_free_locked(s, page_of(s, p));
		else
			cell_free_locked(s, p);
	}
}

/* Near the limit nothing is taken that is not needed at once. */
static bool refill(struct shm *s, unsigned size)
{
	struct magazine *m = &shm_local.magazines[size];
	unsigned tries = ROOM_TRIES, want;

	if (shm_local.later)
		later_free(s);
	do {
		if (!pages_lock(s)) {
			errno = EAGAIN;
			return false;
		}
		want = s->limit + s->warm > s->in_use + s->limit / 16 ? AT_ONCE : 1;
		while (m->n < want) {
			void *p = take_locked(s, size);

			if (!p)
				break;
			m->p[m->n++] = p;
			STEP("shm.chunk.refill");
		}
		lock_drop(&s->lock);
	} while (!m->n && tries-- && pages_make_room(s, 1));
	if (m->n)
		return true;
	atomic_fetch_add(&s->refused, 1);
	errno = ENOMEM;
	return false;
}

bool chunk_cache_empty(struct shm *s)
{
	bool any = false;

	for (unsigned size = 0; size < CHUNK_SIZES; size++)
		any |= shm_local.magazines[size].n > 0;
	if (!any || !pages_lock(s))
		return false;
	for (unsigned size = 0; size < CHUNK_SIZES; size++)
		spill_locked(s, size, 0);
	lock_drop(&s->lock);
	return true;
}

void *chunk_alloc(struct shm *s, size_t n, uint64_t owner)
{
	unsigned size = size_of(n);
	struct magazine *m = &shm_local.magazines[size];
	struct desc *d;
	void *p;

	if (n > SHM_PAGE) {
		if (n > (size_t)SEGMENT_PAGES * SHM_PAGE)
			return NULL;
		return run_alloc(s, (uint32_t)((n + SHM_PAGE - 1) / SHM_PAGE),
				 word_make(MEM_BUILDING, USE_CHUNK, shm_local.slot, 0), owner);
	}
	if (fault_alloc()) {
		errno = ENOMEM;
		return NULL;
	}
	if (!m->n && !refill(s, size))
		return NULL;
	p = m->p[m->n - 1];
	d = desc_at(s, size, p);
	owner_store(d, owner);
	STEP("shm.chunk.take");
	word_store(d, chunk_word(MEM_BUILDING, size));
	STEP("shm.chunk.taken");
	m->n--;
	return p;
}

static struct desc *checked(const struct shm *s, const void *p)
{
	struct desc *d;
	uint64_t word;

	MUST(shm_has(s, p) && (size_t)((const char *)p - s->base) % UNIT == 0);
	d = desc_of(s, p);
	word = word_of(d);
	MUST(word_use(word) == USE_CHUNK && word_state(word) >= MEM_BUILDING);
	return d;
}

size_t chunk_size(const struct shm *s, const void *p)
{
	(void)checked(s, p);
	return piece_size(s, p);
}

void chunk_publish(struct shm *s, void *p)
{
	desc_state(checked(s, p), MEM_LIVE);
}

void chunk_dying(struct shm *s, void *p)
{
	desc_state(checked(s, p), MEM_DYING);
}

void chunk_free(struct shm *s, void *p)
{
	struct magazine *m;
	struct desc *d;
	uint64_t word;
	unsigned size;

	if (!p)
		return;
	d = checked(s, p);
	word = word_of(d);
	MUST(!(word & WORD_PART));
	size = size_of(piece_size(s, p));
	m = &shm_local.magazines[size];
	if (word & WORD_PARENT || word_count(word) > 1) {
		object_free(s, p);
		return;
	}
	if (m->n == MAGAZINE_MAX) {
		if (!pages_lock(s)) {
			object_free(s, p);
			return;
		}
		spill_locked(s, size, AT_ONCE);
		lock_drop(&s->lock);
		pages_give_back(s);
	}
	STEP("shm.chunk.free");
	word_store(d, chunk_word(MEM_CACHED, size));
	STEP("shm.chunk.freed");
	m->p[m->n++] = p;
}

uint64_t chunk_owner(const struct shm *s, const void *p)
{
	return owner_of(desc_of(s, part_root(s, p)));
}

enum mem_state chunk_state(const struct shm *s, const void *p)
{
	return word_state(word_of(desc_of(s, part_root(s, p))));
}
