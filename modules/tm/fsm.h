/* SPDX-License-Identifier: BSD-2-Clause */
/* The four state machines of RFC 3261 17 with RFC 6026, as tables, and what feeds them. */
#ifndef TM_FSM_H
#define TM_FSM_H

#include "modules/tm/trans.h"

enum client_event {
	CLIENT_1XX,
	CLIENT_2XX,
	CLIENT_FINAL,	/* 300 to 699 */
	CLIENT_RESEND,	/* timers A, E */
	CLIENT_TIMEOUT, /* timers B, C, D, F, K, M, by state */
	CLIENT_UNSENT,	/* the transport could not */
	CLIENT_CANCEL,	/* nobody wants an answer any more */
	CLIENT_EVENTS
};

enum server_event {
	SERVER_REQUEST, /* it came again */
	SERVER_ACK,
	SERVER_1XX, /* answers: what goes up */
	SERVER_2XX,
	SERVER_FINAL,
	SERVER_RESEND,	/* timer G */
	SERVER_TIMEOUT, /* timers H, I, J, L, by state */
	SERVER_GIVE_UP, /* there will be no answer (RFC 4320) */
	SERVER_EVENTS
};

/* One event on its way: what the actions work on. */
struct turn {
	struct worker *w;
	struct trans *t;
	struct body *b;
	struct trans *outer; /* which one this worker was at before */
	uint64_t now;
	struct client *c;	/* client events */
	struct ctx *reply;	/* the response that came; NULL: none */
	struct pool *pool;	/* memory for texts; NULL: turn_pool() finds some */
	struct ctx *request;	/* made by turn_request(); NULL: nobody asked for it */
	unsigned status;	/* of the answer that goes up or the response that came */
	struct str text;	/* server: the answer, whole */
	bool text_kept;		/* it lies in the arena and stays as it is */
	bool is_up;		/* it was not held back by the state */
	struct client *answers; /* whose answer it is; NULL: made here without one */
	struct str reason;	/* CLIENT_CANCEL: Reason line of ours, with CRLF; null: none */
	int error;		/* CLIENT_UNSENT: positive errno */
};

void client_feed(struct turn *x, struct client *c, enum client_event event);
void server_feed(struct turn *x, enum server_event event);
/* By status code. */
enum client_event client_event_of(unsigned status);
enum server_event server_event_of(unsigned status);

#endif
