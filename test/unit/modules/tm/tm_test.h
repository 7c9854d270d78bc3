/* SPDX-License-Identifier: BSD-2-Clause */
/* A router without sockets that keeps transactions: scripts and their routes are C functions, time passes when the test says so, and what the peers answer is made
 * of what was sent to them. */
#ifndef TEST_TM_H
#define TEST_TM_H

#include "test/unit/modules/module_test.h"
#include "test/unit/core/mem/mem_test.h"

#include "modules/tm/alarm.h"
#include "modules/tm/client.h"
#include "modules/tm/hooks.h"
#include "modules/tm/relay.h"
#include "modules/tm/route.h"
#include "modules/tm/run.h"
#include "modules/tm/server.h"
#include "modules/tm/table.h"
#include "modules/tm/upward.h"

#define CALLER	"127.0.0.5:5062"
#define VIA_TCP "SIP/2.0/TCP 127.0.0.5:5062;branch=z9hG4bKaaa"
#define URI_TCP URI_B ";transport=tcp"
#define TARGETS 8
#define ROUTES	4

static struct {
	size_t chunks; /* in use before the first transaction */
	const char *targets[TARGETS];
	/* what routes do; NULL: there is none */
	void (*request)(struct ctx *ctx); /* before t_relay() */
	void (*failure[ROUTES])(struct ctx *ctx);
	void (*again[ROUTES])(struct ctx *ctx);	 /* what goes on with a suspended request */
	bool (*branch[ROUTES])(struct ctx *ctx); /* true: drop */
	bool (*reply[ROUTES])(struct ctx *ctx);
	unsigned failures, branches, replies; /* how often they ran */
	bool failure_waits;
	struct ctx *waiting;
	int relayed; /* what t_relay() said last */
} test;

/* --- script ----------------------------------------------------------------------------------------------------------------------------- */
static inline int call(struct ctx *ctx, const char *name_z)
{
	return fake_call(ctx, serac_module.functions, name_z, 0, NULL);
}

static inline int call_with(struct ctx *ctx, const char *name_z, int64_t n)
{
	struct value v = value_int(n);

	return fake_call(ctx, serac_module.functions, name_z, 1, &v);
}

static inline void target_add(struct ctx *ctx, const char *uri_z)
{
	assert_int_equal(branch_add(ctx, &(struct branch){ .uri = str_z(uri_z), .q = -1 }), 0);
}

static inline int relay(struct ctx *ctx)
{
	return test.relayed = relay_request(ctx, NULL);
}

/* Relays to test.targets, or where the request was to go. */
static inline enum script_result script_relay(struct ctx *ctx)
{
	if (test.request)
		test.request(ctx);
	if (test.targets[0] && ctx->msg->method != METHOD_CANCEL)
		assert_int_equal(ctx_uri_set(ctx, str_z(test.targets[0])), 0);
	for (unsigned i = 1; i < TARGETS && test.targets[i]; i++)
		target_add(ctx, test.targets[i]);
	relay(ctx);
	return SCRIPT_DONE;
}

static inline struct str test_route_name(const struct conf *conf, enum route_kind kind,
					 uint32_t route)
{
	static const char *const names[ROUTES] = { "R0", "R1", "R2", "R3" };

	(void)conf;
	(void)kind;
	return str_z(names[route]);
}

static inline int64_t test_route_find(const struct conf *conf, enum route_kind kind,
				      struct str name)
{
	if (kind == IN_ONSEND || kind == IN_EVENT)
		return fake_route_find(conf, kind, name);
	for (unsigned i = 0; i < ROUTES; i++)
		if (str_eq(name, test_route_name(conf, kind, i)))
			return i;
	return -1;
}

static inline bool test_route_run(struct ctx *ctx, enum route_kind kind, uint32_t route)
{
	enum route_kind was = ctx->route_kind;
	bool dropped;

	if (kind != IN_BRANCH && kind != IN_REPLY)
		return fake_route_run(ctx, kind, route);
	ctx->route_kind = kind;
	if (kind == IN_BRANCH)
		test.branches++;
	else
		test.replies++;
	dropped = (kind == IN_BRANCH ? test.branch[route] : test.reply[route])(ctx);
	ctx->route_kind = was;
	return dropped;
}

static inline enum script_result test_route_start(struct ctx *ctx, enum route_kind kind,
						  uint32_t route)
{
	ctx->route_kind = kind;
	if (kind == IN_REQUEST) {
		test.again[route](ctx);
		return SCRIPT_DONE;
	}
	assert_int_equal(kind, IN_FAILURE);
	test.failures++;
	test.failure[route](ctx);
	return SCRIPT_DONE;
}

