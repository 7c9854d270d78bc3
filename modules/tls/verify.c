/* SPDX-License-Identifier: BSD-2-Clause */
/* A peer's chain against a domain's policy: what GnuTLS checks, what it does not, and the reason in words. */
#include "modules/tls/verify.h"
#include "modules/tls/dn.h"

#include <errno.h>
#include <gnutls/abstract.h>
#include <time.h>

/* One verification. */
struct check {
	const struct tls_domain *d;
	gnutls_x509_trust_list_t trust;
	int64_t now;
	gnutls_x509_crt_t certs[TLS_CHAIN_MAX]; /* as shown: the peer's first */
	struct tls_cert own[TLS_CHAIN_MAX];	/* the same, as slices of what was shown */
	unsigned n;
	unsigned path[TLS_CHAIN_MAX]; /* certs on the way to a trusted one */
	unsigned path_n;
	struct buf why; /* the verdict's reason */
};

static void name_put(struct buf *b, struct str dn)
{
	char text[128];
	struct buf name = BUF_ON(text);

	tls_dn_text_put(&name, dn);
	buf_fmt(b, "\"" STRF "%s\"", STRA(buf_str(&name)), buf_ok(&name) ? "" : "...");
}

static void date_put(struct buf *b, int64_t at)
{
	time_t t = (time_t)at;
	char text_z[32];
	struct tm tm;

	if (gmtime_r(&t, &tm) && strftime(text_z, sizeof(text_z), "%b %e %H:%M:%S %Y GMT", &tm))
		buf_str_put(b, str_z(text_z));
}

/* --- the way to a trusted certificate ---------------------------------------------------------------------------------------------------- */
static bool is_trusted_issuer(const struct check *c, unsigned i)
{
	gnutls_x509_crt_t issuer;

	return c->trust &&
	       gnutls_x509_trust_list_get_issuer(c->trust, c->certs[i], &issuer, 0) == 0;
}

/* The certificate that was shown and has signed that one, by name; none that is on the way already. n: there is none. */
static unsigned issuer_shown(const struct check *c, unsigned of)
{
	for (unsigned i = 1; i < c->n; i++) {
		bool used = false;

		for (unsigned j = 0; j < c->path_n; j++)
			used |= c->path[j] == i;
		if (!used && gnutls_x509_crt_check_issuer(c->certs[of], c->certs[i]))
			return i;
	}
	return c->n;
}

static void path_find(struct check *c)
{
	unsigned at = 0;

	c->path[c->path_n++] = 0;
	while (!is_trusted_issuer(c, at)) {
		at = issuer_shown(c, at);
		if (at == c->n)
			return;
		c->path[c->path_n++] = at;
	}
}

/* --- what GnuTLS says -------------------------------------------------------------------------------------------------------------------- */
static const struct {
	unsigned bit;
	const char *text;
} faults[] = {
	{ GNUTLS_CERT_REVOKED, "a certificate of its chain was revoked" },
	{ GNUTLS_CERT_NOT_ACTIVATED, "a certificate of its chain is not valid yet" },
	{ GNUTLS_CERT_EXPIRED, "a certificate of its chain has expired" },
	{ GNUTLS_CERT_INSECURE_ALGORITHM, "a certificate of its chain has a key that is too short, "
					  "or a signature that is broken (SHA-1, MD5)" },
	{ GNUTLS_CERT_SIGNER_NOT_CA,
	  "a certificate of its chain was signed by one that may not sign others" },
	{ GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE,
	  "its CA may not sign certificates for these names, or not so many below each other" },
	{ GNUTLS_CERT_UNKNOWN_CRIT_EXTENSIONS,
	  "a certificate of its chain has a critical extension that is not known here" },
	{ GNUTLS_CERT_SIGNATURE_FAILURE, "a signature in its chain is wrong" },
};

