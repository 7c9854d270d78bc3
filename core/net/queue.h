/* SPDX-License-Identifier: BSD-2-Clause */
/* What waits to be sent on a stream, in shared memory: any worker appends, the owner of the queue takes from its head.
 *
 * Places in the stream are counted from its beginning: a message lies at at..at+n, the kernel has taken the bytes below done. So what is
 * left to send follows from one number, and one store says that bytes were sent.
 *
 * The lock guards head, tail, end and the links. A holder's death leaves appending or removing set; whoever takes the lock next finishes
 * what was begun (queue_lock does). That happens before shm_recover of the dead slot, because its successor takes the lock named by
 * net_slot.locking first of all: a chunk is still what it was. */
#ifndef NET_QUEUE_H
#define NET_QUEUE_H

#include "core/base/str.h"
#include "core/mem/shm.h"

#include <stdatomic.h>
#include <sys/uio.h>

/* A message, at the start of its chunk. */
struct queued {
	struct queued *_Atomic next;
	uint64_t at;
	uint64_t token;
	int32_t reason; /* notices: why it will not be sent */
	uint32_t n;
	uint32_t slot; /* whose worker queued it */
	char data[];
};

struct queue {
	struct lock lock;
	struct queued *_Atomic head;
	struct queued *tail;
	struct queued *_Atomic appending, *_Atomic removing;
	_Atomic uint64_t end;
	_Atomic uint64_t done;
};

/* Who takes locks of queues: locking is the word of its slot's row. */
struct queue_user {
	struct shm *shm;
	struct queue *_Atomic *locking;
};

/* Once for each place in memory. */
void queue_fresh(struct queue *q);
/* A new life: empty, at the beginning of a stream. */
void queue_init(struct queue *q);

void queue_lock(const struct queue_user *u, struct queue *q);
void queue_unlock(const struct queue_user *u, struct queue *q);
/* Finishes what a dead worker began in the queue that its row names. In its successor, before shm_recover. */
void queue_recover(struct shm *shm, struct queue *_Atomic *locking);

/* A message of the pieces' bytes in a chunk of owner's, building. NULL: no memory. */
struct queued *queued_new(struct shm *shm, uint64_t owner, const struct iovec *iov, unsigned n);
/* The same, empty, with room for that many bytes. */
struct queued *queued_room(struct shm *shm, uint64_t owner, size_t room);
/* With the lock held; the message becomes live. */
void queue_append_locked(const struct queue_user *u, struct queue *q, struct queued *m);
/* Takes the head out. The caller frees it with chunk_free when the lock is dropped; until then it is dying in this slot's name. */
struct queued *queue_take_locked(const struct queue_user *u, struct queue *q);

static inline uint64_t queue_waiting(const struct queue *q)
{
	uint64_t done = atomic_load_explicit(&q->done, memory_order_relaxed);
	uint64_t end = atomic_load_explicit(&q->end, memory_order_relaxed);

	/* the owner may have sent of a message that is linked and not counted yet */
	return end > done ? end - done : 0;
}
/* At most max pieces of what is to be sent next; returns how many. Only by the owner, without the lock. */
unsigned queue_pieces(struct queue *q, struct iovec *iov, unsigned max);
/* Frees the messages below done. Only by the owner. Returns their bytes. */
uint64_t queue_trim(const struct queue_user *u, struct queue *q);

#endif
