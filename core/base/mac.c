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
	return v; /* Serac runs on little-endian Linux; see the check in sip_start */
}

/* All of these work on a copy of the state on the caller's stack, which the compiler keeps in registers. */
static inline void sip_round(struct mac_state *s)
{
	s->v0 += s->v1;
	s->v1 = rotl(s->v1, 13) ^ s->v0;
	s->v0 = rotl(s->v0, 32);
	s->v2 += s->v3;
	s->v3 = rotl(s->v3, 16) ^ s->v2;
	s->v0 += s->v3;
	s->v3 = rotl(s->v3, 21) ^ s->v0;
	s->v2 += s->v1;
	s->v1 = rotl(s->v1, 17) ^ s->v2;
	s->v2 = rotl(s->v2, 32);
}

static inline void sip_word(struct mac_state *s, uint64_t w)
{
	s->v3 ^= w;
	sip_round(s);
	sip_round(s);
	s->v0 ^= w;
}

static inline struct mac_state sip_start(const struct mac_key *key)
{
	_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
		       "load64 reads little-endian words");
	uint64_t k0 = load64(key->k), k1 = load64(key->k + 8);

	return (struct mac_state){
		.v0 = k0 ^ 0x736f6d6570736575ull,
		.v1 = k1 ^ 0x646f72616e646f6dull,
		.v2 = k0 ^ 0x6c7967656e657261ull,
		.v3 = k1 ^ 0x7465646279746573ull,
	};
}

/* tail: the bytes behind the last whole word, and the number of all in the highest byte. */
static inline uint64_t sip_end(struct mac_state *s, uint64_t tail)
{
	sip_word(s, tail);
	s->v2 ^= 0xff;
	for (int i = 0; i < 4; i++)
		sip_round(s);
	return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

void mac_init(struct mac *m, const struct mac_key *key)
{
	*m = (struct mac){ .state = sip_start(key) };
}

void mac_add(struct mac *m, const void *data, size_t n)
{
	struct mac_state s = m->state;
	const uint8_t *p = data;

	m->total += n;
	/* whole words, shifted by what is left over from before */
	if (m->tail_n) {
		unsigned shift = 8 * m->tail_n;

		for (; n >= 8; n -= 8, p += 8) {
			uint64_t w = load64(p);

			sip_word(&s, m->tail | w << shift);
			m->tail = w >> (64 - shift);
		}
	} else {
		for (; n >= 8; n -= 8, p += 8)
			sip_word(&s, load64(p));
	}
	while (n--) {
		m->tail |= (uint64_t)*p++ << (8 * m->tail_n++);
		if (m->tail_n == 8) {
			sip_word(&s, m->tail);
			m->tail = 0;
			m->tail_n = 0;
		}
	}
	m->state = s;
}

void mac_field(struct mac *m, struct str s)
{
	uint32_t n = (uint32_t)s.n;

	mac_add(m, &n, sizeof(n));
	mac_add(m, s.p, s.n);
}

uint64_t mac_done(struct mac *m)
{
	return sip_end(&m->state, m->tail | m->total << 56);
}

/* The bytes of text behind its last whole word. */
static inline uint64_t rest_of(struct str text)
{
	unsigned rest = text.n % 8;
	uint64_t w = 0;

	if (rest && text.n > 8) /* the last word, without those of its bytes that have been taken */
		return load64((const uint8_t *)str_end(text) - 8) >> (64 - 8 * rest);
	for (unsigned i = 0; i < rest; i++)
		w |= (uint64_t)(uint8_t)text.p[i] << 8 * i;
	return w;
}

uint64_t mac_of_both(const struct mac_key *key, struct str text, uint64_t tail, unsigned tail_n)
{
	struct mac_state s = sip_start(key);
	unsigned rest = text.n % 8;
	uint64_t w = rest_of(text) | tail << 8 * rest, total = (uint64_t)(text.n + tail_n) << 56;

	for (const char *p = text.p, *end = p + (text.n - rest); p < end; p += 8)
		sip_word(&s, load64((const uint8_t *)p));
	if (rest + tail_n < 8)
		return sip_end(&s, w | total);
	sip_word(&s, w);
	return sip_end(&s, (rest ? tail >> (64 - 8 * rest) : 0) | total);
}

uint64_t mac_of(const struct mac_key *key, struct str text)
{
	return mac_of_both(key, text, 0, 0);
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
