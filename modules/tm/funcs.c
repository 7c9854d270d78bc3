/* SPDX-License-Identifier: BSD-2-Clause */
/* What scripts do with transactions. */
#include "modules/tm/funcs.h"

#include "modules/tm/relay.h"
#include "modules/tm/route.h"
#include "modules/tm/run.h"
#include "modules/tm/server.h"
#include "modules/tm/table.h"
#include "modules/tm/upward.h"

#define IN_REQUEST_OR_FAILURE (IN_REQUEST | IN_FAILURE)

/* --- t_relay ---------------------------------------------------------------------------------------------------------------------------------- */

/* "host", 5060 */
static int host_and_port(const struct value *argv, unsigned argc, struct instead *to)
{
	int64_t port = argc > 1 ? argv[1].i : 0;

	if (!argc)
		return 0;
	if (port < 0 || port > 65535) {
		log_limited(LOG_WARN, "tm", "cannot relay: the port is not a number up to 65535",
			    KV_STR("host", argv[0].s));
		return -1;
	}
	to->host = argv[0].s;
	to->port = (uint16_t)port;
	return str_is_null(to->host) ? -1 : 0;
}

static int relay_by(struct ctx *ctx, const struct value *argv, unsigned argc,
		    const struct transport *transport)
{
	struct instead to = { .transport = transport };

	if (host_and_port(argv, argc, &to))
		return FN_FALSE;
	return relay_request(ctx, argc || transport ? &to : NULL);
}

static MODULE_FN(t_relay)
{
	return relay_by(ctx, argv, argc, NULL);
}

static MODULE_FN(t_relay_to_udp)
{
	return relay_by(ctx, argv, argc, transport_of(TRANSPORT_UDP));
}

static MODULE_FN(t_relay_to_tcp)
{
	return relay_by(ctx, argv, argc, transport_of(TRANSPORT_TCP));
}

static MODULE_FN(t_newtran)
{
	(void)argv;
	(void)argc;
	return trans_begin(ctx);
}

/* --- answers ---------------------------------------------------------------------------------------------------------------------------------- */

static MODULE_FN(t_reply)
{
	struct str reason = argc > 1 ? argv[1].s : STR_NULL;
	int r;

	if (argv[0].i < 100 || argv[0].i > 699) {
		log_limited(LOG_WARN, "tm",
			    "cannot answer with a status that is not from 100 to 699",
			    KV_INT("status", argv[0].i));
		return FN_FALSE;
	}
	if (!ctx->trans) {
		r = trans_begin(ctx);
		if (r != FN_TRUE)
			return r;
	}
	return reply_send(ctx, (unsigned)argv[0].i, reason, STR_NULL) ? FN_FALSE : FN_TRUE;
}

/* --- routes ----------------------------------------------------------------------------------------------------------------------------------- */

static int arm(struct ctx *ctx, size_t in_body, size_t in_ctx, enum route_kind kind, int64_t number)
{
	struct tm_ctx *tc = tm_ctx_of(ctx);
	char *where = ctx->trans ? (char *)trans_body(ctx->trans) + in_body : (char *)tc + in_ctx;

	if (!tc)
		return FN_FALSE;
	route_arm(ctx, (struct armed *)(void *)where, kind, number);
	return FN_TRUE;
}

#define ARM(member, kind) \
	arm(ctx, offsetof(struct body, member), offsetof(struct tm_ctx, member), kind, argv[0].i)

static MODULE_FN(t_on_failure)
{
	(void)argc;
	return ARM(on_failure, IN_FAILURE);
}

static MODULE_FN(t_on_branch)
{
	(void)argc;
	return ARM(on_branch, IN_BRANCH);
}

static MODULE_FN(t_on_reply)
{
	(void)argc;
	return ARM(on_reply, IN_REPLY);
}

/* --- questions -------------------------------------------------------------------------------------------------------------------------------- */

static MODULE_FN(t_check_trans)
{
	(void)argv;
	(void)argc;
	/* retransmissions, and the ACKs that end here, do not come as far as the script */
	if (ctx->msg->method == METHOD_CANCEL || ctx->msg->method == METHOD_ACK)
		return table_find(ctx, STR("INVITE")) ? FN_TRUE : FN_FALSE;
	return ctx->trans ? FN_TRUE : FN_FALSE;
}

static MODULE_FN(t_release)
{
	(void)argv;
	(void)argc;
	if (!ctx->trans)
		return FN_FALSE;
	trans_body(ctx->trans)->is_released = true;
	return FN_TRUE;
}

static MODULE_FN(t_is_canceled)
{
	(void)argv;
	(void)argc;
	return ctx->trans && trans_body(ctx->trans)->cancelled ? FN_TRUE : FN_FALSE;
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

static const char *check_is_set(const struct value *argv, unsigned argc)
{
	static const struct body empty;

	(void)argc;
	return argv[0].type != VALUE_STR || armed_at(&empty, NULL, argv[0].s)
		       ? NULL
		       : "\"branch_route\", \"failure_route\" or \"onreply_route\" may be asked "
			 "for";
}

static MODULE_FN(t_is_set)
{
	const struct tm_ctx *tc = tm_ctx_of(ctx);
	const struct armed *a;

	(void)argc;
	if (!tc)
		return FN_FALSE;
	a = armed_at(ctx->trans ? trans_body(ctx->trans) : NULL, tc, argv[0].s);
	return a && a->is_set ? FN_TRUE : FN_FALSE;
}

#define ROW(NAME, ARGS, KINDS, HELP)                      \
	{                                                 \
#NAME, ARGS, KINDS, fn_##NAME, HELP, NULL \
	}

const struct func_def tm_functions[] = {
	ROW(t_relay, "|ni", IN_REQUEST_OR_FAILURE,
	    "sends the request on with a transaction, to all its targets; 1, -1, or 0 (a "
	    "retransmission)"),
	ROW(t_relay_to_udp, "|ni", IN_REQUEST_OR_FAILURE, "the same over UDP"),
	ROW(t_relay_to_tcp, "|ni", IN_REQUEST_OR_FAILURE, "the same over TCP"),
	ROW(t_newtran, "", IN_REQUEST, "makes a transaction; 1, -1, or 0 (a retransmission)"),
	ROW(t_reply, "i|h", IN_REQUEST_OR_FAILURE, "answers with the transaction: status, reason"),
	ROW(t_on_failure, "F", IN_REQUEST_OR_FAILURE | IN_REPLY,
	    "the failure_route to run when all branches have failed"),
	ROW(t_on_branch, "B", IN_REQUEST_OR_FAILURE,
	    "the branch_route to run for each target of the next t_relay"),
	ROW(t_on_reply, "O", IN_REQUEST_OR_FAILURE | IN_BRANCH,
	    "the onreply_route to run for each response"),
	ROW(t_check_trans, "", IN_ANY | FN_PURE,
	    "is there a transaction for it? of a CANCEL: for its INVITE"),
	ROW(t_release, "", IN_REQUEST, "lets the transaction end without an answer"),
	ROW(t_is_canceled, "", IN_ANY | FN_PURE, "did a CANCEL come for it?"),
	{ "t_is_set", "s", IN_ANY | FN_PURE, fn_t_is_set,
	  "is a branch_route, failure_route or onreply_route armed?", check_is_set },
	{ .name = NULL },
};
