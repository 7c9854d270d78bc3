/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/unit/core/mem/mem_test.h"

#include "core/mem/arena.h"
#include "core/mem/fault.h"

#include <string.h>

static struct shm *s;

static int setup(void **state)
{
	(void)state;
	s = shm_new(256 * MIB, 64 * MIB, 4);
	shm_slot_set(1);
	return !s;
}

static int teardown(void **state)
{
	(void)state;
	shm_slot_set(SHM_MAIN);
	shm_drop(&s);
	return 0;
}

static void all_is_aligned_and_apart(void **state)
{
	struct arena *a = arena_new(s, ID_MAKE(ID_TEST, 1, 1), 100, MIB);
	unsigned char *all[1000];
	size_t n = 0;

	(void)state;
	assert_non_null(a);
	assert_ptr_equal(arena_shm(a), s);
	for (size_t i = 0; i < 1000; i++) {
		all[i] = arena_alloc(a, i);
		assert_non_null(all[i]);
		assert_int_equal((uintptr_t)all[i] % 16, 0);
		memset(all[i], (int)i, i);
		n += i;
		if (i == 500)
			arena_publish(a);
	}
	assert_int_equal(arena_used(a), n);
	for (size_t i = 0; i < 1000; i++)
		for (size_t k = 0; k < i; k++)
			assert_int_equal(all[i][k], i & 0xff);
	assert_true(used(s) < n + n / 8);
	assert_int_equal(verify(s), 0);
	arena_drop(&a);
	assert_null(a);
	arena_drop(&a);
	assert_int_equal(used(s), 0);
	assert_int_equal(verify(s), 0);
}

static void a_small_one_is_one_chunk(void **state)
{
	static const struct {
		size_t first, bytes;
	} vectors[] = {
		{ 1, 1024 }, { 900, 1024 }, { 1900, 2048 }, { 4000, 4096 }, { 4096, 8192 },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(vectors) / sizeof(*vectors); i++) {
		struct arena *a = arena_new(s, 1, vectors[i].first, MIB);

		assert_non_null(arena_alloc(a, vectors[i].first));
		assert_int_equal(used(s), vectors[i].bytes);
		arena_drop(&a);
	}
}

static void never_above_max(void **state)
{
	static const size_t sizes[] = { 1, 100, 1000, 5000, 60000 };

	(void)state;
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct arena *a = arena_new(s, 1, 500, 100000);
		size_t n = 0;

		while (arena_alloc(a, sizes[i])) {
			n += sizes[i];
			assert_true(n <= 100000);
		}
		assert_true(n >= sizes[i]);
		assert_true(used(s) <= 100000 + SHM_PAGE);
		assert_null(arena_alloc(a, SIZE_MAX));
		assert_null(arena_alloc(a, SIZE_MAX - 15));
		arena_drop(&a);
		assert_int_equal(used(s), 0);
	}
	assert_null(arena_new(s, 1, 2000, 1000));
	assert_null(arena_new(s, 1, 10, 10));
	assert_null(arena_new(s, 1, SIZE_MAX, SIZE_MAX));
}

static void a_large_one_does_not_waste_the_rest(void **state)
{
	struct arena *a = arena_new(s, 1, 900, MIB);
	char *x = arena_alloc(a, 16), *large = arena_alloc(a, 8000), *y = arena_alloc(a, 16);

	(void)state;
	assert_non_null(large);
	/* 8000 bytes leave 192 of their two pages: less than what is left of the first KiB. */
	assert_ptr_equal(y, x + 16);
	arena_drop(&a);
}

static void texts_are_copied(void **state)
{
	struct arena *a = arena_new(s, 1, 100, 2000);
	char *z;

	(void)state;
	assert_true(str_eq(arena_str(a, STR("sip:a@b")), STR("sip:a@b")));
	assert_true(str_is_null(arena_str(a, STR_NULL)));
	assert_false(str_is_null(arena_str(a, STR(""))));
	memset(arena_alloc(a, 100), 0xff, 100);
	z = arena_zalloc(a, 200);
	for (int i = 0; i < 200; i++)
		assert_int_equal(z[i], 0);
	assert_true(str_is_null(arena_str(a, str_of(z, 3000))));
	arena_drop(&a);
}

/* Built and filled in one process, filled on in a second, dropped in a third. */
static void fill_on(void *arg)
{
	struct arena *a = *(struct arena **)arg;
	char *p = arena_alloc(a, 10000);

	CHECK(p);
	memset(p, 7, 10000);
}

static void drop_it(void *arg)
{
	struct arena *a = *(struct arena **)arg;

	arena_drop(&a);
}

static void processes_take_turns(void **state)
{
	struct arena *a = arena_new(s, 1, 100, MIB);

	(void)state;
	arena_publish(a);
	assert_true(run_child(2, fill_on, &a));
	assert_true(run_child(3, fill_on, &a));
	assert_int_equal(verify(s), 0);
	assert_true(run_child(2, drop_it, &a));
	assert_int_equal(used(s), 0);
	assert_int_equal(verify(s), 0);
}

#ifdef SERAC_FAULT
static void every_allocation_may_fail(void **state)
{
	(void)state;
	for (unsigned n = 1;; n++) {
		struct arena *a;
		bool all;

		fault_alloc_fail(n);
		a = arena_new(s, 1, 100, MIB);
		all = a;
		for (int i = 0; a && i < 5; i++)
			all &= arena_alloc(a, 5000) != NULL;
		assert_true(all != fault_happened());
		arena_drop(&a);
		assert_int_equal(used(s), 0);
		assert_int_equal(verify(s), 0);
		if (!fault_happened())
			break;
		assert_true(n < 10);
	}
	fault_alloc_fail(0);
}
#endif

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_is_aligned_and_apart),	 TEST(a_small_one_is_one_chunk),
		TEST(never_above_max),		 TEST(a_large_one_does_not_waste_the_rest),
		TEST(texts_are_copied),		 TEST(processes_take_turns),
#ifdef SERAC_FAULT
		TEST(every_allocation_may_fail),
#endif
	};

	return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
