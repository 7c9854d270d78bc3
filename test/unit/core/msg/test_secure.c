/* SPDX-License-Identifier: BSD-2-Clause */
/* How messages take TLS: what a sips URI allows, whose name is to be proved, which client domain is asked for. */
#include "fake.h"

#include "core/msg/branches.h"
#include "core/msg/funcs.h"
#include "core/msg/nexthop.h"
#include "core/msg/secure.h"

/* The request as the test wants it sent. */
static struct {
	struct str uri, du;		   /* null: as received */
	struct str domain, name;	   /* set by functions */
	struct str attr_domain, attr_name; /* by attributes */
	bool no_such_domain;
	struct instead to;
	uint64_t flow;
} ask;

static enum script_result script_ask(struct ctx *ctx)
{
	struct branch b;
	struct nexthop next;
	struct resolve q = { 0 };
	struct iovec iov[EMIT_IOV];
	struct target t;
	unsigned n;

	if (!str_is_null(ask.uri))
		assert_int_equal(ctx_uri_set(ctx, ask.uri), 0);
	assert_int_equal(ctx_dst_uri_set(ctx, ask.du), 0);
	ctx->flow = ask.flow;
	ctx->tls_domain = ask.domain;
	ctx->tls_name = ask.name;
	b = branch_main(ctx);
	fake.last = nexthop_of(ctx, &b, &ask.to, &next);
	if (fake.last != FN_TRUE)
		return SCRIPT_DONE;
	assert_int_equal(nexthop_resolve(ctx, &next, &q, 1000), 1);
	assert_int_equal(nexthop_emit(ctx, &next, &q.addrs[0], STR("z9hG4bKx"), &t, iov, &n), 0);
	assert_int_equal(nexthop_send(ctx, &t, iov, n, 0), 0);
	ctx->done |= CTX_FORWARDED;
	return SCRIPT_DONE;
}

static bool choose(struct ctx *ctx, struct secure_choice *c)
{
	(void)ctx;
	if (str_is_null(c->domain))
		c->domain = ask.attr_domain;
	if (str_is_null(c->name))
		c->name = ask.attr_name;
	return !ask.no_such_domain;
}

static void advertise(const struct ctx *ctx, const struct target *t, struct str *host_r,
		      uint16_t *port_r)
{
	(void)ctx;
	(void)t;
	(void)host_r;
	(void)port_r;
}

static void advertise_back(const struct ctx *ctx, struct str *host_r, uint16_t *port_r)
{
	advertise(ctx, NULL, host_r, port_r);
}

static const struct secure_hooks hooks = {
	.choose = choose,
	.advertise = advertise,
	.advertise_back = advertise_back,
};

static int setup(void **state)
{
	memset(&ask, 0, sizeof(ask));
	fake_setup(state);
	fake_tls();
	fake.w.msg->secure = &hooks;
	fake.script = script_ask;
	fake.answers[0] = fake_addr("127.0.0.50:0");
	fake.answers_n = 1;
	return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, fake_teardown)

static void ask_for(const char *uri_z, const char *routes_z)
{
	fake_receive(0, "127.0.0.5:5062", 0, fake_request("OPTIONS", uri_z, VIA_A, routes_z));
}

