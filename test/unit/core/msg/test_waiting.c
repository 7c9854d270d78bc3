/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests that wait: retransmissions, CANCEL, deadlines, bounds; four processes on one table; deaths at every dangerous place. */
#include "fake.h"
#include "test/unit/child.h"

#include <signal.h>
#include <sys/wait.h>

static size_t at_rest; /* bytes in use with nothing waiting */

static size_t in_use(void)
{
	struct shm_stats t;

	shm_stats(fake.run.shm, &t);
	return t.in_use - t.cached;
}

static void say_bad(const char *what, uint64_t object, void *arg)
{
	(void)arg;
	print_error("verify: %s: %llx\n", what, (unsigned long long)object);
}

static int setup(void **state)
{
	fake_setup(state);
	fake.script = script_forward;
	fake.resolve_answer = 0;
	fake.answers[0] = fake_addr("127.0.0.50:0");
	fake.answers_n = 1;
	at_rest = in_use();
	return 0;
}

static void assert_at_rest(void)
{
	assert_int_equal(msg_worker_waiting(&fake.w), 0);
	assert_int_equal(atomic_load(&fake.w.slot->work), 0);
	assert_int_equal(waits_used(fake.run.msgs->waits), 0);
	assert_int_equal(shm_verify(fake.run.shm, say_bad, NULL), 0);
}

