/* SPDX-License-Identifier: BSD-2-Clause */
/* From a URI to what name resolution is asked for, and from an address to a target. */
#include "core/msg/hop.h"

#include "core/net/conf.h"

static int unusable(struct ctx *ctx)
{
	return ctx_fail(ctx, 500, STR("Next Hop Is No Address"));
}

int hop_of_host(struct ctx *ctx, struct str host, uint16_t port, const struct transport *transport,
		struct hop *hop_r)
{
	enum uri_host_kind kind;
	struct hop h = { .transport = transport ? transport : transport_of(TRANSPORT_UDP),
			 .host = host };

	if (h.transport->secure && !NET_CONF(ctx->conf)->tls)
		return ctx_fail(ctx, 480, STR("Transport Not Available"));
	h.port = port ? port : h.transport->port;
	h.literal = !addr_parse(host, &h.addr);
	if (h.literal ? addr_is_any(&h.addr) : !uri_is_host(host, &kind))
		return unusable(ctx);
	if (h.literal)
		addr_set_port(&h.addr, h.port);
	*hop_r = h;
	return FN_TRUE;
}

/* The transport that a URI asks for. FN_FALSE: it is not to be had. */
static int transport_of_uri(struct ctx *ctx, const struct sip_uri *u,
			    const struct transport **transport_r)
{
	struct str name = uri_param(u, STR("transport"));

	if (u->scheme == URI_SIPS)
		return ctx_fail(ctx, 480, STR("No TLS For A SIPS URI"));
	if (*transport_r || str_is_null(name))
		return FN_TRUE;
	*transport_r = transport_find(name);
	return *transport_r ? FN_TRUE : ctx_fail(ctx, 480, STR("Transport Not Available"));
}

int hop_of_uri(struct ctx *ctx, struct str uri, const struct transport *transport,
	       struct hop *hop_r)
{
	struct sip_uri *u = uri.p == ctx_uri_text(ctx).p ? ctx_uri(ctx) : ctx_uri_parse(ctx, uri);
	struct str host;

	if (!u)
		return ctx_fail(ctx, 400, STR("Bad Next Hop URI"));
	if (u->scheme != URI_SIP && u->scheme != URI_SIPS)
		return ctx_fail(ctx, 416, STR_NULL);
	if (transport_of_uri(ctx, u, &transport) != FN_TRUE)
		return FN_FALSE;
	host = uri_param(u, STR("maddr"));
	return hop_of_host(ctx, host.n ? host : u->host, u->port, transport, hop_r);
}

bool hop_target(struct ctx *ctx, const struct hop *hop, const struct listener *socket,
		const struct addr *addr, struct target *t_r)
{
	const struct listener *l = socket;

	*t_r = (struct target){ .transport = hop->transport, .addr = *addr };
	addr_set_port(&t_r->addr, hop->port);
	if (!l || l->transport != hop->transport || l->addr.sa.sa_family != addr->sa.sa_family)
		l = msg_net_of(ctx)->listener_for(ctx->worker, hop->transport, &t_r->addr,
						  &ctx->from);
	t_r->from = l;
	return l != NULL;
}
