/* SPDX-License-Identifier: BSD-2-Clause */
/* Sessions that come back by a ticket, and those that only look so. */
#include "test/unit/modules/tls/tls_test.h"

#include "modules/tls/tickets.h"

#define EXT_TICKET	   35
#define EXT_PRE_SHARED_KEY 41

static gnutls_datum_t kept; /* by the peer */

static void kept_drop(void)
{
	gnutls_free(kept.data);
	kept = (gnutls_datum_t){ 0 };
}

static int begin(void **state)
{
	(void)state;
	test_start();
	t.tls.tickets = true;
	for (unsigned i = 0; i < TEST_DOMAINS; i++)
		t.domains[i].policy[0] = (uint8_t)i;
	assert_int_equal(tls_tickets_open(&t.run), 0);
	t.used_before = used(t.shm);
	return 0;
}

static int end(void **state)
{
	(void)state;
	kept_drop();
	test_stop();
	return 0;
}

/* The peer is a client with what it kept; whether the session was resumed. What came meanwhile is kept when keep is set. */
static bool visit(const char *version, const struct test_cert *cert, const char *sni_z, bool keep)
{
	bool resumed;

	peer_start(GNUTLS_CLIENT, version, cert, sni_z);
	if (kept.size)
		assert_int_equal(gnutls_session_set_data(t.peer, kept.data, kept.size), 0);
	assert_int_equal(test_open(true), 0);
	assert_int_equal(test_handshake(), LAYER_UP);
	echo();
	resumed = test_session()->facts.resumed;
	assert_int_equal(resumed, gnutls_session_is_resumed(t.peer));
	if (keep) {
		kept_drop();
		assert_int_equal(gnutls_session_get_data2(t.peer, &kept), 0);
	}
	test_close(true);
	peer_stop();
	return resumed;
}

static void clients_come_back_by_a_ticket(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		kept_drop();
		assert_false(visit(versions[i], NULL, NULL, true));
		assert_true(visit(versions[i], NULL, NULL, true));
		assert_true(visit(versions[i], NULL, NULL, false));
	}
}

static void a_ticket_is_good_for_one_domain_and_policy(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		kept_drop();
		t.domains[TLS_SERVER].policy[0] = 0;
		assert_false(visit(versions[i], NULL, NULL, true));
		assert_false(visit(versions[i], NULL, "other.example", false));
		t.domains[TLS_SERVER].policy[0] = 77;
		assert_false(visit(versions[i], NULL, NULL, false));
		t.domains[TLS_SERVER].policy[0] = 0;
		assert_true(visit(versions[i], NULL, NULL, false));
	}
}

static void who_comes_back_is_judged_again(void **state)
{
	(void)state;
	strict(true);
	for (unsigned i = 0; i < 2; i++) {
		kept_drop();
		t.domains[2].ca_pem = str_z(t.ca.chain_z);
		creds_end(&t.conf);
		assert_false(visit(versions[i], &t.client, "strict.example", true));
		assert_true(visit(versions[i], &t.client, "strict.example", true));
		/* another CA list, though the tickets are still good: as when a CRL or a date moves on */
		t.domains[2].ca_pem = str_z(t.other_ca.chain_z);
		creds_end(&t.conf);
		peer_start(GNUTLS_CLIENT, versions[i], &t.client, "strict.example");
		gnutls_session_set_data(t.peer, kept.data, kept.size);
		assert_int_equal(test_open(true), 0);
		assert_int_equal(test_handshake(), LAYER_FAILED);
		test_close(false);
		peer_stop();
	}
}

/* A ticket without a certificate does not open what requires one. */
static void a_ticket_is_no_certificate(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		kept_drop();
		t.domains[2].require = t.domains[2].verify = false;
		assert_false(visit(versions[i], NULL, "strict.example", true));
		strict(true);
		peer_start(GNUTLS_CLIENT, versions[i], NULL, "strict.example");
		gnutls_session_set_data(t.peer, kept.data, kept.size);
		assert_int_equal(test_open(true), 0);
		assert_int_equal(test_handshake(), LAYER_FAILED);
		test_close(false);
		peer_stop();
	}
}

/* --- changed tickets -------------------------------------------------------------------------------------------------------------------- */
struct found {
	const unsigned char *ticket;
	size_t n;
};

static int find(void *arg, unsigned id, const unsigned char *data, unsigned n)
{
	struct found *f = arg;

	if (id == EXT_TICKET && n)
		*f = (struct found){ data, n };
	if (id == EXT_PRE_SHARED_KEY)
		*f = (struct found){ data + 4, (size_t)data[2] << 8 | data[3] };
	return 0;
}

/* Where the ticket of the ClientHello lies in what the client kept. */
static unsigned char *kept_ticket(size_t *n_r)
{
	struct test_wire *w = &t.s->to_us;
	gnutls_datum_t hello = { (unsigned char *)w->data + 9, (unsigned)(w->end - 9) };
	struct found f = { 0 };

	hello.size = (unsigned)((unsigned char)w->data[7] << 8 | (unsigned char)w->data[8]);
	assert_int_equal(
		gnutls_ext_raw_parse(&f, find, &hello, GNUTLS_EXT_RAW_FLAG_TLS_CLIENT_HELLO), 0);
	assert_in_range(f.n, 100, 2000);
	*n_r = f.n;
	return memmem(kept.data, kept.size, f.ticket, f.n);
}

