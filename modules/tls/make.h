/* SPDX-License-Identifier: BSD-2-Clause */
/* One domain of all that was said. */
#ifndef TLS_MAKE_H
#define TLS_MAKE_H

#include "modules/tls/build.h"

/* The settings that a domain's files come from: those with the same need not be read again. */
struct tls_sources {
	struct tls_key_said keys[2];
	const struct setting *ca_list, *ca_path, *crl;
	bool lacks_key; /* no certificate was named, and the standard one is not there */
};

struct tls_builder {
	const struct conf *conf;
	const struct net_conf *net;
	const struct pos *at;
	struct tls_conf *c;
	struct tls_settings *t;
	struct tls_reader r;
	struct tls_sources *sources; /* of each domain */
	const struct tls_said **saids;
	struct str system_ca;	 /* all clients have the same bytes */
	struct setting standard; /* as if somebody had said cert.pem */
};

/* Fills b->c->domains[i], which own is about; what is not said there comes from the default of its role, then from what was said of none. Its files are read;
 * what is wrong is told. */
void tls_new_domain(struct tls_builder *b, unsigned i, const struct tls_said *own);

#endif
