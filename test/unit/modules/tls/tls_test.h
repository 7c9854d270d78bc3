/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of TLS connections have in common: certificates made on the spot, a router of one process without sockets, and a GnuTLS peer, whose bytes
 * go through memory that all processes see. */
#ifndef TLS_TEST_H
#define TLS_TEST_H

#include "test/unit/core/mem/mem_test.h"

#include "modules/tls/creds.h"
#include "modules/tls/memory.h"
#include "modules/tls/prio.h"
#include "modules/tls/selftest.h"
#include "modules/tls/session.h"
#include "modules/tls/up.h"

#include <errno.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <string.h>
#include <time.h>

/* --- certificates ---------------------------------------------------------------------------------------------------------------------- */
struct test_cert {
	char chain_z[8192], key_z[8192]; /* PEM */
	gnutls_x509_crt_t crt;
	gnutls_x509_privkey_t key;
	struct tls_cert facts;
	unsigned char der[8192];
};

static inline void test_cert_make(struct test_cert *t, const char *name_z,
				  const struct test_cert *ca, unsigned valid_s)
{
	unsigned char serial[4] = { 1, (unsigned char)strlen(name_z), (unsigned char)name_z[0], 3 };
	size_t n = sizeof(t->chain_z), der_n = sizeof(t->der);
	time_t now = time(NULL);

	gnutls_x509_privkey_init(&t->key);
	gnutls_x509_privkey_generate(t->key, GNUTLS_PK_ECDSA,
				     GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
	gnutls_x509_crt_init(&t->crt);
	gnutls_x509_crt_set_version(t->crt, 3);
	gnutls_x509_crt_set_serial(t->crt, serial, sizeof(serial));
	gnutls_x509_crt_set_activation_time(t->crt, now - 10);
	gnutls_x509_crt_set_expiration_time(t->crt, now + (time_t)valid_s);
	gnutls_x509_crt_set_dn_by_oid(t->crt, GNUTLS_OID_X520_COMMON_NAME, 0, name_z,
				      (unsigned)strlen(name_z));
	gnutls_x509_crt_set_key(t->crt, t->key);
	gnutls_x509_crt_set_basic_constraints(t->crt, ca == NULL, -1);
	if (ca)
		gnutls_x509_crt_set_subject_alt_name(t->crt, GNUTLS_SAN_DNSNAME, name_z,
						     (unsigned)strlen(name_z), 0);
	else
		gnutls_x509_crt_set_key_usage(t->crt,
					      GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN);
	assert_int_equal(gnutls_x509_crt_sign2(t->crt, ca ? ca->crt : t->crt, ca ? ca->key : t->key,
					       GNUTLS_DIG_SHA256, 0),
			 0);
	assert_int_equal(gnutls_x509_crt_export(t->crt, GNUTLS_X509_FMT_PEM, t->chain_z, &n), 0);
	n = sizeof(t->key_z);
	assert_int_equal(gnutls_x509_privkey_export_pkcs8(t->key, GNUTLS_X509_FMT_PEM, NULL,
							  GNUTLS_PKCS_PLAIN, t->key_z, &n),
			 0);
	assert_int_equal(gnutls_x509_crt_export(t->crt, GNUTLS_X509_FMT_DER, t->der, &der_n), 0);
	assert_int_equal(tls_cert_read(str_of((char *)t->der, der_n), &t->facts), 0);
}

/* --- the router ---------------------------------------------------------------------------------------------------------------------------- */
#define TEST_DRAINED 1000u
#define TEST_DOMAINS 4u
#define TEST_WIRE    (1u << 20)

struct test_wire {
	size_t begin, end;
	char data[TEST_WIRE];
};

/* In shared memory: what several processes use. */
struct test_shared {
	struct test_wire to_us, to_peer;
	struct conn conn;
};

static struct {
	struct shm *shm;
	struct run run;
	struct slot slot;
	struct worker w;
	struct conf conf;
	struct tls_conf tls;
	struct tls_domain domains[TEST_DOMAINS];
	void *sections[8];
	struct test_cert ca, server, client, other_ca, stranger;
	struct test_shared *s;
	/* the peer */
	gnutls_session_t peer;
	gnutls_certificate_credentials_t peer_creds;
	struct heap *peer_heap; /* NULL: libc's memory */
	bool peer_up, no_name;
	size_t used_before;
	/* test_sharing.c: what takes all memory */
	void *drained[TEST_DRAINED];
	unsigned drained_n;
} t;

static inline void test_domain(unsigned i, enum tls_role role, const char *name_z,
			       const struct test_cert *cert)
{
	struct tls_domain *d = &t.domains[i];
	const char *why;

	*d = (struct tls_domain){ .index = i,
				  .role = role,
				  .text = STR("tls_domain[test]"),
				  .name = str_z(name_z),
				  .handshake_timeout = 10000,
				  .verify_depth = 9,
				  .priority_text = STR("NORMAL") };
	if (cert) {
		d->keys[0] = (struct tls_key){ .chain_pem = str_z(cert->chain_z),
					       .key_pem = str_z(cert->key_z),
					       .cert = &cert->facts };
		d->keys_n = 1;
	}
	d->priority = tls_prio_find(t.shm, d->priority_text, &why);
	assert_non_null(d->priority);
}

static inline void test_start(void)
{
	memset(&t, 0, sizeof(t));
	t.shm = shm_new(256 * MIB, 64 * MIB, 4);
	assert_non_null(t.shm);
	shm_slot_set(0);
	memory_start(t.shm);
	test_cert_make(&t.ca, "Test CA", NULL, 3600);
	test_cert_make(&t.server, "server.example", &t.ca, 3600);
	test_cert_make(&t.client, "client.example", &t.ca, 3600);
	test_cert_make(&t.other_ca, "Other CA", NULL, 3600);
	test_cert_make(&t.stranger, "stranger.example", &t.other_ca, 3600);
	t.run = (struct run){ .shm = t.shm, .slots_n = 1, .slots = &t.slot };
	t.tls = (struct tls_conf){ .enabled = true,
				   .domains = t.domains,
				   .domains_n = TEST_DOMAINS,
				   .send_timeout = 10000 };
	for (unsigned i = 0; i < 8; i++)
		t.sections[i] = &t.tls;
	t.conf = (struct conf){ .sections_n = 8, .sections = t.sections };
	t.w = (struct worker){ .run = &t.run, .conf = &t.conf, .slot = &t.slot };
	test_domain(TLS_SERVER, TLS_SERVER, NULL, &t.server);
	test_domain(TLS_CLIENT, TLS_CLIENT, NULL, NULL);
	test_domain(2, TLS_SERVER, "strict.example", &t.server);
	test_domain(3, TLS_SERVER, "other.example", &t.server);
	t.s = chunk_alloc(t.shm, sizeof(*t.s), ID_MAKE(ID_TEST, 1, 1));
	assert_non_null(t.s);
	t.s->to_us.begin = t.s->to_us.end = t.s->to_peer.begin = t.s->to_peer.end = 0;
	t.used_before = used(t.shm);
}

static inline void test_cert_drop(struct test_cert *c)
{
	gnutls_x509_crt_deinit(c->crt);
	gnutls_x509_privkey_deinit(c->key);
}

static inline void test_stop(void)
{
	creds_end(&t.conf);
	assert_int_equal(used(t.shm), t.used_before);
	assert_int_equal(verify(t.shm), 0);
	test_cert_drop(&t.ca);
	test_cert_drop(&t.server);
	test_cert_drop(&t.client);
	test_cert_drop(&t.other_ca);
	test_cert_drop(&t.stranger);
	memory_start(NULL);
	shm_drop(&t.shm);
}

/* --- a connection ----------------------------------------------------------------------------------------------------------------------------- */
/* What a call produced goes to the peer. */
static inline void test_sent(struct layer_io *io)
{
	struct test_wire *to = &t.s->to_peer;

	MUST(to->end + io->out->n <= TEST_WIRE);
	memcpy(to->data + to->end, io->out->data, io->out->n);
	to->end += io->out->n;
	io->out->n = 0;
}

/* Room for what a call produces: there is no queue behind it. */
static inline struct layer_io test_io(void)
{
	static union {
		struct queued q;
		char room[sizeof(struct queued) + 300000];
	} out;

	out.q.n = 0;
	return (struct layer_io){
		.w = &t.w, .c = &t.s->conn, .out = &out.q, .out_room = 300000, .fixed = true
	};
}

static inline int test_open(bool accepted)
{
	struct conn *c = &t.s->conn;
	struct layer_io io = test_io();
	uint32_t deadline_ms;
	int err;

	memset(c, 0, sizeof(*c));
	c->id = ID_MAKE(ID_TEST, 2, 1);
	c->accepted = accepted;
	assert_int_equal(addr_port_parse(STR("127.0.0.1:5061"), &c->local), 0);
	assert_int_equal(addr_port_parse(STR("127.0.0.9:40000"), &c->peer), 0);
	c->heap = heap_new(t.shm, c->id, tls_layer.heap_max);
	assert_non_null(c->heap);
	heap_publish(c->heap);
	if (!accepted && !t.no_name)
		c->identity_name = STR("server.example");
	err = tls_layer.open(&io, &deadline_ms);
	test_sent(&io);
	return err;
}

static inline void test_close(bool up)
{
	struct conn *c = &t.s->conn;
	struct heap *h = c->heap;

	if (c->session)
		tls_layer.end(&t.w, c, up);
	c->session = NULL;
	heap_drop(&h);
	assert_int_equal(t.w.held.holds[0], 0);
	t.s->to_us.begin = t.s->to_us.end = t.s->to_peer.begin = t.s->to_peer.end = 0;
}

/* One call of decode with all that waits; *n_r plain bytes. */
static inline enum layer_step test_decode(char *plain, size_t room, size_t *n_r)
{
	struct layer_io io = test_io();
	struct test_wire *from = &t.s->to_us;
	enum layer_step step;

	io.wire = str_of(from->data + from->begin, from->end - from->begin);
	step = tls_layer.decode(&io, plain, room, n_r);
	from->begin = from->end - io.wire.n;
	if (from->begin == from->end)
		from->begin = from->end = 0;
	test_sent(&io);
	return step;
}

static inline int test_encode(struct str plain)
{
	struct layer_io io = test_io();
	int err;

	io.out_room = tls_layer.wire_max(&t.s->conn, plain.n);
	MUST(io.out_room <= 300000);
	err = tls_layer.encode(&io, plain);
	test_sent(&io);
	return err;
}

static inline struct tls_session *test_session(void)
{
	return atomic_load(&t.s->conn.session);
}

/* --- the peer: libc's memory --------------------------------------------------------------------------------------------------------------------- */
static inline ssize_t peer_pull(gnutls_transport_ptr_t arg, void *p, size_t n)
{
	struct test_wire *from = &t.s->to_peer;

	(void)arg;
	if (from->begin == from->end) {
		from->begin = from->end = 0;
		errno = EAGAIN;
		return -1;
	}
	if (n > from->end - from->begin)
		n = from->end - from->begin;
	memcpy(p, from->data + from->begin, n);
	from->begin += n;
	return (ssize_t)n;
}

static inline ssize_t peer_push(gnutls_transport_ptr_t arg, const void *p, size_t n)
{
	struct test_wire *to = &t.s->to_us;

	(void)arg;
	MUST(to->end + n <= TEST_WIRE);
	memcpy(to->data + to->end, p, n);
	to->end += n;
	return (ssize_t)n;
}

static inline int peer_timeout(gnutls_transport_ptr_t arg, unsigned ms)
{
	(void)arg;
	(void)ms;
	return t.s->to_peer.begin < t.s->to_peer.end;
}

static inline gnutls_datum_t test_datum(const char *z)
{
	return (gnutls_datum_t){ (unsigned char *)(uintptr_t)z, (unsigned)strlen(z) };
}

/* A peer in that role with a certificate (NULL: none), who trusts the test's CA. */
static inline void peer_start(unsigned role, const char *priority_z, const struct test_cert *cert,
			      const char *sni_z)
{
	gnutls_datum_t ca = test_datum(t.ca.chain_z);

	t.peer_up = false;
	gnutls_certificate_allocate_credentials(&t.peer_creds);
	gnutls_certificate_set_x509_trust_mem(t.peer_creds, &ca, GNUTLS_X509_FMT_PEM);
	if (cert) {
		gnutls_datum_t chain = test_datum(cert->chain_z), key = test_datum(cert->key_z);

		assert_true(gnutls_certificate_set_x509_key_mem(t.peer_creds, &chain, &key,
								GNUTLS_X509_FMT_PEM) >= 0);
	}
	/* whatever CAs the server names */
	heap_enter(t.peer_heap);
	assert_int_equal(gnutls_init(&t.peer, role | GNUTLS_NONBLOCK | GNUTLS_FORCE_CLIENT_CERT),
			 0);
	assert_int_equal(gnutls_priority_set_direct(t.peer, priority_z, NULL), 0);
	gnutls_credentials_set(t.peer, GNUTLS_CRD_CERTIFICATE, t.peer_creds);
	gnutls_transport_set_push_function(t.peer, peer_push);
	gnutls_transport_set_pull_function(t.peer, peer_pull);
	gnutls_transport_set_pull_timeout_function(t.peer, peer_timeout);
	if (sni_z)
		gnutls_server_name_set(t.peer, GNUTLS_NAME_DNS, sni_z, strlen(sni_z));
	heap_leave();
}

static inline void peer_stop(void)
{
	heap_enter(t.peer_heap);
	gnutls_deinit(t.peer);
	heap_leave();
	gnutls_certificate_free_credentials(t.peer_creds);
}

static inline bool peer_shakes(void)
{
	int err;

	if (t.peer_up)
		return true;
	heap_enter(t.peer_heap);
	err = gnutls_handshake(t.peer);
	heap_leave();
	return err == 0;
}

/* Both ends take turns until ours is up or failed, or nothing moves any more. */
static inline enum layer_step test_handshake(void)
{
	enum layer_step step = LAYER_MORE;
	char plain[64];
	size_t n;

	for (unsigned i = 0; i < 20 && step == LAYER_MORE; i++) {
		t.peer_up = peer_shakes();
		step = test_decode(plain, sizeof(plain), &n);
	}
	for (unsigned i = 0; i < 5 && !t.peer_up; i++)
		t.peer_up = peer_shakes();
	return step;
}

/* The peer has read exactly that. */
static inline void peer_reads(struct str expected)
{
	static char got[300000];
	size_t n = 0;

	while (n < expected.n) {
		ssize_t r;

		heap_enter(t.peer_heap);
		r = gnutls_record_recv(t.peer, got + n, sizeof(got) - n);
		heap_leave();
		if (r == GNUTLS_E_AGAIN && t.s->to_peer.begin < t.s->to_peer.end)
			continue;
		MUST(r > 0);
		n += (size_t)r;
	}
	MUST(n == expected.n && !memcmp(got, expected.p, n));
}

/* And so have we. */
static inline void test_reads(struct str expected)
{
	static char got[300000];
	size_t n = 0, k;

	for (unsigned i = 0; i < 100 && n < expected.n; i++) {
		enum layer_step step = test_decode(got + n, sizeof(got) - n, &k);

		MUST(step == LAYER_MORE || step == LAYER_FULL);
		n += k;
	}
	MUST(n == expected.n && !memcmp(got, expected.p, n));
}

static inline void peer_writes(struct str s)
{
	while (s.n) {
		ssize_t r;

		heap_enter(t.peer_heap);
		r = gnutls_record_send(t.peer, s.p, s.n);
		heap_leave();
		MUST(r > 0);
		s = str_skip(s, (size_t)r);
	}
}

/* --- both ------------------------------------------------------------------------------------------------------------------------------------ */
#define TLS12 "NORMAL:-VERS-ALL:+VERS-TLS1.2"
#define TLS13 "NORMAL:-VERS-ALL:+VERS-TLS1.3"
static const char *const versions[] = { TLS12, TLS13 };

/* Up, as a server for a client that wants this. */
static inline void serve(const char *priority_z, const struct test_cert *cert, const char *sni_z)
{
	peer_start(GNUTLS_CLIENT, priority_z, cert, sni_z);
	assert_int_equal(test_open(true), 0);
	assert_int_equal(test_handshake(), LAYER_UP);
	assert_true(t.peer_up);
}

/* As a client, of a server that has a certificate and is verified. */
static inline void call(const char *priority_z)
{
	t.domains[TLS_CLIENT].verify = true;
	t.domains[TLS_CLIENT].ca_pem = str_z(t.ca.chain_z);
	peer_start(GNUTLS_SERVER, priority_z, &t.server, NULL);
	assert_int_equal(test_open(false), 0);
	assert_int_equal(test_handshake(), LAYER_UP);
	assert_true(t.peer_up);
}

static inline void echo(void)
{
	peer_writes(STR("OPTIONS sip:a SIP/2.0\r\n\r\n"));
	test_reads(STR("OPTIONS sip:a SIP/2.0\r\n\r\n"));
	assert_int_equal(test_encode(STR("SIP/2.0 200 OK\r\n\r\n")), 0);
	peer_reads(STR("SIP/2.0 200 OK\r\n\r\n"));
}

/* The policy of strict.example. */
static inline void strict(bool require)
{
	struct tls_domain *d = &t.domains[2];

	d->verify = true;
	d->require = require;
	d->ca_pem = str_z(t.ca.chain_z);
}

static inline int test_begin(void **state)
{
	(void)state;
	test_start();
	return 0;
}

static inline int test_end(void **state)
{
	(void)state;
	test_stop();
	return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, test_begin, test_end)

#endif
