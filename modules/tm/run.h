/* SPDX-License-Identifier: BSD-2-Clause */
/* A worker's turn with a transaction: it takes it, feeds it events, and before it lets go does whatever came meanwhile. */
#ifndef TM_RUN_H
#define TM_RUN_H

#include "modules/tm/fsm.h"

/* t is this worker's from now on: whoever took it ends the turn with turn_end(). A context of its scripts that is put aside or ended meanwhile does not let go. */
struct turn turn_begin(struct worker *w, struct trans *t);
/* A part of a script's turn with the context's transaction; ended by turn_release(). */
struct turn turn_of(struct ctx *ctx);
void turn_release(struct turn *x);
/* Mails, timers that are due, the end of it all; then lets go. Nothing of *x may be used behind it. */
void turn_end(struct turn *x);

/* Takes out what came for t, which is this worker's from now on, and lets go: the two steps where nothing else is to be done. */
void turn_serve(struct worker *w, struct trans *t);
/* How long what is answered is kept against retransmissions (timers D, I, J, K): not at all on a stream, as wt_timer says, else by_rfc. ms. */
uint32_t turn_linger(const struct turn *x, const struct transport *transport, uint32_t by_rfc);

/* A response for the client of that number. */
void turn_response(struct turn *x, struct ctx *reply, unsigned number);
void turn_unsent(struct turn *x, unsigned number, int error);
/* Whoever asked does not want an answer any more (RFC 3261 16.10). */
void turn_cancel(struct turn *x, struct str reason);
/* Timers whose time has come. */
void turn_due(struct turn *x);

/* The request as it came, to answer it; with what the script put into answers. Good until turn_end. NULL: no memory. */
struct ctx *turn_request(struct turn *x);
/* Memory for texts, good until turn_end. NULL: no memory. */
struct pool *turn_pool(struct turn *x);

#endif
