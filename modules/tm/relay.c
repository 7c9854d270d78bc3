/* SPDX-License-Identifier: BSD-2-Clause */
/* From the targets of a context to the branches of a transaction. */
#include "modules/tm/relay.h"

#include "modules/tm/client.h"
#include "modules/tm/failover.h"
#include "modules/tm/route.h"
#include "modules/tm/run.h"
#include "modules/tm/server.h"
#include "modules/tm/table.h"
#include "modules/tm/upward.h"
#include "modules/tm/watch.h"

#include <errno.h>

struct relay;

/* One target on its way to being a branch. */
struct relay_target {
	struct relay *relay;
	struct branch b; /* as the branch route left it */
	struct nexthop next;
	struct resolve query;
	struct ctx_mark mark; /* has_mark: as the branch route left the request */
	struct armed on_reply, on_branch_failure;
	bool pending;  /* its name is being looked up */
	bool is_ready; /* it may be sent */
	bool has_mark;
};

/* One t_relay under way; in the context's pool. */
struct relay {
	struct ctx *ctx;
	const struct instead *to;
	struct ctx_mark before; /* what all targets begin with, and what the script goes on with */
	uint64_t loop;
	unsigned n, at, pending;
	bool waits; /* for names */
	bool is_plain; /* one target without a branch route: nothing is changed for it that would have to be taken back */
	struct relay_target targets[];
};

/* --- CANCEL -------------------------------------------------------------------------------------------------------------- */

static struct str reason_lines(struct ctx *ctx)
{
	struct buf b = buf_over(pool_alloc(ctx->pool, ctx->msg->headers.n), ctx->msg->headers.n);

	for (const struct sip_hdr *h = ctx->msg->hdrs; h && b.p; h = h->next)
		if (str_eq_nocase(h->name, STR("Reason")))
			buf_str_put(&b, h->whole);
	return b.n ? buf_str(&b) : STR_NULL;
}

/* What a Reason needs to reach a runner that is somebody else. False: there is none, or no memory. */
static bool reason_post(struct trans *t, struct str reason, bool *mine_r)
{
	struct mail *m = reason.n ? mail_new(t, MAIL_CANCEL, reason.n) : NULL;

	if (!m)
		return false;
	memcpy(m->text, reason.p, reason.n);
	*mine_r = trans_post(t, m);
	return true;
}

void cancel_tell(struct ctx *ctx, struct trans *t)
{
	struct str reason = reason_lines(ctx);
	bool mine = false;
	struct turn x;

	if (trans_take(t)) {
		x = turn_begin(ctx->worker, t);
		turn_cancel(&x, reason);
		turn_end(&x);
		return;
	}
	/* the bit is what a script that runs at this time sees */
	if (!reason_post(t, reason, &mine) || !mine)
		mine = trans_ask(t, TRANS_ASK_CANCEL);
	if (mine)
		turn_serve(ctx->worker, t);
}

int relay_cancel(struct ctx *ctx)
{
	struct trans *t = table_find(ctx, STR("INVITE"));

	if (!t)
		return FN_FALSE;
	cancel_tell(ctx, t);
	(void)reply_send(ctx, 200, STR("canceling"), STR_NULL);
	watch_stateless(ctx, TM_ANSWERED);
	return FN_TRUE;
}

static int go_back(struct ctx *ctx, const struct relay *r, const struct ctx_mark *mark)
{
	return r->is_plain ? 0 : ctx_back(ctx, mark);
}

/* --- one target ------------------------------------------------------------------------------------------------------------------------- */

void target_enter(struct ctx *ctx, const struct branch *b)
{
	if (b->uri.p != ctx_uri_text(ctx).p) {
		ctx->uri = b->uri;
		ctx->uri_parsed = NULL;
	}
	ctx->dst_uri = b->dst_uri;
	ctx->path = b->path;
	ctx->ruid = b->ruid;
	ctx->instance = b->instance;
	ctx->tls_domain = b->tls_domain;
	ctx->tls_name = b->tls_name;
	ctx->send_socket = b->socket;
	ctx->flow = b->flow;
	ctx->branch_flags = b->flags;
	ctx->q = b->q;
	ctx->uri_used = false;
}

static void query_done(struct resolve *q)
{
	struct relay_target *rt = q->arg;

	rt->pending = false;
	if (--rt->relay->pending == 0 && rt->relay->waits)
		ctx_resume(rt->relay->ctx);
}

