/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs of pages: which one is taken, how it is cut, and how it is joined with its neighbours when it is free again. */
#include "core/mem/page.h"

#include <errno.h>

#define LOOK_AT 64 /* how many runs of the class itself are tried before a longer one is cut */

void desc_state(struct desc *d, enum mem_state state)
{
	uint64_t word = word_of(d), changed;

	do
		changed = (word & ~WORD_STATE_SLOT) | word_make(state, 0, shm_local.slot, 0);
	while (!atomic_compare_exchange_weak(&d->word, &word, changed));
}

unsigned run_class(uint32_t n)
{
	unsigned log;

	if (n <= 32)
		return n - 1;
	log = 31 - (unsigned)__builtin_clz(n);
	return 32 + (log - 5) * 4 + (n >> (log - 2) & 3);
}

static inline struct run_lists *lists_of(struct shm *s, uint64_t word)
{
	return &s->lists[word_state(word) == MEM_CACHED];
}

void run_link(struct shm *s, uint32_t page)
{
	uint64_t word = word_of(&s->desc[page]);
	struct run_lists *lists = lists_of(s, word);
	unsigned class = run_class(word_count(word));
	uint32_t next = lists->first[class];

	owner_store(&s->desc[page], OWNER_PAIR(next, 0));
	if (next) {
		struct desc *d = &s->desc[next - 1];

		owner_store(d, OWNER_PAIR(OWNER_LOW(owner_of(d)), page + 1));
	}
	lists->first[class] = page + 1;
	lists->filled |= 1ull << class;
}

void run_unlink(struct shm *s, uint32_t page)
{
	uint64_t word = word_of(&s->desc[page]), links = owner_of(&s->desc[page]);
	uint32_t next = OWNER_LOW(links), prev = OWNER_HIGH(links);
	struct run_lists *lists = lists_of(s, word);
	unsigned class = run_class(word_count(word));

	if (next) {
		struct desc *d = &s->desc[next - 1];

		owner_store(d, OWNER_PAIR(OWNER_LOW(owner_of(d)), prev));
	}
	if (prev) {
		struct desc *d = &s->desc[prev - 1];

		owner_store(d, OWNER_PAIR(next, OWNER_HIGH(owner_of(d))));
		return;
	}
	lists->first[class] = next;
	if (!next)
		lists->filled &= ~(1ull << class);
}

/* The last page of a spare run leads to its head, for the run behind it. */
static void run_end_store(struct shm *s, uint32_t page, uint32_t count)
{
	if (count > 1)
		word_store(&s->desc[page + count - 1],
			   word_make(MEM_FREE, USE_END, SLOT_NONE, count));
}

/* The head of the spare run of this state that ends before page, or NO_PAGE. An old mark of an end is believed only if the head
 * says the same. */
static uint32_t run_before(struct shm *s, uint32_t page, enum mem_state state)
{
	uint64_t word;
	uint32_t head;

	if (page % SEGMENT_PAGES == 0)
		return NO_PAGE;
	head = page - 1;
	word = word_of(&s->desc[head]);
	if (word_use(word) == USE_END) {
		uint32_t count = word_count(word);

		if (count > page % SEGMENT_PAGES)
			return NO_PAGE;
		head = page - count;
		word = word_of(&s->desc[head]);
		if (word_count(word) != count)
			return NO_PAGE;
	} else if (word_count(word) != 1) {
		return NO_PAGE;
	}
	return word_is_spare(word) && word_state(word) == state ? head : NO_PAGE;
}

void run_spare(struct shm *s, uint32_t page, enum mem_state state, uint32_t count)
{
	STEP("shm.run.spare");
	word_store(&s->desc[page], word_make(state, USE_NONE, SLOT_NONE, count));
	STEP("shm.run.spared");
	run_end_store(s, page, count);
	run_link(s, page);
}

uint32_t run_settle(struct shm *s, uint32_t page)
{
	uint64_t word = word_of(&s->desc[page]);
	enum mem_state state = word_state(word);
	uint32_t count = word_count(word), end = page + count, before;

	if (end < segment_end(s, page)) {
		uint64_t next = word_of(&s->desc[end]);

		if (word_is_spare(next) && word_state(next) == state) {
			run_unlink(s, end);
			count += word_count(next);
		}
	}
	before = run_before(s, page, state);
	if (before != NO_PAGE) {
		run_unlink(s, before);
		count += page - before;
		page = before;
	}
	run_spare(s, page, state, count);
	return page + count;
}

/* The spare run for n pages, in its list still: of the class itself if one is long enough, else the first of a higher one. */
static uint32_t run_find(struct shm *s, const struct run_lists *lists, uint32_t n)
{
	unsigned class = run_class(n);
	uint32_t link = lists->first[class];
	uint64_t higher;

	for (unsigned i = 0; link && i < LOOK_AT; i++) {
		const struct desc *d = &s->desc[link - 1];

		if (word_count(word_of(d)) >= n)
			return link - 1;
		link = OWNER_LOW(owner_of(d));
	}
	higher = class + 1 < RUN_CLASSES ? lists->filled >> (class + 1) : 0;
	if (!higher)
		return NO_PAGE;
	return lists->first[class + 1 + (unsigned)__builtin_ctzll(higher)] - 1;
}

