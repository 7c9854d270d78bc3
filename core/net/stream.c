/* SPDX-License-Identifier: BSD-2-Clause */
/* From a connection's socket to whole messages. Three steps that know nothing of each other: fill (socket bytes into memory), the
 * layer that decodes them (layered.c; without one they are plain), frames (plain bytes into messages). */
#include "core/net/layered.h"

#include "core/mem/fault.h"
#include "core/run/log.h"

#include <errno.h>

#define TURN_MESSAGES 16u
#define TURN_BYTES    65536u
#define RX_FIRST      4096u
#define RX_BUSY	      32768u /* for a connection that fills what it gets */
#define RX_SLACK      4096u  /* above tcp_msg_max: the framer must see that a message is larger */
#define NO_MEMORY_MS  100u
#define PONG_MS	      1000u

/* What was received and not handed up yet. */
static struct str left_over(struct conn *c)
{
	return inflow_left(conn_flow(c));
}

/* Makes room for more input; -ENOMEM. */
static int rx_prepare(struct own *o)
{
	size_t most =
		(size_t)net_conf_of(o->nw->w)->tcp_msg_max + RX_SLACK + sizeof(struct received);

	return inflow_prepare(o->nw->w->run->shm, &o->c->wire, o->c->id,
			      o->rx_size ? o->rx_size : RX_FIRST, most);
}

/* How many messages wait on a busy connection is seen only of those that were read. */
static void rx_size_adapt(struct own *o, bool full)
{
	uint32_t size = o->rx_size ? o->rx_size : RX_FIRST;

	if (full && size < RX_BUSY && net_conf_of(o->nw->w)->conn_backlog)
		o->rx_size = 2 * size;
	else if (!full)
		o->rx_size = 0;
}

