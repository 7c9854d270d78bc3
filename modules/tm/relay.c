/* SPDX-License-Identifier: BSD-2-Clause */
/* From the targets of a context to the branches of a transaction. */
#include "modules/tm/relay.h"

#include "modules/tm/client.h"
#include "modules/tm/route.h"
#include "modules/tm/run.h"
#include "modules/tm/server.h"
#include "modules/tm/table.h"
#include "modules/tm/upward.h"

#include <errno.h>

struct relay;

/* One target on its way to being a branch. */
struct relay_target {
	struct relay *relay;
	struct branch b; /* as the branch route left it */
	struct nexthop next;
	struct resolve query;
	bool pending;  /* its name is being looked up */
	bool is_ready; /* it may be sent */
	struct armed on_reply;
	bool has_mark;
	struct ctx_mark mark; /* when the branch route may have changed more */
};

/* One t_relay under way; in the context's pool. */
struct relay {
	struct ctx *ctx;
	const struct instead *to;
	struct ctx_mark before; /* what all targets begin with, and what the script goes on with */
	uint64_t loop;
	unsigned n, pending;
	struct relay_target targets[];
};

/* --- transactions of requests --------------------------------------------------------------------------------------------------------------- */

struct tm_ctx *tm_ctx_of(struct ctx *ctx)
{
	static const char key;

	return ctx_data(ctx, &key, sizeof(struct tm_ctx));
}

static uint32_t set_or(int64_t set, int64_t configured)
{
	return (uint32_t)(set ? set : configured);
}

static struct armed armed_keep(struct body *b, struct armed a)
{
	a.name = arena_str(b->arena, a.name);
	return a;
}

/* Timers and routes: what the script set for the transaction to come, else as configured. */
static void body_fill(struct body *b, struct ctx *ctx, const struct tm_ctx *tc)
{
	const struct tm_conf *conf = tm_conf_of(ctx->conf);
	bool is_invite = b->method == METHOD_INVITE;
	uint32_t life = is_invite ? set_or(tc->life_inv, conf->max_inv_lifetime)
				  : set_or(tc->life_noninv, conf->max_noninv_lifetime);

	b->t1 = set_or(tc->t1, conf->retr_timer1);
	b->t2 = set_or(tc->t2, conf->retr_timer2);
	b->fr = set_or(tc->fr, conf->fr_timer);
	b->fr_inv = set_or(tc->fr_inv, conf->fr_inv_timer);
	b->dies_at = life ? b->born + life : 0;
	b->no_6xx_block = tc->no_6xx_block || conf->disable_6xx_block;
	b->no_failover = tc->no_failover;
	b->no_internal_reply = tc->no_internal_reply;
	b->no_e2e_reason = tc->no_e2e_reason;
	b->on_failure = armed_keep(b, tc->on_failure);
	b->on_branch = armed_keep(b, tc->on_branch);
	b->on_reply = armed_keep(b, tc->on_reply);
	b->on_branch_failure = armed_keep(b, tc->on_branch_failure);
	b->server.state = is_invite ? SERVER_PROCEEDING : SERVER_TRYING;
	reply_target(ctx, &b->server.up);
}

static void trying(struct ctx *ctx, const struct tm_ctx *tc)
{
	const struct tm_conf *conf = tm_conf_of(ctx->conf);
	bool wanted = tc->has_auto_100 ? tc->auto_100 : conf->auto_inv_100;
	struct turn x = turn_of(ctx);

	if (wanted && ctx->msg->method == METHOD_INVITE)
		(void)server_reply(&x, ctx, 100, conf->auto_inv_100_reason, STR_NULL);
}

/* Everybody finds it from now on. */
static int trans_publish(struct trans *t, struct ctx *ctx)
{
	FAULT("tm.body");
	arena_publish(t->arena);
	FAULT("tm.arena");
	if (table_in(t, ctx)) {
		trans_unmake(t);
		return -EEXIST;
	}
	slab_publish(&t->row);
	FAULT("tm.live");
	tm_count(TM_CREATED);
	return 0;
}

