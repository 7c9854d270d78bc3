/* SPDX-License-Identifier: BSD-2-Clause */
/* Events and deadlines of own connections. */
#include "core/net/layered.h"

#include "core/run/log.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

/* What ended a wait of more than this came in it; what is found without one may have been there since the last look. */
#define SLEPT_US 100u

static void fire(struct timer *t);
static void ready(struct watch *watch, uint32_t events);

struct own *own_new(struct net_worker *nw, struct conn *c, int fd)
{
	struct own *o = calloc(1, sizeof(*o));

	if (!o) {
		close(fd);
		conn_lost(nw, c, ENOMEM);
		return NULL;
	}
	o->nw = nw;
	o->c = c;
	o->watch = (struct watch){ .fd = fd, .ready = ready };
	timer_init(&o->timer, nw->w->timers, fire);
	list_init(&o->again);
	list_init(&o->busy);
	nw->own[c->index] = o;
	nw->own_n++;
	return o;
}

struct own *own_of(struct net_worker *nw, const struct conn *c)
{
	struct own *o = nw->own[c->index];

	return o && o->c == c ? o : NULL;
}

void own_do(struct own *o, unsigned todo)
{
	const struct worker *w = o->nw->w;

	if (todo & OWN_READ & ~o->todo)
		o->read_at = w->now - (w->waited_us > SLEPT_US ? 0 : w->last_turn_us / 1000);
	o->todo |= todo;
	if (list_is_empty(&o->again))
		list_append(&o->nw->again, &o->again);
}

static bool input_waits(const struct own *o)
{
	return o->paused || o->stalled || o->locked || o->ended || o->eof || o->retry_at;
}

static uint32_t wanted(const struct own *o)
{
	uint32_t out = o->blocked ? EPOLLOUT : 0;

	switch (conn_state(o->c)) {
	case CONN_CONNECTING:
		return EPOLLOUT;
	case CONN_SECURING:
	case CONN_OPEN:
		return out | (input_waits(o) ? 0 : EPOLLIN);
	case CONN_FLUSHING:
		return out;
	case CONN_LINGERING:
		return EPOLLIN;
	default:
		return 0;
	}
}

void own_events(struct own *o)
{
	struct loop *loop = o->nw->w->loop;
	uint32_t events = wanted(o);
	int err;

	/* that the peer is gone would be told again and again, and can be looked at only when the wait is over */
	if (!events) {
		if (o->watched)
			loop_unwatch(loop, &o->watch);
		o->watched = false;
		return;
	}
	if (o->watched) {
		err = loop_change(loop, &o->watch, events);
	} else {
		o->watch.events = events;
		err = loop_watch(loop, &o->watch, false);
		o->watched = !err;
	}
	if (err) {
		own_log(o, "could not watch a connection", "watch", -err);
		own_abort(o, -err, true);
	}
}

static void ready(struct watch *watch, uint32_t events)
{
	struct own *o = container_of(watch, struct own, watch);
	bool broken = events & (EPOLLERR | EPOLLHUP);

	switch (conn_state(o->c)) {
	case CONN_CONNECTING:
		if (!o->unkept)
			connect_done(o);
		return;
	case CONN_LINGERING:
		own_linger(o);
		return;
	default:
		break;
	}
	if (broken) { /* also when neither is waited for: the next call says what it is */
		o->blocked = false;
		own_do(o, OWN_WRITE | OWN_READ);
	}
	if (events & EPOLLIN)
		own_do(o, OWN_READ);
	if (events & EPOLLOUT) {
		o->blocked = false;
		own_do(o, OWN_WRITE);
	}
}

/* --- deadlines ---------------------------------------------------------------------------------------------------------------- */
void own_deadline(struct own *o)
{
	uint64_t at = conn_deadline(o->c), now = timers_now(o->nw->w->timers);

	if (o->retry_at && (!at || o->retry_at < at))
		at = o->retry_at;
	if (!at) {
		timer_stop(&o->timer);
		return;
	}
	/* a timer that fires earlier looks again */
	if (timer_runs(&o->timer) && o->timer.at <= at)
		return;
	timer_start(&o->timer, at > now ? (uint32_t)(at - now) : 0);
}

static bool is_due(const _Atomic uint64_t *at, uint64_t now)
{
	uint64_t t = atomic_load(at);

	return t && t <= now;
}

