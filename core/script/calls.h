/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls of functions whose arguments are known only at run time. */
#ifndef SCRIPT_CALLS_H
#define SCRIPT_CALLS_H

#include "core/script/machine.h"

/* Takes the varying arguments off the stack, makes of them what the function expects and calls it. An argument that cannot be made so is a
 * logged error, and the value is FN_FALSE. */
int call_with_args(struct machine *m, const struct call *c);

#endif
