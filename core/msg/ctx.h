/* SPDX-License-Identifier: BSD-2-Clause */
/* The context: one message on its way through the script. Everything in it dies with the message, or waits with it. */
#ifndef MSG_CTX_H
#define MSG_CTX_H

#include "core/msg/edit.h"
#include "core/net/blocklist.h"
#include "parser/nameaddr.h"
#include "parser/via.h"

#include <time.h>

struct branch;
struct avps;
struct ctx_data;
struct machine;
struct trans;
struct way;

/* How a function that answered FN_WAIT is gone on with. */
struct ctx_wait {
	/* In the same worker, later: its result is the function's value (FN_WAIT again is legal). */
	int (*resume)(struct ctx *ctx, void *arg);
	/* The context ends without going on (deadline, drain): let go of what was asked for. May be NULL. Not called once ctx_resume() was. */
	void (*cancel)(struct ctx *ctx, void *arg);
	void *arg;
	uint32_t
		deadline_ms; /* 0: the default (max_wait); after it cancel and then resume are called, resume must answer an ordinary value */
};

enum ctx_done {
	CTX_FORWARDED = 1, /* sent on at least once */
	CTX_REPLIED = 2,
	CTX_DROPPED = 4, /* the script said drop, or a reply route dropped the response */
	CTX_LEFT = 8,	 /* to somebody who goes on with it when the script has ended */
};

/* What is being sent, while onsend_route looks at it. */
struct sending {
	const struct target *target;
	const struct iovec *iov; /* the whole message */
	unsigned n;
};

/* Whether loose_route() has read the Routes. Before it has, the first one that is not ours leads a request that the script sends where it was to go anyway;
 * behind it, R-URI and $du say everything. */
enum ctx_routed {
	CTX_UNROUTED,
	CTX_ROUTED,
	CTX_ROUTED_NEXT, /* a Route is the next hop */
};

#define CTX_MAXFWD_NONE UINT32_MAX
#define BRANCH_Q_NONE	(-1)

/* The targets beside the Request-URI, in the pool: core/msg/branches.h. */
struct branches {
	struct branch *rows;
	unsigned n, cap;
};

struct ctx {
	struct worker *worker;
	const struct conf *conf; /* taken once */
	struct pool *pool;
	struct sip_msg *msg;
	struct sip_via *via; /* the top one; never NULL in a script */
	struct origin from;
	enum route_kind route_kind; /* of the route that runs */

	/* where a request goes */
	struct str uri;	    /* the current R-URI; null: as received */
	struct str dst_uri; /* $du: null: none */
	uint64_t
		flow; /* the connection that it goes by, and no other; 0: whichever fits. Setting $du clears it */
	enum ctx_routed routed;
	struct sip_uri *
		uri_parsed; /* of the current R-URI; NULL: not parsed since it changed. Use ctx_uri() */
	bool uri_used; /* append_branch() made it an additional target, and it was not set since */
	int q;	       /* of the R-URI, in thousandths, or BRANCH_Q_NONE */
	uint32_t branch_flags;	   /* of the R-URI as a target */
	struct str path;	   /* Routes for it, as a registration kept them; null: none */
	struct str ruid, instance; /* of the registered contact that it is; null: none */
	/* of a TLS connection to it, as the script says */
	struct str tls_domain;	  /* the client domain by name; null: found by address and name */
	struct str tls_name;	  /* what is sent and verified; null: the host's name */
	struct branches branches; /* targets beside it */

	/* what the script set */
	uint32_t number;       /* of the message in its worker: $mi */
	struct timespec time;  /* the clock when it was first asked: $Ts; tv_sec 0: it was not */
	struct avps *avps;     /* $avp and its like; NULL: none were set. Use ctx_avps() to set */
	uint32_t flags;	       /* setflag(0..31) */
	uint32_t script_flags; /* $sf */
	bool force_rport;
	bool add_rport; /* our Via asks for rport */
	/* enum block_why: failures to send this request, or the answers to it, that list no destination */
	unsigned block_ignore, block_ignore_reply;
	const struct listener *send_socket;
	struct str adv_host; /* set_advertised_address, IPv6 with brackets; null: none */
	uint16_t adv_port;
	bool maxfwd_checked; /* the script called maxfwd; emission lowers it once in any case */
	bool leaves_sips; /* while it is written for a target: it goes by sips, so late edits write such URIs */
	uint32_t
		maxfwd; /* the value to leave with, set by maxfwd; CTX_MAXFWD_NONE: one less than received */
	struct edits edits;
	size_t edits_refused; /* bytes that were changed when they could not be carried out */
	unsigned
		holds; /* walks over the message that are not at their end: edits_visible waits for them */
	unsigned texts;		  /* how often the message became another text: core/msg/apply.h */
	struct str reply_headers; /* whole header fields for the answers made here; null: none */
	struct str reply_body, reply_type; /* their body, and its Content-Type line with CRLF */

