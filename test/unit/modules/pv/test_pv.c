/* SPDX-License-Identifier: BSD-2-Clause */
/* pv: questions about variables, initial values of $shv. */
#include "test/unit/modules/module_test.h"

static const struct {
	struct value v;
	bool set, is_int, not_empty;
	const char *type;
} values[] = {
	{ { .type = VALUE_NULL }, false, false, false, "null" },
	{ { .type = VALUE_INT, .i = 0 }, true, true, true, "int" },
	{ { .type = VALUE_STR, .s = { "", 0 } }, true, false, false, "str" },
	{ { .type = VALUE_STR, .s = { "1", 1 } }, true, false, true, "str" },
};

static enum script_result script(struct ctx *ctx)
{
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		test_written = values[i].v;
		assert_int_equal(TEST_CALL(ctx, "pv_isset", "") == FN_TRUE, values[i].set);
		assert_int_equal(TEST_CALL(ctx, "is_int", "") == FN_TRUE, values[i].is_int);
		assert_int_equal(TEST_CALL(ctx, "not_empty", "") == FN_TRUE, values[i].not_empty);
		assert_int_equal(TEST_CALL(ctx, "typeof", "", values[i].type), FN_TRUE);
		assert_int_equal(TEST_CALL(ctx, "typeof", "", "other"), FN_FALSE);
	}
	assert_int_equal(TEST_CALL(ctx, "pv_unset", ""), FN_TRUE);
	assert_int_equal(test_written.type, VALUE_NULL);
	return SCRIPT_DONE;
}

static void variables_are_asked(void **state)
{
	(void)state;
	fake_module(&serac_module);
	fake.script = script;
	fake_receive(0, "127.0.0.5:5062", 0, fake_request("OPTIONS", URI_B, VIA_A, ""));
	assert_int_equal(fake.runs, 1);
}

static void constants_are_checked(void **state)
{
	struct value argv[2] = { value_null(), value_str(STR("float")) };

	(void)state;
	assert_non_null(fake_func(serac_module.functions, "typeof", 2)->check(argv, 2));
	argv[1] = value_str(STR("int"));
	assert_null(fake_func(serac_module.functions, "typeof", 2)->check(argv, 2));
	assert_non_null(fake_func(serac_module.functions, "pv_evalx", 2)->check(argv, 2));
	/* varset, avp_aliases */
	for (int i = 1; i < 3; i++)
		assert_non_null(serac_module.params[i].set(NULL, NULL, &argv[1]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE_TEST(variables_are_asked),
		cmocka_unit_test(constants_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
