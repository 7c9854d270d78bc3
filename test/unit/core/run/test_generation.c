/* SPDX-License-Identifier: BSD-2-Clause */
/* Configurations that come and go while workers use them and are killed: nobody sees one that is gone, none stays. */
#include "test/unit/core/mem/mem_test.h"

#include "core/mem/arena.h"
#include "core/mem/fault.h"
#include "core/run/generation.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>

#define SLOTS  4
#define ROUNDS 3000
#define BYTES  3000

static struct test {
	struct shm *shm;
	struct run run;
	const struct conf *first;
	uint64_t generation;
	size_t used; /* with one configuration */
	_Atomic uint32_t *stop;
	pid_t pids[SLOTS];
} t;

/* --- configurations whose contents tell whether they are still there ----------------------------------------------------------- */

static const struct module_def *modules[2];
static void *sections[2];

static struct conf *conf_make(unsigned place)
{
	struct arena *a = arena_new(t.shm, ID_MAKE(ID_CONF, 0, 0), 1024, MIB);
	struct conf *c = a ? arena_zalloc(a, sizeof(*c)) : NULL;
	char *bytes = c ? arena_alloc(a, BYTES) : NULL;

	assert_non_null(bytes);
	c->generation = ++t.generation;
	memset(bytes, (int)(c->generation % 200), BYTES);
	c->arena = a;
	c->place = place;
	c->modules = modules;
	c->sections = sections;
	c->file = str_of(bytes, BYTES);
	return c;
}

static bool conf_is_there(const struct conf *c)
{
	for (unsigned i = 0; i < BYTES; i += 100)
		if ((unsigned char)c->file.p[i] != c->generation % 200)
			return false;
	return true;
}

static void conf_drop(struct run *run, const struct conf *conf)
{
	struct arena *a = conf->arena;

	(void)run;
	memset((char *)conf->file.p, 255, BYTES);
	arena_drop(&a);
}

static const struct run_ops ops = { .conf_drop = conf_drop };

static int setup(void **state)
{
	(void)state;
	memset(&t, 0, sizeof(t));
	modules[0] = NULL;
	t.shm = shm_new(256 * MIB, 64 * MIB, SLOTS);
	shm_slot_set(SHM_MAIN);
	t.run.shm = t.shm;
	t.run.ops = &ops;
	t.run.slots_n = SLOTS;
	t.run.slots = pages_alloc(t.shm, SLOTS * (sizeof(struct slot) / SHM_PAGE + 1),
				  ID_MAKE(ID_CORE, 0, 0));
	memset(t.run.slots, 0, SLOTS * sizeof(struct slot));
	for (unsigned i = 0; i < SLOTS; i++)
		t.run.slots[i].eventfd = -1;
	t.run.epochs = epochs_new(t.shm, SLOTS);
	t.stop = chunk_alloc(t.shm, sizeof(*t.stop), ID_MAKE(ID_CORE, 0, 0));
	*t.stop = 0;
	chunk_publish(t.shm, t.stop);
	t.first = conf_make(0);
	assert_int_equal(generations_open(&t.run, t.first), 0);
	t.used = used(t.shm);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	assert_int_equal(verify(t.shm), 0);
	shm_drop(&t.shm);
	return 0;
}

/* --- one worker in this process -------------------------------------------------------------------------------------------------- */

static void worker_make(struct worker *w, unsigned n)
{
	*w = (struct worker){ .run = &t.run, .n = n, .slot = &t.run.slots[n], .now = 1 };
	epoch_alive(t.run.epochs, n, true);
	generation_first(w);
}

static void worker_turn(struct worker *w)
{
	epoch_turn(t.run.epochs, w->n);
	generation_turn(w);
}

static const struct conf *publish(void)
{
	int place = generation_place(&t.run);
	const struct conf *c;

	assert_true(place >= 0);
	c = conf_make((unsigned)place);
	generation_publish(&t.run, c);
	return c;
}

