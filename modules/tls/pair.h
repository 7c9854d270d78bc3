/* SPDX-License-Identifier: BSD-2-Clause */
/* A client's and a server's session that speak to each other through memory: what the self-test tries. All of it lies in shared memory, so that each step can be another
 * process's. */
#ifndef TLS_PAIR_H
#define TLS_PAIR_H

#include "core/mod/stream.h"
#include "modules/tls/domain.h"

#define PAIR_WIRE   32768u
#define PAIR_TICKET 8192u

struct pair_wire {
	size_t n;
	char data[PAIR_WIRE];
};

/* Both arrays by enum tls_role. */
struct pair {
	gnutls_session_t end[2];
	struct heap *heap[2]; /* NULL: libc's memory */
	struct pair_wire to[2];
	unsigned char ticket_key[64];
	/* what the client kept of its last session, and a piece of its ticket */
	char kept[PAIR_TICKET];
	size_t kept_n;
	char seen[16];
	bool resumed;
};

/* What one process makes for itself. */
struct pair_creds {
	gnutls_certificate_credentials_t of[2];
};
/* With a key and a certificate made on the spot. 0 or GnuTLS' error. */
int pair_creds_make(struct pair_creds *c);
void pair_creds_drop(struct pair_creds *c);

/* A handshake of two new sessions, up to and with the ticket, which the client keeps; with resume it uses the kept one, and keeps no other. priority: in shared memory. 0 or
 * GnuTLS' error. */
int pair_shake(struct pair *p, const struct pair_creds *c, gnutls_priority_t priority, bool resume);
/* Bytes there and back, with new keys in between. 0 or GnuTLS' error; GNUTLS_E_INTERNAL_ERROR: other bytes came. */
int pair_talk(struct pair *p);
/* Good-byes; nothing of the sessions is left. */
void pair_end(struct pair *p, bool bye);
/* One byte of the ticket that the client kept becomes another. False: it was not found. */
bool pair_ticket_change(struct pair *p);

#endif
