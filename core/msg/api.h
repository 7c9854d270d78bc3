/* SPDX-License-Identifier: BSD-2-Clause */
/* What can be done with a message: reply, forward, resolve; what modules and the script's built-in functions are made of. */
#ifndef MSG_API_H
#define MSG_API_H

#include "core/msg/apply.h"
#include "core/msg/body.h"
#include "core/msg/branches.h"
#include "core/msg/ctx.h"
#include "core/msg/header.h"

/* The layer's parameters (server_header, user_agent_header, max_suspended, …), built-in script functions (forward, rewritehost, append_hf, setflag,
 * …) and core attributes (@ruri, @from, … and their $ spellings), as a built-in module. */
extern const struct module_def msg_module;

/* Makes keys and shared tables before the first fork. */
int msgs_open(struct run *run, const struct conf *conf);
/* A successor answers 500 to the requests that waited in the dead worker, in its first turn. */
int msg_worker_start(struct worker *w, bool successor);
/* Once in each turn: CANCELs for requests that wait here, taken by other workers. True: there is more to do at once. */
bool msg_worker_turn(struct worker *w);
void msg_worker_stop(struct worker *w);
/* Contexts that wait in this worker. */
unsigned msg_worker_waiting(const struct worker *w);
/* These, and transactions that it must see to the end before it may stop. */
unsigned msg_worker_unfinished(struct worker *w);
/* The upward hooks of core/net that this layer serves. */
extern const struct net_hooks msg_hooks;

/* --- the script is above this layer: core/main.c sets these once at start --------------------------------------------------------- */
enum script_result { SCRIPT_DONE, SCRIPT_WAITS };
/* Goes on with the function that a route ran inside of: the function's value, or FN_WAIT. */
typedef int route_done(struct ctx *ctx, bool dropped, void *arg);
struct script_hooks {
	/* Runs the request's main route (or the core reply_route: *relay_r says whether the response goes on; without one it does). May park. */
	enum script_result (*start)(struct ctx *ctx);
	/* Goes on with a parked context: value is what the waiting function returns. */
	enum script_result (*resume)(struct ctx *ctx, int value);
	/* The context is gone: free what the machine holds. */
	void (*end)(struct ctx *ctx);
	/* True when the configuration has a route for responses. */
	bool (*has_reply_route)(const struct conf *conf);
	/* The number of the route of that kind and name ("": the one without a name); -1: there is none that may run so. */
	int64_t (*route_find)(const struct conf *conf, enum route_kind kind, struct str name);
	/* Its name, in the configuration's arena. */
	struct str (*route_name)(const struct conf *conf, enum route_kind kind, uint32_t route);
	/* Runs a route to its end, in the middle of whatever runs for ctx. Nothing in it can wait. True when it said drop, or could not run. */
	bool (*route_run)(struct ctx *ctx, enum route_kind kind, uint32_t route);
	/* Like start, for a route by its number, as one of that kind: a failure_route, on a context of its own. */
	enum script_result (*route_start)(struct ctx *ctx, enum route_kind kind, uint32_t route);
	/* Runs a route in the middle of a function, which answers with what this answers: what done() answers, which is called when the route has ended (dropped: it said
	 * drop, or could not run), at once or, behind FN_WAIT, later. The route may wait as often as it likes, and done() may run another one, or wait itself. When the
	 * context ends before that, done() is never called. arg lies in the context's pool. */
	int (*route_inside)(struct ctx *ctx, enum route_kind kind, uint32_t route, route_done *done,
			    void *arg);
};
void msg_script_set(const struct script_hooks *hooks);

/* --- replies ------------------------------------------------------------------------------------------------------------------- */
/* Answers a request statelessly (RFC 3261 8.2.6, 16.11; RFC 3581): never an ACK (-EINVAL). headers: complete header lines with CRLF, or null. A To
 * tag is added unless status is 100 or there is one: a keyed hash, equal for a retransmission in any worker. 0 or -errno; -ECANCELED: a CANCEL came, only
 * 487 can be said. With a transaction its module sends it. */
int reply_send(struct ctx *ctx, unsigned status, struct str reason, struct str headers);
/* Writes the same answer without sending it, into the pool. reason null: the customary one. 0; -EINVAL: an ACK; -ENOMEM. */
int reply_make(struct ctx *ctx, unsigned status, struct str reason, struct str headers,
	       struct str *text_r);
/* The seconds of a message's Retry-After (RFC 3261 20.33), whatever stands behind them. False: it has none. */
bool reply_retry_after(const struct sip_msg *msg, uint32_t *seconds_r);
/* The customary reason phrase of a status code ("Status" of its class if there is none). */
struct str reply_reason(unsigned status);

/* --- forwarding -------------------------------------------------------------------------------------------------------------------- */
/* Sends the request on, statelessly (RFC 3261 16.11), to uri's host, or, with uri null, to the next hop: $du, else the first Route, else the R-URI.
 * transport NULL: as the URI says. An FN_ value: FN_TRUE sent; FN_WAIT name resolution is under way; FN_FALSE (logged, counted). */
int forward_request(struct ctx *ctx, struct str uri, const struct transport *transport);
int forward_host(struct ctx *ctx, struct str host, uint16_t port,
		 const struct transport *transport);

/* --- waiting ----------------------------------------------------------------------------------------------------------------------- */
/* What a waiting context waited for is there: its resume is called, and the script goes on. In the worker that has it. */
void ctx_resume(struct ctx *ctx);

#endif
