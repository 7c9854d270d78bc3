/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows of one type that stay at their place: an index leads to a row for ever, a generation tells whether it is still the same object. */
#ifndef MEM_SLAB_H
#define MEM_SLAB_H

#include "core/mem/shm.h"

/* The first member of each row. */
struct slab_row {
	_Atomic uint32_t state;	     /* enum mem_state */
	_Atomic uint32_t generation; /* rises when the row is freed; never 0 */
	uint32_t next_free;	     /* index + 1 */
	uint16_t slot;		     /* who is building or dying it */
	uint16_t reserved;
};

struct slab;

/* Rows of row_size bytes, at most max (2^24 - 1), with ids of that kind; pages are added as rows are needed. Registered for shm_verify.
 * Before the first fork. fresh (may be NULL) is called once for each new row, to make its locks; the row is zeroed and nobody's yet, and
 * the slab's lock is held. NULL: no memory. */
struct slab *slab_new(struct shm *s, enum id_kind kind, size_t row_size, unsigned max,
		      void (*fresh)(struct slab_row *row));
/* A row in state building in this slot's name; all behind struct slab_row is as it was left. NULL: max reached or no memory. */
struct slab_row *slab_alloc(struct slab *sl);
/* The same for main: NULL also when a lock is not to be had at once (errno = EAGAIN). */
struct slab_row *slab_try_alloc(struct slab *sl);
void slab_publish(struct slab_row *row);
void slab_dying(struct slab_row *row);
/* The generation rises at once; the row may be given out again. */
void slab_free(struct slab *sl, struct slab_row *row);
/* A dying row of this slot's is freed and allocated again in one step, without a lock: it is building, with another generation. */
void slab_renew(struct slab_row *row);
/* The row of a live (published, not dying) object with exactly this id, or NULL. */
struct slab_row *slab_find(struct slab *sl, uint64_t id);
/* The row at an index, in whatever state, or NULL if there never was one. */
struct slab_row *slab_at(struct slab *sl, unsigned index);
unsigned slab_index(const struct slab *sl, const struct slab_row *row);
uint64_t slab_id(const struct slab *sl, const struct slab_row *row);
/* One above the largest index ever given out. */
unsigned slab_top(const struct slab *sl);
unsigned slab_used(const struct slab *sl);
/* After the death of slot's worker, by its successor and before shm_recover: calls finish (may be NULL) for each row that is building or
 * dying in its name, which unlinks the row and gives back what it holds, then frees it. A pointer in the row that is not NULL leads to
 * something not freed yet: the drop functions of core/mem clear it after *dying* and before *free*. Returns how many. */
typedef void slab_finish_cb(struct slab_row *row, void *arg);
unsigned slab_recover(struct slab *sl, unsigned slot, slab_finish_cb *finish, void *arg);

#endif
