/* SPDX-License-Identifier: BSD-2-Clause */
/* rr: what Routes mean, by which socket and to where they lead. */
#include "test/unit/modules/rr/rr_test.h"

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

static const struct listener *found;

static enum script_result script_socket_of(struct ctx *ctx)
{
	struct sip_nameaddr *na;
	struct sip_uri *u;

	assert_int_equal(sip_msg_nameaddr(ctx->msg, HDR_ROUTE, &na), 0);
	assert_int_equal(nameaddr_uri(ctx->msg, na, &u), 0);
	found = ctx_socket_of_uri(ctx, u);
	return SCRIPT_DONE;
}

static const struct listener *socket_of(const char *route_z)
{
	fake.script = script_socket_of;
	fake_receive(0, "127.0.0.5:5062", 0, request(OF_CALLER, URI_B, "c1", route_z));
	return found;
}

static enum script_result script_own_socket(struct ctx *ctx)
{
	assert_int_equal(ctx_send_socket_set(ctx, STR("udp:127.0.0.9:5070")), 0);
	return script_asks(ctx);
}

static void a_socket_is_found_by_what_stands_in_record_route_or_as_it_is_bound(void **state)
{
	static const struct {
		const char *uri;
		int socket; /* -1: none */
	} cases[] = {
		{ "sip:edge.example.net:5070", 3 },   { "sip:EDGE.example.net:5070;lr", 3 },
		{ "sip:127.0.0.9:5070", 3 },	      { "sip:127.0.0.1", 0 },
		{ "sip:127.0.0.1;transport=TCP", 1 }, { "sip:[0:0::1]", 2 },
		{ "sip:127.0.0.1:5070", -1 },	      { "sip:127.0.0.1;transport=none", -1 },
		{ "sip:edge.example.net", -1 },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char route[200];

		snprintf(route, sizeof(route), "Route: <%s>\r\n", cases[i].uri);
		assert_ptr_equal(socket_of(route),
				 cases[i].socket < 0 ? NULL : &fake_listeners[cases[i].socket]);
	}
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		RR_TEST(the_second_of_a_pair_names_the_socket),
		RR_TEST(a_socket_is_found_by_what_stands_in_record_route_or_as_it_is_bound),
		RR_TEST(what_the_script_forces_comes_first),
		RR_TEST(a_socket_is_found_by_its_name),
		RR_TEST(the_values_say_what_the_routes_mean),
		RR_TEST(a_second_time_is_the_same),
		RR_TEST(a_strict_router_is_not_looked_for_when_asked),
		RR_TEST(preloaded_routes_are_followed_when_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