static void open_due(struct own *o, uint64_t now)
{
	struct conn *c = o->c;

	if (is_due(&c->send_at, now)) {
		tcp_count(TCP_SEND_TIMEOUTS);
		own_log(o, "a peer takes nothing of what is queued for it", "send", ETIMEDOUT);
		own_blame(o, BLOCK_SEND, ETIMEDOUT);
		own_abort(o, ETIMEDOUT, true);
	} else if (is_due(&c->message_at, now)) {
		stream_late(o);
	} else if (!c->send_at && !c->message_at && is_due(&c->open_at, now)) {
		tcp_count(TCP_SILENT);
		log_limited(LOG_INFO, "tcp", "closing a connection that never sent a message",
			    KV_ADDR("peer", &c->peer), KV_ID("conn", c->id));
		own_finish(o);
	} else if (!c->send_at && !c->message_at && is_due(&c->idle_at, now)) {
		tcp_count(TCP_EXPIRED);
		log_debug("tcp", "closing an idle connection", KV_ADDR("peer", &c->peer),
			  KV_ID("conn", c->id));
		own_finish(o);
	}
}

static void state_due(struct own *o, uint64_t now)
{
	struct conn *c = o->c;

	switch (conn_state(c)) {
	case CONN_CONNECTING:
		if (is_due(&c->open_at, now)) {
			tcp_count(TCP_CONNECT_TIMEOUTS);
			own_log(o, "could not connect", "connect", ETIMEDOUT);
			own_blame(o, BLOCK_CONNECT, ETIMEDOUT);
			own_shut(o, ETIMEDOUT);
		} else if (o->unkept) {
			connect_retry(o);
		}
		break;
	case CONN_SECURING:
		if (is_due(&c->open_at, now) || is_due(&c->send_at, now))
			layered_unfinished(o, ETIMEDOUT);
		break;
	case CONN_OPEN:
	case CONN_FLUSHING:
		open_due(o, now);
		break;
	case CONN_LINGERING:
		if (is_due(&c->open_at, now))
			own_abort(o, 0, false);
		break;
	default:
		break;
	}
}

void own_late(struct own *o)
{
	uint64_t now = timers_now(o->nw->w->timers);

	if (o->retry_at && o->retry_at <= now) {
		o->retry_at = 0;
		own_do(o, OWN_READ);
	}
	state_due(o, now);
	if (o->c)
		own_deadline(o);
}

/* Many may fire at the same time: the turn takes them as its time allows. */
static void fire(struct timer *t)
{
	struct own *o = container_of(t, struct own, timer);

	own_do(o, OWN_LATE);
	atomic_store(&o->nw->w->slot->ready, 1);
}

void own_up(struct own *o)
{
	struct worker *w = o->nw->w;

	conn_lives(w, o->c);
	own_events(o);
	if (!o->c)
		return;
	own_deadline(o);
	o->up = true;
	own_do(o, OWN_WRITE | OWN_READ);
	own_tell(o, 1);
}

void own_tell(const struct own *o, int up)
{
	struct net_worker *nw = o->nw;
	const struct stream_protocol *p = o->c->protocol;

	if (p && p->event)
		p->event(nw->w, o->c->id, up);
	else if (!p && nw->net->hooks.conn_event)
		nw->net->hooks.conn_event(nw->w, o->c->id, up);
}

void own_blame(const struct own *o, enum block_why why, int reason)
{
	const struct conn *c = o->c;
	struct target t = { .transport = c->transport,
			    .addr = c->peer,
			    .block_ignore = c->block_ignore };

	if (!c->accepted)
		blocklist_blame(o->nw->w, &t, why, reason);
}

void own_log(const struct own *o, const char *message_z, const char *stage_z, int reason)
{
	static struct log_limit limit; /* this process's */
	struct log_kv kv[] = {
		KV_ADDR("peer", &o->c->peer), KV_Z("transport", o->c->transport->name),
		KV_Z("stage", stage_z),	      KV_ERRNO(reason),
		KV_ID("conn", o->c->id),      KV_INT("suppressed", limit.suppressed),
		{ .kind = LOG_END },
	};

	if (!log_wants(LOG_WARN) || !log_limit_pass(&limit))
		return;
	kv[5] = KV_INT("suppressed", limit.suppressed);
	limit.suppressed = 0;
	log_write(LOG_WARN, "tcp", message_z, kv);
}
