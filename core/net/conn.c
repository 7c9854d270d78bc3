/* SPDX-License-Identifier: BSD-2-Clause */
/* What any worker may do with a connection's row, and how its counts are repaired from the kernel's. */
#include "core/net/layered.h"

#include "core/mem/fault.h"

#include <errno.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <sys/ioctl.h>

#define REPAIR_TRIES	100
#define SHARE_WHEN_FULL 8

/* tcpi_state, as <netinet/tcp.h> names it; that header and <linux/tcp.h>, which has the counters, exclude each other. */
enum { STATE_ESTABLISHED = 1, STATE_FIN_WAIT1 = 4, STATE_FIN_WAIT2 = 5, STATE_CLOSE = 7 };

void conn_fresh(struct slab_row *row)
{
	struct conn *c = (struct conn *)row;

	queue_fresh(&c->out);
	queue_fresh(&c->inbox);
}

void conn_init(struct net *net, struct conn *c, const struct transport *t, uint64_t now)
{
	queue_init(&c->out);
	queue_init(&c->inbox);
	memset((char *)c + offsetof(struct conn, id), 0, sizeof(*c) - offsetof(struct conn, id));
	c->index = slab_index(net->conns, &c->row);
	c->id = slab_id(net->conns, &c->row);
	c->transport = t;
	c->layer = layer_of(t);
	c->since = now;
}

struct conn *conn_find(struct net *net, uint64_t id)
{
	/* where nothing can be received there are none */
	return ID_KIND(id) == ID_CONN && net->conns ? (struct conn *)slab_find(net->conns, id)
						    : NULL;
}

struct conn *conn_at(struct net *net, unsigned index)
{
	struct conn *c = (struct conn *)slab_at(net->conns, index);

	if (!c || atomic_load(&c->row.state) != MEM_LIVE || conn_state(c) == CONN_NONE)
		return NULL;
	return c;
}

bool conn_is_usable(const struct conn *c)
{
	enum conn_state s = conn_state(c);

	return s == CONN_OPEN || s == CONN_SECURING || s == CONN_CONNECTING || s == CONN_HANDED;
}

void conn_state_set(struct worker *w, struct conn *c, enum conn_state state)
{
	queue_lock(&w->net->user, &c->out);
	atomic_store(&c->state, state);
	queue_unlock(&w->net->user, &c->out);
	if (!c->layer)
		return;
	/* whoever appends behind this sees the state */
	queue_lock(&w->net->user, &c->inbox);
	queue_unlock(&w->net->user, &c->inbox);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return !a || (b && b < a) ? b : a;
}

uint64_t conn_deadline(const struct conn *c)
{
	uint64_t busy = earlier(atomic_load(&c->message_at), atomic_load(&c->send_at));

	/* an open connection with something under way is neither silent nor idle */
	if (busy && conn_state(c) == CONN_OPEN)
		return busy;
	return earlier(busy, earlier(atomic_load(&c->open_at), atomic_load(&c->idle_at)));
}

struct origin conn_origin(struct net *net, const struct conn *c)
{
	return (struct origin){
		.listener = &net->listeners[c->listener],
		.transport = c->transport,
		.src = c->peer,
		.dst = c->local,
		.conn = c->id,
	};
}

bool net_conn_origin(struct run *run, uint64_t conn, struct origin *origin_r)
{
	const struct conn *c = conn_find(run->net, conn);

	if (!c)
		return false;
	*origin_r = conn_origin(run->net, c);
	return true;
}

void conn_lives(struct worker *w, struct conn *c)
{
	int64_t ms = net_conf_of(w)->tcp_connection_lifetime;

	atomic_store(&c->idle_at, ms ? w->now + (uint64_t)ms : 0);
}

void conn_mark(struct worker *w, struct conn *c)
{
	uint32_t owner = atomic_load(&c->owner);
	struct slot *slot;

	if (owner >= w->run->slots_n)
		return; /* whoever gets it looks at its queue first of all */
	slot = &w->run->slots[owner];
	FAULT("net.mark");
	marks_add(w->net->net->shared->ready[owner], c->index);
	FAULT("net.marked");
	if (atomic_exchange(&slot->ready, 1) == 0 && owner != w->n)
		slot_wake(slot);
}

uint64_t conn_wq_limit(struct worker *w)
{
	const struct net_conf *conf = net_conf_of(w);
	int64_t all = 0;

	for (unsigned i = 0; i < w->run->slots_n; i++)
		all += atomic_load_explicit(&w->net->net->shared->slots[i].waiting,
					    memory_order_relaxed);
	/* peers that take nothing must not use up what the others need */
	return (uint64_t)(all > conf->tcp_wq_max / 2 ? conf->tcp_conn_wq_max / SHARE_WHEN_FULL
						     : conf->tcp_conn_wq_max);
}

/* May n bytes more wait? A message is always taken by an empty queue. */
static bool has_room(struct worker *w, struct conn *c, size_t n)
{
	uint64_t waiting = conn_waiting(c);

	return !waiting || waiting + n <= conn_wq_limit(w);
}

void conn_waits(struct worker *w, const struct conn *c, int64_t bytes)
{
	uint32_t owner = atomic_load(&c->owner);

	if (owner < w->run->slots_n)
		atomic_fetch_add(&w->net->net->shared->slots[owner].waiting, bytes);
}

/* Into the queue, as long as it is usable; else m is freed. */
static int append(struct worker *w, struct conn *c, struct queue *q, struct queued *m)
{
	struct net_worker *nw = w->net;
	uint64_t id = c->id;
	size_t size = m->n;
	int err = 0;

	queue_lock(&nw->user, q);
	if (conn_is_usable(c) && c->id == id)
		queue_append_locked(&nw->user, q, m);
	else
		err = -ENOTCONN;
	queue_unlock(&nw->user, q);
	if (err) {
		chunk_free(w->run->shm, m);
		return err;
	}
	FAULT("net.queue.appended");
	conn_waits(w, c, (int64_t)size);
	conn_mark(w, c);
	return 0;
}

