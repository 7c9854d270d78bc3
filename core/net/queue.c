/* SPDX-License-Identifier: BSD-2-Clause */
/* The order of stores in which messages come and go, and how a half-done step is finished. */
#include "core/net/queue.h"

#include "core/mem/fault.h"

#include <string.h>

#define TRIM_AT_ONCE 32u

void queue_fresh(struct queue *q)
{
	lock_init(&q->lock, LOCK_INBOX);
	queue_init(q);
}

void queue_init(struct queue *q)
{
	atomic_store(&q->head, NULL);
	q->tail = NULL;
	atomic_store(&q->appending, NULL);
	atomic_store(&q->removing, NULL);
	atomic_store(&q->end, 0);
	atomic_store(&q->done, 0);
}

/* The chunk is linked behind what the links lead to; doing it twice changes nothing. */
static void append_finish(struct shm *shm, struct queue *q, struct queued *m)
{
	struct queued *last = NULL;

	if (chunk_state(shm, m) == MEM_BUILDING)
		chunk_publish(shm, m);
	for (struct queued *i = atomic_load(&q->head); i; i = atomic_load(&i->next))
		last = i;
	if (!last)
		atomic_store(&q->head, m);
	else if (last != m)
		atomic_store(&last->next, m);
	q->tail = m;
	atomic_store(&q->end, m->at + m->n);
	atomic_store(&q->appending, NULL);
}

/* A head that was not marked yet stays where it is. */
static void remove_finish(struct shm *shm, struct queue *q, struct queued *m)
{
	if (atomic_load(&q->head) == m && chunk_state(shm, m) == MEM_DYING)
		atomic_store(&q->head, atomic_load(&m->next));
	if (!atomic_load(&q->head))
		q->tail = NULL;
	atomic_store(&q->removing, NULL);
}

static void mend_locked(struct shm *shm, struct queue *q)
{
	struct queued *appending = atomic_load(&q->appending),
		      *removing = atomic_load(&q->removing);

	if (removing)
		remove_finish(shm, q, removing);
	if (appending)
		append_finish(shm, q, appending);
}

void queue_lock(const struct queue_user *u, struct queue *q)
{
	atomic_store(u->locking, q);
	lock_take(&q->lock);
	FAULT("net.queue.locked");
	mend_locked(u->shm, q);
}

void queue_unlock(const struct queue_user *u, struct queue *q)
{
	FAULT("net.queue.unlocking");
	lock_drop(&q->lock);
	atomic_store(u->locking, NULL);
}

void queue_recover(struct shm *shm, struct queue *_Atomic *locking)
{
	struct queue *q = atomic_load(locking);

	if (!q)
		return;
	lock_take(&q->lock);
	mend_locked(shm, q);
	lock_drop(&q->lock);
	atomic_store(locking, NULL);
}

struct queued *queued_room(struct shm *shm, uint64_t owner, size_t room)
{
	struct queued *m = room > INT32_MAX ? NULL : chunk_alloc(shm, sizeof(*m) + room, owner);

	if (m)
		*m = (struct queued){ .n = 0 };
	return m;
}

struct queued *queued_new(struct shm *shm, uint64_t owner, const struct iovec *iov, unsigned n)
{
	struct queued *m;
	size_t size = 0;

	for (unsigned i = 0; i < n; i++)
		size += iov[i].iov_len;
	m = queued_room(shm, owner, size);
	if (!m)
		return NULL;
	for (unsigned i = 0; i < n; i++) {
		if (iov[i].iov_len)
			memcpy(m->data + m->n, iov[i].iov_base, iov[i].iov_len);
		m->n += (uint32_t)iov[i].iov_len;
	}
	FAULT("net.queue.built");
	return m;
}

void queue_append_locked(const struct queue_user *u, struct queue *q, struct queued *m)
{
	m->at = atomic_load(&q->end);
	atomic_store(&m->next, NULL);
	atomic_store(&q->appending, m);
	FAULT("net.queue.appending");
	chunk_publish(u->shm, m);
	FAULT("net.queue.published");
	if (q->tail)
		atomic_store(&q->tail->next, m);
	else
		atomic_store(&q->head, m);
	FAULT("net.queue.linked");
	q->tail = m;
	atomic_store(&q->end, m->at + m->n);
	atomic_store(&q->appending, NULL);
}

struct queued *queue_take_locked(const struct queue_user *u, struct queue *q)
{
	struct queued *m = atomic_load(&q->head), *next;

	if (!m)
		return NULL;
	next = atomic_load(&m->next);
	atomic_store(&q->removing, m);
	FAULT("net.queue.removing");
	chunk_dying(u->shm, m);
	FAULT("net.queue.dying");
	atomic_store(&q->head, next);
	FAULT("net.queue.unlinked");
	if (!next)
		q->tail = NULL;
	atomic_store(&q->removing, NULL);
	return m;
}

unsigned queue_pieces(struct queue *q, struct iovec *iov, unsigned max)
{
	uint64_t done = atomic_load(&q->done);
	unsigned n = 0;

	for (struct queued *m = atomic_load(&q->head); m && n < max; m = atomic_load(&m->next)) {
		uint64_t skip = done > m->at ? done - m->at : 0;

		if (skip >= m->n)
			continue;
		iov[n].iov_base = m->data + skip;
		iov[n++].iov_len = m->n - skip;
	}
	return n;
}

uint64_t queue_trim(const struct queue_user *u, struct queue *q)
{
	uint64_t done = atomic_load(&q->done), bytes = 0;
	struct queued *taken[TRIM_AT_ONCE], *m = atomic_load(&q->head);
	unsigned n;

	if (!m || m->at + m->n > done)
		return 0;
	do {
		queue_lock(u, q);
		for (n = 0; n < TRIM_AT_ONCE; n++) {
			m = atomic_load(&q->head);
			if (!m || m->at + m->n > done)
				break;
			bytes += m->n;
			taken[n] = queue_take_locked(u, q);
		}
		queue_unlock(u, q);
		for (unsigned i = 0; i < n; i++)
			chunk_free(u->shm, taken[i]);
	} while (n == TRIM_AT_ONCE);
	return bytes;
}
