/* SPDX-License-Identifier: BSD-2-Clause */
/* rr: what Record-Route looks like toward each target, and what scripts can say of it. */
#include "test/unit/modules/module_test.h"

#include "modules/rr/rr.h"

static struct rr_conf *conf(void)
{
	return (struct rr_conf *)(void *)fake.section;
}

static struct str invite(const char *more_z)
{
	return fake_request("INVITE", "sip:b@127.0.0.6:5066", VIA_A, more_z);
}

/* The Record-Route header fields that were sent, each with its MAC as "*". */
static const char *recorded(struct str out)
{
	static char text[4096];
	struct buf b = BUF_ON(text);
	struct str line;

	out = str_head(out, (size_t)str_find(out, STR("\r\n\r\n")) + 2);
	while (out.n) {
		ssize_t eol = str_find(out, STR("\r\n")), mac;

		line = str_head(out, (size_t)eol);
		out = str_skip(out, (size_t)eol + 2);
		if (!str_starts(line, STR("Record-Route: ")))
			continue;
		line = str_skip(line, sizeof("Record-Route: ") - 1);
		mac = str_find(line, STR(";mac="));
		buf_str_put(&b, b.n ? STR(" ") : STR(""));
		if (mac >= 0) {
			buf_str_put(&b, str_head(line, (size_t)mac + 5));
			buf_char(&b, '*');
			line = str_skip(line, (size_t)mac + 5 + 16);
		}
		buf_str_put(&b, line);
	}
	return buf_z(&b);
}

/* --- the calls of one test --------------------------------------------------------------------------------------------------------------- */
static struct call {
	const char *name, *a, *b;
	int value;
} const *calls;

static void (*settings)(struct ctx *ctx);

static enum script_result script(struct ctx *ctx)
{
	if (settings)
		settings(ctx);
	for (const struct call *c = calls; c->name; c++) {
		int value = c->b   ? TEST_CALL(ctx, c->name, c->a, c->b)
			    : c->a ? TEST_CALL(ctx, c->name, c->a)
				   : TEST_CALL(ctx, c->name);

		if (value != c->value)
			print_error("%s is %d\n", c->name, value);
		assert_int_equal(value, c->value);
	}
	return script_forward(ctx);
}

static struct str run(struct str message, void (*how)(struct ctx *ctx), const struct call *what)
{
	unsigned before = fake.sent_n;

	fake.runs = 0;
	settings = how;
	calls = what;
	test_run(message, script);
	assert_int_equal(fake.sent_n, before + 1);
	return fake_out(before);
}

#define CALLS(...) ((const struct call[]){ __VA_ARGS__, { 0 } })
#define RECORD                                \
	{                                     \
		"record_route", NULL, NULL, 1 \
	}

/* --- one line or two --------------------------------------------------------------------------------------------------------------------- */
static void to_tcp(struct ctx *ctx)
{
	assert_int_equal(ctx_dst_uri_set(ctx, STR("sip:127.0.0.7;transport=tcp")), 0);
}

static void to_other_socket(struct ctx *ctx)
{
	assert_int_equal(ctx_send_socket_set(ctx, STR("udp:127.0.0.9:5070")), 0);
}

static void to_v6(struct ctx *ctx)
{
	assert_int_equal(ctx_dst_uri_set(ctx, STR("sip:[::2]")), 0);
}

static void advertised(struct ctx *ctx)
{
	ctx->adv_host = STR("pub.example.net");
	ctx->adv_port = 7000;
}

static void advertised_to_tcp(struct ctx *ctx)
{
	advertised(ctx);
	to_tcp(ctx);
}

static void never_double(struct ctx *ctx)
{
	to_tcp(ctx);
	conf()->double_rr = RR_SINGLE;
}

static void always_double(struct ctx *ctx)
{
	(void)ctx;
	conf()->double_rr = RR_ALWAYS_DOUBLE;
}

static void names(struct ctx *ctx)
{
	fake_listeners[3].name = STR("edge");
	conf()->sockname = true;
	to_other_socket(ctx);
}

static void plain(struct ctx *ctx)
{
	(void)ctx;
	conf()->fromtag = false;
	conf()->full_lr = true;
}

