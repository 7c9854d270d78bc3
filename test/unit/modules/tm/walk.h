/* SPDX-License-Identifier: BSD-2-Clause */
/* Traffic that passes every place of the module, whatever fails meanwhile: nothing is expected of it. */
#ifndef TEST_TM_WALK_H
#define TEST_TM_WALK_H

#include "tm_test.h"

#include "modules/tm/local.h"
#include "modules/tm/suspend.h"

static inline void walk_respond(const char *begin_z, unsigned status)
{
	for (unsigned i = fake.sent_n; i-- > 0;) {
		if (!str_starts(fake_out(i), str_z(begin_z)))
			continue;
		respond(i, status);
		return;
	}
}

static inline void walk_avp(struct ctx *ctx, const char *text_z)
{
	struct avp_name name = avp_name(STR("walk"));
	struct value v = value_str(str_z(text_z));
	struct avps *avps = ctx_avps(ctx);

	if (avps)
		(void)avp_add(avps, ctx->pool, &avps->first[AVP_GLOBAL], &name, &v, NULL);
}

static inline void walk_request(struct ctx *ctx)
{
	walk_avp(ctx, "in the request's route");
	(void)call_with(ctx, "t_on_failure", 0);
	(void)call_with(ctx, "t_on_branch", 0);
	(void)call_with(ctx, "t_on_reply", 0);
}

static inline bool walk_branch(struct ctx *ctx)
{
	(void)call_with(ctx, "t_on_reply", 1);
	(void)call_with(ctx, "t_on_branch_failure", 2);
	return false;
}

static inline bool walk_reply(struct ctx *ctx)
{
	walk_avp(ctx, "in a reply route");
	return false;
}

/* What comes while a script runs is left in the mailbox. */
static inline void walk_failure(struct ctx *ctx)
{
	walk_respond("INVITE sip:b@", 486);
	receive("INVITE", URI_B);
	if (ctx->trans)
		trans_hooks()->sent_failed(&fake.w, trans_token(ctx->trans, 0), EPIPE);
	(void)call_with(ctx, "t_on_failure", 1);
	(void)ctx_uri_set(ctx, STR("sip:third@127.0.0.8:5068"));
	(void)relay(ctx);
}

static inline void walk_branch_failed(struct ctx *ctx)
{
	walk_avp(ctx, "in a branch's failure route");
}

static inline void walk_again(struct ctx *ctx)
{
	(void)relay(ctx);
}

static inline void walk_failure_again(struct ctx *ctx)
{
	(void)reply_send(ctx, 480, STR_NULL, STR_NULL);
}

static inline enum script_result walk_script(struct ctx *ctx)
{
	if (test.request && ctx->msg->method != METHOD_ACK)
		test.request(ctx);
	for (unsigned i = 0; i < TARGETS && test.targets[i]; i++) {
		if (ctx->msg->method == METHOD_CANCEL || ctx->msg->method == METHOD_ACK)
			break;
		if (!i)
			(void)ctx_uri_set(ctx, str_z(test.targets[i]));
		else
			(void)branch_add(
				ctx, &(struct branch){ .uri = str_z(test.targets[i]), .q = -1 });
	}
	(void)relay(ctx);
	return SCRIPT_DONE;
}

static struct ctx *walk_waits;

static inline int walk_resume(struct ctx *ctx, void *arg)
{
	(void)arg;
	walk_waits = NULL;
	return relay(ctx);
}

static inline void walk_dropped(struct ctx *ctx, void *arg)
{
	(void)ctx;
	(void)arg;
	walk_waits = NULL;
}

static inline enum script_result walk_script_waits(struct ctx *ctx)
{
	(void)call(ctx, "t_newtran");
	ctx->wait = (struct ctx_wait){ .resume = walk_resume, .cancel = walk_dropped };
	ctx->machine = (struct machine *)&fake;
	walk_waits = ctx;
	return SCRIPT_WAITS;
}

/* Whoever goes on with what was begun needs them, too. */
static inline void walk_routes(void)
{
	test.branch[0] = walk_branch;
	test.reply[0] = test.reply[1] = walk_reply;
	test.failure[0] = walk_failure;
	test.failure[2] = walk_branch_failed;
	test.again[0] = walk_again;
	test.failure[1] = walk_failure_again;
}

