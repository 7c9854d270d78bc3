/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests that are made here, and what their makers hear. */
#include "tm_test.h"

#include "modules/tm/local.h"

#include "test/unit/child.h"

#include <sys/wait.h>

/* What the maker heard. */
static struct {
	unsigned n, status;
	char reason[64], text[2000];
	uint64_t id;
	int data;
	bool again; /* it makes another one */
} heard;

static const struct tm_maker maker;

static int make(const char *method_z, const char *uri_z, const struct tm_maker *m)
{
	int data = 42;
	struct tm_request r = { .method = str_z(method_z),
				.ruri = str_z(uri_z),
				.from = STR("<sip:a@example.com>;tag=f1"),
				.call_id = STR("c1"),
				.cseq = 3,
				.maker = m,
				.data = &data,
				.data_n = sizeof(data) };
	uint64_t id = 0;
	int err = local_send(&fake.w, &r, &id);

	if (!err && atomic_load(&((struct trans *)slab_at(tm->rows, 0))->row.state) == MEM_LIVE)
		assert_true(trans_find(id) != NULL);
	heard.id = id;
	return err;
}

static void answered(struct worker *w, const struct tm_answer *a, const void *data, size_t data_n)
{
	assert_ptr_equal(w, &fake.w);
	assert_int_equal(data_n, sizeof(int));
	heard.n++;
	heard.status = a->status;
	snprintf(heard.reason, sizeof(heard.reason), STRF, STRA(a->reason));
	heard.text[0] = '\0';
	if (a->response)
		snprintf(heard.text, sizeof(heard.text), STRF, STRA(a->response->buf));
	memcpy(&heard.data, data, data_n);
	if (heard.again) {
		heard.again = false;
		assert_int_equal(make("MESSAGE", URI_B, &maker), 0);
	}
}

static const struct tm_maker maker = { .answered = answered };
static const struct tm_maker acker = { .answered = answered, .acks = true };

static int setup(void **state)
{
	memset(&heard, 0, sizeof(heard));
	return tm_setup(state);
}

#undef TEST
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, tm_teardown)

/* --- requests other than INVITE ---------------------------------------------------------------------------------------------------------- */
static void a_maker_hears_the_answer_once(void **state)
{
	(void)state;
	assert_int_equal(make("MESSAGE", URI_B, &maker), 0);
	assert_sent_to(0, "127.0.0.6:5066");
	assert_has(fake_out(0), "MESSAGE " URI_B " SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5060;"
				"branch=z9hG4bKu");
	assert_has(fake_out(0), "To: <" URI_B ">\r\n");
	assert_has(fake_out(0), "CSeq: 3 MESSAGE\r\n");
	assert_has_not(fake_out(0), ";i=");
	respond(0, 100);
	assert_int_equal(heard.n, 0);
	respond(0, 202);
	assert_int_equal(heard.n, 1);
	assert_int_equal(heard.status, 202);
	assert_string_equal(heard.reason, "Said So");
	assert_non_null(strstr(heard.text, "SIP/2.0 202 Said So\r\n"));
	assert_int_equal(heard.data, 42);
	respond(0, 202);
	pass(100000);
	assert_int_equal(heard.n, 1);
	assert_int_equal(fake.sent_n, 1);
	assert_int_equal(counted(TM_LOCAL), 1);
}

static void nobody_need_hear(void **state)
{
	(void)state;
	assert_int_equal(make("MESSAGE", URI_B, NULL), 0);
	respond(0, 404);
	pass(10000);
	assert_int_equal(fake.sent_n, 1);
}

static void silence_is_408(void **state)
{
	(void)state;
	assert_int_equal(make("MESSAGE", URI_B, &maker), 0);
	pass(29999);
	assert_int_equal(heard.n, 0);
	/* timer E: 0.5, 1.5, 3.5, 7.5, 11.5 ... 27.5 */
	assert_sent("MESSAGE ", 10);
	pass(1);
	assert_int_equal(heard.status, 408);
	pass(100000);
	assert_int_equal(heard.n, 1);
	assert_int_equal(sent("SIP/2.0"), 0);
}

static void what_cannot_be_sent_is_heard_of(void **state)
{
	(void)state;
	fake.send_errors = 1;
	fake.send_error = -EHOSTUNREACH;
	assert_int_equal(make("MESSAGE", URI_B, &maker), 0);
	assert_int_equal(heard.status, 503);
	/* to ourselves; to where we have no socket */
	assert_int_equal(make("MESSAGE", "sip:x@127.0.0.1:5060", &maker), 0);
	assert_int_equal(heard.n, 2);
	assert_int_equal(make("MESSAGE", "sip:x@[2001:db8::1];transport=tcp", &maker), 0);
	assert_int_equal(heard.n, 3);
	assert_int_equal(fake.sent_n, 0);
}

