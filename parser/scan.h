/* SPDX-License-Identifier: BSD-2-Clause */
/* Finding the end of a line sixteen bytes at a time, on any machine that gcc and clang have vectors for. */
#ifndef PARSER_SCAN_H
#define PARSER_SCAN_H

#include <stdint.h>
#include <string.h>

typedef uint8_t scan_bytes __attribute__((vector_size(16)));
typedef uint64_t scan_words __attribute__((vector_size(16)));

/* The index of the first byte in memory order of a word in which some bytes are 0xff and all others 0. */
static inline unsigned scan_first(uint64_t word)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return (unsigned)__builtin_ctzll(word) / 8;
#else
	return (unsigned)__builtin_clzll(word) / 8;
#endif
}

/* The first CR or LF from p on, or end. Reads nothing behind end. */
static inline const char *scan_line_end(const char *p, const char *end)
{
	for (; end - p >= 16; p += 16) {
		scan_bytes in;
		scan_words hit;

		memcpy(&in, p, sizeof(in));
		hit = (scan_words)((in == '\r') | (in == '\n'));
		if (hit[0])
			return p + scan_first(hit[0]);
		if (hit[1])
			return p + 8 + scan_first(hit[1]);
	}
	while (p < end && *p != '\r' && *p != '\n')
		p++;
	return p;
}

#endif
