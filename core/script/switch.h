/* SPDX-License-Identifier: BSD-2-Clause */
/* How a switch finds its case: constants that stand side by side become one sorted table, regular expressions are tried in turn. */
#ifndef SCRIPT_SWITCH_H
#define SCRIPT_SWITCH_H

#include "core/script/emit.h"

/* A switch while its code is written: the value is on the stack. */
struct switching {
	struct jumps *to;		  /* for each case: the jumps that wait for it */
	uint32_t *places;		  /* for each case: where its code begins */
	uint32_t n;			  /* the case that comes next */
	uint32_t first_table, last_table; /* its rows of em->cases */
	struct jumps otherwise;
};

/* Writes what compares the value. */
void switch_begin(struct emitter *em, const struct stmt *s, struct switching *sw);
/* The code of the next case comes here. */
void switch_case(struct emitter *em, struct switching *sw, const struct stmt *c);
void switch_end(struct emitter *em, struct switching *sw);

/* The target of the first label that == says is equal to v, or UINT32_MAX. Null is "". */
uint32_t cases_find(const struct cases *cases, const struct value *v);

#endif
