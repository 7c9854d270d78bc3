/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/unit/modules/tls/certs.h"

#include "modules/tls/der.h"
#include "modules/tls/verify.h"

#define SERVER_AUTH "1.3.6.1.5.5.7.3.1"
#define CLIENT_AUTH "1.3.6.1.5.5.7.3.2"
#define SIP_DOMAIN  "1.3.6.1.5.5.7.3.20"
#define EMAIL	    "1.3.6.1.5.5.7.3.4"
#define ANY	    "2.5.29.37.0"
#define NAME	    "sip.example.com"

/* root → middle → peers; stranger is a root that nobody trusts. */
static struct cert root, middle, stranger;

static int make_issuers(void **state)
{
	(void)state;
	root = cert_make(&(struct cert_wish){ .cn_z = "Root", .is_ca = true }, NULL);
	middle = cert_make(&(struct cert_wish){ .cn_z = "Middle", .is_ca = true }, &root);
	stranger = cert_make(&(struct cert_wish){ .cn_z = "Stranger", .is_ca = true }, NULL);
	return 0;
}

static int drop_issuers(void **state)
{
	(void)state;
	cert_drop(&root);
	cert_drop(&middle);
	cert_drop(&stranger);
	return 0;
}

static gnutls_x509_trust_list_t trust_of(const struct cert *ca, gnutls_x509_crl_t *crl)
{
	gnutls_x509_trust_list_t trust;

	assert_int_equal(gnutls_x509_trust_list_init(&trust, 0), 0);
	assert_int_equal(gnutls_x509_trust_list_add_cas(trust, &ca->crt, 1, 0), 1);
	if (crl)
		assert_int_equal(gnutls_x509_trust_list_add_crls(trust, crl, 1, 0, 0), 1);
	return trust;
}

static struct tls_verdict verdict_of(const struct cert *const *chain, unsigned n,
				     const struct tls_domain *d, gnutls_x509_trust_list_t trust,
				     struct str identity)
{
	gnutls_datum_t ders[TLS_CHAIN_MAX + 1];
	struct tls_verdict v;

	for (unsigned i = 0; i < n; i++)
		ders[i] = chain[i]->der;
	assert_int_equal(tls_verify_chain(ders, n, d, trust, identity, time(NULL), &v), 0);
	assert_int_equal(v.verified, !v.reason_z[0]);
	return v;
}

static const struct tls_domain client = { .role = TLS_CLIENT, .verify = true, .verify_depth = 9 };
static const struct tls_domain server = { .role = TLS_SERVER, .verify = true, .verify_depth = 9 };

/* One certificate by middle, shown with it, to somebody who trusts root. */
static struct tls_verdict judged(const struct cert_wish *w, const struct tls_domain *d)
{
	gnutls_x509_trust_list_t trust = trust_of(&root, NULL);
	struct cert made = cert_make(w, &middle);
	const struct cert *chain[] = { &made, &middle };
	struct tls_verdict v = verdict_of(chain, 2, d, trust, STR(NAME));

	cert_drop(&made);
	gnutls_x509_trust_list_deinit(trust, 0);
	return v;
}

#define PEER(...)                                        \
	(struct cert_wish)                               \
	{                                                \
		.sans = { SAN_DNS(NAME) }, ##__VA_ARGS__ \
	}

static void a_good_chain_is_verified(void **state)
{
	struct tls_verdict v = judged(&PEER(), &client);

	(void)state;
	assert_true(v.shown && v.verified);
	assert_false(v.expired || v.revoked || v.refused);
}

static void dates_are_looked_at(void **state)
{
	struct tls_verdict v = judged(&PEER(.from_s = -7200, .to_s = -3600), &client);

	(void)state;
	assert_true(v.expired && v.refused);
	assert_non_null(strstr(v.reason_z, "its certificate expired on "));
	assert_non_null(strstr(v.reason_z, " GMT"));
	v = judged(&PEER(.from_s = 3600, .to_s = 7200), &client);
	assert_true(v.refused);
	assert_false(v.expired);
	assert_non_null(strstr(v.reason_z, "its certificate is valid only from "));
}

