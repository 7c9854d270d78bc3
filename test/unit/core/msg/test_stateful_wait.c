/* SPDX-License-Identifier: BSD-2-Clause */
/* Contexts with a transaction that wait: let go of and taken again; what waited before it had one; routes of the module itself. */
#include "fake_trans.h"

/* --- a context of the module's own -------------------------------------------------------------------------------------------------- */
static void finishes(struct ctx *ctx)
{
	tm.finishes++;
	assert_ptr_equal(ctx->trans, &tm.it);
	assert_int_equal(tm.ends, 0);
}

static struct ctx *own_context(void)
{
	struct origin from = { .listener = &fake_listeners[0],
			       .transport = transport_of(TRANSPORT_UDP),
			       .src = fake_addr("127.0.0.5:5062") };
	struct ctx *ctx = ctx_of_text(&fake.w, &from, fake_request("INVITE", URI_B, VIA_A, ""));

	ctx->trans = &tm.it;
	ctx->finish = finishes;
	ctx->route_kind = IN_FAILURE;
	return ctx;
}

static void whoever_starts_a_route_says_what_follows_it(void **state)
{
	(void)state;
	script_ran(own_context(), SCRIPT_DONE);
	assert_int_equal(tm.finishes, 1);
	assert_int_equal(tm.ends, 1);
	assert_int_equal(fake_count(MSG_NOTHING_DONE), 0);
}

static void a_route_of_the_modules_own_may_wait(void **state)
{
	struct ctx *ctx = own_context();

	(void)state;
	fake.script_resume = NULL;
	script_ran(ctx, script_waits(ctx));
	assert_int_equal(tm.parks, 1);
	assert_int_equal(tm.finishes, 0);
	/* nobody retransmits it: its row is in no bucket */
	fake.script = NULL;
	send_request("INVITE");
	assert_int_equal(fake.runs, 1);
	pass_time(1100);
	assert_int_equal(cancel_calls, 1);
	assert_int_equal(tm.finishes, 1);
	assert_int_equal(tm.ends, 1);
}

/* --- waiting -------------------------------------------------------------------------------------------------------------------------- */
static void while_it_waits_the_transaction_is_let_go_of(void **state)
{
	(void)state;
	tm.gives_trans = true;
	wait_begins("INVITE");
	/* its retransmissions and its 100 are the transaction's */
	assert_int_equal(fake.sent_n, 0);
	assert_int_equal(tm.parks, 1);
	fake.script = NULL;
	send_request("INVITE");
	assert_int_equal(fake.runs, 2);
	ctx_resume(waiting);
	assert_int_equal(tm.goes, 1);
	assert_int_equal(tm.status, 404);
	assert_int_equal(tm.ends, 1);
	assert_false(tm.parked_first);
}

static void what_another_worker_has_is_asked_for_again(void **state)
{
	(void)state;
	tm.gives_trans = true;
	wait_begins("INVITE");
	tm.busy = 2;
	ctx_resume(waiting);
	assert_int_equal(msg_worker_waiting(&fake.w), 1);
	pass_time(1);
	assert_int_equal(tm.goes, 2);
	pass_time(1);
	assert_int_equal(tm.goes, 3);
	assert_int_equal(tm.ends, 1);
	/* what was asked for had arrived */
	assert_int_equal(cancel_calls, 0);
}

static void the_deadline_waits_for_the_transaction_too(void **state)
{
	(void)state;
	tm.gives_trans = true;
	wait_begins("INVITE");
	tm.busy = 1;
	pass_time(1100);
	assert_int_equal(cancel_calls, 1);
	assert_int_equal(tm.ends, 0);
	pass_time(1);
	assert_int_equal(cancel_calls, 1);
	assert_int_equal(tm.ends, 1);
}

static void too_many_waits_are_answered_through_the_transaction(void **state)
{
	struct ctx *all[64];

	(void)state;
	tm.gives_trans = true;
	fake.script = script_waits;
	fake.script_resume = script_answers;
	for (int i = 0; i < 64; i++) {
		send_request("INVITE");
		all[i] = waiting;
		tm.is_parked = false;
	}
	assert_int_equal(tm.replies, 0);
	send_request("INVITE");
	assert_int_equal(tm.status, 503);
	assert_int_equal(tm.ends, 1);
	assert_int_equal(tm.parks, 64);
	for (int i = 0; i < 64; i++) {
		tm.is_parked = true;
		ctx_resume(all[i]);
	}
}

