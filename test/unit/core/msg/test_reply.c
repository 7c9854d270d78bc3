/* SPDX-License-Identifier: BSD-2-Clause */
/* Answers made here: what they copy, where they go, and what is answered without a script. */
#include "fake.h"

static unsigned status = 404;
static const char *reason_z, *headers_z;

static enum script_result script_reply(struct ctx *ctx)
{
	fake.last = reply_send(ctx, status, str_z(reason_z), str_z(headers_z));
	return SCRIPT_DONE;
}

static int setup(void **state)
{
	status = 404;
	reason_z = headers_z = NULL;
	return fake_setup(state);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, fake_teardown)

static void an_answer_copies_what_it_must(void **state)
{
	struct str in = STR("INVITE sip:b@x SIP/2.0\r\n"
			    "v: SIP/2.0/UDP 127.0.0.5:5062;rport;branch=z9hG4bKa,\r\n SIP/2.0/TCP "
			    "far;branch=z9hG4bKb\r\n"
			    "X-Other: not copied\r\nt: <sip:b@x>\r\nRecord-Route: <sip:p;lr>\r\n"
			    "Via: SIP/2.0/UDP farther\r\nf: \"A\" <sip:a@x>;tag=1\r\n"
			    "i: id\r\nCSeq:  7 INVITE\r\nTimestamp: 54\r\nl: 0\r\n\r\n");
	struct str out;

	(void)state;
	fake.script = script_reply;
	fake_receive(0, "127.0.0.5:9", 0, in);
	out = fake_out(0);
	assert_true(
		str_starts(out, STR("SIP/2.0 404 Not Found\r\n"
				    "Via: SIP/2.0/UDP "
				    "127.0.0.5:5062;rport=9;received=127.0.0.5;branch=z9hG4bKa,\r\n"
				    " SIP/2.0/TCP far;branch=z9hG4bKb\r\nTo: <sip:b@x>;tag=")));
	assert_has(out,
		   "\r\nVia: SIP/2.0/UDP farther\r\nFrom: \"A\" <sip:a@x>;tag=1\r\nCall-ID: id\r\n"
		   "CSeq: 7 INVITE\r\nServer: serac\r\nContent-Length: 0\r\n\r\n");
	assert_has_not(out, "X-Other");
	assert_has_not(out, "Timestamp");
	assert_has_not(out, "Record-Route");
	assert_sent_to(0, "127.0.0.5:9");
	assert_ptr_equal(fake.sent[0].to.from, &fake_listeners[0]);
	assert_int_equal(fake_count(MSG_REPLIES), 1);
}

static void a_100_has_no_tag_and_a_200_keeps_the_route(void **state)
{
	(void)state;
	fake.script = script_reply;
	status = 100;
	fake_receive(0, "127.0.0.5:9", 0,
		     fake_request("INVITE", "sip:x", VIA_A,
				  "Record-Route: <sip:p;lr>\r\nTimestamp: 54\r\n"));
	assert_has(fake_out(0), "To: <sip:b@example.com>\r\n");
	assert_has(fake_out(0), "Timestamp: 54\r\n");
	assert_has_not(fake_out(0), "Record-Route");
	status = 200;
	fake_receive(0, "127.0.0.5:9", 0,
		     fake_request("INVITE", "sip:x", VIA_A, "Record-Route: <sip:p;lr>\r\n"));
	assert_has(fake_out(1), "Record-Route: <sip:p;lr>\r\n");
	assert_has(fake_out(1), "To: <sip:b@example.com>;tag=");
}

static struct str tag_of(struct str out)
{
	out = str_skip(out, (size_t)str_find(out, STR("To: <sip:b@example.com>;tag=")) + 28);
	return str_head(out, 16);
}

static void the_tag_is_that_of_the_transaction(void **state)
{
	char first[17] = "";

	(void)state;
	fake.script = script_reply;
	fake_receive(0, "127.0.0.5:5062", 0, fake_request("INVITE", "sip:x", VIA_A, ""));
	memcpy(first, tag_of(fake_out(0)).p, 16);
	fake_receive(0, "127.0.0.5:5062", 0, fake_request("INVITE", "sip:x", VIA_A, ""));
	assert_text(tag_of(fake_out(1)), str_z(first));
	fake_receive(0, "127.0.0.5:5062", 0, fake_request("CANCEL", "sip:x", VIA_A, ""));
	assert_text(tag_of(fake_out(2)), str_z(first));
	fake_receive(0, "127.0.0.5:5062", 0, fake_request("INVITE", "sip:x", VIA_A "x", ""));
	assert_false(str_eq(tag_of(fake_out(3)), str_z(first)));
}

