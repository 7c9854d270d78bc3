/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/unit/core/mem/mem_test.h"

#include "core/mem/fault.h"
#include "core/mem/pool.h"

static void all_is_aligned_and_apart(void **state)
{
	struct pool *p = pool_new(1024, 1 << 20);
	char *all[200];

	(void)state;
	assert_non_null(p);
	for (size_t i = 0; i < 200; i++) {
		all[i] = pool_alloc(p, i);
		assert_non_null(all[i]);
		assert_int_equal((uintptr_t)all[i] % 16, 0);
		memset(all[i], (int)i, i);
	}
	for (size_t i = 0; i < 200; i++)
		for (size_t k = 0; k < i; k++)
			assert_int_equal((unsigned char)all[i][k], i);
	assert_int_equal(pool_used(p), 199 * 200 / 2);
	pool_drop(&p);
	assert_null(p);
	pool_drop(&p);
}

static void reset_keeps_the_first_block(void **state)
{
	struct pool *p = pool_new(4096, 1 << 20);
	void *first = pool_alloc(p, 100);

	(void)state;
	for (int turn = 0; turn < 3; turn++) {
		for (int i = 0; i < 100; i++)
			assert_non_null(pool_alloc(p, 500));
		pool_reset(p);
		assert_int_equal(pool_used(p), 0);
		assert_ptr_equal(pool_alloc(p, 100), first);
		pool_reset(p);
	}
	pool_drop(&p);
}

static void never_more_than_max(void **state)
{
	static const size_t sizes[] = { 1, 16, 100, 1000, 1024, 5000, 40000 };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct pool *p = pool_new(1024, 50000);
		size_t n = 0;

		while (pool_alloc(p, sizes[i]))
			assert_true((n += sizes[i]) <= 50000);
		assert_true(n > 0 && n == pool_used(p));
		/* What is refused spoils nothing. */
		pool_reset(p);
		assert_non_null(pool_alloc(p, sizes[i]));
		assert_null(pool_alloc(p, SIZE_MAX));
		assert_null(pool_alloc(p, SIZE_MAX - 15));
		assert_null(pool_alloc(p, 50001));
		pool_drop(&p);
	}
	assert_null(pool_new(4096, 1000));
}

static void a_large_one_does_not_waste_the_rest(void **state)
{
	struct pool *p = pool_new(4096, 1 << 20);
	char *a = pool_alloc(p, 16), *large = pool_alloc(p, 8000), *b = pool_alloc(p, 16);

	(void)state;
	assert_non_null(large);
	assert_true(b > a && b < a + 64);
	pool_drop(&p);
}

static void texts_are_copied(void **state)
{
	struct pool *p = pool_new(1024, 4096);
	struct str s = pool_str(p, STR("sip:a@b"));
	char *z = pool_str_z(p, STR("sip:a@b"));

	(void)state;
	assert_true(str_eq(s, STR("sip:a@b")));
	assert_string_equal(z, "sip:a@b");
	assert_true(str_is_null(pool_str(p, STR_NULL)));
	assert_false(str_is_null(pool_str(p, STR(""))));
	assert_string_equal(pool_str_z(p, STR_NULL), "");
	assert_non_null(pool_alloc(p, 0));
	z = pool_zalloc(p, 300);
	for (int i = 0; i < 300; i++)
		assert_int_equal(z[i], 0);
	assert_true(str_is_null(pool_str(p, str_of(z, 5000))));
	pool_drop(&p);
}

#ifdef SERAC_FAULT
static void asked_for_it_fails(void **state)
{
	struct pool *p = pool_new(1024, 4096);

	(void)state;
	fault_alloc_fail(2);
	assert_non_null(pool_alloc(p, 10));
	assert_false(fault_happened());
	assert_null(pool_alloc(p, 10));
	assert_true(fault_happened());
	assert_non_null(pool_alloc(p, 10));
	fault_alloc_fail(1);
	assert_null(pool_new(1024, 4096));
	fault_alloc_fail(0);
	pool_drop(&p);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_is_aligned_and_apart),
		cmocka_unit_test(reset_keeps_the_first_block),
		cmocka_unit_test(never_more_than_max),
		cmocka_unit_test(a_large_one_does_not_waste_the_rest),
		cmocka_unit_test(texts_are_copied),
#ifdef SERAC_FAULT
		cmocka_unit_test(asked_for_it_fails),
#endif
	};

	return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
