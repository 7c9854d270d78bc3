/* SPDX-License-Identifier: BSD-2-Clause */
/* Slabs: rows in runs that are parts of the slab. The state of a row is the truth; the list of free ones, the count and the table of
 * runs are made again by slab_repair. */
#include "core/mem/slab.h"

#include "core/base/list.h"
#include "core/mem/page.h"

#include <errno.h>
#include <string.h>

#define RUN_PAGES    8u	 /* for ordinary rows */
#define RUN_ROWS_MIN 16u /* for long ones */
#define ROWS_MAX     ((1u << 24) - 1)

static uint32_t runs_max(const struct slab *sl)
{
	return (sl->max + sl->run_rows - 1) / sl->run_rows;
}

static struct slab_run *run_at(const struct slab *sl, uint32_t number)
{
	return page_mem(sl->shm, sl->runs[number] - 1);
}

/* For an index below what the runs hold. */
static inline struct slab_row *row_at(const struct slab *sl, uint32_t index)
{
	struct slab_run *run = run_at(sl, index / sl->run_rows);

	return (struct slab_row *)((char *)(run + 1) +
				   (size_t)(index % sl->run_rows) * sl->row_size);
}

struct slab *slab_new(struct shm *s, enum id_kind kind, size_t row_size, unsigned max,
		      void (*fresh)(struct slab_row *row))
{
	struct slab shape = { .shm = s, .kind = kind, .max = max, .fresh = fresh };
	struct slab *sl;
	size_t bytes;

	MUST(row_size >= sizeof(struct slab_row) && max && max <= ROWS_MAX);
	MUST(row_size <= SEGMENT_PAGES * SHM_PAGE / (2 * RUN_ROWS_MIN) && s->slabs_n < SLABS_MAX);
	shape.row_size = (uint32_t)((row_size + 15) / 16 * 16);
	bytes = (size_t)RUN_ROWS_MIN * shape.row_size;
	if (bytes > (size_t)max * shape.row_size)
		bytes = (size_t)max * shape.row_size;
	shape.run_pages = (uint32_t)((bytes + sizeof(struct slab_run) + SHM_PAGE - 1) / SHM_PAGE);
	bytes = (size_t)max * shape.row_size + sizeof(struct slab_run);
	if (shape.run_pages < RUN_PAGES)
		shape.run_pages = bytes < RUN_PAGES * SHM_PAGE
					  ? (uint32_t)((bytes + SHM_PAGE - 1) / SHM_PAGE)
					  : RUN_PAGES;
	shape.run_rows =
		(uint32_t)((shape.run_pages * SHM_PAGE - sizeof(struct slab_run)) / shape.row_size);
	bytes = sizeof(*sl) + runs_max(&shape) * sizeof(uint32_t);
	sl = run_alloc(s, (uint32_t)((bytes + SHM_PAGE - 1) / SHM_PAGE),
		       word_make(MEM_BUILDING, USE_SLAB, shm_local.slot, 0),
		       ID_MAKE(ID_SLAB, kind, 0));
	if (!sl)
		return NULL;
	memset(sl, 0, bytes);
	memcpy(sl, &shape, sizeof(shape));
	lock_init(&sl->lock, LOCK_SLAB);
	desc_state(desc_of(s, sl), MEM_LIVE);
	s->slabs[s->slabs_n++] = sl;
	return sl;
}

/* --- with the lock held --- */

/* All rows that are free, into the list; lowest first. */
static void list_rebuild(struct slab *sl)
{
	uint32_t used = 0;

	sl->stray = false;
	sl->first_free = 0;
	STEP("slab.repair");
	for (uint32_t i = sl->top; i-- > 0;) {
		struct slab_row *row = row_at(sl, i);

		if (row->state != MEM_FREE) {
			used++;
			continue;
		}
		row->next_free = sl->first_free;
		sl->first_free = i + 1;
	}
	sl->used = used;
	sl->changes++;
}

void slab_repair(struct lock *l)
{
	struct slab *sl = container_of(l, struct slab, lock);

	if (sl->runs_n < runs_max(sl) && sl->runs[sl->runs_n])
		sl->runs_n++;
	else
		sl->orphan = true;
	list_rebuild(sl);
}

/* The run that a death left between its birth and the table. */
static struct slab_run *orphan_find(struct slab *sl)
{
	struct shm *s = sl->shm;
	uint32_t ref, i;

	if (!pages_lock(s))
		return NULL;
	for (ref = part_first(s, sl); ref; ref = part_next(s, ref)) {
		for (i = 0; i < sl->runs_n && run_at(sl, i) != ref_mem(s, ref); i++)
			;
		if (i == sl->runs_n)
			break;
	}
	lock_drop(&s->lock);
	sl->orphan = false;
	return ref ? ref_mem(s, ref) : NULL;
}

