/* SPDX-License-Identifier: BSD-2-Clause */
/* Locks between processes that survive the death of their holder. Held for pointer work only: no system call, no log, no callback.
 * Order: inbox -> table -> slab -> pages, never two of one kind (MUST). A lock lies in a row that is never given back. */
#ifndef MEM_LOCK_H
#define MEM_LOCK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* What a lock guards; each kind has one repair, registered before the first fork. */
enum lock_kind {
	LOCK_PAGES,
	LOCK_SLAB,
	LOCK_TABLE,
	LOCK_INBOX,
	LOCK_WAITING,
	LOCK_SHV,
	LOCK_TRANS,
	LOCK_KINDS
};

struct lock {
	pthread_mutex_t mutex;
	uint8_t kind;
};

/* Makes what the lock guards whole again; called with the lock held, in whatever process took it first after its holder died. guarded is
 * what was given to lock_init. Must not fail. */
typedef void lock_repair_cb(struct lock *l);
void lock_repair_set(enum lock_kind kind, lock_repair_cb *repair);

void lock_init(struct lock *l, enum lock_kind kind);
/* Waits for the lock, repairs after a dead holder. Never fails; a lock that cannot be recovered ends the process by MUST, which main
 * answers with fresh memory. */
void lock_take(struct lock *l);
/* The same without waiting for more than a few hundred spins: for main, which must not sleep on a stopped worker. False: try again later. */
bool lock_try(struct lock *l);
void lock_drop(struct lock *l);

/* This process's longest wait for any lock so far, in microseconds, and how many locks it repaired; read by the statistics. Waits are
 * only measured when the lock was not free at once. */
struct lock_stats {
	uint64_t longest_wait_us;
	uint64_t waits;
	uint64_t repaired;
};
extern struct lock_stats *lock_stats; /* this process's; points to its slot row after the fork */
/* How many locks this process holds now (0 in a loop turn's idle part); the watchdog reads it from the slot row through this pointer. */
extern uint32_t *lock_held;

#endif
