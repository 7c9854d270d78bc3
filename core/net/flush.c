/* SPDX-License-Identifier: BSD-2-Clause */
/* From the queue of a connection into its socket. */
#include "core/net/layered.h"

#include "core/mem/fault.h"
#include "core/run/log.h"

#include <errno.h>

#define PIECES	   32u
#define TURN_BYTES 262144

/* One call. Bytes sent, -EAGAIN, -errno. */
static ssize_t send_some(struct own *o, struct iovec *iov, unsigned n)
{
	struct conn *c = o->c;
	struct msghdr mh = { .msg_iov = iov, .msg_iovlen = n };
	ssize_t sent;

	atomic_store(&c->io, CONN_IO_SEND);
	FAULT("net.send.before");
	do
		sent = sendmsg(o->watch.fd, &mh, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	FAULT("net.send.after");
	if (sent > 0)
		atomic_fetch_add(&c->out.done, (uint64_t)sent);
	FAULT("net.send.counted");
	atomic_store(&c->io, CONN_IO_NONE);
	return sent < 0 ? -errno : sent;
}

static void trim(struct own *o)
{
	uint64_t bytes = queue_trim(&o->nw->user, &o->c->out);

	atomic_fetch_sub(&o->nw->slot->waiting, (int64_t)bytes);
}

/* What the state of the queue means for the deadlines and for input. */
static void settle(struct own *o, bool progress)
{
	const struct net_conf *conf = net_conf_of(o->nw->w);
	struct conn *c = o->c;
	/* what waits for a layer that is not up has another deadline */
	uint64_t waiting = c->up ? conn_waiting(c) : queue_waiting(&c->out), now = o->nw->w->now;
	int64_t timeout = c->send_timeout ? c->send_timeout : conf->tcp_send_timeout;
	bool pause = waiting && waiting > conn_wq_limit(o->nw->w) / 2;

	if (!waiting)
		atomic_store(&c->send_at, 0);
	else if (progress || !atomic_load(&c->send_at))
		atomic_store(&c->send_at, now + (uint64_t)timeout);
	if (o->paused && !pause) {
		/* the time that we did not listen is not the peer's */
		if (atomic_load(&c->message_at))
			atomic_store(&c->message_at, now + (uint64_t)conf->tcp_message_timeout);
		own_do(o, OWN_READ);
	}
	o->paused = pause;
	if (conn_state(c) == CONN_FLUSHING && !queue_waiting(&c->out) && !layered_has_output(o)) {
		own_shut(o, o->reason);
		return;
	}
	own_events(o);
	if (o->c)
		own_deadline(o);
}

void flush_turn(struct own *o)
{
	struct iovec iov[PIECES];
	struct conn *c = o->c;
	size_t total = 0;
	enum conn_state s = conn_state(c);

	if (atomic_exchange(&c->close_asked, 0) && (s == CONN_OPEN || s == CONN_SECURING)) {
		own_finish(o);
		if (!o->c)
			return;
		s = conn_state(c);
	}
	if (s != CONN_OPEN && s != CONN_SECURING && s != CONN_FLUSHING)
		return;
	if (c->layer && !layered_output(o))
		return;
	trim(o); /* what a worker sent before it died */
	while (!o->blocked && total < TURN_BYTES) {
		unsigned n = queue_pieces(&c->out, iov, PIECES);
		ssize_t sent = n ? send_some(o, iov, n) : 0;

		if (!n)
			break;
		if (sent == -EAGAIN || sent == -ENOBUFS) {
			o->blocked = true;
		} else if (sent < 0) {
			tcp_count(TCP_SEND_FAILED);
			own_log(o, "a connection broke", "send", (int)-sent);
			own_abort(o, (int)-sent, false);
			return;
		} else {
			total += (size_t)sent;
			counter_add(&net_tcp_counters, TCP_BYTES_OUT, (uint64_t)sent);
			trim(o);
		}
	}
	if (total >= TURN_BYTES)
		own_do(o, OWN_WRITE);
	settle(o, total > 0);
}
