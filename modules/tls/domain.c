/* SPDX-License-Identifier: BSD-2-Clause */
/* Which domain a connection belongs to. */
#include "modules/tls/domain.h"

static bool same_ip(const struct addr *rule, const struct addr *a)
{
	return rule->sa.sa_family == AF_UNSPEC || addr_ip_eq(rule, a);
}

static bool same_place(const struct addr *rule, const struct addr *a)
{
	uint16_t port = addr_port(rule);

	return same_ip(rule, a) && (!port || port == addr_port(a));
}

static struct str without_dot(struct str name)
{
	return name.n && str_end(name)[-1] == '.' ? str_head(name, name.n - 1) : name;
}

/* name is something in front of a dot and domain. */
static bool is_below(struct str name, struct str domain)
{
	if (name.n < domain.n + 2 || name.p[name.n - domain.n - 1] != '.')
		return false;
	return str_eq_nocase(str_skip(name, name.n - domain.n), domain);
}

enum fit { FIT_NOT, FIT_NAMELESS, FIT_WILDCARD, FIT_EXACT };

static enum fit name_fit(const struct tls_domain *d, struct str sni)
{
	struct str name = without_dot(d->name), host;

	if (!name.n)
		return FIT_NAMELESS;
	if (!sni.n)
		return FIT_NOT;
	if (str_starts(name, STR("*."))) {
		host = str_skip(name, 2);
		/* one label, as in certificates */
		return is_below(sni, host) && str_chr(sni, '.') == (ssize_t)(sni.n - host.n - 1)
			       ? FIT_WILDCARD
			       : FIT_NOT;
	}
	if (d->name_mode != TLS_NAME_BELOW && str_eq_nocase(sni, name))
		return FIT_EXACT;
	return d->name_mode != TLS_NAME_EXACT && is_below(sni, name) ? FIT_WILDCARD : FIT_NOT;
}

static bool is_offered(struct str protocol, const struct str *alpn, unsigned alpn_n)
{
	for (unsigned i = 0; i < alpn_n; i++)
		if (str_eq(protocol, alpn[i]))
			return true;
	return false;
}

/* How well a domain fits: 0 not at all. By name first, then by protocol, then by its own address before any. */
static unsigned server_fit(const struct tls_domain *d, const struct addr *local, struct str sni,
			   const struct str *alpn, unsigned alpn_n)
{
	enum fit fit = FIT_NOT;

	if (d->role == TLS_SERVER && same_place(&d->addr, local) &&
	    (!d->alpn.n || is_offered(d->alpn, alpn, alpn_n)))
		fit = name_fit(d, sni);
	if (fit == FIT_NOT)
		return 0;
	return (unsigned)fit * 8 + (d->alpn.n ? 4 : 0) + (d->addr.sa.sa_family ? 2 : 0) +
	       (addr_port(&d->addr) ? 1 : 0);
}

const struct tls_domain *tls_find_domain(const struct tls_conf *c, const struct addr *local,
					 struct str sni, const struct str *alpn, unsigned alpn_n)
{
	const struct tls_domain *best = &c->domains[TLS_SERVER];
	unsigned best_fit = 0;

	sni = without_dot(sni);
	for (unsigned i = TLS_DEFAULTS; i < c->domains_n; i++) {
		unsigned fit = server_fit(&c->domains[i], local, sni, alpn, alpn_n);

		if (fit <= best_fit)
			continue;
		best_fit = fit;
		best = &c->domains[i];
	}
	return best;
}

static const struct tls_domain *by_name(const struct tls_conf *c, struct str name)
{
	name = without_dot(name);
	for (unsigned i = TLS_DEFAULTS; i < c->domains_n && name.n; i++)
		if (c->domains[i].role == TLS_CLIENT &&
		    str_eq_nocase(without_dot(c->domains[i].name), name))
			return &c->domains[i];
	return NULL;
}

static const struct tls_domain *by_peer(const struct tls_conf *c, const struct addr *peer)
{
	const struct tls_domain *any_port = NULL;

	for (unsigned i = TLS_DEFAULTS; i < c->domains_n; i++) {
		const struct tls_domain *d = &c->domains[i];

		if (d->role != TLS_CLIENT || !d->addr.sa.sa_family || !same_place(&d->addr, peer))
			continue;
		if (addr_port(&d->addr))
			return d;
		if (!any_port)
			any_port = d;
	}
	return any_port;
}

const struct tls_domain *tls_find_client_domain(const struct tls_conf *c, const struct addr *peer,
						struct str chosen, struct str identity)
{
	const struct tls_domain *d;

	if (chosen.n)
		return by_name(c, chosen);
	d = by_peer(c, peer);
	if (!d)
		d = by_name(c, identity);
	return d ? d : &c->domains[TLS_CLIENT];
}
