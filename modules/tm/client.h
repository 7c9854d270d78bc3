/* SPDX-License-Identifier: BSD-2-Clause */
/* The client side of a transaction, branch by branch: requests sent, and sent again, responses taken, CANCEL and ACK (RFC 3261 17.1, 16.7 to 16.10, RFC
 * 6026 7.2). */
#ifndef TM_CLIENT_H
#define TM_CLIENT_H

#include "modules/tm/fsm.h"

/* Sends the client's request, as nexthop_emit made it in ctx, and starts its timers. text: kept in the arena if it may be needed again. 0; -ENOMEM; what
 * nexthop_send answers: then the caller tries another address, or feeds CLIENT_UNSENT. */
int client_start(struct turn *x, struct client *c, struct ctx *ctx, const struct target *to,
		 const struct iovec *iov, unsigned n);
/* What comes in for it. The response is x->reply. */
void client_respond(struct turn *x, struct client *c);
/* Fires what is due; true: something was. */
bool client_due(struct turn *x, struct client *c);
/* Whether its final status is known. */
static inline bool client_is_final(const struct client *c)
{
	return c->status >= 200;
}
/* A CANCEL for each branch that has no final response, as soon as that is allowed. reason: line of ours with CRLF, or null. */
void clients_cancel(struct turn *x, struct str reason);

/* --- actions of fsm.c --------------------------------------------------------------------------------------------------------------- */
void client_rang(struct turn *x);
void client_rang_unwanted(struct turn *x);
void client_won(struct turn *x);
void client_refused(struct turn *x);
void client_answered(struct turn *x);
void client_resend(struct turn *x);
void client_silent(struct turn *x);
void client_unsent(struct turn *x);
void client_cancel(struct turn *x);
void client_cancel_silent(struct turn *x);
void client_ack(struct turn *x);

#endif