static const struct {
	const char *uri, *routes;
	struct str now, du;
	const char *to, *identity; /* NULL: 480 */
} ways[] = {
	{ "sip:b@a.example;transport=tls", "", { 0 }, { 0 }, "127.0.0.50:5061", "a.example" },
	{ "sip:b@a.example:7;transport=TLS", "", { 0 }, { 0 }, "127.0.0.50:7", "a.example" },
	{ "sips:b@a.example", "", { 0 }, { 0 }, "127.0.0.50:5061", "a.example" },
	{ "sips:b@A.example.;transport=tcp", "", { 0 }, { 0 }, "127.0.0.50:5061", "A.example" },
	{ "sips:b@a.example;transport=udp", "", { 0 }, { 0 }, NULL, NULL },
	{ "sips:b@a.example;transport=xy", "", { 0 }, { 0 }, NULL, NULL },
	{ "sip:b@127.0.0.60;transport=tls", "", { 0 }, { 0 }, "127.0.0.60:5061", "127.0.0.60" },
	{ "sip:b@[0:0:0:0:0:0:0:9];transport=tls", "", { 0 }, { 0 }, "[::9]:5061", "::9" },
	/* maddr says where, the host who */
	{ "sips:b@a.example;maddr=127.0.0.60", "", { 0 }, { 0 }, "127.0.0.60:5061", "a.example" },
	/* $du is not what is verified against a sips URI's way, but it goes there as one (RFC 3261 16.6 item 7) */
	{ "sips:b@a.example",
	  "",
	  { 0 },
	  STR_INIT("sip:g.example:5071"),
	  "127.0.0.50:5071",
	  "g.example" },
	{ "sips:b@a.example",
	  "",
	  { 0 },
	  STR_INIT("sip:g.example;transport=tcp"),
	  "127.0.0.50:5061",
	  "g.example" },
	{ "sips:b@a.example", "", { 0 }, STR_INIT("sip:g.example;transport=udp"), NULL, NULL },
	{ "sip:b@a.example",
	  "",
	  { 0 },
	  STR_INIT("sips:g.example"),
	  "127.0.0.50:5061",
	  "g.example" },
	{ "sip:b@a.example",
	  "",
	  STR_INIT("sips:c@c.example"),
	  { 0 },
	  "127.0.0.50:5061",
	  "c.example" },
	/* the first Route that is not ours leads, unless something was chosen here */
	{ "sip:b@a.example",
	  "Route: <sip:127.0.0.1;lr>, <sip:r.example;transport=tls;lr>\r\n",
	  { 0 },
	  { 0 },
	  "127.0.0.50:5061",
	  "r.example" },
	{ "sip:b@a.example",
	  "Route: <sips:r.example;lr>\r\n",
	  { 0 },
	  { 0 },
	  "127.0.0.50:5061",
	  "r.example" },
	{ "sip:b@a.example",
	  "Route: <sips:r.example;lr>\r\n",
	  { 0 },
	  STR_INIT("sip:g.example"),
	  "127.0.0.50:5061",
	  "g.example" },
	{ "sip:b@a.example",
	  "Route: <sips:r.example;lr>\r\n",
	  { 0 },
	  STR_INIT("sip:g.example;transport=udp"),
	  NULL,
	  NULL },
	{ "sips:b@a.example",
	  "Route: <sip:r.example;lr>\r\n",
	  { 0 },
	  { 0 },
	  "127.0.0.50:5061",
	  "r.example" },
	/* a strict router's URI becomes the R-URI */
	{ "sips:b@a.example",
	  "Route: <sips:strict.example>\r\n",
	  { 0 },
	  { 0 },
	  "127.0.0.50:5061",
	  "strict.example" },
};

static void the_next_hop_says_who_must_be_there(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		ask.uri = ways[i].now;
		ask.du = ways[i].du;
		fake.sent_n = 0;
		ask_for(ways[i].uri, ways[i].routes);
		if (!ways[i].to) {
			assert_has(fake_out(0), "SIP/2.0 480 ");
			continue;
		}
		assert_sent_to(0, ways[i].to);
		assert_ptr_equal(fake.sent[0].to.transport, transport_of(TRANSPORT_TLS));
		assert_text(fake.sent[0].to.identity, str_z(ways[i].identity));
		assert_true(str_is_null(fake.sent[0].to.domain));
		assert_has(fake_out(0), "Via: SIP/2.0/TLS ");
	}
}

static void who_is_called_in_clear_has_no_identity(void **state)
{
	(void)state;
	ask_for("sip:b@a.example", "");
	assert_true(str_is_null(fake.sent[0].to.identity));
	assert_false(fake.sent[0].to.literal);
	ask.domain = STR("gold");
	ask_for("sip:b@127.0.0.60;transport=tcp", "");
	assert_true(str_is_null(fake.sent[1].to.identity));
	assert_true(str_is_null(fake.sent[1].to.domain));
	assert_true(fake.sent[1].to.literal);
}

