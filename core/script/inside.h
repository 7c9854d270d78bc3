/* SPDX-License-Identifier: BSD-2-Clause */
/* Routes that run in the middle of what a script has called. The outer machine's values stay as they are, and both together are bounded as one. For
 * script_hooks, which tells what they do. */
#ifndef SCRIPT_INSIDE_H
#define SCRIPT_INSIDE_H

#include "core/script/machine.h"

bool inside_run(struct ctx *ctx, enum route_kind kind, uint32_t route);
int inside_start(struct ctx *ctx, enum route_kind kind, uint32_t route, route_done *done,
		 void *arg);

#endif
