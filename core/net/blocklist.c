/* SPDX-License-Identifier: BSD-2-Clause */
/* A table of destinations in which every step is one store. */
#include "core/net/blocklist.h"

#include "core/mem/fault.h"
#include "core/net/state.h"
#include "core/run/log.h"

#include <errno.h>
#include <stdatomic.h>

#define WAYS	    8u
#define STATUS_MOST 100u

/* What an entry is looked up by stands together in one line of the cache. */
struct bucket {
	_Atomic uint64_t key[WAYS];   /* keyed hash of transport, address and port */
	_Atomic uint64_t until[WAYS]; /* clock_ms; not after now: free */
	_Atomic uint64_t what[WAYS];  /* see what_of */
	_Atomic uint64_t ip[WAYS][2];
};

struct blocklist {
	struct mac_key key;
	uint32_t mask; /* number of buckets - 1 */
	struct bucket buckets[];
};

/* Where an entry is. */
struct entry {
	struct bucket *bucket;
	unsigned way;
};

const char *block_why_name(enum block_why why)
{
	switch (why) {
	case BLOCK_SEND:
		return "send";
	case BLOCK_CONNECT:
		return "connect";
	case BLOCK_TIMEOUT:
		return "timeout";
	case BLOCK_503:
		return "503";
	case BLOCK_SCRIPT:
		return "script";
	}
	return "unknown";
}

/* --- the table ------------------------------------------------------------------------------------------------------------------------ */
static uint32_t buckets_of(unsigned kb)
{
	uint32_t n = 1;

	while (2 * n * sizeof(struct bucket) <= (size_t)kb * 1024)
		n *= 2;
	return n;
}

size_t blocklist_size(unsigned kb)
{
	return sizeof(struct blocklist) + buckets_of(kb) * sizeof(struct bucket);
}

void blocklist_init(struct blocklist *b, unsigned kb)
{
	random_bytes(&b->key, sizeof(b->key));
	b->mask = buckets_of(kb) - 1;
}

/* NULL: there is none, or it is not used. */
static struct blocklist *list_of(const struct worker *w)
{
	const struct net_shared *s = w->net->net->shared;

	return s && net_conf_of(w)->use_dst_blocklist ? s->blocklist : NULL;
}

static uint64_t key_of(const struct blocklist *b, enum transport_id id, const struct addr *a)
{
	uint64_t key;
	struct mac m;

	mac_init(&m, &b->key);
	addr_mac(&m, a);
	mac_add(&m, &id, sizeof(id));
	key = mac_done(&m);
	return key ? key : 1;
}

static struct bucket *bucket_of(struct blocklist *b, uint64_t key)
{
	return &b->buckets[(key >> 32) & b->mask];
}

static uint64_t until_of(const struct entry *e)
{
	return atomic_load_explicit(&e->bucket->until[e->way], memory_order_acquire);
}

/* One of that key whose time is later than that. There may be two, of two workers that added it at the same moment. */
static bool find(struct blocklist *b, uint64_t key, uint64_t later, struct entry *e_r)
{
	struct entry e = { bucket_of(b, key), 0 };

	for (; e.way < WAYS; e.way++) {
		if (atomic_load_explicit(&e.bucket->key[e.way], memory_order_relaxed) == key &&
		    until_of(&e) > later) {
			*e_r = e;
			return true;
		}
	}
	return false;
}

/* The entry that is free, or else the first that will be. */
static struct entry oldest(struct bucket *bucket)
{
	struct entry e = { bucket, 0 };

	for (unsigned i = 1; i < WAYS; i++) {
		if (atomic_load(&bucket->until[i]) < atomic_load(&bucket->until[e.way]))
			e.way = i;
	}
	return e;
}

/* --- what an entry stands for, for people: whether it is whole tells its key ------------------------------------------------------------ */
static uint64_t what_of(enum transport_id id, const struct addr *a, enum block_why why)
{
	return (uint64_t)id << 48 | (uint64_t)why << 32 | (uint64_t)a->sa.sa_family << 16 |
	       addr_port(a);
}

static void describe(const struct entry *e, enum transport_id id, const struct addr *a,
		     enum block_why why)
{
	uint64_t ip[2] = { 0 };

	if (a->sa.sa_family == AF_INET6)
		memcpy(ip, &a->v6.sin6_addr, sizeof(a->v6.sin6_addr));
	else
		memcpy(ip, &a->v4.sin_addr, sizeof(a->v4.sin_addr));
	atomic_store(&e->bucket->what[e->way], what_of(id, a, why));
	for (unsigned i = 0; i < 2; i++)
		atomic_store(&e->bucket->ip[e->way][i], ip[i]);
}

static bool describes(const struct blocklist *b, const struct entry *e, struct blocked *b_r)
{
	uint64_t what = atomic_load(&e->bucket->what[e->way]), ip[2];
	uint64_t key = atomic_load(&e->bucket->key[e->way]);
	enum transport_id id = (enum transport_id)(what >> 48);
	struct addr *a = &b_r->addr;

	for (unsigned i = 0; i < 2; i++)
		ip[i] = atomic_load(&e->bucket->ip[e->way][i]);
	memset(a, 0, sizeof(*a));
	a->sa.sa_family = (what >> 16) & 0xffff;
	if (a->sa.sa_family == AF_INET6)
		memcpy(&a->v6.sin6_addr, ip, sizeof(a->v6.sin6_addr));
	else if (a->sa.sa_family == AF_INET)
		memcpy(&a->v4.sin_addr, ip, sizeof(a->v4.sin_addr));
	else
		return false;
	addr_set_port(a, (uint16_t)what);
	if (id >= TRANSPORT_IDS || key_of(b, id, a) != key)
		return false;
	b_r->transport = transport_of(id);
	b_r->why = (enum block_why)((what >> 32) & 0xffff);
	return true;
}