static void look_up(struct relay_target *rt, uint32_t deadline_ms)
{
	struct resolve *q = &rt->query;
	int started;

	q->done = query_done;
	q->arg = rt;
	q->query = NULL;
	q->family = AF_UNSPEC;
	started = nexthop_resolve(rt->relay->ctx, &rt->next, q, deadline_ms);
	if (started < 0)
		q->error = started;
	if (started)
		return;
	rt->pending = true;
	rt->relay->pending++;
}

void client_describe(struct turn *x, struct client *c, const struct branch *b)
{
	struct arena *a = x->b->arena;

	c->uri = arena_str(a, b->uri);
	c->dst_uri = arena_str(a, b->dst_uri);
	c->path = arena_str(a, b->path);
	c->ruid = arena_str(a, b->ruid);
	c->instance = arena_str(a, b->instance);
	c->flags = b->flags;
}

static struct str branch_local(struct turn *x, struct ctx *ctx, const struct client *c)
{
	struct buf b = buf_over(pool_alloc(ctx->pool, BRANCH_LOCAL), BRANCH_LOCAL);

	if (!b.p)
		return STR_NULL;
	via_branch_local(msg_key(ctx), trans_id(x->t), c->number, &b);
	return buf_str(&b);
}

int client_try(struct turn *x, struct ctx *ctx, struct client *c, const struct nexthop *next,
	       uint64_t loop, const struct addr *addrs, unsigned n, unsigned *tried_r)
{
	struct str branch = x->b->is_local ? branch_local(x, ctx, c)
					   : via_branch_trans(ctx, trans_id(x->t), c->number, loop);
	int err = str_is_null(branch) ? -ENOMEM : -EHOSTUNREACH;

	/* what client_unsent speaks of */
	c->target.transport = next->hop.transport;
	for (*tried_r = 0; *tried_r < n && branch.p; ++*tried_r) {
		struct iovec iov[EMIT_IOV];
		struct target to;
		unsigned pieces;

		c->target.addr = addrs[*tried_r];
		addr_set_port(&c->target.addr, next->hop.port);
		err = nexthop_emit(ctx, next, &addrs[*tried_r], branch, &to, iov, &pieces);
		if (!err)
			err = client_start(x, c, ctx, &to, iov, pieces);
		if (err == 0 || err == -ECANCELED) {
			++*tried_r;
			break;
		}
	}
	return err;
}

/* True when a branch of it is on its way. */
static bool target_send(struct turn *x, struct relay_target *rt)
{
	struct ctx *ctx = rt->relay->ctx;
	struct client *c;
	unsigned tried;
	int err;

	if (!rt->is_ready)
		return false;
	if (rt->query.error || !rt->query.n) {
		nexthop_fail(ctx, 500, "Next Hop Cannot Be Resolved");
		return false;
	}
	if (go_back(ctx, rt->relay, rt->has_mark ? &rt->mark : &rt->relay->before))
		return false;
	target_enter(ctx, &rt->b);
	c = client_new(x->b);
	if (!c) {
		nexthop_fail(ctx, 500, "Out Of Memory");
		return false;
	}
	client_describe(x, c, &rt->b);
	c->on_reply = rt->on_reply;
	c->on_branch_failure =
		rt->on_branch_failure.is_set ? rt->on_branch_failure : x->b->on_branch_failure;
	c->breadth = rt->next.breadth;
	err = client_try(x, ctx, c, &rt->next, rt->relay->loop, rt->query.addrs, rt->query.n,
			 &tried);
	if (!err) {
		failover_keep(x, ctx, c, &rt->b, &rt->next, rt->relay->loop, &rt->query, tried);
		return true;
	}
	nexthop_fail_errno(ctx, err);
	x->error = -err;
	client_feed(x, c, CLIENT_UNSENT);
	return false;
}

/* --- all of them -------------------------------------------------------------------------------------------------------------------------- */

static int sent(struct ctx *ctx, unsigned n)
{
	/* they have been used: another t_relay() needs others */
	branches_clear(ctx);
	ctx->uri_used = true;
	if (!n)
		return FN_FALSE;
	ctx->done |= CTX_FORWARDED;
	ctx->fail_status = 0;
	return FN_TRUE;
}

