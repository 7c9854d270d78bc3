/* SPDX-License-Identifier: BSD-2-Clause */
/* Which worker runs a message of a busy connection. The owner frames ahead; what is too much goes to the worker with the fewest of such
 * messages, and what belongs to a call of which one is still there follows it. Calls are told apart by a hash of their Call-ID. */
#include "core/net/own.h"

#include "core/mem/fault.h"
#include "parser/peek.h"

#include <errno.h>
#include <stdlib.h>

#define BUCKETS	   256u /* of calls */
#define TRAY_DEPTH 8u	/* so many are enough for another worker until we look again */
#define BUSY_MS	   100u
#define LOOK_MS	   10u /* when nobody wakes us */

/* Calls whose hashes meet. */
struct bucket {
	unsigned taker;
	uint64_t until; /* messages that the taker's tray must have done before all of these are */
};

struct trunk {
	struct list link; /* in trunks of the worker */
	struct own *own;
	unsigned giver; /* the slot in whose trays messages of ours may be */
	bool inherited; /* which ones is not known */
	/* messages that are framed and still lie in the connection, from the first one on */
	unsigned ahead_first, ahead_n;
	uint32_t ahead[CONN_BACKLOG_MAX + 1];
	size_t ahead_bytes;
	uint64_t looked; /* the end of input when there was no whole message behind them */
	struct bucket buckets[BUCKETS];
	uint64_t until[]; /* of each taker: the last of all */
};

static struct tray *tray_to(const struct own *o, unsigned taker)
{
	return tray_between(o->nw->w->run, o->trunk->giver, taker);
}

static struct trunk *trunk_new(struct own *o, unsigned giver)
{
	unsigned slots = o->nw->w->run->slots_n;
	struct trunk *t = calloc(1, sizeof(*t) + slots * sizeof(t->until[0]));

	if (!t)
		return NULL;
	t->own = o;
	t->giver = giver;
	list_append(&o->nw->trunks, &t->link);
	o->trunk = t;
	return t;
}

void trunk_drop(struct own *o)
{
	struct trunk *t = o->trunk;

	if (!t)
		return;
	o->trunk = NULL;
	atomic_store(&o->c->handed_by, 0);
	list_remove(&t->link);
	free(t);
}

/* --- framed ahead ---------------------------------------------------------------------------------------------------------------- */
bool trunk_begin(struct own *o, size_t length)
{
	if (!trunk_new(o, o->nw->w->n))
		return false;
	trunk_add(o, length);
	return true;
}

bool trunk_wants(const struct own *o, size_t *at_r)
{
	const struct trunk *t = o->trunk;
	unsigned enough = (unsigned)net_conf_of(o->nw->w)->conn_backlog + 1;

	if (t->ahead_n && (t->ahead_n >= enough || t->looked == conn_flow(o->c)->end))
		return false;
	*at_r = t->ahead_bytes;
	return true;
}

void trunk_add(struct own *o, size_t length)
{
	struct trunk *t = o->trunk;

	if (!length) {
		t->looked = conn_flow(o->c)->end;
		return;
	}
	t->ahead[(t->ahead_first + t->ahead_n++) % (CONN_BACKLOG_MAX + 1)] = (uint32_t)length;
	t->ahead_bytes += length;
}

size_t trunk_first(const struct own *o)
{
	return o->trunk->ahead_n ? o->trunk->ahead[o->trunk->ahead_first] : 0;
}

static void ahead_shift(struct trunk *t)
{
	t->ahead_bytes -= t->ahead[t->ahead_first];
	t->ahead_first = (t->ahead_first + 1) % (CONN_BACKLOG_MAX + 1);
	t->ahead_n--;
}

/* --- waiting for others ------------------------------------------------------------------------------------------------------------ */
/* The connection's input waits until so many messages of a tray are done. False: they are. */
static bool stall(struct own *o, unsigned taker, uint64_t until)
{
	if (!tray_wait(tray_to(o, taker), until))
		return false;
	if (!o->stalled)
		tcp_count(TCP_HANDED_WAITS);
	o->stalled = true;
	/* the tray is a predecessor's: the slot that is woken is another one */
	if (o->trunk->giver != o->nw->w->n) {
		o->retry_at = o->nw->w->now + LOOK_MS;
		own_deadline(o);
	}
	return true;
}

bool trunk_settled(struct own *o)
{
	for (unsigned i = 0; i < o->nw->w->run->slots_n; i++) {
		if (o->trunk->until[i] && stall(o, i, o->trunk->until[i]))
			return false;
	}
	return true;
}

/* The same without waiting for it. */
static bool is_settled(const struct own *o)
{
	const struct trunk *t = o->trunk;

	for (unsigned i = 0; i < o->nw->w->run->slots_n; i++) {
		if (t->until[i] > atomic_load(&tray_to(o, i)->done))
			return false;
	}
	return true;
}

void trunks_wake(struct net_worker *nw)
{
	for (struct list *l = nw->trunks.next; l != &nw->trunks; l = l->next) {
		struct trunk *t = container_of(l, struct trunk, link);

		if (t->own->stalled)
			own_do(t->own, OWN_READ);
	}
}

/* --- handing over ------------------------------------------------------------------------------------------------------------------ */
/* Can this other worker take one when fewer than most of ours wait there? */
static bool can_take(const struct own *o, unsigned i, unsigned most)
{
	const struct worker *w = o->nw->w;
	const struct slot *s = &w->run->slots[i];
	uint64_t busy = atomic_load_explicit(&s->busy_since, memory_order_relaxed);

	return i != w->n && tray_waiting(tray_to(o, i)) < most &&
	       atomic_load(&s->state) == SLOT_RUNNING && !(busy && busy + BUSY_MS < w->now);
}

