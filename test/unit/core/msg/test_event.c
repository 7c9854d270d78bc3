/* SPDX-License-Identifier: BSD-2-Clause */
/* Event routes of connections: what they see, and what they cannot do. */
#include "fake.h"

#include "core/msg/event.h"

static struct seen {
	unsigned runs;
	bool drops;
	int forwarded, replied;
	const void *session;
	char src[32], conn[32], method[16];
} seen;

static void text_of(struct ctx *ctx, const char *name_z, char *z, size_t size)
{
	struct value v = fake_attr_read(ctx, name_z, NULL);

	if (v.type == VALUE_INT)
		snprintf(z, size, "%lld", (long long)v.i);
	else
		snprintf(z, size, STRF, STRA(v.s));
}

static bool event(struct ctx *ctx)
{
	seen.runs++;
	seen.session = ctx->session;
	text_of(ctx, "@src.ip_port", seen.src, sizeof(seen.src));
	text_of(ctx, "$conid", seen.conn, sizeof(seen.conn));
	text_of(ctx, "$rm", seen.method, sizeof(seen.method));
	seen.forwarded = forward_host(ctx, STR("127.0.0.6"), 5066, NULL);
	seen.replied = reply_send(ctx, 200, STR_NULL, STR_NULL);
	return seen.drops;
}

static const struct origin *origin(void)
{
	static struct origin from;

	assert_true(fake_conn_origin(&fake.run, FAKE_CONN, &from));
	return &from;
}

static int setup(void **state)
{
	seen = (struct seen){ .forwarded = 77 };
	return fake_setup(state);
}

#define EVENT_TEST(f) cmocka_unit_test_setup_teardown(f, setup, fake_teardown)

static void a_script_without_the_route_lets_all_through(void **state)
{
	(void)state;
	assert_int_equal(event_find(&fake.w, &fake.conf, STR("tls:connection-in")), 0);
	assert_false(event_refuses(&fake.w, 0, origin(), NULL));
	assert_int_equal(seen.runs, 0);
}

static void the_route_sees_where_the_connection_comes_from(void **state)
{
	int session;
	uint32_t route;

	(void)state;
	fake.event = event;
	route = event_find(&fake.w, &fake.conf, STR("tls:connection-in"));
	assert_int_equal(route, 2);
	assert_false(event_refuses(&fake.w, route, origin(), &session));
	assert_int_equal(seen.runs, 1);
	assert_ptr_equal(seen.session, &session);
	assert_string_equal(seen.src, "127.0.0.8:5090");
	assert_string_equal(seen.conn, "77");
	assert_string_equal(seen.method, "OPTIONS");
}

static void drop_refuses(void **state)
{
	(void)state;
	fake.event = event;
	seen.drops = true;
	assert_true(event_refuses(&fake.w, 2, origin(), NULL));
}

static void it_is_neither_sent_on_nor_answered(void **state)
{
	(void)state;
	fake.event = event;
	assert_false(event_refuses(&fake.w, 2, origin(), NULL));
	assert_int_equal(seen.forwarded, FN_FALSE);
	assert_int_equal(seen.replied, -EINVAL);
	assert_int_equal(fake.sent_n, 0);
	assert_int_equal(fake_count(MSG_FORWARD_FAILED), 1);
}

static void requests_behind_it_are_ordinary(void **state)
{
	(void)state;
	fake.event = event;
	fake.script = script_forward;
	assert_false(event_refuses(&fake.w, 2, origin(), &seen));
	fake_receive(0, "127.0.0.5:5062", 0, fake_request("OPTIONS", URI_B, VIA_A, ""));
	assert_int_equal(fake.last, FN_TRUE);
	assert_int_equal(fake.sent_n, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		EVENT_TEST(a_script_without_the_route_lets_all_through),
		EVENT_TEST(the_route_sees_where_the_connection_comes_from),
		EVENT_TEST(drop_refuses),
		EVENT_TEST(it_is_neither_sent_on_nor_answered),
		EVENT_TEST(requests_behind_it_are_ordinary),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