static void user(struct ctx *ctx)
{
	assert_int_equal(ctx_uri_set(ctx, STR("sip:changed@127.0.0.6")), 0);
	conf()->username = true;
}

static void own_user(struct ctx *ctx)
{
	(void)ctx;
	conf()->username = true;
	conf()->user.def = &test_variable_def;
	test_written = value_str(STR("mo"));
}

static const struct {
	void (*how)(struct ctx *ctx);
	const char *want;
} sides[] = {
	{ NULL, "<sip:127.0.0.1:5060;lr;ftag=f1;mac=*>" },
	{ to_tcp, "<sip:127.0.0.1:5060;transport=tcp;r2=on;lr;ftag=f1;mac=*> "
		  "<sip:127.0.0.1:5060;r2=on;lr;ftag=f1;mac=*>" },
	{ to_other_socket, "<sip:edge.example.net:5070;r2=on;lr;ftag=f1;mac=*> "
			   "<sip:127.0.0.1:5060;r2=on;lr;ftag=f1;mac=*>" },
	{ to_v6, "<sip:[::1]:5060;r2=on;lr;ftag=f1;mac=*> "
		 "<sip:127.0.0.1:5060;r2=on;lr;ftag=f1;mac=*>" },
	{ advertised, "<sip:pub.example.net:7000;lr;ftag=f1;mac=*>" },
	{ advertised_to_tcp, "<sip:pub.example.net:7000;transport=tcp;r2=on;lr;ftag=f1;mac=*> "
			     "<sip:127.0.0.1:5060;r2=on;lr;ftag=f1;mac=*>" },
	{ never_double, "<sip:127.0.0.1:5060;lr;ftag=f1;mac=*>" },
	{ always_double, "<sip:127.0.0.1:5060;r2=on;lr;ftag=f1;mac=*> "
			 "<sip:127.0.0.1:5060;r2=on;lr;ftag=f1;mac=*>" },
	{ names, "<sip:edge.example.net:5070;sn=edge;r2=on;lr;ftag=f1;mac=*> "
		 "<sip:127.0.0.1:5060;r2=on;lr;ftag=f1;mac=*>" },
	{ plain, "<sip:127.0.0.1:5060;lr=on;mac=*>" },
	{ user, "<sip:b@127.0.0.1:5060;lr;ftag=f1;mac=*>" },
	{ own_user, "<sip:mo@127.0.0.1:5060;lr;ftag=f1;mac=*>" },
};

static void the_sockets_of_both_sides_are_recorded(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof(sides) / sizeof(sides[0]); i++) {
		struct str out = run(invite(""), sides[i].how, CALLS(RECORD));

		assert_string_equal(recorded(out), sides[i].want);
		/* ours is before all others */
		assert_true(str_starts(str_skip(out, (size_t)str_find(out, STR("\r\n"))),
				       STR("\r\nRecord-Route: ")));
	}
}

static enum script_result script_both(struct ctx *ctx)
{
	assert_int_equal(TEST_CALL(ctx, "record_route"), 1);
	assert_int_equal(forward_host(ctx, STR("127.0.0.7"), 0, transport_of(TRANSPORT_TCP)), 1);
	return script_forward(ctx);
}

static void each_target_has_its_own(void **state)
{
	(void)state;
	test_run(invite("Record-Route: <sip:127.0.0.66;lr>\r\n"), script_both);
	assert_int_equal(fake.sent_n, 2);
	assert_string_equal(recorded(fake_out(0)),
			    "<sip:127.0.0.1:5060;transport=tcp;r2=on;lr;ftag=f1;mac=*> "
			    "<sip:127.0.0.1:5060;r2=on;lr;ftag=f1;mac=*> <sip:127.0.0.66;lr>");
	assert_string_equal(recorded(fake_out(1)),
			    "<sip:127.0.0.1:5060;lr;ftag=f1;mac=*> <sip:127.0.0.66;lr>");
}

