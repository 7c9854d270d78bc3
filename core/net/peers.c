/* SPDX-License-Identifier: BSD-2-Clause */
/* The hash table behind peers.h: chains of row numbers, one lock for a group of chains. */
#include "core/net/state.h"

#include "core/mem/fault.h"

#define PEERS_LOCKS 256u

struct peers {
	uint32_t chains_n; /* a power of two */
	struct lock locks[PEERS_LOCKS];
	_Atomic uint32_t chains[]; /* index + 1 of the first row */
};

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

static void identity_digest(const struct mac_key *key, struct str identity, uint64_t digest_r[2])
{
	digest_r[0] = digest_r[1] = 0;
	if (identity.n == 0)
		return;
	for (unsigned half = 0; half < 2; half++) {
		struct mac m;

		mac_init(&m, key);
		mac_add(&m, half ? "b" : "a", 1);
		for (size_t i = 0; i < identity.n; i++) {
			char c = char_lower(identity.p[i]);

			mac_add(&m, &c, 1);
		}
		digest_r[half] = mac_done(&m) | 1; /* never that of no identity */
	}
}

struct peer_key peers_key(const struct net *net, const struct transport *t, const struct addr *addr,
			  struct str identity)
{
	struct peer_key k = { .transport = t, .addr = *addr };
	struct mac m;

	identity_digest(&net->shared->key, identity, k.identity);
	mac_init(&m, &net->shared->key);
	mac_add(&m, &(char){ (char)t->id }, 1);
	addr_mac(&m, addr);
	mac_add(&m, k.identity, sizeof(k.identity));
	k.hash = mac_done(&m);
	return k;
}

static struct conn *row_at(struct net *net, uint32_t link)
{
	return link ? (struct conn *)slab_at(net->conns, link - 1) : NULL;
}

static bool matches(const struct conn *c, const struct peer_key *key)
{
	return c->peer_hash == key->hash && c->transport == key->transport &&
	       c->identity[0] == key->identity[0] && c->identity[1] == key->identity[1] &&
	       addr_eq(&c->peer, &key->addr) && conn_is_usable(c);
}

static struct conn *find_locked(struct net *net, const struct peer_key *key)
{
	struct conn *found = NULL;

	for (struct conn *c = row_at(net, *chain_of(net->peers, key->hash)); c;
	     c = row_at(net, c->peer_next)) {
		if (!matches(c, key))
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

static void enter_locked(struct net *net, struct conn *c, const struct peer_key *key)
{
	_Atomic uint32_t *chain = chain_of(net->peers, key->hash);

	c->peer_hash = key->hash;
	c->identity[0] = key->identity[0];
	c->identity[1] = key->identity[1];
	atomic_store(&c->peer_next, *chain);
	FAULT("net.peers.enter");
	atomic_store(chain, c->index + 1);
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
static _Atomic uint32_t *link_locked(struct net *net, const struct conn *c, uint64_t hash)
{
	_Atomic uint32_t *link = chain_of(net->peers, hash);

	while (*link && *link != c->index + 1)
		link = &row_at(net, *link)->peer_next;
	return link;
}

void peers_add(struct net *net, struct conn *c, const struct peer_key *key)
{
	struct lock *l = lock_of(net->peers, key->hash);

	lock_take(l);
	if (!*link_locked(net, c, key->hash)) /* else a worker died behind this step */
		enter_locked(net, c, key);
	lock_drop(l);
}

void peers_remove(struct net *net, struct conn *c)
{
	struct lock *l = lock_of(net->peers, c->peer_hash);
	_Atomic uint32_t *link;

	lock_take(l);
	link = link_locked(net, c, c->peer_hash);
	FAULT("net.peers.remove");
	if (*link)
		atomic_store(link, c->peer_next);
	lock_drop(l);
}