static void the_ack_of_our_answer_ends_here(void **state)
{
	char ack[1000], tag[17] = "";
	int n;

	(void)state;
	fake.script = script_reply;
	fake_receive(0, "127.0.0.5:5062", 0, fake_request("INVITE", "sip:x", VIA_A, ""));
	memcpy(tag, tag_of(fake_out(0)).p, 16);
	fake.runs = 0;
	for (int i = 0; i < 2; i++) {
		n = snprintf(
			ack, sizeof(ack),
			"ACK sip:x SIP/2.0\r\nVia: " VIA_A
			"\r\nFrom: <sip:a@example.com>;tag=f1\r\nTo: <sip:b@example.com>;tag=%s\r\n"
			"Call-ID: c1\r\nCSeq: 7 ACK\r\nContent-Length: 0\r\n\r\n",
			tag);
		fake_receive(0, "127.0.0.5:5062", 0, str_of(ack, (size_t)n));
		/* another tag: the ACK of somebody else's answer */
		assert_int_equal(fake.runs, i);
		tag[3] = tag[3] == '0' ? '1' : '0';
	}
	assert_int_equal(fake_count(MSG_ACKS), 1);
}

static void a_tag_that_is_there_stays(void **state)
{
	static char text[1000];
	int n = snprintf(text, sizeof(text),
			 "BYE sip:b@x SIP/2.0\r\nVia: " VIA_A "\r\nFrom: <sip:a@x>;tag=1\r\n"
			 "To: <sip:b@x>;tag=theirs\r\nCall-ID: i\r\nCSeq: 7 BYE\r\nContent-Length: "
			 "0\r\n\r\n");

	(void)state;
	fake.script = script_reply;
	fake_receive(0, "127.0.0.5:5062", 0, str_of(text, (size_t)n));
	assert_has(fake_out(0), "To: <sip:b@x>;tag=theirs\r\n");
}

static void reason_and_headers_of_the_script_are_used(void **state)
{
	(void)state;
	fake.script = script_reply;
	status = 302;
	reason_z = "Gone Fishing";
	headers_z = "Contact: <sip:else@where>\r\n";
	fake_receive(0, "127.0.0.5:5062", 0, fake_request("INVITE", "sip:x", VIA_A, ""));
	assert_true(str_starts(fake_out(0), STR("SIP/2.0 302 Gone Fishing\r\n")));
	assert_has(fake_out(0), "\r\nContact: <sip:else@where>\r\nContent-Length: 0\r\n\r\n");
}

static void an_ack_is_never_answered(void **state)
{
	(void)state;
	fake.script = script_reply;
	fake_receive(0, "127.0.0.5:5062", 0, fake_request("ACK", "sip:x", VIA_A, ""));
	assert_int_equal(fake.last, -EINVAL);
	assert_int_equal(fake.sent_n, 0);
}

static const struct {
	unsigned listener;
	const char *src, *via, *to;
	uint64_t conn;
} targets[] = {
	{ 0, "127.0.0.5:9", "SIP/2.0/UDP 127.0.0.5:5062;branch=z9hG4bKa", "127.0.0.5:5062", 0 },
	{ 0, "127.0.0.5:9", "SIP/2.0/UDP 127.0.0.5;branch=z9hG4bKa", "127.0.0.5:5060", 0 },
	{ 0, "127.0.0.5:9", "SIP/2.0/UDP a.example:7;rport;branch=z9hG4bKa", "127.0.0.5:9", 0 },
	{ 0, "127.0.0.5:9", "SIP/2.0/UDP a.example:7;maddr=127.0.0.66;branch=z9hG4bKa",
	  "127.0.0.66:7", 0 },
	/* RFC 3581 4: rport counts where there is no maddr */
	{ 0, "127.0.0.5:9", "SIP/2.0/UDP a.example:7;rport;maddr=127.0.0.66;branch=z9hG4bKa",
	  "127.0.0.66:7", 0 },
	{ 0, "127.0.0.5:9", "SIP/2.0/UDP a.example:7;rport;maddr=224.0.0.1;branch=z9hG4bKa",
	  "127.0.0.5:9", 0 },
	{ 0, "127.0.0.5:9", "SIP/2.0/UDP a.example:7;maddr=224.0.0.1;branch=z9hG4bKa",
	  "127.0.0.5:7", 0 },
	{ 1, "127.0.0.5:9", "SIP/2.0/TCP a.example:7;branch=z9hG4bKa", "127.0.0.5:7", 77 },
	{ 2, "[::1]:9", "SIP/2.0/UDP [::1]:7;branch=z9hG4bKa", "[::1]:7", 0 },
};

