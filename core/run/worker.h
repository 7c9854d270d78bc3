/* SPDX-License-Identifier: BSD-2-Clause */
/* What every layer gets handed: the router as made before the first fork, and this process's part of it. */
#ifndef RUN_WORKER_H
#define RUN_WORKER_H

#include "core/mem/epoch.h"
#include "core/mem/shm.h"
#include "core/run/channel.h"
#include "core/run/loop.h"
#include "core/run/rows.h"
#include "core/run/slot.h"
#include "core/run/timer.h"

/* The router: made by main before the first fork. Pointers lead into the shared mapping or to memory that all processes inherited and nobody
 * changes. */
struct run {
	struct shm *shm;
	struct epochs *epochs;
	struct slot *slots; /* slots_n rows, shared */
	unsigned slots_n;
	struct channel *channels;	  /* descriptors, inherited */
	const struct conf *_Atomic *conf; /* the published configuration; the word is shared */
	_Atomic uint32_t *draining;	  /* shared: 1 once TERM came */
	int main_eventfd;		  /* wakes main */
	struct net *net;		  /* core/net */
	struct msgs *msgs;		  /* core/msg: shared tables of waiting requests, keys */
};

/* This worker. In private memory, made after the fork. */
struct worker {
	struct run *run;
	unsigned n;
	struct slot *slot;
	struct loop *loop;
	struct timers *timers;
	struct limbo *limbo;
	uint64_t now;		/* clock_ms, read once a turn */
	struct net_worker *net; /* core/net's private part */
	struct msg_worker *msg; /* core/msg's private part */
};

static inline const struct conf *worker_conf(const struct worker *w)
{
	return atomic_load_explicit(w->run->conf, memory_order_acquire);
}

static inline bool worker_draining(const struct worker *w)
{
	return atomic_load_explicit(w->run->draining, memory_order_relaxed) != 0;
}

#endif
