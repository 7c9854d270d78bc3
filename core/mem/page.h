/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside of core/mem: what a descriptor says, how memory, descriptor and reference lead to each other, and the steps that the lock
 * on the pages guards. Nothing outside of core/mem includes this.
 *
 * The pages lie in segments. A segment is covered by runs without gap or overlap: the descriptor of a run's first page (its head)
 * has its length, so the runs can be walked whatever happened. Each change is one store into a head (or a cell); all else, the lists,
 * the counters and the links between parts, is a cache that pages_repair makes again after the holder of the lock died. */
#ifndef MEM_PAGE_H
#define MEM_PAGE_H

#include "core/base/must.h"
#include "core/mem/fault.h"
#include "core/mem/slab.h"

#include <stdatomic.h>

#define SEGMENT_PAGES 4096u /* the longest run: 16 MiB */
#define UNIT	      1024u /* the smallest chunk */
#define PAGE_UNITS    (SHM_PAGE / UNIT)
#define NO_PAGE	      UINT32_MAX
#define SLOT_NONE     0xfffeu
#define SLABS_MAX     64u
#define RUN_CLASSES   61u
#define ROOM_TRIES    64u /* how often an allocation makes room before it is refused */

/* What a run is used for. */
enum page_use {
	USE_NONE, /* the head of a run that is free or cached for all */
	USE_END, /* the last page of such a run of two or more; count says how many pages back its head is, plus one */
	USE_INSIDE, /* not the first page of a used run; owner is the number of the head */
	USE_SPLIT1, /* a page cut into four cells of 1 KiB; each has a descriptor of its own */
	USE_SPLIT2, /* into two cells of 2 KiB, which have the first and the third cell descriptor */
	USE_GIVING, /* on its way back to the system */
	USE_PAGES,
	USE_CHUNK, /* also a cell's use; cached: in a magazine of its slot's process */
	USE_SLAB,
	USE_HEAP,
	USE_COUNT
};

/* A page or a cell. word: state 3 bits, use 4, parent 1, part 1, slot 16, count 13, link 26. All zero is a free cell.
 * owner: the owner's id; of a free run or a split page the neighbours in its list (page + 1 each, 0 none: next low, previous high);
 * of a part its parent (low) and the part before it (high), both references, with link the part after it. A parent's link is its
 * first part. */
struct desc {
	_Atomic uint64_t word;
	_Atomic uint64_t owner;
};

#define WORD_PARENT \
	(1ull       \
	 << 7) /* it may have parts: its word is changed by read-modify-write only, it is freed under the lock */
#define WORD_PART	(1ull << 8) /* it lives and dies with its parent, whatever its own state says */
#define WORD_LINK	(~0ull << 38)
#define WORD_STATE_SLOT (7ull | 0xffffull << 9)

static inline uint64_t word_make(enum mem_state state, enum page_use use, unsigned slot,
				 uint32_t count)
{
	return (uint64_t)state | (uint64_t)use << 3 | (uint64_t)slot << 9 | (uint64_t)count << 25;
}

static inline enum mem_state word_state(uint64_t w)
{
	return (enum mem_state)(w & 7);
}

static inline enum page_use word_use(uint64_t w)
{
	return (enum page_use)(w >> 3 & 15);
}

static inline unsigned word_slot(uint64_t w)
{
	return (unsigned)(w >> 9 & 0xffff);
}

static inline uint32_t word_count(uint64_t w)
{
	return (uint32_t)(w >> 25 & 0x1fff);
}

static inline uint32_t word_link(uint64_t w)
{
	return (uint32_t)(w >> 38);
}

static inline bool word_is_split(uint64_t w)
{
	return word_use(w) == USE_SPLIT1 || word_use(w) == USE_SPLIT2;
}

/* A free or cached run that is in the lists for all. */
static inline bool word_is_spare(uint64_t w)
{
	return word_use(w) == USE_NONE;
}

/* The compiler keeps stores on their side of a place where the process may die. */
#define STEP(NAME)                                         \
	do {                                               \
		atomic_signal_fence(memory_order_seq_cst); \
		FAULT(NAME);                               \
		atomic_signal_fence(memory_order_seq_cst); \
	} while (0)

static inline uint64_t word_of(const struct desc *d)
{
	return atomic_load_explicit(&d->word, memory_order_acquire);
}

static inline void word_store(struct desc *d, uint64_t w)
{
	atomic_signal_fence(memory_order_seq_cst);
	atomic_store_explicit(&d->word, w, memory_order_release);
	atomic_signal_fence(memory_order_seq_cst);
}

static inline uint64_t owner_of(const struct desc *d)
{
	return atomic_load_explicit(&d->owner, memory_order_relaxed);
}

