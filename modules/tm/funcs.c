/* SPDX-License-Identifier: BSD-2-Clause */
/* What scripts do with transactions. */
#include "modules/tm/funcs.h"

#include "modules/tm/client.h"
#include "modules/tm/relay.h"
#include "modules/tm/route.h"
#include "modules/tm/run.h"
#include "modules/tm/server.h"
#include "modules/tm/suspend.h"
#include "modules/tm/table.h"
#include "modules/tm/upward.h"

#define IN_REQUEST_OR_FAILURE (IN_REQUEST | IN_FAILURE)

/* --- t_relay ---------------------------------------------------------------------------------------------------------------------------------- */

#define RELAY_NO_100	   1 /* no 100 by itself */
#define RELAY_NO_REPLY	   2 /* no answer by itself when it fails */
#define RELAY_NO_FAIL_OVER 4 /* only the first address of a name */

static int bad_target(struct str target)
{
	log_limited(LOG_WARN, "tm",
		    "cannot relay to what is no \"host\", port, and no \"udp:host:port\"",
		    KV_STR("target", target));
	return -1;
}

/* "udp:host:port", "tcp:[::1]:5060", "udp:host"; "host:port" */
static int proxy_parse(struct str text, struct instead *to)
{
	ssize_t colon = str_chr(text, ':'), end = str_chr(text, ']');
	const struct transport *t =
		colon > 0 ? transport_find(str_head(text, (size_t)colon)) : NULL;
	uint64_t port = 0;
	struct str rest = text;

	if (t) {
		to->transport = t;
		rest = str_skip(text, (size_t)colon + 1);
		end = str_chr(rest, ']');
	}
	colon = str_rchr(rest, ':');
	to->host = rest;
	if (colon > end && colon >= 0) {
		to->host = str_head(rest, (size_t)colon);
		if (str_uint(str_skip(rest, (size_t)colon + 1), 65535, &port))
			return bad_target(text);
	}
	to->port = (uint16_t)port;
	return to->host.n ? 0 : bad_target(text);
}

/* "0x01" or 5 */
static bool flags_parse(const struct value *v, int64_t *flags_r)
{
	struct str s = v->s;
	uint64_t n = 0;

	if (v->type == VALUE_INT) {
		*flags_r = v->i;
		return true;
	}
	if (str_starts_nocase(s, STR("0x"))) {
		for (s = str_skip(s, 2); s.n && n < 256; s = str_skip(s, 1)) {
			if (char_hex(s.p[0]) < 0)
				return false;
			n = n * 16 + (uint64_t)char_hex(s.p[0]);
		}
	} else if (str_uint(s, 255, &n)) {
		return false;
	}
	*flags_r = (int64_t)n;
	return true;
}

static void flags_apply(struct ctx *ctx, struct tm_ctx *tc, int64_t flags)
{
	if (flags & RELAY_NO_100) {
		tc->has_auto_100 = true;
		tc->auto_100 = false;
	}
	if (!ctx->trans) {
		tc->no_internal_reply |= (flags & RELAY_NO_REPLY) != 0;
		tc->no_failover |= (flags & RELAY_NO_FAIL_OVER) != 0;
		return;
	}
	trans_body(ctx->trans)->no_internal_reply |= (flags & RELAY_NO_REPLY) != 0;
	trans_body(ctx->trans)->no_failover |= (flags & RELAY_NO_FAIL_OVER) != 0;
}

/* (), ("host", port), ("udp:host:port"), ("udp:host:port", flags), (flags) */
static int where_to(struct ctx *ctx, const struct value *argv, unsigned argc, struct instead *to)
{
	struct tm_ctx *tc = tm_ctx_of(ctx);
	ssize_t colon = argc ? str_chr(argv[0].s, ':') : -1;
	bool is_proxy = colon > 0 && transport_find(str_head(argv[0].s, (size_t)colon));
	int64_t flags = 0;
	uint64_t port;

	if (!tc)
		return -1;
	if (!argc)
		return 0;
	if (argc == 1 && flags_parse(&argv[0], &flags)) {
		flags_apply(ctx, tc, flags);
		return 0;
	}
	if (argc == 1)
		return str_is_null(argv[0].s) ? bad_target(argv[0].s) : proxy_parse(argv[0].s, to);
	if (is_proxy) {
		if (!flags_parse(&argv[1], &flags))
			return bad_target(argv[1].s);
		flags_apply(ctx, tc, flags);
		return proxy_parse(argv[0].s, to);
	}
	if (str_is_null(argv[0].s) || str_uint(argv[1].s, 65535, &port))
		return bad_target(argv[0].s);
	to->host = argv[0].s;
	to->port = (uint16_t)port;
	return 0;
}

