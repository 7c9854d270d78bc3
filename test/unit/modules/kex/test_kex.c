/* SPDX-License-Identifier: BSD-2-Clause */
/* kex: script flags, who we are, the log level of a worker. */
#include "test/unit/modules/module_test.h"

static enum script_result script(struct ctx *ctx)
{
	assert_int_equal(TEST_CALL(ctx, "issflagset", "3"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "setsflag", "3"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "setsflag", "32"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "issflagset", "3"), FN_TRUE);
	assert_int_equal(ctx->script_flags, 8); /* what $sf(3) is read from */
	assert_int_equal(TEST_CALL(ctx, "resetsflag", "3"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "issflagset", "3"), FN_FALSE);

	assert_int_equal(TEST_CALL(ctx, "is_myself", "sip:x@127.0.0.1:5060"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "is_myself", "127.0.0.1"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "is_myself", "edge.example.net:5070"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "is_myself", "udp:edge.example.net:5070"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "is_myself", "tcp:edge.example.net:5070"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "is_myself", "sip:127.0.0.9"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "is_myself", "tel:1"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "is_myself", ""), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "is_myself", "a b;c@@"), FN_FALSE);

	log_level_set(LOG_WARN);
	assert_int_equal(TEST_CALL(ctx, "setdebug", "3"), FN_TRUE);
	assert_true(log_wants(LOG_DEBUG));
	log_level_set(LOG_NOTICE); /* a new configuration */
	assert_true(log_wants(LOG_DEBUG));
	assert_int_equal(TEST_CALL(ctx, "resetdebug"), FN_TRUE);
	assert_false(log_wants(LOG_INFO));
	assert_true(log_wants(LOG_NOTICE));

	assert_int_equal(TEST_CALL(ctx, "pv_printf", "", "text"), FN_TRUE);
	assert_text(test_written.s, STR("text"));
	assert_int_equal(TEST_CALL(ctx, "km_append_branch", "sip:c@d"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "km_append_branch", "c d"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "km_append_branch"), FN_TRUE);
	assert_int_equal(ctx->branches.n, 2);
	return SCRIPT_DONE;
}

static void what_kamailio_has_besides(void **state)
{
	(void)state;
	test_run(fake_request("OPTIONS", URI_B, VIA_A, ""), script);
}

int main(void)
{
	const struct CMUnitTest tests[] = { FAKE_TEST(what_kamailio_has_besides) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
