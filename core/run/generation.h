/* SPDX-License-Identifier: BSD-2-Clause */
/* Configurations in use: the published one and those that something still runs on. Each has a place, 0 to CONFS_MAX - 1.
 *
 * A worker takes the published configuration at the top of a turn and keeps it for the whole turn (w->conf). What outlives a turn, as a context that waits,
 * holds its configuration (generation_hold), in private memory. The slot's row has a bit for the place of each configuration that its worker may look at; a
 * successor begins with that of its own, so nothing is left of a worker that was killed. Main frees a configuration when it is published no more, every
 * living worker has begun a turn since, and no row has its bit. Nothing is counted in shared memory. */
#ifndef RUN_GENERATION_H
#define RUN_GENERATION_H

#include "core/run/worker.h"

struct generations;

/* --- in main ------------------------------------------------------------------------------------------------------------------------------ */
/* The first configuration, published: before the first fork. Sets run->conf. -ENOMEM. */
int generations_open(struct run *run, const struct conf *first);
/* A place for one more, or -1: all are in use. */
int generation_place(const struct run *run);
/* The arena of conf is published here; workers are woken to take it. */
void generation_publish(struct run *run, const struct conf *conf);
/* Frees what nobody uses any more (run->ops->conf_drop). Returns how many there still are, the published one among them. Waits for nothing. */
unsigned generations_retire(struct run *run);

/* --- in a worker --------------------------------------------------------------------------------------------------------------------------- */
/* At its start, before anything looks at w->conf. What the slot's row says of a predecessor stays until generation_start. */
void generation_first(struct worker *w);
/* Behind the process_start hooks: new_generation of all modules. 0 or a hook's -errno. */
int generation_start(struct worker *w);
/* At the top of a turn, once the epoch has moved on: takes what was published since, lets go of what is used no more. */
void generation_turn(struct worker *w);
/* conf is used beyond this turn, until it is released as often as it was held. */
void generation_hold(struct worker *w, const struct conf *conf);
void generation_release(struct worker *w, const struct conf *conf);
/* The worker ends: end_generation of all modules. */
void generation_stop(struct worker *w);

#endif
