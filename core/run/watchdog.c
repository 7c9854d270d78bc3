/* SPDX-License-Identifier: BSD-2-Clause */
/* How long a worker may be in one turn, and how long it may sleep, measured in ticks that came in time. */
#include "core/run/watchdog.h"

#include <stdlib.h>

#define TICK_LATE_MS (3 * WATCHDOG_TICK_MS)
/* Behind a late tick the timer makes up for those that were missed, all at once. */
#define TICK_EARLY_MS (WATCHDOG_TICK_MS / 2)
#define BUSY_MS	      100u
/* A worker begins a turn each second even when nothing happens. */
#define ASLEEP_MS      1500u
#define KILLS_APART_MS 1000u

struct judged {
	uint64_t turns;
	uint32_t same_ms; /* ticks in which the turn did not change */
	bool busy;	  /* in the same turn (not asleep) */
};

struct watchdog {
	struct run *run;
	uint64_t last_tick, last_kill;
	unsigned waiting_ticks; /* in a row in which a datagram waited */
	struct judged slots[SHM_SLOTS_MAX];
};

struct watchdog *watchdog_new(struct run *run)
{
	struct watchdog *wd = calloc(1, sizeof(*wd));

	if (wd)
		wd->run = run;
	return wd;
}

void watchdog_drop(struct watchdog **wp)
{
	free(*wp);
	*wp = NULL;
}

void watchdog_forget(struct watchdog *wd, unsigned slot)
{
	wd->slots[slot] = (struct judged){ 0 };
}

bool watchdog_is_busy(const struct watchdog *wd, unsigned slot)
{
	const struct judged *j = &wd->slots[slot];

	return j->same_ms >= (j->busy ? BUSY_MS : ASLEEP_MS);
}

static bool is_alive(const struct slot *s)
{
	return s->pid > 0 && (s->state == SLOT_RUNNING || s->state == SLOT_STARTING);
}

static void judge(struct watchdog *wd, unsigned n)
{
	struct slot *s = &wd->run->slots[n];
	struct judged *j = &wd->slots[n];
	uint64_t turns = atomic_load(&s->turns);
	bool busy = atomic_load(&s->busy_since) != 0;

	if (turns != j->turns || busy != j->busy)
		*j = (struct judged){ .turns = turns, .busy = busy };
	else
		j->same_ms += WATCHDOG_TICK_MS;
}

/* EPOLLEXCLUSIVE wakes one worker for a datagram; when that one is busy or stopped, nobody else hears of it. A datagram that waits when a tick
 * comes late may have waited for as long, and on a machine where all ticks are late there is no other help. */
static void poke(struct watchdog *wd, bool late)
{
	bool waits = wd->run->ops->udp_waiting(wd->run);
	bool somebody_busy = false;

	wd->waiting_ticks = waits ? wd->waiting_ticks + (late ? 2 : 1) : 0;
	if (!waits)
		return;
	for (unsigned i = 0; i < wd->run->slots_n; i++)
		somebody_busy |= is_alive(&wd->run->slots[i]) && watchdog_is_busy(wd, i);
	if (!somebody_busy && wd->waiting_ticks < 2)
		return;
	for (unsigned i = 0; i < wd->run->slots_n; i++) {
		struct slot *s = &wd->run->slots[i];

		if (is_alive(s) && !watchdog_is_busy(wd, i)) {
			atomic_store(&s->poked, 1);
			slot_wake(s);
		}
	}
}

static int stuck_slot(const struct watchdog *wd, int64_t timeout_ms)
{
	int found = -1;

	for (unsigned i = 0; i < wd->run->slots_n; i++) {
		const struct slot *s = &wd->run->slots[i];
		const struct judged *j = &wd->slots[i];

		if (!is_alive(s) || j->same_ms < (uint64_t)timeout_ms + (j->busy ? 0 : ASLEEP_MS))
			continue;
		if (found < 0 || s->locks_held > 0)
			found = (int)i;
		if (s->locks_held > 0)
			break;
	}
	return found;
}

int watchdog_tick(struct watchdog *wd, uint64_t now, int64_t timeout_ms)
{
	bool late = wd->last_tick && now - wd->last_tick > TICK_LATE_MS;
	int stuck;

	if (wd->last_tick && now - wd->last_tick < TICK_EARLY_MS)
		return -1;
	wd->last_tick = now;
	for (unsigned i = 0; i < wd->run->slots_n && !late; i++)
		judge(wd, i);
	poke(wd, late);
	if (late || now - wd->last_kill < KILLS_APART_MS)
		return -1;
	stuck = stuck_slot(wd, timeout_ms);
	if (stuck >= 0)
		wd->last_kill = now;
	return stuck;
}
