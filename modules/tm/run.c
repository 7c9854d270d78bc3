/* SPDX-License-Identifier: BSD-2-Clause */
/* What a worker does between taking a transaction and letting it go. */
#include "modules/tm/run.h"

#include "modules/tm/alarm.h"
#include "modules/tm/client.h"
#include "modules/tm/dead.h"
#include "modules/tm/route.h"
#include "modules/tm/server.h"
#include "modules/tm/suspend.h"
#include "modules/tm/upward.h"

struct turn turn_begin(struct worker *w, struct trans *t)
{
	struct turn x = { .w = w, .t = t, .b = trans_body(t), .outer = tmw.inside, .now = w->now };

	tmw.inside = t;
	return x;
}

struct turn turn_of(struct ctx *ctx)
{
	return (struct turn){ .w = ctx->worker,
			      .t = ctx->trans,
			      .b = trans_body(ctx->trans),
			      .outer = tmw.inside,
			      .now = ctx->worker->now,
			      .pool = ctx->pool };
}

struct ctx *turn_request(struct turn *x)
{
	if (!x->request)
		x->request = request_restore(x);
	return x->request;
}

struct pool *turn_pool(struct turn *x)
{
	if (x->pool)
		return x->pool;
	if (x->reply)
		return x->reply->pool;
	return turn_request(x) ? x->request->pool : NULL;
}

void turn_release(struct turn *x)
{
	if (x->request)
		ctx_give(x->request);
	x->request = NULL;
}

/* --- events ------------------------------------------------------------------------------------------------------------------------------ */

void turn_response(struct turn *x, struct ctx *reply, unsigned number)
{
	struct client *c = client_find(x->b, number);

	if (!c)
		return;
	tm_count(TM_RESPONSES);
	x->reply = reply;
	reply_route_run(x, c);
	client_respond(x, c);
	trans_decide(x);
	x->reply = NULL;
}

void turn_unsent(struct turn *x, unsigned number, int error)
{
	struct client *c = client_find(x->b, number);

	if (!c)
		return;
	x->error = error;
	x->c = c;
	dead_returned(x);
	client_feed(x, c, CLIENT_UNSENT);
	trans_decide(x);
}

void turn_cancel(struct turn *x, struct str reason)
{
	struct body *b = x->b;

	if (b->method != METHOD_INVITE || b->cancelled)
		return;
	b->cancelled = true;
	if (tm_conf_of(worker_conf(x->w))->e2e_cancel_reason && !b->no_e2e_reason)
		b->cancel_reason = arena_str(b->arena, reason);
	if (server_is_answered(b))
		return;
	suspension_end(x);
	if (!b->clients_n)
		trans_answer(x);
	clients_cancel(x, b->cancel_reason);
	trans_decide(x);
}

static bool server_due(struct turn *x)
{
	struct alarm *a = &x->b->server.alarm;

	if (a->end_at && a->end_at <= x->now) {
		*a = (struct alarm){ 0 };
		server_feed(x, SERVER_TIMEOUT);
		return true;
	}
	if (!a->resend_at || a->resend_at > x->now)
		return false;
	a->resend_at = 0;
	server_feed(x, SERVER_RESEND);
	return true;
}

/* The whole has taken too long: what is asked for now is asked for no more. */
static bool lifetime_due(struct turn *x)
{
	struct body *b = x->b;

	if (!b->dies_at || b->dies_at > x->now)
		return false;
	b->dies_at = 0;
	if (server_is_answered(b))
		return true;
	clients_each (c, b)
		if (!client_is_final(c))
			client_feed(x, c, CLIENT_TIMEOUT);
	return true;
}

void turn_due(struct turn *x)
{
	bool any;

	do {
		any = lifetime_due(x);
		clients_each (c, x->b)
			any = client_due(x, c) || any;
		any = server_due(x) || any;
		any = suspension_due(x) || any;
		if (any)
			trans_decide(x);
	} while (any);
}

