/* SPDX-License-Identifier: BSD-2-Clause */
/* Heaps: blocks within runs of pages. Each run is covered by blocks; free neighbours are always one; the free blocks of a run are
 * linked by address. A heap whose holder died is never used again but dropped whole, so nothing in here need survive a death. */
#include "core/mem/heap.h"

#include "core/mem/page.h"

#include <string.h>

#define ALIGN	   16u
#define FIRST_RUN  2u  /* pages */
#define RUN_GROWTH 16u /* pages of a further run at most, unless one block needs more */
#define LARGE \
	1024u /* bytes of a block from which on it has other runs: what stays long is small, and shall not lie behind what goes soon */
#define TAG_USED 0x5eac11edu /* the tags tell a stray pointer from a block */
#define TAG_FREE 0x5eacf7eeu
#define TAG_END	 0x5eace4d0u

/* Before each block's bytes. The run ends with one of size 0. */
struct block {
	uint32_t size; /* with this header */
	uint32_t prev; /* size of the block before, 0 for the first */
	uint32_t back; /* bytes to the run's beginning */
	uint32_t tag;
};

/* A free block. */
struct gap {
	struct block block;
	struct gap *next, *prev; /* by address, in this run */
};

struct run {
	struct run *next, *prev; /* in the order in which they were added */
	struct gap *gaps;
	uint32_t pages;
	uint32_t end;  /* bytes to the end block */
	uint32_t fits; /* no gap is larger than this */
	bool large;    /* for large blocks, but for those that last */
};

struct heap {
	struct shm *shm;
	size_t max;
	size_t pages, live_bytes, live_blocks, peak_bytes;
	bool lasting;
	struct run *last;
	struct run first;
};

#define HEAD_FIRST ((sizeof(struct heap) + ALIGN - 1) / ALIGN * ALIGN)
#define HEAD_MORE  ((sizeof(struct run) + ALIGN - 1) / ALIGN * ALIGN)
#define BLOCK_MIN  ((uint32_t)sizeof(struct gap))

static inline char *run_begin(const struct heap *h, struct run *r)
{
	return r == &h->first ? (char *)h : (char *)r;
}

static inline struct block *run_blocks(struct heap *h, struct run *r)
{
	return (struct block *)(run_begin(h, r) + (r == &h->first ? HEAD_FIRST : HEAD_MORE));
}

static inline struct block *block_next(struct block *b)
{
	return (struct block *)((char *)b + b->size);
}

static inline struct run *block_run(struct heap *h, struct block *b)
{
	char *begin = (char *)b - b->back;

	return begin == (char *)h ? &h->first : (struct run *)begin;
}

/* --- gaps --- */

static void gap_remove(struct run *r, struct gap *g)
{
	if (g->next)
		g->next->prev = g->prev;
	if (g->prev)
		g->prev->next = g->next;
	else
		r->gaps = g->next;
}

static void gap_insert(struct run *r, struct gap *g)
{
	struct gap *before = NULL, *next = r->gaps;

	while (next && next < g) {
		before = next;
		next = next->next;
	}
	g->next = next;
	g->prev = before;
	if (next)
		next->prev = g;
	if (before)
		before->next = g;
	else
		r->gaps = g;
	g->block.tag = TAG_FREE;
	if (g->block.size > r->fits)
		r->fits = g->block.size;
}

/* The block at b becomes size bytes long; what is behind its new end is told so. */
static void block_resize(struct block *b, uint32_t size)
{
	b->size = size;
	block_next(b)->prev = size;
}

/* Cuts what is behind the first need bytes of a block that is in no list off, as a gap. */
static void block_cut(struct run *r, struct block *b, uint32_t need)
{
	struct block *rest = (struct block *)((char *)b + need);
	uint32_t left = b->size - need;

	if (left < BLOCK_MIN)
		return;
	rest->back = b->back + need;
	block_resize(rest, left);
	rest->prev = need;
	b->size = need;
	gap_insert(r, (struct gap *)rest);
}

