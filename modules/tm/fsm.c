/* SPDX-License-Identifier: BSD-2-Clause */
/* Which event does what in which state. No entry: the event is ignored. An action is done before the state changes, so that what a worker died in is done again
 * when the event comes again. */
#include "modules/tm/fsm.h"

#include "modules/tm/client.h"
#include "modules/tm/server.h"

struct client_edge {
	void (*act)(struct turn *x);
	enum client_state next;
};

struct server_edge {
	void (*act)(struct turn *x);
	enum server_state next;
};

static void nothing(struct turn *x)
{
	(void)x;
}

/* RFC 3261 figure 5, with Accepted from RFC 6026 and timer C of 16.8. */
static const struct client_edge ict[CLIENT_DONE + 1][CLIENT_EVENTS] = {
	[CLIENT_TRYING] = {
		[CLIENT_1XX] = { client_rang, CLIENT_PROCEEDING },
		[CLIENT_2XX] = { client_won, CLIENT_ACCEPTED },
		[CLIENT_FINAL] = { client_refused, CLIENT_COMPLETED },
		[CLIENT_RESEND] = { client_resend, CLIENT_TRYING },
		[CLIENT_TIMEOUT] = { client_silent, CLIENT_DONE },
		[CLIENT_UNSENT] = { client_unsent, CLIENT_DONE },
		[CLIENT_CANCEL] = { nothing, CLIENT_UNWANTED },
	},
	[CLIENT_UNWANTED] = {
		[CLIENT_1XX] = { client_rang_unwanted, CLIENT_CANCELLING },
		[CLIENT_2XX] = { client_won, CLIENT_ACCEPTED },
		[CLIENT_FINAL] = { client_refused, CLIENT_COMPLETED },
		[CLIENT_RESEND] = { client_resend, CLIENT_UNWANTED },
		[CLIENT_TIMEOUT] = { client_silent, CLIENT_DONE },
		[CLIENT_UNSENT] = { client_unsent, CLIENT_DONE },
	},
	[CLIENT_PROCEEDING] = {
		[CLIENT_1XX] = { client_rang, CLIENT_PROCEEDING },
		[CLIENT_2XX] = { client_won, CLIENT_ACCEPTED },
		[CLIENT_FINAL] = { client_refused, CLIENT_COMPLETED },
		[CLIENT_TIMEOUT] = { client_cancel_silent, CLIENT_CANCELLING },
		[CLIENT_CANCEL] = { client_cancel, CLIENT_CANCELLING },
	},
	[CLIENT_CANCELLING] = {
		[CLIENT_2XX] = { client_won, CLIENT_ACCEPTED },
		[CLIENT_FINAL] = { client_refused, CLIENT_COMPLETED },
		[CLIENT_TIMEOUT] = { client_silent, CLIENT_DONE },
	},
	[CLIENT_COMPLETED] = {
		[CLIENT_2XX] = { client_won, CLIENT_ACCEPTED },
		[CLIENT_FINAL] = { client_ack, CLIENT_COMPLETED },
		[CLIENT_TIMEOUT] = { nothing, CLIENT_DONE },
	},
	[CLIENT_ACCEPTED] = {
		[CLIENT_2XX] = { client_won, CLIENT_ACCEPTED },
		[CLIENT_TIMEOUT] = { nothing, CLIENT_DONE },
	},
	/* it was given up, but for as long as the others keep the transaction alive a call that was made is told of */
	[CLIENT_DONE] = {
		[CLIENT_2XX] = { client_won, CLIENT_ACCEPTED },
	},
};

/* RFC 3261 figure 6. A CANCEL that we send is one of these, too. */
static const struct client_edge nict[CLIENT_DONE + 1][CLIENT_EVENTS] = {
	[CLIENT_TRYING] = {
		[CLIENT_1XX] = { client_rang, CLIENT_PROCEEDING },
		[CLIENT_2XX] = { client_answered, CLIENT_COMPLETED },
		[CLIENT_FINAL] = { client_answered, CLIENT_COMPLETED },
		[CLIENT_RESEND] = { client_resend, CLIENT_TRYING },
		[CLIENT_TIMEOUT] = { client_silent, CLIENT_DONE },
		[CLIENT_UNSENT] = { client_unsent, CLIENT_DONE },
	},
	[CLIENT_PROCEEDING] = {
		[CLIENT_2XX] = { client_answered, CLIENT_COMPLETED },
		[CLIENT_FINAL] = { client_answered, CLIENT_COMPLETED },
		[CLIENT_RESEND] = { client_resend, CLIENT_PROCEEDING },
		[CLIENT_TIMEOUT] = { client_silent, CLIENT_DONE },
		[CLIENT_UNSENT] = { client_unsent, CLIENT_DONE },
	},
	[CLIENT_COMPLETED] = {
		[CLIENT_TIMEOUT] = { nothing, CLIENT_DONE },
	},
};

