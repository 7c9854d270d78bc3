/* SPDX-License-Identifier: BSD-2-Clause */
/* When a worker calls another one to the UDP sockets, and when it leaves them.
 *
 * Nobody counts: who listens is seen from the slots' own words, and from their turns whether they do so in fact, so that a death or a stopped worker
 * leaves nothing wrong. Should two leave at once, both look again and stay; should nobody be left all the same, main sees a datagram waiting and pokes. */
#include "core/net/share.h"

#include "core/net/state.h"

/* A turn that takes longer delays the datagrams behind it: this one's. */
#define LONG_TURN_US 2000u
/* A worker that is well begins a turn each second. */
#define LOOK_MS 1500u

static bool slot_listens(const struct net_worker *nw, unsigned n)
{
	return n != nw->w->n && atomic_load(&nw->net->shared->slots[n].listens) &&
	       nw->w->run->slots[n].state == SLOT_RUNNING;
}

/* The turns of all others that listen: it rises while one of them lives. */
static uint64_t others_turns(const struct net_worker *nw)
{
	uint64_t turns = 0;

	for (unsigned i = 0; i < nw->w->run->slots_n; i++) {
		if (slot_listens(nw, i))
			turns += atomic_load_explicit(&nw->w->run->slots[i].turns,
						      memory_order_relaxed);
	}
	return turns;
}

static void count_anew(struct net_worker *nw)
{
	nw->share.wakings = nw->share.datagrams = 0;
	nw->share.others_turns = others_turns(nw);
}

void share_join(struct net_worker *nw)
{
	nw->share.listens = true;
	atomic_store(&nw->slot->listens, 1);
	count_anew(nw);
}

static void call_for_help(struct net_worker *nw)
{
	for (unsigned i = 0; i < nw->w->run->slots_n; i++) {
		struct slot *s = &nw->w->run->slots[i];

		if (i == nw->w->n || s->state != SLOT_RUNNING ||
		    atomic_load(&nw->net->shared->slots[i].listens))
			continue;
		if (!atomic_exchange(&s->poked, 1))
			slot_wake(s);
		return;
	}
}

/* A living one listens beside us, and there is not enough to do for two. */
static bool is_needless(const struct net_worker *nw)
{
	const struct share *s = &nw->share;

	return s->datagrams < SHARE_FEW * s->wakings && others_turns(nw) > s->others_turns;
}

bool share_turn(struct net_worker *nw)
{
	struct share *s = &nw->share;

	if (!s->listens || !s->woken)
		return false;
	s->woken = false;
	s->full_turns = s->full ? s->full_turns + 1 : 0;
	s->full = false;
	if (s->full_turns >= SHARE_CROWDED || nw->w->last_turn_us >= LONG_TURN_US)
		call_for_help(nw);
	s->wakings += s->slept;
	s->slept = false;
	if (s->wakings < SHARE_WAKINGS)
		return false;
	if (!is_needless(nw)) {
		count_anew(nw);
		return false;
	}
	atomic_store(&nw->slot->listens, 0);
	if (others_turns(nw) == 0) { /* the other one left at the same time */
		share_join(nw);
		return false;
	}
	s->listens = false;
	s->look_at = 0;
	return true;
}

bool share_is_left_alone(struct net_worker *nw)
{
	struct share *s = &nw->share;
	uint64_t turns, now = nw->w->now;
	bool alone;

	if (s->listens || now < s->look_at)
		return false;
	turns = others_turns(nw);
	alone = s->look_at && turns <= s->others_turns;
	s->others_turns = turns;
	s->look_at = now + LOOK_MS;
	return alone;
}
