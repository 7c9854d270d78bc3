/* SPDX-License-Identifier: BSD-2-Clause */
/* What is kept for further addresses, and how they are tried. */
#include "modules/tm/failover.h"

#include "modules/tm/client.h"
#include "modules/tm/relay.h"

struct failover {
	const struct ctx_kept *kept;
	struct branch b;
	struct hop hop;
	uint64_t loop;
	unsigned n;
	struct addr addrs[];
};

void failover_keep(struct turn *x, struct ctx *ctx, struct client *c, const struct branch *b,
		   const struct nexthop *next, uint64_t loop, const struct resolve *q,
		   unsigned tried)
{
	unsigned left = q->n - tried;
	struct arena *a = x->b->arena;
	struct failover *f;

	if (tried >= q->n || x->b->no_failover)
		return;
	f = arena_zalloc(a, sizeof(*f) + left * sizeof(f->addrs[0]));
	if (!f || ctx_keep(ctx, 0, from_arena, a, &f->kept))
		return;
	f->b = (struct branch){ .uri = c->uri,
				.dst_uri = c->dst_uri,
				.path = c->path,
				.socket = b->socket,
				.flags = b->flags,
				.q = b->q };
	f->hop = next->hop;
	f->hop.host = arena_str(a, next->hop.host);
	f->hop.identity = arena_str(a, next->hop.identity);
	f->b.tls_domain = arena_str(a, next->hop.domain);
	f->loop = loop;
	f->n = left;
	memcpy(f->addrs, q->addrs + tried, left * sizeof(f->addrs[0]));
	c->failover = f;
}

/* Fail-over is for silence, a transport that could not, and 503 only. */
static bool may_fail_over(const struct client *c)
{
	return client_is_final(c) && c->failover && c->failover->n && !c->replaced &&
	       (c->status == 503 || (c->timed_out && c->status == 408));
}

static void branch_again(struct turn *x, struct ctx *ctx, struct client *failed)
{
	struct failover *f = failed->failover;
	struct instead to = { .host = f->hop.host,
			      .port = f->hop.port,
			      .transport = f->hop.transport,
			      .identity = f->hop.identity };
	struct nexthop next;
	struct client *c;
	unsigned tried;

	target_enter(ctx, &f->b);
	if (nexthop_of(ctx, &f->b, &to, &next) != FN_TRUE)
		return;
	c = client_new(x->b);
	if (!c)
		return;
	failed->replaced = true;
	client_describe(x, c, &f->b);
	c->on_reply = failed->on_reply;
	c->on_branch_failure = failed->on_branch_failure;
	c->breadth = next.breadth = failed->breadth;
	tm_count(TM_FAILED_OVER);
	if (client_try(x, ctx, c, &next, f->loop, f->addrs, f->n, &tried))
		client_feed(x, c, CLIENT_UNSENT);
	memmove(f->addrs, f->addrs + tried, (f->n - tried) * sizeof(f->addrs[0]));
	f->n -= tried;
	c->failover = f;
}

static void try_next(struct turn *x, struct client *failed)
{
	const struct ctx_kept *kept = failed->failover->kept;
	struct str text = str_is_null(kept->text) ? x->b->request : kept->text;
	struct ctx *ctx = ctx_of_text(x->w, &x->b->from, text);

	if (!ctx)
		return;
	ctx->route_kind = IN_BRANCH;
	if (!ctx_restore(ctx, kept))
		branch_again(x, ctx, failed);
	/* what cannot be tried stays what it is: a failure */
	if (!failed->replaced)
		failed->failover->n = 0;
	ctx_give(ctx);
}

void fail_over(struct turn *x)
{
	clients_each (c, x->b)
		if (may_fail_over(c))
			try_next(x, c);
}
