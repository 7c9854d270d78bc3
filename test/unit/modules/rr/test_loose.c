/* SPDX-License-Identifier: BSD-2-Clause */
/* rr: what Routes mean, which requests are in a dialog that we recorded, and where they go. */
#include "test/unit/modules/module_test.h"

#include "modules/rr/rr.h"

static struct rr_conf *conf(void)
{
	return (struct rr_conf *)(void *)fake.section;
}

/* A request of the caller (tag f1) or of the callee (tag t1) of the call c1. */
enum side { FIRST, OF_CALLER, OF_CALLEE };

static const char *const ends[] = {
	[FIRST] = "From: <sip:a@example.com>;tag=f1\r\nTo: <sip:b@example.com>\r\n",
	[OF_CALLER] = "From: <sip:a@example.com>;tag=f1\r\nTo: <sip:b@example.com>;tag=t1\r\n",
	[OF_CALLEE] = "From: <sip:b@example.com>;tag=t1\r\nTo: <sip:a@example.com>;tag=f1\r\n",
};

static struct str request(enum side side, const char *uri_z, const char *call_z,
			  const char *routes_z)
{
	static char text[8192];
	int n = snprintf(text, sizeof(text),
			 "%s %s SIP/2.0\r\nVia: " VIA_A "\r\n%sCall-ID: %s\r\nCSeq: 7 %s\r\n%s"
			 "Content-Length: 0\r\n\r\n",
			 side == FIRST ? "INVITE" : "BYE", uri_z, ends[side], call_z,
			 side == FIRST ? "INVITE" : "BYE", routes_z);

	return str_of(text, (size_t)n);
}

/* --- the dialog -------------------------------------------------------------------------------------------------------------------------- */
/* What a request of the dialog has as Route, when the first one went to that target: of the callee in this order, of the caller the other way. */
static char routes[2][600];
static unsigned routes_n;

static const char *target_z;

static enum script_result script_record(struct ctx *ctx)
{
	assert_int_equal(TEST_CALL(ctx, "record_route", ";nat=yes"), 1);
	assert_int_equal(ctx_dst_uri_set(ctx, str_z(target_z)), 0);
	return script_forward(ctx);
}

/* Which socket and connection the INVITE comes by. */
static void record(const char *to_z, unsigned listener, uint64_t conn, const char *more_z)
{
	struct str out;

	target_z = to_z;
	fake.script = script_record;
	fake_receive(listener, "127.0.0.5:5062", conn,
		     request(FIRST, "sip:b@127.0.0.6", "c1", more_z));
	out = fake_out(fake.sent_n - 1);
	for (routes_n = 0; routes_n < 2; routes_n++) {
		ssize_t at = str_find(out, STR("Record-Route: "));

		if (at < 0)
			break;
		out = str_skip(out, (size_t)at + sizeof("Record-Route: ") - 1);
		snprintf(routes[routes_n], sizeof(routes[0]), "Route: " STRF "\r\n",
			 (int)str_find(out, STR("\r\n")), out.p);
	}
	fake.sent_n = 0;
	fake.runs = 0;
}

static const char *route_set(enum side side)
{
	static char text[3000];
	bool turned = side == OF_CALLER && routes_n == 2;

	snprintf(text, sizeof(text), "%s%s", routes[turned], routes_n == 2 ? routes[!turned] : "");
	return text;
}

/* --- questions --------------------------------------------------------------------------------------------------------------------------- */
static struct {
	int loose, ours, upstream, nat, by_route;
	const struct listener *socket;
	uint64_t flow;
	char du[100];
} seen;

static enum script_result script_asks(struct ctx *ctx)
{
	seen.loose = TEST_CALL(ctx, "loose_route");
	seen.ours = TEST_CALL(ctx, "is_dialog_ours");
	seen.upstream = TEST_CALL(ctx, "is_direction", "upstream");
	assert_int_equal(TEST_CALL(ctx, "is_direction", "downstream"), -seen.upstream);
	seen.nat = TEST_CALL(ctx, "check_route_param", "nat=y");
	seen.by_route = TEST_CALL(ctx, "rr_next_hop_route");
	seen.socket = ctx->send_socket;
	seen.flow = ctx->flow;
	snprintf(seen.du, sizeof(seen.du), STRF, STRA(ctx->dst_uri));
	return script_forward(ctx);
}

