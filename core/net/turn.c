/* SPDX-License-Identifier: BSD-2-Clause */
/* A worker's part of the network: start, each turn, drain, stop. */
#include "core/net/layered.h"

#include "core/base/clock.h"
#include "core/net/resolver.h"
#include "core/run/log.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* Streams share a turn with datagrams and timers; what is left over waits for the next one. */
#define TURN_US		5000u
#define CLOCK_READ_EACH 8u

int net_worker_start(struct worker *w, bool successor)
{
	struct net *net = w->run->net;
	struct net_worker *nw = calloc(1, sizeof(*nw));
	int err;

	if (!nw)
		return -ENOMEM;
	w->net = nw;
	nw->w = w;
	nw->net = net;
	nw->slot = &net->shared->slots[w->n];
	nw->user = (struct queue_user){ .shm = w->run->shm, .locking = &nw->slot->locking };
	nw->own = calloc(net->conns_max, sizeof(*nw->own));
	list_init(&nw->again);
	list_init(&nw->ended);
	list_init(&nw->trunks);
	list_init(&nw->busy);
	nw->trays_wait = true; /* a predecessor may have left something */
	nw->route_fd[0] = nw->route_fd[1] = -1;
	if (!nw->own)
		return -ENOMEM;
	err = resolver_start(nw);
	if (!err)
		err = udp_start(nw);
	if (err) {
		log_err("net", "could not start in a worker", KV_ERRNO(-err));
		return err;
	}
	if (successor)
		slab_recover(net->conns, w->n, NULL, NULL);
	adopt_all(nw);
	inherited_drop(net);
	return 0;
}

void net_worker_channel(struct worker *w, const struct channel_msg *m, int fd)
{
	struct net_worker *nw = w->net;
	struct conn *c = conn_find(nw->net, m->id);

	/* of a connection that we have already it is the duplicate that our predecessor did not take */
	if (m->kind != CHANNEL_CONN_TAKE || !c || atomic_load(&c->owner) != w->n ||
	    conn_state(c) == CONN_GONE || nw->own[c->index]) {
		if (fd >= 0)
			close(fd);
		return;
	}
	own_adopt(nw, c, fd);
}

static void marked(unsigned i, void *arg)
{
	struct net_worker *nw = arg;
	struct own *o = nw->own[i];

	if (o)
		own_do(o, o->locked ? OWN_WRITE | OWN_READ : OWN_WRITE);
}

/* What other workers and our own messages left for us. False: nothing. */
static bool look_at_marks(struct net_worker *nw)
{
	if (!atomic_load(&nw->w->slot->ready) || !atomic_exchange(&nw->w->slot->ready, 0))
		return false;
	marks_take(nw->net->shared->ready[nw->w->n], marked, nw);
	notices_take(nw);
	trunks_wake(nw);
	nw->trays_wait = true;
	return true;
}

static void step(struct own *o, unsigned which)
{
	unsigned todo = o->todo & which;

	o->todo &= ~which;
	if (todo & OWN_LATE)
		own_late(o);
	if (o->c && todo & OWN_READ)
		stream_turn(o);
	/* replies leave before the next connection makes some: a few chunks serve all */
	if (!o->c || !(which & OWN_WRITE))
		return;
	todo |= o->todo & OWN_WRITE;
	if (todo & OWN_WRITE ||
	    (todo & OWN_READ && (atomic_load(&o->c->out.head) || atomic_load(&o->c->inbox.head)))) {
		o->todo &= ~(unsigned)OWN_WRITE;
		flush_turn(o);
	}
}

/* Does what of which is to be done for those that are in the list now, as far as the time reaches. */
static void run_again(struct net_worker *nw, unsigned which)
{
	struct list now;
	uint64_t until_us;
	unsigned n = 0;

	if (list_is_empty(&nw->again))
		return;
	until_us = clock_us() + TURN_US;
	list_init(&now);
	while (!list_is_empty(&nw->again))
		list_append(&now, list_take_first(&nw->again));
	while (!list_is_empty(&now)) {
		struct own *o = container_of(list_take_first(&now), struct own, again);

		if (++n % CLOCK_READ_EACH == 0 && clock_us() > until_us) {
			list_prepend(&now, &o->again);
			break;
		}
		step(o, which);
		if (o->c && o->todo && list_is_empty(&o->again))
			list_append(&nw->again, &o->again);
	}
	/* those whose turn did not come are the first in the next one */
	while (!list_is_empty(&now)) {
		struct list *last = now.prev;

		list_remove(last);
		list_prepend(&nw->again, last);
	}
}

static void ended_free(struct net_worker *nw)
{
	struct list *l;

	while ((l = list_take_first(&nw->ended)))
		free(container_of(l, struct own, again));
}

bool net_worker_turn(struct worker *w)
{
	struct net_worker *nw = w->net;

	if (atomic_load(&w->slot->poked) && atomic_exchange(&w->slot->poked, 0))
		udp_poked(nw);
	if (atomic_load(&w->slot->sweep) && atomic_exchange(&w->slot->sweep, 0))
		own_sweep(nw);
	main_counts_take(nw->net);
	resolver_turn(nw->resolver);
	look_at_marks(nw);
	trays_turn(nw);
	run_again(nw, OWN_LATE | OWN_READ | OWN_WRITE);
	/* what the messages of this turn made leaves in this turn */
	if (look_at_marks(nw))
		run_again(nw, OWN_WRITE);
	udp_turn(nw);
	layered_rest(nw);
	ended_free(nw);
	return !list_is_empty(&nw->again) || nw->trays_wait || atomic_load(&w->slot->ready);
}

/* Whether the end has to wait for a connection. */
static bool drain(struct own *o)
{
	/* what others still run for it may be answered on it */
	if (o->trunk && conn_state(o->c) == CONN_OPEN && !trunk_settled(o))
		return true;
	if (conn_state(o->c) == CONN_OPEN || conn_state(o->c) == CONN_SECURING)
		own_finish(o);
	if (!o->c)
		return false;
	return conn_state(o->c) == CONN_LINGERING
		       ? own_is_sending(o)
		       : atomic_load(&o->c->out.head) || layered_has_output(o);
}

unsigned net_worker_drain(struct worker *w)
{
	struct net_worker *nw = w->net;
	unsigned top = slab_top(nw->net->conns), left = trays_drain(nw);

	for (unsigned i = 0; i < top; i++) {
		if (nw->own[i] && drain(nw->own[i]))
			left++;
	}
	ended_free(nw);
	return left;
}

void net_worker_stop(struct worker *w)
{
	struct net_worker *nw = w->net;
	unsigned top;

	if (!nw)
		return;
	top = slab_top(nw->net->conns);
	for (unsigned i = 0; nw->own && i < top; i++) {
		if (nw->own[i])
			own_abort(nw->own[i], ECANCELED, false);
	}
	ended_free(nw);
	udp_stop(nw);
	resolver_stop(&nw->resolver);
	for (unsigned i = 0; i < 2; i++) {
		if (nw->route_fd[i] >= 0)
			close(nw->route_fd[i]);
	}
	free(nw->own);
	free(nw);
	w->net = NULL;
}
