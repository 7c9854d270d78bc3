/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/unit/core/mem/mem_test.h"

#include "core/mem/fault.h"
#include "core/mem/heap.h"

#include <string.h>

static struct shm *s;
static struct heap *h;

static int setup(void **state)
{
	(void)state;
	s = shm_new(256 * MIB, 64 * MIB, 4);
	shm_slot_set(1);
	h = heap_new(s, ID_MAKE(ID_CONN, 1, 1), MIB);
	return !s || !h;
}

static int teardown(void **state)
{
	(void)state;
	heap_drop(&h);
	assert_int_equal(used(s), 0);
	assert_int_equal(verify(s), 0);
	shm_slot_set(SHM_MAIN);
	shm_drop(&s);
	return 0;
}

static struct heap_stats heap_now(void)
{
	struct heap_stats t;

	heap_stats(h, &t);
	return t;
}

struct block {
	unsigned char *p;
	size_t n;
};

static void fill(struct block *b)
{
	if (b->n)
		b->p[0] = b->p[b->n - 1] = (unsigned char)b->n;
}

static void check(const struct block *b)
{
	if (b->n)
		assert_true(b->p[0] == (unsigned char)b->n &&
			    b->p[b->n - 1] == (unsigned char)b->n);
}

static void random_step(struct block *b, uint32_t *seed)
{
	size_t n = draw(seed) % (draw(seed) % 20 ? 400 : 20000);

	check(b);
	if (b->p && draw(seed) % 3) {
		heap_free(h, b->p);
		*b = (struct block){ NULL, 0 };
		return;
	}
	b->p = b->p || draw(seed) % 2 ? heap_realloc(h, b->p, n) : heap_alloc(h, n);
	assert_non_null(b->p);
	b->n = n;
	assert_int_equal((uintptr_t)b->p % 16, 0);
	assert_true(heap_block_size(h, b->p) >= n);
	assert_ptr_equal(heap_of(s, b->p), h);
	fill(b);
}

static void random_work_stays_whole(void **state)
{
	struct block all[100] = { 0 };
	uint32_t seed = 5;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		random_step(&all[draw(&seed) % 100], &seed);
		if (i % 1000 == 0) {
			if (i % 3000 == 0)
				heap_trim(h);
			assert_int_equal(heap_verify(h), 0);
			assert_int_equal(verify(s), 0);
		}
	}
	for (int i = 0; i < 100; i++) {
		check(&all[i]);
		heap_free(h, all[i].p);
	}
	assert_int_equal(heap_verify(h), 0);
	assert_int_equal(heap_now().live_bytes, 0);
	assert_int_equal(heap_now().live_blocks, 0);
	assert_true(heap_now().peak_bytes > 0);
	heap_trim(h);
	assert_int_equal(heap_now().pages, 1);
	assert_int_equal(used(s), SHM_PAGE);
	assert_int_equal(heap_verify(h), 0);
}

static void realloc_keeps_the_bytes(void **state)
{
	unsigned char *p = NULL, *wall;
	size_t n = 1;

	(void)state;
	for (; n < 100000; n = n * 3 / 2 + 1) {
		p = heap_realloc(h, p, n);
		assert_non_null(p);
		memset(p + n / 2, (int)n, n - n / 2);
		if (n % 2)
			wall = heap_alloc(h, 40);
		else
			wall = NULL;
		p = heap_realloc(h, p, n + 1000);
		for (size_t i = n / 2; i < n; i++)
			assert_int_equal(p[i], n & 0xff);
		p = heap_realloc(h, p, n / 2 + 10);
		for (size_t i = n / 2; i < n && i < n / 2 + 10; i++)
			assert_int_equal(p[i], n & 0xff);
		heap_free(h, wall);
		assert_int_equal(heap_verify(h), 0);
	}
	p[0] = 42;
	assert_null(heap_realloc(h, p, 2 * MIB));
	assert_null(heap_realloc(h, p, SIZE_MAX));
	assert_int_equal(p[0], 42);
	heap_free(h, p);
	heap_free(h, NULL);
	assert_int_equal(heap_now().live_blocks, 0);
}

static void a_full_heap_is_null_and_nothing_else(void **state)
{
	void *all[4096];
	unsigned n = 0;

	(void)state;
	while (n < 4096 && (all[n] = heap_alloc(h, 1000)))
		n++;
	assert_true(n * 1000 > MIB * 9 / 10 && n * 1000 <= MIB);
	assert_true(heap_now().pages * SHM_PAGE <= MIB);
	assert_null(heap_alloc(h, 1000));
	assert_null(heap_alloc(h, SIZE_MAX));
	assert_null(heap_alloc(h, SIZE_MAX - 20));
	assert_int_equal(heap_verify(h), 0);
	heap_free(h, all[n / 2]);
	assert_ptr_equal(heap_alloc(h, 1000), all[n / 2]);
	while (n)
		heap_free(h, all[--n]);
	heap_trim(h);
	assert_int_equal(heap_now().pages, 1);
	assert_null(heap_new(s, 1, SHM_PAGE));
}

