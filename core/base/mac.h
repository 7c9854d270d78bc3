/* SPDX-License-Identifier: BSD-2-Clause */
/* SipHash-2-4: a keyed 64-bit hash that outsiders cannot predict; for hash tables, Via branches and To tags. */
#ifndef BASE_MAC_H
#define BASE_MAC_H

#include "core/base/str.h"

struct mac_key {
	uint8_t k[16];
};

struct mac_state {
	uint64_t v0, v1, v2, v3;
};

/* A computation under way: mac_init, any number of mac_add, mac_done. Parts are not delimited: use mac_field where "ab","c" must
 * differ from "a","bc". */
struct mac {
	struct mac_state state;
	uint64_t tail; /* bytes that do not fill a word yet */
	unsigned tail_n;
	uint64_t total;
};

void mac_init(struct mac *m, const struct mac_key *key);
void mac_add(struct mac *m, const void *p, size_t n);
/* A length and then the bytes. */
void mac_field(struct mac *m, struct str s);
uint64_t mac_done(struct mac *m);

/* All of it at once, which costs least. */
uint64_t mac_of(const struct mac_key *key, struct str s);
/* The same of s and the tail_n lowest bytes of tail behind it, at most 8; the others of tail are 0. */
uint64_t mac_of_both(const struct mac_key *key, struct str s, uint64_t tail, unsigned tail_n);

/* Fills p from the kernel's random source; never fails (the process ends where the kernel has none). */
void random_bytes(void *p, size_t n);

#endif
