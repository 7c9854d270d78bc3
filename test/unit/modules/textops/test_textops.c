/* SPDX-License-Identifier: BSD-2-Clause */
/* textops: header fields, searching and replacing. */
#include "test/unit/modules/module_test.h"

#include "modules/textops/textops.h"

#define HEAD                                                                          \
	"MESSAGE sip:b@127.0.0.6 SIP/2.0\r\nVia: " VIA_A                              \
	"\r\nX-A: one two\r\nUser-Agent: Secret 1.0\r\n"                              \
	"From: <sip:a@b>;tag=1\r\nTo: <sip:b@b>\r\nCall-ID: x\r\nCSeq: 1 MESSAGE\r\n" \
	"Max-Forwards: 70\r\nContent-Type: text/PLAIN;charset=x\r\n"
static const char in[] = HEAD "Content-Length: 11\r\n\r\nhello\r\nhold";

static struct value regex(struct ctx *ctx, const char *z)
{
	struct regex_error e;
	const struct regex *re;

	assert_int_equal(regex_new(ctx->pool, str_z(z), 0, &re, &e), 0);
	return (struct value){ .type = VALUE_REGEX, .re = re };
}

static int call1(struct ctx *ctx, const char *name_z, const char *arg_z)
{
	struct value v = value_str(str_z(arg_z));

	return fake_call(ctx, serac_module.functions, name_z, 1, &v);
}

static int call_re(struct ctx *ctx, const char *name_z, const char *re_z, const char *text_z)
{
	struct value argv[2] = { regex(ctx, re_z), value_str(str_z(text_z)) };

	return fake_call(ctx, serac_module.functions, name_z, text_z ? 2 : 1, argv);
}

static struct str run(enum script_result (*script)(struct ctx *ctx))
{
	struct str out = test_run(str_of(in, sizeof(in) - 1), script);

	assert_int_equal(fake.sent_n, 1);
	return out;
}

static enum script_result script_questions(struct ctx *ctx)
{
	struct value none;

	assert_int_equal(call1(ctx, "is_present_hf", "x-a"), FN_TRUE);
	assert_int_equal(call1(ctx, "is_present_hf", "i"), FN_TRUE);
	assert_int_equal(call1(ctx, "is_present_hf", "X-None"), FN_FALSE);
	assert_int_equal(call1(ctx, "is_method", "INVITE|MESSAGE"), FN_TRUE);
	assert_int_equal(call1(ctx, "is_method", "INVITE | ACK"), FN_FALSE);
	assert_int_equal(call1(ctx, "is_method", "message"), FN_FALSE);
	assert_int_equal(call1(ctx, "has_body", "text/plain"), FN_TRUE);
	assert_int_equal(call1(ctx, "has_body", "application/sdp"), FN_FALSE);
	assert_int_equal(fake_call(ctx, serac_module.functions, "has_body", 0, &none), FN_TRUE);
	assert_int_equal(call_re(ctx, "search", "^x-a: one", NULL), FN_TRUE);
	assert_int_equal(call_re(ctx, "search", "^one", NULL), FN_FALSE);
	assert_int_equal(call_re(ctx, "search", "^MESSAGE", NULL), FN_TRUE);
	assert_int_equal(call_re(ctx, "search_body", "^hold$", NULL), FN_TRUE);
	assert_int_equal(call_re(ctx, "search_body", "message", NULL), FN_FALSE);
	/* one dot does not go over a line end */
	assert_int_equal(call_re(ctx, "search_body", "hello.*hold", NULL), FN_FALSE);
	return script_forward(ctx);
}

static void questions_about_the_message(void **state)
{
	(void)state;
	assert_has(run(script_questions), "\r\n\r\nhello\r\nhold");
}

static enum script_result script_headers(struct ctx *ctx)
{
	struct value argv[2] = { value_str(STR("P-1: x")), value_str(STR("x-a")) };

	assert_int_equal(call1(ctx, "remove_hf", "user-agent"), FN_TRUE);
	assert_int_equal(call1(ctx, "remove_hf", "server"), FN_FALSE);
	assert_int_equal(fake_call(ctx, serac_module.functions, "append_hf", 2, argv), FN_TRUE);
	assert_int_equal(call1(ctx, "insert_hf", "P-2: y\r\n"), FN_TRUE);
	assert_int_equal(call1(ctx, "append_hf", "no header"), FN_FALSE);
	/* reads see what came */
	assert_int_equal(call1(ctx, "is_present_hf", "User-Agent"), FN_TRUE);
	assert_int_equal(call1(ctx, "is_present_hf", "P-1"), FN_FALSE);
	return script_forward(ctx);
}

static void header_fields_come_and_go(void **state)
{
	struct str out;

	(void)state;
	out = run(script_headers);
	assert_has(out, "SIP/2.0\r\nP-2: y\r\nVia: SIP/2.0/UDP 127.0.0.1");
	assert_has(out, "X-A: one two\r\nP-1: x\r\nFrom:");
}

static enum script_result script_to_reply(struct ctx *ctx)
{
	assert_int_equal(call1(ctx, "append_to_reply", "P-1: x"), FN_TRUE);
	assert_int_equal(call1(ctx, "append_to_reply", "P-2: y\r\n"), FN_TRUE);
	assert_int_equal(call1(ctx, "append_to_reply", "bad"), FN_FALSE);
	assert_int_equal(reply_send(ctx, 200, STR_NULL, STR_NULL), 0);
	return SCRIPT_DONE;
}

static void answers_carry_what_was_added(void **state)
{
	(void)state;
	assert_has(run(script_to_reply), "\r\nP-1: x\r\nP-2: y\r\nContent-Length: 0\r\n\r\n");
}

