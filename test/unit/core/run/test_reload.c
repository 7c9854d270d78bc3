/* SPDX-License-Identifier: BSD-2-Clause */
/* What a dead loader had is given back by another child; one that keeps dying is told of. */
#include "test/unit/core/mem/mem_test.h"

#include "core/mem/arena.h"
#include "core/run/conf.h"
#include "core/run/generation.h"
#include "core/run/log.h"
#include "core/run/reload.h"
#include "core/run/timer.h"

#include <string.h>
#include <sys/wait.h>

static struct shm *shm;
static struct run run;
static struct run_conf section = { .reload_timeout = 10000 };
static void *sections[] = { &section };
static unsigned unmade, told;

static void dies(struct run *r)
{
	(void)r;
	_exit(3);
}

static void starts(struct run *r, unsigned slot)
{
	(void)r;
	(void)slot;
}

static void is_unmade(struct run *r, unsigned place)
{
	(void)r;
	(void)place;
	unmade++;
}

static void hear(void *arg, struct str line)
{
	(void)arg;
	told += str_find(line, STR("could not give back what a dead loader had")) >= 0 &&
		str_find(line, STR("exit=3")) >= 0;
}

static const struct run_ops ops = { .child_start = starts,
				    .loader_recover = dies,
				    .conf_unmade = is_unmade };

static void next_child_dies(struct reload *r)
{
	int status = 0;
	pid_t pid = waitpid(-1, &status, 0);

	assert_true(pid > 0);
	assert_true(reload_child_ended(r, pid, status));
}

static void who_clears_and_dies_is_told_of(void **state)
{
	struct timers *timers = timers_new(1);
	struct reload *r = reload_new(&run, timers);

	(void)state;
	assert_non_null(r);
	log_taker_set(hear, NULL);
	reload_ask(r);
	next_child_dies(r); /* the loader */
	assert_int_equal(unmade, 1);
	assert_int_equal(run.report->outcome, RELOAD_DIED);
	assert_int_equal(told, 0);
	for (unsigned n = 1; n <= 8; n++) {
		next_child_dies(r);
		assert_int_equal(told, n >= 8 ? 4 : n >= 4 ? 3 : n >= 2 ? 2 : 1);
		timers_run(timers, 1 + n * 1100, 10);
	}
	log_taker_set(NULL, NULL);
	reload_drop(&r);
	while (waitpid(-1, NULL, 0) > 0) {
	}
	timers_drop(&timers);
}

static int setup(void **state)
{
	struct arena *a;
	struct conf *c;

	(void)state;
	shm = shm_new(256 * MIB, 64 * MIB, 1);
	shm_slot_set(SHM_MAIN);
	run = (struct run){ .shm = shm, .ops = &ops, .slots_n = 1, .main_pid = getpid() };
	run.slots = pages_alloc(shm, sizeof(struct slot) / SHM_PAGE + 1, ID_MAKE(ID_CORE, 0, 0));
	memset(run.slots, 0, sizeof(struct slot));
	run.epochs = epochs_new(shm, 1);
	a = arena_new(shm, ID_MAKE(ID_CONF, 0, 0), 1024, MIB);
	c = arena_zalloc(a, sizeof(*c));
	c->generation = 1;
	c->arena = a;
	c->sections = sections;
	return generations_open(&run, c);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(who_clears_and_dies_is_told_of) };

	return cmocka_run_group_tests(tests, setup, NULL);
}
