/* SPDX-License-Identifier: BSD-2-Clause */
/* Peers whose certificate has a key that only costs time. They need not have it: what they sign is never looked at. */
#include "test/unit/modules/tls/tls_test.h"

#include <gnutls/abstract.h>
#include <stdlib.h>

/* RSA, in bytes; what each one has is long, the exponent of the others is 65537. */
struct costly {
	size_t modulus, exponent;
};

static int key_sign(gnutls_privkey_t key, gnutls_sign_algorithm_t algorithm, void *arg,
		    unsigned flags, const gnutls_datum_t *data, gnutls_datum_t *signature_r)
{
	const struct costly *k = arg;

	(void)key;
	(void)algorithm;
	(void)flags;
	(void)data;
	signature_r->data = gnutls_malloc(k->modulus);
	signature_r->size = (unsigned)k->modulus;
	memset(signature_r->data, 0x5a, k->modulus);
	return 0;
}

static int key_info(gnutls_privkey_t key, unsigned flags, void *arg)
{
	const struct costly *k = arg;

	(void)key;
	if (flags & GNUTLS_PRIVKEY_INFO_PK_ALGO)
		return GNUTLS_PK_RSA;
	if (flags & GNUTLS_PRIVKEY_INFO_PK_ALGO_BITS)
		return (int)k->modulus * 8;
	return flags & GNUTLS_PRIVKEY_INFO_HAVE_SIGN_ALGO ? 1 : -1;
}

static void certificate_make(const struct costly *k, gnutls_x509_crt_t crt)
{
	static unsigned char m[8192], e[8192];
	gnutls_datum_t modulus = { m, (unsigned)k->modulus },
		       exponent = { e, (unsigned)k->exponent };
	gnutls_pubkey_t key;

	memset(m, 0xdb, sizeof(m));
	memset(e, 0x7f, sizeof(e));
	if (k->exponent == 3)
		memcpy(e, "\x01\x00\x01", 3);
	assert_int_equal(gnutls_pubkey_init(&key), 0);
	assert_int_equal(gnutls_pubkey_import_rsa_raw(key, &modulus, &exponent), 0);
	gnutls_x509_crt_set_version(crt, 3);
	gnutls_x509_crt_set_serial(crt, "\x01\x02", 2);
	gnutls_x509_crt_set_activation_time(crt, time(NULL) - 10);
	gnutls_x509_crt_set_expiration_time(crt, time(NULL) + 1000);
	gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, "costly", 6);
	assert_int_equal(gnutls_x509_crt_set_pubkey(crt, key), 0);
	assert_int_equal(gnutls_x509_crt_sign2(crt, t.ca.crt, t.ca.key, GNUTLS_DIG_SHA256, 0), 0);
	gnutls_pubkey_deinit(key);
}

static void key_give(struct costly *k)
{
	gnutls_pcert_st *shown = gnutls_malloc(sizeof(*shown));
	gnutls_x509_crt_t crt;
	gnutls_privkey_t key;

	assert_int_equal(gnutls_x509_crt_init(&crt), 0);
	certificate_make(k, crt);
	assert_int_equal(gnutls_pcert_import_x509(shown, crt, 0), 0);
	gnutls_x509_crt_deinit(crt);
	assert_int_equal(gnutls_privkey_init(&key), 0);
	assert_int_equal(
		gnutls_privkey_import_ext4(key, k, NULL, key_sign, NULL, NULL, key_info, 0), 0);
	gnutls_certificate_set_flags(t.peer_creds, GNUTLS_CERTIFICATE_SKIP_KEY_CERT_MATCH);
	assert_int_equal(gnutls_certificate_set_key(t.peer_creds, NULL, 0, shown, 1, key), 0);
	gnutls_free(shown);
}

static void refused_at_once(struct costly *k, bool accepted, const char *priority_z)
{
	clock_t begin;

	peer_start(accepted ? GNUTLS_CLIENT : GNUTLS_SERVER, priority_z, NULL,
		   accepted ? "strict.example" : NULL);
	key_give(k);
	assert_int_equal(test_open(accepted), 0);
	begin = clock();
	assert_int_equal(test_handshake(), LAYER_FAILED);
	/* the shortest takes half a second, the longest twelve */
	assert_true(clock() - begin < CLOCKS_PER_SEC / 4);
	assert_true(test_session()->told);
	test_close(false);
	peer_stop();
}

static void costly_keys_are_not_used(void **state)
{
	static struct costly keys[] = { { 2048, 2048 }, { 4096, 4096 }, { 4096, 3 } };

	(void)state;
	strict(true);
	t.domains[TLS_CLIENT].verify = true;
	t.domains[TLS_CLIENT].ca_pem = str_z(t.ca.chain_z);
	for (unsigned i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		for (unsigned v = 0; v < 2; v++) {
			refused_at_once(&keys[i], true, versions[v]);
			refused_at_once(&keys[i], false, versions[v]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(costly_keys_are_not_used, test_begin, test_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
