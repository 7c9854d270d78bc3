/* SPDX-License-Identifier: BSD-2-Clause */
/* What a script sets for one transaction: before there is one, in the context; behind that, in the transaction. */
#include "modules/tm/funcs.h"

#include "modules/tm/client.h"
#include "modules/tm/relay.h"
#include "modules/tm/route.h"
#include "modules/tm/run.h"

#define SET_MAX 86400000 /* ms */

static struct body *body_of(const struct ctx *ctx)
{
	return ctx->trans ? trans_body(ctx->trans) : NULL;
}

/* --- routes --------------------------------------------------------------------------------------------------------------------------- */

static int arm(struct ctx *ctx, size_t in_body, size_t in_ctx, enum route_kind kind, int64_t number)
{
	struct tm_ctx *tc = tm_ctx_of(ctx);
	char *where;

	if (!tc)
		return FN_FALSE;
	where = ctx->trans ? (char *)body_of(ctx) + in_body : (char *)tc + in_ctx;
	route_arm(ctx, (struct armed *)(void *)where, kind, number);
	return FN_TRUE;
}

#define ARM(member, kind) \
	arm(ctx, offsetof(struct body, member), offsetof(struct tm_ctx, member), kind, argv[0].i)

MODULE_FN(t_on_failure)
{
	(void)argc;
	return ARM(on_failure, IN_FAILURE);
}

MODULE_FN(t_on_branch)
{
	(void)argc;
	return ARM(on_branch, IN_BRANCH);
}

MODULE_FN(t_on_reply)
{
	struct tm_ctx *tc = tm_ctx_of(ctx);

	(void)argc;
	if (ctx->route_kind == IN_BRANCH && tc) {
		route_arm(ctx, &tc->branch_on_reply, IN_REPLY, argv[0].i);
		return FN_TRUE;
	}
	return ARM(on_reply, IN_REPLY);
}

MODULE_FN(t_on_branch_failure)
{
	struct tm_ctx *tc = tm_ctx_of(ctx);

	(void)argc;
	if (ctx->route_kind == IN_BRANCH && tc) {
		route_arm(ctx, &tc->branch_on_failure, IN_FAILURE, argv[0].i);
		return FN_TRUE;
	}
	return ARM(on_branch_failure, IN_FAILURE);
}

/* --- times ---------------------------------------------------------------------------------------------------------------------------- */

static bool is_time(int64_t ms, const char *function_z)
{
	if (ms >= 0 && ms <= SET_MAX)
		return true;
	log_limited(LOG_WARN, "tm", "cannot set a time that is not from 0 to 86400000 milliseconds",
		    KV_Z("function", function_z), KV_INT("ms", ms));
	return false;
}

/* What runs already ends at the new time, counted from now. */
static void fr_apply(struct ctx *ctx)
{
	struct body *b = body_of(ctx);
	uint64_t now = ctx->worker->now;

	clients_each (c, b) {
		if (c->state == CLIENT_TRYING || c->state == CLIENT_UNWANTED)
			c->alarm.end_at = now + b->fr;
		else if (c->state == CLIENT_PROCEEDING)
			c->alarm.end_at = now + (c->is_invite ? b->fr_inv : b->fr);
	}
}

static int fr_set(struct ctx *ctx, int64_t fr_inv, int64_t fr)
{
	struct tm_ctx *tc = tm_ctx_of(ctx);
	struct body *b = body_of(ctx);

	if (!tc)
		return FN_FALSE;
	if (!b) {
		tc->fr_inv = fr_inv ? fr_inv : tc->fr_inv;
		tc->fr = fr ? fr : tc->fr;
		return FN_TRUE;
	}
	b->fr_inv = fr_inv ? (uint32_t)fr_inv : b->fr_inv;
	b->fr = fr ? (uint32_t)fr : b->fr;
	fr_apply(ctx);
	return FN_TRUE;
}

MODULE_FN(t_set_fr)
{
	int64_t fr = argc > 1 ? argv[1].i : 0;

	if (!is_time(argv[0].i, "t_set_fr") || !is_time(fr, "t_set_fr"))
		return FN_FALSE;
	return fr_set(ctx, argv[0].i, fr);
}

MODULE_FN(t_reset_fr)
{
	const struct tm_conf *conf = tm_conf_of(ctx->conf);

	(void)argv;
	(void)argc;
	return fr_set(ctx, conf->fr_inv_timer, conf->fr_timer);
}

