/* SPDX-License-Identifier: BSD-2-Clause */
/* What the Route header fields of a request mean for its next hop (RFC 3261 16.4, 16.6 item 6): own ones are removed, a strict router before us
 * and one behind us are understood. */
#ifndef MSG_ROUTE_H
#define MSG_ROUTE_H

#include "core/msg/ctx.h"

/* Our own ones, the next one when it is a strict router, the last one when a strict router came before us: each may be in a header field
 * of its own or at either end of one; and the Route that is added for a strict router or as the path of a target. */
#define ROUTE_EDITS 9

struct routing {
	struct str ruri; /* the R-URI to leave with */
	struct str next; /* the URI of the first Route that is not ours; null: there is none */
	const struct sip_uri *own_first,
		*own_last; /* of our own ones at the top; NULL: there is none */
	bool from_strict;  /* a strict router came before us: own_first is the R-URI as received */
	struct edit edits[ROUTE_EDITS];
	unsigned n;
};

/* ruri: that of the target; the received one has its place in the message, any other was chosen here. follows: the next hop will be the next Route; when
 * that is a strict router, its URI goes into the R-URI and the R-URI behind the last Route. 0, -EBADMSG: a Route is malformed; -ENOMEM. */
int routing_read(struct ctx *ctx, struct str ruri, bool follows, struct routing *r_r);
/* What routing_read said of the context's own R-URI becomes the context's, for loose_route(): a strict router's changes are made now; with follows the next
 * Route becomes $du or R-URI, without it leads nowhere. 0; -EEXIST: the script has changed Routes; -EBADMSG, -ENOMEM. */
int routing_take(struct ctx *ctx, bool follows, const struct routing *r);
/* Puts the path of a registered contact (RFC 3327), "<sip:p1;lr>, <sip:p2;lr>", before the Routes that stay. Once, and for a target that does not follow
 * the Route. 0, -EBADMSG: a line end is in it; -ENOMEM. */
int routing_path(struct ctx *ctx, struct str path, struct routing *r);

#endif
