/* SPDX-License-Identifier: BSD-2-Clause */
/* What a module that keeps transactions does for this layer: module tm says so once, before the first fork. Without it all is stateless. */
#ifndef MSG_STATEFUL_H
#define MSG_STATEFUL_H

#include "core/msg/ownvia.h"

/* The context's transaction, ctx->trans, is the module's. From the moment it is set, the context's worker is the transaction's only runner until it is let
 * go of: in park(), or in end(). */
struct trans;

struct trans_hooks {
	/* A sound request that concerns none of the table of waiting requests, before the script. True: it is dealt with (a retransmission, an ACK that ends
	 * here, a CANCEL of an INVITE whose script runs), the caller ends the context. */
	bool (*request)(struct ctx *ctx);
	/* A response whose top Via is ours and a transaction's; all checks and the core's reply route are behind it. True: it is taken; false: there is no
	 * such transaction, it is dropped. The caller ends the context, which cannot wait any more. */
	bool (*response)(struct ctx *ctx, const struct via_where *where);
	/* reply_send() for a context with a transaction: same arguments and results. It is no ACK, and if it is cancelled the status is 487. */
	int (*reply)(struct ctx *ctx, unsigned status, struct str reason, struct str headers);
	/* The context with a transaction is about to wait: lets go of the transaction. */
	void (*park)(struct ctx *ctx);
	/* It goes on: takes the transaction again, and sets ctx->cancelled if a CANCEL came. False: another worker has it at this moment, try again in a
	 * millisecond. */
	bool (*go_on)(struct ctx *ctx);
	/* All is done with a context that has a transaction, ctx->finish included: what is left to do (a request that nothing was done with); lets go of
	 * it. */
	void (*end)(struct ctx *ctx);
	/* What was sent with this token will not arrive: net_hooks.sent_failed. Never called for token 0. */
	void (*sent_failed)(struct worker *w, uint64_t token, int reason);
	/* Whether there is a transaction for the request: then its end is told by that, when a worker died. */
	bool (*knows)(struct ctx *ctx);
	/* Transactions in memory, of all workers: for overload control. */
	unsigned (*in_use)(struct run *run);
	/* Transactions that this worker must see to the end before it may stop. */
	unsigned (*unfinished)(struct worker *w);
};

/* Once, in main, before the first fork: in a module's init(). */
void trans_hooks_set(const struct trans_hooks *hooks);
/* NULL: no module keeps transactions. */
const struct trans_hooks *trans_hooks(void);

/* The same in a worker. */
static inline const struct trans_hooks *trans_of(const struct ctx *ctx)
{
	return ctx->worker->msg->trans;
}

#endif
