/* SPDX-License-Identifier: BSD-2-Clause */
/* What the script says of a connection that is up. */
#include "test/unit/core/msg/fake.h"

#include "core/net/conn.h"
#include "core/net/state.h"

#include "modules/tls/counters.h"
#include "modules/tls/event.h"
#include "modules/tls/facts.h"

static struct seen {
	unsigned runs;
	bool drops;
	const struct tls_facts *facts;
	uint64_t conn;
} seen;

static const struct tls_facts facts = { .domain = STR_INIT("tls_domain[default]") };

static bool event(struct ctx *ctx)
{
	seen.runs++;
	seen.facts = ctx->session;
	seen.conn = ctx->from.conn;
	return seen.drops;
}

/* A row of core/net's, which must be found by its id. */
static struct conn *conn_make(void)
{
	struct net *net = calloc(1, sizeof(*net));
	struct conn *c;

	fake.run.net = net;
	net->listeners = fake_listeners;
	net->listeners_n = fake_listeners_n;
	net->conns = slab_new(fake.run.shm, ID_CONN, sizeof(struct conn), 4, conn_fresh);
	c = (struct conn *)slab_alloc(net->conns);
	conn_init(net, c, transport_of(TRANSPORT_TCP), 1000);
	c->peer = fake_addr("127.0.0.8:5090");
	c->listener = 1;
	c->accepted = true;
	atomic_store(&c->state, CONN_OPEN);
	slab_publish(&c->row);
	return c;
}

static int setup(void **state)
{
	seen = (struct seen){ 0 };
	fake_setup(state);
	*state = conn_make();
	tls_event_begin(&fake.w, &fake.conf);
	return 0;
}

static int teardown(void **state)
{
	free(fake.run.net);
	return fake_teardown(state);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static void without_a_route_all_are_admitted(void **state)
{
	assert_true(tls_event_admits(&fake.w, *state, &facts));
	assert_int_equal(seen.runs, 0);
}

static void the_route_sees_the_facts(void **state)
{
	const struct conn *c = *state;

	fake.event = event;
	tls_event_begin(&fake.w, &fake.conf);
	assert_true(tls_event_admits(&fake.w, c, &facts));
	assert_int_equal(seen.runs, 1);
	assert_ptr_equal(seen.facts, &facts);
	assert_true(seen.conn == c->id);
}

static void drop_refuses_in_both_roles(void **state)
{
	struct conn *c = *state;

	fake.event = event;
	seen.drops = true;
	tls_event_begin(&fake.w, &fake.conf);
	assert_false(tls_event_admits(&fake.w, c, &facts));
	c->accepted = false;
	assert_false(tls_event_admits(&fake.w, c, &facts));
	assert_int_equal(counter_row[tls_counters.base + TLS_COUNT_FAILED_EVENT], 2);
}

static void a_connection_that_is_gone_is_refused(void **state)
{
	struct conn *c = *state;

	fake.event = event;
	tls_event_begin(&fake.w, &fake.conf);
	slab_dying(&c->row);
	assert_false(tls_event_admits(&fake.w, c, &facts));
	assert_int_equal(seen.runs, 0);
}

/* The worker may go on with the configuration that it has. */
static void each_configuration_has_its_own_routes(void **state)
{
	struct conf next = fake.conf;

	next.place = 1;
	fake.event = event;
	tls_event_begin(&fake.w, &next);
	assert_true(tls_event_admits(&fake.w, *state, &facts));
	assert_int_equal(seen.runs, 0);
	fake.w.conf = &next;
	assert_true(tls_event_admits(&fake.w, *state, &facts));
	assert_int_equal(seen.runs, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_a_route_all_are_admitted),
		TEST(the_route_sees_the_facts),
		TEST(drop_refuses_in_both_roles),
		TEST(a_connection_that_is_gone_is_refused),
		TEST(each_configuration_has_its_own_routes),
	};

	assert_int_equal(counters_register(&tls_counters), 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
