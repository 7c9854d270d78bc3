/* SPDX-License-Identifier: BSD-2-Clause */
/* How a request of the script gets its transaction. */
#include "modules/tm/relay.h"

#include "modules/tm/run.h"
#include "modules/tm/server.h"
#include "modules/tm/table.h"

#include <errno.h>

struct tm_ctx *tm_ctx_of(struct ctx *ctx)
{
	static const char key;

	return ctx_data(ctx, &key, sizeof(struct tm_ctx));
}

static uint32_t set_or(int64_t set, int64_t configured)
{
	return (uint32_t)(set ? set : configured);
}

static struct armed armed_keep(struct body *b, struct armed a)
{
	if (a.is_set)
		a.name = body_name(b, a.name);
	return a;
}

/* Timers and routes: what the script set for the transaction to come, else as configured. */
static int body_fill(struct body *b, struct ctx *ctx, const struct tm_ctx *tc)
{
	const struct tm_conf *conf = tm_conf_of(ctx->conf);
	bool is_invite = b->method == METHOD_INVITE;
	uint32_t life = is_invite ? set_or(tc->life_inv, conf->max_inv_lifetime)
				  : set_or(tc->life_noninv, conf->max_noninv_lifetime);
	struct target up;

	b->t1 = set_or(tc->t1, conf->retr_timer1);
	b->t2 = set_or(tc->t2, conf->retr_timer2);
	b->fr = set_or(tc->fr, conf->fr_timer);
	b->fr_inv = set_or(tc->fr_inv, conf->fr_inv_timer);
	b->dies_at = life ? b->born + life : 0;
	b->no_6xx_block = tc->no_6xx_block || conf->disable_6xx_block;
	b->no_failover = tc->no_failover;
	b->no_internal_reply = tc->no_internal_reply;
	b->no_e2e_reason = tc->no_e2e_reason;
	b->on_failure = armed_keep(b, tc->on_failure);
	b->on_branch = armed_keep(b, tc->on_branch);
	b->on_reply = armed_keep(b, tc->on_reply);
	b->on_branch_failure = armed_keep(b, tc->on_branch_failure);
	b->server.state = is_invite ? SERVER_PROCEEDING : SERVER_TRYING;
	reply_target(ctx, &up);
	return target_keep(b, &b->server.up, &up);
}

static void trying(struct ctx *ctx, const struct tm_ctx *tc)
{
	const struct tm_conf *conf = tm_conf_of(ctx->conf);
	bool wanted = tc->has_auto_100 ? tc->auto_100 : conf->auto_inv_100;
	struct turn x = turn_of(ctx);

	if (wanted && ctx->msg->method == METHOD_INVITE)
		(void)server_reply(&x, ctx, 100, conf->auto_inv_100_reason, STR_NULL);
}

static struct trans *trans_make(struct ctx *ctx, const struct tm_ctx *tc)
{
	struct trans *t = tc ? trans_new(ctx) : NULL;

	if (t && !body_fill(trans_body(t), ctx, tc))
		return t;
	if (t)
		trans_unmake(t);
	tm_count(TM_REFUSED);
	log_limited(LOG_WARN, "tm", "no memory for a transaction",
		    KV_Z("hint", "shm_mem bounds it"), KV_INT("in_use", slab_used(tm->rows)));
	return NULL;
}

static void trans_give_to(struct ctx *ctx, struct trans *t)
{
	ctx->trans = t;
	ctx->trans_id = trans_id(t);
	ctx->trans_text = trans_body(t)->request;
}

struct trans *trans_begin_local(struct ctx *ctx)
{
	struct trans *t = trans_make(ctx, tm_ctx_of(ctx));

	if (t)
		trans_body(t)->is_local = true;
	return t;
}

void trans_publish_local(struct ctx *ctx, struct trans *t)
{
	FAULT("tm.local.body");
	arena_publish(t->arena);
	FAULT("tm.local.arena");
	slab_publish(&t->row);
	FAULT("tm.local.live");
	tm_count(TM_CREATED);
	tm_count(TM_LOCAL);
	trans_give_to(ctx, t);
}

/* Everybody finds it from now on. */
static int trans_publish(struct trans *t, struct ctx *ctx)
{
	FAULT("tm.body");
	arena_publish(t->arena);
	FAULT("tm.arena");
	if (table_in(t, ctx)) {
		trans_unmake(t);
		return -EEXIST;
	}
	slab_publish(&t->row);
	FAULT("tm.live");
	tm_count(TM_CREATED);
	return 0;
}

int trans_begin(struct ctx *ctx)
{
	struct tm_ctx *tc = tm_ctx_of(ctx);
	struct trans *t;

	if (ctx->msg->method == METHOD_ACK || ctx->msg->method == METHOD_CANCEL || ctx->trans)
		return FN_FALSE;
	if (ctx->is_event)
		return nexthop_fail(ctx, 500, "An Event Is No Request");
	t = trans_make(ctx, tc);
	if (!t)
		return ctx_fail(ctx, 503, STR("Too Many Transactions"));
	if (trans_publish(t, ctx)) {
		tm_count(TM_RETRANSMISSIONS);
		return FN_END;
	}
	trans_give_to(ctx, t);
	/* a CANCEL that came while the script waited */
	if (wait_hand_over(ctx)) {
		trans_body(t)->cancelled = true;
		ctx->cancelled = true;
	} else {
		trying(ctx, tc);
	}
	return FN_TRUE;
}
