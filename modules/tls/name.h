/* SPDX-License-Identifier: BSD-2-Clause */
/* For which names a certificate is one (RFC 5922 7.1, 7.2; SIP.md 1). */
#ifndef TLS_NAME_H
#define TLS_NAME_H

#include "modules/tls/domain.h"

/* Whether it is one for that name, which is a host name in any case, with or without a dot at its end, or an address:
 *
 *   an address needs an iPAddress name, and nothing else will do;
 *   where there are sip: URIs without a user, their hosts count, and DNS names do not; no wildcards in these;
 *   DNS names count else, "*." for one left-most label, if verify_wildcard allows it and two labels follow;
 *   the common name, if there is just one, counts as a DNS name when there are no alternative names at all and verify_cn is set.
 *
 * Bytes are compared: a name in another alphabet is written as xn--…, on both sides. */
bool tls_name_fits(const struct tls_cert *cert, struct str name, const struct tls_domain *d);
/* The names that it is for, as far as they have room: "sip.example.com, *.example.net"; "no name" when there are none. For messages. */
void tls_names_put(struct buf *b, const struct tls_cert *cert, const struct tls_domain *d);

#endif
