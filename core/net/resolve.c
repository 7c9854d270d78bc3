/* SPDX-License-Identifier: BSD-2-Clause */
/* Name resolution by c-ares in the worker's loop: its sockets are watched, its time is a timer. Equal names under way are asked for once. */
#include "core/net/resolver.h"

#include "core/net/answers.h"
#include "core/net/state.h"
#include "core/run/log.h"

#include <ares.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>

#define HOSTS_PATH "/etc/hosts"
#define HOSTS_MAX  65536u
#define NAME_MAX_N 253u
#define CHAINS	   256u

/* A name that is being asked for. */
struct query {
	struct list chain;
	struct list waiters;
	struct resolver *resolver;
	int family;
	size_t n;
	char name_z[NAME_MAX_N + 1];
};

/* One who waits for it. */
struct waiter {
	struct list link; /* in the query's list, or in finished */
	struct timer timer;
	struct resolve *q;
	struct resolver *resolver;
};

struct dns_socket {
	struct list link;
	struct watch watch;
	struct resolver *resolver;
};

struct resolver {
	struct net_worker *nw;
	ares_channel channel;
	bool has_channel;
	uint64_t generation; /* of the configuration that the channel was made from */
	struct timer timer;
	struct list sockets;
	struct list chains[CHAINS]; /* struct query */
	unsigned queries;
	struct list finished; /* struct waiter */
	struct answers *answers, *hosts;
	struct mac_key key;
};

static const struct net_conf *conf_of(const struct resolver *r)
{
	return net_conf_of(r->nw->w);
}

/* --- c-ares in the loop ----------------------------------------------------------------------------------------------------------- */
static void timer_follow(struct resolver *r)
{
	struct timeval tv;

	if (r->has_channel && ares_timeout(r->channel, NULL, &tv))
		timer_start(&r->timer, (uint32_t)(tv.tv_sec * 1000 + tv.tv_usec / 1000 + 1));
	else
		timer_stop(&r->timer);
}

