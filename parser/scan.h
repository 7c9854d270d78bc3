/* SPDX-License-Identifier: BSD-2-Clause */
/* Finding bytes sixteen at a time, on any machine that gcc and clang have vectors for. Nothing behind the end that is given is read. */
#ifndef PARSER_SCAN_H
#define PARSER_SCAN_H

#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

typedef uint8_t scan_bytes __attribute__((vector_size(16)));
typedef uint64_t scan_words __attribute__((vector_size(16)));

static inline scan_bytes scan_load(const char *p)
{
	scan_bytes in;

	memcpy(&in, p, sizeof(in));
	return in;
}

/* Bit i is set where byte i of hits, in which all are 0xff or 0, is not 0. */
static inline unsigned scan_mask(scan_bytes hits)
{
#ifdef __SSE2__
	return (unsigned)_mm_movemask_epi8((__m128i)hits);
#else
	/* the product brings the lowest bits of eight bytes together in the highest byte */
	const uint64_t ones = 0x0101010101010101, gather = 0x0102040810204080;
	scan_words w = (scan_words)hits;

	_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "byte 0 is the lowest");
	return (unsigned)((w[0] & ones) * gather >> 56 | (w[1] & ones) * gather >> 56 << 8);
#endif
}

/* Which of the sixteen bytes at p are CR or LF. */
static inline uint64_t scan_line_ends(const char *p)
{
	scan_bytes in = scan_load(p);

	return scan_mask((scan_bytes)((in == '\r') | (in == '\n')));
}

/* The places of CR and LF in a text, found 64 bytes at a time. */
struct scan_lines {
	const char *at; /* hits is about the 64 bytes from here on */
	const char *end;
	uint64_t hits;
};

static inline void scan_lines_look(struct scan_lines *l, const char *at)
{
	l->at = at;
	l->hits = 0;
	if (l->end - at >= 64) {
		l->hits = scan_line_ends(at) | scan_line_ends(at + 16) << 16 |
			  scan_line_ends(at + 32) << 32 | scan_line_ends(at + 48) << 48;
		return;
	}
	for (unsigned i = 0; at + i < l->end; i++)
		l->hits |= (uint64_t)(at[i] == '\r' || at[i] == '\n') << i;
}

static inline void scan_lines_begin(struct scan_lines *l, const char *p, const char *end)
{
	l->end = end;
	scan_lines_look(l, p);
}

/* The first CR or LF from p on, or the end. Going back with p costs a second look at the bytes. */
static inline const char *scan_lines_next(struct scan_lines *l, const char *p)
{
	for (;;) {
		size_t skip = (size_t)(p - l->at);

		if (skip < 64) {
			uint64_t hits = l->hits >> skip;

			if (hits)
				return p + __builtin_ctzll(hits);
			p = l->at + 64;
		}
		if (p >= l->end)
			return l->end;
		/* the last piece begins earlier, so that it is a whole one too: this is not the first */
		scan_lines_look(l, l->end - p < 64 ? l->end - 64 : p);
	}
}

#endif