static struct str ask(struct str message, unsigned listener, uint64_t conn)
{
	unsigned before = fake.sent_n;

	memset(&seen, 0, sizeof(seen));
	fake.script = script_asks;
	fake_receive(listener, "127.0.0.5:5062", conn, message);
	assert_int_equal(fake.sent_n, before + 1);
	return fake_out(before);
}

static struct str ask_udp(enum side side, const char *uri_z, const char *routes_z)
{
	return ask(request(side, uri_z, "c1", routes_z), 0, 0);
}

static int set_up(void **state)
{
	int err = fake_setup(state);

	fake_module(&serac_module);
	return err;
}
#define RR_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, fake_teardown)

/* --- the dialog's requests --------------------------------------------------------------------------------------------------------------- */
static void a_request_of_the_dialog_is_known_from_both_sides(void **state)
{
	(void)state;
	for (int fromtag = 1; fromtag >= 0; fromtag--) {
		struct str out;

		conf()->fromtag = fromtag;
		record("sip:127.0.0.6", 0, 0, "");
		assert_int_equal(routes_n, 1);
		out = ask_udp(OF_CALLER, "sip:b@127.0.0.6", route_set(OF_CALLER));
		assert_int_equal(seen.loose, 1);
		assert_int_equal(seen.ours, 1);
		assert_int_equal(seen.upstream, -1);
		assert_int_equal(seen.nat, 1);
		assert_int_equal(seen.by_route, -1);
		assert_null(seen.socket);
		assert_has_not(out, "Route:");
		assert_sent_to(0, "127.0.0.6:5060");
		out = ask_udp(OF_CALLEE, "sip:a@127.0.0.5", route_set(OF_CALLEE));
		assert_int_equal(seen.loose, 1);
		assert_int_equal(seen.ours, 1);
		assert_int_equal(seen.upstream, fromtag ? 1 : -1);
		assert_has_not(out, "Route:");
		assert_sent_to(1, "127.0.0.5:5060");
	}
}

static void a_made_up_dialog_is_not_ours(void **state)
{
	static const char *const forged[] = {
		"",
		"Route: <sip:127.0.0.1;lr>\r\n",
		"Route: <sip:127.0.0.1;lr;ftag=f1;mac=0123456789abcdef>\r\n",
		"Route: <sip:127.0.0.1;lr;mac=>\r\n",
		"Route: <sip:127.0.0.1;lr;mac=0123456789abcdef0>\r\n",
	};
	char text[700], *mac;

	(void)state;
	for (unsigned i = 0; i < sizeof(forged) / sizeof(forged[0]); i++) {
		ask_udp(OF_CALLER, "sip:b@127.0.0.6", forged[i]);
		assert_int_equal(seen.ours, -1);
		assert_int_equal(seen.loose, i ? 1 : -1);
	}
	record("sip:127.0.0.6", 0, 0, "");
	/* the first of a dialog, another call, another caller, one digit less right, of another host */
	ask_udp(FIRST, "sip:b@127.0.0.6", routes[0]);
	assert_int_equal(seen.ours, -1);
	ask(request(OF_CALLER, "sip:b@127.0.0.6", "c2", routes[0]), 0, 0);
	assert_int_equal(seen.ours, -1);
	snprintf(text, sizeof(text), "%s", routes[0]);
	mac = strstr(text, "ftag=f1");
	memcpy(mac, "ftag=t1", 7);
	ask_udp(OF_CALLER, "sip:b@127.0.0.6", text);
	assert_int_equal(seen.ours, -1);
	snprintf(text, sizeof(text), "%s", routes[0]);
	mac = strstr(text, ";mac=") + 5;
	mac[15] = mac[15] == '0' ? '1' : '0';
	ask_udp(OF_CALLER, "sip:b@127.0.0.6", text);
	assert_int_equal(seen.ours, -1);
	snprintf(text, sizeof(text), "%s", routes[0]);
	memcpy(strstr(text, "127.0.0.1"), "127.0.0.4", 9);
	ask_udp(OF_CALLER, "sip:b@127.0.0.6", text);
	assert_int_equal(seen.ours, -1);
}

