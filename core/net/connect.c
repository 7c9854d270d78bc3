/* SPDX-License-Identifier: BSD-2-Clause */
/* Outgoing connections: one row for all workers that want the same peer, a duplicate for main, then connect(). */
#include "core/net/layered.h"

#include "core/mem/fault.h"
#include "core/run/log.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#define RETRY_MS     5u
#define UNSENT_BYTES 65536

static void number_set(int fd, int level, int name, int64_t value)
{
	int v = (int)value;

	setsockopt(fd, level, name, &v, sizeof(v)); /* what the kernel refuses stays as it is */
}

int socket_prepare(int fd, const struct net_conf *conf)
{
	number_set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	/* what a peer does not take waits in our queue, bounded and with a deadline, not in megabytes of the kernel's memory */
	number_set(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, UNSENT_BYTES);
	/* urgent bytes among the others: the counters that repairs use count them so */
	number_set(fd, SOL_SOCKET, SO_OOBINLINE, 1);
	if (conf->tcp_keepalive) {
		number_set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
		if (conf->tcp_keepidle)
			number_set(fd, IPPROTO_TCP, TCP_KEEPIDLE, conf->tcp_keepidle);
		if (conf->tcp_keepintvl)
			number_set(fd, IPPROTO_TCP, TCP_KEEPINTVL, conf->tcp_keepintvl);
		if (conf->tcp_keepcnt)
			number_set(fd, IPPROTO_TCP, TCP_KEEPCNT, conf->tcp_keepcnt);
	}
	return 0;
}

