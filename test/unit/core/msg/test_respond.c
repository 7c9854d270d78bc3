/* SPDX-License-Identifier: BSD-2-Clause */
/* Responses: which are ours, where they go, and why the others are dropped. */
#include "fake.h"

#include <ctype.h>

/* The two top Vias of a request that we sent on. */
struct vias {
	char own[400], below[400];
};

static struct vias forwarded(unsigned listener, const char *src_z, uint64_t conn, const char *via_z)
{
	struct vias v = { "", "" };
	struct str out, line;

	fake.script = script_forward;
	fake_receive(listener, src_z, conn, fake_request("OPTIONS", URI_B, via_z, ""));
	assert_int_equal(fake.last, FN_TRUE);
	out = fake_out(fake.sent_n - 1);
	for (int i = 0; i < 2; i++) {
		ssize_t at = str_find(out, STR("\r\nVia: "));

		out = str_skip(out, (size_t)at + 7);
		line = str_head(out, (size_t)str_find(out, STR("\r\n")));
		memcpy(i ? v.below : v.own, line.p, line.n);
	}
	fake.sent_n = 0;
	return v;
}

static struct str response(const char *vias_z)
{
	static char text[4096];
	int n = snprintf(text, sizeof(text),
			 "SIP/2.0 200 OK\r\n%sFrom: <sip:a@example.com>;tag=f1\r\nX-Odd :  1\r\n"
			 "To: <sip:b@example.com>;tag=t\r\nCall-ID: c1\r\nCSeq: 7 OPTIONS\r\n"
			 "Content-Length: 0\r\n\r\nEXTRA",
			 vias_z);

	return str_of(text, (size_t)n);
}

static struct str response_of(const struct vias *v)
{
	char vias[900];

	snprintf(vias, sizeof(vias), "Via: %s\r\nVia: %s\r\n", v->own, v->below);
	return response(vias);
}

