/* SPDX-License-Identifier: BSD-2-Clause */
/* Overload: who is refused and who is not, by injected lateness; the answer; begin and end. */
#include "fake.h"

#include "core/msg/stateful.h"

static enum script_result script_count(struct ctx *ctx)
{
	(void)ctx;
	return SCRIPT_DONE;
}

static int setup(void **state)
{
	fake_setup(state);
	fake.script = script_count;
	fake.late_us = 200001;
	return 0;
}

#define LATE_TEST(f) cmocka_unit_test_setup_teardown(f, setup, fake_teardown)

static void receive(struct str text)
{
	fake_receive(0, "127.0.0.5:5062", 0, text);
}

static void a_late_request_is_refused_with_503(void **state)
{
	(void)state;
	receive(fake_request("INVITE", URI_B, VIA_A,
			     "Record-Route: <sip:x;lr>\r\nVia: SIP/2.0/UDP b;branch=z9hG4bKb\r\n"));
	assert_int_equal(fake.runs, 0);
	assert_int_equal(fake.sent_n, 1);
	assert_sent_to(0, "127.0.0.5:5062");
	assert_true(str_starts(fake_out(0), STR("SIP/2.0 503 Service Unavailable\r\n")));
	assert_has(fake_out(0), "\r\nRetry-After: 5\r\n");
	assert_has(fake_out(0), "\r\nFrom: <sip:a@example.com>;tag=f1\r\n");
	assert_has(fake_out(0), "\r\nTo: <sip:b@example.com>;tag=");
	assert_has(fake_out(0), "\r\nCall-ID: c1\r\nCSeq: 7 INVITE\r\n");
	assert_has(fake_out(0), "\r\nVia: SIP/2.0/UDP b;branch=z9hG4bKb\r\n");
	assert_has_not(fake_out(0), "Record-Route");
	assert_int_equal(fake_count(MSG_REFUSED_LATE), 1);
	assert_int_equal(fake_count(MSG_REQUESTS), 1);
}

static void the_limit_is_a_parameter(void **state)
{
	(void)state;
	fake.late_us = 200000;
	receive(fake_request("INVITE", URI_B, VIA_A, ""));
	assert_int_equal(fake.runs, 1);
	fake.mc.overload_lag = 1;
	receive(fake_request("INVITE", URI_B, VIA_A, ""));
	assert_int_equal(fake.runs, 1);
	fake.mc.overload_lag = 0;
	fake.late_us = UINT32_MAX;
	receive(fake_request("INVITE", URI_B, VIA_A, ""));
	assert_int_equal(fake.runs, 2);
}

static void what_is_under_way_goes_through(void **state)
{
	static const char *const texts[] = {
		"ACK sip:b@127.0.0.6 SIP/2.0\r\nVia: " VIA_A "\r\nFrom: <sip:a@a>;tag=f\r\n"
		"To: <sip:b@b>\r\nCall-ID: c\r\nCSeq: 1 ACK\r\n\r\n",
		"CANCEL sip:b@127.0.0.6 SIP/2.0\r\nVia: " VIA_A "\r\nFrom: <sip:a@a>;tag=f\r\n"
		"To: <sip:b@b>\r\nCall-ID: c\r\nCSeq: 1 CANCEL\r\n\r\n",
		"BYE sip:b@127.0.0.6 SIP/2.0\r\nVia: " VIA_A "\r\nFrom: <sip:a@a>;tag=f\r\n"
		"To: <sip:b@b>;tag=t\r\nCall-ID: c\r\nCSeq: 1 BYE\r\n\r\n",
		"\r\nINVITE sip:b@127.0.0.6 SIP/2.0\r\nv: " VIA_A "\r\nf: <sip:a@a>;tag=f\r\n"
		"t: <sip:b@b>;x=y;TAG=t\r\ni: c\r\nCSeq: 1 INVITE\r\n\r\n",
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		receive(str_z(texts[i]));
		assert_int_equal(fake.runs, i + 1);
	}
	receive(STR("SIP/2.0 200 OK\r\nVia: " VIA_A "\r\nFrom: <sip:a@a>;tag=f\r\n"
		    "To: <sip:b@b>\r\nCall-ID: c\r\nCSeq: 1 BYE\r\n\r\n"));
	assert_int_equal(fake_count(MSG_RESPONSES), 1);
	assert_int_equal(fake_count(MSG_REFUSED_LATE), 0);
	assert_int_equal(fake.sent_n, 0);
}

