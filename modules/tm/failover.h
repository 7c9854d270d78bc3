/* SPDX-License-Identifier: BSD-2-Clause */
/* A name with several addresses: when one does not answer, or cannot be reached, the next one gets a branch of its own (RFC 3263 4.3). */
#ifndef TM_FAILOVER_H
#define TM_FAILOVER_H

#include "modules/tm/fsm.h"

/* Remembers what is needed to send to the addresses of q behind the first `tried` ones, with ctx as it was when the client was sent. */
void failover_keep(struct turn *x, struct ctx *ctx, struct client *c, const struct branch *b,
		   const struct nexthop *next, uint64_t loop, const struct resolve *q,
		   unsigned tried);
/* Branches for the next addresses of those that failed. */
void fail_over(struct turn *x);

#endif
