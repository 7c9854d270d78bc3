/* SPDX-License-Identifier: BSD-2-Clause */
/* pike's functions: values, whom they count, what is logged. */
#include "test/unit/modules/module_test.h"

static unsigned lines;

static void line_taken(void *arg, struct str line)
{
	(void)arg;
	lines += str_starts(line, STR("warning pike "));
}

static int setup(void **state)
{
	fake_setup(state);
	fake_module(&serac_module);
	*(int64_t *)(void *)(fake.section + serac_module.params[1].offset) = 3;
	assert_int_equal(counters_register(&msg_counters), 0);
	assert_int_equal(counters_register(serac_module.counters), 0);
	lines = 0;
	log_level_set(LOG_WARN);
	log_taker_set(line_taken, NULL);
	return serac_module.init(&fake.run, &fake.conf);
}

static int teardown(void **state)
{
	log_taker_set(NULL, NULL);
	return fake_teardown(state);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static enum script_result script_check(struct ctx *ctx)
{
	fake.last = TEST_CALL(ctx, "pike_check_req");
	return SCRIPT_DONE;
}

static int check_from(const char *src_z)
{
	fake.script = script_check;
	fake_receive(0, src_z, 0, fake_request("OPTIONS", URI_B, VIA_A, ""));
	return fake.last;
}

static void a_peer_that_was_verified_is_not_counted(void **state)
{
	(void)state;
	fake_tls();
	fake.script = script_check;
	for (unsigned i = 0; i < 20; i++) {
		/* from 10 on his certificate is verified, from 15 on he comes by TCP */
		fake.proven_z = i < 10 ? NULL : "peer.example";
		fake_receive(i < 15 ? 4 : 1, "127.0.0.5:5062", FAKE_CONN,
			     fake_request("OPTIONS", URI_B, VIA_A, ""));
		assert_int_equal(fake.last > 0, i < 3 || (i >= 10 && i < 15));
	}
}

static const char *allow(const char *text_z)
{
	struct value v = value_str(str_z(text_z));

	for (const struct param_def *p = serac_module.params; p->name; p++) {
		if (!strcmp(p->name, "allow"))
			return p->set(fake.section, fake.conf.arena, &v);
	}
	return "no such parameter";
}

static uint64_t counted(const char *name_z)
{
	for (unsigned i = 0; i < serac_module.counters->n; i++) {
		if (!strcmp(serac_module.counters->defs[i].name, name_z))
			return counter_row[serac_module.counters->base + i];
	}
	fail_msg("no counter %s", name_z);
	return 0;
}

static void the_values_are_kamailios(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(check_from("192.0.2.1:5060"), 1);
	assert_int_equal(check_from("192.0.2.1:5061"), -2);
	assert_int_equal(check_from("192.0.2.1:5060"), -1);
	assert_int_equal(check_from("192.0.2.2:5060"), 1);
	assert_int_equal(lines, 1);
	assert_int_equal(counted("blocked"), 1);
	assert_int_equal(counted("requests"), 2);
	/* a unit of quiet later */
	fake.w.now += 4001;
	assert_int_equal(check_from("192.0.2.1:5060"), 1);
	assert_int_equal(lines, 2);
}

static void allowed_networks_are_not_counted(void **state)
{
	(void)state;
	fake.conf.arena =
		arena_new(fake.run.shm, ID_MAKE(ID_CONF, 0, 0), 1024, (size_t)1024 * 1024);
	assert_null(allow("10.0.0.0/8, 2001:db8::/32"));
	assert_null(allow("192.0.2.7"));
	assert_non_null(allow("10.0.0.0/33"));
	assert_non_null(allow(""));
	for (int i = 0; i < 10; i++) {
		assert_int_equal(check_from("10.1.2.3:5060"), 1);
		assert_int_equal(check_from("192.0.2.7:5060"), 1);
		assert_int_equal(check_from("[2001:db8:1::1]:5060"), 1);
	}
	for (int i = 0; i < 3; i++)
		assert_int_equal(check_from("[2001:db9:1::1]:5060"), 1);
	assert_int_equal(check_from("[2001:db9:1::2]:5060"), -2);
	arena_drop(&fake.conf.arena);
}

static enum script_result script_check_ip(struct ctx *ctx)
{
	for (int i = 0; i < 3; i++)
		assert_int_equal(TEST_CALL(ctx, "pike_check_ip", "192.0.2.9"), 1);
	assert_int_equal(TEST_CALL(ctx, "pike_check_ip", "192.0.2.9"), -2);
	assert_int_equal(TEST_CALL(ctx, "pike_check_ip", "192.0.2.9"), -1);
	assert_int_equal(TEST_CALL(ctx, "pike_check_ip", "nobody"), -1);
	assert_int_equal(TEST_CALL(ctx, "pike_check_req"), 1);
	return SCRIPT_DONE;
}

static void an_address_can_be_given(void **state)
{
	const struct func_def *f = fake_func(serac_module.functions, "pike_check_ip", 1);
	struct value good = value_str(STR("::1")), bad = value_str(STR("example.com")),
		     unknown = value_null(), varies = value_str(STR("$si"));

	(void)state;
	fake.script = script_check_ip;
	fake_receive(0, "127.0.0.5:5062", 0, fake_request("OPTIONS", URI_B, VIA_A, ""));
	assert_int_equal(fake.runs, 1);
	assert_null(f->check(&good, 1));
	assert_null(f->check(&unknown, 1));
	assert_null(f->check(&varies, 1));
	assert_non_null(f->check(&bad, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_peer_that_was_verified_is_not_counted),
		TEST(the_values_are_kamailios),
		TEST(allowed_networks_are_not_counted),
		TEST(an_address_can_be_given),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
