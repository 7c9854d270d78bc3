/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/unit/core/mem/mem_test.h"

#include "core/mem/fault.h"
#include "core/mem/page.h"
#include "core/mem/slab.h"

#include <errno.h>
#include <string.h>

struct thing {
	struct slab_row row;
	uint32_t made; /* by fresh */
	uint32_t number;
	char rest[100];
};

static struct shm *s;
static struct slab *sl;

static void fresh(struct slab_row *row)
{
	struct thing *t = (struct thing *)row;

	CHECK(t->made == 0 && t->rest[99] == 0 && row->state == MEM_FREE);
	t->made++;
}

static int setup(void **state)
{
	(void)state;
	s = shm_new(256 * MIB, 64 * MIB, 4);
	sl = slab_new(s, ID_TEST, sizeof(struct thing), 10000, fresh);
	shm_slot_set(1);
	return !s || !sl;
}

static int teardown(void **state)
{
	(void)state;
	shm_slot_set(SHM_MAIN);
	shm_drop(&s);
	return 0;
}

static void a_row_stays_at_its_place(void **state)
{
	struct slab_row *rows[10000];
	uint64_t ids[10000];

	(void)state;
	for (unsigned turn = 0; turn < 3; turn++) {
		for (unsigned i = 0; i < 10000; i++) {
			struct thing *t = (struct thing *)(rows[i] = slab_alloc(sl));

			assert_non_null(t);
			assert_int_equal(t->made, 1);
			assert_int_equal(t->row.state, MEM_BUILDING);
			assert_int_equal(t->row.slot, 1);
			t->number = i;
			ids[i] = slab_id(sl, rows[i]);
			assert_null(slab_find(sl, ids[i]));
			slab_publish(rows[i]);
			assert_ptr_equal(slab_find(sl, ids[i]), rows[i]);
			assert_ptr_equal(slab_at(sl, slab_index(sl, rows[i])), rows[i]);
			assert_int_equal(ID_KIND(ids[i]), ID_TEST);
			assert_int_equal(ID_INDEX(ids[i]), slab_index(sl, rows[i]));
			assert_int_equal(ID_GENERATION(ids[i]), turn + 1);
		}
		assert_null(slab_alloc(sl));
		assert_int_equal(errno, ENOMEM);
		assert_int_equal(slab_used(sl), 10000);
		assert_int_equal(slab_top(sl), 10000);
		assert_int_equal(verify(s), 0);
		for (unsigned i = 0; i < 10000; i++) {
			unsigned k = i * 7919 % 10000;

			assert_int_equal(((struct thing *)rows[k])->number, k);
			assert_ptr_equal(slab_find(sl, ids[k]), rows[k]);
			slab_dying(rows[k]);
			assert_null(slab_find(sl, ids[k]));
			slab_free(sl, rows[k]);
			assert_null(slab_find(sl, ids[k]));
			assert_ptr_equal(slab_at(sl, ID_INDEX(ids[k])), rows[k]);
		}
		assert_int_equal(slab_used(sl), 0);
		assert_int_equal(verify(s), 0);
	}
}

static void ids_of_others_find_nothing(void **state)
{
	struct slab_row *row = slab_alloc(sl);
	uint64_t id = slab_id(sl, row);

	(void)state;
	slab_publish(row);
	assert_ptr_equal(slab_find(sl, id), row);
	assert_null(slab_find(sl, 0));
	assert_null(slab_find(sl, id ^ ID_MAKE(1, 0, 0)));
	assert_null(slab_find(sl, id + ID_MAKE(0, 1, 0)));
	assert_null(slab_find(sl, id | ID_MAKE(0, 0xffffff, 0)));
	assert_null(slab_find(sl, id + 1));
	assert_null(slab_find(sl, id - 1));
	assert_null(slab_at(sl, 1));
	assert_null(slab_at(sl, UINT32_MAX));
}

