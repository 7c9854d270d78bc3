/* SPDX-License-Identifier: BSD-2-Clause */
/* The order of stores in which a chunk is replaced. */
#include "core/net/place.h"

#include "core/mem/fault.h"

void place_put(struct shm *s, struct place p, void *next)
{
	void *old = atomic_load(p.now);

	atomic_store(p.old, old);
	FAULT("net.place.old");
	atomic_store(p.now, next);
	FAULT("net.place.now");
	if (next)
		chunk_publish(s, next);
	FAULT("net.place.published");
	if (old)
		chunk_dying(s, old);
	FAULT("net.place.dying");
	atomic_store(p.old, NULL);
	if (old)
		chunk_free(s, old);
}

void place_mend(struct shm *s, struct place p)
{
	void *now = atomic_load(p.now), *old = atomic_load(p.old);

	if (now && chunk_state(s, now) == MEM_BUILDING)
		chunk_publish(s, now);
	/* one that is dying already is given back by the recovery of its slot, which comes after this */
	if (!old || old == now || chunk_state(s, old) != MEM_LIVE)
		old = NULL;
	if (old)
		chunk_dying(s, old);
	FAULT("net.place.mend");
	atomic_store(p.old, NULL);
	if (old)
		chunk_free(s, old);
}
