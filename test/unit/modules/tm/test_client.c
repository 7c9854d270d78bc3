/* SPDX-License-Identifier: BSD-2-Clause */
/* The client transactions of RFC 3261 figures 5 and 6 with RFC 6026: every edge, every timer to the millisecond. */
#include "tm_test.h"

static void relay_over(bool reliable, const char *method_z)
{
	test.targets[0] = reliable ? URI_TCP : URI_B;
	receive(method_z, URI_B);
	assert_int_equal(test.relayed, FN_TRUE);
}

/* --- INVITE: figure 5 ------------------------------------------------------------------------------------------------------------------- */
static void timer_a_doubles_until_timer_b(void **state)
{
	static const unsigned at[] = { 500, 1000, 2000, 4000, 8000, 16000 };

	(void)state;
	conf()->fr_timer = 32000;
	relay_over(false, "INVITE");
	assert_sent("SIP/2.0 100 ", 1);
	assert_sent("INVITE ", 1);
	for (unsigned i = 0; i < 6; i++) {
		pass(at[i] - 1);
		assert_sent("INVITE ", i + 1);
		pass(1);
		assert_sent("INVITE ", i + 2);
		assert_text(fake_out(i + 2), fake_out(1));
	}
	pass(499);
	assert_sent("SIP/2.0 408 ", 0);
	pass(1);
	assert_sent("SIP/2.0 408 ", 1);
	assert_int_equal(the_client(0)->state, CLIENT_DONE);
	assert_int_equal(counted(TM_RESENT_REQUESTS), 6);
	assert_int_equal(counted(TM_TIMEOUTS), 1);
	ack();
}

static void timer_a_does_not_run_on_a_stream(void **state)
{
	(void)state;
	relay_over(true, "INVITE");
	pass(29999);
	assert_sent("INVITE ", 1);
	assert_sent("SIP/2.0 408 ", 0);
	pass(1);
	assert_sent("SIP/2.0 408 ", 1);
	ack();
}

static void timer_a_ends_with_the_first_provisional_response(void **state)
{
	(void)state;
	relay_over(false, "INVITE");
	pass(600);
	assert_sent("INVITE ", 2);
	respond(1, 100);
	pass(60000);
	assert_sent("INVITE ", 2);
	assert_sent("SIP/2.0 100 ", 1); /* our own; the peer's is hop by hop */
	assert_int_equal(the_client(0)->state, CLIENT_PROCEEDING);
	respond(1, 200);
}

static void timer_c_cancels_and_waits(void **state)
{
	(void)state;
	relay_over(false, "INVITE");
	conf()->max_inv_lifetime = 0;
	trans_body(the_trans())->dies_at = 0;
	respond(1, 180);
	pass(119999);
	/* each 101 to 199 sets it anew, a 100 does not (RFC 3261 16.7) */
	respond(1, 183);
	pass(100);
	respond(1, 100);
	pass(119899);
	assert_sent("CANCEL ", 0);
	pass(1);
	assert_sent("CANCEL ", 1);
	assert_int_equal(the_client(0)->state, CLIENT_CANCELLING);
	respond(where("CANCEL "), 200);
	/* what the peer makes of it is ours to tell as a timeout */
	respond(1, 487);
	assert_sent("ACK ", 1);
	assert_sent("SIP/2.0 487 ", 0);
	assert_sent("SIP/2.0 408 ", 1);
	ack();
}

static void timer_c_without_an_answer_gives_up(void **state)
{
	(void)state;
	relay_over(false, "INVITE");
	trans_body(the_trans())->dies_at = 0;
	respond(1, 180);
	pass(120000);
	assert_sent("CANCEL ", 1);
	sent_clear();
	pass(31999);
	assert_sent("SIP/2.0 408 ", 0);
	assert_sent("CANCEL ", 10); /* E: 500, 1000, 2000, then each 4000 */
	pass(1);
	assert_sent("SIP/2.0 408 ", 1);
	assert_int_equal(the_client(0)->state, CLIENT_DONE);
	ack();
}

