/* SPDX-License-Identifier: BSD-2-Clause */
/* Datagrams. They are received into shared memory of the slot's, so that a message which kills its worker is still there afterwards. */
#include "core/net/own.h"

#include "core/mem/fault.h"
#include "core/run/log.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>

#define TURN_DATAGRAMS 32u
#define NO_SLEEP_US    3u /* a wait that took no longer had nothing to wait for */
#define LATE_US	       10000u
/* Another worker may bring up the next error between two tries: to read one from the queue does that. */
#define SEND_TRIES 3

struct udp_socket {
	struct watch watch;
	struct net_worker *nw;
	const struct listener *listener;
	uint32_t late_us; /* how long the datagram in hand had to wait for us */
};

/* RFC 5626 and habit: CRLF, NULs, a few bytes of anything. */
static bool is_keepalive(struct str s)
{
	if (s.n < 4)
		return true;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '\r' && s.p[i] != '\n' && s.p[i] != '\0')
			return false;
	}
	return true;
}

static void deliver(struct udp_socket *u, const struct addr *src, struct str bytes)
{
	struct net_worker *nw = u->nw;
	struct slot *slot = nw->w->slot;
	struct origin from = { .listener = u->listener,
			       .transport = u->listener->transport,
			       .src = *src,
			       .dst = u->listener->addr,
			       .late_us = u->late_us };

	slot_hand_from(slot, src, &u->listener->addr, from.transport->name);
	slot_hand(slot, HAND_DATAGRAM, 0, bytes);
	FAULT("net.datagram");
	counter_inc(&net_udp_counters, UDP_MESSAGES_IN);
	nw->net->hooks.message(nw->w, &from, bytes);
	slot_hand(slot, HAND_NONE, 0, STR_NULL);
}

static bool is_answerable(const struct addr *src)
{
	return addr_port(src) && !addr_is_any(src) && !addr_is_multicast(src) &&
	       !addr_is_broadcast(src);
}

static void judge(struct udp_socket *u, const struct sockaddr_storage *sa, struct str bytes)
{
	struct addr src = addr_from_sockaddr((const struct sockaddr *)sa);

	counter_add(&net_udp_counters, UDP_BYTES_IN, bytes.n);
	if (is_keepalive(bytes)) {
		counter_inc(&net_udp_counters, UDP_KEEPALIVES);
		return;
	}
	if (!is_answerable(&src)) {
		counter_inc(&net_udp_counters, UDP_BAD_SOURCE);
		log_limited(LOG_INFO, "udp", "dropped a datagram that cannot be answered",
			    KV_ADDR("peer", &src), KV_ADDR("socket", &u->listener->addr));
		return;
	}
	deliver(u, &src, bytes);
}

/* The kernel says when a datagram came, by the wall clock: should somebody set that, what waits at this moment looks older or younger, once. */
static uint32_t age_us(struct msghdr *mh)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(mh);
	struct timespec came, now;
	int64_t us;

	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS)
		return 0;
	memcpy(&came, CMSG_DATA(c), sizeof(came));
	clock_gettime(CLOCK_REALTIME, &now);
	us = (now.tv_sec - came.tv_sec) * INT64_C(1000000) + (now.tv_nsec - came.tv_nsec) / 1000;
	return us < 0 ? 0 : us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
}

/* To be told the time costs a quarter more than the datagram alone, so it is not asked for where there can be no queue. */
static ssize_t receive_bytes(struct udp_socket *u, char *buffer, struct sockaddr_storage *src,
			     bool timed)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct timespec))];
	struct iovec iov = { .iov_base = buffer, .iov_len = SLOT_BUFFER };
	struct msghdr mh = { .msg_name = src,
			     .msg_namelen = sizeof(*src),
			     .msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = control,
			     .msg_controllen = sizeof(control) };
	socklen_t src_n = sizeof(*src);
	ssize_t n;

	if (!timed)
		return recvfrom(u->watch.fd, buffer, SLOT_BUFFER, MSG_DONTWAIT,
				(struct sockaddr *)src, &src_n);
	n = recvmsg(u->watch.fd, &mh, MSG_DONTWAIT);
	u->late_us = n < 0 ? 0 : age_us(&mh);
	return n;
}

/* One datagram; false: there is none. */
static bool receive_one(struct udp_socket *u, bool timed)
{
	char *buffer = atomic_load_explicit(&u->nw->w->slot->buffer, memory_order_relaxed);
	struct sockaddr_storage src;
	ssize_t n = receive_bytes(u, buffer, &src, timed);

	if (n < 0) {
		if (errno == EINTR || icmp_may_say(errno))
			return true;
		if (errno != EAGAIN) {
			counter_inc(&net_udp_counters, UDP_RECEIVE_FAILED);
			log_limited(LOG_ERR, "udp", "could not receive",
				    KV_ADDR("socket", &u->listener->addr), KV_ERRNO(errno));
		}
		return false;
	}
	judge(u, &src, str_of(buffer, (size_t)n));
	return true;
}

