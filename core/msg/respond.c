/* SPDX-License-Identifier: BSD-2-Clause */
/* A response on its way back: is it ours, where does it go, through the reply route, and on (RFC 3261 16.11, 18.1.2, 18.2.2; RFC 3581 4). */
#include "core/msg/drop.h"
#include "core/msg/emit.h"
#include "core/msg/hop.h"
#include "core/msg/onsend.h"
#include "core/msg/ownvia.h"
#include "core/msg/park.h"
#include "core/msg/receive.h"
#include "core/msg/reply.h"
#include "core/msg/soundness.h"
#include "core/msg/stateful.h"

#include <errno.h>

/* The response's way, in the context's pool while the reply route runs. */
struct way {
	struct sip_via *second; /* none of a request that was made here */
	struct via_where where;
	struct target target; /* of a transaction's: none, it knows itself */
};

static void dropped(struct ctx *ctx, enum msg_counter why)
{
	msg_drop(&ctx->from, why, ctx->via ? ctx->via->whole : STR_NULL);
	ctx_give(ctx);
}

/* Where the second Via says, which we marked with the true source when its request passed. 0 or the reason for a drop. */
static enum msg_counter address_of(struct ctx *ctx, const struct sip_via *via,
				   const struct transport *t, struct addr *a_r)
{
	uint64_t port = via_port(via, t);
	struct addr a;

	if (via->received.n ? addr_parse(via->received, &a) : !via_addr(via, &a))
		return MSG_DROP_SECOND_VIA_NAME;
	if (!t->reliable && via->maddr.n && addr_parse(via->maddr, &a))
		return MSG_DROP_SECOND_VIA_NAME;
	if (!t->reliable && via->rport.n && !via->maddr.n && str_uint(via->rport, 65535, &port))
		return MSG_DROP_BAD_SECOND_VIA;
	if (!port)
		return MSG_DROP_BAD_SECOND_VIA;
	addr_set_port(&a, (uint16_t)port);
	if (addr_is_any(&a) || addr_is_multicast(&a) || addr_is_broadcast(&a))
		return MSG_DROP_SECOND_VIA_BROADCAST;
	if (msg_net_of(ctx)->addr_is_own(ctx->worker->run, t, &a))
		return MSG_DROP_SECOND_VIA_OWN;
	*a_r = a;
	return 0;
}

/* 0 and a target, or the reason for a drop. */
static enum msg_counter way_find(struct ctx *ctx, const struct sip_via *second,
				 const struct via_where *where, struct target *t_r)
{
	const struct msg_net *net = msg_net_of(ctx);
	const struct listener *l = net->listener_at(ctx->worker->run, where->listener);
	struct target t = { .transport = transport_find(second->transport),
			    .conn = where->conn,
			    .block_ignore = ctx->block_ignore_reply };
	enum msg_counter why;

	/* As it came so it goes back, whatever was written into its Via, there or behind us: by datagrams, on a connection, over TLS. */
	if (l && l->transport->reliable == (where->conn != 0))
		t.transport = l->transport;
	if (!t.transport || t.transport->reliable != (where->conn != 0))
		return MSG_DROP_SECOND_VIA_TRANSPORT;
	why = address_of(ctx, second, t.transport, &t.addr);
	if (why)
		return why;
	hop_of_via(ctx, second, &t);
	t.from = l;
	if (!t.from || t.from->transport != t.transport)
		t.from = net->listener_for(ctx->worker, t.transport, &t.addr, NULL);
	if (!t.from)
		return MSG_DROP_SECOND_VIA_TRANSPORT;
	*t_r = t;
	return 0;
}

static enum msg_counter verdict_reason(enum via_verdict v)
{
	return v == VIA_NOT_OURS ? MSG_DROP_VIA_NOT_OURS : MSG_DROP_VIA_FORGED;
}

/* 0 and the way on, or the reason for a drop. */
static enum msg_counter response_check(struct ctx *ctx, struct way *way_r)
{
	enum via_verdict verdict;
	int err = sip_msg_via_next(ctx->msg, ctx->via, &way_r->second);

	if (err && err != -ENOENT)
		return MSG_DROP_BAD_SECOND_VIA;
	verdict = via_own_check(ctx, ctx->via, err ? NULL : way_r->second, &way_r->where);
	if (verdict != VIA_OURS)
		return verdict_reason(verdict);
	if (err && way_r->where.letter != 'u')
		return MSG_DROP_NO_SECOND_VIA;
	if (way_r->where.letter != 's')
		return trans_of(ctx) ? 0 : MSG_DROP_NO_TRANSACTION;
	return way_find(ctx, way_r->second, &way_r->where, &way_r->target);
}

static void relay(struct ctx *ctx, const struct way *way)
{
	struct iovec iov[EMIT_IOV];
	unsigned n;
	int err = emit_response(ctx, way->second, &way->target, iov, &n);

	if (!err && msg_conf_of(ctx->conf)->onsend_route_reply &&
	    !onsend_lets(ctx, &way->target, iov, n)) {
		ctx->done |= CTX_DROPPED;
		return;
	}
	if (!err)
		err = msg_net_of(ctx)->send(ctx->worker, &way->target, iov, n, 0);
	if (err) {
		msg_drop(&ctx->from, MSG_DROP_RESPONSE_SEND, str_z(strerrorname_np(-err)));
		return;
	}
	ctx->done |= CTX_FORWARDED;
	msg_count(MSG_RELAYED);
}

const char *way_renew(struct ctx *ctx)
{
	struct sip_via *second;

	/* what was asked here has none */
	if (ctx->way->where.letter == 'u')
		return NULL;
	if (sip_msg_via_next(ctx->msg, ctx->via, &second))
		return "the second Via is malformed or missing";
	ctx->way->second = second;
	return NULL;
}

static void response_end(struct ctx *ctx)
{
	if (ctx->done & CTX_DROPPED)
		msg_drop(&ctx->from, MSG_DROP_BY_SCRIPT, STR_NULL);
	else if (ctx->way->where.letter == 's')
		relay(ctx, ctx->way);
	else if (!trans_of(ctx)->response(ctx, &ctx->way->where))
		msg_drop(&ctx->from, MSG_DROP_NO_TRANSACTION, ctx->via->whole);
}

void response_run(struct ctx *ctx)
{
	const struct script_hooks *script = ctx->worker->msg->script;
	struct way *way = pool_alloc(ctx->pool, sizeof(*way));
	enum msg_counter why;
	const char *fault;

	msg_count(MSG_RESPONSES);
	ctx->route_kind = IN_REPLY;
	fault = response_fault(ctx);
	if (fault) {
		msg_drop(&ctx->from, MSG_DROP_BAD_RESPONSE, str_z(fault));
		ctx_give(ctx);
		return;
	}
	if (!way) {
		dropped(ctx, MSG_DROP_NO_MEMORY);
		return;
	}
	why = response_check(ctx, way);
	if (why) {
		dropped(ctx, why);
		return;
	}
	ctx->way = way;
	ctx->finish = response_end;
	if (script->has_reply_route(ctx->conf) && !ctx->pass_by)
		script_ran(ctx, script->start(ctx));
	else
		ctx_finish(ctx);
}