/* RFC 3261 figure 7, with Accepted from RFC 6026. A 2xx that comes late goes up in any state. */
static const struct server_edge ist[SERVER_DONE + 1][SERVER_EVENTS] = {
	[SERVER_PROCEEDING] = {
		[SERVER_REQUEST] = { server_resend, SERVER_PROCEEDING },
		[SERVER_1XX] = { server_send, SERVER_PROCEEDING },
		[SERVER_2XX] = { server_accept, SERVER_ACCEPTED },
		[SERVER_FINAL] = { server_refuse, SERVER_COMPLETED },
		[SERVER_GIVE_UP] = { nothing, SERVER_DONE },
	},
	[SERVER_COMPLETED] = {
		[SERVER_REQUEST] = { server_resend, SERVER_COMPLETED },
		[SERVER_ACK] = { server_confirm, SERVER_CONFIRMED },
		[SERVER_2XX] = { server_send, SERVER_COMPLETED },
		[SERVER_RESEND] = { server_resend_timed, SERVER_COMPLETED },
		[SERVER_TIMEOUT] = { nothing, SERVER_DONE },
	},
	[SERVER_CONFIRMED] = {
		[SERVER_2XX] = { server_send, SERVER_CONFIRMED },
		[SERVER_TIMEOUT] = { nothing, SERVER_DONE },
	},
	[SERVER_ACCEPTED] = {
		[SERVER_2XX] = { server_send, SERVER_ACCEPTED },
		[SERVER_TIMEOUT] = { nothing, SERVER_DONE },
	},
	[SERVER_DONE] = {
		[SERVER_2XX] = { server_send, SERVER_DONE },
	},
};

/* RFC 3261 figure 8. */
static const struct server_edge nist[SERVER_DONE + 1][SERVER_EVENTS] = {
	[SERVER_TRYING] = {
		[SERVER_1XX] = { server_send, SERVER_PROCEEDING },
		[SERVER_2XX] = { server_answer, SERVER_COMPLETED },
		[SERVER_FINAL] = { server_answer, SERVER_COMPLETED },
		[SERVER_GIVE_UP] = { nothing, SERVER_DONE },
	},
	[SERVER_PROCEEDING] = {
		[SERVER_REQUEST] = { server_resend, SERVER_PROCEEDING },
		[SERVER_1XX] = { server_send, SERVER_PROCEEDING },
		[SERVER_2XX] = { server_answer, SERVER_COMPLETED },
		[SERVER_FINAL] = { server_answer, SERVER_COMPLETED },
		[SERVER_GIVE_UP] = { nothing, SERVER_DONE },
	},
	[SERVER_COMPLETED] = {
		[SERVER_REQUEST] = { server_resend, SERVER_COMPLETED },
		[SERVER_TIMEOUT] = { nothing, SERVER_DONE },
	},
};

void client_feed(struct turn *x, struct client *c, enum client_event event)
{
	const struct client_edge *e = c->is_invite ? &ict[c->state][event] : &nict[c->state][event];

	if (!e->act)
		return;
	x->c = c;
	e->act(x);
	FAULT("tm.client.state");
	c->state = e->next;
}

void server_feed(struct turn *x, enum server_event event)
{
	struct server *s = &x->b->server;
	const struct server_edge *e =
		x->b->method == METHOD_INVITE ? &ist[s->state][event] : &nist[s->state][event];

	if (!e->act)
		return;
	e->act(x);
	FAULT("tm.server.state");
	s->state = e->next;
}

enum client_event client_event_of(unsigned status)
{
	return status < 200 ? CLIENT_1XX : status < 300 ? CLIENT_2XX : CLIENT_FINAL;
}

enum server_event server_event_of(unsigned status)
{
	return status < 200 ? SERVER_1XX : status < 300 ? SERVER_2XX : SERVER_FINAL;
}
