/* SPDX-License-Identifier: BSD-2-Clause */
/* main accepts connections: as many in a turn as do not hold it up, within the limits, each with a row before it is handed over. */
#include "core/net/main.h"

#include "core/base/clock.h"
#include "core/run/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#define TURN_ACCEPTS 64u
#define PAUSE_MS     20u

static void pause_accepting(struct net_main *nm)
{
	nm->pause_until = clock_ms() + PAUSE_MS;
	for (unsigned i = 0; i < nm->accepting_n; i++) {
		struct accepting *a = &nm->accepting[i];

		if (a->watched)
			loop_unwatch(nm->loop, &a->watch);
		a->watched = false;
	}
}

static void refuse_limit(struct net_main *nm, const struct addr *peer, enum tcp_count which,
			 const char *reason_z)
{
	main_count(nm->net, which);
	log_limited(LOG_WARN, "tcp", "refused a connection", KV_ADDR("peer", peer),
		    KV_Z("stage", "accept"), KV_Z("reason", reason_z));
}

/* Whether the limits let another connection of this peer in. */
static bool is_welcome(struct net_main *nm, const struct listener *l, const struct addr *peer)
{
	const struct net_conf *conf = NET_CONF(atomic_load(nm->run->conf));
	int64_t most = conf->tcp_max_connections_per_source;

	if (secure_is_full(nm->net, conf, l->transport)) {
		refuse_limit(nm, peer, TCP_REFUSED_BY_LIMIT, "tls_max_connections");
		return false;
	}
	if (most && sources_count(nm->sources, peer) >= most && !networks_have(conf->allow, peer)) {
		main_count(nm->net, TCP_REFUSED_BY_SOURCE);
		log_limited(LOG_NOTICE, "tcp", "refused a connection of a source that has too many",
			    KV_ADDR("peer", peer), KV_INT("tcp_max_connections_per_source", most));
		return false;
	}
	return true;
}

/* A row for an accepted connection. False: none at this moment, try again. fd is taken otherwise. */
static bool row_make(struct net_main *nm, const struct listener *l, const struct addr *peer, int fd)
{
	struct conn *c;

	errno = 0;
	c = (struct conn *)slab_try_alloc(nm->net->conns);
	if (!c && errno == EAGAIN)
		return false;
	if (!c) {
		if (slab_used(nm->net->conns) >= nm->net->conns_max)
			refuse_limit(nm, peer, TCP_REFUSED_BY_LIMIT, "tcp_max_connections");
		else
			refuse_limit(nm, peer, TCP_REFUSED_NO_MEMORY, "no shared memory");
		close(fd);
		return true;
	}
	conn_init(nm->net, c, l->transport, clock_ms());
	c->peer = *peer;
	c->local = l->addr;
	c->listener = l->index;
	c->accepted = true;
	c->protocol = l->protocol;
	atomic_store(&c->owner, SHM_MAIN);
	atomic_store(&c->state, CONN_HANDED);
	slab_publish(&c->row);
	main_count(nm->net, TCP_ACCEPTED);
	keep_add(nm, c, fd, true);
	keep_hand_over(nm, c->index);
	return true;
}

/* No descriptor is left: the spare one is given up for a moment, so that the peer hears that it is refused. */
static void refuse_one(struct net_main *nm, const struct listener *l)
{
	struct addr peer = { 0 };
	socklen_t n = sizeof(peer);
	int fd;

	if (nm->spare_fd >= 0)
		close(nm->spare_fd);
	fd = accept4(l->fd, &peer.sa, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd >= 0) {
		refuse_limit(nm, &peer, TCP_REFUSED_BY_LIMIT, "no more open files (open_fd_limit)");
		close(fd);
	}
	nm->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		pause_accepting(nm);
}

