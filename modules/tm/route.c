/* SPDX-License-Identifier: BSD-2-Clause */
/* How the script's routes meet a transaction: what of the request and its attributes goes in and comes back. */
#include "modules/tm/route.h"

#include "modules/tm/client.h"
#include "modules/tm/local.h"
#include "modules/tm/relay.h"
#include "modules/tm/run.h"
#include "modules/tm/server.h"
#include "modules/tm/suspend.h"
#include "modules/tm/upward.h"
#include "modules/tm/watch.h"

#include <errno.h>

/* --- names -------------------------------------------------------------------------------------------------------------------------------- */

static const struct script_hooks *script_of(const struct worker *w)
{
	return w->msg->script;
}

void route_arm(struct ctx *ctx, struct armed *a, enum route_kind kind, int64_t number)
{
	*a = (struct armed){ 0 };
	if (number < 0)
		return;
	a->is_set = true;
	a->name = script_of(ctx->worker)->route_name(ctx->conf, kind, (uint32_t)number);
	/* with a transaction the name must live as long; before there is one, as the context */
	if (ctx->trans)
		a->name = body_name(trans_body(ctx->trans), a->name);
}

int64_t route_of(const struct ctx *ctx, const struct armed *a, enum route_kind kind)
{
	int64_t n = script_of(ctx->worker)->route_find(ctx->conf, kind, a->name);

	if (n < 0)
		log_limited(LOG_WARN, "tm",
			    "a route that a transaction needs is not in the new configuration",
			    KV_STR("route", a->name));
	return n;
}

/* --- the request ---------------------------------------------------------------------------------------------------------------------------- */

/* The attributes that the routes of a transaction share. */
static void avps_in(struct turn *x, struct ctx *ctx)
{
	if (ctx_restore_avps(ctx, x->b->avps))
		log_limited(LOG_WARN, "tm",
			    "no memory for a transaction's attributes: a route runs without");
}

/* Pieces of a room; or only how large it must be. */
struct pieces {
	struct pool *pool; /* for measuring; NULL: of the room */
	struct room room;
	size_t used;
};

static void *piece(void *arg, size_t n)
{
	struct pieces *p = arg;
	size_t at = p->used;

	p->used += (n + 15) / 16 * 16;
	if (p->pool)
		return pool_alloc(p->pool, n);
	return p->used <= p->room.cap ? p->room.p + at : NULL;
}

/* Into the room where those that are kept now do not lie, so that a route for each of very many responses uses no more than two. */
static int avps_keep(struct turn *x, struct ctx *ctx, const struct avps **kept_r)
{
	struct room *rooms = x->b->avps_room;
	struct room *room = &rooms[x->b->avps && (const char *)x->b->avps == rooms[0].p];
	struct pieces p = { .room = *room };

	if (!ctx_keep_avps(ctx, piece, &p, kept_r))
		return 0;
	p = (struct pieces){ .pool = ctx->pool };
	if (ctx_keep_avps(ctx, piece, &p, kept_r) || room_make(x->b, room, p.used))
		return -ENOMEM;
	p = (struct pieces){ .room = *room };
	return ctx_keep_avps(ctx, piece, &p, kept_r);
}

static void avps_out(struct turn *x, struct ctx *ctx)
{
	const struct avps *kept;

	if (!ctx->avps && !x->b->avps)
		return;
	if (avps_keep(x, ctx, &kept))
		log_limited(LOG_WARN, "tm",
			    "no memory to keep a transaction's attributes: they are as before");
	else
		x->b->avps = kept;
}

struct ctx *request_restore(struct turn *x)
{
	const struct ctx_kept *kept = x->b->kept;
	struct str text = kept && !str_is_null(kept->text) ? kept->text : x->b->request;
	struct ctx *ctx = ctx_of_text(x->w, &x->b->from, text);

	if (!ctx)
		return NULL;
	ctx->route_kind = IN_REQUEST;
	ctx->made_here = x->b->is_local;
	if (kept && ctx_restore(ctx, kept)) {
		ctx_give(ctx);
		return NULL;
	}
	ctx->cancelled = x->b->cancelled && server_is_answered(x->b);
	return ctx;
}

struct ctx *request_watched(struct turn *x)
{
	struct ctx *ctx = turn_request(x);