static void a_refusal_is_acknowledged_as_often_as_it_comes(void **state)
{
	(void)state;
	relay_over(false, "INVITE");
	respond(1, 486);
	assert_int_equal(the_client(0)->state, CLIENT_COMPLETED);
	assert_sent("SIP/2.0 486 ", 1);
	ack();
	respond(1, 486);
	respond_with(1, 486, "another", "");
	assert_sent("ACK ", 3);
	assert_has(fake_out(fake.sent_n - 1), "To: <sip:b@example.com>;tag=another\r\n");
	assert_has(fake_out(fake.sent_n - 1), "CSeq: 7 ACK\r\n");
	assert_sent("SIP/2.0 486 ", 1);
	/* timer D: 64 * T1 */
	pass(31999);
	assert_int_equal(the_client(0)->state, CLIENT_COMPLETED);
	pass(2);
	assert_all_gone();
}

static void timer_d_is_0_on_a_stream(void **state)
{
	(void)state;
	relay_over(true, "INVITE");
	respond(1, 486);
	assert_int_equal(the_client(0)->state, CLIENT_DONE);
	/* timer H keeps the server side */
	ack();
}

static void a_provisional_response_behind_a_final_one_is_ignored(void **state)
{
	(void)state;
	relay_over(false, "INVITE");
	respond(1, 486);
	sent_clear();
	fake.sent_n = 2; /* as they were */
	respond(1, 180);
	assert_int_equal(fake.sent_n, 2);
	assert_int_equal(the_client(0)->state, CLIENT_COMPLETED);
	ack();
}

static void each_2xx_goes_up_until_timer_m(void **state)
{
	(void)state;
	relay_over(false, "INVITE");
	respond(1, 200);
	assert_int_equal(the_client(0)->state, CLIENT_ACCEPTED);
	assert_int_equal(server_state(), SERVER_ACCEPTED);
	pass(10000);
	respond(1, 200);
	respond_with(1, 200, "fork2", "");
	assert_sent("SIP/2.0 200 ", 3);
	assert_sent("ACK ", 0);
	/* M counts from the first, on all transports */
	pass(21999);
	assert_int_equal(the_client(0)->state, CLIENT_ACCEPTED);
	respond(1, 486);
	assert_sent("ACK ", 0);
	pass(1);
	assert_all_gone();
	respond(1, 200);
	assert_sent("SIP/2.0 200 ", 3);
	assert_int_equal(fake_count(MSG_DROP_NO_TRANSACTION), 1);
}

static void timer_m_runs_on_a_stream_too(void **state)
{
	(void)state;
	relay_over(true, "INVITE");
	respond(1, 200);
	pass(31999);
	assert_int_equal(the_client(0)->state, CLIENT_ACCEPTED);
	respond(1, 200);
	assert_sent("SIP/2.0 200 ", 2);
	pass(1);
	assert_all_gone();
}

static void wt_timer_shortens_d_but_not_m(void **state)
{
	(void)state;
	conf()->wt_timer = 5000;
	relay_over(false, "INVITE");
	respond(1, 486);
	ack();
	pass(4999);
	assert_int_equal(the_client(0)->state, CLIENT_COMPLETED);
	pass(1);
	assert_all_gone();
	sent_clear();
	relay_over(false, "INVITE");
	respond(1, 200);
	pass(31999);
	assert_int_equal(the_client(0)->state, CLIENT_ACCEPTED);
	pass(1);
	assert_all_gone();
}

static void what_cannot_be_sent_is_a_503_at_once(void **state)
{
	struct trans *t;

	(void)state;
	relay_over(true, "INVITE");
	t = the_trans();
	trans_hooks()->sent_failed(&fake.w, trans_token(t, 0), ECONNREFUSED);
	assert_sent("SIP/2.0 500 Next Hop Cannot Be Reached\r\n", 1);
	assert_int_equal(counted(TM_UNSENT), 1);
	assert_int_equal(the_client(0)->status, 503);
	/* and of a branch that rings it says nothing */
	ack();
}

