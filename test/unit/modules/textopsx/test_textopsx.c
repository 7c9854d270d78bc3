/* SPDX-License-Identifier: BSD-2-Clause */
/* textopsx: single values of header fields, walks, the message as another text. */
#include "test/unit/modules/module_test.h"

#include "modules/textopsx/textopsx.h"

#define HEAD                                                                              \
	"MESSAGE sip:b@127.0.0.6 SIP/2.0\r\nVia: " VIA_A                                  \
	"\r\nFoo: one;p=1, two\r\nfoo: three ;q ,\"a,b\" <sip:x;y>;p=2\r\n"               \
	"Supported: path, 100rel\r\nAuthorization: Digest realm=\"a,b\", nonce=\"c\"\r\n" \
	"From: <sip:a@b>;tag=1\r\nTo: <sip:b@b>\r\nCall-ID: x\r\nCSeq: 1 MESSAGE\r\n"     \
	"Max-Forwards: 70\r\nContent-Type: text/plain\r\n"
static const char in[] = HEAD "Content-Length: 13\r\n\r\none\r\ntwo\n\nend";

static struct str run(enum script_result (*script)(struct ctx *ctx))
{
	return test_run(str_of(in, sizeof(in) - 1), script);
}

/* One call on the message as it came, and what Foo and the others are after it. */
static const struct {
	const char *name, *a, *b;
	int result;
	const char *has;
} values[] = {
	{ "append_hf_value", "Foo", "new", 1, "Content-Length: 13\r\nFoo: new\r\n\r\n" },
	{ "append_hf_value", "Foo[1]", "new", 1, "Foo: one;p=1, new, two\r\n" },
	{ "append_hf_value", "Foo[-1]", "new", 1, "<sip:x;y>;p=2, new\r\n" },
	{ "append_hf_value", "Bar[-1]", "new", 1, "Bar: new\r\n\r\n" },
	{ "append_hf_value", "Foo[1]", "a\r\nEvil: b", -1, "Foo: one;p=1, two\r\n" },
	{ "insert_hf_value", "Foo[2]", "new", 1, "Foo: one;p=1, new, two\r\n" },
	{ "insert_hf_value", "Foo", "new", 1, "SIP/2.0\r\nFoo: new\r\nVia:" },
	{ "remove_hf_value", "Foo", NULL, 1, "Foo: two\r\n" },
	{ "remove_hf_value", "Foo[2]", NULL, 1, "Foo: one;p=1\r\nfoo:" },
	{ "remove_hf_value", "Foo[4]", NULL, 1, "foo: three ;q\r\nSupported" },
	{ "remove_hf_value", "Foo[5]", NULL, -1, "Foo: one;p=1, two\r\n" },
	{ "remove_hf_value", "Foo[-5]", NULL, -1, "Foo: one;p=1, two\r\n" },
	{ "remove_hf_value", "Foo[*]", NULL, 1, "bKaaa\r\nSupported" },
	{ "remove_hf_value", "Foo.p", NULL, 1, "Foo: one, two\r\n" },
	{ "remove_hf_value", "Foo[4].p", NULL, 1, "<sip:x;y>\r\n" },
	{ "remove_hf_value", "Foo[*].p", NULL, 1,
	  "Foo: one, two\r\nfoo: three ;q ,\"a,b\" <sip:x;y>\r\n" },
	{ "remove_hf_value", "Foo.y", NULL, -1, "Foo: one;p=1, two\r\n" },
	{ "remove_hf_value", "Foo[", NULL, -1, "Foo: one;p=1, two\r\n" },
	{ "remove_hf_value", "Foo[0]", NULL, -1, "Foo: one;p=1, two\r\n" },
	{ "assign_hf_value", "Foo[2]", "2", 1, "Foo: one;p=1, 2\r\n" },
	{ "assign_hf_value", "Foo.p", "7", 1, "Foo: one;p=7, two\r\n" },
	{ "assign_hf_value", "Foo[2].lr", "", 1, "Foo: one;p=1, two;lr\r\n" },
	{ "assign_hf_value", "Bar", "1", -1, "Foo: one;p=1, two\r\n" },
	{ "assign_hf_value2", "Authorization.nonce", "\"d\"", 1, "\"a,b\", nonce=\"d\"\r\n" },
	{ "assign_hf_value2", "Authorization.x", "1", 1, "nonce=\"c\", x=1\r\n" },
	{ "remove_hf_value2", "Authorization.realm", NULL, 1, "Digest  nonce=\"c\"\r\n" },
	{ "remove_hf_value2", "Authorization.nonce", NULL, 1, "realm=\"a,b\"\r\n" },
	{ "remove_hf_value2", "Foo[2]", NULL, 1, "Foo: one;p=1, two\r\nSupported" },
	{ "include_hf_value", "Supported", "PATH", 1, "Supported: path, 100rel\r\n" },
	{ "include_hf_value", "Supported", "gruu", 1, "Supported: path, 100rel, gruu\r\n" },
	{ "include_hf_value", "Require", "gruu", 1, "Require: gruu\r\n\r\n" },
	{ "exclude_hf_value", "Supported", "path", 1, "Supported: 100rel\r\n" },
	{ "exclude_hf_value", "Supported", "gruu", -1, "Supported: path, 100rel\r\n" },
	{ "hf_value_exists", "Supported", "100REL", 1, "" },
	{ "hf_value_exists", "Supported", "100", -1, "" },
};
static size_t value_i;

