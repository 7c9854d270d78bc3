/* SPDX-License-Identifier: BSD-2-Clause */
/* Edits become the message: reads see them, what leaves has them once, what would be no message is refused. */
#include "test/unit/core/msg/fake.h"

#include "core/msg/apply.h"
#include "core/msg/attrs.h"

#define HEAD                                                                          \
	"MESSAGE sip:b@127.0.0.6 SIP/2.0\r\nVia: " VIA_A                              \
	"\r\nRoute: <sip:127.0.0.1;lr>, <sip:127.0.0.7;lr>\r\nX-A: one two\r\n"       \
	"From: <sip:a@b>;tag=1\r\nTo: <sip:b@b>\r\nCall-ID: x\r\nCSeq: 1 MESSAGE\r\n" \
	"Max-Forwards: 70\r\n"
static const char in[] = HEAD "Content-Length: 5\r\n\r\nhello";

static struct str run(enum script_result (*script)(struct ctx *ctx))
{
	fake.script = script;
	fake_receive(0, "127.0.0.5:5062", 0, str_of(in, sizeof(in) - 1));
	assert_int_equal(fake.runs, 1);
	assert_int_equal(fake.sent_n, 1);
	return fake_out(0);
}

static struct str header(struct ctx *ctx, const char *name_z)
{
	const struct sip_hdr *h = sip_msg_find(ctx->msg, str_z(name_z));

	return h ? h->body : STR_NULL;
}

static int replace_body(struct ctx *ctx, const char *text_z)
{
	return message_replace(ctx, (size_t)(ctx->msg->body.p - ctx->msg->buf.p), ctx->msg->body.n,
			       str_z(text_z));
}

static enum script_result script_applies(struct ctx *ctx)
{
	struct str via = ctx->via->whole;
	unsigned n;

	assert_int_equal(message_apply(ctx), 0);
	assert_int_equal(ctx->texts, 0);
	assert_int_equal(ctx_uri_set(ctx, STR("sip:new@127.0.0.9:5099")), 0);
	assert_int_equal(header_add(ctx, STR("X-B: new"), STR_NULL, true), 0);
	assert_int_equal(header_remove(ctx, STR("X-A"), &n), 0);
	assert_int_equal(replace_body(ctx, "hello world"), 0);
	assert_true(str_is_null(header(ctx, "X-B")));
	assert_int_equal(message_apply(ctx), 0);
	assert_int_equal(ctx->texts, 1);
	assert_text(header(ctx, "X-B"), STR("new"));
	assert_true(str_is_null(header(ctx, "X-A")));
	assert_text(ctx->msg->body, STR("hello world"));
	assert_text(header(ctx, "Content-Length"), STR("11"));
	assert_text(ctx->via->whole, via);
	assert_ptr_not_equal(ctx->via->whole.p, via.p);
	assert_text(ctx_uri_text(ctx), STR("sip:new@127.0.0.9:5099"));
	assert_text(ctx->msg->ruri, STR("sip:b@127.0.0.6"));
	/* and again, on top of it */
	assert_int_equal(header_remove(ctx, STR("X-B"), &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(header_add(ctx, STR("X-C: 1"), STR_NULL, false), 0);
	return script_forward(ctx);
}

static void edits_become_the_message(void **state)
{
	struct str out;

	(void)state;
	out = run(script_applies);
	assert_true(str_starts(out, STR("MESSAGE sip:new@127.0.0.9:5099 SIP/2.0\r\n")));
	assert_has(out, "Via: SIP/2.0/UDP 127.0.0.1");
	assert_has(out, "\r\nRoute: <sip:127.0.0.7;lr>\r\n");
	assert_has_not(out, "X-A");
	assert_has_not(out, "X-B");
	assert_has(out, "Max-Forwards: 69\r\nContent-Length: 11\r\nX-C: 1\r\n\r\nhello world");
}

static enum script_result script_refused(struct ctx *ctx)
{
	struct sip_via *via = ctx->via;
	unsigned n;

	assert_int_equal(header_remove(ctx, STR("To"), &n), 0);
	assert_int_equal(message_apply(ctx), -EBADMSG);
	assert_ptr_equal(ctx->via, via);
	assert_text(header(ctx, "To"), STR("<sip:b@b>"));
	assert_text(ctx->msg->buf, str_of(in, sizeof(in) - 1));
	assert_int_equal(header_add(ctx, STR("X-C: 1"), STR_NULL, false), 0);
	return script_forward(ctx);
}

static void what_is_no_message_stays_an_edit(void **state)
{
	struct str out;

	(void)state;
	out = run(script_refused);
	assert_has_not(out, "\r\nTo:");
	assert_has(out, "X-C: 1\r\n");
}

static const struct {
	const char *text;
	int result;
} sets[] = {
	{ "", -EBADMSG },
	{ "nothing", -EBADMSG },
	{ "SIP/2.0 200 OK\r\nVia: " VIA_A "\r\n\r\n", -EBADMSG },
	{ "ACK sip:b@127.0.0.6 SIP/2.0\r\nVia: " VIA_A "\r\nFrom: <sip:a@b>;tag=1\r\n"
	  "To: <sip:b@b>\r\nCall-ID: x\r\nCSeq: 1 ACK\r\n\r\n",
	  -EBADMSG },
	{ "MESSAGE sip:b@127.0.0.6 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.8\r\n"
	  "From: <sip:a@b>;tag=1\r\nTo: <sip:b@b>\r\nCall-ID: x\r\nCSeq: 1 MESSAGE\r\n\r\n",
	  -EBADMSG },
	{ "MESSAGE sip:c@127.0.0.6 SIP/2.0\r\nVia: " VIA_A "\r\nFrom: <sip:a@b>;tag=1\r\n"
	  "To: <sip:b@b>\r\nCall-ID: x\r\nCSeq: 1 MESSAGE\r\nX-New: 1\r\n\r\n",
	  0 },
};

static enum script_result script_sets(struct ctx *ctx)
{
	assert_int_equal(ctx_uri_set(ctx, STR("sip:new@127.0.0.9")), 0);
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		assert_int_equal(message_set(ctx, str_z(sets[i].text)), sets[i].result);
		if (sets[i].result)
			assert_text(ctx_uri_text(ctx), STR("sip:new@127.0.0.9"));
	}
	assert_text(ctx_uri_text(ctx), STR("sip:c@127.0.0.6"));
	return script_forward(ctx);
}

static void a_new_text_must_be_the_same_request(void **state)
{
	struct str out;

	(void)state;
	out = run(script_sets);
	assert_true(str_starts(out, STR("MESSAGE sip:c@127.0.0.6 SIP/2.0\r\n")));
	assert_has(out, "X-New: 1\r\n");
	assert_has_not(out, "X-A");
}

static enum script_result script_shows(struct ctx *ctx)
{
	unsigned n;