static void a_failure_of_the_transport_is_heard_of(void **state)
{
	(void)state;
	assert_int_equal(make("MESSAGE", URI_TCP, &maker), 0);
	msg_hooks.sent_failed(&fake.w, trans_token(the_trans(), 0), ECONNREFUSED);
	assert_int_equal(heard.status, 503);
	assert_int_equal(heard.n, 1);
}

static void a_503_is_heard_as_it_is(void **state)
{
	(void)state;
	assert_int_equal(make("MESSAGE", URI_B, &maker), 0);
	respond(0, 503);
	assert_int_equal(heard.status, 503);
}

static void a_name_is_looked_up_and_its_next_address_tried(void **state)
{
	(void)state;
	fake.resolve_answer = 0;
	fake.answers[0] = fake_addr("127.0.0.50:0");
	fake.answers[1] = fake_addr("127.0.0.51:0");
	fake.answers_n = 2;
	assert_int_equal(make("MESSAGE", "sip:x@name.example:5099", &maker), 0);
	assert_int_equal(fake.sent_n, 0);
	fake_answer(fake.query);
	fake.query->done(fake.query);
	assert_sent_to(0, "127.0.0.50:5099");
	respond(0, 503);
	assert_sent_to(1, "127.0.0.51:5099");
	assert_has(fake_out(1), "branch=z9hG4bKu");
	assert_has(fake_out(1), "Max-Forwards: 70\r\n");
	respond(1, 200);
	assert_int_equal(heard.status, 200);
	assert_int_equal(heard.n, 1);
}

static void a_name_that_nobody_knows_is_heard_of(void **state)
{
	(void)state;
	fake.resolve_answer = 0;
	assert_int_equal(make("MESSAGE", "sip:x@name.example", &maker), 0);
	pass(1001); /* max_wait */
	assert_int_equal(heard.n, 1);
	assert_int_equal(heard.status, 500);
	assert_int_equal(fake.cancels, 1);
}

static void a_maker_may_make_another(void **state)
{
	(void)state;
	heard.again = true;
	assert_int_equal(make("MESSAGE", URI_B, &maker), 0);
	respond(0, 401);
	assert_int_equal(fake.sent_n, 2);
	respond(1, 200);
	assert_int_equal(heard.n, 2);
	assert_int_equal(heard.status, 200);
}

/* --- INVITE -------------------------------------------------------------------------------------------------------------------------------- */
#define CONTACT "Contact: <sip:z@127.0.0.7:5070>\r\n"

static void an_invite_is_acknowledged_each_time(void **state)
{
	(void)state;
	assert_int_equal(make("INVITE", URI_B, &maker), 0);
	assert_sent("SIP/2.0", 0);
	respond(0, 180);
	respond_with(0, 200, "t1",
		     CONTACT "Record-Route: <sip:127.0.0.9:5071;lr>, <sip:127.0.0.8:5071;lr>\r\n");
	assert_int_equal(heard.status, 200);
	assert_sent_to(1, "127.0.0.8:5071");
	assert_has(fake_out(1), "ACK sip:z@127.0.0.7:5070 SIP/2.0\r\n");
	assert_has(fake_out(1),
		   "Route: <sip:127.0.0.8:5071;lr>\r\nRoute: <sip:127.0.0.9:5071;lr>\r\n");
	assert_has(fake_out(1), "CSeq: 3 ACK\r\n");
	assert_has(fake_out(1), "To: <sip:b@example.com>;tag=t1\r\n");
	respond_with(0, 200, "t1", CONTACT);
	assert_sent("ACK ", 2);
	assert_sent_to(2, "127.0.0.7:5070");
	assert_int_equal(heard.n, 1);
}

static void the_ack_may_be_the_makers(void **state)
{
	(void)state;
	assert_int_equal(make("INVITE", URI_B, &acker), 0);
	respond_with(0, 200, "t1", CONTACT);
	assert_sent("ACK ", 0);
	assert_int_equal(heard.status, 200);
}

static void a_2xx_without_contact_is_heard_and_not_acknowledged(void **state)
{
	(void)state;
	assert_int_equal(make("INVITE", URI_B, &maker), 0);
	respond(0, 200);
	assert_sent("ACK ", 0);
	assert_int_equal(heard.status, 200);
}

