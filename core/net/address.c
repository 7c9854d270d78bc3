/* SPDX-License-Identifier: BSD-2-Clause */
/* Which addresses and names are ours, and which socket leads where. */
#include "core/net/own.h"

#include <errno.h>
#include <unistd.h>

const struct listener *net_listener_at(struct run *run, unsigned index)
{
	return index < run->net->listeners_n ? &run->net->listeners[index] : NULL;
}

const struct listener *net_listener_find(struct run *run, const struct transport *t,
					 const struct addr *a)
{
	const struct net *net = run->net;

	for (unsigned i = 0; i < net->listeners_n; i++) {
		const struct listener *l = &net->listeners[i];

		if (!l->protocol && (!t || l->transport == t) && addr_eq(&l->addr, a))
			return l;
	}
	return NULL;
}

bool net_addr_is_own(struct run *run, const struct transport *t, const struct addr *a)
{
	return net_listener_find(run, t, a) != NULL;
}

/* An IPv6 address may be written in many ways, and with brackets or without. */
static bool host_eq(struct str a, const struct addr *addr, struct str host)
{
	struct addr other;

	if (str_eq_nocase(a, host))
		return true;
	return addr && !addr_parse(a, &other) && addr_ip_eq(&other, addr);
}

static bool listener_is(const struct listener *l, struct str host, const struct addr *addr,
			uint16_t port)
{
	if (addr_port(&l->addr) == port && addr && addr_ip_eq(&l->addr, addr))
		return true;
	return l->adv_host.n && l->port == port && host_eq(l->adv_host, addr, host);
}

static bool alias_is(const struct conf_alias *a, const struct transport *t, struct str host,
		     const struct addr *addr, uint16_t port)
{
	if (a->transport && t && a->transport != t)
		return false;
	if (a->port && a->port != port)
		return false;
	if (addr && a->addr.sa.sa_family != AF_UNSPEC)
		return addr_ip_eq(&a->addr, addr);
	return str_eq_nocase(a->host, host);
}

bool net_is_own(struct run *run, const struct conf *conf, const struct transport *t,
		struct str host, uint16_t port)
{
	const struct net *net = run->net;
	struct addr parsed, *addr = addr_parse(host, &parsed) ? NULL : &parsed;

	if (!port)
		port = t ? t->port : transport_of(TRANSPORT_UDP)->port;
	for (unsigned i = 0; i < net->listeners_n; i++) {
		const struct listener *l = &net->listeners[i];

		if (!l->protocol && (!t || l->transport == t) && listener_is(l, host, addr, port))
			return true;
	}
	for (unsigned i = 0; i < net->names_n && !addr; i++) {
		const struct listener *l = &net->listeners[net->names[i].listener];

		if (!l->protocol && (!t || l->transport == t) && addr_port(&l->addr) == port &&
		    str_eq_nocase(net->names[i].host, host))
			return true;
	}
	for (const struct conf_alias *a = NET_CONF(conf)->aliases; a; a = a->next) {
		if (alias_is(a, t, host, addr, port))
			return true;
	}
	return false;
}

/* --- the socket for a destination --------------------------------------------------------------------------------------------------- */
static bool fits(const struct listener *l, const struct transport *t, const struct addr *dst)
{
	return !l->protocol && l->transport == t && l->addr.sa.sa_family == dst->sa.sa_family;
}

/* Our address on the kernel's route to dst: a socket that is connected and asked, nothing is sent. */
static bool route_ask(struct net_worker *nw, const struct addr *dst, struct addr *local_r)
{
	int *fd = &nw->route_fd[dst->sa.sa_family == AF_INET6];
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	struct sockaddr_storage sa;
	struct addr to = *dst;
	socklen_t n = sizeof(sa);
	bool found;

	if (*fd < 0)
		*fd = socket(dst->sa.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (*fd < 0)
		return false;
	if (addr_port(&to) == 0)
		addr_set_port(&to, 9);
	found = !connect(*fd, &to.sa, addr_len(&to)) &&
		!getsockname(*fd, (struct sockaddr *)&sa, &n);
	if (found)
		*local_r = addr_from_sockaddr((struct sockaddr *)&sa);
	connect(*fd, &none, sizeof(none));
	return found;
}

static const struct listener *by_route(struct worker *w, const struct transport *t,
				       const struct addr *dst, const struct origin *from)
{
	const struct net *net = w->run->net;
	struct addr local;

	if (!route_ask(w->net, dst, &local))
		return NULL;
	/* of several ports of that address the one that the message came to */
	if (from && from->listener && fits(from->listener, t, dst) &&
	    addr_ip_eq(&from->listener->addr, &local))
		return from->listener;
	for (unsigned i = 0; i < net->listeners_n; i++) {
		const struct listener *l = &net->listeners[i];

		if (fits(l, t, dst) && addr_ip_eq(&l->addr, &local))
			return l;
	}
	return NULL;
}

/* When a message that came by another transport leaves by t: the same address if we listen there. */
static const struct listener *beside(const struct net *net, const struct transport *t,
				     const struct addr *dst, const struct origin *from)
{
	for (unsigned i = 0; from && from->listener && i < net->listeners_n; i++) {
		const struct listener *l = &net->listeners[i];

		if (fits(l, t, dst) && addr_ip_eq(&l->addr, &from->listener->addr))
			return l;
	}
	return NULL;
}

const struct listener *net_listener_for(struct worker *w, const struct transport *t,
					const struct addr *dst, const struct origin *from)
{
	const struct net *net = w->run->net;
	const struct listener *l = NULL;

	if (net_conf_of(w)->mhomed)
		l = by_route(w, t, dst, from);
	if (!l && from && from->listener && fits(from->listener, t, dst))
		l = from->listener;
	if (!l)
		l = beside(net, t, dst, from);
	for (unsigned i = 0; !l && i < net->listeners_n; i++) {
		if (fits(&net->listeners[i], t, dst))
			l = &net->listeners[i];
	}
	return l;
}