/* What is wrong with the peer's own certificate can be told in more detail. */
static bool own_fault_tell(struct check *c, unsigned status)
{
	int64_t after;

	if (tls_cert_not_after(&c->own[0], &after) && after < c->now) {
		buf_lit(&c->why, "its certificate expired on ");
		tls_time_put(&c->why, c->own[0].not_after);
	} else if (status & GNUTLS_CERT_NOT_ACTIVATED &&
		   gnutls_x509_crt_get_activation_time(c->certs[0]) > (time_t)c->now) {
		buf_lit(&c->why, "its certificate is valid only from ");
		tls_time_put(&c->why, c->own[0].not_before);
	} else if (status & GNUTLS_CERT_SIGNER_NOT_FOUND && tls_cert_is_self_signed(&c->own[0])) {
		buf_lit(&c->why, "its certificate is self-signed, and not in the CA list");
	} else if (status & GNUTLS_CERT_SIGNER_NOT_FOUND) {
		buf_lit(&c->why, "the CA list does not have the issuer of its certificate, ");
		name_put(&c->why, c->own[c->path[c->path_n - 1]].issuer);
	} else {
		return false;
	}
	return true;
}

static void status_tell(struct check *c, unsigned status)
{
	if (own_fault_tell(c, status))
		return;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		if (status & faults[i].bit) {
			buf_str_put(&c->why, str_z(faults[i].text));
			return;
		}
	}
	buf_lit(&c->why, "its certificate cannot be trusted");
}

static bool chain_is_good(struct check *c, struct tls_verdict *v)
{
	unsigned status = 0, flags = GNUTLS_PROFILE_TO_VFLAGS(GNUTLS_PROFILE_MEDIUM);
	int err;

	if (!c->trust) {
		buf_lit(&c->why, "there is no CA list to verify it against");
		return false;
	}
	if (c->d->allow_weak)
		flags = GNUTLS_PROFILE_TO_VFLAGS(GNUTLS_PROFILE_LOW) |
			GNUTLS_VERIFY_ALLOW_SIGN_WITH_SHA1;
	err = gnutls_x509_trust_list_verify_crt2(c->trust, c->certs, c->n, NULL, 0, flags, &status,
						 NULL);
	if (err) {
		buf_fmt(&c->why, "its certificate could not be verified: %s", gnutls_strerror(err));
		return false;
	}
	v->expired |= (status & GNUTLS_CERT_EXPIRED) != 0;
	v->revoked = (status & GNUTLS_CERT_REVOKED) != 0;
	if (status)
		status_tell(c, status);
	return !status;
}

/* --- what GnuTLS does not check ----------------------------------------------------------------------------------------------------------- */
#define OID_SIP_DOMAIN "1.3.6.1.5.5.7.3.20" /* RFC 5924 */

static bool purpose_serves(const char *oid_z, const struct tls_domain *d)
{
	bool server = !strcmp(oid_z, GNUTLS_KP_TLS_WWW_SERVER);
	bool client = !strcmp(oid_z, GNUTLS_KP_TLS_WWW_CLIENT);

	if (!strcmp(oid_z, GNUTLS_KP_ANY) || !strcmp(oid_z, OID_SIP_DOMAIN))
		return true;
	if (d->purpose == TLS_PURPOSE_SIP)
		return server || client;
	return d->role == TLS_SERVER ? client : server; /* what the peer is */
}