static void without_tls_nothing_leaves_by_it(void **state)
{
	static const char *const uris[] = { "sip:b@a.example;transport=tls", "sips:b@a.example" };

	(void)state;
	fake.nc.tls = false;
	for (unsigned i = 0; i < 2; i++) {
		ask_for(uris[i], "");
		assert_has(fake_out(i), "SIP/2.0 480 ");
	}
}

static void a_function_of_the_script_does_not_lead_sips_astray(void **state)
{
	(void)state;
	ask.to = (struct instead){ .host = STR("h.example"), .port = 7 };
	ask_for("sips:b@a.example", "");
	assert_sent_to(0, "127.0.0.50:7");
	assert_text(fake.sent[0].to.identity, STR("h.example"));
	ask.to.transport = transport_of(TRANSPORT_TCP);
	ask_for("sips:b@a.example", "");
	assert_has(fake_out(1), "SIP/2.0 480 ");
	ask.to.transport = transport_of(TRANSPORT_TLS);
	ask_for("sip:b@a.example", "");
	assert_sent_to(2, "127.0.0.50:7");
	ask.to = (struct instead){ .transport = transport_of(TRANSPORT_TLS) };
	ask_for("sip:b@a.example", "");
	assert_sent_to(3, "127.0.0.50:5061");
	assert_text(fake.sent[3].to.identity, STR("a.example"));
}

/* Connection 77 of the fake is a TCP one. */
static void a_flow_in_clear_does_not_carry_sips(void **state)
{
	(void)state;
	ask.flow = FAKE_CONN;
	ask_for("sips:b@a.example", "");
	assert_has(fake_out(0), "SIP/2.0 480 ");
	fake_listeners[1].transport = transport_of(TRANSPORT_TLS);
	ask_for("sips:b@a.example", "");
	assert_true(fake.sent[1].to.conn == FAKE_CONN);
	assert_true(fake.sent[1].to.conn_only);
}

static void the_script_chooses_domain_and_name(void **state)
{
	(void)state;
	ask.attr_domain = STR("silver");
	ask.attr_name = STR("virtual.example.");
	ask_for("sips:b@a.example", "");
	assert_text(fake.sent[0].to.domain, STR("silver"));
	assert_text(fake.sent[0].to.identity, STR("virtual.example"));
	/* a function comes before attributes */
	ask.domain = STR("gold");
	ask.name = STR("real.example");
	ask_for("sips:b@a.example", "");
	assert_text(fake.sent[1].to.domain, STR("gold"));
	assert_text(fake.sent[1].to.identity, STR("real.example"));
	ask.no_such_domain = true;
	ask_for("sips:b@a.example", "");
	assert_has(fake_out(2), "SIP/2.0 500 No Such TLS Client Domain\r\n");
	/* further addresses of a name: it was chosen when the first was tried */
	ask.to = (struct instead){ .host = STR("127.0.0.61"),
				   .transport = transport_of(TRANSPORT_TLS),
				   .identity = STR("kept.example") };
	ask_for("sips:b@a.example", "");
	assert_text(fake.sent[3].to.identity, STR("kept.example"));
	assert_text(fake.sent[3].to.domain, STR("gold"));
}

/* --- answers ---------------------------------------------------------------------------------------------------------------------------- */

static enum script_result script_answer(struct ctx *ctx)
{
	(void)reply_send(ctx, 404, STR_NULL, STR_NULL);
	return SCRIPT_DONE;
}

