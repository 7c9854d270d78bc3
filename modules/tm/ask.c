/* SPDX-License-Identifier: BSD-2-Clause */
/* What a script asks about its transaction. */
#include "modules/tm/funcs.h"

#include "modules/tm/client.h"
#include "modules/tm/relay.h"
#include "modules/tm/server.h"
#include "modules/tm/table.h"

static int yes(bool is)
{
	return is ? FN_TRUE : FN_FALSE;
}

static struct body *body_of(const struct ctx *ctx)
{
	return ctx->trans ? trans_body(ctx->trans) : NULL;
}

/* --- is there one? ---------------------------------------------------------------------------------------------------------------------- */

/* Retransmissions, and the ACKs of refusals, do not come as far as the script. */
MODULE_FN(t_check_trans)
{
	(void)argv;
	(void)argc;
	if (!ctx->msg->is_request)
		return yes(ctx->trans != NULL);
	if (ctx->msg->method == METHOD_CANCEL || ctx->msg->method == METHOD_ACK)
		return yes(table_find(ctx, STR("INVITE")) != NULL);
	return yes(ctx->trans != NULL);
}

/* Whether the request has come before: such a one does not come as far as this. */
MODULE_FN(t_precheck_trans)
{
	(void)argv;
	(void)argc;
	return yes(ctx->msg->method == METHOD_CANCEL && table_find(ctx, STR("INVITE")));
}

MODULE_FN(t_lookup_request)
{
	(void)argv;
	(void)argc;
	return yes(ctx->trans != NULL);
}

MODULE_FN(t_lookup_cancel)
{
	struct trans *t = ctx->msg->method == METHOD_CANCEL ? table_find(ctx, STR("INVITE")) : NULL;

	if (!t)
		return FN_FALSE;
	/* a word of a transaction that another worker may run: one that is as good as the next */
	if (argc && argv[0].i == 1)
		ctx->flags = trans_body(t)->flags;
	return FN_TRUE;
}

/* --- status ----------------------------------------------------------------------------------------------------------------------------- */

unsigned script_status(struct ctx *ctx)
{
	struct body *b = body_of(ctx);

	if (!ctx->msg->is_request)
		return ctx->msg->status;
	if (!b)
		return 0;
	return b->winner ? b->winner->status : b->server.status;
}

MODULE_FN(t_check_status)
{
	struct regex_match m;
	char text[16];
	struct buf buf = BUF_ON(text);

	(void)argc;
	buf_uint(&buf, script_status(ctx));
	return yes(regex_exec(argv[0].re, buf_str(&buf), 0, &m) == 1);
}

MODULE_FN(t_get_status_code)
{
	unsigned status = script_status(ctx);

	(void)argv;
	(void)argc;
	return status ? (int)status : FN_FALSE;
}

MODULE_FN(t_branch_timeout)
{
	struct body *b = body_of(ctx);

	(void)argv;
	(void)argc;
	return yes(b && b->winner && b->winner->timed_out);
}

MODULE_FN(t_branch_replied)
{
	struct body *b = body_of(ctx);

	(void)argv;
	(void)argc;
	return yes(b && b->winner && (b->winner->rang || !str_is_null(b->winner->final)));
}

MODULE_FN(t_any_timeout)
{
	struct body *b = body_of(ctx);

	(void)argv;
	(void)argc;
	if (b)
		clients_each (c, b)
			if (c->timed_out)
				return FN_TRUE;
	return FN_FALSE;
}

MODULE_FN(t_any_replied)
{
	struct body *b = body_of(ctx);

	(void)argv;
	(void)argc;
	if (b)
		clients_each (c, b)
			if (c->rang || !str_is_null(c->final))
				return FN_TRUE;
	return FN_FALSE;
}

MODULE_FN(t_grep_status)
{
	struct body *b = body_of(ctx);

	(void)argc;
	if (b)
		clients_each (c, b)
			if (client_is_final(c) && c->status == argv[0].i)
				return FN_TRUE;
	return FN_FALSE;
}

/* --- state ------------------------------------------------------------------------------------------------------------------------------ */

MODULE_FN(t_is_canceled)
{
	(void)argv;
	(void)argc;
	return yes(ctx->trans && trans_is_cancelled(ctx->trans));
}

MODULE_FN(t_is_expired)
{
	struct body *b = body_of(ctx);

	(void)argv;
	(void)argc;
	return yes(b && b->dies_at && b->dies_at <= ctx->worker->now);
}

static const struct armed *armed_at(const struct body *b, const struct tm_ctx *tc, struct str what)
{
	if (str_eq(what, STR("branch_route")))
		return b ? &b->on_branch : &tc->on_branch;
	if (str_eq(what, STR("failure_route")))
		return b ? &b->on_failure : &tc->on_failure;
	if (str_eq(what, STR("onreply_route")))
		return b ? &b->on_reply : &tc->on_reply;
	return NULL;
}

const char *check_is_set(const struct value *argv, unsigned argc)
{
	static const struct body empty;

	(void)argc;
	return argv[0].type != VALUE_STR || armed_at(&empty, NULL, argv[0].s)
		       ? NULL
		       : "\"branch_route\", \"failure_route\" or \"onreply_route\" may be asked "
			 "for";
}

MODULE_FN(t_is_set)
{
	const struct tm_ctx *tc = tm_ctx_of(ctx);
	const struct armed *a = tc ? armed_at(body_of(ctx), tc, argv[0].s) : NULL;

	(void)argc;
	return yes(a && a->is_set);
}

static int in_route(const struct ctx *ctx, enum route_kind kind)
{
	return yes(ctx->route_kind == kind);
}

MODULE_FN(t_is_failure_route)
{
	(void)argv;
	(void)argc;
	return in_route(ctx, IN_FAILURE);
}

MODULE_FN(t_is_branch_route)
{
	(void)argv;
	(void)argc;
	return in_route(ctx, IN_BRANCH);
}

MODULE_FN(t_is_reply_route)
{
	(void)argv;
	(void)argc;
	return in_route(ctx, IN_REPLY);
}

MODULE_FN(t_is_request_route)
{
	(void)argv;
	(void)argc;
	return in_route(ctx, IN_REQUEST);
}
