/* SPDX-License-Identifier: BSD-2-Clause */
/* The server transactions of RFC 3261 figures 7 and 8 with RFC 6026: every edge, every timer to the millisecond. */
#include "tm_test.h"

static void (*answer_now)(struct ctx *ctx);

static enum script_result script_answer(struct ctx *ctx)
{
	assert_int_equal(call(ctx, "t_newtran"), FN_TRUE);
	answer_now(ctx);
	return SCRIPT_DONE;
}

static void answer_200(struct ctx *ctx)
{
	assert_int_equal(reply_send(ctx, 200, STR_NULL, STR_NULL), 0);
}

static void answer_486(struct ctx *ctx)
{
	assert_int_equal(reply_send(ctx, 486, STR_NULL, STR_NULL), 0);
	/* once */
	assert_int_equal(reply_send(ctx, 500, STR_NULL, STR_NULL), -EALREADY);
}

static void answers(void (*how)(struct ctx *ctx))
{
	answer_now = how;
	fake.script = script_answer;
}

/* --- INVITE: figure 7 ------------------------------------------------------------------------------------------------------------------- */
static void a_retransmission_gets_the_last_answer_again(void **state)
{
	(void)state;
	receive("INVITE", URI_B);
	receive("INVITE", URI_B);
	assert_sent("SIP/2.0 100 ", 2);
	respond(1, 180);
	respond_with(1, 183, "t1", "X-Longer: than the one before\r\n");
	respond(1, 180);
	sent_clear();
	receive("INVITE", URI_B);
	assert_int_equal(fake.sent_n, 1);
	assert_sent("SIP/2.0 180 ", 1);
	assert_int_equal(fake.runs, 1);
	assert_int_equal(counted(TM_RETRANSMISSIONS), 2);
	assert_int_equal(counted(TM_RESENT_REPLIES), 2);
	assert_int_equal(counted(TM_CREATED), 1);
}

static void the_last_of_very_many_answers_is_kept(void **state)
{
	static char more[2000];

	(void)state;
	receive("INVITE", URI_B);
	pass(10);
	/* each longer by a byte than the one before: what is kept does not grow with their number */
	for (unsigned i = 0; i < 1200; i++) {
		snprintf(more, sizeof(more), "X-%0*u: x\r\n", (int)i + 1, 0u);
		respond_with(1, 180, "t1", more);
		memmove(&fake.sent[2], &fake.sent[fake.sent_n - 1], sizeof(fake.sent[2]));
		fake.sent_n = 2;
	}
	assert_true(arena_used(trans_body(the_trans())->arena) < 20000);
	receive("INVITE", URI_B);
	assert_has(fake_out(2), more);
	respond(1, 486);
	receive("INVITE", URI_B);
	assert_sent("SIP/2.0 486 ", 2);
	ack();
}

static void timer_g_doubles_up_to_t2_until_timer_h(void **state)
{
	static const unsigned gaps[] = {
		500, 1000, 2000, 4000, 4000, 4000, 4000, 4000, 4000, 4000
	};

	(void)state;
	answers(answer_486);
	receive("INVITE", URI_B);
	assert_int_equal(server_state(), SERVER_COMPLETED);
	for (unsigned i = 0; i < 10; i++) {
		pass(gaps[i] - 1);
		assert_sent("SIP/2.0 486 ", i + 1);
		pass(1);
		assert_sent("SIP/2.0 486 ", i + 2);
	}
	receive("INVITE", URI_B);
	assert_sent("SIP/2.0 486 ", 12);
	pass(499);
	assert_int_equal(server_state(), SERVER_COMPLETED);
	pass(1);
	assert_all_gone();
}

static void timer_h_runs_on_a_stream_without_resends(void **state)
{
	(void)state;
	answers(answer_486);
	receive_tcp("INVITE", URI_B);
	pass(31999);
	assert_sent("SIP/2.0 486 ", 1);
	assert_int_equal(server_state(), SERVER_COMPLETED);
	pass(1);
	assert_all_gone();
}