/* What the network says about the i-th message that was sent: it quotes n bytes. */
static void unreached(unsigned i, size_t n)
{
	struct str out = fake_out(i);

	msg_hooks.unreached(&fake.w, str_of(out.p, n < out.n ? n : out.n), ECONNREFUSED);
}

/* Up to where our Via tells that it is ours. */
static size_t via_end(unsigned i)
{
	struct str out = fake_out(i);
	size_t at = (size_t)str_find(out, STR("Via: "));

	return at + (size_t)str_chr(str_skip(out, at), '\r') + 1;
}

static void what_the_network_gives_back_is_a_503_at_once(void **state)
{
	(void)state;
	relay_over(false, "INVITE");
	assert_sent("INVITE ", 1);
	for (size_t n = 0; n < via_end(1); n++)
		unreached(1, n);
	assert_int_equal(fake_count(MSG_UNREACHED_UNKNOWN), via_end(1));
	assert_int_equal(the_client(0)->state, CLIENT_TRYING);
	unreached(1, via_end(1));
	assert_sent("SIP/2.0 500 Next Hop Cannot Be Reached\r\n", 1);
	assert_int_equal(counted(TM_UNSENT), 1);
	assert_int_equal(the_client(0)->status, 503);
	/* the same again, of a resend that was on its way */
	unreached(1, 520);
	assert_int_equal(counted(TM_UNSENT), 1);
	ack();
}

