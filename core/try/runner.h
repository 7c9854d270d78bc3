/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs the tests of one file, in a process that does nothing else. */
#ifndef TRY_RUNNER_H
#define TRY_RUNNER_H

#include "core/try/results.h"
#include "core/try/try.h"

/* Loads the script of r's file once and runs all its tests; what becomes of them is written to r. */
void runner_run(struct results *r, struct run *run, const struct options *o,
		const struct try_ops *ops);

#endif
