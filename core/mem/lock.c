/* SPDX-License-Identifier: BSD-2-Clause */
/* Robust, process-shared mutexes: who repairs after a death, how long a wait took, and that the order of locks is kept. */
#include "core/mem/lock.h"

#include "core/base/clock.h"
#include "core/base/must.h"
#include "core/mem/fault.h"

#include <errno.h>
#include <time.h>

#define SLEEP_NS 5000000

#define SPINS_TAKE \
	100 /* tries before this process sleeps: sections are shorter than a sleep and a wake-up */
#define SPINS_TRY 300

static lock_repair_cb *repairs[LOCK_KINDS];
static struct lock_stats private_stats;
static uint32_t private_held;
static unsigned kinds_held; /* bits of enum lock_kind; of this process only */

struct lock_stats *lock_stats = &private_stats;
uint32_t *lock_held = &private_held;

void lock_repair_set(enum lock_kind kind, lock_repair_cb *repair)
{
	repairs[kind] = repair;
}

void lock_init(struct lock *l, enum lock_kind kind)
{
	pthread_mutexattr_t attr;

	MUST(kind < LOCK_KINDS);
	l->kind = (uint8_t)kind;
	MUST(!pthread_mutexattr_init(&attr));
	MUST(!pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ERRORCHECK));
	MUST(!pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED));
	MUST(!pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST));
	MUST(!pthread_mutex_init(&l->mutex, &attr));
	pthread_mutexattr_destroy(&attr);
}

static inline void spin(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ __volatile__("yield");
#endif
}

/* EBUSY after that many tries, else what the mutex says. */
static int try_often(struct lock *l, unsigned tries)
{
	int err = EBUSY;

	for (unsigned i = 0; i < tries && err == EBUSY; i++) {
		spin();
		err = pthread_mutex_trylock(&l->mutex);
	}
	return err;
}

/* The lock is ours, err is 0 or EOWNERDEAD. Dying here again is legal: the next one to come repairs from the start. */
static void taken(struct lock *l, int err)
{
	MUST(err == 0 || err == EOWNERDEAD);
	kinds_held |= 1u << l->kind;
	++*lock_held;
	if (!err)
		return;
	FAULT("lock.repair");
	if (repairs[l->kind])
		repairs[l->kind](l);
	FAULT("lock.repaired");
	MUST(!pthread_mutex_consistent(&l->mutex));
	lock_stats->repaired++;
}

/* Sleeps for the lock. A waiter that was woken and is killed before it has the lock takes its waking with it, and when somebody else took the lock
 * meanwhile without having slept, nobody wakes the next one: so none sleeps for long without looking. */
static int sleep_for(struct lock *l)
{
	struct timespec until;
	int err;

	do {
		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_nsec += SLEEP_NS;
		if (until.tv_nsec >= 1000000000) {
			until.tv_nsec -= 1000000000;
			until.tv_sec++;
		}
		err = pthread_mutex_clocklock(&l->mutex, CLOCK_MONOTONIC, &until);
	} while (err == ETIMEDOUT);
	return err;
}

static int wait_for(struct lock *l)
{
	uint64_t begin = clock_us(), us;
	int err = try_often(l, SPINS_TAKE);

	if (err == EBUSY)
		err = sleep_for(l);
	us = clock_us() - begin;
	lock_stats->waits++;
	if (us > lock_stats->longest_wait_us)
		lock_stats->longest_wait_us = us;
	return err;
}

void lock_take(struct lock *l)
{
	int err;

	/* The kinds are numbered against the order of locks: all that are held must be above this one. */
	MUST(!(kinds_held & ((2u << l->kind) - 1)));
	err = pthread_mutex_trylock(&l->mutex);
	if (err == EBUSY)
		err = wait_for(l);
	taken(l, err);
}

bool lock_try(struct lock *l)
{
	int err;

	MUST(!(kinds_held & ((2u << l->kind) - 1)));
	err = pthread_mutex_trylock(&l->mutex);
	if (err == EBUSY)
		err = try_often(l, SPINS_TRY);
	if (err == EBUSY)
		return false;
	taken(l, err);
	return true;
}

void lock_drop(struct lock *l)
{
	--*lock_held;
	kinds_held &= ~(1u << l->kind);
	MUST(!pthread_mutex_unlock(&l->mutex));
}