static void emergency_calls_go_through(void **state)
{
	static const struct {
		const char *uri;
		bool passes;
	} cases[] = {
		{ "urn:service:sos", true },
		{ "URN:Service:SOS.police", true },
		{ "urn:service:sosa", false },
		{ "urn:service:counseling", false },
		{ "sip:112@example.com", true },
		{ "sip:911@example.com;user=phone", true },
		{ "sips:112;phone-context=example.com@example.com", true },
		{ "tel:112", true },
		{ "tel:911;phone-context=+1", true },
		{ "sip:1120@example.com", false },
		{ "sip:11@example.com", false },
		{ "sip:example.com", false },
		{ "sip:@example.com", false },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint64_t exempt = fake_count(MSG_EXEMPT);
		unsigned runs = fake.runs;

		receive(fake_request("INVITE", cases[i].uri, VIA_A, ""));
		if (fake_count(MSG_EXEMPT) - exempt != cases[i].passes)
			fail_msg("%s is judged wrongly", cases[i].uri);
		assert_true(fake.runs - runs <= cases[i].passes);
	}
	fake.mc.emergency_numbers = STR_NULL;
	receive(fake_request("INVITE", "sip:112@example.com", VIA_A, ""));
	assert_has(fake_out(fake.sent_n - 1), "SIP/2.0 503 ");
}

static void emergency_numbers_are_checked(void **state)
{
	static const char *const bad[] = { "112,", ",112", "911 112", "sos", "1+2", " " };
	static const char *const good[] = { "", "112", "112, 911", "+4989112,110" };

	(void)state;
	for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_non_null(overload_numbers_fault(str_z(bad[i])));
	for (unsigned i = 0; i < sizeof(good) / sizeof(*good); i++)
		assert_null(overload_numbers_fault(str_z(good[i])));
	assert_null(overload_numbers_fault(STR_NULL));
}

static enum script_result script_wait(struct ctx *ctx)
{
	fake.resolve_answer = 0;
	ctx->machine = (struct machine *)&fake;
	assert_int_equal(forward_host(ctx, STR("callee.test"), 5060, NULL), FN_WAIT);
	return SCRIPT_WAITS;
}

static void a_retransmission_of_what_was_taken_is_absorbed(void **state)
{
	(void)state;
	fake.late_us = 0;
	fake.script = script_wait;
	receive(fake_request("INVITE", URI_B, VIA_A, ""));
	fake.sent_n = 0;
	fake.late_us = UINT32_MAX;
	receive(fake_request("INVITE", URI_B, VIA_A, ""));
	assert_int_equal(fake.sent_n, 1);
	assert_true(str_starts(fake_out(0), STR("SIP/2.0 100 ")));
	assert_int_equal(fake_count(MSG_ABSORBED), 1);
	receive(fake_request("INVITE", URI_B, VIA_A "other", ""));
	assert_true(str_starts(fake_out(1), STR("SIP/2.0 503 ")));
}

static void the_ack_of_a_refusal_ends_here(void **state)
{
	char ack[1024];
	struct str out;

	(void)state;
	receive(fake_request("INVITE", URI_B, VIA_A, ""));
	out = fake_out(0);
	out = str_skip(out, (size_t)str_find(out, STR(";tag=")) + 1);
	out = str_skip(out, (size_t)str_find(out, STR(";tag=")));
	out = str_head(out, (size_t)str_find(out, STR("\r\n")));
	snprintf(ack, sizeof(ack),
		 "ACK " URI_B " SIP/2.0\r\nVia: " VIA_A "\r\nFrom: <sip:a@example.com>;tag=f1\r\n"
		 "To: <sip:b@example.com>" STRF "\r\nCall-ID: c1\r\nCSeq: 7 ACK\r\n\r\n",
		 STRA(out));
	receive(str_z(ack));
	assert_int_equal(fake_count(MSG_ACKS), 1);
	assert_int_equal(fake.runs, 0);
}