static void an_answer_goes_where_the_via_says(void **state)
{
	(void)state;
	fake.script = script_reply;
	for (unsigned i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		fake_receive(targets[i].listener, targets[i].src, targets[i].conn,
			     fake_request("OPTIONS", "sip:x", targets[i].via, ""));
		assert_int_equal(fake.sent_n, i + 1);
		assert_sent_to(i, targets[i].to);
		assert_true(fake.sent[i].to.conn == targets[i].conn);
		assert_ptr_equal(fake.sent[i].to.from, &fake_listeners[targets[i].listener]);
	}
}

/* --- without a script ---------------------------------------------------------------------------------------------------- */
static const struct {
	const char *text, *first_line; /* NULL: nothing is answered */
	enum msg_counter counter;
} bad[] = {
	{ "OPTIONS sip:x SIP/2.0\r\nVia: " VIA_A
	  "\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n",
	  "SIP/2.0 400 Bad Request: repeated Content-Length\r\n", MSG_BAD_REQUESTS },
	{ "OPTIONS sip:x SIP/2.0\r\nVia: " VIA_A "\r\nContent-Length: 9\r\n\r\n",
	  "SIP/2.0 400 Bad Request: ", MSG_BAD_REQUESTS },
	{ "OPTIONS sip:x SIP/7.0\r\nVia: " VIA_A "\r\n\r\n", "SIP/2.0 505 ", MSG_BAD_REQUESTS },
	{ "ACK sip:x SIP/7.0\r\nVia: " VIA_A "\r\n\r\n", NULL, MSG_DROP_BAD_ACK },
	{ "ACK  sip:x SIP/2.0\r\nVia: " VIA_A "\r\n\r\n", NULL, MSG_DROP_BAD_ACK },
	{ "OPTIONS sip:x SIP/2.0\r\nTo: <sip:x>\r\n\r\n", NULL, MSG_DROP_NO_VIA },
	{ "OPTIONS sip:x SIP/2.0\r\nVia: nonsense\r\n\r\n", NULL, MSG_DROP_BAD_VIA },
	{ "hello world\r\n\r\n", NULL, MSG_DROP_NOT_SIP },
	{ "OPTIONS sip:x SIP/2.0\r\nVia: " VIA_A
	  "\r\nCSeq: 1 OPTIONS\r\nCall-ID: 1\r\nFrom: <sip:a@b>;tag=1\r\n\r\n",
	  "SIP/2.0 400 Bad Request: missing To\r\n", MSG_BAD_REQUESTS },
	{ "OPTIONS sip:x@[::g] SIP/2.0\r\nVia: " VIA_A "\r\nCSeq: 1 OPTIONS\r\n\r\n",
	  "SIP/2.0 400 Bad Request: malformed Request-URI\r\n", MSG_BAD_REQUESTS },
	{ "ACK sip:x SIP/2.0\r\nVia: " VIA_A "\r\nCSeq: 1 OPTIONS\r\n\r\n", NULL,
	  MSG_DROP_BAD_ACK },
	{ "\r\n\r\n", NULL, MSG_KEEPALIVES },
	{ "x", NULL, MSG_KEEPALIVES },
	{ "", NULL, MSG_KEEPALIVES },
};

static void bad_input_is_answered_or_dropped_with_a_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		unsigned sent = fake.sent_n;
		uint64_t before = fake_count(bad[i].counter);

		fake_receive(0, "127.0.0.5:5062", 0, str_z(bad[i].text));
		if (fake_count(bad[i].counter) != before + 1)
			print_error("case %zu\n", i);
		assert_int_equal(fake_count(bad[i].counter), before + 1);
		assert_int_equal(fake.sent_n, sent + (bad[i].first_line ? 1 : 0));
		if (bad[i].first_line && !str_starts(fake_out(sent), str_z(bad[i].first_line)))
			print_error("case %zu:\n" STRF "\n", i, STRA(fake_out(sent)));
		if (bad[i].first_line)
			assert_true(str_starts(fake_out(sent), str_z(bad[i].first_line)));
	}
	assert_int_equal(fake.runs, 0);
}

static void a_bad_stream_is_answered_on_its_connection(void **state)
{
	struct sip_error error = { .status = 513, .what = "message too large" };
	struct str head =
		STR("MESSAGE sip:x SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.5:1;branch=z9hG4bKa\r\n"
		    "CSeq: 1 MESSAGE\r\nContent-Length: 99999999\r\n\r\n");
	struct origin from = { .listener = &fake_listeners[1],
			       .transport = fake_listeners[1].transport,
			       .src = fake_addr("127.0.0.5:9"),
			       .dst = fake_listeners[1].addr,
			       .conn = 77 };

	(void)state;
	msg_hooks.bad_stream(&fake.w, &from, head, &error);
	assert_has(fake_out(0), "SIP/2.0 513 Message Too Large: message too large\r\n");
	assert_true(fake.sent[0].to.conn == 77);
	msg_hooks.bad_stream(&fake.w, &from, STR("GARBAGE"), &error);
	msg_hooks.bad_stream(&fake.w, &from, STR(""), &error);
	msg_hooks.bad_stream(&fake.w, &from, STR("ACK sip:x SIP/2.0\r\nVia: " VIA_A "\r\n"),
			     &error);
	assert_int_equal(fake.sent_n, 1);
	assert_int_equal(fake_count(MSG_DROP_BAD_STREAM), 4);
}

