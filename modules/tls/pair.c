/* SPDX-License-Identifier: BSD-2-Clause */
/* Two ends in one process's hands. Either may be left to another process between two calls. */
#include "modules/tls/pair.h"

#include "modules/tls/memory.h"

#include <errno.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <time.h>

#define ROUNDS		   20u
#define EXT_TICKET	   35
#define EXT_PRE_SHARED_KEY 41

static void enter(struct pair *p, enum tls_role role)
{
	heap_enter(p->heap[role]);
}

/* --- the wires -------------------------------------------------------------------------------------------------------------------------------- */
static ssize_t wire_pull(gnutls_transport_ptr_t arg, void *data, size_t n)
{
	struct pair_wire *w = arg;

	if (!w->n) {
		errno = EAGAIN;
		return -1;
	}
	if (n > w->n)
		n = w->n;
	memcpy(data, w->data, n);
	w->n -= n;
	memmove(w->data, w->data + n, w->n);
	return (ssize_t)n;
}

static int wire_wait(gnutls_transport_ptr_t arg, unsigned ms)
{
	const struct pair_wire *w = arg;

	(void)ms;
	return w->n > 0;
}

static ssize_t wire_push(gnutls_transport_ptr_t arg, const void *data, size_t n)
{
	struct pair_wire *w = arg;

	if (n > sizeof(w->data) - w->n) {
		errno = EIO;
		return -1;
	}
	memcpy(w->data + w->n, data, n);
	w->n += n;
	return (ssize_t)n;
}

/* --- credentials -------------------------------------------------------------------------------------------------------------------------------- */
static int certificate_make(gnutls_x509_privkey_t key, gnutls_x509_crt_t crt)
{
	time_t now = time(NULL);
	int err = gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
					       GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);

	if (!err)
		err = gnutls_x509_crt_set_version(crt, 3);
	if (!err)
		err = gnutls_x509_crt_set_serial(crt, "\1", 1);
	if (!err)
		err = gnutls_x509_crt_set_activation_time(crt, now - 3600);
	if (!err)
		err = gnutls_x509_crt_set_expiration_time(crt, now + 3600);
	if (!err)
		err = gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0,
						    "self-test", 9);
	if (!err)
		err = gnutls_x509_crt_set_key(crt, key);
	return err ? err : gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0);
}

int pair_creds_make(struct pair_creds *c)
{
	gnutls_x509_privkey_t key = NULL;
	gnutls_x509_crt_t crt = NULL;
	int err = gnutls_certificate_allocate_credentials(&c->of[TLS_SERVER]);

	if (!err)
		err = gnutls_certificate_allocate_credentials(&c->of[TLS_CLIENT]);
	if (!err)
		err = gnutls_x509_privkey_init(&key);
	if (!err)
		err = gnutls_x509_crt_init(&crt);
	if (!err)
		err = certificate_make(key, crt);
	if (!err)
		err = gnutls_certificate_set_x509_key(c->of[TLS_SERVER], &crt, 1, key);
	gnutls_x509_crt_deinit(crt);
	gnutls_x509_privkey_deinit(key);
	return err;
}

void pair_creds_drop(struct pair_creds *c)
{
	for (unsigned i = 0; i < 2; i++)
		if (c->of[i])
			gnutls_certificate_free_credentials(c->of[i]);
	*c = (struct pair_creds){ 0 };
}

/* --- the handshake -------------------------------------------------------------------------------------------------------------------------------- */
/* Sixteen bytes of the ticket that a ClientHello brings, to know it again. */
static int ticket_look(void *arg, unsigned id, const unsigned char *data, unsigned n)
{
	struct pair *p = arg;

	if ((id == EXT_TICKET || id == EXT_PRE_SHARED_KEY) && n > 100)
		memcpy(p->seen, data + 60, sizeof(p->seen));
	return 0;
}

static int hello_look(gnutls_session_t session, unsigned type, unsigned when, unsigned incoming,
		      const gnutls_datum_t *message)
{
	(void)type;
	(void)when;
	if (incoming)
		gnutls_ext_raw_parse(gnutls_session_get_ptr(session), ticket_look, message,
				     GNUTLS_EXT_RAW_FLAG_TLS_CLIENT_HELLO);
	return 0;
}

static int end_open(struct pair *p, const struct pair_creds *c, gnutls_priority_t priority,
		    enum tls_role role)
{
	unsigned flags =
		role == TLS_SERVER ? GNUTLS_SERVER | GNUTLS_NO_AUTO_SEND_TICKET : GNUTLS_CLIENT;
	gnutls_datum_t key = { p->ticket_key, sizeof(p->ticket_key) };
	gnutls_session_t s;
	int err = gnutls_init(&p->end[role], flags | GNUTLS_NONBLOCK);

	if (err) {
		p->end[role] = NULL;
		return err;
	}
	s = p->end[role];
	gnutls_session_set_keylog_function(s, NULL);
	gnutls_transport_set_ptr2(s, &p->to[role],
				  &p->to[role == TLS_SERVER ? TLS_CLIENT : TLS_SERVER]);
	gnutls_transport_set_push_function(s, wire_push);
	gnutls_transport_set_pull_function(s, wire_pull);
	gnutls_transport_set_pull_timeout_function(s, wire_wait);
	gnutls_session_set_ptr(s, p);
	err = gnutls_priority_set(s, priority);
	if (!err)
		err = gnutls_credentials_set(s, GNUTLS_CRD_CERTIFICATE, c->of[role]);
	if (role == TLS_CLIENT || err)
		return err;
	gnutls_handshake_set_hook_function(s, GNUTLS_HANDSHAKE_CLIENT_HELLO, GNUTLS_HOOK_PRE,
					   hello_look);
	return gnutls_session_ticket_enable_server(s, &key);
}

