/* SPDX-License-Identifier: BSD-2-Clause */
/* What the harnesses share: properties that must hold for any input, and choices that the input makes. */
#ifndef TEST_FUZZ_H
#define TEST_FUZZ_H

#include "core/base/str.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A property that does not hold is a crash for the fuzzer. */
#define REQUIRE(cond)                                                                            \
	do {                                                                                     \
		if (!(cond)) {                                                                   \
			fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #cond); \
			abort();                                                                 \
		}                                                                                \
	} while (0)

/* Null and empty slices are in every text. */
static inline bool inside(struct str part, struct str whole)
{
	return part.n == 0 || (part.p >= whole.p && str_end(part) <= str_end(whole));
}

/* The input as text in memory of its own size, so that ASan sees each byte that is read beside it. */
static inline struct str input_text(const uint8_t *data, size_t size)
{
	char *p = malloc(size ? size : 1);

	REQUIRE(p);
	if (size)
		memcpy(p, data, size);
	return str_of(p, size);
}

static inline void input_free(struct str s)
{
	free((char *)(uintptr_t)s.p);
}

/* Numbers that depend on nothing but the input. */
static inline uint32_t choice_next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static inline uint32_t choice_seed(struct str s)
{
	uint32_t seed = (uint32_t)s.n;

	for (size_t i = 0; i < s.n && i < 64; i++)
		seed = seed * 31 + (unsigned char)s.p[i];
	return seed;
}

#endif
