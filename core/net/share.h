/* SPDX-License-Identifier: BSD-2-Clause */
/* How many workers wait for datagrams. Each that waits is woken for the same burst, and the second one mostly in vain: at a low load one listens and the
 * others sleep; it calls for help when it has too much to do. All are equal: whoever listens is the one that last had no reason to leave. */
#ifndef NET_SHARE_H
#define NET_SHARE_H

#include <stdbool.h>
#include <stdint.h>

struct net_worker;

/* Wakings by datagrams after which a worker judges whether it is needed. */
#define SHARE_WAKINGS 64u
/* A worker that found fewer datagrams than this at a waking, on average, is not needed beside another one. */
#define SHARE_FEW 8u
/* Turns in a row that find a whole batch of datagrams: more come than one can do. Fewer are a burst, and over before help is there. */
#define SHARE_CROWDED 4u

/* This worker's, zeroed at the start. */
struct share {
	bool listens;
	bool full;		     /* in this turn: a whole batch came */
	bool woken;		     /* in this turn: by a datagram */
	bool slept;		     /* in this turn: before it was woken */
	unsigned full_turns;	     /* in a row */
	unsigned wakings, datagrams; /* times it slept before datagrams came, and all that came */
	uint64_t others_turns;	     /* of the others that listen, when the counting began */
	uint64_t
		look_at; /* does not listen: when to look next whether others do; 0: not looked yet */
};

/* This worker listens from now on; the caller watches the sockets. */
void share_join(struct net_worker *nw);
/* The end of a turn. True: this worker is not needed, the caller unwatches the sockets. Wakes one that does not listen when this one cannot do it alone. */
bool share_turn(struct net_worker *nw);
/* The end of a turn of one that does not listen. True: the others that listen have not begun a turn for longer than one may sleep; the caller joins.
 * main sees a waiting datagram much earlier, unless it is held up itself. */
bool share_is_left_alone(struct net_worker *nw);

#endif
