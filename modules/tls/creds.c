/* SPDX-License-Identifier: BSD-2-Clause */
/* Credentials by configuration and domain; trust lists by what they are made of, so that many domains with one CA list, and the next configuration with the same one, have it
 * parsed once. */
#include "modules/tls/creds.h"

#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <stdlib.h>

/* The names of CAs are sent to clients that shall show a certificate; a list that is larger than this is not: it helps nobody to choose. */
#define NAMED_CAS_MAX 65536u

struct trust {
	struct trust *next;
	unsigned users;
	uint8_t made_of[2][32]; /* digests of CA list and CRLs */
	gnutls_x509_trust_list_t list;
};

struct entry {
	struct tls_creds creds;
	struct trust *trust;
};

/* This process's. */
static struct {
	struct entry *by_conf[CONFS_MAX]; /* an entry for each domain; by place */
	unsigned domains[CONFS_MAX];
	struct trust *trusts;
} held;

static gnutls_datum_t datum_of(struct str s)
{
	return (gnutls_datum_t){ (unsigned char *)(uintptr_t)s.p, (unsigned)s.n };
}

static void complain(const struct tls_domain *d, const char *what, struct str file, int err)
{
	log_limited(LOG_ERR, "tls", "could not prepare a TLS domain", KV_STR("domain", d->text),
		    KV_Z("for", what), KV_STR("file", file), KV_Z("reason", gnutls_strerror(err)),
		    KV_Z("hint", "its connections fail until this works; is there enough memory?"));
}

/* --- trust lists ------------------------------------------------------------------------------------------------------------------------- */
static int trust_fill(struct trust *t, const struct tls_domain *d)
{
	gnutls_datum_t ca = datum_of(d->ca_pem), crl = datum_of(d->crl_pem);
	int n;

	if (!d->ca_pem.n)
		n = gnutls_x509_trust_list_add_system_trust(t->list, 0, 0);
	else
		n = gnutls_x509_trust_list_add_trust_mem(t->list, &ca, NULL, GNUTLS_X509_FMT_PEM, 0,
							 0);
	if (n >= 0 && d->crl_pem.n)
		n = gnutls_x509_trust_list_add_trust_mem(t->list, NULL, &crl, GNUTLS_X509_FMT_PEM,
							 0, 0);
	return n < 0 ? n : 0;
}

static struct trust *trust_new(const struct tls_domain *d, const uint8_t made_of[2][32])
{
	struct trust *t = calloc(1, sizeof(*t));
	int err = t ? gnutls_x509_trust_list_init(&t->list, 0) : GNUTLS_E_MEMORY_ERROR;

	if (!err)
		err = trust_fill(t, d);
	if (err) {
		complain(d, "CA list", STR_NULL, err);
		if (t && t->list)
			gnutls_x509_trust_list_deinit(t->list, 1);
		free(t);
		return NULL;
	}
	memcpy(t->made_of, made_of, sizeof(t->made_of));
	t->next = held.trusts;
	held.trusts = t;
	return t;
}

static void digest(struct str s, uint8_t digest_r[32])
{
	memset(digest_r, 0, 32);
	if (s.n)
		gnutls_hash_fast(GNUTLS_DIG_SHA256, s.p, s.n, digest_r);
}

static struct trust *trust_take(const struct tls_domain *d)
{
	uint8_t made_of[2][32];
	struct trust *t;

	digest(d->ca_pem, made_of[0]);
	digest(d->crl_pem, made_of[1]);
	for (t = held.trusts; t && memcmp(t->made_of, made_of, sizeof(made_of)); t = t->next)
		;
	if (!t)
		t = trust_new(d, made_of);
	if (t)
		t->users++;
	return t;
}

static void trust_drop(struct trust **tp)
{
	struct trust *t = *tp, **at = &held.trusts;

	*tp = NULL;
	if (!t || --t->users)
		return;
	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	gnutls_x509_trust_list_deinit(t->list, 1);
	free(t);
}

unsigned creds_trusts(void)
{
	unsigned n = 0;

	for (const struct trust *t = held.trusts; t; t = t->next)
		n++;
	return n;
}