static int relay_by(struct ctx *ctx, const struct value *argv, unsigned argc,
		    const struct transport *transport)
{
	struct instead to = { .transport = transport };

	if (where_to(ctx, argv, argc, &to))
		return FN_FALSE;
	if (transport)
		to.transport = transport;
	return relay_request(ctx, to.transport || !str_is_null(to.host) ? &to : NULL);
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

static MODULE_FN(t_relay_to_tls)
{
	return relay_by(ctx, argv, argc, transport_of(TRANSPORT_TLS));
}

/* The same of a request that has a transaction already. */
static int forward_by(struct ctx *ctx, const struct value *argv, unsigned argc,
		      const struct transport *transport)
{
	if (!ctx->trans) {
		log_limited(LOG_WARN, "tm", "t_forward_nonack needs a transaction",
			    KV_Z("hint", "t_newtran() makes one; t_relay() does both"));
		return FN_FALSE;
	}
	return relay_by(ctx, argv, argc, transport);
}

static MODULE_FN(t_forward_nonack)
{
	return forward_by(ctx, argv, argc, NULL);
}

static MODULE_FN(t_forward_nonack_udp)
{
	return forward_by(ctx, argv, argc, transport_of(TRANSPORT_UDP));
}

static MODULE_FN(t_forward_nonack_tcp)
{
	return forward_by(ctx, argv, argc, transport_of(TRANSPORT_TCP));
}

static MODULE_FN(t_forward_nonack_tls)
{
	return forward_by(ctx, argv, argc, transport_of(TRANSPORT_TLS));
}

/* Of a CANCEL: 0 when its INVITE is being cancelled, 1 when there is none, so that the script goes on. */
static MODULE_FN(t_relay_cancel)
{
	(void)argv;
	(void)argc;
	if (ctx->msg->method != METHOD_CANCEL)
		return FN_TRUE;
	return relay_cancel(ctx) == FN_TRUE ? FN_END : FN_TRUE;
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

static MODULE_FN(t_reply_error)
{
	struct value args[2] = { value_int(ctx->fail_status ? ctx->fail_status : 500),
				 value_str(ctx->fail_reason) };

	(void)argv;
	(void)argc;
	return fn_t_reply(ctx, args, 2);
}

static MODULE_FN(t_retransmit_reply)
{
	struct turn x;

	(void)argv;
	(void)argc;
	if (!ctx->trans || !trans_body(ctx->trans)->server.last.n)
		return FN_FALSE;
	x = turn_of(ctx);
	server_resend(&x);
	turn_release(&x);
	return FN_TRUE;
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

static const char *check_which(const struct value *argv, unsigned argc)
{
	(void)argc;
	return argv[0].type != VALUE_STR || str_eq(argv[0].s, STR("all")) ||
			       str_eq(argv[0].s, STR("others")) || str_eq(argv[0].s, STR("this"))
		       ? NULL
		       : "\"all\", \"others\" or \"this\" branch can be cancelled";
}

/* In a reply route: branches that have no final response. */
static MODULE_FN(t_cancel_branches)
{
	struct tm_ctx *tc = tm_ctx_of(ctx);
	bool this_too = !str_eq(argv[0].s, STR("others"));
	bool others = !str_eq(argv[0].s, STR("this"));
	struct turn x;

	(void)argc;
	if (!ctx->trans || !tc || !tc->client)
		return FN_FALSE;
	x = turn_of(ctx);
	clients_each (c, x.b)
		if ((c == tc->client ? this_too : others) && !client_is_final(c))
			client_feed(&x, c, CLIENT_CANCEL);
	turn_release(&x);
	return FN_TRUE;
}

static MODULE_FN(t_flush_flags)
{
	(void)argv;
	(void)argc;
	if (!ctx->trans)
		return FN_FALSE;
	trans_body(ctx->trans)->flags = ctx->flags;
	return FN_TRUE;
}

/* --- somebody goes on later ---------------------------------------------------------------------------------------------------------------------- */

static MODULE_FN(t_suspend)
{
	uint64_t id;

	(void)argv;
	(void)argc;
	return trans_suspend(ctx, &id);
}

/* index, label, route */
static MODULE_FN(t_continue)
{
	const struct script_hooks *script = ctx->worker->msg->script;
	struct str route;
	int err;

	(void)argc;
	if (argv[2].i < 0 || argv[0].i < 0 || argv[0].i > 0xffffff || argv[1].i < 0 ||
	    argv[1].i > UINT32_MAX)
		return FN_FALSE;
	route = script->route_name(ctx->conf, IN_REQUEST, (uint32_t)argv[2].i);
	err = trans_continue(ctx->worker,
			     ID_MAKE(ID_TRANSACTION, (uint32_t)argv[0].i, (uint32_t)argv[1].i),
			     route);
	if (err)
		log_limited(
			LOG_INFO, "tm", "could not go on with a transaction",
			KV_INT("index", argv[0].i), KV_INT("label", argv[1].i),
			KV_STR("route", route), KV_ERRNO(-err),
			KV_Z("hint", "it must be suspended, and no one else have gone on with it"));
	return err ? FN_FALSE : FN_TRUE;
}

/* The next t_relay() may use the Request-URI again. */
static MODULE_FN(t_reuse_branch)
{
	(void)argv;
	(void)argc;
	ctx->uri_used = false;
	return FN_TRUE;
}

static const char *check_status(const struct value *argv, unsigned argc)
{
	(void)argc;
	return argv[0].type == VALUE_INT && (argv[0].i < 100 || argv[0].i > 699)
		       ? "the status is a number from 100 to 699"
		       : NULL;
}

#define ROW(NAME, ARGS, KINDS, HELP) MODULE_ROW(NAME, ARGS, KINDS, NULL, HELP)
#define ASKS(NAME, HELP)	     ROW(NAME, "", IN_ANY | FN_PURE, HELP)
#define SETS(NAME, ARGS, HELP)	     ROW(NAME, ARGS, IN_ANY, HELP)

const struct func_def tm_functions[] = {
	/* what acts */
	ROW(t_relay, "|ss", IN_REQUEST_OR_FAILURE,
	    "sends the request on with a transaction, to all its targets, or where the arguments "
	    "say (\"host\", \"port\" or \"udp:host:port\", flags); 1, -1, or 0 (a "
	    "retransmission)"),
	{ "t_relay_to", "s|s", IN_REQUEST_OR_FAILURE, fn_t_relay, "the same", NULL },
	ROW(t_relay_to_udp, "|ss", IN_REQUEST_OR_FAILURE, "the same over UDP"),
	ROW(t_relay_to_tcp, "|ss", IN_REQUEST_OR_FAILURE, "the same over TCP"),
	ROW(t_relay_to_tls, "|ss", IN_REQUEST_OR_FAILURE, "the same over TLS"),
	ROW(t_forward_nonack, "|ss", IN_REQUEST_OR_FAILURE,
	    "as t_relay, when there is a transaction already"),
	ROW(t_forward_nonack_udp, "ss", IN_REQUEST_OR_FAILURE, "the same over UDP"),
	ROW(t_forward_nonack_tcp, "ss", IN_REQUEST_OR_FAILURE, "the same over TCP"),
	ROW(t_forward_nonack_tls, "ss", IN_REQUEST_OR_FAILURE, "the same over TLS"),
	ROW(t_relay_cancel, "", IN_REQUEST,
	    "of a CANCEL: ends the INVITE that it is for, and the script (0); 1: there is none"),
	ROW(t_newtran, "", IN_REQUEST, "makes a transaction; 1, -1, or 0 (a retransmission)"),
	MODULE_ROW(t_reply, "i|h", IN_REQUEST_OR_FAILURE, check_status,
		   "answers with a transaction: status, reason"),
	{ "t_send_reply", "i|h", IN_REQUEST_OR_FAILURE, fn_t_reply, "the same", check_status },
	MODULE_ROW(t_uac_send, "tttttt", IN_UNSENT, check_uac_send,
		   "sends a request of the script's own: method, Request-URI, next hop (a URI), "
		   "socket, header lines, body; \"\" where there is none; it does not wait for the "
		   "answer"),
	ROW(t_reply_error, "", IN_REQUEST_OR_FAILURE, "answers with what failed last"),
	ROW(t_retransmit_reply, "", IN_REQUEST_OR_FAILURE, "sends the last answer again"),
	ROW(t_release, "", IN_REQUEST, "lets the transaction end without an answer"),
	ROW(t_suspend, "", IN_REQUEST_OR_FAILURE,
	    "lets the script end without an answer; t_continue() goes on with the request, or in "
	    "fr_inv_timer or fr_timer it fails; 1, -1, or 0 (a retransmission)"),
	ROW(t_continue, "iiR", IN_ANY,
	    "runs a route for the suspended request of $T(id_index), $T(id_label); -1: it is not "
	    "suspended, or somebody has gone on with it"),
	ROW(t_reuse_branch, "", IN_REQUEST_OR_FAILURE, "the Request-URI may be relayed to again"),
	MODULE_ROW(t_cancel_branches, "s", IN_REPLY, check_which,
		   "cancels the branches that ring: \"all\", \"others\" than the one that answers, "
		   "\"this\""),
	ROW(t_flush_flags, "", IN_ANY, "the transaction takes the message's flags as they are now"),
	ROW(t_load_contacts, "|s", IN_REQUEST_OR_FAILURE,
	    "puts the targets aside, in order of their q, for t_next_contacts()"),
	ROW(t_next_contacts, "", IN_REQUEST_OR_FAILURE,
	    "makes those with the highest q the request's targets; 1, -1, -2 (none is left)"),
	ROW(t_drop_replies, "|s", IN_FAILURE,
	    "the branches' responses so far are no candidates for the answer: \"a\" all, "
	    "\"l\" the last one, \"n\" none"),
	ROW(t_save_lumps, "", IN_REQUEST, "later routes see what was changed until now"),
	/* what sets */
	ROW(t_on_failure, "F", IN_REQUEST_OR_FAILURE | IN_REPLY | IN_BRANCH,
	    "the failure_route to run when all branches have failed"),
	ROW(t_on_branch, "B", IN_REQUEST_OR_FAILURE,
	    "the branch_route to run for each target of the next t_relay"),
	ROW(t_on_branch_failure, "E", IN_REQUEST_OR_FAILURE | IN_BRANCH,
	    "the event_route[tm:branch-failure:NAME] to run as soon as a branch of the next "
	    "t_relay has failed, while others ring; in a branch_route: as soon as this one has"),
	ROW(t_on_reply, "O", IN_REQUEST_OR_FAILURE | IN_REPLY | IN_BRANCH,
	    "the onreply_route to run for each response"),
	SETS(t_set_fr, "i|i", "fr_inv_timer and fr_timer of this transaction, in ms; 0: as it is"),
	SETS(t_reset_fr, "", "both as configured"),
	SETS(t_set_retr, "i|i", "retr_timer1 and retr_timer2 of this transaction, in ms"),
	SETS(t_reset_retr, "", "both as configured"),
	SETS(t_set_max_lifetime, "i|i",
	     "how long the transaction may take in all, in ms: an INVITE's, others'"),
	SETS(t_reset_max_lifetime, "", "both as configured"),
	SETS(t_set_auto_inv_100, "i", "whether its INVITE gets 100 at once"),
	SETS(t_set_disable_6xx, "i", "whether a 6xx is like any other failure"),
	SETS(t_set_disable_failover, "i", "whether only the first address of a name is tried"),
	SETS(t_set_disable_internal_reply, "i",
	     "whether a request that could not be relayed goes without an answer"),
	SETS(t_set_no_e2e_cancel_reason, "i", "whether the Reason of a CANCEL stays here"),
	/* what asks */
	ASKS(t_check_trans, "is there a transaction for it? of a CANCEL: for its INVITE"),
	ASKS(t_precheck_trans, "has it come before? of a CANCEL: is there its INVITE?"),
	ASKS(t_lookup_request, "is there a transaction for it?"),
	ROW(t_lookup_cancel, "|i", IN_REQUEST,
	    "of a CANCEL: is there the INVITE? with 1 its flags are taken over"),
	ROW(t_check_status, "r", IN_ANY | FN_PURE,
	    "does the status match? of the response, or of the branch that failed best"),
	ASKS(t_get_status_code, "that status; -1: there is none"),
	ASKS(t_branch_timeout, "did the branch that failed best not answer?"),
	ASKS(t_branch_replied, "did it answer anything?"),
	ASKS(t_any_timeout, "did any branch not answer?"),
	ASKS(t_any_replied, "did any?"),
	ROW(t_grep_status, "i", IN_ANY | FN_PURE, "did any branch answer with that status?"),
	ASKS(t_is_canceled, "did a CANCEL come for it?"),
	ASKS(t_is_expired, "has it taken longer than it may?"),
	MODULE_ROW(t_is_set, "s", IN_ANY | FN_PURE, check_is_set,
		   "is a branch_route, failure_route or onreply_route armed?"),
	ASKS(t_is_failure_route, "does a failure_route run?"),
	ASKS(t_is_branch_route, "does a branch_route run?"),
	ASKS(t_is_reply_route, "does an onreply_route run?"),
	ASKS(t_is_request_route, "does the request's route run?"),
	{ .name = NULL },
};