/* The worker of that bucket; when it is not to be had the one that has the least to do for us. What is the owner's only goes to somebody who has
 * nothing to do. -1: the owner. */
static int taker_pick(const struct own *o, unsigned bucket)
{
	const struct worker *w = o->nw->w;
	unsigned first = bucket % w->run->slots_n, least = first == w->n ? 1 : TRAY_DEPTH;
	int taker = -1;

	if (can_take(o, first, TRAY_DEPTH))
		return (int)first;
	for (unsigned i = 0; i < w->run->slots_n && least; i++) {
		if (!can_take(o, i, least))
			continue;
		least = tray_waiting(tray_to(o, i));
		taker = (int)i;
	}
	return taker;
}

/* False: there is no room, or no memory. */
static bool hand_over(struct own *o, unsigned taker, const struct origin *from, struct str bytes)
{
	struct conn *c = o->c;
	struct trunk *t = o->trunk;
	struct worker *w = o->nw->w;
	struct tray *tray = tray_to(o, taker);
	struct handed *m;

	if (tray_is_full(tray))
		return false;
	m = handed_new(w->run->shm, taker, from, bytes);
	if (!m)
		return false;
	m->at = w->now;
	atomic_store(&c->handed_by, w->n + 1);
	c->handing_at = atomic_load(&tray->put);
	c->handing_to = conn_flow(c)->begin + bytes.n;
	atomic_store(&c->handing, taker + 1);
	FAULT("net.trunk.handing");
	tray_put(w->run->shm, tray, m);
	atomic_store(&conn_flow(c)->begin, c->handing_to);
	FAULT("net.trunk.framed");
	atomic_store(&c->handing, 0);
	t->until[taker] = atomic_load(&tray->put);
	slot_ready(&w->run->slots[taker]);
	tcp_count(TCP_HANDED_OVER);
	return true;
}

/* Messages of this call, or of one that meets it, are with b's taker. */
static enum trunk_way follow(struct own *o, struct bucket *b, const struct origin *from,
			     struct str bytes)
{
	const struct tray *tray = tray_to(o, b->taker);
	bool fits = bytes.n <= TRAY_MESSAGE_MAX && !worker_draining(o->nw->w);

	/* for half of the room, so that it is not one by one */
	if (fits && tray_is_full(tray) &&
	    stall(o, b->taker, atomic_load(&tray->put) - TRAY_ROOM / 2))
		return TRUNK_WAITS;
	if (fits && hand_over(o, b->taker, from, bytes)) {
		b->until = o->trunk->until[b->taker];
		return TRUNK_HANDED;
	}
	return stall(o, b->taker, b->until) ? TRUNK_WAITS : TRUNK_OWN;
}

/* As with the framer, nobody may die of these bytes twice. */
static bool call_id_find(struct own *o, struct str bytes, struct str *call_id_r)
{
	bool found;

	own_look_begin(o, bytes);
	FAULT("net.trunk.call_id");
	found = hdr_peek(bytes, HDR_CALL_ID, call_id_r);
	own_look_end(o);
	return found;
}

static enum trunk_way way(struct own *o, const struct origin *from, struct str bytes)
{
	const struct trunk *t = o->trunk;
	int64_t backlog = net_conf_of(o->nw->w)->conn_backlog;
	bool busy = backlog && t->ahead_n > (unsigned)backlog && !worker_draining(o->nw->w);
	struct str call_id;
	struct bucket *b;
	int taker;

	if ((!busy && is_settled(o)) || !call_id_find(o, bytes, &call_id))
		return TRUNK_OWN;
	b = &o->trunk->buckets[str_core_hash(call_id, STR_NULL) % BUCKETS];
	if (b->until > atomic_load(&tray_to(o, b->taker)->done))
		return follow(o, b, from, bytes);
	taker = busy && bytes.n <= TRAY_MESSAGE_MAX ? taker_pick(o, (unsigned)(b - t->buckets))
						    : -1;
	if (taker < 0 || !hand_over(o, (unsigned)taker, from, bytes))
		return TRUNK_OWN;
	*b = (struct bucket){ .taker = (unsigned)taker, .until = t->until[taker] };
	return TRUNK_HANDED;
}

enum trunk_way trunk_pass(struct own *o, const struct origin *from, struct str bytes)
{
	enum trunk_way passed = way(o, from, bytes);

	if (passed != TRUNK_WAITS)
		ahead_shift(o->trunk);
	return passed;
}

/* --- the life of it ---------------------------------------------------------------------------------------------------------------- */
bool trunk_inherit(struct own *o)
{
	unsigned giver = atomic_load(&o->c->handed_by) - 1;
	struct trunk *t = trunk_new(o, giver);

	if (!t) {
		own_abort(o, ENOMEM, true);
		return false;
	}
	t->inherited = true;
	for (unsigned i = 0; i < o->nw->w->run->slots_n; i++)
		t->until[i] = atomic_load(&tray_to(o, i)->put);
	return true;
}

bool trunk_goes_on(struct own *o)
{
	bool draining = worker_draining(o->nw->w);

	if (!o->eof && !o->trunk->inherited && !draining)
		return true;
	if (!trunk_settled(o))
		return false;
	if (o->eof) {
		own_finish(o);
		return false;
	}
	if (o->trunk->inherited)
		trunk_drop(o);
	return !draining;
}

void trunk_rest(struct own *o)
{
	if (!o->trunk->ahead_n && is_settled(o))
		trunk_drop(o);
}
