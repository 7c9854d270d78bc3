/* SPDX-License-Identifier: BSD-2-Clause */
/* Stateless forwarding of requests (RFC 3261 16.3 to 16.6 and 16.11). */
#include "core/msg/drop.h"
#include "core/msg/emit.h"
#include "core/msg/nexthop.h"
#include "core/msg/ownvia.h"
#include "core/msg/waiting.h"

#include <errno.h>

/* One forward() that is under way; in the context's pool. */
struct forward {
	struct nexthop next;
	struct str branch;
	struct resolve query;
};

/* Sends to one address: 0 or what went wrong. */
static int send_to(struct ctx *ctx, const struct forward *f, const struct addr *addr)
{
	struct iovec iov[EMIT_IOV];
	struct target t;
	unsigned n;
	int err = nexthop_emit(ctx, &f->next, addr, f->branch, &t, iov, &n);

	return err ? err : nexthop_send(ctx, &t, iov, n, 0);
}

/* The script did not want it sent: nothing more is done with the request. */
static int held_back(struct ctx *ctx)
{
	ctx->done |= CTX_DROPPED;
	wait_answered(ctx);
	ctx->fail_status = 0;
	return FN_FALSE;
}

static int send_to_any(struct ctx *ctx, const struct forward *f)
{
	int err = -EHOSTUNREACH;

	if (f->query.error || !f->query.n)
		return nexthop_fail(ctx, 500, "Next Hop Cannot Be Resolved");
	for (unsigned i = 0; i < f->query.n; i++) {
		err = send_to(ctx, f, &f->query.addrs[i]);
		if (err == -ECANCELED)
			return held_back(ctx);
		if (err)
			continue;
		ctx->done |= CTX_FORWARDED;
		wait_answered(ctx);
		ctx->fail_status = 0;
		msg_count(MSG_FORWARDED);
		return FN_TRUE;
	}
	return nexthop_fail_errno(ctx, err);
}

static void query_done(struct resolve *q)
{
	ctx_resume(q->arg);
}

static int forward_resume(struct ctx *ctx, void *arg)
{
	/* A CANCEL came while the name was looked up: RFC 3261 9.2, the request is answered 487 and goes nowhere. */
	if (ctx->cancelled)
		return FN_FALSE;
	return send_to_any(ctx, arg);
}

static void forward_cancel(struct ctx *ctx, void *arg)
{
	struct forward *f = arg;

	msg_net_of(ctx)->resolve_cancel(ctx->worker, &f->query);
	f->query.error = -ETIMEDOUT;
}

static int go(struct ctx *ctx, struct forward *f)
{
	uint32_t deadline_ms = (uint32_t)msg_conf_of(ctx->conf)->max_wait;
	int started;

	f->query.done = query_done;
	f->query.arg = ctx;
	f->query.query = NULL;
	f->query.family = AF_UNSPEC;
	started = nexthop_resolve(ctx, &f->next, &f->query, deadline_ms);
	if (started < 0)
		return nexthop_fail(ctx, 500, "Next Hop Cannot Be Resolved");
	if (started > 0)
		return send_to_any(ctx, f);
	ctx->wait = (struct ctx_wait){ .resume = forward_resume,
				       .cancel = forward_cancel,
				       .arg = f,
				       .deadline_ms = deadline_ms };
	return FN_WAIT;
}

static int forward(struct ctx *ctx, const struct instead *to)
{
	struct branch main = branch_main(ctx);
	struct forward *f;
	uint64_t loop;

	if (nexthop_allowed(ctx, ctx->branches.n > 0, &loop) != FN_TRUE)
		return FN_FALSE;
	f = pool_alloc(ctx->pool, sizeof(*f));
	if (!f)
		return nexthop_fail(ctx, 500, "Out Of Memory");
	if (nexthop_of(ctx, &main, to, &f->next) != FN_TRUE)
		return FN_FALSE;
	f->branch = via_branch(ctx, loop);
	if (str_is_null(f->branch))
		return nexthop_fail(ctx, 500, "Out Of Memory");
	return go(ctx, f);
}

int forward_request(struct ctx *ctx, struct str uri, const struct transport *transport)
{
	struct instead to = { .uri = uri, .transport = transport };

	return forward(ctx, &to);
}

int forward_host(struct ctx *ctx, struct str host, uint16_t port, const struct transport *transport)
{
	struct instead to = { .host = host, .port = port, .transport = transport };

	return forward(ctx, &to);
}
