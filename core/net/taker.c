/* SPDX-License-Identifier: BSD-2-Clause */
/* What other workers handed to this one: messages of their busy connections (tray.h). */
#include "core/net/own.h"

#include "core/mem/fault.h"

#define TURN_MESSAGES 16u

/* What it had to wait for its owner and in the tray. */
static uint32_t late_us(const struct net_worker *nw, const struct handed *m)
{
	uint64_t ms = nw->w->now > m->at ? nw->w->now - m->at : 0;

	if (ms > (UINT32_MAX - m->from.late_us) / 1000)
		return UINT32_MAX;
	return m->from.late_us + (uint32_t)ms * 1000;
}

/* As stream.c does with a message of our own; true: the giver waits for this. */
static bool run_one(struct net_worker *nw, struct tray *t, const struct handed *m)
{
	struct slot *s = nw->w->slot;
	struct origin from = m->from;
	struct str bytes = str_of(m->data, m->n);
	bool wake;

	from.late_us = late_us(nw, m);
	tray_begin(t);
	slot_hand_from(s, &from.src, &from.dst, from.transport->name);
	slot_hand(s, HAND_FRAME, from.conn, bytes);
	FAULT("net.tray.message");
	nw->net->hooks.message(nw->w, &from, bytes);
	wake = tray_done(t);
	slot_hand(s, HAND_NONE, 0, STR_NULL);
	return wake;
}

/* At most so many. Returns how many were run. */
static unsigned tray_run(struct net_worker *nw, unsigned giver, struct tray *t, unsigned most)
{
	struct shm *shm = nw->w->run->shm;
	const struct handed *m;
	unsigned n;

	tray_clear(shm, t);
	for (n = 0; n < most && (m = tray_next(t)); n++) {
		bool wake = run_one(nw, t, m);

		tray_clear(shm, t);
		if (wake)
			slot_ready(&nw->w->run->slots[giver]);
	}
	return n;
}

void trays_turn(struct net_worker *nw)
{
	struct run *run = nw->w->run;

	if (!nw->trays_wait)
		return;
	nw->trays_wait = false;
	for (unsigned giver = 0; giver < run->slots_n; giver++) {
		struct tray *t = tray_between(run, giver, nw->w->n);

		tray_run(nw, giver, t, TURN_MESSAGES);
		nw->trays_wait |= tray_next(t) != NULL;
	}
}

/* While the router drains, who is not there any more has no successor. */
static bool has_ended(const struct slot *s)
{
	uint32_t state = atomic_load(&s->state);

	return state == SLOT_STOPPED || state == SLOT_DEAD || state == SLOT_PAUSED;
}

bool trays_drain(struct net_worker *nw)
{
	struct run *run = nw->w->run;

	for (unsigned i = 0; i < run->slots_n; i++) {
		struct tray *t = tray_between(run, nw->w->n, i);

		if (i == nw->w->n || !tray_waiting(t) || !has_ended(&run->slots[i]))
			continue;
		tray_mend_taker(run->shm, t, true);
		counter_add(&net_tcp_counters, TCP_TAKEN_BACK,
			    tray_run(nw, nw->w->n, t, TRAY_ROOM));
	}
	for (unsigned i = 0; i < run->slots_n; i++) {
		if (tray_next(tray_between(run, i, nw->w->n)))
			nw->trays_wait = true;
	}
	return nw->trays_wait;
}