static enum script_result script_value(struct ctx *ctx)
{
	const char *args[] = { values[value_i].a, values[value_i].b };

	fake.last = test_call_n(ctx, values[value_i].name, args[1] ? 2 : 1, args);
	if (fake.last != values[value_i].result)
		fail_msg("%s(%s) is %d", values[value_i].name, args[0], fake.last);
	return script_forward(ctx);
}

static void values_are_changed(void **state)
{
	(void)state;
	for (value_i = 0; value_i < sizeof(values) / sizeof(values[0]); value_i++) {
		fake.runs = fake.sent_n = 0;
		assert_has(run(script_value), values[value_i].has);
		assert_has_not(fake_out(0), "Evil");
	}
}

static enum script_result script_headers(struct ctx *ctx)
{
	unsigned n = 0;

	assert_int_equal(TEST_CALL(ctx, "hf_iterator_next", "i"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "hf_iterator_start", "i"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "hf_iterator_rm", "i"), FN_FALSE);
	while (TEST_CALL(ctx, "hf_iterator_next", "i") == FN_TRUE) {
		struct str name = test_attr(ctx, "hfitname", "i").s;

		if (!n++)
			assert_text(name, STR("Via"));
		if (str_eq(name, STR("foo")))
			assert_int_equal(TEST_CALL(ctx, "hf_iterator_rm", "i"), FN_TRUE);
		if (str_eq(name, STR("Supported"))) {
			assert_text(test_attr(ctx, "hfitbody", "i").s, STR("path, 100rel"));
			assert_int_equal(TEST_CALL(ctx, "hf_iterator_append", "i", "X-B: 2"),
					 FN_TRUE);
			assert_int_equal(TEST_CALL(ctx, "hf_iterator_insert", "i", "X-A: 1"),
					 FN_TRUE);
			assert_int_equal(TEST_CALL(ctx, "hf_iterator_insert", "i", "no header"),
					 FN_FALSE);
		}
	}
	assert_int_equal(n, 13 - 1);
	assert_int_equal(test_attr(ctx, "hfitname", "i").type, VALUE_NULL);
	assert_int_equal(TEST_CALL(ctx, "hf_iterator_prev", "i"), FN_TRUE);
	assert_text(test_attr(ctx, "hfitname", "i").s, STR("Content-Length"));
	assert_int_equal(TEST_CALL(ctx, "hf_iterator_end", "i"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "hf_iterator_end", "i"), FN_FALSE);
	assert_int_equal(ctx->holds, 0);
	return script_forward(ctx);
}

static void header_fields_are_walked(void **state)
{
	struct str out;

	(void)state;
	out = run(script_headers);
	assert_has(out, "Foo: one;p=1, two\r\nX-A: 1\r\nSupported: path, 100rel\r\nX-B: 2\r\nAuth");
}

static enum script_result script_lines(struct ctx *ctx)
{
	assert_int_equal(TEST_CALL(ctx, "bl_iterator_start", "b"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "bl_iterator_next", "b"), FN_TRUE);
	assert_text(test_attr(ctx, "blitval", "b").s, STR("one\r\n"));
	assert_int_equal(TEST_CALL(ctx, "bl_iterator_append", "b", "one and a half\r\n"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "bl_iterator_next", "b"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "bl_iterator_rm", "b"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "bl_iterator_next", "b"), FN_TRUE);
	assert_text(test_attr(ctx, "blitval", "b").s, STR("\n"));
	assert_int_equal(TEST_CALL(ctx, "bl_iterator_next", "b"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "bl_iterator_insert", "b", "before "), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "bl_iterator_next", "b"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "bl_iterator_rm", "b"), FN_FALSE);
	return script_forward(ctx);
}

