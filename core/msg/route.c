/* SPDX-License-Identifier: BSD-2-Clause */
/* Which Route values are ours, which one is the next hop, and what of the header fields is left out. */
#include "core/msg/route.h"

#include "core/msg/worker.h"

#include <errno.h>

/* The Route values that count: those the script removed are gone. */
struct walk {
	struct ctx *ctx;
	struct sip_nameaddr *at; /* NULL: the end */
};

static bool is_removed(struct ctx *ctx, const struct sip_nameaddr *na)
{
	return ctx->edits.first &&
	       edits_removed(&ctx->edits, (size_t)(na->whole.p - ctx->msg->buf.p), na->whole.n);
}

static int walk_skip(struct walk *w)
{
	int err = 0;

	while (w->at && is_removed(w->ctx, w->at) && !err)
		err = sip_msg_nameaddr_next(w->ctx->msg, w->at, &w->at);
	if (err == -ENOENT) {
		w->at = NULL;
		err = 0;
	}
	return err;
}

static int walk_first(struct walk *w, struct ctx *ctx)
{
	int err = sip_msg_nameaddr(ctx->msg, HDR_ROUTE, &w->at);

	w->ctx = ctx;
	if (err) {
		w->at = NULL;
		return err == -ENOENT ? 0 : err;
	}
	return walk_skip(w);
}

static int walk_next(struct walk *w)
{
	int err = sip_msg_nameaddr_next(w->ctx->msg, w->at, &w->at);

	if (err) {
		w->at = NULL;
		return err == -ENOENT ? 0 : err;
	}
	return walk_skip(w);
}

static void own_add(struct routing *r, const struct sip_uri *u)
{
	if (!r->own_first)
		r->own_first = u;
	r->own_last = u;
}

/* How many values at the top are ours: one, both of a pair that we recorded, or more when we are an outbound proxy and a service route at once. All of
 * them: what we sent to ourselves would find no way back. The walk stands behind them. */
static int own_skip(struct ctx *ctx, struct walk *w, struct routing *r, unsigned *own_r)
{
	*own_r = 0;
	while (w->at) {
		struct sip_uri *u;
		int err = nameaddr_uri(ctx->msg, w->at, &u);

		if (err)
			return err;
		if (!ctx_uri_is_own(ctx, u))
			return 0;
		own_add(r, u);
		++*own_r;
		err = walk_next(w);
		if (err)
			return err;
	}
	return 0;
}

static void leave_out(struct routing *r, const char *base, const char *from, const char *end)
{
	struct edit *before = r->n ? &r->edits[r->n - 1] : NULL;

	if (from >= end)
		return;
	if (before && before->at + before->drop == (size_t)(from - base))
		before->drop += (uint32_t)(end - from); /* header fields in a row: one piece */
	else
		r->edits[r->n++] = (struct edit){ .at = (uint32_t)(from - base),
						  .drop = (uint32_t)(end - from) };
}

static void put_in(struct ctx *ctx, struct routing *r, const char *at, struct str text)
{
	r->edits[r->n++] = (struct edit){ .at = (uint32_t)(at - ctx->msg->buf.p), .text = text };
}

static const struct sip_hdr *last_of(const struct sip_hdr *h)
{
	while (h->next_same)
		h = h->next_same;
	return h;
}

/* Leaves out the first `skip` values and, when it is not NULL, `last`, the last of all. */
static int routes_cut(struct ctx *ctx, unsigned skip, const struct sip_nameaddr *last,
		      struct routing *r)
{
	const char *base = ctx->msg->buf.p;
	struct walk w;
	unsigned i = 0;
	int err = walk_first(&w, ctx);

	/* one place stays for the Route that strict_behind or routing_path adds */
	while (!err && w.at && r->n + 2 < ROUTE_EDITS) {
		const struct sip_hdr *h = w.at->hdr;
		const char *from = NULL, *to = NULL; /* the values that stay */
		bool changed = false;

		for (; !err && w.at && w.at->hdr == h; i++) {
			if (i < skip || w.at == last) {
				changed = true;
			} else {
				from = from ? from : w.at->whole.p;
				to = str_end(w.at->whole);
			}
			err = walk_next(&w);
		}
		if (!changed)
			continue;
		if (from) {
			leave_out(r, base, h->body.p, from);
			leave_out(r, base, to, str_end(h->body));
		} else {
			leave_out(r, base, h->whole.p, str_end(h->whole));
		}
	}
	return err;
}

/* A strict router before us put what we recorded into the R-URI and the real one behind the last Route (RFC 3261 16.4). Only our own Record-Route has
 * "lr" in it. */