static void timer_i_absorbs_for_t4(void **state)
{
	(void)state;
	answers(answer_486);
	receive("INVITE", URI_B);
	ack();
	assert_int_equal(server_state(), SERVER_CONFIRMED);
	ack();
	receive("INVITE", URI_B);
	assert_sent("SIP/2.0 486 ", 1);
	pass(4999);
	assert_int_equal(server_state(), SERVER_CONFIRMED);
	assert_sent("SIP/2.0 486 ", 1);
	pass(1);
	assert_all_gone();
	assert_int_equal(fake.runs, 1); /* no ACK came to the script */
}

static void timer_i_is_0_on_a_stream(void **state)
{
	(void)state;
	answers(answer_486);
	receive_tcp("INVITE", URI_B);
	fake_receive(1, CALLER, FAKE_CONN, fake_request("ACK", URI_B, VIA_TCP, ""));
	assert_all_gone();
}

static void timer_l_absorbs_behind_a_2xx(void **state)
{
	(void)state;
	answers(answer_200);
	receive("INVITE", URI_B);
	assert_int_equal(server_state(), SERVER_ACCEPTED);
	receive("INVITE", URI_B);
	assert_sent("SIP/2.0 200 ", 1);
	/* its ACK is the script's */
	fake.script = NULL;
	ack();
	assert_int_equal(fake.runs, 2);
	assert_int_equal(server_state(), SERVER_ACCEPTED);
	pass(31999);
	assert_int_equal(server_state(), SERVER_ACCEPTED);
	pass(1);
	assert_all_gone();
}

static void timer_l_runs_on_a_stream_too(void **state)
{
	(void)state;
	conf()->wt_timer = 5000;
	answers(answer_200);
	receive_tcp("INVITE", URI_B);
	pass(31999);
	assert_int_equal(server_state(), SERVER_ACCEPTED);
	pass(1);
	assert_all_gone();
}

static void a_late_2xx_goes_up_in_any_state(void **state)
{
	(void)state;
	test.targets[0] = URI_B;
	test.targets[1] = "sip:c@127.0.0.7:5067";
	receive("INVITE", URI_B);
	respond(1, 603);
	respond(2, 180);
	assert_sent("CANCEL ", 1);
	respond(2, 487);
	assert_sent("SIP/2.0 603 ", 1);
	/* it had answered before the CANCEL came */
	respond(2, 200);
	assert_sent("SIP/2.0 200 ", 1);
	assert_int_equal(server_state(), SERVER_COMPLETED);
	/* the refusal is what a retransmission gets all the same */
	receive("INVITE", URI_B);
	assert_sent("SIP/2.0 603 ", 2);
	ack();
	respond(2, 200);
	assert_sent("SIP/2.0 200 ", 2);
	assert_int_equal(server_state(), SERVER_CONFIRMED);
	pass(5000);
	assert_int_equal(server_state(), SERVER_DONE);
	respond(2, 200);
	assert_sent("SIP/2.0 200 ", 3);
}

static void release(struct ctx *ctx)
{
	assert_int_equal(call(ctx, "t_release"), FN_TRUE);
}

static void a_released_one_ends_without_an_answer(void **state)
{
	(void)state;
	answers(release);
	receive("INVITE", URI_B);
	assert_sent("SIP/2.0 100 ", 1);
	assert_int_equal(fake.sent_n, 1);
	assert_all_gone();
}

static void nothing(struct ctx *ctx)
{
	(void)ctx;
}

static void what_the_script_forgets_is_answered_500(void **state)
{
	(void)state;
	answers(nothing);
	receive("INVITE", URI_B);
	assert_sent("SIP/2.0 500 Server Internal Error\r\n", 1);
	ack();
	pass(6000);
	sent_clear();
	receive("MESSAGE", URI_B);
	assert_sent("SIP/2.0 500 Server Internal Error\r\n", 1);
}