static enum script_result script_empty(struct ctx *ctx)
{
	assert_int_equal(call1(ctx, "subst", "/$/;x/g"), FN_TRUE);
	return script_forward(ctx);
}

static void line_ends_are_not_torn(void **state)
{
	struct str out;

	(void)state;
	out = run(script_empty);
	assert_has(out, "X-A: one two;x\r\nUser-Agent: Secret 1.0;x\r\n");
	assert_has(out, "hello;x\r\nhold;x");
	assert_has_not(out, "\r;");
}

static char long_body[8192];
static enum script_result script_many(struct ctx *ctx)
{
	assert_int_equal(call_re(ctx, "replace_body_all", "a", "b"), fake.last);
	return script_forward(ctx);
}

/* All of them, or the script is told. */
static void many_matches_are_replaced(void **state)
{
	struct str text;

	(void)state;
	fake_module(&serac_module);
	fake.script = script_many;
	for (size_t n = 1000; n <= 1001; n++) {
		memcpy(long_body, HEAD "\r\n", sizeof(HEAD "\r\n") - 1);
		memset(long_body + sizeof(HEAD) + 1, 'a', n);
		text = str_of(long_body, sizeof(HEAD) + 1 + n);
		fake.last = n <= 1000 ? FN_TRUE : FN_FALSE;
		fake_receive(0, "127.0.0.5:5062", 0, text);
	}
	assert_int_equal(fake.runs, 2);
	assert_has_not(str_skip(fake_out(0), sizeof(HEAD) + 160), "a");
}

static enum script_result script_replaces(struct ctx *ctx)
{
	assert_int_equal(call_re(ctx, "replace", "Secret [0-9.]+", "hidden"), FN_TRUE);
	assert_int_equal(call_re(ctx, "replace_body_all", "h", "H\\1"), FN_TRUE);
	assert_int_equal(call_re(ctx, "replace_body", "nothing", "x"), FN_FALSE);
	assert_int_equal(call1(ctx, "subst", "/^(X-A): (one) (two)$/\\1: \\3 \\2/"), FN_TRUE);
	assert_int_equal(call1(ctx, "subst", "/MESSAGE sip/x/"), FN_FALSE); /* not the first line */
	assert_int_equal(call1(ctx, "subst", "#call-id#X-Call#i"), FN_TRUE);
	assert_int_equal(call1(ctx, "subst", "/call-id/X/"), FN_FALSE);
	assert_int_equal(call1(ctx, "subst", "bad"), FN_FALSE);
	return script_forward(ctx);
}

static void text_is_replaced(void **state)
{
	struct str out;

	(void)state;
	out = run(script_replaces);
	assert_has(out, "User-Agent: hidden\r\n");
	assert_has(out, "X-A: two one\r\n");
	assert_has(out, "X-Call: x\r\n");
	assert_has(out, "Content-Length: 15\r\n\r\nH\\1ello\r\nH\\1old");
}

static enum script_result script_uris(struct ctx *ctx)
{
	assert_int_equal(call1(ctx, "subst_uri", "/^sip:(.*)@(.*)$/sip:x\\1@127.0.0.7;y=\\2/"),
			 FN_TRUE);
	assert_text(ctx_uri_text(ctx), STR("sip:xb@127.0.0.7;y=127.0.0.6"));
	assert_int_equal(call1(ctx, "subst_uri", "/^sip:/nothing good /"), FN_FALSE);
	assert_int_equal(call1(ctx, "subst_user", "/x(.)/\\1\\1/"), FN_TRUE);
	assert_text(ctx_uri_text(ctx), STR("sip:bb@127.0.0.7;y=127.0.0.6"));
	assert_int_equal(call1(ctx, "subst_user", "/b/c/g"), FN_TRUE);
	assert_text(ctx_uri_text(ctx), STR("sip:cc@127.0.0.7;y=127.0.0.6"));
	assert_int_equal(call1(ctx, "subst_user", "/c/@/"), FN_FALSE);
	return script_forward(ctx);
}

static void uris_are_replaced(void **state)
{
	(void)state;
	assert_true(str_starts(run(script_uris),
			       STR("MESSAGE sip:cc@127.0.0.7;y=127.0.0.6 SIP/2.0\r\n")));
}

static const struct {
	const char *text;
	bool good;
} substs[] = {
	{ "/a/b/", true },   { "/a/b/gi", true }, { "!a!b!", true }, { "/a\\/b/c/", true },
	{ "/a/b", false },   { "/a", false },	  { "//b/", false }, { "", false },
	{ "/a/b/x", false }, { "/a//", true },
};

static void substitutions_are_checked(void **state)
{
	struct subst s;

	(void)state;
	for (size_t i = 0; i < sizeof(substs) / sizeof(substs[0]); i++)
		assert_true((subst_parse(str_z(substs[i].text), &s) == NULL) == substs[i].good);
	assert_null(subst_parse(STR("/a\\/b/c\\1/g"), &s));
	assert_text(s.pattern, STR("a\\/b"));
	assert_text(s.replacement, STR("c\\1"));
	assert_true(s.all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE_TEST(questions_about_the_message),
		FAKE_TEST(header_fields_come_and_go),
		FAKE_TEST(answers_carry_what_was_added),
		FAKE_TEST(line_ends_are_not_torn),
		FAKE_TEST(many_matches_are_replaced),
		FAKE_TEST(text_is_replaced),
		FAKE_TEST(uris_are_replaced),
		cmocka_unit_test(substitutions_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