static void receive(struct udp_socket *u, unsigned most)
{
	struct share *share = &u->nw->share;
	unsigned n = 0;

	u->late_us = 0;
	/* the first one of several tells how long the queue is; as long as it is long, each of them does */
	while (n < most && receive_one(u, most > 1 && (n == 0 || u->late_us > LATE_US)))
		n++;
	share->woken = true;
	share->datagrams += n;
	share->full |= n == TURN_DATAGRAMS;
}

/* A worker that slept was woken by one datagram, and mostly there is only that one: looking for a second costs more than being told at once, by the next
 * wait, that there is one. */
static void ready(struct watch *watch, uint32_t events)
{
	struct udp_socket *u = container_of(watch, struct udp_socket, watch);
	bool slept = u->nw->w->waited_us > NO_SLEEP_US;

	if (events & EPOLLERR)
		icmp_read(u->nw, u->listener);
	if (events == EPOLLERR)
		return;
	u->nw->share.slept |= slept;
	receive(u, slept ? 1 : TURN_DATAGRAMS);
}

static void listen_stop(struct net_worker *nw)
{
	for (unsigned i = 0; i < nw->udp_n; i++)
		loop_unwatch(nw->w->loop, &nw->udp[i].watch);
}

static int listen_start(struct net_worker *nw)
{
	int err = 0;

	for (unsigned i = 0; i < nw->udp_n && !err; i++)
		err = loop_watch(nw->w->loop, &nw->udp[i].watch, true);
	/* all or none: whoever listens only in part would never be tried again */
	if (err)
		listen_stop(nw);
	else
		share_join(nw);
	return err;
}

void udp_poked(struct net_worker *nw)
{
	counter_inc(&net_udp_counters, UDP_POKES);
	for (unsigned i = 0; i < nw->udp_n; i++)
		receive(&nw->udp[i], TURN_DATAGRAMS);
	if (!nw->share.listens && listen_start(nw))
		log_limited(LOG_ERR, "udp", "could not listen", KV_ERRNO(errno));
}

void udp_turn(struct net_worker *nw)
{
	if (share_turn(nw))
		listen_stop(nw);
	else if (share_is_left_alone(nw))
		udp_poked(nw);
}

int udp_start(struct net_worker *nw)
{
	struct net *net = nw->net;

	nw->udp = calloc(net->listeners_n + 1, sizeof(*nw->udp));
	if (!nw->udp)
		return -ENOMEM;
	for (unsigned i = 0; i < net->listeners_n; i++) {
		const struct listener *l = &net->listeners[i];
		struct udp_socket *u = &nw->udp[nw->udp_n];

		if (l->transport->reliable || l->fd < 0)
			continue;
		*u = (struct udp_socket){ .nw = nw, .listener = l };
		u->watch = (struct watch){
			.fd = l->fd, .events = EPOLLIN, .ready = ready, .first = true
		};
		nw->udp_n++;
	}
	return listen_start(nw);
}

void udp_stop(struct net_worker *nw)
{
	listen_stop(nw);
	free(nw->udp);
	nw->udp = NULL;
	nw->udp_n = 0;
}

int udp_send(struct worker *w, const struct target *t, const struct iovec *iov, unsigned n)
{
	struct addr to = t->addr;
	struct msghdr mh = { .msg_name = &to.sa,
			     .msg_namelen = addr_len(&to),
			     .msg_iov = (struct iovec *)(uintptr_t)iov,
			     .msg_iovlen = n };
	const int flags = MSG_DONTWAIT | MSG_NOSIGNAL;
	ssize_t sent = -1;

	(void)w;
	if (to.sa.sa_family != t->from->addr.sa.sa_family)
		return -EAFNOSUPPORT;
	for (int i = 0; i < SEND_TRIES && sent < 0; i++) {
		sent = n == 1 ? sendto(t->from->fd, iov->iov_base, iov->iov_len, flags, &to.sa,
				       addr_len(&to)) /* less for the kernel to read */
			      : sendmsg(t->from->fd, &mh, flags);
		if (sent < 0 && errno != EINTR && !icmp_may_say(errno))
			break;
	}
	if (sent >= 0) {
		counter_inc(&net_udp_counters, UDP_MESSAGES_OUT);
		counter_add(&net_udp_counters, UDP_BYTES_OUT, (uint64_t)sent);
		return 0;
	}
	if (errno == EAGAIN || errno == ENOBUFS) {
		counter_inc(&net_udp_counters, UDP_SEND_FULL);
		/* the interface was full: as lost as on any other way, and it is sent again */
		return errno == ENOBUFS ? 0 : -EAGAIN;
	}
	if (errno == EMSGSIZE) {
		counter_inc(&net_udp_counters, UDP_SEND_TOO_LARGE);
		return -EMSGSIZE;
	}
	sent = -errno;
	counter_inc(&net_udp_counters, UDP_SEND_FAILED);
	log_limited(LOG_INFO, "udp", "could not send", KV_ADDR("peer", &to),
		    KV_ADDR("socket", &t->from->addr), KV_ERRNO((int)-sent));
	return (int)sent;
}
