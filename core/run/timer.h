/* SPDX-License-Identifier: BSD-2-Clause */
/* Timers of this process: a hierarchical wheel of milliseconds. */
#ifndef RUN_TIMER_H
#define RUN_TIMER_H

#include "core/base/list.h"

#include <stdint.h>

struct timers;

struct timer {
	struct list link;
	uint64_t at; /* clock_ms at which it fires; 0: it does not run */
	struct timers *timers;
	void (*fire)(struct timer *t);
};

struct timers *timers_new(uint64_t now);
void timers_drop(struct timers **tp);
void timer_init(struct timer *t, struct timers *timers, void (*fire)(struct timer *t));
/* Calls t->fire in this process, once, ms milliseconds from now (the turn's now); a running timer is moved. The caller owns *t and stops it
 * before freeing it. Never fails. */
void timer_start(struct timer *t, uint32_t ms);
void timer_stop(struct timer *t);
static inline bool timer_runs(const struct timer *t)
{
	return t->at != 0;
}
/* Fires what is due at now, at most max timers; returns the milliseconds to the next one (0: more are due, -1: none runs). */
int timers_run(struct timers *timers, uint64_t now, unsigned max);
/* The time that timer_start counts from: that of the last timers_run or timers_now_set. */
uint64_t timers_now(const struct timers *timers);
void timers_now_set(struct timers *timers, uint64_t now);

#endif