/* --- runs --- */

static void run_end(struct run *r, struct block *end, uint32_t back, uint32_t prev)
{
	*end = (struct block){ 0, prev, back, TAG_END };
	r->end = back;
}

static void run_fill(struct heap *h, struct run *r, uint32_t pages)
{
	struct block *b = run_blocks(h, r), *end;
	uint32_t head = (uint32_t)((char *)b - run_begin(h, r));

	r->gaps = NULL;
	r->next = NULL;
	r->pages = pages;
	r->fits = 0;
	r->large = false;
	b->back = head;
	b->prev = 0;
	b->size = pages * SHM_PAGE - head - (uint32_t)sizeof(*end);
	end = block_next(b);
	run_end(r, end, b->back + b->size, b->size);
	gap_insert(r, (struct gap *)b);
	h->pages += pages;
}

static void run_append(struct heap *h, struct run *r)
{
	r->prev = h->last;
	h->last->next = r;
	h->last = r;
}

static void *run_pages(struct heap *h, size_t pages)
{
	if ((h->pages + pages) * SHM_PAGE > h->max)
		return NULL;
	return part_alloc(h->shm, h, pages * SHM_PAGE);
}

/* A further run in which need bytes fit. */
static struct run *run_new(struct heap *h, uint32_t need, bool large)
{
	size_t least = (need + HEAD_MORE + sizeof(struct block) + SHM_PAGE - 1) / SHM_PAGE;
	size_t pages = h->pages / 2 < RUN_GROWTH ? h->pages / 2 : RUN_GROWTH;
	struct run *r;

	if (pages < least || !large)
		pages = least;
	r = run_pages(h, pages);
	if (!r && pages > least) {
		pages = least;
		r = run_pages(h, pages);
	}
	if (!r)
		return NULL;
	run_fill(h, r, (uint32_t)pages);
	r->large = large;
	run_append(h, r);
	return r;
}

static void run_remove(struct heap *h, struct run *r)
{
	r->prev->next = r->next;
	if (r->next)
		r->next->prev = r->prev;
	else
		h->last = r->prev;
	h->pages -= r->pages;
	part_free(h->shm, r);
}

/* --- the heap --- */

struct heap *heap_new(struct shm *s, uint64_t owner, size_t max)
{
	struct heap *h;

	if (max < FIRST_RUN * SHM_PAGE)
		return NULL;
	h = run_alloc(s, FIRST_RUN, word_make(MEM_BUILDING, USE_HEAP, shm_local.slot, 0), owner);
	if (!h)
		return NULL;
	*h = (struct heap){ .shm = s, .max = max, .last = &h->first };
	run_fill(h, &h->first, FIRST_RUN);
	return h;
}

void heap_publish(struct heap *h)
{
	desc_state(desc_of(h->shm, h), MEM_LIVE);
}

void heap_dying(struct heap *h)
{
	desc_state(desc_of(h->shm, h), MEM_DYING);
}

enum mem_state heap_state(struct shm *s, const struct heap *h)
{
	return word_state(word_of(desc_of(s, h)));
}

void heap_drop(struct heap **hp)
{
	struct heap *h = *hp;
	struct shm *s;

	if (!h)
		return;
	s = h->shm;
	desc_state(desc_of(s, h), MEM_DYING);
	STEP("heap.dying");
	*hp = NULL;
	STEP("heap.drop");
	object_free(s, h);
}

struct heap *heap_of(struct shm *s, const void *p)
{
	uint32_t page;
	uint64_t word;

	if (!shm_has(s, p))
		return NULL;
	page = page_of(s, p);
	word = word_of(&s->desc[page]);
	if (word_use(word) == USE_INSIDE) {
		page = (uint32_t)owner_of(&s->desc[page]);
		word = word_of(&s->desc[page]);
	}
	if (word_use(word) != USE_HEAP || word_state(word) < MEM_BUILDING)
		return NULL;
	return part_root(s, page_mem(s, page));
}

