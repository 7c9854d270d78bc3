/* SPDX-License-Identifier: BSD-2-Clause */
/* A worker dies at every place of the module, an allocation fails at every place: nothing is left behind, nothing leads to what is gone. */
#include "walk.h"

static void nothing_happens(void **state)
{
	(void)state;
	walk();
	assert_all_gone();
	assert_int_equal(counted(TM_CREATED), 4 + 1 + 2 + 70);
	assert_int_equal(counted(TM_FAILED_OVER), 1);
	assert_true(counted(TM_POSTED) >= 2);
	assert_int_equal(test.failures, 4);
}

#ifdef SERAC_FAULT
static void every_allocation_fails_in_turn(void **state)
{
	unsigned n = 1;

	(void)state;
	do {
		fault_alloc_fail(n++);
		walk();
		pass(300000);
		if (walk_waits)
			fail_msg("a context waits for ever");
		if (in_use())
			print_error("allocation %u\n", n - 1);
		assert_all_gone();
	} while (fault_happened());
	print_message("%u allocations\n", n - 2);
	assert_true(n > 100);
	fault_alloc_fail(0);
}

/* --- deaths --------------------------------------------------------------------------------------------------------------------------------- */
#define PLACES 64

static const char *places[PLACES];
static unsigned places_n;

static void place_found(const char *name, const char *file, int line, void *arg)
{
	(void)file;
	(void)line;
	(void)arg;
	if (strncmp(name, "tm.", 3) != 0 && strncmp(name, "arena.", 6) != 0 &&
	    strcmp(name, "slab.taken") != 0 && strcmp(name, "slab.renew") != 0 &&
	    strcmp(name, "limbo.release") != 0 && strcmp(name, "shm.part.linked") != 0)
		return;
	for (unsigned i = 0; i < places_n; i++)
		if (!strcmp(places[i], name))
			return;
	assert_true(places_n < PLACES);
	places[places_n++] = name;
}

static void walker(void *arg)
{
	(void)arg;
	worker_begin(1, false);
	walk();
	walk_waits = NULL;
}

/* The worker of slot 1. True: it ended by itself. This one waits for events meanwhile. */
static bool run_worker(void (*body)(void *arg), void *arg)
{
	bool ended;

	epoch_idle(fake.run.epochs, 0);
	ended = run_child(1, body, arg);
	epoch_alive(fake.run.epochs, 1, false);
	epoch_turn(fake.run.epochs, 0);
	return ended;
}

/* Clears up, and works with what it found. */
static void heir_works(void *arg)
{
	(void)arg;
	heir_begin(1);
	/* rows that are at hand for others know who they are */
	for (unsigned i = 0; i < tmw.spare_n; i++)
		CHECK(tmw.spare[i]->index == slab_index(tm->rows, &tmw.spare[i]->row));
	walk_many();
	heir_end();
}

/* What the dead left is this worker's from now on, whoever owned it; it ends by itself. */
static void rest_ends(void)
{
	for (unsigned i = 0; i < slab_top(tm->rows); i++) {
		struct trans *t = (struct trans *)slab_at(tm->rows, i);

		if (atomic_load(&t->row.state) != MEM_LIVE)
			continue;
		if (atomic_load(&t->runner) || atomic_load(&t->script))
			fail_msg("nobody lets go of it");
		atomic_store(&t->owner, 0);
	}
	alarms_recover();
	for (unsigned i = 0; i < 80; i++) {
		pass(4000);
		sent_clear();
	}
}

static void killed(const char *name_z, unsigned n, bool *reached_r)
{
	fault_kill_at(name_z, n);
	(void)run_worker(walker, NULL);
	/* whoever clears up may die of the same */
	for (unsigned i = 0; i < 3; i++) {
		if (run_worker(heir_works, NULL))
			break;
	}
	*reached_r |= fault_happened();
	fault_kill_at(NULL, 0);
	rest_ends();
	if (in_use() || stats(fake.run.shm).chunks_live != test.chunks)
		print_error("killed at %s, pass %u\n", name_z, n);
	assert_all_gone();
	assert_int_equal(verify(fake.run.shm), 0);
}