int trans_begin(struct ctx *ctx)
{
	struct tm_ctx *tc = tm_ctx_of(ctx);
	struct trans *t;

	if (ctx->msg->method == METHOD_ACK || ctx->msg->method == METHOD_CANCEL || ctx->trans)
		return FN_FALSE;
	t = tc ? trans_new(ctx) : NULL;
	if (!t) {
		tm_count(TM_REFUSED);
		log_limited(LOG_WARN, "tm", "no memory for a transaction",
			    KV_Z("hint", "shm_mem bounds it"),
			    KV_INT("in_use", slab_used(tm->rows)));
		return ctx_fail(ctx, 503, STR("Too Many Transactions"));
	}
	body_fill(trans_body(t), ctx, tc);
	if (trans_publish(t, ctx)) {
		tm_count(TM_RETRANSMISSIONS);
		return FN_END;
	}
	ctx->trans = t;
	ctx->trans_id = trans_id(t);
	ctx->trans_text = trans_body(t)->request;
	/* a CANCEL that came while the script waited */
	if (wait_hand_over(ctx)) {
		trans_body(t)->cancelled = true;
		ctx->cancelled = true;
	} else {
		trying(ctx, tc);
	}
	return FN_TRUE;
}

static struct str reason_lines(struct ctx *ctx)
{
	struct buf b = buf_over(pool_alloc(ctx->pool, ctx->msg->headers.n), ctx->msg->headers.n);

	for (const struct sip_hdr *h = ctx->msg->hdrs; h && b.p; h = h->next)
		if (str_eq_nocase(h->name, STR("Reason")))
			buf_str_put(&b, h->whole);
	return b.n ? buf_str(&b) : STR_NULL;
}

int relay_cancel(struct ctx *ctx)
{
	struct trans *t = table_find(ctx, STR("INVITE"));
	struct turn x;

	if (!t)
		return FN_FALSE;
	if (trans_take(t)) {
		x = turn_begin(ctx->worker, t);
		turn_cancel(&x, reason_lines(ctx));
		turn_end(&x);
	} else if (trans_ask(t, TRANS_ASK_CANCEL)) {
		x = turn_begin(ctx->worker, t);
		turn_end(&x);
	}
	(void)reply_send(ctx, 200, STR("canceling"), STR_NULL);
	return FN_TRUE;
}

/* --- one target ------------------------------------------------------------------------------------------------------------------------- */

/* The context is about that target. */
static int target_enter(struct ctx *ctx, const struct branch *b)
{
	if (b->uri.p != ctx_uri_text(ctx).p) {
		ctx->uri = b->uri;
		ctx->uri_parsed = NULL;
	}
	ctx->dst_uri = b->dst_uri;
	ctx->path = b->path;
	ctx->ruid = b->ruid;
	ctx->instance = b->instance;
	ctx->send_socket = b->socket;
	ctx->flow = b->flow;
	ctx->branch_flags = b->flags;
	ctx->q = b->q;
	ctx->uri_used = false;
	return 0;
}

static bool branch_route(struct turn *x, struct relay_target *rt)
{
	struct ctx *ctx = rt->relay->ctx;
	struct tm_ctx *tc = tm_ctx_of(ctx);

	if (!x->b->on_branch.is_set || !tc)
		return true;
	tc->branch_on_reply = (struct armed){ 0 };
	if (!branch_route_run(x, ctx))
		return false;
	rt->on_reply = tc->branch_on_reply;
	rt->b = branch_main(ctx);
	ctx_mark(ctx, &rt->mark);
	rt->has_mark = true;
	return true;
}

static void query_done(struct resolve *q)
{
	struct relay_target *rt = q->arg;

	rt->pending = false;
	if (--rt->relay->pending == 0)
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
	rt->is_ready = started >= 0;
	if (started)
		return;
	rt->pending = true;
	rt->relay->pending++;
}

/* Where one target goes. */
static int target_prepare(struct turn *x, struct relay_target *rt)
{
	struct ctx *ctx = rt->relay->ctx;
	int err = ctx_back(ctx, &rt->relay->before);

	if (err)
		return err;
	target_enter(ctx, &rt->b);
	if (!branch_route(x, rt))
		return 0;
	if (nexthop_of(ctx, &rt->b, rt->relay->to, &rt->next) != FN_TRUE)
		return 0;
	look_up(rt, (uint32_t)msg_conf_of(ctx->conf)->max_wait);
	return 0;
}

