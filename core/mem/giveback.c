/* SPDX-License-Identifier: BSD-2-Clause */
/* Pages on their way back to the system: how much is kept warm, and that no system call is made with the lock held. */
#include "core/mem/page.h"

#include <sys/mman.h>

#define KEEP_PAGES 1024u /* cached at rest, at least: 4 MiB */
#define KEEP_SHARE 8u	 /* and this part of what is used */
#define GIVE_MIN   16u	 /* shorter runs are not worth a system call */
#define GIVE_MAX   256u	 /* at once: about 50 microseconds */
#define GIVE_TIMES 2u	 /* for one call: more than is freed by most */

/* With the lock held: gives at most max pages of the longest cached run back and drops the lock; false: it is shorter than min, or
 * the system refused. While the system works the run is dying in this slot's name. */
static bool give_one(struct shm *s, uint32_t min, uint32_t max)
{
	struct run_lists *cached = &s->lists[1];
	uint32_t page, n;

	if (!cached->filled) {
		lock_drop(&s->lock);
		return false;
	}
	page = cached->first[63 - (unsigned)__builtin_clzll(cached->filled)] - 1;
	n = word_count(word_of(&s->desc[page]));
	if (n < min) {
		lock_drop(&s->lock);
		return false;
	}
	if (n > max)
		n = max;
	run_cut(s, page, n, word_make(MEM_DYING, USE_GIVING, shm_local.slot, 0), 0);
	lock_drop(&s->lock);

	STEP("shm.give.taken");
	if (madvise(page_mem(s, page), (size_t)n * SHM_PAGE, MADV_REMOVE))
		s->keep = true;
	STEP("shm.give.removed");

	lock_take(&s->lock);
	if (s->keep) {
		run_free_locked(s, page);
	} else {
		word_store(&s->desc[page], word_make(MEM_FREE, USE_NONE, SLOT_NONE, n));
		STEP("shm.give.free");
		s->in_use -= n;
		s->changes++;
		run_settle(s, page);
	}
	lock_drop(&s->lock);
	return !s->keep;
}

static bool too_much_is_warm(const struct shm *s)
{
	uint32_t warm = __atomic_load_n(&s->warm, __ATOMIC_RELAXED);
	uint32_t in_use = __atomic_load_n(&s->in_use, __ATOMIC_RELAXED);

	return warm > KEEP_PAGES && warm > KEEP_PAGES + (in_use - warm) / KEEP_SHARE;
}

void pages_give_back(struct shm *s)
{
	/* Main would have to wait for the lock the second time. */
	if (s->keep || shm_local.slot == SHM_MAIN)
		return;
	for (unsigned i = 0; i < GIVE_TIMES && too_much_is_warm(s); i++)
		if (!lock_try(&s->lock) || !give_one(s, GIVE_MIN, GIVE_MAX))
			return;
}

bool pages_make_room(struct shm *s, uint32_t n)
{
	uint32_t warm = __atomic_load_n(&s->warm, __ATOMIC_RELAXED);
	uint32_t in_use = __atomic_load_n(&s->in_use, __ATOMIC_RELAXED);

	if (chunk_cache_empty(s))
		return true;
	if (s->keep || shm_local.slot == SHM_MAIN || in_use - warm + n > s->limit)
		return false;
	/* Room under the limit, but no run of that length: the system has no more address space for us. */
	if (in_use + n <= s->limit && s->opened == s->pages && !s->warm)
		return false;
	lock_take(&s->lock);
	return give_one(s, 1, n > GIVE_MAX ? n : GIVE_MAX);
}
