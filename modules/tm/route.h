/* SPDX-License-Identifier: BSD-2-Clause */
/* The routes of a transaction that the script armed: failure, branch and reply routes, and what goes on with a suspended one; and what is left to do behind the
 * script. */
#ifndef TM_ROUTE_H
#define TM_ROUTE_H

#include "modules/tm/fsm.h"

/* Remembers a route by its name: number is as a function's B, F or O argument, -1 for none. */
void route_arm(struct ctx *ctx, struct armed *a, enum route_kind kind, int64_t number);

/* Its number in the configuration of the context; -1: it was there when it was armed, and is gone (logged). */
int64_t route_of(const struct ctx *ctx, const struct armed *a, enum route_kind kind);

/* The request as it came, or as the script left it, with flags and attributes; it has no transaction yet. NULL: no memory. */
struct ctx *request_restore(struct turn *x);
/* The same for other modules that watch, with the flags and attributes that later routes have set; good until turn_end. */
struct ctx *request_watched(struct turn *x);
/* Begins the failure route, if one is armed: it may be over when this returns. False: there is none. */
bool failure_run(struct turn *x);
/* Runs the route for the failure of one branch, if there is a branch that has failed and has one armed. False: there is none. */
bool branch_failure_run(struct turn *x);
/* The same for the route that t_continue() named. False: it could not. */
bool continued_run(struct turn *x);
/* The reply route, for the response that x is about. */
void reply_route_run(struct turn *x, struct client *c);
/* The script has run, or will not run any more, for a context with the transaction. */
void script_over(struct turn *x, struct ctx *ctx);

#endif
