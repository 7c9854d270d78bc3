/* SPDX-License-Identifier: BSD-2-Clause */
/* A session belongs to no process: several take turns on it, nothing of it lies elsewhere, it is small, and without memory it fails as a whole. */
#include "test/unit/modules/tls/tls_test.h"

/* --- libc's blocks are counted ---------------------------------------------------------------------------------------------------------- */
#ifndef __SANITIZE_ADDRESS__
#define COUNTED 1
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t members, size_t size);
void *__libc_realloc(void *p, size_t n);
void __libc_free(void *p);

static long blocks;

void *malloc(size_t n)
{
	void *p = __libc_malloc(n);

	blocks += p != NULL;
	return p;
}

void *calloc(size_t members, size_t size)
{
	void *p = __libc_calloc(members, size);

	blocks += p != NULL;
	return p;
}

void *realloc(void *p, size_t n)
{
	void *moved = __libc_realloc(p, n);

	blocks += !p && moved;
	return moved;
}

void free(void *p)
{
	blocks -= p != NULL;
	__libc_free(p);
}
#else
#define COUNTED 0
static long blocks;
#endif

/* One connection up and down again, in either role; how many private blocks were there for it while it was up. */
static long private_blocks(bool accepted, const char *priority_z)
{
	long before, during;

	t.peer_heap = heap_new(t.shm, ID_MAKE(ID_TEST, 3, 1), TLS_HEAP_MAX);
	assert_non_null(t.peer_heap);
	strict(true);
	t.domains[TLS_CLIENT].verify = true;
	t.domains[TLS_CLIENT].ca_pem = str_z(t.ca.chain_z);
	peer_start(accepted ? GNUTLS_CLIENT : GNUTLS_SERVER, priority_z,
		   accepted ? &t.client : &t.server, accepted ? "strict.example" : NULL);
	before = blocks;
	assert_int_equal(test_open(accepted), 0);
	assert_int_equal(test_handshake(), LAYER_UP);
	echo();
	during = blocks - before;
	test_close(true);
	peer_stop();
	heap_drop(&t.peer_heap);
	return during;
}

static void no_private_block_belongs_to_a_session(void **state)
{
	(void)state;
	if (!COUNTED)
		skip();
	for (unsigned i = 0; i < 4; i++) {
		/* credentials, and what the libraries make once, are there after the first */
		private_blocks(i & 1, versions[i / 2]);
		assert_int_equal(private_blocks(i & 1, versions[i / 2]), 0);
	}
}

/* --- other processes ----------------------------------------------------------------------------------------------------------------------- */
static void a_turn(void *arg)
{
	unsigned *n = arg;

	CHECK(test_session()->pid != getpid());
	test_reads(STR("a request"));
	CHECK(!test_encode(STR("an answer")));
	CHECK(!test_encode(STR(" and more")));
	(void)n;
}

static void the_end(void *arg)
{
	struct layer_io io = test_io();
	struct heap_stats before, after;

	(void)arg;
	heap_stats(t.s->conn.heap, &before);
	tls_layer.finish(&io);
	test_sent(&io);
	tls_layer.end(&t.w, &t.s->conn, true);
	heap_stats(t.s->conn.heap, &after);
	CHECK(after.live_bytes + 6000 < before.live_bytes);
	CHECK(!heap_verify(t.s->conn.heap));
}

static void processes_take_turns(void **state)
{
	unsigned n = 0;

	(void)state;
	for (unsigned k = 0; k < 4; k++) {
		char none[16];

		k & 1 ? call(versions[k / 2]) : serve(versions[k / 2], NULL, NULL);
		for (n = 0; n < 4; n++) {
			if (k / 2)
				assert_int_equal(gnutls_session_key_update(t.peer, GNUTLS_KU_PEER),
						 0);
			peer_writes(STR("a request"));
			assert_true(run_child(n % 3 + 1, a_turn, &n));
			peer_reads(STR("an answer and more"));
		}
		/* one that was not there then ends it */
		assert_true(run_child(3, the_end, NULL));
		assert_int_equal(gnutls_record_recv(t.peer, none, sizeof(none)), 0);
		atomic_store(&t.s->conn.session, NULL);
		test_close(true);
		peer_stop();
	}
}

/* Whose handshake it is not leaves what is private to another process alone. */
static void foreign_end(void *arg)
{
	(void)arg;
	tls_layer.end(&t.w, &t.s->conn, false);
}

static void an_unfinished_handshake_is_its_owners(void **state)
{
	char plain[8];
	size_t n;

	(void)state;
	peer_start(GNUTLS_CLIENT, TLS13, NULL, NULL);
	assert_int_equal(test_open(true), 0);
	peer_shakes();
	assert_int_equal(test_decode(plain, sizeof(plain), &n), LAYER_MORE);
	assert_true(run_child(1, foreign_end, NULL));
	assert_non_null(test_session()->gnutls);
	/* it goes on where it belongs */
	assert_int_equal(test_handshake(), LAYER_UP);
	echo();
	test_close(true);
	peer_stop();
}

/* --- memory --------------------------------------------------------------------------------------------------------------------------------- */
/* The connection's row, its queues' rows and the like take less than a page besides. */
#define IDLE_PAGES 4u

