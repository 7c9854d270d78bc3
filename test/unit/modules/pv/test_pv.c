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
	test_run(fake_request("OPTIONS", URI_B, VIA_A, ""), script);
}

static struct avp *xavp(struct ctx *ctx, const char *name_z, int64_t index)
{
	struct avp_name name = avp_name(str_z(name_z));

	return avp_find(ctx->avps->first[AVP_X], &name, index);
}

static struct str field(struct avp *a, const char *name_z, int64_t index)
{
	struct avp_name name = avp_name(str_z(name_z));
	struct avp *f = avp_find(a->fields, &name, index);

	return f ? f->value.s : STR_NULL;
}

static enum script_result script_xavp(struct ctx *ctx)
{
	uint32_t count;

	assert_int_equal(TEST_CALL(ctx, "xavp_rm", "x"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "pv_xavp_print"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "xavp_params_explode", "", "x"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "xavp_params_explode", "a=1", ""), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "xavp_params_explode", "a=1;=2", "x"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "xavp_params_explode", ";", "x"), FN_FALSE);
	assert_int_equal(ctx->avps->values, 0);
	assert_int_equal(ctx->avps->bytes, 0);

	assert_int_equal(TEST_CALL(ctx, "xavp_params_explode", "a=1;b;c=\"x;\\\"y\";a=2;", "x"),
			 FN_TRUE);
	assert_text(field(xavp(ctx, "x", 0), "a", 0), STR("2"));
	assert_text(field(xavp(ctx, "x", 0), "a", 1), STR("1"));
	assert_text(field(xavp(ctx, "x", 0), "b", 0), STR(""));
	assert_text(field(xavp(ctx, "x", 0), "c", 0), STR("x;\"y"));

	count = ctx->avps->values;
	assert_int_equal(TEST_CALL(ctx, "xavp_copy", "y", "0", "z"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "xavp_copy", "x", "0", "z", "0"), FN_FALSE);
	assert_int_equal(ctx->avps->values, count);
	assert_int_equal(TEST_CALL(ctx, "xavp_params_explode", ";n=1", "y"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "xavp_params_explode", "n=2", "y"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "xavp_copy", "x", "0", "y"), FN_TRUE);
	assert_text(field(xavp(ctx, "y", 0), "n", 0), STR("2"));
	assert_text(field(xavp(ctx, "y", -1), "a", 0), STR("2"));
	assert_text(field(xavp(ctx, "y", -1), "a", 1), STR("1"));
	assert_int_equal(TEST_CALL(ctx, "xavp_copy", "x", "0", "y", "1"), FN_TRUE);
	assert_text(field(xavp(ctx, "y", 0), "n", 0), STR("2"));
	assert_text(field(xavp(ctx, "y", 1), "c", 0), STR("x;\"y"));
	assert_null(xavp(ctx, "y", 3));
	assert_int_equal(TEST_CALL(ctx, "pv_xavp_print"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "xavp_rm", "y"), FN_TRUE);
	assert_text(field(xavp(ctx, "y", 0), "c", 0), STR("x;\"y"));
	assert_null(xavp(ctx, "y", 2));

	/* the store is full: nothing is added by halves */
	assert_int_equal(TEST_CALL(ctx, "xavp_params_explode", "n=1", "odd"), FN_TRUE);
	while (TEST_CALL(ctx, "xavp_copy", "x", "0", "many") == FN_TRUE)
		count = ctx->avps->values;
	count = ctx->avps->values;
	assert_true(count <= AVPS_VALUES_MAX && count > AVPS_VALUES_MAX - 5);
	for (int64_t i = 0; xavp(ctx, "many", i); i++)
		assert_text(field(xavp(ctx, "many", i), "a", 1), STR("1"));
	return SCRIPT_DONE;
}

static void fields_are_made_and_copied(void **state)
{
	(void)state;
	fake_module(&serac_module);
	fake.script = script_xavp;
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
		FAKE_TEST(fields_are_made_and_copied),
		cmocka_unit_test(constants_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
