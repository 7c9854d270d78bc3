/* SPDX-License-Identifier: BSD-2-Clause */
/* The hash table behind peers.h: chains of row numbers, one lock for a group of chains. */
#include "core/net/state.h"

#include "core/mem/fault.h"

#include <errno.h>

#define PEERS_LOCKS 256u

struct peers {
	uint32_t chains_n; /* a power of two */
	struct lock locks[PEERS_LOCKS];
	_Atomic uint32_t chains[]; /* links to the first row */
};

/* A link is 0: the end; or the row's index and in which of two ways it is in the chain, plus one. */
enum way { BY_PEER, BY_ALIAS, WAYS };

static uint32_t link_to(const struct conn *c, enum way way)
{
	return c->index * WAYS + way + 1;
}

static enum way way_of(uint32_t link)
{
	return (enum way)((link - 1) % WAYS);
}

/* In the place of a digest, which is odd. */
#define IDENTITY_ACCEPTED 2u
#define IDENTITY_ALIAS	  4u

static uint32_t chains_for(unsigned n)
{
	uint32_t chains = PEERS_LOCKS;

	while (chains < n)
		chains *= 2;
	return chains;
}

size_t peers_size(unsigned n)
{
	return sizeof(struct peers) + sizeof(uint32_t) * chains_for(n);
}

void peers_init(struct peers *p, unsigned n)
{
	memset(p, 0, peers_size(n));
	p->chains_n = chains_for(n);
	for (unsigned i = 0; i < PEERS_LOCKS; i++)
		lock_init(&p->locks[i], LOCK_TABLE);
}

static struct lock *lock_of(struct peers *p, uint64_t hash)
{
	return &p->locks[hash % PEERS_LOCKS];
}

static _Atomic uint32_t *chain_of(struct peers *p, uint64_t hash)
{
	return &p->chains[hash & (p->chains_n - 1)];
}

static void mac_lower(struct mac *m, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		mac_add(m, &(char){ char_lower(s.p[i]) }, 1);
	/* where it ends: no name has such a byte */
	mac_add(m, "", 1);
}

static void identity_digest(const struct mac_key *key, struct str identity, struct str domain,
			    uint64_t digest_r[2])
{
	digest_r[0] = digest_r[1] = 0;
	if (identity.n == 0 && domain.n == 0)
		return;
	for (unsigned half = 0; half < 2; half++) {
		struct mac m;

		mac_init(&m, key);
		mac_add(&m, half ? "b" : "a", 1);
		mac_lower(&m, identity);
		mac_lower(&m, domain);
		digest_r[half] = mac_done(&m) | 1; /* never that of neither */
	}
}

static void key_hash(const struct net *net, struct peer_key *k)
{
	struct mac m;

	mac_init(&m, &net->shared->key);
	mac_add(&m, &(char){ (char)k->transport->id }, 1);
	addr_mac(&m, &k->addr);
	mac_add(&m, &k->protocol, sizeof(k->protocol));
	mac_add(&m, k->identity, sizeof(k->identity));
	k->hash = mac_done(&m);
}

struct peer_key peers_key(const struct net *net, const struct target *t)
{
	struct peer_key k = { .transport = t->transport, .addr = t->addr, .protocol = t->protocol };

	identity_digest(&net->shared->key, t->identity, t->domain, k.identity);
	key_hash(net, &k);
	return k;
}

static struct peer_key key_apart(const struct net *net, const struct transport *t,
				 const struct addr *addr, uint64_t identity)
{
	struct peer_key k = { .transport = t, .addr = *addr, .identity = { identity, 0 } };

	key_hash(net, &k);
	return k;
}

struct peer_key peers_key_accepted(const struct net *net, const struct transport *t,
				   const struct addr *addr)
{
	return key_apart(net, t, addr, IDENTITY_ACCEPTED);
}

struct peer_key peers_key_alias(const struct net *net, const struct transport *t,
				const struct addr *addr)
{
	return key_apart(net, t, addr, IDENTITY_ALIAS);
}

static struct conn *row_at(struct net *net, uint32_t link)
{
	return (struct conn *)slab_at(net->conns, (link - 1) / WAYS);
}

static _Atomic uint32_t *next_of(struct conn *c, enum way way)
{
	return way == BY_ALIAS ? &c->alias_next : &c->peer_next;
}

static bool matches(const struct conn *c, const struct peer_key *key)
{
	return c->peer_hash == key->hash && c->transport == key->transport &&
	       c->protocol == key->protocol && c->identity[0] == key->identity[0] &&
	       c->identity[1] == key->identity[1] && addr_eq(&c->peer, &key->addr) &&
	       conn_is_usable(c);
}

static struct conn *find_locked(struct net *net, const struct peer_key *key)
{
	struct conn *found = NULL, *c;

	for (uint32_t link = *chain_of(net->peers, key->hash); link;
	     link = *next_of(c, way_of(link))) {
		c = row_at(net, link);
		if (way_of(link) != BY_PEER || !matches(c, key))
			continue;
		found = c;
		if (conn_state(c) == CONN_OPEN)
			break;
	}
	return found;
}

struct conn *peers_find(struct net *net, const struct peer_key *key)
{
	struct conn *c;

