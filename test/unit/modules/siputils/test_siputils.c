/* SPDX-License-Identifier: BSD-2-Clause */
/* siputils: questions, URIs, hidden Contacts. */
#include "test/unit/modules/module_test.h"

#include "modules/siputils/siputils.h"

#include <time.h>

#define REST                                                                                 \
	"From: <sip:a@b>;tag=1\r\nTo: <sip:b@b>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\n"        \
	"Supported: path, 100rel\r\nDate: Sat, 13 Nov 2010 23:29:00 GMT\r\n"                 \
	"Authorization: Digest realm=\"a,b\", username=\"john\", uri=\"sip:x\"\r\n"          \
	"Contact: <sip:joe:pw@10.0.0.1:5070;transport=tcp;x=y>;q=0.5, sip:al@10.0.0.2;r\r\n" \
	"Content-Length: 0\r\n\r\n"

static struct str request(const char *uri_z)
{
	static char text[4096];
	int n = snprintf(text, sizeof(text), "OPTIONS %s SIP/2.0\r\nVia: " VIA_A "\r\n" REST,
			 uri_z);

	return str_of(text, (size_t)n);
}

static struct str run(const char *uri_z, enum script_result (*script)(struct ctx *ctx))
{
	return test_run(request(uri_z), script);
}

static const struct {
	const char *name, *a, *b;
	int result;
} questions[] = {
	{ "is_request", NULL, NULL, 1 },
	{ "is_reply", NULL, NULL, -1 },
	{ "is_sip", NULL, NULL, 1 },
	{ "is_http", NULL, NULL, -1 },
	{ "has_totag", NULL, NULL, -1 },
	{ "is_first_hop", NULL, NULL, 1 },
	{ "is_supported", "PATH", NULL, 1 },
	{ "is_supported", "gruu", NULL, -1 },
	{ "is_user", "john", NULL, 1 },
	{ "is_user", "jon", NULL, -1 },
	{ "is_user", "", NULL, -1 },
	{ "hdr_date_check", "10", NULL, -4 },
	{ "hdr_date_check", "9000000000", NULL, 1 },
	{ "sip_parse_headers", NULL, NULL, 1 },
	{ "is_e164", "+123456789012345", NULL, 1 },
	{ "is_e164", "+1234567890123456", NULL, -1 },
	{ "is_e164", "+1", NULL, -1 },
	{ "is_e164", "12345", NULL, -1 },
	{ "is_uri_user_e164", "sip:+12@x", NULL, 1 },
	{ "is_uri_user_e164", "sip:x", NULL, -1 },
	{ "is_uri", "sip:x", NULL, 1 },
	{ "is_uri", "x", NULL, -1 },
	{ "is_uri", "", NULL, -1 },
	{ "is_tel_number", "0123", NULL, 1 },
	{ "is_tel_number", "+0123", NULL, -1 },
	{ "is_tel_number", "+", NULL, -1 },
	{ "is_numeric", "0123", NULL, 1 },
	{ "is_numeric", "1a", NULL, -1 },
	{ "is_alphanum", "aZ9", NULL, 1 },
	{ "is_alphanum", "a-", NULL, -1 },
	{ "is_alphanumex", "a-b.", "-.", 1 },
	{ "cmp_uri", "sip:a@B;x=1;transport=udp", "sip:a@b;transport=UDP;X=1", 1 },
	{ "cmp_uri", "sip:a@b", "sip:A@b", -1 },
	{ "cmp_aor", "sip:a@b:5060;x=1", "sip:a@B;y", 1 },
	{ "cmp_aor", "sip:a@b", "sip:A@b", -1 },
	{ "cmp_hdr_name", "From", "f", 1 },
	{ "cmp_hdr_name", "X-A", "x-a", 1 },
	{ "cmp_hdr_name", "X-A", "X-B", -1 },
	{ "is_gruu", "sip:a@b;gr=urn:x", NULL, 1 },
	{ "is_gruu", "sip:a@b;gr", NULL, 2 },
	{ "is_gruu", "sip:a@b", NULL, -1 },
	{ "is_gruu", NULL, NULL, -1 },
	{ "uri_param", "flag", NULL, 1 },
	{ "uri_param", "key", NULL, -1 },
	{ "uri_param", "key", "Value", 1 },
	{ "uri_param", "key", "other", -1 },
	{ "uri_param_any", "key", NULL, 1 },
	{ "uri_param_any", "no", NULL, -1 },
	{ "contact_param_check", "x", NULL, 1 },
	{ "contact_param_check", "r", NULL, -1 },
};

