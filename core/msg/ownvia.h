/* SPDX-License-Identifier: BSD-2-Clause */
/* Our own Via: made so that any worker knows it again in a response, and nobody else can make one (SIP.md 1, RFC 3261 16.11).
 *
 *   Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKs<mac>[.<loop>];i=<where>[<conn>]<mac>              stateless
 *   Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKt<mac>.<transaction>[.<loop>];i=<where>[<conn>]<mac>  a transaction's
 *   Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKu<mac>.<transaction>                                  of a request made here
 *
 * The branch's MAC covers what names the received transaction, never the method; of a request made here, which came from nobody, the transaction. The transaction is the index (six hexadecimal digits) and the
 * generation (eight) of its row and the number of the branch (two). i= names the socket (four digits, the highest bit: sent-by is not
 * what the socket is called) and connection (16 digits, absent for datagrams) on which the request came; its MAC covers the whole branch. */
#ifndef MSG_OWNVIA_H
#define MSG_OWNVIA_H

#include "core/msg/worker.h"

#define BRANCH_COOKIE "z9hG4bK"
#define BRANCH_MAX    64 /* "z9hG4bKt" and three times 16 digits, with two dots */
#define BRANCH_LOCAL  41 /* "z9hG4bKu" and two times 16 digits, with a dot */

/* Whether the sender says that no other request of its has this branch (RFC 3261 8.1.1.7). */
bool via_has_cookie(struct str branch);

/* The MAC over what RFC 3261 16.11 names, of the request or of its response: the branch of the Via that it came with (without the cookie:
 * sent-by, Call-ID, From tag, CSeq number). label tells uses apart. */
uint64_t via_mac(const struct mac_key *key, char label, struct sip_msg *msg,
		 const struct sip_via *received);
/* The branch of a request that is sent on statelessly; with loop (not 0) its loop part. Into the pool; null: no memory. */
struct str via_branch(struct ctx *ctx, uint64_t loop);
/* That of branch `number` (0 to 255) of the transaction with this id. */
struct str via_branch_trans(struct ctx *ctx, uint64_t trans, unsigned number, uint64_t loop);
/* The same of a transaction whose request is made here: BRANCH_LOCAL bytes. */
void via_branch_local(const struct mac_key *key, uint64_t trans, unsigned number, struct buf *b);
/* The header field line, as it leaves to t; of a request that is made here it has no i=. */
void via_own_put(struct ctx *ctx, const struct target *t, struct str branch, struct buf *b);

/* What a response's top Via says. */
struct via_where {
	char letter;	   /* 's', 't' or 'u' */
	uint64_t trans;	   /* of 't' and 'u': the transaction's id, kind ID_TRANSACTION; 0 of 's' */
	unsigned number;   /* of 't' and 'u': which of its branches */
	unsigned listener; /* index of the socket the request came on; 0 of 'u' */
	uint64_t conn;	   /* 0: a datagram */
};

enum via_verdict { VIA_OURS, VIA_NOT_OURS, VIA_FORGED };

/* Whether via, above received (NULL: it is the last one, which says nothing against 'u'), was made by via_own_put, or has a branch of via_branch_local. */
enum via_verdict via_own_check(struct ctx *ctx, const struct sip_via *via,
			       const struct sip_via *received, struct via_where *where_r);

/* The same of a Via that we have sent, without what stood below it: whether it is ours. The token of a transaction's branch, 0 of 's'. */
bool via_own_token(const struct mac_key *key, const struct sip_via *via, uint64_t *token_r);

/* RFC 3581 and RFC 3261 18.2.1: what is to be changed in the top Via of the request. True when *e_r is to be applied; -> text in the pool.
 * An -errno in *err_r otherwise. */
bool via_stamp(struct ctx *ctx, struct edit *e_r, int *err_r);

/* The hash by which a looped request is known (SIP.md 1 "Loops"): never 0. */
uint64_t via_loop_hash(struct ctx *ctx);
/* True when a Via of ours in the request carries that hash. */
bool via_loop_found(struct ctx *ctx, uint64_t hash);

#endif