	assert_int_equal(header_add(ctx, STR("X-B: new"), STR_NULL, true), 0);
	edits_show(ctx);
	assert_true(str_is_null(header(ctx, "X-B")));
	fake.mc.edits_visible = true;
	edits_show(ctx);
	assert_text(header(ctx, "X-B"), STR("new"));
	assert_int_equal(ctx->texts, 1);
	/* what is refused is not tried for ever */
	assert_int_equal(header_remove(ctx, STR("Call-ID"), &n), 0);
	edits_show(ctx);
	n = (unsigned)pool_used(ctx->pool);
	edits_show(ctx);
	assert_int_equal(pool_used(ctx->pool), n);
	return script_forward(ctx);
}

static void edits_show_at_once_when_asked_for(void **state)
{
	(void)state;
	assert_has(run(script_shows), "X-B: new\r\n");
}

static void request_b(char *branch, size_t n)
{
	struct str out = fake_out(0), line;
	ssize_t at = str_find(out, STR("Via: "));

	line = str_skip(out, (size_t)at + 5);
	line = str_head(line, (size_t)str_find(line, STR("\r\n")));
	snprintf(branch, n, STRF, STRA(line));
}

static enum script_result script_reply(struct ctx *ctx)
{
	unsigned n;

	if (ctx->msg->is_request)
		return script_forward(ctx);
	assert_int_equal(header_add(ctx, STR("X-B: new"), STR("Via"), true), 0);
	assert_int_equal(message_apply(ctx), 0);
	assert_int_equal(header_remove(ctx, STR("Server"), &n), 0);
	return SCRIPT_DONE;
}

/* between: what stands between our Via and the next one. */
static void response_with(const char *between_z)
{
	char own[512], text[2048];
	int n;

	fake.script = script_reply;
	fake.reply_route = true;
	fake_receive(0, "127.0.0.5:5062", 0, str_of(in, sizeof(in) - 1));
	request_b(own, sizeof(own));
	n = snprintf(text, sizeof(text),
		     "SIP/2.0 200 OK\r\nVia: %s%s" VIA_A ";rport=5062;received=127.0.0.5\r\n"
		     "From: <sip:a@b>;tag=1\r\nTo: <sip:b@b>;tag=2\r\nCall-ID: x\r\n"
		     "CSeq: 1 MESSAGE\r\nServer: x\r\nContent-Length: 0\r\n\r\n",
		     own, between_z);
	fake_receive(0, "127.0.0.7:5060", 0, str_of(text, (size_t)n));
	assert_int_equal(fake.sent_n, 2);
	assert_sent_to(1, "127.0.0.5:5062");
	assert_true(str_starts(fake_out(1), STR("SIP/2.0 200 OK\r\nX-B: new\r\nVia: " VIA_A)));
	assert_has_not(fake_out(1), "Server:");
}

static void a_response_goes_on_by_its_second_via(void **state)
{
	(void)state;
	response_with("\r\nVia: ");
}

static void a_response_goes_on_when_its_vias_are_joined(void **state)
{
	(void)state;
	response_with(", ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE_TEST(edits_become_the_message),
		FAKE_TEST(what_is_no_message_stays_an_edit),
		FAKE_TEST(a_new_text_must_be_the_same_request),
		FAKE_TEST(edits_show_at_once_when_asked_for),
		FAKE_TEST(a_response_goes_on_by_its_second_via),
		FAKE_TEST(a_response_goes_on_when_its_vias_are_joined),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
