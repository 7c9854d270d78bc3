/* SPDX-License-Identifier: BSD-2-Clause */
/* corex: sockets, the source of a message, extended flags, and what is refused. */
#include "test/unit/modules/module_test.h"

static enum script_result script(struct ctx *ctx)
{
	assert_int_equal(TEST_CALL(ctx, "setxflag", "63"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "setxflag", "64"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "isxflagset", "63"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "isxflagset", "31"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "resetxflag", "63"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "isxflagset", "63"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "is_faked_msg"), FN_FALSE);

	assert_int_equal(TEST_CALL(ctx, "is_socket_name", "out"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "is_socket_name", "127.0.0.1:5060"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "set_send_socket_name", "in"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "set_send_socket_name", "out"), FN_TRUE);
	assert_ptr_equal(ctx->send_socket, &fake_listeners[3]);
	assert_int_equal(TEST_CALL(ctx, "set_send_socket", "udp:127.0.0.1:5060"), FN_TRUE);
	assert_ptr_equal(ctx->send_socket, &fake_listeners[0]);
	assert_int_equal(TEST_CALL(ctx, "set_recv_socket", "tcp:127.0.0.1:5060"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "set_recv_socket", "nothing"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "set_recv_socket", "udp:[::1]:5060"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "set_recv_socket_name", "out"), FN_TRUE);

	assert_int_equal(TEST_CALL(ctx, "set_source_address", "tcp:127.0.0.7:99"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "set_source_address", "[::1]:99"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "set_source_address", "0.0.0.0:99"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "set_source_address", "x"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "set_source_address", "udp:127.0.0.7:99"), FN_TRUE);
	ctx->force_rport = true;
	assert_int_equal(reply_send(ctx, 200, STR_NULL, STR_NULL), 0);
	return SCRIPT_DONE;
}

static void sockets_are_chosen(void **state)
{
	(void)state;
	fake_module(&serac_module);
	fake_listeners[3].name = STR("out");
	fake.script = script;
	fake_receive(0, "127.0.0.5:5062", 0, fake_request("OPTIONS", URI_B, VIA_A, ""));
	assert_int_equal(fake.runs, 1);
	assert_sent_to(0, "127.0.0.7:99");
	assert_ptr_equal(fake.sent[0].to.from, &fake_listeners[3]);
}

static void what_cannot_be_is_refused(void **state)
{
	struct value v[3] = { value_null(), value_null(), value_null() };
	unsigned n = 0;

	(void)state;
	for (const struct func_def *f = serac_module.functions; f->name; f++) {
		if (strncmp(f->help, "is refused", 10))
			continue;
		assert_non_null(f->check(v, 0));
		n++;
	}
	assert_int_equal(n, 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE_TEST(sockets_are_chosen),
		cmocka_unit_test(what_cannot_be_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
