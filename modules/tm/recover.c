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

static void row_recover(struct trans *t)
{
	unsigned state = atomic_load(&t->row.state);

	if (t->row.slot != tmw.w->n || (state != MEM_BUILDING && state != MEM_DYING))
		return;
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

/* Its script ran or waited in the dead worker: 500, or the best of what is there, and CANCEL to those that ring. */
static void script_lost(struct turn *x)
{
	struct body *b = x->b;
	struct ctx *request;

	tm_count(TM_ORPHANED);
	atomic_store(&x->t->script, 0);
	b->on_failure = (struct armed){ 0 };
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

static void client_mend(struct turn *x, struct client *c)
{
	if (c->state != CLIENT_DONE && !c->alarm.end_at)
		c->alarm.end_at = x->now;
	if (c->cancel)
		client_mend(x, c->cancel);
}

/* What it died in may have been the end of a timer, or lie before its beginning: no state but the first ones of a server lasts without one. */
static void alarms_mend(struct turn *x)
{
	struct server *s = &x->b->server;

	clients_each (c, x->b)
		client_mend(x, c);
	if (s->status >= 200 && s->state != SERVER_DONE && !s->alarm.end_at)
		s->alarm.end_at = x->now;
}

/* False: another worker runs it at this moment. */
static bool trans_recover(struct worker *w, struct trans *t)
{
	bool scripted = atomic_load(&t->script) == w->n + 1;
	struct turn x;

	if (atomic_load(&t->row.state) != MEM_LIVE || (!trans_is_mine(t) && !scripted))
		return true;
	if (!trans_is_mine(t) && !trans_take(t))
		return false;
	x = turn_begin(w, t);
	FAULT("tm.recovering");
	if (scripted)
		script_lost(&x);
	else
		tm_count(TM_RECOVERED);
	alarms_mend(&x);
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
	if (!all)
		timer_start(timer, 1);
}

void tm_recover_start(struct worker *w)
{
	for (unsigned i = 0; i < slab_top(tm->rows); i++)
		row_recover((struct trans *)slab_at(tm->rows, i));
	alarms_recover();
	timer_init(&tmw.recover, w->timers, recover_fire);
	timer_start(&tmw.recover, 0);
}