static void the_generation_is_never_0(void **state)
{
	struct slab_row *row = slab_alloc(sl);

	(void)state;
	row->generation = UINT32_MAX;
	slab_publish(row);
	assert_int_equal(ID_GENERATION(slab_id(sl, row)), UINT32_MAX);
	slab_free(sl, row);
	assert_int_equal(row->generation, 1);
	assert_int_equal(verify(s), 0);
}

static void rows_of_all_lengths(void **state)
{
	static const size_t lengths[] = { 16, 17, 64, 100, 1000, 4000, 4096, 10000, 100000 };

	(void)state;
	for (unsigned i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		struct slab *of = slab_new(s, ID_CONN, lengths[i], 50, NULL);
		char *rows[50];

		assert_non_null(of);
		for (unsigned k = 0; k < 50; k++) {
			rows[k] = (char *)slab_alloc(of);
			assert_non_null(rows[k]);
			assert_int_equal((uintptr_t)rows[k] % 16, 0);
			memset(rows[k] + sizeof(struct slab_row), (int)k,
			       lengths[i] - sizeof(struct slab_row));
			assert_int_equal(slab_index(of, (struct slab_row *)rows[k]), k);
		}
		assert_null(slab_alloc(of));
		for (unsigned k = 0; k < 50; k++) {
			for (size_t b = sizeof(struct slab_row); b < lengths[i]; b++)
				assert_int_equal(rows[k][b], k);
			slab_free(of, (struct slab_row *)rows[k]);
		}
		assert_int_equal(verify(s), 0);
	}
}

static void leave_rows(void *arg)
{
	struct slab_row *row;

	(void)arg;
	slab_alloc(sl);
	row = slab_alloc(sl);
	slab_publish(row);
	row = slab_alloc(sl);
	slab_publish(row);
	slab_dying(row);
	kill(getpid(), SIGKILL);
}

static unsigned finished;

static void finish(struct slab_row *row, void *arg)
{
	assert_ptr_equal(arg, &finished);
	assert_int_equal(row->state, MEM_DYING);
	assert_int_equal(row->slot, 1);
	finished++;
}

static void what_a_dead_slot_had_in_hand_is_finished(void **state)
{
	(void)state;
	assert_non_null(slab_alloc(sl));
	assert_false(run_child(2, leave_rows, NULL));
	finished = 0;
	assert_int_equal(slab_recover(sl, 2, finish, &finished), 2);
	assert_int_equal(finished, 2);
	assert_int_equal(slab_recover(sl, 2, NULL, NULL), 0);
	assert_int_equal(slab_used(sl), 2);
	assert_int_equal(verify(s), 0);
}

/* Between the birth of a run and the table. */
static void die_growing(void *arg)
{
	(void)arg;
	lock_take(&sl->lock);
	CHECK(part_alloc(s, sl, (size_t)sl->run_pages * SHM_PAGE));
	sl->first_free = 12345;
	kill(getpid(), SIGKILL);
}

static void a_run_between_birth_and_table_is_found(void **state)
{
	struct slab_row *row;
	size_t before;

	(void)state;
	row = slab_alloc(sl);
	slab_free(sl, row);
	assert_false(run_child(2, die_growing, NULL));
	before = used(s);
	for (unsigned i = 0; i < 2 * sl->run_rows; i++)
		assert_non_null(slab_alloc(sl));
	assert_int_equal(used(s), before);
	assert_int_equal(sl->runs_n, 2);
	assert_int_equal(verify(s), 0);
}

static void hold_the_lock(void *arg)
{
	lock_take(&sl->lock);
	((struct thing *)arg)->number = 99;
	pause();
}

static void main_does_not_wait(void **state)
{
	struct slab_row *rows[10];
	struct thing *flag;
	pid_t pid;

	(void)state;
	shm_slot_set(SHM_MAIN);
	for (int i = 0; i < 10; i++)
		rows[i] = slab_try_alloc(sl);
	flag = (struct thing *)rows[9];
	flag->number = 0;
	pid = start_child(2, hold_the_lock, flag);
	while (*(volatile uint32_t *)&flag->number != 99)
		usleep(100);
	assert_null(slab_try_alloc(sl));
	assert_int_equal(errno, EAGAIN);
	for (int i = 0; i < 5; i++)
		slab_free(sl, rows[i]);
	kill(pid, SIGKILL);
	assert_false(child_ended(pid));
	assert_int_equal(verify(s), 0);
	assert_non_null(slab_try_alloc(sl));
	assert_int_equal(slab_used(sl), 6);
	assert_int_equal(slab_top(sl), 10);
	assert_int_equal(verify(s), 0);
}

