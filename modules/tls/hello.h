/* SPDX-License-Identifier: BSD-2-Clause */
/* What must be decided before a ClientHello is answered: the client's server name and protocols choose the domain, and that the versions, certificates, request and
 * ticket key. */
#ifndef TLS_HELLO_H
#define TLS_HELLO_H

#include "modules/tls/session.h"

/* GnuTLS' hook for a server's session, whose transport pointer is the struct layer_io of the call; the connection's heap is entered. */
int tls_hello_hook(gnutls_session_t session, unsigned type, unsigned when, unsigned incoming,
		   const gnutls_datum_t *message);
/* Our own, as a client: name, protocol, credentials, the session to resume. The heap is entered. 0 or GnuTLS' error. */
int tls_hello_prepare(struct tls_session *s, struct worker *w, const struct addr *peer);

#endif
