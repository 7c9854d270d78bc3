/* SPDX-License-Identifier: BSD-2-Clause */
/* May this peer be who it says? Chain, dates, CRLs, purpose, depth by its domain's policy; for those whom we called the name, too (RFC 5922 7, SIP.md 1). */
#ifndef TLS_VERIFY_H
#define TLS_VERIFY_H

#include "modules/tls/domain.h"

#define TLS_REASON_MAX 200

struct tls_verdict {
	bool shown;    /* there was a certificate */
	bool verified; /* the chain is good, and the name where one was asked for */
	bool expired, revoked;
	bool refused; /* the domain's policy does not let it in */
	char reason_z
		[TLS_REASON_MAX]; /* in words, when not verified: "its certificate expired on Jun 17 15:03:20 2005 GMT" */
};

/* The chain that session's peer showed (in a resumed session: had shown), against domain d with the trust list that creds made of its CA list and CRLs.
 * identity: the name that it must have; null: none. now: seconds since 1970. 0 or -ENOMEM. */
int tls_verify(gnutls_session_t session, const struct tls_domain *d, gnutls_x509_trust_list_t trust,
	       struct str identity, int64_t now, struct tls_verdict *verdict_r);

/* Whether a certificate is one for that name, which is a host name in any case or an address. */
bool tls_name_fits(gnutls_x509_crt_t crt, struct str name, const struct tls_domain *d);

#endif
