/* SPDX-License-Identifier: BSD-2-Clause */
/* HUP: a child of main, the loader, makes a configuration; main publishes it, or the old one stays. In main.
 *
 * The loader may die or be killed at any stage: what it has taken of shared memory is building in the name SHM_LOADER, and another child gives it back. A
 * reload that is asked for while one is under way begins when that has ended; several such are one. At most CONFS_MAX configurations are in use: when
 * there is no place, a reload waits for the oldest. */
#ifndef RUN_RELOAD_H
#define RUN_RELOAD_H

#include "core/run/worker.h"

#include <sys/types.h>

#define RELOAD_TEXT 16384u

enum reload_outcome { RELOAD_NONE, RELOAD_GOOD, RELOAD_REFUSED, RELOAD_DIED };

/* What the last reload said, in shared memory (run->report), for whoever is asked. Who reads takes seq before and after: it is odd while a reload
 * is under way, and another when one was begun meanwhile. */
struct reload_report {
	_Atomic uint32_t seq;
	uint32_t outcome;    /* enum reload_outcome */
	uint64_t generation; /* that was made, or not */
	uint64_t us;	     /* from the beginning until it was published */
	uint64_t done, failed;
	uint32_t in_use; /* configurations, at the last look */
	/* by the loader */
	uint32_t errors, warnings;
	const struct conf *conf;
	char text_z[RELOAD_TEXT]; /* diagnostics, as -c prints them; cut where they are more */
};

struct reload;

/* NULL: no memory. Before the first fork. */
struct reload *reload_new(struct run *run, struct timers *timers);
/* Kills the loader if there is one. */
void reload_drop(struct reload **rp);
/* HUP came. */
void reload_ask(struct reload *r);
/* The child pid has ended with that status of waitpid's. False: it was none of ours. */
bool reload_child_ended(struct reload *r, pid_t pid, int status);
/* Once a tick: frees configurations, begins what waits. */
void reload_tick(struct reload *r);

#endif
