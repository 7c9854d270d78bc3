/* SPDX-License-Identifier: BSD-2-Clause */
/* From what was said to domains. */
#ifndef TLS_BUILD_H
#define TLS_BUILD_H

#include "modules/tls/cipher.h"
#include "modules/tls/conf.h"
#include "modules/tls/material.h"

/* Makes c->domains of c->settings; files are read. at: where the module is loaded. What is wrong is told. */
void tls_build(const struct conf *conf, struct tls_conf *c, const struct pos *at,
	       struct diag *diag);

/* --- policy.c --- */
/* SHA-256 over all that decides about a peer. */
void tls_policy_digest(struct tls_domain *d);

/* --- dump.c --- */
void tls_dump(const struct conf *conf, const void *section, FILE *out);

/* --- speak.c --- */
struct tls_spoken {
	struct tls_wish wish;
	const struct setting *method,
		*list; /* that the wish comes from: messages stand there; NULL: nothing was said */
	const struct pos *at; /* where else */
};
/* The priorities of d. */
void tls_speak(const struct tls_spoken *s, struct tls_domain *d, struct arena *arena,
	       struct diag *diag);

/* --- sockets.c --- */
/* Whether anybody listens with TLS where the domain is; AF_UNSPEC: anywhere. */
bool tls_listens_at(const struct net_conf *net, const struct addr *a);
/* Whether a TLS connection may come in that none of these domains is for, so that it gets the default. */
bool tls_default_is_needed(const struct net_conf *net, const struct tls_domain *domains,
			   unsigned n);

#endif
