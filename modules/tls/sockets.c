/* SPDX-License-Identifier: BSD-2-Clause */
/* Which of the sockets that the script listens on speak TLS. */
#include "modules/tls/build.h"

static bool is_tls(const struct conf_listen *l)
{
	return !l->def.transport.n ||
	       transport_find(l->def.transport) == transport_of(TRANSPORT_TLS);
}

/* The port on which a listen= speaks TLS. */
static uint16_t port_of(const struct net_conf *net, const struct conf_listen *l)
{
	return net_conf_tls_port(net, &l->def);
}

/* Interfaces, host names and wildcards stand for addresses that are known later: they may be any. */
static bool may_be(const struct conf_listen *l, const struct addr *a)
{
	struct addr here;

	if (addr_parse(l->def.host, &here))
		return true;
	if (addr_is_any(&here))
		return here.sa.sa_family == a->sa.sa_family;
	return addr_ip_eq(&here, a);
}

bool tls_listens_at(const struct net_conf *net, const struct addr *a)
{
	if (!net->listens)
		return !addr_port(a) || addr_port(a) == net_conf_tls_port(net, NULL);
	for (const struct conf_listen *l = net->listens; l; l = l->next) {
		if (!is_tls(l))
			continue;
		if (a->sa.sa_family == AF_UNSPEC ||
		    (may_be(l, a) && (!addr_port(a) || addr_port(a) == port_of(net, l))))
			return true;
	}
	return false;
}

/* The domain takes whatever comes in by that listen=. */
static bool takes_all(const struct tls_domain *d, const struct net_conf *net,
		      const struct conf_listen *l)
{
	struct addr here;

	if (d->role != TLS_SERVER || d->name.n || d->alpn.n)
		return false;
	if (addr_port(&d->addr) && addr_port(&d->addr) != port_of(net, l))
		return false;
	return d->addr.sa.sa_family == AF_UNSPEC ||
	       (!addr_parse(l->def.host, &here) && addr_ip_eq(&here, &d->addr));
}

bool tls_default_is_needed(const struct net_conf *net, const struct tls_domain *domains, unsigned n)
{
	if (!net->listens)
		return true;
	for (const struct conf_listen *l = net->listens; l; l = l->next) {
		bool taken = !is_tls(l);

		for (unsigned i = 0; i < n && !taken; i++)
			taken = takes_all(&domains[i], net, l);
		if (!taken)
			return true;
	}
	return false;
}
