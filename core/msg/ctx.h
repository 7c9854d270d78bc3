/* SPDX-License-Identifier: BSD-2-Clause */
/* The context: one message on its way through the script. Everything in it dies with the message, or waits with it. */
#ifndef MSG_CTX_H
#define MSG_CTX_H

#include "core/msg/edit.h"
#include "core/net/net.h"
#include "parser/nameaddr.h"
#include "parser/via.h"

struct machine;

/* How a function that answered FN_WAIT is gone on with. */
struct ctx_wait {
	/* In the same worker, later: its result is the function's value (FN_WAIT again is legal). */
	int (*resume)(struct ctx *ctx, void *arg);
	/* The context ends without going on (deadline, drain): let go of what was asked for. May be NULL. */
	void (*cancel)(struct ctx *ctx, void *arg);
	void *arg;
	uint32_t
		deadline_ms; /* 0: the default (max_wait); after it cancel and then resume are called, resume must answer an ordinary value */
};

enum ctx_done {
	CTX_FORWARDED = 1, /* sent on at least once */
	CTX_REPLIED = 2,
	CTX_DROPPED = 4, /* the script said drop, or a reply route dropped the response */
};

struct ctx {
	struct worker *worker;
	const struct conf *conf; /* taken once */
	struct pool *pool;
	struct sip_msg *msg;
	struct origin from;
	enum route_kind route_kind; /* IN_REQUEST or IN_REPLY */

	/* where a request goes */
	struct str uri;	    /* the current R-URI; null: as received */
	struct str dst_uri; /* $du: null: none */
	struct sip_uri *
		uri_parsed; /* of the current R-URI; NULL: not parsed since it changed. Use ctx_uri() */

	/* what the script set */
	uint32_t flags; /* setflag(0..31) */
	bool force_rport;
	bool force_tcp_alias;
	const struct listener *send_socket;
	struct str adv_host; /* set_advertised_address; null: none */
	uint16_t adv_port;
	bool maxfwd_checked; /* the script called maxfwd; emission lowers it once in any case */
	struct edits edits;

	unsigned done;		 /* ctx_done bits */
	struct machine *machine; /* core/script: NULL when no script runs */
	struct ctx_wait wait;
	bool waits;	/* the context is parked */
	bool cancelled; /* a CANCEL came while it waited */
	void *park;	/* core/msg/waiting.c's */
};

/* The R-URI the request will leave with: parsed, NULL when it is not a URI. */
struct sip_uri *ctx_uri(struct ctx *ctx);
/* Its text. */
struct str ctx_uri_text(const struct ctx *ctx);
/* Changes it; text is copied into the pool. -EBADMSG: not a URI (nothing is changed); -ENOMEM. */
int ctx_uri_set(struct ctx *ctx, struct str text);
/* Sets $du, with the same errors. A null text removes it. */
int ctx_dst_uri_set(struct ctx *ctx, struct str text);

#endif
