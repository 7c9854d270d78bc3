/* SPDX-License-Identifier: BSD-2-Clause */
/* Code and constants under construction, in a pool; written into the arena at the end. */
#ifndef SCRIPT_EMIT_H
#define SCRIPT_EMIT_H

#include "core/script/program.h"

/* A growing array of one kind. */
struct table {
	void *rows;
	uint32_t n, cap;
	size_t size; /* of one row */
};

/* Jumps that are waiting for their target, linked through their operand. */
struct jumps {
	uint32_t last; /* place + 1; 0: none */
};

struct emitter {
	struct pool *pool;
	struct arena *arena;
	uint64_t regex_set;
	struct table ops, constants, attrs, formats, regexes, networks, calls, cases, routes, files;
	uint32_t depth, deepest; /* values on the stack at this point, and at most in this route */
	struct jumps *
		breaks; /* those of the loop or switch that is being written; NULL: there is none */
	struct pos line;		  /* the last OP_LINE */
	const struct source *file_of[64]; /* by file number: the last ones looked up */
	int err;			  /* the first error: from then on nothing is written */
};

void emit_init(struct emitter *em, struct pool *pool, struct arena *arena, uint64_t regex_set);
/* Appends a row and returns its number; 0 after an error. */
uint32_t emit_row(struct emitter *em, struct table *t, const void *row);
/* Appends an operation and returns its place. pushes: by how much the stack grows. */
uint32_t emit(struct emitter *em, enum op_code code, uint32_t a, uint32_t b, int pushes);
uint32_t emit_here(const struct emitter *em);
/* Lets the jump at place lead here. */
void emit_land(struct emitter *em, uint32_t place);
/* A jump to a place that comes later, and that place. */
void emit_jump(struct emitter *em, enum op_code code, struct jumps *to);
void emit_jumps_land(struct emitter *em, struct jumps *from);
void emit_line(struct emitter *em, struct pos at);
uint32_t emit_constant_str(struct emitter *em, struct str s);
/* flags: enum regex_flag */
uint32_t emit_regex(struct emitter *em, struct str pattern, unsigned flags);
/* Moves everything into a program. */
int emit_finish(struct emitter *em, struct program **program_r);

#endif
