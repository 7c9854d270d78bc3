/* SPDX-License-Identifier: BSD-2-Clause */
/* Whose turn it is with a transaction: runner and mailbox between processes, alarms and their owners, the table. */
#include "tm_test.h"

/* --- another process has it ----------------------------------------------------------------------------------------------------------------- */
/* Slot 1's worker takes the only transaction while body is not over: what comes meanwhile is posted. */
struct held {
	struct trans *t;
};

static struct held hold(void)
{
	struct held h = { the_trans() };
	uint32_t nobody = 0;

	assert_true(atomic_compare_exchange_strong(&h.t->runner, &nobody, 2));
	return h;
}

/* The rest of slot 1's turn, in a process of its own, which says by its end whether that many messages were sent that begin so. */
struct rest {
	struct trans *t;
	const char *begin_z;
	unsigned n;
};

static void rest_run(void *arg)
{
	struct rest *r = arg;
	struct turn x;

	worker_begin(1, false);
	sent_clear();
	CHECK(trans_is_mine(r->t));
	x = turn_begin(&fake.w, r->t);
	turn_end(&x);
	CHECK(sent(r->begin_z) == r->n);
}

static void let_go(struct held h, const char *begin_z, unsigned n)
{
	struct rest r = { h.t, begin_z, n };

	assert_true(run_child(1, rest_run, &r));
	epoch_alive(fake.run.epochs, 1, false);
	/* it is gone: this worker looks after what was its */
	atomic_store(&h.t->owner, 0);
	alarms_recover();
	pass(1);
}

static unsigned posted(void)
{
	return (unsigned)counted(TM_POSTED);
}

static void a_response_is_run_by_the_runner(void **state)
{
	struct held h;

	(void)state;
	receive("INVITE", URI_B);
	h = hold();
	respond(1, 180);
	respond(1, 200);
	assert_int_equal(posted(), 2);
	assert_int_equal(the_client(0)->state, CLIENT_TRYING);
	assert_sent("SIP/2.0 1", 1);
	let_go(h, "SIP/2.0 180 ", 1);
	assert_int_equal(the_client(0)->state, CLIENT_ACCEPTED);
	assert_int_equal(atomic_load(&h.t->runner), 0);
}

static void mails_are_run_in_their_order(void **state)
{
	struct held h;

	(void)state;
	receive("INVITE", URI_B);
	h = hold();
	respond(1, 180);
	respond(1, 183);
	respond_with(1, 200, "first", "");
	respond_with(1, 200, "second", "");
	let_go(h, "SIP/2.0 200 ", 2);
	assert_int_equal(atomic_load(&h.t->mails), 0);
	assert_int_equal(the_client(0)->state, CLIENT_ACCEPTED);
}

static void only_so_many_mails_wait(void **state)
{
	struct held h;

	(void)state;
	receive("INVITE", URI_B);
	h = hold();
	for (unsigned i = 0; i < 200; i++)
		respond(1, 180);
	assert_int_equal(posted(), MAILS_MAX);
	assert_int_equal(fake_count(MSG_DROP_NO_MEMORY), 200 - MAILS_MAX);
	let_go(h, "SIP/2.0 180 ", MAILS_MAX);
	respond(1, 404);
	ack();
}

static void a_failed_send_is_told_to_the_runner(void **state)
{
	struct held h;

	(void)state;
	receive("INVITE", URI_B);
	h = hold();
	trans_hooks()->sent_failed(&fake.w, trans_token(h.t, 0), EPIPE);
	let_go(h, "SIP/2.0 500 ", 1);
	ack();
}

static void a_retransmission_is_answered_by_the_runner(void **state)
{
	struct held h;

	(void)state;
	receive("INVITE", URI_B);
	h = hold();
	receive("INVITE", URI_B);
	receive("INVITE", URI_B);
	assert_sent("SIP/2.0 100 ", 1);
	let_go(h, "SIP/2.0 100 ", 1);
	respond(1, 404);
	ack();
}

