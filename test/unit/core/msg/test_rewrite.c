/* SPDX-License-Identifier: BSD-2-Clause */
/* The core's script functions on the Request-URI, flags and sockets, called as a script calls them. */
#include "fake.h"

#include "core/msg/funcs.h"

static const struct func_def *func(const char *name_z, unsigned argc)
{
	return fake_func(msg_functions, name_z, argc);
}

static int call(struct ctx *ctx, const char *name_z, unsigned argc, const struct value *argv)
{
	return fake_call(ctx, msg_functions, name_z, argc, argv);
}

static int call_str(struct ctx *ctx, const char *name_z, const char *arg_z)
{
	struct value v = value_str(str_z(arg_z));

	return call(ctx, name_z, 1, &v);
}

static int call_int(struct ctx *ctx, const char *name_z, int64_t i)
{
	struct value v = value_int(i);

	return call(ctx, name_z, 1, &v);
}

static const struct {
	const char *uri, *func, *arg;
	const char *want; /* NULL: -1, and the URI stays */
} rewrites[] = {
	{ "sip:a@b", "rewriteuri", "sip:c@d;x", "sip:c@d;x" },
	{ "sip:a@b", "seturi", "no uri", NULL },
	{ "sip:a:pw@b:7;p=1?h=2", "sethost", "c", "sip:a:pw@c:7;p=1?h=2" },
	{ "sip:a@b", "sethost", "::1", "sip:a@[::1]" },
	{ "sip:a@b", "sethost", "[::1]", "sip:a@[::1]" },
	{ "sip:a@b", "sethost", "c:5070", NULL },
	{ "sip:a@b", "sethost", "", NULL },
	{ "sip:b", "rewritehost", "c", "sip:c" },
	{ "sip:a@b:7", "sethostport", "c", "sip:a@c" },
	{ "sip:a@b", "rewritehostport", "c:9", "sip:a@c:9" },
	{ "sip:a@b", "sethp", "[::1]:9", "sip:a@[::1]:9" },
	{ "sip:a@b", "sethp", "c:0", NULL },
	{ "sip:a@b", "sethp", "c:99999", NULL },
	{ "sip:a@b;transport=udp;lr", "sethostporttrans", "c:9;transport=tcp",
	  "sip:a@c:9;lr;transport=tcp" },
	{ "sip:a@b", "sethpt", "c", "sip:a@c" },
	{ "sip:a@b", "setuser", "c", "sip:c@b" },
	{ "sip:a:pw@b", "setuser", "c", "sip:c:pw@b" },
	{ "sip:b", "rewriteuser", "c", "sip:c@b" },
	{ "sip:a:pw@b", "setuser", "", "sip:b" },
	{ "sip:a@b", "setuser", "c@d", NULL },
	{ "sip:a@b", "setuser", "c d", NULL },
	{ "sip:a@b", "setuserpass", "c:d", "sip:c:d@b" },
	{ "sip:a:x@b", "rewriteuserpass", "c", "sip:c@b" },
	{ "sip:a@b:7", "setport", "8", "sip:a@b:8" },
	{ "sip:a@b", "setp", "0", NULL },
	{ "sip:a@b", "setport", "65536", NULL },
	{ "sip:a@b", "setport", "x", NULL },
	{ "sip:123@b", "prefix", "00", "sip:00123@b" },
	{ "sip:b", "prefix", "00", "sip:00@b" },
	{ "sip:123@b", "prefix", "a@", NULL },
	{ "sip:123@b", "strip", "2", "sip:3@b" },
	{ "sip:123:p@b", "strip", "3", "sip:b" },
	{ "sip:123@b", "strip", "9", "sip:b" },
	{ "sip:123@b", "strip", "-1", NULL },
	{ "sip:123@b", "strip_tail", "1", "sip:12@b" },
	{ "sip:123@b", "strip_tail", "9", "sip:b" },
	{ "tel:+123;x=y", "prefix", "9", NULL },
	{ "tel:123;phone-context=b.example", "prefix", "9", "tel:9123;phone-context=b.example" },
	{ "tel:+123", "sethost", "gw.example", "sip:+123@gw.example;user=phone" },
	{ "urn:isbn:1", "setuser", "c", NULL },
};

