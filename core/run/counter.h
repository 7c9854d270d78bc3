/* SPDX-License-Identifier: BSD-2-Clause */
/* Counters: a row of numbers for each slot in shared memory, kept across deaths, summed on read; no locks. */
#ifndef RUN_COUNTER_H
#define RUN_COUNTER_H

#include "core/run/rows.h"

#define COUNTERS_MAX 1024u

/* Gives the group its place; before the first fork. -ENOSPC. */
int counters_register(struct counter_group *group);
/* This process counts into row (COUNTERS_MAX numbers). Before it is called, counts go to a private row. */
void counters_row_set(uint64_t *row);

extern uint64_t *counter_row; /* this process's */

static inline void counter_add(const struct counter_group *group, unsigned which, uint64_t n)
{
	/* only this process writes the row; others read it whole words at a time */
	__atomic_store_n(&counter_row[group->base + which], counter_row[group->base + which] + n,
			 __ATOMIC_RELAXED);
}

static inline void counter_inc(const struct counter_group *group, unsigned which)
{
	counter_add(group, which, 1);
}

/* Calls each with every registered group, in order. */
void counters_each(void (*each)(const struct counter_group *group, void *arg), void *arg);

#endif