static void time_passed(struct timer *t)
{
	struct resolver *r = container_of(t, struct resolver, timer);

	ares_process_fd(r->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	timer_follow(r);
}

static void socket_ready(struct watch *watch, uint32_t events)
{
	struct dns_socket *s = container_of(watch, struct dns_socket, watch);
	struct resolver *r = s->resolver;
	int fd = watch->fd;
	bool in = events & (EPOLLIN | EPOLLERR | EPOLLHUP);

	/* s may be gone behind this call */
	ares_process_fd(r->channel, in ? fd : ARES_SOCKET_BAD,
			events & EPOLLOUT ? fd : ARES_SOCKET_BAD);
	timer_follow(r);
}

static struct dns_socket *socket_find(struct resolver *r, int fd)
{
	list_for_each (l, &r->sockets) {
		struct dns_socket *s = container_of(l, struct dns_socket, link);

		if (s->watch.fd == fd)
			return s;
	}
	return NULL;
}

static void socket_forget(struct dns_socket *s)
{
	loop_unwatch(s->resolver->nw->w->loop, &s->watch);
	list_remove(&s->link);
	free(s);
}

/* c-ares says what it waits for on fd. A socket that cannot be watched gets no answer: the query times out. */
static void socket_state(void *arg, ares_socket_t fd, int readable, int writable)
{
	struct resolver *r = arg;
	struct dns_socket *s = socket_find(r, fd);
	uint32_t events = (readable ? EPOLLIN : 0) | (writable ? EPOLLOUT : 0);

	if (!events) {
		if (s)
			socket_forget(s);
		return;
	}
	if (s) {
		loop_change(r->nw->w->loop, &s->watch, events);
		return;
	}
	s = calloc(1, sizeof(*s));
	if (!s)
		return;
	s->resolver = r;
	s->watch = (struct watch){ .fd = fd, .events = events, .ready = socket_ready };
	list_append(&r->sockets, &s->link);
	loop_watch(r->nw->w->loop, &s->watch, false);
}

static void channel_drop(struct resolver *r)
{
	if (r->has_channel)
		ares_destroy(r->channel);
	r->has_channel = false;
	timer_stop(&r->timer);
}

static int servers_set(struct resolver *r, struct str servers)
{
	char text_z[1024];
	struct buf b = BUF_ON(text_z);

	if (servers.n == 0)
		return 0;
	buf_str_put(&b, servers);
	if (!buf_ok(&b) || ares_set_servers_ports_csv(r->channel, buf_z(&b))) {
		log_err("dns", "dns_servers cannot be used", KV_STR("dns_servers", servers),
			KV_Z("hint", "addresses with commas: 127.0.0.1:5353,[::1]:53"));
		return -EINVAL;
	}
	return 0;
}

static int channel_make(struct resolver *r)
{
	const struct net_conf *c = conf_of(r);
	char lookups[] = "b"; /* the hosts file is ours: c-ares would read it for each name */
	struct ares_options o = {
		.flags = c->dns_use_search_list ? 0 : ARES_FLAG_NOSEARCH,
		.timeout = (int)c->dns_retr_time,
		.tries = (int)c->dns_retr_no + 1,
		.lookups = lookups,
		.sock_state_cb = socket_state,
		.sock_state_cb_data = r,
	};
	int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS |
		   ARES_OPT_SOCK_STATE_CB;
	int status = ares_init_options(&r->channel, &o, mask);

	if (status) {
		log_err("dns", "could not start the resolver",
			KV_Z("reason", ares_strerror(status)));
		return status == ARES_ENOMEM ? -ENOMEM : -EIO;
	}
	r->has_channel = true;
	r->generation = worker_conf(r->nw->w)->generation;
	return servers_set(r, c->dns_servers);
}

/* --- answers -------------------------------------------------------------------------------------------------------------------------- */
/* The worker's turn calls them; it does not sleep before. */
static void finish(struct resolver *r, struct waiter *waiter, const struct answer *answer)
{
	struct resolve *q = waiter->q;

	timer_stop(&waiter->timer);
	memcpy(q->addrs, answer->addrs, sizeof(q->addrs));
	q->n = answer->n;
	q->error = answer->error;
	list_remove(&waiter->link);
	list_append(&r->finished, &waiter->link);
	atomic_store(&r->nw->w->slot->ready, 1);
}

static void waiter_late(struct timer *t)
{
	struct waiter *waiter = container_of(t, struct waiter, timer);
	struct answer late = { .error = -ETIMEDOUT };

	counter_inc(&net_dns_counters, DNS_TIMEOUTS);
	finish(waiter->resolver, waiter, &late);
}

static int error_of(int status)
{
	switch (status) {
	case ARES_SUCCESS:
		return 0;
	case ARES_ENOTFOUND:
	case ARES_ENODATA:
	case ARES_EBADNAME:
		return -ENOENT;
	case ARES_ETIMEOUT:
		return -ETIMEDOUT;
	default:
		return -EIO;
	}
}

static void add_family(struct answer *a, const struct ares_addrinfo *info, int family)
{
	for (const struct ares_addrinfo_node *n = info->nodes; n; n = n->ai_next) {
		if (n->ai_family != family || a->n == RESOLVE_ADDRS)
			continue;
		a->addrs[a->n] = addr_from_sockaddr(n->ai_addr);
		addr_set_port(&a->addrs[a->n++], 0);
	}
}

/* IPv4 before IPv6. Returns for how many seconds it may be kept. */
static int64_t answer_of(struct resolver *r, int status, const struct ares_addrinfo *info,
			 struct answer *a)
{
	const struct net_conf *c = conf_of(r);
	int64_t ttl = INT32_MAX;

	*a = (struct answer){ .error = error_of(status) };
	if (!a->error && info) {
		add_family(a, info, AF_INET);
		add_family(a, info, AF_INET6);
		for (const struct ares_addrinfo_node *n = info->nodes; n; n = n->ai_next)
			ttl = n->ai_ttl < ttl ? n->ai_ttl : ttl;
		for (const struct ares_addrinfo_cname *n = info->cnames; n; n = n->next)
			ttl = n->ttl < ttl ? n->ttl : ttl;
	}
	if (!a->error && a->n == 0)
		a->error = -ENOENT;
	if (a->error)
		return a->error == -ENOENT ? c->dns_cache_negative_ttl : 0;
	if (ttl < c->dns_cache_min_ttl)
		ttl = c->dns_cache_min_ttl;
	return ttl > c->dns_cache_max_ttl ? c->dns_cache_max_ttl : ttl;
}

static void count_answer(const struct query *query, const struct answer *a)
{
	struct str name = str_of(query->name_z, query->n);

	if (!a->error || a->error == -ENOENT) {
		counter_inc(&net_dns_counters, a->error ? DNS_NO_NAME : DNS_ANSWERS);
		return;
	}
	counter_inc(&net_dns_counters, a->error == -ETIMEDOUT ? DNS_TIMEOUTS : DNS_FAILED);
	log_limited(LOG_WARN, "dns", "could not resolve a name", KV_STR("name", name),
		    KV_ERRNO(-a->error));
}

static void answered(void *arg, int status, int timeouts, struct ares_addrinfo *info)
{
	struct query *query = arg;
	struct resolver *r = query->resolver;
	struct answer answer;
	int64_t ttl = answer_of(r, status, info, &answer);

	(void)timeouts;
	if (info)
		ares_freeaddrinfo(info);
	if (status != ARES_EDESTRUCTION) {
		count_answer(query, &answer);
		if (ttl > 0 && conf_of(r)->use_dns_cache)
			answers_put(r->answers, str_of(query->name_z, query->n), query->family,
				    &answer, r->nw->w->now + (uint64_t)ttl * 1000);
	}
	while (!list_is_empty(&query->waiters))
		finish(r, container_of(query->waiters.next, struct waiter, link), &answer);
	list_remove(&query->chain);
	r->queries--;
	free(query);
}

/* --- questions --------------------------------------------------------------------------------------------------------------------- */
/* Lower case, no dot at the end, nothing in it that no host name has. */
static bool name_normal(struct str host, char *name_z, size_t *n_r)
{
	if (host.n && host.p[host.n - 1] == '.')
		host.n--;
	if (host.n == 0 || host.n > NAME_MAX_N)
		return false;
	for (size_t i = 0; i < host.n; i++) {
		char c = char_lower(host.p[i]);

		if (!(c >= 'a' && c <= 'z') && !char_is_digit(c) && c != '-' && c != '.' &&
		    c != '_')
			return false;
		name_z[i] = c;
	}
	name_z[host.n] = '\0';
	*n_r = host.n;
	return true;
}

static void fill(struct resolve *q, const struct answer *a)
{
	q->n = 0;
	q->error = a->error;
	for (unsigned i = 0; i < a->n; i++) {
		if (q->family == AF_UNSPEC || a->addrs[i].sa.sa_family == q->family)
			q->addrs[q->n++] = a->addrs[i];
	}
	if (!q->error && q->n == 0)
		q->error = -ENOENT;
}

/* What needs no name server. */
static bool answer_now(struct resolver *r, struct resolve *q, struct str host, struct str name,
		       int family)
{
	const struct answer *known;
	struct answer literal = { .n = 1 };

	if (!addr_parse(host, &literal.addrs[0])) {
		fill(q, &literal);
		return true;
	}
	if (name.n == 0) {
		*q->addrs = (struct addr){ 0 };
		fill(q, &(struct answer){ .error = -ENOENT });
		return true;
	}
	known = answers_find(r->hosts, name, AF_UNSPEC, r->nw->w->now);
	if (known) {
		counter_inc(&net_dns_counters, DNS_HOSTS);
	} else if (conf_of(r)->use_dns_cache) {
		known = answers_find(r->answers, name, family, r->nw->w->now);
		if (known)
			counter_inc(&net_dns_counters, DNS_CACHED);
	}
	if (known)
		fill(q, known);
	return known != NULL;
}

static struct list *chain_of(struct resolver *r, struct str name)
{
	return &r->chains[mac_of(&r->key, name) % CHAINS];
}

static struct query *query_find(struct resolver *r, struct str name, int family)
{
	list_for_each (l, chain_of(r, name)) {
		struct query *query = container_of(l, struct query, chain);

		if (query->family == family && str_eq(str_of(query->name_z, query->n), name))
			return query;
	}
	return NULL;
}

static struct query *query_new(struct resolver *r, struct str name, int family)
{
	struct query *query;

	if (r->queries >= (unsigned)conf_of(r)->dns_max_queries)
		return NULL;
	query = calloc(1, sizeof(*query));
	if (!query)
		return NULL;
	query->resolver = r;
	query->family = family;
	query->n = name.n;
	memcpy(query->name_z, name.p, name.n);
	list_init(&query->waiters);
	list_append(chain_of(r, name), &query->chain);
	r->queries++;
	return query;
}

static void ask(struct resolver *r, struct query *query)
{
	struct ares_addrinfo_hints hints = { .ai_family = query->family,
					     .ai_flags = ARES_AI_NOSORT };

	counter_inc(&net_dns_counters, DNS_QUERIES);
	/* answered() may be called at once */
	ares_getaddrinfo(r->channel, query->name_z, NULL, &hints, answered, query);
	timer_follow(r);
}

/* The name servers of a new generation, as soon as no question is under way. */
static void generation_follow(struct resolver *r)
{
	if (r->queries || r->generation == worker_conf(r->nw->w)->generation)
		return;
	channel_drop(r);
	channel_make(r);
}

int resolve_start(struct worker *w, struct resolve *q, struct str host, uint32_t deadline_ms)
{
	struct resolver *r = w->net->resolver;
	int family = q->family == AF_UNSPEC && !conf_of(r)->dns_try_ipv6 ? AF_INET : q->family;
	char name_z[NAME_MAX_N + 1];
	struct str name = str_of(name_z, 0);
	struct query *query;
	struct waiter *waiter;
	bool joined;

	q->query = NULL;
	if (!name_normal(host, name_z, &name.n))
		name.n = 0;
	if (answer_now(r, q, host, name, family))
		return 1;
	generation_follow(r);
	waiter = r->has_channel ? calloc(1, sizeof(*waiter)) : NULL;
	query = waiter ? query_find(r, name, family) : NULL;
	joined = query != NULL;
	if (waiter && !query)
		query = query_new(r, name, family);
	if (!query) {
		free(waiter);
		counter_inc(&net_dns_counters, DNS_REFUSED);
		log_limited(LOG_WARN, "dns", "too many names are asked for at this time",
			    KV_STR("name", host), KV_INT("queries", r->queries));
		return -EAGAIN;
	}
	waiter->q = q;
	waiter->resolver = r;
	q->query = waiter;
	timer_init(&waiter->timer, w->timers, waiter_late);
	timer_start(&waiter->timer, deadline_ms);
	list_init(&waiter->link);
	list_append(&query->waiters, &waiter->link);
	if (joined)
		counter_inc(&net_dns_counters, DNS_JOINED);
	else
		ask(r, query);
	return 0;
}

static void waiter_drop(struct waiter *waiter)
{
	timer_stop(&waiter->timer);
	list_remove(&waiter->link);
	waiter->q->query = NULL;
	free(waiter);
}

void resolve_cancel(struct worker *w, struct resolve *q)
{
	(void)w;
	if (q->query)
		waiter_drop(q->query);
}

void resolver_turn(struct resolver *r)
{
	struct list now;

	list_init(&now);
	while (!list_is_empty(&r->finished))
		list_append(&now, list_take_first(&r->finished));
	while (!list_is_empty(&now)) {
		struct waiter *waiter = container_of(now.next, struct waiter, link);
		struct resolve *q = waiter->q;

		waiter_drop(waiter);
		q->done(q);
	}
}

/* --- start and stop ------------------------------------------------------------------------------------------------------------------- */
/* No name server is asked for it (RFC 6761 6.3), also where there is no hosts file. */
static void localhost_put(struct answers *hosts)
{
	const struct str name = STR("localhost");
	struct answer a = { .n = 2 };

	if (answers_find(hosts, name, AF_UNSPEC, 0))
		return;
	addr_parse(STR("127.0.0.1"), &a.addrs[0]);
	addr_parse(STR("::1"), &a.addrs[1]);
	answers_put(hosts, name, AF_UNSPEC, &a, UINT64_MAX);
}

int resolver_start(struct net_worker *nw)
{
	struct resolver *r = calloc(1, sizeof(*r));
	int err;

	if (!r)
		return -ENOMEM;
	nw->resolver = r;
	r->nw = nw;
	list_init(&r->sockets);
	list_init(&r->finished);
	for (unsigned i = 0; i < CHAINS; i++)
		list_init(&r->chains[i]);
	random_bytes(&r->key, sizeof(r->key));
	timer_init(&r->timer, nw->w->timers, time_passed);
	r->answers = answers_new((unsigned)conf_of(r)->dns_cache_names);
	r->hosts = answers_new(HOSTS_MAX);
	if (!r->answers || !r->hosts)
		return -ENOMEM;
	answers_read_hosts(r->hosts, HOSTS_PATH);
	localhost_put(r->hosts);
	err = channel_make(r);
	/* a router that needs no names works without name servers */
	return err == -ENOMEM || err == -EINVAL ? err : 0;
}

void resolver_stop(struct resolver **rp)
{
	struct resolver *r = *rp;

	*rp = NULL;
	if (!r)
		return;
	channel_drop(r);
	while (!list_is_empty(&r->finished))
		waiter_drop(container_of(r->finished.next, struct waiter, link));
	while (!list_is_empty(&r->sockets))
		socket_forget(container_of(r->sockets.next, struct dns_socket, link));
	answers_drop(&r->answers);
	answers_drop(&r->hosts);
	free(r);
}
