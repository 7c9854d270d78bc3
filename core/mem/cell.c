/* SPDX-License-Identifier: BSD-2-Clause */
/* Pages cut into cells of 1 or 2 KiB. The cells of a page that is not cut are free, so cutting it is one store. */
#include "core/mem/page.h"

unsigned cells_spare(const struct shm *s, uint32_t page)
{
	uint64_t word = word_of(&s->desc[page]);
	unsigned n = 0;

	for (unsigned i = 0; i < cells_in(word); i++)
		n += word_of(cell_of(s, page, word, i)) == 0;
	return n;
}

static inline uint32_t *list_of(struct shm *s, uint32_t page)
{
	return &s->partial[word_use(word_of(&s->desc[page])) == USE_SPLIT2];
}

void partial_link(struct shm *s, uint32_t page)
{
	uint32_t *first = list_of(s, page);

	owner_store(&s->desc[page], OWNER_PAIR(*first, 0));
	if (*first) {
		struct desc *d = &s->desc[*first - 1];

		owner_store(d, OWNER_PAIR(OWNER_LOW(owner_of(d)), page + 1));
	}
	*first = page + 1;
}

static void partial_unlink(struct shm *s, uint32_t page)
{
	uint64_t links = owner_of(&s->desc[page]);
	uint32_t next = OWNER_LOW(links), prev = OWNER_HIGH(links);

	if (next) {
		struct desc *d = &s->desc[next - 1];

		owner_store(d, OWNER_PAIR(OWNER_LOW(owner_of(d)), prev));
	}
	if (prev) {
		struct desc *d = &s->desc[prev - 1];

		owner_store(d, OWNER_PAIR(next, OWNER_HIGH(owner_of(d))));
	} else {
		*list_of(s, page) = next;
	}
}

void *cell_take_locked(struct shm *s, unsigned size, uint64_t word, uint64_t owner)
{
	uint64_t page_word = word_make(MEM_LIVE, USE_SPLIT1 + size, SLOT_NONE, 0);
	uint32_t page = s->partial[size] - 1;
	struct desc *d;
	unsigned i = 0;

	if (!s->partial[size]) {
		page = run_take_locked(s, 1, page_word, 0);
		if (page == NO_PAGE)
			return NULL;
		partial_link(s, page);
	}
	while (word_of(cell_of(s, page, page_word, i)))
		MUST(++i < cells_in(page_word));
	d = cell_of(s, page, page_word, i);
	owner_store(d, owner);
	STEP("shm.cell.take");
	word_store(d, word);
	STEP("shm.cell.taken");
	s->changes++;
	if (!cells_spare(s, page))
		partial_unlink(s, page);
	return (char *)page_mem(s, page) + (size_t)i * (UNIT << size);
}

uint32_t cell_free_locked(struct shm *s, void *p)
{
	uint32_t page = page_of(s, p);
	unsigned spare = cells_spare(s, page);

	STEP("shm.cell.free");
	word_store(desc_of(s, p), 0);
	STEP("shm.cell.freed");
	s->changes++;
	if (!spare)
		partial_link(s, page);
	if (spare + 1 < cells_in(word_of(&s->desc[page])))
		return page + 1;
	partial_unlink(s, page);
	return run_free_locked(s, page);
}