/* A socket bound to the address of a listener. -errno. */
static int socket_bound(const struct listener *from, const struct net_conf *conf)
{
	struct addr a = from->addr;
	int fd = socket(a.sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), err;

	if (fd < 0)
		return -errno;
	socket_prepare(fd, conf);
	if (conf->tos)
		number_set(fd, a.sa.sa_family == AF_INET6 ? IPPROTO_IPV6 : IPPROTO_IP,
			   a.sa.sa_family == AF_INET6 ? IPV6_TCLASS : IP_TOS, conf->tos);
	if (from->ip_free_bind)
		number_set(fd, IPPROTO_IP, IP_FREEBIND, 1);
	/* the port is chosen at connect(), when the peer is known: many connections may share it */
	number_set(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
	addr_set_port(&a, 0);
	if (bind(fd, &a.sa, addr_len(&a))) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

/* A row of ours in state connecting, or the one that is there already. */
static struct conn *row_make(struct worker *w, const struct target *t, const struct peer_key *key,
			     bool *made_r)
{
	struct net *net = w->net->net;
	struct conn *c = (struct conn *)slab_alloc(net->conns), *other;

	*made_r = false;
	if (!c)
		return NULL;
	FAULT("net.connect.row");
	conn_init(net, c, t->transport, w->now);
	c->peer = t->addr;
	c->local = t->from->addr;
	c->block_ignore = t->block_ignore;
	c->protocol = t->protocol;
	addr_set_port(&c->local, 0);
	c->listener = t->from->index;
	atomic_store(&c->owner, w->n);
	atomic_store(&c->open_at, w->now + (uint64_t)net_conf_of(w)->tcp_connect_timeout);
	if (c->layer && layered_prepare(w, c, t)) {
		slab_free(net->conns, &c->row);
		return NULL;
	}
	atomic_store(&c->state, CONN_CONNECTING);
	other = peers_insert(net, c, key);
	FAULT("net.connect.inserted");
	if (other) {
		struct heap *h = c->heap;

		heap_drop(&h);
		atomic_store(&c->state, CONN_NONE);
		slab_free(net->conns, &c->row);
		return other;
	}
	if (c->layer)
		layered_publish(c);
	atomic_fetch_add(&w->slot->connections, 1);
	*made_r = true;
	return c;
}

/* main gets its duplicate, then the peer is called. 0: under way. */
static int call(struct own *o)
{
	struct worker *w = o->nw->w;
	struct channel_msg m = { .kind = CHANNEL_CONN_KEEP, .id = o->c->id };
	int err;

	if (o->unkept) {
		err = channel_send(w->run->channels[w->n].worker_fd, &m, o->watch.fd);
		if (err == -EAGAIN) {
			o->retry_at = w->now + RETRY_MS;
			return 0;
		}
		if (err)
			return err;
		FAULT("net.connect.kept");
		o->unkept = false;
		o->retry_at = 0;
	}
	if (connect(o->watch.fd, &o->c->peer.sa, addr_len(&o->c->peer)) && errno != EINPROGRESS)
		return -errno;
	FAULT("net.connect.called");
	return 0;
}

static void connect_failed(struct own *o, int reason)
{
	tcp_count(TCP_CONNECT_FAILED);
	own_log(o, "could not connect", "connect", reason);
	own_blame(o, BLOCK_CONNECT, reason);
	own_shut(o, reason);
}

struct conn *connect_to(struct worker *w, const struct target *t, const struct peer_key *key,
			int *err_r)
{
	bool made, full = secure_is_full(w->net->net, net_conf_of(w), t->transport);
	struct conn *c = full ? NULL : row_make(w, t, key, &made);
	struct own *o;
	int fd, err;

	*err_r = -EMFILE;
	if (!c) {
		tcp_count(TCP_REFUSED_BY_LIMIT);
		log_limited(LOG_WARN, "tcp", "no room for another connection",
			    KV_ADDR("peer", &t->addr), KV_Z("stage", "connect"),
			    KV_Z("reason", full ? "tls_max_connections"
						: "tcp_max_connections, or no shared memory"));
	}
	if (!c || !made)
		return c;
	fd = socket_bound(t->from, net_conf_of(w));
	if (fd < 0) {
		*err_r = fd;
		tcp_count(TCP_CONNECT_FAILED);
		log_limited(LOG_WARN, "tcp", "could not connect", KV_ADDR("peer", &t->addr),
			    KV_ADDR("from", &t->from->addr), KV_Z("stage", "bind"), KV_ERRNO(-fd));
		conn_lost(w->net, c, -fd);
		return NULL;
	}
	*err_r = -ENOMEM;
	o = own_new(w->net, c, fd);
	if (!o)
		return NULL;
	o->unkept = true;
	err = call(o);
	if (!err) {
		own_deadline(o);
		if (!o->unkept)
			own_events(o);
		return o->c;
	}
	*err_r = err;
	connect_failed(o, -err);
	return NULL;
}

void connect_retry(struct own *o)
{
	int err = call(o);

	if (err)
		connect_failed(o, -err);
	else if (!o->unkept)
		own_events(o);
}

void connect_done(struct own *o)
{
	struct conn *c = o->c;
	socklen_t n = sizeof(int);
	struct addr local;
	int err = 0;

	if (getsockopt(o->watch.fd, SOL_SOCKET, SO_ERROR, &err, &n))
		err = errno;
	n = sizeof(local);
	if (!err && getsockname(o->watch.fd, &local.sa, &n))
		err = errno;
	/* a port called itself: nobody listens there */
	if (!err && addr_eq(&local, &c->peer))
		err = ECONNREFUSED;
	if (!err && conn_counters_base(c, o->watch.fd))
		err = ENOTCONN;
	if (err) {
		connect_failed(o, err);
		return;
	}
	c->local = local;
	atomic_store(&c->open_at, 0);
	FAULT("net.connect.done");
	tcp_count(TCP_CONNECTED);
	log_debug("tcp", "connected", KV_ADDR("peer", &c->peer), KV_ID("conn", c->id));
	if (c->layer) {
		layered_open(o);
		return;
	}
	conn_state_set(o->nw->w, c, CONN_OPEN);
	own_up(o);
}
