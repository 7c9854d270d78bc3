/* SPDX-License-Identifier: BSD-2-Clause */
/* Transactions that a script leaves and somebody else goes on with. */
#include "tm_test.h"

#include "modules/tm/suspend.h"
#include "modules/tm/watch.h"

static int said; /* what t_suspend() said last */

static void suspend(struct ctx *ctx)
{
	uint64_t id;

	(void)ctx_fail(ctx, 478, STR("Tried Before"));
	said = trans_suspend(ctx, &id);
}

static void relay_it(struct ctx *ctx)
{
	relay(ctx);
}

static void nothing(struct ctx *ctx)
{
	(void)ctx;
}

static void answer_486(struct ctx *ctx)
{
	assert_int_equal(reply_send(ctx, 486, STR_NULL, STR_NULL), 0);
}

/* A script that does what test.request does, and nothing more. */
static enum script_result script_only(struct ctx *ctx)
{
	if (ctx->msg->method == METHOD_CANCEL)
		relay(ctx);
	else
		test.request(ctx);
	return SCRIPT_DONE;
}

static uint64_t suspended(const char *method_z)
{
	fake.script = script_only;
	if (!test.request)
		test.request = suspend;
	receive(method_z, URI_B);
	assert_int_equal(said, FN_TRUE);
	return trans_id(the_trans());
}

static int go_on(uint64_t id)
{
	return trans_continue(&fake.w, id, STR("R0"));
}

static void it_lasts_without_an_answer_and_retransmissions_are_absorbed(void **state)
{
	uint64_t id = suspended("INVITE");

	(void)state;
	test.again[0] = relay_it;
	assert_sent("SIP/2.0 100 ", 1);
	pass(3000);
	receive("INVITE", URI_B);
	assert_int_equal(fake.runs, 1);
	assert_sent("SIP/2.0 100 ", 2);
	assert_int_equal(go_on(id), 0);
	assert_sent("INVITE ", 1);
	assert_int_equal(counted(TM_CONTINUED), 1);
	respond(where("INVITE "), 486);
	assert_sent("SIP/2.0 486 ", 1);
	ack();
}

static void change_and_suspend(struct ctx *ctx)
{
	struct avps *avps = ctx_avps(ctx);

	assert_non_null(avps);
	assert_int_equal(ctx_uri_set(ctx, STR("sip:changed@127.0.0.6:5066")), 0);
	target_add(ctx, "sip:second@127.0.0.6:5067");
	ctx->flags = 1u << 7;
	suspend(ctx);
}

static void relay_changed(struct ctx *ctx)
{
	assert_int_equal(ctx->route_kind, IN_REQUEST);
	assert_text(ctx_uri_text(ctx), STR("sip:changed@127.0.0.6:5066"));
	assert_int_equal(ctx->branches.n, 1);
	assert_int_equal(ctx->flags, 1u << 7);
	relay(ctx);
}

static void the_request_is_as_the_script_left_it(void **state)
{
	uint64_t id;

	(void)state;
	test.request = change_and_suspend;
	test.again[0] = relay_changed;
	id = suspended("INVITE");
	assert_int_equal(go_on(id), 0);
	assert_sent("INVITE sip:changed@127.0.0.6:5066", 1);
	assert_sent("INVITE sip:second@127.0.0.6:5067", 1);
	respond(where("INVITE sip:changed"), 404);
	respond(where("INVITE sip:second"), 404);
	ack();
}

static void a_second_continue_is_an_error(void **state)
{
	uint64_t id = suspended("OPTIONS");

	(void)state;
	test.again[0] = answer_486;
	assert_int_equal(go_on(id), 0);
	assert_int_equal(go_on(id), -ESRCH);
	assert_sent("SIP/2.0 486 ", 1);
	assert_int_equal(go_on(id + 1), -ESRCH);
	assert_int_equal(go_on(0), -ESRCH);
}

static void an_unknown_route_leaves_it_suspended(void **state)
{
	uint64_t id = suspended("OPTIONS");

	(void)state;
	test.again[0] = answer_486;
	assert_int_equal(trans_continue(&fake.w, id, STR("NONE")), -ENOENT);
	assert_int_equal(trans_continue(&fake.w, id, STR("")), -ENOENT);
	assert_int_equal(go_on(id), 0);
	assert_sent("SIP/2.0 486 ", 1);
}

static void what_the_route_does_not_answer_is_answered(void **state)
{
	uint64_t id = suspended("OPTIONS");

	(void)state;
	test.again[0] = nothing;
	assert_int_equal(go_on(id), 0);
	assert_sent("SIP/2.0 500 ", 1);
	assert_int_equal(fake_count(MSG_NOTHING_DONE), 0);
}

