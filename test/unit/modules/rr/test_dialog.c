/* SPDX-License-Identifier: BSD-2-Clause */
/* rr: which requests are in a dialog that we recorded, and which way they go. */
#include "test/unit/modules/rr/rr_test.h"

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
		RR_TEST(variables_tell_the_sides),
		RR_TEST(nothing_is_true_of_a_response),
		RR_TEST(the_callees_request_is_recorded_with_the_callers_tag),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
