/* SPDX-License-Identifier: BSD-2-Clause */
/* The stream layer: bytes of the wire to bytes of messages, and back. */
#include "modules/tls/session.h"

#include "modules/tls/client.h"
#include "modules/tls/hello.h"
#include "modules/tls/keylog.h"
#include "modules/tls/memory.h"
#include "modules/tls/pretend.h"
#include "modules/tls/prio.h"
#include "modules/tls/reason.h"
#include "modules/tls/selftest.h"
#include "modules/tls/up.h"
#include "modules/tls/verify.h"

#include <errno.h>
#include <unistd.h>

/* What GnuTLS may add besides the records of the bytes: a KeyUpdate's, which goes before the first. */
#define RECORD_SLACK 128u
/* Plain bytes in a record: a peer may ask for fewer than the most (RFC 8449), and GnuTLS does not tell; it refuses less than this. */
#define RECORD_LEAST 512u
#define WARNINGS_MAX 16u /* in one call */

/* --- what GnuTLS calls ---------------------------------------------------------------------------------------------------------------------- */
static ssize_t pull(gnutls_transport_ptr_t arg, void *p, size_t n)
{
	struct layer_io *io = arg;

	if (!io || !io->wire.n) {
		errno = EAGAIN;
		return -1;
	}
	if (n > io->wire.n)
		n = io->wire.n;
	memcpy(p, io->wire.p, n);
	io->wire = str_skip(io->wire, n);
	return (ssize_t)n;
}

static int pull_timeout(gnutls_transport_ptr_t arg, unsigned ms)
{
	const struct layer_io *io = arg;

	(void)ms;
	return io && io->wire.n;
}

static ssize_t push(gnutls_transport_ptr_t arg, const void *p, size_t n)
{
	struct layer_io *io = arg;

	if (!io || layer_wire_put(io, p, n)) {
		errno = ENOMEM;
		return -1;
	}
	return (ssize_t)n;
}

void tls_session_enter(struct tls_session *s, struct conn *c, struct layer_io *io)
{
	heap_enter(tls_selftest_result()->sharing ? c->heap : NULL);
	/* of this call: no process could follow a pointer that another one left */
	gnutls_transport_set_ptr(s->gnutls, io);
}

void tls_session_leave(struct tls_session *s)
{
	gnutls_transport_set_ptr(s->gnutls, NULL);
	if (!heap_leave())
		s->dead = true;
}

/* --- the beginning -------------------------------------------------------------------------------------------------------------------------- */
static int identity_find(struct tls_session *s, struct conn *c)
{
	char text[ADDR_TEXT_MAX], *copy;
	struct buf b = BUF_ON(text);

	s->identity = s->domain->server_name.n ? s->domain->server_name : c->identity_name;
	if (s->identity.n)
		return 0;
	/* nobody named it: then it is its address that must be in the certificate */
	addr_put(&b, &c->peer);
	copy = heap_alloc(c->heap, b.n);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, text, b.n);
	s->identity = str_of(copy, b.n);
	return 0;
}

static int domain_find(struct tls_session *s, struct conn *c)
{
	const struct tls_conf *conf = tls_conf_of(s->conf);

	if (s->role == TLS_SERVER) {
		s->domain = tls_find_domain(conf, &c->local, STR_NULL, NULL, 0);
		return 0;
	}
	s->domain = tls_find_client_domain(conf, &c->peer, c->domain, c->identity_name);
	if (s->domain)
		return identity_find(s, c);
	tls_failed(
		c, s, TLS_STAGE_HELLO,
		(struct tls_reason){ "there is no client domain with the name that the script set",
				     "see tls_set_client_domain() and tls_client_domain" });
	return -ENOENT;
}

/* May GnuTLS use the key in the certificate that the peer has shown? Whether the peer is let in is seen when the handshake is done. */
static int key_judge(gnutls_session_t session)
{
	struct heap *h = heap_pause();
	int err = tls_verify_key(session);

	heap_resume(h);
	return err;
}

/* Before each message. In TLS 1.3 the key is used by its peer's CertificateVerify; in TLS 1.2 the function for certificates is called in time. */
static int message_hook(gnutls_session_t session, unsigned type, unsigned when, unsigned incoming,
			const gnutls_datum_t *message)
{
	if (incoming && type == GNUTLS_HANDSHAKE_CERTIFICATE_VERIFY)
		return key_judge(session);
	if (incoming && type == GNUTLS_HANDSHAKE_CLIENT_HELLO)
		return tls_hello_hook(session, type, when, incoming, message);
	return 0;
}

