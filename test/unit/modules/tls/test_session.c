/* SPDX-License-Identifier: BSD-2-Clause */
/* The layer over bytes in memory, with a GnuTLS peer. */
#include "test/unit/modules/tls/tls_test.h"

static void a_server_shakes_hands_and_passes_bytes(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		serve(versions[i], NULL, "Server.Example");
		echo();
		assert_true(
			str_eq(test_session()->facts.version, i ? STR("TLSv1.3") : STR("TLSv1.2")));
		assert_true(str_eq(test_session()->facts.server_name, STR("Server.Example")));
		assert_null(test_session()->facts.peer);
		assert_non_null(test_session()->facts.my);
		assert_false(test_session()->facts.verified);
		test_close(true);
		peer_stop();
	}
}

static void a_client_shakes_hands_and_passes_bytes(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		call(versions[i]);
		echo();
		assert_true(test_session()->facts.verified);
		assert_true(str_eq(test_session()->facts.server_name, STR("server.example")));
		assert_true(str_eq(test_session()->facts.peer->der, t.server.facts.der));
		test_close(true);
		peer_stop();
	}
}

/* --- who may come ---------------------------------------------------------------------------------------------------------------------- */
static void a_client_shows_its_certificate(void **state)
{
	(void)state;
	strict(true);
	for (unsigned i = 0; i < 2; i++) {
		serve(versions[i], &t.client, "strict.example");
		echo();
		assert_true(test_session()->facts.verified);
		assert_true(str_eq(test_session()->facts.peer->der, t.client.facts.der));
		test_close(true);
		peer_stop();
	}
}

/* Nobody gets past, and no plain byte of his. */
static void refused(const char *priority_z, const struct test_cert *cert, const char *sni_z)
{
	char plain[64];

	peer_start(GNUTLS_CLIENT, priority_z, cert, sni_z);
	assert_int_equal(test_open(true), 0);
	assert_int_equal(test_handshake(), LAYER_FAILED);
	assert_true(test_session()->told);
	assert_null(tls_conn_facts(&t.s->conn));
	assert_true(gnutls_record_recv(t.peer, plain, sizeof(plain)) < 0);
	test_close(false);
	peer_stop();
}

static void a_client_that_is_not_known_is_refused(void **state)
{
	(void)state;
	strict(true);
	for (unsigned i = 0; i < 2; i++) {
		refused(versions[i], &t.stranger, "strict.example");
		refused(versions[i], NULL, "strict.example");
		refused(versions[i], NULL, "STRICT.example.");
	}
}

static void a_client_without_certificate_may_come_where_none_is_required(void **state)
{
	(void)state;
	strict(false);
	for (unsigned i = 0; i < 2; i++) {
		serve(versions[i], NULL, "strict.example");
		assert_false(test_session()->facts.verified);
		test_close(true);
		peer_stop();
		refused(versions[i], &t.stranger, "strict.example");
	}
}

static void a_server_with_another_name_is_refused(void **state)
{
	(void)state;
	t.domains[TLS_CLIENT].verify = true;
	t.domains[TLS_CLIENT].ca_pem = str_z(t.ca.chain_z);
	for (unsigned i = 0; i < 2; i++) {
		peer_start(GNUTLS_SERVER, versions[i], &t.client, NULL);
		assert_int_equal(test_open(false), 0);
		assert_int_equal(test_handshake(), LAYER_FAILED);
		assert_null(tls_conn_facts(&t.s->conn));
		test_close(false);
		peer_stop();
	}
}

static void a_server_without_a_name_must_have_its_address(void **state)
{
	(void)state;
	t.domains[TLS_CLIENT].verify = true;
	t.domains[TLS_CLIENT].ca_pem = str_z(t.ca.chain_z);
	peer_start(GNUTLS_SERVER, TLS13, &t.server, NULL);
	t.no_name = true;
	assert_int_equal(test_open(false), 0);
	assert_int_equal(test_handshake(), LAYER_FAILED);
	test_close(false);
	peer_stop();
}

/* --- bytes ------------------------------------------------------------------------------------------------------------------------------- */
static struct str pattern(size_t n)
{
	static char bytes[200000];

	for (size_t i = 0; i < n; i++)
		bytes[i] = (char)(i * 7 + i / 251);
	return str_of(bytes, n);
}

static void messages_of_any_size_pass(void **state)
{
	static const size_t sizes[] = { 1, 2, 16383, 16384, 16385, 32768, 65535, 150000 };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		serve(versions[i], NULL, NULL);
		for (unsigned k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
			assert_int_equal(test_encode(pattern(sizes[k])), 0);
			peer_reads(pattern(sizes[k]));
			peer_writes(pattern(sizes[k]));
			test_reads(pattern(sizes[k]));
		}
		test_close(true);
		peer_stop();
	}
}