static struct gap *gap_find(struct run *r, uint32_t need)
{
	uint32_t largest = 0;

	if (r->fits < need)
		return NULL;
	for (struct gap *g = r->gaps; g; g = g->next) {
		if (g->block.size >= need)
			return g;
		if (g->block.size > largest)
			largest = g->block.size;
	}
	r->fits = largest;
	return NULL;
}

static void count_live(struct heap *h, size_t size)
{
	h->live_bytes += size - sizeof(struct block);
	h->live_blocks++;
	if (h->live_bytes > h->peak_bytes)
		h->peak_bytes = h->live_bytes;
}

static void *gap_use(struct heap *h, struct run *r, struct gap *g, uint32_t need)
{
	struct block *b = &g->block;

	gap_remove(r, g);
	block_cut(r, b, need);
	b->tag = TAG_USED;
	count_live(h, b->size);
	return b + 1;
}

static uint32_t block_need(size_t n)
{
	size_t need = (n + sizeof(struct block) + ALIGN - 1) / ALIGN * ALIGN;

	return need < BLOCK_MIN ? BLOCK_MIN : (uint32_t)need;
}

void *heap_alloc(struct heap *h, size_t n)
{
	uint32_t need;
	struct run *r;
	bool large;

	if (n > h->max || n > (size_t)SEGMENT_PAGES * SHM_PAGE / 2 || fault_alloc())
		return NULL;
	need = block_need(n);
	large = need >= LARGE && !h->lasting;
	for (r = &h->first; r; r = r->next) {
		struct gap *g = r->large == large ? gap_find(r, need) : NULL;

		if (g)
			return gap_use(h, r, g, need);
	}
	r = run_new(h, need, large);
	return r ? gap_use(h, r, r->gaps, need) : NULL;
}

static struct block *block_of(const struct heap *h, const void *p)
{
	struct block *b = (struct block *)(uintptr_t)p - 1;

	MUST((uintptr_t)p % ALIGN == 0 && heap_of(h->shm, b) == h && b->tag == TAG_USED);
	return b;
}

size_t heap_block_size(const struct heap *h, const void *p)
{
	return block_of(h, p)->size - sizeof(struct block);
}

void heap_free(struct heap *h, void *p)
{
	struct block *b, *next;
	struct run *r;

	if (!p)
		return;
	b = block_of(h, p);
	r = block_run(h, b);
	h->live_bytes -= b->size - sizeof(*b);
	h->live_blocks--;
	next = block_next(b);
	if (next->tag == TAG_FREE) {
		gap_remove(r, (struct gap *)next);
		next->tag = 0;
		block_resize(b, b->size + next->size);
	}
	if (b->prev) {
		struct block *before = (struct block *)((char *)b - b->prev);

		if (before->tag == TAG_FREE) {
			b->tag = 0;
			block_resize(before, before->size + b->size);
			if (before->size > r->fits)
				r->fits = before->size;
			return;
		}
	}
	gap_insert(r, (struct gap *)b);
}

/* In its place: the block takes what it needs of the gap behind it, or leaves what it does not need. */
static bool block_fit(struct heap *h, struct block *b, uint32_t need)
{
	struct run *r = block_run(h, b);
	struct block *next = block_next(b);
	uint32_t old = b->size;

	if (need > old && need >= LARGE && !r->large)
		return false;
	if (next->tag == TAG_FREE && old + next->size >= need) {
		gap_remove(r, (struct gap *)next);
		next->tag = 0;
		block_resize(b, old + next->size);
	} else if (old < need) {
		return false;
	}
	block_cut(r, b, need);
	h->live_bytes -= old - sizeof(*b);
	h->live_blocks--;
	count_live(h, b->size);
	return true;
}

void *heap_realloc(struct heap *h, void *p, size_t n)
{
	struct block *b;
	void *moved;

	if (!p)
		return heap_alloc(h, n);
	b = block_of(h, p);
	if (n > h->max || n > (size_t)SEGMENT_PAGES * SHM_PAGE / 2)
		return NULL;
	if (block_fit(h, b, block_need(n)))
		return p;
	moved = heap_alloc(h, n);
	if (!moved)
		return NULL;
	memcpy(moved, p, b->size - sizeof(*b));
	heap_free(h, p);
	return moved;
}

