/* SPDX-License-Identifier: BSD-2-Clause */
/* Where one target of a request goes, and what it looks like then. */
#include "fake.h"

#include "core/msg/emit.h"
#include "core/msg/nexthop.h"
#include "core/msg/ownvia.h"

/* What the script asks for, and what came of it. */
static struct {
	struct branch b;
	bool as_received; /* b's URI is the received one */
	struct instead to;
	int ok, err;
} ask;

static enum script_result script_target(struct ctx *ctx)
{
	struct iovec iov[EMIT_IOV];
	struct resolve q = { 0 };
	struct nexthop next;
	struct target t;
	uint64_t loop;
	unsigned n;

	if (ask.as_received)
		ask.b.uri = ctx->msg->ruri;
	ask.ok = nexthop_allowed(ctx, false, &loop);
	if (ask.ok == FN_TRUE)
		ask.ok = nexthop_of(ctx, &ask.b, &ask.to, &next);
	if (ask.ok != FN_TRUE)
		return SCRIPT_DONE;
	assert_int_equal(nexthop_resolve(ctx, &next, &q, 1000), 1);
	assert_int_equal(q.n, 1);
	ask.err = nexthop_emit(ctx, &next, &q.addrs[0], via_branch(ctx, loop), &t, iov, &n);
	if (!ask.err)
		ask.err = nexthop_send(ctx, &t, iov, n, 0);
	ctx->done |= CTX_FORWARDED;
	return SCRIPT_DONE;
}

static void send_target(struct str request)
{
	fake.script = script_target;
	fake_receive(0, "127.0.0.5:5062", 0, request);
}

#define OWN_AND_NEXT "Route: <sip:127.0.0.1;lr>\r\nRoute: <sip:127.0.0.7;lr>\r\n"
#define STRICT_RURI  "sip:127.0.0.1;lr"

static const struct {
	const char *uri, *routes; /* received */
	struct branch b;	  /* without a URI: the received one */
	const char *want_line, *want_routes, *want_dst;
} targets[] = {
	/* the received R-URI follows the Route, as forward() does */
	{ URI_B,
	  OWN_AND_NEXT,
	  { .q = 0 },
	  URI_B,
	  "Route: <sip:127.0.0.7;lr>\r\n",
	  "127.0.0.7:5060" },
	{ STRICT_RURI,
	  "Route: <sip:real@127.0.0.8>\r\n",
	  { .q = 0 },
	  "sip:real@127.0.0.8",
	  "",
	  "127.0.0.8:5060" },
	/* one that was chosen here does not; our own Route goes all the same */
	{ URI_B,
	  OWN_AND_NEXT,
	  { .uri = STR_INIT("sip:c@127.0.0.60:6") },
	  "sip:c@127.0.0.60:6",
	  "Route: <sip:127.0.0.7;lr>\r\n",
	  "127.0.0.60:6" },
	{ STRICT_RURI,
	  "Route: <sip:real@127.0.0.8>\r\n",
	  { .uri = STR_INIT("sip:c@127.0.0.60") },
	  "sip:c@127.0.0.60",
	  "Route: <sip:real@127.0.0.8>\r\n",
	  "127.0.0.60:5060" },
	/* $du of the target */
	{ URI_B,
	  OWN_AND_NEXT,
	  { .dst_uri = STR_INIT("sip:127.0.0.61:7") },
	  URI_B,
	  "Route: <sip:127.0.0.7;lr>\r\n",
	  "127.0.0.61:7" },
	/* a path leads, before what the sender put there */
	{ URI_B,
	  "",
	  { .uri = STR_INIT("sip:c@192.0.2.9"),
	    .path = STR_INIT("<sip:127.0.0.62:62;lr>, <sip:127.0.0.63;lr>") },
	  "sip:c@192.0.2.9",
	  "\r\nRoute: <sip:127.0.0.62:62;lr>, <sip:127.0.0.63;lr>\r\nFrom:",
	  "127.0.0.62:62" },
	{ URI_B,
	  OWN_AND_NEXT,
	  { .path = STR_INIT("<sip:127.0.0.62;lr>") },
	  URI_B,
	  "\r\nRoute: <sip:127.0.0.62;lr>\r\nRoute: <sip:127.0.0.7;lr>\r\nContent",
	  "127.0.0.62:5060" },
	/* and $du before the path */
	{ URI_B,
	  "",
	  { .uri = STR_INIT("sip:c@192.0.2.9"),
	    .dst_uri = STR_INIT("sip:127.0.0.64"),
	    .path = STR_INIT("<sip:127.0.0.62;lr>") },
	  "sip:c@192.0.2.9",
	  "Route: <sip:127.0.0.62;lr>\r\n",
	  "127.0.0.64:5060" },
};