static int retr_set(struct ctx *ctx, int64_t t1, int64_t t2)
{
	struct tm_ctx *tc = tm_ctx_of(ctx);
	struct body *b = body_of(ctx);

	if (!tc)
		return FN_FALSE;
	if (b) {
		b->t1 = t1 ? (uint32_t)t1 : b->t1;
		b->t2 = t2 ? (uint32_t)t2 : b->t2;
		return FN_TRUE;
	}
	tc->t1 = t1 ? t1 : tc->t1;
	tc->t2 = t2 ? t2 : tc->t2;
	return FN_TRUE;
}

MODULE_FN(t_set_retr)
{
	int64_t t2 = argc > 1 ? argv[1].i : 0;

	if (!is_time(argv[0].i, "t_set_retr") || !is_time(t2, "t_set_retr"))
		return FN_FALSE;
	return retr_set(ctx, argv[0].i, t2);
}

MODULE_FN(t_reset_retr)
{
	const struct tm_conf *conf = tm_conf_of(ctx->conf);

	(void)argv;
	(void)argc;
	return retr_set(ctx, conf->retr_timer1, conf->retr_timer2);
}

static int life_set(struct ctx *ctx, int64_t inv, int64_t noninv)
{
	struct tm_ctx *tc = tm_ctx_of(ctx);
	struct body *b = body_of(ctx);
	int64_t life;

	if (!tc)
		return FN_FALSE;
	if (!b) {
		tc->life_inv = inv ? inv : tc->life_inv;
		tc->life_noninv = noninv ? noninv : tc->life_noninv;
		return FN_TRUE;
	}
	life = b->method == METHOD_INVITE ? inv : noninv;
	if (life)
		b->dies_at = b->born + (uint64_t)life;
	return FN_TRUE;
}

MODULE_FN(t_set_max_lifetime)
{
	int64_t noninv = argc > 1 ? argv[1].i : 0;

	if (!is_time(argv[0].i, "t_set_max_lifetime") || !is_time(noninv, "t_set_max_lifetime"))
		return FN_FALSE;
	return life_set(ctx, argv[0].i, noninv);
}

MODULE_FN(t_reset_max_lifetime)
{
	const struct tm_conf *conf = tm_conf_of(ctx->conf);

	(void)argv;
	(void)argc;
	return life_set(ctx, conf->max_inv_lifetime, conf->max_noninv_lifetime);
}

/* --- switches ------------------------------------------------------------------------------------------------------------------------- */

MODULE_FN(t_set_auto_inv_100)
{
	struct tm_ctx *tc = tm_ctx_of(ctx);

	(void)argc;
	if (!tc)
		return FN_FALSE;
	tc->has_auto_100 = true;
	tc->auto_100 = argv[0].i != 0;
	return FN_TRUE;
}

static int flip(struct ctx *ctx, size_t in_body, size_t in_ctx, bool on)
{
	struct tm_ctx *tc = tm_ctx_of(ctx);
	char *where;

	if (!tc)
		return FN_FALSE;
	where = ctx->trans ? (char *)body_of(ctx) + in_body : (char *)tc + in_ctx;
	*(bool *)where = on;
	return FN_TRUE;
}

#define FLIP(member) \
	flip(ctx, offsetof(struct body, member), offsetof(struct tm_ctx, member), argv[0].i != 0)

MODULE_FN(t_set_disable_6xx)
{
	(void)argc;
	return FLIP(no_6xx_block);
}

MODULE_FN(t_set_disable_failover)
{
	(void)argc;
	return FLIP(no_failover);
}

MODULE_FN(t_set_disable_internal_reply)
{
	(void)argc;
	return FLIP(no_internal_reply);
}

MODULE_FN(t_set_no_e2e_cancel_reason)
{
	(void)argc;
	return FLIP(no_e2e_reason);
}

/* --- branches so far -------------------------------------------------------------------------------------------------------------------- */

MODULE_FN(t_drop_replies)
{
	struct body *b = body_of(ctx);
	struct str mode = argc ? argv[0].s : STR("a");
	struct client *last = NULL;

	if (!b)
		return FN_FALSE;
	if (str_eq(mode, STR("n")))
		return FN_TRUE;
	clients_each (c, b) {
		last = c;
		if (!str_eq(mode, STR("l")))
			c->is_dropped = client_is_final(c);
	}
	if (last && str_eq(mode, STR("l")))
		last->is_dropped = client_is_final(last);
	return FN_TRUE;
}

MODULE_FN(t_save_lumps)
{
	struct body *b = body_of(ctx);

	(void)argv;
	(void)argc;
	if (!b || ctx_keep(ctx, 0, from_arena, b->arena, &b->kept))
		return FN_FALSE;
	b->continued = false;
	return FN_TRUE;
}
