/* SPDX-License-Identifier: BSD-2-Clause */
/* What is made before the first fork, and what the statistics tell. */
#include "core/net/listener.h"
#include "core/net/own.h"

#include "core/run/conf.h"
#include "core/run/log.h"

#include <ares.h>
#include <errno.h>
#include <stdlib.h>

#define CONNS_LEAST   64u
#define CONNS_MOST    (1u << 20)
#define FDS_FOR_OTHER 64u /* what main needs besides connections, and for each slot and listener */

/* Shared memory that lives as long as the router, zeroed. */
static void *block_new(struct run *run, size_t size)
{
	unsigned pages = (unsigned)((size + SHM_PAGE - 1) / SHM_PAGE);
	void *p = pages_alloc(run->shm, pages, ID_MAKE(ID_CORE, 0, 0));

	if (!p)
		return NULL;
	memset(p, 0, (size_t)pages * SHM_PAGE);
	pages_publish(run->shm, p);
	return p;
}

static unsigned conns_wanted(const struct run *run, const struct net *net,
			     const struct net_conf *conf)
{
	unsigned limit = fd_limit(), others;
	unsigned wanted = (unsigned)conf->tcp_max_connections;

	others = FDS_FOR_OTHER + 4 * run->slots_n + net->listeners_n;
	if (!wanted)
		wanted = limit / 2;
	if (wanted + others > limit) {
		unsigned fits = limit > others + CONNS_LEAST ? limit - others : CONNS_LEAST;

		if (conf->tcp_max_connections)
			log_warn("tcp", "tcp_max_connections is more than the open files allow",
				 KV_INT("tcp_max_connections", wanted), KV_INT("used", fits),
				 KV_Z("hint", "raise open_fd_limit"));
		wanted = fits;
	}
	return wanted > CONNS_MOST ? CONNS_MOST : wanted;
}

static int blocklist_make(struct run *run, struct net_shared *s, const struct net_conf *conf)
{
	unsigned kb = (unsigned)conf->dst_blocklist_mem;

	if (!conf->dst_blocklist_init)
		return 0;
	s->blocklist = block_new(run, blocklist_size(kb));
	if (!s->blocklist)
		return -ENOMEM;
	blocklist_init(s->blocklist, kb);
	return 0;
}

static int shared_make(struct run *run, struct net *net, const struct net_conf *conf)
{
	struct net_shared *s = block_new(run, sizeof(*s));

	net->shared = s;
	if (!s)
		return -ENOMEM;
	random_bytes(&s->key, sizeof(s->key));
	s->slots = block_new(run, run->slots_n * sizeof(*s->slots));
	s->ready = block_new(run, run->slots_n * sizeof(*s->ready));
	s->closed = block_new(run, marks_size(net->conns_max));
	s->trays = block_new(run, trays_size(run->slots_n));
	if (!s->slots || !s->ready || !s->closed || !s->trays || blocklist_make(run, s, conf))
		return -ENOMEM;
	marks_init(s->closed, net->conns_max);
	for (unsigned i = 0; i < run->slots_n; i++) {
		queue_fresh(&s->slots[i].failed);
		s->ready[i] = block_new(run, marks_size(net->conns_max));
		if (!s->ready[i])
			return -ENOMEM;
		marks_init(s->ready[i], net->conns_max);
	}
	net->peers = block_new(run, peers_size(net->conns_max));
	net->conns = slab_new(run->shm, ID_CONN, sizeof(struct conn), net->conns_max, conn_fresh);
	if (!net->peers || !net->conns)
		return -ENOMEM;
	peers_init(net->peers, net->conns_max);
	return 0;
}

int net_open(struct run *run, const struct conf *conf, const struct net_hooks *hooks)
{
	const struct net_conf *nc = NET_CONF(conf);
	struct net *net = calloc(1, sizeof(*net));
	int err;

	if (!net)
		return -ENOMEM;
	run->net = net;
	net->hooks = *hooks;
	err = net_counters_register();
	if (!err && ares_library_init(ARES_LIB_INIT_ALL))
		err = -ENOMEM;
	if (!err)
		err = listeners_resolve(net, nc);
	if (!err)
		err = listeners_open(net, nc);
	if (!err) {
		net->conns_max = conns_wanted(run, net, nc);
		err = shared_make(run, net, nc);
		if (err)
			log_err("net", "no shared memory for connections",
				KV_INT("tcp_max_connections", net->conns_max),
				KV_Z("hint", "raise shm_mem or lower tcp_max_connections"));
	}
	return err;
}

void net_close(struct net **np)
{
	struct net *net = *np;

	*np = NULL;
	if (!net)
		return;
	inherited_drop(net);
	listeners_close(net);
	free(net);
	ares_library_cleanup();
}