static void a_target_goes_where_it_says(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		char line[100], routes[200];

		ask.b = targets[i].b;
		ask.as_received = str_is_null(ask.b.uri);
		send_target(fake_request("OPTIONS", targets[i].uri, VIA_A, targets[i].routes));
		assert_int_equal(fake.sent_n, i + 1);
		snprintf(line, sizeof(line), "OPTIONS %s SIP/2.0\r\n", targets[i].want_line);
		assert_true(str_starts(fake_out(i), str_z(line)));
		snprintf(routes, sizeof(routes), "%s", targets[i].want_routes);
		assert_has(fake_out(i), routes);
		assert_has_not(fake_out(i), "Route: <sip:127.0.0.1;lr>");
		assert_sent_to(i, targets[i].want_dst);
	}
}

static void what_the_script_says_comes_first(void **state)
{
	(void)state;
	ask.b = (struct branch){ .uri = STR("sip:c@192.0.2.9"),
				 .dst_uri = STR("sip:127.0.0.64"),
				 .path = STR("<sip:127.0.0.62;lr>") };
	ask.to = (struct instead){ .host = STR("127.0.0.70"), .port = 70 };
	send_target(fake_request("OPTIONS", URI_B, VIA_A, ""));
	assert_sent_to(0, "127.0.0.70:70");
	assert_has(fake_out(0), "Route: <sip:127.0.0.62;lr>\r\n");
	ask.to = (struct instead){ .uri = STR("sip:127.0.0.71;transport=tcp") };
	send_target(fake_request("OPTIONS", URI_B, VIA_A, ""));
	assert_sent_to(1, "127.0.0.71:5060");
	assert_has(fake_out(1), "Via: SIP/2.0/TCP ");
}

static void the_socket_of_the_target_is_used_when_it_fits(void **state)
{
	(void)state;
	ask.b = (struct branch){ .uri = STR("sip:c@127.0.0.60"), .socket = &fake_listeners[3] };
	send_target(fake_request("OPTIONS", URI_B, VIA_A, ""));
	assert_has(fake_out(0), "Via: SIP/2.0/UDP edge.example.net:5070;");
	ask.b.uri = STR("sip:c@127.0.0.60;transport=tcp");
	send_target(fake_request("OPTIONS", URI_B, VIA_A, ""));
	assert_has(fake_out(1), "Via: SIP/2.0/TCP 127.0.0.1:5060;");
}

static const struct {
	struct branch b;
	unsigned status;
	int err;
} refused[] = {
	{ { .uri = STR_INIT("sips:c@127.0.0.60"), .dst_uri = STR_INIT("sip:127.0.0.61") }, 480, 0 },
	{ { .uri = STR_INIT("sip:c@127.0.0.60"), .path = STR_INIT("<sips:127.0.0.61;lr>") },
	  480,
	  0 },
	{ { .uri = STR_INIT("SIPS:c@127.0.0.60") }, 480, 0 },
	{ { .uri = STR_INIT("sip:c@127.0.0.60"), .dst_uri = STR_INIT("sips:127.0.0.61") }, 480, 0 },
	{ { .uri = STR_INIT("sip:c@127.0.0.60"), .path = STR_INIT("<sip:a;lr>\r\nX: y") }, 400, 0 },
	{ { .uri = STR_INIT("tel:+49301") }, 416, 0 },
	{ { .uri = STR_INIT("sip:c@127.0.0.1:5060") }, 0, -ELOOP },
	{ { .uri = STR_INIT("sip:c@[::9];transport=tcp") }, 0, -EAFNOSUPPORT },
};

static void what_cannot_be_sent_says_why(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		ask.b = refused[i].b;
		ask.err = 0;
		send_target(fake_request("OPTIONS", URI_B, VIA_A, ""));
		assert_int_equal(ask.err, refused[i].err);
		if (refused[i].status) {
			char want[32];

			assert_int_equal(ask.ok, FN_FALSE);
			snprintf(want, sizeof(want), "SIP/2.0 %u ", refused[i].status);
			assert_has(fake_out(fake.sent_n - 1), want);
		}
	}
	assert_int_equal(fake.sent_n, 6);
}

