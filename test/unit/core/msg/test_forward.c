/* SPDX-License-Identifier: BSD-2-Clause */
/* What a forwarded request looks like, octet by octet, and where it goes. */
#include "fake.h"

#include "core/msg/ownvia.h"
#include "core/msg/route.h"

#include <ctype.h>

static void forward(const char *src_z, struct str request)
{
	fake.script = script_forward;
	fake_receive(0, src_z, 0, request);
}

/* out without its first Via line, which must be ours. */
static struct str without_own_via(struct str out, struct str *via_r)
{
	static char text[70000];
	ssize_t at = str_find(out, STR("\r\nVia: SIP/2.0/")), end;
	size_t n;

	assert_true(at > 0);
	at += 2;
	end = str_find(str_skip(out, (size_t)at), STR("\r\n")) + at + 2;
	*via_r = str_between(out.p + at, out.p + end);
	n = (size_t)at;
	memcpy(text, out.p, n);
	memcpy(text + n, out.p + end, out.n - (size_t)end);
	return str_of(text, out.n - (size_t)(end - at));
}

static void own_via_is_put_on_top_and_max_forwards_falls(void **state)
{
	struct str via, in = STR("INVITE sip:b@127.0.0.6:5066 SIP/2.0\r\n"
				 "Via: SIP/2.0/UDP 127.0.0.5:5062;branch=z9hG4bKaaa\r\n"
				 "Max-Forwards: 70\r\nX-Odd  :  kept   \r\n"
				 "From: <sip:a@example.com>;tag=1\r\nTo: sip:b@example.com\r\n"
				 "CALL-id: x\r\nCSeq: 1 INVITE\r\nl: 3\r\n\r\nabc");
	struct str rest;

	(void)state;
	forward("127.0.0.5:5062", in);
	assert_int_equal(fake.last, FN_TRUE);
	assert_int_equal(fake.sent_n, 1);
	rest = without_own_via(fake_out(0), &via);
	assert_text(rest, STR("INVITE sip:b@127.0.0.6:5066 SIP/2.0\r\n"
			      "Via: SIP/2.0/UDP 127.0.0.5:5062;branch=z9hG4bKaaa\r\n"
			      "Max-Forwards: 69\r\nX-Odd  :  kept   \r\n"
			      "From: <sip:a@example.com>;tag=1\r\nTo: sip:b@example.com\r\n"
			      "CALL-id: x\r\nCSeq: 1 INVITE\r\nl: 3\r\n\r\nabc"));
	assert_has(via, "Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKs");
	assert_has(via, ";i=0000");
	assert_sent_to(0, "127.0.0.6:5066");
	assert_int_equal(fake_count(MSG_FORWARDED), 1);
}

static void bytes_behind_the_body_stay_here(void **state)
{
	struct str via,
		in = STR("MESSAGE sip:b@127.0.0.6 SIP/2.0\r\nVia: " VIA_A "\r\n"
			 "From: <sip:a@b>;tag=1\r\nTo: <sip:b@b>\r\nCall-ID: x\r\n"
			 "CSeq: 1 MESSAGE\r\nMax-Forwards: 2\r\nContent-Length: 2\r\n\r\nabEXTRA");

	(void)state;
	forward("127.0.0.5:5062", in);
	assert_has(without_own_via(fake_out(0), &via), "Max-Forwards: 1\r\n");
	assert_text(str_skip(fake_out(0), fake_out(0).n - 6), STR("\r\n\r\nab"));
	assert_int_equal(addr_port(&fake.sent[0].to.addr), 5060);
}