static void draining_refuses_what_would_begin(void **state)
{
	(void)state;
	atomic_store(&fake.draining, 1);
	fake.script = script_forward;
	fake_receive(0, "127.0.0.5:5062", 0, fake_request("INVITE", URI_B, VIA_A, ""));
	assert_has(fake_out(0), "SIP/2.0 503 Service Unavailable\r\n");
	assert_has(fake_out(0), "\r\nRetry-After: 5\r\n");
	fake_receive(0, "127.0.0.5:5062", 0, fake_request("ACK", URI_B, VIA_A, ""));
	assert_true(str_starts(fake_out(1), STR("ACK ")));
}

static enum script_result script_nothing(struct ctx *ctx)
{
	(void)ctx;
	return SCRIPT_DONE;
}

static void a_script_that_does_nothing_is_counted(void **state)
{
	(void)state;
	fake.script = script_nothing;
	fake_receive(0, "127.0.0.5:5062", 0, fake_request("INVITE", URI_B, VIA_A, ""));
	assert_int_equal(fake.sent_n, 0);
	assert_int_equal(fake_count(MSG_NOTHING_DONE), 1);
}

static void what_a_worker_died_of_is_not_run_again(void **state)
{
	struct str first = fake_request("INVITE", URI_B, VIA_A "1", "");

	(void)state;
	fake.script = script_forward;
	fake.run.killers = killers_new(fake.run.shm);
	assert_non_null(fake.run.killers);
	killers_add(fake.run.killers, first, KILLER_IN_ROUTE);
	fake_receive(0, "127.0.0.5:5062", 0, first);
	assert_true(str_starts(fake_out(0), STR("SIP/2.0 500 ")));
	first = fake_request("INVITE", URI_B, VIA_A "2", "");
	killers_add(fake.run.killers, first, KILLER_IN_CORE);
	fake_receive(0, "127.0.0.5:5062", 0, first);
	assert_int_equal(fake.sent_n, 1);
	assert_int_equal(fake_count(MSG_DROP_KILLER), 2);
	fake_receive(0, "127.0.0.5:5062", 0, fake_request("INVITE", URI_B, VIA_A "3", ""));
	assert_int_equal(fake.sent_n, 2);
	assert_int_equal(fake.runs, 1);
}

static void every_status_has_a_reason(void **state)
{
	(void)state;
	assert_text(reply_reason(100), STR("Trying"));
	assert_text(reply_reason(483), STR("Too Many Hops"));
	assert_text(reply_reason(606), STR("Not Acceptable"));
	for (unsigned s = 100; s < 700; s++)
		assert_true(reply_reason(s).n > 0);
}

static void every_allocation_may_fail(void **state)
{
	(void)state;
#ifdef SERAC_FAULT
	fake.script = script_reply;
	for (unsigned i = 1; i < 30; i++) {
		fault_alloc_fail(i);
		fake_receive(0, "127.0.0.5:9", 0,
			     fake_request("INVITE", "sip:x", VIA_A ";rport", ""));
		fault_alloc_fail(0);
	}
	for (unsigned i = 0; i < fake.sent_n; i++)
		assert_has(fake_out(i), "Content-Length: 0\r\n\r\n");
#else
	skip();
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_answer_copies_what_it_must),
		TEST(a_100_has_no_tag_and_a_200_keeps_the_route),
		TEST(the_tag_is_that_of_the_transaction),
		TEST(the_ack_of_our_answer_ends_here),
		TEST(a_tag_that_is_there_stays),
		TEST(what_a_worker_died_of_is_not_run_again),
		TEST(reason_and_headers_of_the_script_are_used),
		TEST(an_ack_is_never_answered),
		TEST(an_answer_goes_where_the_via_says),
		TEST(bad_input_is_answered_or_dropped_with_a_reason),
		TEST(a_bad_stream_is_answered_on_its_connection),
		TEST(draining_refuses_what_would_begin),
		TEST(a_script_that_does_nothing_is_counted),
		TEST(every_status_has_a_reason),
		TEST(every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
