/* SPDX-License-Identifier: BSD-2-Clause */
/* A script is tried with a message (--try), or tested with files that say what is expected (--test). Nothing is sent, nothing is bound. */
#ifndef TRY_TRY_H
#define TRY_TRY_H

#include "core/run/options.h"
#include "core/run/worker.h"

#include <stdio.h>

/* What the start order does for both; core/main.c. */
struct try_ops {
	/* Shared memory, in run->shm and run->shvs. 0 or -errno, told. */
	int (*memory_start)(struct run *run);
	/* The script that the command line o names, as it wants it; diagnostics go to out. 0 or -errno. */
	int (*load)(struct run *run, const struct options *o, FILE *out,
		    const struct conf **conf_r);
	/* Modules' counters and init. 0 or -errno, logged. */
	int (*modules_start)(struct run *run, const struct conf *conf);
};

/* Runs the message through the script and prints what became of it. The exit status: 0, or 1 when something could not be read or was wrong. */
int try_message(struct run *run, const struct options *o, const struct try_ops *ops);
/* Runs the tests of all files named, each file in a process of its own with fresh memory. 0: all passed; 1. */
int try_tests(struct run *run, const struct options *o, const struct try_ops *ops);

#endif