	if (!ctx)
		return NULL;
	ctx->flags = x->b->flags;
	ctx->script_flags = x->b->script_flags;
	avps_in(x, ctx);
	return ctx;
}

/* Whether some route, or another module, may want the request again. */
static bool is_armed(const struct body *b)
{
	clients_each (c, b)
		if (c->on_branch_failure.is_set)
			return true;
	return b->on_failure.is_set || b->on_branch.is_set || b->on_reply.is_set || b->watched;
}

static void request_keep(struct turn *x, struct ctx *ctx)
{
	struct body *b = x->b;

	if (!is_armed(b))
		return;
	if ((!b->kept || b->continued) && ctx_keep(ctx, 0, from_arena, b->arena, &b->kept))
		log_limited(LOG_WARN, "tm",
			    "no memory to keep what the script changed of a request: a failure "
			    "route sees it as received");
	avps_out(x, ctx);
}

/* For the route that goes on with it, everything. -ENOMEM. */
static int suspended_keep(struct turn *x, struct ctx *ctx)
{
	struct body *b = x->b;

	if (ctx_keep(ctx, KEEP_BRANCHES, from_arena, b->arena, &b->kept)) {
		log_limited(LOG_WARN, "tm",
			    "no memory to keep what the script changed of a request: it cannot be "
			    "suspended");
		return -ENOMEM;
	}
	avps_out(x, ctx);
	return 0;
}

/* --- routes on the request again ------------------------------------------------------------------------------------------------------------------------- */

static void nothing_left(struct ctx *ctx)
{
	(void)ctx; /* script_over() does it, when the transaction is let go of */
}

/* The request with its transaction, and the route to run for it. NULL: no memory, or no such route. */
static struct ctx *route_context(struct turn *x, const struct armed *a, enum route_kind kind,
				 uint32_t *route_r)
{
	struct ctx *ctx = request_restore(x);
	int64_t route;

	if (!ctx) {
		log_limited(LOG_WARN, "tm", "no memory to run a route of a transaction",
			    KV_STR("route", a->name));
		return NULL;
	}
	route = route_of(ctx, a, kind);
	if (route < 0) {
		ctx_give(ctx);
		return NULL;
	}
	avps_in(x, ctx);
	ctx->flags = x->b->flags;
	ctx->script_flags = x->b->script_flags;
	ctx->trans = x->t;
	ctx->trans_id = trans_id(x->t);
	ctx->trans_text = x->b->request;
	ctx->finish = nothing_left;
	ctx->cancelled = x->b->cancelled;
	*route_r = (uint32_t)route;
	return ctx;
}

bool failure_run(struct turn *x)
{
	struct body *b = x->b;
	struct ctx *ctx;
	uint32_t route;

	ctx = b->on_failure.is_set ? route_context(x, &b->on_failure, IN_FAILURE, &route) : NULL;
	if (!ctx)
		return false;
	ctx->uri_used = true;
	b->clients_seen = b->clients_n;
	b->winner = trans_best(b);
	b->on_failure = (struct armed){ 0 };
	atomic_store(&x->t->script, tmw.w->n + 1);
	FAULT("tm.failure");
	watch_failed(x, ctx);
	script_ran(ctx, script_of(x->w)->route_start(ctx, IN_FAILURE, route));
	return true;
}

static struct client *failing_of(const struct body *b)
{
	clients_each (c, b)
		if (c->on_branch_failure.is_set && c->status >= 300 && !c->replaced)
			return c;
	return NULL;
}

/* Those that fail at a time come one after the other; where one has waited, script_over() goes on with the next. */
bool branch_failure_run(struct turn *x)
{
	struct body *b = x->b;
	struct client *c = failing_of(b);
	struct armed armed;
	struct ctx *ctx;
	uint32_t route;

	if (!c)
		return false;
	armed = c->on_branch_failure;
	c->on_branch_failure = (struct armed){ 0 };
	ctx = route_context(x, &armed, IN_FAILURE, &route);
	if (!ctx)
		return true;
	ctx->uri = c->uri;
	ctx->uri_parsed = NULL;
	ctx->branch_flags = c->flags;
	ctx->ruid = c->ruid;
	ctx->instance = c->instance;
	ctx->uri_used = true;
	b->winner = b->failing = c;
	b->is_deciding = true;
	atomic_store(&x->t->script, tmw.w->n + 1);
	FAULT("tm.branch.failure");
	script_ran(ctx, script_of(x->w)->route_start(ctx, IN_FAILURE, route));
	b->is_deciding = false;
	return true;
}