static void what_came_by_tcp_says_so(void **state)
{
	(void)state;
	fake_module(&serac_module);
	settings = NULL;
	calls = CALLS(RECORD);
	fake.script = script;
	fake_receive(1, "127.0.0.5:5062", 9, invite("Contact: <sip:a@127.0.0.5;ob>\r\n"));
	/* the caller is reached by its connection, and the other side's line does not tell */
	assert_true(str_starts(
		str_z(recorded(fake_out(0))),
		STR("<sip:127.0.0.1:5060;r2=on;lr;ftag=f1;mac=*> <sip:flow.c0000000000000009")));
	assert_has(str_z(recorded(fake_out(0))), "@127.0.0.1:5060;transport=tcp;r2=on;lr;ftag=f1");
}

/* --- what the script says ------------------------------------------------------------------------------------------------------------------ */
#define LINE(BEFORE, BEHIND) "<sip:" BEFORE ";lr;ftag=f1;mac=*" BEHIND ">"
#define SINGLE(BEHIND)	     LINE("127.0.0.1:5060", BEHIND)

static const struct {
	struct call calls[5];
	void (*how)(struct ctx *ctx);
	const char *want;
} scripts[] = {
	{ { { "record_route", ";nat=yes", NULL, 1 } }, NULL, SINGLE(";nat=yes") },
	{ { { "add_rr_param", ";x=1", NULL, 1 },
	    { "record_route", ";a", NULL, 1 },
	    { "add_rr_param", ";y=2;z", NULL, 1 } },
	  NULL,
	  SINGLE(";a;x=1;y=2;z") },
	{ { { "add_rr_param", ";x=1", NULL, 1 } }, NULL, "" },
	{ { RECORD,
	    { "remove_record_route", NULL, NULL, 1 },
	    { "remove_record_route", NULL, NULL, -1 } },
	  NULL,
	  "" },
	{ { { "add_rr_param", ";x=1", NULL, 1 },
	    { "add_rr_param", ";y", NULL, 1 },
	    { "remove_record_route", NULL, NULL, 1 },
	    RECORD },
	  NULL,
	  SINGLE("") },
	{ { RECORD, { "remove_record_route", NULL, NULL, 1 }, { "record_route", ";a", NULL, 1 } },
	  NULL,
	  SINGLE(";a") },
	{ { RECORD,
	    { "record_route", NULL, NULL, -1 },
	    { "record_route_preset", "127.0.0.1", NULL, -1 } },
	  NULL,
	  SINGLE("") },
	/* what is no parameter */
	{ { { "record_route", "a=b", NULL, -1 },
	    { "record_route", ";a=>", NULL, -1 },
	    { "add_rr_param", ";a=b c", NULL, -1 },
	    { "add_rr_param", "", NULL, -1 } },
	  NULL,
	  "" },
	{ { { "record_route_preset", "192.0.2.1:5090;x", NULL, 1 },
	    { "add_rr_param", ";y", NULL, 1 } },
	  NULL,
	  LINE("192.0.2.1:5090;x", ";y") },
	{ { { "record_route_preset", "192.0.2.1;r2=on", "10.0.0.1;r2=on;lr", 1 } },
	  NULL,
	  LINE("192.0.2.1;r2=on", "") " <sip:10.0.0.1;r2=on;lr;ftag=f1;mac=*>" },
	{ { { "record_route_preset", "192.0.2.1>", NULL, -1 },
	    { "record_route_preset", "", NULL, -1 } },
	  NULL,
	  "" },
	{ { { "record_route_preset", "192.0.2.1", "10.0.0.1", -1 } }, never_double, "" },
	{ { { "record_route_advertised_address", "pub.example.net:5080", NULL, 1 } },
	  NULL,
	  LINE("pub.example.net:5080", "") },
	{ { { "record_route_advertised_address", "pub.example.net:5080", NULL, 1 } },
	  to_tcp,
	  LINE("pub.example.net:5080;transport=tcp;r2=on",
	       "") " " LINE("pub.example.net:5080;r2=on", "") },
	{ { { "record_route_advertised_address", "", NULL, -1 } }, NULL, "" },
};

static void scripts_say_what_else_is_in_it(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++)
		assert_string_equal(recorded(run(invite(""), scripts[i].how, scripts[i].calls)),
				    scripts[i].want);
}

