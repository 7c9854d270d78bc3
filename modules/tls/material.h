/* SPDX-License-Identifier: BSD-2-Clause */
/* What a domain's files have: our certificates with their keys, whom we trust, who is revoked. Everything is checked; what is wrong is told, and false. */
#ifndef TLS_MATERIAL_H
#define TLS_MATERIAL_H

#include "modules/tls/domain.h"
#include "modules/tls/pem.h"

/* The settings about one certificate; NULL: not said. */
struct tls_key_said {
	const struct setting *certificate;
	const struct setting *key;	    /* NULL: it is in the certificate's file */
	const struct setting *fallback_key; /* where it is when it is not there */
	const struct setting *password, *ocsp;
};

/* The chain, its key in PKCS #8 without passphrase, the OCSP response; all in the arena. */
bool tls_key_read(struct tls_reader *r, const struct tls_key_said *said, struct tls_key *key_r);

/* --- trust.c --- */
/* All certificates of the list and of the folder's files; list or folder may be NULL. */
bool tls_ca_read(struct tls_reader *r, const struct setting *list, const struct setting *folder,
		 struct str *pem_r);
/* Fills d->crl_pem and d->crls. */
bool tls_crl_read(struct tls_reader *r, const struct setting *crl, struct tls_domain *d);

#endif
