/* SPDX-License-Identifier: BSD-2-Clause */
/* The way by Routes (RFC 3261 16.4, 16.12): what they say becomes the request's next hop, unless nobody but its sender wants it. */
#include "modules/rr/rr.h"

/* Values of loose_route() beside FN_TRUE and FN_FALSE. */
#define ROUTED_BY_FLOW	  2
#define TOKEN_BROKEN	  (-2)
#define PRELOADED_IS_OURS (-3)
#define PRELOADED_REFUSED (-4)

/* The way is the flow's that our Route names, when the request goes to the one who made that flow: always if it was first in a dialog, else from the callee
 * only. FN_TRUE: it is not. */
static int by_flow(struct ctx *ctx, const struct routing *r, bool preloaded)
{
	struct flow flow;
	int is = r->own_last ? flow_read(ctx, r->own_last->user, &flow) : 0;

	if (is < 0)
		return TOKEN_BROKEN;
	if (!is || flow_is_from(&flow, &ctx->from) || !(preloaded || rr_is_upstream(ctx)))
		return FN_TRUE;
	if (flow_take(ctx, &flow))
		return FN_FALSE;
	return ROUTED_BY_FLOW;
}

/* The second of a pair that we recorded names the socket of the other side. */
static void socket_choose(struct ctx *ctx, const struct routing *r)
{
	const struct rr_conf *c = rr_conf_of(ctx);
	bool pair = c->double_rr && r->own_first != r->own_last;
	const struct listener *l = NULL;
	struct str name;

	if (ctx->send_socket || !r->own_last || !(pair || c->force_send_socket))
		return;
	name = c->sockname ? uri_param(r->own_last, STR("sn")) : STR_NULL;
	if (name.n)
		l = ctx_socket_find(ctx, name);
	if (!l)
		l = ctx_socket_of_uri(ctx, r->own_last);
	ctx->send_socket = l;
	if (!l && pair && c->mismatch_warning)
		log_limited(LOG_WARN, "rr", "no socket of ours is that of the second own Route",
			    KV_STR("route", r->own_last->text),
			    KV_Z("hint", "the request leaves from the socket that it came to"));
}

static int route(struct ctx *ctx, int64_t mode, bool follows_preloaded)
{
	bool preloaded = !rr_tag(ctx, HDR_TO).n, follows = !preloaded || follows_preloaded;
	struct routing r;
	int err, value;

	if (!ctx->msg->first[HDR_ROUTE])
		return FN_FALSE;
	/* what a strict router would have done is not looked for */
	if ((mode & RR_LOOSE_ONLY) && !ctx->routed)
		ctx->routed = CTX_ROUTED;
	err = routing_read(ctx, ctx_uri_text(ctx), follows, &r);
	if (!err)
		err = routing_take(ctx, follows, &r);
	if (err)
		return rr_failed("could not follow the Routes of a request",
				 ctx->msg->first[HDR_ROUTE]->body, err);
	own_routes_set(ctx, &r);
	value = by_flow(ctx, &r, preloaded);
	socket_choose(ctx, &r);
	if (value != FN_TRUE || !preloaded)
		return value;
	if (str_is_null(r.next))
		return PRELOADED_IS_OURS;
	return follows ? FN_TRUE : PRELOADED_REFUSED;
}

int fn_loose_route(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	const struct rr_conf *c = rr_conf_of(ctx);

	(void)argv;
	(void)argc;
	return route(ctx, c->mode, c->follows_preloaded);
}

int fn_loose_route_mode(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return route(ctx, argv[0].i, rr_conf_of(ctx)->follows_preloaded);
}

/* True for a request that begins a dialog and has Routes, which are followed. */
int fn_loose_route_preloaded(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	int value;

	(void)argv;
	(void)argc;
	if (rr_tag(ctx, HDR_TO).n)
		return FN_FALSE;
	value = route(ctx, rr_conf_of(ctx)->mode, true);
	return value > 0 || value == PRELOADED_IS_OURS ? FN_TRUE : FN_FALSE;
}

int fn_rr_next_hop_route(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argv;
	(void)argc;
	return ctx->routed == CTX_ROUTED_NEXT ? FN_TRUE : FN_FALSE;
}