static void what_is_held_stays(void **state)
{
	const struct conf *second, *third;
	struct worker w;

	(void)state;
	worker_make(&w, 0);
	assert_int_equal(generation_start(&w), 0);
	assert_ptr_equal(w.conf, t.first);
	generation_hold(&w, t.first);
	second = publish();
	assert_ptr_equal(w.conf, t.first); /* until the turn is over */
	assert_int_equal(generations_retire(&t.run), 2);
	worker_turn(&w);
	assert_ptr_equal(w.conf, second);
	third = publish();
	worker_turn(&w);
	assert_ptr_equal(w.conf, third);
	worker_turn(&w);
	assert_int_equal(generations_retire(&t.run), 2); /* the second one goes before the first */
	assert_true(conf_is_there(t.first));
	generation_release(&w, t.first);
	worker_turn(&w);
	assert_int_equal(generations_retire(&t.run), 1);
	assert_int_equal(used(t.shm), t.used);
}

static void one_who_waits_for_events_keeps_only_its_own(void **state)
{
	struct worker w;

	(void)state;
	worker_make(&w, 0);
	assert_int_equal(generation_start(&w), 0);
	epoch_idle(t.run.epochs, 0);
	publish();
	publish();
	/* it may look at the first one before it sees another */
	assert_int_equal(generations_retire(&t.run), 2);
	worker_turn(&w);
	assert_int_equal(generations_retire(&t.run), 1);
}

static void one_in_a_turn_may_just_be_taking_what_was_published(void **state)
{
	struct worker w;

	(void)state;
	worker_make(&w, 0);
	assert_int_equal(generation_start(&w), 0);
	epoch_turn(t.run.epochs, 0);
	publish();
	publish();
	assert_int_equal(generations_retire(&t.run), 3);
	worker_turn(&w);
	assert_int_equal(generations_retire(&t.run), 1);
}

static void there_are_places_for_so_many(void **state)
{
	struct worker w;

	(void)state;
	worker_make(&w, 0);
	assert_int_equal(generation_start(&w), 0);
	for (unsigned i = 1; i < CONFS_MAX; i++) {
		generation_hold(&w, w.conf);
		publish();
		worker_turn(&w);
	}
	assert_int_equal(generations_retire(&t.run), CONFS_MAX);
	assert_int_equal(generation_place(&t.run), -1);
	/* the worker dies; its successor knows of the last one only */
	epoch_alive(t.run.epochs, 0, false);
	worker_make(&w, 0);
	assert_int_equal(generations_retire(&t.run), CONFS_MAX);
	assert_int_equal(generation_start(&w), 0);
	assert_int_equal(generations_retire(&t.run), 1);
}

/* --- hooks -------------------------------------------------------------------------------------------------------------------------- */

static char told[64];
static int refuse;

static void tell(char c, const struct conf *conf)
{
	size_t n = strlen(told);

	snprintf(told + n, sizeof(told) - n, "%c%llu ", c, (unsigned long long)conf->generation);
}

static int new_a(struct worker *w, const struct conf *conf)
{
	(void)w;
	tell('a', conf);
	return 0;
}

static void end_a(struct worker *w, const struct conf *conf)
{
	(void)w;
	tell('A', conf);
}

static int new_b(struct worker *w, const struct conf *conf)
{
	(void)w;
	tell('b', conf);
	return refuse;
}

static void modules_hear_of_each_and_may_refuse(void **state)
{
	static const struct module_def a = { .name = "a",
					     .new_generation = new_a,
					     .end_generation = end_a };
	static const struct module_def b = { .name = "b", .new_generation = new_b };
	struct worker w;

	(void)state;
	told[0] = '\0';
	modules[0] = &a;
	modules[1] = &b;
	((struct conf *)t.first)->sections_n = 2;
	worker_make(&w, 0);
	assert_int_equal(generation_start(&w), 0);
	assert_string_equal(told, "a1 b1 ");
	((struct conf *)publish())->sections_n = 2;
	refuse = -ENOMEM;
	worker_turn(&w);
	worker_turn(&w); /* not asked again at once */
	assert_string_equal(told, "a1 b1 a2 b2 A2 ");
	assert_ptr_equal(w.conf, t.first);
	assert_int_equal(generations_retire(&t.run), 2);
	refuse = 0;
	w.now += 1000;
	worker_turn(&w);
	assert_string_equal(told, "a1 b1 a2 b2 A2 a2 b2 A1 ");
	assert_int_equal(generations_retire(&t.run), 1);
	generation_stop(&w);
	assert_string_equal(told, "a1 b1 a2 b2 A2 a2 b2 A1 A2 ");
}

