/* SPDX-License-Identifier: BSD-2-Clause */
/* The targets of a request: the main one, which is the Request-URI with $du and what else the context says of it, and the additional ones that
 * append_branch() and its kin put beside it. What forks goes through them with branch_next(); a redirection names them in its Contact. */
#ifndef MSG_BRANCHES_H
#define MSG_BRANCHES_H

#include "core/base/buf.h"
#include "core/msg/ctx.h"

/* One target. Null: there is none. */
struct branch {
	struct str uri;
	struct str dst_uri; /* where it is sent instead */
	struct str
		path; /* values for Route, as a registration kept them (RFC 3327): "<sip:p1;lr>, <sip:p2;lr>" */
	struct str ruid;		 /* the registered contact's id */
	struct str instance;		 /* its +sip.instance (RFC 5626) */
	struct str tls_domain, tls_name; /* struct ctx */
	const struct listener *socket;	 /* NULL: chosen when it is sent */
	uint64_t flow;			 /* the connection it goes by; 0: whichever fits */
	uint32_t flags;			 /* branch flags 0 to 31 */
	int q;				 /* in thousandths, or BRANCH_Q_NONE */
};

/* The main target; its uri is never null. */
struct branch branch_main(const struct ctx *ctx);
/* Puts one behind the others; its texts are copied into the pool. -EBADMSG: uri or dst_uri is not a URI; -ENOSPC: there are max_branches already
 * (the main one counts); -ENOMEM. */
int branch_add(struct ctx *ctx, const struct branch *b);
/* The main target becomes an additional one, with q unless that is BRANCH_Q_NONE, and is used up until the Request-URI is set again: $du, its flow,
 * path, flags, q and socket are cleared. Same errors. */
int branch_add_main(struct ctx *ctx, int q);
/* Takes the additional one at index n from 0 away, of a negative n counted from the last. False: there is none. */
bool branch_remove(struct ctx *ctx, int64_t n);
/* Takes all additional ones away. */
void branches_clear(struct ctx *ctx);
/* The n-th target's flags, to be read and set: 0 is the main one, 1 the first additional one. NULL: there is none. */
uint32_t *branch_flags(struct ctx *ctx, int64_t n);
/* All targets in order, the main one first unless it is used up: start with *at = 0. False: that was all. */
bool branch_next(const struct ctx *ctx, unsigned *at, struct branch *b_r);

/* "0.5", "1", ".25": thousandths (RFC 3261 25.1 qvalue; digits behind the third are passed over). -EINVAL. */
int q_parse(struct str text, int *q_r);
/* The shortest form. */
void q_put(struct buf *b, int q);

/* What the Contact of a redirection carries besides URI and q. */
#define CONTACT_FLAGS 1u /* a parameter flags= */
#define CONTACT_PATH  2u /* the path as a Route in the URI's headers */
/* "Contact: <sip:a@x>;q=0.5, <sip:b@y>" with CRLF, in the pool: the changed Request-URI and the additional targets. Null: there is nothing to name,
 * or no memory. */
struct str branches_contact(struct ctx *ctx, unsigned with);

#endif
