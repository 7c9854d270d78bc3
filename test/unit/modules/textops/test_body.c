/* SPDX-License-Identifier: BSD-2-Clause */
/* textops: bodies set, filtered, taken apart; hostile multiparts. */
#include "test/unit/modules/module_test.h"

#define HEAD                                            \
	"INVITE sip:b@127.0.0.6 SIP/2.0\r\nVia: " VIA_A \
	"\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:b@b>\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\n"
#define SDP "v=0\r\nc=IN IP4 1.2.3.4\r\nm=audio 4 RTP/AVP 0\r\n"
#define TWO                                                                   \
	"pre\r\n--b1\r\nContent-Type: text/plain; charset=x\r\n\r\nhello\r\n" \
	"--b1 \r\nContent-Type:application/SDP\r\nX: y\r\n\r\n" SDP           \
	"\r\n--b1--\r\nContent-Type: text/epilogue\r\n\r\nafter"

/* A request with that Content-Type (NULL: none) and body, and what the script sends. */
static struct str run(const char *type_z, struct str body,
		      enum script_result (*script)(struct ctx *ctx))
{
	static char text[70000];
	struct buf b = BUF_ON(text);

	buf_lit(&b, HEAD);
	if (type_z)
		buf_fmt(&b, "Content-Type: %s\r\n", type_z);
	buf_fmt(&b, "Content-Length: %zu\r\n\r\n", body.n);
	buf_str_put(&b, body);
	assert_true(buf_ok(&b));
	return test_run(buf_str(&b), script);
}

static enum script_result script_sets(struct ctx *ctx)
{
	assert_int_equal(TEST_CALL(ctx, "replace_body", "hello", "what"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "set_body", "first", "text/one"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "set_body_hex", "48 69\r\n0a", "text/two"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "set_body_hex", "48 6", "text/two"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "set_body_hex", "4x", "text/two"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "set_body", "x", "text/x\r\nEvil: y"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "set_body", "x", ""), FN_FALSE);
	return script_forward(ctx);
}

static void the_last_body_counts(void **state)
{
	struct str out;

	(void)state;
	out = run("text/plain", STR("hello"), script_sets);
	assert_has(out, "\r\nContent-Type: text/two\r\nContent-Length: 3\r\n");
	assert_has(out, "\r\n\r\nHi\n");
	assert_has_not(out, "text/plain");
	assert_has_not(out, "text/one");
	assert_has_not(out, "Evil");
}

static enum script_result script_empty(struct ctx *ctx)
{
	assert_int_equal(TEST_CALL(ctx, "has_body"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "set_body", "one", "text/one"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "set_body", "two", "text/two"), FN_TRUE);
	assert_int_equal(message_apply(ctx), 0);
	assert_int_equal(TEST_CALL(ctx, "has_body", "text/two"), FN_TRUE);
	return script_forward(ctx);
}

static void a_message_without_body_gets_one(void **state)
{
	struct str out;

	(void)state;
	out = run(NULL, STR(""), script_empty);
	assert_has(out, "Content-Type: text/two\r\n");
	assert_has(out, "\r\n\r\ntwo");
	assert_has(out, "Content-Length: 3\r\n");
	assert_has_not(out, "one");
}

static enum script_result script_reply(struct ctx *ctx)
{
	assert_int_equal(TEST_CALL(ctx, "set_reply_body", "one", "text/one"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "set_reply_body_hex", "48 69", "text/two"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "append_time"), FN_TRUE);
	assert_int_equal(reply_send(ctx, 100, STR_NULL, STR_NULL), 0);
	assert_int_equal(reply_send(ctx, 200, STR_NULL, STR_NULL), 0);
	return SCRIPT_DONE;
}

static void answers_have_bodies(void **state)
{
	(void)state;
	assert_has(run(NULL, STR(""), script_reply), "Content-Length: 0\r\n\r\n");
	assert_has(fake_out(1), "\r\nDate: ");
	assert_has(fake_out(1), "\r\nContent-Type: text/two\r\nContent-Length: 2\r\n\r\nHi");
}

