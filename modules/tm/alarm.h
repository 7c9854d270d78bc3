/* SPDX-License-Identifier: BSD-2-Clause */
/* When a transaction is looked at next. The deadline is a word of its row; the timer is private to the worker that owns it, which is the last one that
 * made the deadline earlier. Another worker that makes it earlier becomes the owner: the timer left behind finds out when it fires. */
#ifndef TM_ALARM_H
#define TM_ALARM_H

#include "modules/tm/trans.h"

/* Calls due in this process, once t's deadline has come, if t is live and this worker owns it. */
void alarms_start(void (*due)(struct trans *t));
void alarms_stop(void);
/* The runner's: t is to be looked at then (clock_ms). -ENOMEM: the owner did not change; where it was to be this worker, nobody will look. */
int alarm_at(struct trans *t, uint64_t deadline);
/* It has ended: this worker's timer for it, if it has one, is stopped. */
void alarm_off(struct trans *t);
/* The successor's: its timers for all that the slot owns. */
void alarms_recover(void);

#endif
