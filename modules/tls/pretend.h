/* SPDX-License-Identifier: BSD-2-Clause */
/* A peer that is not there: what is known of a connection when a script is tried (--try, --test). */
#ifndef TLS_PRETEND_H
#define TLS_PRETEND_H

#include "core/mod/stream.h"

/* The layer's pretend() (core/net/layer.h): struct tls_facts of a connection to our address from->dst whose client showed these certificates, PEM or one in DER,
 * its own first; verified by the policy of the domain that is there. */
const void *tls_pretend(const struct conf *conf, const struct origin *from, struct str certificates,
			struct pool *p, struct str *why_r);

#endif
