/* SPDX-License-Identifier: BSD-2-Clause */
/* cfgutils: chance, shared flags, hashes, and what is refused. */
#include "test/unit/modules/module_test.h"

static void run(enum script_result (*script)(struct ctx *ctx))
{
	fake_module(&serac_module);
	assert_int_equal(serac_module.init(&fake.run, &fake.conf), 0);
	fake.script = script;
	fake_receive(0, "127.0.0.5:5062", 0, fake_request("OPTIONS", URI_B, VIA_A, ""));
	assert_int_equal(fake.runs, 1);
}

static unsigned events(struct ctx *ctx)
{
	unsigned n = 0;

	for (int i = 0; i < 1000; i++)
		n += TEST_CALL(ctx, "rand_event") == FN_TRUE;
	return n;
}

static enum script_result script_chance(struct ctx *ctx)
{
	struct value a, b;

	assert_int_equal(TEST_CALL(ctx, "rand_get_prob"), 10);
	assert_in_range(events(ctx), 40, 200);
	assert_int_equal(TEST_CALL(ctx, "rand_set_prob", "101"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "rand_set_prob", "0"), FN_TRUE);
	assert_int_equal(events(ctx), 0);
	assert_int_equal(TEST_CALL(ctx, "rand_set_prob", "100"), FN_TRUE);
	assert_int_equal(events(ctx), 1000);
	assert_int_equal(TEST_CALL(ctx, "rand_reset_prob"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "rand_get_prob"), 10);
	a = test_attr(ctx, "RANDOM", NULL);
	b = test_attr(ctx, "RANDOM", NULL);
	assert_true(a.i >= 0 && (a.i != b.i || test_attr(ctx, "RANDOM", NULL).i != a.i));
	return SCRIPT_DONE;
}

static void chance_is_a_percentage(void **state)
{
	(void)state;
	run(script_chance);
}

static enum script_result script_flags(struct ctx *ctx)
{
	assert_int_equal(TEST_CALL(ctx, "is_gflag", "31"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "set_gflag", "31"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "set_gflag", "32"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "is_gflag", "31"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "is_gflag", "-1"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "reset_gflag", "31"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "is_gflag", "31"), FN_FALSE);
	for (int i = 0; i < 100; i++) {
		char text[8];
		int h;

		snprintf(text, sizeof(text), "%d", i);
		h = TEST_CALL(ctx, "core_hash", text, "x", "3");
		assert_in_range(h, 1, 8);
		assert_int_equal(TEST_CALL(ctx, "core_hash", text, "x", "3"), h);
		assert_in_range(TEST_CALL(ctx, "core_hash", text, "", "0"), 1, 2);
		assert_true(TEST_CALL(ctx, "core_hash", text, "", "99") > 0);
	}
	/* Kamailio 5.6.3's numbers */
	assert_int_equal(TEST_CALL(ctx, "core_hash", "alice@example.com", "x", "16"), 3149);
	assert_int_equal(TEST_CALL(ctx, "core_hash", "4711", "", "8"), 69);
	assert_int_equal(TEST_CALL(ctx, "core_hash",
				   "\xc3\xbc"
				   "ber",
				   "abcdefgh", "20"),
			 39766);
	return SCRIPT_DONE;
}

static void flags_are_the_routers(void **state)
{
	(void)state;
	run(script_flags);
}

static void what_would_block_is_refused(void **state)
{
	static const char *const refused[] = { "sleep", "usleep", "lock", "unlock", "trylock" };
	struct value v = value_null();

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		assert_non_null(fake_func(serac_module.functions, refused[i], 1)->check(&v, 1));
	assert_non_null(fake_func(serac_module.functions, "abort", 0)->check(&v, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE_TEST(chance_is_a_percentage),
		FAKE_TEST(flags_are_the_routers),
		cmocka_unit_test(what_would_block_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
