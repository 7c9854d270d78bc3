/* SPDX-License-Identifier: BSD-2-Clause */
/* The requests that a proxy makes itself for an INVITE that it sent: its CANCEL and the ACK of a response that refuses it. */
#ifndef TM_HOPBYHOP_H
#define TM_HOPBYHOP_H

#include "modules/tm/trans.h"

/* RFC 3261 9.1: same Request-URI, Call-ID, From, To, top Via, Route and CSeq number as sent. headers: more lines with CRLF, or null. Into p. Null: no memory. */
struct str cancel_make(struct pool *p, struct worker *w, const struct body *b, struct str sent,
		       struct str headers);
/* RFC 3261 17.1.1.3: the same with the To of the response, which is a header field's body. */
struct str ack_make(struct pool *p, struct worker *w, const struct body *b, struct str sent,
		    struct str to);

#endif
