/* SPDX-License-Identifier: BSD-2-Clause */
/* What this layer asks of a module that keeps transactions when messages come and answers go. */
#include "fake_trans.h"

/* --- requests ----------------------------------------------------------------------------------------------------------------------- */
static void a_request_of_a_transaction_reaches_no_script(void **state)
{
	(void)state;
	tm.takes_request = true;
	send_request("INVITE");
	assert_int_equal(tm.requests, 1);
	assert_int_equal(fake.runs, 0);
	tm.takes_request = false;
	send_request("INVITE");
	assert_int_equal(fake.runs, 1);
	/* what is malformed is refused before */
	fake_receive(0, "127.0.0.5:5062", 0, fake_request("INVITE", "nonsense", VIA_A, ""));
	assert_int_equal(tm.requests, 2);
}

static void a_waiting_request_is_asked_before_the_transactions(void **state)
{
	(void)state;
	wait_begins("INVITE");
	assert_int_equal(tm.requests, 1);
	send_request("INVITE");
	assert_int_equal(tm.requests, 1);
	assert_int_equal(fake_count(MSG_ABSORBED), 1);
	ctx_resume(waiting);
}

static enum script_result script_replies(struct ctx *ctx)
{
	ctx->trans = &tm.it;
	fake.last = reply_send(ctx, 486, STR_NULL, STR_NULL);
	return SCRIPT_DONE;
}

static void answers_of_a_context_with_a_transaction_are_the_modules(void **state)
{
	(void)state;
	fake.script = script_replies;
	send_request("INVITE");
	assert_int_equal(fake.last, 0);
	assert_int_equal(tm.status, 486);
	assert_int_equal(fake.sent_n, 0);
	assert_int_equal(tm.ends, 1);
	assert_int_equal(fake_count(MSG_REPLIES), 0);
	/* an ACK is never answered */
	send_request("ACK");
	assert_int_equal(fake.last, -EINVAL);
	assert_int_equal(tm.replies, 1);
	assert_int_equal(tm.ends, 2);
}

static void after_a_cancel_only_487_can_be_said(void **state)
{
	struct str text;
	struct ctx *ctx;

	(void)state;
	tm.gives_trans = true;
	tm.cancels = true;
	wait_begins("INVITE");
	ctx = waiting;
	ctx_resume(ctx);
	assert_int_equal(fake.last, -ECANCELED);
	assert_int_equal(tm.replies, 0);
	/* made, not sent, it may be anything */
	ctx = ctx_of_text(&fake.w,
			  &(struct origin){ .listener = &fake_listeners[0],
					    .transport = transport_of(TRANSPORT_UDP),
					    .src = fake_addr("127.0.0.5:5062") },
			  fake_request("INVITE", URI_B, VIA_A, ""));
	assert_non_null(ctx);
	assert_int_equal(reply_make(ctx, 480, STR_NULL, STR("X-A: 1\r\n"), &text), 0);
	assert_has(text, "SIP/2.0 480 Temporarily Unavailable\r\n");
	assert_has(text, "X-A: 1\r\n");
	assert_int_equal(fake.sent_n, 0);
	ctx_give(ctx);
}

static void kept_text_that_is_broken_gives_no_context(void **state)
{
	struct origin from = { .listener = &fake_listeners[0],
			       .transport = transport_of(TRANSPORT_UDP),
			       .src = fake_addr("127.0.0.5:5062") };

	(void)state;
	assert_null(ctx_of_text(&fake.w, &from, STR("INVITE")));
	assert_null(ctx_of_text(&fake.w, &from,
				STR("INVITE sip:a@b SIP/2.0\r\nContent-Length: 0\r\n\r\n")));
}

/* --- responses ------------------------------------------------------------------------------------------------------------------------ */
#define TRANS ID_MAKE(ID_TRANSACTION, 5, 9)

/* Sends the request on with a branch of a transaction. */
static enum script_result script_relays(struct ctx *ctx)
{
	struct branch b = branch_main(ctx);
	struct iovec iov[EMIT_IOV];
	struct nexthop hop;
	struct target t;
	unsigned n;

	assert_int_equal(nexthop_of(ctx, &b, &(struct instead){ .port = 0 }, &hop), FN_TRUE);
	assert_int_equal(nexthop_emit(ctx, &hop, &hop.hop.addr, via_branch_trans(ctx, TRANS, 2, 0),
				      &t, iov, &n),
			 0);
	assert_int_equal(fake_send(ctx->worker, &t, iov, n, 0), 0);
	ctx->done |= CTX_FORWARDED;
	return SCRIPT_DONE;
}

/* A response to what was sent, without its second Via if so wanted. */
static struct str response(bool second)
{
	static char text[4096];
	struct str out = fake_out(0), vias;
	size_t at = (size_t)str_find(out, STR("\r\n")) + 2,
	       from = (size_t)str_find(out, STR("From: "));
	int n;

	vias = str_of(out.p + at, from - at);
	if (!second)
		vias.n = (size_t)str_find(vias, STR("\r\n")) + 2;
	n = snprintf(text, sizeof(text),
		     "SIP/2.0 200 OK\r\n" STRF "From: <sip:a@example.com>;tag=f1\r\n"
		     "To: <sip:b@example.com>;tag=t\r\nCall-ID: c1\r\nCSeq: 7 INVITE\r\n"
		     "Content-Length: 0\r\n\r\n",
		     STRA(vias));
	return str_of(text, (size_t)n);
}

