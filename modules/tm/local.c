/* SPDX-License-Identifier: BSD-2-Clause */
/* How a request without a sender gets a transaction, and where its answers go. */
#include "modules/tm/local.h"

#include "modules/tm/compose.h"
#include "modules/tm/relay.h"
#include "modules/tm/run.h"
#include "modules/tm/trans.h"

#include <errno.h>

#define POOL_FIRST 4096
#define POOL_MAX   ((size_t)256 * 1024)

/* --- events of the script ----------------------------------------------------------------------------------------------------------- */

/* False: it said drop. */
static bool event_lets(struct ctx *ctx, struct str name)
{
	const struct script_hooks *script = ctx->worker->msg->script;
	int64_t route = script->route_find(ctx->conf, IN_EVENT, name);

	return route < 0 || !script->route_run(ctx, IN_EVENT, (uint32_t)route);
}

void local_response_run(struct turn *x)
{
	(void)event_lets(x->reply, STR("tm:local-response"));
}

/* --- out ---------------------------------------------------------------------------------------------------------------------------- */

/* Where it would have come from. False: there is no socket at all. */
static bool origin_of(struct worker *w, const struct listener *socket, struct origin *o_r)
{
	const struct listener *l = socket ? socket : w->msg->net->listener_at(w->run, 0);

	if (!l)
		return false;
	*o_r = (struct origin){
		.listener = l, .transport = l->transport, .src = l->addr, .dst = l->addr
	};
	return true;
}

static int refused(const struct tm_request *r, const char *why_z)
{
	log_limited(LOG_WARN, "tm", "cannot make a request", KV_Z("why", why_z),
		    KV_STR("method", r->method), KV_STR("uri", r->ruri));
	return -EINVAL;
}

/* A context of text as nobody sent it; its transaction comes later. */
static struct ctx *context_of(struct worker *w, struct str text, const struct listener *socket)
{
	struct origin from;
	struct ctx *ctx = origin_of(w, socket, &from) ? ctx_of_text(w, &from, text) : NULL;

	if (!ctx)
		return NULL;
	ctx->route_kind = IN_REQUEST;
	ctx->made_here = true;
	ctx->send_socket = socket;
	return ctx;
}

static bool script_lets(struct ctx *ctx)
{
	bool lets;

	if (tmw.in_local_request)
		return true;
	tmw.in_local_request = true;
	lets = event_lets(ctx, STR("tm:local-request"));
	tmw.in_local_request = false;
	return lets;
}

static void nothing_left(struct ctx *ctx)
{
	(void)ctx; /* the transaction tells */
}

static int maker_keep(struct body *b, const struct tm_request *r)
{
	struct str data = arena_str(b->arena, str_of(r->data, r->data_n));

	if (r->data_n && !data.p)
		return -ENOMEM;
	b->maker = r->maker;
	b->maker_data = data;
	return 0;
}

/* The context and its transaction are this worker's until script_ran. */
static int start(struct ctx *ctx, const struct tm_request *r, uint64_t *id_r)
{
	struct trans *t = trans_begin_local(ctx);

	if (!t || maker_keep(trans_body(t), r)) {
		if (t)
			trans_unmake(t);
		ctx_give(ctx);
		return -ENOMEM;
	}
	trans_publish_local(ctx, t);
	*id_r = trans_id(t);
	ctx->finish = nothing_left;
	script_ran(ctx, relay_request(ctx, NULL) == FN_WAIT ? SCRIPT_WAITS : SCRIPT_DONE);
	return 0;
}

int local_send(struct worker *w, const struct tm_request *r, uint64_t *id_r)
{
	struct pool *p = pool_new(POOL_FIRST, POOL_MAX);
	const char *wrong = NULL;
	struct str text = p ? compose_request(p, r, &wrong) : STR_NULL;
	struct ctx *ctx = str_is_null(text) ? NULL : context_of(w, text, r->socket);

	pool_drop(&p);
	if (wrong)
		return refused(r, wrong);
	if (!ctx)
		return -ENOMEM;
	wrong = request_fault(ctx);
	if (!wrong && !str_is_null(r->next_hop) && ctx_dst_uri_set(ctx, r->next_hop))
		wrong = "the next hop is not a URI";
	if (wrong) {
		ctx_give(ctx);
		return refused(r, wrong);
	}
	if (!script_lets(ctx)) {
		ctx_give(ctx);
		return -ECANCELED;
	}
	return start(ctx, r, id_r);
}

bool local_cancel(struct worker *w, uint64_t id)
{
	struct trans *t = trans_find(id);

	if (!t || !trans_body(t)->is_local)
		return false;
	if (trans_ask(t, TRANS_ASK_CANCEL))
		turn_serve(w, t);
	return true;
}

/* --- back --------------------------------------------------------------------------------------------------------------------------- */

/* RFC 3261 13.2.2.4 */
static void ack_send(struct turn *x)
{
	struct ctx *reply = x->reply, *sent = context_of(x->w, x->c->sent, NULL), *ack;
	struct str text = sent ? compose_ack(reply->pool, sent->msg, reply->msg) : STR_NULL;

	if (sent)
		ctx_give(sent);
	ack = str_is_null(text) ? NULL : context_of(x->w, text, x->c->target.from);
	if (!ack) {
		log_limited(LOG_WARN, "tm", "could not acknowledge the answer to an INVITE",
			    KV_Z("why", "it has no Contact, or there is no memory"),
			    KV_ADDR("from", &reply->from.src));
		return;
	}
	ack->tls_domain = pool_str(ack->pool, x->c->target.domain);
	ack->finish = nothing_left;
	script_ran(ack,
		   forward_request(ack, STR_NULL, NULL) == FN_WAIT ? SCRIPT_WAITS : SCRIPT_DONE);
}

static void tell(struct turn *x, unsigned status, struct str text)
{
	struct body *b = x->b;
	struct tm_answer a = { .id = trans_id(x->t),
			       .status = status,
			       .reason = reply_reason(status) };
	struct sip_error error;
	struct sip_msg msg;
	struct pool *p;

	b->is_told = true;
	if (!b->maker || !b->maker->answered)
		return;
	p = str_is_null(text) ? NULL : turn_pool(x);
	if (p && !sip_msg_parse(&msg, p, text, false, &error)) {
		a.response = &msg;
		a.reason = msg.reason;
	}
	b->maker->answered(x->w, &a, b->maker_data.p, b->maker_data.n);
}

void local_up(struct turn *x, unsigned status, struct str text)
{
	struct body *b = x->b;

	if (b->method == METHOD_INVITE && status >= 200 && status < 300 && x->reply &&
	    !(b->maker && b->maker->acks))
		ack_send(x);
	if (status >= 200 && !b->is_told)
		tell(x, status, text);
}
