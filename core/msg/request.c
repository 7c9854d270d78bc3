/* SPDX-License-Identifier: BSD-2-Clause */
/* A sound request from its arrival to the script, and what is left to do behind the script. */
#include "core/msg/drop.h"
#include "core/msg/park.h"
#include "core/msg/receive.h"
#include "core/msg/reply.h"
#include "core/msg/soundness.h"
#include "core/msg/stateful.h"
#include "core/msg/waiting.h"

#include "core/net/conf.h"
#include "core/run/log.h"

bool request_has_to_tag(struct ctx *ctx)
{
	struct sip_nameaddr *to;

	return !sip_msg_nameaddr(ctx->msg, HDR_TO, &to) && !str_is_null(to->tag);
}

/* While shutting down what runs is finished, what would begin is refused (SIP.md 5). */
static bool refused_by_drain(struct ctx *ctx)
{
	if (!worker_draining(ctx->worker) || ctx->msg->method == METHOD_ACK ||
	    ctx->msg->method == METHOD_CANCEL || request_has_to_tag(ctx))
		return false;
	(void)reply_unavailable(ctx);
	return true;
}

static bool refused_by_fault(struct ctx *ctx)
{
	const char *fault = request_fault(ctx);

	if (!fault)
		return false;
	if (ctx->msg->method == METHOD_ACK) {
		msg_drop(&ctx->from, MSG_DROP_BAD_ACK, str_z(fault));
		return true;
	}
	msg_count(MSG_BAD_REQUESTS);
	log_limited(LOG_INFO, "core", "malformed request", KV_Z("why", fault),
		    KV_ADDR("src", &ctx->from.src), KV_Z("transport", ctx->from.transport->name));
	(void)reply_refuse(ctx, 400, fault, STR_NULL);
	return true;
}

/* The ACK of an answer that was made here ends here (RFC 3261 17.1.1.3: it goes hop by hop). */
static bool absorbed_ack(struct ctx *ctx)
{
	if (!reply_ack_is_ours(ctx))
		return false;
	msg_count(MSG_ACKS);
	return true;
}

/* True when the request concerned one that waits, and is dealt with. */
static bool met_by_waiting(struct ctx *ctx)
{
	switch (waits_meet(ctx)) {
	case MEET_NOTHING:
		return false;
	case MEET_RETRANSMISSION:
		msg_count(MSG_ABSORBED);
		if (ctx->msg->method == METHOD_INVITE)
			(void)reply_send(ctx, 100, STR_NULL, STR_NULL);
		return true;
	case MEET_CANCELLED:
		msg_count(MSG_ABSORBED);
		(void)reply_send(ctx, 487, STR_NULL, STR_NULL);
		return true;
	case MEET_CANCEL:
		(void)reply_send(ctx, 200, STR_NULL, STR_NULL);
		return true;
	}
	return false;
}

/* Asked behind the waiting ones: a request that gets a transaction while it waits is in both before it leaves them, so that nothing passes in between. */
static bool met_by_trans(struct ctx *ctx)
{
	const struct trans_hooks *trans = trans_of(ctx);

	return trans && trans->request(ctx);
}

/* RFC 5923 8.2: whoever called us will take requests on the same connection. Whom it may carry is asked when there is one. */
static void alias_take(struct ctx *ctx)
{
	const struct origin *from = &ctx->from;

	if (ctx->via->has_alias && from->conn && from->transport->secure &&
	    NET_CONF(ctx->conf)->tcp_accept_aliases)
		(void)msg_net_of(ctx)->conn_alias(ctx->worker, from->conn,
						  via_port(ctx->via, from->transport), false);
}

static void request_end(struct ctx *ctx)
{
	if (ctx->done || ctx->cancelled)
		return;
	if (ctx->fail_status && ctx->msg->method != METHOD_ACK) {
		/* the script left it to us to say why its forward() failed */
		(void)reply_send(ctx, ctx->fail_status, ctx->fail_reason, STR_NULL);
		return;
	}
	msg_count(MSG_NOTHING_DONE);
	log_debug("core", "the script did nothing with a request",
		  KV_STR("method", ctx->msg->method_text), KV_STR("uri", ctx->msg->ruri),
		  KV_ADDR("src", &ctx->from.src));
}

void request_run(struct ctx *ctx)
{
	msg_count(MSG_REQUESTS);
	ctx->route_kind = IN_REQUEST;
	if (refused_by_fault(ctx) || met_by_waiting(ctx) || met_by_trans(ctx) ||
	    absorbed_ack(ctx) || refused_by_drain(ctx) || overload_asks(ctx)) {
		ctx_give(ctx);
		return;
	}
	alias_take(ctx);
	ctx->finish = request_end;
	script_ran(ctx, ctx->worker->msg->script->start(ctx));
}