static void who_gives_it_back_or_is_silent_is_listed(void **state)
{
	static const struct {
		const char *method_z;
		enum block_why why; /* 0: not listed */
		bool reliable, rings, returned;
	} cases[] = {
		{ "INVITE", BLOCK_SEND, .returned = true },
		{ "OPTIONS", BLOCK_SEND, .returned = true },
		/* core/net has listed it, or it has not failed there */
		{ "INVITE", 0, .returned = true, .reliable = true },
		{ "INVITE", 0, .returned = true, .rings = true },
		{ "INVITE", BLOCK_TIMEOUT, .reliable = false },
		{ "INVITE", BLOCK_TIMEOUT, .reliable = true },
		{ "INVITE", 0, .rings = true },
		{ "OPTIONS", 0, .reliable = false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned at = cases[i].method_z[0] == 'I';

		sent_clear();
		fake.blocked_n = 0;
		fake.blocked_why = 0;
		relay_over(cases[i].reliable, cases[i].method_z);
		if (cases[i].rings)
			respond(at, 180);
		if (cases[i].returned)
			trans_hooks()->sent_failed(&fake.w, trans_token(the_trans(), 0),
						   ECONNREFUSED);
		assert_int_equal(fake.blocked_n, cases[i].why && cases[i].returned);
		pass(250000);
		assert_int_equal(fake.blocked_n, cases[i].why != 0);
		assert_int_equal(fake.blocked_why, cases[i].why);
		if (fake.blocked_n)
			assert_int_equal(addr_port(&fake.blocked[0]), 5066);
	}
}

static void nobody_else_can_say_so(void **state)
{
	char *text;
	size_t n;

	(void)state;
	relay_over(false, "INVITE");
	text = fake.sent[1].text;
	n = via_end(1);
	/* each digit of branch and i= */
	for (size_t i = (size_t)(strstr(text, "branch=") - text) + 7; i < n - 1; i++) {
		char was = text[i];

		text[i] = was == '0' ? '1' : '0';
		unreached(1, 520);
		text[i] = was;
	}
	/* a response that went to ourselves */
	memcpy(text, "SIP/2", 5);
	unreached(1, 520);
	unreached(0, 520);
	assert_int_equal(the_client(0)->state, CLIENT_TRYING);
	assert_int_equal(counted(TM_UNSENT), 0);
	memcpy(text, "INVIT", 5);
	respond(1, 180);
	/* and of one that rings it says nothing: RFC 3261 figure 5 */
	unreached(1, 520);
	assert_int_equal(the_client(0)->state, CLIENT_PROCEEDING);
	respond(1, 200);
	assert_sent("SIP/2.0 200 ", 1);
}

static void a_failed_resend_after_a_response_changes_nothing(void **state)
{
	(void)state;
	relay_over(true, "INVITE");
	respond(1, 180);
	trans_hooks()->sent_failed(&fake.w, trans_token(the_trans(), 0), EPIPE);
	assert_int_equal(the_client(0)->state, CLIENT_PROCEEDING);
	/* nor does a token of nobody's */
	trans_hooks()->sent_failed(&fake.w, trans_token(the_trans(), 9), EPIPE);
	trans_hooks()->sent_failed(&fake.w, trans_token(the_trans(), 0) + 256, EPIPE);
	trans_hooks()->sent_failed(&fake.w, UINT64_MAX, EPIPE);
	respond(1, 200);
	assert_sent("SIP/2.0 200 ", 1);
}

/* --- others: figure 6 ------------------------------------------------------------------------------------------------------------------- */
static void timer_e_doubles_up_to_t2_until_timer_f(void **state)
{
	static const unsigned gaps[] = { 500, 1000, 2000, 4000, 4000, 4000, 4000, 4000, 4000 };

	(void)state;
	relay_over(false, "MESSAGE");
	assert_sent("MESSAGE ", 1);
	assert_int_equal(fake.sent_n, 1); /* no 100 (RFC 4320) */
	for (unsigned i = 0; i < 9; i++) {
		pass(gaps[i] - 1);
		assert_sent("MESSAGE ", i + 1);
		pass(1);
		assert_sent("MESSAGE ", i + 2);
	}
	/* F: nobody is told, nobody would listen any more (RFC 4320 4.2) */
	pass(2499);
	assert_int_equal(the_client(0)->state, CLIENT_TRYING);
	pass(1);
	assert_int_equal(fake.sent_n, 10);
	assert_all_gone();
}

static void timer_e_is_t2_after_a_provisional_response(void **state)
{
	(void)state;
	relay_over(false, "MESSAGE");
	pass(600);
	respond(0, 100);
	assert_int_equal(the_client(0)->state, CLIENT_PROCEEDING);
	assert_sent("MESSAGE ", 2);
	pass(899); /* the running one ends */
	assert_sent("MESSAGE ", 2);
	pass(1);
	assert_sent("MESSAGE ", 3);
	pass(3999);
	assert_sent("MESSAGE ", 3);
	pass(1);
	assert_sent("MESSAGE ", 4);
	assert_int_equal(fake.sent_n, 4); /* nothing goes up */
	respond(0, 200);
	assert_sent("SIP/2.0 200 ", 1);
}

static void timer_f_runs_on_a_stream_without_resends(void **state)
{
	(void)state;
	relay_over(true, "MESSAGE");
	pass(29999);
	assert_int_equal(the_client(0)->state, CLIENT_TRYING);
	pass(1);
	assert_int_equal(fake.sent_n, 1);
	assert_all_gone();
}

static void timer_k_absorbs_for_t4(void **state)
{
	(void)state;
	relay_over(false, "MESSAGE");
	respond(0, 200);
	assert_int_equal(the_client(0)->state, CLIENT_COMPLETED);
	respond(0, 200);
	respond(0, 404);
	assert_sent("SIP/2.0 ", 1);
	pass(4999);
	assert_int_equal(the_client(0)->state, CLIENT_COMPLETED);
	pass(1);
	assert_int_equal(the_client(0)->state, CLIENT_DONE);
}

static void timer_k_is_0_on_a_stream(void **state)
{
	(void)state;
	relay_over(true, "MESSAGE");
	respond(0, 404);
	assert_int_equal(the_client(0)->state, CLIENT_DONE);
	assert_sent("SIP/2.0 404 ", 1);
}

static void other_requests_are_not_cancelled(void **state)
{
	(void)state;
	relay_over(false, "MESSAGE");
	respond(0, 100);
	receive("CANCEL", URI_B);
	assert_sent("SIP/2.0 200 canceling", 0);
	assert_sent("CANCEL ", 1); /* of no INVITE: it goes on statelessly */
	respond(0, 200);
}

/* --- whose response? ---------------------------------------------------------------------------------------------------------------------- */
static void responses_of_another_method_are_ignored(void **state)
{
	static char text[8192];
	struct str r;
	ssize_t at;

	(void)state;
	relay_over(false, "INVITE");
	r = response_text(1, 200, "t", "");
	memcpy(text, r.p, r.n);
	at = str_find(r, STR("7 INVITE"));
	memcpy(text + at, "7 CANCEL", 8);
	/* nobody has sent one */
	fake_receive(0, "127.0.0.6:5066", 0, str_of(text, r.n));
	memcpy(text + at, "7 UPDATE", 8);
	fake_receive(0, "127.0.0.6:5066", 0, str_of(text, r.n));
	assert_int_equal(the_client(0)->state, CLIENT_TRYING);
	assert_int_equal(fake.sent_n, 2);
	respond(1, 404);
	ack();
}

static void a_branch_of_another_transaction_cannot_be_named(void **state)
{
	static char text[8192];
	struct str r;
	ssize_t at;

	(void)state;
	relay_over(false, "INVITE");
	r = response_text(1, 200, "t", "");
	memcpy(text, r.p, r.n);
	/* any digit of the transaction's part: row, generation, number */
	at = str_find(r, STR("branch=z9hG4bKt")) + 15 + 17;
	for (unsigned i = 0; i < 16; i++) {
		char was = text[at + i];

		text[at + i] = was == '1' ? '2' : '1';
		fake_receive(0, "127.0.0.6:5066", 0, str_of(text, r.n));
		text[at + i] = was;
	}
	assert_int_equal(fake_count(MSG_DROP_VIA_FORGED), 16);
	assert_int_equal(fake.sent_n, 2);
	respond(1, 404);
	ack();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(timer_a_doubles_until_timer_b),
		TEST(timer_a_does_not_run_on_a_stream),
		TEST(timer_a_ends_with_the_first_provisional_response),
		TEST(timer_c_cancels_and_waits),
		TEST(timer_c_without_an_answer_gives_up),
		TEST(a_refusal_is_acknowledged_as_often_as_it_comes),
		TEST(timer_d_is_0_on_a_stream),
		TEST(a_provisional_response_behind_a_final_one_is_ignored),
		TEST(each_2xx_goes_up_until_timer_m),
		TEST(timer_m_runs_on_a_stream_too),
		TEST(wt_timer_shortens_d_but_not_m),
		TEST(what_cannot_be_sent_is_a_503_at_once),
		TEST(what_the_network_gives_back_is_a_503_at_once),
		TEST(nobody_else_can_say_so),
		TEST(who_gives_it_back_or_is_silent_is_listed),
		TEST(a_failed_resend_after_a_response_changes_nothing),
		TEST(timer_e_doubles_up_to_t2_until_timer_f),
		TEST(timer_e_is_t2_after_a_provisional_response),
		TEST(timer_f_runs_on_a_stream_without_resends),
		TEST(timer_k_absorbs_for_t4),
		TEST(timer_k_is_0_on_a_stream),
		TEST(other_requests_are_not_cancelled),
		TEST(responses_of_another_method_are_ignored),
		TEST(a_branch_of_another_transaction_cannot_be_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