static void response_arrives(bool second)
{
	if (!fake.sent_n) {
		fake.script = script_relays;
		/* its second Via leads nowhere: a transaction knows where its request came from */
		fake_receive(0, "127.0.0.5:5062", 0,
			     fake_request("INVITE", URI_B,
					  "SIP/2.0/XYZ 127.0.0.1:5060;branch=z9hG4bKaaa", ""));
		fake.script = NULL;
	}
	fake_receive(0, "127.0.0.6:5066", 0, response(second));
}

static void a_response_of_a_transaction_is_the_modules(void **state)
{
	(void)state;
	tm.takes_response = true;
	response_arrives(true);
	assert_int_equal(tm.responses, 1);
	assert_int_equal(tm.where.letter, 't');
	assert_true(tm.where.trans == TRANS);
	assert_int_equal(tm.where.number, 2);
	assert_int_equal(tm.where.listener, 0);
	assert_int_equal(fake.sent_n, 1);
	assert_int_equal(fake_count(MSG_DROP_NO_TRANSACTION), 0);
	assert_int_equal(fake_count(MSG_RELAYED), 0);
	tm.takes_response = false;
	response_arrives(true);
	assert_int_equal(fake_count(MSG_DROP_NO_TRANSACTION), 1);
	/* without the Via below ours nothing proves which transaction it is of */
	response_arrives(false);
	assert_int_equal(tm.responses, 2);
	assert_int_equal(fake_count(MSG_DROP_NO_SECOND_VIA), 1);
}

static enum script_result script_changes(struct ctx *ctx)
{
	size_t at = (size_t)(str_end(ctx->msg->headers) - ctx->msg->buf.p);

	assert_int_equal(edits_add(&ctx->edits, ctx->pool, at, 0, STR("X-A: 1\r\n")), 0);
	assert_int_equal(message_apply(ctx), 0);
	return SCRIPT_DONE;
}

static void a_response_to_a_request_made_here_has_one_via(void **state)
{
	char text[BRANCH_MAX], vias[300];
	struct buf b = BUF_ON(text);

	(void)state;
	via_branch_local(&fake.run.msgs->key, TRANS, 1, &b);
	snprintf(vias, sizeof(vias),
		 "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1:5060;branch=%s\r\n", buf_z(&b));
	strcat(vias, "f: <sip:a@b>;tag=1\r\nt: <sip:b@b>;tag=2\r\ni: c\r\nCSeq: 1 OPTIONS\r\n");
	strcat(vias, "l: 0\r\n\r\n");
	tm.takes_response = true;
	fake.reply_route = true;
	fake.script = script_changes;
	fake_receive(0, "127.0.0.6:5066", 0, str_z(vias));
	assert_int_equal(tm.responses, 1);
	assert_int_equal(tm.where.letter, 'u');
	assert_true(tm.where.trans == TRANS);
	fake.w.msg->trans = NULL;
	fake_receive(0, "127.0.0.6:5066", 0, str_z(vias));
	assert_int_equal(fake_count(MSG_DROP_NO_TRANSACTION), 1);
}

static enum script_result script_drops(struct ctx *ctx)
{
	ctx->done |= CTX_DROPPED;
	return SCRIPT_DONE;
}

static void the_reply_route_is_asked_before(void **state)
{
	(void)state;
	response_arrives(true);
	assert_int_equal(tm.responses, 1);
	fake.reply_route = true;
	fake.script = script_drops;
	response_arrives(true);
	assert_int_equal(tm.responses, 1);
	assert_int_equal(fake_count(MSG_DROP_BY_SCRIPT), 1);
}

static void without_a_module_a_response_of_a_transaction_is_dropped(void **state)
{
	(void)state;
	fake.w.msg->trans = NULL;
	fake.reply_route = true;
	response_arrives(true);
	assert_int_equal(fake_count(MSG_DROP_NO_TRANSACTION), 1);
	assert_int_equal(fake.runs, 1);
}

/* --- the rest -------------------------------------------------------------------------------------------------------------------------- */
static void a_send_that_failed_is_told_by_its_token(void **state)
{
	(void)state;
	msg_hooks.sent_failed(&fake.w, 0, -ECONNREFUSED);
	assert_int_equal(tm.failures, 0);
	msg_hooks.sent_failed(&fake.w, 77, -ECONNREFUSED);
	assert_int_equal(tm.failures, 1);
	assert_int_equal(tm.token, 77);
	assert_int_equal(fake_count(MSG_SEND_FAILED), 2);
}

static void what_is_unfinished_is_counted(void **state)
{
	(void)state;
	assert_int_equal(msg_worker_unfinished(&fake.w), 3);
	wait_begins("OPTIONS");
	assert_int_equal(msg_worker_unfinished(&fake.w), 4);
	ctx_resume(waiting);
	fake.w.msg->trans = NULL;
	assert_int_equal(msg_worker_unfinished(&fake.w), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_request_of_a_transaction_reaches_no_script),
		TEST(a_waiting_request_is_asked_before_the_transactions),
		TEST(answers_of_a_context_with_a_transaction_are_the_modules),
		TEST(after_a_cancel_only_487_can_be_said),
		TEST(kept_text_that_is_broken_gives_no_context),
		TEST(a_response_of_a_transaction_is_the_modules),
		TEST(a_response_to_a_request_made_here_has_one_via),
		TEST(the_reply_route_is_asked_before),
		TEST(without_a_module_a_response_of_a_transaction_is_dropped),
		TEST(a_send_that_failed_is_told_by_its_token),
		TEST(what_is_unfinished_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
