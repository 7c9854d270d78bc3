/* SPDX-License-Identifier: BSD-2-Clause */
/* Judges workers without asking them: by busy_since, the count of their turns, and main's own ticks. */
#ifndef RUN_WATCHDOG_H
#define RUN_WATCHDOG_H

#include "core/run/worker.h"

#define WATCHDOG_TICK_MS 50u

struct watchdog;

struct watchdog *watchdog_new(struct run *run);
void watchdog_drop(struct watchdog **wp);
/* The slot has a new worker. */
void watchdog_forget(struct watchdog *wd, unsigned slot);
/* One tick. A tick that came late does not count against anybody (nor make one busy). Pokes idle workers when datagrams wait while another is busy. Returns a slot whose
 * worker has been stuck for timeout_ms and is to be killed, one that holds a lock first, at most one a second; -1: none. */
int watchdog_tick(struct watchdog *wd, uint64_t now, int64_t timeout_ms);
/* In the same turn for 100 ms, or not seen for longer than it may sleep: gets no new work. */
bool watchdog_is_busy(const struct watchdog *wd, unsigned slot);

#endif
