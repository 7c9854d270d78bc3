/* SPDX-License-Identifier: BSD-2-Clause */
/* Certificates made at test time, good ones and such as no CA should issue. */
#ifndef TEST_TLS_CERTS_H
#define TEST_TLS_CERTS_H

#include "test/unit/core/base/base_test.h"

#include "core/base/buf.h"

#include <gnutls/abstract.h>
#include <gnutls/x509.h>
#include <time.h>

/* A value of a name: TEXT("2.5.4.3", DER_UTF8 ...) may hold any bytes. */
struct cert_value {
	const char *oid_z;
	unsigned tag;
	struct str bytes;
};
#define CERT_CN	 "2.5.4.3"
#define CERT_L	 "2.5.4.7"
#define CERT_C	 "2.5.4.6"
#define CERT_ST	 "2.5.4.8"
#define CERT_O	 "2.5.4.10"
#define CERT_OU	 "2.5.4.11"
#define CERT_UID "0.9.2342.19200300.100.1.1"

/* An alternative name: tag of the choice, bytes. */
struct cert_san {
	unsigned tag;
	struct str bytes;
};
#define SAN_EMAIL(Z)              \
	{                         \
		0x81, STR_INIT(Z) \
	}
#define SAN_DNS(Z)                \
	{                         \
		0x82, STR_INIT(Z) \
	}
#define SAN_URI(Z)                \
	{                         \
		0x86, STR_INIT(Z) \
	}
#define SAN_IP(Z)                 \
	{                         \
		0x87, STR_INIT(Z) \
	}

#define CERT_VALUES 8u
#define CERT_SANS   8u
/* What it is to be. Zero: an end entity without a name, good for a day. */
struct cert_wish {
	const char *cn_z;		       /* NULL: see values */
	struct cert_value values[CERT_VALUES]; /* ends with oid_z NULL */
	struct cert_san sans[CERT_SANS];       /* ends with tag 0 */
	struct str sans_der; /* in place of sans: the extension as a whole; null: sans */
	bool is_ca;
	const char *purposes[4]; /* OIDs */
	int from_s, to_s;	 /* from now on; both 0: from an hour ago for a day */
	const char *serial;	 /* 2 bytes; NULL: "\x01\x01" */
	bool weak;		 /* signed with SHA-1 */
	unsigned rsa_bits;	 /* 0: ECDSA P-256 */
};

struct cert {
	gnutls_x509_crt_t crt;
	gnutls_x509_privkey_t key;
	gnutls_datum_t der;
};

static inline struct str cert_der(const struct cert *c)
{
	return str_of((const char *)c->der.data, c->der.size);
}

/* An element in the longest form that its length needs. */
static inline void cert_element_put(struct buf *b, unsigned tag, struct str s)
{
	buf_char(b, (char)tag);
	if (s.n >= 0x10000) {
		buf_char(b, (char)0x83);
		buf_char(b, (char)(s.n >> 16));
	} else if (s.n >= 0x100) {
		buf_char(b, (char)0x82);
	} else if (s.n >= 0x80) {
		buf_char(b, (char)0x81);
	}
	if (s.n >= 0x100)
		buf_char(b, (char)(s.n >> 8));
	buf_char(b, (char)s.n);
	buf_str_put(b, s);
}

static inline void cert_names_set(gnutls_x509_crt_t crt, const struct cert_wish *w)
{
	char room[4096];

	if (w->cn_z)
		assert_int_equal(gnutls_x509_crt_set_dn_by_oid(crt, CERT_CN, 0, w->cn_z,
							       (unsigned)strlen(w->cn_z)),
				 0);
	for (unsigned i = 0; i < CERT_VALUES && w->values[i].oid_z; i++) {
		const struct cert_value *v = &w->values[i];
		struct buf b = BUF_ON(room);

		cert_element_put(&b, v->tag, v->bytes);
		assert_true(buf_ok(&b));
		assert_int_equal(
			gnutls_x509_crt_set_dn_by_oid(crt, v->oid_z, 1, b.p, (unsigned)b.n), 0);
	}
}

