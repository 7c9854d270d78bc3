/* SPDX-License-Identifier: BSD-2-Clause */
/* Late edits: their texts are made for each target, never seen before, and outlive a change of the message's text. */
#include "test/unit/core/msg/fake.h"

#include "core/msg/apply.h"

#define HEAD                                                                      \
	"MESSAGE " URI_B " SIP/2.0\r\nVia: " VIA_A "\r\nX-A: one two\r\n"         \
	"From: <sip:a@b>;tag=1\r\nTo: <sip:b@b>\r\nCall-ID: x\r\nCSeq: 1 MESSAGE" \
	"\r\nMax-Forwards: 70\r\n"
static const char in[] = HEAD "Content-Length: 5\r\n\r\nhello";

static unsigned made;

static int late_make(struct ctx *ctx, const struct target *t, const void *data, size_t data_n,
		     struct str *text_r)
{
	struct buf b = buf_over(pool_alloc(ctx->pool, 200), 200);

	made++;
	if (str_eq(str_of(data, data_n), STR("fail")))
		return -EMSGSIZE;
	buf_lit(&b, "X-Late: ");
	buf_str_put(&b, t->from->host);
	buf_char(&b, ' ');
	buf_str_put(&b, str_z(t->transport->name));
	buf_char(&b, ' ');
	buf_mem(&b, data, data_n);
	buf_lit(&b, "\r\n");
	*text_r = buf_str(&b);
	return 0;
}

static int late_none(struct ctx *ctx, const struct target *t, const void *data, size_t data_n,
		     struct str *text_r)
{
	(void)ctx;
	(void)t;
	(void)data;
	(void)data_n;
	(void)text_r;
	return 0;
}

static const struct edit_late late = { .make = late_make }, none = { .make = late_none };

static size_t place_of(struct ctx *ctx, const char *text_z)
{
	ssize_t at = str_find(ctx->msg->buf, str_z(text_z));

	assert_true(at > 0);
	return (size_t)at;
}

static void add(struct ctx *ctx, const char *before_z, const char *data_z)
{
	assert_int_equal(edits_add_late(&ctx->edits, ctx->pool, place_of(ctx, before_z), &late,
					str_z(data_z)),
			 0);
}

static struct str run(enum script_result (*script)(struct ctx *ctx))
{
	made = 0;
	fake.script = script;
	fake_receive(0, "127.0.0.5:5062", 0, str_of(in, sizeof(in) - 1));
	assert_int_equal(fake.runs, 1);
	return fake.sent_n ? fake_out(fake.sent_n - 1) : STR_NULL;
}

static enum script_result script_twice(struct ctx *ctx)
{
	add(ctx, "From:", "a");
	assert_int_equal(
		edits_add_late(&ctx->edits, ctx->pool, place_of(ctx, "From:"), &none, STR_NULL), 0);
	assert_int_equal(header_add(ctx, STR("X-B: 1"), STR("X-A"), true), 0);
	assert_false(edits_late(&ctx->edits, &late) == NULL);
	assert_int_equal(forward_host(ctx, STR("127.0.0.7"), 0, NULL), FN_TRUE);
	return script_forward(ctx);
}

static enum script_result script_tcp(struct ctx *ctx)
{
	add(ctx, "From:", "a");
	fake.last = forward_request(ctx, STR_NULL, transport_of(TRANSPORT_TCP));
	return SCRIPT_DONE;
}

static void a_text_is_made_for_each_target(void **state)
{
	(void)state;
	run(script_twice);
	assert_int_equal(made, 2);
	assert_int_equal(fake.sent_n, 2);
	assert_has(fake_out(0), "X-B: 1\r\nX-A: one two\r\nX-Late: 127.0.0.1 udp a\r\nFrom:");
	assert_has(fake_out(1), "X-B: 1\r\nX-A: one two\r\nX-Late: 127.0.0.1 udp a\r\nFrom:");
	fake.runs = 0;
	assert_has(run(script_tcp), "X-A: one two\r\nX-Late: 127.0.0.1 tcp a\r\nFrom:");
}

static enum script_result script_fails(struct ctx *ctx)
{
	add(ctx, "From:", "fail");
	return script_forward(ctx);
}

