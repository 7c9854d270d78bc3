/* SPDX-License-Identifier: BSD-2-Clause */
/* Connections by whom they lead to (SIP.md 1 "Whose connection carries what"). In shared memory. One that we made is found by what it was made for: transport,
 * peer's address and port, identity, TLS client domain, protocol. One that was accepted is found apart from those: by the port that it came from, and by an alias,
 * which is the port where its peer listens.
 *
 * Each change of a chain is one store, so a holder's death leaves nothing to repair. A row is taken out by its owner before main frees it. */
#ifndef NET_PEERS_H
#define NET_PEERS_H

#include "core/net/net.h"

struct conn;
struct peers;

struct peer_key {
	const struct transport *transport;
	struct addr addr;
	const struct stream_protocol *protocol;
	uint64_t identity[2]; /* digest of identity and domain, or what no digest is */
	uint64_t hash;
};

/* Bits of conn.alias beside the port. */
#define ALIAS_IN      0x10000u /* it is entered */
#define ALIAS_TRUSTED 0x20000u /* whatever the peer proves: the script said so */

/* Bytes for n connections. */
size_t peers_size(unsigned n);
void peers_init(struct peers *p, unsigned n);
/* Of a connection that is made for t. */
struct peer_key peers_key(const struct net *net, const struct target *t);
/* Of an accepted connection. */
struct peer_key peers_key_accepted(const struct net *net, const struct transport *t,
				   const struct addr *addr);
/* Of aliases. */
struct peer_key peers_key_alias(const struct net *net, const struct transport *t,
				const struct addr *addr);
/* A connection that can be sent on, an open one first; NULL. Valid for this turn. Not for aliases. */
struct conn *peers_find(struct net *net, const struct peer_key *key);
/* Connections that have this alias and can be sent on: how many of at most max. */
unsigned peers_aliased(struct net *net, const struct peer_key *key, struct conn **rows,
		       unsigned max);
/* Publishes and enters c unless there is one already: then that one is returned and c is as before; else NULL. */
struct conn *peers_insert(struct net *net, struct conn *c, const struct peer_key *key);
/* Enters c whatever there is. */
void peers_add(struct net *net, struct conn *c, const struct peer_key *key);
/* Gives c an alias, in any worker; again is legal. A connection has one. 0; -EEXIST: it has another one; -ENOTCONN: it is not usable any more. */
int peers_alias(struct worker *w, struct conn *c, uint16_t port, bool trusted);
/* With its alias. Nobody gives it another one: it is not usable any more. Legal also when c is not in it. */
void peers_remove(struct net *net, struct conn *c);

#endif
