/* SPDX-License-Identifier: BSD-2-Clause */
/* What other modules are told of transactions, and may ask. */
#ifndef TM_WATCH_H
#define TM_WATCH_H

#include "modules/tm/api.h"
#include "modules/tm/fsm.h"

/* Of api.h. */
bool watch_branch_next(struct ctx *ctx, unsigned *at, struct tm_branch *b_r);
int watch_add(const struct tm_watcher *watcher);

/* The script leaves the request: notes in b what is to be told of it. */
void watch_begin(struct body *b, struct ctx *ctx);
/* x->text has gone up. script: the context that runs for the transaction; NULL: none does. */
void watch_answered(struct turn *x, struct ctx *script);
/* ctx is about to run a failure route. */
void watch_failed(struct turn *x, struct ctx *ctx);
/* An ACK was sent on, a CANCEL was answered 200: there is no transaction for ctx's request. */
void watch_stateless(struct ctx *ctx, enum tm_event event);

#endif
