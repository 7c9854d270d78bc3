/* SPDX-License-Identifier: BSD-2-Clause */
/* Which addresses a listen= stands for. */
#include "core/net/listener.h"

#include "core/run/log.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <stdlib.h>

#define LISTENERS_MAX 4096u

/* What becomes one or several listeners. */
struct wish {
	struct net *net;
	const struct net_conf *conf;
	struct listen_def def;
	const struct stream_protocol *protocol;
	struct ifaddrs *interfaces;
	unsigned capacity, names_capacity;
	int err;
};

static struct str copy(struct str s)
{
	char *p = s.n ? malloc(s.n) : NULL;

	if (!p)
		return STR_NULL;
	memcpy(p, s.p, s.n);
	return str_of(p, s.n);
}

/* What stands in our Via: the address, or what it is advertised as. */
static int host_set(struct listener *l)
{
	char text[ADDR_TEXT_MAX];
	struct buf b = BUF_ON(text);

	l->port = l->adv_port ? l->adv_port : addr_port(&l->addr);
	if (l->adv_host.n) {
		l->host = l->adv_host;
		return 0;
	}
	addr_host_put(&b, &l->addr);
	l->host = copy(buf_str(&b));
	return str_is_null(l->host) ? -ENOMEM : 0;
}

static bool is_there(const struct net *net, const struct transport *t, const struct addr *a)
{
	for (unsigned i = 0; i < net->listeners_n; i++) {
		if (net->listeners[i].transport == t && addr_eq(&net->listeners[i].addr, a))
			return true;
	}
	return false;
}

static struct listener *listener_new(struct wish *w)
{
	struct net *net = w->net;

	if (net->listeners_n == LISTENERS_MAX)
		return NULL;
	if (net->listeners_n == w->capacity) {
		unsigned more = w->capacity ? 2 * w->capacity : 16;
		struct listener *p = realloc(net->listeners, more * sizeof(*p));

		if (!p)
			return NULL;
		net->listeners = p;
		w->capacity = more;
	}
	net->listeners[net->listeners_n] = (struct listener){ .index = net->listeners_n, .fd = -1 };
	return &net->listeners[net->listeners_n++];
}

/* port= counts for what is not secure. */
static uint16_t port_of(const struct wish *w, const struct transport *t)
{
	if (t->id == TRANSPORT_TLS)
		return net_conf_tls_port(w->conf, &w->def);
	return w->def.port ? w->def.port : (uint16_t)w->conf->port;
}

static void add_one(struct wish *w, const struct transport *t, const struct addr *addr)
{
	struct addr a = *addr;
	struct listener *l;

	addr_set_port(&a, port_of(w, t));
	if (is_there(w->net, t, &a) || (t->reliable && w->conf->disable_tcp))
		return;
	l = listener_new(w);
	if (!l) {
		w->err = -ENOMEM;
		return;
	}
	l->transport = t;
	l->addr = a;
	l->protocol = w->protocol;
	l->adv_port = w->def.adv_port;
	l->ip_free_bind = w->def.ip_free_bind || w->def.is_virtual;
	l->adv_host = copy(w->def.adv_host);
	l->name = copy(w->def.name);
	if (host_set(l) || (w->def.adv_host.n && !l->adv_host.n) || (w->def.name.n && !l->name.n))
		w->err = -ENOMEM;
}

static void add(struct wish *w, const struct addr *a)
{
	for (unsigned i = 0; i < TRANSPORT_IDS; i++) {
		const struct transport *t = transport_of((enum transport_id)i);

		if (t->id == TRANSPORT_TLS && !w->conf->tls)
			continue;
		if (w->def.transport.n == 0 || transport_find(w->def.transport) == t)
			add_one(w, t, a);
	}
}

