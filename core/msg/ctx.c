/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a request goes: the current R-URI and $du, and why it could not. */
#include "core/msg/hop.h"
#include "core/msg/kept.h"
#include "core/msg/worker.h"

#include <errno.h>

struct sip_uri *ctx_uri_parse(struct ctx *ctx, struct str text)
{
	struct sip_uri *u = pool_alloc(ctx->pool, sizeof(*u));

	if (!u || uri_parse(text, u, NULL))
		return NULL;
	return u;
}

struct str ctx_uri_text(const struct ctx *ctx)
{
	return str_is_null(ctx->uri) ? ctx->msg->ruri : ctx->uri;
}

struct sip_uri *ctx_uri(struct ctx *ctx)
{
	if (!ctx->uri_parsed)
		ctx->uri_parsed = ctx_uri_parse(ctx, ctx_uri_text(ctx));
	return ctx->uri_parsed;
}

/* A copy of text in the pool and what it parses to. */
static int uri_copy(struct ctx *ctx, struct str text, struct str *copy_r, struct sip_uri **uri_r)
{
	struct sip_uri parsed;

	if (str_is_null(text) || uri_parse(text, &parsed, NULL))
		return -EBADMSG;
	*copy_r = pool_str(ctx->pool, text);
	*uri_r = ctx_uri_parse(ctx, *copy_r);
	return copy_r->p && *uri_r ? 0 : -ENOMEM;
}

int ctx_uri_set(struct ctx *ctx, struct str text)
{
	struct sip_uri *u;
	struct str copy;
	int err = uri_copy(ctx, text, &copy, &u);

	if (err)
		return err;
	ctx->uri = copy;
	ctx->uri_parsed = u;
	ctx->uri_used = false;
	return 0;
}

void ctx_uri_revert(struct ctx *ctx)
{
	ctx->uri = STR_NULL;
	ctx->uri_parsed = NULL;
	ctx->uri_used = false;
}

int ctx_dst_uri_set(struct ctx *ctx, struct str text)
{
	struct sip_uri *u;
	struct str copy;
	int err;

	if (str_is_null(text)) {
		ctx->dst_uri = STR_NULL;
		ctx->flow = 0;
		return 0;
	}
	err = uri_copy(ctx, text, &copy, &u);
	if (err)
		return err;
	ctx->dst_uri = copy;
	ctx->flow = 0;
	return 0;
}

int ctx_fail(struct ctx *ctx, unsigned status, struct str reason)
{
	ctx->fail_status = status;
	ctx->fail_reason = str_is_null(reason) ? reply_reason(status) : reason;
	return FN_FALSE;
}

bool ctx_uri_is_own(const struct ctx *ctx, const struct sip_uri *u)
{
	if (u->scheme != URI_SIP && u->scheme != URI_SIPS)
		return false;
	return msg_net_of(ctx)->is_own(ctx->worker->run, ctx->conf, hop_uri_transport(u), u->host,
				       u->port);
}

bool ctx_from_own(const struct ctx *ctx)
{
	return msg_net_of(ctx)->addr_is_own(ctx->worker->run, ctx->from.transport, &ctx->from.src);
}

const struct listener *ctx_socket_of_uri(const struct ctx *ctx, const struct sip_uri *u)
{
	const struct msg_net *net = msg_net_of(ctx);
	struct run *run = ctx->worker->run;
	const struct transport *t = hop_uri_transport(u);
	const struct listener *l, *alike = NULL;
	struct addr a;
	uint16_t port;

	if (!t && !str_is_null(uri_param(u, STR("transport"))))
		return NULL;
	t = t ? t : transport_of(TRANSPORT_UDP);
	port = u->port ? u->port : t->port;
	for (unsigned i = 0; (l = net->listener_at(run, i)); i++) {
		if (l->transport == t && l->port == port && str_eq_nocase(l->host, u->host))
			return l;
		if (l->transport == t && (!alike || (l->port == port && alike->port != port)))
			alike = l;
	}
	/* what a TLS domain advertises is no socket's own name: the first one with that port, or of that transport */
	if (addr_parse(u->host, &a))
		return t->secure && ctx_uri_is_own(ctx, u) ? alike : NULL;
	addr_set_port(&a, port);
	return net->listener_find(run, t, &a);
}

const struct mac_key *ctx_mac_key(const struct ctx *ctx)
{
	return msg_key(ctx);
}

struct ctx_data {
	struct ctx_data *next;
	const void *key;
	size_t kept; /* how many of the bytes are copied with the context; 0: none */
	_Alignas(max_align_t) char bytes[];
};

static void *data_of(struct ctx *ctx, const void *key, size_t size, size_t kept)
{
	struct ctx_data *d = ctx->data;

	while (d && d->key != key)
		d = d->next;
	if (d)
		return d->bytes;
	d = pool_zalloc(ctx->pool, sizeof(*d) + size);
	if (!d)
		return NULL;
	d->key = key;
	d->kept = kept;
	d->next = ctx->data;
	ctx->data = d;
	return d->bytes;
}

void *ctx_data(struct ctx *ctx, const void *key, size_t size)
{
	return data_of(ctx, key, size, 0);
}

void *ctx_data_kept(struct ctx *ctx, const void *key, size_t size)
{
	return data_of(ctx, key, size, size);
}

int ctx_data_copy(const struct ctx_data *from, avps_alloc *alloc, void *arg, struct ctx_data **to_r)
{
	*to_r = NULL;
	for (; from; from = from->next) {
		struct ctx_data *d;

		if (!from->kept)
			continue;
		d = alloc(arg, sizeof(*d) + from->kept);
		if (!d)
			return -ENOMEM;
		memcpy(d, from, sizeof(*d) + from->kept);
		d->next = *to_r;
		*to_r = d;
	}
	return 0;
}
