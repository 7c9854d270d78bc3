/* SPDX-License-Identifier: BSD-2-Clause */
/* The next hop of one target of a request: where it goes, what of the message changes for it, and the steps from there to the bytes that leave.
 * Stateless forwarding and transactions take the same steps:
 *
 *   nexthop_allowed   once for a request: may it be passed on at all?
 *   nexthop_of        for each target: which host, which Routes, which Request-URI
 *   nexthop_resolve   its addresses, best first; may take a while
 *   nexthop_emit      for one of them: the socket, and the message as it leaves
 *   nexthop_send      onsend_route and the transport
 *
 * Answers are FN_TRUE, or FN_FALSE with the context's failure set (ctx_fail), logged and counted, unless said otherwise. */
#ifndef MSG_NEXTHOP_H
#define MSG_NEXTHOP_H

#include "core/msg/branches.h"
#include "core/msg/hop.h"
#include "core/msg/route.h"

/* Where the script sends a target in place of where it was to go. All null: nowhere else. */
struct instead {
	struct str uri;			   /* a URI whose host it is; or */
	struct str host;		   /* a name or an address */
	uint16_t port;			   /* of host; 0: the transport's default */
	const struct transport *transport; /* NULL: as the URI says */
	struct str
		identity; /* the name that the peer must prove; null: that of host, or what the script says */
};

#define EMIT_IOV 2 /* pieces of a message that leaves */

struct nexthop {
	struct hop hop;
	struct routing routing;
	const struct listener *socket; /* the target's own; NULL: chosen for each address */
	uint64_t flow;		       /* the connection it goes by; 0: whichever fits */
	bool sips;	  /* over TLS only: its Request-URI or first Route is a sips URI */
	uint32_t breadth; /* the Max-Breadth to leave with; 0: as it came */
};

/* What RFC 3261 16.3 asks before a request is passed on: Max-Forwards, a loop (forked: it goes or went to more than one target); what the script may do
 * itself in more detail with sanity and maxfwd. *loop_r is the hash for the branch of our Via; 0: none. A request that is none, or that was
 * cancelled, is refused silently; so is what stands for an event, but not silently. */
int nexthop_allowed(struct ctx *ctx, bool forked, uint64_t *loop_r);

/* The next hop of target b: `to`, else its flow (430 when that is gone), else $du, else the first of its path, else the first Route that is not ours when the request goes where it was
 * to go anyway, else its URI. What lies in *n_r points into the pool, the message and b. */
int nexthop_of(struct ctx *ctx, const struct branch *b, const struct instead *to,
	       struct nexthop *n_r);

/* Whether a request may be sent to uri because a 3xx named it (RFC 5630 5.3, SIP.md 1): what was asked for by a sips URI is not looked for by a sip one, nor
 * by one of any other scheme. */
bool nexthop_may_recurse(const struct ctx *ctx, struct str uri);

/* Max-Breadth (RFC 5393 5.3.3): what n targets that are sent to at one time may share, while those that had no final response yet hold `used` of it;
 * 0: max_breadth is 0, there is no limit. nexthop_of gives its target the whole; who forks sets n_r->breadth to a share. FN_FALSE: less than n
 * is left (440), or the header field is malformed (400). */
int nexthop_breadth(struct ctx *ctx, uint32_t used, unsigned n, uint32_t *left_r);
/* The share of the i-th of n, from 0. */
static inline uint32_t nexthop_share(uint32_t left, unsigned n, unsigned i)
{
	return left / n + (i < left % n);
}

/* The addresses to try, in order, into q->addrs (port 0 in each), with q->n and q->error. 1: they are there; 0: q->done is called later, as
 * resolve_start does; -errno. Logs nothing. */
int nexthop_resolve(struct ctx *ctx, const struct nexthop *n, struct resolve *q,
		    uint32_t deadline_ms);

/* The message as it leaves to one of the addresses, in at most EMIT_IOV pieces, and the target with its socket; branch is that of our Via. 0;
 * -EADDRNOTAVAIL: not an address to send to; -EAFNOSUPPORT: no socket of that transport and family (logged); -EHOSTDOWN: found dead not long ago (blocklist.h); -ELOOP: an address of ours; -ENOMEM, or what a
 * late edit says. */
int nexthop_emit(struct ctx *ctx, const struct nexthop *n, const struct addr *addr,
		 struct str branch, struct target *t_r, struct iovec *iov, unsigned *n_r);

/* Sends what nexthop_emit made, once: onsend_route, then net_send with this token. 0; -ECANCELED: onsend_route said drop; an -errno of net_send (counted and
 * logged). */
int nexthop_send(struct ctx *ctx, const struct target *t, const struct iovec *iov, unsigned n,
		 uint64_t token);

/* FN_FALSE: the request goes nowhere, because of that; says so. reason_z is constant. */
int nexthop_fail(struct ctx *ctx, unsigned status, const char *reason_z);
/* The same for what nexthop_emit or nexthop_send answered for the last address. */
int nexthop_fail_errno(struct ctx *ctx, int err);

#endif