static const struct {
	const char *via, *src, *want;
	bool force;
} stamps[] = {
	{ "SIP/2.0/UDP 127.0.0.5:5062;branch=z9hG4bKa", "127.0.0.5:5062",
	  "SIP/2.0/UDP 127.0.0.5:5062;branch=z9hG4bKa", false },
	{ "SIP/2.0/UDP 127.0.0.5:5062;branch=z9hG4bKa", "127.0.0.5:9",
	  "SIP/2.0/UDP 127.0.0.5:5062;branch=z9hG4bKa", false },
	{ "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa", "127.0.0.5:9",
	  "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa;received=127.0.0.5", false },
	{ "SIP/2.0/UDP host.example;branch=z9hG4bKa", "127.0.0.5:9",
	  "SIP/2.0/UDP host.example;branch=z9hG4bKa;received=127.0.0.5", false },
	{ "SIP/2.0/UDP 127.0.0.5:5062;rport;branch=z9hG4bKa", "127.0.0.5:9",
	  "SIP/2.0/UDP 127.0.0.5:5062;rport=9;received=127.0.0.5;branch=z9hG4bKa", false },
	{ "SIP/2.0/UDP 127.0.0.5:5062 ; rport ;branch=z9hG4bKa", "127.0.0.5:9",
	  "SIP/2.0/UDP 127.0.0.5:5062 ;rport=9;received=127.0.0.5 ;branch=z9hG4bKa", false },
	{ "SIP/2.0/UDP 127.0.0.5:5062;branch=z9hG4bKa", "127.0.0.5:5062",
	  "SIP/2.0/UDP 127.0.0.5:5062;branch=z9hG4bKa;rport=5062;received=127.0.0.5", true },
	{ "SIP/2.0/UDP 127.0.0.5:5062;received=1.2.3.4;branch=z9hG4bKa;rport=77", "127.0.0.5:9",
	  "SIP/2.0/UDP 127.0.0.5:5062;branch=z9hG4bKa;rport=9;received=127.0.0.5", false },
	{ "SIP/2.0/UDP 192.0.2.1;received;branch=z9hG4bKa", "127.0.0.5:9",
	  "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa;received=127.0.0.5", false },
	{ "SIP/2.0/UDP [::1]:5062;branch=z9hG4bKa", "[::1]:5062",
	  "SIP/2.0/UDP [::1]:5062;branch=z9hG4bKa", false },
	{ "SIP/2.0/UDP [::2]:5062;branch=z9hG4bKa", "[::1]:5062",
	  "SIP/2.0/UDP [::2]:5062;branch=z9hG4bKa;received=::1", false },
	{ "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa , SIP/2.0/TCP other;branch=z9hG4bKb",
	  "127.0.0.5:9",
	  "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa;received=127.0.0.5 , SIP/2.0/TCP "
	  "other;branch=z9hG4bKb",
	  false },
};

static enum script_result script_force_rport(struct ctx *ctx)
{
	ctx->force_rport = true;
	return script_forward(ctx);
}

static void the_via_below_is_marked_with_the_source(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(stamps) / sizeof(stamps[0]); i++) {
		char want[300];

		fake.script = stamps[i].force ? script_force_rport : script_forward;
		fake_receive(stamps[i].src[0] == '[' ? 2 : 0, stamps[i].src, 0,
			     fake_request("OPTIONS",
					  stamps[i].src[0] == '[' ? "sip:b@[::1]:5077" : URI_B,
					  stamps[i].via, ""));
		snprintf(want, sizeof(want), "\r\nVia: %s\r\nFrom", stamps[i].want);
		assert_int_equal(fake.sent_n, i + 1);
		assert_has(fake_out((unsigned)i), want);
	}
}

static const struct {
	const char *line, *want; /* want NULL: the request is refused */
	unsigned status;
} maxfwds[] = {
	{ "Max-Forwards: 70\r\n", "Max-Forwards: 69\r\n", 0 },
	{ "Max-Forwards: 4294967295\r\n", "Max-Forwards: 255\r\n", 0 },
	{ "MAX-forwards:0068\r\n", "MAX-forwards:67\r\n", 0 },
	{ "Max-Forwards: 1\r\n", "Max-Forwards: 0\r\n", 0 },
	{ "", "Max-Forwards: 70\r\n", 0 },
	{ "Max-Forwards: 0\r\n", NULL, 483 },
	{ "Max-Forwards: many\r\n", NULL, 400 },
	{ "Max-Forwards: 4294967296\r\n", NULL, 400 },
};

static void max_forwards_falls_once_or_refuses(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof(maxfwds) / sizeof(maxfwds[0]); i++) {
		char want[32];

		forward("127.0.0.5:5062", fake_request("OPTIONS", URI_B, VIA_A, maxfwds[i].line));
		assert_int_equal(fake.sent_n, i + 1);
		if (maxfwds[i].want) {
			assert_has(fake_out(i), maxfwds[i].want);
			continue;
		}
		snprintf(want, sizeof(want), "SIP/2.0 %u ", maxfwds[i].status);
		assert_has(fake_out(i), want);
		assert_int_equal(fake.last, FN_FALSE);
	}
}