static void parameters_end_somewhere(struct ctx *ctx)
{
	int i, value = 1;

	for (i = 0; i < 100 && value == 1; i++)
		value = TEST_CALL(ctx, "add_rr_param", ";a123456789012345678901234567890123456789");
	assert_int_equal(value, -1);
	assert_true(i > 10);
}

static void a_record_has_an_end(void **state)
{
	(void)state;
	run(invite(""), parameters_end_somewhere, CALLS(RECORD));
	assert_has(fake_out(0), ";a12345678901234567890123456789");
}

/* --- its edges --------------------------------------------------------------------------------------------------------------------------- */
/* Where the request of a case is sent, $du or null. */
static struct str sent_to;

static void as_said(struct ctx *ctx)
{
	assert_int_equal(ctx_dst_uri_set(ctx, sent_to), 0);
}

static void advertise(const struct ctx *ctx, const struct target *t, struct str *host_r,
		      uint16_t *port_r)
{
	(void)ctx;
	if (t->from->addr.sa.sa_family != AF_INET6)
		return;
	*host_r = STR("edge.example.com");
	*port_r = 443;
}

static void advertise_back(const struct ctx *ctx, struct str *host_r, uint16_t *port_r)
{
	if (ctx->from.listener->addr.sa.sa_family == AF_INET6)
		*host_r = STR("inner.example.com");
	(void)port_r;
}

static bool choose(struct ctx *ctx, struct secure_choice *c)
{
	(void)ctx;
	(void)c;
	return true;
}

static const struct secure_hooks hooks = {
	.choose = choose,
	.advertise = advertise,
	.advertise_back = advertise_back,
};

#define R(uri) "<" uri ";lr;ftag=f1;mac=*>"
static const struct {
	unsigned listener; /* 0: UDP, 4: TLS */
	const char *uri, *routes;
	struct str to;
	int64_t double_rr;
	bool ignore_sips;
	const char *want;
} secure[] = {
	{ 0,
	  "sip:b@127.0.0.6;transport=tls",
	  "",
	  { 0 },
	  1,
	  false,
	  R("sip:127.0.0.1:5061;transport=tls;r2=on") " " R("sip:127.0.0.1:5060;r2=on") },
	{ 4,
	  "sip:b@127.0.0.6",
	  "",
	  { 0 },
	  1,
	  false,
	  R("sip:127.0.0.1:5060;r2=on") " " R("sip:127.0.0.1:5061;transport=tls;r2=on") },
	{ 4,
	  "sip:b@127.0.0.6;transport=tls",
	  "",
	  { 0 },
	  1,
	  false,
	  R("sip:127.0.0.1:5061;transport=tls") },
	/* never a transport behind sips; and sips only where it is true */
	{ 4, "sips:b@127.0.0.6", "", { 0 }, 1, false, R("sips:127.0.0.1:5061") },
	{ 0,
	  "sips:b@127.0.0.6",
	  "",
	  { 0 },
	  1,
	  false,
	  R("sips:127.0.0.1:5061;r2=on") " " R("sip:127.0.0.1:5060;r2=on") },
	{ 0, "sips:b@127.0.0.6", "", { 0 }, 0, false, R("sips:127.0.0.1:5061") },
	{ 0, "sips:b@127.0.0.6", "", STR_INIT("sip:127.0.0.7"), 1, false,
	  R("sips:127.0.0.1:5061;r2=on") " " R("sip:127.0.0.1:5060;r2=on") },
	/* the first Route says it, too */
	{ 4,
	  "sip:b@127.0.0.6",
	  "Route: <sips:127.0.0.7;lr>\r\n",
	  { 0 },
	  1,
	  false,
	  R("sips:127.0.0.1:5061") },
	{ 4, "sips:b@127.0.0.6", "", { 0 }, 1, true, R("sip:127.0.0.1:5061;transport=tls") },
	/* what a TLS domain advertises */
	{ 0,
	  "sips:b@[::6]",
	  "",
	  { 0 },
	  1,
	  false,
	  R("sips:edge.example.com:443;r2=on") " " R("sip:127.0.0.1:5060;r2=on") },
	{ 5,
	  "sip:b@127.0.0.6",
	  "",
	  { 0 },
	  1,
	  false,
	  R("sip:127.0.0.1:5060;r2=on") " " R("sip:inner.example.com:5061;transport=tls;r2=on") },
	{ 5,
	  "sips:b@[::6]",
	  "",
	  { 0 },
	  1,
	  false,
	  R("sips:edge.example.com:443;r2=on") " " R("sips:inner.example.com:5061;r2=on") },
};