/* One more run; false: no memory. Its rows are complete before the table knows it. */
static bool grow(struct slab *sl)
{
	uint32_t number = sl->runs_n;
	struct slab_run *run = sl->orphan ? orphan_find(sl) : NULL;

	if (!run)
		run = part_try(sl->shm, sl, (size_t)sl->run_pages * SHM_PAGE);
	if (!run)
		return false;
	STEP("slab.grow");
	run_mark(sl->shm, page_of(sl->shm, run));
	memset(run, 0, (size_t)sl->run_pages * SHM_PAGE);
	run->number = number;
	for (uint32_t i = 0; i < sl->run_rows; i++) {
		struct slab_row *row =
			(struct slab_row *)((char *)(run + 1) + (size_t)i * sl->row_size);

		row->generation = 1;
		if (sl->fresh)
			sl->fresh(row);
	}
	STEP("slab.grow.rows");
	sl->runs[number] = page_of(sl->shm, run) + 1;
	STEP("slab.grow.table");
	sl->runs_n = number + 1;
	return true;
}

static struct slab_row *take_locked(struct slab *sl)
{
	struct slab_row *row;
	uint32_t index;

	if (sl->stray)
		list_rebuild(sl);
	if (sl->first_free) {
		index = sl->first_free - 1;
		row = row_at(sl, index);
		sl->first_free = row->next_free;
	} else {
		index = sl->top;
		errno = ENOMEM;
		if (index == sl->max)
			return NULL;
		if (index == sl->runs_n * sl->run_rows && !grow(sl))
			return NULL;
		row = row_at(sl, index);
		sl->top = index + 1;
	}
	row->slot = (uint16_t)shm_local.slot;
	STEP("slab.take");
	row->state = MEM_BUILDING;
	STEP("slab.taken");
	sl->used++;
	sl->changes++;
	return row;
}

static void free_locked(struct slab *sl, struct slab_row *row)
{
	STEP("slab.free");
	row->state = MEM_FREE;
	STEP("slab.freed");
	row->next_free = sl->first_free;
	sl->first_free = slab_index(sl, row) + 1;
	sl->used--;
	sl->changes++;
}

/* --- the public face --- */

struct slab_row *slab_alloc(struct slab *sl)
{
	unsigned tries = ROOM_TRIES;
	struct slab_row *row;

	errno = ENOMEM;
	if (fault_alloc())
		return NULL;
	do {
		lock_take(&sl->lock);
		row = take_locked(sl);
		lock_drop(&sl->lock);
	} while (!row && sl->used < sl->max && tries-- && pages_make_room(sl->shm, sl->run_pages));
	if (!row)
		atomic_fetch_add(&sl->shm->refused, 1);
	return row;
}

struct slab_row *slab_try_alloc(struct slab *sl)
{
	struct slab_row *row;

	errno = EAGAIN;
	if (fault_alloc() || !lock_try(&sl->lock))
		return NULL;
	row = take_locked(sl);
	lock_drop(&sl->lock);
	return row;
}

void slab_publish(struct slab_row *row)
{
	MUST(row->state == MEM_BUILDING);
	row->state = MEM_LIVE;
}

void slab_dying(struct slab_row *row)
{
	MUST(row->state != MEM_FREE);
	row->slot = (uint16_t)shm_local.slot;
	STEP("slab.dying");
	row->state = MEM_DYING;
}

void slab_free(struct slab *sl, struct slab_row *row)
{
	uint32_t generation = row->generation + 1;

	MUST(row->state != MEM_FREE);
	/* Until it is free it is this slot's: a death in between must not leave it to nobody. */
	if (row->state != MEM_BUILDING)
		slab_dying(row);
	row->generation = generation ? generation : 1;
	if (shm_local.slot != SHM_MAIN) {
		lock_take(&sl->lock);
	} else if (!lock_try(&sl->lock)) {
		/* Before, for those who verify; after, because the list may have been made again in between. */
		sl->stray = true;
		row->state = MEM_FREE;
		sl->stray = true;
		return;
	}
	free_locked(sl, row);
	lock_drop(&sl->lock);
}

void slab_renew(struct slab_row *row)
{
	uint32_t generation = row->generation + 1;

	MUST(row->state == MEM_DYING && row->slot == shm_local.slot);
	row->generation = generation ? generation : 1;
	STEP("slab.renew");
	row->state = MEM_BUILDING;
}

struct slab_row *slab_find(struct slab *sl, uint64_t id)
{
	struct slab_row *row;

	if (ID_KIND(id) != sl->kind)
		return NULL;
	row = slab_at(sl, ID_INDEX(id));
	/* In this order: a row that became another's since has its new generation before it is live again. */
	if (!row || row->state != MEM_LIVE || row->generation != ID_GENERATION(id))
		return NULL;
	return row;
}

