/* SPDX-License-Identifier: BSD-2-Clause */
/* sanity: what is refused, with which answer. */
#include "test/unit/modules/module_test.h"

static int value;
static int64_t checks = -1;

static enum script_result script(struct ctx *ctx)
{
	struct value v = value_int(checks);

	value = fake_call(ctx, serac_module.functions, "sanity_check", checks >= 0 ? 1 : 0, &v);
	return SCRIPT_DONE;
}

#define DIGEST(P) "Authorization: Digest " P "\r\n"

static const struct {
	const char *uri, *more;
	int64_t checks;		/* -1: the default */
	const char *first_line; /* NULL: sound */
} cases[] = {
	{ "sip:x", "", -1, NULL },
	{ "tel:+1234", "", -1, NULL },
	{ "urn:isbn:1", "", -1, "SIP/2.0 416 Unsupported URI Scheme\r\n" },
	{ "nobody:x", "", -1, "SIP/2.0 416 " },
	{ "nobody:x", "", 1, NULL },
	{ "sip:x", "Max-Forwards: 0\r\n", -1, "SIP/2.0 483 Too Many Hops\r\n" },
	{ "sip:x", "Max-Forwards: 256\r\n", -1, "SIP/2.0 400 Bad Max-Forwards" },
	{ "sip:x", "Max-Forwards: 255\r\n", -1, NULL },
	{ "sip:x", "Proxy-Require: a, b\r\nProxy-Require: known, c\r\n", -1,
	  "SIP/2.0 420 Bad Extension\r\n" },
	{ "sip:x", "Proxy-Require: known\r\n", -1, NULL },
	{ "sip:x", "Contact: <sip:a b@c>\r\n", -1, "SIP/2.0 400 Bad Contact" },
	{ "sip:x", "Contact: *\r\n", -1, NULL },
	{ "sip:x", "Contact: <sip:a@c>, <sip:[::g]>\r\n", -1, "SIP/2.0 400 Bad Contact" },
	{ "sip:x", "Contact: <sip:a b@c>\r\n", 4, NULL },
	{ "sip:x", "Expires: x\r\n", -1, NULL },
	{ "sip:x", "Expires: x\r\n", 256, "SIP/2.0 400 Bad Expires" },
	{ "sip:x", "Expires: 60\r\n", 256, NULL },
	{ "sip:x", "Subject: a\r\ns: b\r\n", -1, "SIP/2.0 400 Repeated Subject" },
	{ "sip:x", "Subject: a\r\ns: b\r\n", 4, NULL },
	{ "sip:x", "Supported: a\r\nSupported: b\r\n", -1, NULL },
	{ "sip:x",
	  DIGEST("username=\"a\", realm=\"b\", nonce=\"c\", uri=\"sip:x\", response=\"d\", nc=1"),
	  -1, NULL },
	{ "sip:x", DIGEST("username=\"a\", realm=\"b\", nonce=\"c\", uri=\"sip:x\""), -1,
	  "SIP/2.0 400 Bad Authorization" },
	{ "sip:x",
	  DIGEST("username=\"a\", username=\"z\", realm=\"b\", nonce=\"c\", uri=\"sip:x\", "
		 "response=\"d\""),
	  -1, "SIP/2.0 400 Bad Authorization" },
	{ "sip:x", DIGEST("username=\"a, realm=\"b\", nonce=\"c\", uri=\"sip:x\", response=\"d\""),
	  -1, "SIP/2.0 400 Bad Authorization" },
	{ "sip:x", DIGEST("username=a, realm=\"b\", nonce=\"c\", uri=\"sip:x\", response=\"d\""),
	  -1, "SIP/2.0 400 Bad Authorization" },
	{ "sip:x", "Proxy-Authorization: Digest username=\r\n", -1,
	  "SIP/2.0 400 Bad Proxy-Authorization" },
	{ "sip:x", "Authorization: NoOneKnowsThisScheme opaque-data=here\r\n", -1, NULL },
	{ "sip:x", "Authorization: Digest\r\n", -1, NULL },
};

static void what_is_refused(void **state)
{
	(void)state;
	fake_module(&serac_module);
	for (const struct param_def *p = serac_module.params; p->name; p++) {
		if (!strcmp(p->name, "proxy_require"))
			*(struct str *)(void *)(fake.section + p->offset) = STR("other, known");
	}
	fake.script = script;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		checks = cases[i].checks;
		fake.sent_n = 0;
		fake_receive(0, "127.0.0.5:5062", 0,
			     fake_request("OPTIONS", cases[i].uri, VIA_A, cases[i].more));
		if (value != (cases[i].first_line ? FN_FALSE : FN_TRUE) ||
		    fake.sent_n != !!cases[i].first_line)
			print_error("case %zu: %d\n", i, value);
		assert_int_equal(value, cases[i].first_line ? FN_FALSE : FN_TRUE);
		assert_int_equal(fake.sent_n, cases[i].first_line ? 1 : 0);
		if (cases[i].first_line)
			assert_true(str_starts(fake_out(0), str_z(cases[i].first_line)));
		if (cases[i].first_line && strstr(cases[i].first_line, "420"))
			assert_has(fake_out(0), "\r\nUnsupported: a, b, c\r\n");
	}
}

static void an_ack_is_refused_in_silence(void **state)
{
	(void)state;
	fake_module(&serac_module);
	fake.script = script;
	checks = -1;
	fake_receive(0, "127.0.0.5:5062", 0, fake_request("ACK", "urn:isbn:1", VIA_A, ""));
	assert_int_equal(value, FN_FALSE);
	assert_int_equal(fake.sent_n, 0);
}

static void tags_and_vias(void **state)
{
	static const struct {
		const char *text;
		int64_t checks;
		const char *first_line;
	} raw[] = {
		{ "OPTIONS sip:x SIP/2.0\r\nVia: SIP/3.0/UDP 127.0.0.5;branch=z9hG4bK1\r\nFrom: "
		  "<sip:a@b>;tag=1\r\n"
		  "To: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n\r\n",
		  -1, "SIP/2.0 505 " },
		{ "OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.5;branch=z9hG4bK1\r\nFrom: "
		  "<sip:a@b>;tag=1\r\n"
		  "To: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n\r\n",
		  16, "SIP/2.0 400 Transport Mismatch" },
		{ "OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.5;branch=z9hG4bK1\r\nFrom: "
		  "<nobody>;tag=1\r\n"
		  "To: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n\r\n",
		  -1, "SIP/2.0 400 Bad From" },
	};

	(void)state;
	fake_module(&serac_module);
	fake.script = script;
	for (size_t i = 0; i < sizeof(raw) / sizeof(raw[0]); i++) {
		checks = raw[i].checks;
		fake.sent_n = 0;
		fake_receive(0, "127.0.0.5:5062", 0, str_z(raw[i].text));
		assert_int_equal(fake.sent_n, 1);
		if (!str_starts(fake_out(0), str_z(raw[i].first_line)))
			print_error("case %zu:\n" STRF, i, STRA(fake_out(0)));
		assert_true(str_starts(fake_out(0), str_z(raw[i].first_line)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE_TEST(what_is_refused),
		FAKE_TEST(an_ack_is_refused_in_silence),
		FAKE_TEST(tags_and_vias),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
