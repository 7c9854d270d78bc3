/* SPDX-License-Identifier: BSD-2-Clause */
/* What the core asks of a module of transactions: core/msg/stateful.h. */
#ifndef TM_HOOKS_H
#define TM_HOOKS_H

#include "modules/tm/trans.h"

extern const struct trans_hooks tm_hooks;

/* What could not be sent, and was told of when connections were taken over: before process_start(). */
void tm_early_tell(struct worker *w);

/* A worker begins, as the slot's first or as a successor: takes up what the slot owned, finishes what its dead worker began. */
void tm_recover_start(struct worker *w);

#endif
