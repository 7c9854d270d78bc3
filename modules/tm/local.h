/* SPDX-License-Identifier: BSD-2-Clause */
/* Transactions of requests that are made here: nobody is upstream, what would go up is told to the maker. See api.h. */
#ifndef TM_LOCAL_H
#define TM_LOCAL_H

#include "modules/tm/api.h"
#include "modules/tm/fsm.h"

int local_send(struct worker *w, const struct tm_request *r, uint64_t *id_r);
bool local_cancel(struct worker *w, uint64_t id);

/* An answer for the maker of x's transaction; x->reply is the response, if one came now. text: of the answer, whole; null: there is none. */
void local_up(struct turn *x, unsigned status, struct str text);
/* event_route[tm:local-response], for the response that x is about. */
void local_response_run(struct turn *x);

#endif
