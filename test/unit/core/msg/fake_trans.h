/* SPDX-License-Identifier: BSD-2-Clause */
/* A module of transactions that keeps none: it records what it is asked, and a script whose one function waits. */
#ifndef TEST_MSG_FAKE_TRANS_H
#define TEST_MSG_FAKE_TRANS_H

#include "fake.h"

#include "core/msg/emit.h"
#include "core/msg/nexthop.h"
#include "core/msg/receive.h"
#include "core/msg/reply.h"
#include "core/msg/stateful.h"

struct trans {
	int n;
};

static struct {
	struct trans it;
	bool takes_request, takes_response, knows;
	unsigned busy; /* how often go_on() is refused */
	bool cancels;
	unsigned requests, responses, replies, parks, goes, ends, failures, finishes;
	uint64_t token;
	struct via_where where;
	unsigned status;
	bool parked_first; /* of the last end(): park() was called and go_on() not since */
	bool is_parked;
	bool cancel_comes; /* just before a waiting request's row is handed over */
	bool gives_trans;  /* the script's first function makes a transaction */
	bool hands_over;   /* what wait_hand_over() said */
} tm;

static inline bool tm_request(struct ctx *ctx)
{
	(void)ctx;
	tm.requests++;
	return tm.takes_request;
}

static inline bool tm_response(struct ctx *ctx, const struct via_where *where)
{
	assert_int_equal(ctx->route_kind, IN_REPLY);
	tm.responses++;
	tm.where = *where;
	return tm.takes_response;
}

static inline int tm_reply(struct ctx *ctx, unsigned status, struct str reason, struct str headers)
{
	struct str text;

	tm.replies++;
	tm.status = status;
	ctx->done |= CTX_REPLIED;
	assert_int_equal(reply_make(ctx, status, reason, headers, &text), 0);
	assert_true(str_starts(text, STR("SIP/2.0 ")));
	return 0;
}

static inline void tm_park(struct ctx *ctx)
{
	assert_true(ctx->waits);
	assert_false(tm.is_parked);
	tm.is_parked = true;
	tm.parks++;
}

static inline bool tm_go_on(struct ctx *ctx)
{
	assert_true(tm.is_parked);
	tm.goes++;
	if (tm.busy) {
		tm.busy--;
		return false;
	}
	tm.is_parked = false;
	ctx->cancelled = tm.cancels;
	return true;
}

static inline void tm_end(struct ctx *ctx)
{
	tm.ends++;
	tm.parked_first = tm.is_parked;
	ctx->trans = NULL;
}

static inline void tm_sent_failed(struct worker *w, uint64_t token, int reason)
{
	(void)w;
	(void)reason;
	tm.failures++;
	tm.token = token;
}

static inline bool tm_knows(struct ctx *ctx)
{
	(void)ctx;
	return tm.knows;
}

static inline unsigned tm_in_use(struct run *run)
{
	(void)run;
	return 0;
}

static inline unsigned tm_unfinished(struct worker *w)
{
	(void)w;
	return 3;
}

static const struct trans_hooks tm_hooks = {
	.request = tm_request,
	.response = tm_response,
	.reply = tm_reply,
	.park = tm_park,
	.go_on = tm_go_on,
	.end = tm_end,
	.sent_failed = tm_sent_failed,
	.knows = tm_knows,
	.in_use = tm_in_use,
	.unfinished = tm_unfinished,
};

static inline int setup(void **state)
{
	fake_setup(state);
	memset(&tm, 0, sizeof(tm));
	fake.w.msg->trans = &tm_hooks;
	fake.answers[0] = fake_addr("127.0.0.50:0");
	fake.answers_n = 1;
	return 0;
}

static inline int teardown(void **state)
{
	assert_int_equal(msg_worker_waiting(&fake.w), 0);
	assert_int_equal(waits_used(fake.run.msgs->waits), 0);
	return fake_teardown(state);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static inline void send_request(const char *method_z)
{
	fake_receive(0, "127.0.0.5:5062", 0, fake_request(method_z, URI_B, VIA_A, ""));
}

static inline void pass_time(uint32_t ms)
{
	timers_run(fake.w.timers, timers_now(fake.w.timers) + ms, 1000);
}

/* --- a script whose one function waits ------------------------------------------------------------------------------------------ */
static struct ctx *waiting;
static unsigned cancel_calls;

static inline int waited(struct ctx *ctx, void *arg)
{
	(void)ctx;
	(void)arg;
	return FN_TRUE;
}

static inline void let_go(struct ctx *ctx, void *arg)
{
	(void)ctx;
	(void)arg;
	cancel_calls++;
}

static inline enum script_result script_waits(struct ctx *ctx)
{
	if (tm.gives_trans)
		ctx->trans = &tm.it;
	ctx->machine = (struct machine *)&fake;
	ctx->wait = (struct ctx_wait){ .resume = waited, .cancel = let_go };
	waiting = ctx;
	return SCRIPT_WAITS;
}

static inline enum script_result script_answers(struct ctx *ctx, int value)
{
	(void)value;
	fake.last = reply_send(ctx, 404, STR_NULL, STR_NULL);
	return SCRIPT_DONE;
}

static inline enum script_result script_gets_trans(struct ctx *ctx, int value)
{
	(void)value;
	if (tm.cancel_comes)
		send_request("CANCEL");
	ctx->trans = &tm.it;
	tm.hands_over = wait_hand_over(ctx);
	return SCRIPT_DONE;
}

static inline enum script_result script_waits_again(struct ctx *ctx, int value)
{
	script_gets_trans(ctx, value);
	fake.script_resume = script_answers;
	tm.gives_trans = false;
	return script_waits(ctx);
}

static inline void wait_begins(const char *method_z)
{
	cancel_calls = 0;
	fake.script = script_waits;
	fake.script_resume = script_answers;
	send_request(method_z);
	assert_int_equal(msg_worker_waiting(&fake.w), 1);
}

#endif
