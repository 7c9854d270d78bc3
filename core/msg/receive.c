/* SPDX-License-Identifier: BSD-2-Clause */
/* The upward hooks of core/net: bytes become a context, or an answer to what cannot be understood. */
#include "core/msg/receive.h"

#include "core/msg/drop.h"
#include "core/msg/reply.h"
#include "core/msg/stateful.h"

#include "core/run/log.h"

#include <errno.h>

/* CRLFs, NULs and single bytes keep NAT bindings open. */
static bool is_keepalive(struct str bytes)
{
	if (bytes.n <= 1)
		return true;
	for (size_t i = 0; i < bytes.n; i++) {
		char c = bytes.p[i];

		if (c != '\r' && c != '\n' && c != '\0')
			return false;
	}
	return true;
}

/* Whether an answer is forbidden also where the first line could not be read. */
static bool is_ack(const struct sip_msg *msg, struct str text)
{
	struct sip_cseq cseq;

	return msg->method == METHOD_ACK || str_starts(text, STR("ACK ")) ||
	       (!sip_msg_cseq((struct sip_msg *)msg, &cseq) && cseq.method == METHOD_ACK);
}

/* Why a message that nobody can be found for is dropped. */
static enum msg_counter via_reason(const struct sip_msg *msg)
{
	if (msg->first[HDR_VIA])
		return MSG_DROP_BAD_VIA;
	return str_is_null(msg->version) ? MSG_DROP_NOT_SIP : MSG_DROP_NO_VIA;
}

static void bad_request(struct ctx *ctx, const struct sip_error *error)
{
	ctx->msg->is_request = true; /* also when the first line could not be read */
	msg_count(MSG_BAD_REQUESTS);
	log_limited(LOG_INFO, "core", "malformed request", KV_Z("why", error->what),
		    KV_INT("offset", error->offset), KV_ADDR("src", &ctx->from.src),
		    KV_Z("transport", ctx->from.transport->name));
	(void)reply_refuse(ctx, (unsigned)error->status, error->what, STR_NULL);
}

/* Answers what is malformed where that is allowed and possible. */
static void bad_message(struct ctx *ctx, struct str text, const struct sip_error *error)
{
	struct sip_msg *msg = ctx->msg;
	struct str what = str_z(error->what);

	if (str_starts(text, STR("SIP/")))
		msg_drop(&ctx->from,
			 error->hdr == HDR_VIA ? via_reason(msg) : MSG_DROP_BAD_RESPONSE, what);
	else if (sip_msg_via(msg, &ctx->via))
		msg_drop(&ctx->from, via_reason(msg), what);
	else if (is_ack(msg, text))
		msg_drop(&ctx->from, MSG_DROP_BAD_ACK, what);
	else
		bad_request(ctx, error);
}

/* Whether the request is a transaction's already, which then has dealt with it. */
static bool trans_answers(struct ctx *ctx)
{
	const struct trans_hooks *trans = trans_of(ctx);

	return trans && trans->request(ctx);
}

/* Of a message that a worker died of: not run again (SIP.md 1 "Death of a worker"). True: it is dealt with. */
static bool is_killer(struct ctx *ctx, enum killer killer)
{
	if (killer == KILLER_NOT)
		return false;
	if (killer == KILLER_IN_ROUTE && !ctx->msg->is_request) {
		ctx->pass_by = true;
		return false;
	}
	msg_drop(&ctx->from, MSG_DROP_KILLER, ctx->msg->first_line);
	if (killer == KILLER_IN_ROUTE && ctx->msg->method != METHOD_ACK && !trans_answers(ctx))
		(void)reply_send(ctx, 500, STR_NULL, STR_NULL);
	return true;
}

static void sound_message(struct ctx *ctx, enum killer killer)
{
	if (is_killer(ctx, killer))
		ctx_give(ctx);
	else if (ctx->msg->is_request)
		request_run(ctx);
	else
		response_run(ctx);
}

static int parse(struct ctx *ctx, struct str text, struct sip_error *error_r)
{
	int err = sip_msg_parse(ctx->msg, ctx->pool, text, ctx->from.transport->reliable, error_r);

	if (err)
		return err;
	err = sip_msg_via(ctx->msg, &ctx->via);
	if (!err)
		return 0;
	ctx->via = NULL;
	*error_r = (struct sip_error){ .status = 400, .hdr = HDR_VIA, .what = NULL };
	return err;
}