static const struct {
	const char *received;
	struct str now; /* null: as received */
	struct str contact;
	bool may;
} recursions[] = {
	{ URI_B, { 0 }, STR_INIT("sip:c@127.0.0.60"), true },
	{ URI_B, { 0 }, STR_INIT("sips:c@127.0.0.60"), true },
	{ URI_B, { 0 }, STR_INIT("tel:+49"), true },
	{ "sips:b@a", { 0 }, STR_INIT("SIPS:c@127.0.0.60"), true },
	{ "sips:b@a", { 0 }, STR_INIT("sip:c@127.0.0.60"), false },
	{ "SIPS:b@a", { 0 }, STR_INIT("sip:c@127.0.0.60"), false },
	{ "sips:b@a", { 0 }, STR_INIT("tel:+49"), false },
	{ "sips:b@a", STR_INIT("sip:c@b"), STR_INIT("sip:c@127.0.0.60"), false },
	{ "sip:b@a", STR_INIT("sips:c@b"), STR_INIT("sip:c@127.0.0.60"), false },
};
static struct {
	struct str now, contact;
	bool may;
} recursion;

static enum script_result script_recurse(struct ctx *ctx)
{
	if (!str_is_null(recursion.now))
		assert_int_equal(ctx_uri_set(ctx, recursion.now), 0);
	recursion.may = nexthop_may_recurse(ctx, recursion.contact);
	ctx->done |= CTX_FORWARDED;
	return SCRIPT_DONE;
}

static void a_redirection_never_leads_from_sips_to_sip(void **state)
{
	(void)state;
	fake.script = script_recurse;
	for (size_t i = 0; i < sizeof(recursions) / sizeof(recursions[0]); i++) {
		recursion.now = recursions[i].now;
		recursion.contact = recursions[i].contact;
		fake_receive(0, "127.0.0.5:5062", 0,
			     fake_request("INVITE", recursions[i].received, VIA_A, ""));
		assert_int_equal(recursion.may, recursions[i].may);
	}
}

static void forward(const char *method_z, const char *uri_z)
{
	fake.script = script_forward;
	fake_receive(0, "127.0.0.5:5062", 0, fake_request(method_z, uri_z, VIA_A, ""));
}

static void a_dead_destination_is_passed_over(void **state)
{
	static const char *const goes[] = { "ACK", "CANCEL", "BYE" };

	(void)state;
	fake.answers[0] = fake_addr("127.0.0.50:0");
	fake.answers[1] = fake_addr("127.0.0.51:0");
	fake.answers_n = 2;
	fake.blocked[0] = fake_addr("127.0.0.50:5099");
	fake.blocked_n = 1;
	forward("OPTIONS", "sip:b@name.example:5099");
	assert_sent_to(0, "127.0.0.51:5099");
	forward("OPTIONS", "sip:b@name.example:5098");
	assert_sent_to(1, "127.0.0.50:5098");
	fake.blocked[1] = fake_addr("127.0.0.51:5099");
	fake.blocked_n = 2;
	forward("OPTIONS", "sip:b@name.example:5099");
	assert_int_equal(fake.last, FN_FALSE);
	assert_has(fake_out(2), "SIP/2.0 500 Next Hop Is Blocklisted\r\n");
	/* what ends something is sent all the same */
	for (unsigned i = 0; i < 3; i++) {
		forward(goes[i], "sip:b@name.example:5099");
		assert_sent_to(3 + i, "127.0.0.50:5099");
	}
}

/* --- Max-Breadth ---------------------------------------------------------------------------------------------------------------------- */
static struct {
	uint32_t used, n;
	int ok;
	uint32_t left;
} split;

static enum script_result script_breadth(struct ctx *ctx)
{
	split.ok = nexthop_breadth(ctx, split.used, split.n, &split.left);
	ctx->done |= split.ok == FN_TRUE ? CTX_FORWARDED : 0;
	return SCRIPT_DONE;
}

