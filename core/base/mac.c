/* SPDX-License-Identifier: BSD-2-Clause */
/* SipHash-2-4 as published by Aumasson and Bernstein, fed piece by piece. */
#include "core/base/mac.h"

#include "core/base/must.h"

#include <errno.h>
#include <sys/random.h>

static inline uint64_t rotl(uint64_t x, unsigned b)
{
	return (x << b) | (x >> (64 - b));
}

static inline uint64_t load64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v; /* Serac runs on little-endian Linux; see the check in mac_init */
}

static inline void sip_round(struct mac *m)
{
	m->v0 += m->v1;
	m->v1 = rotl(m->v1, 13) ^ m->v0;
	m->v0 = rotl(m->v0, 32);
	m->v2 += m->v3;
	m->v3 = rotl(m->v3, 16) ^ m->v2;
	m->v0 += m->v3;
	m->v3 = rotl(m->v3, 21) ^ m->v0;
	m->v2 += m->v1;
	m->v1 = rotl(m->v1, 17) ^ m->v2;
	m->v2 = rotl(m->v2, 32);
}

static inline void sip_word(struct mac *m, uint64_t w)
{
	m->v3 ^= w;
	sip_round(m);
	sip_round(m);
	m->v0 ^= w;
}

void mac_init(struct mac *m, const struct mac_key *key)
{
	_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
		       "load64 reads little-endian words");
	uint64_t k0 = load64(key->k), k1 = load64(key->k + 8);

	*m = (struct mac){
		.v0 = k0 ^ 0x736f6d6570736575ull,
		.v1 = k1 ^ 0x646f72616e646f6dull,
		.v2 = k0 ^ 0x6c7967656e657261ull,
		.v3 = k1 ^ 0x7465646279746573ull,
	};
}

void mac_add(struct mac *m, const void *data, size_t n)
{
	const uint8_t *p = data;

	m->total += n;
	/* whole words, shifted by what is left over from before */
	if (m->tail_n) {
		unsigned shift = 8 * m->tail_n;

		for (; n >= 8; n -= 8, p += 8) {
			uint64_t w = load64(p);

			sip_word(m, m->tail | w << shift);
			m->tail = w >> (64 - shift);
		}
	} else {
		for (; n >= 8; n -= 8, p += 8)
			sip_word(m, load64(p));
	}
	while (n--) {
		m->tail |= (uint64_t)*p++ << (8 * m->tail_n++);
		if (m->tail_n == 8) {
			sip_word(m, m->tail);
			m->tail = 0;
			m->tail_n = 0;
		}
	}
}

void mac_field(struct mac *m, struct str s)
{
	uint32_t n = (uint32_t)s.n;

	mac_add(m, &n, sizeof(n));
	mac_add(m, s.p, s.n);
}

uint64_t mac_done(struct mac *m)
{
	sip_word(m, m->tail | (m->total << 56));
	m->v2 ^= 0xff;
	for (int i = 0; i < 4; i++)
		sip_round(m);
	return m->v0 ^ m->v1 ^ m->v2 ^ m->v3;
}

uint64_t mac_of(const struct mac_key *key, struct str s)
{
	struct mac m;

	mac_init(&m, key);
	mac_add(&m, s.p, s.n);
	return mac_done(&m);
}

void random_bytes(void *p, size_t n)
{
	uint8_t *at = p;

	while (n) {
		ssize_t got = getrandom(at, n, 0);

		if (got < 0 && errno == EINTR)
			continue;
		MUST(got > 0);
		at += got;
		n -= (size_t)got;
	}
}
