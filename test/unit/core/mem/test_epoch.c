/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/unit/core/mem/mem_test.h"

#include "core/mem/epoch.h"
#include "core/mem/fault.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

static struct shm *s;
static struct epochs *e;

static int setup(void **state)
{
	(void)state;
	s = shm_new(64 * MIB, 16 * MIB, 4);
	e = epochs_new(s, 4);
	return !s || !e;
}

static int teardown(void **state)
{
	(void)state;
	shm_drop(&s);
	return 0;
}

static void all_living_slots_must_have_turned(void **state)
{
	uint64_t first, second;

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		epoch_alive(e, i, true);
	first = epoch_mark(e);
	assert_false(epoch_passed(e, first));
	epoch_turn(e, 0);
	epoch_turn(e, 1);
	assert_false(epoch_passed(e, first));
	second = epoch_mark(e);
	epoch_turn(e, 2);
	assert_true(epoch_passed(e, first));
	assert_false(epoch_passed(e, second));
	epoch_turn(e, 0);
	epoch_turn(e, 1);
	assert_true(epoch_passed(e, second));
}

static void the_dead_and_the_idle_hold_nothing_up(void **state)
{
	uint64_t mark = epoch_mark(e);

	(void)state;
	assert_true(epoch_passed(e, mark));
	epoch_alive(e, 3, true);
	assert_true(epoch_passed(e, mark));
	mark = epoch_mark(e);
	assert_false(epoch_passed(e, mark));
	epoch_idle(e, 3);
	assert_true(epoch_passed(e, mark));
	epoch_turn(e, 3);
	assert_true(epoch_passed(e, mark));
	mark = epoch_mark(e);
	assert_false(epoch_passed(e, mark));
	epoch_alive(e, 3, false);
	assert_true(epoch_passed(e, mark));
}

static unsigned order[10], released;

static void turn_of_50_ms(void *arg)
{
	(void)arg;
	usleep(50000);
	epoch_turn(e, 1);
	usleep(50000);
	epoch_idle(e, 1);
}

/* Slot 2 is in the same case. */
static void who_waits_waits_for_turns_and_not_for_others_who_wait(void **state)
{
	uint64_t mark;
	pid_t pid;

	(void)state;
	epoch_alive(e, 0, true);
	epoch_alive(e, 1, true);
	mark = epoch_mark(e);
	pid = start_child(1, turn_of_50_ms, NULL);
	epoch_wait(e, 0);
	assert_true(epoch_passed(e, mark));
	epoch_idle(e, 1);
	epoch_alive(e, 2, true);
	epoch_idle(e, 2);
	epoch_wait(e, 0);
	assert_true(child_ended(pid));
}

static void release(void *obj, void *arg)
{
	assert_ptr_equal(arg, &released);
	order[released++] = *(unsigned *)obj;
}

static void what_waits_is_released_in_order(void **state)
{
	static unsigned objects[10] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 };
	struct limbo *l = limbo_new(e);

	(void)state;
	released = 0;
	epoch_alive(e, 0, true);
	epoch_alive(e, 1, true);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(limbo_add(l, release, &objects[i], &released), 0);
	limbo_run(l);
	assert_int_equal(released, 0);
	epoch_turn(e, 0);
	limbo_run(l);
	assert_int_equal(released, 0);
	for (unsigned i = 5; i < 8; i++)
		assert_int_equal(limbo_add(l, release, &objects[i], &released), 0);
	epoch_turn(e, 1);
	limbo_run(l);
	assert_int_equal(released, 5);
	epoch_turn(e, 0);
	limbo_run(l);
	assert_int_equal(released, 8);
	for (unsigned i = 8; i < 10; i++)
		assert_int_equal(limbo_add(l, release, &objects[i], &released), 0);
	limbo_drop(&l);
	assert_null(l);
	limbo_drop(&l);
	assert_int_equal(released, 10);
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(order[i], i);
}

static struct limbo *again;

static void release_and_add(void *obj, void *arg)
{
	unsigned *left = obj;

	if ((*left)--)
		assert_int_equal(limbo_add(again, release_and_add, obj, arg), 0);
}