static const struct {
	const char *uri, *routes, *want_first, *want_routes, *dst;
} routes[] = {
	/* no Route */
	{ URI_B, "", "OPTIONS " URI_B " SIP/2.0\r\n", "", "127.0.0.6:5066" },
	/* foreign, loose */
	{ URI_B, "Route: <sip:127.0.0.7;lr>\r\n", "OPTIONS " URI_B " SIP/2.0\r\n",
	  "Route: <sip:127.0.0.7;lr>\r\n", "127.0.0.7:5060" },
	/* own, then nothing */
	{ URI_B, "Route: <sip:127.0.0.1;lr>\r\n", "OPTIONS " URI_B " SIP/2.0\r\n", "",
	  "127.0.0.6:5066" },
	/* own, then foreign, in one header field */
	{ URI_B, "Route: <sip:127.0.0.1;lr> , <sip:127.0.0.7:7;lr>\r\n",
	  "OPTIONS " URI_B " SIP/2.0\r\n", "Route: <sip:127.0.0.7:7;lr>\r\n", "127.0.0.7:7" },
	/* both of a pair */
	{ URI_B,
	  "Route: <sip:127.0.0.1;r2=on;lr>\r\nRoute: <sip:edge.example.net:5070;r2=on;lr>, "
	  "<sip:127.0.0.7;lr>\r\n",
	  "OPTIONS " URI_B " SIP/2.0\r\n", "Route: <sip:127.0.0.7;lr>\r\n", "127.0.0.7:5060" },
	/* outbound proxy and service route: all of them are ours */
	{ URI_B,
	  "Route: <sip:127.0.0.1;lr>\r\nRoute: <sip:127.0.0.1;lr>, <sip:127.0.0.1;lr>\r\n"
	  "Route: <sip:127.0.0.1;lr>\r\nRoute: <sip:127.0.0.1;lr>,<sip:127.0.0.7;lr>\r\n",
	  "OPTIONS " URI_B " SIP/2.0\r\n", "Route: <sip:127.0.0.7;lr>\r\n", "127.0.0.7:5060" },
	/* strict router before us: our Record-Route in the R-URI */
	{ "sip:127.0.0.1;lr", "Route: <sip:127.0.0.7;lr>, <sip:real@127.0.0.8>\r\n",
	  "OPTIONS sip:real@127.0.0.8 SIP/2.0\r\n", "Route: <sip:127.0.0.7;lr>\r\n",
	  "127.0.0.7:5060" },
	{ "sip:127.0.0.1;lr", "Route: <sip:real@127.0.0.8>\r\n",
	  "OPTIONS sip:real@127.0.0.8 SIP/2.0\r\n", "", "127.0.0.8:5060" },
	/* strict router behind us */
	{ URI_B, "Route: <sip:127.0.0.7>\r\n", "OPTIONS sip:127.0.0.7 SIP/2.0\r\n",
	  "Route: <" URI_B ">\r\n", "127.0.0.7:5060" },
	{ URI_B, "Route: <sip:127.0.0.1;lr>,<sip:127.0.0.7>,<sip:127.0.0.9;lr>\r\n",
	  "OPTIONS sip:127.0.0.7 SIP/2.0\r\n",
	  "Route: <sip:127.0.0.9;lr>\r\nRoute: <" URI_B ">\r\n", "127.0.0.7:5060" },
};

static void routes_run(enum script_result (*script)(struct ctx *ctx))
{
	fake.script = script;
	for (unsigned i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		char want[300];

		fake_receive(0, "127.0.0.5:5062", 0,
			     fake_request("OPTIONS", routes[i].uri, VIA_A, routes[i].routes));
		assert_int_equal(fake.sent_n, i + 1);
		if (!str_starts(fake_out(i), str_z(routes[i].want_first)))
			print_error("case %u:\n" STRF "\n", i, STRA(fake_out(i)));
		assert_true(str_starts(fake_out(i), str_z(routes[i].want_first)));
		snprintf(want, sizeof(want), "CSeq: 7 OPTIONS\r\n%sContent-Length: 0\r\n",
			 routes[i].want_routes);
		assert_has(fake_out(i), want);
		assert_sent_to(i, routes[i].dst);
	}
}

