/* SPDX-License-Identifier: BSD-2-Clause */
/* How a message with edits becomes a message without. */
#include "core/msg/apply.h"

#include "core/msg/emit.h"
#include "core/msg/receive.h"
#include "core/msg/soundness.h"
#include "core/run/log.h"

#include <errno.h>

static int refused(const char *why_z)
{
	log_limited(LOG_WARN, "script", "cannot make the changed text the message",
		    KV_Z("why", why_z));
	return -EBADMSG;
}

/* Whether the context can go on with the new text in the place of was. NULL or what is wrong. */
static const char *fault_of(struct ctx *ctx, const struct sip_msg *was, struct str via)
{
	const char *fault;

	if (ctx->msg->is_request != was->is_request)
		return "a request cannot become a response, nor the other way";
	if (ctx->msg->is_request && !str_eq(ctx->msg->method_text, was->method_text))
		return "the method cannot change";
	if (!str_eq(ctx->via->whole, via))
		return "the top Via cannot change";
	fault = ctx->msg->is_request ? request_fault(ctx) : response_fault(ctx);
	if (!fault && ctx->way)
		fault = way_renew(ctx);
	return fault;
}

/* The late edits go on with the new text, each at its place. e: what made it of the old one, beside the context's edits; NULL: it is another one. */
static void late_keep(struct ctx *ctx, const struct emit *e)
{
	struct edits kept = { 0 };
	struct edit *next, **link = &kept.first;
	size_t shift = 0;
	unsigned i = 0;

	for (struct edit *x = ctx->edits.first; x; x = next) {
		next = x->next;
		for (; e && i < e->n && e->own[i].at < x->at; i++)
			shift += e->own[i].text.n - e->own[i].drop;
		if (!x->late) {
			shift += x->text.n - x->drop;
			continue;
		}
		x->at = (uint32_t)(e ? x->at + shift
				     : (size_t)(ctx->msg->headers.p - ctx->msg->buf.p));
		x->next = NULL;
		*link = kept.last = x;
		link = &x->next;
	}
	ctx->edits = kept;
}

/* text, in the pool, becomes the message; e as for late_keep. */
static int become(struct ctx *ctx, struct str text, const struct emit *e)
{
	struct sip_msg was = *ctx->msg;
	struct sip_via *via = ctx->via;
	struct sip_uri *parsed = ctx->uri_parsed;
	struct sip_error error = { .what = "it cannot be parsed" };
	const char *fault = NULL;
	int err = sip_msg_parse(ctx->msg, ctx->pool, text, false, &error);

	if (err == -EBADMSG)
		fault = error.what;
	if (!err)
		err = sip_msg_via(ctx->msg, &ctx->via);
	if (err && !fault)
		fault = "the top Via is malformed or missing";
	if (str_is_null(ctx->uri))
		ctx->uri_parsed = NULL;
	if (!err)
		fault = fault_of(ctx, &was, via->whole);
	if (!err && !fault) {
		late_keep(ctx, e);
		ctx->edits_refused = 0;
		ctx->texts++;
		return 0;
	}
	*ctx->msg = was;
	ctx->via = via;
	ctx->uri_parsed = parsed;
	return err == -ENOMEM ? err : refused(fault);
}

int message_apply(struct ctx *ctx)
{
	struct iovec iov[EMIT_IOV];
	struct emit e;
	unsigned n;
	size_t size = 0;
	struct buf b;
	int err;

	if (!edits_any(&ctx->edits))
		return 0;
	e.n = 0;
	err = emit_message(ctx, NULL, &e, iov, &n);
	if (err)
		return err;
	if (n == 1)
		return become(ctx, str_of(iov[0].iov_base, iov[0].iov_len), &e);
	for (unsigned i = 0; i < n; i++)
		size += iov[i].iov_len;
	b = buf_over(pool_alloc(ctx->pool, size), size);
	if (!b.p)
		return -ENOMEM;
	for (unsigned i = 0; i < n; i++)
		buf_mem(&b, iov[i].iov_base, iov[i].iov_len);
	return become(ctx, buf_str(&b), &e);
}

int message_set(struct ctx *ctx, struct str text)
{
	struct str copy = pool_str(ctx->pool, text), uri = ctx->uri;
	struct sip_uri *parsed = ctx->uri_parsed;
	int err;

	if (str_is_null(text))
		return refused("there is none");
	if (!copy.p)
		return -ENOMEM;
	ctx_uri_revert(ctx);
	err = become(ctx, copy, NULL);
	if (err) {
		ctx->uri = uri;
		ctx->uri_parsed = parsed;
	}
	return err;
}

/* Each text takes memory of the message's, of which enough must be left to send it. */
static bool has_room(const struct ctx *ctx)
{
	size_t size = ctx->msg->buf.n + ctx->edits.grown;

	if (pool_used(ctx->pool) + size <= CTX_POOL_MAX / 2)
		return true;
	log_limited(LOG_WARN, "script", "edits_visible does not show further changes of a message",
		    KV_Z("why", "it is large, and was changed often"),
		    KV_INT("bytes", ctx->msg->buf.n));
	return false;
}

void edits_carry_out(struct ctx *ctx)
{
	size_t now = ctx->edits.grown + ctx->edits.shrunk;

	/* what was refused is tried again when more was changed; what is being sent stays what it is until it has been sent */
	if (ctx->holds || ctx->sending || !msg_conf_of(ctx->conf)->edits_visible ||
	    now == ctx->edits_refused)
		return;
	if (!has_room(ctx) || message_apply(ctx))
		ctx->edits_refused = now;
}
