/* SPDX-License-Identifier: BSD-2-Clause */
/* What @tls.* and $tls_* tell of a connection: written down once, when the handshake was done, in the connection's heap, and constant from then on. */
#ifndef TLS_FACTS_H
#define TLS_FACTS_H

#include "modules/tls/cert.h"

struct tls_facts {
	/* NULL: none was shown. tls_cert_make() of the peer's DER; of ours, tls_cert_copy() of the configuration's, which lives shorter than the connection */
	const struct tls_cert *peer, *my;
	struct str version;	/* TLSv1.3 */
	struct str cipher;	/* as Kamailio shows it: TLS_AES_256_GCM_SHA384, ECDHE-… */
	struct str desc;	/* one line: GnuTLS' description of the session */
	struct str server_name; /* SNI, as sent; null: none */
	struct str domain;	/* text of the TLS domain */
	int64_t bits;
	bool resumed;
	/* of the peer's chain; a peer without certificate is none of them */
	bool verified, expired, revoked;
};

/* Of the connection that the message came by (a request's, a reply's); with --try --tls-peer of that file. NULL: it did not come over TLS, or the
 * connection is gone. */
const struct tls_facts *tls_facts_of(struct ctx *ctx);

#endif