static void routes_are_followed_and_own_ones_removed(void **state)
{
	(void)state;
	routes_run(script_forward);
}

static enum script_result script_takes(struct ctx *ctx)
{
	struct routing r;

	assert_int_equal(routing_read(ctx, ctx_uri_text(ctx), true, &r), 0);
	assert_int_equal(routing_take(ctx, true, &r), 0);
	assert_int_equal(ctx->routed, str_is_null(r.next) ? CTX_ROUTED : CTX_ROUTED_NEXT);
	return script_forward(ctx);
}

static void what_routes_mean_may_be_taken_before(void **state)
{
	(void)state;
	routes_run(script_takes);
}

static enum script_result script_takes_not(struct ctx *ctx)
{
	struct routing r;

	assert_int_equal(routing_read(ctx, ctx_uri_text(ctx), false, &r), 0);
	assert_text(r.next, STR("sip:127.0.0.7"));
	assert_non_null(r.own_first);
	assert_ptr_not_equal(r.own_first, r.own_last);
	assert_text(r.own_last->text, STR("sip:edge.example.net:5070;lr"));
	assert_int_equal(routing_take(ctx, false, &r), 0);
	return script_forward(ctx);
}

static void a_route_that_is_not_taken_leads_nowhere(void **state)
{
	(void)state;
	fake.script = script_takes_not;
	fake_receive(0, "127.0.0.5:5062", 0,
		     fake_request("OPTIONS", URI_B, VIA_A,
				  "Route: <sip:127.0.0.1;lr>,<sip:edge.example.net:5070;lr>, "
				  "<sip:127.0.0.7>\r\n"));
	assert_sent_to(0, "127.0.0.6:5066");
	assert_has(fake_out(0), "\r\nRoute: <sip:127.0.0.7>\r\n");
}

static enum script_result script_is_routed(struct ctx *ctx)
{
	ctx->routed = CTX_ROUTED;
	return script_forward(ctx);
}

static void what_was_taken_is_not_looked_for_again(void **state)
{
	(void)state;
	fake.script = script_is_routed;
	fake_receive(0, "127.0.0.5:5062", 0,
		     fake_request("OPTIONS", "sip:127.0.0.1;lr", VIA_A,
				  "Route: <sip:real@127.0.0.8>\r\n"));
	assert_true(str_starts(fake_out(0), STR("SIP/2.0 482 ")));
}

static enum script_result script_flow(struct ctx *ctx)
{
	ctx->flow = FAKE_CONN;
	return script_forward(ctx);
}

static void a_flow_is_the_connection_and_no_other(void **state)
{
	(void)state;
	fake.script = script_flow;
	fake_receive(0, "127.0.0.5:5062", 0, fake_request("OPTIONS", URI_B, VIA_A, ""));
	assert_sent_to(0, "127.0.0.8:5090");
	assert_int_equal(fake.sent[0].to.conn, FAKE_CONN);
	assert_true(fake.sent[0].to.conn_only);
	assert_has(fake_out(0), "Via: SIP/2.0/TCP 127.0.0.1:5060;");
	/* it goes before it is written to */
	fake.send_error = -ENOTCONN;
	fake.send_errors = 1;
	fake_receive(0, "127.0.0.5:5062", 0, fake_request("OPTIONS", URI_B, VIA_A, ""));
	assert_true(str_starts(fake_out(1), STR("SIP/2.0 430 ")));
	fake.conn_gone = true;
	fake_receive(0, "127.0.0.5:5062", 0, fake_request("OPTIONS", URI_B, VIA_A, ""));
	assert_true(str_starts(fake_out(2), STR("SIP/2.0 430 ")));
}

static enum script_result script_du(struct ctx *ctx)
{
	assert_int_equal(ctx_dst_uri_set(ctx, STR("sip:127.0.0.44:44;transport=tcp")), 0);
	return script_forward(ctx);
}

static void dst_uri_comes_before_route(void **state)
{
	(void)state;
	fake.script = script_du;
	fake_receive(0, "127.0.0.5:5062", 0,
		     fake_request("OPTIONS", URI_B, VIA_A, "Route: <sip:127.0.0.7>\r\n"));
	assert_sent_to(0, "127.0.0.44:44");
	assert_has(fake_out(0), "Route: <sip:127.0.0.7>\r\n");
	assert_has(fake_out(0), "Via: SIP/2.0/TCP 127.0.0.1:5060;");
	assert_true(str_starts(fake_out(0), STR("OPTIONS " URI_B " ")));
}

