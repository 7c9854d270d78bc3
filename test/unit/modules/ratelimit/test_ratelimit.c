/* SPDX-License-Identifier: BSD-2-Clause */
/* ratelimit's parameters and functions: which pipe a message goes through, and what is refused. */
#include "test/unit/modules/module_test.h"

static const char *set(const char *name_z, const char *text_z)
{
	struct value v = value_str(str_z(text_z));

	for (const struct param_def *p = serac_module.params; p->name; p++) {
		if (!strcmp(p->name, name_z))
			return p->set(fake.section, fake.conf.arena, &v);
	}
	return "no such parameter";
}

static const char *checked(void)
{
	return serac_module.check(&fake.conf, fake.section, NULL);
}

static int setup(void **state)
{
	fake_setup(state);
	fake_module(&serac_module);
	fake.conf.arena =
		arena_new(fake.run.shm, ID_MAKE(ID_CONF, 0, 0), 1024, (size_t)1024 * 1024);
	assert_int_equal(counters_register(&msg_counters), 0);
	assert_int_equal(counters_register(serac_module.counters), 0);
	return serac_module.init(&fake.run, &fake.conf);
}

static int teardown(void **state)
{
	arena_drop(&fake.conf.arena);
	return fake_teardown(state);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static enum script_result script_check(struct ctx *ctx)
{
	fake.last = TEST_CALL(ctx, "rl_check");
	return SCRIPT_DONE;
}

static int check(const char *method_z)
{
	fake.script = script_check;
	fake_receive(0, "127.0.0.5:5062", 0, fake_request(method_z, URI_B, VIA_A, ""));
	return fake.last;
}

static void a_method_goes_through_its_queues_pipe(void **state)
{
	(void)state;
	assert_null(set("pipe", "0:TAILDROP:1"));
	assert_null(set("pipe", "31:red:1"));
	assert_null(set("queue", "31:*"));
	assert_null(set("queue", "0:INVITE"));
	assert_null(checked());
	/* one a second, in ten seconds */
	for (int i = 0; i < 10; i++)
		assert_int_equal(check("INVITE"), 1);
	assert_int_equal(check("INVITE"), -1);
	for (int i = 0; i < 20; i++)
		assert_int_equal(check("OPTIONS"), 1);
	fake.w.now += 10000;
	assert_int_equal(check("INVITE"), 1);
	assert_int_equal(check("OPTIONS"), -1);
	assert_int_equal(check("OPTIONS"), 1);
	assert_int_equal(counter_row[serac_module.counters->base], 32);
	assert_int_equal(counter_row[serac_module.counters->base + 1], 2);
}

static void a_message_without_a_queue_is_refused(void **state)
{
	(void)state;
	assert_null(set("pipe", "0:TAILDROP:100"));
	assert_null(set("queue", "0:INVITE"));
	assert_int_equal(check("OPTIONS"), -1);
	assert_int_equal(check("INVITE"), 1);
}

static enum script_result script_pipes(struct ctx *ctx)
{
	assert_int_equal(TEST_CALL(ctx, "rl_check_pipe", "3"), 1);
	assert_int_equal(TEST_CALL(ctx, "rl_check", "3"), 1);
	assert_int_equal(TEST_CALL(ctx, "rl_check_pipe", "3"), -1);
	assert_int_equal(TEST_CALL(ctx, "rl_check_pipe", "4"), -1);
	assert_int_equal(TEST_CALL(ctx, "rl_check_pipe", "32"), -1);
	assert_int_equal(TEST_CALL(ctx, "rl_check_pipe", "x"), -1);
	return SCRIPT_DONE;
}

static void a_pipe_can_be_named(void **state)
{
	const struct func_def *f = fake_func(serac_module.functions, "rl_check_pipe", 1);
	struct value good = value_str(STR("31")), bad = value_str(STR("32")),
		     unknown = value_null();

	(void)state;
	assert_null(set("pipe", "3:TAILDROP:2"));
	fake.script = script_pipes;
	*(int64_t *)(void *)(fake.section + serac_module.params[0].offset) = 1000;
	fake_receive(0, "127.0.0.5:5062", 0, fake_request("OPTIONS", URI_B, VIA_A, ""));
	assert_int_equal(fake.runs, 1);
	assert_null(f->check(&good, 1));
	assert_null(f->check(&unknown, 1));
	assert_non_null(f->check(&bad, 1));
}

static void wrong_values_are_told(void **state)
{
	static const struct {
		const char *name, *value, *part;
	} cases[] = {
		{ "pipe", "", "number of a pipe" },
		{ "pipe", "0", "number of a pipe" },
		{ "pipe", "32:RED:1", "number of a pipe" },
		{ "pipe", "x:RED:1", "number of a pipe" },
		{ "pipe", "0:RED", "how many messages" },
		{ "pipe", "0:RED:0", "how many messages" },
		{ "pipe", "0:RED:1:2", "how many messages" },
		{ "pipe", "0:BLUE:1", "TAILDROP or RED" },
		{ "pipe", "0::1", "TAILDROP or RED" },
		{ "pipe", "0:FEEDBACK:80", "overload_lag" },
		{ "pipe", "0:network:1000", "overload_lag" },
		{ "queue", "0:", "comes a method" },
		{ "queue", "INVITE", "number of a pipe" },
		{ "queue", "40:INVITE", "number of a pipe" },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *said = set(cases[i].name, cases[i].value);

		if (!said || !strstr(said, cases[i].part))
			fail_msg("%s \"%s\": %s", cases[i].name, cases[i].value, said);
	}
	assert_null(checked());
	assert_null(set("queue", "5:INVITE"));
	assert_non_null(strstr(checked(), "a pipe that there is not"));
	assert_null(set("pipe", "5:RED:4000000"));
	assert_non_null(strstr(checked(), "too long"));
	assert_null(set("pipe", "5:RED:9"));
	assert_null(checked());
	*(int64_t *)(void *)(fake.section + serac_module.params[0].offset) = 100;
	assert_non_null(strstr(checked(), "so short"));
	for (int i = 1; i < 32; i++)
		assert_null(set("queue", "5:INFO"));
	assert_non_null(set("queue", "5:INFO"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_method_goes_through_its_queues_pipe),
		TEST(a_message_without_a_queue_is_refused),
		TEST(a_pipe_can_be_named),
		TEST(wrong_values_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
