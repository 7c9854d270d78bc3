/* SPDX-License-Identifier: BSD-2-Clause */
/* One connection's TLS: a GnuTLS session in the connection's heap, and the stream layer (core/net/layer.h) around it. The names of its functions are those that
 * the developer's guide of SER's TLS module gives them. */
#ifndef TLS_SESSION_H
#define TLS_SESSION_H

#include "core/mod/stream.h"
#include "modules/tls/domain.h"
#include "modules/tls/facts.h"
#include "modules/tls/tickets.h"

/* A handshake message that is larger is refused; what a session may use of shared memory in all. */
#define TLS_HANDSHAKE_MAX 49152u
#define TLS_HEAP_MAX	  (512u << 10)

/* In the connection's heap, at conn.session. */
struct tls_session {
	struct tls_facts facts; /* complete once up is set, and constant from then on */
	_Atomic bool up;
	bool told; /* why it failed was logged */
	bool dead; /* GnuTLS' session cannot be used any more, not even to end it: heap_leave() */
	enum tls_role role;
	gnutls_session_t gnutls;
	size_t record_overhead; /* once up: what a record takes besides its plain bytes */

	/* during the handshake, which one process does: the others have none of what it uses */
	int32_t pid;
	const struct conf *conf; /* held; NULL once up */
	const struct tls_domain *domain;
	struct str
		sni; /* what the client asked for; null: nothing, or nothing that can be a name */
	struct str identity; /* client: the name that the peer must have */
	bool chosen;	     /* server: the ClientHello was seen, domain is final */
	/* client: what sessions are kept under, until one was */
	struct tls_resume_id resume_id;
	bool resume_wanted;
};

/* --- hooks of the module (mod.c) -------------------------------------------------------------------------------------------------------- */
/* In main, before the first fork: GnuTLS' hooks, the self-test, the layer. 0 or -errno. */
int init_tls(struct run *run);

/* --- the stream layer --------------------------------------------------------------------------------------------------------------------- */
extern const struct stream_layer tls_layer;

int tls_tcpconn_init(struct layer_io *io, uint32_t *deadline_ms_r);
enum layer_step tls_read(struct layer_io *io, char *plain, size_t room, size_t *n_r);
int tls_write(struct layer_io *io, struct str plain);
void tls_close(struct layer_io *io);
void tls_tcpconn_clean(struct worker *w, struct conn *c, bool up);

/* What is known of a connection's peer; NULL until the handshake is done. By any worker. */
const struct tls_facts *tls_conn_facts(const struct conn *c);

#endif