int conn_queue(struct worker *w, struct conn *c, const struct iovec *iov, unsigned n,
	       uint64_t token)
{
	struct queued *m;
	size_t size = 0;

	for (unsigned i = 0; i < n; i++)
		size += iov[i].iov_len;
	if (!conn_is_usable(c))
		return -ENOTCONN;
	if (!has_room(w, c, size)) {
		tcp_count(TCP_QUEUE_FULL);
		return -EAGAIN;
	}
	m = queued_new(w->run->shm, c->id, iov, n);
	if (!m) {
		tcp_count(TCP_NO_MEMORY);
		return -ENOMEM;
	}
	m->token = token;
	m->slot = w->n;
	if (!c->layer)
		return append(w, c, &c->out, m);
	if (session_enter(w, c))
		return session_send(w, c, m);
	return append(w, c, &c->inbox, m);
}

void conn_wire(struct worker *w, struct conn *c, struct queued *m)
{
	struct net_worker *nw = w->net;
	enum conn_state s;
	bool appended = false;
	size_t n = m->n;

	queue_lock(&nw->user, &c->out);
	s = conn_state(c);
	if (s == CONN_OPEN || s == CONN_SECURING || s == CONN_FLUSHING) {
		queue_append_locked(&nw->user, &c->out, m);
		appended = true;
	}
	queue_unlock(&nw->user, &c->out);
	if (!appended) {
		chunk_free(w->run->shm, m);
		return;
	}
	FAULT("net.queue.wire");
	conn_waits(w, c, (int64_t)n);
}

void conn_mend(struct run *run, struct conn *c, unsigned slot)
{
	uint32_t handing = atomic_load(&c->handing);

	place_mend(run->shm, inflow_place(&c->wire));
	place_mend(run->shm, inflow_place(&c->plain));
	layered_mend(run, c);
	if (!handing)
		return;
	if (atomic_load(&tray_between(run, slot, handing - 1)->put) > c->handing_at)
		atomic_store(&conn_flow(c)->begin, c->handing_to);
	FAULT("net.conn.mend");
	atomic_store(&c->handing, 0);
}

/* --- repair ------------------------------------------------------------------------------------------------------------------- */
/* Bytes of the peer's that were read from the socket, by the kernel's counters. */
static int kernel_received(int fd, uint64_t *bytes_r)
{
	struct tcp_info info;
	int before, after;

	for (int i = 0; i < REPAIR_TRIES; i++) {
		socklen_t n = sizeof(info);

		memset(&info, 0, sizeof(info));
		if (ioctl(fd, SIOCINQ, &before) ||
		    getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &n) || ioctl(fd, SIOCINQ, &after))
			return -EIO;
		if (before != after)
			continue;
		if (info.tcpi_state == STATE_CLOSE)
			return -EIO;
		*bytes_r = info.tcpi_bytes_received - (uint64_t)before;
		/* the peer's FIN is counted as a byte */
		if (info.tcpi_state != STATE_ESTABLISHED && info.tcpi_state != STATE_FIN_WAIT1 &&
		    info.tcpi_state != STATE_FIN_WAIT2)
			--*bytes_r;
		return 0;
	}
	return -EIO;
}

/* Bytes that the socket has taken from us. */
static int kernel_sent(int fd, uint64_t *bytes_r)
{
	struct tcp_info info;
	int before, after;

	for (int i = 0; i < REPAIR_TRIES; i++) {
		socklen_t n = sizeof(info);

		memset(&info, 0, sizeof(info));
		if (ioctl(fd, SIOCOUTQ, &before) ||
		    getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &n) || ioctl(fd, SIOCOUTQ, &after))
			return -EIO;
		if (before != after)
			continue;
		*bytes_r = info.tcpi_bytes_acked + (uint64_t)before;
		return 0;
	}
	return -EIO;
}

int conn_counters_base(struct conn *c, int fd)
{
	uint64_t sent, received;

	if (kernel_sent(fd, &sent) || kernel_received(fd, &received))
		return -EIO;
	c->acked_base = sent;
	c->received_base = received;
	return 0;
}

static int repair_received(struct conn *c, int fd)
{
	const struct received *rx = atomic_load(&c->wire.rx);
	uint64_t bytes, was = atomic_load(&c->wire.end);

	if (!rx || kernel_received(fd, &bytes))
		return -EIO;
	bytes -= c->received_base;
	if (bytes < was || bytes - was > UINT32_MAX)
		return -EIO;
	atomic_store(&c->wire.end, bytes);
	return 0;
}

static int repair_sent(struct conn *c, int fd)
{
	uint64_t bytes;

	if (kernel_sent(fd, &bytes))
		return -EIO;
	bytes -= c->acked_base;
	if (bytes < atomic_load(&c->out.done) || bytes > atomic_load(&c->out.end))
		return -EIO;
	atomic_store(&c->out.done, bytes);
	return 0;
}

int conn_repair(struct conn *c, int fd)
{
	int err = 0;

	switch ((enum conn_io)atomic_load(&c->io)) {
	case CONN_IO_NONE:
		return 0;
	case CONN_IO_RECV:
		err = repair_received(c, fd);
		break;
	case CONN_IO_SEND:
		err = repair_sent(c, fd);
		break;
	case CONN_IO_FRAMER:
		return -EIO;
	}
	if (!err)
		atomic_store(&c->io, CONN_IO_NONE);
	return err;
}
