/* SPDX-License-Identifier: BSD-2-Clause */
/* textops: questions about texts, header fields by name and place, replacing in parts of the message. */
#include "test/unit/modules/module_test.h"

#define HEAD                                                                          \
	"MESSAGE sip:b@127.0.0.6 SIP/2.0\r\nVia: " VIA_A ";x=1"                       \
	"\r\nX-A: one two\r\nX-A: three\r\nx-a: four\r\nUser-Agent: Secret 1.0\r\n"   \
	"P-One: 1\r\nP-Two: 2\r\nPrivacy: id; critical\r\n"                           \
	"From: <sip:a@b>;tag=1\r\nTo: <sip:b@b>\r\nCall-ID: x\r\nCSeq: 1 MESSAGE\r\n" \
	"Max-Forwards: 70\r\nContent-Type: text/plain\r\n"
static const char in[] = HEAD "Content-Length: 17\r\n\r\nhello $x\r\nhold it";

static struct str run(enum script_result (*script)(struct ctx *ctx))
{
	return test_run(str_of(in, sizeof(in) - 1), script);
}

static const struct {
	const char *name, *a, *b, *c;
	bool yes;
} questions[] = {
	{ "cmp_str", "ab", "ab", NULL, true },
	{ "cmp_str", "ab", "AB", NULL, false },
	{ "cmp_istr", "ab", "AB", NULL, true },
	{ "starts_with", "abc", "ab", NULL, true },
	{ "starts_with", "abc", "b", NULL, false },
	{ "starts_with", "abc", "", NULL, false },
	{ "ends_with", "abc", "bc", NULL, true },
	{ "ends_with", "c", "bc", NULL, false },
	{ "str_find", "abc", "b", NULL, true },
	{ "str_find", "abc", "B", NULL, false },
	{ "str_ifind", "abc", "BC", NULL, true },
	{ "str_any_in", "abc", "xyzc", NULL, true },
	{ "str_any_in", "abc", "xyz", NULL, false },
	{ "str_all_in", "abca", "cba", NULL, true },
	{ "str_all_in", "abcd", "cba", NULL, false },
	{ "str_all_in", "", "cba", NULL, false },
	{ "in_list", "fi", "dk,fi, no", ",", true },
	{ "in_list", "no", "dk,fi, no", ",", true },
	{ "in_list", "f", "dk,fi,no", ",", false },
	{ "in_list", "", "dk,,no", ",", false },
	{ "in_list_prefix", "final", "dk,fi,no", ",", true },
	{ "in_list_prefix", "nf", "dk,fi,no", ",", false },
	{ "is_privacy", "ID", NULL, NULL, true },
	{ "is_privacy", "critical", NULL, NULL, true },
	{ "is_privacy", "header", NULL, NULL, false },
	{ "search_str", "abc", "^ABC$", NULL, true },
	{ "search_hf", "X-A", "four", "a", true },
	{ "search_hf", "X-A", "four", "f", false },
	{ "search_hf", "X-A", "four", "l", true },
	{ "search_hf", "X-B", "four", "l", false },
	{ "is_present_hf_re", "^p-t", NULL, NULL, true },
	{ "is_present_hf_re", "^-t", NULL, NULL, false },
};

static enum script_result script_questions(struct ctx *ctx)
{
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
		const char *args[] = { questions[i].a, questions[i].b, questions[i].c };
		unsigned n = args[2] ? 3 : args[1] ? 2 : 1;
		int r = test_call_n(ctx, questions[i].name, n, args);

		if (r != (questions[i].yes ? FN_TRUE : FN_FALSE))
			fail_msg("%s(%s, %s) is %d", questions[i].name, args[0], args[1], r);
	}
	return SCRIPT_DONE;
}

static void texts_are_compared(void **state)
{
	(void)state;
	run(script_questions);
}

