/* SPDX-License-Identifier: BSD-2-Clause */
/* Objects of several pieces. A part names its parent from the moment it is taken, so whatever dies in between, the part is freed
 * with its parent; the links from the parent to its parts only save the search. */
#include "core/mem/page.h"

#include <errno.h>
#include <string.h>

#define PARTS_AT_ONCE 32 /* how many are freed in one section */

static void link_store(struct desc *d, uint32_t ref)
{
	uint64_t word = word_of(d);

	while (!atomic_compare_exchange_weak(&d->word, &word,
					     (word & ~WORD_LINK) | (uint64_t)ref << 38))
		;
}

uint32_t part_first(struct shm *s, const void *parent)
{
	uint64_t word = word_of(desc_of(s, parent));

	return word & WORD_PARENT ? word_link(word) : 0;
}

uint32_t part_next(struct shm *s, uint32_t ref)
{
	return word_link(word_of(ref_desc(s, ref)));
}

void part_link(struct shm *s, uint32_t ref)
{
	struct desc *d = ref_desc(s, ref);
	uint32_t parent = OWNER_LOW(owner_of(d));
	struct desc *pd = ref_desc(s, parent);
	uint32_t first = word_link(word_of(pd));

	link_store(d, first);
	owner_store(d, OWNER_PAIR(parent, 0));
	if (first)
		owner_store(ref_desc(s, first), OWNER_PAIR(parent, ref));
	STEP("shm.part.link");
	link_store(pd, ref);
}

static void part_unlink(struct shm *s, uint32_t ref)
{
	struct desc *d = ref_desc(s, ref);
	uint32_t parent = OWNER_LOW(owner_of(d)), prev = OWNER_HIGH(owner_of(d));
	uint32_t next = word_link(word_of(d));

	if (next)
		owner_store(ref_desc(s, next), OWNER_PAIR(parent, prev));
	link_store(ref_desc(s, prev ? prev : parent), next);
}

static void *part_take_locked(struct shm *s, size_t n, uint64_t word, uint64_t owner)
{
	uint32_t page;

	if (n <= 2 * UNIT)
		return cell_take_locked(s, n > UNIT, word, owner);
	page = run_take_locked(s, (uint32_t)((n + SHM_PAGE - 1) / SHM_PAGE), word, owner);
	return page == NO_PAGE ? NULL : page_mem(s, page);
}

void *part_try(struct shm *s, void *parent, size_t n)
{
	struct desc *pd = desc_of(s, parent);
	uint64_t word = word_make(MEM_LIVE, word_use(word_of(pd)), shm_local.slot, 0) | WORD_PART;
	void *p;

	errno = ENOMEM;
	if (!n || n > (size_t)SEGMENT_PAGES * SHM_PAGE)
		return NULL;
	/* Before there is a part: whoever frees the parent must come to know of it, also after a death right here. */
	atomic_fetch_or(&pd->word, WORD_PARENT);
	STEP("shm.part.parent");
	if (!pages_lock(s)) {
		errno = EAGAIN;
		return NULL;
	}
	p = part_take_locked(s, n, word, OWNER_PAIR(ref_of(s, parent), 0));
	STEP("shm.part.taken");
	if (p)
		part_link(s, ref_of(s, p));
	lock_drop(&s->lock);
	STEP("shm.part.linked");
	if (p && !word_is_split(word_of(&s->desc[page_of(s, p)])))
		run_mark(s, page_of(s, p));
	return p;
}

void *part_alloc(struct shm *s, void *parent, size_t n)
{
	unsigned tries = ROOM_TRIES;
	void *p;

	if (fault_alloc()) {
		errno = ENOMEM;
		return NULL;
	}
	do
		p = part_try(s, parent, n);
	while (!p && tries-- && pages_make_room(s, (uint32_t)(n / SHM_PAGE + 1)));
	return p;
}

size_t piece_size(const struct shm *s, const void *p)
{
	uint64_t word = word_of(&s->desc[page_of(s, p)]);

	if (word_is_split(word))
		return SHM_PAGE / cells_in(word);
	return (size_t)word_count(word) * SHM_PAGE;
}

static uint32_t piece_free_locked(struct shm *s, void *p)
{
	if (word_is_split(word_of(&s->desc[page_of(s, p)])))
		return cell_free_locked(s, p);
	return run_free_locked(s, page_of(s, p));
}

void part_free(struct shm *s, void *p)
{
	/* What main cannot free now is freed with the parent. */
	if (!pages_lock(s))
		return;
	part_unlink(s, ref_of(s, p));
	STEP("shm.part.unlinked");
	piece_free_locked(s, p);
	lock_drop(&s->lock);
	pages_give_back(s);
}

void piece_shrink(struct shm *s, void *p, uint32_t n)
{
	if (!pages_lock(s))
		return;
	run_shrink_locked(s, page_of(s, p), n);
	lock_drop(&s->lock);
	pages_give_back(s);
}

void *part_root(const struct shm *s, const void *p)
{
	const struct desc *d = desc_of(s, p);

	if (word_of(d) & WORD_PART)
		return ref_mem(s, OWNER_LOW(owner_of(d)));
	return ref_mem(s, ref_of(s, p));
}

/* Frees at most n parts; true: there are none left. */
static bool parts_free_locked(struct shm *s, void *parent, unsigned n)
{
	uint32_t ref;

	while ((ref = part_first(s, parent)) && n--) {
		part_unlink(s, ref);
		STEP("shm.object.part");
		piece_free_locked(s, ref_mem(s, ref));
	}
	return !ref;
}

uint32_t object_free_locked(struct shm *s, void *p)
{
	parts_free_locked(s, p, UINT32_MAX);
	STEP("shm.object.parts");
	return piece_free_locked(s, p);
}

void later_free(struct shm *s)
{
	while (shm_local.later && pages_lock(s)) {
		void *p = shm_local.later;

		memcpy(&shm_local.later, p, sizeof(p));
		object_free_locked(s, p);
		lock_drop(&s->lock);
	}
}

void object_free(struct shm *s, void *p)
{
	bool done;

	if (shm_local.later)
		later_free(s);
	desc_state(desc_of(s, p), MEM_DYING);
	STEP("shm.object.dying");
	do {
		if (!pages_lock(s)) {
			memcpy(p, &shm_local.later, sizeof(p));
			shm_local.later = p;
			return;
		}
		done = parts_free_locked(s, p, PARTS_AT_ONCE);
		if (done)
			piece_free_locked(s, p);
		lock_drop(&s->lock);
	} while (!done);
	pages_give_back(s);
}
