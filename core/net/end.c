/* SPDX-License-Identifier: BSD-2-Clause */
/* How a connection ends: what was queued is told to have failed, our side is shut, the peer's is waited for, main gets the row. */
#include "core/net/layered.h"

#include "core/mem/fault.h"
#include "core/run/log.h"

#include <errno.h>
#include <linux/sockios.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define LINGER_MS    2000u
#define SENT_LOOK_MS 10u
#define DISCARD_TURN 262144

/* --- messages that will not be sent ------------------------------------------------------------------------------------------ */
static void notice_put(struct worker *w, unsigned slot, uint64_t token, int reason)
{
	struct net_worker *nw = w->net;
	struct queue *q = &nw->net->shared->slots[slot].failed;
	struct queued *m = queued_new(w->run->shm, ID_MAKE(ID_SLOT, slot, 0), NULL, 0);

	if (!m) {
		/* whoever waits for it has a timer of his own */
		tcp_count(TCP_UNSENT_LOST);
		return;
	}
	m->token = token;
	m->reason = reason;
	queue_lock(&nw->user, q);
	queue_append_locked(&nw->user, q, m);
	queue_unlock(&nw->user, q);
	FAULT("net.notice.put");
	slot_ready(&w->run->slots[slot]);
}

void tell_unsent(struct worker *w, unsigned slot, uint64_t token, int reason)
{
	tcp_count(TCP_UNSENT);
	if (!token)
		return;
	if (slot != w->n)
		notice_put(w, slot, token, reason);
	else if (w->net->net->hooks.sent_failed)
		w->net->net->hooks.sent_failed(w, token, reason);
}

static struct queued *queue_take(struct net_worker *nw, struct queue *q)
{
	struct queued *m;

	if (!atomic_load(&q->head))
		return NULL;
	queue_lock(&nw->user, q);
	m = queue_take_locked(&nw->user, q);
	queue_unlock(&nw->user, q);
	return m;
}

void notices_take(struct net_worker *nw)
{
	struct queued *m;

	while ((m = queue_take(nw, &nw->slot->failed))) {
		uint64_t token = m->token;
		int reason = m->reason;

		chunk_free(nw->w->run->shm, m);
		FAULT("net.notice.taken");
		if (nw->net->hooks.sent_failed)
			nw->net->hooks.sent_failed(nw->w, token, reason);
	}
}

/* The state lets nobody append any more. */
static void queue_fail(struct net_worker *nw, struct queue *q, int reason)
{
	struct queued *m;

	while ((m = queue_take(nw, q))) {
		uint64_t token = m->token;
		unsigned slot = m->slot;
		bool sent = m->at + m->n <= atomic_load(&q->done);

		atomic_fetch_sub(&nw->slot->waiting, (int64_t)m->n);
		chunk_free(nw->w->run->shm, m);
		FAULT("net.fail.taken");
		if (!sent)
			tell_unsent(nw->w, slot, token, reason);
	}
}

/* --- the end ------------------------------------------------------------------------------------------------------------------ */
static void input_drop(struct net_worker *nw, struct conn *c)
{
	inflow_free(nw->w->run->shm, &c->wire);
	inflow_free(nw->w->run->shm, &c->plain);
}

/* The last that the owner does to a row. */
static void row_let_go(struct net_worker *nw, struct conn *c)
{
	input_drop(nw, c);
	atomic_fetch_sub(&nw->w->slot->connections, 1);
	FAULT("net.end.letting_go");
	atomic_store(&c->state, CONN_GONE);
	FAULT("net.end.gone");
	marks_add(nw->net->shared->closed, c->index);
	FAULT("net.end.marked");
	slot_wake_main(nw->w->run->main_eventfd);
}

static void deadlines_clear(struct conn *c)
{
	atomic_store(&c->open_at, 0);
	atomic_store(&c->idle_at, 0);
	atomic_store(&c->message_at, 0);
	atomic_store(&c->send_at, 0);
}