/* The same where nobody died: a row that is in no list is found when the next one is wanted. */
static void a_row_freed_without_the_lock_is_not_lost(void **state)
{
	struct slab_row *row = slab_alloc(sl);

	(void)state;
	row->state = MEM_FREE;
	sl->stray = true;
	assert_ptr_equal(slab_alloc(sl), row);
	assert_int_equal(slab_used(sl), 1);
	assert_int_equal(verify(s), 0);
}

static void verify_finds_what_is_wrong(void **state)
{
	struct slab_row *a = slab_alloc(sl), *b = slab_alloc(sl), *c = slab_alloc(sl);
	uint32_t kept;

	(void)state;
	slab_free(sl, a);
	slab_free(sl, b);
	assert_int_equal(shm_verify(s, NULL, NULL), 0);
	kept = b->next_free;
	b->next_free = slab_index(sl, b) + 1;
	assert_int_equal(shm_verify(s, NULL, NULL), 1);
	b->next_free = 0;
	assert_int_equal(shm_verify(s, NULL, NULL), 1);
	b->next_free = 5000;
	assert_int_equal(shm_verify(s, NULL, NULL), 2);
	b->next_free = slab_index(sl, c) + 1;
	assert_int_equal(shm_verify(s, NULL, NULL), 2);
	b->next_free = kept;
	a->state = MEM_LIVE;
	assert_true(shm_verify(s, NULL, NULL) > 0);
	a->state = MEM_FREE;
	c->state = 9;
	assert_true(shm_verify(s, NULL, NULL) > 0);
	c->state = MEM_LIVE;
	sl->used++;
	assert_int_equal(shm_verify(s, NULL, NULL), 1);
	sl->used--;
	assert_int_equal(shm_verify(s, NULL, NULL), 0);
}

static void the_shm_limit_refuses_rows(void **state)
{
	struct slab *of;
	unsigned n = 0;

	(void)state;
	shm_slot_set(SHM_MAIN);
	shm_drop(&s);
	s = shm_new(64 * MIB, MIB, 4);
	shm_slot_set(1);
	of = slab_new(s, ID_TEST, 1000, 100000, NULL);
	assert_non_null(of);
	while (slab_alloc(of))
		n++;
	assert_true(n > 800 && n < 1048);
	assert_true(stats(s).refused > 0);
	assert_int_equal(verify(s), 0);
}

#ifdef SERAC_FAULT
static void every_allocation_may_fail(void **state)
{
	(void)state;
	for (unsigned n = 1; n < 3; n++) {
		struct slab_row *row;

		fault_alloc_fail(n);
		row = slab_alloc(sl);
		assert_int_equal(!row, n == 1);
		assert_int_equal(fault_happened(), n == 1);
		assert_int_equal(verify(s), 0);
		fault_alloc_fail(0);
	}
}
#endif

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_row_stays_at_its_place),
		TEST(ids_of_others_find_nothing),
		TEST(the_generation_is_never_0),
		TEST(rows_of_all_lengths),
		TEST(what_a_dead_slot_had_in_hand_is_finished),
		TEST(a_run_between_birth_and_table_is_found),
		TEST(main_does_not_wait),
		TEST(a_row_freed_without_the_lock_is_not_lost),
		TEST(verify_finds_what_is_wrong),
		TEST(the_shm_limit_refuses_rows),
#ifdef SERAC_FAULT
		TEST(every_allocation_may_fail),
#endif
	};

	return cmocka_run_group_tests_name("slab", tests, NULL, NULL);
}