static enum script_result script_questions(struct ctx *ctx)
{
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
		const char *args[] = { questions[i].a, questions[i].b };
		int r = test_call_n(ctx, questions[i].name, args[1] ? 2 : args[0] ? 1 : 0, args);

		if (r != questions[i].result)
			fail_msg("%s(%s, %s) is %d", questions[i].name, args[0], args[1], r);
	}
	return SCRIPT_DONE;
}

static void questions_are_answered(void **state)
{
	(void)state;
	run("sip:b@127.0.0.6;flag;key=value", script_questions);
}

static struct str changed(struct ctx *ctx, const char *name, const char *was, const char *arg)
{
	test_written = value_str(str_z(was));
	return TEST_CALL(ctx, name, "", arg) == FN_TRUE ? test_written.s : STR("-1");
}

static enum script_result script_uris(struct ctx *ctx)
{
	assert_int_equal(TEST_CALL(ctx, "get_uri_param", "key", ""), FN_TRUE);
	assert_text(test_written.s, STR("value"));
	assert_int_equal(TEST_CALL(ctx, "get_uri_param", "none", ""), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "add_uri_param", "new=1"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "uri_param_rm", "key"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "uri_param_rm", "key"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "add_uri_param", "a b"), FN_FALSE);
	assert_text(ctx_uri_text(ctx), STR("sip:b@127.0.0.6;flag;new=1"));

	assert_text(changed(ctx, "set_uri_user", "sip:a:p@b;x", "new"), STR("sip:new:p@b;x"));
	assert_text(changed(ctx, "set_uri_user", "sip:b:5060", "new"), STR("sip:new@b:5060"));
	assert_text(changed(ctx, "set_uri_user", "sip:a:p@b", ""), STR("sip:b"));
	assert_text(changed(ctx, "set_uri_user", "sip:a@b", "x y"), STR("-1"));
	assert_text(changed(ctx, "set_uri_user", "nothing", "x"), STR("-1"));
	assert_text(changed(ctx, "set_uri_host", "sip:a@b:1;x", "c.d"), STR("sip:a@c.d:1;x"));
	assert_text(changed(ctx, "set_uri_host", "sip:a@b", "c d"), STR("-1"));

	assert_int_equal(TEST_CALL(ctx, "tel2sip", "tel:+(1)2-34.5;isub=1-2", "h.x", ""), FN_TRUE);
	assert_text(test_written.s, STR("sip:+12345;isub=1-2@h.x;user=phone"));
	assert_int_equal(TEST_CALL(ctx, "tel2sip", "sip:a@b", "h.x", ""), 2);
	assert_int_equal(TEST_CALL(ctx, "tel2sip2", "tel:*67#", "h.x", ""), FN_TRUE);
	assert_text(test_written.s, STR("sip:*67%23@h.x;user=phone"));
	assert_int_equal(TEST_CALL(ctx, "tel2sip", "tel:1", "h x", ""), FN_FALSE);
	return SCRIPT_DONE;
}

static void uris_are_changed(void **state)
{
	(void)state;
	run("sip:b@127.0.0.6;flag;key=value", script_uris);
}

static enum script_result script_hides(struct ctx *ctx)
{
	assert_int_equal(TEST_CALL(ctx, "encode_contact", "pre", "1.2.3.4:5060"), FN_TRUE);
	assert_int_equal(message_apply(ctx), 0);
	return script_forward(ctx);
}

static enum script_result script_shows(struct ctx *ctx)
{
	assert_int_equal(TEST_CALL(ctx, "encode_contact", "pre", "1.2.3.4"), FN_TRUE);
	assert_int_equal(message_apply(ctx), 0);
	assert_int_equal(TEST_CALL(ctx, "decode_contact_header"), FN_TRUE);
	assert_int_equal(message_apply(ctx), 0);
	assert_int_equal(TEST_CALL(ctx, "decode_contact_header"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "decode_contact"), FN_TRUE);
	assert_text(ctx_uri_text(ctx), STR("sip:joe:pw@127.0.0.6:5070;transport=tcp;x"));
	assert_int_equal(TEST_CALL(ctx, "decode_contact"), FN_FALSE);
	ctx_uri_revert(ctx);
	return script_forward(ctx);
}