static void a_response_goes_where_its_request_came_from(void **state)
{
	static const struct {
		unsigned listener;
		const char *src, *via, *to;
		uint64_t conn;
	} cases[] = {
		{ 0, "127.0.0.5:5062", VIA_A, "127.0.0.5:5062", 0 },
		{ 0, "127.0.0.5:777", VIA_A, "127.0.0.5:5062", 0 },
		{ 0, "127.0.0.5:777", VIA_A ";rport", "127.0.0.5:777", 0 },
		{ 0, "127.0.0.5:777", "SIP/2.0/UDP a.example:5099;branch=z9hG4bKx",
		  "127.0.0.5:5099", 0 },
		{ 0, "127.0.0.5:777", "SIP/2.0/UDP a.example;branch=z9hG4bKx", "127.0.0.5:5060",
		  0 },
		{ 0, "127.0.0.5:777", "SIP/2.0/UDP a.example;branch=old", "127.0.0.5:5060", 0 },
		{ 3, "127.0.0.5:777", VIA_A ";rport", "127.0.0.5:777", 0 },
		{ 1, "127.0.0.5:33333", "SIP/2.0/TCP a.example:6001;branch=z9hG4bKx",
		  "127.0.0.5:6001", ID_MAKE(ID_CONN, 7, 3) },
		{ 0, "127.0.0.5:777", VIA_A ";maddr=127.0.0.77", "127.0.0.77:5062", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct vias v =
			forwarded(cases[i].listener, cases[i].src, cases[i].conn, cases[i].via);
		char want[1000];

		fake_receive(0, "127.0.0.6:5066", 0, response_of(&v));
		assert_int_equal(fake.sent_n, 1);
		assert_sent_to(0, cases[i].to);
		assert_ptr_equal(fake.sent[0].to.from, &fake_listeners[cases[i].listener]);
		assert_true(fake.sent[0].to.conn == cases[i].conn);
		/* octet by octet, without our Via and what lies behind the body */
		snprintf(want, sizeof(want),
			 "SIP/2.0 200 OK\r\nVia: %s\r\nFrom: <sip:a@example.com>;tag=f1\r\nX-Odd : "
			 " 1\r\n"
			 "To: <sip:b@example.com>;tag=t\r\nCall-ID: c1\r\nCSeq: 7 OPTIONS\r\n"
			 "Content-Length: 0\r\n\r\n",
			 v.below);
		assert_text(fake_out(0), str_z(want));
		fake.sent_n = 0;
	}
}

static void vias_joined_into_one_header_field_are_understood(void **state)
{
	struct vias v = forwarded(0, "127.0.0.5:5062", 0, VIA_A);
	char vias[900];

	(void)state;
	snprintf(vias, sizeof(vias), "v : %s , %s, SIP/2.0/TCP far;branch=z9hG4bKfar\r\n", v.own,
		 v.below);
	fake_receive(0, "127.0.0.6:5066", 0, response(vias));
	assert_has(fake_out(0), "v : " VIA_A ", SIP/2.0/TCP far;branch=z9hG4bKfar\r\n");
}

static void content_length_is_added_for_a_stream(void **state)
{
	struct vias v = forwarded(1, "127.0.0.5:33333", ID_MAKE(ID_CONN, 7, 3),
				  "SIP/2.0/TCP 127.0.0.5:6001;branch=z9hG4bKx");
	char text[2000];
	int n = snprintf(text, sizeof(text),
			 "SIP/2.0 200 OK\r\nVia: %s\r\nVia: %s\r\nf: <sip:a@b>;tag=f1\r\nt: "
			 "<sip:b@b>;tag=1\r\n"
			 "i: c1\r\nCSeq: 7 OPTIONS\r\n\r\nbody",
			 v.own, v.below);

	(void)state;
	fake_receive(0, "127.0.0.6:5066", 0, str_of(text, (size_t)n));
	assert_has(fake_out(0), "Content-Length: 4\r\n\r\nbody");
}

/* The request came by a datagram: no Via, be it what its sender wrote or what was made of it behind us, makes us open a connection. */
static void a_response_goes_by_the_transport_of_its_request(void **state)
{
	static const char *const names[] = { "TCP", "SCTP", "TLS", "udp" };
	struct vias v = forwarded(0, "127.0.0.5:5062", 0, VIA_A);
	char vias[900];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(vias, sizeof(vias), "Via: %s\r\nVia: SIP/2.0/%s%s\r\n", v.own, names[i],
			 v.below + sizeof("SIP/2.0/UDP") - 1);
		fake_receive(0, "127.0.0.6:5066", 0, response(vias));
		assert_int_equal(fake.sent_n, 1);
		assert_sent_to(0, "127.0.0.5:5062");
		assert_false(fake.sent[0].to.transport->reliable);
		fake.sent_n = 0;
	}
	v = forwarded(1, "127.0.0.5:33333", ID_MAKE(ID_CONN, 7, 3),
		      "SIP/2.0/UDP 127.0.0.5:6001;branch=z9hG4bKx");
	fake_receive(0, "127.0.0.6:5066", 0, response_of(&v));
	assert_int_equal(fake.sent_n, 1);
	assert_true(fake.sent[0].to.transport->reliable);
	assert_true(fake.sent[0].to.conn == ID_MAKE(ID_CONN, 7, 3));
}

/* Changes each character of our Via in turn: nothing but the original passes. */
static void a_forged_via_is_dropped_whatever_was_changed(void **state)
{
	struct vias v = forwarded(0, "127.0.0.5:5062", 0, VIA_A);
	size_t branch = (size_t)(strstr(v.own, "branch=") - v.own) + 7, n = strlen(v.own);

	(void)state;
	for (size_t i = branch; i < n; i++) {
		struct vias w = v;
		uint64_t before = fake_count(MSG_DROP_VIA_FORGED) + fake_count(MSG_DROP_BAD_VIA) +
				  fake_count(MSG_DROP_VIA_NOT_OURS);

		if (!isxdigit((unsigned char)w.own[i]))
			continue;
		w.own[i] = w.own[i] == '0' ? '1' : '0';
		fake_receive(0, "127.0.0.6:5066", 0, response_of(&w));
		assert_int_equal(fake.sent_n, 0);
		assert_int_equal(fake_count(MSG_DROP_VIA_FORGED) + fake_count(MSG_DROP_BAD_VIA) +
					 fake_count(MSG_DROP_VIA_NOT_OURS),
				 before + 1);
		w = v;
		w.own[i] = (char)toupper((unsigned char)w.own[i]);
		fake_receive(0, "127.0.0.6:5066", 0, response_of(&w));
		assert_int_equal(fake.sent_n, w.own[i] == v.own[i] ? 1 : 0);
		fake.sent_n = 0;
	}
}

