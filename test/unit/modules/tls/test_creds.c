/* SPDX-License-Identifier: BSD-2-Clause */
/* Credentials: made when they are needed, once; CA lists once for all who have the same. */
#include "test/unit/modules/tls/tls_test.h"

static void they_are_made_once(void **state)
{
	const struct tls_creds *c;

	(void)state;
	c = creds_of(&t.conf, &t.domains[2]);
	assert_non_null(c);
	assert_ptr_equal(creds_of(&t.conf, &t.domains[2]), c);
	assert_ptr_not_equal(creds_of(&t.conf, &t.domains[3]), c);
	assert_null(c->trust);
	assert_int_equal(creds_trusts(), 0);
}

static void one_ca_list_is_read_once(void **state)
{
	const struct tls_creds *a, *b;
	struct conf next = t.conf;

	(void)state;
	next.place = 1;
	t.domains[2].ca_pem = t.domains[3].ca_pem = str_z(t.ca.chain_z);
	a = creds_of(&t.conf, &t.domains[2]);
	b = creds_of(&t.conf, &t.domains[3]);
	assert_non_null(a->trust);
	assert_ptr_equal(a->trust, b->trust);
	/* in the next configuration, too */
	assert_ptr_equal(creds_of(&next, &t.domains[2])->trust, a->trust);
	assert_int_equal(creds_trusts(), 1);
	creds_end(&t.conf);
	assert_int_equal(creds_trusts(), 1);
	t.domains[3].ca_pem = str_z(t.other_ca.chain_z);
	creds_of(&next, &t.domains[3]);
	assert_int_equal(creds_trusts(), 2);
	creds_end(&next);
	assert_int_equal(creds_trusts(), 0);
}

static void a_key_that_cannot_be_read_is_no_key(void **state)
{
	(void)state;
	log_level_set(-2);
	t.domains[2].keys[0].key_pem =
		STR("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
	assert_null(creds_of(&t.conf, &t.domains[2]));
	/* it may be mended */
	t.domains[2].keys[0].key_pem = str_z(t.server.key_z);
	assert_non_null(creds_of(&t.conf, &t.domains[2]));
	t.domains[3].ca_pem = STR("no certificates at all");
	assert_null(creds_of(&t.conf, &t.domains[3]));
	assert_int_equal(creds_trusts(), 0);
	log_level_set(LOG_INFO);
}

/* The configuration of a handshake under way is held; that of an established session is not. */
static void a_handshake_holds_its_configuration(void **state)
{
	char plain[8];
	size_t n;

	(void)state;
	peer_start(GNUTLS_CLIENT, TLS13, NULL, NULL);
	assert_int_equal(test_open(true), 0);
	assert_int_equal(t.w.held.holds[0], 1);
	peer_shakes();
	assert_int_equal(test_decode(plain, sizeof(plain), &n), LAYER_MORE);
	assert_int_equal(t.w.held.holds[0], 1);
	assert_int_equal(test_handshake(), LAYER_UP);
	assert_int_equal(t.w.held.holds[0], 0);
	/* and can do without */
	creds_end(&t.conf);
	echo();
	test_close(true);
	peer_stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(they_are_made_once),
		TEST(one_ca_list_is_read_once),
		TEST(a_key_that_cannot_be_read_is_no_key),
		TEST(a_handshake_holds_its_configuration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
