/* SPDX-License-Identifier: BSD-2-Clause */
/* From the checked tree to code. */
#ifndef SCRIPT_COMPILE_H
#define SCRIPT_COMPILE_H

#include "core/script/program.h"

/* Writes the program of a tree that check found good into arena. scratch holds what is needed meanwhile. -ENOMEM; -E2BIG: more than the
 * machine can number. */
int compile_program(struct arena *arena, struct pool *scratch, struct ast *ast, uint64_t regex_set,
		    struct program **program_r);

#endif