static void on_message(struct worker *w, const struct origin *from, struct str bytes)
{
	enum killer killer = w->run->killers ? killers_find(w->run->killers, bytes) : KILLER_NOT;
	enum overload_why ask = OVERLOAD_NONE;
	struct sip_error error;
	struct ctx *ctx;
	struct str text;
	int err;

	if (!from->transport->reliable && is_keepalive(bytes)) {
		msg_count(MSG_KEEPALIVES);
		return;
	}
	if (killer == KILLER_IN_CORE) {
		/* the parser may be what it killed: not looked into */
		msg_drop(from, MSG_DROP_KILLER, STR_NULL);
		return;
	}
	if (killer == KILLER_NOT && overload_refuses(w, from, bytes, &ask))
		return;
	ctx = ctx_take(w, from, bytes, &text);
	if (!ctx) {
		msg_drop(from, MSG_DROP_NO_MEMORY, STR_NULL);
		return;
	}
	ctx->overloaded = ask;
	err = parse(ctx, text, &error);
	if (!err) {
		sound_message(ctx, killer);
		return;
	}
	if (err == -ENOMEM)
		msg_drop(from, MSG_DROP_NO_MEMORY, STR_NULL);
	else
		bad_message(ctx, text, &error);
	ctx_give(ctx);
}

static void on_bad_stream(struct worker *w, const struct origin *from, struct str head,
			  const struct sip_error *error)
{
	struct sip_error ignored;
	struct ctx *ctx;
	struct str text;

	ctx = ctx_take(w, from, head, &text);
	if (!ctx) {
		msg_drop(from, MSG_DROP_NO_MEMORY, STR_NULL);
		return;
	}
	msg_count(MSG_DROP_BAD_STREAM);
	/* what is wrong is known; here it is asked only whether there is somebody to answer */
	if (sip_msg_parse(ctx->msg, ctx->pool, text, false, &ignored) != -ENOMEM)
		bad_message(ctx, text, error);
	ctx_give(ctx);
}

static void on_sent_failed(struct worker *w, uint64_t token, int reason)
{
	const struct trans_hooks *trans = w->msg->trans;

	msg_count(MSG_SEND_FAILED);
	if (token && trans)
		trans->sent_failed(w, token, reason);
}

/* Our Via, in the beginning of a request that was sent: we put it above all others. */
static bool quoted_via(struct str sent, struct sip_via *via_r)
{
	const struct str name = STR("\nVia: ");
	ssize_t at = str_starts(sent, STR("SIP/")) ? -1 : str_find(sent, name);
	struct str value = at < 0 ? STR_NULL : str_skip(sent, (size_t)at + name.n);
	ssize_t end = str_chr(value, '\r');
	size_t offset;

	return end >= 0 && !via_parse(str_of(value.p, (size_t)end), via_r, &offset);
}

/* Nobody but who had our request in his hands knows the MAC in its Via. */
static void on_unreached(struct worker *w, struct str sent, int reason)
{
	struct sip_via via;
	uint64_t token;

	if (quoted_via(sent, &via) && via_own_token(&w->run->msgs->key, &via, &token))
		on_sent_failed(w, token, reason);
	else
		msg_count(MSG_UNREACHED_UNKNOWN);
}

static void on_conn_event(struct worker *w, uint64_t conn, int up)
{
	(void)w;
	(void)conn;
	(void)up;
}

const struct net_hooks msg_hooks = {
	.message = on_message,
	.bad_stream = on_bad_stream,
	.sent_failed = on_sent_failed,
	.unreached = on_unreached,
	.conn_event = on_conn_event,
};

static bool trans_knows(struct ctx *ctx)
{
	const struct trans_hooks *trans = trans_of(ctx);

	return trans && trans->knows(ctx);
}

void orphan_answer(struct worker *w, const struct origin *from, struct str text,
		   enum msg_counter as)
{
	struct sip_error error;
	struct ctx *ctx;
	struct str copy;

	ctx = ctx_take(w, from, text, &copy);
	if (!ctx)
		return;
	if (!parse(ctx, copy, &error) && ctx->msg->is_request && !trans_knows(ctx)) {
		msg_count(as);
		(void)reply_send(ctx, 500, STR_NULL, STR_NULL);
	}
	ctx_give(ctx);
}
