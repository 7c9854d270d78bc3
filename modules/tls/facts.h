/* SPDX-License-Identifier: BSD-2-Clause */
/* What @tls.* and $tls_* tell of a connection: texts that were taken from the certificates once, when the handshake was done. They lie in one owner's
 * memory (the connection's heap, the configuration's arena, a message's pool) and are constant. */
#ifndef TLS_FACTS_H
#define TLS_FACTS_H

#include "core/mod/api.h"

#include <gnutls/x509.h>

/* Where facts are put. alloc: aligned to 16, NULL: no memory. */
struct tls_memory {
	void *(*alloc)(void *arg, size_t n);
	void *arg;
};

enum tls_dn_part {
	TLS_DN_CN,
	TLS_DN_L,
	TLS_DN_C,
	TLS_DN_ST,
	TLS_DN_O,
	TLS_DN_OU,
	TLS_DN_UID,
	TLS_DN_PARTS
};

/* A distinguished name. */
struct tls_dn {
	struct str part[TLS_DN_PARTS]; /* the first of each; null: none */
	struct str slashes;	       /* /C=DE/O=Test/CN=Bob, / and = in values escaped */
	struct str text;	       /* RFC 4514 */
};

enum tls_san_kind { TLS_SAN_EMAIL, TLS_SAN_HOST, TLS_SAN_URI, TLS_SAN_IP };
struct tls_san {
	enum tls_san_kind kind;
	struct str text;
};

/* One certificate. */
struct tls_cert {
	struct tls_dn subject, issuer;
	struct str serial;		  /* decimal, as Kamailio's; null: none */
	int64_t version;		  /* 3 */
	struct str not_before, not_after; /* Jun 17 15:03:20 2005 GMT */
	struct str fingerprint;		  /* SHA-256, lower-case hex */
	struct str der;			  /* null: too large to be kept */
	struct tls_san *sans;
	unsigned sans_n;
	bool self_signed;
};

/* A connection. */
struct tls_facts {
	const struct tls_cert *peer, *my; /* NULL: none was shown */
	struct str version;		  /* TLSv1.3 */
	struct str cipher;	/* as Kamailio shows it: TLS_AES_256_GCM_SHA384, ECDHE-… */
	struct str desc;	/* one line: GnuTLS' description of the session */
	struct str server_name; /* SNI, as sent; null: none */
	struct str domain;	/* text of the TLS domain */
	int64_t bits;
	bool resumed;
	/* of the peer's chain; a peer without certificate is none of them */
	bool verified, expired, revoked;
};

/* Takes all that is wanted of a certificate. NULL: no memory, or it cannot be read. Bounded whatever it holds: at most TLS_SANS_MAX names, texts of TLS_TEXT_MAX
 * bytes, DER of TLS_DER_MAX; values with NUL or other control characters, and texts that are not UTF-8, are shown with those bytes escaped (\00), so
 * that they are equal to nothing that could be meant. */
#define TLS_SANS_MAX 256u
#define TLS_TEXT_MAX 1024u
#define TLS_DER_MAX  16384u
const struct tls_cert *tls_cert_make(gnutls_x509_crt_t crt, const struct tls_memory *m);

/* Of the connection that the message came by (a request's, a reply's); with --try --tls-peer of that file. NULL: it did not come over TLS, or the
 * connection is gone. */
const struct tls_facts *tls_facts_of(struct ctx *ctx);

#endif