static void a_cancel_is_done_by_the_runner(void **state)
{
	struct held h;

	(void)state;
	receive("INVITE", URI_B);
	respond(1, 180);
	h = hold();
	receive("CANCEL", URI_B);
	assert_sent("SIP/2.0 200 canceling", 1);
	let_go(h, "CANCEL ", 1);
	assert_true(trans_body(h.t)->cancelled);
	respond(1, 487);
	assert_sent("SIP/2.0 487 ", 1);
	ack();
}

static void an_ack_is_taken_by_the_runner(void **state)
{
	struct held h;

	(void)state;
	receive("INVITE", URI_B);
	respond(1, 486);
	h = hold();
	ack();
	let_go(h, "SIP/2.0 ", 0);
	assert_int_equal(server_state(), SERVER_CONFIRMED);
}

static void what_fails_before_a_worker_has_begun_is_told_behind_that(void **state)
{
	(void)state;
	pass(1);
	test.targets[0] = URI_TCP;
	receive("INVITE", URI_B);
	/* as in a process that was forked just now, and takes over connections */
	alarms_stop();
	tmw.w = NULL;
	trans_hooks()->sent_failed(&fake.w, trans_token(the_trans(), 0), EPIPE);
	assert_sent("SIP/2.0 500 ", 0);
	assert_int_equal(serac_module.process_start(&fake.w), 0);
	pass(1);
	assert_sent("SIP/2.0 500 ", 1);
	ack();
}

/* --- many processes --------------------------------------------------------------------------------------------------------------------------- */
#define WORKERS 4
#define CALLS	12u

static struct call {
	_Alignas(8) char response[2048];
	size_t n;
} * calls;

static struct str numbered_request(const char *method_z, unsigned i)
{
	char via[100];

	snprintf(via, sizeof(via), "SIP/2.0/UDP 127.0.0.5:5062;branch=z9hG4bKcall%u", i);
	return fake_request(method_z, URI_B, via, "");
}

/* All of them get everything: the responses, retransmissions, CANCELs, in an order of their own. */
static void storm(void *arg)
{
	uint32_t seed = 77 + *(unsigned *)arg;

	worker_begin(*(unsigned *)arg, false);
	for (unsigned i = 0; i < 3000; i++) {
		unsigned n = draw(&seed) % CALLS;

		fake.sent_n = 0;
		switch (draw(&seed) % 4) {
		case 0:
			fake_receive(0, CALLER, 0, numbered_request("INVITE", n));
			break;
		case 1:
			fake_receive(0, CALLER, 0, numbered_request("CANCEL", n));
			break;
		default:
			fake_receive(0, "127.0.0.6:5066", 0, str_of(calls[n].response, calls[n].n));
		}
		pass(i % 8 == 0);
	}
}

static void many_processes_on_the_same_transactions(void **state)
{
	pid_t pids[WORKERS];
	unsigned slots[WORKERS];

	(void)state;
	calls = calloc(CALLS, sizeof(*calls));
	for (unsigned i = 0; i < CALLS; i++) {
		struct str r;

		sent_clear();
		fake_receive(0, CALLER, 0, numbered_request("INVITE", i));
		r = response_text(1, 183, "t", "");
		memcpy(calls[i].response, r.p, r.n);
		calls[i].n = r.n;
	}
	for (unsigned i = 0; i < WORKERS; i++) {
		slots[i] = i + 1;
		pids[i] = start_child(i + 1, storm, &slots[i]);
	}
	/* this worker lives, and holds nothing up */
	epoch_idle(fake.run.epochs, 0);
	for (unsigned i = 0; i < WORKERS; i++)
		assert_true(child_ended(pids[i]));
	for (unsigned i = 0; i < WORKERS; i++)
		succeed(slots[i]);
	for (unsigned i = 0; i < slab_top(tm->rows); i++) {
		struct trans *t = (struct trans *)slab_at(tm->rows, i);

		if (atomic_load(&t->row.state) != MEM_LIVE)
			continue;
		assert_int_equal(atomic_load(&t->runner), 0);
		assert_null(atomic_load(&t->mail));
		assert_int_equal(atomic_load(&t->mails), 0);
		/* whoever owned them is gone: this one looks after them */
		atomic_store(&t->owner, 0);
	}
	alarms_recover();
	sent_clear();
	free(calls);
	for (unsigned i = 0; i < 100; i++) {
		pass(4000);
		sent_clear();
	}
	counter_row[tm_counters.base + TM_CREATED] = counter_row[tm_counters.base + TM_ENDED];
}

