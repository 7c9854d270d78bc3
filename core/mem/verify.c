/* SPDX-License-Identifier: BSD-2-Clause */
/* core.verify: is every descriptor possible, does every cache say the same as the descriptors. One segment in one section; what
 * is found is told when the lock is free again. */
#include "core/mem/page.h"

#define FOUND_MAX 64 /* told for each segment; all are counted */

struct found {
	const char *what;
	uint64_t object;
};

struct verify {
	struct shm *shm;
	struct found found[FOUND_MAX];
	unsigned n;	/* in this segment */
	unsigned total; /* in those before */
	uint32_t in_use, warm;
	unsigned cached; /* chunks in this process's name */
};

static void found(struct verify *v, bool wrong, const char *what, uint64_t object)
{
	if (!wrong)
		return;
	if (v->n < FOUND_MAX)
		v->found[v->n] = (struct found){ what, object };
	v->n++;
}

static void tell(struct verify *v, shm_bad_cb *bad, void *arg)
{
	for (unsigned i = 0; bad && i < v->n && i < FOUND_MAX; i++)
		bad(v->found[i].what, v->found[i].object, arg);
	v->total += v->n;
	v->n = 0;
}

/* An object's own state, as a page or as a cell. */
static void verify_state(struct verify *v, uint64_t word, uint32_t ref)
{
	unsigned slot = word_slot(word);

	found(v, word_state(word) > MEM_DYING, "unknown state", ref);
	found(v, slot >= SHM_SLOTS_MAX && slot != SHM_MAIN && slot != SHM_LOADER, "unknown slot",
	      ref);
	found(v, word_state(word) == MEM_FREE, "used but free", ref);
	found(v, word_state(word) == MEM_CACHED && word_use(word) != USE_CHUNK, "cached but used",
	      ref);
	if (word_state(word) == MEM_CACHED && slot == shm_local.slot)
		v->cached++;
	found(v, word_use(word) == USE_GIVING && word_state(word) != MEM_DYING,
	      "neither used nor given back", ref);
}

static void verify_part(struct verify *v, const struct desc *d, uint32_t ref)
{
	struct shm *s = v->shm;
	uint32_t parent = OWNER_LOW(owner_of(d)), prev = OWNER_HIGH(owner_of(d));
	uint64_t word;

	if (!ref_is_valid(s, parent) || (prev && !ref_is_valid(s, prev))) {
		found(v, true, "a part's parent cannot be", ref);
		return;
	}
	word = word_of(ref_desc(s, parent));
	found(v, !(word & WORD_PARENT) || word_state(word) < MEM_BUILDING, "a part without parent",
	      ref);
	if (prev)
		word = word_of(ref_desc(s, prev));
	found(v, word_link(word) != ref, "a part that is not linked", ref);
}

static void verify_object(struct verify *v, const struct desc *d, uint32_t ref)
{
	struct shm *s = v->shm;
	uint64_t word = word_of(d);
	uint32_t link = word_link(word);

	verify_state(v, word, ref);
	if (word & WORD_PART)
		verify_part(v, d, ref);
	if (!link)
		return;
	if (!(word & (WORD_PART | WORD_PARENT)) || !ref_is_valid(s, link)) {
		found(v, true, "a link that leads nowhere", ref);
		return;
	}
	d = ref_desc(s, link);
	found(v, !(word_of(d) & WORD_PART), "a link to what is no part", ref);
	found(v, OWNER_HIGH(owner_of(d)) != (word & WORD_PART ? ref : 0), "a link without return",
	      ref);
}

/* Is the page where its list says: its neighbours, or the list's head, know it. */
static void verify_links(struct verify *v, uint32_t page, uint32_t first)
{
	struct shm *s = v->shm;
	uint32_t next = OWNER_LOW(owner_of(&s->desc[page]));
	uint32_t prev = OWNER_HIGH(owner_of(&s->desc[page]));

	if (next > s->opened || prev > s->opened) {
		found(v, true, "a list leads nowhere", page);
		return;
	}
	found(v, (prev ? OWNER_LOW(owner_of(&s->desc[prev - 1])) : first) != page + 1,
	      "not in its list", page);
	found(v, next && OWNER_HIGH(owner_of(&s->desc[next - 1])) != page + 1,
	      "a list without return", page);
}

static void verify_spare(struct verify *v, uint32_t page, uint64_t word)
{
	struct shm *s = v->shm;
	uint32_t count = word_count(word), next = page + count;
	bool cached = word_state(word) == MEM_CACHED;

	found(v, word_state(word) > MEM_CACHED, "nobody's, but in use", page);
	if (cached) {
		v->in_use += count;
		v->warm += count;
	}
	if (count > 1) {
		uint64_t end = word_of(&s->desc[next - 1]);

		found(v, word_use(end) != USE_END || word_count(end) != count,
		      "a spare run without end", page);
	}
	if (next < segment_end(s, page)) {
		uint64_t behind = word_of(&s->desc[next]);

		found(v, word_is_spare(behind) && word_state(behind) == word_state(word),
		      "spare neighbours are not joined", page);
	}
	verify_links(v, page, s->lists[cached].first[run_class(count)]);
}