static size_t ticket_at(const char *version, size_t *n_r)
{
	unsigned char *p;

	peer_start(GNUTLS_CLIENT, version, NULL, NULL);
	gnutls_session_set_data(t.peer, kept.data, kept.size);
	assert_int_equal(test_open(true), 0);
	gnutls_handshake(t.peer);
	p = kept_ticket(n_r);
	assert_non_null(p);
	test_close(false);
	peer_stop();
	return (size_t)(p - kept.data);
}

static void a_changed_ticket_is_none(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		size_t at, n;

		kept_drop();
		assert_false(visit(versions[i], NULL, NULL, true));
		at = ticket_at(versions[i], &n);
		for (size_t k = 0; k < n; k += 9) {
			kept.data[at + k] ^= 0x10;
			assert_false(visit(versions[i], NULL, NULL, false));
			kept.data[at + k] ^= 0x10;
		}
		assert_true(visit(versions[i], NULL, NULL, false));
	}
}

/* The length of the extension, and of all around it, is less by cut: what follows it moves up. */
static void hello_cut(size_t cut)
{
	struct test_wire *w = &t.s->to_us;
	unsigned char *p = (unsigned char *)w->data, *lengths[3] = { p + 3, p + 7, NULL };
	unsigned char *at = p + 9 + 2 + 32, *extension;

	at += 1 + *at;				/* session id */
	at += 2 + ((size_t)at[0] << 8 | at[1]); /* suites */
	at += 1 + *at;				/* compression */
	lengths[2] = at;
	for (extension = at + 2; extension[0] || extension[1] != EXT_TICKET;)
		extension += 4 + ((size_t)extension[2] << 8 | extension[3]);
	at = extension + 4 + ((size_t)extension[2] << 8 | extension[3]);
	memmove(at - cut, at, (size_t)(p + w->end - at));
	w->end -= cut;
	for (unsigned i = 0; i < 4; i++) {
		unsigned char *l = i < 3 ? lengths[i] : extension + 2;
		size_t n = ((size_t)l[0] << 8 | l[1]) - cut;

		l[0] = (unsigned char)(n >> 8);
		l[1] = (unsigned char)n;
	}
}

static void a_truncated_ticket_is_none(void **state)
{
	size_t n;

	(void)state;
	assert_false(visit(TLS12, NULL, NULL, true));
	ticket_at(TLS12, &n);
	for (size_t cut = 1; cut <= n; cut += cut < 20 ? 1 : 13) {
		char plain[16];
		size_t got;

		peer_start(GNUTLS_CLIENT, TLS12, NULL, NULL);
		gnutls_session_set_data(t.peer, kept.data, kept.size);
		assert_int_equal(test_open(true), 0);
		gnutls_handshake(t.peer);
		hello_cut(cut);
		/* a whole handshake begins, which this client cannot finish */
		assert_int_equal(test_decode(plain, sizeof(plain), &got), LAYER_MORE);
		assert_true(t.s->to_peer.end > 500);
		test_close(false);
		peer_stop();
	}
}

/* --- as a client -------------------------------------------------------------------------------------------------------------------------- */
static bool we_call(const char *version, const gnutls_datum_t *key)
{
	bool resumed;
	struct test_cert *cert = &t.server;

	peer_start(GNUTLS_SERVER, version, cert, NULL);
	assert_int_equal(gnutls_session_ticket_enable_server(t.peer, key), 0);
	assert_int_equal(test_open(false), 0);
	assert_int_equal(test_handshake(), LAYER_UP);
	echo();
	resumed = test_session()->facts.resumed;
	assert_true(test_session()->facts.verified);
	assert_int_equal(resumed, gnutls_session_is_resumed(t.peer));
	test_close(true);
	peer_stop();
	return resumed;
}

static void we_come_back_to_the_same_name(void **state)
{
	gnutls_datum_t key;

	(void)state;
	t.domains[TLS_CLIENT].verify = true;
	t.domains[TLS_CLIENT].ca_pem = str_z(t.ca.chain_z);
	assert_int_equal(gnutls_session_ticket_key_generate(&key), 0);
	for (unsigned i = 0; i < 2; i++) {
		t.domains[TLS_CLIENT].policy[1] = (uint8_t)(2 * i);
		assert_false(we_call(versions[i], &key));
		assert_true(we_call(versions[i], &key));
		/* a TLS 1.3 server gives another ticket each time, one of TLS 1.2 takes the same again */
		assert_true(we_call(versions[i], &key));
		t.domains[TLS_CLIENT].policy[1]++;
		assert_false(we_call(versions[i], &key));
	}
	gnutls_free(key.data);
	t.used_before = used(t.shm);
}

#undef TEST
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(clients_come_back_by_a_ticket),
		TEST(a_ticket_is_good_for_one_domain_and_policy),
		TEST(who_comes_back_is_judged_again),
		TEST(a_ticket_is_no_certificate),
		TEST(a_changed_ticket_is_none),
		TEST(a_truncated_ticket_is_none),
		TEST(we_come_back_to_the_same_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