static void first_fit_by_address(void **state)
{
	char *a = heap_alloc(h, 500), *b = heap_alloc(h, 100), *c = heap_alloc(h, 500),
	     *d = heap_alloc(h, 100);

	(void)state;
	assert_true(a < b && b < c && c < d);
	heap_free(h, c);
	heap_free(h, a);
	assert_ptr_equal(heap_alloc(h, 200), a);
	assert_true(heap_alloc(h, 200) == a + 224);
	assert_ptr_equal(heap_alloc(h, 480), c);
}

/* What stays of a handshake is few pages: much is taken, little is kept, the rest goes back. */
static void an_idle_heap_is_small(void **state)
{
	void *kept[60], *passing[400];
	struct heap_stats t;

	(void)state;
	for (unsigned i = 0; i < 20; i++)
		kept[i] = heap_alloc(h, 100 + i * 20);
	for (unsigned i = 0; i < 400; i++)
		passing[i] = heap_alloc(h, 50 + i % 7 * 100);
	for (unsigned i = 0; i < 400; i++)
		heap_free(h, passing[i * 7 % 400]);
	for (unsigned i = 20; i < 60; i++)
		kept[i] = heap_alloc(h, 100 + i % 20 * 20);
	heap_trim(h);
	t = heap_now();
	assert_int_equal(t.live_blocks, 60);
	assert_int_equal(t.pages, (t.live_bytes + 60 * 16) * 103 / 100 / SHM_PAGE + 1);
	assert_int_equal(used(s), t.pages * SHM_PAGE);
	assert_true(t.peak_bytes > 4 * t.live_bytes);
	assert_int_equal(heap_verify(h), 0);
	for (unsigned i = 0; i < 60; i++)
		heap_free(h, kept[i]);
}

static void a_trimmed_run_of_any_rest_is_whole(void **state)
{
	(void)state;
	for (size_t n = 3500; n < 4200; n += 8) {
		void *a = heap_alloc(h, n), *b = heap_alloc(h, 3000), *c;

		heap_free(h, b);
		heap_trim(h);
		assert_int_equal(heap_verify(h), 0);
		assert_int_equal(verify(s), 0);
		c = heap_alloc(h, 30000);
		memset(a, 1, n);
		memset(c, 2, 30000);
		heap_free(h, a);
		assert_int_equal(heap_verify(h), 0);
		heap_free(h, c);
		heap_trim(h);
		assert_int_equal(heap_now().pages, 1);
		assert_int_equal(heap_verify(h), 0);
	}
}

static void blocks_know_their_heap(void **state)
{
	struct heap *other = heap_new(s, 1, 4 * MIB);
	char *a = heap_alloc(h, 10), *b = heap_alloc(other, 10), *c = heap_alloc(other, 100000);
	void *chunk = chunk_alloc(s, 1000, 1), *pages = pages_alloc(s, 3, 1);

	(void)state;
	assert_ptr_equal(heap_of(s, a), h);
	assert_ptr_equal(heap_of(s, b), other);
	assert_ptr_equal(heap_of(s, c), other);
	assert_ptr_equal(heap_of(s, c + 99999), other);
	assert_null(heap_of(s, &a));
	assert_null(heap_of(s, NULL));
	assert_null(heap_of(s, chunk));
	assert_null(heap_of(s, pages));
	assert_null(heap_of(s, (char *)pages + 2 * SHM_PAGE));
	heap_drop(&other);
	assert_null(heap_of(s, b));
	assert_null(heap_of(s, c));
	assert_ptr_equal(heap_of(s, a), h);
	chunk_free(s, chunk);
	pages_free(s, pages);
}