/* A certificate that names no purpose is for all. */
static bool has_purpose(gnutls_x509_crt_t crt, const struct tls_domain *d)
{
	for (unsigned i = 0;; i++) {
		char oid_z[128];
		size_t n = sizeof(oid_z);
		int err = gnutls_x509_crt_get_key_purpose_oid(crt, i, oid_z, &n, NULL);

		if (err == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
			return !i;
		if (err == GNUTLS_E_SHORT_MEMORY_BUFFER)
			continue;
		if (err)
			return false;
		if (purpose_serves(oid_z, d))
			return true;
	}
}

static bool purposes_are_good(struct check *c)
{
	for (unsigned i = 0; i < c->path_n; i++) {
		if (has_purpose(c->certs[c->path[i]], c->d))
			continue;
		buf_fmt(&c->why, "%s is not for %s: its extended key usage says so",
			i ? "the certificate of an issuer" : "its certificate",
			c->d->purpose == TLS_PURPOSE_SIP ? "SIP over TLS"
			: c->d->role == TLS_SERVER	 ? "TLS clients"
							 : "TLS servers");
		return false;
	}
	return true;
}

static bool depth_is_good(struct check *c)
{
	if (c->path_n - 1 <= c->d->verify_depth)
		return true;
	buf_fmt(&c->why,
		"there are %u certificates between its own and a trusted one, and the verify depth "
		"is %u",
		c->path_n - 1, c->d->verify_depth);
	return false;
}

static int64_t crl_until(const struct tls_crl *l)
{
	return l->next_update ? l->next_update : INT64_MAX;
}

/* The list of that issuer that is good for longest. NULL: there is none. */
static const struct tls_crl *crl_of(const struct tls_domain *d, struct str issuer)
{
	const struct tls_crl *found = NULL;

	for (unsigned i = 0; i < d->crls_n; i++) {
		const struct tls_crl *l = &d->crls[i];

		if (str_eq(l->issuer, issuer) && (!found || crl_until(l) > crl_until(found)))
			found = l;
	}
	return found;
}

/* Where there are lists, each issuer on the way needs one that is not out of date. */
static bool crls_are_fresh(struct check *c)
{
	for (unsigned i = 0; i < c->path_n && c->d->crls_n; i++) {
		const struct tls_cert *cert = &c->own[c->path[i]];
		const struct tls_crl *l = crl_of(c->d, cert->issuer);

		if (tls_cert_is_self_signed(cert) || (l && crl_until(l) >= c->now))
			continue;
		buf_fmt(&c->why, "there is no list of revoked certificates of ");
		name_put(&c->why, cert->issuer);
		if (l) {
			buf_lit(&c->why, " but an old one: the next was due on ");
			date_put(&c->why, l->next_update);
		}
		return false;
	}
	return true;
}

static bool name_is_good(struct check *c, struct str identity)
{
	if (c->d->role == TLS_CLIENT && !str_is_null(c->d->server_name))
		identity = c->d->server_name;
	if (str_is_null(identity)) {
		if (c->d->role == TLS_CLIENT)
			buf_lit(&c->why, "there is no name that it could be verified to have");
		return c->d->role == TLS_SERVER;
	}
	if (tls_name_fits(&c->own[0], identity, c->d))
		return true;
	buf_lit(&c->why, "its certificate is not for \"");
	buf_escaped(&c->why, identity, 64);
	buf_lit(&c->why, "\", but for ");
	tls_names_put(&c->why, &c->own[0], c->d);
	return false;
}

/* --- the key ----------------------------------------------------------------------------------------------------------------------------- */
#define KEY_BITS_MAX	   16384u
#define EXPONENT_BYTES_MAX 8u /* 65537 has three */

static int exponent_judge(gnutls_pubkey_t key)
{
	gnutls_datum_t modulus = { 0 }, exponent = { 0 };
	int err = gnutls_pubkey_export_rsa_raw2(key, &modulus, &exponent, GNUTLS_EXPORT_FLAG_NO_LZ);

	if (!err && exponent.size > EXPONENT_BYTES_MAX)
		err = GNUTLS_E_PK_INVALID_PUBKEY;
	gnutls_free(modulus.data);
	gnutls_free(exponent.data);
	return err;
}

static int key_judge(gnutls_pubkey_t key, gnutls_x509_crt_t crt)
{
	unsigned bits = 0;
	int err = gnutls_pubkey_import_x509(key, crt, 0), algorithm;

	if (err)
		return err;
	algorithm = gnutls_pubkey_get_pk_algorithm(key, &bits);
	if (bits > KEY_BITS_MAX)
		return GNUTLS_E_PK_INVALID_PUBKEY;
	return algorithm == GNUTLS_PK_RSA || algorithm == GNUTLS_PK_RSA_PSS ? exponent_judge(key)
									    : 0;
}

int tls_verify_key(gnutls_session_t session)
{
	unsigned n = 0;
	const gnutls_datum_t *chain = gnutls_certificate_get_peers(session, &n);
	gnutls_x509_crt_t crt = NULL;
	gnutls_pubkey_t key = NULL;
	int err;

	if (!chain || !n)
		return 0;
	err = gnutls_x509_crt_init(&crt);
	if (!err)
		err = gnutls_x509_crt_import(crt, &chain[0], GNUTLS_X509_FMT_DER);
	if (!err)
		err = gnutls_pubkey_init(&key);
	if (!err)
		err = key_judge(key, crt);
	gnutls_pubkey_deinit(key);
	gnutls_x509_crt_deinit(crt);
	return err;
}

/* --- the whole --------------------------------------------------------------------------------------------------------------------------- */
/* False: it cannot be read, or there is no memory (*err_r). */
static bool chain_read(struct check *c, const gnutls_datum_t *chain, unsigned n, int *err_r)
{
	if (n > TLS_CHAIN_MAX) {
		buf_fmt(&c->why, "it showed %u certificates, and more than %u are too many", n,
			TLS_CHAIN_MAX);
		return false;
	}
	for (; c->n < n; c->n++) {
		int err;

		if (gnutls_x509_crt_init(&c->certs[c->n])) {
			*err_r = -ENOMEM;
			return false;
		}
		err = gnutls_x509_crt_import(c->certs[c->n], &chain[c->n], GNUTLS_X509_FMT_DER);
		if (!err && !tls_cert_read(str_of((const char *)chain[c->n].data, chain[c->n].size),
					   &c->own[c->n]))
			continue;
		gnutls_x509_crt_deinit(c->certs[c->n]);
		*err_r = err == GNUTLS_E_MEMORY_ERROR ? -ENOMEM : 0;
		buf_fmt(&c->why, "certificate %u of its chain cannot be read", c->n + 1);
		return false;
	}
	return true;
}

static bool is_good(struct check *c, struct str identity, struct tls_verdict *v)
{
	int64_t after;

	v->expired = tls_cert_not_after(&c->own[0], &after) && after < c->now;
	path_find(c);
	return chain_is_good(c, v) && crls_are_fresh(c) && depth_is_good(c) &&
	       purposes_are_good(c) && name_is_good(c, identity);
}

static bool is_refused(const struct tls_domain *d, const struct tls_verdict *v)
{
	if (v->verified)
		return false;
	if (d->role == TLS_CLIENT)
		return d->verify;
	return v->shown ? d->verify || d->require : d->require;
}

int tls_verify_chain(const gnutls_datum_t *chain, unsigned n, const struct tls_domain *d,
		     gnutls_x509_trust_list_t trust, struct str identity, int64_t now,
		     struct tls_verdict *verdict_r)
{
	struct tls_verdict v = { .shown = n != 0 };
	struct check c = { .d = d, .trust = trust, .now = now, .why = BUF_ON(v.reason_z) };
	bool readable = true;
	int err = 0;

	if (!n)
		buf_lit(&c.why, "it showed no certificate");
	else
		readable = chain_read(&c, chain, n, &err);
	if (n && readable)
		v.verified = is_good(&c, identity, &v);
	while (c.n)
		gnutls_x509_crt_deinit(c.certs[--c.n]);
	buf_z(&c.why);
	v.refused = !readable || is_refused(d, &v);
	*verdict_r = v;
	return err;
}

int tls_verify(gnutls_session_t session, const struct tls_domain *d, gnutls_x509_trust_list_t trust,
	       struct str identity, int64_t now, struct tls_verdict *verdict_r)
{
	unsigned n = 0;
	const gnutls_datum_t *chain = gnutls_certificate_get_peers(session, &n);

	return tls_verify_chain(chain, chain ? n : 0, d, trust, identity, now, verdict_r);
}
