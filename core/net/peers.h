/* SPDX-License-Identifier: BSD-2-Clause */
/* Connections by whom they lead to: (transport, peer's address and port, identity). In shared memory.
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
	uint64_t identity[2];
	uint64_t hash;
};

/* Bytes for n connections. */
size_t peers_size(unsigned n);
void peers_init(struct peers *p, unsigned n);
/* identity null: none, else a name in any case. */
struct peer_key peers_key(const struct net *net, const struct transport *t, const struct addr *addr,
			  struct str identity);
/* A connection that can be sent on, an open one first; NULL. Valid for this turn. */
struct conn *peers_find(struct net *net, const struct peer_key *key);
/* Publishes and enters c unless there is one already: then that one is returned and c is as before; else NULL. */
struct conn *peers_insert(struct net *net, struct conn *c, const struct peer_key *key);
/* Enters c whatever there is. */
void peers_add(struct net *net, struct conn *c, const struct peer_key *key);
/* Legal also when c is not in it. */
void peers_remove(struct net *net, struct conn *c);

#endif
