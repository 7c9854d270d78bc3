/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of digests: written by a successor that has just started, read by all without a lock. */
#include "core/run/killers.h"

#include <stdatomic.h>

#define KILLERS_KEPT 16u

struct killers {
	struct mac_key key;
	_Atomic uint32_t n;			/* ever added */
	_Atomic uint64_t digests[KILLERS_KEPT]; /* the lowest bit: in a route */
};

struct killers *killers_new(struct shm *s)
{
	struct killers *k = chunk_alloc(s, sizeof(*k), ID_MAKE(ID_CORE, 0, 0));

	if (!k)
		return NULL;
	memset(k, 0, sizeof(*k));
	random_bytes(&k->key, sizeof(k->key));
	chunk_publish(s, k);
	return k;
}

void killers_add(struct killers *k, struct str message, enum killer how)
{
	uint64_t digest = mac_of(&k->key, message) & ~1ull;
	uint32_t at = atomic_fetch_add(&k->n, 1);

	atomic_store(&k->digests[at % KILLERS_KEPT], digest | (how == KILLER_IN_ROUTE));
}

enum killer killers_find(const struct killers *k, struct str message)
{
	uint32_t n = atomic_load_explicit(&k->n, memory_order_relaxed);
	uint64_t digest;

	if (n == 0)
		return KILLER_NOT;
	digest = mac_of(&k->key, message) & ~1ull;
	for (unsigned i = 0; i < KILLERS_KEPT && i < n; i++) {
		uint64_t d = atomic_load_explicit(&k->digests[i], memory_order_relaxed);

		if ((d & ~1ull) == digest)
			return d & 1 ? KILLER_IN_ROUTE : KILLER_IN_CORE;
	}
	return KILLER_NOT;
}
