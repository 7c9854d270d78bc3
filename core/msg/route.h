/* SPDX-License-Identifier: BSD-2-Clause */
/* What the Route header fields of a request mean for its next hop (RFC 3261 16.4, 16.6 item 6): own ones are removed, a strict router before us
 * and one behind us are understood. */
#ifndef MSG_ROUTE_H
#define MSG_ROUTE_H

#include "core/msg/worker.h"

/* Our own ones, the next one when it is a strict router, the last one when a strict router came before us: each may be in a header field
 * of its own or at either end of one; and the Route that is added for a strict router. */
#define ROUTE_EDITS 9

struct routing {
	struct str ruri; /* the R-URI to leave with; null: the context's */
	struct str next; /* the URI of the first Route that is not ours; null: there is none */
	struct edit edits[ROUTE_EDITS];
	unsigned n;
};

/* follows: the next hop will be that Route; when it is a strict router, its URI goes into the R-URI and the R-URI behind the last Route.
 * 0, -EBADMSG: a Route is malformed; -ENOMEM. */
int routing_read(struct ctx *ctx, bool follows, struct routing *r_r);

#endif
