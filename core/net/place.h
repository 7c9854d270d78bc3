/* SPDX-License-Identifier: BSD-2-Clause */
/* A word in shared memory that holds one chunk, which is only ever replaced as a whole. A death at any instant loses neither the old
 * chunk nor the new one: place_mend, called before shm_recover of the slot that died, finishes what was begun. */
#ifndef NET_PLACE_H
#define NET_PLACE_H

#include "core/mem/shm.h"

#include <stdatomic.h>

struct place {
	void *_Atomic *now; /* the chunk, NULL: none */
	void *_Atomic *old; /* the one that is being replaced */
};

/* next (building, or NULL) takes the place, the old one is freed. */
void place_put(struct shm *s, struct place p, void *next);
void place_mend(struct shm *s, struct place p);

#endif
