/* SPDX-License-Identifier: BSD-2-Clause */
/* From a URI to what name resolution is asked for, and from an address to a target. */
#include "core/msg/hop.h"

#include "core/net/conf.h"

static int unusable(struct ctx *ctx)
{
	return ctx_fail(ctx, 500, STR("Next Hop Is No Address"));
}

struct str hop_identity(struct pool *pool, struct str host)
{
	char text[ADDR_TEXT_MAX];
	struct buf b = BUF_ON(text);
	struct addr a;

	if (host.n > 1 && host.p[host.n - 1] == '.')
		host.n--;
	if (addr_parse(host, &a) || a.sa.sa_family != AF_INET6)
		return host;
	addr_put(&b, &a);
	return pool_str(pool, buf_str(&b));
}

/* False: what must go over TLS only was to go by another transport, or there is no TLS. */
static bool is_safe(const struct ctx *ctx, const struct transport *t, bool secure)
{
	return t->secure ? NET_CONF(ctx->conf)->tls : !secure;
}

int hop_of_host(struct ctx *ctx, struct str host, uint16_t port, const struct hop_wish *wish,
		struct hop *hop_r)
{
	enum uri_host_kind kind;
	struct hop h = { .transport = wish->transport, .host = host };

	if (!h.transport)
		h.transport = transport_of(wish->secure ? TRANSPORT_TLS : TRANSPORT_UDP);
	if (!is_safe(ctx, h.transport, wish->secure))
		return ctx_fail(ctx, 480,
				wish->secure ? STR("No TLS For A SIPS URI")
					     : STR("Transport Not Available"));
	h.port = port ? port : h.transport->port;
	h.literal = !addr_parse(host, &h.addr);
	if (h.literal ? addr_is_any(&h.addr) : !uri_is_host(host, &kind))
		return unusable(ctx);
	if (h.literal)
		addr_set_port(&h.addr, h.port);
	if (h.transport->secure) {
		h.identity = hop_identity(ctx->pool, host);
		if (str_is_null(h.identity))
			return ctx_fail(ctx, 500, STR("Out Of Memory"));
	}
	*hop_r = h;
	return FN_TRUE;
}

/* What a transport parameter means in a URI that is for TLS only: the transport below, in most cases (RFC 5630 3.1.3). */
static const struct transport *secure_named(struct str name)
{
	return str_is_null(name) || STR_IS(name, "tcp") ? transport_of(TRANSPORT_TLS)
							: transport_find(name);
}

const struct transport *hop_uri_transport(const struct sip_uri *u)
{
	struct str name = uri_param(u, STR("transport"));

	return u->scheme == URI_SIPS ? secure_named(name) : transport_find(name);
}

/* FN_FALSE: the transport that is named is not to be had. */
static int wish_of_uri(struct ctx *ctx, const struct sip_uri *u, struct hop_wish *wish)
{
	struct str name = uri_param(u, STR("transport"));

	wish->secure = wish->secure || u->scheme == URI_SIPS;
	if (wish->transport || str_is_null(name))
		return FN_TRUE;
	wish->transport = wish->secure ? secure_named(name) : transport_find(name);
	return wish->transport ? FN_TRUE : ctx_fail(ctx, 480, STR("Transport Not Available"));
}

int hop_of_uri(struct ctx *ctx, struct str uri, const struct hop_wish *wish, struct hop *hop_r)
{
	struct sip_uri *u = uri.p == ctx_uri_text(ctx).p ? ctx_uri(ctx) : ctx_uri_parse(ctx, uri);
	struct hop_wish own = *wish;
	struct str host;
	int ok;

	if (!u)
		return ctx_fail(ctx, 400, STR("Bad Next Hop URI"));
	if (u->scheme != URI_SIP && u->scheme != URI_SIPS)
		return ctx_fail(ctx, 416, STR_NULL);
	if (wish_of_uri(ctx, u, &own) != FN_TRUE)
		return FN_FALSE;
	host = uri_param(u, STR("maddr"));
	ok = hop_of_host(ctx, host.n ? host : u->host, u->port, &own, hop_r);
	/* maddr says where, the host who (RFC 5922 4) */
	if (ok == FN_TRUE && host.n && hop_r->transport->secure)
		hop_r->identity = hop_identity(ctx->pool, u->host);
	return ok;
}

void hop_of_via(struct ctx *ctx, const struct sip_via *via, struct target *t)
{
	struct addr a;

	t->literal = via_addr(via, &a);
	if (!t->transport->secure)
		return;
	t->identity = hop_identity(ctx->pool, via->host);
	/* nobody is called whose name is not known */
	t->conn_only = str_is_null(t->identity);
}

bool hop_target(struct ctx *ctx, const struct hop *hop, const struct listener *socket,
		const struct addr *addr, struct target *t_r)
{
	const struct listener *l = socket;

	*t_r = (struct target){ .transport = hop->transport,
				.addr = *addr,
				.identity = hop->identity,
				.domain = hop->domain,
				.literal = hop->literal };
	addr_set_port(&t_r->addr, hop->port);
	if (!l || l->transport != hop->transport || l->addr.sa.sa_family != addr->sa.sa_family)
		l = msg_net_of(ctx)->listener_for(ctx->worker, hop->transport, &t_r->addr,
						  &ctx->from);
	t_r->from = l;
	return l != NULL;
}