static int teardown(void **state)
{
	assert_at_rest();
	return fake_teardown(state);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
#define NAME_B	"sip:b@name.example:5099"

static void send_request(const char *method_z, const char *via_z)
{
	fake_receive(0, "127.0.0.5:5062", 0, fake_request(method_z, NAME_B, via_z, ""));
}

static void answer_arrives(void)
{
	struct resolve *q = fake.query;

	assert_non_null(q);
	fake.query = NULL;
	fake_answer(q);
	q->done(q);
}

static void a_request_goes_on_when_the_name_is_known(void **state)
{
	(void)state;
	send_request("OPTIONS", VIA_A);
	assert_int_equal(fake.sent_n, 0);
	assert_int_equal(msg_worker_waiting(&fake.w), 1);
	assert_int_equal(atomic_load(&fake.w.slot->work), 1);
	answer_arrives();
	assert_int_equal(fake.last, FN_TRUE);
	assert_int_equal(fake.sent_n, 1);
	assert_sent_to(0, "127.0.0.50:5099");
	assert_int_equal(fake.ends, 1);
	assert_int_equal(fake_count(MSG_WAITED), 1);
}

static void retransmissions_are_absorbed_and_an_invite_gets_100_each_time(void **state)
{
	struct resolve *first;

	(void)state;
	send_request("INVITE", VIA_A);
	assert_has(fake_out(0), "SIP/2.0 100 Trying\r\n");
	send_request("INVITE", VIA_A);
	assert_has(fake_out(1), "SIP/2.0 100 Trying\r\n");
	send_request("INVITE", "SIP/2.0/UDP 127.0.0.5:5062;branch=z9hG4bKaaa;rport");
	assert_has(fake_out(2), "SIP/2.0 100 Trying\r\n");
	assert_int_equal(fake.runs, 1);
	assert_int_equal(fake_count(MSG_ABSORBED), 2);
	/* what RFC 3261 17.2.3 tells apart: branch, sent-by, method */
	first = fake.query;
	send_request("INVITE", "SIP/2.0/UDP 127.0.0.5:5063;branch=z9hG4bKaaa");
	assert_int_equal(fake.runs, 2);
	answer_arrives();
	send_request("OPTIONS", VIA_A);
	assert_int_equal(fake.runs, 3);
	answer_arrives();
	fake.query = first;
	answer_arrives();
}

static void requests_without_cookie_are_told_apart_by_the_rest(void **state)
{
	struct resolve *first, *second, *cookie;

	(void)state;
	send_request("OPTIONS", "SIP/2.0/UDP 127.0.0.5:5062;branch=1");
	first = fake.query;
	send_request("OPTIONS", "SIP/2.0/UDP 127.0.0.5:5062;branch=1");
	assert_int_equal(fake_count(MSG_ABSORBED), 1);
	send_request("OPTIONS", "SIP/2.0/UDP 127.0.0.5:5062;branch=2");
	second = fake.query;
	assert_int_equal(fake.runs, 2);
	/* the cookie alone identifies nothing: badbranch of RFC 4475 */
	send_request("OPTIONS", "SIP/2.0/UDP 127.0.0.5:5062;branch=z9hG4bK;n=1");
	cookie = fake.query;
	send_request("OPTIONS", "SIP/2.0/UDP 127.0.0.5:5062;branch=z9hG4bK;n=2");
	assert_int_equal(fake.runs, 4);
	answer_arrives();
	fake.query = cookie;
	answer_arrives();
	fake.query = second;
	answer_arrives();
	fake.query = first;
	answer_arrives();
}

static void a_cancel_ends_the_invite_at_once(void **state)
{
	(void)state;
	send_request("INVITE", VIA_A);
	fake_receive(0, "127.0.0.5:5062", 0, fake_request("CANCEL", NAME_B, VIA_A, ""));
	assert_has(fake_out(1), "SIP/2.0 200 OK\r\n");
	assert_has(fake_out(1), "CSeq: 7 CANCEL\r\n");
	assert_int_equal(fake.sent_n, 2);
	assert_false(msg_worker_turn(&fake.w));
	assert_has(fake_out(2), "SIP/2.0 487 Request Terminated\r\n");
	assert_has(fake_out(2), "CSeq: 7 INVITE\r\n");
	/* the 487 was lost: another of it, and no 100 behind it */
	send_request("INVITE", VIA_A);
	assert_has(fake_out(3), "SIP/2.0 487 Request Terminated\r\n");
	assert_int_equal(fake_count(MSG_ABSORBED), 1);
	/* the script goes on; nothing it does reaches anybody */
	answer_arrives();
	assert_int_equal(fake.last, FN_FALSE);
	assert_int_equal(fake.sent_n, 4);
	assert_int_equal(fake.ends, 1);
	assert_int_equal(fake_count(MSG_CANCELLED), 1);
}

static void a_cancel_is_seen_at_the_latest_when_it_goes_on(void **state)
{
	(void)state;
	send_request("INVITE", VIA_A);
	send_request("CANCEL", VIA_A);
	answer_arrives();
	assert_has(fake_out(2), "SIP/2.0 487 ");
	assert_int_equal(fake.sent_n, 3);
}

static void a_cancel_of_something_else_passes(void **state)
{
	(void)state;
	send_request("INVITE", VIA_A);
	fake.resolve_answer = 1;
	send_request("CANCEL", VIA_A "x");
	assert_true(str_starts(fake_out(1), STR("CANCEL ")));
	/* there is no such thing as cancelling an OPTIONS */
	answer_arrives();
	fake.resolve_answer = 0;
	send_request("OPTIONS", VIA_A);
	fake.resolve_answer = 1;
	send_request("CANCEL", VIA_A);
	assert_true(str_starts(fake_out(3), STR("CANCEL ")));
	answer_arrives();
}

static void pass_time(uint32_t ms)
{
	timers_run(fake.w.timers, timers_now(fake.w.timers) + ms, 1000);
}

static void the_deadline_ends_the_wait(void **state)
{
	(void)state;
	send_request("OPTIONS", VIA_A);
	pass_time(500);
	assert_int_equal(fake.cancels, 0);
	pass_time(600);
	assert_int_equal(fake.cancels, 1);
	assert_int_equal(fake.last, FN_FALSE);
	assert_has(fake_out(0), "SIP/2.0 500 ");
	assert_int_equal(fake_count(MSG_WAIT_DEADLINE), 1);
}

static void what_waits_is_bounded(void **state)
{
	struct resolve *queries[64];
	char via[100];

	(void)state;
	for (int i = 0; i < 70; i++) {
		snprintf(via, sizeof(via), VIA_A "%d", i);
		fake.query = NULL;
		send_request("OPTIONS", via);
		if (i < 64)
			queries[i] = fake.query;
	}
	assert_int_equal(msg_worker_waiting(&fake.w), 64);
	assert_int_equal(fake.cancels, 6);
	assert_int_equal(fake.sent_n, 6);
	assert_has(fake_out(5), "SIP/2.0 503 ");
	assert_has(fake_out(5), "Retry-After: 5\r\n");
	for (int i = 0; i < 64; i++) {
		fake.query = queries[i];
		answer_arrives();
	}
	assert_int_equal(fake.sent_n, 70);
}

static void an_ack_may_wait(void **state)
{
	struct resolve *first;

	(void)state;
	send_request("ACK", VIA_A);
	first = fake.query;
	send_request("ACK", VIA_A);
	assert_int_equal(fake.runs, 2);
	assert_int_equal(fake.sent_n, 0);
	answer_arrives();
	fake.query = first;
	answer_arrives();
	assert_int_equal(fake.sent_n, 2);
}

/* --- a script that waits several times --------------------------------------------------------------------------------------- */
static unsigned waits_left;

static int resume_again(struct ctx *ctx, void *arg)
{
	(void)arg;
	if (!waits_left)
		return 7;
	waits_left--;
	ctx->wait = (struct ctx_wait){ .resume = resume_again };
	return FN_WAIT;
}

static struct ctx *waiting;

static enum script_result script_wait(struct ctx *ctx)
{
	waiting = ctx;
	ctx->machine = (struct machine *)&fake;
	ctx->wait = (struct ctx_wait){ .resume = resume_again };
	return SCRIPT_WAITS;
}

static enum script_result resumed_waits(struct ctx *ctx, int value)
{
	assert_int_equal(value, 7);
	if (waits_left == 0 && fake.runs == 1) {
		fake.runs++;
		return script_wait(ctx);
	}
	return SCRIPT_DONE;
}

static void a_context_may_wait_again_and_again(void **state)
{
	(void)state;
	fake.script = script_wait;
	fake.script_resume = resumed_waits;
	waits_left = 3;
	send_request("INVITE", VIA_A);
	for (int i = 0; i < 5; i++)
		ctx_resume(waiting);
	assert_int_equal(fake.ends, 1);
	assert_int_equal(fake.sent_n, 1);
	assert_int_equal(fake_count(MSG_WAITED), 1);
}

static void a_worker_that_stops_lets_go_of_all(void **state)
{
	(void)state;
	send_request("OPTIONS", VIA_A);
	send_request("OPTIONS", VIA_A "2");
	msg_worker_stop(&fake.w);
	assert_int_equal(fake.cancels, 2);
	assert_int_equal(fake.ends, 2);
	timers_drop(&fake.w.timers);
	fake_worker(0, false);
}

/* --- several processes ----------------------------------------------------------------------------------------------------------- */
static void child_begin(unsigned slot)
{
	fake.sent_n = fake.runs = fake.ends = 0;
	fake_worker(slot, false);
}

static pid_t child_start(unsigned slot, void (*body)(unsigned slot))
{
	pid_t pid;

	fflush(NULL);
	pid = child_fork();
	assert_true(pid >= 0);
	if (pid)
		return pid;
	child_begin(slot);
	body(slot);
	_exit(0);
}

static int child_end(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? WTERMSIG(status) : -WEXITSTATUS(status);
}

static void retransmits(unsigned slot)
{
	(void)slot;
	send_request("INVITE", VIA_A);
	if (fake.runs || !fake.sent_n || !str_starts(fake_out(0), STR("SIP/2.0 100 ")))
		_exit(1);
	send_request("CANCEL", VIA_A);
	if (fake.runs || !str_starts(fake_out(1), STR("SIP/2.0 200 ")))
		_exit(2);
}

static void another_worker_absorbs_and_cancels(void **state)
{
	uint64_t woken = 0;

	(void)state;
	send_request("INVITE", VIA_A);
	assert_int_equal(child_end(child_start(1, retransmits)), 0);
	assert_int_equal(read(fake.w.slot->eventfd, &woken, sizeof(woken)), sizeof(woken));
	(void)msg_worker_turn(&fake.w);
	assert_has(fake_out(1), "SIP/2.0 487 ");
	answer_arrives();
	assert_int_equal(fake.sent_n, 2);
}

static void busy(unsigned slot)
{
	unsigned seed = slot * 7919;
	char via[100];

	fake.mc.max_wait = 1;
	for (int i = 0; i < 3000; i++) {
		seed = seed * 1103515245 + 12345;
		snprintf(via, sizeof(via), VIA_A "%u", seed >> 16 & 15);
		send_request(seed & 1 << 28 ? "CANCEL" : "INVITE", via);
		if (fake.query && (seed & 1 << 29))
			answer_arrives();
		fake.query = NULL;
		(void)msg_worker_turn(&fake.w);
		fake.w.now += 1;
		pass_time(1);
	}
	for (int i = 0; i < 10; i++)
		pass_time(1000);
	if (msg_worker_waiting(&fake.w))
		_exit(3);
}

static void four_processes_share_the_table(void **state)
{
	pid_t pids[4];

	(void)state;
	for (unsigned i = 0; i < 4; i++)
		pids[i] = child_start(i + 1, busy);
	for (int i = 0; i < 4; i++)
		assert_int_equal(child_end(pids[i]), 0);
}

/* --- deaths --------------------------------------------------------------------------------------------------------------------------- */
static void successor(unsigned slot)
{
	shm_slot_set(slot);
	shm_recover(fake.run.shm, slot);
	msg_worker_stop(&fake.w);
	timers_drop(&fake.w.timers);
	fake.sent_n = 0;
	fake_worker(slot, true);
	pass_time(1);
}

static void waits_and_is_killed(unsigned slot)
{
	(void)slot;
	send_request("INVITE", VIA_A);
	send_request("OPTIONS", VIA_A);
	send_request("ACK", VIA_A);
	raise(SIGKILL);
}

static void a_successor_answers_500_to_what_waited(void **state)
{
	(void)state;
	assert_int_equal(child_end(child_start(2, waits_and_is_killed)), SIGKILL);
	assert_int_equal(waits_used(fake.run.msgs->waits), 3);
	successor(2);
	assert_int_equal(fake.sent_n, 2);
	for (unsigned i = 0; i < 2; i++) {
		assert_has(fake_out(i), "SIP/2.0 500 ");
		assert_sent_to(i, "127.0.0.5:5062");
	}
	assert_int_equal(fake_count(MSG_WAIT_ORPHANED), 2);
	/* the same request is new again */
	fake.resolve_answer = 1;
	send_request("INVITE", VIA_A);
	assert_true(str_starts(fake_out(2), STR("INVITE ")));
}

static enum script_result resumed_waits_on(struct ctx *ctx, int value)
{
	(void)value;
	waits_left = 0;
	return script_wait(ctx);
}

static void forwards_waits_and_is_killed(unsigned slot)
{
	(void)slot;
	fake.script_resume = resumed_waits_on;
	send_request("INVITE", VIA_A);
	answer_arrives(); /* sent on; and the script waits again */
	raise(SIGKILL);
}

static void a_successor_says_nothing_of_what_was_sent_on(void **state)
{
	(void)state;
	assert_int_equal(child_end(child_start(2, forwards_waits_and_is_killed)), SIGKILL);
	successor(2);
	assert_int_equal(fake.sent_n, 0);
}

#ifdef SERAC_FAULT
static enum script_result resumed_hands_over(struct ctx *ctx, int value)
{
	(void)value;
	(void)wait_hand_over(ctx);
	return SCRIPT_DONE;
}

static void works(unsigned slot)
{
	(void)slot;
	for (int i = 0; i < 3; i++) {
		send_request("INVITE", VIA_A);
		send_request("INVITE", VIA_A);
		send_request("CANCEL", VIA_A);
		(void)msg_worker_turn(&fake.w);
		answer_arrives();
		send_request("OPTIONS", VIA_A);
		fake.script_resume = resumed_hands_over;
		answer_arrives();
		fake.script_resume = NULL;
	}
}

static const char *sites[64];
static unsigned sites_n;

static void site_note(const char *name, const char *file, int line, void *arg)
{
	(void)file;
	(void)line;
	(void)arg;
	for (unsigned i = 0; i < sites_n; i++) {
		if (!strcmp(sites[i], name))
			return;
	}
	if (!strncmp(name, "msg.", 4) && sites_n < 64)
		sites[sites_n++] = name;
}

/* Killed in the work, and its successor killed in the recovery: the third gets it right. */
static void recovers(unsigned slot)
{
	successor(slot);
}
#endif

static void a_death_at_every_place_leaves_the_table_whole(void **state)
{
	(void)state;
#ifdef SERAC_FAULT
	unsigned killed = 0;

	fault_list(site_note, NULL);
	/* the first waits make pages for rows that stay */
	assert_int_equal(child_end(child_start(1, works)), 0);
	successor(1);
	at_rest = in_use();
	assert_true(sites_n >= 8);
	for (unsigned i = 0; i < sites_n; i++) {
		for (unsigned n = 1; n <= 4; n++) {
			fault_kill_at(sites[i], n);
			killed += child_end(child_start(1, works)) == SIGKILL;
			(void)child_end(child_start(1, recovers));
			fault_kill_at(NULL, 0);
			successor(1);
			if (waits_used(fake.run.msgs->waits))
				print_error("%s %u\n", sites[i], n);
			assert_int_equal(waits_used(fake.run.msgs->waits), 0);
			assert_int_equal(shm_verify(fake.run.shm, say_bad, NULL), 0);
			fake.resolve_answer = 0;
			fake.query = NULL;
		}
	}
	assert_true(killed >= sites_n);
	msg_worker_stop(&fake.w);
	timers_drop(&fake.w.timers);
	fake_worker(0, false);
	assert_int_equal(in_use(), at_rest);
#else
	skip();
#endif
}

static void every_allocation_may_fail(void **state)
{
	(void)state;
#ifdef SERAC_FAULT
	for (unsigned i = 1; i < 40; i++) {
		fault_alloc_fail(i);
		fake.query = NULL;
		send_request("INVITE", VIA_A ";rport");
		fault_alloc_fail(0);
		if (fake.query)
			answer_arrives();
		assert_int_equal(msg_worker_waiting(&fake.w), 0);
		assert_int_equal(waits_used(fake.run.msgs->waits), 0);
	}
#else
	skip();
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_request_goes_on_when_the_name_is_known),
		TEST(retransmissions_are_absorbed_and_an_invite_gets_100_each_time),
		TEST(requests_without_cookie_are_told_apart_by_the_rest),
		TEST(a_cancel_ends_the_invite_at_once),
		TEST(a_cancel_is_seen_at_the_latest_when_it_goes_on),
		TEST(a_cancel_of_something_else_passes),
		TEST(the_deadline_ends_the_wait),
		TEST(what_waits_is_bounded),
		TEST(an_ack_may_wait),
		TEST(a_context_may_wait_again_and_again),
		TEST(a_worker_that_stops_lets_go_of_all),
		TEST(another_worker_absorbs_and_cancels),
		TEST(four_processes_share_the_table),
		TEST(a_successor_answers_500_to_what_waited),
		TEST(a_successor_says_nothing_of_what_was_sent_on),
		TEST(a_death_at_every_place_leaves_the_table_whole),
		TEST(every_allocation_may_fail),
	};

	fault_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
