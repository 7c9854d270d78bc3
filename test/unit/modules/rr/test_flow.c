/* SPDX-License-Identifier: BSD-2-Clause */
/* rr: phones that are reached by the way that they came. */
#include "test/unit/modules/rr/rr_test.h"

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
}

static void by_datagrams_the_way_is_socket_and_address(void **state)
{
	struct str out;

	(void)state;
	for (unsigned listener = 0; listener < 4; listener += 2) {
		const char *src_z = listener ? "[::5]:5062" : "127.0.0.5:5062",
			   *other_z = listener ? "[::7]:5070" : "127.0.0.7:5070";

		target_z = listener ? "sip:[::6]" : "sip:127.0.0.6";
		receive_first(listener, src_z, 0, "Contact: <sip:a@10.0.0.1;ob>\r\n");
		assert_non_null(strstr(routes[0], "flow.u"));
		fake.script = script_asks;
		fake_receive(listener, other_z, 0,
			     request(OF_CALLEE, "sip:a@10.0.0.1;ob", "c1", routes[0]));
		assert_int_equal(seen.loose, 2);
		assert_sent_to(0, src_z);
		assert_ptr_equal(fake.sent[0].to.from, &fake_listeners[listener]);
		assert_int_equal(fake.sent[0].to.conn, 0);
		/* the phone's own */
		fake_receive(listener, src_z, 0,
			     request(OF_CALLER, listener ? "sip:b@[::6]" : "sip:b@127.0.0.6", "c1",
				     routes[0]));
		assert_int_equal(seen.loose, 1);
		out = fake_out(1);
		assert_has_not(out, "Route:");
	}
}

static void a_token_that_we_have_not_made_is_broken(void **state)
{
	static const char *const broken[] = {
		"flow.c000000000000004d0123456789abcdef",
		"flow.u000013c57f0000050123456789abcdef",
		"flow.",
		"flow.0123456789abcdef",
		"flow.c0123456789abcdex",
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		char route[200];

		snprintf(route, sizeof(route), "Route: <sip:%s@127.0.0.1;lr>\r\n", broken[i]);
		ask_udp(OF_CALLEE, URI_B, route);
		assert_int_equal(seen.loose, -2);
		assert_sent_to(fake.sent_n - 1, "127.0.0.6:5066");
	}
	ask_udp(OF_CALLEE, URI_B, "Route: <sip:flo@127.0.0.1;lr>\r\n");
	assert_int_equal(seen.loose, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RR_TEST(the_callee_reaches_a_phone_by_its_connection),
		RR_TEST(a_phone_that_has_come_back_is_not_sent_to_itself),
		RR_TEST(only_a_phone_that_asks_for_it_has_a_flow),
		RR_TEST(by_datagrams_the_way_is_socket_and_address),
		RR_TEST(a_token_that_we_have_not_made_is_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