static inline int test_route_inside(struct ctx *ctx, enum route_kind kind, uint32_t route,
				    route_done *done, void *arg)
{
	return done(ctx, test_route_run(ctx, kind, route), arg);
}

static const struct script_hooks test_hooks = {
	.start = fake_start,
	.resume = fake_resume,
	.end = fake_end,
	.has_reply_route = fake_has_reply_route,
	.route_find = test_route_find,
	.route_name = test_route_name,
	.route_run = test_route_run,
	.route_start = test_route_start,
	.route_inside = test_route_inside,
};

/* --- the worker --------------------------------------------------------------------------------------------------------------------------- */
static inline struct tm_conf *conf(void)
{
	return (struct tm_conf *)(void *)fake.section;
}

static inline uint64_t counted(enum tm_counter which)
{
	return counter_row[tm_counters.base + which];
}

/* This process is slot's worker from now on. */
static inline void worker_begin(unsigned slot, bool successor)
{
	uint64_t now = fake.w.now;

	fake_worker(slot, successor);
	if (now)
		fake.w.now = now;
	timers_now_set(fake.w.timers, fake.w.now);
	epoch_alive(fake.run.epochs, slot, true);
	fake.w.limbo = limbo_new(fake.run.epochs);
	assert_non_null(fake.w.limbo);
	assert_int_equal(serac_module.process_start(&fake.w), 0);
}

/* Many a millisecond, turn by turn. */
static inline void pass(unsigned ms)
{
	while (ms--) {
		fake.w.now++;
		timers_now_set(fake.w.timers, fake.w.now);
		epoch_turn(fake.run.epochs, fake.w.n);
		limbo_run(fake.w.limbo);
		while (timers_run(fake.w.timers, fake.w.now, 100) == 0)
			;
	}
}

static inline int tm_setup(void **state)
{
	static bool registered;

	fake_setup(state);
	memset(&test, 0, sizeof(test));
	test.relayed = -100;
	msg_script_set(&test_hooks);
	fake.w.msg->script = &test_hooks;
	fake_module(&serac_module);
	if (!registered) {
		assert_int_equal(counters_register(&msg_counters), 0);
		assert_int_equal(counters_register(serac_module.counters), 0);
	}
	registered = true;
	log_level_set(LOG_ERR);
	fake.run.epochs = epochs_new(fake.run.shm, FAKE_SLOTS);
	assert_non_null(fake.run.epochs);
	assert_int_equal(serac_module.init(&fake.run, &fake.conf), 0);
	fake.w.msg->trans = trans_hooks();
	/* ahead of the clock, by which wheels are made: they only go on */
	fake.w.now = clock_ms() + 3600000;
	msg_worker_stop(&fake.w);
	timers_drop(&fake.w.timers);
	worker_begin(0, false);
	fake.script = script_relay;
	test.chunks = stats(fake.run.shm).chunks_live;
	return 0;
}

static inline unsigned in_use(void)
{
	return slab_used(tm->rows) - tmw.spare_n;
}

/* Nothing is left: no transaction, no arena, no mail. */
static inline void assert_all_gone(void)
{
	pass(3);
	assert_int_equal(in_use(), 0);
	assert_int_equal(stats(fake.run.shm).chunks_live, test.chunks);
}

static inline int tm_teardown(void **state)
{
#ifdef SERAC_FAULT
	fault_alloc_fail(0);
	fault_kill_at(NULL, 0);
#endif
	pass(400000);
	assert_all_gone();
	assert_int_equal(counted(TM_CREATED), counted(TM_ENDED));
	serac_module.process_stop(&fake.w);
	limbo_drop(&fake.w.limbo);
	assert_int_equal(slab_used(tm->rows), 0);
	assert_int_equal(verify(fake.run.shm), 0);
	return fake_teardown(state);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, tm_setup, tm_teardown)

/* --- messages ----------------------------------------------------------------------------------------------------------------------------- */
static inline void receive(const char *method_z, const char *uri_z)
{
	fake_receive(0, CALLER, 0, fake_request(method_z, uri_z, VIA_A, ""));
}

static inline void receive_tcp(const char *method_z, const char *uri_z)
{
	fake_receive(1, CALLER, FAKE_CONN, fake_request(method_z, uri_z, VIA_TCP, ""));
}

/* The ACK of a refusal comes from the caller. */
static inline void ack(void)
{
	receive("ACK", URI_B);
}

