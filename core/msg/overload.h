/* SPDX-License-Identifier: BSD-2-Clause */
/* Overload: while there is more to do than can be done in time, new requests get 503 with Retry-After before anything else is spent on them, so that
 * the calls that are up, and those that are taken, are served well.
 *
 * It is overload when a message had to wait longer than overload_lag for a worker (core/net says how long it did), or when max_transactions are in
 * memory. Responses, ACK, CANCEL, requests with a To tag, retransmissions of what waits or has a transaction, and emergency calls are never refused; of
 * others event_route[core:overload] may say drop: the refusal is dropped, the request goes on.
 *
 * The refusal is made of Via, From, To, Call-ID and CSeq; nothing is kept. What is shared is three words: since when, the last refusal, how many. Any
 * worker may die between any two of their changes: the successor looks whether the overload has ended. */
#ifndef MSG_OVERLOAD_H
#define MSG_OVERLOAD_H

#include "core/net/net.h"

#include <stdatomic.h>

struct msg_conf;

/* In struct msgs, zeroed. Times are clock_ms. */
struct overload {
	_Atomic uint64_t since; /* 0: it is none */
	_Atomic uint64_t last;	/* a refusal */
	_Atomic uint64_t refused;
};

enum overload_why { OVERLOAD_NONE, OVERLOAD_LATE, OVERLOAD_FULL };

/* NULL or what is wrong with emergency_numbers. */
const char *overload_numbers_fault(struct str numbers);
/* In each worker. A successor sees an end that its predecessor was to see. */
void overload_start(struct worker *w);
void overload_stop(struct worker *w);
/* Finds the script's event route. */
void overload_generation(struct worker *w, const struct conf *conf);

/* Whether a message that came is refused, and was answered. If not, *ask_r is what ctx->overloaded becomes for it. */
bool overload_refuses(struct worker *w, const struct origin *from, struct str bytes,
		      enum overload_why *ask_r);
/* Of a sound request: runs the event route if ctx->overloaded asks for it. True: it was refused, and is answered. */
bool overload_asks(struct ctx *ctx);

#endif