static void a_worker_dies_at_every_place(void **state)
{
	(void)state;
	walk_routes();
	places_n = 0;
	fault_list(place_found, NULL);
	assert_true(places_n > 15);
	for (unsigned i = 0; i < places_n; i++) {
		bool reached = false;

		for (unsigned n = 1; n <= 12; n++)
			killed(places[i], n, &reached);
		/* these are passed by who clears up after a death */
		if (!reached && strncmp(places[i], "tm.recover", 10) != 0)
			fail_msg("nothing passes %s", places[i]);
	}
	counter_row[tm_counters.base + TM_ENDED] = counter_row[tm_counters.base + TM_CREATED];
}

static void a_row_taken_for_the_first_time_gets_its_index(void **state)
{
	(void)state;
	walk_routes();
	receive("INVITE", URI_B);
	fault_kill_at("slab.taken", 1);
	assert_false(run_worker(walker, NULL));
	fault_kill_at(NULL, 0);
	assert_true(run_worker(heir_works, NULL));
	counter_row[tm_counters.base + TM_ENDED] = counter_row[tm_counters.base + TM_CREATED] - 1;
	respond(1, 404);
	ack();
}

/* A death in the failure route, and then one in the recovery from it. */
static void who_clears_up_dies_too(void **state)
{
	static const struct {
		const char *first, *then;
	} at[] = {
		{ "tm.dying", "tm.recover" },
		{ "tm.dying", "tm.release" },
		{ "tm.link", "tm.recover" },
		{ "tm.failure", "tm.recovering" },
		{ "tm.failure", "tm.server.state" },
		{ "tm.failure", "tm.leave" },
		{ "tm.client.send", "tm.client.state" },
	};

	(void)state;
	walk_routes();
	for (unsigned i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		fault_kill_at(at[i].first, 1);
		assert_false(run_worker(walker, NULL));
		fault_kill_at(at[i].then, 1);
		assert_false(run_worker(heir_works, NULL));
		fault_kill_at(NULL, 0);
		succeed(1);
		rest_ends();
		assert_all_gone();
	}
	counter_row[tm_counters.base + TM_ENDED] = counter_row[tm_counters.base + TM_CREATED];
}

static void expects_best(void *arg)
{
	(void)arg;
	shm_recover(fake.run.shm, 1);
	worker_begin(1, true);
	sent_clear();
	pass(1);
	CHECK(sent("SIP/2.0 404 ") + sent("SIP/2.0 486 ") == 1);
	CHECK(counted(TM_ORPHANED) == 1);
}

static void expects_500(void *arg)
{
	(void)arg;
	shm_recover(fake.run.shm, 1);
	worker_begin(1, true);
	sent_clear();
	pass(1);
	CHECK(sent("SIP/2.0 500 ") == 1);
	CHECK(counted(TM_ORPHANED) == 1);
}

static void a_request_in_a_route_is_answered_by_the_successor(void **state)
{
	(void)state;
	walk_routes();
	/* before anything was sent: 500; in a failure route: the best there is */
	fault_kill_at("tm.client", 1);
	assert_false(run_worker(walker, NULL));
	fault_kill_at(NULL, 0);
	assert_true(run_worker(expects_500, NULL));
	succeed(1);
	rest_ends();
	assert_all_gone();
	fault_kill_at("tm.failure", 1);
	assert_false(run_worker(walker, NULL));
	fault_kill_at(NULL, 0);
	assert_true(run_worker(expects_best, NULL));
	succeed(1);
	rest_ends();
	assert_all_gone();
	counter_row[tm_counters.base + TM_ENDED] = counter_row[tm_counters.base + TM_CREATED];
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_happens),
#ifdef SERAC_FAULT
		TEST(every_allocation_fails_in_turn),
		TEST(a_worker_dies_at_every_place),
		TEST(a_row_taken_for_the_first_time_gets_its_index),
		TEST(who_clears_up_dies_too),
		TEST(a_request_in_a_route_is_answered_by_the_successor),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
