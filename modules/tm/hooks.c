/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests, responses and failures that the core brings, and contexts that it puts aside and ends. */
#include "modules/tm/hooks.h"

#include "modules/tm/client.h"
#include "modules/tm/relay.h"
#include "modules/tm/route.h"
#include "modules/tm/run.h"
#include "modules/tm/server.h"
#include "modules/tm/suspend.h"
#include "modules/tm/table.h"

#include <stdlib.h>

/* --- requests -------------------------------------------------------------------------------------------------------------------------------- */

static void ask(struct worker *w, struct trans *t, uint32_t bits)
{
	if (trans_ask(t, bits))
		turn_serve(w, t);
}

/* With the INVITE's branch it is the ACK of a refusal, whether the worker that refuses has come to say so or not. That of a 2xx has a branch of its own, or no
 * cookie: it is the script's. */
static bool ack_came(struct ctx *ctx)
{
	struct trans *t = table_find(ctx, STR("INVITE"));
	const struct body *b = t ? trans_body(t) : NULL;

	if (!b || (b->server.status >= 200 && b->server.status < 300))
		return false;
	ask(ctx->worker, t, TRANS_ASK_ACK);
	return true;
}

/* SIP.md 1, Waiting: an INVITE that has not been sent anywhere, because its script runs, waits, or is to go on, is told; its CANCEL needs no script. */
static bool cancel_came(struct ctx *ctx)
{
	struct trans *t = table_find(ctx, STR("INVITE"));

	if (!t || !(atomic_load(&t->script) || suspension_lasts(t)) ||
	    atomic_load(&trans_body(t)->first))
		return false;
	cancel_tell(ctx, t);
	(void)reply_send(ctx, 200, STR("canceling"), STR_NULL);
	return true;
}

static bool request_came(struct ctx *ctx)
{
	struct trans *t;

	if (ctx->msg->method == METHOD_ACK)
		return ack_came(ctx);
	if (ctx->msg->method == METHOD_CANCEL)
		return cancel_came(ctx);
	t = table_find(ctx, ctx->msg->method_text);
	if (!t)
		return false;
	tm_count(TM_RETRANSMISSIONS);
	ask(ctx->worker, t, TRANS_ASK_REQUEST);
	return true;
}

static bool knows(struct ctx *ctx)
{
	return table_find(ctx, ctx->msg->method_text) != NULL;
}

/* --- responses ------------------------------------------------------------------------------------------------------------------------------- */

static void response_post(struct trans *t, struct ctx *ctx, unsigned number)
{
	struct str text = ctx->msg->buf;
	struct mail *m = mail_new(t, MAIL_RESPONSE, text.n);

	if (!m) {
		msg_drop(&ctx->from, MSG_DROP_NO_MEMORY, STR("response for a transaction"));
		return;
	}
	m->number = number;
	m->from = ctx->from;
	memcpy(m->text, text.p, text.n);
	if (trans_post(t, m))
		turn_serve(ctx->worker, t);
}

static bool response_came(struct ctx *ctx, const struct via_where *where)
{
	struct trans *t = trans_find(where->trans);
	struct turn x;

	if (!t)
		return false;
	if (!trans_take(t)) {
		response_post(t, ctx, where->number);
		return true;
	}
	x = turn_begin(ctx->worker, t);
	turn_response(&x, ctx, where->number);
	turn_end(&x);
	return true;
}

/* Without memory the branch's timer tells. */
static void early_keep(uint64_t token, int reason)
{
	struct early *more = realloc(tmw.early, (tmw.early_n + 1) * sizeof(*more));

	if (!more)
		return;
	more[tmw.early_n++] = (struct early){ token, reason };
	tmw.early = more;
}

static void sent_failed(struct worker *w, uint64_t token, int reason)
{
	struct trans *t = trans_find(trans_id_of_token(token));
	struct mail *m;
	struct turn x;

	if (!t)
		return;
	if (!tmw.w) {
		early_keep(token, reason);
		return;
	}
	if (!trans_take(t)) {
		m = mail_new(t, MAIL_UNSENT, 0);
		if (!m)
			return; /* the branch's timer tells */
		m->number = token & 0xff;
		m->reason = reason;
		if (!trans_post(t, m))
			return;
		x = turn_begin(w, t);
	} else {
		x = turn_begin(w, t);
		turn_unsent(&x, token & 0xff, reason);
	}
	turn_end(&x);
}

void tm_early_tell(struct worker *w)
{
	struct early *all = tmw.early;
	unsigned n = tmw.early_n;

	tmw.early = NULL;
	tmw.early_n = 0;
	for (unsigned i = 0; i < n; i++)
		sent_failed(w, all[i].token, all[i].reason);
	free(all);
}

/* --- contexts -------------------------------------------------------------------------------------------------------------------------------- */

static int reply(struct ctx *ctx, unsigned status, struct str reason, struct str headers)
{
	struct turn x = turn_of(ctx);
	int err = server_reply(&x, ctx, status, reason, headers);

	turn_release(&x);
	return err;
}

static void park(struct ctx *ctx)
{
	if (tmw.inside != ctx->trans)
		turn_serve(ctx->worker, ctx->trans);
}

static bool go_on(struct ctx *ctx)
{
	if (!trans_take(ctx->trans))
		return false;
	ctx->cancelled = trans_body(ctx->trans)->cancelled;
	return true;
}

static void end(struct ctx *ctx)
{
	bool inside = tmw.inside == ctx->trans;
	struct turn x = turn_of(ctx);

	/* a failure route that begins here lets go of nothing when it ends or waits */
	tmw.inside = ctx->trans;
	script_over(&x, ctx);
	ctx->trans = NULL;
	if (inside) {
		turn_release(&x);
		return;
	}
	x.pool = NULL;
	turn_end(&x);
}

static unsigned in_use(struct run *run)
{
	(void)run;
	return slab_used(tm->rows);
}

static bool is_unfinished(struct trans *t)
{
	const struct body *b = trans_body(t);

	return atomic_load(&t->row.state) == MEM_LIVE && b && atomic_load(&t->owner) == tmw.w->n &&
	       !server_is_answered(b);
}

static unsigned unfinished(struct worker *w)
{
	unsigned n = 0;

	(void)w;
	for (unsigned i = 0; i < slab_top(tm->rows); i++)
		n += is_unfinished((struct trans *)slab_at(tm->rows, i));
	return n;
}

const struct trans_hooks tm_hooks = {
	.request = request_came,
	.response = response_came,
	.reply = reply,
	.park = park,
	.go_on = go_on,
	.end = end,
	.sent_failed = sent_failed,
	.knows = knows,
	.in_use = in_use,
	.unfinished = unfinished,
};