static void an_idle_connection_is_small(void **state)
{
	struct heap_stats st;

	(void)state;
	strict(true);
	for (unsigned k = 0; k < 6; k++) {
		const char *version = versions[k & 1];

		k < 2	? serve(version, NULL, NULL)
		: k < 4 ? serve(version, &t.client, "strict.example")
			: call(version);
		echo();
		tls_layer.rest(&t.s->conn);
		heap_stats(t.s->conn.heap, &st);
		print_message("%s, %s: %zu pages, %zu bytes in %zu blocks, at most %zu\n",
			      k < 2   ? "server"
			      : k < 4 ? "server with client's certificate"
				      : "client",
			      k & 1 ? "TLS 1.3" : "TLS 1.2", st.pages, st.live_bytes,
			      st.live_blocks, st.peak_bytes);
		assert_in_range(st.pages, 2, IDLE_PAGES);
		test_close(true);
		peer_stop();
	}
}

/* A whole connection in which the n-th allocation from the heap fails. False: it did not come to n. */
static bool fail_once(bool accepted, const char *version, unsigned n)
{
	bool up = false;

	peer_start(accepted ? GNUTLS_CLIENT : GNUTLS_SERVER, version,
		   accepted ? &t.client : &t.server, accepted ? "strict.example" : NULL);
	memory_fail_at(n);
	if (!test_open(accepted)) {
		up = test_handshake() == LAYER_UP;
		if (up && !memory_failed()) {
			char plain[64];
			size_t got;

			gnutls_record_send(t.peer, "there", 5);
			test_decode(plain, sizeof(plain), &got);
			test_encode(STR("and back"));
		}
	}
	memory_fail_at(0);
	assert_int_equal(heap_verify(t.s->conn.heap), 0);
	test_close(up);
	peer_stop();
	return memory_failed();
}

static void without_memory_a_connection_fails_and_nothing_else(void **state)
{
	(void)state;
	strict(true);
	t.domains[TLS_CLIENT].verify = true;
	t.domains[TLS_CLIENT].ca_pem = str_z(t.ca.chain_z);
	log_level_set(LOG_ERR);
	for (unsigned k = 0; k < 4; k++) {
		unsigned n = 1;

		while (fail_once(k & 1, versions[k / 2], n))
			n++;
		assert_in_range(n, 50, 1000);
		print_message("%u allocations\n", n);
	}
	log_level_set(LOG_INFO);
}

/* All that there is; given back by drain_undo. */
static void drain(void)
{
	for (size_t n = MIB; n >= 4096; n /= 2)
		while (t.drained_n < TEST_DRAINED &&
		       (t.drained[t.drained_n] = chunk_alloc(t.shm, n, ID_MAKE(ID_TEST, 4, 1))))
			t.drained_n++;
}

static void drain_undo(void)
{
	while (t.drained_n)
		chunk_free(t.shm, t.drained[--t.drained_n]);
}

static void without_shared_memory_the_established_go_on(void **state)
{
	(void)state;
	log_level_set(LOG_ERR);
	for (unsigned k = 0; k < 4; k++) {
		char plain[64];
		size_t n;

		k & 1 ? call(versions[k / 2]) : serve(versions[k / 2], NULL, NULL);
		echo();
		tls_layer.rest(&t.s->conn);
		drain();
		for (unsigned i = 0; i < 5; i++)
			echo();
		/* half a record needs a buffer that lasts: there is none */
		peer_writes(STR("the first half and the second one"));
		t.s->to_us.end -= 10;
		assert_int_equal(test_decode(plain, sizeof(plain), &n), LAYER_FAILED);
		assert_int_equal(n, 0);
		drain_undo();
		test_close(true);
		peer_stop();
	}
	log_level_set(LOG_INFO);
}

/* --- where sharing does not work ----------------------------------------------------------------------------------------------------------- */
static void not_mine(void *arg)
{
	(void)arg;
	tls_layer.end(&t.w, &t.s->conn, true);
	CHECK(test_session()->gnutls);
}

static void not_shared_it_lies_with_its_owner(void **state)
{
	struct tls_selftest found = { .why_z = "a test" }, as_it_is = *tls_selftest_result();

	(void)state;
	tls_selftest_set(&found);
	for (unsigned k = 0; k < 4; k++) {
		k & 1 ? call(versions[k / 2]) : serve(versions[k / 2], NULL, NULL);
		echo();
		assert_false(shm_has(t.shm, test_session()->gnutls));
		/* what others may look at is there for them */
		assert_true(shm_has(t.shm, test_session()->facts.desc.p));
		/* who follows a dead owner lets it be */
		assert_true(run_child(1, not_mine, NULL));
		assert_non_null(test_session()->gnutls);
		test_close(true);
		peer_stop();
	}
	tls_selftest_set(&as_it_is);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(no_private_block_belongs_to_a_session),
		TEST(processes_take_turns),
		TEST(an_unfinished_handshake_is_its_owners),
		TEST(an_idle_connection_is_small),
		TEST(without_memory_a_connection_fails_and_nothing_else),
		TEST(without_shared_memory_the_established_go_on),
		TEST(not_shared_it_lies_with_its_owner),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
