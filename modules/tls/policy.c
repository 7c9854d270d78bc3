/* SPDX-License-Identifier: BSD-2-Clause */
/* What two domains must have in common for the tickets of one to be good for the other. */
#include "modules/tls/build.h"

#include <gnutls/crypto.h>

static void put_text(gnutls_hash_hd_t h, struct str s)
{
	uint64_t n = s.n;

	gnutls_hash(h, &n, sizeof(n));
	gnutls_hash(h, s.p ? s.p : "", s.n);
}

static void put_number(gnutls_hash_hd_t h, int64_t n)
{
	gnutls_hash(h, &n, sizeof(n));
}

void tls_policy_digest(struct tls_domain *d)
{
	gnutls_hash_hd_t h;

	MUST(gnutls_hash_init(&h, GNUTLS_DIG_SHA256) == 0);
	put_number(h, d->role);
	put_number(h, d->verify);
	put_number(h, d->require);
	put_number(h, d->verify_depth);
	put_number(h, d->verify_cn);
	put_number(h, d->wildcard);
	put_number(h, d->purpose);
	put_number(h, d->allow_weak);
	put_text(h, d->server_name);
	put_text(h, d->ca_pem);
	put_text(h, d->crl_pem);
	put_text(h, d->priority_text);
	/* a server that lets us resume a session knows us by the certificate of that one */
	for (unsigned i = 0; d->role == TLS_CLIENT && i < d->keys_n; i++)
		put_text(h, d->keys[i].chain_pem);
	gnutls_hash_deinit(h, d->policy);
}