/* --- others: figure 8 ------------------------------------------------------------------------------------------------------------------- */
static void a_retransmission_before_any_answer_gets_nothing(void **state)
{
	(void)state;
	receive("MESSAGE", URI_B);
	assert_int_equal(server_state(), SERVER_TRYING);
	receive("MESSAGE", URI_B);
	assert_int_equal(fake.sent_n, 1);
	assert_int_equal(fake.runs, 1);
	respond(0, 202);
	assert_int_equal(server_state(), SERVER_COMPLETED);
	receive("MESSAGE", URI_B);
	assert_sent("SIP/2.0 202 ", 2);
}

static void answer_183_later(struct ctx *ctx)
{
	assert_int_equal(reply_send(ctx, 183, STR_NULL, STR_NULL), 0);
	receive("MESSAGE", URI_B);
	/* the runner is this very script: it is dealt with when it lets go */
	assert_sent("SIP/2.0 183 ", 1);
	assert_int_equal(trans_body(ctx->trans)->server.state, SERVER_PROCEEDING);
	relay(ctx);
}

static void a_retransmission_in_the_middle_of_a_script_waits_for_its_end(void **state)
{
	(void)state;
	answers(answer_183_later);
	receive("MESSAGE", URI_B);
	assert_sent("SIP/2.0 183 ", 2);
	assert_int_equal(fake.runs, 1);
	respond(1, 200);
	assert_sent("SIP/2.0 200 ", 1);
}

static void timer_j_absorbs_for_64_t1(void **state)
{
	(void)state;
	answers(answer_200);
	receive("MESSAGE", URI_B);
	receive("MESSAGE", URI_B);
	assert_sent("SIP/2.0 200 ", 2);
	assert_text(fake_out(0), fake_out(1));
	pass(31999);
	assert_int_equal(server_state(), SERVER_COMPLETED);
	pass(1);
	assert_all_gone();
}

static void timer_j_is_0_on_a_stream(void **state)
{
	(void)state;
	answers(answer_200);
	receive_tcp("MESSAGE", URI_B);
	assert_all_gone();
}

static void wt_timer_sets_j(void **state)
{
	(void)state;
	conf()->wt_timer = 5000;
	answers(answer_200);
	receive("MESSAGE", URI_B);
	pass(4999);
	assert_int_equal(server_state(), SERVER_COMPLETED);
	pass(1);
	assert_all_gone();
}

static void max_lifetime_ends_what_is_asked_for(void **state)
{
	(void)state;
	conf()->fr_inv_timer = 600000;
	receive("INVITE", URI_B);
	respond(1, 180);
	pass(179999);
	assert_sent("CANCEL ", 0);
	pass(1);
	assert_sent("CANCEL ", 1);
	respond(1, 487);
	assert_sent("SIP/2.0 408 ", 1);
	ack();
	/* and one without any answer at once */
	pass(40000);
	sent_clear();
	conf()->fr_timer = 600000;
	conf()->max_inv_lifetime = 10000;
	test.targets[0] = URI_TCP;
	receive("INVITE", URI_B);
	pass(10000);
	assert_sent("SIP/2.0 408 ", 1);
	ack();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_retransmission_gets_the_last_answer_again),
		TEST(the_last_of_very_many_answers_is_kept),
		TEST(timer_g_doubles_up_to_t2_until_timer_h),
		TEST(timer_h_runs_on_a_stream_without_resends),
		TEST(timer_i_absorbs_for_t4),
		TEST(timer_i_is_0_on_a_stream),
		TEST(timer_l_absorbs_behind_a_2xx),
		TEST(timer_l_runs_on_a_stream_too),
		TEST(a_late_2xx_goes_up_in_any_state),
		TEST(a_released_one_ends_without_an_answer),
		TEST(what_the_script_forgets_is_answered_500),
		TEST(a_retransmission_before_any_answer_gets_nothing),
		TEST(a_retransmission_in_the_middle_of_a_script_waits_for_its_end),
		TEST(timer_j_absorbs_for_64_t1),
		TEST(timer_j_is_0_on_a_stream),
		TEST(wt_timer_sets_j),
		TEST(max_lifetime_ends_what_is_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
