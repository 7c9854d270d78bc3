/* SPDX-License-Identifier: BSD-2-Clause */
/* Four processes at once on one mapping: first in peace, then killed at random, each followed by its successor. */
#include "test/unit/core/mem/things.h"

#include "core/base/clock.h"

#define WORKERS	 4
#define MINE_MAX 40

static struct world *w;

/* In ordinary runs a second; SERAC_STORM_MS makes it longer. */
static unsigned storm_ms(void)
{
	const char *text_z = getenv("SERAC_STORM_MS");

	return text_z ? (unsigned)atoi(text_z) : 1000;
}

static void step(struct thing **mine, uint32_t *seed)
{
	struct thing **t = &mine[draw(seed) % MINE_MAX];
	void *large;

	switch (draw(seed) % 8) {
	case 0:
	case 1:
		if (*t)
			thing_drop(w, *t);
		*t = *t ? NULL : thing_new(w, seed);
		break;
	case 2:
		if (*t)
			thing_use(*t, seed);
		break;
	case 3:
		common_use(w, seed);
		break;
	case 4:
		if (draw(seed) % 16)
			break;
		large = chunk_alloc(w->shm, draw(seed) % (8 * MIB), 1);
		chunk_free(w->shm, large);
		break;
	case 5:
		if (draw(seed) % 64 == 0)
			CHECK(!verify(w->shm));
		break;
	default:
		inbox_use(w, &w->inboxes[draw(seed) % INBOXES], seed);
	}
}

static void work(void *arg)
{
	uint32_t seed = 1 + shm_slot() + (uint32_t)getpid() * 31;
	struct thing *mine[MINE_MAX] = { 0 };

	succeed(w);
	while (!w->end && !arg) {
		step(mine, &seed);
		w->done++;
	}
	for (int i = 0; i < 20000 && arg; i++)
		step(mine, &seed);
	for (int i = 0; i < MINE_MAX; i++)
		if (mine[i])
			thing_drop(w, mine[i]);
	shm_leave(w->shm);
}

static void all_is_given_back(void)
{
	world_empty(w);
	shm_leave(w->shm);
	assert_int_equal(verify(w->shm), 0);
	assert_int_equal(slab_used(w->things), 0);
	assert_int_equal(used(w->shm), world_bytes(w));
}

static void four_at_once(void **state)
{
	pid_t pids[WORKERS];

	(void)state;
	for (unsigned i = 0; i < WORKERS; i++)
		pids[i] = start_child(i, work, w);
	for (unsigned i = 0; i < WORKERS; i++)
		assert_true(child_ended(pids[i]));
	all_is_given_back();
}

static void four_at_once_killed_at_random(void **state)
{
	uint64_t end = clock_ms() + storm_ms();
	pid_t pids[WORKERS];
	uint32_t seed = (uint32_t)clock_us() | 1;
	unsigned kills = 0;

	(void)state;
	for (unsigned i = 0; i < WORKERS; i++)
		pids[i] = start_child(i, work, NULL);
	while (clock_ms() < end) {
		unsigned k = draw(&seed) % WORKERS;

		usleep(draw(&seed) % 3000);
		kill(pids[k], SIGKILL);
		assert_false(child_ended(pids[k]));
		pids[k] = start_child(k, work, NULL);
		kills++;
	}
	w->end = true;
	for (unsigned i = 0; i < WORKERS; i++)
		assert_true(child_ended(pids[i]));
	print_message("%u kills, %llu steps\n", kills, (unsigned long long)w->done);
	assert_true(w->done > 0);
	all_is_given_back();
}

/* One at a time, so that whatever is lost is seen at once. */
static void killed_at_any_moment(void **state)
{
	uint64_t end = clock_ms() + storm_ms();
	uint32_t seed = (uint32_t)clock_us() | 1;

	(void)state;
	do {
		pid_t pid = start_child(0, work, NULL);

		usleep(draw(&seed) % 2000);
		kill(pid, SIGKILL);
		assert_false(child_ended(pid));
		shm_slot_set(0);
		succeed(w);
		all_is_given_back();
		shm_slot_set(SHM_MAIN);
	} while (clock_ms() < end);
}

static int setup(void **state)
{
	(void)state;
	w = world_new(64 * MIB);
	return !w;
}

/* So little that much is refused. */
static int setup_small(void **state)
{
	(void)state;
	w = world_new(2 * MIB);
	return !w;
}

static int teardown(void **state)
{
	struct shm *s = w->shm;

	(void)state;
	shm_drop(&s);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(four_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(four_at_once, setup_small, teardown),
		cmocka_unit_test_setup_teardown(four_at_once_killed_at_random, setup, teardown),
		cmocka_unit_test_setup_teardown(four_at_once_killed_at_random, setup_small,
						teardown),
		cmocka_unit_test_setup_teardown(killed_at_any_moment, setup, teardown),
	};

	return cmocka_run_group_tests_name("storm", tests, NULL, NULL);
}