/* Gives the pages behind the last used block of a run back. */
static void run_trim(struct heap *h, struct run *r)
{
	char *begin = run_begin(h, r);
	struct block *end = (struct block *)(begin + r->end);
	struct gap *g = (struct gap *)((char *)end - end->prev);
	uint32_t used, pages, left;

	if (!end->prev || g->block.tag != TAG_FREE)
		return;
	used = g->block.back;
	pages = (used + (uint32_t)sizeof(*end) + SHM_PAGE - 1) / SHM_PAGE;
	if (pages >= r->pages)
		return;
	gap_remove(r, g);
	left = pages * SHM_PAGE - used - (uint32_t)sizeof(*end);
	if (left < BLOCK_MIN) {
		run_end(r, &g->block, used, g->block.prev);
	} else {
		run_end(r, (struct block *)((char *)g + left), used + left, left);
		g->block.size = left;
		gap_insert(r, g);
	}
	h->pages -= r->pages - pages;
	r->pages = pages;
	piece_shrink(h->shm, begin, pages);
}

void heap_lasting(struct heap *h, bool lasting)
{
	h->lasting = lasting;
}

void heap_trim(struct heap *h)
{
	struct run *prev;

	for (struct run *r = h->last; r != &h->first; r = prev) {
		struct block *b = run_blocks(h, r);

		prev = r->prev;
		if (b->tag == TAG_FREE && block_next(b)->tag == TAG_END)
			run_remove(h, r);
		else
			run_trim(h, r);
	}
	run_trim(h, &h->first);
}

void heap_stats(const struct heap *h, struct heap_stats *stats_r)
{
	*stats_r = (struct heap_stats){ h->pages, h->live_bytes, h->live_blocks, h->peak_bytes };
}

/* --- verification --- */

struct tally {
	size_t bytes, blocks, pages;
	unsigned wrong;
};

static void run_verify(struct heap *h, struct run *r, struct tally *t)
{
	struct gap *gap = r->gaps, *before = NULL;
	struct block *b = run_blocks(h, r);
	const char *end = run_begin(h, r) + (size_t)r->pages * SHM_PAGE;
	uint32_t prev = 0;
	bool was_free = false;

	t->pages += r->pages;
	for (; b->tag == TAG_USED || b->tag == TAG_FREE; b = block_next(b)) {
		bool is_free = b->tag == TAG_FREE;

		if (b->size < BLOCK_MIN || b->size % ALIGN ||
		    (char *)b + b->size > end - sizeof(*b)) {
			t->wrong++;
			return;
		}
		t->wrong += b->prev != prev;
		t->wrong += block_run(h, b) != r;
		t->wrong += is_free && was_free;
		if (is_free) {
			t->wrong +=
				gap != (struct gap *)b || gap->prev != before || b->size > r->fits;
			before = (struct gap *)b;
			gap = before->next;
		} else {
			t->bytes += b->size - sizeof(*b);
			t->blocks++;
		}
		prev = b->size;
		was_free = is_free;
	}
	t->wrong += b->tag != TAG_END || b->size || b->back != r->end || b->prev != prev || gap ||
		    end - (char *)b > (ptrdiff_t)(sizeof(*b) + BLOCK_MIN);
}

unsigned heap_verify(const struct heap *h)
{
	struct heap *heap = (struct heap *)(uintptr_t)h;
	struct tally t = { 0 };
	struct run *last = NULL;

	for (struct run *r = &heap->first; r; r = r->next) {
		run_verify(heap, r, &t);
		t.wrong += r->prev != last;
		last = r;
	}
	return t.wrong + (last != h->last) + (t.pages != h->pages) + (t.bytes != h->live_bytes) +
	       (t.blocks != h->live_blocks);
}