/* Forks, tries elsewhere, is cancelled. */
static inline void walk_fork(void)
{
	sent_clear();
	/* what fails here is no reason not to send there again */
	fake.blocked_n = 0;
	walk_routes();
	fake.script = walk_script;
	test.request = walk_request;
	test.targets[0] = "sip:b@127.0.0.6:5066";
	test.targets[1] = "sip:c@127.0.0.7:5067";
	receive("INVITE", URI_B);
	receive("INVITE", URI_B);
	pass(600);
	walk_respond("INVITE sip:b@", 183);
	walk_respond("INVITE sip:b@", 486);
	walk_respond("INVITE sip:c@", 404);
	walk_respond("INVITE sip:third@", 180);
	fake.script = walk_script;
	receive("CANCEL", URI_B);
	walk_respond("CANCEL ", 200);
	walk_respond("INVITE sip:third@", 487);
	pass(700);
	ack();
	pass(40000);
}

/* A name with two addresses, of which one refuses the connection; a call; its end. */
static inline void walk_fail_over(void)
{
	struct trans *t = NULL;

	sent_clear();
	test.targets[0] = "sip:b@two.example.net;transport=tcp";
	test.targets[1] = NULL;
	fake.answers[0] = fake_addr("127.0.0.6:5066");
	fake.answers[1] = fake_addr("127.0.0.7:5067");
	fake.answers_n = 2;
	receive("INVITE", URI_B);
	for (unsigned i = 0; i < slab_top(tm->rows) && !t; i++) {
		t = (struct trans *)slab_at(tm->rows, i);
		if (atomic_load(&t->row.state) != MEM_LIVE)
			t = NULL;
	}
	if (t)
		trans_hooks()->sent_failed(&fake.w, trans_token(t, 0), ECONNREFUSED);
	walk_respond("INVITE ", 200);
	pass(40000);
	sent_clear();
	test.targets[0] = URI_B;
	test.request = NULL;
	receive("MESSAGE", URI_B);
	receive("MESSAGE", URI_B);
	walk_respond("MESSAGE ", 200);
	pass(40000);
}

/* The script waits, a CANCEL comes, it goes on. */
static inline void walk_wait(void)
{
	sent_clear();
	fake.script = walk_script_waits;
	receive("INVITE", URI_B);
	fake.script = walk_script;
	receive("CANCEL", URI_B);
	if (walk_waits)
		ctx_resume(walk_waits);
	pass(1200);
	ack();
	pass(40000);
}

static inline enum script_result walk_script_answers(struct ctx *ctx)
{
	(void)call(ctx, "t_newtran");
	(void)reply_send(ctx, 200, STR_NULL, STR_NULL);
	return SCRIPT_DONE;
}

static uint64_t walk_suspended;

static inline enum script_result walk_script_suspends(struct ctx *ctx)
{
	walk_suspended = 0;
	(void)trans_suspend(ctx, &walk_suspended);
	return SCRIPT_DONE;
}

/* One that somebody goes on with, from outside and while it is run, one that nobody does. */
static inline void walk_suspend(void)
{
	struct trans *t;

	sent_clear();
	fake.script = walk_script_suspends;
	receive("MESSAGE", URI_B);
	t = trans_find(walk_suspended);
	if (t && trans_take(t)) {
		struct turn x = turn_begin(&fake.w, t);

		(void)trans_continue(&fake.w, walk_suspended, STR("R0"));
		turn_end(&x);
	}
	(void)trans_continue(&fake.w, walk_suspended, STR("R0"));
	walk_respond("MESSAGE ", 200);
	pass(40000);
	receive("MESSAGE", URI_B);
	pass(70000);
}

/* More than a worker keeps rows at hand for. */
static inline void walk_many(void)
{
	char via[100];

	fake.script = walk_script_answers;
	for (unsigned i = 0; i < 70; i++) {
		snprintf(via, sizeof(via), "SIP/2.0/TCP 127.0.0.5:5062;branch=z9hG4bKmany%u", i);
		fake_receive(1, CALLER, FAKE_CONN, fake_request("MESSAGE", URI_B, via, ""));
	}
	pass(3);
}

/* A request that is made here. */
static inline void walk_local(void)
{
	struct tm_request r = { .method = STR("MESSAGE"),
				.ruri = STR(URI_B),
				.from = STR("<sip:a@example.com>"),
				.call_id = STR("c1"),
				.cseq = 3 };
	uint64_t id;

	sent_clear();
	(void)local_send(&fake.w, &r, &id);
	pass(600);
	walk_respond("MESSAGE ", 200);
	pass(6000);
}

static inline void walk(void)
{
	walk_fork();
	walk_fail_over();
	walk_wait();
	walk_local();

	walk_suspend();
	walk_many();
}

#endif
