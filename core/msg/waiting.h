/* SPDX-License-Identifier: BSD-2-Clause */
/* The shared table of requests that wait (SIP.md 1 "Waiting"): what makes a retransmission or a CANCEL find the request in whatever worker it
 * arrives, and what lets a successor answer for a worker that died.
 *
 * A row for each waiting context, keyed as RFC 3261 17.2.3; ACKs, responses and what has a transaction have one too, outside of the table. Each bucket is a singly linked list that
 * changes by one store, so that a death at any moment leaves it whole; its lock keeps a row from being freed while another worker looks at it. A row
 * leaves the table before it is freed. Lock: LOCK_WAITING, held for pointer work only, with no other lock. */
#ifndef MSG_WAITING_H
#define MSG_WAITING_H

#include "core/msg/worker.h"

/* At most max rows. Before the first fork. NULL: no memory. */
struct waits *waits_new(struct shm *s, unsigned max);

enum wait_meet {
	MEET_NOTHING,
	MEET_RETRANSMISSION, /* of a request that waits */
	MEET_CANCELLED, /* the same of one that was cancelled: it gets its 487 again (RFC 3261 17.2.1) */
	MEET_CANCEL, /* of an INVITE that waits: it has been told */
};

/* Whether ctx's request concerns one that waits. Costs one load when none does. */
enum wait_meet waits_meet(struct ctx *ctx);

/* ctx waits for the first time; with a transaction the row only counts. 0; -ENOSPC: too many wait; -ENOMEM; -EEXIST: the same request waits already. */
int wait_enter(struct ctx *ctx);
/* What waited without a transaction has one now, which every worker can find: the row is found no more, and says nothing if this worker dies. True when a
 * CANCEL had come for it until then. Legal when it never waited. */
bool wait_hand_over(struct ctx *ctx);
/* It ends. Legal when it never waited. */
void wait_leave(struct ctx *ctx);
/* A CANCEL came for it. */
bool wait_is_cancelled(const struct ctx *ctx);
/* The request is answered or sent on: should this worker die, its successor says no more. */
void wait_answered(struct ctx *ctx);
/* The row's id and the text in shared memory: what the slot has in hand while ctx goes on. */
uint64_t wait_id(const struct ctx *ctx);
struct str wait_text(const struct ctx *ctx);

/* True once when CANCELs were posted to this slot since the last call. */
bool waits_posted(struct worker *w);
/* Gives back the rows that the slot's dead worker was making or freeing. */
void waits_recover(struct worker *w);
/* Takes the next row of the slot's dead worker away. *text_r is null when there is nothing to answer; the memory stays until waits_orphan_done. False: no
 * row is left. */
struct orphan {
	struct origin from;
	struct str text;
	void *row;
};
bool waits_orphan_next(struct worker *w, unsigned *at, struct orphan *o_r);
void waits_orphan_done(struct worker *w, struct orphan *o);

unsigned waits_used(const struct waits *ws);

#endif