static enum script_result script_parts(struct ctx *ctx)
{
	assert_int_equal(TEST_CALL(ctx, "get_body_part", "application/sdp", ""), FN_TRUE);
	assert_text(test_written.s, STR(SDP));
	assert_int_equal(TEST_CALL(ctx, "get_body_part_raw", "text/plain", ""), FN_TRUE);
	assert_text(test_written.s,
		    STR("--b1\r\nContent-Type: text/plain; charset=x\r\n\r\nhello\r\n"));
	assert_int_equal(TEST_CALL(ctx, "get_body_part", "text/html", ""), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "is_audio_on_hold"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "remove_body_part", "text/html"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "remove_body_part", "text/plain"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "get_body_part", "text/epilogue", ""), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "append_body_part", "new", "text/new\r\nX-P: 1", "signal"),
			 FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "append_body_part_hex", "48", "text/hex"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "append_body_part", "a\r\n--b1--\r\n", "text/new"),
			 FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "append_body_part", "a", "text/new\nx: y"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "append_body_part", "a", "text/new\r\n\r\nx: y"), FN_FALSE);
	return script_forward(ctx);
}

static void parts_come_and_go(void **state)
{
	(void)state;
	assert_has(run("multipart/mixed;boundary=\"b1\"", STR(TWO), script_parts),
		   "\r\n\r\npre\r\n--b1 \r\nContent-Type:application/SDP\r\nX: y\r\n\r\n" SDP
		   "\r\n--b1\r\nContent-Type: text/new\r\nX-P: 1\r\nContent-Disposition: signal\r\n"
		   "\r\nnew\r\n--b1\r\nContent-Type: text/hex\r\n\r\nH\r\n--b1--\r\nContent-Type: "
		   "text/epilogue\r\n\r\nafter");
}

static enum script_result script_filters(struct ctx *ctx)
{
	assert_int_equal(TEST_CALL(ctx, "filter_body", "text/html"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "filter_body", "application/sdp"), FN_TRUE);
	return script_forward(ctx);
}

static void one_part_becomes_the_body(void **state)
{
	struct str out;

	(void)state;
	out = run("multipart/mixed; boundary=b1", STR(TWO), script_filters);
	assert_has(out, "\r\n\r\nv=0\r\n");
	assert_true(str_eq(str_skip(out, out.n - sizeof(SDP) + 1), STR(SDP)));
}

static enum script_result script_makes(struct ctx *ctx)
{
	assert_int_equal(TEST_CALL(ctx, "append_body_part", "x", "text/plain"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "set_body_multipart", "bad boundary"), FN_FALSE);
	assert_int_equal(TEST_CALL(ctx, "set_body_multipart"), FN_TRUE);
	assert_int_equal(message_apply(ctx), 0);
	assert_int_equal(TEST_CALL(ctx, "append_body_part", "x", "text/x"), FN_TRUE);
	return script_forward(ctx);
}

static void a_body_becomes_a_part(void **state)
{
	struct str out;

	(void)state;
	out = run("text/plain", STR("hello"), script_makes);
	assert_has(out, "Content-Type: multipart/mixed;boundary=\"unique-boundary-1\"\r\n");
	assert_has(out, "Mime-Version: 1.0\r\n");
	assert_has(out, "\r\n\r\n--unique-boundary-1\r\nContent-Type: text/plain\r\n\r\nhello\r\n"
			"--unique-boundary-1\r\nContent-Type: text/x\r\n\r\nx\r\n"
			"--unique-boundary-1--\r\n");
}

static enum script_result script_makes_twice(struct ctx *ctx)
{
	assert_int_equal(TEST_CALL(ctx, "set_body_multipart", "one", "text/plain"), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "set_body_multipart", "two", "text/plain"), FN_TRUE);
	return script_forward(ctx);
}

static void the_last_multipart_counts(void **state)
{
	struct str out;
	ssize_t at;

	(void)state;
	out = run("text/plain", STR("hello"), script_makes_twice);
	assert_has(out, "\r\n\r\ntwo\r\n--");
	assert_has_not(out, "one");
	at = str_find(out, STR("\r\nMime-Version: 1.0\r\n"));
	assert_true(at > 0);
	assert_has_not(str_skip(out, (size_t)at + 2), "\r\nMime-Version");
}

/* Matches of which each looks at all that is behind it. */
static enum script_result script_replaces_one(struct ctx *ctx)
{
	assert_int_equal(TEST_CALL(ctx, "replace_body", "x.*b|x", "y"), FN_TRUE);
	return SCRIPT_DONE;
}

