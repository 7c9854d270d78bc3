/* SPDX-License-Identifier: BSD-2-Clause */
/* What a worker left that died (SIP.md 1, Death of a worker): rows half made or half freed, transactions that it ran, timers that it had. */
#include "modules/tm/hooks.h"

#include "modules/tm/alarm.h"
#include "modules/tm/client.h"
#include "modules/tm/local.h"
#include "modules/tm/run.h"
#include "modules/tm/server.h"
#include "modules/tm/suspend.h"
#include "modules/tm/table.h"
#include "modules/tm/upward.h"

/* Whether the arena that a row names is the row's still: its chunk may have been given back already. */
static bool arena_is_here(const struct trans *t)
{
	return t->arena && chunk_state(tm->shm, t->arena) == MEM_LIVE &&
	       chunk_owner(tm->shm, t->arena) == trans_id(t);
}

/* Nobody has seen it but through the table. */
static void unmake(struct trans *t)
{
	table_out(t);
	slab_dying(&t->row);
	trans_bury(t);
}

static void row_recover(struct trans *t, unsigned index)
{
	unsigned state = atomic_load(&t->row.state);

	if (t->row.slot != tmw.w->n || (state != MEM_BUILDING && state != MEM_DYING))
		return;
	/* it may have been taken for the first time, and nothing more */
	t->index = index;
	if (!arena_is_here(t))
		t->arena = NULL;
	FAULT("tm.recover");
	if (state == MEM_BUILDING) {
		unmake(t);
		return;
	}
	table_out(t);
	trans_bury(t);
}

/* --- half done ------------------------------------------------------------------------------------------------------------------------------- */

/* What an action leaves when it ends in the middle: a status without its state, a state without its timers. */
static void client_mend(struct turn *x, struct client *c)
{
	struct alarm *a = &c->alarm;
	bool resends =
		c->state < CLIENT_PROCEEDING || (c->state == CLIENT_PROCEEDING && !c->is_invite);

	if (!c->target.transport) { /* it was made, and nothing more */
		c->status = c->status ? c->status : 503;
		c->state = CLIENT_DONE;
		return;
	}
	if (client_is_final(c) && c->state < CLIENT_COMPLETED)
		c->state = c->is_invite && c->status < 300 ? CLIENT_ACCEPTED : CLIENT_COMPLETED;
	else if (!a->end_at && resends)
		client_feed(x, c, CLIENT_UNSENT); /* perhaps it was not sent at all */
	else if (!a->resend_at && a->interval && resends)
		a->resend_at = x->now + a->interval;
	if (!a->end_at && c->state != CLIENT_DONE)
		a->end_at = x->now;
	if (c->cancel)
		client_mend(x, c->cancel);
}

static void server_mend(struct turn *x)
{
	struct body *b = x->b;
	struct server *s = &b->server;

	if (s->status >= 200 && s->state < SERVER_COMPLETED)
		s->state = b->method == METHOD_INVITE && s->status < 300 ? SERVER_ACCEPTED
									 : SERVER_COMPLETED;
	if (s->state < SERVER_COMPLETED || s->state == SERVER_DONE)
		return;
	if (!s->alarm.end_at)
		s->alarm.end_at = x->now + body_t1_times(b);
	if (!s->alarm.resend_at && s->alarm.interval)
		s->alarm.resend_at = x->now + s->alarm.interval;
}

static void mend(struct turn *x)
{
	struct body *b = x->b;
	unsigned n = 0;

	clients_each (c, b) {
		client_mend(x, c);
		n++;
	}
	b->clients_n = n;
	server_mend(x);
}

/* --- transactions ---------------------------------------------------------------------------------------------------------------------------- */

/* Its script ran or waited in the dead worker: 500, or the best of what is there, and CANCEL to those that ring. */
static void script_lost(struct turn *x)
{
	struct body *b = x->b;
	struct ctx *request;

	tm_count(TM_ORPHANED);
	atomic_store(&x->t->script, 0);
	b->on_failure = (struct armed){ 0 };
	b->winner = b->failing = NULL;
	b->is_deciding = false;
	suspension_end(x);
	if (server_is_answered(b))
		return;
	if (b->clients_n && trans_best(b)) {
		trans_answer(x);
	} else {
		request = turn_request(x);
		if (!request ||
		    server_reply(x, request, b->cancelled ? 487 : 500, STR_NULL, STR_NULL))
			server_give_up(x, 500);
	}
	clients_cancel(x, STR_NULL);
}

/* Nothing is under way by which it would end. */
static bool is_idle(const struct turn *x)
{
	const struct body *b = x->b;

	return !atomic_load(&x->t->script) && !b->clients_n && !b->suspended && !b->is_told &&
	       !server_is_answered(b);
}

/* False: another worker runs it at this moment. */
static bool trans_recover(struct worker *w, struct trans *t)
{
	bool lost = atomic_load(&t->script) == (SCRIPT_LOST | (w->n + 1));
	bool mine = trans_is_mine(t);
	struct turn x;

	if (atomic_load(&t->row.state) != MEM_LIVE || (!mine && !lost))
		return true;
	if (!mine && !trans_take(t))
		return false;
	x = turn_begin(w, t);
	FAULT("tm.recovering");
	if (mine)
		mend(&x);
	if (lost || is_idle(&x))
		script_lost(&x);
	else
		tm_count(TM_RECOVERED);
	if (x.b->is_local && server_is_answered(x.b) && !x.b->is_told)
		local_up(&x, x.b->server.status, STR_NULL);
	trans_decide(&x);
	turn_end(&x);
	return true;
}

/* In the first turn, when connections are there again. */
static void recover_fire(struct timer *timer)
{
	bool all = true;

	for (unsigned i = 0; i < slab_top(tm->rows); i++)
		all = trans_recover(tmw.w, (struct trans *)slab_at(tm->rows, i)) && all;
	tm_early_tell(tmw.w);
	if (!all)
		timer_start(timer, 1);
}

void tm_recover_start(struct worker *w)
{
	for (unsigned i = 0; i < slab_top(tm->rows); i++) {
		struct trans *t = (struct trans *)slab_at(tm->rows, i);
		uint32_t script = w->n + 1;

		row_recover(t, i);
		/* told apart from the scripts that this worker will run */
		if (atomic_load(&t->row.state) == MEM_LIVE)
			atomic_compare_exchange_strong(&t->script, &script, script | SCRIPT_LOST);
	}
	alarms_recover();
	timer_init(&tmw.recover, w->timers, recover_fire);
	timer_start(&tmw.recover, 0);
}