/* --- processes ------------------------------------------------------------------------------------------------------------------------ */

static void work(void *arg)
{
	unsigned n = *(unsigned *)arg;
	uint32_t seed = (uint32_t)getpid();
	const struct conf *held = NULL;
	struct worker w;

	prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves nobody behind */
	worker_make(&w, n);
	CHECK(!generation_start(&w));
	while (!atomic_load(t.stop)) {
		worker_turn(&w);
		CHECK(conf_is_there(w.conf) && (!held || conf_is_there(held)));
		if (held && draw(&seed) % 8 == 0) {
			generation_release(&w, held);
			held = NULL;
		} else if (!held && draw(&seed) % 4 == 0) {
			held = w.conf;
			generation_hold(&w, held);
		}
		epoch_idle(t.run.epochs, n);
		sched_yield();
	}
	if (held)
		generation_release(&w, held);
	worker_turn(&w);
	generation_stop(&w);
	epoch_alive(t.run.epochs, n, false);
}

static void follow(unsigned n)
{
	static unsigned numbers[SLOTS];

	numbers[n] = n;
	t.pids[n] = start_child(n, work, &numbers[n]);
}

/* All workers end; one configuration is left, and no memory of others. */
static void all_end(void)
{
	atomic_store(t.stop, 1);
	for (unsigned i = 0; i < SLOTS; i++) {
		if (child_ended(t.pids[i]))
			continue;
		epoch_alive(t.run.epochs, i, false);
		follow(i);
		assert_true(child_ended(t.pids[i]));
	}
	assert_int_equal(generations_retire(&t.run), 1);
	assert_int_equal(used(t.shm), t.used);
}

static void nobody_sees_one_that_is_gone(void **state)
{
	uint32_t seed = 4711;

	(void)state;
	for (unsigned i = 0; i < SLOTS; i++)
		follow(i);
	for (unsigned round = 0; round < ROUNDS; round++) {
		unsigned n = draw(&seed) % SLOTS;

		if (generation_place(&t.run) >= 0)
			publish();
		generations_retire(&t.run);
		if (draw(&seed) % 16)
			continue;
		kill(t.pids[n], SIGKILL);
		child_ended(t.pids[n]);
		epoch_alive(t.run.epochs, n, false);
		follow(n);
	}
	assert_true(t.generation > ROUNDS / 10);
	all_end();
}

#ifdef SERAC_FAULT
static void a_death_at_each_place_leaves_nothing(void **state)
{
	static const char *const names[] = { "generation.start", "generation.taken",
					     "generation.begun", "generation.ended" };

	(void)state;
	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++) {
		for (unsigned pass = 1; pass < 30; pass += 4) {
			atomic_store(t.stop, 0);
			fault_kill_at(names[i], pass);
			for (unsigned n = 0; n < SLOTS; n++)
				follow(n);
			for (unsigned round = 0; round < 200 && !fault_happened(); round++) {
				if (generation_place(&t.run) >= 0)
					publish();
				generations_retire(&t.run);
				usleep(100);
			}
			fault_kill_at(NULL, 0);
			all_end();
		}
	}
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_held_stays, setup, teardown),
		cmocka_unit_test_setup_teardown(one_who_waits_for_events_keeps_only_its_own, setup,
						teardown),
		cmocka_unit_test_setup_teardown(one_in_a_turn_may_just_be_taking_what_was_published,
						setup, teardown),
		cmocka_unit_test_setup_teardown(there_are_places_for_so_many, setup, teardown),
		cmocka_unit_test_setup_teardown(modules_hear_of_each_and_may_refuse, setup,
						teardown),
		cmocka_unit_test_setup_teardown(nobody_sees_one_that_is_gone, setup, teardown),
#ifdef SERAC_FAULT
		cmocka_unit_test_setup_teardown(a_death_at_each_place_leaves_nothing, setup,
						teardown),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