static void it_may_be_suspended_again(void **state)
{
	uint64_t id = suspended("INVITE");

	(void)state;
	test.again[0] = suspend;
	test.again[1] = answer_486;
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(go_on(id), 0);
		assert_int_equal(said, FN_TRUE);
	}
	assert_int_equal(trans_continue(&fake.w, id, STR("R1")), 0);
	assert_sent("SIP/2.0 486 ", 1);
	ack();
}

/* --- nobody goes on ---------------------------------------------------------------------------------------------------------------------- */
static void nobody_goes_on_with_an_invite(void **state)
{
	uint64_t id;

	(void)state;
	conf()->fr_inv_timer = 5000;
	id = suspended("INVITE");
	pass(4999);
	assert_sent("SIP/2.0 408 ", 0);
	pass(1);
	assert_sent("SIP/2.0 408 ", 1);
	assert_int_equal(go_on(id), -ESRCH);
	ack();
}

static void nobody_goes_on_with_another_request(void **state)
{
	(void)state;
	conf()->fr_timer = 5000;
	suspended("OPTIONS");
	pass(4999);
	assert_sent("SIP/2.0 ", 0);
	pass(1);
	assert_sent("SIP/2.0 500 ", 1);
}

static void the_lifetime_ends_it(void **state)
{
	(void)state;
	conf()->max_inv_lifetime = 3000;
	suspended("INVITE");
	pass(3001);
	assert_sent("SIP/2.0 408 ", 1);
	ack();
}

static void arm_and_suspend(struct ctx *ctx)
{
	struct value v = value_int(0);

	assert_int_equal(fake_call(ctx, serac_module.functions, "t_on_failure", 1, &v), 1);
	suspend(ctx);
}

static void failure_408(struct ctx *ctx)
{
	struct tm_branch b;
	unsigned at = 0;

	assert_true(watch_branch_next(ctx, &at, &b));
	assert_int_equal(b.status, 408);
	assert_null(b.to);
	assert_int_equal(call(ctx, "t_get_status_code"), 408);
	assert_int_equal(call(ctx, "t_branch_timeout"), FN_TRUE);
	answer_486(ctx);
}

static void a_failure_route_sees_that_nobody_went_on(void **state)
{
	(void)state;
	conf()->fr_inv_timer = 5000;
	test.request = arm_and_suspend;
	test.failure[0] = failure_408;
	suspended("INVITE");
	pass(5000);
	assert_int_equal(test.failures, 1);
	assert_sent("SIP/2.0 486 ", 1);
	assert_sent("SIP/2.0 408 ", 0);
	ack();
}

/* --- CANCEL -------------------------------------------------------------------------------------------------------------------------------- */
static void a_cancel_ends_it_and_the_continue_fails(void **state)
{
	uint64_t id = suspended("INVITE");

	(void)state;
	test.again[0] = relay_it;
	receive("CANCEL", URI_B);
	assert_int_equal(fake.runs, 1);
	assert_sent("SIP/2.0 200 ", 1);
	assert_sent("SIP/2.0 487 ", 1);
	assert_int_equal(go_on(id), -ESRCH);
	assert_sent("INVITE ", 0);
	ack();
}

/* --- failure routes ------------------------------------------------------------------------------------------------------------------------ */
static void arm_and_relay(struct ctx *ctx)
{
	struct value v = value_int(0);

	assert_int_equal(fake_call(ctx, serac_module.functions, "t_on_failure", 1, &v), 1);
	relay(ctx);
}

static void a_failure_route_may_suspend(void **state)
{
	uint64_t id;

	(void)state;
	fake.script = script_only;
	test.request = arm_and_relay;
	test.failure[0] = suspend;
	test.again[0] = answer_486;
	receive("INVITE", URI_B);
	respond(where("INVITE "), 404);
	assert_int_equal(said, FN_TRUE);
	assert_sent("SIP/2.0 404 ", 0);
	id = trans_id(the_trans());
	assert_int_equal(go_on(id), 0);
	assert_sent("SIP/2.0 486 ", 1);
	assert_sent("SIP/2.0 404 ", 0);
	ack();
}

static void what_had_failed_goes_up_when_nothing_more_is_done(void **state)
{
	(void)state;
	conf()->fr_inv_timer = 5000;
	fake.script = script_only;
	test.request = arm_and_relay;
	test.failure[0] = suspend;
	receive("INVITE", URI_B);
	respond(where("INVITE "), 404);
	pass(5000);
	assert_sent("SIP/2.0 404 ", 1);
	ack();
}