static void contacts_are_hidden_in_the_user(void **state)
{
	(void)state;
	assert_has(run(URI_B, script_hides),
		   "Contact: <sip:pre*joe*pw*10.0.0.1*5070*tcp@1.2.3.4:5060;x=y>;q=0.5, "
		   "<sip:pre*al**10.0.0.2**@1.2.3.4:5060>;r\r\n");
	fake.runs = fake.sent_n = 0;
	assert_has(run("sip:pre*joe*pw*127.0.0.6*5070*tcp@127.0.0.8;x", script_shows),
		   "Contact: <sip:joe:pw@10.0.0.1:5070;transport=tcp;x=y>;q=0.5, "
		   "<sip:al@10.0.0.2>;r\r\n");
}

static enum script_result script_param(struct ctx *ctx)
{
	assert_int_equal(TEST_CALL(ctx, "contact_param_encode", "c", "sip:1.2.3.4"), FN_TRUE);
	assert_int_equal(message_apply(ctx), 0);
	assert_text(ctx->msg->first[HDR_CONTACT]->body,
		    STR("<sip:1.2.3.4;c=c2lwOmpvZTpwd0AxMC4wLjAuMTo1MDcwO3RyYW5zcG9ydD10Y3A7eD15>"
			";q=0.5, <sip:1.2.3.4;c=c2lwOmFsQDEwLjAuMC4y>;r"));
	assert_int_equal(TEST_CALL(ctx, "contact_param_decode", "c"), FN_TRUE);
	assert_int_equal(message_apply(ctx), 0);
	assert_int_equal(TEST_CALL(ctx, "contact_param_rm", "x"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "contact_param_decode_uri", "c"), FN_TRUE);
	assert_text(ctx_uri_text(ctx), STR("sip:al@10.0.0.2"));
	assert_int_equal(ctx_uri_set(ctx, STR("sip:1.2.3.4;c=!!")), 0);
	assert_int_equal(TEST_CALL(ctx, "contact_param_decode_uri", "c"), FN_FALSE);
	/* no URI, a line end in it */
	assert_int_equal(ctx_uri_set(ctx, STR("sip:1.2.3.4;c=c2lwOmENCkB4")), 0);
	assert_int_equal(TEST_CALL(ctx, "contact_param_decode_uri", "c"), FN_FALSE);
	ctx_uri_revert(ctx);
	return script_forward(ctx);
}

static enum script_result script_stranger(struct ctx *ctx)
{
	/* "sip:a\r\n@x" */
	assert_int_equal(
		header_add(ctx, STR("m: <sip:1.2.3.4;c=c2lwOmENCkB4>"), STR("Contact"), true), 0);
	assert_int_equal(message_apply(ctx), 0);
	assert_int_equal(TEST_CALL(ctx, "contact_param_decode", "c"), FN_FALSE);
	return script_forward(ctx);
}

static void what_a_stranger_hid_is_no_line_end(void **state)
{
	(void)state;
	assert_has(run(URI_B, script_stranger), "m: <sip:1.2.3.4;c=c2lwOmENCkB4>\r\n");
}

static void contacts_are_hidden_in_a_parameter(void **state)
{
	(void)state;
	assert_has(
		run("sip:127.0.0.6;c=c2lwOmFsQDEwLjAuMC4y", script_param),
		"Contact: <sip:joe:pw@10.0.0.1:5070;transport=tcp>;q=0.5, <sip:al@10.0.0.2>;r\r\n");
}

static enum script_result script_many(struct ctx *ctx)
{
	assert_int_equal(TEST_CALL(ctx, "encode_contact", "pre", "1.2.3.4"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "contact_param_encode", "c", "sip:1.2.3.4"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "contact_param_rm", "c"), FN_FALSE);
	assert_null(ctx->edits.first);
	return SCRIPT_DONE;
}

static void contacts_without_end_are_left_alone(void **state)
{
	static char text[60000];
	struct buf b = BUF_ON(text);

	(void)state;
	fake_module(&serac_module);
	fake.script = script_many;
	buf_lit(&b, "OPTIONS " URI_B " SIP/2.0\r\nVia: " VIA_A "\r\nContact: <sip:a@b>");
	while (b.n < 59000)
		buf_lit(&b, ",sip:a@b");
	buf_lit(&b, "\r\n" REST);
	assert_true(buf_ok(&b));
	fake_receive(0, "127.0.0.5:5062", 0, buf_str(&b));
	assert_int_equal(fake.runs, 1);
}

