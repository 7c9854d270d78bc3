/* SPDX-License-Identifier: BSD-2-Clause */
/* Transactions for requests of the script, and their branches: t_newtran, t_relay (RFC 3261 16.6). */
#ifndef TM_RELAY_H
#define TM_RELAY_H

#include "modules/tm/fsm.h"

/* What the script set before there is a transaction, or for the next t_relay. In the context's memory. */
struct tm_ctx {
	int64_t fr, fr_inv, t1, t2, life_inv, life_noninv; /* ms; 0: as configured */
	bool has_auto_100, auto_100;
	bool no_6xx_block, no_failover, no_internal_reply, no_e2e_reason;
	struct armed on_failure, on_branch, on_reply, on_branch_failure;
	struct armed branch_on_reply, branch_on_failure; /* what a branch route arms */
	struct client *client; /* whose response it is, in a reply route; NULL: none */
};
/* NULL: no memory. */
struct tm_ctx *tm_ctx_of(struct ctx *ctx);

/* A transaction for ctx's request. FN_TRUE; FN_END: it is a retransmission, which is absorbed; FN_FALSE: it cannot have one, or there is no room: the context's
 * failure is set. */
int trans_begin(struct ctx *ctx);
/* One for a request that is made here, which nobody sees yet. NULL: no memory (logged). */
struct trans *trans_begin_local(struct ctx *ctx);
/* It is ctx's from now on, and found by its branches. */
void trans_publish_local(struct ctx *ctx, struct trans *t);
/* Sends the request to all targets of the context, each with a branch of its own; an ACK goes on statelessly, a CANCEL ends the INVITE it is for. to: where all
 * of them are sent instead. Values of a script function; FN_WAIT while names are looked up. */
int relay_request(struct ctx *ctx, const struct instead *to);
/* A CANCEL with the branch of t's INVITE came: whoever runs that is told, with the Reason. */
void cancel_tell(struct ctx *ctx, struct trans *t);
/* A CANCEL: FN_TRUE when it met an INVITE of ours, and was answered. */
int relay_cancel(struct ctx *ctx);

/* --- steps that fail-over takes, too ------------------------------------------------------------------------------------------------ */
/* The context is about that target. */
void target_enter(struct ctx *ctx, const struct branch *b);
/* What of the target is known later. */
void client_describe(struct turn *x, struct client *c, const struct branch *b);
/* Sends to the first of n addresses that takes it; *tried_r is how many were tried. 0, or -errno of the last. */
int client_try(struct turn *x, struct ctx *ctx, struct client *c, const struct nexthop *next,
	       uint64_t loop, const struct addr *addrs, unsigned n, unsigned *tried_r);

#endif