	if (!*chain_of(net->peers, key->hash))
		return NULL;
	lock_take(lock_of(net->peers, key->hash));
	c = find_locked(net, key);
	lock_drop(lock_of(net->peers, key->hash));
	return c;
}

static bool has_alias(const struct conn *c, const struct peer_key *key)
{
	return (uint16_t)atomic_load(&c->alias) == addr_port(&key->addr) &&
	       c->transport == key->transport && addr_ip_eq(&c->peer, &key->addr) &&
	       conn_is_usable(c);
}

unsigned peers_aliased(struct net *net, const struct peer_key *key, struct conn **rows,
		       unsigned max)
{
	unsigned n = 0;
	struct conn *c;

	if (!*chain_of(net->peers, key->hash))
		return 0;
	lock_take(lock_of(net->peers, key->hash));
	for (uint32_t link = *chain_of(net->peers, key->hash); link && n < max;
	     link = *next_of(c, way_of(link))) {
		c = row_at(net, link);
		if (way_of(link) == BY_ALIAS && has_alias(c, key))
			rows[n++] = c;
	}
	lock_drop(lock_of(net->peers, key->hash));
	return n;
}

static void chain_enter(struct net *net, struct conn *c, enum way way, uint64_t hash)
{
	_Atomic uint32_t *chain = chain_of(net->peers, hash);

	atomic_store(next_of(c, way), *chain);
	FAULT("net.peers.enter");
	atomic_store(chain, link_to(c, way));
}

static void enter_locked(struct net *net, struct conn *c, const struct peer_key *key)
{
	c->peer_hash = key->hash;
	c->identity[0] = key->identity[0];
	c->identity[1] = key->identity[1];
	chain_enter(net, c, BY_PEER, key->hash);
}

struct conn *peers_insert(struct net *net, struct conn *c, const struct peer_key *key)
{
	struct lock *l = lock_of(net->peers, key->hash);
	struct conn *other;

	lock_take(l);
	other = find_locked(net, key);
	if (!other) {
		slab_publish(&c->row);
		FAULT("net.peers.published");
		enter_locked(net, c, key);
	}
	lock_drop(l);
	return other;
}

/* The link that leads to c, or the last one of the chain. */
static _Atomic uint32_t *link_locked(struct net *net, const struct conn *c, enum way way,
				     uint64_t hash)
{
	_Atomic uint32_t *link = chain_of(net->peers, hash);

	while (*link && *link != link_to(c, way))
		link = next_of(row_at(net, *link), way_of(*link));
	return link;
}

void peers_add(struct net *net, struct conn *c, const struct peer_key *key)
{
	struct lock *l = lock_of(net->peers, key->hash);

	lock_take(l);
	if (!*link_locked(net, c, BY_PEER, key->hash)) /* else a worker died behind this step */
		enter_locked(net, c, key);
	lock_drop(l);
}

static uint64_t alias_hash(const struct net *net, const struct conn *c, uint16_t port)
{
	struct addr a = c->peer;

	addr_set_port(&a, port);
	return peers_key_alias(net, c->transport, &a).hash;
}

/* The row has the alias' port from here on, so that whoever ends the connection behind this takes it out. */
static int alias_claim(struct worker *w, struct conn *c, uint16_t port, bool trusted)
{
	uint32_t had;
	int err = 0;

	queue_lock(&w->net->user, &c->out);
	had = atomic_load(&c->alias);
	if (!conn_is_usable(c))
		err = -ENOTCONN;
	else if (had && (uint16_t)had != port)
		err = -EEXIST;
	else
		atomic_store(&c->alias, had | port | (trusted ? ALIAS_TRUSTED : 0));
	queue_unlock(&w->net->user, &c->out);
	return err;
}

int peers_alias(struct worker *w, struct conn *c, uint16_t port, bool trusted)
{
	struct net *net = w->net->net;
	uint32_t want = port | ALIAS_IN | (trusted ? ALIAS_TRUSTED : 0),
		 had = atomic_load(&c->alias);
	uint64_t hash;
	int err;

	if ((had & want) == want && (uint16_t)had == port)
		return 0;
	err = alias_claim(w, c, port, trusted);
	if (err)
		return err;
	FAULT("net.peers.claimed");
	hash = alias_hash(net, c, port);
	lock_take(lock_of(net->peers, hash));
	if (conn_is_usable(c) && !*link_locked(net, c, BY_ALIAS, hash))
		chain_enter(net, c, BY_ALIAS, hash);
	lock_drop(lock_of(net->peers, hash));
	atomic_fetch_or(&c->alias, ALIAS_IN);
	return 0;
}

static void remove_way(struct net *net, struct conn *c, enum way way, uint64_t hash)
{
	struct lock *l = lock_of(net->peers, hash);
	_Atomic uint32_t *link;

	lock_take(l);
	link = link_locked(net, c, way, hash);
	FAULT("net.peers.remove");
	if (*link)
		atomic_store(link, *next_of(c, way));
	lock_drop(l);
}

void peers_remove(struct net *net, struct conn *c)
{
	uint16_t port = (uint16_t)atomic_load(&c->alias);

	remove_way(net, c, BY_PEER, c->peer_hash);
	if (port)
		remove_way(net, c, BY_ALIAS, alias_hash(net, c, port));
}