static enum script_result script_vector(struct ctx *ctx)
{
	assert_int_equal(test_attr(ctx, "pcv", "status").i, 0);
	assert_int_equal(TEST_CALL(ctx, "sip_p_charging_vector", "g"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "sip_p_charging_vector", "g"), FN_TRUE);
	assert_int_equal(test_attr(ctx, "pcv", "status").i, 2);
	assert_int_equal(test_attr(ctx, "pcv", "value").s.n, 32);
	assert_text(test_attr(ctx, "pcv", "genaddr").s, STR("127.0.0.1"));
	assert_int_equal(test_attr(ctx, "pcv", "orig").type, VALUE_NULL);
	return script_forward(ctx);
}

static void a_charging_vector_is_made_once(void **state)
{
	struct str out;
	ssize_t at;

	(void)state;
	out = run(URI_B, script_vector);
	at = str_find(out, STR("P-Charging-Vector: icid-value="));
	assert_true(at > 0);
	assert_int_equal(str_find(str_skip(out, (size_t)at + 5), STR("P-Charging-Vector")), -1);
}

static enum script_result script_rpid(struct ctx *ctx)
{
	struct siputils_conf *c = (void *)fake.section;

	assert_int_equal(TEST_CALL(ctx, "append_rpid_hf"), FN_FALSE);
	c->rpid = test_variable_use;
	test_written = value_null();
	assert_int_equal(TEST_CALL(ctx, "append_rpid_hf"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "is_rpid_user_e164"), FN_FALSE);
	test_written = value_int(4930);
	assert_int_equal(TEST_CALL(ctx, "append_rpid_hf"), FN_FALSE);
	test_written = value_str(STR("<sip:+49@x>\r\nX: y"));
	assert_int_equal(TEST_CALL(ctx, "append_rpid_hf"), FN_FALSE);
	test_written = value_str(STR("<sip:joe@x"));
	assert_int_equal(TEST_CALL(ctx, "is_rpid_user_e164"), FN_FALSE);
	test_written = value_str(STR("sip:joe@x"));
	assert_int_equal(TEST_CALL(ctx, "is_rpid_user_e164"), FN_FALSE);
	test_written = value_str(STR("sip:+4930@x"));
	assert_int_equal(TEST_CALL(ctx, "is_rpid_user_e164"), FN_TRUE);
	test_written = value_str(STR("\"Joe\" <sip:+4930@x>"));
	assert_int_equal(TEST_CALL(ctx, "is_rpid_user_e164"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "append_rpid_hf"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "append_rpid_hf", "A ", ";b"), FN_TRUE);
	return script_forward(ctx);
}

static void an_identity_is_added(void **state)
{
	struct str out;

	(void)state;
	out = run(URI_B, script_rpid);
	assert_has(out, "\r\nRemote-Party-ID: \"Joe\" <sip:+4930@x>"
			";party=calling;id-type=subscriber;screen=yes\r\n"
			"Remote-Party-ID: A \"Joe\" <sip:+4930@x>;b\r\n");
	assert_int_equal(str_find(out, STR("X: y")), -1);
}

static enum script_result script_options(struct ctx *ctx)
{
	fake.last = TEST_CALL(ctx, "options_reply");
	return SCRIPT_DONE;
}

static void options_are_answered(void **state)
{
	struct str out;

	(void)state;
	out = run("sip:127.0.0.1", script_options);
	assert_int_equal(fake.last, FN_END);
	assert_has(out, "SIP/2.0 200 OK\r\n");
	assert_has(
		out,
		"\r\nAccept: */*\r\nAccept-Encoding: \r\nAccept-Language: en\r\nSupported: \r\n");
	fake.runs = fake.sent_n = 0;
	run("sip:b@127.0.0.1", script_options);
	assert_int_equal(fake.last, FN_FALSE);
	assert_int_equal(fake.sent_n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE_TEST(questions_are_answered),
		FAKE_TEST(uris_are_changed),
		FAKE_TEST(contacts_are_hidden_in_the_user),
		FAKE_TEST(contacts_are_hidden_in_a_parameter),
		FAKE_TEST(contacts_without_end_are_left_alone),
		FAKE_TEST(what_a_stranger_hid_is_no_line_end),
		FAKE_TEST(a_charging_vector_is_made_once),
		FAKE_TEST(an_identity_is_added),
		FAKE_TEST(options_are_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