/* What a peer answers to the i-th message that was sent: a request. */
static inline struct str response_text(unsigned i, unsigned status, const char *tag_z,
				       const char *more_z)
{
	static char text[66000];
	struct str out = fake_out(i), vias, cseq;
	size_t at = (size_t)str_find(out, STR("Via: ")),
	       from = (size_t)str_find(out, STR("From: ")),
	       seq = (size_t)str_find(out, STR("CSeq: "));
	int n;

	vias = str_of(out.p + at, from - at);
	cseq = str_skip(out, seq);
	cseq.n = (size_t)str_find(cseq, STR("\r\n")) + 2;
	/* what stands between, as Max-Forwards does, is the request's */
	while (vias.n && str_find(vias, STR("Max-Forwards")) >= 0)
		vias.n = (size_t)str_find(vias, STR("Max-Forwards"));
	n = snprintf(text, sizeof(text),
		     "SIP/2.0 %u Said So\r\n" STRF "From: <sip:a@example.com>;tag=f1\r\n"
		     "To: <sip:b@example.com>;tag=%s\r\nCall-ID: c1\r\n" STRF
		     "%sContent-Length: 0\r\n\r\n",
		     status, STRA(vias), tag_z, STRA(cseq), more_z);
	assert_true(n > 0 && (size_t)n < sizeof(text));
	return str_of(text, (size_t)n);
}

static inline void respond_with(unsigned i, unsigned status, const char *tag_z, const char *more_z)
{
	fake_receive(0, "127.0.0.6:5066", 0, response_text(i, status, tag_z, more_z));
}

static inline void respond(unsigned i, unsigned status)
{
	respond_with(i, status, "t1", "");
}

static inline void sent_clear(void)
{
	fake.sent_n = 0;
}

/* How many messages were sent whose first line begins so. */
static inline unsigned sent(const char *begin_z)
{
	unsigned n = 0;

	assert_true(fake.sent_n <= FAKE_SENT_MAX);
	for (unsigned i = 0; i < fake.sent_n; i++)
		n += str_starts(fake_out(i), str_z(begin_z));
	return n;
}

/* The number of the last one of them. */
static inline unsigned where(const char *begin_z)
{
	for (unsigned i = fake.sent_n; i-- > 0;)
		if (str_starts(fake_out(i), str_z(begin_z)))
			return i;
	fail_msg("\"%s\" was not sent", begin_z);
	return 0;
}

static inline void assert_sent(const char *begin_z, unsigned n)
{
	if (sent(begin_z) != n) {
		for (unsigned i = 0; i < fake.sent_n; i++)
			print_error("%u: %.60s\n", i, fake.sent[i].text);
	}
	assert_int_equal(sent(begin_z), n);
}

/* --- transactions ------------------------------------------------------------------------------------------------------------------------- */
/* The only one that lives. */
static inline struct trans *the_trans(void)
{
	struct trans *found = NULL;

	for (unsigned i = 0; i < slab_top(tm->rows); i++) {
		struct trans *t = (struct trans *)slab_at(tm->rows, i);

		if (atomic_load(&t->row.state) != MEM_LIVE)
			continue;
		assert_null(found);
		found = t;
	}
	assert_non_null(found);
	return found;
}

static inline struct client *the_client(unsigned number)
{
	struct client *c = client_find(trans_body(the_trans()), number);

	assert_non_null(c);
	return c;
}

static inline enum server_state server_state(void)
{
	return trans_body(the_trans())->server.state;
}

/* --- the dead ----------------------------------------------------------------------------------------------------------------------------- */
static inline void heir_begin(unsigned slot)
{
	shm_recover(fake.run.shm, slot);
	worker_begin(slot, true);
	pass(5);
}

static inline void heir_end(void)
{
	epoch_alive(fake.run.epochs, fake.w.n, false);
	limbo_drop(&fake.w.limbo);
	serac_module.process_stop(&fake.w);
	shm_leave(fake.run.shm);
}

static inline void heir(void *arg)
{
	heir_begin(*(unsigned *)arg);
	heir_end();
}

/* A successor of that slot's worker, which is gone, clears up after it and ends in good order: nobody else runs meanwhile. */
static inline void succeed(unsigned slot)
{
	epoch_alive(fake.run.epochs, slot, false);
	epoch_idle(fake.run.epochs, fake.w.n);
	assert_true(run_child(slot, heir, &slot));
	epoch_turn(fake.run.epochs, fake.w.n);
	epoch_alive(fake.run.epochs, slot, false);
}

#endif