static void lines_are_walked(void **state)
{
	(void)state;
	assert_has(run(script_lines), "\r\n\r\none\r\none and a half\r\n\nbefore end");
}

static enum script_result script_bounds(struct ctx *ctx)
{
	const char *names[] = { "1", "2", "3", "4" };

	for (int i = 0; i < 4; i++)
		assert_int_equal(test_call_n(ctx, "hf_iterator_start", 1, &names[i]), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "hf_iterator_start", "5"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "hf_iterator_start", "1"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "bl_iterator_start", "5"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "hf_iterator_start", ""), FN_FALSE);
	assert_int_equal(ctx->holds, 5);
	assert_int_equal(TEST_CALL(ctx, "hf_iterator_next", "1"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "remove_body"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "msg_apply_changes"), FN_TRUE);
	/* where it stood is no longer the message */
	assert_int_equal(TEST_CALL(ctx, "hf_iterator_next", "1"), FN_FALSE);
	assert_int_equal(test_attr(ctx, "hfitname", "1").type, VALUE_NULL);
	return script_forward(ctx);
}

static void walks_are_bounded(void **state)
{
	struct str out;

	(void)state;
	out = run(script_bounds);
	assert_has_not(out, "Content-Type");
	assert_has(out, "Content-Length: 0\r\n\r\n");
}

static enum script_result script_stale(struct ctx *ctx)
{
	/* a walk over what is no longer the message can be ended, and begun again, as often as one likes */
	for (int i = 0; i < 8; i++) {
		assert_int_equal(TEST_CALL(ctx, "hf_iterator_start", "i"), FN_TRUE);
		assert_int_equal(TEST_CALL(ctx, "bl_iterator_start", "i"), FN_TRUE);
		assert_int_equal(header_add(ctx, STR("X-B: 1"), STR_NULL, false), 0);
		assert_int_equal(TEST_CALL(ctx, "msg_apply_changes"), FN_TRUE);
		assert_int_equal(TEST_CALL(ctx, "bl_iterator_end", "i"), FN_TRUE);
	}
	assert_int_equal(ctx->holds, 1);
	assert_int_equal(TEST_CALL(ctx, "hf_iterator_end", "i"), FN_TRUE);
	assert_int_equal(ctx->holds, 0);
	return script_forward(ctx);
}

static void walks_over_what_was_can_be_ended(void **state)
{
	(void)state;
	run(script_stale);
}

static enum script_result script_gone(struct ctx *ctx)
{
	unsigned n;

	assert_int_equal(header_remove(ctx, STR("Supported"), &n), 0);
	assert_int_equal(TEST_CALL(ctx, "append_hf_value", "Supported[1]", "gruu"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "assign_hf_value", "Supported[1].x", "1"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "include_hf_value", "Supported", "gruu"), FN_FALSE);
	return script_forward(ctx);
}

static void what_was_left_out_gets_no_values(void **state)
{
	(void)state;
	assert_has(run(script_gone), "<sip:x;y>;p=2\r\nAuthorization: Digest");
}

static enum script_result script_keeps(struct ctx *ctx)
{
	assert_int_equal(TEST_CALL(ctx, "keep_hf", "^supp"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "msg_set_buffer", "nothing"), FN_FALSE);
	return script_forward(ctx);
}

static void few_header_fields_are_kept(void **state)
{
	struct str out;

	(void)state;
	out = run(script_keeps);
	assert_has_not(out, "oo:");
	assert_has_not(out, "Authorization");
	assert_has(out, "Supported");
	assert_has(out, "Content-Type");
	assert_has(out, "Max-Forwards: 69");
}

static enum script_result script_status(struct ctx *ctx)
{
	if (ctx->msg->is_request)
		return script_forward(ctx);
	assert_int_equal(TEST_CALL(ctx, "change_reply_status", "200", "OK"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "change_reply_status", "700", "OK"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "change_reply_status", "486", "Busy"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "change_reply_status", "404", "Gone Away"), FN_TRUE);
	assert_int_equal(message_apply(ctx), 0);
	assert_int_equal(ctx->msg->status, 404);
	assert_int_equal(TEST_CALL(ctx, "change_reply_status_code", "410"), FN_TRUE);
	return SCRIPT_DONE;
}