static void a_secret_makes_another_key(void **state)
{
	(void)state;
	conf()->preloaded = STR("refuse");
	conf()->secret = STR("of several nodes");
	assert_null(serac_module.check(&fake.conf, conf(), NULL));
	record("sip:127.0.0.6", 0, 0, "");
	fake.run.msgs->key.k[0] ^= 1;
	ask_udp(OF_CALLER, "sip:b@127.0.0.6", routes[0]);
	assert_int_equal(seen.ours, 1);
	conf()->secret = STR("of other nodes..");
	assert_null(serac_module.check(&fake.conf, conf(), NULL));
	ask_udp(OF_CALLER, "sip:b@127.0.0.6", routes[0]);
	assert_int_equal(seen.ours, -1);
	conf()->secret = STR("short");
	assert_non_null(serac_module.check(&fake.conf, conf(), NULL));
	conf()->secret = STR("");
	conf()->preloaded = STR("perhaps");
	assert_non_null(serac_module.check(&fake.conf, conf(), NULL));
}

/* --- two sockets ------------------------------------------------------------------------------------------------------------------------- */
static void the_second_of_a_pair_names_the_socket(void **state)
{
	struct str out;

	(void)state;
	/* came by UDP, went by TCP */
	record("sip:127.0.0.6;transport=tcp", 0, 0, "");
	assert_int_equal(routes_n, 2);
	out = ask_udp(OF_CALLER, "sip:b@127.0.0.6;transport=tcp", route_set(OF_CALLER));
	assert_int_equal(seen.loose, 1);
	assert_int_equal(seen.ours, 1);
	assert_ptr_equal(seen.socket, &fake_listeners[1]);
	assert_has(out, "Via: SIP/2.0/TCP 127.0.0.1:5060");
	assert_has_not(out, "Route:");
	out = ask(request(OF_CALLEE, "sip:a@127.0.0.5", "c1", route_set(OF_CALLEE)), 1, 5);
	assert_int_equal(seen.ours, 1);
	assert_ptr_equal(seen.socket, &fake_listeners[0]);
	assert_has(out, "Via: SIP/2.0/UDP 127.0.0.1:5060");
	/* the same when enable_double_rr is off: the kernel or the first socket decides */
	conf()->double_rr = RR_SINGLE;
	ask_udp(OF_CALLER, "sip:b@127.0.0.6;transport=tcp", route_set(OF_CALLER));
	assert_null(seen.socket);
	conf()->force_send_socket = true;
	ask_udp(OF_CALLER, "sip:b@127.0.0.6", "Route: <sip:edge.example.net:5070;lr>\r\n");
	assert_ptr_equal(seen.socket, &fake_listeners[3]);
	assert_ptr_equal(fake.sent[fake.sent_n - 1].to.from, &fake_listeners[3]);
}

static enum script_result script_own_socket(struct ctx *ctx)
{
	assert_int_equal(ctx_send_socket_set(ctx, STR("udp:127.0.0.9:5070")), 0);
	return script_asks(ctx);
}

static void what_the_script_forces_comes_first(void **state)
{
	(void)state;
	fake.script = script_own_socket;
	fake_receive(0, "127.0.0.5:5062", 0,
		     request(OF_CALLER, "sip:b@127.0.0.6", "c1",
			     "Route: <sip:127.0.0.1;r2=on;lr>,<sip:127.0.0.1;r2=on;lr>\r\n"));
	assert_ptr_equal(seen.socket, &fake_listeners[3]);
}

static void a_socket_is_found_by_its_name(void **state)
{
	(void)state;
	conf()->sockname = true;
	fake_listeners[3].name = STR("edge");
	ask_udp(OF_CALLER, "sip:b@127.0.0.6",
		"Route: <sip:127.0.0.1;r2=on;lr>,<sip:127.0.0.1;sn=edge;r2=on;lr>\r\n");
	assert_ptr_equal(seen.socket, &fake_listeners[3]);
}