static const struct {
	const char *via, *to, *identity;
	bool literal;
} answers[] = {
	{ "SIP/2.0/TLS phone.example;branch=z9hG4bKx", "127.0.0.5:5061", "phone.example", false },
	{ "SIP/2.0/TLS phone.example.:6001;branch=z9hG4bKx;rport", "127.0.0.5:6001",
	  "phone.example", false },
	{ "SIP/2.0/TLS 127.0.0.5:6001;branch=z9hG4bKx", "127.0.0.5:6001", "127.0.0.5", true },
	{ "SIP/2.0/TLS [::0:7]:6001;branch=z9hG4bKx", "127.0.0.5:6001", "::7", true },
	/* what the sender calls its transport does not count */
	{ "SIP/2.0/TCP phone.example;branch=z9hG4bKx", "127.0.0.5:5061", "phone.example", false },
	{ "SIP/2.0/UDP phone.example;branch=z9hG4bKx", "127.0.0.5:5061", "phone.example", false },
};
#define CONN ID_MAKE(ID_CONN, 7, 3)

static void assert_answer(unsigned i)
{
	const struct target *t = &fake.sent[0].to;

	assert_int_equal(fake.sent_n, 1);
	assert_sent_to(0, answers[i].to);
	assert_ptr_equal(t->transport, transport_of(TRANSPORT_TLS));
	assert_ptr_equal(t->from, &fake_listeners[4]);
	assert_true(t->conn == CONN);
	assert_false(t->conn_only);
	assert_text(t->identity, str_z(answers[i].identity));
	assert_int_equal(t->literal, answers[i].literal);
	fake.sent_n = 0;
}

static void an_answer_whose_connection_is_gone_goes_to_sent_by(void **state)
{
	(void)state;
	fake.script = script_answer;
	for (unsigned i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		fake_receive(4, "127.0.0.5:33333", CONN,
			     fake_request("OPTIONS", URI_B, answers[i].via, ""));
		assert_answer(i);
	}
}

static void a_response_that_is_relayed_does_too(void **state)
{
	(void)state;
	fake.script = script_forward;
	for (unsigned i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		char text[2000];
		struct str vias, out;
		ssize_t at;
		int n;

		fake_receive(4, "127.0.0.5:33333", CONN,
			     fake_request("OPTIONS", URI_B, answers[i].via, ""));
		out = fake_out(0);
		at = str_find(out, STR("Via: "));
		vias = str_head(str_skip(out, (size_t)at),
				(size_t)(str_find(out, STR("From:")) - at));
		n = snprintf(text, sizeof(text),
			     "SIP/2.0 200 OK\r\n" STRF
			     "From: <sip:a@example.com>;tag=f1\r\nTo: <sip:b@example.com>;tag=t\r\n"
			     "Call-ID: c1\r\nCSeq: 7 OPTIONS\r\nContent-Length: 0\r\n\r\n",
			     STRA(vias));
		fake.sent_n = 0;
		fake_receive(0, "127.0.0.6:5066", 0, str_of(text, (size_t)n));
		assert_answer(i);
	}
}

/* --- aliases ----------------------------------------------------------------------------------------------------------------------------- */

static void called(unsigned listener, uint64_t conn, const char *via_z)
{
	fake.alias = (struct fake_alias){ 0 };
	fake_receive(listener, "127.0.0.5:33333", conn, fake_request("OPTIONS", URI_B, via_z, ""));
}

static void a_via_with_alias_offers_its_connection(void **state)
{
	(void)state;
	called(4, CONN, "SIP/2.0/TLS gw.example;branch=z9hG4bK1;alias");
	assert_int_equal(fake.alias.port, 0);
	fake.nc.tcp_accept_aliases = true;
	called(4, CONN, "SIP/2.0/TLS gw.example;branch=z9hG4bK2;alias");
	assert_true(fake.alias.conn == CONN);
	assert_int_equal(fake.alias.port, 5061);
	assert_false(fake.alias.trusted);
	called(4, CONN, "SIP/2.0/TLS gw.example:7;branch=z9hG4bK3;alias");
	assert_int_equal(fake.alias.port, 7);
	called(4, CONN, "SIP/2.0/TLS gw.example:7;branch=z9hG4bK4");
	assert_int_equal(fake.alias.port, 0);
	/* nobody proves anything there (RFC 5923 9.3) */
	called(1, CONN, "SIP/2.0/TCP gw.example;branch=z9hG4bK5;alias");
	assert_int_equal(fake.alias.port, 0);
}