static void the_status_is_changed(void **state)
{
	char text[2048];
	struct str via;
	int n;

	(void)state;
	fake_module(&serac_module);
	fake.script = script_status;
	fake.reply_route = true;
	fake_receive(0, "127.0.0.5:5062", 0, str_of(in, sizeof(in) - 1));
	via = str_skip(fake_out(0), (size_t)str_find(fake_out(0), STR("Via: ")));
	via = str_head(via, (size_t)str_find(via, STR("\r\n")));
	n = snprintf(text, sizeof(text),
		     "SIP/2.0 603 Decline\r\n" STRF "\r\nVia: " VIA_A ";received=127.0.0.5\r\n"
		     "From: <sip:a@b>;tag=1\r\nTo: <sip:b@b>;tag=2\r\nCall-ID: x\r\n"
		     "CSeq: 1 MESSAGE\r\nContent-Length: 0\r\n\r\n",
		     STRA(via));
	fake_receive(0, "127.0.0.7:5060", 0, str_of(text, (size_t)n));
	assert_int_equal(fake.sent_n, 2);
	assert_true(str_starts(fake_out(1), STR("SIP/2.0 410 Gone Away\r\nVia: " VIA_A)));
}

static enum script_result script_many(struct ctx *ctx)
{
	assert_int_equal(TEST_CALL(ctx, "remove_hf_value", "Foo[*].p"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "remove_hf_value", "Foo[-1]"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "include_hf_value", "Foo", "new"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "hf_value_exists", "Foo", "a;p"), FN_TRUE);
	return script_forward(ctx);
}

static void lists_without_end_come_to_an_end(void **state)
{
	static char text[60000];
	struct buf b = BUF_ON(text);

	(void)state;
	fake_module(&serac_module);
	fake.script = script_many;
	buf_lit(&b, "MESSAGE sip:b@127.0.0.6 SIP/2.0\r\nVia: " VIA_A "\r\nFoo: a;p");
	while (b.n < 59000)
		buf_lit(&b, ",a;p");
	buf_lit(&b, "\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:b@b>\r\nCall-ID: x\r\n"
		    "CSeq: 1 MESSAGE\r\nContent-Length: 0\r\n\r\n");
	assert_true(buf_ok(&b));
	fake_receive(0, "127.0.0.5:5062", 0, buf_str(&b));
	assert_int_equal(fake.runs, 1);
}

static const struct {
	const char *text, *pattern;
	bool nocase, yes;
} globs[] = {
	{ "123456", "123*", false, true },  { "0123", "123*", false, false },
	{ "abc", "a?c", false, true },	    { "abc", "A?C", false, false },
	{ "abc", "A?C", true, true },	    { "a5", "a[0-9]", false, true },
	{ "ax", "a[!0-9]", false, true },   { "a5", "a[!0-9]", false, false },
	{ "a]", "a[]x]", false, true },	    { "a*", "a\\*", false, true },
	{ "ab", "a\\*", false, false },	    { "a[", "a[", false, true },
	{ "", "*", false, true },	    { "", "?", false, false },
	{ "abcabd", "*abd", false, true },  { "abcabd", "*ab?*c", false, false },
	{ "AB", "[a-b][a-b]", true, true }, { "x", "", false, false },
};

static void shell_patterns_match(void **state)
{
	static char many[30001], stars[2001];

	(void)state;
	for (size_t i = 0; i < sizeof(globs) / sizeof(globs[0]); i++)
		if (glob_matches(str_z(globs[i].text), str_z(globs[i].pattern), globs[i].nocase) !=
		    globs[i].yes)
			fail_msg("\"%s\" and \"%s\"", globs[i].text, globs[i].pattern);
	memset(many, 'a', sizeof(many) - 1);
	for (size_t i = 0; i + 1 < sizeof(stars); i += 2)
		memcpy(stars + i, "*a", 2);
	stars[sizeof(stars) - 2] = 'b';
	assert_false(glob_matches(str_z(many), str_z(stars), false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE_TEST(lists_without_end_come_to_an_end),
		FAKE_TEST(values_are_changed),
		FAKE_TEST(header_fields_are_walked),
		FAKE_TEST(lines_are_walked),
		FAKE_TEST(walks_are_bounded),
		FAKE_TEST(walks_over_what_was_can_be_ended),
		FAKE_TEST(what_was_left_out_gets_no_values),
		FAKE_TEST(few_header_fields_are_kept),
		FAKE_TEST(the_status_is_changed),
		cmocka_unit_test(shell_patterns_match),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