/* --- from outside --------------------------------------------------------------------------------------------------------------------- */
static void put(struct worker *w, struct blocklist *b, const struct target *t, enum block_why why,
		uint64_t ms)
{
	uint64_t key = key_of(b, t->transport->id, &t->addr);
	struct entry e;

	if (!find(b, key, 0, &e)) {
		e = oldest(bucket_of(b, key));
		if (until_of(&e) > w->now)
			counter_inc(&net_block_counters, BLOCKED_FULL);
		atomic_store(&e.bucket->until[e.way], 0);
		FAULT("net.block.freed");
	}
	describe(&e, t->transport->id, &t->addr, why);
	FAULT("net.block.described");
	atomic_store(&e.bucket->key[e.way], key);
	FAULT("net.block.named");
	atomic_store_explicit(&e.bucket->until[e.way], w->now + ms, memory_order_release);
}

static int64_t ignored(const struct worker *w, const struct target *t)
{
	const struct net_conf *c = net_conf_of(w);

	return t->block_ignore |
	       (t->transport->reliable ? c->dst_blocklist_tcp_imask : c->dst_blocklist_udp_imask);
}

bool blocklist_add(struct worker *w, const struct target *t, enum block_why why, uint64_t ms)
{
	struct blocklist *b = list_of(w);

	if (!b || (why != BLOCK_SCRIPT && (ignored(w, t) & why)))
		return false;
	if (!ms)
		ms = (uint64_t)net_conf_of(w)->dst_blocklist_expire;
	put(w, b, t, why, ms);
	counter_inc(&net_block_counters, BLOCKED_ADDED);
	log_limited(LOG_INFO, "blocklist", "requests are not sent to a destination for some time",
		    KV_ADDR("dst", &t->addr), KV_Z("transport", t->transport->name),
		    KV_Z("why", block_why_name(why)), KV_INT("ms", ms));
	return true;
}

bool blocklist_has(struct worker *w, const struct transport *t, const struct addr *a)
{
	struct blocklist *b = list_of(w);
	struct entry e;

	return b && find(b, key_of(b, t->id, a), w->now, &e);
}

bool blocklist_refuses(struct worker *w, const struct transport *t, const struct addr *a)
{
	if (!blocklist_has(w, t, a))
		return false;
	counter_inc(&net_block_counters, BLOCKED_REFUSED);
	return true;
}

bool blocklist_remove(struct worker *w, const struct transport *t, const struct addr *a)
{
	struct blocklist *b = list_of(w);
	uint64_t key = b ? key_of(b, t->id, a) : 0;
	bool found = false;
	struct entry e;

	for (unsigned i = 0; b && i < WAYS && find(b, key, w->now, &e); i++) {
		atomic_store(&e.bucket->until[e.way], 0);
		found = true;
	}
	if (found)
		counter_inc(&net_block_counters, BLOCKED_REMOVED);
	return found;
}

void blocklist_clear(struct worker *w)
{
	struct blocklist *b = list_of(w);

	for (uint32_t i = 0; b && i <= b->mask; i++) {
		for (unsigned k = 0; k < WAYS; k++) {
			if (atomic_exchange(&b->buckets[i].until[k], 0) > w->now)
				counter_inc(&net_block_counters, BLOCKED_REMOVED);
		}
	}
}

bool blocklist_next(struct worker *w, unsigned *at, struct blocked *b_r)
{
	struct blocklist *b = list_of(w);

	while (b && *at < (b->mask + 1) * WAYS) {
		struct entry e = { &b->buckets[*at / WAYS], *at % WAYS };
		uint64_t until = until_of(&e);

		++*at;
		if (until <= w->now || !describes(b, &e, b_r))
			continue;
		b_r->left_ms = until - w->now;
		return true;
	}
	return false;
}

void blocklist_blame(struct worker *w, const struct target *t, enum block_why why, int reason)
{
	switch (reason) {
	case ECONNREFUSED:
	case ECONNRESET:
	case EHOSTDOWN:
	case EHOSTUNREACH:
	case ENETDOWN:
	case ENETUNREACH:
	case ETIMEDOUT:
		blocklist_add(w, t, why, 0);
		break;
	default: /* no memory, no socket, a full queue: ours */
		break;
	}
}

void blocklist_status(struct worker *w)
{
	unsigned at = 0, n = 0;
	struct blocked b;

	if (!list_of(w))
		return;
	while (blocklist_next(w, &at, &b)) {
		if (n++ < STATUS_MOST)
			log_at(LOG_NOTICE, "status", "blocklisted", KV_ADDR("dst", &b.addr),
			       KV_Z("transport", b.transport->name),
			       KV_Z("why", block_why_name(b.why)), KV_INT("left_ms", b.left_ms));
	}
	log_at(LOG_NOTICE, "status", "blocklist", KV_INT("destinations", n));
}
