/* SPDX-License-Identifier: BSD-2-Clause */
/* What became of the tests of one file: written by the process that runs them, into memory that it shares with the one that reports, so that a death in the
 * middle loses nothing. */
#ifndef TRY_RESULTS_H
#define TRY_RESULTS_H

#include "core/try/case.h"

#include <stdatomic.h>

enum outcome_state { OUTCOME_NOT_RUN, OUTCOME_RUNS, OUTCOME_PASSED, OUTCOME_FAILED };

struct outcome {
	_Atomic uint32_t state;
	uint32_t at, n; /* what is told of it, in the text */
	uint64_t us;	/* how long it took */
};

#define RESULTS_TEXT_MAX (1u << 20)

struct results {
	const char *path_z;
	struct case_file file; /* cases_n 0: the file could not be read */
	size_t size;
	uint32_t text_n;
	struct outcome whole;  /* of the file: OUTCOME_FAILED when its tests could not be run */
	struct outcome *cases; /* behind the text */
	char text[RESULTS_TEXT_MAX];
};

/* For a file that was read. NULL: no memory. */
struct results *results_new(const struct case_file *f);
void results_drop(struct results **rp);
/* Adds text to what is told of o; what is too long is cut. */
void results_tell(struct results *r, struct outcome *o, struct str text);
static inline struct str results_text(const struct results *r, const struct outcome *o)
{
	return str_of(r->text + o->at, o->n);
}

#endif
