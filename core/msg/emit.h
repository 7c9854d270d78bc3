/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes a message as it leaves: one pass over the received buffer and its edits. */
#ifndef MSG_EMIT_H
#define MSG_EMIT_H

#include "core/msg/nexthop.h"

/* More than a request's own changes can be: R-URI, own Via, the Via below, Max-Forwards, Max-Breadth, Content-Length, Routes. */
#define EMIT_OWN_EDITS (7 + ROUTE_EDITS)

/* The changes that the router itself makes, beside those of the script. */
struct emit {
	struct edit own[EMIT_OWN_EDITS];
	unsigned n;
};

void emit_edit(struct emit *e, size_t at, size_t drop, struct str text);
/* The message with all edits as it leaves to t, in at most EMIT_IOV pieces of the pool and of the received buffer; Content-Length is corrected when
 * edits changed the body, and added when the message leaves over a stream without one. t NULL: it does not leave, late edits give nothing. 0, -ENOMEM or
 * what a late edit says. */
int emit_message(struct ctx *ctx, const struct target *t, struct emit *e, struct iovec *iov,
		 unsigned *n_r);

/* The request as it leaves to t, an address of next: one pass over buffer and edits (own Via, received, Max-Forwards, Max-Breadth, R-URI,
 * Routes). branch is that of our Via. 0, -ENOMEM or what a late edit says. */
int emit_request(struct ctx *ctx, const struct target *t, const struct nexthop *next,
		 struct str branch, struct iovec *iov, unsigned *n_r);

/* The response without its top Via, which is ours. */
int emit_response(struct ctx *ctx, const struct sip_via *second, const struct target *t,
		  struct iovec *iov, unsigned *n_r);

/* Max-Forwards of the request as received: -ENOENT, -EBADMSG, -ERANGE as sip_msg_uint. */
int emit_maxfwd(struct ctx *ctx, uint32_t *value_r);

#endif
