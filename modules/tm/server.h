/* SPDX-License-Identifier: BSD-2-Clause */
/* The server side of a transaction: what goes up, and what comes again (RFC 3261 17.2, RFC 6026 7.1). */
#ifndef TM_SERVER_H
#define TM_SERVER_H

#include "modules/tm/fsm.h"

/* An answer, whole, goes up, as far as the state lets it. kept: text lies in the transaction's arena and stays as it is. */
void server_up(struct turn *x, unsigned status, struct str text, bool kept);
/* An answer made here from the request in ctx; one that is made already by server_up. 0 or -errno, as reply_send. */
int server_reply(struct turn *x, struct ctx *request, unsigned status, struct str reason,
		 struct str headers);
/* There will be no answer of that status, for want of memory: whoever asked hears nothing, but a maker does. */
void server_give_up(struct turn *x, unsigned status);
static inline bool server_is_answered(const struct body *b)
{
	return b->server.status >= 200 || b->server.state == SERVER_DONE;
}

/* --- actions of fsm.c ------------------------------------------------------------------------------------------------------------- */
void server_send(struct turn *x);
void server_accept(struct turn *x);
void server_refuse(struct turn *x);
void server_answer(struct turn *x);
void server_confirm(struct turn *x);
void server_resend(struct turn *x);
void server_resend_timed(struct turn *x);

#endif
