/* SPDX-License-Identifier: BSD-2-Clause */
/* What this layer knows, by whom it is seen: struct net (made before the fork, then constant), its shared part, and each process's own. */
#ifndef NET_STATE_H
#define NET_STATE_H

#include "core/net/blocklist.h"
#include "core/net/conf.h"
#include "core/net/conn.h"
#include "core/net/marks.h"
#include "core/net/peers.h"
#include "core/net/share.h"
#include "core/net/tray.h"

#include <poll.h>

/* A slot's words in shared memory. */
struct net_slot {
	struct queue
		failed; /* notices of messages which its worker queued elsewhere and which will not be sent */
	struct queue *_Atomic locking; /* whose lock its worker takes or holds */
	_Atomic uint32_t listens;      /* its worker waits for datagrams; see share.h */
	_Atomic int64_t waiting;       /* bytes in the queues of its connections */
};

/* Counts of main's, which has no row of counters: the next worker that begins a turn adds them to its own. */
#define MAIN_COUNTS 64u

struct net_shared {
	struct mac_key key;
	_Atomic uint32_t
		secure_kept; /* connections of secure transports that main knows; only main writes it */
	_Atomic uint32_t main_counted;
	_Atomic uint32_t main_counts[MAIN_COUNTS]; /* by enum tcp_count */
	struct marks *closed;			   /* connections in state CONN_GONE, for main */
	struct marks **ready; /* for each slot: connections with something to do */
	struct net_slot *slots;
	struct tray *trays;	     /* for each pair of slots: tray_between */
	struct blocklist *blocklist; /* NULL: dst_blocklist_init=no */
};

/* A name that stands in listen= or was found for it: one of ours. */
struct own_name {
	struct str host;
	unsigned listener;
};

struct net {
	struct net_hooks hooks;
	struct listener *listeners;
	unsigned listeners_n;
	struct own_name *names;
	unsigned names_n;
	struct pollfd *udp; /* all UDP sockets */
	unsigned udp_n;
	struct slab *conns;
	unsigned conns_max;
	struct peers *peers;
	struct net_shared *shared;
	uint64_t dry_conn; /* net_dry_session_set() */
	const void *dry_session;
	struct net_main *main; /* main's; in a child what it inherited, until net_worker_start */
};

struct own;
struct resolver;
struct udp_socket;

/* This worker's. */
struct net_worker {
	struct worker *w;
	struct net *net;
	struct net_slot *slot;
	struct queue_user user;
	struct own **own; /* by connection index; NULL: not ours */
	unsigned own_n;
	struct list again;  /* struct own: something to do, in order */
	struct list ended;  /* struct own: freed at the end of the turn */
	struct list busy;   /* struct own: their layers were used not long ago, the longest first */
	struct list trunks; /* struct trunk: busy connections whose messages others run, too */
	bool trays_wait;    /* there may be something in the trays for us */
	struct udp_socket *udp;
	unsigned udp_n;
	struct share share;
	int route_fd[2]; /* sockets that are only asked for the kernel's route: IPv4, IPv6 */
	struct resolver *resolver;
};

static inline const struct net_conf *net_conf_of(const struct worker *w)
{
	return NET_CONF(worker_conf(w));
}

/* tls_max_connections: by what main knows, so that workers that connect at the same time may pass it by a few. */
static inline bool secure_is_full(const struct net *net, const struct net_conf *conf,
				  const struct transport *t)
{
	return t->secure && conf->tls_max_connections &&
	       atomic_load(&net->shared->secure_kept) >= conf->tls_max_connections;
}

/* --- counters ---------------------------------------------------------------------------------------------------------------- */
enum tcp_count {
	TCP_ACCEPTED,
	TCP_CONNECTED,
	TCP_CLOSED,
	TCP_REFUSED_BY_SOURCE,
	TCP_REFUSED_BY_LIMIT,
	TCP_REFUSED_NO_MEMORY,
	TCP_ACCEPT_FAILED,
	TCP_CONNECT_FAILED,
	TCP_CONNECT_TIMEOUTS,
	TCP_SEND_TIMEOUTS,
	TCP_SEND_FAILED,
	TCP_RECEIVE_FAILED,
	TCP_MESSAGE_TIMEOUTS,
	TCP_SILENT,
	TCP_EXPIRED,
	TCP_MESSAGES_IN,
	TCP_MESSAGES_OUT,
	TCP_BYTES_IN,
	TCP_BYTES_OUT,
	TCP_PINGS,
	TCP_SKIPPED,
	TCP_HTTP,
	TCP_BAD_400,
	TCP_TOO_LARGE,
	TCP_QUEUE_FULL,
	TCP_NO_MEMORY,
	TCP_UNSENT,
	TCP_UNSENT_LOST,
	TCP_PAUSED,
	TCP_REPAIRED,
	TCP_CLOSED_BY_DEATH,
	TCP_MOVED,
	TCP_HANDED_OVER,
	TCP_HANDED_WAITS,
	TCP_TAKEN_BACK,
	TCP_COUNTS
};
enum udp_count {
	UDP_MESSAGES_IN,
	UDP_MESSAGES_OUT,
	UDP_BYTES_IN,
	UDP_BYTES_OUT,
	UDP_KEEPALIVES,
	UDP_BAD_SOURCE,
	UDP_RECEIVE_FAILED,
	UDP_SEND_FULL,
	UDP_SEND_TOO_LARGE,
	UDP_SEND_FAILED,
	UDP_POKES,
	UDP_UNREACHED,
	UDP_COUNTS
};
enum dns_count {
	DNS_QUERIES,
	DNS_JOINED,
	DNS_CACHED,
	DNS_HOSTS,
	DNS_ANSWERS,
	DNS_NO_NAME,
	DNS_TIMEOUTS,
	DNS_FAILED,
	DNS_REFUSED,
	DNS_COUNTS
};
enum block_count { BLOCKED_ADDED, BLOCKED_REMOVED, BLOCKED_REFUSED, BLOCKED_FULL, BLOCK_COUNTS };
extern struct counter_group net_tcp_counters, net_udp_counters, net_dns_counters,
	net_block_counters;
int net_counters_register(void);

static inline void tcp_count(enum tcp_count which)
{
	counter_inc(&net_tcp_counters, which);
}
/* The same in main. */
void main_count(struct net *net, enum tcp_count which);
void main_counts_take(struct net *net);

#endif