static int ends_open(struct pair *p, const struct pair_creds *c, gnutls_priority_t priority,
		     bool resume)
{
	int err = 0;

	p->to[TLS_SERVER].n = p->to[TLS_CLIENT].n = 0;
	for (enum tls_role role = TLS_SERVER; role <= TLS_CLIENT && !err; role++) {
		enter(p, role);
		err = end_open(p, c, priority, role);
		if (!err && resume && role == TLS_CLIENT)
			err = gnutls_session_set_data(p->end[role], p->kept, p->kept_n);
		heap_leave();
	}
	return err;
}

static int shake(struct pair *p)
{
	bool done[2] = { false, false };
	enum tls_role role = TLS_CLIENT;

	for (unsigned i = 0; i < ROUNDS && !(done[0] && done[1]); i++) {
		if (!done[role]) {
			int err;

			enter(p, role);
			err = gnutls_handshake(p->end[role]);
			heap_leave();
			done[role] = !err;
			if (err && gnutls_error_is_fatal(err))
				return err;
		}
		role = role == TLS_CLIENT ? TLS_SERVER : TLS_CLIENT;
	}
	return done[0] && done[1] ? 0 : GNUTLS_E_TIMEDOUT;
}

/* The ticket comes behind a TLS 1.3 handshake, when the client reads. */
static int ticket_pass(struct pair *p, bool keep)
{
	bool is13 = gnutls_protocol_get_version(p->end[TLS_SERVER]) == GNUTLS_TLS1_3;
	gnutls_datum_t kept = { 0 };
	char none[16];
	int err = 0;

	enter(p, TLS_SERVER);
	p->resumed = gnutls_session_is_resumed(p->end[TLS_SERVER]) != 0;
	if (is13)
		err = gnutls_session_ticket_send(p->end[TLS_SERVER], 1, 0);
	gnutls_credentials_clear(p->end[TLS_SERVER]);
	heap_leave();
	if (err < 0)
		return err;
	enter(p, TLS_CLIENT);
	if (is13)
		gnutls_record_recv(p->end[TLS_CLIENT], none, sizeof(none));
	if (keep)
		err = gnutls_session_get_data2(p->end[TLS_CLIENT], &kept);
	if (!err && keep && kept.size <= sizeof(p->kept)) {
		memcpy(p->kept, kept.data, kept.size);
		p->kept_n = kept.size;
	}
	gnutls_free(kept.data);
	gnutls_credentials_clear(p->end[TLS_CLIENT]);
	heap_leave();
	return err;
}

int pair_shake(struct pair *p, const struct pair_creds *c, gnutls_priority_t priority, bool resume)
{
	int err = ends_open(p, c, priority, resume);

	if (!err)
		err = shake(p);
	return err ? err : ticket_pass(p, !resume);
}

bool pair_ticket_change(struct pair *p)
{
	char *at = memmem(p->kept, p->kept_n, p->seen, sizeof(p->seen));

	if (!at)
		return false;
	*at ^= 1;
	return true;
}

/* --- records -------------------------------------------------------------------------------------------------------------------------------- */
static int pass(struct pair *p, enum tls_role from, const char *text_z)
{
	enum tls_role to = from == TLS_CLIENT ? TLS_SERVER : TLS_CLIENT;
	size_t n = strlen(text_z);
	char room[64];
	ssize_t got;

	enter(p, from);
	got = gnutls_record_send(p->end[from], text_z, n);
	heap_leave();
	if (got < 0)
		return (int)got;
	for (unsigned i = 0; i < ROUNDS; i++) {
		enter(p, to);
		got = gnutls_record_recv(p->end[to], room, sizeof(room));
		heap_leave();
		if (got >= 0 || gnutls_error_is_fatal((int)got))
			break;
	}
	if (got < 0)
		return (int)got;
	return (size_t)got == n && !memcmp(room, text_z, n) ? 0 : GNUTLS_E_INTERNAL_ERROR;
}

int pair_talk(struct pair *p)
{
	int err = pass(p, TLS_CLIENT, "there");

	if (!err)
		err = pass(p, TLS_SERVER, "and back");
	if (!err && gnutls_protocol_get_version(p->end[TLS_CLIENT]) == GNUTLS_TLS1_3) {
		enter(p, TLS_CLIENT);
		err = gnutls_session_key_update(p->end[TLS_CLIENT], GNUTLS_KU_PEER);
		heap_leave();
	}
	if (!err)
		err = pass(p, TLS_CLIENT, "with new keys");
	return err ? err : pass(p, TLS_SERVER, "on both sides");
}

void pair_end(struct pair *p, bool bye)
{
	for (enum tls_role role = TLS_SERVER; role <= TLS_CLIENT; role++) {
		if (!p->end[role])
			continue;
		enter(p, role);
		if (bye)
			gnutls_bye(p->end[role], GNUTLS_SHUT_WR);
		gnutls_deinit(p->end[role]);
		heap_leave();
		p->end[role] = NULL;
	}
}
