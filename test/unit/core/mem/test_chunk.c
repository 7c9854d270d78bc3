/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/unit/core/mem/mem_test.h"

#include "core/mem/fault.h"
#include "core/mem/page.h"

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

static const struct {
	size_t n, size;
} sizes[] = {
	{ 0, 1024 },	  { 1, 1024 },	    { 1024, 1024 },	    { 1025, 2048 },
	{ 2048, 2048 },	  { 2049, 4096 },   { 4096, 4096 },	    { 4097, 8192 },
	{ 65536, 65536 }, { 65537, 69632 }, { 16 * MIB, 16 * MIB },
};
#define SIZES (sizeof(sizes) / sizeof(*sizes))

static void a_chunk_has_its_size_owner_and_state(void **state)
{
	(void)state;
	for (size_t i = 0; i < SIZES; i++) {
		uint64_t owner = ID_MAKE(ID_TEST, i, 77);
		void *p = chunk_alloc(s, sizes[i].n, owner);

		assert_non_null(p);
		assert_int_equal((uintptr_t)p % 1024, 0);
		assert_int_equal(chunk_size(s, p), sizes[i].size);
		assert_int_equal(chunk_owner(s, p), owner);
		assert_int_equal(chunk_state(s, p), MEM_BUILDING);
		assert_int_equal(used(s), sizes[i].size);
		memset(p, 0xff, sizes[i].size);
		chunk_publish(s, p);
		assert_int_equal(chunk_state(s, p), MEM_LIVE);
		assert_int_equal(stats(s).chunks_live, 1);
		assert_int_equal(stats(s).chunk_bytes, sizes[i].size);
		chunk_dying(s, p);
		assert_int_equal(chunk_state(s, p), MEM_DYING);
		chunk_free(s, p);
		assert_int_equal(used(s), 0);
		assert_int_equal(stats(s).chunks_live, 0);
		assert_int_equal(verify(s), 0);
	}
	assert_null(chunk_alloc(s, 16 * MIB + 1, 1));
	assert_null(chunk_alloc(s, SIZE_MAX, 1));
	chunk_free(s, NULL);
}

static void random_work_stays_whole(void **state)
{
	unsigned char *all[1000] = { 0 };
	uint32_t seed = 3;
	size_t bytes = 0;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		unsigned k = draw(&seed) % 1000;
		size_t n = draw(&seed) % (draw(&seed) % 50 ? 4096 : 50000), size;

		if (all[k]) {
			size = chunk_size(s, all[k]);
			assert_int_equal(all[k][0], k & 0xff);
			assert_int_equal(all[k][size - 1], k & 0xff);
			bytes -= size;
			chunk_free(s, all[k]);
			all[k] = NULL;
		} else {
			all[k] = chunk_alloc(s, n, k);
			assert_non_null(all[k]);
			size = chunk_size(s, all[k]);
			assert_true(size >= n);
			memset(all[k], (int)k, size);
			bytes += size;
		}
		if (i % 10000 == 0) {
			assert_int_equal(verify(s), 0);
			assert_int_equal(used(s), bytes);
		}
	}
	for (int k = 0; k < 1000; k++)
		chunk_free(s, all[k]);
	assert_int_equal(used(s), 0);
	assert_int_equal(verify(s), 0);
	shm_leave(s);
	assert_int_equal(verify(s), 0);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(s->partial[i], 0);
}

static void what_a_process_keeps_at_hand_is_little(void **state)
{
	void *all[1000];

	(void)state;
	for (int i = 0; i < 1000; i++)
		all[i] = chunk_alloc(s, 1000, 1);
	for (int i = 0; i < 1000; i++)
		chunk_free(s, all[i]);
	assert_true(shm_local.magazines[0].n <= MAGAZINE_MAX);
	assert_true(s->in_use - s->warm <= MAGAZINE_MAX);
	assert_int_equal(used(s), 0);
}

/* The whole limit can be used, to the last KiB, although chunks are at hand for others. */
static void the_limit_is_the_limit(void **state)
{
	unsigned n = 0, max = 64 * MIB / 1024;
	void **all = calloc(max, sizeof(*all)), *p;

	(void)state;
	p = chunk_alloc(s, 4096, 1);
	chunk_free(s, p);
	while (n < max && (all[n] = chunk_alloc(s, 1024, 1)))
		n++;
	assert_int_equal(n, max);
	assert_null(chunk_alloc(s, 1, 1));
	chunk_free(s, all[--n]);
	assert_non_null(all[n] = chunk_alloc(s, 1, 1));
	n++;
	while (n)
		chunk_free(s, all[--n]);
	free(all);
	assert_int_equal(used(s), 0);
	assert_int_equal(verify(s), 0);
	p = chunk_alloc(s, 16 * MIB, 1);
	assert_non_null(p);
	chunk_free(s, p);
}

