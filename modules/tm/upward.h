/* SPDX-License-Identifier: BSD-2-Clause */
/* The response context (RFC 3261 16.7): what the branches' results together mean, and which answer goes up. */
#ifndef TM_UPWARD_H
#define TM_UPWARD_H

#include "modules/tm/fsm.h"

/* Called behind every event of a branch and behind every script: answers when all is known, tries the next address of a name, runs the failure route, cancels
 * what nobody needs any more. Does nothing while a script of the transaction runs or waits. */
void trans_decide(struct turn *x);
/* The best response goes up now, whatever a failure route might say. */
void trans_answer(struct turn *x);
/* The client whose final response is the best one; NULL: none has one. */
struct client *trans_best(const struct body *b);

#endif