static inline void owner_store(struct desc *d, uint64_t owner)
{
	atomic_store_explicit(&d->owner, owner, memory_order_relaxed);
}

#define OWNER_PAIR(low, high) ((uint64_t)(high) << 32 | (uint32_t)(low))
#define OWNER_LOW(owner)      ((uint32_t)(owner))
#define OWNER_HIGH(owner)     ((uint32_t)((owner) >> 32))

/* Lists of spare runs by length; one for those that are free, one for those that are cached (warm). */
struct run_lists {
	uint64_t filled;	     /* a bit for each class that has runs */
	uint32_t first[RUN_CLASSES]; /* page + 1 */
};

struct shm {
	size_t size; /* of the whole mapping */
	unsigned slots;
	uint32_t pages; /* how many there are */
	uint32_t limit; /* pages that may be in use */
	char *base;	/* of page 0 */
	struct desc *desc;
	struct desc *cells; /* one for each KiB; touched only where pages are split */
	_Atomic bool keep;  /* the system takes no pages back */
	_Atomic uint64_t refused;
	struct slab *_Atomic slabs[SLABS_MAX];
	unsigned slabs_n;

	_Alignas(64) struct lock lock; /* guards all below, the spare runs and the free cells */
	uint32_t opened;	       /* pages in segments that have been used */
	uint32_t in_use, warm, peak;
	uint64_t changes; /* rises with each change of a run */
	struct run_lists lists[2];
	uint32_t partial[2]; /* split pages with a free cell, of 1 and of 2 KiB; page + 1 */
};

static inline void *page_mem(const struct shm *s, uint32_t page)
{
	return s->base + (size_t)page * SHM_PAGE;
}

static inline uint32_t page_of(const struct shm *s, const void *p)
{
	return (uint32_t)((size_t)((const char *)p - s->base) / SHM_PAGE);
}

/* The end of the segment that a page lies in. */
static inline uint32_t segment_end(const struct shm *s, uint32_t page)
{
	uint32_t end = page - page % SEGMENT_PAGES + SEGMENT_PAGES;

	return end < s->pages ? end : s->pages;
}

static inline unsigned cells_in(uint64_t page_word)
{
	return word_use(page_word) == USE_SPLIT1 ? 4 : 2;
}

static inline struct desc *cell_of(const struct shm *s, uint32_t page, uint64_t page_word,
				   unsigned i)
{
	return &s->cells[(size_t)page * PAGE_UNITS + i * (PAGE_UNITS / cells_in(page_word))];
}

/* The descriptor of the object that begins at p. */
static inline struct desc *desc_of(const struct shm *s, const void *p)
{
	uint32_t page = page_of(s, p);
	struct desc *d = &s->desc[page];

	if (!word_is_split(word_of(d)))
		return d;
	return &s->cells[(size_t)((const char *)p - s->base) / UNIT];
}

/* A reference is the number of an object's first KiB, plus 4; 0 is none. */
static inline uint32_t ref_of(const struct shm *s, const void *p)
{
	return (uint32_t)((size_t)((const char *)p - s->base) / UNIT) + PAGE_UNITS;
}

static inline void *ref_mem(const struct shm *s, uint32_t ref)
{
	return s->base + (size_t)(ref - PAGE_UNITS) * UNIT;
}

static inline struct desc *ref_desc(const struct shm *s, uint32_t ref)
{
	return desc_of(s, ref_mem(s, ref));
}

static inline bool ref_is_valid(const struct shm *s, uint32_t ref)
{
	return ref >= PAGE_UNITS && (ref - PAGE_UNITS) / PAGE_UNITS < s->opened;
}

/* This process's own: in whose name it allocates, and chunks that are cached in its name. */
#define MAGAZINE_MAX 32u
#define CHUNK_SIZES  3u

struct magazine {
	unsigned n;
	void *p[MAGAZINE_MAX];
};

struct shm_local {
	unsigned slot;
	struct shm *shm; /* the one that is mapped; one at a time */
	struct magazine magazines[CHUNK_SIZES];
	void *later; /* what main could not free without waiting; linked through its first word */
};
extern struct shm_local shm_local;

/* The lock on the pages. Only main is ever refused: it does not sleep on a worker that may be stopped. */
static inline bool pages_lock(struct shm *s)
{
	if (shm_local.slot == SHM_MAIN)
		return lock_try(&s->lock);
	lock_take(&s->lock);
	return true;
}

/* The new state in this slot's name; of an object of this process. */
void desc_state(struct desc *d, enum mem_state state);

