/* SPDX-License-Identifier: BSD-2-Clause */
/* Digests of messages that a worker died of, against their retransmissions: the last sixteen. */
#ifndef RUN_KILLERS_H
#define RUN_KILLERS_H

#include "core/base/mac.h"
#include "core/mem/shm.h"

struct killers;

enum killer {
	KILLER_NOT,
	KILLER_IN_CORE,	 /* the worker died outside of a route: the message is dropped */
	KILLER_IN_ROUTE, /* it died in a route: the message passes without it */
};

struct killers *killers_new(struct shm *s);
/* By the successor, after a fault signal or the watchdog's kill. */
void killers_add(struct killers *k, struct str message, enum killer how);
/* Costs one load when there are none. */
enum killer killers_find(const struct killers *k, struct str message);

#endif