static struct value alias_port;
static enum script_result script_alias(struct ctx *ctx)
{
	fake.last = fake_call(ctx, msg_functions, "force_tcp_alias", alias_port.type != VALUE_NULL,
			      &alias_port);
	ctx->done |= CTX_FORWARDED;
	return SCRIPT_DONE;
}

static void the_script_gives_an_alias(void **state)
{
	(void)state;
	fake.script = script_alias;
	called(1, CONN, "SIP/2.0/TCP gw.example;branch=z9hG4bK1");
	assert_int_equal(fake.last, FN_TRUE);
	assert_true(fake.alias.conn == CONN && fake.alias.trusted);
	assert_int_equal(fake.alias.port, 5060);
	alias_port = value_int(7);
	called(4, CONN, "SIP/2.0/TLS gw.example;branch=z9hG4bK2");
	assert_int_equal(fake.alias.port, 7);
	fake.conn_gone = true;
	called(4, CONN, "SIP/2.0/TLS gw.example;branch=z9hG4bK3");
	assert_int_equal(fake.last, FN_FALSE);
	called(0, 0, "SIP/2.0/UDP gw.example;branch=z9hG4bK4");
	assert_int_equal(fake.last, FN_FALSE);
	assert_int_equal(fake.alias.port, 0);
	alias_port = value_int(65536);
	called(4, CONN, "SIP/2.0/TLS gw.example;branch=z9hG4bK5");
	assert_int_equal(fake.last, FN_FALSE);
	assert_int_equal(fake.alias.port, 0);
}

/* --- which URIs are ours ------------------------------------------------------------------------------------------------------------------- */

static const struct {
	const char *uri;
	bool is_own;
	int socket; /* -1: none */
} owns[] = {
	{ "sips:127.0.0.1", true, 4 },
	{ "sips:127.0.0.1:5061", true, 4 },
	{ "sips:127.0.0.1;transport=tcp", true, 4 },
	{ "sips:127.0.0.1:5060", false, -1 },
	{ "sip:127.0.0.1;transport=tls", true, 4 },
	{ "sip:127.0.0.1:5061;transport=tls", true, 4 },
	{ "sip:127.0.0.1:5061", true, -1 },
	{ "sip:127.0.0.1:5061;transport=tcp", false, -1 },
	{ "sip:127.0.0.1", true, 0 },
	{ "sip:127.0.0.1;transport=tcp", true, 1 },
	{ "sip:127.0.0.1;transport=sctp", true, -1 },
	{ "sips:[::1]", true, 5 },
};

static enum script_result script_own(struct ctx *ctx)
{
	for (unsigned i = 0; i < sizeof(owns) / sizeof(owns[0]); i++) {
		struct sip_uri *u = ctx_uri_parse(ctx, str_z(owns[i].uri));
		const struct listener *l = ctx_socket_of_uri(ctx, u);

		assert_ptr_equal(l, owns[i].socket < 0 ? NULL : &fake_listeners[owns[i].socket]);
		assert_int_equal(ctx_uri_is_own(ctx, u), owns[i].is_own);
	}
	ctx->done |= CTX_FORWARDED;
	fake.last = 42;
	return SCRIPT_DONE;
}

static void a_sips_uri_names_a_socket_for_tls(void **state)
{
	(void)state;
	fake.script = script_own;
	ask_for(URI_B, "");
	assert_int_equal(fake.last, 42);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_next_hop_says_who_must_be_there),
		TEST(who_is_called_in_clear_has_no_identity),
		TEST(without_tls_nothing_leaves_by_it),
		TEST(a_function_of_the_script_does_not_lead_sips_astray),
		TEST(a_flow_in_clear_does_not_carry_sips),
		TEST(the_script_chooses_domain_and_name),
		TEST(an_answer_whose_connection_is_gone_goes_to_sent_by),
		TEST(a_response_that_is_relayed_does_too),
		TEST(a_via_with_alias_offers_its_connection),
		TEST(the_script_gives_an_alias),
		TEST(a_sips_uri_names_a_socket_for_tls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