/* What a layer keeps for a connection; somebody may change it at this moment, it is only told. */
static void heap_count(const struct conn *c, unsigned *heaps, uint64_t *pages)
{
	const struct heap *h = atomic_load(&c->heap);
	struct heap_stats stats;

	if (!h)
		return;
	heap_stats(h, &stats);
	++*heaps;
	*pages += stats.pages;
}

void net_status(struct worker *w)
{
	const struct net *net = w->run->net;
	unsigned states[CONN_GONE + 1] = { 0 }, top = slab_top(net->conns), heaps = 0;
	uint64_t waiting = 0, heap_pages = 0;

	for (unsigned i = 0; i < top; i++) {
		struct conn *c = conn_at(w->run->net, i);

		if (!c)
			continue;
		states[conn_state(c)]++;
		if (conn_state(c) != CONN_GONE)
			waiting += conn_waiting(c);
		heap_count(c, &heaps, &heap_pages);
	}
	log_at(LOG_NOTICE, "status", "connections", KV_INT("most", net->conns_max),
	       KV_INT("rows", slab_used(net->conns)), KV_INT("handed", states[CONN_HANDED]),
	       KV_INT("connecting", states[CONN_CONNECTING]),
	       KV_INT("securing", states[CONN_SECURING]), KV_INT("open", states[CONN_OPEN]),
	       KV_INT("flushing", states[CONN_FLUSHING]),
	       KV_INT("lingering", states[CONN_LINGERING]), KV_INT("gone", states[CONN_GONE]),
	       KV_INT("waiting_bytes", waiting));
	log_at(LOG_NOTICE, "status", "layers", KV_INT("connections", heaps),
	       KV_INT("heap_bytes", heap_pages * SHM_PAGE),
	       KV_INT("heap_bytes_each", heaps ? heap_pages * SHM_PAGE / heaps : 0));
	blocklist_status(w);
}