/* --- who wants to go where ---------------------------------------------------------------------------------------------------------------- */
#define OWN	"<sip:127.0.0.1;lr>"
#define FOREIGN "<sip:127.0.0.7;lr>"

static const struct {
	enum side side;
	bool follow;
	const char *uri, *routes;
	int value;
	const char *dst, *left; /* the Routes that leave */
} ways[] = {
	/* in a dialog */
	{ OF_CALLER, false, URI_B, "", -1, "127.0.0.6:5066", "" },
	{ OF_CALLER, false, URI_B, "Route: " OWN "\r\n", 1, "127.0.0.6:5066", "" },
	{ OF_CALLER, false, URI_B, "Route: " OWN ", " FOREIGN "\r\n", 1, "127.0.0.7:5060",
	  "Route: " FOREIGN "\r\n" },
	{ OF_CALLER, false, URI_B, "Route: " FOREIGN "\r\n", 1, "127.0.0.7:5060",
	  "Route: " FOREIGN "\r\n" },
	{ OF_CALLER, false, URI_B, "Route: <sip:127.0.0.1\r\n", -1, NULL, NULL },
	/* the first request */
	{ FIRST, false, URI_B, "", -1, "127.0.0.6:5066", "" },
	{ FIRST, false, URI_B, "Route: " OWN "\r\n", -3, "127.0.0.6:5066", "" },
	{ FIRST, true, URI_B, "Route: " OWN ",\r\n " OWN "\r\n", -3, "127.0.0.6:5066", "" },
	{ FIRST, false, URI_B, "Route: " OWN "\r\nRoute: " FOREIGN "\r\n", -4, "127.0.0.6:5066",
	  "Route: " FOREIGN "\r\n" },
	{ FIRST, false, URI_B, "Route: " FOREIGN "\r\n", -4, "127.0.0.6:5066",
	  "Route: " FOREIGN "\r\n" },
	{ FIRST, true, URI_B, "Route: " OWN ", " FOREIGN "\r\n", 1, "127.0.0.7:5060",
	  "Route: " FOREIGN "\r\n" },
	/* strict routers: before us, behind us, and both */
	{ OF_CALLER, false, "sip:127.0.0.1;lr", "Route: " FOREIGN ",<sip:b@127.0.0.8>\r\n", 1,
	  "127.0.0.7:5060", "Route: " FOREIGN "\r\n" },
	{ OF_CALLER, false, "sip:127.0.0.1;lr", "Route: <sip:b@127.0.0.8>\r\n", 1, "127.0.0.8:5060",
	  "" },
	{ OF_CALLER, false, URI_B, "Route: " OWN ",<sip:127.0.0.7>\r\n", 1, "127.0.0.7:5060",
	  "Route: <" URI_B ">\r\n" },
	{ FIRST, false, URI_B, "Route: " OWN ",<sip:127.0.0.7>\r\n", -4, "127.0.0.6:5066",
	  "Route: <sip:127.0.0.7>\r\n" },
	{ OF_CALLER, false, "sip:127.0.0.1;lr", "Route: <sip:127.0.0.7>, <sip:b@127.0.0.8>\r\n", 1,
	  "127.0.0.7:5060", "Route: <sip:b@127.0.0.8>\r\n" },
};

static void the_values_say_what_the_routes_mean(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct str out;
		char want[300];

		conf()->follows_preloaded = ways[i].follow;
		out = ask_udp(ways[i].side, ways[i].uri, ways[i].routes);
		if (seen.loose != ways[i].value)
			print_error("case %u is %d\n" STRF, i, seen.loose, STRA(out));
		assert_int_equal(seen.loose, ways[i].value);
		if (!ways[i].dst)
			continue;
		assert_int_equal(seen.by_route, strstr(ways[i].dst, "127.0.0.7") ? 1 : -1);
		assert_sent_to(fake.sent_n - 1, ways[i].dst);
		snprintf(want, sizeof(want), " %s\r\n%sContent-Length: 0",
			 ways[i].side == FIRST ? "INVITE" : "BYE", ways[i].left);
		assert_has(out, want);
	}
}