static const struct {
	const char *line;
	int64_t most;
	uint32_t used, n, left;
	unsigned status;
} breadths[] = {
	{ "", 60, 0, 1, 60, 0 },
	{ "Max-Breadth: 4\r\n", 60, 0, 4, 4, 0 },
	{ "Max-Breadth: 4\r\n", 60, 0, 5, 0, 440 },
	/* what branches without a final response hold is not there for others */
	{ "Max-Breadth: 4\r\n", 60, 3, 1, 1, 0 },
	{ "Max-Breadth: 4\r\n", 60, 3, 2, 0, 440 },
	{ "Max-Breadth: 4\r\n", 60, 5, 1, 0, 440 },
	/* more than is accepted */
	{ "Max-Breadth: 61\r\n", 60, 0, 1, 60, 0 },
	{ "Max-Breadth: 99999999999999999999\r\n", 60, 0, 1, 60, 0 },
	{ "max-breadth :  1 \r\n", 60, 0, 1, 1, 0 },
	{ "Max-Breadth: 0\r\n", 60, 0, 1, 0, 400 },
	{ "Max-Breadth: wide\r\n", 60, 0, 1, 0, 400 },
	{ "Max-Breadth: 3\r\nMax-Breadth: 3\r\n", 60, 0, 1, 0, 400 },
	/* 0: not looked at */
	{ "Max-Breadth: wide\r\n", 0, 7, 9, 0, 0 },
	{ "", 0, 0, 9, 0, 0 },
};

static void breadth_is_what_is_left_of_it(void **state)
{
	(void)state;
	fake.script = script_breadth;
	for (size_t i = 0; i < sizeof(breadths) / sizeof(breadths[0]); i++) {
		char want[40];

		fake.mc.max_breadth = breadths[i].most;
		split.used = breadths[i].used;
		split.n = breadths[i].n;
		fake_receive(0, "127.0.0.5:5062", 0,
			     fake_request("INVITE", URI_B, VIA_A, breadths[i].line));
		assert_int_equal(split.ok, breadths[i].status ? FN_FALSE : FN_TRUE);
		assert_int_equal(split.left, breadths[i].left);
		snprintf(want, sizeof(want), "SIP/2.0 %u ", breadths[i].status);
		if (breadths[i].status)
			assert_has(fake_out(fake.sent_n - 1), want);
	}
}

static void shares_are_even_and_none_is_lost(void **state)
{
	(void)state;
	for (uint32_t left = 1; left < 64; left++) {
		for (unsigned n = 1; n <= left; n++) {
			uint32_t sum = 0;

			for (unsigned i = 0; i < n; i++) {
				assert_in_range(nexthop_share(left, n, i), left / n, left / n + 1);
				sum += nexthop_share(left, n, i);
			}
			assert_int_equal(sum, left);
		}
	}
	assert_int_equal(nexthop_share(0, 3, 1), 0);
}

static const struct {
	const char *method, *line, *want, *want_not;
	int64_t most;
} leaving[] = {
	{ "INVITE", "", "\r\nMax-Breadth: 60\r\n", NULL, 60 },
	{ "BYE", "Max-Breadth: 7\r\n", "\r\nMax-Breadth: 7\r\n", NULL, 60 },
	{ "INVITE", "MAX-BREADTH:61\r\n", "\r\nMAX-BREADTH:60\r\n", "Max-Breadth", 60 },
	{ "CANCEL", "", "", "Breadth", 60 },
	{ "INVITE", "", "", "Breadth", 0 },
	{ "INVITE", "Max-Breadth: 61\r\n", "\r\nMax-Breadth: 61\r\n", NULL, 0 },
};

static void what_leaves_has_one_max_breadth(void **state)
{
	(void)state;
	fake.script = script_forward;
	for (unsigned i = 0; i < sizeof(leaving) / sizeof(leaving[0]); i++) {
		char want[40];

		fake.mc.max_breadth = leaving[i].most;
		snprintf(want, sizeof(want), "%s", leaving[i].want);
		fake_receive(0, "127.0.0.5:5062", 0,
			     fake_request(leaving[i].method, URI_B, VIA_A, leaving[i].line));
		assert_int_equal(fake.sent_n, i + 1);
		assert_has(fake_out(i), want);
		if (leaving[i].want_not)
			assert_has_not(fake_out(i), leaving[i].want_not);
	}
}

static int setup(void **state)
{
	memset(&ask, 0, sizeof(ask));
	return fake_setup(state);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, fake_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_target_goes_where_it_says),
		TEST(what_the_script_says_comes_first),
		TEST(the_socket_of_the_target_is_used_when_it_fits),
		TEST(what_cannot_be_sent_says_why),
		TEST(a_dead_destination_is_passed_over),
		TEST(a_redirection_never_leads_from_sips_to_sip),
		TEST(breadth_is_what_is_left_of_it),
		TEST(shares_are_even_and_none_is_lost),
		TEST(what_leaves_has_one_max_breadth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