/* --- counters ---------------------------------------------------------------------------------------------------------------- */
static const struct counter_def tcp_defs[TCP_COUNTS] = {
	[TCP_ACCEPTED] = { "accepted", "connections accepted" },
	[TCP_CONNECTED] = { "connected", "connections made by us" },
	[TCP_CLOSED] = { "closed", "connections that ended" },
	[TCP_REFUSED_BY_SOURCE] = { "refused_by_source", "tcp_max_connections_per_source" },
	[TCP_REFUSED_BY_LIMIT] = { "refused_by_limit", "tcp_max_connections or open files" },
	[TCP_REFUSED_NO_MEMORY] = { "refused_no_memory", "no shared memory for a connection" },
	[TCP_ACCEPT_FAILED] = { "accept_failed", "accept failed for another reason" },
	[TCP_CONNECT_FAILED] = { "connect_failed", "connections that did not come up" },
	[TCP_CONNECT_TIMEOUTS] = { "connect_timeouts", "not up within tcp_connect_timeout" },
	[TCP_SEND_TIMEOUTS] = { "send_timeouts", "a peer took nothing for tcp_send_timeout" },
	[TCP_SEND_FAILED] = { "send_failed", "connections that broke while sending" },
	[TCP_RECEIVE_FAILED] = { "receive_failed", "connections that broke while receiving" },
	[TCP_MESSAGE_TIMEOUTS] = { "message_timeouts",
				   "a message was not whole within tcp_message_timeout" },
	[TCP_SILENT] = { "silent", "no message within tcp_accept_timeout" },
	[TCP_EXPIRED] = { "expired", "idle for tcp_connection_lifetime" },
	[TCP_MESSAGES_IN] = { "messages_in", "messages received" },
	[TCP_MESSAGES_OUT] = { "messages_out", "messages queued" },
	[TCP_BYTES_IN] = { "bytes_in", "bytes received" },
	[TCP_BYTES_OUT] = { "bytes_out", "bytes sent" },
	[TCP_PINGS] = { "pings", "CRLFCRLF answered" },
	[TCP_SKIPPED] = { "skipped", "lone CRLFs" },
	[TCP_HTTP] = { "http", "connections that spoke HTTP" },
	[TCP_BAD_400] = { "bad_framing", "streams that could not be followed" },
	[TCP_TOO_LARGE] = { "too_large", "messages above tcp_msg_max" },
	[TCP_QUEUE_FULL] = { "queue_full", "messages refused by tcp_conn_wq_max or tcp_wq_max" },
	[TCP_NO_MEMORY] = { "no_memory", "shared memory refused to a connection" },
	[TCP_UNSENT] = { "unsent", "queued messages that could not be sent" },
	[TCP_UNSENT_LOST] = { "unsent_lost", "of these, whose sender could not be told" },
	[TCP_PAUSED] = { "paused", "reading paused until the queue was shorter" },
	[TCP_REPAIRED] = { "repaired", "connections repaired after a worker's death" },
	[TCP_CLOSED_BY_DEATH] = { "closed_by_death", "connections lost with a worker" },
	[TCP_MOVED] = { "moved", "connections moved away from a paused slot" },
	[TCP_HANDED_OVER] = { "handed_over", "messages of busy connections that other workers ran "
					     "(conn_backlog)" },
	[TCP_HANDED_WAITS] = { "handed_waits", "times that reading waited for these workers" },
	[TCP_TAKEN_BACK] = { "taken_back", "messages handed over to a worker that had ended" },
};
static const struct counter_def udp_defs[UDP_COUNTS] = {
	[UDP_MESSAGES_IN] = { "messages_in", "datagrams handed up" },
	[UDP_MESSAGES_OUT] = { "messages_out", "datagrams sent" },
	[UDP_BYTES_IN] = { "bytes_in", "bytes received" },
	[UDP_BYTES_OUT] = { "bytes_out", "bytes sent" },
	[UDP_KEEPALIVES] = { "keepalives", "keep-alives dropped" },
	[UDP_BAD_SOURCE] = { "bad_source", "dropped: the source cannot be answered" },
	[UDP_RECEIVE_FAILED] = { "receive_failed", "errors of the socket" },
	[UDP_SEND_FULL] = { "send_full", "not sent: the socket was full" },
	[UDP_SEND_TOO_LARGE] = { "send_too_large", "not sent: too large for a datagram" },
	[UDP_SEND_FAILED] = { "send_failed", "not sent for another reason" },
	[UDP_POKES] = { "pokes", "times all sockets were tried because a worker was busy" },
	[UDP_UNREACHED] = { "unreached", "ICMP errors that say that a datagram did not arrive" },
};
static const struct counter_def dns_defs[DNS_COUNTS] = {
	[DNS_QUERIES] = { "queries", "names asked for" },
	[DNS_JOINED] = { "joined", "waiters that joined a query under way" },
	[DNS_CACHED] = { "cached", "answered from the cache" },
	[DNS_HOSTS] = { "hosts", "answered from the hosts file" },
	[DNS_ANSWERS] = { "answers", "names found" },
	[DNS_NO_NAME] = { "no_name", "names that do not exist" },
	[DNS_TIMEOUTS] = { "timeouts", "names without an answer in time" },
	[DNS_FAILED] = { "failed", "name servers refused or answered nonsense" },
	[DNS_REFUSED] = { "refused", "not asked: dns_max_queries or no memory" },
};

static const struct counter_def block_defs[BLOCK_COUNTS] = {
	[BLOCKED_ADDED] = { "added", "destinations listed, or listed for longer" },
	[BLOCKED_REMOVED] = { "removed", "destinations taken off before their time was over" },
	[BLOCKED_REFUSED] = { "refused", "requests that were not sent to a listed destination" },
	[BLOCKED_FULL] = { "full", "destinations put out by others: dst_blocklist_mem" },
};

struct counter_group net_tcp_counters = { .name = "tcp", .defs = tcp_defs, .n = TCP_COUNTS };
struct counter_group net_udp_counters = { .name = "udp", .defs = udp_defs, .n = UDP_COUNTS };
struct counter_group net_dns_counters = { .name = "dns", .defs = dns_defs, .n = DNS_COUNTS };
struct counter_group net_block_counters = { .name = "blocklist",
					    .defs = block_defs,
					    .n = BLOCK_COUNTS };

int net_counters_register(void)
{
	struct counter_group *all[] = { &net_tcp_counters, &net_udp_counters, &net_dns_counters,
					&net_block_counters };
	int err = 0;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]) && !err; i++)
		err = counters_register(all[i]);
	return err;
}

void main_count(struct net *net, enum tcp_count which)
{
	_Static_assert(TCP_COUNTS <= MAIN_COUNTS, "main counts by enum tcp_count");
	atomic_fetch_add(&net->shared->main_counts[which], 1);
	atomic_store(&net->shared->main_counted, 1);
}

void main_counts_take(struct net *net)
{
	struct net_shared *s = net->shared;

	if (!atomic_load(&s->main_counted) || !atomic_exchange(&s->main_counted, 0))
		return;
	for (unsigned i = 0; i < TCP_COUNTS; i++)
		counter_add(&net_tcp_counters, i, atomic_exchange(&s->main_counts[i], 0));
}