/* A child inherits what its parent has at hand only as bytes. */
static void use_some(void *arg)
{
	void *p[100];

	(void)arg;
	for (int i = 0; i < 100; i++)
		CHECK(p[i] = chunk_alloc(s, 1000, 1));
	for (int i = 0; i < 100; i++)
		memset(p[i], 0xcc, 1024);
	for (int i = 0; i < 100; i++)
		chunk_free(s, p[i]);
	shm_leave(s);
}

static void a_child_has_nothing_of_its_parents(void **state)
{
	char *p[20];

	(void)state;
	for (int i = 0; i < 20; i++)
		p[i] = chunk_alloc(s, 1000, 1);
	for (int i = 0; i < 10; i++)
		chunk_free(s, p[i]);
	for (int i = 10; i < 20; i++)
		memset(p[i], 0x11, 1024);
	assert_true(run_child(2, use_some, NULL));
	assert_int_equal(verify(s), 0);
	for (int i = 10; i < 20; i++) {
		for (int k = 0; k < 1024; k++)
			assert_int_equal(p[i][k], 0x11);
		chunk_free(s, p[i]);
	}
	assert_int_equal(used(s), 0);
	shm_slot_set(3);
	assert_int_equal(shm_local.magazines[0].n, 0);
	assert_int_equal(verify(s), 0);
}

static void parts_go_with_their_parent(void **state)
{
	static const size_t parts[] = { 10, 1024, 1025, 3000, 4096, 5000, 100000 };

	(void)state;
	for (size_t n = 10; n < 30000; n += 1777) {
		void *parent = chunk_alloc(s, n, ID_MAKE(ID_TEST, 1, 2)), *part = NULL;

		for (int i = 0; i < 100; i++) {
			part = part_alloc(s, parent, parts[i % 7]);
			assert_non_null(part);
			assert_true(piece_size(s, part) >= parts[i % 7]);
			memset(part, i, parts[i % 7]);
			assert_ptr_equal(part_root(s, part), parent);
			assert_int_equal(chunk_owner(s, part), ID_MAKE(ID_TEST, 1, 2));
			assert_int_equal(chunk_state(s, part), chunk_state(s, parent));
			if (i == 50)
				chunk_publish(s, parent);
			if (i % 9 == 8)
				part_free(s, part);
		}
		assert_int_equal(verify(s), 0);
		chunk_dying(s, parent);
		assert_int_equal(chunk_state(s, part), MEM_DYING);
		chunk_free(s, parent);
		assert_int_equal(used(s), 0);
		assert_int_equal(verify(s), 0);
	}
}

static void aborts(void *p)
{
	int status;
	pid_t pid = child_fork();

	if (!pid) {
		fclose(stderr);
		chunk_free(s, p);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
}

static void what_is_no_chunk_is_not_freed(void **state)
{
	char *p = chunk_alloc(s, 1000, 1), *large = chunk_alloc(s, 10000, 1), *part, *pages;

	(void)state;
	part = part_alloc(s, large, 1000);
	pages = pages_alloc(s, 1, 1);
	aborts(&p);
	aborts(p + 16);
	aborts(large + SHM_PAGE);
	aborts(part);
	aborts(pages);
	chunk_free(s, p);
	aborts(p);
}

#ifdef SERAC_FAULT
static void every_allocation_may_fail(void **state)
{
	(void)state;
	for (unsigned n = 1;; n++) {
		void *a, *b, *c;

		fault_alloc_fail(n);
		a = chunk_alloc(s, 10, 1);
		b = a ? part_alloc(s, a, 3000) : NULL;
		c = b ? chunk_alloc(s, 10000, 1) : NULL;
		chunk_free(s, c);
		chunk_free(s, a);
		assert_int_equal(used(s), 0);
		assert_int_equal(verify(s), 0);
		if (!fault_happened())
			break;
		assert_null(c);
		assert_true(n < 10);
	}
	fault_alloc_fail(0);
}
#endif

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_chunk_has_its_size_owner_and_state),
		TEST(random_work_stays_whole),
		TEST(what_a_process_keeps_at_hand_is_little),
		TEST(the_limit_is_the_limit),
		TEST(a_child_has_nothing_of_its_parents),
		TEST(parts_go_with_their_parent),
		TEST(what_is_no_chunk_is_not_freed),
#ifdef SERAC_FAULT
		TEST(every_allocation_may_fail),
#endif
	};

	return cmocka_run_group_tests_name("chunk", tests, NULL, NULL);
}