static void a_cancel_of_what_a_failure_route_suspended(void **state)
{
	(void)state;
	fake.script = script_only;
	test.request = arm_and_relay;
	test.failure[0] = suspend;
	receive("INVITE", URI_B);
	respond(where("INVITE "), 404);
	receive("CANCEL", URI_B);
	assert_sent("SIP/2.0 487 ", 1);
	assert_sent("SIP/2.0 404 ", 0);
	ack();
}

/* --- what cannot be ------------------------------------------------------------------------------------------------------------------------ */
static void relay_and_suspend(struct ctx *ctx)
{
	relay(ctx);
	suspend(ctx);
}

static void what_has_been_sent_on_cannot_be_suspended(void **state)
{
	(void)state;
	fake.script = script_only;
	test.request = relay_and_suspend;
	receive("INVITE", URI_B);
	assert_int_equal(said, FN_FALSE);
	respond(where("INVITE "), 486);
	assert_sent("SIP/2.0 486 ", 1);
	ack();
}

static void suspend_and_answer(struct ctx *ctx)
{
	suspend(ctx);
	assert_int_equal(said, FN_TRUE);
	suspend(ctx);
	assert_int_equal(said, FN_FALSE);
	answer_486(ctx);
}

static void what_is_answered_is_not_suspended(void **state)
{
	(void)state;
	fake.script = script_only;
	test.request = suspend_and_answer;
	receive("OPTIONS", URI_B);
	assert_sent("SIP/2.0 486 ", 1);
	assert_int_equal(go_on(trans_id(the_trans())), -ESRCH);
}

/* --- two at a time ------------------------------------------------------------------------------------------------------------------------- */
static void continue_at_once(struct ctx *ctx)
{
	suspend(ctx);
	assert_int_equal(go_on(ctx->trans_id), 0);
	assert_sent("SIP/2.0 486 ", 0);
	assert_int_equal(go_on(ctx->trans_id), -ESRCH);
}

static void it_is_gone_on_with_before_its_script_has_ended(void **state)
{
	(void)state;
	fake.script = script_only;
	test.request = continue_at_once;
	test.again[0] = answer_486;
	receive("OPTIONS", URI_B);
	assert_sent("SIP/2.0 486 ", 1);
	assert_int_equal(counted(TM_POSTED), 1);
}

static void another_worker_has_it_when_somebody_goes_on(void **state)
{
	uint64_t id = suspended("OPTIONS");
	struct trans *t = the_trans();
	struct turn x;

	(void)state;
	test.again[0] = answer_486;
	assert_true(trans_take(t));
	assert_int_equal(go_on(id), 0);
	assert_int_equal(go_on(id), -ESRCH);
	assert_sent("SIP/2.0 486 ", 0);
	x = turn_begin(&fake.w, t);
	turn_end(&x);
	assert_sent("SIP/2.0 486 ", 1);
}

static void the_cancel_comes_before_the_posted_continue(void **state)
{
	uint64_t id = suspended("INVITE");
	struct trans *t = the_trans();
	struct turn x;

	(void)state;
	test.again[0] = relay_it;
	assert_true(trans_take(t));
	assert_int_equal(go_on(id), 0);
	receive("CANCEL", URI_B);
	x = turn_begin(&fake.w, t);
	turn_end(&x);
	assert_sent("SIP/2.0 487 ", 1);
	assert_sent("INVITE ", 0);
	ack();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_lasts_without_an_answer_and_retransmissions_are_absorbed),
		TEST(the_request_is_as_the_script_left_it),
		TEST(a_second_continue_is_an_error),
		TEST(an_unknown_route_leaves_it_suspended),
		TEST(what_the_route_does_not_answer_is_answered),
		TEST(it_may_be_suspended_again),
		TEST(nobody_goes_on_with_an_invite),
		TEST(nobody_goes_on_with_another_request),
		TEST(the_lifetime_ends_it),
		TEST(a_failure_route_sees_that_nobody_went_on),
		TEST(a_cancel_ends_it_and_the_continue_fails),
		TEST(a_failure_route_may_suspend),
		TEST(what_had_failed_goes_up_when_nothing_more_is_done),
		TEST(a_cancel_of_what_a_failure_route_suspended),
		TEST(what_has_been_sent_on_cannot_be_suspended),
		TEST(what_is_answered_is_not_suspended),
		TEST(it_is_gone_on_with_before_its_script_has_ended),
		TEST(another_worker_has_it_when_somebody_goes_on),
		TEST(the_cancel_comes_before_the_posted_continue),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
