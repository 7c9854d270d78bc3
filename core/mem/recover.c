/* SPDX-License-Identifier: BSD-2-Clause */
/* After a death. pages_repair: whoever takes the dead holder's lock makes lists, counters and links again from the descriptors.
 * shm_recover: the successor gives back what the dead process had in its hands. Both may die anywhere and are begun again. */
#include "core/mem/page.h"

#include "core/base/list.h"

#include <string.h>

/* --- repair --- */

static void links_clear(struct desc *d)
{
	if (word_of(d) & WORD_PARENT)
		atomic_fetch_and(&d->word, ~WORD_LINK);
}

/* Whoever died between a cell's last use and its page's: the page is spare. */
static void splits_release(struct shm *s, uint32_t page)
{
	uint32_t end = segment_end(s, page);

	while (page < end) {
		uint64_t word = word_of(&s->desc[page]);
		uint32_t count = word_count(word);

		MUST(count && count <= end - page);
		if (word_is_split(word) && cells_spare(s, page) == cells_in(word))
			word_store(&s->desc[page], word_make(MEM_CACHED, USE_NONE, SLOT_NONE, 1));
		page += count;
	}
}

/* Into its list, with the spare runs behind it that are of the same state. Returns its end. */
static uint32_t spare_repair(struct shm *s, uint32_t page)
{
	uint64_t word = word_of(&s->desc[page]), next;
	uint32_t end = page + word_count(word), last = segment_end(s, page);

	while (end < last) {
		next = word_of(&s->desc[end]);
		if (!word_is_spare(next) || word_state(next) != word_state(word))
			break;
		end += word_count(next);
	}
	run_spare(s, page, word_state(word), end - page);
	if (word_state(word) == MEM_CACHED) {
		s->in_use += end - page;
		s->warm += end - page;
	}
	return end;
}

/* The lists and counters of one segment; the links of its parents are cut. */
static void segment_repair(struct shm *s, uint32_t page)
{
	uint32_t end = segment_end(s, page);

	splits_release(s, page);
	while (page < end) {
		uint64_t word = word_of(&s->desc[page]);

		if (word_is_spare(word)) {
			page = spare_repair(s, page);
			continue;
		}
		s->in_use += word_count(word);
		links_clear(&s->desc[page]);
		/* A death while it was being made shorter left the head of the rest in it. */
		run_mark(s, page);
		if (word_is_split(word)) {
			for (unsigned i = 0; i < cells_in(word); i++)
				links_clear(cell_of(s, page, word, i));
			if (cells_spare(s, page))
				partial_link(s, page);
		}
		page += word_count(word);
	}
}

static void part_relink(struct shm *s, struct desc *d, uint32_t ref)
{
	uint64_t word = word_of(d);

	if (!(word & WORD_PART))
		return;
	MUST(ref_is_valid(s, OWNER_LOW(owner_of(d))));
	MUST(word_of(ref_desc(s, OWNER_LOW(owner_of(d)))) & WORD_PARENT);
	part_link(s, ref);
}

static void segment_relink(struct shm *s, uint32_t page)
{
	uint32_t end = segment_end(s, page);

	while (page < end) {
		uint64_t word = word_of(&s->desc[page]);

		if (word_is_split(word))
			for (unsigned i = 0; i < cells_in(word); i++) {
				struct desc *d = cell_of(s, page, word, i);

				part_relink(s, d, (uint32_t)(d - s->cells) + PAGE_UNITS);
			}
		else
			part_relink(s, &s->desc[page], (page + 1) * PAGE_UNITS);
		page += word_count(word);
	}
}

void pages_repair(struct lock *l)
{
	struct shm *s = container_of(l, struct shm, lock);

	memset(s->lists, 0, sizeof(s->lists));
	memset(s->partial, 0, sizeof(s->partial));
	s->in_use = 0;
	s->warm = 0;
	STEP("shm.repair");
	for (uint32_t page = 0; page < s->opened; page = segment_end(s, page))
		segment_repair(s, page);
	STEP("shm.repair.links");
	for (uint32_t page = 0; page < s->opened; page = segment_end(s, page))
		segment_relink(s, page);
	if (s->in_use > s->peak)
		s->peak = s->in_use;
	s->changes++;
}

/* --- recovery --- */

static bool is_left_by(uint64_t word, unsigned slot)
{
	if (word_slot(word) != slot || word & WORD_PART)
		return false;
	switch (word_state(word)) {
	case MEM_BUILDING:
	case MEM_DYING:
		return true;
	case MEM_CACHED:
		return word_use(word) == USE_CHUNK;
	default:
		return false;
	}
}

/* Cached chunks are nobody's: they do not count as recovered. */
static unsigned recovered(uint64_t word)
{
	return word_state(word) != MEM_CACHED;
}

static uint32_t split_recover(struct shm *s, uint32_t page, uint64_t page_word, unsigned slot,
			      unsigned *n)
{
	uint32_t next = page + 1;

	for (unsigned i = 0; i < cells_in(page_word); i++) {
		struct desc *d = cell_of(s, page, page_word, i);
		uint64_t word = word_of(d);

		if (!is_left_by(word, slot))
			continue;
		next = object_free_locked(s, ref_mem(s, (uint32_t)(d - s->cells) + PAGE_UNITS));
		*n += recovered(word);
		STEP("shm.recover.cell");
	}
	return next;
}

static unsigned segment_recover(struct shm *s, uint32_t page, unsigned slot)
{
	uint32_t end = segment_end(s, page);
	unsigned n = 0;

	while (page < end) {
		uint64_t word = word_of(&s->desc[page]);

		if (word_is_split(word)) {
			page = split_recover(s, page, word, slot, &n);
		} else if (is_left_by(word, slot)) {
			page = object_free_locked(s, page_mem(s, page));
			n += recovered(word);
			STEP("shm.recover.run");
		} else {
			page += word_count(word);
		}
	}
	return n;
}

unsigned shm_recover(struct shm *s, unsigned slot)
{
	unsigned n = 0;

	if (slot == shm_local.slot)
		chunk_cache_empty(s);
	for (uint32_t page = 0; page < s->opened; page = segment_end(s, page)) {
		lock_take(&s->lock);
		n += segment_recover(s, page, slot);
		lock_drop(&s->lock);
		STEP("shm.recover.segment");
	}
	return n;
}