/* RFC 8449: nobody tells us what the peer asked for, and the reserved room must do. */
static void messages_of_any_size_pass_to_who_wants_small_records(void **state)
{
	static const size_t sizes[] = { 1, 511, 512, 4096, 5000, 65535 };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		peer_start(GNUTLS_CLIENT, versions[i], NULL, NULL);
		assert_int_equal(gnutls_record_set_max_recv_size(t.peer, 512), 0);
		assert_int_equal(test_open(true), 0);
		assert_int_equal(test_handshake(), LAYER_UP);
		for (unsigned k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
			assert_int_equal(test_encode(pattern(sizes[k])), 0);
			peer_reads(pattern(sizes[k]));
		}
		test_close(true);
		peer_stop();
	}
}

/* All that is on the wire, in pieces: how many plain bytes come of it. */
static size_t decode_pieces(size_t size)
{
	struct test_wire *from = &t.s->to_us;
	size_t total = from->end, got = 0, n;
	char all[1000], plain[8];

	assert_true(total <= sizeof(all));
	memcpy(all, from->data, total);
	from->end = 0;
	for (size_t at = 0; at < total; at += size) {
		size_t k = total - at < size ? total - at : size;

		memcpy(from->data, all + at, k);
		from->end = k;
		while (test_decode(plain, sizeof(plain), &n) == LAYER_FULL)
			got += n;
		got += n;
		assert_int_equal(from->end, 0);
	}
	return got;
}

static void bytes_come_in_pieces_of_any_size(void **state)
{
	(void)state;
	serve(TLS13, NULL, NULL);
	for (size_t size = 1; size < 70; size++) {
		peer_writes(STR("forty bytes that come in several pieces."));
		assert_int_equal(decode_pieces(size), 40);
	}
	test_close(true);
	peer_stop();
}

static void two_messages_in_a_record_and_one_in_forty(void **state)
{
	struct str many = pattern(400);

	(void)state;
	serve(TLS13, NULL, NULL);
	peer_writes(STR("one\r\n\r\ntwo\r\n\r\n"));
	test_reads(STR("one\r\n\r\ntwo\r\n\r\n"));
	for (unsigned i = 0; i < 40; i++)
		peer_writes(str_of(many.p + i * 10, 10));
	test_reads(many);
	test_close(true);
	peer_stop();
}

static void keys_change_on_both_sides(void **state)
{
	(void)state;
	for (unsigned k = 0; k < 2; k++) {
		peer_start(k ? GNUTLS_SERVER : GNUTLS_CLIENT, TLS13, k ? &t.server : NULL, NULL);
		assert_int_equal(test_open(!k), 0);
		assert_int_equal(test_handshake(), LAYER_UP);
		for (unsigned i = 0; i < 6; i++) {
			assert_int_equal(
				gnutls_session_key_update(t.peer, i & 1 ? GNUTLS_KU_PEER : 0), 0);
			echo();
		}
		test_close(true);
		peer_stop();
	}
}

static void good_byes_are_said_and_heard(void **state)
{
	char plain[16];
	size_t n;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct layer_io io = test_io();

		serve(versions[i], NULL, NULL);
		assert_int_equal(gnutls_bye(t.peer, GNUTLS_SHUT_WR), 0);
		assert_int_equal(test_decode(plain, sizeof(plain), &n), LAYER_ENDED);
		/* what was under way is still sent */
		assert_int_equal(test_encode(STR("late")), 0);
		peer_reads(STR("late"));
		tls_layer.finish(&io);
		test_sent(&io);
		assert_int_equal(gnutls_record_recv(t.peer, plain, sizeof(plain)), 0);
		test_close(true);
		peer_stop();
	}
}

/* --- what goes wrong ------------------------------------------------------------------------------------------------------------------------ */
static void a_peer_that_negotiates_anew_is_refused(void **state)
{
	char plain[16];
	size_t n;

	(void)state;
	serve(TLS12, NULL, NULL);
	gnutls_handshake(t.peer);
	assert_int_equal(test_decode(plain, sizeof(plain), &n), LAYER_FAILED);
	test_close(true);
	peer_stop();
}

/* As a client we say no, and go on. */
static void a_server_that_negotiates_anew_is_told_no(void **state)
{
	char plain[16];
	size_t n;

	(void)state;
	call(TLS12);
	assert_int_equal(gnutls_rehandshake(t.peer), 0);
	assert_int_equal(test_decode(plain, sizeof(plain), &n), LAYER_MORE);
	assert_int_equal(gnutls_record_recv(t.peer, plain, sizeof(plain)),
			 GNUTLS_E_WARNING_ALERT_RECEIVED);
	assert_int_equal(gnutls_alert_get(t.peer), GNUTLS_A_NO_RENEGOTIATION);
	echo();
	test_close(true);
	peer_stop();
}

