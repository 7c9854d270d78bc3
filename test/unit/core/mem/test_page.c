/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/unit/core/mem/mem_test.h"

#include "core/mem/page.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>

static struct shm *s;

static int setup(void **state)
{
	(void)state;
	s = shm_new(256 * MIB, 128 * MIB, 4);
	/* Main keeps out of the way of stopped workers; the tests are one. */
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

static void runs_are_apart_and_come_back(void **state)
{
	static const unsigned lengths[] = { 1, 2, 3, 7, 32, 33, 100, 511, 1024, 4096 };
	char *runs[10];

	(void)state;
	for (int turn = 0; turn < 2; turn++) {
		size_t total = 0;

		for (int i = 0; i < 10; i++) {
			runs[i] = pages_alloc(s, lengths[i], 1);
			assert_non_null(runs[i]);
			assert_true(shm_has(s, runs[i]));
			assert_int_equal((uintptr_t)runs[i] % SHM_PAGE, 0);
			assert_int_equal(pages_count(s, runs[i]), lengths[i]);
			memset(runs[i], i + 1, lengths[i] * SHM_PAGE);
			total += lengths[i] * SHM_PAGE;
			pages_publish(s, runs[i]);
			assert_int_equal(verify(s), 0);
		}
		assert_int_equal(used(s), total);
		for (int i = 0; i < 10; i++)
			for (size_t k = 0; k < lengths[i] * SHM_PAGE; k += 512)
				assert_int_equal(runs[i][k], i + 1);
		for (int i = 0; i < 10; i++) {
			pages_dying(s, runs[i * 3 % 10]);
			pages_free(s, runs[i * 3 % 10]);
			assert_int_equal(verify(s), 0);
		}
		assert_int_equal(used(s), 0);
	}
	pages_free(s, NULL);
	assert_false(shm_has(s, s));
	assert_false(shm_has(s, &s));
	assert_false(shm_has(s, NULL));
	assert_null(pages_alloc(s, 0, 1));
	assert_null(pages_alloc(s, 4097, 1));
}

static void neighbours_are_joined(void **state)
{
	char *runs[16], *whole;

	(void)state;
	for (unsigned turn = 0; turn < 16; turn++) {
		for (unsigned i = 0; i < 16; i++)
			runs[i] = pages_alloc(s, 1 + i % 3, 1);
		for (unsigned i = 0; i < 16; i++)
			pages_free(s, runs[(i * 7 + turn) % 16]);
		assert_int_equal(verify(s), 0);
		assert_int_equal(used(s), 0);
		whole = pages_alloc(s, 31, 1);
		assert_ptr_equal(whole, runs[0]);
		pages_free(s, whole);
	}
	assert_int_equal(stats(s).in_use, 31 * SHM_PAGE);
	assert_int_equal(stats(s).peak, 31 * SHM_PAGE);
}

static void random_work_stays_whole(void **state)
{
	struct {
		unsigned char *p;
		unsigned n, mark;
	} all[300] = { 0 };
	uint32_t seed = 7;

	(void)state;
	for (int i = 0; i < 30000; i++) {
		unsigned k = draw(&seed) % 300, n = 1 + draw(&seed) % 40;

		if (all[k].p) {
			assert_int_equal(all[k].p[0], all[k].mark);
			assert_int_equal(all[k].p[all[k].n * SHM_PAGE - 1], all[k].mark);
			pages_free(s, all[k].p);
			all[k].p = NULL;
		} else {
			all[k].p = pages_alloc(s, n, 1);
			assert_non_null(all[k].p);
			all[k].n = n;
			all[k].mark = i & 0xff;
			all[k].p[0] = all[k].p[n * SHM_PAGE - 1] = (unsigned char)i;
		}
		if (i % 1000 == 0)
			assert_int_equal(verify(s), 0);
	}
	for (int k = 0; k < 300; k++)
		pages_free(s, all[k].p);
	assert_int_equal(verify(s), 0);
	assert_int_equal(used(s), 0);
}

static void the_limit_refuses_and_all_goes_on(void **state)
{
	char *runs[128];
	unsigned n = 0;

	(void)state;
	while (n < 128 && (runs[n] = pages_alloc(s, 512, 1)))
		n++;
	assert_int_equal(n, 128 * MIB / (512 * SHM_PAGE));
	assert_int_equal(stats(s).in_use, stats(s).limit);
	assert_null(pages_alloc(s, 1, 1));
	assert_int_equal(errno, ENOMEM);
	assert_null(chunk_alloc(s, 10, 1));
	assert_int_equal(stats(s).refused, 3);
	assert_int_equal(verify(s), 0);
	pages_free(s, runs[--n]);
	runs[n] = pages_alloc(s, 512, 1);
	assert_non_null(runs[n++]);
	while (n)
		pages_free(s, runs[--n]);
	assert_int_equal(used(s), 0);
	assert_int_equal(verify(s), 0);
}

/* Single cached pages all over the place do not stand in the way of a long run. */
static void at_the_limit_cached_pages_make_room(void **state)
{
	unsigned n = 128 * MIB / SHM_PAGE;
	void **pages = calloc(n, sizeof(*pages)), *run;

	(void)state;
	for (unsigned i = 0; i < n; i++)
		assert_non_null(pages[i] = pages_alloc(s, 1, 1));
	assert_null(pages_alloc(s, 1, 1));
	for (unsigned i = 0; i < n; i += 2)
		pages_free(s, pages[i]);
	run = pages_alloc(s, 40, 1);
	assert_non_null(run);
	assert_int_equal(verify(s), 0);
	assert_true(stats(s).in_use <= stats(s).limit);
	pages_free(s, run);
	for (unsigned i = 1; i < n; i += 2)
		pages_free(s, pages[i]);
	free(pages);
	assert_int_equal(used(s), 0);
	assert_int_equal(verify(s), 0);
}

static void the_end_of_the_address_space_refuses(void **state)
{
	struct shm *large = s;
	void **runs = calloc(100, sizeof(*runs));
	unsigned n = 0;

	(void)state;
	shm_drop(&s);
	s = shm_new(64 * MIB, SIZE_MAX, 4);
	assert_non_null(s);
	assert_ptr_not_equal(large, NULL);
	assert_true(stats(s).limit < 64 * MIB && stats(s).limit > 60 * MIB);
	while (n < 100 && (runs[n] = pages_alloc(s, 256, 1)))
		n++;
	assert_true(n >= 58 && n < 64);
	assert_null(pages_alloc(s, 256, 1));
	assert_int_equal(errno, ENOMEM);
	while (n)
		pages_free(s, runs[--n]);
	free(runs);
	assert_int_equal(used(s), 0);
	assert_int_equal(verify(s), 0);
}

static void a_system_with_less_address_space_gives_less(void **state)
{
	int status;
	pid_t pid;

	(void)state;
#if defined(__SANITIZE_ADDRESS__)
	skip(); /* its shadow needs all the address space there is */
#endif
	pid = child_fork();
	if (!pid) {
		struct rlimit r = { 2048 * MIB, 2048 * MIB };

		shm_drop(&s);
		CHECK(!setrlimit(RLIMIT_AS, &r));
		s = shm_new((size_t)64 << 30, 64 * MIB, 4);
		CHECK(s && s->size < 2048 * MIB && s->size >= 512 * MIB);
		CHECK(pages_alloc(s, 100, 1));
		shm_drop(&s);
		r.rlim_cur = 32 * MIB;
		CHECK(!setrlimit(RLIMIT_AS, &r));
		CHECK(!shm_new((size_t)64 << 30, 64 * MIB, 4) && errno == ENOMEM);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static size_t resident(const void *p, size_t n)
{
	unsigned char pages[4096];
	size_t count = 0;

	assert_true(n / SHM_PAGE <= sizeof(pages));
	assert_int_equal(mincore((void *)(uintptr_t)p, n, pages), 0);
	for (size_t i = 0; i < n / SHM_PAGE; i++)
		count += pages[i] & 1;
	return count;
}

static void much_that_is_free_goes_back_to_the_system(void **state)
{
	char *runs[64], *low = NULL, *high = NULL;
	size_t pages = 0, before;

	(void)state;
	for (unsigned i = 0; i < 64; i++) {
		runs[i] = pages_alloc(s, 256, 1);
		memset(runs[i], 1, 256 * SHM_PAGE);
		low = !low || runs[i] < low ? runs[i] : low;
		high = runs[i] > high ? runs[i] : high;
	}
	for (char *p = low; p <= high; p += 256 * SHM_PAGE)
		pages += resident(p, 256 * SHM_PAGE);
	assert_int_equal(pages, 64 * 256);
	before = stats(s).in_use;
	for (unsigned i = 0; i < 64; i++)
		pages_free(s, runs[i]);
	pages = 0;
	for (char *p = low; p <= high; p += 256 * SHM_PAGE)
		pages += resident(p, 256 * SHM_PAGE);
	assert_int_equal(used(s), 0);
	assert_true(stats(s).in_use <= 6 * MIB && stats(s).in_use >= 2 * MIB);
	assert_int_equal(pages * SHM_PAGE, stats(s).in_use);
	assert_true(before == 64 * MIB && stats(s).peak == before);
	assert_int_equal(verify(s), 0);
	/* Little stays warm: it is the same memory again. */
	runs[0] = pages_alloc(s, 8, 1);
	assert_int_equal(resident(runs[0], 8 * SHM_PAGE), 8);
	pages_free(s, runs[0]);
}

/* A locked page is what makes the system refuse. Not by mlock(), which sanitizers leave out. */
static void pages_the_system_does_not_take_are_kept(void **state)
{
	char *run = pages_alloc(s, 4096, 1), *again;

	(void)state;
	if (syscall(SYS_mlock, run, 4096 * SHM_PAGE))
		skip();
	pages_free(s, run);
	assert_true(s->keep);
	assert_int_equal(stats(s).in_use, 4096 * SHM_PAGE);
	assert_int_equal(used(s), 0);
	assert_int_equal(verify(s), 0);
	again = pages_alloc(s, 4096, 1);
	assert_ptr_equal(again, run);
	syscall(SYS_munlock, run, 4096 * SHM_PAGE);
	pages_free(s, again);
}

/* Whatever state the lists are in when the holder dies, they are made again from the descriptors. */
static void die_with_the_lists_in_ruins(void *arg)
{
	(void)arg;
	lock_take(&s->lock);
	memset(s->lists, 0xa5, sizeof(s->lists));
	memset(s->partial, 0xa5, sizeof(s->partial));
	s->in_use = s->warm = 12345;
	for (uint32_t i = 0; i < s->opened; i++)
		if (word_is_spare(word_of(&s->desc[i])) || word_is_split(word_of(&s->desc[i])))
			s->desc[i].owner = 0xa5a5a5a5a5a5a5a5;
	kill(getpid(), SIGKILL);
}

static void a_dead_holder_is_repaired(void **state)
{
	void *runs[50], *chunks[50], *parent = chunk_alloc(s, 1000, 9);
	size_t before;

	(void)state;
	for (unsigned i = 0; i < 50; i++) {
		runs[i] = pages_alloc(s, 1 + i % 5, 1);
		chunks[i] = chunk_alloc(s, 500 + i * 100, 1);
		assert_non_null(part_alloc(s, parent, 500 + i * 100));
	}
	for (unsigned i = 0; i < 50; i += 2) {
		pages_free(s, runs[i]);
		chunk_free(s, chunks[i]);
	}
	before = used(s);
	assert_false(run_child(2, die_with_the_lists_in_ruins, NULL));
	assert_int_equal(verify(s), 0);
	assert_int_equal(used(s), before);
	for (unsigned i = 1; i < 50; i += 2) {
		pages_free(s, runs[i]);
		chunk_free(s, chunks[i]);
	}
	chunk_free(s, parent);
	assert_int_equal(used(s), 0);
	assert_int_equal(verify(s), 0);
}

static void recover_leave(void *arg)
{
	void *p;

	(void)arg;
	pages_alloc(s, 3, 1);
	p = pages_alloc(s, 5, 1);
	pages_publish(s, p);
	pages_dying(s, p);
	pages_publish(s, pages_alloc(s, 7, 1));
	chunk_alloc(s, 100, 1);
	chunk_alloc(s, 2000, 1);
	chunk_alloc(s, 4000, 1);
	p = chunk_alloc(s, 20000, 1);
	part_alloc(s, p, 100);
	part_alloc(s, p, 10000);
	kill(getpid(), SIGKILL);
}

static void what_a_dead_slot_was_building_is_given_back(void **state)
{
	void *mine = pages_alloc(s, 2, 1);

	(void)state;
	assert_false(run_child(2, recover_leave, NULL));
	assert_int_equal(shm_recover(s, 3), 0);
	assert_int_equal(shm_recover(s, 2), 6);
	assert_int_equal(shm_recover(s, 2), 0);
	assert_int_equal(verify(s), 0);
	assert_int_equal(used(s), 9 * SHM_PAGE);
	pages_free(s, mine);
	assert_int_equal(used(s), 7 * SHM_PAGE);
}

/* core.verify must be able to say no. */
static void verify_finds_what_is_wrong(void **state)
{
	void *parent = chunk_alloc(s, 5000, 1), *part = part_alloc(s, parent, 5000);
	void *cell = part_alloc(s, parent, 100), *pages = pages_alloc(s, 4, 1);
	struct desc *d, saved;
	uint32_t kept;

	(void)state;
	pages_publish(s, pages);
	pages_free(s, pages_alloc(s, 3, 1));
	assert_int_equal(shm_verify(s, NULL, NULL), 0);
#define WRONG(target, change)                                   \
	do {                                                    \
		d = (target);                                   \
		saved = *d;                                     \
		change;                                         \
		assert_true(shm_verify(s, NULL, NULL) > 0);     \
		*d = saved;                                     \
		assert_int_equal(shm_verify(s, NULL, NULL), 0); \
	} while (0)
	WRONG(desc_of(s, pages), d->word |= 7);
	WRONG(desc_of(s, pages), d->word &= ~0x1fffull << 25);
	WRONG(desc_of(s, pages), d->word += 1ull << 25);
	WRONG(desc_of(s, pages), d->word |= 0x7fffull << 9);
	WRONG(desc_of(s, pages) + 1, d->owner++);
	WRONG(desc_of(s, pages) + 3, d->word = 0);
	WRONG(desc_of(s, part), d->owner += 8);
	WRONG(desc_of(s, part), d->owner = ~0ull);
	WRONG(desc_of(s, part), d->word &= ~WORD_PART);
	WRONG(desc_of(s, parent), d->word &= ~WORD_PARENT);
	WRONG(desc_of(s, parent), d->word &= ~WORD_LINK);
	WRONG(desc_of(s, cell), d->word = (d->word & ~7ull) | 6);
	WRONG(&s->desc[0], d->word = 0);
#undef WRONG
	kept = s->in_use--;
	assert_int_equal(shm_verify(s, NULL, NULL), 1);
	s->in_use = kept;
	s->warm++;
	assert_int_equal(shm_verify(s, NULL, NULL), 1);
	s->warm--;
	s->lists[1].filled ^= 1;
	assert_true(shm_verify(s, NULL, NULL) > 0);
	s->lists[1].filled ^= 1;
	kept = s->partial[0];
	s->partial[0] = 0;
	assert_true(shm_verify(s, NULL, NULL) > 0);
	s->partial[0] = kept;
	chunk_free(s, chunk_alloc(s, 100, 1));
	shm_local.magazines[0].n--;
	assert_int_equal(shm_verify(s, NULL, NULL), 1);
	shm_local.magazines[0].n++;
	assert_int_equal(shm_verify(s, NULL, NULL), 0);
}

static _Atomic bool *held;

static void hold_the_lock(void *arg)
{
	(void)arg;
	lock_take(&s->lock);
	*held = true;
	pause();
}

/* A worker that is stopped with the lock held does not stop main. */
static void main_does_not_wait(void **state)
{
	void *run, *large, *chunks[200];
	pid_t pid;

	(void)state;
	shm_slot_set(SHM_MAIN);
	held = mmap(NULL, SHM_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	run = pages_alloc(s, 5, 1);
	large = chunk_alloc(s, 100000, 1);
	for (int i = 0; i < 200; i++)
		assert_non_null(chunks[i] = chunk_alloc(s, 1000, 1));
	pid = start_child(2, hold_the_lock, NULL);
	while (!*held)
		usleep(100);
	assert_null(pages_alloc(s, 1, 1));
	assert_int_equal(errno, EAGAIN);
	assert_null(chunk_alloc(s, 100000, 1));
	assert_int_equal(errno, EAGAIN);
	assert_null(chunk_alloc(s, 2000, 1));
	assert_int_equal(errno, EAGAIN);
	pages_free(s, run);
	chunk_free(s, large);
	for (int i = 0; i < 200; i++)
		chunk_free(s, chunks[i]);
	kill(pid, SIGKILL);
	assert_false(child_ended(pid));
	assert_int_equal(verify(s), 0);
	assert_true(used(s) > 0);
	shm_leave(s);
	assert_int_equal(used(s), 0);
	assert_int_equal(verify(s), 0);
	munmap((void *)held, SHM_PAGE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(runs_are_apart_and_come_back),
		TEST(neighbours_are_joined),
		TEST(random_work_stays_whole),
		TEST(the_limit_refuses_and_all_goes_on),
		TEST(at_the_limit_cached_pages_make_room),
		TEST(the_end_of_the_address_space_refuses),
		TEST(a_system_with_less_address_space_gives_less),
		TEST(much_that_is_free_goes_back_to_the_system),
		TEST(pages_the_system_does_not_take_are_kept),
		TEST(a_dead_holder_is_repaired),
		TEST(what_a_dead_slot_was_building_is_given_back),
		TEST(verify_finds_what_is_wrong),
		TEST(main_does_not_wait),
	};

	return cmocka_run_group_tests_name("page", tests, NULL, NULL);
}
