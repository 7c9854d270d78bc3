/* SPDX-License-Identifier: BSD-2-Clause */
/* rtimer's parameters, and when a worker runs what is due: once for all workers, and what was missed not twice. */
#include "test/unit/modules/module_test.h"

static unsigned route_runs;

/* Many a millisecond, one by one. */
static void pass(unsigned ms)
{
	while (ms--) {
		timers_now_set(fake.w.timers, timers_now(fake.w.timers) + 1);
		while (timers_run(fake.w.timers, timers_now(fake.w.timers), 100) == 0)
			;
	}
}

static bool route_ran(struct ctx *ctx)
{
	assert_true(ctx->is_event);
	route_runs++;
	return false;
}

static int setup(void **state)
{
	static bool registered;

	fake_setup(state);
	fake_module(&serac_module);
	if (!registered) {
		assert_int_equal(counters_register(&msg_counters), 0);
		assert_int_equal(counters_register(serac_module.counters), 0);
	}
	registered = true;
	fake.conf.arena =
		arena_new(fake.run.shm, ID_MAKE(ID_CONF, 0, 0), 1024, (size_t)1024 * 1024);
	assert_non_null(fake.conf.arena);
	fake.event = route_ran;
	route_runs = 0;
	return 0;
}

static int teardown(void **state)
{
	serac_module.process_stop(&fake.w);
	arena_drop(&fake.conf.arena);
	return fake_teardown(state);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static const char *set(const char *name_z, const char *text_z)
{
	struct value v = value_str(str_z(text_z));

	for (const struct param_def *p = serac_module.params; p->name; p++)
		if (!strcmp(p->name, name_z))
			return p->set(fake.section, fake.conf.arena, &v);
	return "no such parameter";
}

static void parameters(void **state)
{
	(void)state;
	assert_null(set("timer", "name=a;interval=10"));
	assert_null(set("timer", " name = b ; interval=500ms;mode=1;"));
	assert_null(set("timer", "name=c;interval=100000u"));
	assert_null(set("exec", "timer=a;route=A"));
	for (const char *const *bad =
		     (const char *const[]){ "", "name=d", "interval=1",
					    "name=d;interval=", "name=d;interval=x",
					    "name=d;interval=0", "name=d;interval=9ms",
					    "name=d;interval=86401", "name=a;interval=1", NULL };
	     *bad; bad++)
		assert_non_null(set("timer", *bad));
	assert_non_null(set("exec", "timer=a"));
	assert_non_null(set("exec", "route=A"));
	assert_null(serac_module.check(&fake.conf, fake.section, fake.conf.arena));
	assert_null(set("exec", "timer=nobody;route=A"));
	assert_non_null(strstr(serac_module.check(&fake.conf, fake.section, fake.conf.arena),
			       "names a timer that there is not"));
}

static void there_is_a_limit(void **state)
{
	char text[64];

	(void)state;
	for (unsigned i = 0; i < 16; i++) {
		snprintf(text, sizeof(text), "name=t%u;interval=1", i);
		assert_null(set("timer", text));
	}
	assert_non_null(set("timer", "name=t16;interval=1"));
	for (unsigned i = 0; i < 32; i++)
		assert_null(set("exec", "timer=t0;route=A"));
	assert_non_null(set("exec", "timer=t0;route=A"));
}

static void begin(void)
{
	assert_null(set("timer", "name=a;interval=10"));
	assert_null(set("exec", "timer=a;route=A"));
	assert_null(serac_module.check(&fake.conf, fake.section, fake.conf.arena));
	assert_int_equal(serac_module.new_generation(&fake.w, &fake.conf), 0);
}

static void it_runs_each_interval(void **state)
{
	(void)state;
	begin();
	for (unsigned i = 1; i <= 5; i++) {
		pass(9999);
		assert_int_equal(route_runs, i - 1);
		pass(1);
		assert_int_equal(route_runs, i);
	}
}

/* A second worker, made after the first one has run, sees the same words. */
static void it_is_due_once_for_all_workers(void **state)
{
	(void)state;
	begin();
	pass(9000);
	/* as in a successor: the time that is due is not moved */
	assert_int_equal(serac_module.new_generation(&fake.w, &fake.conf), 0);
	pass(1000);
	assert_int_equal(route_runs, 1);
	assert_int_equal(serac_module.new_generation(&fake.w, &fake.conf), 0);
	pass(1);
	assert_int_equal(route_runs, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(parameters),
		TEST(there_is_a_limit),
		TEST(it_runs_each_interval),
		TEST(it_is_due_once_for_all_workers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