/* --- credentials ------------------------------------------------------------------------------------------------------------------------- */
static int key_add(gnutls_certificate_credentials_t c, const struct tls_domain *d,
		   const struct tls_key *k)
{
	gnutls_datum_t chain = datum_of(k->chain_pem), key = datum_of(k->key_pem);
	gnutls_datum_t ocsp = datum_of(k->ocsp_der);
	int n = gnutls_certificate_set_x509_key_mem2(c, &chain, &key, GNUTLS_X509_FMT_PEM, NULL, 0);
	int err;

	if (n < 0) {
		complain(d, "certificate and key", k->certificate_file, n);
		return n;
	}
	if (!k->ocsp_der.n)
		return 0;
	err = gnutls_certificate_set_ocsp_status_request_mem(c, &ocsp, (unsigned)n,
							     GNUTLS_X509_FMT_DER);
	if (err)
		log_limited(LOG_WARN, "tls", "could not use an OCSP response, it is not sent",
			    KV_STR("domain", d->text), KV_STR("certificate", k->certificate_file),
			    KV_Z("reason", gnutls_strerror(err)),
			    KV_Z("hint", "it may have expired: fetch a new one, and reload"));
	return 0;
}

static bool names_cas(const struct tls_domain *d)
{
	return d->role == TLS_SERVER && (d->verify || d->require) && d->ca_pem.n &&
	       d->ca_pem.n <= NAMED_CAS_MAX;
}

static int credentials_fill(gnutls_certificate_credentials_t c, const struct tls_domain *d)
{
	gnutls_datum_t ca = datum_of(d->ca_pem);
	int err = 0;

	/* the loader has seen that certificate and key belong together */
	gnutls_certificate_set_flags(c, GNUTLS_CERTIFICATE_API_V2 |
						GNUTLS_CERTIFICATE_SKIP_KEY_CERT_MATCH);
	for (unsigned i = 0; i < d->keys_n && !err; i++)
		err = key_add(c, d, &d->keys[i]);
	if (!err && names_cas(d)) {
		int n = gnutls_certificate_set_x509_trust_mem(c, &ca, GNUTLS_X509_FMT_PEM);

		err = n < 0 ? n : 0;
	}
	return err;
}

static void entry_drop(struct entry *e)
{
	if (e->creds.credentials)
		gnutls_certificate_free_credentials(e->creds.credentials);
	trust_drop(&e->trust);
	*e = (struct entry){ 0 };
}

static bool entry_make(struct entry *e, const struct tls_domain *d)
{
	int err = gnutls_certificate_allocate_credentials(&e->creds.credentials);

	if (err) {
		complain(d, "credentials", STR_NULL, err);
		e->creds.credentials = NULL;
		return false;
	}
	if (credentials_fill(e->creds.credentials, d))
		goto fail;
	/* without a list a server trusts nobody, a client the system's */
	if (d->ca_pem.n || (d->role == TLS_CLIENT && d->verify)) {
		e->trust = trust_take(d);
		if (!e->trust)
			goto fail;
		e->creds.trust = e->trust->list;
	}
	return true;
fail:
	entry_drop(e);
	return false;
}

const struct tls_creds *creds_of(const struct conf *conf, const struct tls_domain *d)
{
	struct entry **all = &held.by_conf[conf->place];
	struct entry *e;

	if (!*all) {
		held.domains[conf->place] = tls_conf_of(conf)->domains_n;
		*all = calloc(held.domains[conf->place], sizeof(**all));
		if (!*all) {
			complain(d, "credentials", STR_NULL, GNUTLS_E_MEMORY_ERROR);
			return NULL;
		}
	}
	e = &(*all)[d->index];
	return e->creds.credentials || entry_make(e, d) ? &e->creds : NULL;
}

void creds_end(const struct conf *conf)
{
	struct entry *all = held.by_conf[conf->place];

	if (!all)
		return;
	held.by_conf[conf->place] = NULL;
	for (unsigned i = 0; i < held.domains[conf->place]; i++)
		entry_drop(&all[i]);
	free(all);
}
