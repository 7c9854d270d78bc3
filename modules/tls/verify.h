/* SPDX-License-Identifier: BSD-2-Clause */
/* May this peer be who it says? Chain, dates, CRLs, purpose, depth by its domain's policy; for those whom we called the name, too (RFC 5922 7, SIP.md 1). */
#ifndef TLS_VERIFY_H
#define TLS_VERIFY_H

#include "modules/tls/name.h"

#include <gnutls/x509.h>

#define TLS_REASON_MAX 256
#define TLS_CHAIN_MAX  16u /* certificates that a peer may show */

struct tls_verdict {
	bool shown;    /* there was a certificate */
	bool verified; /* the chain is good, and the name where one was asked for */
	bool expired, revoked;
	bool refused; /* the domain's policy does not let it in */
	char reason_z
		[TLS_REASON_MAX]; /* in words, when not verified: "its certificate expired on Jun 17 15:03:20 2005 GMT"; "" when it was */
};

/* The chain that session's peer showed (in a resumed session: had shown), against domain d with the trust list that was made of its CA list and CRLs.
 * identity: the name that it must have, which in a client domain with a server_name is that one; null: none. now: seconds since 1970, for what we
 * check ourselves; GnuTLS asks its own clock about the chain. Outside of heap_enter: it allocates privately.
 *
 * refused, server domain: with verify a certificate that is shown must be good; with require there must be one, and it must be good. Client domain: with
 * verify there must be one, and it must be good and have the name. Without, whatever is wrong is in the verdict and nothing comes of it; but whoever
 * shows what cannot be read, or more than TLS_CHAIN_MAX, is always refused.
 * 0; -ENOMEM: the verdict is refused. */
int tls_verify(gnutls_session_t session, const struct tls_domain *d, gnutls_x509_trust_list_t trust,
	       struct str identity, int64_t now, struct tls_verdict *verdict_r);
/* In the handshake, before the library works with the key that session's peer showed: whether that takes a time that is worth speaking of. A stranger's key may be
 * as long as a handshake message, and so may its exponent: one signature would take a minute. 0; GNUTLS_E_PK_INVALID_PUBKEY: it may not be used; or GnuTLS' error.
 * Outside of heap_enter. */
int tls_verify_key(gnutls_session_t session);
/* The same for a chain in DER, the peer's certificate first; n may be 0. */
int tls_verify_chain(const gnutls_datum_t *chain, unsigned n, const struct tls_domain *d,
		     gnutls_x509_trust_list_t trust, struct str identity, int64_t now,
		     struct tls_verdict *verdict_r);

#endif
