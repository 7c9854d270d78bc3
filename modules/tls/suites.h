/* SPDX-License-Identifier: BSD-2-Clause */
/* The cipher suites that may be spoken at all, by OpenSSL's names, and what OpenSSL's cipher lists ("HIGH:!aNULL:@STRENGTH") say of them. Knows nothing of
 * GnuTLS. */
#ifndef TLS_SUITES_H
#define TLS_SUITES_H

#include "core/mod/api.h"

/* Key exchange with the kind of certificate. TLS 1.3 does not say either by its suites. */
enum tls_kx {
	TLS_KX_13,
	TLS_KX_ECDHE_ECDSA,
	TLS_KX_ECDHE_RSA,
	TLS_KX_DHE_RSA,
	TLS_KX_RSA,
	TLS_KXS
};
enum tls_enc {
	TLS_ENC_AES256_GCM,
	TLS_ENC_AES128_GCM,
	TLS_ENC_CHACHA20,
	TLS_ENC_AES256_CCM,
	TLS_ENC_AES128_CCM,
	TLS_ENC_AES256_CCM8,
	TLS_ENC_AES128_CCM8,
	TLS_ENC_AES256_CBC,
	TLS_ENC_AES128_CBC,
	TLS_ENC_CAMELLIA256,
	TLS_ENC_CAMELLIA128,
	TLS_ENCS
};
enum tls_mac { TLS_MAC_AEAD, TLS_MAC_SHA384, TLS_MAC_SHA256, TLS_MAC_SHA1, TLS_MACS };

struct tls_suite {
	struct str name; /* OpenSSL's */
	enum tls_kx kx;
	enum tls_enc enc;
	enum tls_mac mac;
};

#define TLS_SUITES_MAX 64u
/* In OpenSSL's order; *n_r: how many, at most TLS_SUITES_MAX. */
const struct tls_suite *tls_suites(unsigned *n_r);

/* What a cipher list leaves of them. */
struct tls_suite_list {
	uint8_t order
		[TLS_SUITES_MAX]; /* those that it has, the preferred first: indices of tls_suites() */
	unsigned n;
	bool banned[TLS_SUITES_MAX]; /* taken away by ! or -: must not come in by another way */
	unsigned level;		     /* @SECLEVEL=0 to 5; 2 when it says nothing */
	struct str
		absent; /* the first word for suites that exist, but not here (PSK); null: none */
	const char *absent_why_z;
};

#define TLS_LEVEL_DEFAULT 2u

/* A list in OpenSSL's language (ciphers(1)), where a word may also be a suite's name in the RFCs. Suites of TLS 1.3 follow the ciphers of the others
 * as long as none of them is named. 0; -EINVAL: *why_r tells which word is wrong, why, and what to write instead. */
int tls_suite_list_parse(struct str text, struct tls_suite_list *list_r, struct buf *why_r);

#endif
