/* SPDX-License-Identifier: BSD-2-Clause */
/* sl: answers of a script. */
#include "test/unit/modules/module_test.h"

static int reply(struct ctx *ctx, const char *name_z, int64_t code, const char *reason_z)
{
	struct value argv[2] = { value_int(code), value_str(str_z(reason_z)) };

	return fake_call(ctx, serac_module.functions, name_z, reason_z ? 2 : 1, argv);
}

static enum script_result script_replies(struct ctx *ctx)
{
	assert_int_equal(reply(ctx, "sl_send_reply", 404, "Not Here"), FN_TRUE);
	assert_int_equal(reply(ctx, "send_reply", 486, NULL), FN_TRUE);
	assert_int_equal(reply(ctx, "sl_reply", 99, NULL), FN_FALSE);
	assert_int_equal(reply(ctx, "sl_reply", 700, NULL), FN_FALSE);
	return SCRIPT_DONE;
}

static void a_script_answers(void **state)
{
	(void)state;
	fake_module(&serac_module);
	fake.script = script_replies;
	fake_receive(0, "127.0.0.5:5062", 0, fake_request("OPTIONS", URI_B, VIA_A, ""));
	assert_int_equal(fake.sent_n, 2);
	assert_true(str_starts(fake_out(0), STR("SIP/2.0 404 Not Here\r\n")));
	assert_true(str_starts(fake_out(1), STR("SIP/2.0 486 Busy Here\r\n")));
}

static enum script_result script_redirects(struct ctx *ctx)
{
	assert_int_equal(reply(ctx, "sl_send_reply", 302, NULL), FN_TRUE);
	assert_int_equal(ctx_uri_set(ctx, STR("sip:new@else.where")), 0);
	assert_int_equal(reply(ctx, "sl_send_reply", 302, NULL), FN_TRUE);
	assert_int_equal(reply(ctx, "sl_send_reply", 404, NULL), FN_TRUE);
	return SCRIPT_DONE;
}

static void a_redirection_names_where_to(void **state)
{
	(void)state;
	fake_module(&serac_module);
	fake.script = script_redirects;
	fake_receive(0, "127.0.0.5:5062", 0, fake_request("OPTIONS", URI_B, VIA_A, ""));
	assert_has_not(fake_out(0), "Contact:");
	assert_has(fake_out(1), "\r\nContact: <sip:new@else.where>\r\n");
	assert_has_not(fake_out(2), "Contact:");
}

static enum script_result script_fails(struct ctx *ctx)
{
	(void)script_forward(ctx);
	assert_int_equal(fake_call(ctx, serac_module.functions, "sl_reply_error", 0, NULL),
			 FN_TRUE);
	return SCRIPT_DONE;
}

static enum script_result script_errs(struct ctx *ctx)
{
	assert_int_equal(fake_call(ctx, serac_module.functions, "send_reply_error", 0, NULL),
			 FN_TRUE);
	return SCRIPT_DONE;
}

static void an_error_is_answered_once(void **state)
{
	(void)state;
	fake_module(&serac_module);
	fake.script = script_fails;
	fake_receive(0, "127.0.0.5:5062", 0,
		     fake_request("OPTIONS", URI_B, VIA_A, "Max-Forwards: 0\r\n"));
	assert_int_equal(fake.sent_n, 1);
	assert_true(str_starts(fake_out(0), STR("SIP/2.0 483 Too Many Hops\r\n")));
	fake.script = script_errs;
	fake_receive(0, "127.0.0.5:5062", 0, fake_request("OPTIONS", URI_B, VIA_A, ""));
	assert_true(str_starts(fake_out(1), STR("SIP/2.0 500 Internal Server Error\r\n")));
}

static void constants_are_checked(void **state)
{
	struct value argv[2] = { value_int(77), value_str(STR("x")) };

	(void)state;
	assert_non_null(fake_func(serac_module.functions, "sl_send_reply", 2)->check(argv, 2));
	argv[0] = value_int(200);
	assert_null(fake_func(serac_module.functions, "sl_send_reply", 2)->check(argv, 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE_TEST(a_script_answers),
		FAKE_TEST(a_redirection_names_where_to),
		FAKE_TEST(an_error_is_answered_once),
		cmocka_unit_test(constants_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
