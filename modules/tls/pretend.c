/* SPDX-License-Identifier: BSD-2-Clause */
/* Certificates from a file, and the facts of a connection that they would have made. */
#include "modules/tls/pretend.h"
#include "modules/tls/creds.h"
#include "modules/tls/facts.h"
#include "modules/tls/pem.h"
#include "modules/tls/verify.h"

#include <time.h>

/* What TLS_CHAIN_MAX certificates are once they are read. */
struct chain {
	gnutls_datum_t ders[TLS_CHAIN_MAX];
	unsigned n;
};

static void *pool_give(void *arg, size_t n)
{
	return pool_alloc(arg, n);
}

static const void *wrong(struct pool *p, const char *text_z, struct str *why_r)
{
	*why_r = pool_str(p, str_z(text_z));
	return NULL;
}

static void chain_forget(struct chain *c)
{
	while (c->n)
		gnutls_free(c->ders[--c->n].data);
}

/* NULL or what is wrong. */
static const char *chain_read(struct str text, struct chain *c)
{
	struct tls_certs certs;
	const char *why = tls_certs_parse(text, &certs);

	if (why)
		return why;
	if (certs.n > TLS_CHAIN_MAX)
		why = "there are too many certificates in the file";
	for (; !why && c->n < certs.n; c->n++)
		if (gnutls_x509_crt_export2(certs.list[c->n], GNUTLS_X509_FMT_DER, &c->ders[c->n]))
			why = "not enough memory";
	tls_certs_drop(&certs);
	return why;
}

static const struct tls_facts *facts_make(struct pool *p, const struct tls_domain *d,
					  const struct chain *c, const struct tls_verdict *v)
{
	const struct tls_memory m = { pool_give, p };
	struct tls_facts *f = pool_zalloc(p, sizeof(*f));

	if (!f)
		return NULL;
	f->version = STR("TLSv1.3");
	f->cipher = STR("TLS_AES_256_GCM_SHA384");
	f->desc = STR("(TLS1.3)-(ECDHE-X25519)-(ECDSA-SECP256R1-SHA256)-(AES-256-GCM)");
	f->bits = 256;
	f->domain = d->text;
	f->my = d->keys_n ? d->keys[0].cert : NULL;
	f->verified = v->verified;
	f->expired = v->expired;
	f->revoked = v->revoked;
	if (c->n) {
		f->peer = tls_cert_make(str_of((const char *)c->ders[0].data, c->ders[0].size), &m);
		if (!f->peer)
			return NULL;
	}
	return f;
}

static struct str refusal(struct pool *p, const struct tls_domain *d, const struct tls_verdict *v)
{
	char text[TLS_REASON_MAX + 256];
	struct buf b = BUF_ON(text);

	buf_fmt(&b, STRF " would not let this peer in: %s", STRA(d->text), v->reason_z);
	return pool_str(p, buf_str(&b));
}

/* NULL: the domain asks for a certificate, or none is there. */
static struct str not_asked(struct pool *p, const struct tls_domain *d, const struct chain *c)
{
	char text[256];
	struct buf b = BUF_ON(text);

	if (!c->n || d->verify || d->require)
		return STR_NULL;
	buf_fmt(&b,
		STRF " asks for no certificate, a script sees none of a real peer there: "
		     "verify_certificate asks",
		STRA(d->text));
	return pool_str(p, buf_str(&b));
}

const void *tls_pretend(const struct conf *conf, const struct origin *from, struct str certificates,
			struct pool *p, struct str *why_r)
{
	const struct tls_domain *d =
		tls_find_domain(tls_conf_of(conf), &from->dst, STR_NULL, NULL, 0);
	const struct tls_creds *creds = creds_of(conf, d);
	struct chain c = { .n = 0 };
	const char *why = str_is_null(certificates) ? NULL : chain_read(certificates, &c);
	const struct tls_facts *facts = NULL;
	struct tls_verdict v;

	*why_r = STR_NULL;
	if (!why && !creds)
		why = "the certificates of its TLS domain could not be used";
	if (!why &&
	    tls_verify_chain(c.ders, c.n, d, creds->trust, STR_NULL, (int64_t)time(NULL), &v))
		why = "not enough memory";
	if (!why) {
		facts = facts_make(p, d, &c, &v);
		if (!facts)
			why = "its certificate cannot be read";
		else if (v.refused)
			*why_r = refusal(p, d, &v);
		else
			*why_r = not_asked(p, d, &c);
	}
	chain_forget(&c);
	return why ? wrong(p, why, why_r) : facts;
}