static void the_name_is_looked_at(void **state)
{
	static const struct cert_wish other = { .sans = { SAN_DNS("other.example.com") } };
	struct tls_domain named = client;
	struct tls_verdict v = judged(&other, &client);

	(void)state;
	assert_true(v.refused);
	assert_string_equal(
		v.reason_z,
		"its certificate is not for \"sip.example.com\", but for other.example.com");
	/* a server_name is verified in place of the target's */
	named.server_name = STR("other.example.com");
	assert_true(judged(&other, &named).verified);
	assert_true(judged(&PEER(), &named).refused);
}

static void a_called_peer_without_a_name_to_have_is_not_verified(void **state)
{
	gnutls_x509_trust_list_t trust = trust_of(&root, NULL);
	struct cert made = cert_make(&PEER(), &root);
	const struct cert *chain[] = { &made };
	struct tls_verdict v = verdict_of(chain, 1, &client, trust, STR_NULL);

	(void)state;
	assert_true(v.refused);
	assert_string_equal(v.reason_z, "there is no name that it could be verified to have");
	assert_true(verdict_of(chain, 1, &server, trust, STR_NULL).verified);
	cert_drop(&made);
	gnutls_x509_trust_list_deinit(trust, 0);
}

static void purposes_are_looked_at(void **state)
{
	static const struct {
		const char *purposes[4];
		bool sip, strict_client, strict_server; /* the domain's role */
	} vectors[] = {
		{ { NULL }, true, true, true },
		{ { SERVER_AUTH }, true, true, false },
		{ { CLIENT_AUTH }, true, false, true },
		{ { SIP_DOMAIN }, true, true, true },
		{ { ANY }, true, true, true },
		{ { EMAIL }, false, false, false },
		{ { EMAIL, SERVER_AUTH }, true, true, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(vectors); i++) {
		struct cert_wish w = PEER();
		struct tls_domain c = client, s = server;

		memcpy(w.purposes, vectors[i].purposes, sizeof(w.purposes));
		assert_int_equal(judged(&w, &c).verified, vectors[i].sip);
		assert_int_equal(judged(&w, &s).verified, vectors[i].sip);
		c.purpose = s.purpose = TLS_PURPOSE_STRICT;
		assert_int_equal(judged(&w, &c).verified, vectors[i].strict_client);
		assert_int_equal(judged(&w, &s).verified, vectors[i].strict_server);
	}
	assert_string_equal(
		judged(&PEER(.purposes = { EMAIL }), &client).reason_z,
		"its certificate is not for SIP over TLS: its extended key usage says so");
}

static void the_purpose_of_an_issuer_counts_too(void **state)
{
	gnutls_x509_trust_list_t trust = trust_of(&root, NULL);
	struct cert mail = cert_make(
		&(struct cert_wish){ .cn_z = "Mail", .is_ca = true, .purposes = { EMAIL } }, &root);
	struct cert made = cert_make(&PEER(), &mail);
	const struct cert *chain[] = { &made, &mail };
	struct tls_verdict v = verdict_of(chain, 2, &client, trust, STR(NAME));

	(void)state;
	assert_true(v.refused);
	assert_non_null(strstr(v.reason_z, "the certificate of an issuer is not for "));
	cert_drop(&made);
	cert_drop(&mail);
	gnutls_x509_trust_list_deinit(trust, 0);
}

static void depth_is_counted_in_certificates_between(void **state)
{
	struct tls_domain d = client;

	(void)state;
	d.verify_depth = 1;
	assert_true(judged(&PEER(), &d).verified);
	d.verify_depth = 0;
	assert_string_equal(judged(&PEER(), &d).reason_z,
			    "there are 1 certificates between its own and a trusted one, and the "
			    "verify depth is 0");
}

static void issuers_may_come_in_any_order_and_with_the_root(void **state)
{
	gnutls_x509_trust_list_t trust = trust_of(&root, NULL);
	struct cert low = cert_make(&(struct cert_wish){ .cn_z = "Low", .is_ca = true }, &middle);
	struct cert made = cert_make(&PEER(), &low);
	const struct cert *chain[] = { &made, &root, &middle, &low };
	struct tls_domain d = client;

	(void)state;
	d.verify_depth = 2;
	assert_true(verdict_of(chain, 4, &d, trust, STR(NAME)).verified);
	d.verify_depth = 1;
	assert_true(verdict_of(chain, 4, &d, trust, STR(NAME)).refused);
	cert_drop(&low);
	cert_drop(&made);
	gnutls_x509_trust_list_deinit(trust, 0);
}

static void unknown_issuers_are_named(void **state)
{
	gnutls_x509_trust_list_t trust = trust_of(&stranger, NULL);
	struct cert made = cert_make(&PEER(), &middle);
	struct cert alone = cert_make(&PEER(.cn_z = "me"), NULL);
	const struct cert *chain[] = { &made, &middle }, *own[] = { &alone };
	gnutls_x509_trust_list_t own_trust = trust_of(&alone, NULL);

	(void)state;
	assert_string_equal(verdict_of(chain, 2, &client, trust, STR(NAME)).reason_z,
			    "the CA list does not have the issuer of its certificate, \"CN=Root\"");
	assert_string_equal(
		verdict_of(chain, 1, &client, trust, STR(NAME)).reason_z,
		"the CA list does not have the issuer of its certificate, \"CN=Middle\"");
	assert_string_equal(verdict_of(own, 1, &client, trust, STR(NAME)).reason_z,
			    "its certificate is self-signed, and not in the CA list");
	assert_true(verdict_of(own, 1, &client, own_trust, STR(NAME)).verified);
	assert_string_equal(verdict_of(own, 1, &client, NULL, STR(NAME)).reason_z,
			    "there is no CA list to verify it against");
	cert_drop(&made);
	cert_drop(&alone);
	gnutls_x509_trust_list_deinit(trust, 0);
	gnutls_x509_trust_list_deinit(own_trust, 0);
}

static void who_is_no_ca_signs_nobody(void **state)
{
	gnutls_x509_trust_list_t trust = trust_of(&root, NULL);
	struct cert none = cert_make(&(struct cert_wish){ .cn_z = "None" }, &root);
	struct cert made = cert_make(&PEER(), &none);
	const struct cert *chain[] = { &made, &none };
	struct tls_verdict v = verdict_of(chain, 2, &client, trust, STR(NAME));

	(void)state;
	assert_true(v.refused);
	assert_non_null(strstr(v.reason_z, "may not sign others"));
	cert_drop(&made);
	cert_drop(&none);
	gnutls_x509_trust_list_deinit(trust, 0);
}

static void weak_ones_pass_only_where_that_is_allowed(void **state)
{
	struct tls_domain weak = client;
	struct tls_verdict v;

	(void)state;
	weak.allow_weak = true;
	v = judged(&PEER(.weak = true), &client);
	assert_true(v.refused);
	assert_non_null(strstr(v.reason_z, "a signature that is broken"));
	assert_true(judged(&PEER(.weak = true), &weak).verified);
	assert_true(judged(&PEER(.rsa_bits = 1024), &client).refused);
	assert_true(judged(&PEER(.rsa_bits = 1024), &weak).verified);
	assert_true(judged(&PEER(.rsa_bits = 2048), &client).verified);
}

static void revoked_ones_are_refused(void **state)
{
	struct cert good = cert_make(&PEER(.serial = "\x01\x02"), &root);
	struct cert bad = cert_make(&PEER(.serial = "\x01\x03"), &root);
	gnutls_x509_crl_t crl = crl_make(&root, &bad, 1, 3600);
	gnutls_x509_trust_list_t trust = trust_of(&root, &crl);
	const struct cert *good_chain[] = { &good }, *bad_chain[] = { &bad };
	struct tls_verdict v;

	(void)state;
	assert_true(verdict_of(good_chain, 1, &client, trust, STR(NAME)).verified);
	v = verdict_of(bad_chain, 1, &client, trust, STR(NAME));
	assert_true(v.revoked && v.refused);
	assert_string_equal(v.reason_z, "a certificate of its chain was revoked");
	cert_drop(&good);
	cert_drop(&bad);
	gnutls_x509_trust_list_deinit(trust, 0);
	gnutls_x509_crl_deinit(crl);
}

/* GnuTLS minds neither. */
static void each_issuer_needs_a_list_that_is_not_out_of_date(void **state)
{
	const time_t now = time(NULL);
	struct tls_cert root_read, middle_read;
	struct tls_crl crls[3];
	struct tls_domain d = client;
	struct tls_verdict v;

	(void)state;
	assert_int_equal(tls_cert_read(cert_der(&root), &root_read), 0);
	assert_int_equal(tls_cert_read(cert_der(&middle), &middle_read), 0);
	crls[0] = (struct tls_crl){ root_read.subject, now + 3600 };
	crls[1] = (struct tls_crl){ middle_read.subject, now - 5 };
	crls[2] = (struct tls_crl){ middle_read.subject, now + 5 };
	d.crls = crls;
	d.crls_n = 1;
	v = judged(&PEER(), &d);
	assert_true(v.refused && !v.revoked);
	assert_string_equal(v.reason_z,
			    "there is no list of revoked certificates of \"CN=Middle\"");
	d.crls_n = 2;
	v = judged(&PEER(), &d);
	assert_true(v.refused && !v.revoked);
	assert_non_null(strstr(v.reason_z, "\"CN=Middle\" but an old one: the next was due on "));
	d.crls_n = 3;
	assert_true(judged(&PEER(), &d).verified);
	crls[2].next_update = 0; /* it does not say */
	assert_true(judged(&PEER(), &d).verified);
	crls[0].next_update = now - 5;
	assert_true(judged(&PEER(), &d).refused);
}

static void a_broken_signature_is_seen(void **state)
{
	gnutls_x509_trust_list_t trust = trust_of(&root, NULL);
	struct cert made = cert_make(&PEER(), &root);
	const struct cert *chain[] = { &made };

	(void)state;
	made.der.data[made.der.size - 1] ^= 1;
	assert_true(verdict_of(chain, 1, &client, trust, STR(NAME)).refused);
	cert_drop(&made);
	gnutls_x509_trust_list_deinit(trust, 0);
}

static void a_chain_is_not_longer_than_it_may_be(void **state)
{
	gnutls_x509_trust_list_t trust = trust_of(&root, NULL);
	struct cert made = cert_make(&PEER(), &root);
	const struct cert *chain[TLS_CHAIN_MAX + 1];
	const struct tls_domain lax = { .role = TLS_SERVER };
	gnutls_datum_t rubbish[2] = { made.der, { (unsigned char *)"\x30\x00", 2 } };
	struct tls_verdict v;

	(void)state;
	for (unsigned i = 0; i <= TLS_CHAIN_MAX; i++)
		chain[i] = &made;
	assert_true(verdict_of(chain, TLS_CHAIN_MAX, &client, trust, STR(NAME)).verified);
	v = verdict_of(chain, TLS_CHAIN_MAX + 1, &client, trust, STR(NAME));
	assert_true(v.refused);
	assert_non_null(strstr(v.reason_z, "it showed 17 certificates"));
	assert_int_equal(tls_verify_chain(rubbish, 2, &client, trust, STR(NAME), time(NULL), &v),
			 0);
	assert_true(v.refused);
	assert_string_equal(v.reason_z, "certificate 2 of its chain cannot be read");
	/* even where nobody is verified */
	assert_int_equal(tls_verify_chain(&rubbish[1], 1, &lax, NULL, STR_NULL, time(NULL), &v), 0);
	assert_true(v.shown && v.refused);
	cert_drop(&made);
	gnutls_x509_trust_list_deinit(trust, 0);
}

static void the_policy_decides_who_is_refused(void **state)
{
	static const struct {
		enum tls_role role;
		bool verify, require;
		bool none, bad; /* refused: without certificate, with one that is not good */
	} vectors[] = {
		{ TLS_SERVER, false, false, false, false },
		{ TLS_SERVER, true, false, false, true },
		{ TLS_SERVER, false, true, true, true },
		{ TLS_SERVER, true, true, true, true },
		{ TLS_CLIENT, false, false, false, false },
		{ TLS_CLIENT, true, false, true, true },
	};
	gnutls_x509_trust_list_t trust = trust_of(&stranger, NULL);
	struct cert good = cert_make(&PEER(), &stranger), bad = cert_make(&PEER(), &root);
	const struct cert *good_chain[] = { &good }, *bad_chain[] = { &bad };

	(void)state;
	for (size_t i = 0; i < COUNT(vectors); i++) {
		struct tls_domain d = { .role = vectors[i].role,
					.verify = vectors[i].verify,
					.require = vectors[i].require };
		struct tls_verdict v = verdict_of(NULL, 0, &d, trust, STR(NAME));

		assert_false(v.shown || v.verified);
		assert_string_equal(v.reason_z, "it showed no certificate");
		assert_int_equal(v.refused, vectors[i].none);
		v = verdict_of(bad_chain, 1, &d, trust, STR(NAME));
		assert_true(v.shown);
		assert_int_equal(v.refused, vectors[i].bad);
		v = verdict_of(good_chain, 1, &d, trust, STR(NAME));
		assert_true(v.verified && !v.refused);
	}
	cert_drop(&good);
	cert_drop(&bad);
	gnutls_x509_trust_list_deinit(trust, 0);
}

static void a_reason_has_an_end(void **state)
{
	static char name[300];
	struct cert_wish w = { .sans = { { 0x82, { name, sizeof(name) } } } };
	struct tls_verdict v;

	(void)state;
	memset(name, 'x', sizeof(name));
	v = judged(&w, &client);
	assert_true(v.refused);
	assert_non_null(strstr(v.reason_z, "its certificate is not for \"sip.example.com\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_chain_is_verified),
		cmocka_unit_test(dates_are_looked_at),
		cmocka_unit_test(the_name_is_looked_at),
		cmocka_unit_test(a_called_peer_without_a_name_to_have_is_not_verified),
		cmocka_unit_test(purposes_are_looked_at),
		cmocka_unit_test(the_purpose_of_an_issuer_counts_too),
		cmocka_unit_test(depth_is_counted_in_certificates_between),
		cmocka_unit_test(issuers_may_come_in_any_order_and_with_the_root),
		cmocka_unit_test(unknown_issuers_are_named),
		cmocka_unit_test(who_is_no_ca_signs_nobody),
		cmocka_unit_test(weak_ones_pass_only_where_that_is_allowed),
		cmocka_unit_test(revoked_ones_are_refused),
		cmocka_unit_test(each_issuer_needs_a_list_that_is_not_out_of_date),
		cmocka_unit_test(a_broken_signature_is_seen),
		cmocka_unit_test(a_chain_is_not_longer_than_it_may_be),
		cmocka_unit_test(the_policy_decides_who_is_refused),
		cmocka_unit_test(a_reason_has_an_end),
	};

	return cmocka_run_group_tests(tests, make_issuers, drop_issuers);
}
