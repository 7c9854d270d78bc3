/* SPDX-License-Identifier: BSD-2-Clause */
/* Routes for the failure of one branch, while others ring. */
#include "tm_test.h"

static unsigned seen[8], seen_n; /* the statuses that the routes saw */

static void arm_both(struct ctx *ctx)
{
	seen_n = 0;
	assert_int_equal(call_with(ctx, "t_on_branch_failure", 0), FN_TRUE);
	assert_int_equal(call_with(ctx, "t_on_failure", 1), FN_TRUE);
	assert_int_equal(ctx_uri_set(ctx, STR("sip:asked@127.0.0.5")), 0);
}

static void look(struct ctx *ctx)
{
	assert_int_equal(ctx->route_kind, IN_FAILURE);
	seen[seen_n++] = (unsigned)call(ctx, "t_get_status_code");
}

static void look_at_all(struct ctx *ctx)
{
	look(ctx);
}

static void fork_two(void)
{
	test.targets[0] = "sip:one@127.0.0.6:5066";
	test.targets[1] = "sip:two@127.0.0.6:5067";
	test.request = arm_both;
	test.failure[0] = test.failure[0] ? test.failure[0] : look;
	test.failure[1] = look_at_all;
	receive("INVITE", URI_B);
	assert_sent("INVITE ", 2);
}

static void each_failure_is_seen_at_once_and_all_of_them_behind_that(void **state)
{
	(void)state;
	fork_two();
	respond(where("INVITE sip:two"), 404);
	assert_int_equal(test.failures, 1);
	assert_sent("SIP/2.0 404 ", 0);
	respond(where("INVITE sip:one"), 486);
	assert_int_equal(test.failures, 3);
	assert_int_equal(seen[0], 404);
	assert_int_equal(seen[1], 486);
	assert_int_equal(seen[2], 404);
	assert_sent("SIP/2.0 404 ", 1);
	ack();
}

static void try_third(struct ctx *ctx)
{
	look(ctx);
	assert_text(ctx_uri_text(ctx), STR("sip:two@127.0.0.6:5067"));
	target_add(ctx, "sip:three@127.0.0.6:5068");
	relay(ctx);
	assert_int_equal(test.relayed, FN_TRUE);
}

static void another_target_is_tried_while_the_first_rings(void **state)
{
	(void)state;
	test.failure[0] = try_third;
	fork_two();
	respond(where("INVITE sip:one"), 180);
	respond(where("INVITE sip:two"), 503);
	assert_sent("INVITE sip:three", 1);
	assert_sent("CANCEL ", 0);
	/* it was armed for the first two only */
	respond(where("INVITE sip:three"), 404);
	assert_int_equal(test.failures, 1);
	respond(where("INVITE sip:one"), 200);
	assert_sent("SIP/2.0 200 ", 1);
	assert_int_equal(test.failures, 1);
}

static void silence_is_a_failure(void **state)
{
	(void)state;
	conf()->fr_timer = 1000;
	fork_two();
	respond(where("INVITE sip:one"), 180);
	pass(1000);
	assert_int_equal(test.failures, 1);
	assert_int_equal(seen[0], 408);
	respond(where("INVITE sip:one"), 486);
	assert_int_equal(test.failures, 3);
	ack();
}

static void two_that_fail_at_a_time_come_one_after_the_other(void **state)
{
	(void)state;
	conf()->fr_timer = 1000;
	fork_two();
	pass(1000);
	assert_int_equal(test.failures, 3);
	assert_sent("SIP/2.0 408 ", 1);
	ack();
}

static void what_is_cancelled_is_no_failure(void **state)
{
	(void)state;
	fork_two();
	respond(where("INVITE sip:one"), 180);
	respond(where("INVITE sip:two"), 180);
	receive("CANCEL", URI_B);
	respond(where("INVITE sip:one"), 487);
	respond(where("INVITE sip:two"), 487);
	assert_sent("SIP/2.0 487 ", 1);
	for (unsigned i = 0; i < seen_n; i++)
		assert_int_equal(seen[i], 487);
	assert_true(test.failures <= 1); /* the failure route, none of the branches' */
	ack();
}

static bool arm_in_branch(struct ctx *ctx)
{
	if (str_find(ctx_uri_text(ctx), STR("two")) >= 0)
		assert_int_equal(call_with(ctx, "t_on_branch_failure", 2), FN_TRUE);
	return false;
}

static void arm_branches(struct ctx *ctx)
{
	seen_n = 0;
	assert_int_equal(call_with(ctx, "t_on_branch", 0), FN_TRUE);
}

static void a_branch_route_arms_it_for_its_branch(void **state)
{
	(void)state;
	test.targets[0] = "sip:one@127.0.0.6:5066";
	test.targets[1] = "sip:two@127.0.0.6:5067";
	test.request = arm_branches;
	test.branch[0] = arm_in_branch;
	test.failure[2] = look;
	receive("INVITE", URI_B);
	respond(where("INVITE sip:one"), 404);
	assert_int_equal(test.failures, 0);
	respond(where("INVITE sip:two"), 486);
	assert_int_equal(test.failures, 1);
	assert_int_equal(seen[0], 486);
	assert_sent("SIP/2.0 404 ", 1);
	ack();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_failure_is_seen_at_once_and_all_of_them_behind_that),
		TEST(another_target_is_tried_while_the_first_rings),
		TEST(silence_is_a_failure),
		TEST(two_that_fail_at_a_time_come_one_after_the_other),
		TEST(what_is_cancelled_is_no_failure),
		TEST(a_branch_route_arms_it_for_its_branch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