static void mail_run(struct turn *x, struct mail *m)
{
	struct ctx *reply;

	if (m->kind == MAIL_UNSENT) {
		turn_unsent(x, m->number, m->reason);
		return;
	}
	if (m->kind == MAIL_CONTINUE) {
		suspension_continue(x, m->number, str_of(m->text, m->n));
		return;
	}
	if (m->kind == MAIL_CANCEL) {
		turn_cancel(x, str_of(m->text, m->n));
		return;
	}
	reply = ctx_of_text(x->w, &m->from, str_of(m->text, m->n));
	if (!reply)
		return;
	reply->route_kind = IN_REPLY;
	turn_response(x, reply, m->number);
	ctx_give(reply);
}

/* A CANCEL comes before what was posted earlier; its Reason lies in the box. */
static struct str reason_posted(const struct trans *t)
{
	for (const struct mail *m = atomic_load(&t->mail); m; m = m->next)
		if (m->kind == MAIL_CANCEL)
			return str_of(m->text, m->n);
	return STR_NULL;
}

static void mails_run(struct turn *x)
{
	uint32_t asked = atomic_exchange(&x->t->asked, 0);
	struct mail *m;

	if (asked & TRANS_ASK_CANCEL)
		turn_cancel(x, reason_posted(x->t));
	if (asked & TRANS_ASK_ACK)
		server_feed(x, SERVER_ACK);
	if (asked & TRANS_ASK_REQUEST)
		server_feed(x, SERVER_REQUEST);
	while ((m = trans_mail_take(x->t))) {
		mail_run(x, m);
		mail_drop(x->t, m);
	}
}

/* --- the end ------------------------------------------------------------------------------------------------------------------------------ */

static bool is_over(const struct turn *x)
{
	const struct body *b = x->b;

	if (atomic_load(&x->t->script) || b->suspended ||
	    (b->server.state != SERVER_DONE && !b->is_local))
		return false;
	clients_each (c, b)
		if (c->state != CLIENT_DONE || (c->cancel && c->cancel->state != CLIENT_DONE))
			return false;
	return true;
}

static void sooner(uint64_t *at, uint64_t t)
{
	if (t && (!*at || t < *at))
		*at = t;
}

static void alarm_sooner(uint64_t *at, const struct alarm *a)
{
	sooner(at, a->resend_at);
	sooner(at, a->end_at);
}

static uint64_t deadline_of(const struct turn *x)
{
	const struct body *b = x->b;
	uint64_t at = server_is_answered(b) ? 0 : b->dies_at;

	if (b->suspended && !atomic_load(&x->t->script))
		sooner(&at, b->suspended_until);
	alarm_sooner(&at, &b->server.alarm);
	clients_each (c, b) {
		alarm_sooner(&at, &c->alarm);
		if (c->cancel)
			alarm_sooner(&at, &c->cancel->alarm);
	}
	return at;
}

void turn_end(struct turn *x)
{
	struct trans *t = x->t;
	uint64_t at;

	tmw.inside = t;
	do {
		mails_run(x);
		turn_due(x);
		turn_release(x);
		if (is_over(x)) {
			alarm_off(t);
			tmw.inside = x->outer;
			trans_end(t);
			return;
		}
		at = deadline_of(x);
		if (at && alarm_at(t, at))
			log_limited(LOG_WARN, "tm",
				    "no memory for a transaction's timer: this worker does not "
				    "look at it");
		FAULT("tm.leave");
	} while (!trans_leave(t));
	tmw.inside = x->outer;
}

void turn_serve(struct worker *w, struct trans *t)
{
	struct turn x = turn_begin(w, t);

	turn_end(&x);
}

uint32_t turn_linger(const struct turn *x, const struct transport *transport, uint32_t by_rfc)
{
	int64_t wt = tm_conf_of(worker_conf(x->w))->wt_timer;

	if (transport->reliable)
		return 0;
	return wt ? (uint32_t)wt : by_rfc;
}
