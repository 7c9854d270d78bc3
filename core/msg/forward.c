/* SPDX-License-Identifier: BSD-2-Clause */
/* Stateless forwarding of requests (RFC 3261 16.3 to 16.6 and 16.11). */
#include "core/msg/drop.h"
#include "core/msg/emit.h"
#include "core/msg/hop.h"
#include "core/msg/onsend.h"
#include "core/msg/ownvia.h"
#include "core/msg/waiting.h"

#include "core/base/must.h"
#include "core/run/log.h"

#include <errno.h>

/* One forward() that is under way; in the context's pool. */
struct forward {
	struct hop hop;
	struct routing routing;
	struct str branch;
	struct resolve query;
};

static int failed(struct ctx *ctx, unsigned status, const char *reason_z)
{
	msg_count(MSG_FORWARD_FAILED);
	log_limited(LOG_INFO, "core", "could not forward a request", KV_Z("why", reason_z),
		    KV_STR("method", ctx->msg->method_text), KV_STR("uri", ctx_uri_text(ctx)),
		    KV_ADDR("src", &ctx->from.src));
	return ctx_fail(ctx, status, str_z(reason_z));
}

/* What RFC 3261 16.3 asks before a request is passed on; what the script may do itself in more detail with sanity and maxfwd. */
static int may_forward(struct ctx *ctx, uint64_t *loop_r)
{
	uint32_t maxfwd = 1;
	int err = emit_maxfwd(ctx, &maxfwd);

	*loop_r = 0;
	if (!ctx->msg->is_request || ctx->cancelled)
		return FN_FALSE;
	if (err && err != -ENOENT)
		return failed(ctx, 400, "Bad Max-Forwards");
	if (maxfwd == 0 && ctx->maxfwd == CTX_MAXFWD_NONE)
		return failed(ctx, 483, "Too Many Hops");
	if (msg_conf_of(ctx->conf)->loop_detection != LOOP_ALL)
		return FN_TRUE;
	*loop_r = via_loop_hash(ctx);
	return via_loop_found(ctx, *loop_r) ? failed(ctx, 482, "Loop Detected") : FN_TRUE;
}

/* Sends to one address: 0 or what went wrong. */
static int send_to(struct ctx *ctx, struct forward *f, const struct addr *addr)
{
	struct iovec iov[EMIT_IOV];
	struct target t;
	unsigned n;
	int err;

	/* a name may stand for what is refused when it is written out: 0.0.0.0 would be this machine */
	if (addr_is_any(addr))
		return -EADDRNOTAVAIL;
	if (!hop_target(ctx, &f->hop, addr, &t))
		return -EAFNOSUPPORT;
	/* To ourselves: no answer would find its way back (respond.c drops what our own address is to get), and each round costs as much as the first. */
	if (msg_net_of(ctx)->addr_is_own(ctx->worker->run, t.transport, &t.addr))
		return -ELOOP;
	err = emit_routed(ctx, &t, f->branch, &f->routing, iov, &n);
	if (!err && !onsend_lets(ctx, &t, iov, n))
		return -ECANCELED;
	if (!err)
		err = msg_net_of(ctx)->send(ctx->worker, &t, iov, n, 0);
	if (!err)
		return 0;
	msg_count(MSG_SEND_FAILED);
	log_limited(LOG_INFO, "core", "could not send a request", KV_ADDR("dst", &t.addr),
		    KV_Z("transport", t.transport->name), KV_ERRNO(-err));
	return err;
}

/* The script did not want it sent: nothing more is done with the request. */
static int held_back(struct ctx *ctx)
{
	ctx->done |= CTX_DROPPED;
	wait_answered(ctx);
	ctx->fail_status = 0;
	return FN_FALSE;
}