static enum script_result script_twice(struct ctx *ctx)
{
	assert_int_equal(TEST_CALL(ctx, "loose_route"), 1);
	assert_int_equal(TEST_CALL(ctx, "check_route_param", "nat"), 1);
	assert_int_equal(TEST_CALL(ctx, "loose_route"), 1);
	assert_int_equal(TEST_CALL(ctx, "check_route_param", "nat"), 1);
	assert_text(ctx_uri_text(ctx), STR("sip:b@127.0.0.8"));
	return script_forward(ctx);
}

static void a_second_time_is_the_same(void **state)
{
	(void)state;
	fake.script = script_twice;
	fake_receive(0, "127.0.0.5:5062", 0,
		     request(OF_CALLER, "sip:127.0.0.1;lr;nat=yes", "c1",
			     "Route: " FOREIGN ",<sip:b@127.0.0.8>\r\n"));
	assert_sent_to(0, "127.0.0.7:5060");
	assert_has(fake_out(0), "\r\nRoute: " FOREIGN "\r\n");
	assert_has_not(fake_out(0), "127.0.0.8>");
}

static enum script_result script_mode(struct ctx *ctx)
{
	assert_int_equal(TEST_CALL(ctx, "loose_route_mode", "1"), 1);
	assert_text(ctx_uri_text(ctx), STR("sip:127.0.0.1;lr"));
	assert_int_equal(ctx_uri_set(ctx, STR("sip:as@127.0.0.9:5091")), 0);
	ctx->dst_uri = STR_NULL;
	return script_forward(ctx);
}

static void a_strict_router_is_not_looked_for_when_asked(void **state)
{
	(void)state;
	fake.script = script_mode;
	fake_receive(0, "127.0.0.5:5062", 0,
		     request(OF_CALLER, "sip:127.0.0.1;lr", "c1",
			     "Route: " OWN ", <sip:edge.example.net:5070;lr>\r\n"));
	assert_sent_to(0, "127.0.0.9:5091");
}

static int preloaded_value;
static enum script_result script_preloaded(struct ctx *ctx)
{
	preloaded_value = TEST_CALL(ctx, "loose_route_preloaded");
	return script_forward(ctx);
}

static void preloaded_routes_are_followed_when_asked(void **state)
{
	static const struct {
		enum side side;
		const char *routes;
		int value;
	} cases[] = {
		{ FIRST, "Route: " OWN "," FOREIGN "\r\n", 1 },
		{ FIRST, "Route: " OWN "\r\n", 1 },
		{ FIRST, "", -1 },
		{ OF_CALLER, "Route: " OWN "," FOREIGN "\r\n", -1 },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fake.script = script_preloaded;
		fake_receive(0, "127.0.0.5:5062", 0,
			     request(cases[i].side, URI_B, "c1", cases[i].routes));
		assert_int_equal(preloaded_value, cases[i].value);
	}
	assert_sent_to(0, "127.0.0.7:5060");
}

/* --- flows ------------------------------------------------------------------------------------------------------------------------------- */
static void the_callee_reaches_a_phone_by_its_connection(void **state)
{
	struct str out;

	(void)state;
	record("sip:127.0.0.6", 1, FAKE_CONN, "Contact: <sip:a@10.0.0.1;transport=tcp;ob>\r\n");
	assert_int_equal(routes_n, 2);
	out = ask_udp(OF_CALLEE, "sip:a@10.0.0.1;transport=tcp;ob", route_set(OF_CALLEE));
	assert_int_equal(seen.loose, 2);
	assert_int_equal(seen.flow, FAKE_CONN);
	assert_string_equal(seen.du, "sip:127.0.0.8:5090;transport=tcp");
	assert_int_equal(seen.ours, 1);
	assert_int_equal(fake.sent[0].to.conn, FAKE_CONN);
	assert_sent_to(0, "127.0.0.8:5090");
	assert_has_not(out, "Route:");
	/* the phone itself, even when it has come back by another connection */
	ask(request(OF_CALLER, "sip:b@127.0.0.6", "c1", route_set(OF_CALLER)), 1, FAKE_CONN);
	assert_int_equal(seen.loose, 1);
	ask(request(OF_CALLER, "sip:b@127.0.0.6", "c1", route_set(OF_CALLER)), 1, 5);
	assert_int_equal(seen.loose, 1);
	assert_sent_to(2, "127.0.0.6:5060");
	/* it has gone */
	fake.conn_gone = true;
	out = ask_udp(OF_CALLEE, "sip:a@10.0.0.1;transport=tcp;ob", route_set(OF_CALLEE));
	assert_int_equal(seen.loose, 2);
	assert_true(str_starts(out, STR("SIP/2.0 430 ")));
}