static int session_make(struct tls_session *s, struct worker *w, const struct addr *peer)
{
	unsigned flags =
		s->role == TLS_SERVER ? GNUTLS_SERVER | GNUTLS_NO_AUTO_SEND_TICKET : GNUTLS_CLIENT;
	struct heap *h = heap_entered();
	int err;

	if (h)
		heap_lasting(h, true);
	err = gnutls_init(&s->gnutls, flags | GNUTLS_NONBLOCK);
	if (h)
		heap_lasting(h, false);
	if (err) {
		s->gnutls = NULL;
		return err;
	}
	err = gnutls_priority_set(s->gnutls, s->domain->priority);
	if (err)
		return err;
	gnutls_session_set_keylog_function(s->gnutls, tls_keylog_for(tls_conf_of(s->conf), peer));
	gnutls_handshake_set_max_packet_length(s->gnutls, TLS_HANDSHAKE_MAX);
	gnutls_transport_set_push_function(s->gnutls, push);
	gnutls_transport_set_pull_function(s->gnutls, pull);
	gnutls_transport_set_pull_timeout_function(s->gnutls, pull_timeout);
	gnutls_session_set_verify_function(s->gnutls, key_judge);
	gnutls_handshake_set_hook_function(s->gnutls, GNUTLS_HANDSHAKE_ANY, GNUTLS_HOOK_PRE,
					   message_hook);
	return s->role == TLS_CLIENT ? tls_hello_prepare(s, w, peer) : 0;
}

static void session_end(struct tls_session *s, struct conn *c, struct worker *w)
{
	if (s->conf)
		generation_release(w, s->conf);
	s->conf = NULL;
	heap_enter(tls_selftest_result()->sharing ? c->heap : NULL);
	if (!s->dead)
		gnutls_deinit(s->gnutls);
	heap_leave();
	s->gnutls = NULL;
}

static struct tls_session *session_new(struct worker *w, struct conn *c)
{
	struct tls_session *s = heap_alloc(c->heap, sizeof(*s));

	if (!s)
		return NULL;
	memset(s, 0, sizeof(*s));
	s->role = c->accepted ? TLS_SERVER : TLS_CLIENT;
	s->pid = getpid();
	s->conf = worker_conf(w);
	generation_hold(w, s->conf);
	return s;
}

/* GnuTLS' part of a new session; a client says hello. */
static int session_begin(struct layer_io *io, struct tls_session *s)
{
	int err;

	heap_enter(tls_selftest_result()->sharing ? io->c->heap : NULL);
	err = session_make(s, io->w, &io->c->peer);
	s->dead = !heap_leave();
	if (s->dead)
		err = GNUTLS_E_MEMORY_ERROR;
	if (err || s->role == TLS_SERVER)
		return err;
	tls_session_enter(s, io->c, io);
	err = gnutls_handshake(s->gnutls);
	tls_session_leave(s);
	if (s->dead)
		return GNUTLS_E_MEMORY_ERROR;
	return err == GNUTLS_E_AGAIN || err == GNUTLS_E_INTERRUPTED ? 0 : err;
}

int tls_tcpconn_init(struct layer_io *io, uint32_t *deadline_ms_r)
{
	struct tls_session *s = session_new(io->w, io->c);
	int err = GNUTLS_E_MEMORY_ERROR;

	if (!s) {
		tls_failed(io->c, NULL, TLS_STAGE_MEMORY,
			   tls_reason_of(err, GNUTLS_A_INTERNAL_ERROR, TLS_SERVER));
		return -ENOMEM;
	}
	if (domain_find(s, io->c)) {
		session_end(s, io->c, io->w);
		return -ENOENT;
	}
	*deadline_ms_r = (uint32_t)s->domain->handshake_timeout;
	io->c->send_timeout = (uint32_t)tls_conf_of(s->conf)->send_timeout;
	atomic_store(&io->c->session, s);
	err = session_begin(io, s);
	FAULT("tls.open");
	if (!err)
		return 0;
	tls_failed(io->c, s, err == GNUTLS_E_MEMORY_ERROR ? TLS_STAGE_MEMORY : TLS_STAGE_HELLO,
		   tls_reason_of(err, GNUTLS_A_INTERNAL_ERROR, s->role));
	atomic_store(&io->c->session, NULL);
	session_end(s, io->c, io->w);
	return -ENOMEM;
}