static void content_length_is_added_toward_a_stream(void **state)
{
	struct str in = STR("MESSAGE sip:b@127.0.0.6;transport=tcp SIP/2.0\r\nVia: " VIA_A "\r\n"
			    "From: <sip:a@b>;tag=1\r\nTo: <sip:b@b>\r\nCall-ID: x\r\n"
			    "CSeq: 1 MESSAGE\r\nMax-Forwards: 2\r\n\r\nhello");

	(void)state;
	forward("127.0.0.5:5062", in);
	assert_has(fake_out(0), "Content-Length: 5\r\n\r\nhello");
	in = STR("MESSAGE sip:b@127.0.0.6 SIP/2.0\r\nVia: " VIA_A "\r\n"
		 "From: <sip:a@b>;tag=1\r\nTo: <sip:b@b>\r\nCall-ID: x\r\n"
		 "CSeq: 1 MESSAGE\r\nMax-Forwards: 2\r\n\r\nhello");
	forward("127.0.0.5:5062", in);
	assert_has_not(fake_out(1), "Content-Length");
}

static void a_large_body_is_not_copied_and_stays_whole(void **state)
{
	static char text[60000];
	int head = snprintf(text, sizeof(text),
			    "MESSAGE sip:b@127.0.0.6 SIP/2.0\r\nVia: " VIA_A "\r\n"
			    "From: <sip:a@b>;tag=1\r\nTo: <sip:b@b>\r\nCall-ID: x\r\n"
			    "CSeq: 1 MESSAGE\r\nMax-Forwards: 2\r\nContent-Length: 50000\r\n\r\n");

	(void)state;
	for (int i = 0; i < 50000; i++)
		text[head + i] = (char)(i * 7);
	forward("127.0.0.5:5062", str_of(text, (size_t)head + 50000));
	assert_int_equal(fake.sent_n, 1);
	assert_memory_equal(fake_out(0).p + fake_out(0).n - 50000, text + head, 50000);
}

static struct str own_branch(unsigned i)
{
	struct str out = fake_out(i);
	ssize_t at = str_find(out, STR("branch="));

	out = str_skip(out, (size_t)at + 7);
	return str_head(out, (size_t)str_chr(out, ';'));
}

static void the_branch_is_of_the_transaction_not_of_the_method(void **state)
{
	struct str first;
	char text[64];
	struct buf b = BUF_ON(text);

	(void)state;
	forward("127.0.0.5:5062", fake_request("INVITE", URI_B, VIA_A, ""));
	forward("127.0.0.5:5062", fake_request("INVITE", URI_B, VIA_A, ""));
	forward("127.0.0.5:5062", fake_request("CANCEL", URI_B, VIA_A, ""));
	forward("127.0.0.5:5062", fake_request("ACK", URI_B, VIA_A, ""));
	forward("127.0.0.5:5062", fake_request("INVITE", URI_B, VIA_A "b", ""));
	buf_str_put(&b, own_branch(0));
	first = buf_str(&b);
	assert_true(str_starts(first, STR("z9hG4bKs")));
	assert_int_equal(first.n, 24);
	for (unsigned i = 1; i < 4; i++)
		assert_text(own_branch(i), first);
	assert_false(str_eq(own_branch(4), first));
}

static void every_address_is_tried_in_turn(void **state)
{
	(void)state;
	fake.answers[0] = fake_addr("127.0.0.50:0");
	fake.answers[1] = fake_addr("127.0.0.51:0");
	fake.answers[2] = fake_addr("127.0.0.52:0");
	fake.answers_n = 3;
	fake.send_error = -ECONNREFUSED;
	fake.send_errors = 2;
	forward("127.0.0.5:5062", fake_request("OPTIONS", "sip:b@name.example:5099", VIA_A, ""));
	assert_string_equal(fake.asked, "name.example");
	assert_int_equal(fake.last, FN_TRUE);
	assert_int_equal(fake.sent_n, 1);
	assert_sent_to(0, "127.0.0.52:5099");
	assert_int_equal(fake_count(MSG_SEND_FAILED), 2);

	fake.send_errors = 3;
	forward("127.0.0.5:5062", fake_request("OPTIONS", "sip:b@name.example:5099", VIA_A, ""));
	assert_int_equal(fake.last, FN_FALSE);
	assert_has(fake_out(1), "SIP/2.0 500 ");
}