static void a_text_that_cannot_be_made_fails_the_target(void **state)
{
	struct str out;

	(void)state;
	out = run(script_fails);
	assert_int_equal(fake.last, FN_FALSE);
	assert_true(str_starts(out, STR("SIP/2.0 513 ")));
}

static enum script_result script_applies(struct ctx *ctx)
{
	unsigned n;

	assert_false(edits_any(&ctx->edits));
	add(ctx, "Via:", "1");
	add(ctx, "From:", "2");
	add(ctx, "\r\nhello", "3");
	assert_false(edits_any(&ctx->edits));
	assert_int_equal(message_apply(ctx), 0);
	assert_int_equal(ctx->texts, 0);
	assert_int_equal(header_add(ctx, STR("X-B: new"), STR_NULL, false), 0);
	assert_int_equal(header_remove(ctx, STR("X-A"), &n), 0);
	assert_int_equal(message_replace(ctx, (size_t)(ctx->msg->body.p - ctx->msg->buf.p),
					 ctx->msg->body.n, STR("0123456789")),
			 0);
	assert_int_equal(message_apply(ctx), 0);
	assert_int_equal(ctx->texts, 1);
	assert_int_equal(made, 0);
	assert_false(edits_any(&ctx->edits));
	assert_int_equal(message_apply(ctx), 0);
	assert_int_equal(ctx->texts, 1);
	return script_forward(ctx);
}

static void they_go_over_to_the_changed_text(void **state)
{
	struct str out;

	(void)state;
	out = run(script_applies);
	assert_int_equal(made, 3);
	assert_true(
		str_starts(out, STR("MESSAGE " URI_B " SIP/2.0\r\nX-Late: 127.0.0.1 udp 1\r\n")));
	assert_has(out, VIA_A);
	assert_has(out, "\r\nX-Late: 127.0.0.1 udp 2\r\nFrom: ");
	assert_has(out, "Content-Length: 10\r\nX-Late: 127.0.0.1 udp 3\r\nX-B: new\r\n\r\n0123");
}

static enum script_result script_sets(struct ctx *ctx)
{
	add(ctx, "From:", "1");
	add(ctx, "To:", "2");
	assert_int_equal(message_set(ctx, STR("MESSAGE " URI_B " SIP/2.0\r\nVia: " VIA_A
					      "\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:b@b>\r\n"
					      "Call-ID: x\r\nCSeq: 1 MESSAGE\r\n\r\n")),
			 0);
	return script_forward(ctx);
}

static void they_stand_first_in_another_text(void **state)
{
	(void)state;
	assert_true(str_starts(run(script_sets),
			       STR("MESSAGE " URI_B " SIP/2.0\r\nX-Late: 127.0.0.1 udp 1\r\n"
				   "X-Late: 127.0.0.1 udp 2\r\nVia: ")));
}

static enum script_result script_refused(struct ctx *ctx)
{
	unsigned n;

	add(ctx, "From:", "1");
	assert_int_equal(header_remove(ctx, STR("To"), &n), 0);
	assert_int_equal(message_apply(ctx), -EBADMSG);
	return script_forward(ctx);
}

static void they_stay_where_a_change_is_refused(void **state)
{
	(void)state;
	assert_has(run(script_refused), "X-A: one two\r\nX-Late: 127.0.0.1 udp 1\r\nFrom:");
}

static enum script_result script_visible(struct ctx *ctx)
{
	fake.mc.edits_visible = true;
	add(ctx, "From:", "1");
	edits_show(ctx);
	assert_int_equal(ctx->texts, 0);
	assert_int_equal(header_add(ctx, STR("X-B: new"), STR_NULL, true), 0);
	edits_show(ctx);
	edits_show(ctx);
	assert_int_equal(ctx->texts, 1);
	return script_forward(ctx);
}

static void they_do_not_show(void **state)
{
	(void)state;
	assert_has(run(script_visible), "X-A: one two\r\nX-Late: 127.0.0.1 udp 1\r\nFrom:");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE_TEST(a_text_is_made_for_each_target),
		FAKE_TEST(a_text_that_cannot_be_made_fails_the_target),
		FAKE_TEST(they_go_over_to_the_changed_text),
		FAKE_TEST(they_stand_first_in_another_text),
		FAKE_TEST(they_stay_where_a_change_is_refused),
		FAKE_TEST(they_do_not_show),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
