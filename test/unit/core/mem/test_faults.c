/* SPDX-License-Identifier: BSD-2-Clause */
/* The walk over all fault places of core/mem: a process is killed at some passes of each name, at its work or while
 * it follows one that died; the next successor recovers, and everything must be whole and given back. */
#include "test/unit/core/mem/things.h"

#ifdef SERAC_FAULT

#define NAMES_MAX 200

/* Of each name. */
static const unsigned passes[] = { 1, 2, 3, 8, 30, 100, 350 };
#define PASSES (sizeof(passes) / sizeof(*passes))

static const char *names[NAMES_MAX];
static bool reached[NAMES_MAX];
static unsigned names_n;

static void name_add(const char *name, const char *file, int line, void *arg)
{
	(void)file;
	(void)line;
	(void)arg;
	for (unsigned i = 0; i < names_n; i++)
		if (strcmp(names[i], name) == 0)
			return;
	assert_true(names_n < NAMES_MAX);
	names[names_n++] = name;
}

static void limbo_free(void *obj, void *arg)
{
	chunk_free(arg, obj);
}

static void use_limbo(struct world *w)
{
	struct limbo *l = limbo_new(w->epochs);

	for (int i = 0; i < 3; i++) {
		void *p = chunk_alloc(w->shm, 100, 1);

		CHECK(!limbo_add(l, limbo_free, p, w->shm));
	}
	limbo_run(l);
	limbo_drop(&l);
}

static void use_chunks(struct world *w)
{
	void *p[100], *run;

	for (unsigned size = 500; size < 5000; size *= 2) {
		for (int i = 0; i < 100; i++)
			p[i] = chunk_alloc(w->shm, size, 1);
		for (int i = 0; i < 100; i++)
			chunk_free(w->shm, p[i]);
	}
	run = pages_alloc(w->shm, 100, 1);
	pages_free(w->shm, run);
}

/* So much that the system gets some of it back, and so much more that room has to be made. */
static void use_much(struct world *w)
{
	void *p[4];

	for (int turn = 0; turn < 2; turn++) {
		for (int i = 0; i < 3; i++)
			p[i] = chunk_alloc(w->shm, 8 * MIB, 1);
		for (int i = 0; i < 3; i++)
			chunk_free(w->shm, p[i]);
	}
	p[0] = chunk_alloc(w->shm, 15 * MIB, 1);
	p[1] = chunk_alloc(w->shm, 15 * MIB, 1);
	chunk_free(w->shm, p[0]);
	chunk_free(w->shm, p[1]);
}

/* Everything that core/mem can do, again and again. */
static void work(void *arg)
{
	struct world *w = arg;
	struct thing *things[60];
	uint32_t seed = 11;

	for (int i = 0; i < 60; i++) {
		CHECK(things[i] = thing_new(w, &seed));
		thing_use(things[i], &seed);
		inbox_use(w, &w->inboxes[i % INBOXES], &seed);
		common_use(w, &seed);
	}
	for (int i = 0; i < 60; i += 2)
		thing_drop(w, things[i]);
	use_chunks(w);
	use_limbo(w);
	use_much(w);
	for (int i = 1; i < 60; i += 2)
		thing_drop(w, things[i]);
	shm_leave(w->shm);
}

/* Dies with its hands full, in the middle of a slab's section and of a section of the pages'. */
static void work_and_die(void *arg)
{
	struct world *w = arg;
	struct thing *t = NULL;
	uint32_t seed = 5;

	for (int i = 0; i < 20; i++) {
		CHECK(t = thing_new(w, &seed));
		thing_use(t, &seed);
		inbox_use(w, &w->inboxes[i % INBOXES], &seed);
		common_use(w, &seed);
	}
	slab_dying(&t->row);
	for (int i = 0; i < 5; i++) {
		struct slab_row *row = slab_alloc(w->things);

		t = (struct thing *)row;
		t->heap = heap_new(w->shm, 1, MIB);
		t->arena = arena_new(w->shm, 1, 100, MIB);
		CHECK(heap_alloc(t->heap, 30000) && arena_alloc(t->arena, 30000));
		t->chunk = chunk_alloc(w->shm, 1000 * (size_t)i, 1);
		CHECK(chunk_alloc(w->shm, 100, 1) && pages_alloc(w->shm, 3, 1));
	}
	lock_take(&w->inboxes[0].lock);
	lock_take(&w->common.lock);
	lock_take(&w->things->lock);
	lock_take(&w->shm->lock);
	memset(w->shm->lists, 0xff, sizeof(w->shm->lists));
	w->things->first_free = 7;
	kill(getpid(), SIGKILL);
}

static void follow(void *arg)
{
	struct world *w = arg;

	for (int i = 0; i < INBOXES; i++) {
		lock_take(&w->inboxes[i].lock);
		lock_drop(&w->inboxes[i].lock);
	}
	succeed(w);
	shm_leave(w->shm);
}

static void at_the_end(struct world *w, const char *name, unsigned pass)
{
	struct shm *s = w->shm;
	unsigned wrong;

	assert_true(run_child(0, follow, w));
	if (verify(s))
		fail_msg("%s:%u: not whole after the recovery", name, pass);
	assert_true(run_child(0, work, w));
	shm_slot_set(1);
	world_empty(w);
	wrong = verify(s);
	if (wrong || used(s) != world_bytes(w) || slab_used(w->things))
		fail_msg("%s:%u: %u contradictions, %zu bytes in use instead of %zu, %u rows", name,
			 pass, wrong, used(s), world_bytes(w), slab_used(w->things));
	shm_slot_set(SHM_MAIN);
	shm_drop(&s);
}

static void a_death_at_work_loses_nothing(void **state)
{
	(void)state;
	for (unsigned i = 0; i < names_n; i++)
		for (unsigned k = 0; k < PASSES; k++) {
			struct world *w = world_new(32 * MIB);
			bool ended;

			fault_kill_at(names[i], passes[k]);
			ended = run_child(0, work, w);
			assert_int_equal(ended, !fault_happened());
			reached[i] |= fault_happened();
			fault_kill_at(NULL, 0);
			at_the_end(w, names[i], passes[k]);
		}
}

static void a_death_while_recovering_loses_nothing(void **state)
{
	(void)state;
	for (unsigned i = 0; i < names_n; i++)
		for (unsigned k = 0; k < PASSES; k++) {
			struct world *w = world_new(32 * MIB);
			bool ended;

			assert_false(run_child(0, work_and_die, w));
			fault_kill_at(names[i], passes[k]);
			ended = run_child(0, follow, w);
			assert_int_equal(ended, !fault_happened());
			reached[i] |= fault_happened();
			fault_kill_at(NULL, 0);
			at_the_end(w, names[i], passes[k]);
		}
}

static void every_name_was_reached(void **state)
{
	(void)state;
	for (unsigned i = 0; i < names_n; i++)
		if (!reached[i])
			fail_msg("nobody ever passed %s", names[i]);
	assert_true(names_n > 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_death_at_work_loses_nothing),
		cmocka_unit_test(a_death_while_recovering_loses_nothing),
		cmocka_unit_test(every_name_was_reached),
	};

	fault_list(name_add, NULL);
	return cmocka_run_group_tests_name("faults", tests, NULL, NULL);
}

#else

int main(void)
{
	puts("1..0 # SKIP only in the fault build: make FAULT=1");
	return 0;
}

#endif