static size_t at;

static enum script_result script_rewrite(struct ctx *ctx)
{
	const char *want = rewrites[at].want ? rewrites[at].want : rewrites[at].uri;
	int r = call_str(ctx, rewrites[at].func, rewrites[at].arg);

	if (r != (rewrites[at].want ? FN_TRUE : FN_FALSE) ||
	    !str_eq(ctx_uri_text(ctx), str_z(want)))
		print_error("case %zu %s(\"%s\") on %s: %d " STRF "\n", at, rewrites[at].func,
			    rewrites[at].arg, rewrites[at].uri, r, STRA(ctx_uri_text(ctx)));
	assert_int_equal(r, rewrites[at].want ? FN_TRUE : FN_FALSE);
	assert_text(ctx_uri_text(ctx), str_z(want));
	assert_non_null(ctx_uri(ctx));
	assert_int_equal(call(ctx, "revert_uri", 0, NULL), FN_TRUE);
	assert_text(ctx_uri_text(ctx), str_z(rewrites[at].uri));
	return SCRIPT_DONE;
}

static void the_request_uri_is_rewritten(void **state)
{
	(void)state;
	fake.script = script_rewrite;
	for (at = 0; at < sizeof(rewrites) / sizeof(rewrites[0]); at++) {
		/* header fields in a Request-URI do not come that far */
		bool has_headers = strchr(rewrites[at].uri, '?') != NULL;

		fake_receive(0, "127.0.0.5:5062", 0,
			     fake_request("OPTIONS", rewrites[at].uri, VIA_A, ""));
		assert_int_equal(fake.runs, has_headers ? 0 : 1);
		fake.runs = 0;
	}
}

static enum script_result script_flags(struct ctx *ctx)
{
	assert_int_equal(call_int(ctx, "isflagset", 5), FN_FALSE);
	assert_int_equal(call_int(ctx, "setflag", 5), FN_TRUE);
	assert_int_equal(call_int(ctx, "setflag", 31), FN_TRUE);
	assert_int_equal(call_int(ctx, "isflagset", 5), FN_TRUE);
	assert_int_equal(call_int(ctx, "isflagset", 31), FN_TRUE);
	assert_int_equal(call_int(ctx, "resetflag", 5), FN_TRUE);
	assert_int_equal(call_int(ctx, "isflagset", 5), FN_FALSE);
	assert_int_equal(call_int(ctx, "setflag", 32), FN_FALSE);
	assert_int_equal(call_int(ctx, "setflag", -1), FN_FALSE);
	assert_int_equal(ctx->flags, 1u << 31);
	return SCRIPT_DONE;
}

static void flags_are_set_and_cleared(void **state)
{
	(void)state;
	fake.script = script_flags;
	fake_receive(0, "127.0.0.5:5062", 0, fake_request("OPTIONS", URI_B, VIA_A, ""));
	assert_int_equal(fake.runs, 1);
}

static enum script_result script_sockets(struct ctx *ctx)
{
	assert_int_equal(call_str(ctx, "force_send_socket", "udp:127.0.0.9:5070"), FN_TRUE);
	assert_ptr_equal(ctx->send_socket, &fake_listeners[3]);
	assert_int_equal(call_str(ctx, "force_send_socket", "127.0.0.1"), FN_TRUE);
	assert_ptr_equal(ctx->send_socket, &fake_listeners[0]);
	assert_int_equal(call_str(ctx, "force_send_socket", "tcp:127.0.0.1"), FN_TRUE);
	assert_ptr_equal(ctx->send_socket, &fake_listeners[1]);
	assert_int_equal(call_str(ctx, "force_send_socket", "udp:[::1]:5060"), FN_TRUE);
	assert_ptr_equal(ctx->send_socket, &fake_listeners[2]);
	assert_int_equal(call_str(ctx, "force_send_socket", "udp:127.0.0.1:5061"), FN_FALSE);
	assert_int_equal(call_str(ctx, "force_send_socket", "nonsense"), FN_FALSE);
	assert_int_equal(call_str(ctx, "force_send_socket", ""), FN_FALSE);
	assert_ptr_equal(ctx->send_socket, &fake_listeners[2]);
	assert_int_equal(call_str(ctx, "set_advertised_address", "::1"), FN_TRUE);
	assert_text(ctx->adv_host, STR("[::1]"));
	assert_int_equal(call_str(ctx, "set_advertised_address", "a b"), FN_FALSE);
	assert_int_equal(call_str(ctx, "set_advertised_address", "edge.example"), FN_TRUE);
	assert_text(ctx->adv_host, STR("edge.example"));
	assert_int_equal(call_int(ctx, "set_advertised_port", 5080), FN_TRUE);
	assert_int_equal(call_int(ctx, "set_advertised_port", 0), FN_FALSE);
	assert_int_equal(ctx->adv_port, 5080);
	return SCRIPT_DONE;
}