static bool onsend_drops(struct ctx *ctx)
{
	char dst[ADDR_TEXT_MAX];
	struct buf b = BUF_ON(dst);

	fake.ends++;
	assert_non_null(ctx->sending);
	addr_port_put(&b, &ctx->sending->target->addr);
	assert_string_equal(buf_z(&b), "127.0.0.50:5099");
	assert_true(sending_length(ctx->sending) > 200);
	return true;
}

static bool onsend_lets_pass(struct ctx *ctx)
{
	(void)ctx;
	fake.ends++;
	return false;
}

static void what_onsend_route_drops_is_not_sent_anywhere(void **state)
{
	(void)state;
	fake.answers[0] = fake_addr("127.0.0.50:0");
	fake.answers[1] = fake_addr("127.0.0.51:0");
	fake.answers_n = 2;
	fake.onsend = onsend_drops;
	forward("127.0.0.5:5062", fake_request("OPTIONS", "sip:b@name.example:5099", VIA_A, ""));
	assert_int_equal(fake.last, FN_FALSE);
	assert_int_equal(fake.sent_n, 0);
	assert_int_equal(fake_count(MSG_HELD_BACK), 1);
	assert_int_equal(fake_count(MSG_NOTHING_DONE), 0);

	fake.onsend = onsend_lets_pass;
	forward("127.0.0.5:5062", fake_request("OPTIONS", "sip:b@name.example:5099", VIA_A, ""));
	assert_int_equal(fake.last, FN_TRUE);
	assert_int_equal(fake.sent_n, 1);
}

static const struct {
	const char *uri;
	unsigned status;
} refused[] = {
	{ "sips:b@127.0.0.6", 480 },
	{ "sip:b@127.0.0.6;transport=tls", 480 },
	{ "sip:b@127.0.0.6;transport=pigeon", 480 },
	{ "tel:+4930123", 416 },
	{ "sip:b@0.0.0.0", 500 },
	{ "sip:b@nowhere.example", 500 },
	{ "sip:b@[::1", 400 },
	{ "sip:b@127.0.0.6?Route=%3Csip:x%3E", 400 },
};

static void what_cannot_be_sent_is_answered(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		char want[32];

		forward("127.0.0.5:5062", fake_request("OPTIONS", refused[i].uri, VIA_A, ""));
		snprintf(want, sizeof(want), "SIP/2.0 %u ", refused[i].status);
		assert_int_equal(fake.sent_n, i + 1);
		assert_has(fake_out(i), want);
		forward("127.0.0.5:5062", fake_request("ACK", refused[i].uri, VIA_A, ""));
		assert_int_equal(fake.sent_n, i + 1);
	}
}

static enum script_result script_sips_with_du(struct ctx *ctx)
{
	assert_int_equal(ctx_dst_uri_set(ctx, STR("sip:127.0.0.44")), 0);
	return script_forward(ctx);
}

static void sips_goes_nowhere_without_tls_whatever_du_says(void **state)
{
	(void)state;
	fake.script = script_sips_with_du;
	fake_receive(0, "127.0.0.5:5062", 0,
		     fake_request("OPTIONS", "sips:b@127.0.0.6", VIA_A, ""));
	assert_has(fake_out(0), "SIP/2.0 480 ");
}

static enum script_result script_append_and_forward(struct ctx *ctx)
{
	struct branch b = { .uri = STR("sip:c@127.0.0.7"), .q = BRANCH_Q_NONE };

	assert_int_equal(branch_add(ctx, &b), 0);
	return script_forward(ctx);
}

