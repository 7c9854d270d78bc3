/* SPDX-License-Identifier: BSD-2-Clause */
/* A set of connection numbers in shared memory: any process adds, one takes. Adding twice is the same as adding once and nothing is linked,
 * so a death anywhere leaves at worst an addition that marks_take does not see and marks_take_all does. */
#ifndef NET_MARKS_H
#define NET_MARKS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct marks {
	uint32_t words_n;	 /* each holds 64 numbers */
	uint32_t sums_n;	 /* each bit says that a word is not empty */
	_Atomic uint64_t bits[]; /* the sums, then the words */
};

/* Bytes for numbers below n. */
size_t marks_size(unsigned n);
void marks_init(struct marks *m, unsigned n);
void marks_add(struct marks *m, unsigned i);
/* Takes out all numbers that are seen at this time and calls each for them. */
void marks_take(struct marks *m, void (*each)(unsigned i, void *arg), void *arg);
/* The same, and also what was added only half. */
void marks_take_all(struct marks *m, void (*each)(unsigned i, void *arg), void *arg);

#endif
