/* SPDX-License-Identifier: BSD-2-Clause */
/* GnuTLS' memory: whose it is, and what becomes of blocks that meet the wrong one. */
#include "test/unit/core/mem/mem_test.h"

#include "modules/tls/memory.h"

#include <gnutls/gnutls.h>
#include <string.h>

static struct shm *shm;
static struct heap *a, *b;

static int begin(void **state)
{
	(void)state;
	shm = shm_new(256 * MIB, 64 * MIB, 4);
	assert_non_null(shm);
	shm_slot_set(0);
	memory_start(shm);
	a = heap_new(shm, ID_MAKE(ID_TEST, 1, 1), 65536);
	b = heap_new(shm, ID_MAKE(ID_TEST, 1, 2), 65536);
	assert_non_null(a);
	assert_non_null(b);
	return 0;
}

static int end(void **state)
{
	(void)state;
	heap_drop(&a);
	heap_drop(&b);
	assert_int_equal(used(shm), 0);
	memory_start(NULL);
	shm_drop(&shm);
	return 0;
}

static void what_is_entered_gives_the_memory(void **state)
{
	void *private = gnutls_malloc(100), *p, *q;

	(void)state;
	assert_false(shm_has(shm, private));
	heap_enter(a);
	p = gnutls_malloc(100);
	assert_ptr_equal(heap_of(shm, p), a);
	q = gnutls_calloc(10, 10);
	assert_ptr_equal(heap_of(shm, q), a);
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(((char *)q)[i], 0);
	q = gnutls_realloc(q, 3000);
	assert_ptr_equal(heap_of(shm, q), a);
	/* what the library had before stays private, grown or freed */
	private = gnutls_realloc(private, 5000);
	assert_false(shm_has(shm, private));
	gnutls_free(private);
	gnutls_free(q);
	gnutls_free(NULL);
	assert_null(gnutls_calloc(SIZE_MAX / 2, 3));
	/* full: no more, and no harm */
	assert_null(gnutls_malloc(70000));
	assert_null(gnutls_realloc(p, 70000));
	assert_true(heap_leave());
	q = gnutls_malloc(100);
	assert_false(shm_has(shm, q));
	gnutls_free(q);
	heap_enter(a);
	gnutls_free(p);
	heap_leave();
}

/* When the heap has no room, a buffer for the time of one call is private. */
static void large_blocks_may_be_strays(void **state)
{
	void *all[64], *p, *q;
	unsigned n = 0;

	(void)state;
	heap_enter(a);
	while (n < 64 && (all[n] = heap_alloc(a, 3000)))
		n++;
	assert_null(gnutls_malloc(3000));
	p = gnutls_malloc(17000);
	assert_non_null(p);
	assert_false(shm_has(shm, p));
	p = gnutls_realloc(p, 30000);
	q = gnutls_realloc(all[0], 5000);
	assert_non_null(q);
	assert_false(shm_has(shm, q));
	gnutls_free(q);
	gnutls_free(p);
	assert_true(heap_leave());
	heap_enter(a);
	assert_non_null(gnutls_malloc(17000));
	/* one that stays is freed, and told of */
	assert_false(heap_leave());
	heap_enter(a);
	while (--n)
		heap_free(a, all[n]);
	assert_true(heap_leave());
}

static void the_nth_allocation_fails_once(void **state)
{
	void *p;

	(void)state;
	heap_enter(a);
	memory_fail_at(2);
	p = gnutls_malloc(10);
	assert_non_null(p);
	assert_false(memory_failed());
	assert_null(gnutls_malloc(10));
	assert_true(memory_failed());
	memory_fail_at(0);
	assert_true(memory_failed());
	gnutls_free(p);
	heap_leave();
}

/* A child that does it dies of an invariant. */
static bool dies(void (*body)(void))
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = child_fork();
	if (!pid) {
		if (!freopen("/dev/null", "w", stderr))
			_exit(0);
		body();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status);
}

static void free_in_another(void)
{
	void *p;

	heap_enter(a);
	p = gnutls_malloc(100);
	heap_leave();
	heap_enter(b);
	gnutls_free(p);
}

static void free_in_none(void)
{
	void *p;

	heap_enter(a);
	p = gnutls_malloc(100);
	heap_leave();
	gnutls_free(p);
}

static void enter_twice(void)
{
	heap_enter(a);
	heap_enter(b);
}

static void enter_and_leave(void)
{
	heap_enter(a);
	gnutls_free(gnutls_malloc(100));
	heap_leave();
}

static void a_block_of_another_heap_is_an_error_of_ours(void **state)
{
	(void)state;
	assert_true(dies(free_in_another));
	assert_true(dies(free_in_none));
	assert_true(dies(enter_twice));
	assert_false(dies(enter_and_leave));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_entered_gives_the_memory),
		TEST(large_blocks_may_be_strays),
		TEST(the_nth_allocation_fails_once),
		TEST(a_block_of_another_heap_is_an_error_of_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
