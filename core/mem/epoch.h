/* SPDX-License-Identifier: BSD-2-Clause */
/* When may memory that others might still be looking at be reused: when every living slot has begun a new loop turn since it was
 * unlinked. At the top of a turn a worker holds no shared pointers, only ids. */
#ifndef MEM_EPOCH_H
#define MEM_EPOCH_H

#include "core/mem/shm.h"

struct epochs;

struct epochs *epochs_new(struct shm *s, unsigned slots);
/* This slot begins a turn. */
void epoch_turn(struct epochs *e, unsigned slot);
/* This slot is about to wait for events and holds no shared pointers: it holds nothing up until its next epoch_turn. */
void epoch_idle(struct epochs *e, unsigned slot);
/* The slot lives (counts) or not: a dead, paused or ended one holds nothing up. */
void epoch_alive(struct epochs *e, unsigned slot, bool alive);
/* A mark of now: what is unlinked now may be reused when epoch_passed(mark). */
uint64_t epoch_mark(struct epochs *e);
bool epoch_passed(struct epochs *e, uint64_t mark);

/* Waits until everybody else has begun a turn, waits or is dead: nobody looks any more at what was unlinked before. For a process that holds no shared pointers. As long
 * as the longest turn of another; who is stuck is killed. */
void epoch_wait(struct epochs *e, unsigned slot);

/* A process's list of things that wait, in order. In private memory: what waits is in state dying, so a successor finds it by that. */
struct limbo;
struct limbo *limbo_new(struct epochs *e);
void limbo_drop(struct limbo **lp); /* frees everything at once */
/* Calls release(obj, arg) from limbo_run once all have passed. -ENOMEM: not taken. */
int limbo_add(struct limbo *l, void (*release)(void *obj, void *arg), void *obj, void *arg);
void limbo_run(struct limbo *l);

#endif
