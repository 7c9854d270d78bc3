/* SPDX-License-Identifier: BSD-2-Clause */
/* What every layer gets handed: the router as made before the first fork, and this process's part of it. */
#ifndef RUN_WORKER_H
#define RUN_WORKER_H

#include "core/mem/epoch.h"
#include "core/mem/shm.h"
#include "core/run/channel.h"
#include "core/run/killers.h"
#include "core/run/loop.h"
#include "core/run/rows.h"
#include "core/run/slot.h"
#include "core/run/timer.h"

#include <stdio.h>

/* The router: made by main before the first fork. Pointers lead into the shared mapping or to memory that all processes inherited and nobody
 * changes. */
struct run {
	struct shm *shm;
	struct epochs *epochs;
	struct slot *slots; /* slots_n rows, shared */
	unsigned slots_n;
	struct channel *channels;	  /* descriptors, inherited */
	const struct conf *_Atomic *conf; /* the published configuration; the word is shared */
	struct generations *generations;  /* the configurations in use, shared */
	_Atomic uint32_t *draining;	  /* shared: 1 once TERM came */
	int main_eventfd;		  /* wakes main */
	const struct start *start;	  /* core/main.c: how the program was started */
	bool allow_keylog;		  /* --allow-keylog: a module may write secrets to a file */
	struct net *net;		  /* core/net */
	struct msgs *msgs;		  /* core/msg: shared tables of waiting requests, keys */
	struct shvs *shvs;		  /* core/msg: variables of scripts that outlive a reload */
	struct reload_report *report;	  /* what the last reload said, shared */
	struct killers *killers;	  /* digests of messages that workers died of, shared */
	const struct run_ops *ops;	  /* what the layers above do in each process */
	int main_pid;
};

/* The configurations that this worker has taken: generation.h. */
struct held_confs {
	const struct conf *confs[CONFS_MAX]; /* by place */
	uint32_t holds[CONFS_MAX];	     /* what outlives a turn and uses it */
	uint64_t bits;			     /* the places of confs */
	uint64_t retry_at;
};

/* This worker. In private memory, made after the fork. */
struct worker {
	struct run *run;
	const struct conf *conf; /* of this turn */
	unsigned n;
	struct slot *slot;
	struct loop *loop;
	struct timers *timers;
	struct limbo *limbo;
	uint64_t now;		    /* clock_ms, read once a turn */
	uint64_t waited_us;	    /* for events, before this turn began */
	uint64_t last_turn_us;	    /* what the turn before took */
	struct net_worker *net;	    /* core/net's private part */
	struct msg_worker *msg;	    /* core/msg's private part */
	struct script_trace *trace; /* core/script: who follows what scripts do; NULL: nobody */
	struct held_confs held;
};

/* Who gets a new connection: a slot that is not in not_these (by slot number; NULL: any), -1: nobody now. */
typedef int slot_pick_cb(void *arg, const bool *not_these);

/* What main and the workers call of the layers above; filled by core/main.c. */
struct run_ops {
	/* in a worker */
	void (*child_start)(
		struct run *run,
		unsigned
			slot); /* right after the fork: close what is not this slot's (SHM_LOADER: all) */
	int (*worker_start)(struct worker *w, bool successor); /* 0 or -errno: the worker ends */
	void (*worker_channel)(struct worker *w, const struct channel_msg *m, int fd);
	bool (*worker_turn)(
		struct worker *w); /* once a turn, behind the events; true: more to do at once */
	unsigned (*worker_drain)(struct worker *w); /* how many things still have to end */
	void (*worker_stop)(struct worker *w);
	void (*worker_status)(struct worker *w); /* gauges of the layers, as status lines */
	/* in main */
	void (*conf_drop)(struct run *run, const struct conf *conf); /* nobody uses it any more */
	void (*conf_unmade)(struct run *run,
			    unsigned place); /* what was to get that place is not made */
	/* in the loader */
	void (*loader_recover)(
		struct run *run); /* what a loader left that died, besides building memory */
	/* A configuration for that place, its arena building; what is wrong is printed to out. 0 or -errno. */
	int (*conf_load)(struct run *run, unsigned place, uint64_t generation, FILE *out,
			 const struct conf **conf_r, unsigned *errors_r, unsigned *warnings_r);
	int (*main_start)(struct run *run, struct loop *loop, slot_pick_cb *pick_slot, void *arg);
	void (*main_channel)(struct run *run, unsigned slot, const struct channel_msg *m, int fd);
	void (*main_turn)(struct run *run);
	void (*main_stop_accepting)(struct run *run);
	void (*main_move)(struct run *run,
			  unsigned slot); /* a paused slot's connections go to others */
	bool (*udp_waiting)(struct run *run);
};

/* Makes what all processes see of the run at one place: whether it ends, and the configurations, the first one published. Before the first fork.
 * 0 or -ENOMEM. */
int run_open(struct run *run, const struct conf *first);

/* Runs slot n in this process, which was just forked, until it is drained or told to end; exits the process. */
_Noreturn void worker_run(struct run *run, unsigned n, bool successor);

/* The configuration of this turn. What outlives the turn holds it: generation.h. */
static inline const struct conf *worker_conf(const struct worker *w)
{
	return w->conf;
}

static inline bool worker_draining(const struct worker *w)
{
	return atomic_load_explicit(w->run->draining, memory_order_relaxed) != 0;
}

#endif