static void client_describe(struct turn *x, struct client *c, const struct branch *b)
{
	struct arena *a = x->b->arena;

	c->uri = arena_str(a, b->uri);
	c->dst_uri = arena_str(a, b->dst_uri);
	c->path = arena_str(a, b->path);
	c->ruid = arena_str(a, b->ruid);
	c->instance = arena_str(a, b->instance);
	c->flags = b->flags;
}

/* Sends to the first of n addresses that takes it. 0, or -errno of the last. */
static int client_try(struct turn *x, struct ctx *ctx, struct client *c, const struct nexthop *next,
		      uint64_t loop, const struct addr *addrs, unsigned n, unsigned *tried_r)
{
	struct str branch = via_branch_trans(ctx, trans_id(x->t), c->number, loop);
	int err = str_is_null(branch) ? -ENOMEM : -EHOSTUNREACH;

	for (*tried_r = 0; *tried_r < n && branch.p; ++*tried_r) {
		struct iovec iov[EMIT_IOV];
		struct target to;
		unsigned pieces;

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

/* More addresses of one name, for the case that the first does not answer; with what is needed to send to them. */
struct failover {
	const struct ctx_kept *kept;
	struct branch b;
	struct hop hop;
	uint64_t loop;
	unsigned n;
	struct addr addrs[];
};

static void *from_arena(void *arena, size_t n)
{
	return arena_alloc(arena, n);
}

static void failover_keep(struct turn *x, struct ctx *ctx, struct client *c,
			  const struct relay_target *rt, unsigned tried)
{
	unsigned left = rt->query.n - tried;
	struct arena *a = x->b->arena;
	struct failover *f;

	if (tried >= rt->query.n || x->b->no_failover)
		return;
	f = arena_zalloc(a, sizeof(*f) + left * sizeof(f->addrs[0]));
	if (!f || ctx_keep(ctx, 0, from_arena, a, &f->kept))
		return;
	f->b = (struct branch){ .uri = c->uri,
				.dst_uri = c->dst_uri,
				.path = c->path,
				.socket = rt->b.socket,
				.flags = rt->b.flags,
				.q = rt->b.q };
	f->hop = rt->next.hop;
	f->hop.host = arena_str(a, rt->next.hop.host);
	f->loop = rt->relay->loop;
	f->n = left;
	memcpy(f->addrs, rt->query.addrs + tried, left * sizeof(f->addrs[0]));
	c->failover = f;
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
	if (ctx_back(ctx, rt->has_mark ? &rt->mark : &rt->relay->before))
		return false;
	target_enter(ctx, &rt->b);
	c = client_new(x->b);
	if (!c) {
		nexthop_fail(ctx, 500, "Out Of Memory");
		return false;
	}
	client_describe(x, c, &rt->b);
	c->on_reply = rt->on_reply;
	err = client_try(x, ctx, c, &rt->next, rt->relay->loop, rt->query.addrs, rt->query.n,
			 &tried);
	if (!err) {
		failover_keep(x, ctx, c, rt, tried);
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
	unsigned n = 0;

	if (ctx->cancelled || server_is_answered(x.b))
		return FN_FALSE;
	for (unsigned i = 0; i < r->n; i++)
		n += target_send(&x, &r->targets[i]);
	turn_release(&x);
	if (ctx_back(ctx, &r->before))
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

static struct relay *relay_new(struct ctx *ctx, const struct instead *to)
{
	unsigned max = ctx->branches.n + 1, at = 0;
	struct relay *r = pool_zalloc(ctx->pool, sizeof(*r) + max * sizeof(r->targets[0]));
	struct instead *copy = to ? pool_alloc(ctx->pool, sizeof(*copy)) : NULL;

	if (!r || (to && !copy))
		return NULL;
	if (to) {
		*copy = *to;
		r->to = copy;
	}
	r->ctx = ctx;
	for (; branch_next(ctx, &at, &r->targets[r->n].b); r->n++)
		r->targets[r->n].relay = r;
	ctx_mark(ctx, &r->before);
	return r;
}

static int prepare_all(struct ctx *ctx, struct relay *r)
{
	struct turn x = turn_of(ctx);

	for (unsigned i = 0; i < r->n; i++) {
		if (target_prepare(&x, &r->targets[i]))
			return nexthop_fail(ctx, 500, "Out Of Memory");
	}
	x.b->on_branch.is_set = false;
	if (ctx_back(ctx, &r->before))
		return nexthop_fail(ctx, 500, "Out Of Memory");
	if (!r->pending)
		return send_all(ctx, r);
	ctx->wait = (struct ctx_wait){ .resume = resume, .cancel = give_up, .arg = r };
	return FN_WAIT;
}

/* In a failure route the targets so far are used up, unless the script has set another one. */
static void failure_targets(struct ctx *ctx)
{
	if (ctx->route_kind == IN_FAILURE && !ctx->branches.n && !str_is_null(ctx->dst_uri))
		ctx->uri_used = false;
}

static bool has_6xx(const struct body *b)
{
	clients_each(c, b) if (c->status >= 600 && !c->is_dropped) return true;
	return false;
}

static int relay_more(struct ctx *ctx, const struct instead *to)
{
	struct body *b = trans_body(ctx->trans);
	bool forked;
	struct relay *r;

	if (b->cancelled)
		return nexthop_fail(ctx, 487, "Request Terminated");
	if (server_is_answered(b))
		return nexthop_fail(ctx, 500, "It Is Answered Already");
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
	return prepare_all(ctx, r);
}

int relay_request(struct ctx *ctx, const struct instead *to)
{
	int r;

	if (ctx->msg->method == METHOD_ACK) {
		if (to && !str_is_null(to->host))
			return forward_host(ctx, to->host, to->port, to->transport);
		return forward_request(ctx, to ? to->uri : STR_NULL, to ? to->transport : NULL);
	}
	if (ctx->msg->method == METHOD_CANCEL) {
		r = relay_cancel(ctx);
		if (r != FN_FALSE)
			return r;
		if (tm_conf_of(ctx->conf)->unmatched_cancel == 2)
			return FN_FALSE;
		return forward_request(ctx, to ? to->uri : STR_NULL, to ? to->transport : NULL);
	}
	if (!ctx->trans) {
		r = trans_begin(ctx);
		if (r != FN_TRUE)
			return r;
	}
	return relay_more(ctx, to);
}

/* --- fail-over ---------------------------------------------------------------------------------------------------------------------------- */

static bool may_fail_over(const struct client *c)
{
	return client_is_final(c) && c->failover && c->failover->n && !c->replaced &&
	       (c->status == 503 || (c->timed_out && c->status == 408));
}

static void fail_over(struct turn *x, struct client *failed)
{
	struct failover *f = failed->failover;
	struct ctx *ctx = ctx_of_text(x->w, &x->b->from,
				      str_is_null(f->kept->text) ? x->b->request : f->kept->text);
	struct nexthop next;
	struct client *c;
	unsigned tried;

	failed->replaced = true;
	if (!ctx)
		return;
	if (!ctx_restore(ctx, f->kept) && !target_enter(ctx, &f->b) &&
	    nexthop_of(ctx, &f->b,
		       &(struct instead){ .host = f->hop.host,
					  .port = f->hop.port,
					  .transport = f->hop.transport },
		       &next) == FN_TRUE &&
	    (c = client_new(x->b))) {
		client_describe(x, c, &f->b);
		c->on_reply = failed->on_reply;
		tm_count(TM_FAILED_OVER);
		if (client_try(x, ctx, c, &next, f->loop, f->addrs, f->n, &tried))
			client_feed(x, c, CLIENT_UNSENT);
		memmove(f->addrs, f->addrs + tried, (f->n - tried) * sizeof(f->addrs[0]));
		f->n -= tried;
		c->failover = f;
	}
	ctx_give(ctx);
}

void relay_fail_over(struct turn *x)
{
	clients_each(c, x->b) if (may_fail_over(c)) fail_over(x, c);
}