static int send_all(struct ctx *ctx, struct relay *r)
{
	struct turn x = turn_of(ctx);
	unsigned n = 0, first = x.b->clients_n;

	if (ctx->cancelled || server_is_answered(x.b))
		return FN_FALSE;
	for (unsigned i = 0; i < r->n; i++)
		n += target_send(&x, &r->targets[i]);
	if (x.b->clients_n > first)
		x.b->round = first;
	/* the branches to come have others, if any */
	x.b->on_branch_failure = (struct armed){ 0 };
	turn_release(&x);
	if (go_back(ctx, r, &r->before))
		return FN_FALSE;
	return sent(ctx, n);
}

static int resume(struct ctx *ctx, void *arg)
{
	return send_all(ctx, arg);
}

static void give_up(struct ctx *ctx, void *arg)
{
	struct relay *r = arg;

	for (unsigned i = 0; i < r->n; i++) {
		struct relay_target *rt = &r->targets[i];

		if (!rt->pending)
			continue;
		rt->pending = false;
		msg_net_of(ctx)->resolve_cancel(ctx->worker, &rt->query);
		rt->query.error = -ETIMEDOUT;
	}
	r->pending = 0;
}

/* Not all zeroed: most of a target is filled in on its way, and large. */
static struct relay *relay_new(struct ctx *ctx, const struct instead *to)
{
	unsigned max = ctx->branches.n + 1, at = 0;
	struct relay *r = pool_alloc(ctx->pool, sizeof(*r) + max * sizeof(r->targets[0]));
	struct instead *copy = to ? pool_alloc(ctx->pool, sizeof(*copy)) : NULL;

	if (!r || (to && !copy))
		return NULL;
	if (to)
		*copy = *to;
	r->ctx = ctx;
	r->to = copy;
	r->loop = 0;
	r->n = r->at = r->pending = 0;
	r->waits = false;
	for (; branch_next(ctx, &at, &r->targets[r->n].b); r->n++) {
		struct relay_target *rt = &r->targets[r->n];

		rt->relay = r;
		rt->on_reply = rt->on_branch_failure = (struct armed){ 0 };
		rt->pending = rt->is_ready = rt->has_mark = false;
		rt->query.n = 0;
		rt->query.error = 0;
	}
	r->is_plain = r->n == 1 && !trans_body(ctx->trans)->on_branch.is_set;
	if (!r->is_plain)
		ctx_mark(ctx, &r->before);
	return r;
}

/* RFC 5393 5.3.3: what those that are still asked hold is not there for others. */
static int breadth_share(struct ctx *ctx, struct relay *r)
{
	unsigned n = 0, i = 0;
	uint32_t used = 0, left;

	/* and what stands in the place of a branch whose failure is to be seen to gets its part */
	clients_each (c, trans_body(ctx->trans))
		if (!client_is_final(c) || c->on_branch_failure.is_set)
			used += c->breadth;
	for (unsigned k = 0; k < r->n; k++)
		n += r->targets[k].is_ready;
	if (!n)
		return FN_TRUE;
	if (nexthop_breadth(ctx, used, n, &left) != FN_TRUE)
		return FN_FALSE;
	for (unsigned k = 0; k < r->n && left; k++)
		if (r->targets[k].is_ready)
			r->targets[k].next.breadth = nexthop_share(left, n, i++);
	return FN_TRUE;
}

/* All targets are known: their names are looked up, all at a time. */
static int look_up_all(struct ctx *ctx, struct relay *r)
{
	uint32_t ms = (uint32_t)msg_conf_of(ctx->conf)->max_wait;

	trans_body(ctx->trans)->on_branch.is_set = false;
	if (go_back(ctx, r, &r->before))
		return nexthop_fail(ctx, 500, "Out Of Memory");
	if (breadth_share(ctx, r) != FN_TRUE)
		return FN_FALSE;
	for (unsigned i = 0; i < r->n; i++)
		if (r->targets[i].is_ready)
			look_up(&r->targets[i], ms);
	if (!r->pending)
		return send_all(ctx, r);
	r->waits = true;
	ctx->wait = (struct ctx_wait){ .resume = resume, .cancel = give_up, .arg = r };
	return FN_WAIT;
}

static int prepare(struct ctx *ctx, struct relay *r);

static void target_prepare(struct relay_target *rt)
{
	rt->is_ready = nexthop_of(rt->relay->ctx, &rt->b, rt->relay->to, &rt->next) == FN_TRUE;
}

