/* SPDX-License-Identifier: BSD-2-Clause */
/* Two levels of bits: a number's bit is set before the bit that leads to its word, and taken in the opposite order. */
#include "core/net/marks.h"

#include "core/mem/fault.h"

#include <string.h>

static uint32_t words_for(unsigned n)
{
	return (n + 63) / 64;
}

size_t marks_size(unsigned n)
{
	uint32_t words = words_for(n);

	return sizeof(struct marks) + sizeof(uint64_t) * (words + words_for(words));
}

void marks_init(struct marks *m, unsigned n)
{
	memset(m, 0, marks_size(n));
	m->words_n = words_for(n);
	m->sums_n = words_for(m->words_n);
}

void marks_add(struct marks *m, unsigned i)
{
	uint32_t word = i / 64;

	atomic_fetch_or(&m->bits[m->sums_n + word], 1ull << i % 64);
	FAULT("net.marks.half");
	atomic_fetch_or(&m->bits[word / 64], 1ull << word % 64);
}

static void take_word(struct marks *m, uint32_t word, void (*each)(unsigned i, void *arg),
		      void *arg)
{
	uint64_t bits = atomic_exchange(&m->bits[m->sums_n + word], 0);

	while (bits) {
		unsigned i = (unsigned)__builtin_ctzll(bits);

		bits &= bits - 1;
		each(word * 64 + i, arg);
	}
}

void marks_take(struct marks *m, void (*each)(unsigned i, void *arg), void *arg)
{
	for (uint32_t s = 0; s < m->sums_n; s++) {
		uint64_t sum;

		if (!atomic_load_explicit(&m->bits[s], memory_order_relaxed))
			continue;
		sum = atomic_exchange(&m->bits[s], 0);
		while (sum) {
			uint32_t word = s * 64 + (uint32_t)__builtin_ctzll(sum);

			sum &= sum - 1;
			take_word(m, word, each, arg);
		}
	}
}

void marks_take_all(struct marks *m, void (*each)(unsigned i, void *arg), void *arg)
{
	for (uint32_t s = 0; s < m->sums_n; s++)
		atomic_exchange(&m->bits[s], 0);
	for (uint32_t w = 0; w < m->words_n; w++) {
		if (atomic_load(&m->bits[m->sums_n + w]))
			take_word(m, w, each, arg);
	}
}