static enum script_result script_replaces_all(struct ctx *ctx)
{
	assert_int_equal(TEST_CALL(ctx, "replace_body_all", "x.*b|x", "y"), FN_FALSE);
	return SCRIPT_DONE;
}

static enum script_result script_substitutes_all(struct ctx *ctx)
{
	assert_int_equal(TEST_CALL(ctx, "subst_body", "/x.*b|x/y/g"), FN_FALSE);
	return SCRIPT_DONE;
}

static void one_call_costs_no_more_than_one_match(void **state)
{
	static char body[30000];

	(void)state;
	memset(body, 'a', sizeof(body));
	for (size_t i = 0; i < sizeof(body); i += 100)
		body[i] = 'x';
	run("text/plain", str_of(body, sizeof(body)), script_replaces_one);
	fake.runs = 0;
	run("text/plain", str_of(body, sizeof(body)), script_replaces_all);
	fake.runs = 0;
	run("text/plain", str_of(body, sizeof(body)), script_substitutes_all);
}

static int hold;
static enum script_result script_hold(struct ctx *ctx)
{
	hold = TEST_CALL(ctx, "is_audio_on_hold");
	return SCRIPT_DONE;
}

static const struct {
	const char *sdp;
	int hold;
} holds[] = {
	{ SDP, -1 },
	{ "v=0\nc=IN IP4 0.0.0.0\nm=audio 4 RTP/AVP 0\n", 1 },
	{ "v=0\r\nc=IN IP4 0.0.0.0\r\nm=video 4 RTP/AVP 0\r\n", -1 },
	{ "v=0\r\nc=IN IP4 0.0.0.0\r\nm=audio 4 RTP/AVP 0\r\nc=IN IP4 1.2.3.4\r\n", -1 },
	{ SDP "a=sendonly\r\n", 2 },
	{ SDP "a=recvonly\r\n", -1 },
	{ "v=0\r\na=inactive\r\nm=audio 4 RTP/AVP 0\r\nm=video 5 x\r\n", 2 },
	{ "v=0\r\na=inactive\r\nm=audio 4 RTP/AVP 0\r\na=sendrecv\r\n", -1 },
	{ SDP "m=audio 5 x\r\na=inactive", 2 },
	{ "c=\r\nm=\r\na=\r\n=\r\nm=audio\r\n", -1 },
	{ "", -1 },
};

static void hold_is_seen(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(holds) / sizeof(holds[0]); i++) {
		fake.runs = 0;
		run("application/sdp", str_z(holds[i].sdp), script_hold);
		assert_int_equal(hold, holds[i].hold);
	}
}

static enum script_result script_any(struct ctx *ctx)
{
	(void)TEST_CALL(ctx, "get_body_part", "text/html", "");
	(void)TEST_CALL(ctx, "remove_body_part", "text/plain");
	(void)TEST_CALL(ctx, "append_body_part", "x", "text/x");
	(void)TEST_CALL(ctx, "is_audio_on_hold");
	return script_forward(ctx);
}

static void hostile_bodies_come_to_an_end(void **state)
{
	static const char *const bits[] = { "--b\r\n",		"--b", "--b--",
					    "\r\n--b\n",	"-",   "--b\r\n\r\n",
					    "Content-Type:\r\n" };
	static char body[60001];

	(void)state;
	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
		size_t n = strlen(bits[i]), at = 0;

		for (; at + n < 60000; at += n)
			memcpy(body + at, bits[i], n);
		fake.runs = 0;
		run("multipart/mixed;boundary=b", str_of(body, at), script_any);
	}
	fake.runs = 0;
	run("multipart/mixed;boundary", STR("--\r\n--"), script_any);
	fake.runs = 0;
	run("multipart/mixed;boundary=\"", STR("--\r\n--"), script_any);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE_TEST(the_last_body_counts),
		FAKE_TEST(a_message_without_body_gets_one),
		FAKE_TEST(answers_have_bodies),
		FAKE_TEST(parts_come_and_go),
		FAKE_TEST(one_part_becomes_the_body),
		FAKE_TEST(a_body_becomes_a_part),
		FAKE_TEST(the_last_multipart_counts),
		FAKE_TEST(one_call_costs_no_more_than_one_match),
		FAKE_TEST(hold_is_seen),
		FAKE_TEST(hostile_bodies_come_to_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