static void what_is_malformed_is_told_so(void **state)
{
	(void)state;
	receive(STR("INVITE sip:b@b SIP/2.0\r\nVia: " VIA_A "\r\nFrom: <sip:a@a>;tag=f\r\n"
		    "To: <sip:b@b>\r\nCSeq: 1 INVITE\r\n\r\n"));
	assert_has(fake_out(0), "SIP/2.0 400 ");
	receive(STR("INVITE nonsense\r\n\r\n"));
	assert_int_equal(fake.sent_n, 1);
	assert_int_equal(fake_count(MSG_REFUSED_LATE), 0);
}

/* --- transactions ---------------------------------------------------------------------------------------------------------------- */

static unsigned in_use;

static unsigned trans_in_use(struct run *run)
{
	(void)run;
	return in_use;
}

static bool trans_knows(struct ctx *ctx)
{
	return str_eq(ctx->via->branch, STR("z9hG4bKknown"));
}

static bool trans_request(struct ctx *ctx)
{
	return trans_knows(ctx);
}

static const struct trans_hooks fake_trans = { .request = trans_request,
					       .knows = trans_knows,
					       .in_use = trans_in_use };

static void too_many_transactions_are_overload(void **state)
{
	(void)state;
	fake.late_us = 0;
	fake.w.msg->trans = &fake_trans;
	in_use = 999;
	receive(fake_request("INVITE", URI_B, VIA_A, ""));
	assert_int_equal(fake.runs, 1);
	in_use = 1000;
	receive(fake_request("INVITE", URI_B, VIA_A, ""));
	assert_int_equal(fake.runs, 1);
	assert_true(str_starts(fake_out(0), STR("SIP/2.0 503 ")));
	assert_int_equal(fake_count(MSG_REFUSED_FULL), 1);
	receive(fake_request("INVITE", URI_B, "SIP/2.0/UDP 127.0.0.5;branch=z9hG4bKknown", ""));
	assert_int_equal(fake.sent_n, 1);
	assert_int_equal(fake_count(MSG_REFUSED_FULL), 1);
	receive(fake_request("CANCEL", URI_B, VIA_A, ""));
	assert_int_equal(fake.runs, 2);
}

/* --- the event route ------------------------------------------------------------------------------------------------------------ */

static bool event_drop(struct ctx *ctx)
{
	assert_non_null(ctx_uri(ctx));
	ctx->flags |= 1;
	return str_eq(ctx_uri(ctx)->user, STR("b"));
}

static enum script_result script_sees_flag(struct ctx *ctx)
{
	assert_int_equal(ctx->flags, 1);
	return SCRIPT_DONE;
}

static void the_event_route_may_exempt(void **state)
{
	(void)state;
	fake.event = event_drop;
	fake.script = script_sees_flag;
	overload_generation(&fake.w, &fake.conf);
	receive(fake_request("INVITE", URI_B, VIA_A, "Subject: all is read\r\n"));
	assert_int_equal(fake.runs, 1);
	assert_int_equal(fake_count(MSG_EXEMPT), 1);
	receive(fake_request("INVITE", "sip:c@127.0.0.6", VIA_A, ""));
	assert_int_equal(fake.runs, 1);
	assert_has(fake_out(0), "SIP/2.0 503 ");
	assert_int_equal(fake_count(MSG_REFUSED_LATE), 1);
	assert_int_equal(fake_count(MSG_REQUESTS), 2);
	/* when all is well it does not run */
	fake.late_us = 0;
	fake.script = script_count;
	receive(fake_request("INVITE", "sip:c@127.0.0.6", VIA_A, ""));
	assert_int_equal(fake.runs, 2);
}

static bool event_answer(struct ctx *ctx)
{
	assert_int_equal(reply_send(ctx, 486, STR_NULL, STR_NULL), 0);
	return false;
}