static void a_worker_that_stops_leaves_nothing(void **state)
{
	(void)state;
	tm.gives_trans = true;
	wait_begins("INVITE");
	park_stop(fake.w.msg);
	assert_int_equal(tm.status, 503);
	assert_int_equal(tm.ends, 1);
	assert_int_equal(cancel_calls, 1);
	tm.status = 0;
	wait_begins("INVITE");
	tm.busy = 1;
	park_stop(fake.w.msg);
	/* another worker has the transaction: it tells */
	assert_int_equal(tm.status, 0);
	assert_int_equal(tm.ends, 1);
	assert_int_equal(cancel_calls, 1);
	/* what it waited for had come, and the transaction was still to be had */
	tm.is_parked = false;
	wait_begins("INVITE");
	tm.busy = 2;
	ctx_resume(waiting);
	park_stop(fake.w.msg);
	assert_int_equal(cancel_calls, 0);
}

/* --- a transaction behind a wait ----------------------------------------------------------------------------------------------------- */
static void a_row_is_handed_over(void **state)
{
	(void)state;
	wait_begins("INVITE");
	fake.script_resume = script_waits_again;
	ctx_resume(waiting);
	assert_false(tm.hands_over);
	assert_int_equal(tm.parks, 1);
	assert_int_equal(tm.ends, 0);
	/* nobody finds it in the table any more */
	fake.script = NULL;
	send_request("INVITE");
	assert_int_equal(fake.runs, 2);
	assert_int_equal(fake_count(MSG_ABSORBED), 0);
	ctx_resume(waiting);
	assert_int_equal(tm.ends, 1);
}

static void a_cancel_that_came_before_is_told(void **state)
{
	(void)state;
	wait_begins("INVITE");
	fake.script_resume = script_waits_again;
	tm.cancel_comes = true;
	ctx_resume(waiting);
	assert_true(tm.hands_over);
	/* from now on it is the transaction that says whether there was one */
	ctx_resume(waiting);
	assert_int_equal(tm.status, 404);
	assert_int_equal(fake_count(MSG_CANCELLED), 0);
	assert_int_equal(tm.ends, 1);
}

static void a_successor_says_nothing_for_a_row_that_was_handed_over(void **state)
{
	struct orphan o;
	unsigned at = 0;

	(void)state;
	wait_begins("INVITE");
	fake.script_resume = script_waits_again;
	ctx_resume(waiting);
	assert_true(waits_orphan_next(&fake.w, &at, &o));
	assert_true(str_is_null(o.text));
	ctx_resume(waiting);
}

static void a_successor_leaves_what_has_a_transaction_to_it(void **state)
{
	struct origin from = { .listener = &fake_listeners[0],
			       .transport = transport_of(TRANSPORT_UDP),
			       .src = fake_addr("127.0.0.5:5062") };

	(void)state;
	tm.knows = true;
	orphan_answer(&fake.w, &from, fake_request("INVITE", URI_B, VIA_A, ""), MSG_WAIT_ORPHANED);
	assert_int_equal(fake.sent_n, 0);
	assert_int_equal(fake_count(MSG_WAIT_ORPHANED), 0);
	tm.knows = false;
	orphan_answer(&fake.w, &from, fake_request("INVITE", URI_B, VIA_A, ""), MSG_WAIT_ORPHANED);
	assert_has(fake_out(0), "SIP/2.0 500 ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(whoever_starts_a_route_says_what_follows_it),
		TEST(a_route_of_the_modules_own_may_wait),
		TEST(while_it_waits_the_transaction_is_let_go_of),
		TEST(what_another_worker_has_is_asked_for_again),
		TEST(the_deadline_waits_for_the_transaction_too),
		TEST(too_many_waits_are_answered_through_the_transaction),
		TEST(a_worker_that_stops_leaves_nothing),
		TEST(a_row_is_handed_over),
		TEST(a_cancel_that_came_before_is_told),
		TEST(a_successor_says_nothing_for_a_row_that_was_handed_over),
		TEST(a_successor_leaves_what_has_a_transaction_to_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