static void a_refusal_is_acknowledged_hop_by_hop(void **state)
{
	(void)state;
	assert_int_equal(make("INVITE", URI_B, &acker), 0);
	respond(0, 486);
	assert_sent("ACK " URI_B, 1);
	assert_int_equal(heard.status, 486);
	respond(0, 486);
	assert_sent("ACK " URI_B, 2);
	assert_int_equal(heard.n, 1);
}

static void a_maker_may_take_it_back(void **state)
{
	(void)state;
	assert_int_equal(make("INVITE", URI_B, &maker), 0);
	assert_true(local_cancel(&fake.w, heard.id));
	assert_sent("CANCEL ", 0); /* RFC 3261 9.1: not before a provisional response */
	respond(0, 180);
	assert_sent("CANCEL " URI_B, 1);
	respond(where("CANCEL "), 200);
	assert_int_equal(heard.n, 0);
	respond(0, 487);
	assert_int_equal(heard.status, 487);
	pass(100000);
	assert_false(local_cancel(&fake.w, heard.id));
	assert_int_equal(heard.n, 1);
}

static void ringing_has_an_end(void **state)
{
	(void)state;
	conf()->fr_inv_timer = 5000;
	assert_int_equal(make("INVITE", URI_B, &maker), 0);
	respond(0, 180);
	pass(5000);
	assert_sent("CANCEL " URI_B, 1);
	respond(0, 487);
	assert_int_equal(heard.status, 408);
}

/* --- what is none ------------------------------------------------------------------------------------------------------------------------- */
static bool event_drops(struct ctx *ctx)
{
	assert_true(ctx->made_here);
	assert_null(ctx->trans);
	return true;
}

static bool event_changes(struct ctx *ctx)
{
	/* what is sent in the route does not run it */
	assert_int_equal(make("MESSAGE", "sip:other@127.0.0.6:5066", NULL), 0);
	assert_int_equal(ctx_dst_uri_set(ctx, STR("sip:127.0.0.9:5099")), 0);
	return false;
}

static void the_event_route_may_change_and_drop_it(void **state)
{
	(void)state;
	fake.event = event_drops;
	assert_int_equal(make("MESSAGE", URI_B, &maker), -ECANCELED);
	assert_int_equal(fake.sent_n, 0);
	fake.event = event_changes;
	assert_int_equal(make("MESSAGE", URI_B, &maker), 0);
	fake.event = NULL;
	assert_int_equal(fake.sent_n, 2);
	assert_sent_to(1, "127.0.0.9:5099");
	respond(0, 200);
	respond(1, 200);
	assert_int_equal(heard.n, 1);
}

static void nonsense_is_refused(void **state)
{
	static const struct {
		const char *method, *uri, *from, *headers, *body, *hop;
	} cases[] = {
		{ "ACK", URI_B, "<sip:a@b>", "", "", NULL },
		{ "CANCEL", URI_B, "<sip:a@b>", "", "", NULL },
		{ "A B", URI_B, "<sip:a@b>", "", "", NULL },
		{ "", URI_B, "<sip:a@b>", "", "", NULL },
		{ "INFO", "no uri", "<sip:a@b>", "", "", NULL },
		{ "INFO", URI_B, NULL, "", "", NULL },
		{ "INFO", URI_B, "<sip:a@b>\r\nX: 1", "", "", NULL },
		{ "INFO", URI_B, "<sip:a@b", "", "", NULL },
		{ "INFO", URI_B, "<sip:a@b>", "", "x", NULL },
		{ "INFO", URI_B, "<sip:a@b>", "Via: SIP/2.0/UDP x;branch=z9hG4bKx\r\n", "", NULL },
		{ "INFO", URI_B, "<sip:a@b>", "CSeq: 1 INVITE\r\n", "", NULL },
		{ "INFO", URI_B, "<sip:a@b>", "X: 1\r\n\r\nbody", "", NULL },
		{ "INFO", URI_B, "<sip:a@b>", "", "", "nowhere" },
	};
	uint64_t id;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tm_request r = { .method = str_z(cases[i].method),
					.ruri = str_z(cases[i].uri),
					.from = cases[i].from ? str_z(cases[i].from) : STR_NULL,
					.headers = str_z(cases[i].headers),
					.body = str_z(cases[i].body),
					.next_hop = cases[i].hop ? str_z(cases[i].hop) : STR_NULL };

		assert_int_equal(local_send(&fake.w, &r, &id), -EINVAL);
	}
	assert_int_equal(fake.sent_n, 0);
}