/* --- alarms --------------------------------------------------------------------------------------------------------------------------------- */
static void earlier(void *arg)
{
	struct trans *t = arg;
	struct turn x;

	worker_begin(1, false);
	CHECK(atomic_load(&t->owner) == 0);
	CHECK(trans_take(t));
	x = turn_begin(&fake.w, t);
	trans_body(t)->dies_at = fake.w.now + 100;
	turn_end(&x);
	CHECK(atomic_load(&t->owner) == 1);
	/* it fires here */
	pass(99);
	CHECK(trans_body(t)->dies_at);
	pass(1);
	CHECK(!trans_body(t)->dies_at);
}

static void an_earlier_deadline_moves_the_timer(void **state)
{
	struct trans *t;

	(void)state;
	test.targets[0] = URI_TCP;
	receive("INVITE", URI_B);
	t = the_trans();
	assert_int_equal(atomic_load(&t->owner), 0);
	assert_true(run_child(1, earlier, t));
	assert_int_equal(atomic_load(&t->owner), 1);
	epoch_alive(fake.run.epochs, 1, false);
	/* this worker's own timer finds out that it is another's */
	pass(1000);
	assert_ptr_equal(the_trans(), t);
	assert_sent("SIP/2.0 408 ", 0);
	succeed(1);
	atomic_store(&t->owner, 0);
	alarms_recover();
	pass(1100);
	assert_sent("SIP/2.0 408 ", 1); /* timer G, the second time */
	ack();
}

static void later(void *arg)
{
	struct trans *t = arg;
	struct turn x;

	worker_begin(1, false);
	CHECK(trans_take(t));
	x = turn_begin(&fake.w, t);
	turn_end(&x);
	/* what is not earlier stays with its owner */
	CHECK(atomic_load(&t->owner) == 0);
}

static void a_later_deadline_stays_where_it_is(void **state)
{
	(void)state;
	test.targets[0] = URI_TCP;
	receive("INVITE", URI_B);
	assert_true(run_child(1, later, the_trans()));
	epoch_alive(fake.run.epochs, 1, false);
	pass(29999);
	assert_sent("SIP/2.0 408 ", 0);
	pass(1);
	assert_sent("SIP/2.0 408 ", 1);
	ack();
}

static void the_timer_of_one_that_ended_does_nothing_to_the_next(void **state)
{
	struct trans *t;

	(void)state;
	fake.script = NULL;
	for (unsigned i = 0; i < 3; i++) {
		fake.script = script_relay;
		test.targets[0] = URI_TCP;
		receive_tcp("MESSAGE", URI_B);
		t = the_trans();
		sent_clear();
		pass(20000);
		/* the same row, when it is another's: a timer too early does no harm */
		trans_hooks()->sent_failed(&fake.w, trans_token(t, 0), EPIPE);
		assert_sent("SIP/2.0 500 ", 1);
		assert_all_gone();
		sent_clear();
	}
	receive_tcp("MESSAGE", URI_B);
	assert_ptr_equal(the_trans(), t);
	pass(15000);
	assert_ptr_equal(the_trans(), t);
	assert_int_equal(the_client(0)->state, CLIENT_TRYING);
	pass(15000);
	assert_all_gone();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_response_is_run_by_the_runner),
		TEST(mails_are_run_in_their_order),
		TEST(only_so_many_mails_wait),
		TEST(a_failed_send_is_told_to_the_runner),
		TEST(a_retransmission_is_answered_by_the_runner),
		TEST(a_cancel_is_done_by_the_runner),
		TEST(an_ack_is_taken_by_the_runner),
		TEST(what_fails_before_a_worker_has_begun_is_told_behind_that),
		TEST(many_processes_on_the_same_transactions),
		TEST(an_earlier_deadline_moves_the_timer),
		TEST(a_later_deadline_stays_where_it_is),
		TEST(the_timer_of_one_that_ended_does_nothing_to_the_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
