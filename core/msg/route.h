/* SPDX-License-Identifier: BSD-2-Clause */
/* What the Route header fields of a request mean for its next hop (RFC 3261 16.4, 16.6 item 6): own ones are removed, a strict router before us
 * and one behind us are understood. */
#ifndef MSG_ROUTE_H
#define MSG_ROUTE_H

#include "core/msg/worker.h"

/* Our own ones, the next one when it is a strict router, the last one when a strict router came before us: each may be in a header field
 * of its own or at either end of one; and the Route that is added for a strict router or as the path of a target. */
#define ROUTE_EDITS 9

struct routing {
	struct str ruri; /* the R-URI to leave with */
	struct str next; /* the URI of the first Route that is not ours; null: there is none */
	struct edit edits[ROUTE_EDITS];
	unsigned n;
};

/* ruri: that of the target; the received one has its place in the message, any other was chosen here. follows: the next hop will be the next Route; when
 * that is a strict router, its URI goes into the R-URI and the R-URI behind the last Route. 0, -EBADMSG: a Route is malformed; -ENOMEM. */
int routing_read(struct ctx *ctx, struct str ruri, bool follows, struct routing *r_r);
/* Puts the path of a registered contact (RFC 3327), "<sip:p1;lr>, <sip:p2;lr>", before the Routes that stay. Once, and for a target that does not follow
 * the Route. 0, -EBADMSG: a line end is in it; -ENOMEM. */
int routing_path(struct ctx *ctx, struct str path, struct routing *r);

#endif