static bool is_passing(int err)
{
	/* errors of the connection that was to be accepted, accept(2) */
	return err == EINTR || err == ECONNABORTED || err == EPROTO || err == ENETDOWN ||
	       err == EHOSTDOWN || err == EHOSTUNREACH || err == ENETUNREACH || err == EPERM ||
	       err == ENOPROTOOPT || err == ENONET || err == EOPNOTSUPP;
}

/* False: enough for this turn. */
static bool accept_one(struct net_main *nm, const struct listener *l)
{
	struct sockaddr_storage sa;
	socklen_t n = sizeof(sa);
	struct addr peer;
	int fd = accept4(l->fd, (struct sockaddr *)&sa, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0) {
		if (errno == EMFILE || errno == ENFILE) {
			refuse_one(nm, l);
			return true;
		}
		if (is_passing(errno))
			return true;
		if (errno != EAGAIN) {
			main_count(nm->net, TCP_ACCEPT_FAILED);
			log_limited(LOG_ERR, "tcp", "could not accept a connection",
				    KV_ADDR("socket", &l->addr), KV_ERRNO(errno));
			pause_accepting(nm);
		}
		return false;
	}
	peer = addr_from_sockaddr((const struct sockaddr *)&sa);
	if (!is_welcome(nm, l, &peer)) {
		close(fd);
		return true;
	}
	if (!row_make(nm, l, &peer, fd)) {
		nm->row_fd = fd;
		nm->row_peer = peer;
		nm->row_listener = l;
		pause_accepting(nm);
		return false;
	}
	return true;
}

static void ready(struct watch *watch, uint32_t events)
{
	struct accepting *a = container_of(watch, struct accepting, watch);
	struct net_main *nm = a->main;

	(void)events;
	for (unsigned i = 0; i < TURN_ACCEPTS && !nm->pause_until; i++) {
		/* what nobody can be given to stays with the kernel */
		if (nm->pick_slot(nm->arg, NULL) < 0) {
			pause_accepting(nm);
			return;
		}
		if (!accept_one(nm, a->listener))
			return;
	}
}

void accept_turn(struct net_main *nm)
{
	if (nm->row_fd >= 0 && row_make(nm, nm->row_listener, &nm->row_peer, nm->row_fd))
		nm->row_fd = -1;
	if (!nm->pause_until || nm->stopped || nm->row_fd >= 0 || clock_ms() < nm->pause_until)
		return;
	nm->pause_until = 0;
	if (nm->spare_fd < 0)
		nm->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	for (unsigned i = 0; i < nm->accepting_n; i++) {
		struct accepting *a = &nm->accepting[i];

		if (!a->watched)
			a->watched = !loop_watch(nm->loop, &a->watch, false);
		if (!a->watched)
			nm->pause_until = clock_ms() + PAUSE_MS;
	}
}

int accept_start(struct net_main *nm)
{
	struct net *net = nm->net;

	nm->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	nm->accepting = calloc(net->listeners_n + 1, sizeof(*nm->accepting));
	if (!nm->accepting || nm->spare_fd < 0)
		return -ENOMEM;
	for (unsigned i = 0; i < net->listeners_n; i++) {
		const struct listener *l = &net->listeners[i];
		struct accepting *a = &nm->accepting[nm->accepting_n];
		int err;

		if (!l->transport->reliable || l->fd < 0)
			continue;
		*a = (struct accepting){ .main = nm, .listener = l };
		a->watch = (struct watch){ .fd = l->fd, .events = EPOLLIN, .ready = ready };
		err = loop_watch(nm->loop, &a->watch, false);
		if (err)
			return err;
		a->watched = true;
		nm->accepting_n++;
	}
	return 0;
}

void accept_stop(struct net_main *nm)
{
	pause_accepting(nm);
	nm->stopped = true;
	for (unsigned i = 0; i < nm->accepting_n; i++) {
		/* who calls from now on is told so */
		shutdown(nm->accepting[i].watch.fd, SHUT_RDWR);
	}
}
