/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/unit/core/mem/mem_test.h"

#include "core/base/clock.h"

#include <sys/mman.h>

#define CHILDREN 4
#define ROUNDS	 50000

/* Two numbers that are equal whenever the lock is free. */
struct guarded {
	struct lock lock;
	volatile uint64_t a, b;
	volatile uint32_t repairs;
	_Atomic bool held;
	struct lock lower;
};

static struct guarded *g;

static void repair(struct lock *l)
{
	CHECK(l == &g->lock);
	g->b = g->a;
	g->repairs++;
}

static int setup(void **state)
{
	(void)state;
	g = mmap(NULL, sizeof(*g), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	lock_repair_set(LOCK_TABLE, repair);
	lock_init(&g->lock, LOCK_TABLE);
	lock_init(&g->lower, LOCK_PAGES);
	return g == MAP_FAILED;
}

static int teardown(void **state)
{
	(void)state;
	return munmap(g, sizeof(*g));
}

static void count(void *arg)
{
	(void)arg;
	for (int i = 0; i < ROUNDS; i++) {
		lock_take(&g->lock);
		CHECK(g->a == g->b && *lock_held == 1);
		g->a++;
		g->b++;
		lock_drop(&g->lock);
		CHECK(*lock_held == 0);
	}
}

static void one_at_a_time(void **state)
{
	pid_t pids[CHILDREN];

	(void)state;
	for (int i = 0; i < CHILDREN; i++)
		pids[i] = start_child(0, count, NULL);
	for (int i = 0; i < CHILDREN; i++)
		assert_true(child_ended(pids[i]));
	assert_int_equal(g->a, CHILDREN * ROUNDS);
	assert_int_equal(g->b, CHILDREN * ROUNDS);
	assert_int_equal(g->repairs, 0);
}

static void die_holding(void *arg)
{
	(void)arg;
	lock_take(&g->lock);
	g->a++;
	kill(getpid(), SIGKILL);
	pause();
}

static void the_next_one_repairs(void **state)
{
	uint64_t before = lock_stats->repaired;

	(void)state;
	for (unsigned i = 1; i <= 3; i++) {
		assert_false(run_child(0, die_holding, NULL));
		assert_true(i % 2 ? (lock_take(&g->lock), true) : lock_try(&g->lock));
		assert_int_equal(g->a, g->b);
		assert_int_equal(g->repairs, i);
		assert_int_equal(lock_stats->repaired, before + i);
		lock_drop(&g->lock);
		lock_take(&g->lock);
		assert_int_equal(g->repairs, i);
		lock_drop(&g->lock);
	}
}

static void hold(void *arg)
{
	lock_take(&g->lock);
	g->held = true;
	if (arg)
		usleep(30000);
	else
		pause();
	lock_drop(&g->lock);
}

static void try_gives_up_and_take_waits(void **state)
{
	pid_t pid;

	(void)state;
	g->held = false;
	pid = start_child(0, hold, g);
	while (!g->held)
		usleep(100);
	assert_false(lock_try(&g->lock));
	lock_take(&g->lock);
	lock_drop(&g->lock);
	assert_true(child_ended(pid));
	assert_true(lock_stats->waits >= 1);
	assert_true(lock_stats->longest_wait_us >= 1000);
}

static void a_killed_holder_wakes_those_who_wait(void **state)
{
	pid_t holder, waiters[CHILDREN];

	(void)state;
	g->held = false;
	holder = start_child(0, hold, NULL);
	while (!g->held)
		usleep(100);
	for (int i = 0; i < CHILDREN; i++)
		waiters[i] = start_child(0, count, NULL);
	usleep(20000);
	kill(holder, SIGKILL);
	assert_false(child_ended(holder));
	for (int i = 0; i < CHILDREN; i++)
		assert_true(child_ended(waiters[i]));
	assert_int_equal(g->repairs, 1);
}

static void aborts(void (*body)(void *))
{
	int status;
	pid_t pid = child_fork();

	if (!pid) {
		fclose(stderr);
		body(NULL);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
}

static void take_against_the_order(void *arg)
{
	(void)arg;
	lock_take(&g->lower);
	lock_take(&g->lock);
}

static void take_twice(void *arg)
{
	(void)arg;
	lock_take(&g->lock);
	lock_take(&g->lock);
}

static void drop_what_is_not_held(void *arg)
{
	(void)arg;
	lock_drop(&g->lock);
}

static void the_order_is_kept(void **state)
{
	(void)state;
	lock_take(&g->lock);
	lock_take(&g->lower);
	assert_int_equal(*lock_held, 2);
	lock_drop(&g->lower);
	lock_drop(&g->lock);
	aborts(take_against_the_order);
	aborts(take_twice);
	aborts(drop_what_is_not_held);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_at_a_time, setup, teardown),
		cmocka_unit_test_setup_teardown(the_next_one_repairs, setup, teardown),
		cmocka_unit_test_setup_teardown(try_gives_up_and_take_waits, setup, teardown),
		cmocka_unit_test_setup_teardown(a_killed_holder_wakes_those_who_wait, setup,
						teardown),
		cmocka_unit_test_setup_teardown(the_order_is_kept, setup, teardown),
	};

	return cmocka_run_group_tests_name("lock", tests, NULL, NULL);
}