bool continued_run(struct turn *x)
{
	struct body *b = x->b;
	uint32_t route;
	struct ctx *ctx = route_context(x, &b->on_continue, IN_REQUEST, &route);

	if (!ctx)
		return false;
	tm_count(TM_CONTINUED);
	b->continued = true;
	atomic_store(&x->t->script, tmw.w->n + 1);
	FAULT("tm.continue");
	suspension_end(x);
	script_ran(ctx, script_of(x->w)->route_start(ctx, IN_REQUEST, route));
	return true;
}

/* --- reply routes ---------------------------------------------------------------------------------------------------------------- */

void reply_route_run(struct turn *x, struct client *c)
{
	const struct armed *armed = c->on_reply.is_set ? &c->on_reply : &x->b->on_reply;
	struct ctx *ctx = x->reply;
	struct tm_ctx *tc;
	struct sip_cseq cseq;
	int64_t route;

	if (x->b->is_local)
		local_response_run(x);
	if (!armed->is_set || sip_msg_cseq(ctx->msg, &cseq) || cseq.method != x->b->method)
		return;
	route = route_of(ctx, armed, IN_REPLY);
	tc = route < 0 ? NULL : tm_ctx_of(ctx);
	if (!tc)
		return;
	tc->client = c;
	avps_in(x, ctx);
	ctx->flags = x->b->flags;
	ctx->branch_flags = c->flags;
	ctx->trans = x->t;
	ctx->trans_id = trans_id(x->t);
	if (script_of(x->w)->route_run(ctx, IN_REPLY, (uint32_t)route))
		ctx->done |= CTX_DROPPED;
	ctx->trans = NULL;
	x->b->flags = ctx->flags;
	avps_out(x, ctx);
}

/* --- behind the script ------------------------------------------------------------------------------------------------------------------------ */

/* The script made a transaction and nothing more: whoever asked gets an answer. */
static void nothing_done(struct turn *x, struct ctx *ctx)
{
	const struct tm_conf *conf = tm_conf_of(ctx->conf);
	unsigned status = ctx->fail_status;
	struct str reason = ctx->fail_reason;

	if (x->b->is_released || (status && x->b->no_internal_reply)) {
		server_feed(x, SERVER_GIVE_UP);
		return;
	}
	if (x->b->cancelled) {
		status = 487;
		reason = STR_NULL;
	} else if (!status) {
		status = (unsigned)conf->default_code;
		reason = conf->default_reason;
	}
	if (server_reply(x, ctx, status, reason, STR_NULL) < 0 && !server_is_answered(x->b))
		server_give_up(x, status);
}

static void failure_over(struct turn *x)
{
	struct body *b = x->b;

	/* it sent the request on, and that came to nothing, too: perhaps another failure route was armed */
	if (b->clients_n > b->clients_seen)
		trans_decide(x);
	else
		trans_answer(x);
}

void script_over(struct turn *x, struct ctx *ctx)
{
	struct body *b = x->b;
	bool is_failure = ctx->route_kind == IN_FAILURE, of_branch = b->failing;

	b->flags = ctx->flags;
	b->script_flags = ctx->script_flags;
	b->winner = b->failing = NULL;
	if (!is_failure)
		watch_begin(b, ctx);
	if (b->cancelled || server_is_answered(b) || (b->suspended && suspended_keep(x, ctx)))
		suspension_end(x);
	if (!b->suspended && is_failure)
		avps_out(x, ctx);
	else if (!b->suspended)
		request_keep(x, ctx);
	atomic_store(&x->t->script, 0);
	if (b->suspended)
		suspension_run(x);
	else if (of_branch && b->is_deciding)
		return;
	else if (is_failure && !of_branch)
		failure_over(x);
	else if (!is_failure && !b->clients_n && !server_is_answered(b))
		nothing_done(x, ctx);
	else
		trans_decide(x);
}
