/* SPDX-License-Identifier: BSD-2-Clause */
/* What all tests of the parser share: cmocka, comparing slices, and a pool that runs out where the test says. */
#ifndef TEST_PARSER_CHECK_H
#define TEST_PARSER_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/mem/pool.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* expected_z NULL: s must be null. */
static inline void check_str(struct str s, const char *expected_z, const char *about, int line)
{
	bool same = expected_z ? !str_is_null(s) && str_eq(s, str_z(expected_z)) : str_is_null(s);

	if (!same)
		fail_msg("line %d: %s: got \"" STRF "\"%s, expected \"%s\"", line, about, STRA(s),
			 str_is_null(s) ? " (null)" : "", expected_z ? expected_z : "(null)");
}
#define assert_str(s, expected_z) check_str((s), (expected_z), #s, __LINE__)
/* The same with the input named, for tables. */
#define assert_str_in(s, expected_z, input_z) check_str((s), (expected_z), (input_z), __LINE__)

/* The text in memory of its own size, so that ASan sees each byte that is read behind it. Freed by the caller. */
static inline struct str text_alone(struct str s)
{
	char *p = malloc(s.n ? s.n : 1);

	assert_non_null(p);
	if (s.n)
		memcpy(p, s.p, s.n);
	return str_of(p, s.n);
}

static inline void text_free(struct str s)
{
	free((char *)(uintptr_t)s.p);
}

#define POOL_TEST_MAX 65536u

static inline struct pool *pool_test(void)
{
	struct pool *p = pool_new(4096, POOL_TEST_MAX);

	assert_non_null(p);
	return p;
}

/* Calls work with a pool that has left bytes of room, for left = 0, 16, 32, ... until work says true: it found memory for everything. So each
 * allocation of work fails in turn. work must cope, and asserts itself that it told -ENOMEM. */
static inline void each_allocation_fails(bool (*work)(struct pool *p, void *arg), void *arg)
{
	for (size_t left = 0;; left += 16) {
		struct pool *p = pool_new(1024, POOL_TEST_MAX);
		bool done;

		assert_non_null(p);
		assert_true(left < POOL_TEST_MAX);
		while (pool_used(p) + left + 1024 < POOL_TEST_MAX && pool_alloc(p, 512))
			;
		while (pool_used(p) + left < POOL_TEST_MAX && pool_alloc(p, 16))
			;
		done = work(p, arg);
		pool_drop(&p);
		if (done)
			return;
	}
}

#endif
