/* SPDX-License-Identifier: BSD-2-Clause */
/* The shared mapping and its pages. One descriptor for each page is the truth about it; free lists are caches that are rebuilt from it. */
#ifndef MEM_SHM_H
#define MEM_SHM_H

#include "core/mem/lock.h"
#include <stddef.h>

#define SHM_PAGE      4096u
#define SHM_MAIN      0xffffu /* the slot number of main */
#define SHM_LOADER    0xfffdu /* of the process that makes a configuration */
#define SHM_SLOTS_MAX 256u

enum mem_state {
	MEM_FREE,     /* nobody's */
	MEM_CACHED,   /* nobody's, in a warm list */
	MEM_BUILDING, /* being made by its slot: a successor of that slot gives it back */
	MEM_LIVE,     /* published: reachable from its owner */
	MEM_DYING,    /* being unlinked by its slot: a successor finishes it */
};

/* An id: kind 8 bits, index 24, generation 32. 0 is no object. */
#define ID_MAKE(kind, index, generation) \
	((uint64_t)(kind) << 56 | (uint64_t)(index) << 32 | (uint32_t)(generation))
#define ID_KIND(id)	  ((unsigned)((id) >> 56))
#define ID_INDEX(id)	  ((unsigned)((id) >> 32) & 0xffffff)
#define ID_GENERATION(id) ((uint32_t)(id))

enum id_kind {
	ID_NONE,
	ID_CORE,
	ID_SLOT,
	ID_CONN,
	ID_WAITING,
	ID_TRANSACTION,
	ID_CONF,
	ID_SLAB,
	ID_CHUNKS,
	ID_SHV,
	ID_TLS_SESSION,
	ID_TEST,
	ID_KINDS
};

struct shm;

/* Maps address_space bytes (halved while the system refuses) for slots workers; at most limit bytes of pages are ever in use. Before the
 * first fork, one at a time. NULL: not even 64 MiB could be mapped (errno). */
struct shm *shm_new(size_t address_space, size_t limit, unsigned slots);
void shm_drop(struct shm **sp);
/* Another limit from now on (what is in use already stays). Before the first fork. */
void shm_limit_set(struct shm *s, size_t limit);
/* In bytes; without a lock. */
size_t shm_limit(const struct shm *s);
/* In whose name this process allocates from now on: a slot number, SHM_MAIN or SHM_LOADER. After the fork. */
void shm_slot_set(unsigned slot);
unsigned shm_slot(void);
/* Gives back what this process keeps at hand; before it ends on its own (one that is killed is followed by shm_recover). */
void shm_leave(struct shm *s);
bool shm_has(const struct shm *s, const void *p);

/* n pages (at most 4096) in one run, state building in this process's slot's name, for owner. Contents undefined. NULL: limit reached. */
void *pages_alloc(struct shm *s, unsigned n, uint64_t owner);
/* building -> live. One store. */
void pages_publish(struct shm *s, void *p);
/* live -> dying, before it is unlinked. */
void pages_dying(struct shm *s, void *p);
void pages_free(struct shm *s, void *p);
unsigned pages_count(const struct shm *s, const void *p); /* of the run that begins at p */

/* --- chunks: 1, 2, 4 KiB, and whole pages above that ---------------------------------------------------------------------------------
 * What a queue's message, an arena or a context's copy is made of. Each has the same states as a page, and an owner. */
/* At least n bytes (at most 16 MiB), building. chunk_size tells how many there are. NULL: limit reached. */
void *chunk_alloc(struct shm *s, size_t n, uint64_t owner);
size_t chunk_size(const struct shm *s, const void *p);
void chunk_publish(struct shm *s, void *p);
void chunk_dying(struct shm *s, void *p);
void chunk_free(struct shm *s, void *p);
uint64_t chunk_owner(const struct shm *s, const void *p);
enum mem_state chunk_state(const struct shm *s, const void *p);

/* Main never waits for a lock while it allocates (NULL, errno EAGAIN) and frees (done when it comes by next). These three wait: main
 * calls them only while no worker lives. */

/* After the death of slot's worker, by its successor, when it has finished what its objects' rows name (slab_recover): gives back all pages and chunks that are building or dying in its name.
 * Returns how many. */
unsigned shm_recover(struct shm *s, unsigned slot);

struct shm_stats {
	size_t limit, in_use, peak,
		cached; /* bytes; in_use counts pages that are not free, cached ones included */
	size_t chunks_live, chunk_bytes;
	uint64_t refused; /* allocations that the limit refused */
};
void shm_stats(struct shm *s, struct shm_stats *stats_r);

/* core.verify: walks all descriptors, cells, free lists and registered slabs; calls bad for each contradiction. Returns how many. Takes the locks
 * piece by piece and may run beside living workers. */
typedef void shm_bad_cb(const char *what, uint64_t object, void *arg);
unsigned shm_verify(struct shm *s, shm_bad_cb *bad, void *arg);

#endif
