/* SPDX-License-Identifier: BSD-2-Clause */
/* Contexts that wait in this worker: put aside, gone on with, ended. */
#ifndef MSG_PARK_H
#define MSG_PARK_H

#include "core/msg/worker.h"

/* ctx->wait is filled: the context waits from now on. What cannot wait (too many) is answered 503 and ended. Without a script ctx->finish follows when it
 * has gone on. */
void ctx_park(struct ctx *ctx);
/* The script has run, or there is none: ctx->finish does what is left to do, the transaction is let go of, and the context ended. */
void ctx_finish(struct ctx *ctx);
/* The machine's answer: finishes or parks the context. */
void script_ran(struct ctx *ctx, enum script_result result);
/* CANCELs that other workers took. */
bool park_turn(struct msg_worker *mw);
/* The worker ends: nothing waits any longer. */
void park_stop(struct msg_worker *mw);
/* Answers for the dead worker of this slot. */
void park_recover(struct worker *w);

#endif