/* Takes a segment into use that never was. */
static bool segment_open(struct shm *s)
{
	uint32_t page = s->opened, count;

	if (page == s->pages)
		return false;
	count = segment_end(s, page) - page;
	word_store(&s->desc[page], word_make(MEM_FREE, USE_NONE, SLOT_NONE, count));
	STEP("shm.segment.open");
	s->opened = page + count;
	STEP("shm.segment.opened");
	run_end_store(s, page, count);
	run_link(s, page);
	return true;
}

void run_cut(struct shm *s, uint32_t page, uint32_t n, uint64_t word, uint64_t owner)
{
	uint64_t found = word_of(&s->desc[page]);
	uint32_t rest = word_count(found) - n;

	run_unlink(s, page);
	if (rest)
		word_store(&s->desc[page + n],
			   word_make(word_state(found), USE_NONE, SLOT_NONE, rest));
	/* What is behind is never to take the last page for a spare one, whatever it said before. */
	if (n > 1)
		word_store(&s->desc[page + n - 1], word_make(MEM_FREE, USE_INSIDE, SLOT_NONE, 0));
	owner_store(&s->desc[page], owner);
	STEP("shm.run.take");
	word_store(&s->desc[page], word | (uint64_t)n << 25);
	STEP("shm.run.taken");
	if (rest) {
		run_end_store(s, page + n, rest);
		run_link(s, page + n);
	}
	if (word_state(found) == MEM_CACHED)
		s->warm -= n;
	else
		s->in_use += n;
	if (s->in_use > s->peak)
		s->peak = s->in_use;
	s->changes++;
}

uint32_t run_take_locked(struct shm *s, uint32_t n, uint64_t word, uint64_t owner)
{
	uint32_t page = run_find(s, &s->lists[1], n);

	if (page == NO_PAGE) {
		if (s->in_use + n > s->limit)
			return NO_PAGE;
		page = run_find(s, &s->lists[0], n);
		if (page == NO_PAGE && segment_open(s))
			page = run_find(s, &s->lists[0], n);
		if (page == NO_PAGE)
			return NO_PAGE;
	}
	run_cut(s, page, n, word, owner);
	return page;
}

uint32_t run_free_locked(struct shm *s, uint32_t page)
{
	uint32_t count = word_count(word_of(&s->desc[page]));

	STEP("shm.run.free");
	word_store(&s->desc[page], word_make(MEM_CACHED, USE_NONE, SLOT_NONE, count));
	STEP("shm.run.freed");
	s->warm += count;
	s->changes++;
	return run_settle(s, page);
}

void run_shrink_locked(struct shm *s, uint32_t page, uint32_t n)
{
	struct desc *d = &s->desc[page];
	uint64_t word = word_of(d);
	uint32_t rest = word_count(word) - n;

	word_store(&s->desc[page + n], word_make(MEM_CACHED, USE_NONE, SLOT_NONE, rest));
	STEP("shm.run.shrink");
	/* The state and the link of a parent may not change meanwhile: both are this process's or the lock's. */
	atomic_fetch_sub(&d->word, (uint64_t)rest << 25);
	STEP("shm.run.shrunk");
	s->warm += rest;
	s->changes++;
	run_settle(s, page + n);
}

void run_mark(struct shm *s, uint32_t page)
{
	uint64_t inside = word_make(MEM_FREE, USE_INSIDE, SLOT_NONE, 0);
	uint32_t count = word_count(word_of(&s->desc[page]));

	for (uint32_t i = 1; i < count; i++) {
		struct desc *d = &s->desc[page + i];

		if (word_of(d) == inside && owner_of(d) == page)
			continue;
		owner_store(d, page);
		word_store(d, inside);
	}
}

void *run_alloc(struct shm *s, uint32_t n, uint64_t word, uint64_t owner)
{
	unsigned tries = ROOM_TRIES;
	uint32_t page;

	if (!n || n > SEGMENT_PAGES || fault_alloc()) {
		errno = ENOMEM;
		return NULL;
	}
	do {
		if (!pages_lock(s)) {
			errno = EAGAIN;
			return NULL;
		}
		page = run_take_locked(s, n, word, owner);
		lock_drop(&s->lock);
	} while (page == NO_PAGE && tries-- && pages_make_room(s, n));
	if (page == NO_PAGE) {
		atomic_fetch_add(&s->refused, 1);
		errno = ENOMEM;
		return NULL;
	}
	STEP("shm.run.mark");
	run_mark(s, page);
	return page_mem(s, page);
}

/* --- the public face: runs for any use --- */

static uint32_t head_of(const struct shm *s, const void *p)
{
	uint32_t page;
	uint64_t word;

	MUST(shm_has(s, p) && (size_t)((const char *)p - s->base) % SHM_PAGE == 0);
	page = page_of(s, p);
	word = word_of(&s->desc[page]);
	MUST(word_use(word) == USE_PAGES && word_state(word) >= MEM_BUILDING);
	return page;
}

void *pages_alloc(struct shm *s, unsigned n, uint64_t owner)
{
	return run_alloc(s, n, word_make(MEM_BUILDING, USE_PAGES, shm_local.slot, 0), owner);
}

void pages_publish(struct shm *s, void *p)
{
	desc_state(&s->desc[head_of(s, p)], MEM_LIVE);
}

void pages_dying(struct shm *s, void *p)
{
	desc_state(&s->desc[head_of(s, p)], MEM_DYING);
}

void pages_free(struct shm *s, void *p)
{
	if (!p)
		return;
	(void)head_of(s, p);
	object_free(s, p);
}

unsigned pages_count(const struct shm *s, const void *p)
{
	return word_count(word_of(&s->desc[head_of(s, p)]));
}