static int send_to_any(struct ctx *ctx, struct forward *f, const struct addr *addrs, unsigned n)
{
	int err = -EHOSTUNREACH;

	for (unsigned i = 0; i < n; i++) {
		err = send_to(ctx, f, &addrs[i]);
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
	if (err == -EAFNOSUPPORT)
		return failed(ctx, 500, "No Socket For The Next Hop");
	if (err == -ELOOP)
		return failed(ctx, 482, "Loop Detected");
	if (err == -EMSGSIZE)
		return failed(ctx, 513, "Message Too Large");
	return failed(ctx, 500, "Next Hop Cannot Be Reached");
}

static int resolved(struct ctx *ctx, struct forward *f)
{
	if (f->query.error || !f->query.n)
		return failed(ctx, 500, "Next Hop Cannot Be Resolved");
	return send_to_any(ctx, f, f->query.addrs, f->query.n);
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
	return resolved(ctx, arg);
}

static void forward_cancel(struct ctx *ctx, void *arg)
{
	struct forward *f = arg;

	msg_net_of(ctx)->resolve_cancel(ctx->worker, &f->query);
	f->query.error = -ETIMEDOUT;
}

static int resolve(struct ctx *ctx, struct forward *f)
{
	uint32_t deadline_ms = (uint32_t)msg_conf_of(ctx->conf)->max_wait;
	int started;

	f->query = (struct resolve){ .done = query_done, .arg = ctx };
	started = msg_net_of(ctx)->resolve_start(ctx->worker, &f->query, f->hop.host, deadline_ms);
	if (started < 0)
		return failed(ctx, 500, "Next Hop Cannot Be Resolved");
	if (started > 0)
		return resolved(ctx, f);
	ctx->wait = (struct ctx_wait){ .resume = forward_resume,
				       .cancel = forward_cancel,
				       .arg = f,
				       .deadline_ms = deadline_ms };
	return FN_WAIT;
}

static int go(struct ctx *ctx, struct forward *f, uint64_t loop)
{
	f->branch = via_branch(ctx, 's', loop);
	if (str_is_null(f->branch))
		return failed(ctx, 500, "Out Of Memory");
	if (f->hop.literal)
		return send_to_any(ctx, f, &f->hop.addr, 1);
	return resolve(ctx, f);
}

/* A sips request leaves over TLS only, whatever $du says (SIP.md 1). */
static bool is_sips(const struct routing *r, struct ctx *ctx)
{
	struct sip_uri *u = ctx_uri(ctx);

	return (u && u->scheme == URI_SIPS) || str_starts_nocase(r->next, STR("sips:"));
}

static int prepare(struct ctx *ctx, bool follows, struct forward **f_r, uint64_t *loop_r)
{
	struct forward *f;
	int err;

	if (may_forward(ctx, loop_r) != FN_TRUE)
		return FN_FALSE;
	f = pool_alloc(ctx->pool, sizeof(*f));
	if (!f)
		return failed(ctx, 500, "Out Of Memory");
	err = routing_read(ctx, follows, &f->routing);
	if (err)
		return failed(ctx, err == -ENOMEM ? 500 : 400,
			      err == -ENOMEM ? "Out Of Memory" : "Bad Route");
	if (is_sips(&f->routing, ctx))
		return failed(ctx, 480, "No TLS For A SIPS URI");
	*f_r = f;
	return FN_TRUE;
}

int forward_request(struct ctx *ctx, struct str uri, const struct transport *transport)
{
	bool follows = str_is_null(uri) && ctx_follows_route(ctx);
	struct forward *f;
	uint64_t loop;

	if (prepare(ctx, follows, &f, &loop) != FN_TRUE)
		return FN_FALSE;
	if (str_is_null(uri))
		uri = ctx->dst_uri;
	if (follows)
		uri = f->routing.next;
	if (str_is_null(uri))
		uri = f->routing.ruri;
	if (str_is_null(uri))
		uri = ctx_uri_text(ctx);
	if (hop_of_uri(ctx, uri, transport, &f->hop) != FN_TRUE)
		return failed(ctx, ctx->fail_status, ctx->fail_reason.p);
	return go(ctx, f, loop);
}

int forward_host(struct ctx *ctx, struct str host, uint16_t port, const struct transport *transport)
{
	struct forward *f;
	uint64_t loop;

	if (prepare(ctx, false, &f, &loop) != FN_TRUE)
		return FN_FALSE;
	if (hop_of_host(ctx, host, port, transport, &f->hop) != FN_TRUE)
		return failed(ctx, ctx->fail_status, ctx->fail_reason.p);
	return go(ctx, f, loop);
}