static void verify_split(struct verify *v, uint32_t page, uint64_t word)
{
	struct shm *s = v->shm;
	unsigned spare = cells_spare(s, page);

	v->in_use++;
	found(v, word_count(word) != 1 || word_state(word) != MEM_LIVE, "a split page that is not",
	      page);
	found(v, spare == cells_in(word), "a split page without use", page);
	if (spare)
		verify_links(v, page, s->partial[word_use(word) == USE_SPLIT2]);
	for (unsigned i = 0; i < cells_in(word); i++) {
		const struct desc *d = cell_of(s, page, word, i);

		if (word_of(d))
			verify_object(v, d, (uint32_t)(d - s->cells) + PAGE_UNITS);
	}
}

static void verify_run(struct verify *v, uint32_t page, uint64_t word)
{
	const struct desc *d = v->shm->desc;
	uint32_t count = word_count(word);

	v->in_use += count;
	found(v,
	      word_use(word) == USE_END || word_use(word) == USE_INSIDE ||
		      word_use(word) >= USE_COUNT,
	      "unknown use", page);
	found(v, count > 1 && word_use(word_of(&d[page + count - 1])) != USE_INSIDE,
	      "a run that does not end", page);
	/* A part may be of one who died before he marked its pages; nobody has used them then. */
	if (word_state(word) == MEM_LIVE && !(word & WORD_PART))
		for (uint32_t i = 1; i < count; i++)
			found(v,
			      word_use(word_of(&d[page + i])) != USE_INSIDE ||
				      owner_of(&d[page + i]) != page,
			      "a page that does not know its run", page + i);
	verify_object(v, &d[page], (page + 1) * PAGE_UNITS);
}

static void verify_segment(struct verify *v, uint32_t page)
{
	struct shm *s = v->shm;
	uint32_t end = segment_end(s, page);

	while (page < end) {
		uint64_t word = word_of(&s->desc[page]);
		uint32_t count = word_count(word);

		if (!count || count > end - page) {
			found(v, true, "a run without length", page);
			return;
		}
		if (word_is_spare(word))
			verify_spare(v, page, word);
		else if (word_is_split(word))
			verify_split(v, page, word);
		else
			verify_run(v, page, word);
		page += count;
	}
}

/* Each list begins with a member of its own. */
static void verify_heads(struct verify *v)
{
	struct shm *s = v->shm;

	for (unsigned i = 0; i < 2 * RUN_CLASSES; i++) {
		const struct run_lists *l = &s->lists[i / RUN_CLASSES];
		unsigned class = i % RUN_CLASSES;
		uint32_t first = l->first[class];
		uint64_t word = first && first <= s->opened ? word_of(&s->desc[first - 1]) : 0;

		found(v, !!(l->filled & 1ull << class) != !!first, "a list's bit is wrong", class);
		found(v,
		      first && (!word_is_spare(word) ||
				word_state(word) != (i / RUN_CLASSES ? MEM_CACHED : MEM_FREE) ||
				run_class(word_count(word)) != class),
		      "a list of others", class);
	}
	for (unsigned size = 0; size < 2; size++) {
		uint32_t first = s->partial[size];
		uint64_t word = first && first <= s->opened ? word_of(&s->desc[first - 1]) : 0;

		found(v, first && word_use(word) != USE_SPLIT1 + size, "a list of other pages",
		      size);
	}
	found(v, s->warm > s->in_use || s->peak < s->in_use, "impossible counters", s->in_use);
}

unsigned shm_verify(struct shm *s, shm_bad_cb *bad, void *arg)
{
	struct verify v = { .shm = s };
	unsigned cached = 0;
	uint64_t changes;

	lock_take(&s->lock);
	changes = s->changes;
	verify_heads(&v);
	lock_drop(&s->lock);
	tell(&v, bad, arg);
	for (uint32_t page = 0; page < s->opened; page = segment_end(s, page)) {
		lock_take(&s->lock);
		verify_segment(&v, page);
		lock_drop(&s->lock);
		tell(&v, bad, arg);
	}
	lock_take(&s->lock);
	if (changes == s->changes) {
		found(&v, v.in_use != s->in_use, "pages in use are counted wrong", s->in_use);
		found(&v, v.warm != s->warm, "cached pages are counted wrong", s->warm);
	}
	lock_drop(&s->lock);
	for (unsigned size = 0; size < CHUNK_SIZES; size++)
		cached += shm_local.magazines[size].n;
	found(&v, v.cached != cached, "cached in this slot's name, but by nobody", v.cached);
	tell(&v, bad, arg);
	for (unsigned i = 0; i < SLABS_MAX; i++)
		if (s->slabs[i])
			v.total += slab_verify(s->slabs[i], bad, arg);
	return v.total;
}