/* --- what comes --------------------------------------------------------------------------------------------------------------------------- */
/* GnuTLS says err, which is no passing matter. */
static enum layer_step broken(struct layer_io *io, struct tls_session *s, int err)
{
	enum tls_stage stage = atomic_load(&s->up) ? TLS_STAGE_RECORDS : TLS_STAGE_HANDSHAKE;

	if (stage == TLS_STAGE_HANDSHAKE && s->role == TLS_SERVER && !s->chosen)
		stage = TLS_STAGE_HELLO;
	if (stage != TLS_STAGE_RECORDS && err == GNUTLS_E_MEMORY_ERROR)
		stage = TLS_STAGE_MEMORY;
	tls_failed(io->c, s, stage, tls_reason_of(err, gnutls_alert_get(s->gnutls), s->role));
	if (!s->dead && err != GNUTLS_E_FATAL_ALERT_RECEIVED && err != GNUTLS_E_PUSH_ERROR) {
		tls_session_enter(s, io->c, io);
		gnutls_alert_send_appropriate(s->gnutls, err);
		tls_session_leave(s);
	}
	return LAYER_FAILED;
}

/* GnuTLS also asks to be called again when it has looked at one record and there are more. */
static bool goes_on(const struct layer_io *io, size_t before)
{
	return io->wire.n && io->wire.n < before;
}

/* Alerts that are no errors, and the like. */
static bool is_passing(ssize_t err, unsigned *warnings)
{
	if (err >= 0 || gnutls_error_is_fatal((int)err))
		return false;
	return err == GNUTLS_E_AGAIN || err == GNUTLS_E_INTERRUPTED || ++*warnings <= WARNINGS_MAX;
}

static int handshake_step(struct layer_io *io, struct tls_session *s)
{
	unsigned warnings = 0;
	size_t before;
	int err;

	do {
		before = io->wire.n;
		err = gnutls_handshake(s->gnutls);
		if (!is_passing(err, &warnings))
			return err;
	} while (goes_on(io, before));
	return GNUTLS_E_AGAIN;
}

static enum layer_step handshake(struct layer_io *io, struct tls_session *s)
{
	int err;

	tls_session_enter(s, io->c, io);
	err = handshake_step(io, s);
	tls_session_leave(s);
	if (s->dead)
		return broken(io, s, GNUTLS_E_MEMORY_ERROR);
	if (err == GNUTLS_E_AGAIN)
		return LAYER_MORE;
	FAULT("tls.handshake");
	if (err)
		return broken(io, s, err);
	/* no domain, no policy: GnuTLS must have asked (an old form of hello does not) */
	if (s->role == TLS_SERVER && !s->chosen)
		return broken(io, s, GNUTLS_E_UNSUPPORTED_VERSION_PACKET);
	return tls_up(io, s) ? LAYER_UP : LAYER_FAILED;
}

/* A client is told that there is no other handshake; a server's peer that began one cannot be served any more. */
static bool rehandshake_refuse(struct tls_session *s)
{
	gnutls_alert_send(s->gnutls, GNUTLS_AL_WARNING, GNUTLS_A_NO_RENEGOTIATION);
	return s->role == TLS_CLIENT;
}

/* The next bytes of records: how many; 0: the peer's good-bye; or GnuTLS' error. */
static ssize_t receive(struct layer_io *io, struct tls_session *s, char *plain, size_t room)
{
	unsigned warnings = 0;
	size_t before;
	ssize_t n;

	do {
		before = io->wire.n;
		n = gnutls_record_recv(s->gnutls, plain, room);
		if (n == GNUTLS_E_REHANDSHAKE && !rehandshake_refuse(s))
			return n;
		if (!is_passing(n, &warnings))
			return n;
	} while (goes_on(io, before));
	return GNUTLS_E_AGAIN;
}

static enum layer_step records(struct layer_io *io, struct tls_session *s, char *plain, size_t room,
			       size_t *n_r)
{
	ssize_t n = 1;

	tls_session_enter(s, io->c, io);
	while (*n_r < room) {
		n = receive(io, s, plain + *n_r, room - *n_r);
		if (n <= 0)
			break;
		*n_r += (size_t)n;
	}
	tls_session_leave(s);
	FAULT("tls.decode");
	if (!s->dead)
		tls_resume_look(io, s);
	if (s->dead)
		return broken(io, s, GNUTLS_E_MEMORY_ERROR);
	if (n > 0)
		return LAYER_FULL;
	if (n == GNUTLS_E_AGAIN)
		return LAYER_MORE;
	return n ? broken(io, s, (int)n) : LAYER_ENDED;
}