static void sockets_and_advertised_addresses(void **state)
{
	(void)state;
	fake.script = script_sockets;
	fake_receive(0, "127.0.0.5:5062", 0, fake_request("OPTIONS", URI_B, VIA_A, ""));
	assert_int_equal(fake.runs, 1);
}

static enum script_result script_forwards(struct ctx *ctx)
{
	struct value argv[2] = { value_str(STR("127.0.0.70")), value_int(7070) };

	assert_int_equal(call(ctx, "forward", 2, argv), FN_TRUE);
	assert_int_equal(call(ctx, "forward_tcp", 1, argv), FN_TRUE);
	argv[0] = value_str(STR("sip:x@127.0.0.71:71;transport=tcp"));
	assert_int_equal(call(ctx, "forward", 1, argv), FN_TRUE);
	assert_int_equal(call(ctx, "forward_udp", 1, argv), FN_TRUE);
	argv[0] = value_str(STR("::1"));
	assert_int_equal(call(ctx, "forward_udp", 2, argv), FN_TRUE);
	assert_int_equal(call(ctx, "forward", 0, NULL), FN_TRUE);
	argv[1] = value_int(70000);
	assert_int_equal(call(ctx, "forward", 2, argv), FN_FALSE);
	argv[0] = value_null();
	assert_int_equal(call(ctx, "forward", 1, argv), FN_FALSE);
	return SCRIPT_DONE;
}

static void forward_takes_hosts_and_uris(void **state)
{
	static const struct {
		const char *to;
		enum transport_id transport;
	} want[] = {
		{ "127.0.0.70:7070", TRANSPORT_UDP }, { "127.0.0.70:5060", TRANSPORT_TCP },
		{ "127.0.0.71:71", TRANSPORT_TCP },   { "127.0.0.71:71", TRANSPORT_UDP },
		{ "[::1]:7070", TRANSPORT_UDP },      { "127.0.0.6:5066", TRANSPORT_UDP },
	};

	(void)state;
	fake.script = script_forwards;
	fake_receive(0, "127.0.0.5:5062", 0, fake_request("OPTIONS", URI_B, VIA_A, ""));
	assert_int_equal(fake.sent_n, 6);
	for (unsigned i = 0; i < 6; i++) {
		assert_sent_to(i, want[i].to);
		assert_int_equal(fake.sent[i].to.transport->id, want[i].transport);
	}
}

static void constants_are_checked_when_the_script_is(void **state)
{
	struct value argv[2] = { value_str(STR("h")), value_int(70000) };
	struct value flag = value_int(32);

	(void)state;
	assert_non_null(func("forward", 2)->check(argv, 2));
	argv[1] = value_int(5060);
	assert_null(func("forward", 2)->check(argv, 2));
	assert_non_null(func("setflag", 1)->check(&flag, 1));
	flag = value_null();
	assert_null(func("setflag", 1)->check(&flag, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE_TEST(the_request_uri_is_rewritten),
		FAKE_TEST(flags_are_set_and_cleared),
		FAKE_TEST(sockets_and_advertised_addresses),
		FAKE_TEST(forward_takes_hosts_and_uris),
		cmocka_unit_test(constants_are_checked_when_the_script_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
