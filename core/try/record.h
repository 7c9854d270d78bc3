/* SPDX-License-Identifier: BSD-2-Clause */
/* What became of one message: what the script did, step by step, and what would have been sent. */
#ifndef TRY_RECORD_H
#define TRY_RECORD_H

#include "core/msg/api.h"

enum event_kind {
	EVENT_ROUTE,	 /* text: the route that begins */
	EVENT_RETURN,	 /* text: the route that was left; value: with what */
	EVENT_LINE,	 /* a statement begins */
	EVENT_CONDITION, /* text: what was compared; value: true, false; of a switch its case */
	EVENT_CALL,	 /* text: the function with its arguments; value: its value */
	EVENT_SET,	 /* text: the attribute; value: what it was set to */
	EVENT_LOG,	 /* text: the line */
	EVENT_RESOLVE,	 /* text: the name; value: what the answer is */
	EVENT_SENT,	 /* sent */
};

/* The name of a kind in JSON. */
const char *event_name(enum event_kind kind);

/* A message that would have been sent. */
struct sent {
	struct sent *next;
	struct target target;
	struct str host;     /* the name that the address stands in for; null: none */
	struct str text;     /* the whole message */
	struct sip_msg *msg; /* the same, parsed; NULL: it is none */
};

struct event {
	struct event *next;
	enum event_kind kind;
	unsigned depth;	    /* of routes */
	const char *file_z; /* of the script; NULL: the script did not run */
	uint32_t line;
	struct str text, value; /* for people; null: none */
	const struct sent *sent;
};

#define RECORD_EVENTS_MAX 100000u

struct record {
	struct pool *pool; /* of all that is in it; the creator's */
	struct origin from;
	struct str text; /* as it was received */
	struct event *events, *events_last;
	unsigned events_n;
	struct sent *sent, *sent_last;
	bool full; /* there was more than could be kept */
};

/* Empty, for the message text from there. text is copied. NULL: no memory. */
struct record *record_new(struct pool *p, const struct origin *from, struct str text);
/* Adds one, with copies of the texts; NULL when the record is full. */
struct event *record_event(struct record *r, enum event_kind kind, struct str text,
			   struct str value);
/* What would have been sent, put together from pieces. NULL when the record is full. */
struct sent *record_sent(struct record *r, const struct target *t, struct str host,
			 const struct iovec *iov, unsigned n);

/* "udp:192.0.2.1:5060"; with host (null: none) instead of the address. */
void record_place_put(struct buf *b, const struct transport *t, const struct addr *a,
		      struct str host);

#endif
