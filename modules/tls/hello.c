/* SPDX-License-Identifier: BSD-2-Clause */
/* The ClientHello, read before GnuTLS reads it. */
#include "modules/tls/hello.h"

#include "modules/tls/creds.h"
#include "modules/tls/memory.h"
#include "modules/tls/selftest.h"

#define EXT_SERVER_NAME 0
#define EXT_ALPN	16
#define ALPN_MAX	16u
#define NAME_MAX_N	255u

/* What a client asks for; slices of its message. */
struct asked {
	struct str name; /* null: none */
	struct str alpn[ALPN_MAX];
	unsigned alpn_n;
};

static unsigned u16(const unsigned char *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

/* A name that could be a host's; other bytes would only make logs and comparisons harder. */
static bool is_name(struct str s)
{
	if (!s.n || s.n > NAME_MAX_N)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~')
			return false;
	return true;
}

/* RFC 6066 3: a list of names, of which there is one kind. */
static void name_read(struct asked *a, const unsigned char *p, size_t n)
{
	size_t length;

	if (n < 5 || u16(p) != n - 2 || p[2] != 0)
		return;
	length = u16(p + 3);
	if (length > n - 5)
		return;
	if (is_name(str_of((const char *)p + 5, length)))
		a->name = str_of((const char *)p + 5, length);
}

/* RFC 7301 3.1. */
static void alpn_read(struct asked *a, const unsigned char *p, size_t n)
{
	const unsigned char *end = p + n;

	if (n < 2 || u16(p) != n - 2)
		return;
	for (p += 2; p < end && a->alpn_n < ALPN_MAX; p += 1 + *p) {
		if (*p > end - p - 1)
			return;
		a->alpn[a->alpn_n++] = str_of((const char *)p + 1, *p);
	}
}

static int extension_read(void *arg, unsigned id, const unsigned char *data, unsigned n)
{
	if (id == EXT_SERVER_NAME)
		name_read(arg, data, n);
	else if (id == EXT_ALPN)
		alpn_read(arg, data, n);
	return 0;
}

static gnutls_certificate_request_t request_of(const struct tls_domain *d)
{
	if (d->require)
		return GNUTLS_CERT_REQUIRE;
	return d->verify ? GNUTLS_CERT_REQUEST : GNUTLS_CERT_IGNORE;
}

static int alpn_set(struct tls_session *s)
{
	const struct tls_domain *d = s->domain;
	gnutls_datum_t protocol = { (unsigned char *)(uintptr_t)d->alpn.p, (unsigned)d->alpn.n };

	return d->alpn.n ? gnutls_alpn_set_protocols(s->gnutls, &protocol, 1, 0) : 0;
}

static int credentials_set(struct tls_session *s)
{
	struct heap *h;
	const struct tls_creds *creds;

	h = heap_pause();
	creds = creds_of(s->conf, s->domain);
	heap_resume(h);
	if (!creds)
		return GNUTLS_E_MEMORY_ERROR;
	return gnutls_credentials_set(s->gnutls, GNUTLS_CRD_CERTIFICATE, creds->credentials);
}

/* The domain's key for the tickets that it gives and takes. */
static int tickets_enable(struct tls_session *s)
{
	uint8_t key[TLS_TICKET_KEY];
	gnutls_datum_t datum = { key, sizeof(key) };
	struct heap *h;
	bool wanted;
	int err;

	if (!tls_selftest_result()->tickets)
		return 0;
	h = heap_pause();
	wanted = tls_ticket_key(tls_conf_of(s->conf), s->domain, key);
	heap_resume(h);
	err = wanted ? gnutls_session_ticket_enable_server(s->gnutls, &datum) : 0;
	gnutls_memset(key, 0, sizeof(key));
	return err;
}

static int domain_apply(struct tls_session *s, bool other)
{
	int err = other ? gnutls_priority_set(s->gnutls, s->domain->priority) : 0;

	if (!err)
		err = credentials_set(s);
	if (!err)
		err = alpn_set(s);
	if (!err)
		err = tickets_enable(s);
	if (!err)
		gnutls_certificate_server_set_request(s->gnutls, request_of(s->domain));
	return err;
}

int tls_hello_hook(gnutls_session_t session, unsigned type, unsigned when, unsigned incoming,
		   const gnutls_datum_t *message)
{
	const struct layer_io *io = gnutls_transport_get_ptr(session);
	struct tls_session *s = atomic_load(&io->c->session);
	const struct tls_domain *before = s->domain;
	struct asked a = { 0 };

	(void)type;
	(void)when;
	/* a second ClientHello (after a HelloRetryRequest) changes nothing */
	if (!incoming || s->chosen)
		return 0;
	if (gnutls_ext_raw_parse(&a, extension_read, message,
				 GNUTLS_EXT_RAW_FLAG_TLS_CLIENT_HELLO) < 0)
		a = (struct asked){ 0 };
	if (a.name.n) {
		char *copy = heap_alloc(io->c->heap, a.name.n);

		if (!copy)
			return GNUTLS_E_MEMORY_ERROR;
		memcpy(copy, a.name.p, a.name.n);
		s->sni = str_of(copy, a.name.n);
	}
	s->domain = tls_find_domain(tls_conf_of(s->conf), &io->c->local, s->sni, a.alpn, a.alpn_n);
	s->chosen = true;
	return domain_apply(s, s->domain->priority != before->priority);
}

/* What the server let us keep of an earlier session. Whatever is wrong with it, a new one will do. */
static void session_resume(struct tls_session *s, struct worker *w, const struct addr *peer)
{
	struct heap *h;
	gnutls_datum_t kept = { 0 };

	if (!tls_selftest_result()->tickets || !tls_conf_of(s->conf)->tickets)
		return;
	h = heap_pause();
	s->resume_wanted = tls_resume_id(s->domain, s->identity, peer, &s->resume_id);
	if (s->resume_wanted)
		kept = tls_resume_take(w, &s->resume_id);
	heap_resume(h);
	if (kept.size)
		gnutls_session_set_data(s->gnutls, kept.data, kept.size);
}

int tls_hello_prepare(struct tls_session *s, struct worker *w, const struct addr *peer)
{
	struct addr literal;
	int err = credentials_set(s);

	if (!err)
		err = alpn_set(s);
	/* an address is no server name (RFC 6066 3) */
	if (!err && s->identity.n && addr_parse(s->identity, &literal)) {
		err = gnutls_server_name_set(s->gnutls, GNUTLS_NAME_DNS, s->identity.p,
					     s->identity.n);
		s->sni = s->identity;
	}
	if (!err)
		session_resume(s, w, peer);
	return err;
}
