/* SPDX-License-Identifier: BSD-2-Clause */
/* One call that a script records, and the requests of its dialog that a script asks about. */
#ifndef TEST_RR_H
#define TEST_RR_H

#include "test/unit/modules/module_test.h"

#include "modules/rr/rr.h"

static inline struct rr_conf *conf(void)
{
	return (struct rr_conf *)(void *)fake.section;
}

/* A request of the caller (tag f1) or of the callee (tag t1) of the call c1. */
enum side { FIRST, OF_CALLER, OF_CALLEE };

static const char *const ends[] = {
	[FIRST] = "From: <sip:a@example.com>;tag=f1\r\nTo: <sip:b@example.com>\r\n",
	[OF_CALLER] = "From: <sip:a@example.com>;tag=f1\r\nTo: <sip:b@example.com>;tag=t1\r\n",
	[OF_CALLEE] = "From: <sip:b@example.com>;tag=t1\r\nTo: <sip:a@example.com>;tag=f1\r\n",
};

static inline struct str request(enum side side, const char *uri_z, const char *call_z,
				 const char *routes_z)
{
	static char text[8192];
	int n = snprintf(text, sizeof(text),
			 "%s %s SIP/2.0\r\nVia: " VIA_A "\r\n%sCall-ID: %s\r\nCSeq: 7 %s\r\n%s"
			 "Content-Length: 0\r\n\r\n",
			 side == FIRST ? "INVITE" : "BYE", uri_z, ends[side], call_z,
			 side == FIRST ? "INVITE" : "BYE", routes_z);

	return str_of(text, (size_t)n);
}

/* --- the dialog -------------------------------------------------------------------------------------------------------------------------- */
/* What a request of the dialog has as Route, when the first one went to that target: of the callee in this order, of the caller the other way. */
static char routes[2][600];
static unsigned routes_n;

static const char *target_z;

static inline enum script_result script_record(struct ctx *ctx)
{
	assert_int_equal(TEST_CALL(ctx, "record_route", ";nat=yes"), 1);
	assert_int_equal(ctx_dst_uri_set(ctx, str_z(target_z)), 0);
	return script_forward(ctx);
}

/* Which socket and connection the INVITE comes by. */
static inline void receive_first(unsigned listener, const char *src_z, uint64_t conn,
				 const char *more_z)
{
	struct str out;

	fake.script = script_record;
	fake_receive(listener, src_z, conn, request(FIRST, "sip:b@127.0.0.6", "c1", more_z));
	out = fake_out(fake.sent_n - 1);
	for (routes_n = 0; routes_n < 2; routes_n++) {
		ssize_t at = str_find(out, STR("Record-Route: "));

		if (at < 0)
			break;
		out = str_skip(out, (size_t)at + sizeof("Record-Route: ") - 1);
		snprintf(routes[routes_n], sizeof(routes[0]), "Route: " STRF "\r\n",
			 (int)str_find(out, STR("\r\n")), out.p);
	}
	fake.sent_n = 0;
	fake.runs = 0;
}

static inline void record(const char *to_z, unsigned listener, uint64_t conn, const char *more_z)
{
	target_z = to_z;
	receive_first(listener, "127.0.0.5:5062", conn, more_z);
}

static inline const char *route_set(enum side side)
{
	static char text[3000];
	bool turned = side == OF_CALLER && routes_n == 2;

	snprintf(text, sizeof(text), "%s%s", routes[turned], routes_n == 2 ? routes[!turned] : "");
	return text;
}

/* --- questions --------------------------------------------------------------------------------------------------------------------------- */
static struct {
	int loose, ours, upstream, nat, by_route;
	const struct listener *socket;
	uint64_t flow;
	char du[100];
} seen;

static inline enum script_result script_asks(struct ctx *ctx)
{
	seen.loose = TEST_CALL(ctx, "loose_route");
	seen.ours = TEST_CALL(ctx, "is_dialog_ours");
	seen.upstream = TEST_CALL(ctx, "is_direction", "upstream");
	assert_int_equal(TEST_CALL(ctx, "is_direction", "downstream"), -seen.upstream);
	seen.nat = TEST_CALL(ctx, "check_route_param", "nat=y");
	seen.by_route = TEST_CALL(ctx, "rr_next_hop_route");
	seen.socket = ctx->send_socket;
	seen.flow = ctx->flow;
	snprintf(seen.du, sizeof(seen.du), STRF, STRA(ctx->dst_uri));
	return script_forward(ctx);
}

static inline struct str ask(struct str message, unsigned listener, uint64_t conn)
{
	unsigned before = fake.sent_n;

	memset(&seen, 0, sizeof(seen));
	fake.script = script_asks;
	fake_receive(listener, "127.0.0.5:5062", conn, message);
	assert_int_equal(fake.sent_n, before + 1);
	return fake_out(before);
}

static inline struct str ask_udp(enum side side, const char *uri_z, const char *routes_z)
{
	return ask(request(side, uri_z, "c1", routes_z), 0, 0);
}

static inline int set_up(void **state)
{
	int err = fake_setup(state);

	fake_module(&serac_module);
	return err;
}
#define RR_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, fake_teardown)

#endif
