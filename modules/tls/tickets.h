/* SPDX-License-Identifier: BSD-2-Clause */
/* Resumption. As a server: the keys by which GnuTLS makes and opens its tickets. As a client: the sessions that servers let us take up again, in shared memory.
 *
 * A ticket is good for one domain under one policy: the key is an HMAC of both under a master key, so that a ticket of another domain, or from before the policy was
 * changed, is just unknown, and a full handshake follows. The master key is what session_ticket_key_file holds (then tickets outlive a restart and are good for
 * several nodes), or random for this run. GnuTLS derives the keys in use from what it is given and the wall clock, anew every three lifetimes of a ticket
 * and known by the one before: nothing has to be passed on between workers or nodes. Another file and a reload end all tickets.
 *
 * A session is kept under what was verified: name, port, client domain and policy. Each is taken out by who uses it, expires after TLS_SESSION_MS, and gives way to newer
 * ones; there are at most TLS_SESSIONS_MAX. Any worker may die at any place here.
 *
 * Nothing here may be called inside of heap_enter. */
#ifndef TLS_TICKETS_H
#define TLS_TICKETS_H

#include "modules/tls/domain.h"

#define TLS_TICKET_KEY	     64u /* bytes: what gnutls_session_ticket_enable_server() wants */
#define TLS_TICKET_FILE_MIN  32u
#define TLS_SESSIONS_MAX     1024u
#define TLS_SESSION_SIZE_MAX 16384u	     /* bytes of one; a longer one is not kept */
#define TLS_SESSION_MS	     (3600u * 1000u) /* GnuTLS' own limit */

/* In init(), before the first fork. 0 or -ENOMEM. */
int tls_tickets_open(struct run *run);
/* In each worker: gives back what a predecessor left half done. */
void tls_tickets_start(struct worker *w);

/* What is wrong with the bytes of session_ticket_key_file; NULL: nothing. */
const char *tls_ticket_file_fault(struct str bytes);
/* The key of tickets for d and its policy, into the caller's private memory. False: conf has no tickets, or GnuTLS no memory. */
bool tls_ticket_key(const struct tls_conf *conf, const struct tls_domain *d,
		    uint8_t key_r[TLS_TICKET_KEY]);

/* What a session is kept under. */
struct tls_resume_id {
	uint8_t digest[32];
};
/* identity: the name that is verified; null: none is, the peer's address counts. False: no memory, nothing can be kept or taken. */
bool tls_resume_id(const struct tls_domain *d, struct str identity, const struct addr *peer,
		   struct tls_resume_id *id_r);
/* Copies a session, as gnutls_session_get_data2() gives it; one that is there is replaced. That it could not be kept is no matter. */
void tls_resume_keep(struct worker *w, const struct tls_resume_id *id, const gnutls_datum_t *data);
/* The newest session under id, which is not there any more then; size 0: there is none. The bytes are good until the next call in this process. */
gnutls_datum_t tls_resume_take(struct worker *w, const struct tls_resume_id *id);

#endif
