/* SPDX-License-Identifier: BSD-2-Clause */
/* Verification, facts, tickets; then credentials and configuration are let go of. */
#include "modules/tls/up.h"

#include "modules/tls/cipher.h"
#include "modules/tls/counters.h"
#include "modules/tls/creds.h"
#include "modules/tls/event.h"
#include "modules/tls/memory.h"
#include "modules/tls/reason.h"
#include "modules/tls/selftest.h"
#include "modules/tls/verify.h"

#include <errno.h>
#include <time.h>

/* The state that a ticket holds has the client's chain in it, and 16 bits for its length. */
#define TICKET_CHAIN_MAX 16384u

/* --- facts -------------------------------------------------------------------------------------------------------------------------------- */
static void *fact_alloc(void *arg, size_t n)
{
	return heap_alloc(arg, n);
}

/* Null with s.n set: no memory. */
static struct str fact_str(struct heap *h, struct str s)
{
	char *p;

	if (str_is_null(s))
		return s;
	p = heap_alloc(h, s.n + 1);
	if (p)
		memcpy(p, s.p, s.n);
	return str_of(p, s.n);
}

static struct str version_of(gnutls_session_t session)
{
	switch (gnutls_protocol_get_version(session)) {
	case GNUTLS_TLS1_3:
		return STR("TLSv1.3");
	case GNUTLS_TLS1_2:
		return STR("TLSv1.2");
	case GNUTLS_TLS1_1:
		return STR("TLSv1.1");
	case GNUTLS_TLS1_0:
		return STR("TLSv1");
	default:
		return STR("unknown");
	}
}

static bool peer_fact(struct tls_session *s, const struct tls_memory *m)
{
	unsigned n = 0;
	const gnutls_datum_t *chain = gnutls_certificate_get_peers(s->gnutls, &n);

	if (!chain || !n)
		return true;
	s->facts.peer = tls_cert_make(str_of((char *)chain[0].data, chain[0].size), m);
	return s->facts.peer != NULL;
}

/* Which of the domain's certificates GnuTLS chose; where a session was taken up again nothing was chosen, and a server's first one stands for it. NULL: we
 * showed none. */
static const struct tls_cert *own_cert(const struct tls_session *s)
{
	const gnutls_datum_t *der = gnutls_certificate_get_ours(s->gnutls);

	if (!der && s->role == TLS_CLIENT)
		return NULL;
	for (unsigned i = 0; i < s->domain->keys_n; i++) {
		const struct tls_cert *cert = s->domain->keys[i].cert;

		if (!der || str_eq(cert->der, str_of((char *)der->data, der->size)))
			return cert;
	}
	return NULL;
}

static bool own_fact(struct tls_session *s, const struct tls_memory *m)
{
	const struct tls_cert *cert = own_cert(s);

	if (!cert)
		return true;
	s->facts.my = tls_cert_copy(cert, m);
	return s->facts.my != NULL;
}

static bool facts_fill(struct tls_session *s, struct conn *c)
{
	struct tls_facts *f = &s->facts;
	struct tls_memory m = { fact_alloc, c->heap };
	char *desc_z;

	tls_session_enter(s, c, NULL);
	desc_z = gnutls_session_get_desc(s->gnutls);
	f->desc = fact_str(c->heap, str_z(desc_z));
	gnutls_free(desc_z);
	f->resumed = gnutls_session_is_resumed(s->gnutls) != 0;
	f->bits = (int64_t)gnutls_cipher_get_key_size(gnutls_cipher_get(s->gnutls)) * 8;
	tls_session_leave(s);
	f->version = version_of(s->gnutls);
	f->cipher = tls_cipher_name(s->gnutls);
	f->domain = fact_str(c->heap, s->domain->text);
	f->server_name = s->role == TLS_SERVER ? s->sni : fact_str(c->heap, s->sni);
	if ((f->server_name.n && !f->server_name.p) || !f->domain.p || !f->desc.p)
		return false;
	return peer_fact(s, &m) && own_fact(s, &m);
}

/* --- the peer ------------------------------------------------------------------------------------------------------------------------------- */
static gnutls_alert_description_t alert_of(const struct tls_session *s, const struct tls_verdict *v)
{
	if (!v->shown)
		return gnutls_protocol_get_version(s->gnutls) == GNUTLS_TLS1_3
			       ? GNUTLS_A_CERTIFICATE_REQUIRED
			       : GNUTLS_A_HANDSHAKE_FAILURE;
	if (v->revoked)
		return GNUTLS_A_CERTIFICATE_REVOKED;
	return v->expired ? GNUTLS_A_CERTIFICATE_EXPIRED : GNUTLS_A_BAD_CERTIFICATE;
}

static void alert_send(struct layer_io *io, struct tls_session *s, gnutls_alert_description_t what)
{
	if (s->dead)
		return;
	tls_session_enter(s, io->c, io);
	gnutls_alert_send(s->gnutls, GNUTLS_AL_FATAL, what);
	tls_session_leave(s);
}