static void a_phone_that_has_come_back_is_not_sent_to_itself(void **state)
{
	(void)state;
	record("sip:127.0.0.6;transport=tcp", 1, FAKE_CONN, "Contact: <sip:a@10.0.0.1;ob>\r\n");
	assert_int_equal(routes_n, 1);
	ask(request(OF_CALLER, "sip:b@127.0.0.6", "c1", routes[0]), 1, 5);
	assert_int_equal(seen.loose, 1);
	assert_int_equal(seen.flow, 0);
	ask(request(OF_CALLEE, "sip:a@10.0.0.1", "c1", routes[0]), 1, 5);
	assert_int_equal(seen.loose, 2);
}

static void only_a_phone_that_asks_for_it_has_a_flow(void **state)
{
	static const char *const others[] = {
		"",
		"Contact: <sip:a@10.0.0.1>\r\n",
		"Contact: *\r\n",
		"Contact: <sip:a@10.0.0.1;ob>\r\nVia: SIP/2.0/TCP 10.0.0.1\r\n",
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		record("sip:127.0.0.6", 1, FAKE_CONN, others[i]);
		assert_null(strstr(routes[0], "flow."));
		assert_null(strstr(routes[1], "flow."));
	}
	record("sip:127.0.0.6", 0, 0, "Contact: <sip:a@10.0.0.1;ob>\r\n");
	assert_null(strstr(routes[0], "flow."));
}

static void a_token_that_we_have_not_made_is_broken(void **state)
{
	(void)state;
	ask_udp(OF_CALLEE, URI_B,
		"Route: <sip:flow.000000000000004d0123456789abcdef@127.0.0.1;lr>\r\n");
	assert_int_equal(seen.loose, -2);
	ask_udp(OF_CALLEE, URI_B, "Route: <sip:flow.@127.0.0.1;lr>\r\n");
	assert_int_equal(seen.loose, -2);
	ask_udp(OF_CALLEE, URI_B, "Route: <sip:flo@127.0.0.1;lr>\r\n");
	assert_int_equal(seen.loose, 1);
}

/* --- variables --------------------------------------------------------------------------------------------------------------------------- */
static char vars[100];
static enum script_result script_vars(struct ctx *ctx)
{
	struct value uri = test_attr(ctx, "route_uri", NULL), fti = test_attr(ctx, "fti", NULL),
		     tti = test_attr(ctx, "tti", NULL), name = test_attr(ctx, "rdir", "name"),
		     id = test_attr(ctx, "rdir", "id");

	snprintf(vars, sizeof(vars), STRF " " STRF " " STRF " " STRF " %d",
		 STRA(str_head(uri.s, 13)), STRA(fti.s), STRA(tti.s), STRA(name.s), (int)id.i);
	return script_forward(ctx);
}

static void variables_tell_the_sides(void **state)
{
	(void)state;
	record("sip:127.0.0.6", 0, 0, "");
	fake.script = script_vars;
	fake_receive(0, "127.0.0.5:5062", 0, request(FIRST, URI_B, "c1", ""));
	assert_string_equal(vars, " f1  downstream 1");
	fake_receive(0, "127.0.0.5:5062", 0, request(OF_CALLER, URI_B, "c1", routes[0]));
	assert_string_equal(vars, "sip:127.0.0.1 f1 t1 downstream 1");
	fake_receive(0, "127.0.0.5:5062", 0, request(OF_CALLEE, URI_B, "c1", routes[0]));
	assert_string_equal(vars, "sip:127.0.0.1 f1 t1 upstream 2");
}

