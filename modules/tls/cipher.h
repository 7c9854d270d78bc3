/* SPDX-License-Identifier: BSD-2-Clause */
/* What OpenSSL's words for versions and ciphers mean in GnuTLS' language. Knows nothing of files or connections. */
#ifndef TLS_CIPHER_H
#define TLS_CIPHER_H

#include "core/mod/api.h"

#include <gnutls/gnutls.h>

/* What was said about versions and ciphers; null: nothing. */
struct tls_wish {
	struct str method;   /* TLSv1.2+, TLSv1_2, SSLv23, tlsv1 … (tls_method) */
	struct str ciphers;  /* an OpenSSL cipher list */
	struct str priority; /* GnuTLS' own words (priority=); not together with ciphers */
	bool allow_insecure; /* TLS 1.0 and 1.1 may be asked for (SIP.md 3) */
};

/* The priority text for it, in the arena and with a NUL behind it; GnuTLS has accepted it. NULL, or what is wrong in words, in the arena too: it names the
 * word, why it is refused and what to write instead. *warning_r: NULL, or what somebody should know (tlsv1 means TLS 1.2 or newer). Nothing said: TLS 1.2 and 1.3
 * with forward secrecy and authenticated encryption only. GnuTLS speaks combinations of key exchanges, ciphers and MACs: what a list has is made the nearest
 * combination, never with a suite that the list takes away by ! or -; the warning names what came in or was left out. */
const char *tls_priority_make(struct arena *arena, const struct tls_wish *wish,
			      struct str *priority_r, const char **warning_r);
/* The name of a session's cipher suite as OpenSSL and Kamailio show it, constant text; null: there is none yet. */
struct str tls_cipher_name(gnutls_session_t session);

#endif