static enum script_result script_removes(struct ctx *ctx)
{
	assert_int_equal(TEST_CALL(ctx, "subst", "/Secret/hidden/"), FN_TRUE);
	/* what was changed is left out as a whole */
	assert_int_equal(TEST_CALL(ctx, "remove_hf", "User-Agent"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "remove_hf_idx", "X-A", "-2"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "remove_hf_idx", "X-A", "3"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "remove_hf_match", "X-A", "in", "ou"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "remove_hf_match", "X-A", "eq", "ou"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "remove_hf_match", "X-A", "xx", "ou"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "remove_hf_exp", "^p-", "two"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "remove_hf_re", "^privacy$"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "remove_hf_re", "^nothing$"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "via_param_rm", "x"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "via_param_rm", "x", "2"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "append_urihf", "X-Uri: <", ">\r\n"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "append_time_to_request"), FN_TRUE);
	return script_forward(ctx);
}

static void header_fields_are_left_out(void **state)
{
	struct str out = STR_NULL;

	(void)state;
	out = run(script_removes);
	assert_has_not(out, "User-Agent");
	assert_has_not(out, "hidden");
	assert_has(out, "X-A: one two\r\nP-Two: 2\r\nFrom:");
	assert_has_not(out, "three");
	assert_has_not(out, "four");
	assert_has_not(out, ";x=1");
	assert_has(out, "\r\nX-Uri: <sip:b@127.0.0.6>\r\nDate: ");
	assert_has(out, " GMT\r\n");
}

static enum script_result script_replaces(struct ctx *ctx)
{
	assert_int_equal(TEST_CALL(ctx, "replace_hdrs", "one", "1"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "replace_hdrs", "hello", "1"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "replace_body_atonce", "hold.*$", "bye"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "search_append", "Secret", " agent"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "search_append_body", "hello", " world"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "replace_body_str", "$x", "y", "a"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "replace_hdrs_str", "$x", "y", "a"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "replace_str", "three", "3", "f"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "subst_hf", "X-A", "/(o)u/\\1/", "l"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "subst_hf", "X-A", "/nothing/x/", "a"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "subst_v", "abc", "/b(.)/\\1\\1/", ""), FN_TRUE);
	assert_text(test_written.s, STR("acc"));
	assert_int_equal(TEST_CALL(ctx, "subst_v", "abc", "/x/y/", ""), FN_FALSE);
	assert_int_equal(
		TEST_CALL(ctx, "regex_substring", "_ abc123 _", "([a-z]+)([0-9]+)", "2", "3", ""),
		FN_TRUE);
	assert_text(test_written.s, STR("123"));
	assert_int_equal(TEST_CALL(ctx, "regex_substring", "_", "([a-z]+)", "10", "11", ""),
			 FN_FALSE);
	return script_forward(ctx);
}

static void parts_are_replaced(void **state)
{
	struct str out;

	(void)state;
	out = run(script_replaces);
	assert_has(out, "X-A: 1 two\r\nX-A: 3\r\nx-a: for\r\nUser-Agent: Secret agent 1.0\r\n");
	assert_has(out, "\r\n\r\nhello world y\r\nbye");
}

static void constants_are_checked(void **state)
{
	static const struct {
		const char *name;
		unsigned argc;
		const char *args[3];
		bool good;
	} v[] = {
		{ "subst", 1, { "/a/$rU/" }, false },
		{ "subst", 1, { "/a$/\\$rU/" }, true },
		{ "subst", 1, { "/a$/5$/" }, true },
		{ "subst_v", 3, { "x", "/a/b" }, false },
		{ "subst_hf", 3, { "x", "/a/b/", "q" }, false },
		{ "subst_hf", 3, { "x", "/a/b/", "a" }, true },
		{ "in_list", 3, { "x", "y", ",," }, false },
		{ "replace_str", 3, { "x", "y", "z" }, false },
		{ "remove_hf_match", 3, { "x", "lt", "z" }, false },
		{ "remove_hf", 1, { "To:" }, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		struct value argv[3];

		for (int k = 0; k < 3; k++)
			argv[k] = value_str(str_z(v[i].args[k]));
		if ((fake_func(serac_module.functions, v[i].name, v[i].argc)
			     ->check(argv, v[i].argc) == NULL) != v[i].good)
			fail_msg("%s %u", v[i].name, (unsigned)i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE_TEST(texts_are_compared),
		FAKE_TEST(header_fields_are_left_out),
		FAKE_TEST(parts_are_replaced),
		cmocka_unit_test(constants_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
