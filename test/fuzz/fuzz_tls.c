/* SPDX-License-Identifier: BSD-2-Clause */
/* parts: modules/tls */
/* Bytes of a peer through the layer that decodes them: a ClientHello and what follows, a server's answer, a handshake that is changed on its way, records behind
 * an honest one. The first byte says which. */

/* The tests' connection, whose assertions are properties here. */
#define CMOCKA_H_
#define assert_true(c)		   REQUIRE(c)
#define assert_false(c)		   REQUIRE(!(c))
#define assert_null(p)		   REQUIRE(!(p))
#define assert_non_null(p)	   REQUIRE(p)
#define assert_int_equal(a, b)	   REQUIRE((a) == (b))
#define assert_int_not_equal(a, b) REQUIRE((a) != (b))
#include "fuzz.h"
#include "test/unit/modules/tls/tls_test.h"

#include "core/run/log.h"

#define PLAIN	  4096u
#define PIECE_MAX 600u

enum mode { TO_SERVER, TO_CLIENT, CHANGED, RECORDS, MODES };

/* Ours is asked with what waits for it until it moves no more. False: it is over. */
static bool decode_all(void)
{
	static char plain[PLAIN];

	for (unsigned i = 0; i < 64; i++) {
		size_t before = t.s->to_us.end - t.s->to_us.begin, n = 0;
		enum layer_step step = test_decode(plain, PLAIN, &n);
		const struct tls_session *s = test_session();

		REQUIRE(n <= PLAIN && step <= LAYER_FAILED);
		REQUIRE(!heap_verify(t.s->conn.heap));
		/* who gives no good certificate is neither up nor heard where one is required */
		REQUIRE(!tls_conn_facts(&t.s->conn) || s->facts.verified);
		REQUIRE(!n || tls_conn_facts(&t.s->conn));
		if (step == LAYER_FAILED)
			REQUIRE(s->told);
		if (step == LAYER_FAILED || step == LAYER_ENDED)
			return false;
		if (step == LAYER_MORE && before == t.s->to_us.end - t.s->to_us.begin)
			break;
	}
	return true;
}

static void wire_put(struct str bytes)
{
	(void)peer_push(NULL, bytes.p, bytes.n);
}

/* All of it, in pieces whose sizes the input says. */
static void feed(struct str bytes)
{
	uint32_t seed = choice_seed(bytes);

	while (bytes.n) {
		size_t n = choice_next(&seed) % PIECE_MAX + 1;
		struct str piece = str_head(bytes, n < bytes.n ? n : bytes.n);

		wire_put(piece);
		if (!decode_all())
			return;
		bytes = str_skip(bytes, piece.n);
	}
}

/* Two bytes say where in the peer's next flight, one what is changed there. */
static struct str change(struct str how)
{
	struct test_wire *w = &t.s->to_us;
	size_t n = w->end - w->begin, at;

	if (how.n < 3 || !n)
		return how;
	at = ((size_t)(unsigned char)how.p[0] << 8 | (unsigned char)how.p[1]) % n;
	w->data[w->begin + at] ^= how.p[2];
	return str_skip(how, 3);
}

static void changed_handshake(struct str how)
{
	for (unsigned i = 0; i < 6; i++) {
		(void)peer_shakes();
		how = change(how);
		if (!decode_all())
			return;
	}
}

static void run(enum mode mode, const char *priority_z, struct str bytes)
{
	bool accepted = mode != TO_CLIENT;

	peer_start(accepted ? GNUTLS_CLIENT : GNUTLS_SERVER, priority_z,
		   accepted ? &t.client : &t.server, accepted ? "strict.example" : NULL);
	REQUIRE(!test_open(accepted));
	if (mode == RECORDS)
		REQUIRE(test_handshake() == LAYER_UP);
	if (mode == CHANGED)
		changed_handshake(bytes);
	else
		feed(bytes);
	test_close(tls_conn_facts(&t.s->conn) != NULL);
	peer_stop();
	REQUIRE(used(t.shm) == t.used_before);
}

/* Whoever is up has a good certificate, on all ways in. */
static void start(void)
{
	test_start();
	log_level_set(LOG_ERR);
	for (unsigned i = 0; i < TEST_DOMAINS; i++) {
		t.domains[i].verify = true;
		t.domains[i].require = t.domains[i].role == TLS_SERVER;
		t.domains[i].ca_pem = str_z(t.ca.chain_z);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text;

	if (!t.shm)
		start();
	if (size < 2 || size > 32768)
		return 0;
	text = input_text(data + 1, size - 1);
	run((enum mode)(data[0] % MODES), versions[data[0] / MODES % 2], text);
	input_free(text);
	return 0;
}
