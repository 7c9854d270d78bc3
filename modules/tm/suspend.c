/* SPDX-License-Identifier: BSD-2-Clause */
/* From a script that leaves its transaction to the route that goes on with it. */
#include "modules/tm/suspend.h"

#include "modules/tm/client.h"
#include "modules/tm/relay.h"
#include "modules/tm/route.h"
#include "modules/tm/run.h"
#include "modules/tm/server.h"
#include "modules/tm/upward.h"

#include <errno.h>

/* --- t_suspend ---------------------------------------------------------------------------------------------------------------------- */

static const char *why_not(const struct body *b)
{
	if (b->suspended)
		return "it is suspended already";
	if (b->cancelled)
		return "it was cancelled";
	if (server_is_answered(b))
		return "it is answered already";
	clients_each (c, b)
		if (!client_is_final(c))
			return "it has been sent on, and is not answered yet";
	return NULL;
}

int trans_suspend(struct ctx *ctx, uint64_t *id_r)
{
	uint64_t now = ctx->worker->now;
	const char *why;
	struct body *b;
	int r = ctx->trans ? FN_TRUE : trans_begin(ctx);

	if (r != FN_TRUE)
		return r;
	b = trans_body(ctx->trans);
	why = why_not(b);
	if (why) {
		log_limited(LOG_INFO, "tm", "cannot suspend a transaction", KV_Z("why", why),
			    KV_STR("method", ctx->msg->method_text));
		return FN_FALSE;
	}
	b->suspended_until = now + (b->method == METHOD_INVITE ? b->fr_inv : b->fr);
	if (b->dies_at && b->dies_at < b->suspended_until)
		b->suspended_until = b->dies_at;
	b->on_continue = (struct armed){ 0 };
	b->suspended = atomic_load(&ctx->trans->suspended) + 1;
	atomic_store(&ctx->trans->suspended, b->suspended);
	FAULT("tm.suspended");
	ctx->done |= CTX_LEFT;
	tm_count(TM_SUSPENDED);
	*id_r = trans_id(ctx->trans);
	return FN_TRUE;
}

/* --- the end of it ------------------------------------------------------------------------------------------------------------------ */

void suspension_end(struct turn *x)
{
	uint32_t number = x->b->suspended;

	if (!number)
		return;
	x->b->suspended = 0;
	x->b->on_continue = (struct armed){ 0 };
	/* unless somebody who goes on with it has done so */
	(void)atomic_compare_exchange_strong(&x->t->suspended, &number, number + 1);
}

/* As if a branch had failed so: a failure route may see to it, or the best that is there goes up. */
static void fail(struct turn *x, unsigned status)
{
	struct client *c = client_new(x->b);

	if (c) {
		c->state = CLIENT_DONE;
		c->timed_out = true;
		c->status = status;
	}
	FAULT("tm.suspension.over");
	suspension_end(x);
	if (c)
		trans_decide(x);
	else
		trans_answer(x);
}

bool suspension_due(struct turn *x)
{
	const struct body *b = x->b;

	if (!b->suspended || atomic_load(&x->t->script) || b->suspended_until > x->now)
		return false;
	tm_count(TM_TIMEOUTS);
	/* RFC 4320 4.2: no 408 to others */
	fail(x, b->method == METHOD_INVITE ? 408 : 500);
	return true;
}

/* --- t_continue --------------------------------------------------------------------------------------------------------------------- */

void suspension_run(struct turn *x)
{
	const struct body *b = x->b;

	if (!b->suspended || !b->on_continue.is_set || atomic_load(&x->t->script))
		return;
	if (!continued_run(x))
		fail(x, 500);
}

void suspension_continue(struct turn *x, uint32_t number, struct str route)
{
	struct body *b = x->b;

	if (b->suspended != number) {
		log_debug("tm", "a transaction has ended before it could be gone on with",
			  KV_STR("route", route));
		return;
	}
	b->on_continue.name = arena_str(b->arena, route);
	b->on_continue.is_set = true;
	suspension_run(x);
}

static int continue_here(struct worker *w, struct trans *t, uint32_t number, struct str route)
{
	struct turn x = turn_begin(w, t);
	uint32_t was = number;
	bool is_ours = atomic_compare_exchange_strong(&t->suspended, &was, number + 1);

	FAULT("tm.continued");
	if (is_ours)
		suspension_continue(&x, number, route);
	turn_end(&x);
	return is_ours ? 0 : -ESRCH;
}

static int continue_there(struct worker *w, struct trans *t, uint32_t number, struct str route)
{
	struct mail *m = mail_new(t, MAIL_CONTINUE, route.n);
	uint32_t was = number;

	if (!m)
		return -ENOMEM;
	m->number = number;
	memcpy(m->text, route.p, route.n);
	if (!atomic_compare_exchange_strong(&t->suspended, &was, number + 1)) {
		mail_drop(t, m);
		return -ESRCH;
	}
	FAULT("tm.continued");
	if (trans_post(t, m))
		turn_serve(w, t);
	return 0;
}

int trans_continue(struct worker *w, uint64_t id, struct str route)
{
	struct trans *t = trans_find(id);
	uint32_t number = t ? atomic_load(&t->suspended) : 0;

	if (!(number & 1))
		return -ESRCH;
	if (!route.n || w->msg->script->route_find(worker_conf(w), IN_REQUEST, route) < 0)
		return -ENOENT;
	return trans_take(t) ? continue_here(w, t, number, route)
			     : continue_there(w, t, number, route);
}