static int branch_routed(struct ctx *ctx, bool dropped, void *arg)
{
	struct relay_target *rt = arg;
	struct tm_ctx *tc = tm_ctx_of(ctx);

	rt->relay->at++;
	if (dropped || !tc)
		return prepare(ctx, rt->relay);
	rt->on_reply = tc->branch_on_reply;
	rt->on_branch_failure = tc->branch_on_failure;
	rt->b = branch_main(ctx);
	ctx_mark(ctx, &rt->mark);
	rt->has_mark = true;
	target_prepare(rt);
	return prepare(ctx, rt->relay);
}

/* Where each target goes, from r->at on; its branch route has a say in it, and may wait. */
static int prepare(struct ctx *ctx, struct relay *r)
{
	struct body *b = trans_body(ctx->trans);
	struct tm_ctx *tc = tm_ctx_of(ctx);
	int64_t route = b->on_branch.is_set ? route_of(ctx, &b->on_branch, IN_BRANCH) : -1;

	for (; r->at < r->n; r->at++) {
		struct relay_target *rt = &r->targets[r->at];

		if (!tc || go_back(ctx, r, &r->before))
			return nexthop_fail(ctx, 500, "Out Of Memory");
		target_enter(ctx, &rt->b);
		if (route >= 0) {
			tc->branch_on_reply = tc->branch_on_failure = (struct armed){ 0 };
			return ctx->worker->msg->script->route_inside(
				ctx, IN_BRANCH, (uint32_t)route, branch_routed, rt);
		}
		target_prepare(rt);
	}
	return look_up_all(ctx, r);
}

/* In a failure route the targets so far are used up, unless the script has set another one. */
static void failure_targets(struct ctx *ctx)
{
	if (ctx->route_kind == IN_FAILURE && !ctx->branches.n && !str_is_null(ctx->dst_uri))
		ctx->uri_used = false;
}

static bool has_6xx(const struct body *b)
{
	clients_each (c, b)
		if (c->status >= 600 && !c->is_dropped)
			return true;
	return false;
}

static int relay_more(struct ctx *ctx, const struct instead *to)
{
	struct body *b = trans_body(ctx->trans);
	bool forked;
	struct relay *r;

	if (trans_is_cancelled(ctx->trans))
		return nexthop_fail(ctx, 487, "Request Terminated");
	if (server_is_answered(b))
		return nexthop_fail(ctx, 500, "It Is Answered Already");
	if (b->suspended)
		return nexthop_fail(ctx, 500, "It Is Suspended");
	/* RFC 3261 16.7 item 5: no new branches after a 6xx */
	if (has_6xx(b) && !b->no_6xx_block)
		return nexthop_fail(ctx, 603, "A Branch Was Declined");
	failure_targets(ctx);
	forked = ctx->branches.n + !ctx->uri_used + b->clients_n > 1;
	r = relay_new(ctx, to);
	if (!r)
		return nexthop_fail(ctx, 500, "Out Of Memory");
	if (!r->n)
		return nexthop_fail(ctx, 500, "No Target Is Left");
	if (nexthop_allowed(ctx, forked, &r->loop) != FN_TRUE)
		return FN_FALSE;
	return prepare(ctx, r);
}

/* Without a transaction. */
static int forward_on(struct ctx *ctx, const struct instead *to)
{
	if (to && !str_is_null(to->host))
		return forward_host(ctx, to->host, to->port, to->transport);
	return forward_request(ctx, to ? to->uri : STR_NULL, to ? to->transport : NULL);
}

int relay_request(struct ctx *ctx, const struct instead *to)
{
	int r;

	if (ctx->msg->method == METHOD_ACK) {
		r = forward_on(ctx, to);
		if (r == FN_TRUE || r == FN_WAIT)
			watch_stateless(ctx, TM_ACKED);
		return r;
	}
	if (ctx->msg->method == METHOD_CANCEL) {
		r = relay_cancel(ctx);
		if (r != FN_FALSE)
			return r;
		if (tm_conf_of(ctx->conf)->unmatched_cancel == 2)
			return FN_FALSE;
		return forward_on(ctx, to);
	}
	if (!ctx->trans) {
		r = trans_begin(ctx);
		if (r != FN_TRUE)
			return r;
	}
	return relay_more(ctx, to);
}