static void the_event_route_may_answer_itself(void **state)
{
	(void)state;
	fake.event = event_answer;
	overload_generation(&fake.w, &fake.conf);
	receive(fake_request("INVITE", URI_B, VIA_A, ""));
	assert_int_equal(fake.sent_n, 1);
	assert_has(fake_out(0), "SIP/2.0 486 ");
	assert_int_equal(fake_count(MSG_REFUSED_LATE), 1);
	assert_int_equal(fake.runs, 0);
}

/* --- begin and end --------------------------------------------------------------------------------------------------------------- */

static unsigned begins, ends, others;

static void line_taken(void *arg, struct str line)
{
	(void)arg;
	if (str_find(line, STR("overloaded, new requests are refused")) >= 0)
		begins++;
	else if (str_find(line, STR("no longer overloaded")) >= 0)
		ends++;
	else
		others++;
}

static void pass(uint64_t ms)
{
	fake.w.now += ms;
	timers_run(fake.w.timers, fake.w.now, 100);
}

static int lines_setup(void **state)
{
	setup(state);
	begins = ends = others = 0;
	log_level_set(LOG_NOTICE);
	log_taker_set(line_taken, NULL);
	return 0;
}

static int lines_teardown(void **state)
{
	log_taker_set(NULL, NULL);
	return fake_teardown(state);
}

#define LINES_TEST(f) cmocka_unit_test_setup_teardown(f, lines_setup, lines_teardown)

static void begin_and_end_are_told_once(void **state)
{
	struct overload *o = &fake.run.msgs->overload;

	(void)state;
	for (int i = 0; i < 50; i++) {
		receive(fake_request("INVITE", URI_B, VIA_A, ""));
		pass(100);
	}
	assert_int_equal(begins, 1);
	assert_int_equal(ends, 0);
	assert_int_equal(atomic_load(&o->refused), 50);
	pass(1000);
	pass(1000);
	assert_int_equal(ends, 1);
	assert_int_equal(atomic_load(&o->since), 0);
	assert_int_equal(atomic_load(&o->refused), 0);
	receive(fake_request("INVITE", URI_B, VIA_A, ""));
	assert_int_equal(begins, 2);
	assert_int_equal(others, 0);
}

static void the_workers_tell_it_together(void **state)
{
	struct worker first;

	(void)state;
	receive(fake_request("INVITE", URI_B, VIA_A, ""));
	first = fake.w;
	fake_worker(1, false);
	receive(fake_request("INVITE", URI_B, VIA_A "2", ""));
	assert_int_equal(begins, 1);
	pass(3000);
	assert_int_equal(ends, 1);
	first.now = fake.w.now;
	timers_run(first.timers, first.now, 100);
	assert_int_equal(ends, 1);
	msg_worker_stop(&fake.w);
	timers_drop(&fake.w.timers);
	first.msg->w = &fake.w;
	fake.w = first;
	shm_slot_set(0);
}

static void a_successor_tells_the_end(void **state)
{
	(void)state;
	receive(fake_request("INVITE", URI_B, VIA_A, ""));
	msg_worker_stop(&fake.w);
	timers_drop(&fake.w.timers);
	fake_worker(0, true);
	pass(3000);
	assert_int_equal(ends, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LATE_TEST(a_late_request_is_refused_with_503),
		LATE_TEST(the_limit_is_a_parameter),
		LATE_TEST(what_is_under_way_goes_through),
		LATE_TEST(emergency_calls_go_through),
		LATE_TEST(emergency_numbers_are_checked),
		LATE_TEST(a_retransmission_of_what_was_taken_is_absorbed),
		LATE_TEST(the_ack_of_a_refusal_ends_here),
		LATE_TEST(what_is_malformed_is_told_so),
		LATE_TEST(too_many_transactions_are_overload),
		LATE_TEST(the_event_route_may_exempt),
		LATE_TEST(the_event_route_may_answer_itself),
		LINES_TEST(begin_and_end_are_told_once),
		LINES_TEST(the_workers_tell_it_together),
		LINES_TEST(a_successor_tells_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