static void loops_are_found_when_asked_for(void **state)
{
	struct str own, again;
	char text[4096];
	int n;

	(void)state;
	fake.mc.loop_detection = LOOP_ALL;
	forward("127.0.0.5:5062", fake_request("INVITE", URI_B, VIA_A, ""));
	own = own_branch(0);
	assert_int_equal(own.n, 41);
	/* the same request from the same place comes again with our Via in it */
	n = snprintf(text, sizeof(text), "%s\r\nVia: SIP/2.0/UDP 127.0.0.1:5060;branch=" STRF,
		     VIA_A, STRA(own));
	assert_true(n > 0);
	forward("127.0.0.5:5062", fake_request("INVITE", URI_B, text, ""));
	assert_has(fake_out(1), "SIP/2.0 482 ");
	/* another R-URI: a spiral */
	forward("127.0.0.5:5062", fake_request("INVITE", "sip:c@127.0.0.6", text, ""));
	assert_true(str_starts(fake_out(2), STR("INVITE ")));
	again = own_branch(2);
	assert_false(str_eq(again, own));
	fake.mc.loop_detection = LOOP_FORKED;
	forward("127.0.0.5:5062", fake_request("INVITE", URI_B, text, ""));
	assert_true(str_starts(fake_out(3), STR("INVITE ")));
	/* append_branch() makes it one with several targets */
	fake.script = script_append_and_forward;
	fake_receive(0, "127.0.0.5:5062", 0, fake_request("INVITE", URI_B, VIA_A, ""));
	assert_int_equal(own_branch(4).n, 41);
	fake_receive(0, "127.0.0.5:5062", 0, fake_request("INVITE", URI_B, text, ""));
	assert_has(fake_out(5), "SIP/2.0 482 ");
}

static enum script_result script_socket(struct ctx *ctx)
{
	assert_int_equal(ctx_send_socket_set(ctx, STR("udp:127.0.0.9:5070")), 0);
	return script_forward(ctx);
}

static void the_via_is_that_of_the_sending_socket(void **state)
{
	(void)state;
	fake.script = script_socket;
	fake_receive(0, "127.0.0.5:5062", 0, fake_request("OPTIONS", URI_B, VIA_A, ""));
	assert_has(fake_out(0), "Via: SIP/2.0/UDP edge.example.net:5070;branch=");
	assert_ptr_equal(fake.sent[0].to.from, &fake_listeners[3]);
}

static void every_allocation_may_fail(void **state)
{
	(void)state;
#ifdef SERAC_FAULT
	for (unsigned i = 1; i < 40; i++) {
		unsigned before = fake.sent_n;

		fault_alloc_fail(i);
		forward("127.0.0.5:5062",
			fake_request("OPTIONS", URI_B, VIA_A ";rport",
				     "Route: <sip:127.0.0.1;lr>,<sip:127.0.0.7>\r\n"));
		fault_alloc_fail(0);
		/* a whole message or none */
		for (unsigned k = before; k < fake.sent_n; k++)
			assert_true(str_find(fake_out(k), STR("\r\n\r\n")) > 0);
	}
	forward("127.0.0.5:5062", fake_request("OPTIONS", URI_B, VIA_A, ""));
	assert_int_equal(fake.last, FN_TRUE);
#else
	skip();
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE_TEST(own_via_is_put_on_top_and_max_forwards_falls),
		FAKE_TEST(bytes_behind_the_body_stay_here),
		FAKE_TEST(the_via_below_is_marked_with_the_source),
		FAKE_TEST(max_forwards_falls_once_or_refuses),
		FAKE_TEST(routes_are_followed_and_own_ones_removed),
		FAKE_TEST(what_routes_mean_may_be_taken_before),
		FAKE_TEST(a_route_that_is_not_taken_leads_nowhere),
		FAKE_TEST(what_was_taken_is_not_looked_for_again),
		FAKE_TEST(a_flow_is_the_connection_and_no_other),
		FAKE_TEST(dst_uri_comes_before_route),
		FAKE_TEST(content_length_is_added_toward_a_stream),
		FAKE_TEST(a_large_body_is_not_copied_and_stays_whole),
		FAKE_TEST(the_branch_is_of_the_transaction_not_of_the_method),
		FAKE_TEST(every_address_is_tried_in_turn),
		FAKE_TEST(what_onsend_route_drops_is_not_sent_anywhere),
		FAKE_TEST(what_cannot_be_sent_is_answered),
		FAKE_TEST(sips_goes_nowhere_without_tls_whatever_du_says),
		FAKE_TEST(loops_are_found_when_asked_for),
		FAKE_TEST(the_via_is_that_of_the_sending_socket),
		FAKE_TEST(every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
