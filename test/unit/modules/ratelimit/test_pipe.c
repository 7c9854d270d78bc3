/* SPDX-License-Identifier: BSD-2-Clause */
/* A pipe by itself: intervals, both algorithms, several processes. */
#include "test/unit/modules/module_test.h"

#include "modules/ratelimit/pipe.h"
#include "test/unit/child.h"

#include <sys/mman.h>
#include <sys/wait.h>

/* How many of n messages fit. */
static unsigned pass(struct pipe_state *s, enum pipe_algorithm a, uint64_t interval, unsigned limit,
		     unsigned n)
{
	unsigned passed = 0;

	while (n--)
		passed += pipe_take(s, a, interval, limit);
	return passed;
}

static void taildrop_lets_the_first_ones_through(void **state)
{
	struct pipe_state s = { 0 };

	(void)state;
	assert_int_equal(pass(&s, PIPE_TAILDROP, 9, 100, 100), 100);
	assert_int_equal(pass(&s, PIPE_TAILDROP, 9, 100, 1000), 0);
	assert_int_equal(pass(&s, PIPE_TAILDROP, 10, 100, 150), 100);
	assert_int_equal(pass(&s, PIPE_TAILDROP, 4711, 100, 150), 100);
}

static void red_spreads_what_fits(void **state)
{
	static const unsigned loads[] = { 101, 130, 200, 333, 1000, 5000 };

	(void)state;
	for (unsigned i = 0; i < sizeof(loads) / sizeof(*loads); i++) {
		struct pipe_state s = { 0 };
		unsigned longest = 0, run = 0, passed = 0;

		/* nothing is known of an interval before */
		assert_int_equal(pass(&s, PIPE_RED, 7, 100, loads[i]), loads[i]);
		for (unsigned k = 0; k < loads[i]; k++) {
			bool fits = pipe_take(&s, PIPE_RED, 8, 100);

			passed += fits;
			run = fits ? 0 : run + 1;
			longest = run > longest ? run : longest;
		}
		assert_int_equal(passed, 100);
		assert_true(longest <= loads[i] / 100);
	}
}

static void red_forgets_what_was_longer_ago(void **state)
{
	struct pipe_state s = { 0 };

	(void)state;
	(void)pass(&s, PIPE_RED, 7, 100, 1000);
	assert_int_equal(pass(&s, PIPE_RED, 8, 100, 50), 5);
	/* it was little */
	assert_int_equal(pass(&s, PIPE_RED, 9, 100, 300), 300);
	assert_int_equal(pass(&s, PIPE_RED, 11, 100, 300), 300);
}

static void a_worker_may_be_a_little_behind(void **state)
{
	struct pipe_state s = { 0 };

	(void)state;
	assert_int_equal(pass(&s, PIPE_TAILDROP, 8, 10, 5), 5);
	assert_int_equal(pass(&s, PIPE_TAILDROP, 7, 10, 10), 5);
	assert_int_equal(pass(&s, PIPE_TAILDROP, 8, 10, 1), 0);
	/* with another length it is another interval */
	assert_int_equal(pass(&s, PIPE_TAILDROP, 500000, 10, 20), 10);
	assert_int_equal(pass(&s, PIPE_TAILDROP, 3, 10, 20), 10);
}

static void counting_ends_where_the_numbers_do(void **state)
{
	struct pipe_state s = { 0 };

	(void)state;
	assert_int_equal(pass(&s, PIPE_TAILDROP, 1, PIPE_LIMIT_MAX, 5000000), PIPE_LIMIT_MAX);
	assert_int_equal(pass(&s, PIPE_TAILDROP, 2, 1, 10), 1);
}

#define PROCESSES 4

static void several_processes_let_through_what_fits(void **state)
{
	struct pipe_state *s =
		mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unsigned passed = 0;
	int status;

	(void)state;
	assert_ptr_not_equal(s, MAP_FAILED);
	for (int p = 0; p < PROCESSES; p++) {
		if (child_fork() == 0)
			_exit((int)pass(s, PIPE_TAILDROP, 5, 200, 10000));
	}
	for (int p = 0; p < PROCESSES; p++) {
		assert_true(wait(&status) > 0);
		assert_true(WIFEXITED(status));
		passed += (unsigned)WEXITSTATUS(status);
	}
	assert_int_equal(passed, 200);
	munmap(s, sizeof(*s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(taildrop_lets_the_first_ones_through),
		cmocka_unit_test(red_spreads_what_fits),
		cmocka_unit_test(red_forgets_what_was_longer_ago),
		cmocka_unit_test(a_worker_may_be_a_little_behind),
		cmocka_unit_test(counting_ends_where_the_numbers_do),
		cmocka_unit_test(several_processes_let_through_what_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