static bool refuse(struct layer_io *io, struct tls_session *s, const struct tls_verdict *v)
{
	struct tls_reason why = { .reason_z = v->reason_z };

	why.hint_z =
		s->role == TLS_CLIENT
			? "see ca_list, server_name and verify_certificate of the client domain"
			: "see ca_list, crl and verify_certificate of the domain";
	tls_failed(io->c, s, TLS_STAGE_VERIFICATION, why);
	alert_send(io, s, alert_of(s, v));
	return false;
}

static bool no_memory(struct layer_io *io, struct tls_session *s)
{
	tls_failed(io->c, s, TLS_STAGE_MEMORY,
		   tls_reason_of(GNUTLS_E_MEMORY_ERROR, GNUTLS_A_INTERNAL_ERROR, s->role));
	alert_send(io, s, GNUTLS_A_INTERNAL_ERROR);
	return false;
}

static int peer_judge(struct tls_session *s, struct tls_verdict *v)
{
	const struct tls_creds *creds = creds_of(s->conf, s->domain);
	int err;

	if (!creds)
		return -ENOMEM;
	err = tls_verify(s->gnutls, s->domain, creds->trust, s->identity, time(NULL), v);
	if (err)
		return err;
	s->facts.verified = v->verified;
	s->facts.expired = v->expired;
	s->facts.revoked = v->revoked;
	return 0;
}

/* --- the rest ------------------------------------------------------------------------------------------------------------------------------- */
/* One ticket, and none for whom the policy does not let in. */
static void ticket_send(struct layer_io *io, struct tls_session *s)
{
	unsigned n = 0;
	const gnutls_datum_t *chain = gnutls_certificate_get_peers(s->gnutls, &n);
	size_t bytes = 0;

	if (s->role != TLS_SERVER || !tls_selftest_result()->tickets ||
	    gnutls_protocol_get_version(s->gnutls) != GNUTLS_TLS1_3)
		return;
	for (unsigned i = 0; i < n; i++)
		bytes += chain[i].size;
	if (bytes > TICKET_CHAIN_MAX)
		return;
	tls_session_enter(s, io->c, io);
	gnutls_session_ticket_send(s->gnutls, 1, 0);
	tls_session_leave(s);
}

/* The server has sent one, or what it let us resume is good for another time: before TLS 1.3. */
static bool has_ticket(const struct tls_session *s)
{
	return gnutls_session_get_flags(s->gnutls) & GNUTLS_SFLAGS_SESSION_TICKET ||
	       (s->facts.resumed && gnutls_protocol_get_version(s->gnutls) != GNUTLS_TLS1_3);
}

void tls_resume_look(struct layer_io *io, struct tls_session *s)
{
	gnutls_datum_t data = { 0 };
	int err;

	if (!s->resume_wanted || !has_ticket(s))
		return;
	s->resume_wanted = false;
	tls_session_enter(s, io->c, NULL);
	err = gnutls_session_get_data2(s->gnutls, &data);
	tls_session_leave(s);
	if (s->dead)
		return;
	if (!err)
		tls_resume_keep(io->w, &s->resume_id, &data);
	tls_session_enter(s, io->c, NULL);
	gnutls_free(data.data);
	tls_session_leave(s);
}

static void count_up(const struct tls_session *s)
{
	bool server = s->role == TLS_SERVER;

	tls_count(server ? TLS_COUNT_DONE_SERVER : TLS_COUNT_DONE_CLIENT);
	if (s->facts.resumed)
		tls_count(server ? TLS_COUNT_RESUMED_SERVER : TLS_COUNT_RESUMED_CLIENT);
}

/* From here on any worker may use the session: nothing in it leads to what is this process's. */
static void private_drop(struct layer_io *io, struct tls_session *s)
{
	tls_session_enter(s, io->c, NULL);
	gnutls_credentials_clear(s->gnutls);
	gnutls_session_set_keylog_function(s->gnutls, NULL);
	s->record_overhead = gnutls_record_overhead_size(s->gnutls);
	tls_session_leave(s);
	generation_release(io->w, s->conf);
	s->conf = NULL;
	s->domain = NULL;
	s->identity = STR_NULL;
	heap_trim(io->c->heap);
}

bool tls_up(struct layer_io *io, struct tls_session *s)
{
	struct tls_verdict v = { 0 };

	if (peer_judge(s, &v))
		return no_memory(io, s);
	if (v.refused)
		return refuse(io, s, &v);
	if (!facts_fill(s, io->c))
		return no_memory(io, s);
	FAULT("tls.up.facts");
	if (!tls_event_admits(io->w, io->c, s)) {
		/* which it has logged */
		s->told = true;
		alert_send(io, s, GNUTLS_A_ACCESS_DENIED);
		return false;
	}
	ticket_send(io, s);
	if (!s->dead)
		tls_resume_look(io, s);
	if (s->dead)
		return no_memory(io, s);
	private_drop(io, s);
	count_up(s);
	FAULT("tls.up.done");
	atomic_store(&s->up, true);
	return true;
}
