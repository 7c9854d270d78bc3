/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of sources by itself: units of time, who gives way, several processes, deaths. */
#include "test/unit/modules/module_test.h"

#include "modules/pike/table.h"
#include "test/unit/child.h"

#include <sys/wait.h>

static struct shm *s;
static struct table *t;

static int setup(void **state)
{
	(void)state;
	s = shm_new((size_t)256 << 20, (size_t)64 << 20, 4);
	shm_slot_set(SHM_MAIN);
	t = table_new(s, 1024);
	return !s || !t;
}

static int teardown(void **state)
{
	(void)state;
	shm_drop(&s);
	return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static struct addr source(const char *z)
{
	struct addr a;

	assert_int_equal(addr_parse(str_z(z), &a), 0);
	return a;
}

static struct addr numbered(uint32_t n)
{
	return addr_of_v4(htonl(n));
}

static enum table_verdict hit(struct addr a, uint64_t unit, unsigned limit)
{
	return table_count(t, &a, unit, limit).verdict;
}

static void one_more_than_the_limit_is_too_many(void **state)
{
	struct addr a = source("192.0.2.1");

	(void)state;
	for (int i = 0; i < 30; i++)
		assert_int_equal(hit(a, 7, 30), TABLE_GOOD);
	assert_int_equal(hit(a, 7, 30), TABLE_NEW);
	assert_int_equal(hit(a, 7, 30), TABLE_BLOCKED);
	assert_int_equal(hit(source("192.0.2.2"), 7, 30), TABLE_GOOD);
}

static void a_source_is_blocked_as_long_as_it_sends_too_much(void **state)
{
	struct addr a = source("192.0.2.1");

	(void)state;
	for (int i = 0; i < 4; i++)
		(void)hit(a, 7, 3);
	/* in the next unit it still pays for the one before */
	for (int i = 0; i < 3; i++)
		assert_int_equal(hit(a, 8, 3), TABLE_BLOCKED);
	/* in that one it sent no more than it may */
	assert_int_equal(hit(a, 9, 3), TABLE_CALMED);
	assert_int_equal(hit(a, 9, 3), TABLE_GOOD);
}

static void who_sends_nothing_for_a_unit_is_good_again(void **state)
{
	struct addr a = source("192.0.2.1");

	(void)state;
	for (int i = 0; i < 10; i++)
		(void)hit(a, 7, 3);
	assert_int_equal(hit(a, 9, 3), TABLE_CALMED);
}

static void a_worker_may_be_a_little_behind(void **state)
{
	struct addr a = source("192.0.2.1");

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(hit(a, 8, 3), TABLE_GOOD);
	assert_int_equal(hit(a, 7, 3), TABLE_NEW);
	assert_int_equal(hit(a, 8, 3), TABLE_BLOCKED);
	/* with another length of the unit it is another count */
	assert_int_equal(hit(a, 4000, 3), TABLE_CALMED);
	assert_int_equal(hit(a, 2, 3), TABLE_GOOD);
}

static void sources_are_addresses_and_v6_networks(void **state)
{
	static const struct {
		const char *one, *other;
		bool same;
	} cases[] = {
		{ "192.0.2.1", "192.0.2.2", false },
		{ "2001:db8::1", "2001:db8::ffff:1", true },
		{ "2001:db8:0:1::1", "2001:db8:0:1:ffff::1", true },
		{ "2001:db8:0:3::1", "2001:db8:0:4::1", false },
		{ "::1", "::2", true },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint64_t unit = 10 * i;

		assert_int_equal(hit(source(cases[i].one), unit, 1), TABLE_GOOD);
		assert_int_equal(hit(source(cases[i].other), unit, 1),
				 cases[i].same ? TABLE_NEW : TABLE_GOOD);
	}
}

static void new_addresses_do_not_push_out_who_sends_much(void **state)
{
	static struct addr heavy;
	unsigned blocked = 0, forgot = 0, n = 0;

	(void)state;
	t = table_new(s, 64);
	heavy = source("198.51.100.1");
	for (int i = 0; i < 500; i++) {
		blocked += hit(heavy, 1, 30) != TABLE_GOOD;
		for (int k = 0; k < 40; k++) {
			struct addr a = numbered(0x0a000000 + ++n);
			struct table_hit h = table_count(t, &a, 1, 30);

			assert_int_equal(h.verdict, TABLE_GOOD);
			forgot += h.forgot;
		}
	}
	assert_true(blocked > 400);
	assert_true(forgot > 10000);
}

static void a_table_full_of_blocked_sources_counts_no_other(void **state)
{
	unsigned full = 0;

	(void)state;
	for (unsigned i = 0; i < 8192; i++) {
		(void)hit(numbered(0x0a000000 + i), 1, 1);
		(void)hit(numbered(0x0a000000 + i), 1, 1);
	}
	for (unsigned i = 0; i < 1000; i++) {
		struct addr a = numbered(0x0b000000 + i);
		struct table_hit h = table_count(t, &a, 1, 1);

		full += h.full;
		assert_int_equal(h.verdict, TABLE_GOOD);
	}
	assert_true(full > 900);
	/* two units later all are forgiven */
	for (unsigned i = 0; i < 1000; i++) {
		struct addr a = numbered(0x0b000000 + i);

		assert_false(table_count(t, &a, 3, 1).full);
	}
}

static void the_table_does_not_grow(void **state)
{
	struct shm_stats before, after;

	(void)state;
	shm_stats(s, &before);
	for (unsigned i = 0; i < 100000; i++)
		(void)hit(numbered(i), i / 1000, 10);
	shm_stats(s, &after);
	assert_int_equal(after.in_use, before.in_use);
	assert_int_equal(shm_verify(s, NULL, NULL), 0);
}

#define PROCESSES 4
#define HITS	  5000

static void no_count_of_several_processes_is_lost(void **state)
{
	struct addr a = source("192.0.2.1");
	int status;

	(void)state;
	for (int p = 0; p < PROCESSES; p++) {
		if (child_fork() == 0) {
			for (int i = 0; i < HITS; i++) {
				struct addr other = numbered((uint32_t)(p * HITS + i));

				(void)hit(a, 5, PROCESSES * HITS);
				(void)hit(other, 5, 1);
			}
			_exit(0);
		}
	}
	for (int p = 0; p < PROCESSES; p++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(hit(a, 5, PROCESSES * HITS), TABLE_NEW);
}

#ifdef SERAC_FAULT
static void memory_that_there_is_not_is_told(void **state)
{
	struct shm_stats before, after;

	(void)state;
	shm_stats(s, &before);
	for (unsigned n = 1; n < 3; n++) {
		fault_alloc_fail(n);
		assert_null(table_new(s, 65536));
		assert_true(fault_happened());
		fault_alloc_fail(0);
	}
	shm_leave(s);
	shm_stats(s, &after);
	assert_int_equal(after.chunks_live, before.chunks_live);
	assert_int_equal(shm_verify(s, NULL, NULL), 0);
}

/* A place whose worker died while it changed hands is as good as any other. */
static void a_death_leaves_the_table_sound(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 8192; i++)
		(void)hit(numbered(i), 1, 1000);
	for (unsigned n = 1; n < 20; n++) {
		int status;

		if (child_fork() == 0) {
			fault_kill_at("pike.forget", n);
			for (unsigned i = 0; i < 1000; i++)
				(void)hit(numbered(0x0c000000 + n * 1000 + i), 1, 1000);
			_exit(0);
		}
		assert_true(wait(&status) > 0);
		assert_true(WIFSIGNALED(status));
	}
	for (unsigned i = 0; i < 100; i++) {
		struct addr a = numbered(0x0d000000 + i);

		assert_int_equal(hit(a, 1, 1), TABLE_GOOD);
		assert_int_equal(hit(a, 1, 1), TABLE_NEW);
	}
	assert_int_equal(shm_verify(s, NULL, NULL), 0);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_more_than_the_limit_is_too_many),
		TEST(a_source_is_blocked_as_long_as_it_sends_too_much),
		TEST(who_sends_nothing_for_a_unit_is_good_again),
		TEST(a_worker_may_be_a_little_behind),
		TEST(sources_are_addresses_and_v6_networks),
		TEST(new_addresses_do_not_push_out_who_sends_much),
		TEST(a_table_full_of_blocked_sources_counts_no_other),
		TEST(the_table_does_not_grow),
		TEST(no_count_of_several_processes_is_lost),
#ifdef SERAC_FAULT
		TEST(memory_that_there_is_not_is_told),
		TEST(a_death_leaves_the_table_sound),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