/* A request of the callee that is recorded again belongs to the same dialog. */
static enum script_result script_again(struct ctx *ctx)
{
	assert_int_equal(TEST_CALL(ctx, "loose_route"), 1);
	assert_int_equal(TEST_CALL(ctx, "record_route", ";nat=yes"), 1);
	return script_forward(ctx);
}

static void the_callees_request_is_recorded_with_the_callers_tag(void **state)
{
	char want[640];

	(void)state;
	record("sip:127.0.0.6", 0, 0, "");
	fake.script = script_again;
	fake_receive(0, "127.0.0.5:5062", 0, request(OF_CALLEE, URI_B, "c1", routes[0]));
	snprintf(want, sizeof(want), "Record-%s", routes[0]);
	assert_has(fake_out(0), want);
}

static enum script_result script_response(struct ctx *ctx)
{
	static const char *const falsies[] = { "is_dialog_ours", "rr_next_hop_route",
					       "record_route", "remove_record_route" };

	if (ctx->msg->is_request)
		return script_forward(ctx);
	for (unsigned i = 0; i < sizeof(falsies) / sizeof(falsies[0]); i++)
		assert_int_equal(TEST_CALL(ctx, falsies[i]), -1);
	assert_int_equal(TEST_CALL(ctx, "add_rr_param", ";x"), -1);
	assert_int_equal(TEST_CALL(ctx, "check_route_param", "x"), -1);
	assert_int_equal(TEST_CALL(ctx, "is_direction", "downstream"), -1);
	assert_int_equal(test_attr(ctx, "fti", NULL).type, VALUE_NULL);
	return SCRIPT_DONE;
}

static void nothing_is_true_of_a_response(void **state)
{
	char text[1000];
	struct str via;
	int n;

	(void)state;
	fake.script = script_response;
	fake.reply_route = true;
	fake_receive(0, "127.0.0.5:5062", 0, request(FIRST, URI_B, "c1", ""));
	via = str_skip(fake_out(0), (size_t)str_find(fake_out(0), STR("Via: ")));
	n = snprintf(text, sizeof(text),
		     "SIP/2.0 200 OK\r\n" STRF "\r\nVia: " VIA_A "\r\n%sCall-ID: c1\r\n"
		     "CSeq: 7 INVITE\r\nRoute: <sip:127.0.0.1;lr;x>\r\nContent-Length: 0\r\n\r\n",
		     (int)str_find(via, STR("\r\n")), via.p, ends[OF_CALLER]);
	fake_receive(0, "127.0.0.6:5066", 0, str_of(text, (size_t)n));
	assert_int_equal(fake.runs, 2);
	assert_int_equal(fake.sent_n, 2);
	assert_has_not(fake_out(1), "Record-Route");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RR_TEST(a_request_of_the_dialog_is_known_from_both_sides),
		RR_TEST(a_made_up_dialog_is_not_ours),
		RR_TEST(a_secret_makes_another_key),
		RR_TEST(the_second_of_a_pair_names_the_socket),
		RR_TEST(what_the_script_forces_comes_first),
		RR_TEST(a_socket_is_found_by_its_name),
		RR_TEST(the_values_say_what_the_routes_mean),
		RR_TEST(a_second_time_is_the_same),
		RR_TEST(a_strict_router_is_not_looked_for_when_asked),
		RR_TEST(preloaded_routes_are_followed_when_asked),
		RR_TEST(the_callee_reaches_a_phone_by_its_connection),
		RR_TEST(a_phone_that_has_come_back_is_not_sent_to_itself),
		RR_TEST(only_a_phone_that_asks_for_it_has_a_flow),
		RR_TEST(a_token_that_we_have_not_made_is_broken),
		RR_TEST(variables_tell_the_sides),
		RR_TEST(nothing_is_true_of_a_response),
		RR_TEST(the_callees_request_is_recorded_with_the_callers_tag),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