static void drops_have_their_reasons(void **state)
{
	struct vias v = forwarded(0, "127.0.0.5:5062", 0, VIA_A);
	struct vias multicast = forwarded(0, "127.0.0.5:5062", 0, VIA_A);
	static const struct {
		const char *vias;
		enum msg_counter why;
	} cases[] = {
		{ "Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKs0\r\nVia: " VIA_A "\r\n",
		  MSG_DROP_VIA_NOT_OURS },
		{ "Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKs0\r\nVia: " VIA_A "\r\n",
		  MSG_DROP_VIA_FORGED },
		{ "Via: SIP/2.0/UDP 127.0.0.1\r\nVia: " VIA_A "\r\n", MSG_DROP_VIA_FORGED },
		{ "Via: %own\r\n", MSG_DROP_NO_SECOND_VIA },
		{ "Via: %own\r\nVia: ;;;\r\n", MSG_DROP_BAD_SECOND_VIA },
		{ "Via: %own\r\nVia: SIP/2.0/UDP some.example;branch=z9hG4bKaaa\r\n",
		  MSG_DROP_SECOND_VIA_NAME },
		{ "Via: %own\r\nVia: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bKaaa\r\n",
		  MSG_DROP_SECOND_VIA_BROADCAST },
		{ "Via: %own\r\nVia: SIP/2.0/UDP x;received=224.0.1.75;branch=z9hG4bKaaa\r\n",
		  MSG_DROP_SECOND_VIA_BROADCAST },
		{ "Via: %own\r\nVia: SIP/2.0/UDP [ff02::1];branch=z9hG4bKaaa\r\n",
		  MSG_DROP_SECOND_VIA_BROADCAST },
		{ "Via: %own\r\nVia: SIP/2.0/UDP 0.0.0.0;branch=z9hG4bKaaa\r\n",
		  MSG_DROP_SECOND_VIA_BROADCAST },
		{ "Via: %own\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKaaa\r\n",
		  MSG_DROP_SECOND_VIA_OWN },
		{ "Via: %own\r\nVia: SIP/2.0/UDP 127.0.0.5:5062;branch=z9hG4bKother\r\n",
		  MSG_DROP_VIA_FORGED },
	};

	(void)state;
	(void)multicast;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *own = strstr(cases[i].vias, "%own");
		uint64_t before = fake_count(cases[i].why);
		char vias[900];

		if (own)
			snprintf(vias, sizeof(vias), "Via: %s%s", v.own, own + 4);
		else
			snprintf(vias, sizeof(vias), "%s", cases[i].vias);
		fake_receive(0, "127.0.0.6:5066", 0, response(vias));
		assert_int_equal(fake.sent_n, 0);
		if (fake_count(cases[i].why) != before + 1)
			print_error("case %zu\n", i);
		assert_int_equal(fake_count(cases[i].why), before + 1);
	}
	/* and the true one passes */
	fake_receive(0, "127.0.0.6:5066", 0, response_of(&v));
	assert_int_equal(fake.sent_n, 1);
}

static enum script_result script_advertise(struct ctx *ctx)
{
	ctx->adv_host = STR("made.up.example");
	ctx->adv_port = 6001;
	return script_forward(ctx);
}

static void a_sent_by_that_the_script_made_up_is_known_again(void **state)
{
	struct vias v = { "", "" }, other;
	struct str out;
	char *port;

	(void)state;
	fake.script = script_advertise;
	fake_receive(0, "127.0.0.5:5062", 0, fake_request("OPTIONS", URI_B, VIA_A, ""));
	out = fake_out(0);
	out = str_skip(out, (size_t)str_find(out, STR("\r\nVia: ")) + 7);
	memcpy(v.own, out.p, (size_t)str_find(out, STR("\r\n")));
	snprintf(v.below, sizeof(v.below), VIA_A);
	assert_non_null(strstr(v.own, "made.up.example:6001"));
	fake.sent_n = 0;
	fake_receive(0, "127.0.0.6:5066", 0, response_of(&v));
	assert_int_equal(fake.sent_n, 1);
	/* but only exactly so */
	other = v;
	port = strstr(other.own, ":6001");
	port[4] = '2';
	fake_receive(0, "127.0.0.6:5066", 0, response_of(&other));
	assert_int_equal(fake.sent_n, 1);
	assert_int_equal(fake_count(MSG_DROP_VIA_NOT_OURS), 1);
}

static enum script_result script_drop(struct ctx *ctx)
{
	assert_int_equal(ctx->route_kind, IN_REPLY);
	ctx->done |= CTX_DROPPED;
	return SCRIPT_DONE;
}

static enum script_result script_nothing(struct ctx *ctx)
{
	(void)ctx;
	return SCRIPT_DONE;
}

