/* SPDX-License-Identifier: BSD-2-Clause */
/* The server transactions by what their requests carry (RFC 3261 17.2.3): keyed MAC of the top Via's branch (of a Via without the cookie: sent-by,
 * Call-ID, From tag and CSeq number, and then the Request-URI, too), sent-by, and method. Readers take no lock: a list changes by one store, and what was taken out leads on to what stood behind
 * it until every worker has begun another turn. Writers of a stripe take its lock (LOCK_TRANS). */
#ifndef TM_TABLE_H
#define TM_TABLE_H

#include "modules/tm/trans.h"

/* Before the first fork. NULL: no memory. */
struct table *table_new(struct shm *s);

/* What method's transaction of ctx's request is known by; computes ctx->trans_mac if it is 0. */
uint32_t trans_kind(const struct ctx *ctx, struct str method);
/* NULL: there is none. Costs no lock. */
struct trans *table_find(struct ctx *ctx, struct str method);
/* Sets key and kind, and puts it in. -EEXIST: the same request has a transaction. */
int table_in(struct trans *t, struct ctx *ctx);
/* Legal when it is not in. */
void table_out(struct trans *t);

#endif