static void other_bytes_end_a_connection(void **state)
{
	static const struct str cases[] = {
		STR_INIT("OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/TCP a\r\n\r\n"),
		STR_INIT("\x16\x03\x01\xff\xff\x01"),
		STR_INIT("\x16\x03\x01\x00\x06\x02\x00\x00\x02\x03\x03"),
		STR_INIT("\x16\x03\x01\x00\x04\x01\x00\x00\x00"),
		STR_INIT("\x15\x03\x01\x00\x02\x02\x28"),
		STR_INIT(
			"\x80\x2e\x01\x03\x01\x00\x15\x00\x00\x00\x10\x01\x00\x80\x03\x00\x80\x07"),
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum layer_step step;
		char plain[16];
		size_t n;

		assert_int_equal(test_open(true), 0);
		memcpy(t.s->to_us.data, cases[i].p, cases[i].n);
		t.s->to_us.end = cases[i].n;
		step = test_decode(plain, sizeof(plain), &n);
		if (i == 5 && step == LAYER_MORE)
			tls_layer.unfinished(&t.w, &t.s->conn, ECONNRESET);
		else
			assert_int_equal(step, LAYER_FAILED);
		assert_true(test_session()->told);
		test_close(false);
	}
}

static void a_changed_record_ends_a_connection(void **state)
{
	char plain[64];
	size_t n;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		serve(versions[i], NULL, NULL);
		peer_writes(STR("the bytes of an honest peer"));
		t.s->to_us.data[t.s->to_us.end - 3] ^= 1;
		assert_int_equal(test_decode(plain, sizeof(plain), &n), LAYER_FAILED);
		assert_int_equal(n, 0);
		test_close(true);
		peer_stop();
	}
}

/* Any byte of the handshake changed: it fails or stops, and leaves nothing. */
static void a_changed_handshake_does_not_come_up(void **state)
{
	(void)state;
	for (size_t at = 0; at < 300; at += 7) {
		enum layer_step step = LAYER_MORE;
		char plain[64];
		size_t n;

		peer_start(GNUTLS_CLIENT, TLS13, NULL, "strict.example");
		assert_int_equal(test_open(true), 0);
		gnutls_handshake(t.peer);
		if (at >= t.s->to_us.end)
			at = t.s->to_us.end - 1;
		t.s->to_us.data[at] ^= 0x55;
		for (unsigned i = 0; i < 4 && step == LAYER_MORE; i++) {
			step = test_decode(plain, sizeof(plain), &n);
			gnutls_handshake(t.peer);
		}
		assert_int_not_equal(step, LAYER_UP);
		test_close(false);
		peer_stop();
	}
}

static void a_handshake_message_that_is_too_large_is_refused(void **state)
{
	static char big[90000] = { 1, 0, (char)0xff, 0 };
	char plain[16];
	size_t n;

	(void)state;
	assert_int_equal(test_open(true), 0);
	for (size_t at = 0; at < 66000; at += 16000) {
		struct test_wire *to = &t.s->to_us;

		memcpy(to->data + to->end, "\x16\x03\x01\x3e\x80", 5);
		memcpy(to->data + to->end + 5, big + at, 16000);
		to->end += 16005;
	}
	assert_int_equal(test_decode(plain, sizeof(plain), &n), LAYER_FAILED);
	test_close(false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_server_shakes_hands_and_passes_bytes),
		TEST(a_client_shakes_hands_and_passes_bytes),
		TEST(a_client_shows_its_certificate),
		TEST(a_client_that_is_not_known_is_refused),
		TEST(a_client_without_certificate_may_come_where_none_is_required),
		TEST(a_server_with_another_name_is_refused),
		TEST(a_server_without_a_name_must_have_its_address),
		TEST(messages_of_any_size_pass),
		TEST(messages_of_any_size_pass_to_who_wants_small_records),
		TEST(bytes_come_in_pieces_of_any_size),
		TEST(two_messages_in_a_record_and_one_in_forty),
		TEST(keys_change_on_both_sides),
		TEST(good_byes_are_said_and_heard),
		TEST(a_peer_that_negotiates_anew_is_refused),
		TEST(a_server_that_negotiates_anew_is_told_no),
		TEST(other_bytes_end_a_connection),
		TEST(a_changed_record_ends_a_connection),
		TEST(a_changed_handshake_does_not_come_up),
		TEST(a_handshake_message_that_is_too_large_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