struct slab_row *slab_at(struct slab *sl, unsigned index)
{
	return index < sl->top ? row_at(sl, index) : NULL;
}

unsigned slab_index(const struct slab *sl, const struct slab_row *row)
{
	uint32_t page = page_of(sl->shm, row);
	const struct desc *d = &sl->shm->desc[page];
	const struct slab_run *run;
	size_t offset;

	if (word_use(word_of(d)) == USE_INSIDE)
		page = (uint32_t)owner_of(d);
	run = page_mem(sl->shm, page);
	offset = (size_t)((const char *)row - (const char *)(run + 1));
	MUST(run->number < sl->runs_n && run_at(sl, run->number) == run &&
	     offset % sl->row_size == 0);
	return run->number * sl->run_rows + (uint32_t)(offset / sl->row_size);
}

uint64_t slab_id(const struct slab *sl, const struct slab_row *row)
{
	return ID_MAKE(sl->kind, slab_index(sl, row), row->generation);
}

unsigned slab_top(const struct slab *sl)
{
	return sl->top;
}

unsigned slab_used(const struct slab *sl)
{
	return sl->used;
}

unsigned slab_recover(struct slab *sl, unsigned slot, slab_finish_cb *finish, void *arg)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < slab_top(sl); i++) {
		struct slab_row *row = slab_at(sl, i);
		unsigned state = row->state;

		if (row->slot != slot || (state != MEM_BUILDING && state != MEM_DYING))
			continue;
		slab_dying(row);
		STEP("slab.recover");
		if (finish)
			finish(row, arg);
		slab_free(sl, row);
		n++;
	}
	return n;
}

/* --- core.verify --- */

#define ROWS_AT_ONCE 256u

/* The list of free rows, seen row by row: every free row is what exactly one other, or the slab, points to. The sums are over a
 * mixture of the row's number, so that two errors do not cancel out. */
struct slab_tally {
	struct slab *slab;
	shm_bad_cb *bad;
	void *arg;
	unsigned wrong;
	uint64_t spare, listed;
	uint32_t used;
};

static uint64_t mixture(uint32_t link)
{
	uint64_t x = (uint64_t)link * 0x9e3779b97f4a7c15;

	return x ^ x >> 29;
}

static void tell(struct slab_tally *t, const char *what, uint32_t index)
{
	t->wrong++;
	if (t->bad)
		t->bad(what, ID_MAKE(t->slab->kind, index, 0), t->arg);
}

/* What is wrong with a row, NULL: nothing. With the lock held. */
static const char *row_verify(struct slab_tally *t, uint32_t index)
{
	struct slab *sl = t->slab;
	const struct slab_row *row = row_at(sl, index);

	if (row->state > MEM_DYING || row->state == MEM_CACHED || !row->generation)
		return "an impossible row";
	if (row->state != MEM_FREE) {
		t->used++;
		return NULL;
	}
	t->spare += mixture(index + 1);
	if (!row->next_free)
		return NULL;
	t->listed += mixture(row->next_free);
	if (sl->stray)
		return NULL;
	if (row->next_free > sl->top)
		return "the list of free rows leads nowhere";
	if (row_at(sl, row->next_free - 1)->state != MEM_FREE)
		return "a used row is in the list of free ones";
	return NULL;
}

static void rows_verify(struct slab_tally *t, uint32_t begin)
{
	const char *found[ROWS_AT_ONCE];
	uint32_t n = 0;

	lock_take(&t->slab->lock);
	for (; n < ROWS_AT_ONCE && begin + n < t->slab->top; n++)
		found[n] = row_verify(t, begin + n);
	lock_drop(&t->slab->lock);
	for (uint32_t i = 0; i < n; i++)
		if (found[i])
			tell(t, found[i], begin + i);
}

unsigned slab_verify(struct slab *sl, shm_bad_cb *bad, void *arg)
{
	struct slab_tally t = { .slab = sl, .bad = bad, .arg = arg };
	bool quiet, miscounted;
	uint64_t changes;

	lock_take(&sl->lock);
	changes = sl->changes;
	t.listed = sl->first_free ? mixture(sl->first_free) : 0;
	lock_drop(&sl->lock);
	for (uint32_t i = 0; i < slab_top(sl); i += ROWS_AT_ONCE)
		rows_verify(&t, i);
	lock_take(&sl->lock);
	quiet = changes == sl->changes && !sl->stray;
	miscounted = t.used != sl->used;
	lock_drop(&sl->lock);
	if (quiet && t.spare != t.listed)
		tell(&t, "not every free row is in the list once", 0);
	if (quiet && miscounted)
		tell(&t, "used rows are counted wrong", t.used);
	return t.wrong;
}