/* One call of recv. Bytes, 0: the peer's end, -EAGAIN, -errno. *full_r: there may be more. */
static ssize_t fill(struct own *o, bool *full_r)
{
	struct conn *c = o->c;
	size_t room;
	char *space;
	ssize_t n;

	if (rx_prepare(o))
		return -ENOMEM;
	space = inflow_space(o->nw->w->run->shm, &c->wire, &room);
	atomic_store(&c->io, CONN_IO_RECV);
	FAULT("net.recv.before");
	do
		n = recv(o->watch.fd, space, room, MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	FAULT("net.recv.after");
	if (n > 0)
		inflow_came(&c->wire, (size_t)n);
	FAULT("net.recv.counted");
	atomic_store(&c->io, CONN_IO_NONE);
	if (n < 0)
		return -errno;
	counter_add(&net_tcp_counters, TCP_BYTES_IN, (uint64_t)n);
	*full_r = (size_t)n == room;
	rx_size_adapt(o, *full_r);
	return n;
}

/* --- messages ------------------------------------------------------------------------------------------------------------------- */
static void consume(struct conn *c, size_t n)
{
	inflow_take(conn_flow(c), n);
	atomic_store(&c->message_at, 0);
}

static void arrived(struct own *o)
{
	struct conn *c = o->c;

	atomic_fetch_add(&c->messages_in, 1);
	atomic_store(&c->open_at, 0);
	conn_lives(o->nw->w, c);
	tcp_count(TCP_MESSAGES_IN);
}

/* From when its connection had something to read to the turn that reads it. What lies in the socket longer is held back by TCP. */
static uint32_t late_us(const struct own *o)
{
	uint64_t ms = o->nw->w->now - o->read_at;

	return ms > UINT32_MAX / 1000 ? UINT32_MAX : (uint32_t)ms * 1000;
}

static struct origin message_origin(const struct own *o)
{
	struct origin from = conn_origin(o->nw->net, o->c);

	from.late_us = late_us(o);
	return from;
}

static void deliver(struct own *o, const struct origin *from, struct str bytes)
{
	struct net_worker *nw = o->nw;

	slot_hand(nw->w->slot, HAND_FRAME, from->conn, bytes);
	FAULT("net.message");
	nw->net->hooks.message(nw->w, from, bytes);
	slot_hand(nw->w->slot, HAND_NONE, 0, STR_NULL);
}

/* Nobody can tell where its next message begins. */
static void lost(const struct conn *c, enum tcp_count which, const char *stage_z,
		 const char *reason_z)
{
	tcp_count(which);
	log_limited(LOG_NOTICE, "tcp", "closing a connection whose stream cannot be followed",
		    KV_ADDR("peer", &c->peer), KV_Z("stage", stage_z), KV_Z("reason", reason_z),
		    KV_ID("conn", c->id));
}

static void bad(struct own *o, struct str data, const struct frame *f)
{
	struct net_worker *nw = o->nw;
	struct conn *c = o->c;
	struct origin from = conn_origin(nw->net, c);
	struct str head = str_head(data, f->length);

	lost(c, f->error.status == 513 ? TCP_TOO_LARGE : TCP_BAD_400, "framing", f->error.what);
	slot_hand(nw->w->slot, HAND_FRAME, c->id, head);
	if (nw->net->hooks.bad_stream)
		nw->net->hooks.bad_stream(nw->w, &from, head, &f->error);
	slot_hand(nw->w->slot, HAND_NONE, 0, STR_NULL);
	own_finish(o);
}

static void ping(struct own *o)
{
	struct conn *c = o->c;
	struct iovec pong = { .iov_base = (char[]){ "\r\n" }, .iov_len = 2 };

	tcp_count(TCP_PINGS);
	if (conn_queue(o->nw->w, c, &pong, 1, 0))
		return; /* counted there; the peer pings again */
	/* one whose requests are answered lives by its pings, and one of which it is known who is there (SIP.md 1) */
	if (conn_proves(c, STR_NULL))
		atomic_store(&c->open_at, 0);
	else if (!c->messages_in || !c->messages_out)
		return;
	conn_lives(o->nw->w, c);
}

void own_look_begin(struct own *o, struct str bytes)
{
	atomic_store(&o->c->io, CONN_IO_FRAMER);
	slot_hand(o->nw->w->slot, HAND_STREAM, o->c->id, bytes);
}

void own_look_end(struct own *o)
{
	slot_hand(o->nw->w->slot, HAND_NONE, 0, STR_NULL);
	atomic_store(&o->c->io, CONN_IO_NONE);
}

static struct frame look(struct own *o, struct str data)
{
	size_t max = (size_t)net_conf_of(o->nw->w)->tcp_msg_max;
	struct frame f;

	own_look_begin(o, data);
	FAULT("net.framer");
	f = frame_next(&o->frame, data, max);
	own_look_end(o);
	return f;
}

/* The first frame of a busy connection, and as many of the messages behind it as matters. */
static struct frame look_ahead(struct own *o, struct str data)
{
	struct frame f = { .kind = FRAME_MORE };
	size_t at;

	while (trunk_wants(o, &at)) {
		f = look(o, str_skip(data, at));
		if (f.kind != FRAME_MESSAGE) {
			trunk_add(o, 0);
			break;
		}
		trunk_add(o, f.length);
	}
	if (trunk_first(o))
		f = (struct frame){ .kind = FRAME_MESSAGE, .length = trunk_first(o) };
	return f;
}

static struct frame next(struct own *o, struct str data)
{
	struct frame f;

	if (o->trunk)
		return look_ahead(o, data);
	f = look(o, data);
	if (f.kind == FRAME_MESSAGE && trunk_may_be(o, data.n - f.length) &&
	    trunk_begin(o, f.length))
		return look_ahead(o, data);
	return f;
}

/* One message; false: it waits. */
static bool message(struct own *o, struct str bytes)
{
	struct origin from = message_origin(o);
	enum trunk_way way = o->trunk ? trunk_pass(o, &from, bytes) : TRUNK_OWN;

	if (way == TRUNK_WAITS)
		return false;
	arrived(o);
	if (way == TRUNK_HANDED) {
		atomic_store(&o->c->message_at, 0);
		return true;
	}
	consume(o->c, bytes.n);
	deliver(o, &from, bytes);
	return true;
}

/* One frame; false: there is no whole one, it has to wait, or the connection ended. */
static bool frame_one(struct own *o, unsigned *messages)
{
	struct conn *c = o->c;
	struct str data = left_over(c);
	struct frame f;

	if (data.n == 0)
		return false;
	f = next(o, data);
	/* what others run is answered first */
	if ((f.kind == FRAME_HTTP || f.kind == FRAME_BAD) && o->trunk && !trunk_settled(o))
		return false;
	switch (f.kind) {
	case FRAME_MORE:
		return false;
	case FRAME_MESSAGE:
		if (!message(o, str_head(data, f.length)))
			return false;
		--*messages;
		break;
	case FRAME_PING:
		consume(c, f.length);
		--*messages;
		ping(o);
		break;
	case FRAME_SKIP:
		consume(c, f.length);
		tcp_count(TCP_SKIPPED);
		break;
	case FRAME_HTTP:
		tcp_count(TCP_HTTP);
		log_limited(LOG_NOTICE, "tcp", "closing a connection that speaks HTTP",
			    KV_ADDR("peer", &c->peer), KV_ID("conn", c->id));
		consume(c, data.n);
		own_finish(o);
		return false;
	case FRAME_BAD:
		consume(c, data.n);
		bad(o, data, &f);
		return false;
	}
	return o->c != NULL && conn_state(c) == CONN_OPEN;
}

/* The same of a module's own protocol: as much as it takes. */
static bool protocol_one(struct own *o, unsigned *messages)
{
	struct conn *c = o->c;
	struct origin from = message_origin(o);
	struct str data = left_over(c);
	size_t taken;

	if (data.n == 0)
		return false;
	own_look_begin(o, data);
	taken = c->protocol->bytes(o->nw->w, &from, data);
	own_look_end(o);
	if (!taken && data.n > (size_t)net_conf_of(o->nw->w)->tcp_msg_max)
		taken = STREAM_BAD;
	if (taken == STREAM_BAD) {
		lost(c, TCP_BAD_400, c->protocol->name_z, "that is not its protocol");
		consume(c, data.n);
		own_finish(o);
		return false;
	}
	if (taken) {
		consume(c, taken);
		arrived(o);
		--*messages;
	}
	return taken && o->c != NULL && conn_state(c) == CONN_OPEN;
}

/* Whole messages, as far as the turn's share reaches. False: the connection takes no input any more. */
static bool frames(struct own *o, unsigned *messages)
{
	while (*messages && !o->paused && !o->stalled &&
	       (o->c->protocol ? protocol_one(o, messages) : frame_one(o, messages))) {
		uint64_t waiting = conn_waiting(o->c);

		if (waiting && waiting > conn_wq_limit(o->nw->w) / 2) {
			o->paused = true;
			tcp_count(TCP_PAUSED);
			own_do(o, OWN_WRITE);
		}
	}
	return o->c != NULL && conn_state(o->c) == CONN_OPEN;
}

/* --- the turn ------------------------------------------------------------------------------------------------------------------- */
/* Behind the turn's input: memory that is not needed goes back, a message that has begun gets its deadline. */
static void rest(struct own *o, bool whole)
{
	const struct net_conf *conf = net_conf_of(o->nw->w);
	struct conn *c = o->c;
	uint64_t now = o->nw->w->now;
	struct str left = left_over(c);

	if (!inflow_left(&c->wire).n)
		inflow_free(o->nw->w->run->shm, &c->wire);
	if (left.n == 0) {
		inflow_free(o->nw->w->run->shm, conn_flow(c));
		o->pong = false;
		atomic_store(&c->message_at, 0);
	} else if (!whole && !o->paused) {
		bool pong = left.n == 2 && left.p[0] == '\r' && left.p[1] == '\n';

		if (pong && !o->pong)
			atomic_store(&c->message_at, now + PONG_MS);
		else if (!pong && (o->pong || !atomic_load(&c->message_at)))
			atomic_store(&c->message_at, now + (uint64_t)conf->tcp_message_timeout);
		o->pong = pong;
	}
	if (o->trunk && !o->stalled)
		trunk_rest(o);
	own_events(o);
	if (o->c)
		own_deadline(o);
}

static void input_ended(struct own *o, ssize_t n)
{
	if (n == -ENOMEM) {
		tcp_count(TCP_NO_MEMORY);
		o->retry_at = o->nw->w->now + NO_MEMORY_MS;
	} else if (n == 0) {
		o->eof = true;
		o->reason = conn_state(o->c) == CONN_SECURING ? ECONNRESET : 0;
		if (!o->trunk || trunk_settled(o))
			own_finish(o);
	} else if (n != -EAGAIN) {
		tcp_count(TCP_RECEIVE_FAILED);
		log_limited(LOG_INFO, "tcp", "a connection broke", KV_ADDR("peer", &o->c->peer),
			    KV_Z("stage", "receive"), KV_ERRNO((int)-n), KV_ID("conn", o->c->id));
		o->eof = true;
		own_abort(o, (int)-n, false);
	}
}

/* Are messages read from it, or will they be? */
static bool takes_input(const struct conn *c)
{
	enum conn_state s = conn_state(c);

	return s == CONN_OPEN || s == CONN_SECURING;
}

/* More for the framer. Bytes, 0: the peer's end, -EAGAIN, -ENOMEM: later; -ECANCELED: the connection takes no input any more; -errno. */
static ssize_t more_input(struct own *o, bool *full_r)
{
	struct conn *c = o->c;
	ssize_t n = (ssize_t)(c->layer ? inflow_left(&c->wire).n : 0);
	int err = 0;

	if (o->ended)
		return 0;
	/* what is left over on the wire waited for the session, or for memory */
	if (!n)
		n = fill(o, full_r);
	if (n > 0 && c->layer)
		err = layered_input(o);
	return err ? err : n;
}

static bool may_read(struct own *o)
{
	o->stalled = false;
	o->locked = false;
	if (!o->trunk)
		return !o->eof;
	if (trunk_goes_on(o))
		return true;
	if (o->c)
		own_events(o);
	return false;
}

void stream_turn(struct own *o)
{
	struct conn *c = o->c;
	unsigned messages = TURN_MESSAGES;
	size_t bytes = 0;
	ssize_t n = -EAGAIN;
	bool more, full = true;

	if (!takes_input(c) || !may_read(o))
		return;
	slot_hand_from(o->nw->w->slot, &c->peer, &c->local, c->transport->name);
	for (;;) {
		if (conn_state(c) == CONN_OPEN && !frames(o, &messages))
			return;
		more = messages == 0 || (full && bytes >= TURN_BYTES);
		/* less than there was room for: the socket is empty, epoll tells when it is not */
		if (more || !(full || o->ended) || o->paused || o->stalled || o->locked)
			break;
		n = more_input(o, &full);
		if (n == -ECANCELED)
			return;
		if (n <= 0)
			break;
		bytes += (size_t)n;
		n = -EAGAIN;
	}
	if (more)
		own_do(o, OWN_READ);
	else
		input_ended(o, n);
	if (o->c && takes_input(c))
		rest(o, more || o->stalled);
}

void stream_late(struct own *o)
{
	struct conn *c = o->c;
	const struct net_conf *conf = net_conf_of(o->nw->w);
	struct frame f = { .kind = FRAME_MORE };

	if (o->paused || o->stalled || o->todo & OWN_READ) {
		atomic_store(&c->message_at, o->nw->w->now + (uint64_t)conf->tcp_message_timeout);
		return;
	}
	if (!c->protocol)
		f = frame_flush(&o->frame, left_over(c));
	if (f.kind == FRAME_SKIP) {
		consume(c, f.length);
		tcp_count(TCP_SKIPPED);
		rest(o, false);
		return;
	}
	tcp_count(TCP_MESSAGE_TIMEOUTS);
	own_log(o, "a message did not arrive whole in time", "receive", ETIMEDOUT);
	own_finish(o);
}