static int strict_before(struct ctx *ctx, struct routing *r, struct sip_nameaddr **last_r)
{
	struct sip_nameaddr *last = NULL;
	struct sip_uri *u;
	struct walk w;
	int err;

	*last_r = NULL;
	if (ctx->routed || r->ruri.p != ctx->msg->ruri.p)
		return 0;
	u = str_is_null(ctx->uri) ? ctx_uri(ctx) : ctx_uri_parse(ctx, r->ruri);
	if (!u || str_is_null(uri_param(u, STR("lr"))) || !ctx_uri_is_own(ctx, u))
		return 0;
	for (err = walk_first(&w, ctx); !err && w.at; err = walk_next(&w))
		last = w.at;
	if (err || !last)
		return err;
	if (uri_parse(last->uri, &(struct sip_uri){ 0 }, NULL))
		return -EBADMSG;
	own_add(r, u);
	r->from_strict = true;
	r->ruri = last->uri;
	*last_r = last;
	return 0;
}

/* The next hop knows no loose routing: what it will look for in the R-URI is put there, the R-URI behind the last Route. */
static int strict_behind(struct ctx *ctx, struct routing *r)
{
	struct buf b = buf_over(pool_alloc(ctx->pool, r->ruri.n + 16), r->ruri.n + 16);

	if (!b.p)
		return -ENOMEM;
	buf_lit(&b, "Route: <");
	buf_str_put(&b, r->ruri);
	buf_lit(&b, ">\r\n");
	put_in(ctx, r, str_end(last_of(ctx->msg->first[HDR_ROUTE])->whole), buf_str(&b));
	r->ruri = r->next;
	return 0;
}

/* The first value that is not ours. */
static int next_read(struct ctx *ctx, const struct sip_nameaddr *last, struct routing *r,
		     unsigned *own_r, bool *strict_r)
{
	struct sip_uri *u;
	struct walk w;
	int err = walk_first(&w, ctx);

	if (!err)
		err = own_skip(ctx, &w, r, own_r);
	if (err || !w.at || w.at == last)
		return err;
	err = nameaddr_uri(ctx->msg, w.at, &u);
	if (err)
		return err;
	r->next = w.at->uri;
	*strict_r = (u->scheme == URI_SIP || u->scheme == URI_SIPS) &&
		    str_is_null(uri_param(u, STR("lr")));
	return 0;
}

int routing_read(struct ctx *ctx, struct str ruri, bool follows, struct routing *r_r)
{
	struct sip_nameaddr *last = NULL;
	bool is_strict = false;
	unsigned own = 0;
	int err;

	r_r->ruri = ruri;
	r_r->next = STR_NULL;
	r_r->own_first = r_r->own_last = NULL;
	r_r->from_strict = false;
	r_r->n = 0;
	if (!ctx->msg->first[HDR_ROUTE])
		return 0;
	err = strict_before(ctx, r_r, &last);
	if (!err)
		err = next_read(ctx, last, r_r, &own, &is_strict);
	is_strict = is_strict && follows;
	if (!err && (own || last || is_strict))
		err = routes_cut(ctx, own + is_strict, last, r_r);
	if (!err && is_strict)
		err = strict_behind(ctx, r_r);
	return err;
}

/* A text goes in before what is beside it is left out: it may stand between two that go. */
static int edits_keep(struct ctx *ctx, const struct routing *r, bool texts)
{
	int err = 0;

	for (unsigned i = 0; i < r->n && !err; i++) {
		const struct edit *x = &r->edits[i];

		if (!str_is_null(x->text) == texts)
			err = edits_add(&ctx->edits, ctx->pool, x->at, x->drop, x->text);
	}
	return err;
}

int routing_take(struct ctx *ctx, bool follows, const struct routing *r)
{
	bool leads = follows && !str_is_null(r->next);
	int err = 0;

	if (r->ruri.p != ctx_uri_text(ctx).p) {
		err = edits_keep(ctx, r, true);
		if (!err)
			err = edits_keep(ctx, r, false);
		if (!err)
			err = ctx_uri_set(ctx, r->ruri);
	}
	if (!err && leads && r->ruri.p != r->next.p)
		err = ctx_dst_uri_set(ctx, r->next);
	if (!err)
		ctx->routed = leads ? CTX_ROUTED_NEXT : CTX_ROUTED;
	return err;
}

int routing_path(struct ctx *ctx, struct str path, struct routing *r)
{
	const struct sip_hdr *route = ctx->msg->first[HDR_ROUTE];
	struct buf b = buf_over(pool_alloc(ctx->pool, path.n + 16), path.n + 16);

	if (!b.p)
		return -ENOMEM;
	if (str_chr(path, '\r') >= 0 || str_chr(path, '\n') >= 0)
		return -EBADMSG;
	buf_lit(&b, "Route: ");
	buf_str_put(&b, path);
	buf_lit(&b, "\r\n");
	put_in(ctx, r, route ? route->whole.p : str_end(last_of(ctx->msg->first[HDR_VIA])->whole),
	       buf_str(&b));
	return 0;
}
