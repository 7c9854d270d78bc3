/* SPDX-License-Identifier: BSD-2-Clause */
/* How a worker comes by connections that it has not made: handed over by main, inherited from its predecessor, moved from another slot. */
#include "core/net/layered.h"

#include "core/mem/fault.h"
#include "core/run/log.h"

#include <errno.h>
#include <unistd.h>

static void drop_dead(struct own *o, const char *stage_z)
{
	tcp_count(TCP_CLOSED_BY_DEATH);
	log_limited(LOG_NOTICE, "tcp", "closing a connection whose worker died",
		    KV_ADDR("peer", &o->c->peer), KV_Z("stage", stage_z), KV_ID("conn", o->c->id));
	atomic_store(&o->c->io, CONN_IO_NONE);
	/* what the layer has besides its heap died with the worker */
	atomic_store(&o->c->broken, 1);
	own_shut(o, ECONNABORTED);
}

/* Accepted by main, never used. */
static void take_new(struct own *o)
{
	struct net_worker *nw = o->nw;
	struct conn *c = o->c;
	int64_t silent = net_conf_of(nw->w)->tcp_accept_timeout;
	struct peer_key key = peers_key_accepted(nw->net, c->transport, &c->peer);

	/* a module's own connections carry nothing but what names them */
	if (!c->protocol)
		peers_add(nw->net, c, &key);
	FAULT("net.adopt.entered");
	log_debug("tcp", "accepted", KV_ADDR("peer", &c->peer), KV_ID("conn", c->id));
	if (c->layer) {
		layered_open(o);
		return;
	}
	atomic_store(&c->open_at, silent ? nw->w->now + (uint64_t)silent : 0);
	conn_state_set(nw->w, c, CONN_OPEN);
	FAULT("net.adopt.open");
	own_up(o);
}

/* Used by a worker that is gone. */
static void take_over(struct own *o)
{
	struct conn *c = o->c;
	bool io = atomic_load(&c->io) != CONN_IO_NONE;

	if (c->layer && (atomic_load(&c->broken) || !c->up || !session_is_shared())) {
		drop_dead(o, c->layer->name_z);
		return;
	}
	if (conn_repair(c, o->watch.fd)) {
		drop_dead(o, atomic_load(&c->io) == CONN_IO_FRAMER ? "framer" : "repair");
		return;
	}
	if (io)
		tcp_count(TCP_REPAIRED);
	o->up = true;
	if (atomic_load(&c->handed_by) && !trunk_inherit(o))
		return;
	own_do(o, OWN_WRITE | OWN_READ);
	own_events(o);
	if (o->c)
		own_deadline(o);
}

void own_adopt(struct net_worker *nw, struct conn *c, int fd)
{
	struct own *o;

	FAULT("net.adopt");
	if (fd < 0) {
		tcp_count(TCP_CLOSED_BY_DEATH);
		conn_lost(nw, c, ECONNABORTED);
		return;
	}
	o = own_new(nw, c, fd);
	if (!o)
		return;
	switch (conn_state(c)) {
	case CONN_HANDED:
		take_new(o);
		break;
	case CONN_OPEN:
	case CONN_FLUSHING:
		take_over(o);
		break;
	case CONN_CONNECTING:
		drop_dead(o, "connect");
		break;
	case CONN_SECURING:
		drop_dead(o, c->layer->name_z);
		break;
	case CONN_LINGERING:
		/* its predecessor may have died on any step of the way here */
		own_bury(o, ECONNABORTED);
		break;
	default:
		break;
	}
}

static void adopt_one(struct net_worker *nw, struct conn *c)
{
	int fd = inherited_take(nw->net, c->index, c->id);

	if (conn_state(c) == CONN_GONE) {
		/* perhaps main was not told */
		if (fd >= 0)
			close(fd);
		marks_add(nw->net->shared->closed, c->index);
		slot_wake_main(nw->w->run->main_eventfd);
		return;
	}
	/* without a descriptor: main's message with it is still to come */
	if (fd < 0 && conn_state(c) == CONN_HANDED)
		return;
	own_adopt(nw, c, fd);
}

/* The slot's own counts, from its rows. The number of connections is counted only where main hands nothing to the slot meanwhile: in a
 * successor that does not run yet. */
static void recount(struct net_worker *nw, bool connections)
{
	unsigned top = slab_top(nw->net->conns), n = 0;
	int64_t waiting = 0;

	for (unsigned i = 0; i < top; i++) {
		struct conn *c = conn_at(nw->net, i);

		if (!c || atomic_load(&c->owner) != nw->w->n || conn_state(c) == CONN_GONE)
			continue;
		n++;
		waiting += (int64_t)conn_waiting(c);
	}
	if (connections)
		atomic_store(&nw->w->slot->connections, n);
	atomic_store(&nw->slot->waiting, waiting);
}

void adopt_all(struct net_worker *nw)
{
	unsigned top = slab_top(nw->net->conns);

	for (unsigned i = 0; i < top; i++) {
		struct conn *c = conn_at(nw->net, i);

		if (c && atomic_load(&c->owner) == nw->w->n && !nw->own[i])
			adopt_one(nw, c);
	}
	recount(nw, true);
}

static void nothing(unsigned i, void *arg)
{
	(void)i;
	(void)arg;
}

void own_sweep(struct net_worker *nw)
{
	unsigned top = slab_top(nw->net->conns);

	marks_take_all(nw->net->shared->ready[nw->w->n], nothing, NULL);
	for (unsigned i = 0; i < top; i++) {
		struct own *o = nw->own[i];

		if (o && (atomic_load(&o->c->out.head) || atomic_load(&o->c->inbox.head) ||
			  atomic_load(&o->c->close_asked) || atomic_load(&o->c->broken)))
			own_do(o, OWN_WRITE);
		if (o && o->locked)
			own_do(o, OWN_READ);
	}
	recount(nw, false);
	notices_take(nw);
	trunks_wake(nw);
	nw->trays_wait = true;
}

void slot_mend(struct run *run, unsigned slot)
{
	struct net *net = run->net;
	unsigned top = slab_top(net->conns);

	queue_recover(run->shm, &net->shared->slots[slot].locking);
	for (unsigned i = 0; i < top; i++) {
		struct conn *c = conn_at(net, i);

		if (!c)
			continue;
		session_mend(run, c, slot);
		if (atomic_load(&c->owner) == slot)
			conn_mend(run, c, slot);
	}
	for (unsigned i = 0; i < run->slots_n; i++) {
		tray_mend_giver(run->shm, tray_between(run, slot, i));
		tray_mend_taker(run->shm, tray_between(run, i, slot),
				atomic_load(&run->slots[slot].hand) == HAND_FRAME);
	}
}