/* From here on nobody sends on it and nobody finds it. sound: no worker died in it. */
static void leave(struct net_worker *nw, struct conn *c, int reason, bool sound)
{
	conn_state_set(nw->w, c, CONN_LINGERING);
	FAULT("net.end.leaving");
	deadlines_clear(c);
	peers_remove(nw->net, c);
	queue_fail(nw, &c->out, reason ? reason : ENOTCONN);
	queue_fail(nw, &c->inbox, reason ? reason : ENOTCONN);
	if (c->layer)
		layered_end(nw, c, sound);
	tcp_count(TCP_CLOSED);
}

static void own_end(struct own *o)
{
	struct net_worker *nw = o->nw;
	struct conn *c = o->c;

	if (o->watched)
		loop_unwatch(nw->w->loop, &o->watch);
	timer_stop(&o->timer);
	list_remove(&o->again);
	list_remove(&o->busy);
	FAULT("net.end.closing");
	shutdown(o->watch.fd, SHUT_RDWR);
	close(o->watch.fd);
	o->watch.fd = -1;
	trunk_drop(o);
	nw->own[c->index] = NULL;
	nw->own_n--;
	o->c = NULL;
	list_append(&nw->ended, &o->again);
	row_let_go(nw, c);
}

static void down(struct own *o)
{
	if (o->up)
		own_tell(o, 0);
	o->up = false;
}

void own_abort(struct own *o, int reason, bool reset)
{
	struct linger now = { .l_onoff = 1 };

	if (conn_state(o->c) != CONN_LINGERING) {
		leave(o->nw, o->c, reason, true);
		down(o);
	}
	/* main's duplicate is the last to be closed: the option holds until then */
	if (reset)
		setsockopt(o->watch.fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	own_end(o);
}

void own_bury(struct own *o, int reason)
{
	leave(o->nw, o->c, reason, false);
	own_end(o);
}

void own_shut(struct own *o, int reason)
{
	struct conn *c = o->c;
	enum conn_state was = conn_state(c);

	if (was == CONN_LINGERING)
		return;
	leave(o->nw, c, reason, true);
	down(o);
	if (was == CONN_CONNECTING || o->eof || shutdown(o->watch.fd, SHUT_WR)) {
		own_end(o);
		return;
	}
	FAULT("net.end.shut");
	input_drop(o->nw, c);
	atomic_store(&c->open_at, o->nw->w->now + LINGER_MS);
	own_events(o);
	if (!o->c)
		return;
	own_deadline(o);
	own_linger(o);
}

void own_finish(struct own *o)
{
	struct conn *c = o->c;

	if (conn_state(c) == CONN_LINGERING)
		return;
	if (conn_state(c) == CONN_SECURING && !c->mute) {
		layered_unfinished(o, o->reason ? o->reason : ECONNABORTED);
		return;
	}
	conn_state_set(o->nw->w, c, CONN_FLUSHING);
	atomic_store(&c->open_at, 0);
	atomic_store(&c->idle_at, 0);
	atomic_store(&c->message_at, 0);
	if (!atomic_load(&c->out.head) && !layered_has_output(o)) {
		own_shut(o, o->reason);
		return;
	}
	own_do(o, OWN_WRITE);
	own_events(o);
}

void own_linger(struct own *o)
{
	static char waste[16384]; /* this process's; never looked at */
	size_t total = 0;

	while (total < DISCARD_TURN) {
		ssize_t n = recv(o->watch.fd, waste, sizeof(waste), MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			own_abort(o, 0, false);
			return;
		}
		total += (size_t)n;
	}
}

bool own_is_sending(struct own *o)
{
	int unacked = 0;

	/* one is our end of the stream, which may be acknowledged later */
	if (ioctl(o->watch.fd, SIOCOUTQ, &unacked) || unacked <= 1)
		return false;
	/* nobody tells when it changes */
	o->retry_at = o->nw->w->now + SENT_LOOK_MS;
	own_deadline(o);
	return true;
}

void conn_lost(struct net_worker *nw, struct conn *c, int reason)
{
	leave(nw, c, reason, false);
	row_let_go(nw, c);
}