static void releasing_may_add(void **state)
{
	unsigned left = 5;

	(void)state;
	again = limbo_new(e);
	assert_int_equal(limbo_add(again, release_and_add, &left, NULL), 0);
	limbo_run(again);
	assert_int_equal(left, UINT32_MAX);
	limbo_drop(&again);
}

/* One process replaces an object over and over, three look at it: none may ever see one that was given back. */
struct shared {
	uint64_t *_Atomic object;
	_Atomic bool end;
	_Atomic uint64_t looks;
};

static void look(void *arg)
{
	struct shared *shared = arg;
	unsigned slot = shm_slot();

	epoch_alive(e, slot, true);
	while (!shared->end) {
		epoch_turn(e, slot);
		for (int i = 0; i < 100; i++) {
			uint64_t *object = shared->object;

			for (int k = 0; k < 128; k++)
				CHECK(((volatile uint64_t *)object)[k] == object[0] && object[0]);
			shared->looks++;
		}
		epoch_idle(e, slot);
		if (shared->looks % 7 == 0)
			usleep(10);
	}
	epoch_alive(e, slot, false);
}

static uint64_t *object_new(uint64_t value)
{
	uint64_t *object = chunk_alloc(s, 1024, 1);

	CHECK(object);
	for (int k = 0; k < 128; k++)
		object[k] = value;
	chunk_publish(s, object);
	return object;
}

static void object_release(void *obj, void *arg)
{
	(void)arg;
	memset(obj, 0, 1024);
	chunk_free(s, obj);
}

static void replace(void *arg)
{
	struct shared *shared = arg;
	struct limbo *l = limbo_new(e);

	epoch_alive(e, 0, true);
	for (uint64_t i = 1; i < 100000; i++) {
		uint64_t *old;

		epoch_turn(e, 0);
		old = atomic_exchange(&shared->object, object_new(i));
		chunk_dying(s, old);
		CHECK(!limbo_add(l, object_release, old, NULL));
		limbo_run(l);
		if (i % 64 == 0) {
			epoch_idle(e, 0);
			usleep(1);
		}
	}
	epoch_alive(e, 0, false);
	shared->end = true;
	usleep(10000);
	limbo_run(l);
	limbo_drop(&l);
	shm_leave(s);
}

static void nobody_sees_what_was_given_back(void **state)
{
	struct shared *shared = pages_alloc(s, 1, 1);
	pid_t pids[4];

	(void)state;
	shm_slot_set(3);
	shared->object = object_new(99);
	shared->end = false;
	shared->looks = 0;
	pids[0] = start_child(0, replace, shared);
	for (unsigned i = 1; i < 3; i++)
		pids[i] = start_child(i, look, shared);
	for (unsigned i = 0; i < 3; i++)
		assert_true(child_ended(pids[i]));
	assert_true(shared->looks > 1000);
	chunk_free(s, shared->object);
	assert_int_equal(verify(s), 0);
	assert_int_equal(stats(s).chunks_live, 0);
	shm_slot_set(SHM_MAIN);
}

#ifdef SERAC_FAULT
static void every_allocation_may_fail(void **state)
{
	struct limbo *l;
	unsigned object = 3;

	(void)state;
	fault_alloc_fail(1);
	assert_null(limbo_new(e));
	fault_alloc_fail(2);
	l = limbo_new(e);
	released = 0;
	assert_int_equal(limbo_add(l, release, &object, &released), -ENOMEM);
	assert_int_equal(limbo_add(l, release, &object, &released), 0);
	limbo_drop(&l);
	assert_int_equal(released, 1);
	fault_alloc_fail(1);
	assert_null(epochs_new(s, 4));
	fault_alloc_fail(0);
}
#endif

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_living_slots_must_have_turned),
		TEST(the_dead_and_the_idle_hold_nothing_up),
		TEST(who_waits_waits_for_turns_and_not_for_others_who_wait),
		TEST(what_waits_is_released_in_order),
		TEST(releasing_may_add),
		TEST(nobody_sees_what_was_given_back),
#ifdef SERAC_FAULT
		TEST(every_allocation_may_fail),
#endif
	};

	return cmocka_run_group_tests_name("epoch", tests, NULL, NULL);
}
