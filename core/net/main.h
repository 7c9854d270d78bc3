/* SPDX-License-Identifier: BSD-2-Clause */
/* main's side of connections, in its private memory: which descriptors it keeps, what it still has to hand over, which rows wait to be freed.
 * Nothing here waits for a lock. */
#ifndef NET_MAIN_H
#define NET_MAIN_H

#include "core/net/sources.h"
#include "core/net/state.h"

/* What main knows of the connection at an index. */
struct kept {
	uint64_t id;			  /* 0: none */
	int fd;				  /* -1: no duplicate */
	bool counted;			  /* in sources */
	bool secure;			  /* in secure_kept */
	bool handing;			  /* in the list of those that are to be handed over */
	bool gone;			  /* in the list of those whose row waits for its epoch */
	uint64_t mark;			  /* gone: its epoch */
	uint32_t next_gone, next_handing; /* in these lists: index + 1 */
};

/* A list of indexes, first in, first out. */
struct line {
	uint32_t first, last; /* index + 1 */
};

struct accepting {
	struct watch watch;
	struct net_main *main;
	const struct listener *listener;
	bool watched;
};

struct net_main {
	struct run *run;
	struct net *net;
	struct loop *loop;
	slot_pick_cb *pick_slot;
	void *arg;
	struct kept *kept; /* by index */
	unsigned held;	   /* descriptors in it */
	struct sources *sources;
	struct line handing, gone;
	struct accepting *accepting; /* one for each listening stream socket */
	unsigned accepting_n;
	uint64_t pause_until; /* accepting waits; 0: it goes on */
	bool stopped;	      /* accepts nothing any more */
	int spare_fd;	      /* given up for a moment when there is no other descriptor */
	int row_fd;	      /* accepted, but no row was to be had at once; -1 */
	struct addr row_peer;
	const struct listener *row_listener;
};

/* accept.c */
int accept_start(struct net_main *nm);
void accept_stop(struct net_main *nm);
/* Goes on where it had to stop. */
void accept_turn(struct net_main *nm);

/* keep.c */
void keep_add(struct net_main *nm, const struct conn *c, int fd, bool counted);
/* To be sent to a worker, now or as soon as one has room. */
void keep_hand_over(struct net_main *nm, uint32_t index);

#endif