static void aborts(void *p)
{
	int status;
	pid_t pid = child_fork();

	if (!pid) {
		fclose(stderr);
		heap_free(h, p);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
}

static void what_is_no_block_of_it_is_not_freed(void **state)
{
	struct heap *other = heap_new(s, 1, MIB);
	char *p = heap_alloc(h, 100), *q = heap_alloc(h, 100), *foreign = heap_alloc(other, 100);

	(void)state;
	aborts(foreign);
	aborts(p + 16);
	aborts(p + 1);
	aborts(&p);
	heap_free(h, q);
	aborts(q);
	heap_free(h, p);
	aborts(p);
	heap_drop(&other);
}

static void verify_finds_what_is_wrong(void **state)
{
	uint32_t *p = heap_alloc(h, 32), kept;

	(void)state;
	heap_alloc(h, 32);
	assert_int_equal(heap_verify(h), 0);
	for (int i = 1; i <= 4; i++) {
		kept = p[-i];
		p[-i] += 16;
		assert_true(heap_verify(h) > 0);
		p[-i] = kept;
	}
	/* One byte too many was written: the next block's header. */
	kept = p[8];
	((char *)p)[32]++;
	assert_true(heap_verify(h) > 0);
	p[8] = kept;
	assert_int_equal(heap_verify(h), 0);
}

static void use_it(void *arg)
{
	void *p[50];

	heap_free(h, arg);
	for (int i = 0; i < 50; i++)
		CHECK(p[i] = heap_alloc(h, 2000));
	for (int i = 0; i < 49; i++)
		heap_free(h, p[i]);
	CHECK(!heap_verify(h));
}

static void processes_take_turns(void **state)
{
	(void)state;
	heap_publish(h);
	for (unsigned slot = 2; slot < 4; slot++)
		assert_true(run_child(slot, use_it, heap_alloc(h, 100)));
	assert_int_equal(heap_now().live_blocks, 2);
	assert_int_equal(heap_verify(h), 0);
	assert_int_equal(verify(s), 0);
}

static void die_with_a_heap(void *arg)
{
	struct heap *mine = heap_new(s, 1, MIB);

	(void)arg;
	for (int i = 0; i < 30; i++)
		CHECK(heap_alloc(mine, 2000));
	kill(getpid(), SIGKILL);
}

static void a_heap_that_was_being_built_is_given_back(void **state)
{
	size_t before = used(s);

	(void)state;
	assert_false(run_child(2, die_with_a_heap, NULL));
	assert_true(used(s) > before + 60000);
	assert_int_equal(shm_recover(s, 2), 1);
	assert_int_equal(used(s), before);
	assert_int_equal(verify(s), 0);
}

#ifdef SERAC_FAULT
static void every_allocation_may_fail(void **state)
{
	unsigned n = 1;
	bool failed;

	(void)state;
	do {
		struct heap *mine;
		void *p[40] = { 0 };

		fault_alloc_fail(n++);
		mine = heap_new(s, 1, MIB);
		for (int i = 0; mine && i < 40; i++)
			p[i] = i % 5 == 4 && p[i - 1] ? heap_realloc(mine, p[i - 1], 9000)
						      : heap_alloc(mine, 1500);
		for (int i = 0; mine && i < 40; i++)
			if (i % 5 < 3)
				heap_free(mine, p[i]);
		failed = fault_happened();
		fault_alloc_fail(0);
		assert_true(!mine || !heap_verify(mine));
		heap_drop(&mine);
		assert_int_equal(verify(s), 0);
		assert_int_equal(used(s), 2 * SHM_PAGE);
	} while (failed);
	assert_true(n > 40);
}
#endif

/* What stays is packed, whatever came and went between its blocks. */
static void large_blocks_lie_apart(void **state)
{
	void *small[20], *large[20];

	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		large[i] = heap_alloc(h, 1500 + i * 900);
		small[i] = heap_alloc(h, 200);
		assert_non_null(large[i]);
		assert_non_null(small[i]);
	}
	for (unsigned i = 0; i < 20; i++)
		heap_free(h, large[i]);
	heap_trim(h);
	assert_int_equal(heap_verify(h), 0);
	/* 20 small ones take 4320 bytes: the first two pages do */
	assert_int_equal(heap_now().pages, 2);
	for (unsigned i = 0; i < 20; i++)
		heap_free(h, small[i]);
}

static void a_large_block_that_lasts_lies_with_the_small_ones(void **state)
{
	void *lasting, *large, *small;

	(void)state;
	heap_lasting(h, true);
	lasting = heap_alloc(h, 7000);
	heap_lasting(h, false);
	assert_non_null(lasting);
	assert_int_equal(heap_now().pages, 2);
	large = heap_alloc(h, 17000);
	assert_non_null(large);
	small = heap_alloc(h, 300);
	/* grown, it is a large one */
	small = heap_realloc(h, small, 3000);
	assert_non_null(small);
	assert_int_equal(heap_verify(h), 0);
	heap_free(h, large);
	heap_free(h, small);
	heap_trim(h);
	assert_int_equal(heap_now().pages, 2);
	heap_free(h, lasting);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(large_blocks_lie_apart),
		TEST(a_large_block_that_lasts_lies_with_the_small_ones),
		TEST(random_work_stays_whole),
		TEST(realloc_keeps_the_bytes),
		TEST(a_full_heap_is_null_and_nothing_else),
		TEST(first_fit_by_address),
		TEST(an_idle_heap_is_small),
		TEST(a_trimmed_run_of_any_rest_is_whole),
		TEST(blocks_know_their_heap),
		TEST(what_is_no_block_of_it_is_not_freed),
		TEST(verify_finds_what_is_wrong),
		TEST(processes_take_turns),
		TEST(a_heap_that_was_being_built_is_given_back),
#ifdef SERAC_FAULT
		TEST(every_allocation_may_fail),
#endif
	};

	return cmocka_run_group_tests_name("heap", tests, NULL, NULL);
}