/* --- page.c: runs. _locked: with the lock held --- */
/* A run of n pages in the state and use of word (whose count is set here). NO_PAGE: no room, or the limit. */
uint32_t run_take_locked(struct shm *s, uint32_t n, uint64_t word, uint64_t owner);
/* The first n pages of a spare run that is in its list. */
void run_cut(struct shm *s, uint32_t page, uint32_t n, uint64_t word, uint64_t owner);
/* Makes it a cached one. Returns where the run that it has become part of ends. */
uint32_t run_free_locked(struct shm *s, uint32_t page);
/* The same with what is behind its first n pages. */
void run_shrink_locked(struct shm *s, uint32_t page, uint32_t n);
/* Into its list, from its list; of a spare run. */
void run_link(struct shm *s, uint32_t page);
void run_unlink(struct shm *s, uint32_t page);
/* One spare run from this page on, into its list. */
void run_spare(struct shm *s, uint32_t page, enum mem_state state, uint32_t count);
/* Joins it with its spare neighbours of the same state and puts it into its list. Returns its end. */
uint32_t run_settle(struct shm *s, uint32_t page);
unsigned run_class(uint32_t n);
/* Marks the pages of a used run behind its head. */
void run_mark(struct shm *s, uint32_t page);
/* With locking, making room and marking; NULL: limit (counted), or a lock that main could not have (EAGAIN). */
void *run_alloc(struct shm *s, uint32_t n, uint64_t word, uint64_t owner);

/* --- giveback.c --- */
/* Gives long cached runs back to the system when more than a share of the memory is cached; a few at each call. */
void pages_give_back(struct shm *s);
/* Makes it more likely that n pages can be had; false: nothing more can be done. */
bool pages_make_room(struct shm *s, uint32_t n);

/* --- cell.c --- */
/* A cell of UNIT << size bytes, size 0 or 1; NULL: no room. */
void *cell_take_locked(struct shm *s, unsigned size, uint64_t word, uint64_t owner);
/* Returns where the walk over runs that met its page goes on. */
uint32_t cell_free_locked(struct shm *s, void *p);
void partial_link(struct shm *s, uint32_t page);
/* How many cells of a split page are free. */
unsigned cells_spare(const struct shm *s, uint32_t page);

/* --- chunk.c --- */
/* Gives this process's cached chunks back; true if there were any. By main only when it can have the lock. */
bool chunk_cache_empty(struct shm *s);

/* --- part.c: objects of several runs or cells. The parent is this process's alone, or guarded by a lock of its owner's. --- */
/* A further piece of at least n bytes, of the parent's use, that is freed with it. */
void *part_alloc(struct shm *s, void *parent, size_t n);
/* The same with a lock held: makes no room, which takes a system call. */
void *part_try(struct shm *s, void *parent, size_t n);
size_t piece_size(const struct shm *s, const void *p);
/* Frees one part before its parent. */
void part_free(struct shm *s, void *p);
/* The first of the runs of which an object consists, or a part of it, keeps n pages. */
void piece_shrink(struct shm *s, void *p, uint32_t n);
/* The parts of parent one after the other, 0 at the end. With the lock held. */
uint32_t part_first(struct shm *s, const void *parent);
uint32_t part_next(struct shm *s, uint32_t ref);
void part_link(struct shm *s, uint32_t ref);
/* The object that p is, or is a part of. */
void *part_root(const struct shm *s, const void *p);
/* Frees an object with all its parts. It is dying until that is done. */
void object_free(struct shm *s, void *p);
/* The same in one section. Returns where a walk over runs that met it goes on. */
uint32_t object_free_locked(struct shm *s, void *p);
/* What main could not free when it had to. */
void later_free(struct shm *s);

/* --- recover.c --- */
void pages_repair(struct lock *l);

/* --- slab.c --- */
/* Before the rows of a run; the rows behind it begin at a cache line. */
struct slab_run {
	_Alignas(64) uint32_t number;
};

struct slab {
	struct shm *shm;
	enum id_kind kind;
	uint32_t row_size, max;
	uint32_t run_pages, run_rows;
	void (*fresh)(struct slab_row *row);

	_Alignas(64) struct lock lock; /* guards what follows, and runs */
	uint32_t first_free;	       /* index + 1 */
	_Atomic uint32_t top;	       /* rows that have ever been given out */
	_Atomic uint32_t used;
	uint32_t runs_n;
	uint64_t changes;	 /* rises with each change of the list */
	bool orphan;		 /* a run may be ours and not in the table */
	_Atomic bool stray;	 /* main freed a row without the lock: it is not in the list */
	_Atomic uint32_t runs[]; /* page + 1 */
};

void slab_repair(struct lock *l);
unsigned slab_verify(struct slab *sl, shm_bad_cb *bad, void *arg);

#endif