	struct ctx_data *data; /* what modules keep for this message: ctx_data() */
	unsigned done;	       /* ctx_done bits */
	unsigned
		fail_status; /* why the last forward() failed: the answer that fits; 0: nothing failed */
	struct str fail_reason;	 /* its reason phrase */
	struct machine *machine; /* core/script: NULL when no script runs */
	/* What is left to do when the script has run, or there is none; set by whoever starts one for the context. It may not start anything that waits. */
	void (*finish)(struct ctx *ctx);
	struct trans *trans; /* stateful.h: the module's; NULL: none */
	uint64_t trans_id;   /* the module's, too ... */
	uint64_t trans_mac;  /* ... and this: via_mac() of the request, 0: not asked for yet */
	struct str
		trans_text; /* the message in shared memory, where it lies as long as the transaction: what is in hand; null: nowhere */
	struct ctx_wait wait;
	bool waits;	/* the context is parked */
	bool cancelled; /* a CANCEL came while it waited */
	void *park;	/* core/msg/waiting.c's: the row in the shared table */

	/* The request is made here: the top Via is a place for ours, Max-Forwards leaves as it stands */
	bool made_here;
	/* It is no request of anybody's (event.h): it is neither answered nor sent on */
	bool is_event;
	/* What the layer of the connection that it came by keeps; NULL: net_conn_session() tells */
	const void *session;
	const struct sending *sending; /* NULL: onsend_route does not run */

	/* core/msg's own */
	unsigned overloaded; /* enum overload_why: the event route decides whether it is refused */
	struct way *way;     /* of a response: where it goes on */
	bool pass_by;	     /* the reply route is not run: a worker died in it with this message */
	struct list link;    /* the worker's free or parked contexts */
	struct timer deadline; /* of the wait */
};

/* Bytes of the whole message. */
size_t sending_length(const struct sending *s);

/* The R-URI the request will leave with: parsed, NULL when it is not a URI. */
struct sip_uri *ctx_uri(struct ctx *ctx);
/* Its text. */
struct str ctx_uri_text(const struct ctx *ctx);
/* Changes it; text is copied into the pool. -EBADMSG: not a URI (nothing is changed); -ENOMEM. */
int ctx_uri_set(struct ctx *ctx, struct str text);
/* Changes its user part only; empty: none. Same errors. */
int ctx_uri_user_set(struct ctx *ctx, struct str user);
/* The R-URI is again as received. */
void ctx_uri_revert(struct ctx *ctx);
/* Sets $du, with the same errors. A null text removes it. The flow is cleared. */
int ctx_dst_uri_set(struct ctx *ctx, struct str text);
/* Sends from the socket named ("udp:192.0.2.1:5060", or listen's name). -ENOENT: we do not listen there. */
int ctx_send_socket_set(struct ctx *ctx, struct str text);
/* The socket that a text names, in the same forms. NULL: we do not listen there. */
const struct listener *ctx_socket_find(const struct ctx *ctx, struct str text);
/* Remembers why forwarding failed: sl_reply_error() and the end of the script answer with it. reason: constant or in the pool; null: the
 * customary one. Returns FN_FALSE. */
int ctx_fail(struct ctx *ctx, unsigned status, struct str reason);
/* Whether a URI's host and port are ours, by listen, advertise or alias; never resolves. */
bool ctx_uri_is_own(const struct ctx *ctx, const struct sip_uri *u);
/* Whether the message came from an address of ours. */
bool ctx_from_own(const struct ctx *ctx);
/* size bytes that live as long as the context, the same at each call with this key (an address of the caller's); zeroed at the first. NULL: no
 * memory. */
void *ctx_data(struct ctx *ctx, const void *key, size_t size);
/* The same for plain bytes without pointers: what is kept of the context elsewhere (kept.h) has them, too. One key is used with one of the two only. */
void *ctx_data_kept(struct ctx *ctx, const void *key, size_t size);
/* The text of a URI of the message (or of $du, or what the script gave), parsed into the pool. NULL: not one, or no memory. */
struct sip_uri *ctx_uri_parse(struct ctx *ctx, struct str text);

/* The socket of ours that a URI's host, port and transport name, as they stand in Via and Record-Route, or as it is bound; by a name that a TLS domain advertises, one
 * for TLS. NULL: there is none. */
const struct listener *ctx_socket_of_uri(const struct ctx *ctx, const struct sip_uri *u);
/* The key that all workers share, and with via_key_file all nodes. A text that is signed with it ends in a letter of its own: c d f g h i l s t u are in
 * use, and those with the highest bit. */
const struct mac_key *ctx_mac_key(const struct ctx *ctx);

/* The store of this message, made at its first use. NULL: no memory. */
struct avps *ctx_avps(struct ctx *ctx);

#endif