static void memory_may_end_anywhere(void **state)
{
	(void)state;
#ifdef SERAC_FAULT
	for (unsigned i = 1; i < 60; i++) {
		heard.n = 0;
		sent_clear();
		fault_alloc_fail(i);
		if (!make("MESSAGE", URI_B, &maker) && !heard.n && fake.sent_n) {
			fault_alloc_fail(0);
			respond(0, 200);
		}
		fault_alloc_fail(0);
		pass(40000);
	}
#else
	skip();
#endif
}

/* --- deaths ------------------------------------------------------------------------------------------------------------------------------- */
#ifdef SERAC_FAULT
static const char *sites[64];
static unsigned sites_n;

static void site_note(const char *name, const char *file, int line, void *arg)
{
	(void)file;
	(void)line;
	(void)arg;
	if (!strncmp(name, "tm.", 3) && sites_n < 64)
		sites[sites_n++] = name;
}

/* One that is answered, one that cannot be sent, one that is looked up when the worker ends. */
static void works(void)
{
	assert_int_equal(make("MESSAGE", URI_B, &maker), 0);
	respond(fake.sent_n - 1, 200);
	pass(6000);
	fake.send_errors = 1;
	fake.send_error = -EHOSTUNREACH;
	assert_int_equal(make("MESSAGE", URI_B, &maker), 0);
	fake.resolve_answer = 0;
	assert_int_equal(make("MESSAGE", "sip:x@name.example", &maker), 0);
	raise(SIGKILL);
}

/* This process is slot's worker in the place of one that died, or is no more. */
static void slot_is(unsigned slot, bool successor)
{
	serac_module.process_stop(&fake.w);
	limbo_drop(&fake.w.limbo);
	msg_worker_stop(&fake.w);
	timers_drop(&fake.w.timers);
	epoch_alive(fake.run.epochs, fake.w.n, false);
	shm_slot_set(slot);
	/* its wheel begins at the true time, which ours must not be behind */
	if (fake.w.now < clock_ms() + 100)
		fake.w.now = clock_ms() + 100;
	if (successor)
		shm_recover(fake.run.shm, slot);
	worker_begin(slot, successor);
}

static void dies_at(const char *site, unsigned n)
{
	pid_t pid;

	fflush(NULL);
	fault_kill_at(site, n);
	pid = child_fork();
	if (!pid) {
		tmw.spare_n = 0; /* the parent's */
		slot_is(1, false);
		works();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	fault_kill_at(NULL, 0);
	memset(&heard, 0, sizeof(heard));
	slot_is(1, true);
	pass(40000);
	assert_int_equal(in_use(), 0);
	assert_int_equal(verify(fake.run.shm), 0);
	slot_is(0, false);
}
#endif

static void a_successor_tells_the_end_and_leaves_nothing(void **state)
{
	(void)state;
#ifdef SERAC_FAULT
	/* no fault: it died when one waited */
	dies_at(NULL, 0);
	assert_int_equal(heard.n, 1);
	assert_int_equal(heard.status, 500);
	assert_int_equal(heard.data, 42);
	fault_list(site_note, NULL);
	assert_true(sites_n > 10);
	for (unsigned i = 0; i < sites_n; i++)
		for (unsigned n = 1; n <= 3; n++)
			dies_at(sites[i], n);
	test.chunks = stats(fake.run.shm).chunks_live;
	/* what the dead ones counted is not ours */
	counter_row[tm_counters.base + TM_CREATED] = counted(TM_ENDED);
#else
	skip();
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_maker_hears_the_answer_once),
		TEST(nobody_need_hear),
		TEST(silence_is_408),
		TEST(what_cannot_be_sent_is_heard_of),
		TEST(a_failure_of_the_transport_is_heard_of),
		TEST(a_503_is_heard_as_it_is),
		TEST(a_name_is_looked_up_and_its_next_address_tried),
		TEST(a_name_that_nobody_knows_is_heard_of),
		TEST(a_maker_may_make_another),
		TEST(an_invite_is_acknowledged_each_time),
		TEST(the_ack_may_be_the_makers),
		TEST(a_2xx_without_contact_is_heard_and_not_acknowledged),
		TEST(a_refusal_is_acknowledged_hop_by_hop),
		TEST(a_maker_may_take_it_back),
		TEST(ringing_has_an_end),
		TEST(the_event_route_may_change_and_drop_it),
		TEST(nonsense_is_refused),
		TEST(memory_may_end_anywhere),
		TEST(a_successor_tells_the_end_and_leaves_nothing),
	};

	fault_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
