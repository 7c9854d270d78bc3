/* SPDX-License-Identifier: BSD-2-Clause */
/* The mapping: where header, descriptors and pages lie in it, whose process this is, and what is in use. */
#include "core/mem/page.h"

#include <errno.h>
#include <sys/mman.h>

#define SPACE_MIN ((size_t)64 << 20)
#define ROUND(n)  (((n) + SHM_PAGE - 1) / SHM_PAGE * SHM_PAGE)

struct shm_local shm_local = { .slot = SHM_MAIN };

/* The chunks that are cached in the parent's name are not the child's, whatever slot it is going to have. */
static void forget_parent(void)
{
	for (unsigned size = 0; size < CHUNK_SIZES; size++)
		shm_local.magazines[size].n = 0;
	shm_local.later = NULL;
}

static void *map(size_t *size)
{
	for (; *size >= SPACE_MIN; *size = ROUND(*size / 2)) {
		void *p = mmap(NULL, *size, PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

		if (p != MAP_FAILED)
			return p;
	}
	return NULL;
}

/* How many pages, with their descriptors and cells, there is room for. */
static uint32_t pages_in(size_t size)
{
	size_t each = SHM_PAGE + (1 + PAGE_UNITS) * sizeof(struct desc);
	size_t n = (size - ROUND(sizeof(struct shm)) - 2 * SHM_PAGE) / each;

	/* A reference has 26 bits: four for each page, and the first four are none. */
	return n < (1u << 24) - 1 ? (uint32_t)n : (1u << 24) - 1;
}

struct shm *shm_new(size_t address_space, size_t limit, unsigned slots)
{
	static bool prepared;
	size_t size = ROUND(address_space < SPACE_MIN ? SPACE_MIN : address_space);
	struct shm *s;

	MUST(!shm_local.shm && slots <= SHM_SLOTS_MAX);
	s = map(&size);
	if (!s)
		return NULL;
	/* Neither matters for what is right: a kernel may refuse both. */
	madvise(s, size, MADV_DONTDUMP);
	madvise(s, size, MADV_NOHUGEPAGE);
	s->size = size;
	s->slots = slots;
	s->pages = pages_in(size);
	s->limit = limit / SHM_PAGE < s->pages ? (uint32_t)(limit / SHM_PAGE) : s->pages;
	s->desc = (struct desc *)((char *)s + ROUND(sizeof(*s)));
	s->cells = s->desc + s->pages;
	s->base = (char *)s + size - (size_t)s->pages * SHM_PAGE;
	MUST((char *)(s->cells + (size_t)s->pages * PAGE_UNITS) <= s->base);
	lock_init(&s->lock, LOCK_PAGES);
	lock_repair_set(LOCK_PAGES, pages_repair);
	lock_repair_set(LOCK_SLAB, slab_repair);
	if (!prepared)
		MUST(!pthread_atfork(NULL, NULL, forget_parent));
	prepared = true;
	forget_parent();
	shm_local.shm = s;
	return s;
}

void shm_drop(struct shm **sp)
{
	struct shm *s = *sp;

	*sp = NULL;
	if (!s)
		return;
	forget_parent();
	shm_local.shm = NULL;
	munmap(s, s->size);
}

void shm_slot_set(unsigned slot)
{
	MUST(slot < SHM_SLOTS_MAX || slot == SHM_MAIN || slot == SHM_LOADER);
	if (slot == shm_local.slot)
		return;
	/* What this very process has cached so far bears the old name; a child has nothing yet. */
	if (shm_local.shm)
		chunk_cache_empty(shm_local.shm);
	shm_local.slot = slot;
}

unsigned shm_slot(void)
{
	return shm_local.slot;
}

void shm_leave(struct shm *s)
{
	later_free(s);
	chunk_cache_empty(s);
}

bool shm_has(const struct shm *s, const void *p)
{
	return (const char *)p >= s->base &&
	       (const char *)p < s->base + (size_t)s->pages * SHM_PAGE;
}

static void count_piece(uint64_t word, size_t size, struct shm_stats *t)
{
	if (word_state(word) <= MEM_CACHED)
		t->cached += size;
	else if (word_use(word) == USE_CHUNK) {
		t->chunks_live++;
		t->chunk_bytes += size;
	}
}

static void segment_stats(const struct shm *s, uint32_t page, struct shm_stats *t)
{
	uint32_t end = segment_end(s, page);

	while (page < end) {
		uint64_t word = word_of(&s->desc[page]);

		if (word_is_split(word))
			for (unsigned i = 0; i < cells_in(word); i++)
				count_piece(word_of(cell_of(s, page, word, i)),
					    SHM_PAGE / cells_in(word), t);
		else if (word_state(word) != MEM_FREE)
			count_piece(word, (size_t)word_count(word) * SHM_PAGE, t);
		page += word_count(word);
	}
}

void shm_limit_set(struct shm *s, size_t limit)
{
	s->limit = limit / SHM_PAGE < s->pages ? (uint32_t)(limit / SHM_PAGE) : s->pages;
}

size_t shm_limit(const struct shm *s)
{
	return (size_t)s->limit * SHM_PAGE;
}

void shm_stats(struct shm *s, struct shm_stats *stats_r)
{
	struct shm_stats t = { .limit = (size_t)s->limit * SHM_PAGE, .refused = s->refused };

	for (uint32_t page = 0; page < s->opened; page = segment_end(s, page)) {
		lock_take(&s->lock);
		segment_stats(s, page, &t);
		lock_drop(&s->lock);
	}
	lock_take(&s->lock);
	t.in_use = (size_t)s->in_use * SHM_PAGE;
	t.peak = (size_t)s->peak * SHM_PAGE;
	lock_drop(&s->lock);
	*stats_r = t;
}