static inline void cert_sans_set(gnutls_x509_crt_t crt, const struct cert_wish *w)
{
	char inner[4096], outer[4200];
	struct buf names = BUF_ON(inner), b = BUF_ON(outer);
	struct str der = w->sans_der;

	for (unsigned i = 0; i < CERT_SANS && w->sans[i].tag; i++)
		cert_element_put(&names, w->sans[i].tag, w->sans[i].bytes);
	assert_true(buf_ok(&names));
	cert_element_put(&b, 0x30, buf_str(&names));
	if (str_is_null(der) && names.n)
		der = buf_str(&b);
	if (!str_is_null(der))
		assert_int_equal(
			gnutls_x509_crt_set_extension_by_oid(crt, "2.5.29.17", der.p, der.n, 0), 0);
}

/* issuer NULL: signed by itself. */
static inline struct cert cert_make(const struct cert_wish *w, const struct cert *issuer)
{
	time_t now = time(NULL), from = now - 3600, to = now + 86400;
	gnutls_digest_algorithm_t digest = w->weak ? GNUTLS_DIG_SHA1 : GNUTLS_DIG_SHA256;
	struct cert c;

	if (w->from_s || w->to_s) {
		from = now + w->from_s;
		to = now + w->to_s;
	}
	assert_int_equal(gnutls_x509_privkey_init(&c.key), 0);
	assert_int_equal(gnutls_x509_privkey_generate(
				 c.key, w->rsa_bits ? GNUTLS_PK_RSA : GNUTLS_PK_EC,
				 w->rsa_bits ? w->rsa_bits
					     : GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1),
				 0),
			 0);
	assert_int_equal(gnutls_x509_crt_init(&c.crt), 0);
	assert_int_equal(gnutls_x509_crt_set_version(c.crt, 3), 0);
	assert_int_equal(gnutls_x509_crt_set_key(c.crt, c.key), 0);
	assert_int_equal(gnutls_x509_crt_set_serial(c.crt, w->serial ? w->serial : "\x01\x01", 2),
			 0);
	gnutls_x509_crt_set_activation_time(c.crt, from);
	gnutls_x509_crt_set_expiration_time(c.crt, to);
	cert_names_set(c.crt, w);
	cert_sans_set(c.crt, w);
	assert_int_equal(gnutls_x509_crt_set_basic_constraints(c.crt, w->is_ca, -1), 0);
	for (unsigned i = 0; i < 4 && w->purposes[i]; i++)
		assert_int_equal(gnutls_x509_crt_set_key_purpose_oid(c.crt, w->purposes[i], 0), 0);
	assert_int_equal(gnutls_x509_crt_sign2(c.crt, issuer ? issuer->crt : c.crt,
					       issuer ? issuer->key : c.key, digest, 0),
			 0);
	assert_int_equal(gnutls_x509_crt_export2(c.crt, GNUTLS_X509_FMT_DER, &c.der), 0);
	/* GnuTLS knows the bytes of the names only of what it has read, which is not all that it writes */
	gnutls_x509_crt_deinit(c.crt);
	assert_int_equal(gnutls_x509_crt_init(&c.crt), 0);
	(void)gnutls_x509_crt_import(c.crt, &c.der, GNUTLS_X509_FMT_DER);
	return c;
}

static inline void cert_drop(struct cert *c)
{
	gnutls_x509_crt_deinit(c->crt);
	gnutls_x509_privkey_deinit(c->key);
	gnutls_free(c->der.data);
}

/* A CRL of issuer's that names the serials of n certificates. */
static inline gnutls_x509_crl_t crl_make(const struct cert *issuer, const struct cert *revoked,
					 unsigned n, int next_s)
{
	time_t now = time(NULL);
	gnutls_x509_crl_t crl;
	gnutls_datum_t der;

	assert_int_equal(gnutls_x509_crl_init(&crl), 0);
	assert_int_equal(gnutls_x509_crl_set_version(crl, 2), 0);
	assert_int_equal(gnutls_x509_crl_set_this_update(crl, now - 7200), 0);
	assert_int_equal(gnutls_x509_crl_set_next_update(crl, now + next_s), 0);
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(gnutls_x509_crl_set_crt(crl, revoked[i].crt, now - 3600), 0);
	assert_int_equal(gnutls_x509_crl_sign2(crl, issuer->crt, issuer->key, GNUTLS_DIG_SHA256, 0),
			 0);
	assert_int_equal(gnutls_x509_crl_export2(crl, GNUTLS_X509_FMT_DER, &der), 0);
	gnutls_x509_crl_deinit(crl);
	assert_int_equal(gnutls_x509_crl_init(&crl), 0);
	assert_int_equal(gnutls_x509_crl_import(crl, &der, GNUTLS_X509_FMT_DER), 0);
	gnutls_free(der.data);
	return crl;
}

#endif