static enum script_result script_adds(struct ctx *ctx)
{
	assert_int_equal(header_add(ctx, STR("X-New: 1"), STR_NULL, false), 0);
	return SCRIPT_DONE;
}

static void the_reply_route_may_drop_change_or_do_nothing(void **state)
{
	struct vias v = forwarded(0, "127.0.0.5:5062", 0, VIA_A);

	(void)state;
	fake.reply_route = true;
	fake.script = script_drop;
	fake_receive(0, "127.0.0.6:5066", 0, response_of(&v));
	assert_int_equal(fake.sent_n, 0);
	assert_int_equal(fake_count(MSG_DROP_BY_SCRIPT), 1);
	fake.script = script_nothing;
	fake_receive(0, "127.0.0.6:5066", 0, response_of(&v));
	assert_int_equal(fake.sent_n, 1);
	fake.script = script_adds;
	fake_receive(0, "127.0.0.6:5066", 0, response_of(&v));
	assert_has(fake_out(1), "Content-Length: 0\r\nX-New: 1\r\n\r\n");
	fake.reply_route = false;
	fake.script = script_drop;
	fake_receive(0, "127.0.0.6:5066", 0, response_of(&v));
	assert_int_equal(fake.sent_n, 3);
}

static void malformed_responses_are_dropped(void **state)
{
	static const char *const bad[] = {
		"SIP/2.0 42949672301 OK\r\nVia: " VIA_A "\r\n\r\n",
		"SIP/2.0 200 OK\r\nVia: " VIA_A "\r\nContent-Length: 5\r\n\r\n",
		"SIP/2.0 200 OK\r\nVia: " VIA_A "\r\nCSeq: 1 OPTIONS\r\n\r\n",
		"SIP/2.0 200 OK\r\nVia: " VIA_A "\r\nCSeq: 99999999999 OPTIONS\r\nCall-ID: c\r\n"
		"From: <sip:a@b>\r\nTo: <sip:a@b>\r\n\r\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		fake_receive(0, "127.0.0.6:5066", 0, str_z(bad[i]));
		assert_int_equal(fake.sent_n, 0);
		assert_int_equal(fake_count(MSG_DROP_BAD_RESPONSE), i + 1);
	}
	fake_receive(0, "127.0.0.6:5066", 0, STR("SIP/2.0 200 OK\r\nCSeq: 1 OPTIONS\r\n\r\n"));
	assert_int_equal(fake_count(MSG_DROP_NO_VIA), 1);
}

/* Nodes that share a key file know each other's Vias; without one each run has its own key. */
static void a_key_file_makes_the_key(void **state)
{
	char path_z[64];
	struct mac_key first = fake.run.msgs->key;
	FILE *f;

	(void)state;
	snprintf(path_z, sizeof(path_z), "/tmp/test_respond.%d", (int)getpid());
	f = fopen(path_z, "w");
	assert_non_null(f);
	fputs("a secret of more than sixteen bytes", f);
	fclose(f);
	fake.mc.via_key_file = str_z(path_z);
	assert_int_equal(msgs_open(&fake.run, &fake.conf), 0);
	assert_memory_not_equal(&fake.run.msgs->key, &first, sizeof(first));
	first = fake.run.msgs->key;
	assert_int_equal(msgs_open(&fake.run, &fake.conf), 0);
	assert_memory_equal(&fake.run.msgs->key, &first, sizeof(first));
	f = fopen(path_z, "w");
	fputs("too short", f);
	fclose(f);
	assert_int_equal(msgs_open(&fake.run, &fake.conf), -EINVAL);
	unlink(path_z);
	assert_int_equal(msgs_open(&fake.run, &fake.conf), -ENOENT);
	fake.mc.via_key_file = STR_NULL;
	assert_int_equal(msgs_open(&fake.run, &fake.conf), 0);
	assert_memory_not_equal(&fake.run.msgs->key, &first, sizeof(first));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE_TEST(a_response_goes_where_its_request_came_from),
		FAKE_TEST(vias_joined_into_one_header_field_are_understood),
		FAKE_TEST(content_length_is_added_for_a_stream),
		FAKE_TEST(a_response_goes_by_the_transport_of_its_request),
		FAKE_TEST(a_forged_via_is_dropped_whatever_was_changed),
		FAKE_TEST(drops_have_their_reasons),
		FAKE_TEST(a_sent_by_that_the_script_made_up_is_known_again),
		FAKE_TEST(the_reply_route_may_drop_change_or_do_nothing),
		FAKE_TEST(malformed_responses_are_dropped),
		FAKE_TEST(a_key_file_makes_the_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
