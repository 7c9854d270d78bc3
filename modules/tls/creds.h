/* SPDX-License-Identifier: BSD-2-Clause */
/* What a worker makes of a domain's certificates for GnuTLS, once and when it is first needed: credentials and trust lists, in private memory. They last as
 * long as the worker uses the configuration. Never while a heap is entered. */
#ifndef TLS_CREDS_H
#define TLS_CREDS_H

#include "modules/tls/domain.h"

#include <gnutls/x509.h>

struct tls_creds {
	gnutls_certificate_credentials_t credentials;
	gnutls_x509_trust_list_t trust; /* with the CRLs; NULL: the domain trusts nobody */
};

/* Of d, a domain of conf. The same until creds_end. NULL: could not be made, which is logged; asked again, it is tried again. */
const struct tls_creds *creds_of(const struct conf *conf, const struct tls_domain *d);
/* This worker uses conf no more. */
void creds_end(const struct conf *conf);
/* How many trust lists there are, for tests. */
unsigned creds_trusts(void);

#endif
