/* SPDX-License-Identifier: BSD-2-Clause */
/* The main process once everything is open: it forks the workers, watches them, starts successors, and ends them. It parses nothing, runs no script and
 * calls no library on data from outside. */
#ifndef RUN_MASTER_H
#define RUN_MASTER_H

#include "core/run/conf.h"
#include "core/run/worker.h"

enum master_end {
	MASTER_STOPPED, /* TERM or INT: all workers have ended */
	MASTER_AFRESH,	/* shared memory cannot be trusted any more: start the program again */
	MASTER_FAILED,	/* the workers do not start */
};

/* Makes what the slots need besides memory: rows, channels, eventfds. Before net_open. -errno. */
int master_slots_open(struct run *run, unsigned slots_n);

/* Forks the workers of run->slots_n slots and stays until the router ends. ready is called once when every worker runs. */
enum master_end master_run(struct run *run, void (*ready)(void *arg), void *arg);

#endif