enum layer_step tls_read(struct layer_io *io, char *plain, size_t room, size_t *n_r)
{
	struct tls_session *s = atomic_load(&io->c->session);

	*n_r = 0;
	return atomic_load(&s->up) ? records(io, s, plain, room, n_r) : handshake(io, s);
}

/* --- what goes ------------------------------------------------------------------------------------------------------------------------------ */
static size_t wire_max(const struct conn *c, size_t n)
{
	const struct tls_session *s = atomic_load(&c->session);

	return n + (n / RECORD_LEAST + 2) * s->record_overhead + RECORD_SLACK;
}

int tls_write(struct layer_io *io, struct str plain)
{
	struct tls_session *s = atomic_load(&io->c->session);
	ssize_t n = 0;

	tls_session_enter(s, io->c, io);
	while (plain.n && !io->error) {
		n = gnutls_record_send(s->gnutls, plain.p, plain.n);
		FAULT("tls.encode");
		if (n <= 0)
			break;
		plain = str_skip(plain, (size_t)n);
	}
	tls_session_leave(s);
	if (s->dead)
		io->error = -ENOMEM;
	if (io->error)
		return io->error;
	if (!plain.n)
		return 0;
	tls_failed(io->c, s, TLS_STAGE_RECORDS,
		   tls_reason_of((int)n, GNUTLS_A_INTERNAL_ERROR, s->role));
	return n == GNUTLS_E_MEMORY_ERROR ? -ENOMEM : -EIO;
}

/* --- the end -------------------------------------------------------------------------------------------------------------------------------- */
void tls_close(struct layer_io *io)
{
	struct tls_session *s = atomic_load(&io->c->session);

	if (!s || s->dead || !atomic_load(&s->up))
		return;
	tls_session_enter(s, io->c, io);
	gnutls_bye(s->gnutls, GNUTLS_SHUT_WR);
	tls_session_leave(s);
}

static void rest(struct conn *c)
{
	heap_trim(c->heap);
}

static void unfinished(struct worker *w, struct conn *c, int reason)
{
	struct tls_session *s = atomic_load(&c->session);
	bool hello = s && s->role == TLS_SERVER && !s->chosen;
	struct tls_reason why = { "the peer closed the connection", NULL };

	(void)w;
	if (reason == ETIMEDOUT)
		why = (struct tls_reason){
			hello ? "no whole ClientHello came in time"
			      : "the handshake was not done in time",
			"does the peer speak TLS on this port? see tls_handshake_timeout"
		};
	else if (reason != ECONNRESET)
		why.reason_z = log_errno_z(reason);
	if (reason == ETIMEDOUT)
		tls_failed(c, s, hello ? TLS_STAGE_HELLO_LATE : TLS_STAGE_HANDSHAKE_LATE, why);
	else
		tls_failed(c, s, hello ? TLS_STAGE_HELLO : TLS_STAGE_HANDSHAKE, why);
}

void tls_tcpconn_clean(struct worker *w, struct conn *c, bool up)
{
	struct tls_session *s = atomic_load(&c->session);

	if (!s || !s->gnutls)
		return;
	/* what lies in another process's memory nobody else can give back; the heap goes as it is */
	if ((!up || !tls_selftest_result()->sharing) && s->pid != getpid())
		return;
	session_end(s, c, w);
	FAULT("tls.end");
}

const struct tls_facts *tls_conn_facts(const struct conn *c)
{
	const struct tls_session *s = atomic_load(&c->session);

	return s && atomic_load(&s->up) ? &s->facts : NULL;
}

const struct stream_layer tls_layer = {
	.name_z = "tls",
	.heap_max = TLS_HEAP_MAX,
	.open = tls_tcpconn_init,
	.decode = tls_read,
	.wire_max = wire_max,
	.encode = tls_write,
	.finish = tls_close,
	.rest = rest,
	.unfinished = unfinished,
	.proves = tls_conn_proves,
	.end = tls_tcpconn_clean,
	.pretend = tls_pretend,
};

int init_tls(struct run *run)
{
	memory_start(run->shm);
	tls_selftest_run(run->shm);
	session_share_set(tls_selftest_result()->sharing);
	layer_set(TRANSPORT_TLS, &tls_layer);
	return 0;
}
