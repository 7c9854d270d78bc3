/* SPDX-License-Identifier: BSD-2-Clause */
/* The way of a context that waits: into the list of this worker and the shared table, out of both, and its deadline. */
#include "core/msg/park.h"

#include "core/msg/drop.h"
#include "core/msg/receive.h"
#include "core/msg/reply.h"
#include "core/msg/stateful.h"
#include "core/msg/waiting.h"

#include "core/base/must.h"
#include "core/mem/fault.h"
#include "core/run/generation.h"

#include <errno.h>

#define TRANS_AGAIN_MS 1 /* until a transaction that another worker has is asked for again */

static void deadline_fire(struct timer *t)
{
	struct ctx *ctx = container_of(t, struct ctx, deadline);

	msg_count(MSG_WAIT_DEADLINE);
	if (ctx->wait.cancel)
		ctx->wait.cancel(ctx, ctx->wait.arg);
	ctx->wait.cancel = NULL;
	ctx_resume(ctx);
}

static void list_in(struct ctx *ctx)
{
	struct msg_worker *mw = ctx->worker->msg;
	uint32_t ms = ctx->wait.deadline_ms;

	ctx->waits = true;
	generation_hold(ctx->worker, ctx->conf);
	list_append(&mw->parked, &ctx->link);
	mw->parked_n++;
	atomic_fetch_add(&ctx->worker->slot->work, 1);
	timer_init(&ctx->deadline, ctx->worker->timers, deadline_fire);
	timer_start(&ctx->deadline, ms ? ms : (uint32_t)msg_conf_of(ctx->conf)->max_wait);
}

static void list_out(struct ctx *ctx)
{
	timer_stop(&ctx->deadline);
	ctx->waits = false;
	generation_release(ctx->worker, ctx->conf);
	list_remove(&ctx->link);
	ctx->worker->msg->parked_n--;
	atomic_fetch_sub(&ctx->worker->slot->work, 1);
}

static void wait_dropped(struct ctx *ctx)
{
	if (ctx->wait.cancel)
		ctx->wait.cancel(ctx, ctx->wait.arg);
	ctx->wait = (struct ctx_wait){ .resume = NULL };
}

static void end(struct ctx *ctx)
{
	struct slot *slot = ctx->worker->slot;

	if (ctx->machine)
		ctx->worker->msg->script->end(ctx);
	if (ctx->trans)
		trans_of(ctx)->end(ctx);
	/* what is in hand is the row's text */
	if (atomic_load(&slot->hand) == HAND_CONTEXT)
		slot_hand(slot, HAND_NONE, 0, STR_NULL);
	wait_leave(ctx);
	ctx_give(ctx);
}

/* It cannot wait: the same request waits already, or too many do. */
static void refused(struct ctx *ctx, int why)
{
	wait_dropped(ctx);
	if (why == -EEXIST)
		msg_count(MSG_ABSORBED);
	else if (!ctx->msg->is_request)
		msg_drop(&ctx->from, MSG_DROP_NO_MEMORY, STR("response could not wait"));
	else if (ctx->msg->method != METHOD_ACK && !(ctx->done & CTX_REPLIED))
		(void)reply_unavailable(ctx);
	end(ctx);
}

/* It waits for the first time, and has no transaction: the sender hears that it came. */
static void tell_wait(struct ctx *ctx)
{
	if (ctx->done & (CTX_FORWARDED | CTX_REPLIED))
		wait_answered(ctx);
	else if (ctx->msg->is_request && ctx->msg->method == METHOD_INVITE)
		(void)reply_send(ctx, 100, STR_NULL, STR_NULL);
}

void ctx_park(struct ctx *ctx)
{
	bool first = !ctx->park;
	int err = first ? wait_enter(ctx) : 0;

	MUST(ctx->wait.resume);
	if (err) {
		refused(ctx, err);
		return;
	}
	list_in(ctx);
	if (first)
		msg_count(MSG_WAITED);
	if (ctx->trans)
		trans_of(ctx)->park(ctx);
	else if (first)
		tell_wait(ctx);
}

void ctx_finish(struct ctx *ctx)
{
	ctx->finish(ctx);
	end(ctx);
}

void script_ran(struct ctx *ctx, enum script_result result)
{
	if (result == SCRIPT_WAITS)
		ctx_park(ctx);
	else
		ctx_finish(ctx);
}

/* RFC 3261 9.2: the INVITE that a CANCEL came for is answered 487; the script goes on, but nothing it does reaches anybody. */
static void cancel_take(struct ctx *ctx)
{
	/* a transaction tells it itself */
	if (ctx->trans || ctx->cancelled || !wait_is_cancelled(ctx))
		return;
	ctx->cancelled = true;
	msg_count(MSG_CANCELLED);
	if (!(ctx->done & (CTX_FORWARDED | CTX_REPLIED)))
		(void)reply_send(ctx, 487, STR_NULL, STR_NULL);
}

static void go_on(struct ctx *ctx)
{
	int value = ctx->wait.resume(ctx, ctx->wait.arg);

	if (value == FN_WAIT) {
		ctx_park(ctx);
		return;
	}
	ctx->wait = (struct ctx_wait){ .resume = NULL };
	if (ctx->machine && ctx->worker->msg->script->resume(ctx, value) == SCRIPT_WAITS)
		ctx_park(ctx);
	else
		ctx_finish(ctx);
}

static void again_fire(struct timer *t)
{
	ctx_resume(container_of(t, struct ctx, deadline));
}

/* Whether the transaction, if there is one, is ours again; if not, a timer asks again. */
static bool trans_taken(struct ctx *ctx)
{
	if (!ctx->trans || trans_of(ctx)->go_on(ctx))
		return true;
	/* what it waited for is there: nothing is asked for any more */
	ctx->wait.cancel = NULL;
	timer_stop(&ctx->deadline);
	timer_init(&ctx->deadline, ctx->worker->timers, again_fire);
	timer_start(&ctx->deadline, TRANS_AGAIN_MS);
	return false;
}

void ctx_resume(struct ctx *ctx)
{
	struct slot *slot = ctx->worker->slot;

	MUST(ctx->waits);
	if (!trans_taken(ctx))
		return;
	slot_hand(slot, HAND_CONTEXT, wait_id(ctx), wait_text(ctx));
	FAULT("msg.resume");
	list_out(ctx);
	cancel_take(ctx);
	go_on(ctx);
	slot_hand(slot, HAND_NONE, 0, STR_NULL);
}

bool park_turn(struct msg_worker *mw)
{
	if (!waits_posted(mw->w))
		return false;
	list_for_each (l, &mw->parked)
		cancel_take(container_of(l, struct ctx, link));
	return false;
}

void park_stop(struct msg_worker *mw)
{
	while (!list_is_empty(&mw->parked)) {
		struct ctx *ctx = container_of(mw->parked.next, struct ctx, link);

		list_out(ctx);
		if (!ctx->trans || mw->trans->go_on(ctx)) {
			refused(ctx, -ESHUTDOWN);
			continue;
		}
		/* another worker has it, and tells its end */
		wait_dropped(ctx);
		ctx->trans = NULL;
		end(ctx);
	}
}

void park_recover(struct worker *w)
{
	struct orphan o;
	unsigned at = 0;

	while (waits_orphan_next(w, &at, &o)) {
		if (o.text.n && o.from.listener)
			orphan_answer(w, &o.from, o.text, MSG_WAIT_ORPHANED);
		FAULT("msg.orphan");
		waits_orphan_done(w, &o);
	}
}
