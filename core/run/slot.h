/* SPDX-License-Identifier: BSD-2-Clause */
/* A worker's row in shared memory: who it is, what it does at this moment and since when. What main judges by, and what a successor recovers from. */
#ifndef RUN_SLOT_H
#define RUN_SLOT_H

#include "core/base/addr.h"
#include "core/mem/shm.h"
#include "core/run/counter.h"

#include <stdatomic.h>

enum slot_state {
	SLOT_EMPTY,
	SLOT_STARTING,
	SLOT_RUNNING,
	SLOT_DRAINING,
	SLOT_DEAD,
	SLOT_PAUSED,
	SLOT_STOPPED
};

/* What a worker has in hand. Written before the first byte is looked at. */
enum hand_kind {
	HAND_NONE,
	HAND_DATAGRAM, /* text is the datagram */
	HAND_FRAME,    /* object is the connection, text the message */
	HAND_STREAM,   /* object is the connection whose bytes are in a decoder or framer */
	HAND_CONTEXT,  /* object is the waiting request that goes on, text its message */
};

#define SLOT_BUFFER 65536u

struct slot {
	_Atomic int32_t pid;
	_Atomic uint32_t state;
	_Atomic uint64_t
		turns; /* loop turns begun; rises at least once a second in a worker that is well */
	_Atomic uint64_t busy_since; /* clock_ms at which epoll_wait returned; 0 while it waits */
	_Atomic uint32_t connections;
	_Atomic uint32_t
		work; /* things that must end before a drain is over: suspended contexts, transactions */
	_Atomic uint64_t ready; /* 1: others have left something to do */
	_Atomic uint32_t poked; /* try every UDP socket */
	_Atomic uint32_t sweep; /* look at all own connections once */
	_Atomic uint32_t
		status_seq; /* write the status to the log when it differs from status_done */
	_Atomic uint32_t status_done;
	_Atomic uint32_t log_seq; /* open the log file again when it changes */
	uint32_t locks_held;
	struct lock_stats locks;
	_Atomic uint64_t longest_turn_us;

	_Atomic uint64_t
		confs; /* a bit for the place of each configuration that the worker may look at: generation.h */

	/* written by main before it forks a successor */
	int32_t died_pid;
	int32_t death_signal;
	bool killed_by_watchdog;

	/* in hand */
	_Atomic uint32_t hand;
	uint32_t hand_size;
	const char *hand_text; /* in the shared mapping */
	uint64_t hand_object;
	struct addr hand_src, hand_dst;
	const char *hand_transport_z;
	const char *_Atomic script_file_z; /* in the configuration's arena; NULL: no script runs */
	_Atomic uint32_t script_line;

	char *_Atomic buffer; /* a chunk of SLOT_BUFFER bytes that datagrams are received into */
	int eventfd;	      /* made by main; the same number in all processes */
	uint64_t counters[COUNTERS_MAX];
};

/* Wakes the slot's worker. Never blocks. */
void slot_wake(struct slot *s);
/* There is something for it to look at: wakes it unless it knows. */
void slot_ready(struct slot *s);
/* Wakes main, by its eventfd. */
void slot_wake_main(int main_eventfd);

/* Where what is in hand came from; before slot_hand. */
static inline void slot_hand_from(struct slot *s, const struct addr *src, const struct addr *dst,
				  const char *transport_z)
{
	s->hand_src = *src;
	s->hand_dst = *dst;
	s->hand_transport_z = transport_z;
}

static inline void slot_hand(struct slot *s, enum hand_kind kind, uint64_t object, struct str text)
{
	s->hand_object = object;
	s->hand_text = text.p;
	s->hand_size = (uint32_t)text.n;
	atomic_store_explicit(&s->hand, kind, memory_order_release);
}

#endif