static void each_side_says_whether_it_is_tls(void **state)
{
	static const struct call record[] = { RECORD, { 0 } };

	(void)state;
	fake_module(&serac_module);
	fake_tls();
	fake.w.msg->secure = &hooks;
	settings = as_said;
	calls = record;
	fake.script = script;
	for (unsigned i = 0; i < sizeof(secure) / sizeof(secure[0]); i++) {
		bool tls = secure[i].listener > 0;

		sent_to = secure[i].to;
		conf()->double_rr = secure[i].double_rr;
		conf()->ignore_sips = secure[i].ignore_sips;
		fake_receive(secure[i].listener, "127.0.0.5:5062", tls ? FAKE_CONN : 0,
			     fake_request("INVITE", secure[i].uri,
					  tls ? "SIP/2.0/TLS 127.0.0.5;branch=z9hG4bKx" : VIA_A,
					  secure[i].routes));
		assert_int_equal(fake.last, FN_TRUE);
		assert_string_equal(recorded(fake_out(fake.sent_n - 1)), secure[i].want);
	}
}

static void an_odd_tag_is_escaped(void **state)
{
	static const char in[] = "INVITE sip:b@127.0.0.6:5066 SIP/2.0\r\nVia: " VIA_A
				 "\r\nFrom: <sip:a@b>;tag=a%41`b\r\nTo: <sip:b@b>\r\n"
				 "Call-ID: x\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n";

	(void)state;
	assert_string_equal(recorded(run(str_of(in, sizeof(in) - 1), NULL, CALLS(RECORD))),
			    "<sip:127.0.0.1:5060;lr;ftag=a%2541%60b;mac=*>");
}

static void applied(struct ctx *ctx)
{
	assert_int_equal(TEST_CALL(ctx, "record_route"), 1);
	assert_int_equal(header_add(ctx, STR("X-A: 1"), STR_NULL, true), 0);
	assert_int_equal(message_apply(ctx), 0);
	assert_int_equal(ctx->texts, 1);
}

static void it_outlives_a_change_of_the_text(void **state)
{
	(void)state;
	assert_string_equal(recorded(run(invite(""), applied,
					 CALLS({ "record_route", NULL, NULL, -1 },
					       { "add_rr_param", ";x", NULL, 1 }))),
			    SINGLE(";x"));
}

#ifdef SERAC_FAULT
static enum script_result script_unasked(struct ctx *ctx)
{
	TEST_CALL(ctx, "add_rr_param", ";x");
	TEST_CALL(ctx, "record_route", ";y");
	TEST_CALL(ctx, "add_rr_param", ";z");
	return script_forward(ctx);
}
#endif

static void every_allocation_may_fail(void **state)
{
	(void)state;
#ifdef SERAC_FAULT
	fake_module(&serac_module);
	for (unsigned i = 1; i < 60; i++) {
		unsigned before = fake.sent_n;

		fault_alloc_fail(i);
		fake.script = script_unasked;
		fake_receive(0, "127.0.0.5:5062", 0, invite(""));
		fault_alloc_fail(0);
		for (unsigned k = before; k < fake.sent_n; k++)
			assert_true(str_find(fake_out(k), STR("\r\n\r\n")) > 0);
	}
#else
	skip();
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE_TEST(the_sockets_of_both_sides_are_recorded),
		FAKE_TEST(each_target_has_its_own),
		FAKE_TEST(what_came_by_tcp_says_so),
		FAKE_TEST(scripts_say_what_else_is_in_it),
		FAKE_TEST(a_record_has_an_end),
		FAKE_TEST(each_side_says_whether_it_is_tls),
		FAKE_TEST(an_odd_tag_is_escaped),
		FAKE_TEST(it_outlives_a_change_of_the_text),
		FAKE_TEST(every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