/* The addresses of interfaces: of the one named, or of all with that family (AF_UNSPEC: any). Returns how many. */
static unsigned add_interfaces(struct wish *w, struct str name, int family)
{
	unsigned n = 0;

	for (struct ifaddrs *i = w->interfaces; i; i = i->ifa_next) {
		struct addr a;

		if (!i->ifa_addr || !(i->ifa_flags & IFF_UP) ||
		    (i->ifa_addr->sa_family != AF_INET && i->ifa_addr->sa_family != AF_INET6))
			continue;
		if (name.n && !str_eq(name, str_z(i->ifa_name)))
			continue;
		a = addr_from_sockaddr(i->ifa_addr);
		if (family != AF_UNSPEC && a.sa.sa_family != family)
			continue;
		if (a.sa.sa_family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&a.v6.sin6_addr))
			continue; /* means nothing without its interface */
		add(w, &a);
		n++;
	}
	return n;
}

static int name_keep(struct wish *w, unsigned first)
{
	struct net *net = w->net;

	for (unsigned i = first; i < net->listeners_n; i++) {
		if (net->names_n == w->names_capacity) {
			unsigned more = w->names_capacity ? 2 * w->names_capacity : 16;
			struct own_name *p = realloc(net->names, more * sizeof(*p));

			if (!p)
				return -ENOMEM;
			net->names = p;
			w->names_capacity = more;
		}
		struct str host = copy(w->def.host);

		if (str_is_null(host))
			return -ENOMEM;
		net->names[net->names_n++] = (struct own_name){ .host = host, .listener = i };
	}
	return 0;
}

static int add_host(struct wish *w)
{
	struct addrinfo hints = { .ai_socktype = SOCK_DGRAM, .ai_flags = AI_ADDRCONFIG };
	struct addrinfo *found = NULL;
	unsigned first = w->net->listeners_n;
	char host_z[256];
	int err;

	if (w->def.host.n >= sizeof(host_z))
		return -ENAMETOOLONG;
	memcpy(host_z, w->def.host.p, w->def.host.n);
	host_z[w->def.host.n] = '\0';
	err = getaddrinfo(host_z, NULL, &hints, &found);
	if (err) {
		log_err("net", "could not resolve listen=", KV_STR("host", w->def.host),
			KV_Z("reason", gai_strerror(err)),
			KV_Z("hint", "an address, an interface or a host name is needed"));
		return -EADDRNOTAVAIL;
	}
	for (struct addrinfo *i = found; i; i = i->ai_next) {
		struct addr a = addr_from_sockaddr(i->ai_addr);

		add(w, &a);
	}
	freeaddrinfo(found);
	return w->err ? w->err : name_keep(w, first);
}

static int add_listen(struct wish *w)
{
	struct str host = w->def.host;
	struct addr a;

	if (str_eq(host, STR("*")))
		return add_interfaces(w, STR_NULL, AF_UNSPEC) ? w->err : -EADDRNOTAVAIL;
	if (!addr_parse(host, &a)) {
		if (addr_is_any(&a))
			return add_interfaces(w, STR_NULL, a.sa.sa_family) ? w->err
									   : -EADDRNOTAVAIL;
		add(w, &a);
		return w->err;
	}
	if (add_interfaces(w, host, AF_UNSPEC))
		return w->err;
	return add_host(w);
}

static int add_listens(struct wish *w, const struct conf_listen *l)
{
	for (; l; l = l->next) {
		int err;

		w->def = l->def;
		w->protocol = l->protocol;
		err = add_listen(w);
		if (err) {
			log_err("net", "cannot listen there", KV_STR("host", w->def.host),
				KV_ERRNO(-err));
			return err;
		}
	}
	return 0;
}

int listeners_resolve(struct net *net, const struct net_conf *conf)
{
	struct wish w = { .net = net, .conf = conf };
	struct conf_listen all = { .def = { .host = STR("*") } };
	int err;

	if (getifaddrs(&w.interfaces))
		return -errno;
	err = add_listens(&w, conf->listens ? conf->listens : &all);
	if (!err)
		err = add_listens(&w, conf->others);
	freeifaddrs(w.interfaces);
	if (!err && net->listeners_n == 0) {
		log_err("net", "there is no address to listen on",
			KV_Z("hint", "check listen= and disable_tcp"));
		err = -EADDRNOTAVAIL;
	}
	return err;
}
