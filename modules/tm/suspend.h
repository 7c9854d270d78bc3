/* SPDX-License-Identifier: BSD-2-Clause */
/* Transactions that nobody runs for a while: the script has ended without an answer, and somebody goes on with another of its routes later (t_suspend() and
 * t_continue() of the family). Such a transaction needs no worker: it outlives the one that suspended it. */
#ifndef TM_SUSPEND_H
#define TM_SUSPEND_H

#include "modules/tm/fsm.h"

/* Any worker asks. True: t is suspended at this moment, and nobody goes on with it yet. */
static inline bool suspension_lasts(const struct trans *t)
{
	return atomic_load(&t->suspended) & 1;
}

/* For ctx's request, which gets a transaction if it has none, once the script has ended. When nobody goes on with it within fr_inv_timer (fr_timer for other
 * requests) or its lifetime, that is like a branch which does not answer. FN_TRUE, and the transaction's id; FN_END: it is a retransmission;
 * FN_FALSE: logged why. */
int trans_suspend(struct ctx *ctx, uint64_t *id_r);
/* Any worker, also while another one has the transaction: the route of that name runs as its request's again, at once or soon. 0; -ESRCH: there is no such
 * transaction, or it is not suspended (any more); -ENOENT: there is no such route that may; -ENOMEM. */
int trans_continue(struct worker *w, uint64_t id, struct str route);

/* --- the runner's ------------------------------------------------------------------------------------------------------------------- */
/* It was asked to go on with the suspension of that number. */
void suspension_continue(struct turn *x, uint32_t number, struct str route);
/* Goes on, if that was asked for while a script ran. */
void suspension_run(struct turn *x);
/* Nobody has gone on with it in time; true: that was so. */
bool suspension_due(struct turn *x);
/* It is not suspended any more. Legal when it is not. */
void suspension_end(struct turn *x);

#endif
